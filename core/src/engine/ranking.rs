//! What a ranking is asked and what it answers.

use serde::{Deserialize, Serialize};

use super::estimate_input::EstimateInput;
use super::fix::Tenant;
use super::place::{GpuPool, Placement, Verdict};
use super::predict_speed::Machine;
use super::reason::Reason;
use super::speed::Speed;
use super::workload::Workload;
use crate::catalog::Entry;
use crate::request::{Budget, Priority, Stage, Task};
use crate::units::Bytes;

/// Which models are ranked, and by whose order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// All models of the catalog that answer, in the order of evidence.
    #[default]
    All,
    /// The guide's models, in the guide's order.
    Guide,
}

/// What a person asks for when models are ranked.
#[derive(Clone, Debug)]
pub struct Request {
    /// The task that points are given for.
    pub task: Task,
    /// What counts most; `None`: as the stage suggests.
    pub priority: Option<Priority>,
    /// The stage of the project, which may decide what counts most.
    pub stage: Option<Stage>,
    /// Whether all memory may be used or as little as will do; it weighs the room that is left.
    pub budget: Option<Budget>,
    /// Context, slots, cache type and engine that every model is placed with.
    pub workload: Workload,
    /// Whether the context was asked for, so that a model trained for less is not recommended.
    pub context_asked: bool,
    /// Whether every model gets the longest context that fits, at least that of `workload`.
    pub longest_context: bool,
    /// Which models are ranked, and by whose order.
    pub scope: Scope,
    /// How many of the first are told. Of what runs and cannot come to stand among them some is left out, and the rest keeps its default
    /// file where that fits, though another might score better: to judge everything takes several times as long. `None`: all are told.
    pub first: Option<usize>,
}

impl Request {
    /// A task under settings, with nothing else asked.
    pub fn new(task: Task, workload: Workload, scope: Scope) -> Self {
        Self {
            task,
            priority: None,
            stage: None,
            budget: None,
            workload,
            context_asked: false,
            longest_context: false,
            scope,
            first: None,
        }
    }

    /// What counts most, the stage considered: a prototype wants speed, production wants quality.
    pub fn effective_priority(&self) -> Priority {
        self.priority.unwrap_or(match self.stage {
            Some(Stage::Prototype) => Priority::Speed,
            Some(Stage::Production) => Priority::Quality,
            Some(Stage::Testing) | None => Priority::Balanced,
        })
    }
}

/// A file of a model, where it goes here and how good it is there.
#[derive(Clone, Debug)]
pub struct Ranked<'a> {
    /// The model, and the file of it that serves best here.
    pub entry: Entry<'a>,
    /// Shape and bytes that its memory was estimated from.
    pub input: EstimateInput<'a>,
    /// Where its layers lie, and what it takes there.
    pub placement: Placement,
    /// Predicted tokens a second; `None` where nothing could be predicted.
    pub speed: Option<Speed>,
    /// Points out of 100 for task, speed and room, and their total.
    pub score: Score,
    /// One standard deviation of the doubt about the points for the task.
    pub doubt: f64,
    /// The guide's rank for the task.
    pub guide_rank: Option<u32>,
    /// Why it stands there, and what to know before it is used.
    pub reasons: Vec<Reason>,
}

/// A model none of whose files runs on the GPUs, known without placing it: its default file is larger than all of them together, or it has no
/// other.
#[derive(Clone, Copy, Debug)]
pub struct Oversized<'a> {
    /// The model with its default file.
    pub entry: Entry<'a>,
    /// Points for the task, as [`Score::task`].
    pub task: f64,
    /// Bytes that are missing at the least: of its weights alone. Zero where cache and scratch space are what has no room.
    pub least_shortfall: Bytes,
}

/// Models that were ranked for a request: those that run here, and those that do not.
#[derive(Clone, Debug, Default)]
pub struct Ranking<'a> {
    /// What runs, best first; as far as the request tells it.
    pub placed: Vec<Ranked<'a>>,
    /// What does not, the best first; [`nearest`](super::reach::nearest) says which of it a change brings here.
    pub refused: Vec<Ranked<'a>>,
    /// Models of which no file is small enough, those with the plainest names first.
    pub oversized: Vec<Oversized<'a>>,
}

impl Ranking<'_> {
    /// Without GPUs, where nothing reaches the rate that somebody waits for: what runs at all is told instead of nothing.
    pub fn take_slow(&mut self, pool: &GpuPool) {
        if !self.placed.is_empty() || !pool.devices.is_empty() {
            return;
        }
        let runs = |ranked: &Ranked<'_>| ranked.placement.verdict == Verdict::Offloads;
        let refused = std::mem::take(&mut self.refused);
        (self.placed, self.refused) = refused.into_iter().partition(runs);
    }
}

/// The machine that models are ranked for.
#[derive(Clone, Debug)]
pub struct RankingHardware<'a> {
    /// Its GPUs and system memory, with what is free.
    pub pool: &'a GpuPool,
    /// Bandwidth and throughput, device by device as in the pool.
    pub machine: &'a Machine,
    /// Programs on its GPUs that could be stopped.
    pub tenants: &'a [Tenant],
}

/// Points from 0 to 100, part by part.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Score {
    /// Points of task, speed and fit together, weighed by priority, stage and budget: the list is in their order.
    pub total: f64,
    /// Points for the task, with what the quantization costs taken off, e.g. 77.7.
    pub task: f64,
    /// Points for all tasks alike, e.g. 70.1; not part of the total.
    pub quality: f64,
    /// Points for the speed; of an embedding model, which writes nothing, for how few parameters a text has to pass.
    pub speed: f64,
    /// Points for the memory that stays free.
    pub fit: f64,
}
