//! A file as a configuration, as demands, and as a saved plan.
#![no_main]

use std::ffi::OsString;

use libfuzzer_sys::fuzz_target;
use vramfit::app::{Streams, run};

const ENVIRONMENT: [(&str, &str); 4] = [("LANG", "en_US.UTF-8"), ("VRAMFIT_NVML", "/nonexistent"), ("VRAMFIT_ROOT", "/nonexistent"), ("OLLAMA_HOST", "127.0.0.1:9")];

const LINES: [&[&str]; 3] = [
    &["models", "--tier", "light", "--catalog", "guide", "--config"],
    &["plan", "--vram", "24x2", "--models-file"],
    &["plan", "llama3:8b", "--vram", "24x2", "--diff"],
];

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("vramfit-fuzz-{}", std::process::id()));
    std::fs::write(&path, bytes).expect("a file");
    for words in LINES {
        let words = words.iter().map(OsString::from);
        let line = std::iter::once("vramfit".into()).chain(words).chain([path.clone().into()]).collect();
        let environment = ENVIRONMENT.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let streams = Streams { input_is_terminal: false, output_width: None, output_height: None };
        let _ = run(line, environment, streams, &mut std::io::sink(), &mut std::io::sink());
    }
});
