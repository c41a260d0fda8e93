//! What a server answers: its models, those in memory, a line of a pull, what a model's file says; and the names in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vramfit::ollama::{Address, Loaded, Name, Progress, Shown, Tag, header};

fuzz_target!(|text: &str| {
    let _ = serde_json::from_str::<Vec<Tag>>(text);
    let _ = serde_json::from_str::<Progress>(text);
    if let Ok(loaded) = serde_json::from_str::<Loaded>(text) {
        let _ = (loaded.spilled(), loaded.is_measured());
    }
    if let Ok(shown) = serde_json::from_str::<Shown>(text) {
        let _ = header(&shown);
    }
    let _ = Address::parse(text);
    if let Some(name) = Name::parse(text) {
        // A name is read as it is written.
        assert_eq!(Name::parse(&name.to_string()), Some(name));
    }
});
