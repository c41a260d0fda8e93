//! `pull` and `run`.

use serde::Serialize;

use super::{Estimate, Fix, PlacementReport};
use crate::engine::place::Verdict;
use crate::units::Bytes;

/// `vramfit pull` and `vramfit run`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Pull {
    /// `vramfit.pull/1` or `vramfit.run/1`
    pub schema: &'static str,
    /// The tag.
    pub tag: String,
    /// The server.
    pub server: String,
    /// How well it fits here; absent where that cannot be told, such as on a server elsewhere.
    pub verdict: Option<Verdict>,
    /// What it takes.
    pub estimate: Option<Estimate>,
    /// Where it goes.
    pub placement: Option<PlacementReport>,
    /// What would make it fit.
    pub cheapest_fix: Option<Fix>,
    /// Whether it was refused, since it does not fit and was not forced.
    pub refused: bool,
    /// Whether it was there before.
    pub was_installed: bool,
    /// Whether it is there now.
    pub installed: bool,
    /// `run`: what the server says of it in memory.
    pub loaded: Option<LoadedReport>,
    /// What to type to talk to it.
    pub command: Option<String>,
}

/// A model in memory, as Ollama reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadedReport {
    /// The name under which it is loaded: the same file, with the context that was judged.
    pub name: String,
    /// Tokens of one slot.
    pub context_length: Option<u32>,
    /// The engine's buffers; zero on a machine without GPUs.
    pub size: Bytes,
    /// The engine's buffers on GPUs.
    pub size_vram: Bytes,
}
