//! Lines of a client of the Model Context Protocol: whatever they are, each answer is one line of JSON that steers no terminal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use vramfit::app::{Streams, serve_mcp};
use vramfit::sanitize::is_unsafe;

/// Hardware is simulated, and nobody listens.
const ENVIRONMENT: [(&str, &str); 4] = [("LANG", "en_US.UTF-8"), ("VRAMFIT_NVML", "/nonexistent"), ("VRAMFIT_ROOT", "/nonexistent"), ("OLLAMA_HOST", "127.0.0.1:9")];

fuzz_target!(|bytes: &[u8]| {
    let environment = ENVIRONMENT.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    let streams = Streams { input_is_terminal: false, output_width: None, output_height: None };
    let mut out = Vec::new();
    serve_mcp(&["--vram=24", "--catalog=guide"], environment, streams, &mut &*bytes, &mut out).expect("nothing fails in memory");
    let text = String::from_utf8(out).expect("UTF-8");
    assert!(!text.contains(|c| is_unsafe(c) && c != '\n'), "{text:?}");
    for line in text.lines() {
        let answer: Value = serde_json::from_str(line).expect("JSON");
        assert!(answer.is_array() || answer["jsonrpc"] == "2.0", "{line}");
    }
});
