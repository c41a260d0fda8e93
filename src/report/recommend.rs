//! `recommend`.

use serde::Serialize;

use super::hardware::InventoryReport;
use super::{Estimate, Fix, PlacementReport, Range, Reason, Score, Speed};
use crate::catalog::model::Capability;
use crate::engine::place::Verdict;
use crate::engine::ranking::Request;
use crate::engine::scoring::weights;
use crate::quantization::KvCacheType;
use crate::request::{Budget, Priority, Stage, Task};
use crate::units::Bytes;

/// Answer of `vramfit recommend`: the best models for some hardware and task.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recommend {
    /// Name and version of this form: `vramfit.recommend/1`.
    pub schema: &'static str,
    /// What was asked, every default filled in.
    pub request: RecommendRequest,
    /// Hardware that the answer is for, as found or described.
    pub inventory: InventoryReport,
    /// What runs well enough, best first or in the order that was asked for.
    pub recommendations: Vec<Recommendation>,
    /// The best, where another order was asked for.
    #[serde(skip)]
    pub best: Option<Box<Recommendation>>,
    /// What does not, as many as `limit` at most: first what is within reach, by what is gained for what it costs; then the nearest misses.
    pub rejected: Vec<Rejected>,
    /// Number of models that do not run, those of `rejected` among them.
    pub rejected_total: usize,
    /// What the first model leaves free, and what that is good for; null where it is not most of the memory.
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
    /// Bytes that stay free on the GPUs.
    pub free: Bytes,
    /// Ollama tag of the best larger model that would be better for the task, which the first beats by speed or free memory; null where
    /// none is.
    pub better: Option<String>,
    /// Tokens of the longest context with which the first model fits whole; null where it has that already.
    pub context_length: Option<u32>,
    /// Most requests at once, at the context that was asked for, with which it fits whole; null where it is no more.
    pub parallel: Option<u32>,
}

/// The question, every default filled in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecommendRequest {
    /// What the model is for, e.g. `chat`.
    pub task: Task,
    /// What counts most, e.g. `balanced`.
    pub priority: Priority,
    /// Stage of the project, e.g. `prototype`; null where it was not told.
    pub stage: Option<Stage>,
    /// What it may cost, e.g. `limited`; null where it was not told.
    pub budget: Option<Budget>,
    /// Tokens of context of one slot, e.g. 8192; the least of them with `--context max`.
    pub context_length: u32,
    /// Whether every model got the longest context that fits.
    pub longest_context: bool,
    /// Slots: requests answered at once, e.g. 1.
    pub parallel: u32,
    /// Most recommendations, and most rejected models, that are listed, e.g. 10; null: all.
    pub limit: Option<u32>,
    /// Tokens already in each slot for which speeds are told, e.g. 2048; null: a quarter of every model's own context.
    pub depth: Option<u64>,
    /// Type of the KV cache, e.g. `f16`.
    pub kv_cache_type: KvCacheType,
    /// Models to choose from: `all`, `guide`, or a file.
    pub catalog: String,
    /// Whether only installed models were wanted.
    pub installed: bool,
    /// How much task, speed and free memory count in the total of a score.
    pub weights: Weights,
    /// Bytes per second that GPUs of which only the size is known are taken to have: speeds are relative then. Null where GPUs are known.
    pub typical_bandwidth: Option<u64>,
    /// Fewest tokens per second with which a model is ranked that lies in system memory, partly or all of it; without GPUs all are where
    /// none reaches it. Null: no memory was told, or nothing is written.
    pub least_rate: Option<f64>,
}

/// How much each part counts in a score's total, together 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Weights {
    /// Part of the quality for the task, e.g. 0.82.
    pub task: f64,
    /// Part of the speed, e.g. 0.12.
    pub speed: f64,
    /// Part of the memory that stays free, e.g. 0.06.
    pub fit: f64,
}

impl Weights {
    /// The parts that a question gives each.
    pub fn from_request(request: &Request) -> Self {
        let [task, speed, fit] = weights(request);
        Self { task, speed, fit }
    }
}

/// A model that can be run here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Recommendation {
    /// Place in the list, from 1.
    pub rank: u32,
    /// Ollama tag to pull, e.g. `gemma4:31b-it-qat`.
    pub tag: String,
    /// Family of the model, the part of the tag before the colon, e.g. `gemma4`.
    pub family: String,
    /// Number of parameters, e.g. 30697309440; null where it is not known.
    pub parameters: Option<u64>,
    /// Number of parameters that one token is computed with, in a mixture of experts; else null.
    pub active_parameters: Option<u64>,
    /// GGUF's name of the file type, e.g. `Q4_0`.
    pub quantization: Option<String>,
    /// Tier of memory that it needs, e.g. `heavy`.
    pub tier: crate::request::Tier,
    /// Tokens of context of one slot, e.g. 8192.
    pub context_length: u32,
    /// How well it fits, e.g. `fits`.
    pub verdict: Verdict,
    /// Part of the weights that the processor computes with, in percent, for what offloads; else null.
    pub host_share: Option<u32>,
    /// Memory that the model takes, part by part, in bytes.
    pub estimate: Estimate,
    /// On which GPUs the model goes, and what in system memory.
    pub placement: PlacementReport,
    /// How fast it is, in tokens per second; null where that is not known.
    pub speed: Option<Speed>,
    /// Why it stands here, in points from 0 to 100.
    pub score: Score,
    /// Memory that the written guide states, in bytes; null where it states none.
    pub documented_vram: Option<Range>,
    /// Rank that the written guide gives for the task, from 1; null where it gives none.
    pub guide_rank: Option<u32>,
    /// Whether Ollama publishes the tag.
    pub published: bool,
    /// Whether this machine's Ollama has it; null where there is neither a server nor a store to ask.
    pub installed: Option<bool>,
    /// Name of its licence, e.g. `Apache-2.0`; null where it is not known.
    pub license: Option<String>,
    /// What it can do, in Ollama's words, e.g. `tools`.
    pub capabilities: Vec<Capability>,
    /// Why it stands here, as codes, e.g. `strong-for-task`.
    pub reasons: Vec<Reason>,
    /// Commands to type, e.g. `ollama pull gemma4:31b-it-qat`.
    pub commands: Vec<String>,
}

/// A model that cannot be run here as asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Rejected {
    /// Ollama tag of the model, e.g. `qwen3-next:80b`.
    pub tag: String,
    /// How badly it fits: `offloads` or `does-not-fit`.
    pub verdict: Verdict,
    /// Bytes that it takes in all, on GPUs and in system memory, e.g. 51294972469.
    pub total: Bytes,
    /// Bytes that are missing over all GPUs, e.g. 2852858421.
    pub shortfall: Bytes,
    /// Part of the weights that the processor would compute with, in percent, for what offloads; else null.
    pub host_share: Option<u32>,
    /// How fast it would be all the same, in tokens per second, for what offloads; else null.
    pub speed: Option<Speed>,
    /// Points from 0 to 100, as of what runs.
    pub score: Score,
    /// The cheapest change that makes it fit, or fast enough.
    pub cheapest_fix: Option<Fix>,
    /// Whether it would stand among the first three with that change.
    pub within_reach: bool,
}
