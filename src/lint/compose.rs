//! Files of compose, as far as they start Ollama's image or use it.

use std::ops::Range;

use super::image::{self, Role};
use super::sheet::SourceText;
use super::variable::{self, Place, Setting};
use super::yaml::insert::{self, Addition};
use super::yaml::{Id, Shape, Style, Tree};
use super::{Problem, manifest, server};
use crate::units::Bytes;

/// Services that extend each other, one after the other.
const EXTENDS: u8 = 8;

/// A service, with what it has of others.
struct Service<'t> {
    tree: &'t Tree,
    /// Its own map, then those that it extends.
    maps: Vec<Id>,
    /// The image's map, key and value.
    image: (Id, Id, Id),
}

impl Service<'_> {
    fn get(&self, key: &str) -> Option<Id> {
        self.maps.iter().find_map(|map| self.tree.get(*map, key))
    }

    fn below(&self, keys: &[&str]) -> Option<Id> {
        self.maps.iter().find_map(|map| self.tree.below(*map, keys))
    }
}

/// Judges the services of a file.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, services: Id) {
    let mut servers = Vec::new();
    for (name, id) in tree.pairs(services) {
        if sheet.is_full() {
            return;
        }
        if let Some(service) = of(sheet, tree, Some(services), id) {
            server(sheet, &service);
            servers.extend(tree.text(name).map(str::to_owned));
        }
    }
    for (_, id) in tree.pairs(services) {
        client(sheet, tree, id, &servers);
    }
}

/// Judges a service that stands alone, as in a document.
pub(super) fn fragment(sheet: &mut SourceText<'_>, tree: &Tree, id: Id) -> bool {
    match of(sheet, tree, None, id) {
        Some(service) => {
            server(sheet, &service);
            true
        }
        None => false,
    }
}

/// The service of a map, if it is of Ollama's image.
fn of<'t>(
    sheet: &mut SourceText<'_>,
    tree: &'t Tree,
    services: Option<Id>,
    id: Id,
) -> Option<Service<'t>> {
    let mut maps = vec![id];
    for _ in 0..EXTENDS {
        let last = *maps.last()?;
        let Some(extends) = tree.get(last, "extends") else {
            break;
        };
        let name = tree.get(extends, "service").unwrap_or(extends);
        if let Some(file) = tree.get(extends, "file") {
            let file = tree.text(file).unwrap_or_default().to_owned();
            sheet.find_with(tree.at(extends), Problem::NotRead { file }, "");
            break;
        }
        let other = services.and_then(|services| tree.get(services, tree.text(name)?));
        match other.filter(|other| !maps.contains(other)) {
            Some(other) => maps.push(other),
            None => break,
        }
    }
    let image = maps.iter().find_map(|map| {
        let (key, value) = tree.entry(*map, "image")?;
        let text = manifest::value(tree, value)?.0;
        image::is_image(&text).then_some((*map, key, value))
    })?;
    Some(Service { tree, maps, image })
}

fn server(sheet: &mut SourceText<'_>, service: &Service<'_>) {
    let tree = service.tree;
    let (_, key, value) = service.image;
    let at = tree.at(key).start..tree.at(value).end;
    if let Some((text, place)) = manifest::value(tree, value) {
        image::pinned(sheet, &text, at.clone(), place);
    }
    let runs = [service.get("entrypoint"), service.get("command")];
    match manifest::runs(sheet, tree, &runs) {
        Role::Server => {}
        Role::Client => return,
        Role::Unclear => return manifest::unclear(sheet, tree, &runs),
    }
    let settings = environment(sheet, service);
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(sheet, &all, Place::Compose);
    let mut elsewhere = Vec::new();
    for (at, file) in env_files(service) {
        elsewhere.push(image::from_file(sheet, at, &file, Place::Compose));
    }
    let unread = elsewhere.iter().any(Vec::is_empty);
    let files: Vec<Setting> = elsewhere.into_iter().flatten().collect();
    let known = variable::says_context(&settings) || variable::says_context(&files);
    if !known && !unread {
        sheet.find(at.clone(), Problem::NoContextLength);
        add(
            sheet,
            service,
            "OLLAMA_CONTEXT_LENGTH",
            &server::CONTEXT.to_string(),
        );
    }
    let host = settings
        .iter()
        .chain(&files)
        .find(|setting| setting.name == "OLLAMA_HOST");
    let shares_network = service
        .get("network_mode")
        .filter(|mode| tree.text(*mode) == Some("host"));
    match shares_network {
        Some(mode) => on_the_host(sheet, service, mode, host),
        None => ports(sheet, service),
    }
    cards(sheet, service);
    let limits = [
        &["mem_limit"][..],
        &["deploy", "resources", "limits", "memory"],
    ];
    for limit in limits.iter().filter_map(|keys| service.below(keys)) {
        let bytes = tree.text(limit).and_then(size);
        image::memory(sheet, tree.at(limit), bytes, "");
    }
    let form = "    volumes: [\"ollama:/root/.ollama\"]\nvolumes:\n  ollama:";
    if service.get("volumes_from").is_none() {
        image::stored(sheet, at, &settings, &mounts(service), form);
    }
    if let Some(test) = service.below(&["healthcheck", "test"]) {
        manifest::healthcheck(sheet, tree, test, "[\"CMD\", \"ollama\", \"ps\"]");
    }
}

