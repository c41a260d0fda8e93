//! Gateways that read from a service's own labels and variables which names of the Internet lead to it.

use std::collections::HashMap;
use std::ops::Range;

use super::super::Problem;
use super::super::sheet::SourceText;
use super::super::variable::Setting;
use super::super::yaml::Shape;
use super::service::Service;
use super::stripped;

/// A label as name, value and place.
pub(super) type Label = (String, String, Range<usize>);

/// Judges whether a gateway hands a server on without asking who comes.
pub(super) fn lint(sheet: &mut SourceText<'_>, service: &Service<'_>, settings: &[Setting]) {
    let labels = labels(service);
    traefik(sheet, &labels);
    caddy(sheet, &labels);
    stripped::traefik(sheet, &labels);
    stripped::caddy(sheet, &labels);
    // nginx-proxy asks for a password only where a file of its own says so.
    if let Some(host) = settings.iter().find(|one| one.name == "VIRTUAL_HOST") {
        let address = host.value.clone();
        sheet.find_with(host.at.clone(), Problem::OpenPort { address }, "");
    }
}

/// A router of Traefik without a middleware that asks.
fn traefik(sheet: &mut SourceText<'_>, labels: &[Label]) {
    let off = |(name, value, _): &Label| name == "traefik.enable" && value == "false";
    if labels.iter().any(off) {
        return;
    }
    let named = labels.iter().map(|(name, value, _)| (name.as_str(), value));
    let values: HashMap<&str, &String> = named.collect();
    for (name, rule, at) in labels {
        let kinds = ["traefik.http.routers.", "traefik.tcp.routers."];
        let router = kinds.iter().find(|kind| name.starts_with(**kind));
        let Some(router) = router.and_then(|_| name.strip_suffix(".rule")) else {
            continue;
        };
        let guards = values.get(format!("{router}.middlewares").as_str());
        if !guards.is_some_and(|guards| guards.split(',').any(asks)) {
            let host = rule.split('`').nth(1).unwrap_or(rule);
            let address = host.to_owned();
            sheet.find_with(at.clone(), Problem::OpenPort { address }, "");
        }
    }
}

/// Whether a middleware may ask who comes; what only changes a request says so in its name.
pub(in crate::lint) fn asks(middleware: &str) -> bool {
    const CHANGE: [&str; 12] = [
        "redirect", "strip", "prefix", "compress", "gzip", "header", "buffer", "rate", "limit",
        "retry", "https", "cors",
    ];
    let name = middleware.to_lowercase();
    let guards = ["auth", "allow", "white", "sso", "login"];
    guards.iter().any(|word| name.contains(word)) || !CHANGE.iter().any(|word| name.contains(word))
}

/// A site of caddy-docker-proxy without a password.
fn caddy(sheet: &mut SourceText<'_>, labels: &[Label]) {
    let is_site = |name: &str| {
        let rest = name.strip_prefix("caddy");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_') && !rest.contains('.'))
    };
    let guards = ["auth", "remote_ip", "client_ip"];
    let asked = |(name, ..): &Label| {
        name.starts_with("caddy") && guards.iter().any(|word| name.contains(word))
    };
    if labels.iter().any(asked) {
        return;
    }
    let proxies = |(name, ..): &Label| name.contains("reverse_proxy");
    for (_, site, at) in labels.iter().filter(|(name, ..)| is_site(name)) {
        if labels.iter().any(proxies) {
            let address = site.clone();
            sheet.find_with(at.clone(), Problem::OpenPort { address }, "");
        }
    }
}

/// `NAME: value` and `- NAME=value`, of the service or of its tasks in a swarm.
fn labels(service: &Service<'_>) -> Vec<Label> {
    let tree = service.tree;
    let lists = [&["labels"][..], &["deploy", "labels"]];
    let mut all = Vec::new();
    for list in lists.iter().filter_map(|keys| service.descend(keys)) {
        for item in tree.items(list) {
            if let Some((name, value)) = tree.text(*item).and_then(|text| text.split_once('=')) {
                all.push((name.to_owned(), value.to_owned(), tree.range(*item)));
            }
        }
        if matches!(tree.node(list).shape, Shape::Map { .. }) {
            for (key, value) in tree.pairs(list) {
                let text = |id| tree.text(id).unwrap_or_default().to_owned();
                let at = tree.range(key).start..tree.range(value).end;
                all.push((text(key), text(value), at));
            }
        }
    }
    all
}
