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
        match word.rsplit(['/', '\\']).next()? {
            "llama-server" | "llama-server.exe" if first && next.is_empty() || option => {
                Some(Unclear::LlamaServer)
            }
            "vllm" if next == "serve" => Some(Unclear::Vllm),
            _ => None,
        }
    })
}
