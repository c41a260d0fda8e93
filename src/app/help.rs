//! The command line's own words, in the person's language: one walk over the commands and options; and `vramfit help`.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::args::{Cli, GLOBAL};
use crate::catalog::similar;
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;
use crate::messages::manual;
use crate::render;
use crate::render::terminal::{self, Terminal};

/// Whether help is a line for each flag (`-h`) or all of it (`--help`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// `-h`: a command's own options.
    Short,
    /// `--help`: with examples; the program's with the options that every command takes.
    Long,
    /// The manual's pages, which have examples in a section of their own.
    Manual,
}

impl Detail {
    /// What a command line asks for.
    pub(super) fn from_arguments(arguments: &[OsString]) -> Self {
        match arguments.iter().any(|argument| argument == "--help") {
            true => Self::Long,
            false => Self::Short,
        }
    }
}

/// The options that an environment variable gives a default.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("lang", "VRAMFIT_LANG"),
    ("catalog", "VRAMFIT_CATALOG"),
    ("config", "VRAMFIT_CONFIG"),
    ("color", "NO_COLOR"),
    ("context", "OLLAMA_CONTEXT_LENGTH"),
    ("parallel", "OLLAMA_NUM_PARALLEL"),
    ("kv-cache-type", "OLLAMA_KV_CACHE_TYPE"),
    ("no-flash-attention", "OLLAMA_FLASH_ATTENTION=0"),
];

/// Whose help is put into words.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of<'a> {
    /// All commands: for manual pages and completions.
    All,
    /// That of the commands that a command line names: a page shows one command, and of the others what they are for.
    Named(&'a [OsString]),
}

impl Of<'_> {
    fn holds(&self, command: &Command) -> bool {
        match self {
            Self::All => true,
            Self::Named(words) => {
                let mut names = command.get_name_and_visible_aliases().into_iter();
                names.any(|name| words.iter().any(|word| word == name))
            }
        }
    }
}

/// The command with its help in `lang`.
pub(super) fn localised(command: Command, lang: Lang, detail: Detail, of: Of<'_>) -> Command {
    // The options of the others are most of what there is to build.
    let mut command = command.mut_subcommands(|other| match of.holds(&other) {
        true => other,
        false => Command::new(other.get_name().to_owned()).hide(other.is_hide_set()),
    });
    command.build();
    walk(command, PROGRAM, lang, detail, of)
}

const PROGRAM: &str = "vramfit";

/// What `vramfit help` tells besides of commands.
const TOPICS: [&str; 4] = ["hardware", "environment", "files", "exit-codes"];

/// `vramfit help`, of a command or of a topic.
///
/// # Errors
///
/// [`Error::UnknownChoice`] where there is neither of that name.
pub(super) fn about(
    words: &[String],
    lang: Lang,
    width: usize,
    unicode: bool,
) -> Result<String, Error> {
    let named: Vec<OsString> = words.iter().map(OsString::from).collect();
    let mut command = localised(Cli::command(), lang, Detail::Long, Of::Named(&named));
    let terminal = Terminal {
        width: width.min(WIDEST),
        color: false,
        unicode,
    };
    let page = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["hardware"] => {
            let options = broken(&options_of_all(&command, lang), width);
            let page = render::manual::hardware(lang);
            return Ok(format!("{options}\n{}", terminal::render(&page, &terminal)));
        }
        ["environment"] => render::manual::environment(lang),
        ["files"] => render::manual::files(lang),
        ["exit-codes"] => render::manual::exit_codes(lang),
        _ => {
            for word in words {
                let found = command.find_subcommand(word).cloned();
                command = found.ok_or_else(|| unknown(word, &command))?;
            }
            return Ok(broken(&command.render_help().to_string(), width));
        }
    };
    Ok(terminal::render(&page, &terminal))
}

fn unknown(word: &str, command: &Command) -> Error {
    let names = command.get_subcommands().map(Command::get_name);
    let choices: Vec<String> = names.chain(TOPICS).map(str::to_owned).collect();
    Error::UnknownChoice {
        argument: "help".into(),
        value: word.to_owned(),
        candidates: similar(word, choices.iter().map(String::as_str)),
        choices,
    }
}

