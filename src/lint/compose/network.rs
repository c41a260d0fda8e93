//! Who reaches the services of compose, and how they reach each other.

use std::ops::Range;

use super::super::hint::Unclear;
use super::super::image;
use super::super::interpolation::expanded;
use super::super::reach::{Listener, Request, Target};
use super::super::sheet::SourceText;
use super::super::variable::{self, Setting};
use super::super::yaml::insert::{self, Addition};
use super::super::yaml::{Id, Shape};
use super::super::{Problem, server};
use super::service::Service;

/// Judges how others reach a server, which may be told where it listens.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    service: &Service<'_>,
    name: &str,
    settings: &[Setting],
    files: &[Setting],
) {
    let named = |setting: &&Setting| setting.name == "OLLAMA_HOST";
    let host = match settings.iter().find(named) {
        Some(host) => Some((host, true)),
        None => files.iter().rev().find(named).map(|host| (host, false)),
    };
    let context = server::context(settings).or_else(|| server::context(files));
    let all: Vec<Setting> = files.iter().chain(settings).cloned().collect();
    let inner = image::port(&all);
    let text = |key: &str| service.get(key).and_then(|id| service.tree.text(id));
    if text("network_mode") == Some("host") {
        let mode = service.get("network_mode");
        if let Some(mode) = mode {
            on_the_host(sheet, service, mode, host);
        }
        sheet.listens(Listener::here(inner, context));
        return;
    }
    let published = all_published(service);
    if !published.is_empty() {
        image::loopback(sheet, settings);
    }
    ports(sheet, service, inner);
    for (outer, _) in published {
        sheet.listens(Listener::here(outer, context));
    }
    let names = [Some(name), text("container_name"), text("hostname")];
    let names: Vec<String> = names
        .into_iter()
        .flatten()
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    if !names.is_empty() {
        sheet.listens(Listener::named(names, inner, context));
    }
}

/// Its ports of the machine and of the container.
fn all_published(service: &Service<'_>) -> Vec<(Option<u16>, u16)> {
    let ports = service.ports().map(|ports| service.tree.items(ports));
    let all = ports.unwrap_or_default().iter();
    all.filter_map(|port| published(service, *port)).collect()
}

/// One of them, where the machine's can be read.
pub(super) fn published(service: &Service<'_>, port: Id) -> Option<(Option<u16>, u16)> {
    let tree = service.tree;
    let number = |id: Id| tree.text(id).and_then(|text| expanded(text).parse().ok());
    match tree.get(port, "target") {
        Some(target) => {
            let outer = tree.get(port, "published").and_then(number);
            Some((outer, number(target)?))
        }
        None => image::publishes(tree.text(port)?),
    }
}

/// A container in the machine's own network listens where the image says: everywhere.
fn on_the_host(
    sheet: &mut SourceText<'_>,
    service: &Service<'_>,
    mode: Id,
    host: Option<(&Setting, bool)>,
) {
    match host {
        Some((host, here)) => {
            let known = expanded(&host.value);
            if let Some(port) = variable::open(&known) {
                let address = host.value.clone();
                let right = format!("127.0.0.1:{port}");
                let problem = Problem::OpenPort { address };
                // What another file says is put right there.
                match here {
                    // A part of it is filled in elsewhere.
                    true if host.value.contains('$') => {
                        let form = format!("OLLAMA_HOST={right}");
                        sheet.find_with(host.at.clone(), problem, form);
                    }
                    true => {
                        sheet.find(host.at.clone(), problem);
                        host.put(sheet, &right);
                    }
                    false => {
                        let form = format!("OLLAMA_HOST={right}");
                        sheet.find_with(service.tree.range(mode), problem, form);
                    }
                }
            }
        }
        None => {
            let address = format!("0.0.0.0:{}", server::PORT);
            let right = format!("127.0.0.1:{}", server::PORT);
            let form = format!("OLLAMA_HOST={right}");
            sheet.find_with(
                service.tree.range(mode),
                Problem::OpenPort { address },
                form,
            );
            service.add(sheet, "OLLAMA_HOST", &right);
        }
    }
}

