//! Pieces in a language that is not read, which may set Ollama up or ask it all the same.

use std::ops::Range;

use super::hint::Unclear;
use super::sheet::SourceText;
use super::{Problem, tag, variable};

/// Options of a model that Ollama reads in `options` alone.
const OPTIONS: [&str; 5] = ["num_ctx", "num_gpu", "num_batch", "num_thread", "main_gpu"];

/// Gateways that are not checked.
const GATEWAYS: [&str; 8] = [
    "apache",
    "apacheconf",
    "caddy",
    "caddyfile",
    "haproxy",
    "httpd",
    "lua",
    "traefik",
];

/// Says that a piece was not checked, if it sets Ollama up; judges the tags that it names.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>, language: &str) {
    let text = sheet.text.get(region.clone()).unwrap_or_default();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let sets = |word: &str| {
        word.starts_with("OLLAMA_")
            && (variable::is_servers(word) || word == "OLLAMA_HOST" || variable::is_misnamed(word))
    };
    let mut words = text.split(|c| !is_word(c));
    let sets = words.any(sets) || text.contains("ollama serve");
    let opens = GATEWAYS.contains(&language) && text.contains(":11434");
    if sets || opens || strays(text) {
        let what = Unclear::Block;
        let start = region.start;
        sheet.find_with(start..start, Problem::NotUnderstood { what }, "");
    }
    tag::cells(sheet, region);
}

/// Whether a request may have an option where Ollama does not read it: outside of `options`.
pub(super) fn strays(text: &str) -> bool {
    let option = OPTIONS.iter().filter_map(|option| text.find(option)).min();
    option.is_some_and(|at| {
        let before = text.get(..at).unwrap_or_default();
        !before.contains("options")
    })
}
