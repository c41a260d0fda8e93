//! Files of compose, as far as they start Ollama's image or use it.

mod copies;
mod network;
mod routes;
mod service;
mod stripped;

use super::hint::Unclear;
use super::image::{self, Role};
use super::sheet::SourceText;
use super::variable::{self, Place, Setting};
use super::yaml::{Id, Shape, Style, Tree};
use super::{Problem, manifest, mounted, server};
use crate::units::Bytes;
pub(super) use routes::asks;
use service::{Runs, Service};

/// Judges the services of a file.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, services: Id) {
    let mut servers = Vec::new();
    let mut others = Vec::new();
    let mut taken = copies::Taken::default();
    for (name, id) in tree.pairs(services) {
        if sheet.is_full() {
            return;
        }
        let service = Service::new(sheet, tree, Some(services), id);
        let called = tree.text(name).unwrap_or_default();
        copies::taken(sheet, &service, &mut taken);
        let own = service.like();
        let ours = match service.runs {
            Runs::Ollama(..) => true,
            Runs::Unnamed => adds(sheet, &service, called),
            Runs::Other => own.is_some(),
        };
        if let Some(image) = own {
            let what = Unclear::Command;
            sheet.find_with(tree.range(image), Problem::NotUnderstood { what }, "");
        }
        match ours {
            true => {
                judge(sheet, &service, called);
                servers.push(called);
            }
            false => {
                if service.serves_unseen(called) {
                    let what = Unclear::Command;
                    sheet.find_with(tree.range(name), Problem::NotUnderstood { what }, "");
                    network::ports(sheet, &service, Some(server::PORT));
                    if service.get("build").is_some() {
                        own_names(sheet, &service);
                    }
                } else if variable::starts_ollama(&service.environment(sheet)) {
                    let what = Unclear::Command;
                    sheet.find_with(tree.range(name), Problem::NotUnderstood { what }, "");
                }
                others.push(service);
            }
        }
    }
    for service in &others {
        network::client(sheet, service, &servers);
        let runs = [service.get("entrypoint"), service.get("command")];
        manifest::asks(sheet, tree, &runs);
    }
}

/// Files that stand in it word by word, and are handed to its containers.
pub(super) fn configs(sheet: &mut SourceText<'_>, tree: &Tree, root: Id, services: Id) {
    let configs = tree.get(root, "configs").map(|id| tree.pairs(id));
    let configs = configs.unwrap_or_default();
    let files: Vec<_> = configs
        .into_iter()
        .filter_map(|(name, config)| Some((name, tree.get(config, "content")?)))
        .collect();
    if files.is_empty() {
        return;
    }
    let published = |(_, id): &(Id, Id)| {
        let ports = tree.get(*id, "ports").map(|ports| tree.items(ports));
        ports.unwrap_or_default().iter().any(|port| {
            let host = tree.get(*port, "host_ip").unwrap_or(*port);
            !tree.text(host).is_some_and(variable::is_loopback)
        })
    };
    let exposed = tree.pairs(services).iter().any(published);
    for file in files {
        mounted::lint(sheet, tree, file, exposed);
    }
}

/// Judges variables for Ollama in an image of one's own, whose other programs may have some with like names.
fn own_names(sheet: &mut SourceText<'_>, service: &Service<'_>) {
    let settings = service.environment(sheet);
    let ollamas = settings
        .iter()
        .filter(|one| !variable::is_nobodys(&one.name));
    variable::servers(sheet, &ollamas.collect::<Vec<_>>(), Place::Compose);
}

/// Whether a service without an image adds to one of Ollama's.
fn adds(sheet: &SourceText<'_>, service: &Service<'_>, name: &str) -> bool {
    let settings = service.environment(sheet);
    let ours = |setting: &Setting| variable::is_servers(&setting.name);
    name.contains("ollama") && !name.contains("ui") || settings.iter().any(ours)
}

/// Judges a service that stands alone, as in a document.
pub(super) fn fragment(sheet: &mut SourceText<'_>, tree: &Tree, id: Id) -> bool {
    let service = Service::new(sheet, tree, None, id);
    let ours = matches!(service.runs, Runs::Ollama(..));
    if ours {
        judge(sheet, &service, "");
    }
    ours
}