/// The options that every command takes, as help shows them.
fn options_of_all(command: &Command, lang: Lang) -> String {
    let heading = messages::help::hardware_and_output(lang);
    let options = command
        .get_arguments()
        .filter(|arg| arg.get_help_heading() == Some(heading));
    Command::new(PROGRAM)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(options.cloned())
        .help_template("{all-args}")
        .render_help()
        .to_string()
}

/// Help on lines of at most so many columns: clap breaks lines at spaces only, of which Chinese has none; and it knows no other colon.
pub(super) fn broken(help: &str, width: usize) -> String {
    let mut help = terminal::hanging(help, width.min(WIDEST));
    for heading in [
        messages::help::commands,
        messages::help::arguments,
        messages::help::options,
        messages::help::hardware_and_output,
    ] {
        let heading = heading(Lang::Zh);
        help = help.replace(&format!("\n{heading}:\n"), &format!("\n{heading}：\n"));
        // A topic's page begins with its heading.
        if let Some(options) = help.strip_prefix(&format!("{heading}:\n")) {
            help = format!("{heading}：\n{options}");
        }
    }
    help
}

/// Help is not wider than this, however wide the terminal: longer lines are hard to follow.
const WIDEST: usize = 100;

fn walk(command: Command, id: &str, lang: Lang, detail: Detail, of: Of<'_>) -> Command {
    let template = format!(
        "{{about-with-newline}}\n{}{{usage}}\n\n{{all-args}}{{after-help}}",
        messages::help::usage(lang)
    );
    let command = described(command, id, lang);
    let command = match detail {
        Detail::Manual => command,
        Detail::Short | Detail::Long => command.after_help(after_options(id, lang, detail)),
    };
    command
        .help_template(template)
        .subcommand_help_heading(messages::help::commands(lang))
        .mut_args(|arg| localise(arg, id, lang, detail))
        .mut_subcommands(|subcommand| {
            let name = subcommand.get_name().to_owned();
            let id = if id == PROGRAM {
                name
            } else {
                format!("{id} {name}")
            };
            match of.holds(&subcommand) {
                true => walk(subcommand, &id, lang, detail, of),
                false => described(subcommand, &id, lang),
            }
        })
}

fn described(command: Command, id: &str, lang: Lang) -> Command {
    match messages::help::help(lang, id, "") {
        Some(about) => command.about(about),
        None => command,
    }
}

/// What stands below the options: examples, and where there is more.
fn after_options(id: &str, lang: Lang, detail: Detail) -> String {
    let mut text = String::new();
    let examples = manual::examples(lang, id);
    if detail == Detail::Long && !examples.is_empty() {
        text += &format!(
            "{}\n",
            messages::help::heading(lang, manual::examples_title(lang))
        );
        for (command, what) in examples {
            text += &format!("  {command}\n      {what}\n");
        }
        text.push('\n');
    }
    text += match id {
        PROGRAM => manual::topics(lang),
        _ => manual::more_help(lang),
    };
    text
}

fn localise(arg: Arg, command: &str, lang: Lang, detail: Detail) -> Arg {
    let name = arg.get_id().as_str().replace('_', "-");
    let Some(sentence) = messages::help::help(lang, command, &name) else {
        return arg;
    };
    let mut sentence = sentence.to_owned();
    let between = |name: &str, value: String| match lang {
        Lang::En => format!(" [{}: {value}]", name),
        Lang::Zh => format!("［{}：{value}］", name),
    };
    let takes_value = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    if takes_value && !choices.is_empty() {
        sentence += &between(messages::help::one_of(lang), choices.join(", "));
    }
    if let Some((_, variable)) = ENVIRONMENT.iter().find(|(option, _)| *option == name) {
        sentence += &between(messages::help::environment(lang), (*variable).to_owned());
    }
    let of_all = arg.get_help_heading() == Some(GLOBAL);
    let shown = !of_all || command == PROGRAM && detail != Detail::Short;
    let heading = match arg.get_help_heading() {
        Some(GLOBAL) => messages::help::hardware_and_output(lang),
        _ if arg.is_positional() => messages::help::arguments(lang),
        _ => messages::help::options(lang),
    };
    // The manual's pages have what every command takes once, too; completions have it always.
    let hidden = arg.is_hide_set() || !shown && detail == Detail::Manual;
    arg.help(sentence)
        .hide(hidden)
        .hide_short_help(!shown)
        .help_heading(heading)
        .hide_possible_values(takes_value)
        .hide_default_value(takes_value)
}
