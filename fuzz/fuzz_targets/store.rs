//! A manifest of Ollama's store, with a blob of settings beside it.
#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use vramfit::ollama::Store;

fuzz_target!(|bytes: &[u8]| {
    let root = std::env::temp_dir().join(format!("vramfit-fuzz-store-{}", std::process::id()));
    let folder = root.join("manifests/registry.ollama.ai/library/fuzz");
    let blobs = root.join("blobs");
    fs::create_dir_all(&folder).expect("a folder");
    fs::create_dir_all(&blobs).expect("a folder");
    fs::write(folder.join("1b"), bytes).expect("a manifest");
    fs::write(blobs.join(format!("sha256-{:064x}", 1)), bytes).expect("a blob");
    if let Some(store) = Store::open(&root) {
        let (models, broken) = store.models();
        assert!(models.len() + broken.len() <= 1);
    }
});
