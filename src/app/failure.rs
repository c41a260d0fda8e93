//! What went wrong, as it is told; and the command line parser's errors as ours, so that they are told in the person's language.

use std::borrow::Cow;
use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::catalog::similar;
use crate::embedded;
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;
use crate::sanitize::{sanitize, sanitize_lines};

use super::args::Cli;
use super::models;

/// What went wrong, safe to show: what was typed, named in a file or said by a server steers no terminal and adds no line.
pub(super) fn safe_message(lang: Lang, error: &Error) -> String {
    let message = messages::errors::error(lang, error);
    let safe: fn(&str) -> Cow<'_, str> = match error {
        // Of these each line is safe; the parser's own words have several, too.
        Error::Defects(_) | Error::Usage(_) => sanitize_lines,
        _ => sanitize,
    };
    match message.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", safe(&message[..end])),
        None => safe(&message).into_owned(),
    }
}

/// Characters of what is told: a name may fill pages.
const LONGEST: usize = 10_000;

/// Our error for clap's about these arguments.
pub(super) fn of_clap(error: &clap::Error, arguments: &[OsString]) -> Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(list)) => list.join(", "),
        _ => String::new(),
    };
    let list = |kind| match error.get(kind) {
        Some(ContextValue::Strings(list)) => list.clone(),
        Some(ContextValue::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    };
    let argument = bare(&text(ContextKind::InvalidArg));
    match error.kind() {
        ErrorKind::InvalidValue if text(ContextKind::InvalidValue).is_empty() => {
            Error::MissingArgument {
                argument: text(ContextKind::InvalidArg),
            }
        }
        ErrorKind::InvalidValue => {
            let value = text(ContextKind::InvalidValue);
            let choices = list(ContextKind::ValidValue);
            let mut candidates = list(ContextKind::SuggestedValue);
            if candidates.is_empty() {
                candidates = similar(&value, choices.iter().map(String::as_str));
            }
            Error::UnknownChoice {
                argument,
                value,
                choices,
                candidates,
            }
        }
        ErrorKind::UnknownArgument if argument.starts_with('-') => Error::UnknownArgument {
            argument,
            candidates: list(ContextKind::SuggestedArg),
        },
        ErrorKind::UnknownArgument => {
            let cli = Cli::command();
            let mut words = arguments.iter().filter_map(|word| word.to_str());
            let command = words.find_map(|word| cli.find_subcommand(word));
            stray(text(ContextKind::InvalidArg), "--gpu", command)
        }
        ErrorKind::InvalidSubcommand => {
            let candidates = list(ContextKind::SuggestedSubcommand);
            let argument = text(ContextKind::InvalidSubcommand);
            match candidates.is_empty() {
                true => stray(argument, "vramfit recommend --gpu", None),
                false => Error::UnknownArgument {
                    argument,
                    candidates,
                },
            }
        }
        ErrorKind::MissingRequiredArgument => Error::MissingArgument {
            argument: text(ContextKind::InvalidArg),
        },
        ErrorKind::MissingSubcommand => Error::MissingArgument {
            argument: list(ContextKind::ValidSubcommand).join("|"),
        },
        ErrorKind::ArgumentConflict => Error::Conflict {
            argument,
            other: bare(&text(ContextKind::PriorArg)),
        },
        _ => Error::Usage(
            error
                .to_string()
                .trim_start_matches("error: ")
                .trim()
                .to_owned(),
        ),
    }
}

/// A word where none is taken, with what takes it: an option of the command, another command for a tag, for a GPU's name what stands before
/// it, `gpu`.
fn stray(word: String, gpu: &str, command: Option<&clap::Command>) -> Error {
    let takes = |option: &str| {
        let mut options = command.into_iter().flat_map(clap::Command::get_arguments);
        options.any(|argument| argument.get_long() == Some(option))
    };
    let meant = || {
        let catalog = embedded::shared_catalog(false).ok()?;
        if takes("family") && !word.contains(':') && models::family(catalog, &word).is_ok() {
            return Some(format!("--family {word}"));
        }
        if catalog.find(&word).is_some() {
            return Some(match takes("tag") {
                true => format!("--tag {word}"),
                false => format!("vramfit explain {word}"),
            });
        }
        catalog
            .device(&word, None)
            .filter(|_| !word.contains('\''))?;
        Some(format!("{gpu} '{word}'"))
    };
    Error::UnknownArgument {
        candidates: meant().into_iter().collect(),
        argument: word,
    }
}

/// `--task` of `--task <TASK>`.
fn bare(argument: &str) -> String {
    argument
        .split_whitespace()
        .next()
        .unwrap_or(argument)
        .to_owned()
}
