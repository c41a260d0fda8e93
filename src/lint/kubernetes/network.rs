//! Who reaches Ollama from outside of its cluster.

use super::super::Problem;
use super::super::reach::Listener;
use super::super::sheet::SourceText;
use super::super::yaml::{Id, Tree};

/// The name and the ports of a service in front of Ollama.
fn listens(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let text = |id: Id| tree.text(id).map(str::to_owned);
    let name = tree.below(root, &["metadata", "name"]).and_then(text);
    let ports = tree.below(root, &["spec", "ports"]);
    let ports = ports.map(|id| tree.items(id).to_vec()).unwrap_or_default();
    let is = |port: &Id, key: &str| tree.get(*port, key).and_then(text);
    let ours = ports.iter().any(|port| {
        ["port", "targetPort"]
            .iter()
            .any(|key| is(port, key).as_deref() == Some("11434"))
    });
    if let Some(name) = name.filter(|_| ours) {
        sheet.judges();
        let ports = ports
            .iter()
            .filter_map(|port| is(port, "port")?.parse().ok());
        sheet.listens(Listener {
            names: vec![name],
            ports: ports.collect(),
            context: None,
            gateway: false,
        });
    }
}

/// A service that hands the port out of the cluster.
pub(super) fn exposed(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    listens(sheet, tree, root);
    let ports = tree.below(root, &["spec", "ports"]);
    let ours = ports.is_some_and(|ports| {
        tree.items(ports).iter().any(|port| {
            ["port", "targetPort"].iter().any(|key| {
                let number = tree.get(*port, key).and_then(|id| tree.text(id));
                number == Some("11434")
            })
        })
    });
    let addresses = tree.below(root, &["spec", "externalIPs"]);
    for address in addresses
        .map(|id| tree.items(id).to_vec())
        .unwrap_or_default()
    {
        if let Some(text) = tree.text(address).filter(|_| ours) {
            let text = text.to_owned();
            sheet.find_with(tree.at(address), Problem::OpenPort { address: text }, "");
        }
    }
    let Some(kind) = tree.below(root, &["spec", "type"]) else {
        return;
    };
    if let Some(text @ ("LoadBalancer" | "NodePort")) = tree.text(kind).filter(|_| ours) {
        let address = text.to_owned();
        sheet.find(tree.at(kind), Problem::OpenPort { address });
        sheet.replace(tree.at(kind), "ClusterIP");
    }
}

/// An address outside of the cluster that leads to Ollama without asking who comes.
pub(super) fn routed(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let asks = tree.below(root, &["metadata", "annotations"]).map(|id| {
        let keys = tree.pairs(id);
        let words = ["auth", "middlewares", "whitelist", "allowlist"];
        keys.iter()
            .filter_map(|(key, _)| tree.text(*key))
            .any(|key| words.iter().any(|word| key.contains(word)))
    });
    if asks == Some(true) {
        return;
    }
    let rules = tree.below(root, &["spec", "rules"]);
    for rule in rules.map(|id| tree.items(id).to_vec()).unwrap_or_default() {
        let host = tree.get(rule, "host").and_then(|host| tree.text(host));
        let address = host.unwrap_or("*").to_owned();
        let paths = tree.below(rule, &["http", "paths"]);
        for path in paths.map(|id| tree.items(id).to_vec()).unwrap_or_default() {
            let Some(service) = tree.below(path, &["backend", "service"]) else {
                continue;
            };
            let is = |keys: &[&str], what: &str| {
                let found = tree.below(service, keys).and_then(|id| tree.text(id));
                found.is_some_and(|found| found.contains(what))
            };
            if is(&["port", "number"], "11434") || is(&["name"], "ollama") && !is(&["name"], "ui") {
                let address = address.clone();
                sheet.find_with(tree.at(service), Problem::OpenPort { address }, "");
            }
        }
    }
}
