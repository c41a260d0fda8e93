//! The program: argv, environment and terminal come in here, and nothing else of vramfit touches them.

mod args;
mod bench;
mod catalog;
mod choice;
mod clock;
mod config;
mod cuda_context;
mod curves;
mod detect;
mod doctor;
mod emit;
mod environment;
mod evidence;
mod explain;
mod failure;
mod file;
mod filter;
mod gguf_keys;
mod gpus;
mod guide;
mod hardware;
mod hardware_poller;
mod help;
mod hub;
mod import;
mod installed;
mod keep;
mod llama_server;
mod manual;
mod matrix;
mod mcp;
mod models;
mod monitor;
mod pager;
mod plan;
mod progress;
mod pull;
mod quantity;
mod quantized;
mod recommend;
mod reporting;
mod schema;
mod session;
mod shared_memory;
#[cfg(unix)]
mod signals;
mod span;
mod spare;
mod tips;
mod verify;
mod wizard;
mod write;

use std::ffi::OsString;
use std::io::{BufRead, Write};
use std::path::Path;

use clap::{CommandFactory, FromArgMatches, Parser};

pub use environment::Environment;
pub use session::Streams;

use args::{Cli, Command, ExplainArgs, Format, FormatChoice, RecommendArgs};
use config::Config;
use help::Of;
use reporting::Answer;
use session::Session;

use crate::error::Error;
use crate::lang::Lang;
use crate::report::ErrorReport;
use crate::sanitize::sanitize_json;

impl Streams {
    /// The streams of this process.
    pub fn of_process() -> Self {
        use std::io::IsTerminal;
        let known = terminal_size::terminal_size();
        let shown = std::io::stdout().is_terminal();
        Self {
            input_is_terminal: std::io::stdin().is_terminal(),
            output_width: shown.then(|| known.map_or(80, |(width, _)| usize::from(width.0))),
            output_height: known
                .filter(|_| shown)
                .map(|(_, height)| usize::from(height.0)),
        }
    }
}

/// How a run of the program ended: yes, no, or without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The answer is yes: exit code 0.
    Yes,
    /// The answer is no: exit code 1.
    No,
    /// There is no answer: exit code 2.
    Failure,
}

impl Exit {
    /// The exit code of the process: 0, 1 or 2.
    pub const fn code(self) -> u8 {
        match self {
            Self::Yes => 0,
            Self::No => 1,
            Self::Failure => 2,
        }
    }
}

