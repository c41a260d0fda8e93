//! The command line's own words, in the person's language: one walk over all commands and options.

use clap::{Arg, ArgAction, Command};

use super::args::GLOBAL;
use crate::lang::Lang;
use crate::messages;
use crate::render::terminal;

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

/// The command with all its help in `lang`.
pub(super) fn localised(command: Command, lang: Lang) -> Command {
    let mut command = command.after_help(messages::help::examples(lang));
    command.build();
    walk(command, "vramfit", lang)
}

/// Help on lines of at most so many columns: clap breaks lines at spaces only, of which Chinese has none.
pub(super) fn broken(help: &str, width: usize) -> String {
    terminal::hanging(help, width.min(WIDEST))
}

/// Help is not wider than this, however wide the terminal: longer lines are hard to follow.
const WIDEST: usize = 100;

fn walk(command: Command, id: &str, lang: Lang) -> Command {
    let template = format!(
        "{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}{{after-help}}",
        messages::help::usage(lang)
    );
    let command = match messages::help::help(lang, id, "") {
        Some(about) => command.about(about),
        None => command,
    };
    command
        .help_template(template)
        .subcommand_help_heading(messages::help::commands(lang))
        .mut_args(|arg| localise(arg, id, lang))
        .mut_subcommands(|subcommand| {
            let name = subcommand.get_name().to_owned();
            let id = if id == "vramfit" {
                name
            } else {
                format!("{id} {name}")
            };
            walk(subcommand, &id, lang)
        })
}

fn localise(arg: Arg, command: &str, lang: Lang) -> Arg {
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
    let heading = match arg.get_help_heading() {
        Some(GLOBAL) => messages::help::hardware_and_output(lang),
        _ if arg.is_positional() => messages::help::arguments(lang),
        _ => messages::help::options(lang),
    };
    arg.help(sentence)
        .help_heading(heading)
        .hide_possible_values(true)
        .hide_default_value(true)
}
