//! Which model to take: evidence for the task, speed and room, weighed as the person asked.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::{Candidates, candidates};
use super::estimate_input::{EstimateInput, estimate_input};
use super::fix::{Tenant, longest_context};
use super::place::{GpuPool, Placement, Verdict};
use super::predict_speed::{self, Machine, predict_speed};
use super::reason::{self, Reason};
use super::scoring::{Score, least_rate, rate, round, score};
use super::speed::Speed;
use super::tie_break::order;
use super::workload::{Engine, Workload};
use crate::catalog::model::{Capability, Model};
use crate::catalog::{Catalog, Entry};
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

/// The answer to a request.
#[derive(Clone, Debug, Default)]
pub struct Ranking<'a> {
    /// What runs, best first; as far as the request tells it.
    pub placed: Vec<Ranked<'a>>,
    /// What does not, the best first; [`nearest`](super::reach::nearest) says which of it a change brings here.
    pub refused: Vec<Ranked<'a>>,
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

/// Ranks every model of the catalog that could answer the request.
pub fn rank<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Ranking<'a> {
    let candidates = candidates(catalog, request, here);
    ranked(catalog, request, here, candidates)
}

/// Ranks models that were judged already, such as those that are installed.
pub fn rank_these<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
    answers: Vec<Ranked<'a>>,
) -> Ranking<'a> {
    let candidates = Candidates {
        answers,
        others: Vec::new(),
    };
    ranked(catalog, request, here, candidates)
}

fn ranked<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
    candidates: Candidates<'a>,
) -> Ranking<'a> {
    let Candidates { answers, others } = candidates;
    let (placed, refused): (Vec<_>, Vec<_>) = answers
        .into_iter()
        .partition(|ranked| runs(ranked, request, here));
    let guide = match request.scope {
        Scope::Guide => catalog.guide().order(
            request.task,
            request.priority,
            request.stage,
            request.budget,
        ),
        Scope::All => Vec::new(),
    };
    let mut ranking = Ranking {
        placed: in_order(placed, &guide),
        refused: in_order(refused, &guide),
    };
    ranking.take_slow(here.pool);
    // The guide's list is the guide's: what it names twice stays twice.
    if request.scope == Scope::All {
        one_row_a_model(&mut ranking, &others);
    }
    ranking
}

/// Sorts recommendations into [`order`], best first.
// An answer is a kilobyte, so what is moved about is a pointer to it.
fn in_order<'a>(answers: Vec<Ranked<'a>>, guide: &[&str]) -> Vec<Ranked<'a>> {
    let mut boxed: Vec<Box<Ranked<'a>>> = answers.into_iter().map(Box::new).collect();
    boxed.sort_by(|a, b| order(a, b, guide));
    boxed.into_iter().map(|answer| *answer).collect()
}

/// Whether a model runs here well enough to be ranked: whole on the GPUs, or in RAM, partly or all of it, at a rate that somebody waits for.
pub(super) fn runs(ranked: &Ranked<'_>, request: &Request, here: &RankingHardware<'_>) -> bool {
    match ranked.placement.verdict {
        Verdict::Fits | Verdict::Tight => true,
        // An embedding model writes nothing that anybody waits for.
        Verdict::Offloads if here.pool.devices.is_empty() && request.task == Task::Embedding => {
            true
        }
        Verdict::Offloads => is_fast_enough(ranked.speed.as_ref(), request),
        Verdict::DoesNotFit => false,
    }
}

/// Whether somebody waits for an answer at this rate.
pub(super) fn is_fast_enough(speed: Option<&Speed>, request: &Request) -> bool {
    speed.is_some_and(|speed| rate(speed) >= least_rate(request.effective_priority()))
}

/// Of the ways in which one model is published only the best stays. What does not run is none where one of `others` is the same model.
fn one_row_a_model<'a>(ranking: &mut Ranking<'a>, others: &[&'a Model]) {
    let mut told = BTreeSet::new();
    let mut is_new = |model: &'a Model| model.identity().is_none_or(|it| told.insert(it));
    let mut editions = Editions::default();
    ranking
        .placed
        .retain(|ranked| is_new(ranked.entry.model) && editions.is_new(ranked.entry.model));
    // What runs is told by its row or counted; a way of publishing it that does not run is no other model.
    for model in others {
        is_new(model);
    }
    ranking.refused.retain(|ranked| is_new(ranked.entry.model));
}

/// The newest editions of models that their makers published again, such as `qwen3:4b` of April and of August 2025: by family, shape and
/// parameters.
#[derive(Default)]
pub(super) struct Editions<'a>(BTreeMap<(&'a str, u32, u64), &'a str>);