/// Runs a command line: the answer goes to `out`, what went wrong to `err`.
pub fn run(
    arguments: Vec<OsString>,
    environment: Environment,
    streams: Streams,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Exit {
    let lang = language(&arguments, &environment);
    let wants_json = arguments
        .iter()
        .any(|argument| argument == "--json" || argument == "--format=json");
    match answer(arguments, environment.clone(), streams, lang, out, err) {
        Ok(Reply::Answer { answer, paged }) => {
            let is_long = |rows| answer.output.lines().count() >= rows;
            let shown = paged
                && streams.output_height.is_some_and(is_long)
                && pager::show(&answer.output, &environment);
            match shown {
                true => Ok(()),
                false => write(out, &answer.output),
            }
            .map_or_else(|error| unwritable(err, &error), |()| exit_of(&answer))
        }
        Ok(Reply::Help {
            text,
            exit: Exit::Failure,
        }) => {
            let _ = write(err, &text);
            Exit::Failure
        }
        Ok(Reply::Help { text, exit }) => {
            write(out, &text).map_or_else(|error| unwritable(err, &error), |()| exit)
        }
        Err(error) => {
            // Nothing more can be done where even this cannot be written.
            let _ = write(err, &error_line(&error, lang, wants_json));
            Exit::Failure
        }
    }
}

/// Answers the lines of a client of the Model Context Protocol, as the command line `vramfit mcp` with these flags does.
///
/// # Errors
///
/// Flags that `mcp` does not have, and an input or an output that fails.
pub fn serve_mcp(
    flags: &[&str],
    environment: Environment,
    streams: Streams,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let line = ["vramfit", "mcp"].iter().chain(flags);
    let cli = Cli::try_parse_from(line).map_err(|error| failure::of_clap(&error, &[]))?;
    let structured_only = matches!(
        cli.command,
        Some(Command::Mcp {
            structured_only: true
        })
    );
    let session = Session::new(cli.global, environment, streams, Lang::En, false)?;
    mcp::run(&session, structured_only, input, out).map(|_| ())
}

/// What a command line leads to.
enum Reply {
    Answer { answer: Answer, paged: bool },
    Help { text: String, exit: Exit },
}

fn answer(
    arguments: Vec<OsString>,
    environment: Environment,
    streams: Streams,
    lang: Lang,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Reply, Error> {
    let detail = help::Detail::from_arguments(&arguments);
    // The words of the help cost more than an answer: they are put in where somebody reads them.
    let help = |of: Of<'_>| help::localised(Cli::command(), lang, detail, of);
    let width = session::columns(&environment, &streams);
    let matches = match args::parsed(&arguments, || help(Of::Named(&arguments))) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            return Ok(Reply::Help {
                text: help::broken(&error.to_string(), width),
                exit: Exit::Yes,
            });
        }
        Err(error) => return Err(failure::of_clap(&error, &arguments)),
    };
    let cli =
        Cli::from_arg_matches(&matches).map_err(|error| failure::of_clap(&error, &arguments))?;
    let on_terminal = streams.input_is_terminal && streams.output_width.is_some();
    let chosen = match cli.command {
        Some(chosen) => chosen,
        None if on_terminal => Command::Wizard(RecommendArgs::default()),
        None => {
            return Ok(Reply::Help {
                text: help::broken(&help(Of::Named(&[])).render_help().to_string(), width),
                exit: Exit::Failure,
            });
        }
    };
    if let Command::Help { words } = &chosen {
        let paged = !cli.global.no_pager;
        let output = help::about(words, lang, width, environment.unicode())?;
        let answer = Answer { output, yes: true };
        return Ok(Reply::Answer { answer, paged });
    }
    let mut session = Session::new(cli.global, environment, streams, lang, chosen.cites())?;
    session.take_own(&chosen.tags())?;
    if !matches!(chosen, Command::Monitor(_)) {
        only_monitor_writes_metrics(&session)?;
    }
    let paged = session.format() == Format::Table && !session.global.no_pager;
    let answer = match chosen {
        Command::Wizard(args) => wizard::run(
            session,
            &args,
            &wizard::typed(&help(Of::All), &matches),
            out,
        )?,
        Command::Completions { shell } => catalog::completions(help(Of::All), &shell),
        chosen => run_command(&session, &chosen, out, err)?,
    };
    Ok(Reply::Answer { answer, paged })
}