/// Judges a server; of one whose image another file names, only what stands here.
fn judge(sheet: &mut SourceText<'_>, service: &Service<'_>, name: &str) {
    sheet.judges();
    let tree = service.tree;
    let image = match service.runs {
        Runs::Ollama(_, key, value) => Some((tree.range(key).start..tree.range(value).end, value)),
        Runs::Other | Runs::Unnamed => None,
    };
    if let Some((at, value)) = &image {
        manifest::pinned(sheet, tree, *value, at.clone());
    }
    let runs = [service.get("entrypoint"), service.get("command")];
    match manifest::runs(sheet, tree, &runs) {
        Role::Server => {}
        Role::Client => return,
        Role::Unclear => {
            manifest::unclear(sheet, tree, &runs);
            // Whatever it runs, who published the port wants it to be Ollama's.
            network::ports(sheet, service, Some(server::PORT));
            return;
        }
    }
    let settings = service.environment(sheet);
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Compose);
    variable::unexpanded(sheet, &settings, false);
    service.spaced(sheet);
    let mut elsewhere = Vec::new();
    for (at, file) in service.env_files() {
        elsewhere.push(image::from_file(sheet, at, &file, Place::Compose));
    }
    let unread = elsewhere.iter().any(Vec::is_empty);
    let files: Vec<Setting> = elsewhere.into_iter().flatten().collect();
    let known = variable::says_context(&settings) || variable::says_context(&files);
    if let Some((at, _)) = &image
        && !known
        && !unread
    {
        sheet.find(at.clone(), Problem::NoContextLength);
        service.add(sheet, "OLLAMA_CONTEXT_LENGTH", &server::CONTEXT.to_string());
    }
    network::lint(sheet, service, name, &settings, &files);
    routes::lint(sheet, service, &settings);
    copies::lint(sheet, service);
    cards(sheet, service);
    let limits = [
        &["mem_limit"][..],
        &["deploy", "resources", "limits", "memory"],
    ];
    for limit in limits.iter().filter_map(|keys| service.descend(keys)) {
        let bytes = manifest::value(tree, limit).and_then(|(text, _)| size(&text));
        image::memory(sheet, tree.range(limit), bytes, "");
    }
    if let Some((at, _)) = image.filter(|_| service.get("volumes_from").is_none()) {
        let form = "    volumes: [\"ollama:/root/.ollama\"]\nvolumes:\n  ollama:";
        image::stored(sheet, at, &settings, &service.mounts(), Some(form));
    }
    for hook in ["post_start", "pre_stop"] {
        let steps = service.get(hook).map(|id| tree.items(id).to_vec());
        for step in steps.unwrap_or_default() {
            manifest::runs(sheet, tree, &[tree.get(step, "command"), None]);
        }
    }
    if let Some(test) = service.descend(&["healthcheck", "test"]) {
        manifest::healthcheck(sheet, tree, test, "[\"CMD\", \"ollama\", \"ps\"]");
    }
}

fn cards(sheet: &mut SourceText<'_>, service: &Service<'_>) {
    let tree = service.tree;
    let keys = ["deploy", "resources", "reservations", "devices"];
    let devices = service.descend(&keys).or_else(|| service.get("gpus"));
    for device in devices
        .map(|id| tree.items(id).to_vec())
        .unwrap_or_default()
    {
        // Their numbers are those of nvidia-smi: Docker takes them from the driver, not from CUDA.
        let (Some(ids), Some((key, count))) =
            (tree.get(device, "device_ids"), tree.entry(device, "count"))
        else {
            continue;
        };
        let at = tree.range(key).start..tree.range(count).end;
        let list = sheet
            .text
            .get(tree.node(ids).at.clone())
            .unwrap_or_default();
        let form = match tree.node(ids).shape {
            Shape::List { flow: true, .. } => format!("device_ids: {list}"),
            _ => "device_ids:".to_owned(),
        };
        sheet.find_with(at.clone(), Problem::CountAndDeviceIds, form);
        let line = sheet.line_start(at.start);
        let before = sheet.text.get(line..at.start).unwrap_or_default();
        if before.trim().is_empty() && line > 0 {
            sheet.replace(line - 1..sheet.line_end(at.end), "");
        }
    }
}

/// `4g`, `512m`, or bytes.
fn size(text: &str) -> Option<Bytes> {
    match text.parse::<u64>() {
        Ok(bytes) => Some(Bytes(bytes)),
        Err(_) => text.parse().ok(),
    }
}

/// Whether another value of a scalar would have to be quoted to stay a text.
pub(super) fn is_plain(tree: &Tree, id: Id) -> bool {
    matches!(
        tree.node(id).shape,
        Shape::Scalar {
            style: Style::Plain,
            ..
        }
    )
}
