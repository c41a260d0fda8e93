//! Which path of an ingress arrives at Ollama.

use super::super::gateway::judge;
use super::super::hint::Gateway;
use super::super::sheet::SourceText;
use super::super::yaml::{Id, Tree};

/// What ingress-nginx puts in the place of a path; its expressions have `$1` for what they caught.
const TARGET: &str = "nginx.ingress.kubernetes.io/rewrite-target";
/// What the annotations of other controllers have in their names that change a path.
const CHANGES: [&str; 8] = [
    "middlewares",
    "path-prefix",
    "replace",
    "rewrite",
    "snippet",
    "strip",
    "transform",
    "konghq.com/",
];

/// Judges one path of an ingress that leads to Ollama.
pub(super) fn lint(sheet: &mut SourceText<'_>, tree: &Tree, root: Id, path: Id) {
    let text = |key: &str| tree.get(path, key).and_then(|id| tree.text(id));
    let (Some(route), Some(place)) = (text("path"), tree.get(path, "path")) else {
        return;
    };
    let annotations = tree.descend(root, &["metadata", "annotations"]);
    let pairs = annotations.map(|id| tree.pairs(id)).unwrap_or_default();
    let named = |key: Id, what: &str| tree.text(key).is_some_and(|key| key.contains(what));
    let target = pairs
        .iter()
        .find(|(key, _)| tree.text(*key) == Some(TARGET));
    let mut others = pairs
        .iter()
        .filter(|(key, _)| tree.text(*key) != Some(TARGET));
    if others.any(|(key, _)| CHANGES.iter().any(|what| named(*key, what))) {
        return;
    }
    let literal = route
        .split(['(', '[', '*', '.', '?', '$', '{', '\\'])
        .next();
    let literal = literal.unwrap_or_default().trim_end_matches('.');
    let prefix = literal.trim_end_matches('/');
    if prefix.is_empty() || text("pathType") == Some("Exact") {
        return;
    }
    let (written, at) = match target {
        Some((key, value)) => (
            tree.text(*value).unwrap_or_default(),
            tree.range(*key).start..tree.range(*value).end,
        ),
        None => ("", tree.range(place)),
    };
    let arrives = |path: &str| rewritten(path, route, literal, written);
    if let Some(problem) = judge(Gateway::Ingress, prefix, arrives) {
        sheet.find_with(at, problem, "");
    }
}

/// The path that a request arrives as, where that can be told.
fn rewritten(asked: &str, route: &str, literal: &str, target: &str) -> Option<String> {
    // The controller leaves alone what would become the same.
    if target.is_empty() || target == route {
        return Some(asked.to_owned());
    }
    let caught = route.matches('(').count();
    let Some((before, group)) = target.split_once('$') else {
        return Some(target.to_owned());
    };
    let group: usize = group.parse().ok()?;
    if group > caught {
        return Some(before.to_owned());
    }
    // The last group holds what stands behind the path.
    let rest = asked.get(literal.len().min(asked.len())..)?;
    let rest = match before.ends_with('/') || literal.ends_with('/') {
        true => rest.trim_start_matches('/'),
        false => rest,
    };
    (group == caught).then(|| format!("{before}{rest}"))
}