fn run_command(
    session: &Session,
    command: &Command,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Answer, Error> {
    match command {
        Command::Recommend(args) => recommend::run(session, args),
        Command::Explain(args) => match &args.quant {
            Some(quantization) => {
                let tag = quantized::tag(session, &args.tag, quantization)?;
                let args = args.clone();
                explain::run(session, &ExplainArgs { tag, ..args })
            }
            None => explain::run(session, args),
        },
        Command::Compare(args) => models::compare(session, args),
        Command::Models(args) => models::models(session, args),
        Command::Matrix(args) => matrix::run(session, args),
        Command::Curves(args) => curves::run(session, args),
        Command::Tips(args) => tips::run(session, args),
        Command::Plan(args) => plan::run(session, args, err),
        Command::Upgrade(args) => plan::upgrade::run(session, args, err),
        Command::Doctor(args) => doctor::run(session, args),
        Command::Gpus => gpus::run(session),
        Command::Monitor(args) => monitor::run(session, args, out),
        Command::Mcp { structured_only } => {
            mcp::run(session, *structured_only, &mut std::io::stdin().lock(), out)
        }
        Command::Pull(args) => pull::pull(session, args, err),
        Command::Run(args) => pull::run(session, args, err),
        Command::Verify(args) => verify::run(session, args),
        Command::Bench(args) => bench::run(session, args),
        Command::Catalog { command } => catalog::run(session, command.as_ref()),
        Command::Schema { command } => Ok(Answer {
            output: reporting::json(&crate::embedded::schema(command)?)?,
            yes: true,
        }),
        Command::Man { out } => manual::run(out.as_deref(), session),
        // These take the session with them, or need none.
        Command::Wizard(_) | Command::Completions { .. } | Command::Help { .. } => Ok(Answer {
            output: String::new(),
            yes: true,
        }),
    }
}

/// # Errors
///
/// `--format prometheus`, with the forms that there are.
fn only_monitor_writes_metrics(session: &Session) -> Result<(), Error> {
    if session.global.format != Some(FormatChoice::Prometheus) {
        return Ok(());
    }
    let answers = FormatChoice::ALL
        .iter()
        .filter(|one| matches!(one, FormatChoice::Answer(_)));
    Err(Error::UnknownChoice {
        argument: "--format".into(),
        value: FormatChoice::Prometheus.label().to_owned(),
        choices: answers.map(|one| one.label().to_owned()).collect(),
        candidates: Vec::new(),
    })
}

const fn exit_of(answer: &Answer) -> Exit {
    if answer.yes { Exit::Yes } else { Exit::No }
}

/// The language: `--lang`, `VRAMFIT_LANG`, the configuration, the locale; before the command line is parsed, so that its mistakes are told in it.
fn language(arguments: &[OsString], environment: &Environment) -> Lang {
    if let Some(lang) = typed(arguments, "--lang").and_then(Lang::of_locale) {
        return lang;
    }
    // A file that cannot be read is told about later, by the command that needs it.
    let config = typed(arguments, "--config").map(Path::new);
    let configured = || {
        let config = Config::read(config, environment).ok()?;
        Lang::of_locale(&config.lang?)
    };
    let named = environment.get("VRAMFIT_LANG").and_then(Lang::of_locale);
    named
        .or_else(configured)
        .or_else(|| environment.lang())
        .unwrap_or_default()
}

/// The value of an option, before the command line is understood.
fn typed<'a>(arguments: &'a [OsString], option: &str) -> Option<&'a str> {
    let mut words = arguments.iter().filter_map(|argument| argument.to_str());
    while let Some(word) = words.next() {
        if word == option {
            return words.next();
        }
        if let Some(value) = word
            .strip_prefix(option)
            .and_then(|rest| rest.strip_prefix('='))
        {
            return Some(value);
        }
    }
    None
}

/// An error as the line that standard error gets: a sentence, or with `--json` an object of `vramfit.error/1`.
fn error_line(error: &Error, lang: Lang, json: bool) -> String {
    let message = failure::safe_message(lang, error);
    if !json {
        return format!("vramfit: {message}\n");
    }
    // A machine reads the same in every language.
    let message = failure::safe_message(Lang::En, error);
    let report = ErrorReport {
        schema: "vramfit.error/1",
        code: error.code(),
        message,
        candidates: error.candidates().to_vec(),
    };
    match serde_json::to_string(&report) {
        Ok(text) => sanitize_json(text + "\n"),
        Err(_) => format!("vramfit: {}\n", report.message),
    }
}

/// Writes all of it. That nobody reads on is no error: `vramfit models | head` is a success.
fn write(to: &mut dyn Write, text: &str) -> std::io::Result<()> {
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

fn unwritable(err: &mut dyn Write, error: &std::io::Error) -> Exit {
    let _ = write(err, &format!("vramfit: {error}\n"));
    Exit::Failure
}
