//! Which model to take: evidence for the task, speed and room, weighed as the person asked.

use std::collections::BTreeSet;

use super::fix::{Fix, Situation, Tenant, cheapest};
use super::order::{order, settled};
use super::pace::{self, Machine, pace};
use super::place::{Device, Placement, Room, Verdict, place};
use super::points::{Score, round, score, weights};
use super::reason::{self, Reason};
use super::speed::Speed;
use super::subject::{Subject, subject};
use super::workload::Workload;
use crate::catalog::model::{Model, Variant};
use crate::catalog::{Catalog, Entry};
use crate::request::{Budget, Priority, Stage, Task};
use crate::units::Bytes;

/// Which models are ranked, and by whose order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Everything, by evidence.
    #[default]
    All,
    /// The guide's models, in the guide's order.
    Guide,
}

/// The question.
#[derive(Clone, Debug)]
pub struct Request {
    /// The task.
    pub task: Task,
    /// What counts most; `None`: as the stage suggests.
    pub priority: Option<Priority>,
    /// The stage of the project.
    pub stage: Option<Stage>,
    /// What it may cost.
    pub budget: Option<Budget>,
    /// The settings.
    pub workload: Workload,
    /// Whether the context was asked for, so that a model trained for less is not recommended.
    pub context_asked: bool,
    /// Which models.
    pub scope: Scope,
}

impl Request {
    /// What counts most, the stage considered: a prototype wants speed, production wants quality.
    pub fn effective_priority(&self) -> Priority {
        self.priority.unwrap_or(match self.stage {
            Some(Stage::Prototype) => Priority::Speed,
            Some(Stage::Production) => Priority::Quality,
            Some(Stage::Testing) | None => Priority::Balanced,
        })
    }
}

/// A model with its answer.
#[derive(Clone, Debug)]
pub struct Ranked<'a> {
    /// The model and file.
    pub entry: Entry<'a>,
    /// As it was estimated.
    pub subject: Subject<'a>,
    /// Where it goes.
    pub placement: Placement,
    /// How fast it is.
    pub speed: Option<Speed>,
    /// Points.
    pub score: Score,
    /// One standard deviation of the doubt about the points for the task.
    pub doubt: f64,
    /// The guide's rank for the task.
    pub guide_rank: Option<u32>,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// A model that does not run whole here.
#[derive(Clone, Debug)]
pub struct Refused<'a> {
    /// The model, with everything known.
    pub ranked: Ranked<'a>,
    /// What would help.
    pub fix: Option<Fix>,
}

/// The answer to a request.
#[derive(Clone, Debug, Default)]
pub struct Ranking<'a> {
    /// What runs, best first.
    pub placed: Vec<Ranked<'a>>,
    /// What does not: first what would be better and a change helps, the cheapest change first.
    pub refused: Vec<Refused<'a>>,
}

/// The machine that models are ranked for.
#[derive(Clone, Debug)]
pub struct Here<'a> {
    /// Its GPUs and memory.
    pub room: &'a Room,
    /// Their speed, device by device.
    pub machine: &'a Machine,
    /// Programs that hold memory.
    pub tenants: &'a [Tenant],
}

/// Ranks every model of the catalog that could answer the request.
pub fn rank<'a>(catalog: &'a Catalog, request: &Request, here: &Here<'_>) -> Ranking<'a> {
    rank_these(catalog, request, here, candidates(catalog, request, here))
}

/// Ranks models that were judged already, such as those that are installed.
pub fn rank_these<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &Here<'_>,
    candidates: Vec<Ranked<'a>>,
) -> Ranking<'a> {
    let mut ranking = Ranking::default();
    for best in candidates {
        let on_host = here.room.devices.is_empty() && best.placement.verdict == Verdict::Offloads;
        if best.placement.verdict >= Verdict::Tight || on_host {
            ranking.placed.push(best);
        } else {
            ranking.refused.push(Refused {
                ranked: best,
                fix: None,
            });
        }
    }
    let guide = match request.scope {
        Scope::Guide => catalog.guide().order(
            request.task,
            request.priority,
            request.stage,
            request.budget,
        ),
        Scope::All => Vec::new(),
    };
    ranking.placed.sort_by(|a, b| order(a, b, &guide));
    if request.scope == Scope::All {
        ranking.placed = settled(ranking.placed, request.task, weights(request)[0]);
    }
    ranking
        .refused
        .sort_by(|a, b| order(&a.ranked, &b.ranked, &guide));
    if request.scope == Scope::All {
        one_row_a_model(&mut ranking);
    }
    for refused in &mut ranking.refused {
        let ranked = &refused.ranked;
        let situation = Situation {
            catalog,
            entry: ranked.entry,
            workload: &request.workload,
            room: here.room,
            tenants: here.tenants,
        };
        refused.fix = cheapest(&ranked.subject, &ranked.placement, situation);
    }
    // What would be better than anything that fits comes first, the nearest miss before others, the most wanted among those as near.
    let best = ranking.placed.first().map_or(0.0, |it| it.score.task);
    ranking.refused.sort_by_key(|refused| {
        let worse = refused.ranked.score.task <= best;
        match &refused.fix {
            Some(fix) => (worse, fix.cost(), Bytes::ZERO),
            None => (true, u32::MAX, refused.ranked.placement.shortfall),
        }
    });
    ranking
}

