//! The only thing that leaves the engine: one struct a command, plain data, the same in every language.
//!
//! Sizes are bytes, speeds tokens per second, codes kebab-case. Names are a contract (`vramfit schema COMMAND`): scripts read them.

mod bench;
mod catalog;
mod curves;
mod doctor;
mod explain;
mod guide;
mod hardware;
mod llama_server;
mod matrix;
mod models;
mod monitor;
mod ollama;
mod plan;
mod planned;
mod recommend;
mod tips;
mod upgrade;
mod verify;

pub use bench::{Bench, NotKept, Prediction, Scale, SpeedRow, Spread};
pub use catalog::{
    CatalogCheck, CatalogPath, CatalogReport, CatalogShow, FactReport, FileCounts, Imported,
    ShownSources,
};
pub use curves::{Curves, GuideCurves, GuideGain, GuidePoint, GuideSpeed, GuideValue, SizeClass};
pub use doctor::{Doctor, DoctorFinding, Unchecked};
pub use explain::{
    CacheFactors, ContextRow, Explain, LargestContext, OllamaChoice, OllamaNote, OllamaReport,
    SpeedMeasurement, TaskEvidence, TaskStanding,
};
pub use guide::{GuideFamilyModel, GuideFamilyReport, GuideTierReport};
pub use hardware::{GpuReport, Gpus, HostReport, InventoryReport};
pub use llama_server::{LlamaServer, ModelFile};
pub use matrix::{
    AdviceRequest, GuideCards, GuideMatrixRow, GuideMemory, GuidePractice, GuideStage, GuideTables,
    Matrix, MatrixPick, MatrixRow,
};
pub use models::{
    Compare, Compared, ModelHere, ModelRow, Models, ModelsHere, Stars, TaskRank, VramRange,
};
pub use monitor::{
    Health, Holder, LoadedModel, Monitor, MonitoredGpu, MonitoredServer, MonitoredService,
};
pub use ollama::{LoadedReport, Pull};
pub use plan::{Ending, GpuBudget, Plan, PlanNote, Refused, Service, ServiceGpu, Turn, Unplaced};
pub use planned::{
    Cause, EmittedFile, FailureImpact, Filling, Move, PlanChange, Planned, PresetRow, Presets,
    ServiceName, Setting, SettingsChange, Unpinned, UsersAnswer,
};
pub use recommend::{Recommend, RecommendRequest, Recommendation, Rejected, Spare, Weights};
pub use tips::{Change, GuideTip, Tip, Tips};
pub use upgrade::{
    CardChange, ChangeKind, OfferedBy, OfferedCard, ServedUsers, ServicePlace, Upgrade,
    UpgradeModel, UpgradeOption, UpgradeOutcome,
};
pub use verify::{
    Actual, ActualGpu, Finding, MeasuredOverhead, MeasurementSource, Part, PartDifference,
    Predicted, Verified, Verify,
};

use serde::Serialize;

pub use crate::engine::estimate_input::Basis;
pub use crate::engine::fix::Fix;
use crate::engine::place::{Kind, Placement};
pub use crate::engine::reason::Reason;
pub use crate::engine::scoring::Score;
pub use crate::engine::speed::Speed;
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// The memory that the engine allocates for one model under one workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// Tokens of one slot.
    pub context_length: u32,
    /// Slots.
    pub parallel: u32,
    /// The type of the cache.
    pub kv_cache_type: KvCacheType,
    /// Tokens evaluated at once (`num_batch`), as it was used.
    pub batch: u64,
    /// Whether flash attention is on.
    pub flash_attention: bool,
    /// The build of llama.cpp whose rules were used, such as `b10488`; of vLLM its name and version.
    pub engine: String,
    /// Tensors on GPUs.
    pub weights: Bytes,
    /// The vision projector.
    pub projector: Bytes,
    /// Keys, values and recurrent state on GPUs.
    pub kv_cache: Bytes,
    /// The recurrent state inside `kv_cache`.
    pub recurrent: Bytes,
    /// Compute buffers on GPUs.
    pub compute: Bytes,
    /// Tokens that are drafted ahead (`draft_num_predict`); `null` where nobody asks for it.
    pub draft_num_predict: Option<u32>,
    /// What of `weights`, `kv_cache` and `compute` only drafting takes, beside copies of the recurrent state.
    pub draft: Bytes,
    /// CUDA contexts, without any margin.
    pub overhead: Bytes,
    /// Everything on GPUs.
    pub total: Bytes,
    /// What host memory holds.
    pub host: HostEstimate,
    /// What the numbers rest on.
    pub basis: Basis,
    /// By how much the GPUs may have to hold more, in bytes; 0 where the numbers are the engine's own.
    pub doubt: Bytes,
    /// One entry a GPU.
    pub per_gpu: Vec<GpuEstimate>,
}

