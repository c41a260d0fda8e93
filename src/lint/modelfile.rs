//! Modelfiles.

use std::ops::Range;

use super::hint::Unclear;
use super::sheet::SourceText;
use super::slip::certain;
use super::{Demand, ModelLoad, Problem, server, tag};
use crate::catalog::similar;

/// What a parameter takes (`FormatParams` in api/types.go).
#[derive(Clone, Copy)]
enum Takes {
    /// A whole number, e.g. `8192`.
    Whole,
    /// A number with or without a point.
    Number,
    /// What Go reads as true or false.
    Switch,
    /// A text; and what older versions had, which is taken with a warning and changes nothing.
    Anything,
}

/// What a Modelfile can set.
const PARAMETERS: &[(&str, Takes)] = &[
    ("draft_num_predict", Takes::Whole),
    ("f16_kv", Takes::Anything),
    ("frequency_penalty", Takes::Number),
    ("logits_all", Takes::Anything),
    ("low_vram", Takes::Anything),
    ("main_gpu", Takes::Whole),
    ("min_p", Takes::Number),
    ("mirostat", Takes::Whole),
    ("mirostat_eta", Takes::Anything),
    ("mirostat_tau", Takes::Anything),
    ("num_batch", Takes::Whole),
    ("num_ctx", Takes::Whole),
    ("num_gpu", Takes::Whole),
    ("num_gqa", Takes::Anything),
    ("num_keep", Takes::Whole),
    ("num_predict", Takes::Whole),
    ("num_thread", Takes::Whole),
    ("numa", Takes::Anything),
    ("penalize_newline", Takes::Switch),
    ("presence_penalty", Takes::Number),
    ("repeat_last_n", Takes::Whole),
    ("repeat_penalty", Takes::Number),
    ("rope_frequency_base", Takes::Anything),
    ("rope_frequency_scale", Takes::Anything),
    ("seed", Takes::Whole),
    ("stop", Takes::Anything),
    ("temperature", Takes::Number),
    ("tfs_z", Takes::Anything),
    ("top_k", Takes::Whole),
    ("top_p", Takes::Number),
    ("typical_p", Takes::Anything),
    ("use_mlock", Takes::Anything),
    ("use_mmap", Takes::Switch),
    ("vocab_only", Takes::Anything),
];

/// What is a server's variable instead.
const VARIABLES: &[(&str, &str)] = &[
    ("num_parallel", "OLLAMA_NUM_PARALLEL"),
    ("parallel", "OLLAMA_NUM_PARALLEL"),
    ("keep_alive", "OLLAMA_KEEP_ALIVE"),
    ("kv_cache_type", "OLLAMA_KV_CACHE_TYPE"),
    ("cache_type", "OLLAMA_KV_CACHE_TYPE"),
    ("flash_attention", "OLLAMA_FLASH_ATTENTION"),
    ("flash_attn", "OLLAMA_FLASH_ATTENTION"),
    ("max_loaded_models", "OLLAMA_MAX_LOADED_MODELS"),
];

/// What means cards, where Ollama's `num_gpu` counts layers: one letter less is another thing.
const CARDS: [&str; 4] = ["num_gpus", "gpus", "n_gpus", "gpu"];

/// Whether a Modelfile, or the options of a request, can set it.
pub(super) fn is_parameter(name: &str) -> bool {
    PARAMETERS.iter().any(|(known, _)| *known == name)
}

/// The server's variable that says it instead.
pub(super) fn as_variable(name: &str) -> Option<&'static str> {
    let found = VARIABLES.iter().find(|(wrong, _)| *wrong == name)?;
    Some(found.1)
}

struct Parameter<'a> {
    name: &'a str,
    value: &'a str,
    line: Range<usize>,
    value_at: usize,
}

