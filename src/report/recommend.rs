//! `recommend`.

use schemars::JsonSchema;
use serde::Serialize;

use super::hardware::InventoryReport;
use super::{Estimate, Fix, PlacementReport, Range, Reason, Score, Speed};
use crate::catalog::model::Capability;
use crate::engine::place::Verdict;
use crate::quantization::KvCacheType;
use crate::request::{Budget, Priority, Stage, Task};
use crate::units::Bytes;

/// `vramfit recommend`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Recommend {
    /// `vramfit.recommend/1`
    pub schema: &'static str,
    /// What was asked, every default filled in.
    pub request: RecommendRequest,
    /// The hardware it was asked for.
    pub inventory: InventoryReport,
    /// What fits, best first.
    pub recommendations: Vec<Recommendation>,
    /// What does not, the most wanted first.
    pub rejected: Vec<Rejected>,
}

/// The question.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RecommendRequest {
    /// The task.
    pub task: Task,
    /// What counts most.
    pub priority: Priority,
    /// The stage of the project.
    pub stage: Option<Stage>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// Tokens of one slot.
    pub context_length: u32,
    /// Slots.
    pub parallel: u32,
    /// The type of the cache.
    pub kv_cache_type: KvCacheType,
    /// `all`, `guide`, or a file.
    pub catalog: String,
    /// Whether only installed models were wanted.
    pub installed: bool,
}

/// A model that can be run here.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Recommendation {
    /// From 1.
    pub rank: u32,
    /// The tag to pull.
    pub tag: String,
    /// Its family.
    pub family: String,
    /// Parameters.
    pub parameters: Option<u64>,
    /// Parameters that a token meets.
    pub active_parameters: Option<u64>,
    /// GGUF's name of the file type.
    pub quantization: Option<String>,
    /// The VRAM tier.
    pub tier: crate::request::Tier,
    /// How well it fits.
    pub verdict: Verdict,
    /// What it takes.
    pub estimate: Estimate,
    /// Where it goes.
    pub placement: PlacementReport,
    /// How fast it is.
    pub speed: Option<Speed>,
    /// Why it stands here, in points.
    pub score: Score,
    /// The guide's range.
    pub documented_vram: Option<Range>,
    /// The guide's rank for the task.
    pub guide_rank: Option<u32>,
    /// Whether Ollama publishes it.
    pub published: bool,
    /// Whether this machine's Ollama has it; unknown where there is neither a server nor a store.
    pub installed: Option<bool>,
    /// Its licence.
    pub license: Option<String>,
    /// What it can do.
    pub capabilities: Vec<Capability>,
    /// Why it stands here, in codes.
    pub reasons: Vec<Reason>,
    /// What to type.
    pub commands: Vec<String>,
}

/// A model that cannot be run here as asked.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Rejected {
    /// Its tag.
    pub tag: String,
    /// `offloads` or `does-not-fit`.
    pub verdict: Verdict,
    /// What it takes in all, on GPUs and in host memory.
    pub total: Bytes,
    /// Bytes missing over all GPUs.
    pub shortfall: Bytes,
    /// The part of the weights that the host would compute with, in percent, for what offloads.
    pub host_share: Option<u32>,
    /// How fast it would be all the same, for what offloads.
    pub speed: Option<Speed>,
    /// The cheapest change that makes it fit.
    pub cheapest_fix: Option<Fix>,
}
