//! `matrix`.

use serde::Serialize;

use super::{InventoryReport, Range, Score};
use crate::engine::place::Verdict;
use crate::lang::Bilingual;
use crate::quantization::KvCacheType;
use crate::request::{Budget, Stage, Task};
use crate::units::Bytes;

/// `vramfit matrix`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Matrix {
    /// `vramfit.matrix/1`
    pub schema: &'static str,
    /// What was asked, every default filled in.
    pub request: AdviceRequest,
    /// The hardware that was given or found; without any, the computed rows are for the guide's cards.
    pub inventory: InventoryReport,
    /// The guide's tables.
    pub guide: GuideTables,
    /// The same question answered from the catalog.
    pub computed: Vec<MatrixRow>,
}

/// The settings that `matrix` and `curves` are computed for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdviceRequest {
    /// The task.
    pub task: Task,
    /// Tokens of one slot.
    pub context_length: u32,
    /// Slots.
    pub parallel: u32,
    /// The type of the cache.
    pub kv_cache_type: KvCacheType,
    /// `all`, `guide`, or a file.
    pub catalog: String,
}

/// A computed row: some hardware, and the best model for each purpose.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixRow {
    /// The host, where there are several.
    pub host: Option<String>,
    /// The GPUs by name and number, such as `RTX 3090 x2`.
    pub hardware: String,
    /// All their memory.
    pub vram: Bytes,
    /// For trying things out: speed first.
    pub development: Option<MatrixPick>,
    /// In use: quality first, speed and room considered.
    pub production: Option<MatrixPick>,
    /// The most points for the task, whatever its speed.
    pub flagship: Option<MatrixPick>,
}

/// A model of the matrix.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MatrixPick {
    /// Its tag.
    pub tag: String,
    /// How well it fits.
    pub verdict: Verdict,
    /// Whether it fits by less than the estimate may be off: it probably fits.
    pub within_doubt: bool,
    /// What it takes.
    pub total: Bytes,
    /// Tokens per second, if anything is known of the GPU.
    pub decode: Option<[f64; 2]>,
    /// Points out of 100.
    pub score: Score,
}

/// What the guide says by memory, stage and cards.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideTables {
    /// The summary: memory by purpose.
    pub matrix: Vec<GuideMatrixRow>,
    /// The decision tree's classes of memory.
    pub memory: Vec<GuideMemory>,
    /// By stage of a project.
    pub stages: Vec<GuideStage>,
    /// By cards.
    pub cards: Vec<GuideCards>,
    /// The best practices of the summary.
    pub practices: Vec<GuidePractice>,
}

/// A row of the guide's summary.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideMatrixRow {
    /// Memory of all cards, from which on the row holds.
    pub vram: Bytes,
    /// Tags for development.
    pub development: Vec<String>,
    /// Tags for production.
    pub production: Vec<String>,
    /// Tags of the flagship set-up.
    pub flagship: Vec<String>,
    /// Words instead of tags, for the three columns.
    pub notes: Vec<Bilingual>,
}

/// A class of memory of the guide's decision tree.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideMemory {
    /// The least memory.
    pub from: Bytes,
    /// The most; open at the top if absent.
    pub to: Option<Bytes>,
    /// Its name.
    pub title: Bilingual,
    /// Tags.
    pub picks: Vec<String>,
    /// Words instead of tags.
    pub note: Option<Bilingual>,
}

/// A stage of the guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideStage {
    /// The stage.
    pub stage: Stage,
    /// What it is about.
    pub advice: Bilingual,
    /// Tags for one card.
    pub single: Vec<String>,
    /// Tags for two cards.
    pub dual: Vec<String>,
    /// Memory, as the guide says it.
    pub documented_vram: Option<Range>,
    /// Tokens per second, as the guide says it.
    pub tokens_per_second: [f64; 2],
}

/// A set of cards of the guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideCards {
    /// The cards, as `--gpu` takes them.
    pub gpu: String,
    /// First choices.
    pub best: Vec<String>,
    /// Others.
    pub alternatives: Vec<String>,
    /// Words beside the tags.
    pub note: Option<Bilingual>,
}

/// A best practice of the guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuidePractice {
    /// For whom.
    pub title: Bilingual,
    /// The cards, if it is about cards.
    pub gpu: Option<String>,
    /// The budget, if it is about money.
    pub budget: Option<Budget>,
    /// Tags.
    pub picks: Vec<String>,
    /// Words beside the tags.
    pub note: Option<Bilingual>,
}
