//! `matrix`.

use serde::Serialize;

use super::{InventoryReport, Range, Score};
use crate::engine::place::Verdict;
use crate::lang::Bilingual;
use crate::quantization::KvCacheType;
use crate::request::{Budget, Stage, Task};
use crate::units::Bytes;

/// Answer of `vramfit matrix`: which model for which hardware and purpose.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Matrix {
    /// Name and version of this form: `vramfit.matrix/1`.
    pub schema: &'static str,
    /// What was asked, every default filled in.
    pub request: AdviceRequest,
    /// The hardware that was given or found; without any, the computed rows are for the guide's cards.
    pub inventory: InventoryReport,
    /// The tables as the written guide states them.
    pub guide: GuideTables,
    /// The same question answered from the catalog.
    pub computed: Vec<MatrixRow>,
}

/// The settings that `matrix` and `curves` are computed for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdviceRequest {
    /// What the models are for, e.g. `chat`.
    pub task: Task,
    /// Tokens of context of one slot, e.g. 8192.
    pub context_length: u32,
    /// Slots: requests answered at once, e.g. 1.
    pub parallel: u32,
    /// Type of the KV cache, e.g. `f16`.
    pub kv_cache_type: KvCacheType,
    /// Models to choose from: `all`, `guide`, or a file.
    pub catalog: String,
}

/// A computed row: some hardware, and the best model for each purpose.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixRow {
    /// Name of the machine, where there are several; else null.
    pub host: Option<String>,
    /// The GPUs by name and number, such as `RTX 3090 x2`.
    pub hardware: String,
    /// Bytes of memory of all these GPUs together, e.g. 25769803776.
    pub vram: Bytes,
    /// Best model for trying things out: speed first; null where none fits.
    pub development: Option<MatrixPick>,
    /// Best model for use: quality first, speed and free memory considered; null where none fits.
    pub production: Option<MatrixPick>,
    /// Model with the most points for the task, whatever its speed; null where none fits.
    pub flagship: Option<MatrixPick>,
}

/// A model of the matrix, and how well it fits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixPick {
    /// Ollama tag of the model, e.g. `gemma4:26b`.
    pub tag: String,
    /// How well it fits, e.g. `fits`.
    pub verdict: Verdict,
    /// Whether it fits by less than the estimate may be off: it probably fits.
    pub within_doubt: bool,
    /// Bytes that it takes on GPUs, e.g. 19247708256.
    pub total: Bytes,
    /// Tokens written per second, at least and at most; null where nothing is known of the GPU.
    pub decode: Option<[f64; 2]>,
    /// Points from 0 to 100.
    pub score: Score,
}

/// What the written guide (docs/guide-notes.md) says by memory, stage and GPUs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideTables {
    /// The summary: memory by purpose.
    pub matrix: Vec<GuideMatrixRow>,
    /// The decision tree's classes of memory.
    pub memory: Vec<GuideMemory>,
    /// Models by stage of a project.
    pub stages: Vec<GuideStage>,
    /// Models by set of GPUs.
    pub cards: Vec<GuideCards>,
    /// The best practices of the summary.
    pub practices: Vec<GuidePractice>,
}

/// A row of the guide's summary.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideMatrixRow {
    /// Bytes of memory of all GPUs, from which on the row holds, e.g. 25769803776.
    pub vram: Bytes,
    /// Ollama tags for development, e.g. `mistral:7b`.
    pub development: Vec<String>,
    /// Ollama tags for production, e.g. `qwen3:30b`.
    pub production: Vec<String>,
    /// Ollama tags of the flagship set-up, e.g. `yi:34b`.
    pub flagship: Vec<String>,
    /// Words instead of tags, for the three columns.
    pub notes: Vec<Bilingual>,
}

/// A class of memory of the guide's decision tree.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideMemory {
    /// Least memory in bytes, e.g. 6442450944.
    pub from: Bytes,
    /// Most memory in bytes; null where the class is open at the top.
    pub to: Option<Bytes>,
    /// Name of the class, e.g. `6-8 GB`.
    pub title: Bilingual,
    /// Ollama tags that the guide recommends, e.g. `mistral:7b`.
    pub picks: Vec<String>,
    /// Words that stand in place of tags; null where there are none.
    pub note: Option<Bilingual>,
}

/// What the written guide recommends at a stage of a project.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideStage {
    /// Stage of the project, e.g. `prototype`.
    pub stage: Stage,
    /// What counts at this stage.
    pub advice: Bilingual,
    /// Ollama tags for one GPU.
    pub single: Vec<String>,
    /// Ollama tags for two GPUs.
    pub dual: Vec<String>,
    /// Memory in bytes, as the guide states it; null where it states none.
    pub documented_vram: Option<Range>,
    /// Tokens written per second, at least and at most, as the guide states it.
    pub tokens_per_second: [f64; 2],
}

/// What the written guide recommends for a set of GPUs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideCards {
    /// The GPUs, as `--gpu` takes them, e.g. `RTX 3090 x2`.
    pub gpu: String,
    /// Ollama tags of the first choices.
    pub best: Vec<String>,
    /// Ollama tags of other choices.
    pub alternatives: Vec<String>,
    /// Words beside the tags; null where there are none.
    pub note: Option<Bilingual>,
}

/// A best practice of the written guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuidePractice {
    /// For whom it is, e.g. `a single 3090`.
    pub title: Bilingual,
    /// The GPUs as `--gpu` takes them, if it is about GPUs; else null.
    pub gpu: Option<String>,
    /// The budget, if it is about money, e.g. `limited`; else null.
    pub budget: Option<Budget>,
    /// Ollama tags that it recommends; empty where words do.
    pub picks: Vec<String>,
    /// Words beside the tags; null where there are none.
    pub note: Option<Bilingual>,
}
