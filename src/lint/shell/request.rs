//! Requests that a script sends to Ollama: the model, the context and the options that their bodies ask for.

use serde_json::{Map, Value};

use super::super::reach::{Request, Target};
use super::super::sheet::SourceText;
use super::super::{Demand, ModelLoad, Problem, modelfile, server, tag};
use super::ScriptState;
use super::body::{bodies, place, unknown};
use super::invocation::Invocation;
use super::words::Command;

/// Judges what is sent to Ollama.
pub(in crate::lint) fn lint(
    sheet: &mut SourceText<'_>,
    before: Option<&Command>,
    command: &Command,
    invocation: &Invocation<'_>,
    scene: &mut ScriptState,
) {
    let mut words = invocation.arguments.iter();
    let found = words.find_map(|word| {
        let known = scene.values.known(&word.text);
        asked(known.as_deref().unwrap_or(&word.text)).or_else(|| asked(&word.text))
    });
    let Some((address, path)) = found else {
        return;
    };
    sheet.judges();
    let target = Target::parse(&address, server::PORT);
    let all = bodies(sheet, before, command, invocation, &scene.values);
    if all.is_empty()
        && let Some(target) = target.clone()
    {
        let request = Request {
            target,
            ..Request::default()
        };
        let first = invocation.arguments.first();
        let at = first.map_or(0..0, |word| word.at.clone());
        send(sheet, scene, at, request);
    }
    for (at, body) in all {
        if path.starts_with("/api/create") {
            let made = body.get("model").or_else(|| body.get("name"));
            let made = made.and_then(Value::as_str);
            scene.created.extend(made.map(str::to_owned));
        }
        let load = body_of(sheet, &at, &body, &path, scene);
        if let Some(target) = target.clone() {
            let request = Request {
                target,
                load,
                form: "\"num_ctx\": ",
                ..Request::default()
            };
            send(sheet, scene, at, request);
        }
    }
}

/// Sends a request, unless a container asks itself.
pub(super) fn send(
    sheet: &mut SourceText<'_>,
    scene: &ScriptState,
    at: std::ops::Range<usize>,
    request: Request,
) {
    match scene.in_container && request.target.is_here() {
        true => sheet.judges(),
        false => sheet.request(at, request),
    }
}

/// The address and the path of a request to Ollama.
fn asked(word: &str) -> Option<(String, String)> {
    let word = word.trim_start_matches("--url=");
    let start = ["/api/", "/v1/"]
        .into_iter()
        .find_map(|part| word.find(part))?;
    let (address, path) = word.split_at(start);
    let lower = address.to_lowercase();
    let ours = [":114", ":115", "ollama"];
    let path = path.split(['?', '#']).next().unwrap_or_default();
    ours.iter()
        .any(|part| lower.contains(part))
        .then(|| (address.to_owned(), path.to_owned()))
}

