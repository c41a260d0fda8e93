//! vramfit: which language models fit your GPUs, exactly; ranked, placed and explained.
//!
//! A room may name only rooms on lower floors; `tests/it/tidy.rs` keeps it so.
//!
//! ```text
//! floor 7  app        command line, wizard, terminal, environment, clock
//! floor 6  render     Page -> terminal, markdown, plots       artifact   Plan -> files
//! floor 5  messages   what people read, in English and Chinese: one function a message
//! floor 4  report     what a command answers; serde and JSON Schema
//!          import     a model at hand -> an entry of the catalog
//! floor 3  engine     what follows: estimate, place, rank, pack; pure and total
//!          lint       what is wrong with a set-up of Ollama: texts in, findings out
//! floor 2  inventory  what is here: GPUs and memory           ollama     the local Ollama
//! floor 1  regular_file
//!          catalog embedded  what is known: data -> nouns  gguf       a file's header
//! floor 0  units lang error request sanitize architecture quantization weights
//! ```

pub use vramfit_core::{
    architecture, catalog, engine, gguf, lang, quantization, request, sanitize, units, weights,
};

pub mod app;
pub mod artifact;
pub mod embedded;
pub mod error;
pub mod import;
pub mod inventory;
pub mod lint;
pub mod messages;
pub mod ollama;
pub mod regular_file;
pub mod render;
pub mod report;
