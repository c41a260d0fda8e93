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

/// Answer of `vramfit models`: a list of the catalog's models.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Models {
    /// Name and version of this form: `vramfit.models/1`.
    pub schema: &'static str,
    /// What the written guide says of the tier that was asked for; null where none was.
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
    /// Hardware that speeds and scores are for.
    pub inventory: InventoryReport,
}

/// A model of the catalog, and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelRow {
    /// Ollama tag to pull, e.g. `qwen3:30b`.
    pub tag: String,
    /// Family of the model, the part of the tag before the colon, e.g. `qwen3`.
    pub family: String,
    /// Tier of memory that it needs, e.g. `heavy`.
    pub tier: Tier,
    /// Number of parameters, e.g. 30532110336; null where it is not known.
    pub parameters: Option<u64>,
    /// Number of parameters that one token is computed with, in a mixture of experts, e.g. 3000000000; else null.
    pub active_parameters: Option<u64>,
    /// GGUF's name of the file type, e.g. `Q4_K_M`.
    pub quantization: Option<String>,
    /// Bytes of the file of weights, e.g. 18554137920; null where they are not known.
    pub weights: Option<Bytes>,
    /// Bytes that it takes at 4096 tokens of context, and at its whole context or 32768; null where that cannot be computed.
    pub vram: Option<VramRange>,
    /// Memory that the written guide states, in bytes; null where it states none.
    pub documented_vram: Option<Range>,
    /// Tokens of context that it was trained for, e.g. 262144.
    pub context_length: Option<u32>,
    /// How good it is for each task, in points and by the guide's rank.
    pub tasks: Vec<TaskRank>,
    /// Stars that the written guide gives.
    pub stars: Stars,
    /// Tiers under which the guide lists it; they need not be `tier`.
    pub guide_tiers: Vec<Tier>,
    /// What the guide says it is for; null where it says nothing.
    pub guide_use: Option<crate::lang::Bilingual>,
    /// The guide's marks for speed, from 1 to 5; null where it gives none.
    pub guide_speed: Option<u8>,
    /// Whether Ollama publishes the tag.
    pub published: bool,
    /// Whether this machine's Ollama has it; null where there is neither a server nor a store to ask.
    pub installed: Option<bool>,
    /// Ollama tag to take instead, for one that is not published; else null.
    pub replaced_by: Option<String>,
    /// When it came out, as `YYYY-MM` or `YYYY-MM-DD`, e.g. `2025-07`; null where that is not known.
    pub released: Option<String>,
    /// Name of its licence, e.g. `Apache-2.0`.
    pub license: Option<String>,
    /// What it can do, in Ollama's words, e.g. `tools`.
    pub capabilities: Vec<Capability>,
    /// Files and addresses where the facts were read.
    pub source: Vec<String>,
    /// What it does on the machine, where the list is ordered or chosen by that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub here: Option<ModelHere>,
}

/// What a model does on the machine that was asked about.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelHere {
    /// Points from 0 to 100, as `recommend` gives them for the same task.
    pub score: f64,
    /// How fast it is, in tokens per second; null for some hardware, and for models that write nothing.
    pub speed: Option<Speed>,
}

/// A computed range of memory, with the contexts of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VramRange {
    /// Bytes at the shorter context, e.g. 19404990243.
    pub min: Bytes,
    /// Bytes at the longer context, e.g. 22374567715.
    pub max: Bytes,
    /// Tokens of the shorter context, e.g. 4096.
    pub min_context: u32,
    /// Tokens of the longer context, e.g. 32768.
    pub max_context: u32,
    /// What the numbers rest on, e.g. `computed`.
    pub basis: super::Basis,
}

/// How good a model is for a task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskRank {
    /// Task that it is about, e.g. `chat`.
    pub task: Task,
    /// Rank that the written guide gives for the task, from 1; null where it gives none.
    pub rank: Option<u32>,
    /// Points from 0 to 100 for the task, e.g. 78.4; null where nothing is known.
    pub score: Option<f64>,
}

/// Stars of the written guide, from 1 to 5; null where it gives none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stars {
    /// Stars for use in general.
    pub general: Option<u8>,
    /// Stars for use in Chinese.
    pub chinese: Option<u8>,
    /// Stars for writing code.
    pub code: Option<u8>,
}

/// Answer of `vramfit compare`: models side by side.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Compare {
    /// Name and version of this form: `vramfit.compare/1`.
    pub schema: &'static str,
    /// What the written guide says of the family that was asked for; null where none was.
    pub guide_family: Option<GuideFamilyReport>,
    /// Hardware that the answer is for, as found or described.
    pub inventory: super::InventoryReport,
    /// The models, in the order in which they were asked for.
    pub models: Vec<Compared>,
}

/// One model of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Compared {
    /// What the catalog knows of the model.
    #[serde(flatten)]
    pub model: ModelRow,
    /// Memory that the model takes, part by part, in bytes.
    pub estimate: Estimate,
    /// How well it fits, e.g. `fits`; null without GPUs.
    pub verdict: Option<Verdict>,
    /// Whether it fits by less than the estimate may be off: it probably fits.
    pub within_doubt: bool,
    /// On which GPUs the model goes, and what in system memory; null without GPUs.
    pub placement: Option<PlacementReport>,
    /// How fast it is, in tokens per second; null where that is not known.
    pub speed: Option<Speed>,
    /// Points from 0 to 100.
    pub score: Score,
}