/// `NAME: value` and `- NAME=value`.
fn environment(sheet: &SourceText<'_>, service: &Service<'_>) -> Vec<Setting> {
    let tree = service.tree;
    let mut settings: Vec<Setting> = Vec::new();
    for map in &service.maps {
        let Some(environment) = tree.get(*map, "environment") else {
            continue;
        };
        let more: Vec<Setting> = match &tree.node(environment).shape {
            Shape::List { items, .. } => items
                .iter()
                .filter_map(|item| manifest::assignment(sheet, tree, *item))
                .collect(),
            _ => tree
                .pairs(environment)
                .iter()
                .filter_map(|(key, value)| manifest::setting(sheet, tree, *key, *value))
                .collect(),
        };
        let own: Vec<String> = settings
            .iter()
            .map(|setting| setting.name.clone())
            .collect();
        settings.extend(
            more.into_iter()
                .filter(|setting| !own.contains(&setting.name)),
        );
    }
    settings
}

/// The files of variables: one, several, or each with its `path`.
fn env_files(service: &Service<'_>) -> Vec<(Range<usize>, String)> {
    let tree = service.tree;
    let Some(id) = service.get("env_file") else {
        return Vec::new();
    };
    let all = match tree.items(id) {
        [] => vec![id],
        items => items.to_vec(),
    };
    all.into_iter()
        .filter_map(|one| {
            let path = tree.get(one, "path").unwrap_or(one);
            Some((tree.at(path), tree.text(path)?.to_owned()))
        })
        .collect()
}

/// Another variable, where the service has its variables.
fn add(sheet: &mut SourceText<'_>, service: &Service<'_>, name: &str, value: &str) -> bool {
    let tree = service.tree;
    let entry = Addition {
        block: vec![format!("{name}: \"{value}\"")],
        flow: format!("{name}: \"{value}\""),
    };
    let item = Addition {
        block: vec![format!("{name}={value}")],
        flow: format!("\"{name}={value}\""),
    };
    match service.get("environment") {
        Some(id) if matches!(tree.node(id).shape, Shape::List { .. }) => {
            insert::first(sheet, tree, id, &item)
        }
        Some(id) => insert::first(sheet, tree, id, &entry),
        None => {
            let more = Addition {
                block: vec!["environment:".to_owned(), format!("  {name}: \"{value}\"")],
                flow: format!("environment: {{{}}}", entry.flow),
            };
            insert::behind(sheet, tree, service.image, &more)
        }
    }
}

/// A container in the machine's own network listens where the image says: everywhere.
fn on_the_host(
    sheet: &mut SourceText<'_>,
    service: &Service<'_>,
    mode: Id,
    host: Option<&Setting>,
) {
    match host {
        Some(host) => {
            if let Some(port) = variable::open(&host.value) {
                let address = host.value.clone();
                sheet.find(host.at.clone(), Problem::OpenPort { address });
                host.put(sheet, &format!("127.0.0.1:{port}"));
            }
        }
        None => {
            let address = format!("0.0.0.0:{}", server::PORT);
            let right = format!("127.0.0.1:{}", server::PORT);
            let form = format!("OLLAMA_HOST={right}");
            sheet.find_with(service.tree.at(mode), Problem::OpenPort { address }, form);
            add(sheet, service, "OLLAMA_HOST", &right);
        }
    }
}

