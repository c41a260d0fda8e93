//! `pull` and `run`.

use serde::Serialize;

use super::{Estimate, Fix, PlacementReport};
use crate::engine::place::Verdict;
use crate::units::Bytes;

/// Answer of `vramfit pull` and `vramfit run`: whether the model fits, and whether it is there now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pull {
    /// Name and version of this form: `vramfit.pull/1` or `vramfit.run/1`.
    pub schema: &'static str,
    /// Ollama tag of the model, e.g. `qwen3:8b`.
    pub tag: String,
    /// Address of the Ollama server, e.g. `http://127.0.0.1:11434`.
    pub server: String,
    /// How well it fits here, e.g. `fits`; null where that cannot be told, such as on a server elsewhere.
    pub verdict: Option<Verdict>,
    /// Memory that the model takes, part by part, in bytes; null where that cannot be told.
    pub estimate: Option<Estimate>,
    /// On which GPUs the model goes, and what in system memory; null where that cannot be told.
    pub placement: Option<PlacementReport>,
    /// The cheapest change that makes it fit; null where it fits or nothing helps.
    pub cheapest_fix: Option<Fix>,
    /// Whether it was refused, since it does not fit and was not forced.
    pub refused: bool,
    /// Whether the server had it before.
    pub was_installed: bool,
    /// Whether the server has it now.
    pub installed: bool,
    /// What the server says of it in memory, after `run`; else null.
    pub loaded: Option<LoadedReport>,
    /// Command to type next, e.g. `vramfit run qwen3:8b`; null where the model was refused.
    pub command: Option<String>,
}

/// A model in memory, as Ollama reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadedReport {
    /// Name under which it is loaded: the same file, with the context that was judged.
    pub name: String,
    /// Tokens of context of one slot; null where the server does not tell.
    pub context_length: Option<u32>,
    /// Bytes of the engine's buffers, on GPUs and in system memory; 0 on a machine without GPUs.
    pub size: Bytes,
    /// Bytes of those buffers that lie on GPUs.
    pub size_vram: Bytes,
}
