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
mod saved;
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
pub use saved::{SavedGpu, SavedPlan, SavedService, SavedSpeed};
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
use crate::engine::place::Verdict;
use crate::engine::place::{Placement, PlacementKind};
pub use crate::engine::ranking::Score;
pub use crate::engine::reason::Reason;
pub use crate::engine::speed::Speed;
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// The memory that the engine allocates for one model under one workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimate {
    /// Tokens of context of one slot, e.g. 8192.
    pub context_length: u32,
    /// Slots: requests answered at once (`OLLAMA_NUM_PARALLEL`), e.g. 1.
    pub parallel: u32,
    /// Type of the KV cache, e.g. `f16`, `q8_0`.
    pub kv_cache_type: KvCacheType,
    /// Tokens evaluated at once (`num_batch`), as it was used, e.g. 512.
    pub batch: u64,
    /// Whether flash attention is on.
    pub flash_attention: bool,
    /// The build of llama.cpp whose rules were used, e.g. `b11434`; of vLLM its name and version.
    pub engine: String,
    /// Bytes of tensors on all GPUs, without the vision projector, e.g. 18373181219.
    pub weights: Bytes,
    /// Bytes of the vision projector on GPUs; 0 where the model has none.
    pub projector: Bytes,
    /// Bytes of keys, values and recurrent state on all GPUs, e.g. 805306368.
    pub kv_cache: Bytes,
    /// Bytes of the recurrent state inside `kv_cache`; 0 for a model of attention alone.
    pub recurrent: Bytes,
    /// Bytes of compute buffers (scratch space of a batch) on all GPUs, e.g. 96479232.
    pub compute: Bytes,
    /// Tokens that are drafted ahead (`draft_num_predict`); `null` where nobody asks for it.
    pub draft_num_predict: Option<u32>,
    /// Bytes of `weights`, `kv_cache` and `compute` that only drafting takes, beside copies of the recurrent state.
    pub draft: Bytes,
    /// Bytes of CUDA contexts on all GPUs, without any margin, e.g. 455782400.
    pub overhead: Bytes,
    /// Bytes of everything on all GPUs, e.g. 19827228451.
    pub total: Bytes,
    /// What lies in system memory, part by part, in bytes.
    pub host: HostEstimate,
    /// What the numbers rest on, e.g. `computed`.
    pub basis: Basis,
    /// By how much the GPUs may have to hold more, in bytes; 0 where the numbers are the engine's own.
    pub doubt: Bytes,
    /// One entry for each GPU that is used.
    pub per_gpu: Vec<GpuEstimate>,
}

/// The part of an estimate that lies in system memory, in bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostEstimate {
    /// Bytes of tensors in system memory; the token embedding at least, e.g. 175006412.
    pub weights: Bytes,
    /// Bytes of keys and values of blocks that lie in system memory.
    pub kv_cache: Bytes,
    /// Bytes of compute buffers in system memory, e.g. 25176064.
    pub compute: Bytes,
    /// Bytes of the buffer for logits in system memory, e.g. 607744.
    pub output: Bytes,
}

impl Estimate {
    /// Whether what lies in system memory is counted as its need: where a part of the model lies there, or all of it.
    pub fn counts_host(&self, verdict: Option<Verdict>) -> bool {
        verdict == Some(Verdict::Offloads) || self.total == Bytes::ZERO
    }

    /// Bytes that it needs where it was placed.
    pub fn need(&self, verdict: Option<Verdict>) -> Bytes {
        match self.counts_host(verdict) {
            true => self.total + self.host.total(),
            false => self.total,
        }
    }
}

impl HostEstimate {
    /// Bytes of all of it.
    pub fn total(&self) -> Bytes {
        self.weights + self.kv_cache + self.compute + self.output
    }
}

/// One GPU's part of an estimate, in bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuEstimate {
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// Bytes of tensors on this GPU, the vision projector among them.
    pub weights: Bytes,
    /// Bytes of keys, values and recurrent state on this GPU.
    pub kv_cache: Bytes,
    /// Bytes of compute buffers on this GPU.
    pub compute: Bytes,
    /// Bytes of the CUDA context on this GPU.
    pub overhead: Bytes,
    /// Bytes that the model takes on this GPU, all of the above together.
    pub total: Bytes,
}

/// Where the parts of a model lie: on which GPUs, and what in system memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlacementReport {
    /// How the model lies: `single`, `split`, `offload` or `does-not-fit`.
    pub kind: PlacementKind,
    /// One entry for each GPU that is used; where nothing fits, the GPUs that come nearest.
    pub gpus: Vec<PlacedGpu>,
    /// Number of blocks in system memory, e.g. 0.
    pub host_layers: u32,
    /// Number of blocks on a GPU whose experts lie in system memory.
    pub host_expert_layers: u32,
    /// Bytes of the model in system memory, e.g. 200790220.
    pub host_bytes: Bytes,
    /// Bytes that are missing over all GPUs; 0 where it fits.
    pub shortfall: Bytes,
}

/// A GPU that holds a part of a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlacedGpu {
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// UUID of the GPU, as `CUDA_VISIBLE_DEVICES` takes it; null where it is not known.
    pub uuid: Option<String>,
    /// Name of the machine, e.g. `localhost`.
    pub host: String,
    /// Number of layers on this GPU, where the output layer counts as one, e.g. 49.
    pub layers: u32,
    /// Bytes that the model takes on this GPU, e.g. 19730749219.
    pub bytes: Bytes,
}

/// A range of memory in bytes, as the written guide states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Range {
    /// Lower end in bytes, e.g. 18253611008.
    pub min: Bytes,
    /// Upper end in bytes, e.g. 21474836480.
    pub max: Bytes,
}

/// An error, as `--json` prints it on stderr.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorReport {
    /// Name and version of this form: `vramfit.error/1`.
    pub schema: &'static str,
    /// Stable code of what is wrong, for programs, e.g. `unknown-tag`.
    pub code: &'static str,
    /// What is wrong and what to do, a sentence in the language that was asked for.
    pub message: String,
    /// Names that may have been meant; empty where there are none.
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
