//! Requests that a script sends to Ollama: the model and the context that their bodies ask for.

use serde_json::Value;

use super::super::sheet::SourceText;
use super::super::{Problem, tag};
use super::ScriptState;
use super::invocation::Invocation;
use super::words::Word;

/// Judges the models that bodies name.
pub(in crate::lint) fn bodies(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
    let of_ollama = |text: &str| {
        let text = text.to_lowercase();
        let ours = [":114", ":115", "ollama"];
        text.contains("/api/") && ours.iter().any(|part| text.contains(part))
    };
    let mut words = invocation.arguments.iter();
    if !words.any(|word| of_ollama(&word.text)) {
        return;
    }
    for (word, body) in json(invocation) {
        let Some(model) = ["model", "name"]
            .iter()
            .find_map(|key| body.get(key).and_then(Value::as_str))
        else {
            continue;
        };
        // Where it stands as it is written, and only there.
        let written = sheet.text.get(word.at.clone()).unwrap_or_default();
        let mut places = written.match_indices(model);
        if let (Some((offset, _)), None) = (places.next(), places.next()) {
            let start = word.at.start + offset;
            tag::lint(sheet, model, start..start + model.len());
        }
    }
}

/// A request whose own context makes the server that the script started load its model again.
pub(super) fn context(
    sheet: &mut SourceText<'_>,
    invocation: &Invocation<'_>,
    scene: &ScriptState,
) {
    let port = invocation.arguments.iter().find_map(|word| {
        let (_, rest) = word.text.split_once("://")?;
        let host = rest.split('/').next()?;
        host.rsplit_once(':')?.1.parse::<u16>().ok()
    });
    let server = port.and_then(|port| scene.server(port)?.context());
    let Some(other) = server else { return };
    for (word, body) in json(invocation) {
        let context = body.pointer("/options/num_ctx").and_then(Value::as_u64);
        let Some(context) = context.and_then(|context| u32::try_from(context).ok()) else {
            continue;
        };
        if context != other {
            let tag = body.get("model").and_then(Value::as_str);
            let tag = tag.unwrap_or_default().to_owned();
            let problem = Problem::ClientContext {
                tag,
                context,
                other,
            };
            sheet.find_with(word.at.clone(), problem, format!("\"num_ctx\": {other}"));
        }
    }
}

/// The arguments that are JSON.
fn json<'a>(invocation: &Invocation<'a>) -> Vec<(&'a Word, Value)> {
    let words = invocation.arguments.iter();
    let objects = words.filter(|word| word.text.contains('{'));
    objects
        .filter_map(|word| {
            let text = word
                .text
                .trim_start_matches("--data=")
                .trim_start_matches("-d");
            Some((word, serde_json::from_str(text).ok()?))
        })
        .collect()
}