/// Of the ways in which one model is published only the best stays.
fn one_row_a_model<'a>(ranking: &mut Ranking<'a>) {
    let mut told = BTreeSet::new();
    let mut is_new = |model: &'a Model| model.identity().is_none_or(|it| told.insert(it));
    ranking.placed.retain(|ranked| is_new(ranked.entry.model));
    ranking
        .refused
        .retain(|refused| is_new(refused.ranked.entry.model));
}

/// One answer a model: its default file where that fits, else its best. The guide's models are taken as they are, file by file.
fn candidates<'a>(catalog: &'a Catalog, request: &Request, here: &Here<'_>) -> Vec<Ranked<'a>> {
    match request.scope {
        Scope::Guide => catalog
            .guide_entries()
            .filter_map(|entry| judge(catalog, entry, request, here))
            .collect(),
        Scope::All => {
            let best = |model: &'a Model| best_file(catalog, model, request, here);
            catalog
                .models
                .iter()
                .filter(|model| model.answers())
                .filter_map(best)
                .collect()
        }
    }
}

/// Of one model's files the one to show: the default if it fits, else the largest that does, else the default all the same.
fn best_file<'a>(
    catalog: &'a Catalog,
    model: &'a Model,
    request: &Request,
    here: &Here<'_>,
) -> Option<Ranked<'a>> {
    let default = model.variants.first()?;
    let judged = judge(catalog, Entry::new(model, default), request, here);
    if judged
        .as_ref()
        .is_some_and(|ranked| ranked.placement.verdict == Verdict::Fits)
    {
        return judged;
    }
    let most = largest_host(here.room);
    let mut smaller: Vec<&Variant> = model.variants[1..]
        .iter()
        .filter(|variant| {
            variant.weights < default.weights
                && variant.weights.is_some_and(|bytes| bytes <= most * 2)
        })
        .collect();
    smaller.sort_by_key(|variant| (std::cmp::Reverse(variant.weights), &variant.tag));
    let mut best = judged;
    for variant in smaller {
        let Some(mut candidate) = judge(catalog, Entry::new(model, variant), request, here) else {
            continue;
        };
        let verdict = candidate.placement.verdict;
        if verdict >= Verdict::Tight
            && best
                .as_ref()
                .is_none_or(|best| verdict > best.placement.verdict)
        {
            candidate.reasons.push(Reason::OtherQuantization {
                instead_of: default.tag.clone(),
            });
            best = Some(candidate);
        }
        if verdict == Verdict::Fits {
            break;
        }
    }
    best
}

/// The memory of the largest host's GPUs: files far beyond it need no look.
fn largest_host(room: &Room) -> Bytes {
    let hosts = 0..room.hosts.len().max(1);
    hosts
        .map(|host| {
            let of_host = |device: &&Device| device.host as usize == host;
            room.devices.iter().filter(of_host).map(Device::limit).sum()
        })
        .max()
        .unwrap_or_default()
}

/// The answer for one file. `None` if it cannot be estimated, or was trained for less context than was asked.
pub fn judge<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    request: &Request,
    here: &Here<'_>,
) -> Option<Ranked<'a>> {
    let trained = entry.model.context_length.unwrap_or(u32::MAX);
    if request.context_asked && trained < request.workload.context_length {
        return None;
    }
    let subject = subject(catalog, entry)?;
    let workload = Workload {
        context_length: request.workload.context_length.min(trained),
        ..request.workload
    };
    let placement = place(subject.shape(), &workload, here.room);
    Some(judged(catalog, entry, subject, placement, request, here))
}

/// The same, for a placement that is there already.
pub fn judged<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    subject: Subject<'a>,
    placement: Placement,
    request: &Request,
    here: &Here<'_>,
) -> Ranked<'a> {
    let speed = pace(
        &catalog.knowledge.speeds,
        here.machine,
        paced(catalog, entry, &subject),
        &placement,
    );
    let score = score(catalog, entry, request, here, &placement, speed.as_ref());
    let guide_rank = catalog.guide_rank(request.task, entry);
    let mut reasons: Vec<Reason> = guide_rank
        .map(|rank| Reason::RankedForTask { rank })
        .into_iter()
        .collect();
    let quality = catalog.quality(entry.model, request.task);
    if quality.own && quality.score >= STRONG {
        reasons.push(Reason::StrongForTask {
            score: round(quality.score),
        });
    }
    reasons.extend(reason::of_placement(
        &subject,
        &placement,
        here.room,
        request.workload.context_length,
    ));
    if let Some(active_parameters) = entry.model.active_parameters {
        reasons.push(Reason::MixtureOfExperts { active_parameters });
    }
    if request.workload.parallel > 1 && catalog.single_slot(&subject.architecture.name) {
        reasons.push(Reason::SingleSlot);
    }
    if !quality.own {
        reasons.push(Reason::InferredQuality);
    }
    if !entry.model.published {
        reasons.push(Reason::NotPublished {
            replaced_by: entry.model.replaced_by.clone(),
        });
    }
    Ranked {
        entry,
        subject,
        placement,
        speed,
        score,
        doubt: quality.sd,
        guide_rank,
        reasons,
    }
}

/// A model as the speed's prediction knows it.
pub fn paced<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    subject: &'a Subject<'a>,
) -> pace::Model<'a> {
    pace::Model {
        subject,
        architecture: catalog
            .architecture(entry.model)
            .map_or("", |known| known.name.as_str()),
        quantization: entry.variant.quantization.as_deref().unwrap_or_default(),
        active_parameters: entry.model.active_parameters.or(entry.model.parameters),
    }
}

/// Points from which a model counts as strong for a task.
const STRONG: f64 = 70.0;
