//! What gateways that are told by labels make of the path of a request before it reaches the service.

use std::collections::HashMap;

use super::super::gateway::{judge, stripped};
use super::super::hint::Gateway;
use super::super::sheet::SourceText;
use super::routes::Label;

/// Where Traefik's labels name what lies between a router and its service.
const MIDDLEWARES: &str = "traefik.http.middlewares.";

/// Paths of a rule, and middlewares of a router, that are followed; an honest one has a few.
const MOST: usize = 20;
/// Longest path that is followed.
const LONGEST_PATH: usize = 4000;
/// Longest list of middlewares that is shown again.
const LONGEST: usize = 200;

/// Labels of Traefik by their names, and those of each middleware.
struct Index<'l> {
    by_name: HashMap<&'l str, &'l Label>,
    middlewares: HashMap<&'l str, Vec<(&'l str, &'l Label)>>,
}

impl<'l> Index<'l> {
    fn new(labels: &'l [Label]) -> Self {
        let mut middlewares: HashMap<&str, Vec<_>> = HashMap::new();
        for label in labels {
            let own = label.0.strip_prefix(MIDDLEWARES);
            if let Some((name, key)) = own.and_then(|own| own.split_once('.')) {
                middlewares.entry(name).or_default().push((key, label));
            }
        }
        Self {
            by_name: labels.iter().map(|one| (one.0.as_str(), one)).collect(),
            middlewares,
        }
    }
}

/// Judges each path of a router of Traefik, with the middlewares that a request for it goes through.
pub(super) fn traefik(sheet: &mut SourceText<'_>, labels: &[Label]) {
    let index = Index::new(labels);
    for rule in labels {
        let router = rule.0.strip_prefix("traefik.http.routers.");
        let Some(router) = router.and_then(|rest| rest.strip_suffix(".rule")) else {
            continue;
        };
        let guards = format!("traefik.http.routers.{router}.middlewares");
        let guards = index.by_name.get(guards.as_str());
        let guards = guards.map_or("", |(_, value, _)| value.as_str());
        for prefix in prefixes(&rule.1) {
            let arrives = |path: &str| Some(pass_middlewares(path, guards, &index)?.0);
            if let Some(problem) = judge(Gateway::Traefik, prefix, arrives) {
                let by = pass_middlewares(prefix, guards, &index).and_then(|(_, by)| by);
                let form = match by {
                    None if guards.len() < LONGEST => with_strip(router, prefix, guards),
                    _ => String::new(),
                };
                sheet.find_with(by.unwrap_or(rule).2.clone(), problem, form);
            }
        }
    }
}

/// The labels with which Traefik takes a path away.
fn with_strip(router: &str, prefix: &str, guards: &str) -> String {
    let guards = match guards {
        "" => String::new(),
        guards => format!("{guards},"),
    };
    format!(
        "traefik.http.routers.{router}.middlewares={guards}{router}-strip\n{MIDDLEWARES}{router}-strip.stripprefix.prefixes={prefix}"
    )
}

/// The paths of `` PathPrefix(`/a`) ``, each that a rule asks for.
fn prefixes(rule: &str) -> Vec<&str> {
    let mut parts = rule.split("PathPrefix(");
    let mut before = parts.next().unwrap_or_default();
    let mut all = Vec::new();
    for part in parts {
        let inside = part.split(')').next().unwrap_or_default();
        if !before.trim_end().ends_with('!') {
            let paths = inside.split('`').skip(1).step_by(2);
            all.extend(paths.filter(|path| is_literal(path)));
        }
        before = part;
    }
    all.truncate(MOST);
    all
}

/// Whether it is a path of one form, and not the root of all.
fn is_literal(path: &str) -> bool {
    path.starts_with('/') && path.len() > 1 && !path.contains(['{', '(', '*', '$'])
}

/// What a path is behind the middlewares, and which of them changed it; none where that cannot be told.
fn pass_middlewares<'l>(
    path: &str,
    guards: &str,
    index: &Index<'l>,
) -> Option<(String, Option<&'l Label>)> {
    let mut path = path.to_owned();
    let mut by = None;
    let guards = guards.split(',').map(str::trim);
    for guard in guards.filter(|one| !one.is_empty()).take(MOST) {
        let name = guard.strip_suffix("@docker").unwrap_or(guard);
        let Some(own) = index.middlewares.get(name) else {
            if keeps_path(guard) {
                continue;
            }
            return None;
        };
        for (key, label) in own.iter().take(MOST) {
            let key = key.to_ascii_lowercase();
            let kind = key.split('.').next().unwrap_or_default();
            let changed = match (kind, key.as_str()) {
                (_, "stripprefix.prefixes") => stripped(&path, &label.1),
                (_, "addprefix.prefix") => Some(format!("{}{path}", label.1.trim_end_matches('/'))),
                (_, "replacepath.path") => Some(label.1.clone()),
                ("stripprefixregex" | "replacepathregex" | "chain" | "plugin", _) => return None,
                _ => None,
            };
            if let Some(changed) = changed {
                if changed.len() > LONGEST_PATH {
                    return None;
                }
                path = changed;
                by = Some(*label);
            }
        }
    }
    Some((path, by))
}

/// Whether a middleware of another place leaves the path alone, by what it is called.
fn keeps_path(name: &str) -> bool {
    const OTHERS: [&str; 14] = [
        "allow", "auth", "buffer", "compress", "cors", "gzip", "header", "https", "limit", "login",
        "rate", "redirect", "sso", "white",
    ];
    const PATHS: [&str; 5] = ["chain", "path", "prefix", "rewrite", "strip"];
    let name = name.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    has(&OTHERS) && !has(&PATHS)
}

/// Judges the paths of a site of caddy-docker-proxy.
pub(super) fn caddy(sheet: &mut SourceText<'_>, labels: &[Label]) {
    let ours: Vec<(&str, &Label)> = labels
        .iter()
        .filter(|(name, ..)| name.starts_with("caddy"))
        .map(|label| (directive(&label.0), label))
        .collect();
    let is = |what: &str| ours.iter().any(|(name, _)| *name == what);
    // What else changes the path is not followed.
    if is("rewrite") || is("replace") || is("path_regexp") {
        return;
    }
    let strips = is("handle_path") || is("uri") || is("strip_prefix");
    for (name, (_, value, at)) in &ours {
        let words: Vec<&str> = value.split_whitespace().collect();
        let (path, takes) = match (*name, words.as_slice()) {
            ("handle_path", [path, ..]) => (*path, true),
            ("uri", ["strip_prefix", path]) | ("uri", [_, "strip_prefix", path]) => (*path, true),
            ("strip_prefix", [path]) => (*path, true),
            ("handle" | "route" | "reverse_proxy", [path, ..]) if !strips => (*path, false),
            _ => continue,
        };
        let prefix = path.trim_end_matches('*').trim_end_matches('/');
        if !is_literal(prefix) || !takes && !path.ends_with('*') {
            continue;
        }
        let arrives = |path: &str| match takes {
            true => stripped(path, prefix),
            false => Some(path.to_owned()),
        };
        if let Some(problem) = judge(Gateway::Caddy, prefix, arrives) {
            sheet.find_with(at.clone(), problem, "");
        }
    }
}

/// The directive that a label stands for: `caddy_1.handle_path.0_reverse_proxy` for `reverse_proxy`.
fn directive(label: &str) -> &str {
    let last = label.rsplit('.').next().unwrap_or(label);
    match last.split_once('_') {
        Some((number, name)) if number.parse::<u32>().is_ok() => name,
        _ => last,
    }
}
