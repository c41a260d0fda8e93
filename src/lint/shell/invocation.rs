//! A command as what it runs: the variables it is given, the program behind `sudo` and its like, the arguments.

use super::super::variable::Setting;
use super::words::{Command, Word};

/// A program that is run.
pub(in crate::lint) struct Invocation<'a> {
    /// Its name without folders; empty if nothing is run.
    pub program: &'a str,
    /// What it is given behind its name.
    pub arguments: &'a [Word],
    /// The variables before it.
    pub settings: Vec<Setting>,
    /// Where more variables go.
    pub insert_at: usize,
    /// Whether variables come from a place that is not written here.
    pub open_environment: bool,
}

impl Invocation<'_> {
    /// Whether one of these is among the arguments.
    pub(in crate::lint) fn has(&self, any: &[&str]) -> bool {
        self.arguments
            .iter()
            .any(|word| any.contains(&word.text.as_str()))
    }

    /// Whether an argument speaks of something.
    pub(in crate::lint) fn names(&self, what: &str) -> bool {
        self.arguments.iter().any(|word| word.text.contains(what))
    }

    /// The first argument.
    pub(in crate::lint) fn first(&self) -> Option<&str> {
        self.arguments.first().map(|word| word.text.as_str())
    }
}

/// What a command runs.
pub(in crate::lint) fn invocation(command: &Command) -> Invocation<'_> {
    let words = command.words.as_slice();
    let mut settings = Vec::new();
    let mut at = 0;
    let mut insert_at = None;
    let mut open_environment = false;
    while let Some(word) = words.get(at) {
        // The prompt of a document, which nobody types.
        if word.text == "$" && at == 0 {
            at += 1;
            continue;
        }
        // A quoted word is no assignment, unless only its value is quoted.
        if let Some(setting) =
            Setting::of(&word.text, word.at.clone()).filter(|_| word.inner.is_none())
        {
            settings.push(setting);
            insert_at = None;
            at += 1;
            continue;
        }
        let name = basename(&word.text);
        let takes_values: &[&str] = match name {
            "sudo" => &["-u", "-g", "-h", "-p", "-C", "-T"],
            "env" => &["-u", "-C", "-S"],
            "nice" => &["-n"],
            "timeout" | "stdbuf" | "nohup" | "setsid" | "exec" | "time" | "command" | "ionice"
            | "builtin" => &[],
            _ => break,
        };
        open_environment |= name == "sudo"
            || name == "env"
                && words
                    .get(at + 1)
                    .is_some_and(|word| word.text.starts_with('$'));
        let gives_variables = matches!(name, "sudo" | "env");
        insert_at = if gives_variables {
            None
        } else {
            insert_at.or(Some(word.at.start))
        };
        at += 1;
        while let Some(option) = words.get(at).filter(|word| word.text.starts_with('-')) {
            at += if takes_values.contains(&option.text.as_str()) {
                2
            } else {
                1
            };
        }
        if name == "timeout" {
            at += 1;
        }
    }
    // What sudo keeps of the caller's variables is the machine's choice; those that are written out arrive.
    let program = words.get(at);
    Invocation {
        program: program.map_or("", |word| basename(&word.text)),
        arguments: words.get(at + 1..).unwrap_or_default(),
        insert_at: insert_at
            .or_else(|| program.map(|word| word.at.start))
            .unwrap_or_else(|| command.at().start),
        settings,
        open_environment: open_environment
            && !words.iter().any(|word| basename(&word.text) == "sudo"),
    }
}

fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
