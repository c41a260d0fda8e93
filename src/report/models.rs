//! `models` and `compare`.

use serde::Serialize;

use super::{
    Estimate, GuideFamilyReport, GuideTierReport, InventoryReport, PlacementReport, Range,
    RecommendRequest, Score, Speed,
};
use crate::catalog::model::Capability;
use crate::engine::place::Verdict;
use crate::request::{Task, Tier};
use crate::units::Bytes;

/// `vramfit models`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Models {
    /// `vramfit.models/1`
    pub schema: &'static str,
    /// What the guide says of the tier that was asked for.
    pub guide_tier: Option<GuideTierReport>,
    /// What the speeds and scores are for, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub here: Option<ModelsHere>,
    /// The models, by tier and size.
    pub models: Vec<ModelRow>,
}

/// What speeds and scores of a list of models are for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelsHere {
    /// The question that `recommend` would answer so.
    pub request: RecommendRequest,
    /// The hardware.
    pub inventory: InventoryReport,
}

/// A model of the catalog.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelRow {
    /// The tag to pull.
    pub tag: String,
    /// Its family.
    pub family: String,
    /// The VRAM tier.
    pub tier: Tier,
    /// Parameters.
    pub parameters: Option<u64>,
    /// Parameters that a token meets.
    pub active_parameters: Option<u64>,
    /// GGUF's name of the file type.
    pub quantization: Option<String>,
    /// Bytes of the file.
    pub weights: Option<Bytes>,
    /// What it takes at 4096 tokens, and at its whole context or 32768.
    pub vram: Option<VramRange>,
    /// The guide's range.
    pub documented_vram: Option<Range>,
    /// The training context.
    pub context_length: Option<u32>,
    /// How good it is for each task.
    pub tasks: Vec<TaskRank>,
    /// The guide's stars.
    pub stars: Stars,
    /// The tiers under which the guide lists it; they need not be `tier`.
    pub guide_tiers: Vec<Tier>,
    /// What the guide says it is for.
    pub guide_use: Option<crate::lang::Bilingual>,
    /// The guide's marks for speed, from 1 to 5.
    pub guide_speed: Option<u8>,
    /// Whether Ollama publishes it.
    pub published: bool,
    /// Whether this machine's Ollama has it; unknown where there is neither a server nor a store.
    pub installed: Option<bool>,
    /// What to take instead.
    pub replaced_by: Option<String>,
    /// When it came out.
    pub released: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// What it can do.
    pub capabilities: Vec<Capability>,
    /// Where the facts come from.
    pub source: Vec<String>,
    /// What it does on the machine, where the list is ordered or chosen by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub here: Option<ModelHere>,
}

/// What a model does on the machine that was asked about.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelHere {
    /// Points out of 100, as `recommend` gives them for the same task.
    pub score: f64,
    /// Tokens a second; unknown for some hardware, and for models that write nothing.
    pub speed: Option<Speed>,
}

/// A computed range, with the contexts of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VramRange {
    /// At the shorter context.
    pub min: Bytes,
    /// At the longer context.
    pub max: Bytes,
    /// The shorter context.
    pub min_context: u32,
    /// The longer context.
    pub max_context: u32,
    /// What the numbers rest on.
    pub basis: super::Basis,
}

/// How good a model is for a task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskRank {
    /// The task.
    pub task: Task,
    /// The guide's rank.
    pub rank: Option<u32>,
    /// Points out of 100.
    pub score: Option<f64>,
}

/// The guide's stars, from 1 to 5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stars {
    /// In general.
    pub general: Option<u8>,
    /// Chinese.
    pub chinese: Option<u8>,
    /// Code.
    pub code: Option<u8>,
}

/// `vramfit compare`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Compare {
    /// `vramfit.compare/1`
    pub schema: &'static str,
    /// What the guide says of the family that was asked for.
    pub guide_family: Option<GuideFamilyReport>,
    /// The hardware it was asked for.
    pub inventory: super::InventoryReport,
    /// The models, as asked.
    pub models: Vec<Compared>,
}

/// One model of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Compared {
    /// The model.
    #[serde(flatten)]
    pub model: ModelRow,
    /// What it takes.
    pub estimate: Estimate,
    /// How well it fits; absent without GPUs.
    pub verdict: Option<Verdict>,
    /// Whether it fits by less than the estimate may be off: it probably fits.
    pub within_doubt: bool,
    /// Where it goes.
    pub placement: Option<PlacementReport>,
    /// How fast it is.
    pub speed: Option<Speed>,
    /// Points out of 100.
    pub score: Score,
}
