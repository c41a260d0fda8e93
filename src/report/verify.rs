//! `verify`.

use serde::Serialize;

use super::{Basis, Estimate, InventoryReport, PlacementReport};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// Answer of `vramfit verify`: the estimate beside what a server allocated.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Verify {
    /// Name and version of this form: `vramfit.verify/1`.
    pub schema: &'static str,
    /// Address of the server that was asked, e.g. `http://127.0.0.1:11434`; null where only a log was read.
    pub server: Option<String>,
    /// Version of the server, e.g. `0.33.0`; null where it is not told.
    pub version: Option<String>,
    /// Hardware that the prediction is for, as found or described.
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
    /// Ollama tag of the model, e.g. `qwen3:8b`.
    pub tag: String,
    /// Memory and placement that were predicted.
    pub predicted: Predicted,
    /// Memory and settings that were measured.
    pub actual: Actual,
    /// Measured less predicted buffers, in bytes; null where nothing was measured.
    pub difference: Option<i64>,
    /// The same as a part of the predicted ones, e.g. 0.01 for one percent more.
    pub difference_ratio: Option<f64>,
    /// The buffers kind by kind, where a log tells them.
    pub parts: Vec<PartDifference>,
    /// What explains the difference, and what does not, as codes, e.g. `as-predicted`.
    pub findings: Vec<Finding>,
    /// Whether something is wrong.
    pub fault: bool,
}

/// A prediction: what Ollama would have done by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Predicted {
    /// Bytes of the engine's buffers, without CUDA contexts and the vision projector: what `/api/ps` and the log count, too. On GPUs; in
    /// system memory where there are none.
    pub buffers: Bytes,
    /// The whole estimate, part by part, in bytes.
    pub estimate: Estimate,
    /// On which GPUs the model was to go, and what in system memory.
    pub placement: PlacementReport,
}

/// Where a measurement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MeasurementSource {
    /// The server's answer to `/api/ps`.
    Server,
    /// The log of the engine.
    Log,
    /// The driver's list of processes.
    Driver,
}

/// What was measured of a model that runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Actual {
    /// Who tells it: `server`, `log`, `driver`.
    pub witnesses: Vec<MeasurementSource>,
    /// Bytes of the engine's buffers on GPUs; in system memory where there are no GPUs. Null where nobody tells them.
    pub buffers: Option<Bytes>,
    /// Bytes of buffers in system memory, where the server or the log tells them; else null.
    pub host: Option<Bytes>,
    /// Tokens of context of one slot; null where nobody tells.
    pub context_length: Option<u32>,
    /// Slots (requests answered at once); null where nobody tells.
    pub parallel: Option<u32>,
    /// Tokens evaluated at once; null where nobody tells.
    pub batch: Option<u32>,
    /// Type of the KV cache, e.g. `f16`; null where nobody tells.
    pub kv_cache_type: Option<KvCacheType>,
    /// Whether flash attention is on, where the log tells.
    pub flash_attention: Option<bool>,
    /// Bytes of the buffers that the second context, that of drafting, has; null where there is none.
    pub draft: Option<Bytes>,
    /// Number of layers on GPUs; null where nobody tells.
    pub gpu_layers: Option<u32>,
    /// Number of all layers, the output layer among them; null where nobody tells.
    pub layers: Option<u32>,
    /// One entry for each GPU that is used.
    pub per_gpu: Vec<ActualGpu>,
}

/// What one GPU holds of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActualGpu {
    /// Index of the GPU on its machine, from 0; null where it is not known.
    pub gpu: Option<u32>,
    /// Name that the engine gives it, e.g. `CUDA0`; null where no log tells it.
    pub device: Option<String>,
    /// Bytes of the engine's buffers there; null where nobody tells them.
    pub buffers: Option<Bytes>,
    /// Bytes that the process holds there, as the driver says; null where it does not.
    pub process: Option<Bytes>,
    /// Bytes that the process holds beyond its buffers: the CUDA context. Null where it cannot be told.
    pub overhead: Option<Bytes>,
}

