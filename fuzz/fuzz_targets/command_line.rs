//! A command line, one word a line: specifications of GPUs, sizes, contexts, demands.
#![no_main]

use std::ffi::OsString;

use libfuzzer_sys::fuzz_target;
use vramfit::app::{Streams, run};

/// Hardware is simulated, and nobody listens.
const ENVIRONMENT: [(&str, &str); 4] = [("LANG", "en_US.UTF-8"), ("VRAMFIT_NVML", "/nonexistent"), ("VRAMFIT_ROOT", "/nonexistent"), ("OLLAMA_HOST", "127.0.0.1:9")];

fuzz_target!(|text: &str| {
    let words: Vec<&str> = text.lines().take(12).collect();
    // These write files, wait, or serve.
    let acts = |word: &&str| ["mcp", "pull", "run", "monitor", "man"].contains(word) || word.starts_with("--out") || word.starts_with("--fix") || word.starts_with("--save") || word.starts_with("-o");
    if words.iter().any(acts) {
        return;
    }
    let line: Vec<OsString> = ["vramfit", "--vram=24", "--catalog=guide"].into_iter().chain(words).map(OsString::from).collect();
    let environment = ENVIRONMENT.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    let streams = Streams { input_is_terminal: false, output_width: None, output_height: None };
    let _ = run(line, environment, streams, &mut std::io::sink(), &mut std::io::sink());
});
