//! The path of a request that arrives at Ollama.

use super::super::Problem;
use super::super::gateway::{own_part, path_below};
use super::super::hint::Gateway;
use super::super::sheet::SourceText;
use super::parse::Directive;
use super::{Names, Scope};

/// A `proxy_pass` with the location around it.
struct Route<'d> {
    pass: &'d Directive,
    /// Whether the location is one path, and none below it.
    exact: bool,
    /// Path of the location.
    prefix: &'d str,
    /// Scheme, host and port that it passes requests to.
    server: String,
    /// What stands behind the server, if anything does.
    uri: Option<&'d str>,
}

impl<'d> Route<'d> {
    /// None where nginx replaces no prefix: by an expression, a name, a variable, or once the path was rewritten.
    fn new(pass: &'d Directive, here: &Scope<'d>) -> Option<Self> {
        let mut scope = Some(here);
        let mut location = None;
        let rewrites = |one: &Directive| one.name() == "rewrite";
        while let Some(now) = scope.filter(|_| location.is_none()) {
            let mut inside = now.directives.iter();
            if inside
                .any(|one| rewrites(one) || one.name() == "if" && one.all("rewrite").count() > 0)
            {
                return None;
            }
            location = (now.name == "location").then_some(now.arguments);
            scope = now.around;
        }
        let (exact, prefix) = match location? {
            [prefix] => (false, prefix),
            [modifier, prefix] if modifier == "^~" => (false, prefix),
            [modifier, prefix] if modifier == "=" => (true, prefix),
            _ => return None,
        };
        let target = pass.argument();
        if prefix.trim_matches('/').is_empty() || prefix.starts_with('@') || target.contains('$') {
            return None;
        }
        let (scheme, rest) = target.split_once("://").unwrap_or(("http", target));
        let (host, uri) = match rest.find('/') {
            Some(at) => (&rest[..at], Some(&rest[at..])),
            None => (rest, None),
        };
        Some(Self {
            pass,
            exact,
            prefix,
            server: format!("{scheme}://{host}"),
            uri,
        })
    }
}

/// Whether what is asked of a gateway arrives as a path that Ollama has.
pub(super) fn lint(sheet: &mut SourceText<'_>, pass: &Directive, here: &Scope<'_>, names: &Names) {
    let Some(route) = Route::new(pass, here) else {
        return;
    };
    match route.uri {
        None => kept(sheet, &route),
        Some(uri) => replaced(sheet, &route, uri, names),
    }
}

/// A path of the gateway that Ollama is asked for, though it has none such: without a path of its own, `proxy_pass` keeps that of the request.
fn kept(sheet: &mut SourceText<'_>, route: &Route<'_>) {
    let (prefix, server) = (route.prefix, &route.server);
    let ours = ["/api", "/v1"].iter().any(|own| prefix.starts_with(own));
    if ours || route.exact {
        return;
    }
    let form = format!(
        "location {}/ {{ proxy_pass {server}/; }}",
        prefix.trim_end_matches('/')
    );
    let problem = Problem::KeptPrefix {
        gateway: Gateway::Nginx,
        prefix: prefix.to_owned(),
    };
    sheet.find_with(route.pass.at.clone(), problem, form);
}

/// A path of Ollama's that is taken away or run together: what stands behind the server takes the place of the location's path.
fn replaced(sheet: &mut SourceText<'_>, route: &Route<'_>, uri: &str, names: &Names) {
    let prefix = route.prefix;
    // Another program has paths of its own, and a rewritten path may have one prefix more.
    let rewritten = names.rewritten.iter().any(|to| to.starts_with(prefix));
    if rewritten || names.is_another(route.pass.argument()) {
        return;
    }
    let root = |path: &str| matches!(path.trim_end_matches('/'), "/api" | "/v1");
    // Below a path of its own a gateway may well have an `/api/` that is not Ollama's.
    let own = own_part(prefix).filter(|own| own.len() == prefix.len() || own.starts_with("/v1"));
    let rooted = own.is_none_or(root);
    let glues = prefix.ends_with('/') != uri.ends_with('/') && !route.exact && rooted;
    let strips = uri == "/" && own.is_some() && !(route.exact && rooted);
    if !strips && !(glues && (uri == "/" || root(uri))) {
        return;
    }
    let below = path_below(own.unwrap_or(uri));
    let asked = format!("{}{below}", prefix.trim_end_matches('/'));
    let arrives = format!("{uri}{}", asked.get(prefix.len()..).unwrap_or_default());
    let problem = Problem::ReplacedPrefix {
        gateway: Gateway::Nginx,
        prefix: prefix.to_owned(),
        uri: uri.to_owned(),
        asked,
        arrives,
    };
    let at = route.pass.at.clone();
    let Some(own) = own else {
        let (prefix, uri) = (prefix.trim_end_matches('/'), uri.trim_end_matches('/'));
        let form = format!(
            "location {prefix}/ {{ proxy_pass {}{uri}/; }}",
            route.server
        );
        return sheet.find_with(at, problem, form);
    };
    let written = sheet.text.get(at.clone()).unwrap_or_default();
    let target = route.pass.argument();
    let start = written.rfind(target).map(|start| at.start + start);
    sheet.find(at, problem);
    if let Some(start) = start {
        let end = start + target.len();
        let right = if own.len() == prefix.len() { "" } else { own };
        sheet.advise(end - uri.len()..end, right);
    }
}
