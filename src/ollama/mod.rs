//! The local Ollama: its REST API, its store on disk, the lines of its engine's log.
//!
//! A server is a stranger: nothing here waits longer than it was told to, reads more than it should, or shows a control character of it.

mod address;
mod client;
mod llama_server;
mod log;
mod name;
mod shown;
mod store;
mod timeouts;
mod wire;

use crate::sanitize::sanitize;

pub use address::{Address, PORT};
pub use client::{Client, Generated};
pub use log::{EngineStart, LoadFailure, LogBuffers, loads, text as log_text};
pub use name::Name;
pub use shown::{Shown, header};
pub use store::{Broken, Installed, Store};
pub use timeouts::Timeouts;
pub use wire::{Loaded, Progress, Tag};

/// Characters of a server's own words that are shown.
const WORDS_LIMIT: usize = 400;

/// A stranger's text for a terminal: one line, nothing that a terminal obeys, no novel.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short = String::new();
    for word in text.split_whitespace() {
        if short.len() >= WORDS_LIMIT {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.extend(word.chars().take(WORDS_LIMIT));
    }
    let short: String = short.chars().take(WORDS_LIMIT).collect();
    sanitize(&short).into_owned()
}
