//! What went wrong, as it is told; and the command line parser's errors as ours, so that they are told in the person's language.

use std::borrow::Cow;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::catalog::similar;
use crate::embedded;
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;
use crate::sanitize::{sanitize, sanitize_lines};

/// What went wrong, safe to show: what was typed, named in a file or said by a server steers no terminal and adds no line.
pub(super) fn told(lang: Lang, error: &Error) -> String {
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

/// Our error for clap's.
pub(super) fn of_clap(error: &clap::Error) -> Error {
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
        ErrorKind::UnknownArgument => {
            let whole = text(ContextKind::InvalidArg);
            let mut candidates = list(ContextKind::SuggestedArg);
            if candidates.is_empty() {
                candidates.extend(stray(&whole, "--gpu"));
            }
            let argument = match whole.starts_with('-') {
                true => argument,
                false => whole,
            };
            Error::UnknownArgument {
                argument,
                candidates,
            }
        }
        ErrorKind::InvalidSubcommand => {
            let argument = text(ContextKind::InvalidSubcommand);
            let mut candidates = list(ContextKind::SuggestedSubcommand);
            if candidates.is_empty() {
                candidates.extend(stray(&argument, "vramfit recommend --gpu"));
            }
            Error::UnknownArgument {
                argument,
                candidates,
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

/// What takes a tag or a GPU's name that was given without its command or, after `gpu`, its option.
fn stray(word: &str, gpu: &str) -> Option<String> {
    let catalog = embedded::shared_catalog(false).ok()?;
    if catalog.find(word).is_some() {
        return Some(format!("vramfit explain {word}"));
    }
    catalog.device(word, None)?;
    (!word.contains('\'')).then(|| format!("{gpu} '{word}'"))
}

/// `--task` of `--task <TASK>`.
fn bare(argument: &str) -> String {
    argument
        .split_whitespace()
        .next()
        .unwrap_or(argument)
        .to_owned()
}
