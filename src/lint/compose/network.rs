//! Who reaches the services of compose, and how they reach each other.

use super::super::image;
use super::super::sheet::SourceText;
use super::super::variable::{self, Setting};
use super::super::yaml::insert::{self, Addition};
use super::super::yaml::{Id, Shape};
use super::super::{Problem, server};
use super::service::Service;

/// Judges how others reach a server, which may be told where it listens.
pub(super) fn lint(sheet: &mut SourceText<'_>, service: &Service<'_>, host: Option<&Setting>) {
    let mode = service.get("network_mode");
    match mode.filter(|mode| service.tree.text(*mode) == Some("host")) {
        Some(mode) => on_the_host(sheet, service, mode, host),
        None => ports(sheet, service),
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
            service.add(sheet, "OLLAMA_HOST", &right);
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

/// A service that uses Ollama from a container of its own.
pub(super) fn client(sheet: &mut SourceText<'_>, service: &Service<'_>, servers: &[&str]) {
    let Some(name) = servers.first() else { return };
    if service.get("network_mode").is_some() {
        return;
    }
    for setting in service
        .environment(sheet)
        .iter()
        .filter(|setting| setting.name.contains("OLLAMA") && !setting.name.contains("ORIGIN"))
    {
        for own in ["localhost:11434", "127.0.0.1:11434", "0.0.0.0:11434"] {
            if setting.value.contains(own) {
                let address = setting.value.clone();
                sheet.find(setting.at.clone(), Problem::TargetAddress { address });
                setting.put(sheet, &setting.value.replace(own, &format!("{name}:11434")));
            }
        }
    }
}
