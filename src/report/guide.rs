//! What the guide says of a tier or a family: beside the tables of `models` and `compare`.

use serde::Serialize;

use super::{Range, Stars};
use crate::lang::Bilingual;
use crate::request::Tier;

/// What the written guide says of a tier of memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideTierReport {
    /// The tier, e.g. `heavy`.
    pub tier: Tier,
    /// What models of this tier are like.
    pub features: Vec<Bilingual>,
    /// GPUs that are typical for it, e.g. `RTX 3090`.
    pub cards: Vec<String>,
}

/// A family's section of the guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideFamilyReport {
    /// Name of the series of families, e.g. `qwen`.
    pub family: String,
    /// Title of the section.
    pub title: Bilingual,
    /// What these models are for.
    pub scenarios: Vec<Bilingual>,
    /// What these models are like.
    pub features: Vec<Bilingual>,
    /// Rows of the section's table.
    pub models: Vec<GuideFamilyModel>,
}

/// A row of a family's table.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideFamilyModel {
    /// Ollama tag of the model, e.g. `qwen3:30b`.
    pub tag: String,
    /// Size as the guide writes it, e.g. `30B`.
    pub parameters: String,
    /// Memory in bytes, as the guide states it; null where it states none.
    pub documented_vram: Option<Range>,
    /// What the guide says the model is like; null where it says nothing.
    pub note: Option<Bilingual>,
    /// The guide's stars, from 1 to 5.
    pub stars: Stars,
    /// Whether Ollama publishes it.
    pub published: bool,
}
