//! vramfit: which language models fit your GPUs, exactly; ranked, placed and explained.
//!
//! A module may name only modules of lower layers; `tests/it/tidy.rs` keeps it so.
//!
//! ```text
//! layer 7  app        command line, wizard, terminal, environment, clock
//! layer 6  render     Page -> terminal, markdown, plots       artifact   Plan -> files
//! layer 5  messages   what people read, in English and Chinese: one function a message
//! layer 4  report     what a command answers; serde and JSON Schema
//!          import     a model at hand -> an entry of the catalog
//! layer 3  engine     what follows: estimate, place, rank, pack; pure and total
//!          lint       what is wrong with a set-up of Ollama: texts in, findings out
//! layer 2  inventory  what is here: GPUs and memory           ollama     the local Ollama
//! layer 1  regular_file
//!          catalog embedded  what is known: data -> nouns  gguf       a file's header
//! layer 0  units checksum lang error request sanitize architecture quantization weights
//! ```

pub use vramfit_core::{
    architecture, catalog, checksum, engine, gguf, lang, quantization, request, sanitize, units,
    weights,
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
