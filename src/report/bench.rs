//! `bench`.

use serde::Serialize;

use super::InventoryReport;
use crate::quantization::KvCacheType;

/// Answer of `vramfit bench`: how fast this machine is, by the counters of its Ollama.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bench {
    /// Name and version of this form: `vramfit.bench/1`.
    pub schema: &'static str,
    /// Address of the Ollama server, e.g. `http://127.0.0.1:11434`.
    pub server: String,
    /// Version of that server, e.g. `0.33.0`.
    pub version: String,
    /// Hardware that was measured, as found.
    pub inventory: InventoryReport,
    /// Ollama tag of the model that was measured, e.g. `qwen3:8b`.
    pub tag: String,
    /// Tokens of context that it was loaded with, e.g. 8192.
    pub context_length: u32,
    /// Prompt tokens read per second.
    pub prefill: Spread,
    /// Tokens written per second, at two depths of context.
    pub decode: Vec<Spread>,
    /// Tokens per second that were predicted before anything was measured, in the middle of the bands; null where nothing is predicted.
    pub predicted: Option<Prediction>,
    /// Measured speed divided by predicted speed; null where nothing is predicted.
    pub scale: Option<Scale>,
    /// Path of the file that keeps it, so that later predictions on this machine are scaled by it; null where it was not kept.
    pub kept: Option<String>,
    /// Why it was not kept, as a code, e.g. `far-off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_kept: Option<NotKept>,
    /// Path of the file that could not be written, and what the system said of it, e.g. `No space left on device (os error 28)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_written: Option<String>,
    /// The measurements as rows for `data/evidence/speed.jsonl.gz`, in the form that `CONTRIBUTING.md` asks for.
    pub rows: Vec<SpeedRow>,
}

/// A rate that was measured several times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spread {
    /// Tokens in the context in the middle of the measurement; of a prompt, its length.
    pub depth: u64,
    /// Number of times it was measured.
    pub runs: usize,
    /// Tokens per second of the slowest run.
    pub low: f64,
    /// Tokens per second of the median run.
    pub median: f64,
    /// Tokens per second of the fastest run.
    pub high: f64,
}

/// Tokens a second as they were predicted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prediction {
    /// Prompt tokens read per second; null where that is not predicted.
    pub prefill: Option<f64>,
    /// Tokens written per second, one value for each depth of `decode`.
    pub decode: Vec<f64>,
}

/// Measured speed divided by predicted speed: above 1 where the machine is faster.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scale {
    /// Factor for reading prompts; null where that is not predicted.
    pub prefill: Option<f64>,
    /// Factor for writing tokens.
    pub decode: f64,
}

/// Why a measurement scales nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NotKept {
    /// Nothing is predicted of this model on this machine.
    NotPredicted,
    /// A part of it lay in host memory, which is predicted otherwise.
    PartlyOnHost,
    /// So far from the prediction that something else is going on.
    FarOff,
    /// There is no place to keep it: neither `HOME` nor `XDG_CONFIG_HOME` is set.
    NoPlace,
    /// Its file could not be written.
    NotWritten,
}

/// A row of `data/evidence/speed.jsonl.gz`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SpeedRow {
    /// Name of the GPU as the driver has it, or `CPU`.
    pub gpu: String,
    /// Name of the GPU in `data/gpus.toml`, e.g. `RTX 3090`; null for one that is not there.
    pub gpu_ref: Option<String>,
    /// Number of GPUs of the machine.
    pub gpu_count: usize,
    /// Ollama tag of the model, e.g. `qwen3:30b`.
    pub model: String,
    /// GGUF's name of its file type, e.g. `Q4_K_M`; null where it is not known.
    pub quant: Option<String>,
    /// Kind of evidence: `measured`, since it was.
    pub kind: &'static str,
    /// Program that ran the model: `ollama`.
    pub runtime: &'static str,
    /// Version of that program, e.g. `0.33.0`.
    pub runtime_version: String,
    /// Tokens in the context in the middle of the measurement.
    pub context: u64,
    /// Type of the KV cache, e.g. `f16`.
    pub kv_cache: KvCacheType,
    /// Tokens written per second, the median of the runs.
    pub decode_tok_s: f64,
    /// Prompt tokens read per second, the median of the runs.
    pub prefill_tok_s: f64,
    /// What measured it: `vramfit bench` and its version.
    pub source: String,
}