/// Finds what is wrong in a Modelfile.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>) {
    // A value whose quotes are open: which ones, and where they open.
    let whole = region == (0..sheet.text.len());
    let mut open: Option<(&str, usize)> = None;
    let mut from: Option<String> = None;
    let mut has_from = false;
    let mut parameters = Vec::new();
    for (at, line) in sheet.lines(region) {
        if sheet.is_full() {
            return;
        }
        let text = line.trim();
        if let Some((quote, _)) = open {
            open = open.filter(|_| !text.ends_with(quote));
            continue;
        }
        if text.starts_with('#') {
            continue;
        }
        let (command, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        let rest_at = at.start + line.len() - line.trim_start().len() + command.len();
        let rest_at = rest_at + (text.len() - command.len() - rest.len());
        let blanks = rest.len() - rest.trim_start().len();
        let (rest, rest_at) = (rest.trim(), rest_at + blanks);
        open = opened(command, rest).map(|quote| (quote, rest_at));
        match command.to_ascii_uppercase().as_str() {
            "FROM" => {
                has_from = true;
                let rest = bare_from(sheet, rest, rest_at, &at);
                if !rest.contains(['/', '\\']) && !rest.ends_with(".gguf") {
                    tag::lint(sheet, rest, rest_at..rest_at + rest.len());
                    from = Some(rest.to_owned());
                }
            }
            "PARAMETER" => {
                let (name, value) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
                let value_at = rest_at + rest.len() - value.trim_start().len();
                parameters.push(Parameter {
                    name,
                    value: value.trim(),
                    line: at,
                    value_at,
                });
            }
            "TEMPLATE" | "SYSTEM" | "ADAPTER" | "LICENSE" | "MESSAGE" | "DRAFT" | "RENDERER"
            | "PARSER" | "REQUIRES" | "" => {}
            _ => {
                let what = Unclear::Line;
                sheet.find_with(at, Problem::NotUnderstood { what }, "");
            }
        }
    }
    if let Some((_, start)) = open {
        sheet.find_open_quote(start..start);
    }
    if let Some(first) = parameters.first().filter(|_| !has_from) {
        let form = format!(
            "FROM TAG\nPARAMETER {} {}",
            first.name,
            without_comment(first.value)
        );
        sheet.find_with(first.line.clone(), Problem::NoFrom, form);
    }
    // A piece of one may be shown in a document.
    if whole && !has_from && parameters.is_empty() {
        sheet.find_with(0..0, Problem::NoFrom, "FROM TAG");
    }
    for parameter in &parameters {
        judge(sheet, parameter, from.as_deref());
    }
}

/// What a Modelfile is made from, without the comment behind it, which Ollama takes for a part of the name.
fn bare_from<'r>(
    sheet: &mut SourceText<'_>,
    rest: &'r str,
    rest_at: usize,
    line: &Range<usize>,
) -> &'r str {
    let name = without_comment(rest);
    if name.len() < rest.len() {
        let comment = rest.get(name.len()..).unwrap_or_default().trim().to_owned();
        let indent = sheet.indent(line.start);
        sheet.insert(line.start, format!("{indent}{comment}\n"));
        sheet.find(line.clone(), Problem::InlineComment { comment });
        sheet.replace(rest_at + name.len()..line.end, "");
    }
    name
}

/// The quotes that a value opens and does not close: it goes on until a line ends with them.
fn opened(command: &str, rest: &str) -> Option<&'static str> {
    let two_words = ["PARAMETER", "MESSAGE"];
    let value = match two_words
        .iter()
        .any(|name| command.eq_ignore_ascii_case(name))
    {
        true => rest.split_once([' ', '\t'])?.1.trim(),
        false => rest,
    };
    let quote = ["\"\"\"", "\""]
        .into_iter()
        .find(|quote| value.starts_with(quote))?;
    let closed = value.len() >= 2 * quote.len() && value.ends_with(quote);
    (!closed).then_some(quote)
}

fn without_comment(value: &str) -> &str {
    value.split(" #").next().unwrap_or(value).trim_end()
}

