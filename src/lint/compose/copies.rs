//! Ports of the machine that two containers would need at once: of two services, or of copies of one.

use std::collections::HashMap;

use super::super::Problem;
use super::super::interpolation::expanded;
use super::super::server::PORT;
use super::super::sheet::SourceText;
use super::super::yaml::Id;
use super::network::published;
use super::service::Service;

/// The ports that services have so far: at which address, and in which line.
pub(super) type Taken = HashMap<u16, Vec<(String, u32)>>;

/// A port of the machine that another service has already; one that is chosen by a profile may stand for the other.
pub(super) fn taken(sheet: &mut SourceText<'_>, service: &Service<'_>, taken: &mut Taken) {
    if service.get("profiles").is_some() || service.descend(&["deploy", "mode"]).is_some() {
        return;
    }
    let Some(ports) = service.get("ports") else {
        return;
    };
    let at = service.tree.range(ports);
    for (address, port) in wanted(service) {
        let line = sheet.number(at.start);
        let all = taken.entry(port).or_default();
        // Every address of a machine has its own ports.
        let meets = |other: &str| [other, &*address].contains(&"") || other == address;
        match all.iter().find(|(other, _)| meets(other)) {
            Some((_, taken_at)) => {
                let taken_at = *taken_at;
                sheet.find_with(at.clone(), Problem::PortTaken { port, taken_at }, "");
            }
            None => all.push((address, line)),
        }
    }
}

/// Copies of a service that all want the same port of one machine; a swarm hands requests at one port to all of them.
pub(super) fn lint(sheet: &mut SourceText<'_>, service: &Service<'_>) {
    let several = |keys: &[&str]| {
        let copies = service.tree.text(service.descend(keys)?)?;
        let copies: u32 = expanded(copies).parse().ok()?;
        (copies > 1).then_some(copies)
    };
    let copies = several(&["deploy", "replicas"]).filter(|_| !service.in_swarm());
    let Some(copies) = copies.or_else(|| several(&["scale"])) else {
        return;
    };
    let Some(ports) = service.get("ports") else {
        return;
    };
    for (_, port) in wanted(service) {
        let at = service.tree.range(ports);
        sheet.find_with(at, Problem::CopiesAtPort { port, copies }, "");
    }
}

/// The fixed ports of the machine that lead to Ollama, each with its address; none is every one of them.
fn wanted(service: &Service<'_>) -> Vec<(String, u16)> {
    let tree = service.tree;
    let all = service.get("ports").map(|id| tree.items(id).to_vec());
    let all = all.unwrap_or_default();
    let address = |port: &Id| {
        let text = match tree.get(*port, "target") {
            Some(_) => tree.get(*port, "host_ip").and_then(|ip| tree.text(ip)),
            None => {
                let mut parts = tree.text(*port)?.rsplitn(3, ':');
                parts.nth(2)
            }
        };
        Some(text.unwrap_or_default().to_owned())
    };
    let of = |port: &Id| {
        let (outer, inner) = published(service, *port)?;
        let address = address(port)?;
        let any = matches!(&*address, "0.0.0.0" | "[::]" | "::" | "*");
        let address = if any { String::new() } else { address };
        Some((address, outer.filter(|_| inner == PORT)?))
    };
    all.iter().filter_map(of).collect()
}