/// Judges a body; the model that it loads and the context.
fn body_of(
    sheet: &mut SourceText<'_>,
    at: &std::ops::Range<usize>,
    body: &Map<String, Value>,
    path: &str,
    scene: &ScriptState,
) -> Option<(String, u32)> {
    let is_created = path.starts_with("/api/create");
    let keys = match is_created {
        true => ["from", "from"],
        false => ["model", "name"],
    };
    let model = keys
        .iter()
        .find_map(|key| body.get(*key).and_then(Value::as_str));
    // Compose writes a dollar that is a shell's own as two.
    let variable = model.map(|model| model.replace("$$", "$"));
    let named = variable.and_then(|name| scene.values.expand(&name).map(<[_]>::to_vec));
    if let Some(words) = named {
        for word in words {
            tag::lint(sheet, &word.text, word.at);
        }
    } else if let Some(model) = model.filter(|model| !scene.created.contains(*model)) {
        // Where it stands as it is written, and only there.
        let written = sheet.text.get(at.clone()).unwrap_or_default();
        let mut places = written.match_indices(model);
        if let (Some((offset, _)), None) = (places.next(), places.next()) {
            let start = at.start + offset;
            tag::lint(sheet, model, start..start + model.len());
        }
    }
    let keep = body.get("keep_alive").and_then(Value::as_str);
    if let Some(value) = keep.filter(|value| *value != "0" && value.parse::<i64>().is_ok()) {
        let problem = Problem::KeepaliveUnit {
            value: value.to_owned(),
        };
        sheet.find_with(at.clone(), problem, format!("\"keep_alive\": {value}"));
    }
    ignored(sheet, at, body, path);
    if path.starts_with("/v1/") {
        return None;
    }
    let options = body.get("options").and_then(Value::as_object)?;
    let context = options.get("num_ctx").and_then(Value::as_u64)?;
    let context = u32::try_from(context).ok()?;
    let tag = model?.to_owned();
    if let Some(trained) = sheet.trained(&tag).filter(|trained| *trained < context) {
        let problem = Problem::ContextBeyondTraining {
            tag: tag.clone(),
            context,
            trained,
        };
        sheet.find_with(at.clone(), problem, format!("\"num_ctx\": {trained}"));
    }
    let load = ModelLoad {
        tag: tag.clone(),
        context: Some(context),
    };
    let demand = Demand {
        loads: vec![load],
        visible: None,
    };
    server::demand(sheet, at.clone(), &demand, |context, _| {
        format!("\"num_ctx\": {context}")
    });
    Some((tag, context))
}

/// What a body says where Ollama does not read it.
fn ignored(
    sheet: &mut SourceText<'_>,
    at: &std::ops::Range<usize>,
    body: &Map<String, Value>,
    path: &str,
) {
    let strange = unknown(sheet, body, path);
    let mut find = |option: &str, form: String| {
        let (option, endpoint) = (option.to_owned(), path.to_owned());
        let at = place(sheet, at, &option);
        let problem = Problem::IgnoredOption { option, endpoint };
        sheet.find_with(at, problem, form);
    };
    if path.starts_with("/v1/") {
        // OpenAI's protocol has no place for it: the model has it, or the server.
        for option in ["options", "extra_body", "num_ctx", "num_gpu", "keep_alive"] {
            let Some(value) = body.get(option) else {
                continue;
            };
            let inner = value.get("options").unwrap_or(value);
            let context = inner
                .get("num_ctx")
                .or(Some(value))
                .filter(|one| one.is_u64());
            let form = match context {
                Some(context) if option != "keep_alive" && option != "num_gpu" => {
                    format!("PARAMETER num_ctx {context}")
                }
                _ => String::new(),
            };
            find(option, form);
        }
        return;
    }
    let options = body.get("options").and_then(Value::as_object);
    for (option, value) in options.into_iter().flatten() {
        if !modelfile::is_parameter(option) {
            let variable = modelfile::as_variable(option);
            let form = variable.map(|variable| format!("{variable}={value}"));
            find(option, form.unwrap_or_default());
        }
    }
    for (option, meant) in strange {
        let Some(value) = body.get(&option) else {
            continue;
        };
        let form = match meant {
            _ if value.is_null() => String::new(),
            Some(field) => format!("\"{field}\": {value}"),
            None if modelfile::is_parameter(&option) => {
                format!("\"options\": {{\"{option}\": {value}}}")
            }
            None => String::new(),
        };
        find(&option, form);
    }
}

/// What Ollama does not tell at an address of its own.
pub(super) fn metrics(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
    for word in invocation.arguments {
        if word.text.contains(":11434/metrics") {
            sheet.find(word.at.clone(), Problem::NoMetrics);
            let text = sheet.text.get(word.at.clone()).unwrap_or_default();
            if let Some(offset) = text.find("/metrics") {
                let start = word.at.start + offset;
                sheet.replace(start..start + "/metrics".len(), "/api/ps");
            }
        }
    }
}
