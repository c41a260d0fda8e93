//! Files that start another engine than Ollama.

use super::hint::Unclear;

/// What starts an engine beside its own program: images and modules, by what stands in their names.
const STARTS: [(&str, Unclear); 4] = [
    ("llama.cpp:server", Unclear::LlamaServer),
    ("llama.cpp:full", Unclear::LlamaServer),
    ("vllm/vllm-openai", Unclear::Vllm),
    ("vllm.entrypoints", Unclear::Vllm),
];

/// What may stand before a program.
const BEFORE: [&str; 8] = [
    "-",
    "$",
    "exec",
    "nohup",
    "command:",
    "entrypoint:",
    "cmd:",
    "sudo",
];

/// Programs that look for another one by its name.
const LOOKS: [&str; 7] = [
    "egrep", "grep", "killall", "pgrep", "pidof", "pkill", "which",
];

/// The engine that a text starts, and where.
pub(super) fn started(text: &str) -> Option<(usize, Unclear)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(engine) = of_line(line) {
            return Some((start, engine));
        }
        start += line.len();
    }
    None
}

/// The engines that a text starts, each where it first does; in a document, within its blocks of code.
pub(super) fn all_started(text: &str, in_blocks: bool) -> Vec<(usize, Unclear)> {
    let mut found: Vec<(usize, Unclear)> = Vec::new();
    let (mut start, mut inside) = (0, !in_blocks);
    for line in text.split_inclusive('\n') {
        let fence = line.trim_start();
        if in_blocks && (fence.starts_with("```") || fence.starts_with("~~~")) {
            inside = !inside;
        } else if inside
            && let Some(engine) = of_line(line)
            && !found.iter().any(|(_, other)| *other == engine)
        {
            found.push((start, engine));
        }
        start += line.len();
    }
    found
}

/// The engine that a line starts: one that is only named is none.
fn of_line(line: &str) -> Option<Unclear> {
    let line = line.trim();
    if line.starts_with(['#', ';', '>']) || line.starts_with("//") {
        return None;
    }
    let apart = |c: char| c.is_whitespace() || "\"'`[],=()".contains(c);
    let words: Vec<&str> = line.split(apart).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let image = STARTS.iter().find(|(name, _)| word.contains(name));
        if let Some((_, engine)) = image {
            return Some(*engine);
        }
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        let first =
            before.is_none_or(|before| BEFORE.contains(before) || before.starts_with("Exec"));
        let next = words.get(at + 1).copied().unwrap_or_default();
        let option = next.starts_with('-') && next.len() > 1 || next == "\\";
        if before.is_some_and(|before| LOOKS.contains(before)) {
            return None;
        }
        match word.rsplit(['/', '\\']).next()? {
            "llama-server" | "llama-server.exe" if first && next.is_empty() || option => {
                Some(Unclear::LlamaServer)
            }
            "vllm" if next == "serve" => Some(Unclear::Vllm),
            _ => None,
        }
    })
}
