//! `explain`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::hardware::InventoryReport;
use super::models::ModelRow;
use super::{Estimate, Fix, LlamaServer, PlacementReport, Range, Reason, Score, Speed};
use crate::catalog::knowledge::ScoreBasis;
use crate::engine::place::Verdict;
use crate::engine::workload::Build;
use crate::quantization::KvCacheType;
use crate::request::Task;
use crate::units::Bytes;

/// `vramfit explain`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explain {
    /// `vramfit.explain/1`
    pub schema: &'static str,
    /// The tag, or the file.
    pub tag: String,
    /// What is known of the model.
    pub model: ModelRow,
    /// The shape that the estimate follows from, by GGUF keys.
    pub architecture: Option<BTreeMap<String, serde_json::Value>>,
    /// The hardware it was asked for.
    pub inventory: InventoryReport,
    /// What it takes.
    pub estimate: Estimate,
    /// Where it goes.
    pub placement: Option<PlacementReport>,
    /// How well it fits; absent without GPUs.
    pub verdict: Option<Verdict>,
    /// The cheapest change that makes it fit.
    pub cheapest_fix: Option<Fix>,
    /// How fast it is.
    pub speed: Option<Speed>,
    /// A published measurement like it; absent where the GPU was never measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest_measurement: Option<SpeedMeasurement>,
    /// The task that the score and the reasons are about: that of `--why`, else conversation.
    pub task: Task,
    /// Points out of 100.
    pub score: Score,
    /// Contexts by cache types.
    pub ladder: Vec<ContextRow>,
    /// The largest context that fits, for each type of the cache.
    pub largest_context: LargestContext,
    /// What one more token of a slot adds to the cache.
    pub kv_cache_growth: Bytes,
    /// What that is the product of, where all layers that grow are alike.
    pub kv_cache_factors: Option<CacheFactors>,
    /// What Ollama would do by itself.
    pub ollama: Option<OllamaReport>,
    /// How `llama-server` is started so that it takes just this, with `--engine llama.cpp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llama_server: Option<LlamaServer>,
    /// The guide's range.
    pub documented_vram: Option<Range>,
    /// What to know.
    pub reasons: Vec<Reason>,
    /// How good the model is for a task and what that rests on, with `--why`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<TaskStanding>,
    /// Why the model is good for a task, with `--why`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<TaskEvidence>,
}

/// A step of the ladder of contexts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContextRow {
    /// Tokens of one slot.
    pub context_length: u32,
    /// The type of the cache.
    pub kv_cache_type: KvCacheType,
    /// What the model takes then.
    pub total: Bytes,
    /// How well that fits; absent without GPUs.
    pub verdict: Option<Verdict>,
    /// Whether it fits by less than the estimate may be off: it probably fits.
    pub within_doubt: bool,
}

/// The largest context that fits whole on the GPUs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LargestContext {
    /// With 16-bit floats.
    pub f16: Option<u32>,
    /// With 8 bits.
    pub q8_0: Option<u32>,
    /// With 4 bits.
    pub q4_0: Option<u32>,
}

/// The factors of the cache's growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CacheFactors {
    /// Layers that keep every token.
    pub layers: u32,
    /// Elements of a token's key in one layer.
    pub key: u64,
    /// Elements of its value.
    pub value: u64,
}

/// What Ollama would do by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OllamaReport {
    /// Its version.
    pub version: String,
    /// What it believes the model needs.
    pub predicted: Bytes,
    /// Where the model then lies.
    pub placement: PlacementReport,
    /// The context it starts with where none is set, clamped to the model's; prediction and placement are for it.
    pub context_default: u32,
    /// The same at the context of the answer, where that is another.
    pub asked: Option<OllamaChoice>,
    /// What to know about it.
    pub notes: Vec<OllamaNote>,
}

/// What Ollama would do at a context that is set.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OllamaChoice {
    /// That context.
    pub context_length: u32,
    /// What it believes the model needs.
    pub predicted: Bytes,
    /// Where the model then lies.
    pub placement: PlacementReport,
}

/// What to know about Ollama's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum OllamaNote {
    /// The prediction fills at most 80 % of a GPU: the one with the most free memory is used.
    OneGpu,
    /// The prediction fills more than 80 % of every GPU: all are handed over, though fewer would do.
    SpreadsOverAll {
        /// How many.
        gpus: u32,
        /// How many would do.
        enough: u32,
    },
    /// Layers go to the processor without a word.
    SilentOffload {
        /// How many blocks.
        layers: u32,
        /// Blocks of which only the experts do.
        expert_layers: u32,
    },
    /// The default context would need more than there is.
    DefaultContextOffloads {
        /// That context.
        context_length: u32,
    },
    /// The default context fits.
    DefaultContextFits {
        /// That context.
        context_length: u32,
    },
    /// The first context runs out of memory, and a shorter one is tried.
    ContextLowered {
        /// The first.
        tried: u32,
        /// The one that loads.
        context_length: u32,
    },
    /// No context loads.
    OutOfMemory,
    /// One request at a time, whatever `OLLAMA_NUM_PARALLEL` says.
    SingleSlot,
    /// Its prediction is far from what the model takes on GPUs.
    PredictionOff {
        /// By how many percent of that.
        percent: i32,
    },
    /// A version whose choices are not modelled.
    OldVersion,
    /// A version newer than what is known: the newest known engine stands for its own.
    NewerThanKnown {
        /// The engine's build that stands for it.
        engine: Build,
    },
}

/// A measurement that speaks for or against a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskEvidence {
    /// The task.
    pub task: Task,
    /// The benchmark.
    pub benchmark: String,
    /// Its value, on the benchmark's own scale.
    pub value: f64,
    /// Who measured it.
    pub reported_by: Option<String>,
    /// Where it stands.
    pub source: String,
}

/// A published speed.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpeedMeasurement {
    /// The GPU; of chips that share the host's memory, without its size.
    pub gpu: String,
    /// The architecture that was run.
    pub architecture: String,
    /// GGUF's name of its file type.
    pub quantization: String,
    /// Tokens before the measured ones.
    pub context_length: u64,
    /// Tokens per second.
    pub decode: f64,
    /// Prompt tokens per second.
    pub prefill: Option<f64>,
    /// Published rows that it is the median of.
    pub rows: usize,
    /// Where it stands.
    pub source: String,
}

/// How good a model is for a task.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskStanding {
    /// The task.
    pub task: Task,
    /// Points out of 100.
    pub score: f64,
    /// One standard deviation of the doubt.
    pub doubt: f64,
    /// What they rest on; absent if nothing but the size is known.
    pub basis: Option<ScoreBasis>,
    /// Published values of this model for this task; the most telling are listed as evidence.
    pub rows: u32,
}