impl<'a> Editions<'a> {
    /// Whether a model is no older than those told before it. What stands below a newer edition is of no use to who reads from the top.
    pub(super) fn is_new(&mut self, model: &'a Model) -> bool {
        let (Some(shape), Some(parameters), Some(released)) =
            (model.architecture, model.parameters, &model.released)
        else {
            return true;
        };
        let newest = self.0.entry((model.family(), shape, parameters));
        let newest = newest.or_insert(released);
        // A date may be told to the month.
        let told = newest.len().min(released.len());
        let is_older = newest.get(..told) > released.get(..told);
        if !is_older {
            *newest = released;
        }
        !is_older
    }
}

/// The answer for one file. `None` if it cannot be estimated, or was trained for less context than was asked.
pub fn judge<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Ranked<'a>> {
    let input = estimate_input(catalog, entry)?;
    judge_as(catalog, entry, input, request, here)
}

/// The same, for a file that was made ready to be estimated.
pub(super) fn judge_as<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    input: EstimateInput<'a>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Ranked<'a>> {
    let placement = placed(entry, &input, request, here)?;
    Some(judged(catalog, entry, input, placement, request, here))
}

/// Where it goes. `None` if it was trained for less context than was asked.
pub(super) fn placed(
    entry: Entry<'_>,
    input: &EstimateInput<'_>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Placement> {
    let trained = entry.model.context_length.unwrap_or(u32::MAX);
    if request.context_asked && trained < request.workload.context_length {
        return None;
    }
    // A context that nobody asked for is the task's usual one, and no reason to leave a model out.
    let mut workload = Workload {
        context_length: request.workload.context_length.min(trained),
        ..request.workload
    };
    if request.longest_context {
        let longest = longest_context(input, &workload, here.pool, trained.min(LONGEST));
        // Where not even the task's context fits whole, the placement says so of that one.
        workload.context_length = workload.context_length.max(longest.unwrap_or_default());
    }
    Some(super::doubt::place(input, &workload, here.pool))
}

/// The same, for a placement that is there already.
pub fn judged<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    input: EstimateInput<'a>,
    placement: Placement,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Ranked<'a> {
    let speed = predict_speed(
        &catalog.knowledge.speeds,
        here.machine,
        with_speed(catalog, entry, &input),
        &placement,
    );
    let score = score(
        catalog,
        entry,
        &input,
        request,
        here,
        &placement,
        speed.as_ref(),
    );
    let guide_rank = catalog.guide_rank(request.task, entry);
    let mut reasons: Vec<Reason> = guide_rank
        .map(|rank| Reason::RankedForTask { rank })
        .into_iter()
        .collect();
    let quality = catalog.quality(entry.model, request.task);
    // What was inferred from relatives praises nobody.
    if quality.own && quality.score >= STRONG {
        reasons.push(Reason::StrongForTask {
            score: round(quality.score),
        });
    }
    reasons.extend(reason::of_placement(
        &input,
        &placement,
        here.pool,
        request.workload.context_length,
    ));
    // A model that sees has a projector; one that nobody weighed still takes memory.
    let sees = entry.model.capabilities.contains(&Capability::Vision);
    if sees && entry.variant.projector == Bytes::ZERO {
        let doubt = &catalog.knowledge.ollama.projector;
        let most = doubt.of_model(&entry.model.name);
        reasons.push(Reason::ProjectorUnknown { most });
    }
    if let Some(active_parameters) = entry.model.active_parameters {
        reasons.push(Reason::MixtureOfExperts { active_parameters });
    }
    let workload = &request.workload;
    if workload.parallel > 1
        && workload.engine == Engine::Ollama
        && catalog.single_slot(&input.architecture.name)
    {
        reasons.push(Reason::SingleSlot);
    }
    if !quality.own {
        reasons.push(Reason::InferredQuality);
    }
    if !entry.model.published {
        reasons.push(Reason::NotPublished {
            replaced_by: entry.model.replaced_by.clone().map(String::from),
        });
    }
    Ranked {
        entry,
        input,
        placement,
        speed,
        score,
        doubt: quality.sd,
        guide_rank,
        reasons,
    }
}

/// A model as the speed's prediction knows it.
pub fn with_speed<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    input: &'a EstimateInput<'a>,
) -> predict_speed::Model<'a> {
    predict_speed::Model {
        input,
        architecture: catalog
            .architecture(entry.model)
            .map_or("", |known| known.name.as_str()),
        quantization: entry.variant.quantization.as_deref().unwrap_or_default(),
        parameters: entry.model.parameters,
        active_parameters: entry.model.active_parameters.or(entry.model.parameters),
    }
}

/// Where nobody knows what a model was trained for, no longer context is claimed than most have today.
const LONGEST: u32 = 1 << 20;

/// Points from which a model counts as strong for a task.
const STRONG: f64 = 70.0;
