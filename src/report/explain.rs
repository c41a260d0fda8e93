//! `explain`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::hardware::InventoryReport;
use super::models::ModelRow;
use super::{Estimate, Fix, LlamaServer, PlacementReport, Range, Reason, Score, Speed};
use crate::catalog::knowledge::ScoreBasis;
use crate::engine::place::Verdict;
use crate::engine::workload::{Build, CacheFault};
use crate::quantization::KvCacheType;
use crate::request::Task;
use crate::units::Bytes;

/// Answer of `vramfit explain`: what a model takes, where it goes and how fast it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explain {
    /// Name and version of this form: `vramfit.explain/1`.
    pub schema: &'static str,
    /// Ollama tag as asked, e.g. `qwen3:30b`, or the path of a GGUF file.
    pub tag: String,
    /// What the catalog, or the file, tells of the model.
    pub model: ModelRow,
    /// Shape that the estimate follows from, by GGUF keys, e.g. `block_count`: 48.
    pub architecture: Option<BTreeMap<String, serde_json::Value>>,
    /// Hardware that the answer is for, as found or described.
    pub inventory: InventoryReport,
    /// Memory that the model takes, part by part, in bytes.
    pub estimate: Estimate,
    /// On which GPUs the model goes, and what in system memory; null without GPUs.
    pub placement: Option<PlacementReport>,
    /// How well the model fits, e.g. `fits`; null without GPUs.
    pub verdict: Option<Verdict>,
    /// The cheapest change that makes it fit; null where it fits or nothing helps.
    pub cheapest_fix: Option<Fix>,
    /// How fast it is, in tokens per second; null where that is not known.
    pub speed: Option<Speed>,
    /// A published measurement like it; absent where the GPU was never measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest_measurement: Option<SpeedMeasurement>,
    /// The task that the score and the reasons are about: that of `--why`, else conversation.
    pub task: Task,
    /// Points from 0 to 100 for `task`.
    pub score: Score,
    /// Memory and verdict for each context and type of the KV cache.
    pub ladder: Vec<ContextRow>,
    /// The largest context that fits, in tokens, for each type of the KV cache.
    pub largest_context: LargestContext,
    /// Bytes that one more token of a slot adds to the KV cache, e.g. 98304.
    pub kv_cache_growth: Bytes,
    /// Factors of `kv_cache_growth`; null where the layers that grow are not all alike.
    pub kv_cache_factors: Option<CacheFactors>,
    /// What Ollama would do by itself; null without GPUs and where another engine was asked for.
    pub ollama: Option<OllamaReport>,
    /// How `llama-server` is started so that it takes just this, with `--engine llama.cpp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llama_server: Option<LlamaServer>,
    /// Memory that the written guide states for the model, in bytes; null where it states none.
    pub documented_vram: Option<Range>,
    /// What speaks for the model and against it and what to know, as codes, e.g. `headroom`.
    pub reasons: Vec<Reason>,
    /// How good the model is for a task and what that rests on, with `--why`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<TaskStanding>,
    /// Why the model is good for a task, with `--why`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<TaskEvidence>,
}

/// Memory and verdict for one context and one type of the KV cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContextRow {
    /// Tokens of context of one slot, e.g. 2048.
    pub context_length: u32,
    /// Type of the KV cache, e.g. `f16`.
    pub kv_cache_type: KvCacheType,
    /// Bytes that the model takes on GPUs then, e.g. 19120477987.
    pub total: Bytes,
    /// How well that fits, e.g. `fits`; null without GPUs.
    pub verdict: Option<Verdict>,
    /// Whether it fits by less than the estimate may be off: it probably fits.
    pub within_doubt: bool,
    /// Whether no GPU holds a part.
    #[serde(skip)]
    pub on_cpu: bool,
}

/// The largest context in tokens that fits whole on the GPUs, or in system memory where none is used; null where none does or its size is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LargestContext {
    /// Tokens with a KV cache of 16-bit floats, e.g. 53248.
    pub f16: Option<u32>,
    /// Tokens with a KV cache of 8-bit blocks, e.g. 96256.
    pub q8_0: Option<u32>,
    /// Tokens with a KV cache of 4-bit blocks, e.g. 174080.
    pub q4_0: Option<u32>,
}

/// What the growth of the KV cache is the product of: layers × (key + value) × bytes of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CacheFactors {
    /// Number of layers that keep every token, e.g. 48.
    pub layers: u32,
    /// Elements of one token's key in one layer, e.g. 512.
    pub key: u64,
    /// Elements of one token's value in one layer, e.g. 512.
    pub value: u64,
}

