//! Modelfiles.

use std::ops::Range;

use super::hint::Unclear;
use super::sheet::SourceText;
use super::{Demand, ModelLoad, Problem, server, tag};
use crate::catalog::similar;

/// What a Modelfile can set; those that older versions had are taken with a warning and change nothing.
const PARAMETERS: &[&str] = &[
    "draft_num_predict",
    "f16_kv",
    "frequency_penalty",
    "logits_all",
    "low_vram",
    "main_gpu",
    "min_p",
    "mirostat",
    "mirostat_eta",
    "mirostat_tau",
    "num_batch",
    "num_ctx",
    "num_gpu",
    "num_gqa",
    "num_keep",
    "num_predict",
    "num_thread",
    "numa",
    "penalize_newline",
    "presence_penalty",
    "repeat_last_n",
    "repeat_penalty",
    "rope_frequency_base",
    "rope_frequency_scale",
    "seed",
    "stop",
    "temperature",
    "tfs_z",
    "top_k",
    "top_p",
    "typical_p",
    "use_mlock",
    "use_mmap",
    "vocab_only",
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

struct Parameter<'a> {
    name: &'a str,
    value: &'a str,
    line: Range<usize>,
    value_at: usize,
}

/// Judges a Modelfile.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>) {
    // A value whose quotes are open: which ones, and where they open.
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
        let reason = "a quote that nothing closes".to_owned();
        sheet.find_with(start..start, Problem::Syntax { reason }, "");
    }
    if let Some(first) = parameters.first().filter(|_| !has_from) {
        let form = format!(
            "FROM TAG\nPARAMETER {} {}",
            first.name,
            without_comment(first.value)
        );
        sheet.find_with(first.line.clone(), Problem::NoFrom, form);
    }
    for parameter in &parameters {
        judge(sheet, parameter, from.as_deref());
    }
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
        sheet.insert(parameter.line.start, format!("{comment}\n"));
        sheet.replace(parameter.value_at + clean.len()..parameter.line.end, "");
    }
    if !PARAMETERS.contains(&name) {
        unknown(sheet, parameter, clean);
    } else if !takes(name, clean) {
        let (parameter_name, value) = (name.to_owned(), clean.to_owned());
        let problem = Problem::BadParameter {
            parameter: parameter_name,
            value,
        };
        sheet.find_with(parameter.line.clone(), problem, "");
    } else if name == "num_ctx" {
        context(sheet, parameter, clean, from);
    }
}

/// Whether a parameter takes a value: whole numbers, other numbers, and what Go reads as true or false (`FormatParams` in api/types.go).
fn takes(name: &str, value: &str) -> bool {
    const WHOLE: [&str; 12] = [
        "draft_num_predict",
        "main_gpu",
        "mirostat",
        "num_batch",
        "num_ctx",
        "num_gpu",
        "num_keep",
        "num_predict",
        "num_thread",
        "repeat_last_n",
        "seed",
        "top_k",
    ];
    const SWITCHES: [&str; 2] = ["penalize_newline", "use_mmap"];
    const NUMBERS: [&str; 6] = [
        "frequency_penalty",
        "min_p",
        "presence_penalty",
        "repeat_penalty",
        "temperature",
        "top_p",
    ];
    let value = value.trim_matches('"');
    if value.contains(['$', '{']) {
        return true;
    }
    if WHOLE.contains(&name) {
        value.parse::<i64>().is_ok()
    } else if NUMBERS.contains(&name) {
        value.parse::<f64>().is_ok()
    } else if SWITCHES.contains(&name) {
        let go = ["1", "t", "T", "TRUE", "true", "True"];
        let not = ["0", "f", "F", "FALSE", "false", "False"];
        go.contains(&value) || not.contains(&value)
    } else {
        true
    }
}

fn unknown(sheet: &mut SourceText<'_>, parameter: &Parameter<'_>, value: &str) {
    let name = parameter.name;
    let is_variable = VARIABLES.iter().any(|(wrong, _)| *wrong == name);
    let mut nearest = || {
        let variables = VARIABLES.iter().map(|(wrong, _)| *wrong);
        let names = PARAMETERS.iter().copied().chain(variables);
        let names: Vec<&str> = names.collect();
        sheet
            .similar(name, |name| similar(name, names.into_iter()))
            .into_iter()
            .next()
    };
    let as_variable = |name: &str| {
        let found = VARIABLES.iter().find(|(wrong, _)| *wrong == name)?;
        Some(format!("{}={value}", found.1))
    };
    let instead = as_variable(name).or_else(|| {
        let nearest = nearest()?;
        as_variable(&nearest).or(Some(format!("PARAMETER {nearest} {value}")))
    });
    let problem = Problem::UnknownParameter {
        parameter: name.to_owned(),
        instead: instead.clone(),
    };
    let at = parameter.line.clone();
    match instead {
        Some(setting) if is_variable => {
            sheet.find_with(at.clone(), problem, setting.clone());
            sheet.replace(
                at.start..parameter.value_at + value.len(),
                format!("# {setting}"),
            );
        }
        // A guess is for a person to confirm.
        Some(other) => sheet.find_with(at, problem, other),
        None => sheet.find(at, problem),
    }
}

fn context(sheet: &mut SourceText<'_>, parameter: &Parameter<'_>, value: &str, from: Option<&str>) {
    let Some(tag) = from else { return };
    let Ok(context) = value.parse::<u32>() else {
        return;
    };
    let trained = sheet
        .catalog()
        .find(tag)
        .and_then(|entry| entry.model.context_length);
    if let Some(trained) = trained.filter(|trained| *trained > 0 && *trained < context) {
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
