//! `recommend`.

use serde::Serialize;

use super::hardware::InventoryReport;
use super::{Estimate, Fix, PlacementReport, Range, Reason, Score, Speed};
use crate::catalog::model::Capability;
use crate::engine::place::Verdict;
use crate::engine::rank::Request;
use crate::engine::scoring::weights;
use crate::quantization::KvCacheType;
use crate::request::{Budget, Priority, Stage, Task};
use crate::units::Bytes;

/// `vramfit recommend`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recommend {
    /// `vramfit.recommend/1`
    pub schema: &'static str,
    /// What was asked, every default filled in.
    pub request: RecommendRequest,
    /// The hardware it was asked for.
    pub inventory: InventoryReport,
    /// What runs well enough, best first or in the order that was asked for.
    pub recommendations: Vec<Recommendation>,
    /// The best, where another order was asked for.
    #[serde(skip)]
    pub best: Option<Box<Recommendation>>,
    /// What does not, as many as `limit` at most: first what is within reach, by what is gained for what it costs; then the nearest misses.
    pub rejected: Vec<Rejected>,
    /// How many models do not run, those of `rejected` among them.
    pub rejected_total: usize,
    /// What the first model leaves free, where that is most of the memory, and what it is good for.
    pub spare: Option<Spare>,
}

impl Recommend {
    /// The model to take: the best, whatever the order of the list.
    pub fn pick(&self) -> Option<&Recommendation> {
        self.best.as_deref().or(self.recommendations.first())
    }
}

/// Memory that the first model leaves free, and why no other takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spare {
    /// Free on the GPUs.
    pub free: Bytes,
    /// The best of the larger models that would be better for the task, for which the first stands by its speed or room; `null`: none is.
    pub better: Option<String>,
    /// The longest context with which the first model fits whole.
    pub context_length: Option<u32>,
    /// The most requests at once, at the context that was asked for, with which it fits whole.
    pub parallel: Option<u32>,
}

/// The question.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecommendRequest {
    /// The task.
    pub task: Task,
    /// What counts most.
    pub priority: Priority,
    /// The stage of the project.
    pub stage: Option<Stage>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// Tokens of one slot; the least of them with `--context max`.
    pub context_length: u32,
    /// Whether every model got the longest context that fits.
    pub longest_context: bool,
    /// Slots.
    pub parallel: u32,
    /// The most recommendations and rejected models that are listed; `null`: all.
    pub limit: Option<u32>,
    /// Tokens in each slot for which speeds are told; `null`: a quarter of every model's own context.
    pub depth: Option<u64>,
    /// The type of the cache.
    pub kv_cache_type: KvCacheType,
    /// `all`, `guide`, or a file.
    pub catalog: String,
    /// Whether only installed models were wanted.
    pub installed: bool,
    /// What the total of a score is made of.
    pub weights: Weights,
    /// Bytes a second that GPUs of which only the size is known are taken to have: speeds are relative then.
    pub typical_bandwidth: Option<u64>,
    /// The fewest tokens a second with which a model is ranked that lies in host memory, partly or all of it; without GPUs all are where none
    /// reaches it. `null`: no memory was told, or nothing is written.
    pub least_rate: Option<f64>,
}

/// Parts of a score's total, together 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Weights {
    /// Of the quality for the task.
    pub task: f64,
    /// Of the speed.
    pub speed: f64,
    /// Of the room that is left.
    pub fit: f64,
}

impl Weights {
    /// Those of a question.
    pub fn from_request(request: &Request) -> Self {
        let [task, speed, fit] = weights(request);
        Self { task, speed, fit }
    }
}

/// A model that can be run here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Tokens of one slot.
    pub context_length: u32,
    /// How well it fits.
    pub verdict: Verdict,
    /// The part of the weights that the host computes with, in percent, for what offloads.
    pub host_share: Option<u32>,
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
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Points, as of what runs.
    pub score: Score,
    /// The cheapest change that makes it fit, or fast enough.
    pub cheapest_fix: Option<Fix>,
    /// Whether it would stand among the first three with that change.
    pub within_reach: bool,
}
