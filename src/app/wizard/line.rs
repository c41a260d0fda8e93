//! The wizard's question as a command line that can be typed.

use clap::parser::ValueSource;
use clap::{ArgAction, ArgMatches, Command};

/// The flags that were typed, in the order of the help: of the subcommand if there is one, which has the global ones, too.
pub(in crate::app) fn typed(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let (command, matches) = match matches.subcommand() {
        Some((name, of_subcommand)) => (
            command.find_subcommand(name).unwrap_or(command),
            of_subcommand,
        ),
        None => (command, matches),
    };
    let mut words = Vec::new();
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        let (Ok(true), Some(long)) = (matches.try_contains_id(id), arg.get_long()) else {
            continue;
        };
        if matches.value_source(id) != Some(ValueSource::CommandLine) {
            continue;
        }
        let flag = format!("--{long}");
        match arg.get_action() {
            ArgAction::SetTrue => words.push(flag),
            ArgAction::Count => {
                words.extend(std::iter::repeat_n(
                    flag,
                    usize::from(matches.get_count(id)),
                ));
            }
            ArgAction::Set | ArgAction::Append => {
                for value in matches.get_raw(id).into_iter().flatten() {
                    words.extend([flag.clone(), value.to_string_lossy().into_owned()]);
                }
            }
            _ => {}
        }
    }
    words
}

/// `vramfit recommend` with these flags, quoted for a shell.
pub(super) fn line<'a>(flags: impl IntoIterator<Item = &'a String>) -> String {
    let mut line = "vramfit recommend".to_owned();
    for word in flags {
        line.push(' ');
        line += &quoted(word);
    }
    line
}

/// A word as a shell reads it as one.
pub(super) fn quoted(word: &str) -> String {
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '=' | ',' | '+');
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