fn ports(sheet: &mut SourceText<'_>, service: &Service<'_>) {
    let tree = service.tree;
    let Some(ports) = service.get("ports") else {
        return;
    };
    for port in tree.items(ports).to_vec() {
        let Some(target) = tree.get(port, "target") else {
            if let Shape::Scalar { text, inner, .. } = &tree.node(port).shape {
                image::published(sheet, text, inner.clone());
            }
            continue;
        };
        let text = |key: &str| tree.get(port, key).and_then(|id| tree.text(id));
        let open = text("host_ip").is_none_or(|ip| matches!(ip, "" | "0.0.0.0" | "::"));
        let Some(published) = text("published") else {
            continue;
        };
        if tree.text(target) != Some("11434") || !open {
            continue;
        }
        let address = format!("{}:{published}", text("host_ip").unwrap_or("0.0.0.0"));
        let Some((key, value)) = tree.entry(port, "published") else {
            continue;
        };
        let at = tree.at(key).start..tree.at(value).end;
        sheet.find(at, Problem::OpenPort { address });
        match tree.get(port, "host_ip") {
            Some(ip) => sheet.replace(tree.at(ip), "127.0.0.1"),
            None => {
                let line = "host_ip: 127.0.0.1".to_owned();
                let more = Addition {
                    block: vec![line.clone()],
                    flow: line,
                };
                insert::behind(sheet, tree, (port, key, value), &more);
            }
        }
    }
}

fn cards(sheet: &mut SourceText<'_>, service: &Service<'_>) {
    let tree = service.tree;
    let keys = ["deploy", "resources", "reservations", "devices"];
    let devices = service.below(&keys).or_else(|| service.get("gpus"));
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
        let at = tree.at(key).start..tree.at(count).end;
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

/// Where volumes lie in the container.
fn mounts(service: &Service<'_>) -> Vec<String> {
    let tree = service.tree;
    let volumes = service.get("volumes").map(|id| tree.items(id).to_vec());
    let target = |id: &Id| {
        if let Some(target) = tree.get(*id, "target") {
            return tree.text(target).map(str::to_owned);
        }
        let text = tree.text(*id)?;
        // `${PLACE:-./ollama}:/root/.ollama:ro`
        let mut parts = text.rsplit(':');
        parts
            .find(|part| part.starts_with('/') && !part.contains('}'))
            .map(str::to_owned)
    };
    volumes
        .unwrap_or_default()
        .iter()
        .filter_map(target)
        .collect()
}

/// `4g`, `512m`, or bytes.
fn size(text: &str) -> Option<Bytes> {
    match text.parse::<u64>() {
        Ok(bytes) => Some(Bytes(bytes)),
        Err(_) => text.parse().ok(),
    }
}

/// A service that uses Ollama from a container of its own.
fn client(sheet: &mut SourceText<'_>, tree: &Tree, id: Id, servers: &[String]) {
    let (Some(environment), Some(name)) = (tree.get(id, "environment"), servers.first()) else {
        return;
    };
    if tree.get(id, "network_mode").is_some() {
        return;
    }
    let settings: Vec<Setting> = match tree.items(environment) {
        [] => tree
            .pairs(environment)
            .iter()
            .filter_map(|(key, value)| manifest::setting(sheet, tree, *key, *value))
            .collect(),
        items => items
            .iter()
            .filter_map(|item| manifest::assignment(sheet, tree, *item))
            .collect(),
    };
    for setting in settings
        .iter()
        .filter(|setting| setting.name.contains("OLLAMA"))
    {
        for own in ["localhost:11434", "127.0.0.1:11434", "0.0.0.0:11434"] {
            if setting.value.contains(own)
                && !setting.name.contains("ORIGIN")
                && !is_server(tree, id)
            {
                let address = setting.value.clone();
                sheet.find(setting.at.clone(), Problem::TargetAddress { address });
                setting.put(sheet, &setting.value.replace(own, &format!("{name}:11434")));
            }
        }
    }
}

fn is_server(tree: &Tree, id: Id) -> bool {
    let image = tree
        .get(id, "image")
        .and_then(|image| manifest::value(tree, image));
    image.is_some_and(|(text, _)| image::is_image(&text))
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