/// What Ollama would do by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OllamaReport {
    /// Version of Ollama that is modelled, e.g. `0.33.0`.
    pub version: String,
    /// Bytes that Ollama's scheduler believes the model needs, e.g. 20158800367.
    pub predicted: Bytes,
    /// Where the model then lies, by Ollama's own choice.
    pub placement: PlacementReport,
    /// Tokens of context it starts with where none is set, clamped to the model's, e.g. 32768; prediction and placement are for it.
    pub context_default: u32,
    /// The same at the context of the answer, where that is not the default; else null.
    pub asked: Option<OllamaChoice>,
    /// What to know about Ollama's choice, as codes, e.g. `one-gpu`.
    pub notes: Vec<OllamaNote>,
}

/// What Ollama would do at a context that is set.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OllamaChoice {
    /// Tokens of context of one slot, e.g. 8192.
    pub context_length: u32,
    /// Bytes that Ollama's scheduler believes the model needs, e.g. 18950840815.
    pub predicted: Bytes,
    /// Where the model then lies, by Ollama's own choice.
    pub placement: PlacementReport,
}

/// What to know about Ollama's own choice, as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum OllamaNote {
    /// The prediction fills at most 80 % of a GPU: the one with the most free memory is used.
    OneGpu,
    /// The prediction fills more than 80 % of every GPU: all are handed over, though fewer would do.
    SpreadsOverAll {
        /// Number of GPUs that are handed over.
        gpus: u32,
        /// Number of GPUs that would do.
        enough: u32,
    },
    /// Layers go to system memory, to be computed by the processor, without a word.
    SilentOffload {
        /// Number of blocks in system memory, e.g. 69.
        layers: u32,
        /// Number of blocks of which only the experts lie there.
        expert_layers: u32,
    },
    /// The default context would need more memory than the GPUs have.
    DefaultContextOffloads {
        /// The default context in tokens, e.g. 32768.
        context_length: u32,
    },
    /// The default context fits whole on the GPUs.
    DefaultContextFits {
        /// The default context in tokens, e.g. 32768.
        context_length: u32,
    },
    /// The first context runs out of memory, and a shorter one is tried.
    ContextLowered {
        /// Tokens of the context that fails.
        tried: u32,
        /// Tokens of the context that loads.
        context_length: u32,
    },
    /// No context loads: the engine runs out of memory.
    OutOfMemory {
        /// Whether the GPUs share the host's memory, so that there is none beside what they get of it.
        shared: bool,
    },
    /// The engine does not load the model with its cache, whatever the context is.
    NotLoaded {
        /// Type of the KV cache that was asked for, e.g. `q8_0`.
        kv_cache_type: KvCacheType,
        /// Why the engine does not load it, as a code.
        fault: CacheFault,
    },
    /// One request at a time, whatever `OLLAMA_NUM_PARALLEL` says.
    SingleSlot,
    /// Its prediction is far from what the model takes on GPUs.
    PredictionOff {
        /// Prediction less what it takes, in percent of the latter; below zero where the prediction is too low.
        percent: i32,
    },
    /// A version of Ollama whose choices are not modelled.
    OldVersion,
    /// A version newer than what is known: the newest known engine stands for its own.
    NewerThanKnown {
        /// Build of llama.cpp that stands for its own.
        engine: Build,
    },
}

/// A measurement that speaks for or against a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskEvidence {
    /// Task that it counts for, e.g. `code`.
    pub task: Task,
    /// Name of the benchmark, e.g. `Artificial Analysis Coding Index (2026-08)`.
    pub benchmark: String,
    /// Published value on the benchmark's own scale, e.g. 12.11.
    pub value: f64,
    /// Who measured it, e.g. `Artificial Analysis (own runs)`.
    pub reported_by: Option<String>,
    /// Address or file where it is published.
    pub source: String,
}

/// A published measurement of speed on this kind of GPU.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpeedMeasurement {
    /// Name of the GPU, e.g. `RTX 3090`; of chips that share system memory, without its size.
    pub gpu: String,
    /// Model or architecture that was run, e.g. `qwen3-30b-a3b-thinking-2507`.
    pub architecture: String,
    /// GGUF's name of its file type, e.g. `Q4_K_M`.
    pub quantization: String,
    /// Tokens already in the context before the measured ones, e.g. 16384.
    pub context_length: u64,
    /// Tokens written per second, e.g. 114.0.
    pub decode: f64,
    /// Prompt tokens read per second; null where it was not measured.
    pub prefill: Option<f64>,
    /// Number of published rows that it is the median of.
    pub rows: usize,
    /// Address or file where it is published.
    pub source: String,
}

/// How good a model is for a task, and what that rests on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TaskStanding {
    /// Task that it is about, e.g. `code`.
    pub task: Task,
    /// Points from 0 to 100, e.g. 65.6.
    pub score: f64,
    /// One standard deviation of `score`, in points, e.g. 2.2.
    pub doubt: f64,
    /// What the points rest on, e.g. `benchmarks`; null if nothing but the size is known.
    pub basis: Option<ScoreBasis>,
    /// Number of published values of this model for this task; the most telling are listed as evidence.
    pub rows: u32,
}
