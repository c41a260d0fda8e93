//! Who reaches Ollama from outside of its cluster.

use super::super::Problem;
use super::super::compose::asks;
use super::super::reach::Listener;
use super::super::sheet::SourceText;
use super::super::yaml::{Id, Tree};
use super::rewrite;

/// The name and the ports of a service in front of Ollama.
fn listens(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let text = |id: Id| tree.text(id).map(str::to_owned);
    let name = tree.descend(root, &["metadata", "name"]).and_then(text);
    let ports = tree.descend(root, &["spec", "ports"]);
    let ports = ports.map(|id| tree.items(id).to_vec()).unwrap_or_default();
    let is = |port: &Id, key: &str| tree.get(*port, key).and_then(text);
    if let Some(name) = name.filter(|_| leads(tree, root)) {
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

/// Whether a service leads to Ollama: by its port, or by what it is called where the port has a name.
fn leads(tree: &Tree, root: Id) -> bool {
    let text = |of: Id, key: &str| tree.get(of, key).and_then(|id| tree.text(id));
    let name = tree.descend(root, &["metadata", "name"]);
    let selector = tree.descend(root, &["spec", "selector"]);
    let labels = selector.map(|id| tree.pairs(id)).unwrap_or_default();
    let mut names = labels.into_iter().map(|(_, value)| value).chain(name);
    let called = names.any(|id| tree.text(id) == Some("ollama"));
    let ports = tree.descend(root, &["spec", "ports"]);
    let ports = ports.map(|id| tree.items(id)).unwrap_or_default();
    ports.iter().any(|port| {
        let target = text(*port, "targetPort");
        let named = target.is_some_and(|target| target.parse::<u16>().is_err());
        let numbered = [target, text(*port, "port")].contains(&Some("11434"));
        numbered || named && called
    })
}

/// Whether a balancer takes requests of some addresses only.
fn fenced(tree: &Tree, root: Id) -> bool {
    let ranges = tree.descend(root, &["spec", "loadBalancerSourceRanges"]);
    let ranges = ranges.map(|id| tree.items(id)).unwrap_or_default();
    let any = |id: &Id| matches!(tree.text(*id), Some("0.0.0.0/0" | "::/0"));
    !ranges.is_empty() && !ranges.iter().any(any)
}

/// A service that hands the port out of the cluster.
pub(super) fn exposed(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    listens(sheet, tree, root);
    let ours = leads(tree, root);
    let addresses = tree.descend(root, &["spec", "externalIPs"]);
    for address in addresses
        .map(|id| tree.items(id).to_vec())
        .unwrap_or_default()
    {
        if let Some(text) = tree.text(address).filter(|_| ours) {
            let text = text.to_owned();
            sheet.find_with(tree.range(address), Problem::OpenPort { address: text }, "");
        }
    }
    let Some(kind) = tree.descend(root, &["spec", "type"]) else {
        return;
    };
    if let Some(text @ ("LoadBalancer" | "NodePort")) = tree.text(kind).filter(|_| ours)
        && !(text == "LoadBalancer" && fenced(tree, root))
    {
        let address = text.to_owned();
        let problem = Problem::OpenPort { address };
        if let Some(key) = bound(tree, root) {
            let form = format!("type: ClusterIP # without {key}");
            sheet.find_with(tree.range(kind), problem, &form);
        } else {
            sheet.find(tree.range(kind), problem);
            sheet.replace(tree.range(kind), "ClusterIP");
        }
    }
}

/// What a service says that the API takes with its present type alone.
fn bound(tree: &Tree, root: Id) -> Option<&'static str> {
    const KEYS: [&str; 7] = [
        "allocateLoadBalancerNodePorts",
        "externalTrafficPolicy",
        "healthCheckNodePort",
        "loadBalancerClass",
        "loadBalancerIP",
        "loadBalancerSourceRanges",
        "nodePort",
    ];
    let spec = tree.get(root, "spec");
    let ports = spec.and_then(|spec| tree.get(spec, "ports"));
    let ports = ports.map(|ports| tree.items(ports)).unwrap_or_default();
    let maps: Vec<Id> = spec.into_iter().chain(ports.iter().copied()).collect();
    let is_said = |key: &&str| maps.iter().any(|map| tree.get(*map, key).is_some());
    KEYS.into_iter().find(is_said)
}

/// An address outside of the cluster that leads to Ollama without asking who comes.
pub(super) fn routed(sheet: &mut SourceText<'_>, tree: &Tree, root: Id) {
    let asked = tree.descend(root, &["metadata", "annotations"]).map(|id| {
        let keys = tree.pairs(id);
        let words = ["auth", "whitelist", "allowlist"];
        keys.iter().any(|(key, value)| {
            let key = tree.text(*key).unwrap_or_default();
            let value = tree.text(*value).unwrap_or_default();
            let guards = key.contains("middlewares") && value.split(',').any(asks);
            guards || words.iter().any(|word| key.contains(word))
        })
    });
    let rules = tree.descend(root, &["spec", "rules"]);
    for rule in rules.map(|id| tree.items(id).to_vec()).unwrap_or_default() {
        let host = tree.get(rule, "host").and_then(|host| tree.text(host));
        let address = host.unwrap_or("*").to_owned();
        let paths = tree.descend(rule, &["http", "paths"]);
        for path in paths.map(|id| tree.items(id).to_vec()).unwrap_or_default() {
            let Some(service) = tree.descend(path, &["backend", "service"]) else {
                continue;
            };
            let is = |keys: &[&str], what: &str| {
                let found = tree.descend(service, keys).and_then(|id| tree.text(id));
                found.is_some_and(|found| found.contains(what))
            };
            if is(&["port", "number"], "11434") || is(&["name"], "ollama") && !is(&["name"], "ui") {
                sheet.judges();
                if is(&["port", "number"], "11434") {
                    rewrite::lint(sheet, tree, root, path);
                }
                if asked == Some(true) {
                    continue;
                }
                let address = address.clone();
                sheet.find_with(tree.range(service), Problem::OpenPort { address }, "");
            }
        }
    }
}
