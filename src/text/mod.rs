//! What people read. Every sentence of the program stands in this room, once a language; what is long stands in `data/`.
//!
//! The matches in `en` and `zh` have no `_`: a missing sentence does not compile.

mod doctor;
mod en;
mod engine;
mod failure;
mod fix;
mod ollama;
mod plan;
mod zh;

use crate::catalog::knowledge::ScoreBasis;
use crate::catalog::model::{Capability, Kind};
use crate::catalog::speeds::Basis as SpeedBasis;
use crate::engine::place::Verdict;
use crate::lang::Lang;
pub(crate) use crate::messages::{band, parameters, tokens};
use crate::report::{Basis, Fix, Reason};
use crate::request::{Budget, Priority, Stage, Task, Tier};

pub use doctor::{DoctorText, DoctorWord};
pub use engine::EngineText;
pub use failure::FailureText;
pub use ollama::{OllamaText, Said};
pub use plan::{PlanLabel, PlanSentence, PlanText};

/// Words that stand alone: column heads, names of numbers, titles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Label {
    Pick,
    Why,
    Run,
    Rank,
    Model,
    Models,
    Verdict,
    Memory,
    Need,
    Speed,
    Missing,
    WhatWouldHelp,
    NearlyFits,
    Parameters,
    Quantization,
    Context,
    Guide,
    GuideRange,
    License,
    File,
    Weights,
    Projector,
    KvCache,
    Recurrent,
    Compute,
    Overhead,
    Total,
    Free,
    Margin,
    Usable,
    Used,
    Reserved,
    Gpu,
    Host,
    Installed,
    Name,
    ComputeCapability,
    Processes,
    HostMemory,
    OnHost,
    OnCpu,
    Driver,
    Score,
    NotShown,
    Ladder,
    LargestContext,
    OllamaItself,
    Prediction,
    DefaultContext,
    Placement,
    Shape,
    Sources,
    Released,
    Capabilities,
    Evidence,
    Benchmark,
    Value,
    ReportedBy,
    NearestMeasurement,
    TaskScore,
    Source,
    Stars,
    Estimate,
    Basis,
    Batch,
    Parallel,
    KvCacheType,
    FlashAttention,
    On,
    Off,
    Options,
    GlobalOptions,
    Commands,
    Arguments,
    Usage,
    Choices,
    Environment,
    Generation,
    Prefill,
    FirstToken,
    Simulated,
}

/// One language.
pub trait Text: DoctorText + EngineText + FailureText + OllamaText + PlanText + Sync {
    /// Which.
    fn lang(&self) -> Lang;
    /// A word.
    fn label(&self, label: Label) -> &'static str;
    /// How well something fits.
    fn verdict(&self, verdict: Verdict) -> &'static str;
    /// A task.
    fn task(&self, task: Task) -> &'static str;
    /// A priority.
    fn priority(&self, priority: Priority) -> &'static str;
    /// A stage.
    fn stage(&self, stage: Stage) -> &'static str;
    /// A budget.
    fn budget(&self, budget: Budget) -> &'static str;
    /// A tier.
    fn tier(&self, tier: Tier) -> &'static str;
    /// A kind of model.
    fn kind(&self, kind: Kind) -> &'static str;
    /// A capability.
    fn capability(&self, capability: Capability) -> &'static str;
    /// What an estimate rests on.
    fn basis(&self, basis: Basis) -> &'static str;
    /// What a score for a task rests on.
    fn score_basis(&self, basis: ScoreBasis) -> &'static str;
    /// What a speed rests on.
    fn speed_basis(&self, basis: SpeedBasis) -> &'static str;
    /// Why a model stands where it stands for a task, in a few words for a table.
    fn reason(&self, reason: &Reason, task: Task) -> String;
    /// What would make a model fit.
    fn fix(&self, fix: &Fix) -> String;
    /// A sentence with its numbers.
    fn say(&self, sentence: &Sentence<'_>) -> String;
}

/// Sentences that are not about one value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Sentence<'a> {
    /// No GPU was found.
    NoGpu,
    /// How to try hardware that is not here.
    HowToSimulate,
    /// The memory of a GPU and what of it may be used.
    Usable { total: &'a str, usable: &'a str },
    /// Host memory.
    HostMemory { available: &'a str },
    /// The best answer: what, for what.
    Best { tag: &'a str, task: &'a str },
    /// What it takes and where.
    Takes { need: &'a str, gpus: &'a str },
    /// What it takes without GPUs.
    TakesHost { need: &'a str },
    /// The part of a model that the processor computes with.
    HostShare { percent: u32 },
    /// At a context.
    InContext { context: &'a str },
    /// A number of tokens a second, or two.
    Rate { rate: &'a str },
    /// Seconds until an answer to a prompt of so many tokens begins.
    FirstToken { seconds: &'a str, prompt: u64 },
    /// Its speed.
    AtSpeed { low: &'a str, high: &'a str },
    /// The settings that the table was made for.
    For {
        task: &'a str,
        priority: &'a str,
        context: &'a str,
        parallel: u32,
        kv: &'a str,
    },
    /// Nothing fits.
    NothingFits,
    /// More models than are shown.
    More { count: usize },
    /// Layers on a GPU.
    LayersOn { layers: u32, gpu: u32 },
    /// What is missing.
    ShortBy { bytes: &'a str },
    /// Layers on the host.
    LayersOnHost { layers: u32 },
    /// The speed of host memory that was counted with.
    HostBandwidth { rate: &'a str },
    /// What the growth of a cache is the product of.
    CacheFactors {
        layers: u32,
        key: u64,
        value: u64,
        kv: &'a str,
    },
    /// Layers whose experts are on the host.
    ExpertsOnHost { layers: u32, of: u32 },
    /// An estimate without hardware.
    NoHardware,
    /// The largest context that fits.
    Largest { kv: &'a str, context: &'a str },
    /// No context fits.
    LargestNone { kv: &'a str },
    /// A catalog without defects.
    CatalogFine {
        models: usize,
        variants: usize,
        gpus: usize,
    },
    /// How many defects.
    Defects { count: usize },
    /// The tag is not published; this instead.
    Replaced { tag: &'a str, by: &'a str },
    /// Nothing matches the filters.
    NothingMatches,
    /// How the formula's inputs make the number.
    PerToken { bytes: &'a str },
    /// A file was written.
    Wrote { path: &'a str },
    /// The sum over all, of how many.
    Of { part: &'a str, whole: &'a str },
}

/// The text of a language.
pub fn of(lang: Lang) -> &'static dyn Text {
    match lang {
        Lang::En => &en::English,
        Lang::Zh => &zh::Chinese,
    }
}
