//! Which path of a gateway arrives at Ollama.

use super::Problem;
use super::hint::Gateway;

/// What Ollama has below its two roots, the longer before what they end in.
const PATHS: [&str; 20] = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/messages",
    "/v1/models",
    "/v1/responses",
    "/api/chat",
    "/api/copy",
    "/api/create",
    "/api/delete",
    "/api/embed",
    "/api/embeddings",
    "/api/generate",
    "/api/ps",
    "/api/pull",
    "/api/show",
    "/api/tags",
    "/api/version",
    "/api",
    "/v1",
];

/// The end of a path that is one of Ollama's, with the slash behind it.
pub(super) fn own_part(path: &str) -> Option<&str> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    let own = PATHS.iter().find(|own| bare.ends_with(**own))?;
    path.get(bare.len() - own.len()..)
}

/// What a client asks for below a path that ends like one of Ollama's, or below one of the gateway's own.
pub(super) fn path_below(path: &str) -> &'static str {
    match path.trim_end_matches('/') {
        "/api" => "/chat",
        "/v1" => "/chat/completions",
        "" => "/api/chat",
        _ => "",
    }
}

/// Paths that clients may ask a gateway for, where it hands on what begins with a prefix; the likeliest first.
fn asked(prefix: &str) -> Vec<String> {
    let bare = prefix.trim_end_matches('/');
    let ends = match own_part(bare) {
        Some(own) => vec![path_below(own)],
        None => vec![path_below(""), path_below("/api"), path_below("/v1"), ""],
    };
    ends.into_iter().map(|end| format!("{bare}{end}")).collect()
}

/// What is wrong where a gateway changes what begins with a prefix: nothing if a path arrives that Ollama has, or if what arrives is not known.
pub(super) fn judge(
    gateway: Gateway,
    prefix: &str,
    arrives: impl Fn(&str) -> Option<String>,
) -> Option<Problem> {
    let asked = asked(prefix);
    let all: Option<Vec<String>> = asked.iter().map(|path| arrives(path)).collect();
    let all = all?;
    if all.iter().any(|path| PATHS.contains(&path.as_str())) {
        return None;
    }
    let (asked, arrives) = (asked.into_iter().next()?, all.into_iter().next()?);
    let prefix = prefix.to_owned();
    Some(match asked == arrives {
        true => Problem::KeptPrefix { gateway, prefix },
        false => Problem::ReplacedPrefix {
            gateway,
            uri: match arrives.as_str() {
                "/" => arrives.clone(),
                _ => String::new(),
            },
            prefix,
            asked,
            arrives,
        },
    })
}

/// A path without one of the prefixes that a gateway takes away, as it goes on: with a slash before it.
pub(super) fn stripped(path: &str, prefixes: &str) -> Option<String> {
    let without = |prefix: &str| path.strip_prefix(prefix.trim());
    let rest = prefixes.split(',').find_map(without)?;
    Some(format!("/{}", rest.trim_start_matches('/')))
}
