//! A model's `config.json`.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use vramfit::import::{Identity, of_config};

fuzz_target!(|text: &str| {
    let Ok(config) = serde_json::from_str(text) else { return };
    let identity = Identity { tag: "fuzz:1b".to_owned(), source: "fuzz".to_owned() };
    let _ = of_config(&config, Path::new("config.json"), &identity);
});
