//! A command as a tool: its input is its flags, its output the schema of its report.

use clap::{Arg, ArgAction, Command, CommandFactory};
use serde_json::{Map, Value, json};

use super::super::args::Cli;
use crate::catalog::similar;
use crate::embedded;
use crate::error::{Error, ExpectedFormat};
use crate::lang::Lang;
use crate::messages::errors::expected_form;
use crate::messages::help::help;
use crate::messages::monitor::{tool_emit, tool_presets};

/// The tools and their commands. They only read.
const TOOLS: &[(&str, &str)] = &[
    ("recommend", "recommend"),
    ("explain", "explain"),
    ("compare", "compare"),
    ("models", "models"),
    ("matrix", "matrix"),
    ("tips", "tips"),
    ("plan", "plan"),
    ("emit", "plan"),
    (PRESETS, "plan"),
    ("upgrade", "upgrade"),
    ("gpus", "gpus"),
    ("verify", "verify"),
    ("doctor", "doctor"),
];

/// The tool that lists the guide's configurations, which is what `plan` does with a bare `--preset`.
const PRESETS: &str = "presets";
/// The tool that gives a plan's files.
const EMIT: &str = "emit";

/// Rows of each part of a long list unless a call says otherwise.
const LIMIT: u32 = 10;

/// Flags that no call may give: how the answer is written is settled, files are not written, and neither libraries nor
/// configurations are a client's to choose.
const WITHHELD: &[&str] = &[
    "format", "json", "lang", "color", "quiet", "verbose", "help", "version", "emit", "out",
    "force", "save", "migrate", "config", "nvml", "no-pager", "fix",
];

/// A command that is offered.
pub(super) struct Offer {
    /// Name of the tool, as a client calls it.
    pub(super) name: &'static str,
    /// Name of the command that answers it.
    pub(super) command: &'static str,
    about: &'static str,
    /// Flags that must be given.
    required: Vec<String>,
    /// The schemas of the flags' values.
    properties: Map<String, Value>,
    /// The inputs that have no name on the command line.
    positional: Vec<String>,
}

/// A flag as it is typed: its name without hyphens, and its value unless it is a switch.
pub(super) type Flag = (String, Option<String>);

/// A call's arguments as they are typed.
#[derive(Default)]
pub(super) struct Typed {
    pub(super) flags: Vec<Flag>,
    /// What has no name on the command line.
    pub(super) positional: Vec<String>,
}

/// All tools, their descriptions in the person's language.
pub(super) fn all(lang: Lang) -> Vec<Offer> {
    let mut program = Cli::command();
    program.build();
    let tool = |(name, command): &(&'static str, &'static str)| {
        let found = program.find_subcommand(command)?;
        Some(offer(name, command, found, lang))
    };
    TOOLS.iter().filter_map(tool).collect()
}

fn offer(name: &'static str, of: &'static str, command: &Command, lang: Lang) -> Offer {
    let mut properties = Map::new();
    let (mut required, mut positional) = (Vec::new(), Vec::new());
    for arg in command.get_arguments() {
        let flag = flag(arg);
        let emitted = name == EMIT && flag == EMIT;
        let withheld = WITHHELD.contains(&flag.as_str()) && !emitted;
        if withheld || name == PRESETS {
            continue;
        }
        let mut property = form(arg);
        if let Some(sentence) = help(lang, of, &flag) {
            let expected = expected(arg).map(|form| expected_form(lang, form));
            let grammar = expected.map_or_else(String::new, |form| format!(" ({form})"));
            property["description"] = format!("{sentence}{grammar}").into();
        }
        if let ("models", "limit") = (name, flag.as_str()) {
            property["default"] = LIMIT.into();
        }
        if arg.is_required_set() || emitted {
            required.push(flag.clone());
        }
        if arg.is_positional() {
            positional.push(flag.clone());
        }
        properties.insert(flag, property);
    }
    Offer {
        name,
        command: of,
        about: match name {
            EMIT => tool_emit(lang),
            PRESETS => tool_presets(lang),
            name => help(lang, name, "").unwrap_or(name),
        },
        required,
        properties,
        positional,
    }
}

/// The name of an argument as it is typed.
fn flag(arg: &Arg) -> String {
    arg.get_id().as_str().replace('_', "-")
}