/// Judges at which addresses of the machine a server is published that listens at a port.
pub(super) fn ports(sheet: &mut SourceText<'_>, service: &Service<'_>, inner: Option<u16>) {
    let tree = service.tree;
    let Some(ports) = service.ports() else {
        return;
    };
    for port in tree.items(ports).to_vec() {
        let target = tree.get(port, "target").unwrap_or(port);
        let target = tree.text(target).map(expanded).unwrap_or_default();
        let target = target.rsplit(':').next().unwrap_or_default();
        if let Some(inner) = inner.filter(|inner| *inner != server::PORT)
            && target.trim_end_matches("/tcp") == "11434"
        {
            let address = format!(":{}", server::PORT);
            let ports = vec![inner];
            sheet.find_with(tree.range(port), Problem::WrongPort { address, ports }, "");
        }
        let Some(target) = tree.get(port, "target") else {
            if let Shape::Scalar {
                text, inner: at, ..
            } = &tree.node(port).shape
            {
                let target = text.rsplit(':').next().unwrap_or_default();
                if !service.in_swarm() {
                    short(sheet, text, at.clone(), inner);
                } else if image::leads_to_ollama(target, inner) {
                    let address = text.clone();
                    sheet.find_with(at.clone(), Problem::OpenPort { address }, "");
                }
            }
            continue;
        };
        let text = |key: &str| tree.get(port, key).and_then(|id| tree.text(id));
        let ip = text("host_ip").map(|ip| sheet.filled().put_in(ip));
        let ip = ip.as_deref();
        let open = ip.is_none_or(|ip| matches!(ip, "" | "0.0.0.0" | "::"));
        let Some(published) = text("published") else {
            continue;
        };
        let leads = |target| image::leads_to_ollama(target, inner);
        if !tree.text(target).is_some_and(leads) || !open {
            continue;
        }
        let address = format!("{}:{published}", text("host_ip").unwrap_or("0.0.0.0"));
        let Some((key, value)) = tree.entry(port, "published") else {
            continue;
        };
        let at = tree.range(key).start..tree.range(value).end;
        if service.in_swarm() {
            // It takes requests at every address of every machine, and refuses to be told one.
            sheet.find_with(at, Problem::OpenPort { address }, "");
            continue;
        }
        sheet.find(at, Problem::OpenPort { address });
        match tree.get(port, "host_ip") {
            Some(ip) => sheet.replace(tree.range(ip), "127.0.0.1"),
            None => {
                let line = "host_ip: 127.0.0.1".to_owned();
                let more = Addition {
                    block: vec![line.clone()],
                    flow: line,
                };
                insert::insert_behind(sheet, tree, (port, key, value), &more);
            }
        }
    }
}

/// `[ADDRESS:]PORT:PORT`, into which variables may be put.
fn short(sheet: &mut SourceText<'_>, text: &str, at: Range<usize>, inner: Option<u16>) {
    let known = sheet.filled().put_in(text);
    let by_itself = expanded(text);
    match image::is_open(&known, inner) {
        // What another file says is put right there.
        Some(true) if known != by_itself => {
            let address = known;
            sheet.find_with(at, Problem::OpenPort { address }, "");
        }
        Some(false) if known != by_itself => {}
        None => {
            let what = Unclear::Options;
            sheet.find_with(at, Problem::NotUnderstood { what }, "");
        }
        Some(_) => image::published(sheet, text, at, inner),
    }
}

/// A service that uses Ollama from a container of its own.
pub(super) fn client(sheet: &mut SourceText<'_>, service: &Service<'_>, servers: &[&str]) {
    let settings = service.environment(sheet);
    let port = format!(":{}", server::PORT);
    let named = |setting: &&Setting| {
        let of_ollama = setting.name.contains("OLLAMA") || setting.value.contains(&port);
        of_ollama && !setting.name.contains("ORIGIN")
    };
    for setting in &settings {
        variable::models(sheet, setting);
    }
    for setting in settings.iter().filter(named) {
        if let Some(target) = Target::parse(&setting.value, server::PORT)
            && !variable::is_loopback(&setting.value)
        {
            let request = Request {
                target,
                ..Request::default()
            };
            sheet.request(setting.at.clone(), request);
        }
    }
    tunnel(sheet, service);
    let image = service.get("image").and_then(|id| service.tree.text(id));
    if image.is_some_and(|image| image.contains("open-webui")) {
        image::base_url(sheet, settings.iter());
    }
    if service.get("network_mode").is_some() {
        return;
    }
    for setting in settings.iter().filter(named) {
        for own in ["localhost", "127.0.0.1", "0.0.0.0"] {
            let own = format!("{own}{port}");
            if !setting.value.contains(&own) {
                continue;
            }
            let address = setting.value.clone();
            let problem = Problem::TargetAddress { address };
            match servers.first() {
                Some(name) => {
                    sheet.find(setting.at.clone(), problem);
                    let right = setting.value.replace(&own, &format!("{name}{port}"));
                    setting.put(sheet, &right);
                }
                // Ollama runs elsewhere: on the machine, or on another one.
                None => sheet.find_with(setting.at.clone(), problem, ""),
            }
        }
    }
}

/// A service that hands Ollama's port out to whoever knows an address in the Internet.
fn tunnel(sheet: &mut SourceText<'_>, service: &Service<'_>) {
    let tree = service.tree;
    let image = service.get("image").and_then(|image| tree.text(image));
    let Some(program) = image.and_then(image::tunnel) else {
        return;
    };
    let Some(command) = service.get("command") else {
        return;
    };
    let words = match tree.items(command) {
        [] => vec![command],
        items => items.to_vec(),
    };
    let leads = |word: &Id| tree.text(*word).is_some_and(|text| text.contains(":11434"));
    if words.iter().any(leads) {
        let program = program.to_owned();
        sheet.find_with(tree.range(command), Problem::PublicTunnel { program }, "");
    }
}
