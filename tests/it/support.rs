//! Running the program inside the test: no process, no environment but the given one, a fixed width.

use std::ffi::OsString;

use vramfit::app::{self, Environment, Exit, Streams};

/// Every command, the program itself first.
pub(crate) const COMMANDS: &[&str] = &[
    "",
    "wizard",
    "recommend",
    "explain",
    "compare",
    "models",
    "matrix",
    "curves",
    "tips",
    "plan",
    "upgrade",
    "doctor",
    "gpus",
    "monitor",
    "mcp",
    "pull",
    "run",
    "verify",
    "bench",
    "catalog",
    "catalog show",
    "catalog check",
    "catalog import",
    "schema",
    "completions",
    "man",
];

/// What a run wrote, and how it ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) out: String,
    pub(crate) err: String,
    pub(crate) exit: Exit,
}

/// A machine: its environment variables, and whether anybody looks at a terminal.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    variables: Vec<(String, String)>,
    width: Option<usize>,
}

impl Machine {
    /// A pipe, English, no home, no hardware: what the machine of the test has must not matter.
    pub(crate) fn new() -> Self {
        let variables = [
            ("LANG", "en_US.UTF-8"),
            ("VRAMFIT_NVML", "/nonexistent/libnvidia-ml.so.1"),
            ("VRAMFIT_ROOT", "/nonexistent"),
            // Nobody listens there.
            ("OLLAMA_HOST", "127.0.0.1:9"),
        ];
        Self {
            variables: variables
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
            width: None,
        }
    }

    /// The same with an environment variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// The same with a terminal of so many columns.
    pub(crate) fn terminal(mut self, width: usize) -> Self {
        self.width = Some(width);
        self
    }

    /// Runs a command line; words are separated by blanks, quotes keep them together.
    pub(crate) fn run(&self, command: &str) -> Run {
        let arguments: Vec<OsString> = std::iter::once("vramfit".into())
            .chain(words(command))
            .collect();
        let environment: Environment = self.variables.iter().cloned().collect();
        let streams = Streams {
            input_is_terminal: false,
            output_width: self.width,
            output_height: None,
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = app::run(arguments, environment, streams, &mut out, &mut err);
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Run {
            out: text(out),
            err: text(err),
            exit,
        }
    }
}

impl Run {
    /// The answer as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.err))
    }
}

fn words(command: &str) -> Vec<OsString> {
    let mut words = Vec::new();
    for (at, part) in command.split('\'').enumerate() {
        if at % 2 == 1 {
            words.push(part.into());
        } else {
            words.extend(part.split_whitespace().map(OsString::from));
        }
    }
    words
}

/// Columns of a text's widest line.
pub(crate) fn width(text: &str) -> usize {
    text.lines()
        .map(unicode_width::UnicodeWidthStr::width)
        .max()
        .unwrap_or(0)
}