/// The schema of an argument's value.
fn form(arg: &Arg) -> Value {
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return json!({ "type": "boolean" });
    }
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    let name = arg.get_value_names().and_then(|names| names.first());
    let one = match name.map(|name| name.as_str()) {
        _ if !choices.is_empty() => json!({ "type": "string", "enum": choices }),
        Some("N") => json!({ "type": "integer" }),
        Some("TOKENS") => json!({ "type": ["string", "integer"] }),
        Some("SIZE" | "SIZE[xN]") => json!({ "type": ["string", "number"] }),
        _ => json!({ "type": "string" }),
    };
    match arg.get_action() {
        ArgAction::Append => json!({ "type": "array", "items": one }),
        _ => one,
    }
}

/// What an argument's values look like, where its type does not say it.
fn expected(arg: &Arg) -> Option<ExpectedFormat> {
    let name = arg.get_value_names().and_then(|names| names.first())?;
    Some(match name.as_str() {
        "SIZE" => ExpectedFormat::Size,
        "SIZE[xN]" => ExpectedFormat::Vram,
        "TOKENS" => ExpectedFormat::Context,
        "SPEC" | "+SPEC" => ExpectedFormat::GpuSpec,
        "SPEED" => ExpectedFormat::Bandwidth,
        "VERSION" => ExpectedFormat::Version,
        "PORT" => ExpectedFormat::Port,
        "[HOST=]IP" => ExpectedFormat::Listen,
        "gpu|host|TAGS" => ExpectedFormat::Apart,
        "TAG[*REPLICAS][@CONTEXT]" | "TAG[*REPLICAS][@CONTEXT][:pin=GPU,..]" => {
            ExpectedFormat::Demand
        }
        _ => return None,
    })
}

impl Offer {
    /// Whose schema its answer has.
    fn schema(&self) -> &'static str {
        match self.name {
            PRESETS => PRESETS,
            _ => self.command,
        }
    }

    /// As clients see it.
    ///
    /// # Errors
    ///
    /// Those of [`embedded::schema`].
    pub(super) fn listed(&self) -> Result<Value, Error> {
        Ok(json!({
            "name": self.name,
            "description": self.about,
            "inputSchema": {
                "type": "object",
                "properties": self.properties,
                "required": self.required,
                "additionalProperties": false,
            },
            "outputSchema": embedded::schema(self.schema())?,
            "annotations": {
                "readOnlyHint": true,
                "destructiveHint": false,
                "idempotentHint": true,
                "openWorldHint": false,
            },
        }))
    }

    /// A call's arguments as a command line has them. Whether their values are right is for the command to say.
    ///
    /// # Errors
    ///
    /// If a name is none of the tool's.
    pub(super) fn typed(&self, arguments: &Map<String, Value>) -> Result<Typed, Error> {
        let mut typed = Typed::default();
        match self.name {
            // Alone it asks for the list.
            PRESETS => typed.flags.push(("preset".to_owned(), None)),
            "models" if !arguments.contains_key("limit") => {
                typed
                    .flags
                    .push(("limit".to_owned(), Some(LIMIT.to_string())));
            }
            EMIT if !arguments.contains_key(EMIT) => {
                return Err(Error::MissingArgument {
                    argument: EMIT.to_owned(),
                });
            }
            _ => {}
        }
        for (name, value) in arguments {
            // Names in JSON have underscores more often than hyphens.
            let name = name.replace('_', "-");
            let Some(property) = self.properties.get(&name) else {
                let names = self.properties.keys().map(String::as_str);
                return Err(Error::UnknownArgument {
                    candidates: similar(&name, names),
                    argument: name,
                });
            };
            let values = match value {
                Value::Null => continue,
                Value::Bool(on) if property["type"] == "boolean" => {
                    if *on {
                        typed.flags.push((name, None));
                    }
                    continue;
                }
                Value::Array(values) => values.iter().map(word).collect(),
                value => vec![word(value)],
            };
            if name == "preset" && values.iter().any(String::is_empty) {
                // The list is of another form than a plan.
                return Err(Error::MissingArgument { argument: name });
            }
            if self.positional.contains(&name) {
                typed.positional.extend(values);
            } else {
                let flag = |value| (name.clone(), Some(value));
                typed.flags.extend(values.into_iter().map(flag));
            }
        }
        Ok(typed)
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