/// One kind of buffers, over all GPUs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PartDifference {
    /// Which kind of buffers: `weights`, `kv-cache` or `compute`.
    pub part: Part,
    /// Bytes that were predicted.
    pub predicted: Bytes,
    /// Bytes that were allocated.
    pub actual: Bytes,
    /// Allocated less predicted, in bytes.
    pub difference: i64,
}

/// A kind of buffers of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// The tensors of the model.
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
    /// The engine did not load it, or stopped: the log says why.
    EngineFailed {
        /// What the log says, shortened.
        said: String,
        /// Whether memory ran out.
        out_of_memory: bool,
    },
    /// Another context than was assumed.
    OtherContext {
        /// Tokens of context of one slot, as assumed.
        expected: u32,
        /// Tokens of context of one slot, as loaded.
        actual: u32,
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// Another number of slots.
    OtherParallel {
        /// Number of slots, as assumed.
        expected: u32,
        /// Number of slots, as loaded.
        actual: u32,
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// Another type of the KV cache than was assumed.
    OtherKvCacheType {
        /// Type of the KV cache, as assumed.
        expected: KvCacheType,
        /// Type of the KV cache, as loaded.
        actual: KvCacheType,
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// Another size of batch than was assumed.
    OtherBatch {
        /// Tokens evaluated at once, as assumed.
        expected: u64,
        /// Tokens evaluated at once, as loaded.
        actual: u64,
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// Flash attention is on and was assumed off, or the other way round.
    OtherFlashAttention {
        /// Whether it was assumed on.
        expected: bool,
        /// Whether it is really on.
        actual: bool,
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// The engine is one of before Ollama 0.30: it reserves logits for a whole batch.
    BatchLogits {
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// Another file than the tag's.
    OtherWeights {
        /// Bytes of weights on GPUs, as predicted.
        expected: Bytes,
        /// Bytes of weights on GPUs, as the log tells.
        actual: Bytes,
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// It drafts tokens ahead.
    Drafting {
        /// Number of copies of the recurrent state, beyond the one.
        snapshots: u32,
        /// Bytes of the second context's buffers.
        context: Bytes,
        /// Bytes that both add.
        bytes: i64,
    },
    /// Another number of GPUs than was assumed.
    OtherGpus {
        /// Number of GPUs, as assumed.
        expected: u32,
        /// Number of GPUs, as loaded.
        actual: u32,
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// A part of the layers lies in system memory.
    Spilled {
        /// Number of layers there; null where no log tells.
        layers: Option<u32>,
        /// Bytes there; null where it cannot be told.
        bytes: Option<Bytes>,
        /// Whether that was predicted.
        expected: bool,
    },
    /// The prediction itself is an approximation.
    Approximate {
        /// What the prediction rests on, e.g. `computed`.
        basis: Basis,
    },
    /// Another CUDA context than was assumed.
    OtherOverhead {
        /// Index of the GPU on its machine, from 0.
        gpu: u32,
        /// Bytes of the CUDA context, as assumed.
        expected: Bytes,
        /// Bytes of the CUDA context, as measured.
        actual: Bytes,
    },
    /// A setting that the server does not tell, and with which all would be as predicted.
    Likely {
        /// Option of vramfit that says so, without its hyphens.
        setting: String,
        /// Value of that option.
        value: String,
        /// Bytes that it adds; below zero where it saves.
        bytes: i64,
    },
    /// A difference that nothing explains.
    Unexplained {
        /// Measured less predicted, in bytes, after all that is explained.
        bytes: i64,
    },
}

/// What a process costs on a GPU before it loads anything, as it was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MeasuredOverhead {
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// UUID of the GPU, as `CUDA_VISIBLE_DEVICES` takes it.
    pub uuid: String,
    /// Name of the GPU, e.g. `RTX 3090`.
    pub name: String,
    /// Bytes of the CUDA context, as measured.
    pub overhead: Bytes,
}