/// The host's part of an estimate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostEstimate {
    /// Tensors; the token embedding at least.
    pub weights: Bytes,
    /// Keys and values of blocks on the host.
    pub kv_cache: Bytes,
    /// Compute buffers.
    pub compute: Bytes,
    /// Logits.
    pub output: Bytes,
}

/// One GPU's part of an estimate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuEstimate {
    /// The GPU's index on its host.
    pub gpu: u32,
    /// Tensors, the projector among them.
    pub weights: Bytes,
    /// Keys, values and recurrent state.
    pub kv_cache: Bytes,
    /// Compute buffers.
    pub compute: Bytes,
    /// The CUDA context.
    pub overhead: Bytes,
    /// All of it.
    pub total: Bytes,
}

/// Where a model lies.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlacementReport {
    /// How it lies.
    pub kind: Kind,
    /// One entry a GPU that is used.
    pub gpus: Vec<PlacedGpu>,
    /// Blocks on the host.
    pub host_layers: u32,
    /// Blocks on a GPU whose experts are on the host.
    pub host_expert_layers: u32,
    /// Bytes in host memory.
    pub host_bytes: Bytes,
    /// Bytes missing over all GPUs.
    pub shortfall: Bytes,
}

/// A GPU that holds a part of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlacedGpu {
    /// Its index on its host.
    pub gpu: u32,
    /// Its UUID.
    pub uuid: Option<String>,
    /// Its host.
    pub host: String,
    /// Layers there; the output layer counts as one.
    pub layers: u32,
    /// Bytes there.
    pub bytes: Bytes,
}

/// A documented range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Range {
    /// The lower end.
    pub min: Bytes,
    /// The upper end.
    pub max: Bytes,
}

/// An error, as `--json` prints it on stderr.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorReport {
    /// `vramfit.error/1`
    pub schema: &'static str,
    /// What is wrong, for machines.
    pub code: String,
    /// What is wrong, for people.
    pub message: String,
    /// Names that may have been meant.
    pub candidates: Vec<String>,
}

impl Estimate {
    /// The estimate of a placement. `gpu` names the index of a device on its host.
    pub fn new(
        placement: &Placement,
        basis: Basis,
        doubt: Bytes,
        gpu: impl Fn(usize) -> u32,
    ) -> Self {
        let (workload, allocation) = (&placement.workload, &placement.allocation);
        let sum = |part: fn(&crate::engine::estimate::Buffers) -> Bytes| {
            allocation.gpus.iter().map(part).sum::<Bytes>()
        };
        let per_gpu = placement.shares.iter().map(|share| GpuEstimate {
            gpu: gpu(share.device),
            weights: share.buffers.weights + share.buffers.projector,
            kv_cache: share.buffers.kv_cache,
            compute: share.buffers.compute,
            overhead: share.overhead,
            total: share.total(),
        });
        let host = &allocation.host;
        Self {
            context_length: workload.context_length,
            parallel: workload.parallel,
            kv_cache_type: workload.kv_cache_type,
            batch: allocation.batch,
            flash_attention: allocation.flash_attention,
            engine: workload.build.label().to_owned(),
            weights: sum(|gpu| gpu.weights),
            projector: sum(|gpu| gpu.projector),
            kv_cache: sum(|gpu| gpu.kv_cache),
            recurrent: sum(|gpu| gpu.recurrent),
            compute: sum(|gpu| gpu.compute),
            draft_num_predict: Some(allocation.draft)
                .filter(|tokens| *tokens > 0 || workload.draft.is_some()),
            draft: sum(|gpu| gpu.draft),
            overhead: placement.shares.iter().map(|share| share.overhead).sum(),
            total: placement.total(),
            host: HostEstimate {
                weights: host.weights,
                kv_cache: host.kv_cache,
                compute: host.compute,
                output: host.output,
            },
            basis,
            doubt,
            per_gpu: per_gpu.collect(),
        }
    }
}
