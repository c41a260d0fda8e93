//! `bench`.

use serde::Serialize;

use super::InventoryReport;
use crate::quantization::KvCacheType;

/// `vramfit bench`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bench {
    /// `vramfit.bench/1`
    pub schema: &'static str,
    /// The server.
    pub server: String,
    /// Its version.
    pub version: String,
    /// The hardware.
    pub inventory: InventoryReport,
    /// The model.
    pub tag: String,
    /// The context that it was loaded with.
    pub context_length: u32,
    /// Tokens a second at which prompts were read.
    pub prefill: Spread,
    /// Tokens a second that were written, at two depths.
    pub decode: Vec<Spread>,
    /// What was predicted before anything was measured, in the middle of the bands: of reading, and of writing at each depth.
    pub predicted: Option<Prediction>,
    /// Measured / predicted.
    pub scale: Option<Scale>,
    /// Where it was kept, so that later predictions on this machine are scaled by it.
    pub kept: Option<String>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_kept: Option<NotKept>,
    /// The measurements as `CONTRIBUTING.md` asks for them.
    pub rows: Vec<SpeedRow>,
}

/// A rate that was measured several times.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Spread {
    /// Tokens in the context at the middle of it; of a prompt, its length.
    pub depth: u64,
    /// How often it was measured.
    pub runs: usize,
    /// The slowest, in tokens a second.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// The fastest.
    pub high: f64,
}

/// Tokens a second as they were predicted.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prediction {
    /// Of reading.
    pub prefill: Option<f64>,
    /// Of writing, depth by depth.
    pub decode: Vec<f64>,
}

/// Measured / predicted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scale {
    /// Of reading.
    pub prefill: Option<f64>,
    /// Of writing.
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
}

/// A row of `data/evidence/speed.jsonl.gz`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[allow(missing_docs)] // The keys are explained in data/README.md.
pub struct SpeedRow {
    pub gpu: String,
    pub gpu_ref: Option<String>,
    pub gpu_count: usize,
    pub model: String,
    pub quant: Option<String>,
    pub kind: &'static str,
    pub runtime: &'static str,
    pub runtime_version: String,
    /// Tokens in the context.
    pub context: u64,
    pub kv_cache: KvCacheType,
    pub decode_tok_s: f64,
    pub prefill_tok_s: f64,
    pub source: String,
}
