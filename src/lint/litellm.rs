//! Configurations of LiteLLM, as far as they name models of Ollama.

use std::ops::Range;

use super::hint::Unclear;
use super::reach::{Request, Target};
use super::sheet::SourceText;
use super::yaml::{Id, Tree};
use super::{Demand, ModelLoad, Problem, manifest, server, tag, variable};

/// Keys that stand in the manual.
const KNOWN_KEYS: [&str; 3] = ["sk-1234", "sk-123", "sk-12345"];

/// Finds what is wrong in a configuration of LiteLLM.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let models = tree
        .get(root, "model_list")
        .map(|id| tree.items(id).to_vec());
    for model in models.unwrap_or_default() {
        if let Some(parameters) = tree.get(model, "litellm_params") {
            entry(sheet, tree, parameters);
        }
    }
    let variables = tree.get(root, "environment_variables");
    for (name, value) in variables.map(|id| tree.pairs(id)).unwrap_or_default() {
        let variable = tree.text(name).unwrap_or_default().to_owned();
        if variable::is_servers(&variable) || variable::is_misnamed(&variable) {
            let at = tree.range(name).start..tree.range(value).end;
            sheet.find_with(at, Problem::ClientVariable { variable }, "");
        }
    }
    if let Some(include) = tree.get(root, "include") {
        let files = match tree.items(include) {
            [] => vec![include],
            items => items.to_vec(),
        };
        for file in files {
            let name = tree.text(file).unwrap_or("include").to_owned();
            sheet.find_with(tree.range(file), Problem::NotRead { file: name }, "");
        }
    }
    let key = tree.descend(root, &["general_settings", "master_key"]);
    if let Some((text, at)) = key.and_then(|id| manifest::value(tree, id))
        && KNOWN_KEYS.contains(&text.as_str())
    {
        let key = text;
        sheet.find_with(
            at,
            Problem::KnownPassword { key },
            "master_key: os.environ/LITELLM_MASTER_KEY",
        );
    }
}

/// Whether an address has no protocol, without which a client refuses it.
fn bare(address: &str) -> bool {
    !address.contains("://") && !address.contains('/') && address.contains([':', '.'])
}

fn path(sheet: &mut SourceText<'_>, model: &str, (address, at): &(String, Range<usize>)) {
    let Some(right) = other_path(model, address) else {
        return;
    };
    let problem = Problem::TargetPath {
        address: address.clone(),
        right: right.clone(),
    };
    sheet.find(at.clone(), problem);
    sheet.replace(at.clone(), right);
}

/// The address with the path that a provider needs, where it stands with another one: `ollama/` adds `/api/generate`, `openai/` what follows `/v1`.
fn other_path(model: &str, address: &str) -> Option<String> {
    let bare = address.trim_end_matches('/');
    let root = bare
        .strip_suffix("/v1")
        .or_else(|| bare.strip_suffix("/api"));
    match model.starts_with("openai/") {
        true if root.is_none() && bare.matches('/').count() == 2 => Some(format!("{bare}/v1")),
        true => None,
        false => root.map(str::to_owned),
    }
}

/// What the proxy hands on in a form that depends on the provider.
fn handed_on(sheet: &mut SourceText<'_>, tree: &Tree, parameters: Id) {
    for key in ["extra_body", "options"] {
        if let Some((key, _)) = tree.entry(parameters, key) {
            let what = Unclear::Options;
            sheet.find_with(tree.range(key), Problem::NotUnderstood { what }, "");
        }
    }
}

fn entry(sheet: &mut SourceText<'_>, tree: &Tree, parameters: Id) {
    if sheet.is_full() {
        return;
    }
    let value = |key: &str| manifest::value(tree, tree.get(parameters, key)?);
    let Some((model, model_at)) = value("model") else {
        return;
    };
    let base = value("api_base");
    // Ollama speaks OpenAI's protocol too.
    let behind = base
        .as_ref()
        .is_some_and(|(address, _)| address.contains(":11434") || address.contains("//ollama"));
    let ours = model
        .strip_prefix("ollama/")
        .or_else(|| model.strip_prefix("ollama_chat/"))
        .or_else(|| model.strip_prefix("openai/").filter(|_| behind));
    let Some(name) = ours else { return };
    tag::lint(sheet, name, model_at);
    handed_on(sheet, tree, parameters);
    if let Some((address, at)) = base.as_ref().filter(|(address, _)| bare(address)) {
        let problem = Problem::NoScheme {
            address: address.clone(),
        };
        sheet.find(at.clone(), problem);
        sheet.insert(at.start, "http://");
    }
    if let Some((address, at)) = &base
        && address.contains("//0.0.0.0")
    {
        let problem = Problem::TargetAddress {
            address: address.clone(),
        };
        sheet.find(at.clone(), problem);
        sheet.replace(at.clone(), address.replacen("//0.0.0.0", "//127.0.0.1", 1));
    }
    if let Some(base) = &base {
        path(sheet, &model, base);
    }
    let target = base.as_ref().and_then(|(address, at)| {
        let target = Target::parse(address, server::PORT)?;
        Some((target, at.clone()))
    });
    let context = value("num_ctx").and_then(|(text, at)| Some((text.parse::<u32>().ok()?, at)));
    if let Some((target, at)) = target {
        let load = context
            .as_ref()
            .map(|(context, _)| (name.to_owned(), *context));
        let at = context.as_ref().map_or(at, |(_, at)| at.clone());
        let request = Request {
            target,
            load,
            form: "num_ctx: ",
            ..Request::default()
        };
        sheet.request(at, request);
    }
    let Some((context, at)) = context else { return };
    if let Some(trained) = sheet.trained(name).filter(|trained| *trained < context) {
        let tag = name.to_owned();
        sheet.find(
            at.clone(),
            Problem::ContextBeyondTraining {
                tag,
                context,
                trained,
            },
        );
        sheet.replace(at.clone(), trained.to_string());
    }
    let demand = Demand {
        loads: vec![ModelLoad {
            tag: name.to_owned(),
            context: Some(context),
        }],
        visible: None,
    };
    server::demand(sheet, at, &demand, |context, _| {
        format!("num_ctx: {context}")
    });
}
