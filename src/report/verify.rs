//! `verify`.

use serde::Serialize;

use super::{Basis, Estimate, InventoryReport, PlacementReport};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// `vramfit verify`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verify {
    /// `vramfit.verify/1`
    pub schema: &'static str,
    /// The server that was asked; absent where only a log was read.
    pub server: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// The hardware.
    pub inventory: InventoryReport,
    /// The models, as they were found.
    pub models: Vec<Verified>,
    /// What was saved for later estimates.
    pub saved: Vec<MeasuredOverhead>,
}

/// One model: what was predicted, and what is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verified {
    /// Its tag.
    pub tag: String,
    /// What was predicted.
    pub predicted: Predicted,
    /// What is.
    pub actual: Actual,
    /// Actual less predicted buffers, in bytes; absent where nothing was measured.
    pub difference: Option<i64>,
    /// The same as a part of the predicted ones.
    pub difference_ratio: Option<f64>,
    /// The buffers kind by kind, where a log tells them.
    pub parts: Vec<PartDifference>,
    /// What explains the difference, and what does not.
    pub findings: Vec<Finding>,
    /// Whether something is wrong.
    pub fault: bool,
}

/// A prediction: what Ollama would have done by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Predicted {
    /// The engine's buffers, without CUDA contexts and the vision projector: what `/api/ps` and the log count, too. On GPUs; on the host
    /// where there are no GPUs.
    pub buffers: Bytes,
    /// The whole estimate.
    pub estimate: Estimate,
    /// Where it was to go.
    pub placement: PlacementReport,
}

/// Where a measurement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MeasurementSource {
    /// The server's `/api/ps`.
    Server,
    /// The engine's log.
    Log,
    /// The driver's list of processes.
    Driver,
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Actual {
    /// Who says so.
    pub witnesses: Vec<MeasurementSource>,
    /// The engine's buffers on GPUs; on the host where there are no GPUs.
    pub buffers: Option<Bytes>,
    /// Buffers in host memory, where the server or the log tells them.
    pub host: Option<Bytes>,
    /// Tokens of one slot.
    pub context_length: Option<u32>,
    /// Slots.
    pub parallel: Option<u32>,
    /// Tokens evaluated at once.
    pub batch: Option<u32>,
    /// The type of the cache.
    pub kv_cache_type: Option<KvCacheType>,
    /// Whether flash attention is on, where the log tells.
    pub flash_attention: Option<bool>,
    /// What the second context, that of drafting, has of the buffers.
    pub draft: Option<Bytes>,
    /// Layers on GPUs.
    pub gpu_layers: Option<u32>,
    /// Layers, the output layer among them.
    pub layers: Option<u32>,
    /// One entry a GPU that is used.
    pub per_gpu: Vec<ActualGpu>,
}

/// What one GPU holds of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActualGpu {
    /// Its index on this machine, where it is known.
    pub gpu: Option<u32>,
    /// The engine's name of it, such as `CUDA0`.
    pub device: Option<String>,
    /// The engine's buffers there.
    pub buffers: Option<Bytes>,
    /// What the driver says that the process holds there.
    pub process: Option<Bytes>,
    /// What the process holds beyond its buffers: the CUDA context.
    pub overhead: Option<Bytes>,
}

/// One kind of buffers, over all GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartDifference {
    /// Which.
    pub part: Part,
    /// As predicted.
    pub predicted: Bytes,
    /// As allocated.
    pub actual: Bytes,
    /// Actual less predicted, in bytes.
    pub difference: i64,
}

/// A kind of buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Tensors.
    Weights,
    /// Keys, values and recurrent state.
    KvCache,
    /// The scratch space of a batch.
    Compute,
}

/// Something that explains a difference, or that nothing explains.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Finding {
    /// All is as predicted.
    AsPredicted,
    /// Nobody says how large the buffers are.
    NotMeasured,
    /// Another context than was assumed.
    OtherContext {
        /// Tokens of one slot, as assumed.
        expected: u32,
        /// As loaded.
        actual: u32,
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// Another number of slots.
    OtherParallel {
        /// As assumed.
        expected: u32,
        /// As loaded.
        actual: u32,
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// Another type of cache.
    OtherKvCacheType {
        /// As assumed.
        expected: KvCacheType,
        /// As loaded.
        actual: KvCacheType,
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// Another batch.
    OtherBatch {
        /// Tokens, as assumed.
        expected: u64,
        /// As loaded.
        actual: u64,
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// Flash attention is on and was assumed off, or the other way round.
    OtherFlashAttention {
        /// Whether it was assumed on.
        expected: bool,
        /// Whether it is on.
        actual: bool,
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// The engine is one of before Ollama 0.30: it reserves logits for a whole batch.
    BatchLogits {
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// Another file than the tag's.
    OtherWeights {
        /// On GPUs, as predicted.
        expected: Bytes,
        /// As the log tells.
        actual: Bytes,
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// It drafts tokens ahead.
    Drafting {
        /// Copies of the recurrent state, beyond the one.
        snapshots: u32,
        /// The second context's buffers.
        context: Bytes,
        /// What both add, in bytes.
        bytes: i64,
    },
    /// Another number of GPUs.
    OtherGpus {
        /// As assumed.
        expected: u32,
        /// As loaded.
        actual: u32,
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// Layers in host memory.
    Spilled {
        /// How many, where the log tells.
        layers: Option<u32>,
        /// Bytes there, where it can be told.
        bytes: Option<Bytes>,
        /// Whether that was predicted.
        expected: bool,
    },
    /// The prediction itself is an approximation.
    Approximate {
        /// What it rests on.
        basis: Basis,
    },
    /// Another CUDA context than was assumed.
    OtherOverhead {
        /// The GPU.
        gpu: u32,
        /// As assumed.
        expected: Bytes,
        /// As measured.
        actual: Bytes,
    },
    /// A setting that the server does not tell, and with which all would be as predicted.
    Likely {
        /// The option that says so, without its hyphens.
        setting: String,
        /// Its value.
        value: String,
        /// What that adds, in bytes.
        bytes: i64,
    },
    /// What nothing explains.
    Unexplained {
        /// Actual less predicted, in bytes, after all that is explained.
        bytes: i64,
    },
}

/// What a process costs on a GPU before it loads anything, as it was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasuredOverhead {
    /// The GPU's index.
    pub gpu: u32,
    /// Its UUID.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// The CUDA context.
    pub overhead: Bytes,
}