fn judge(sheet: &mut SourceText<'_>, parameter: &Parameter<'_>, from: Option<&str>) {
    if sheet.is_full() {
        return;
    }
    let Parameter { name, value, .. } = *parameter;
    let mut clean = value;
    // A text may well hold a hash.
    if !value.starts_with('"') && name != "stop" && without_comment(value) != value {
        clean = without_comment(value);
        let comment = value.get(clean.len()..).unwrap_or_default().trim();
        sheet.find(
            parameter.line.clone(),
            Problem::InlineComment {
                comment: comment.to_owned(),
            },
        );
        let indent = sheet.indent(parameter.line.start);
        sheet.insert(parameter.line.start, format!("{indent}{comment}\n"));
        sheet.replace(parameter.value_at + clean.len()..parameter.line.end, "");
    }
    let known = PARAMETERS.iter().find(|(known, _)| *known == name);
    match known {
        None => unknown(sheet, parameter, clean),
        Some((_, takes)) if !takes.takes(clean) => {
            let problem = Problem::BadParameter {
                parameter: name.to_owned(),
                value: clean.to_owned(),
            };
            sheet.find_with(parameter.line.clone(), problem, "");
        }
        Some(("num_ctx", _)) => context(sheet, parameter, clean, from),
        Some(_) => {}
    }
}

impl Takes {
    /// Whether such a parameter takes a value. What a program puts in is not known here.
    fn takes(self, value: &str) -> bool {
        const SWITCHES: [&str; 12] = [
            "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False",
        ];
        let value = value.trim_matches('"');
        value.contains(['$', '{'])
            || match self {
                Self::Whole => value.parse::<i64>().is_ok(),
                Self::Number => value.parse::<f64>().is_ok(),
                Self::Switch => SWITCHES.contains(&value),
                Self::Anything => true,
            }
    }
}

fn unknown(sheet: &mut SourceText<'_>, parameter: &Parameter<'_>, value: &str) {
    let name = parameter.name;
    let as_variable = |name: &str| {
        let found = VARIABLES.iter().find(|(wrong, _)| *wrong == name)?;
        Some(format!("{}={value}", found.1))
    };
    let at = parameter.line.clone();
    if let Some(setting) = as_variable(name) {
        let problem = Problem::UnknownParameter {
            parameter: name.to_owned(),
            instead: Some(setting.clone()),
            candidates: Vec::new(),
        };
        sheet.find_with(at.clone(), problem, setting.clone());
        let end = parameter.value_at + value.len();
        let indent = sheet.indent(at.start);
        return sheet.replace(at.start..end, format!("{indent}# {setting}"));
    }
    let variables = VARIABLES.iter().map(|(wrong, _)| *wrong);
    let names = PARAMETERS.iter().map(|(name, _)| *name).chain(variables);
    let names: Vec<&str> = names.collect();
    let candidates = match CARDS.contains(&name) {
        true => Vec::new(),
        false => sheet.similar(name, |name| similar(name, names.into_iter())),
    };
    let instead = certain(name, &candidates)
        .map(|one| as_variable(one).unwrap_or_else(|| format!("PARAMETER {one} {value}")));
    let problem = Problem::UnknownParameter {
        parameter: name.to_owned(),
        instead: instead.clone(),
        candidates,
    };
    // A slip of the finger is for a person to confirm.
    sheet.find_with(at, problem, instead.unwrap_or_default());
}

fn context(sheet: &mut SourceText<'_>, parameter: &Parameter<'_>, value: &str, from: Option<&str>) {
    let Some(tag) = from else { return };
    let Ok(context) = value.parse::<u32>() else {
        return;
    };
    if let Some(trained) = sheet.trained(tag).filter(|trained| *trained < context) {
        sheet.find(
            parameter.line.clone(),
            Problem::ContextBeyondTraining {
                tag: tag.to_owned(),
                context,
                trained,
            },
        );
        let end = parameter.value_at + value.len();
        sheet.replace(parameter.value_at..end, trained.to_string());
    }
    let demand = Demand {
        loads: vec![ModelLoad {
            tag: tag.to_owned(),
            context: Some(context),
        }],
        visible: None,
    };
    server::demand(sheet, parameter.line.clone(), &demand, |context, _| {
        format!("PARAMETER num_ctx {context}")
    });
}
