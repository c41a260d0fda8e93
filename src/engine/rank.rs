//! Which model to take: evidence for the task, speed and room, weighed as the person asked.

use serde::{Deserialize, Serialize};

use super::fix::{Fix, Situation, Tenant, cheapest};
use super::pace::{self, Machine, pace};
use super::place::{Placement, Room, Verdict, place};
use super::reason::{self, Reason};
use super::speed::Speed;
use super::subject::{Subject, subject};
use super::workload::Workload;
use crate::catalog::model::Model;
use crate::catalog::{Catalog, Entry};
use crate::request::{Budget, Priority, Stage, Task};
use crate::units::Bytes;

/// Points out of 100.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Score {
    /// All of it, weighed by priority, stage and budget.
    pub total: f64,
    /// For the task, the doubt about it taken off.
    pub task: f64,
    /// For everything.
    pub quality: f64,
    /// Of the speed.
    pub speed: f64,
    /// Of the room that is left.
    pub fit: f64,
}

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
    /// What does not, the most wanted first.
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
    let mut ranking = Ranking::default();
    for best in candidates(catalog, request, here) {
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
    ranking
        .refused
        .sort_by(|a, b| order(&a.ranked, &b.ranked, &guide));
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
    ranking
}

/// One answer a model: its default file where that fits, else its best. The guide's models are taken as they are, file by file.
fn candidates<'a>(catalog: &'a Catalog, request: &Request, here: &Here<'_>) -> Vec<Ranked<'a>> {
    match request.scope {
        Scope::Guide => catalog
            .guide_entries()
            .filter_map(|entry| judge(catalog, entry, request, here))
            .collect(),
        Scope::All => {
            let best = |model: &'a Model| {
                let files = model.variants.iter().filter_map(|variant| {
                    judge(catalog, Entry::new(model, variant), request, here)
                });
                better_of(
                    files,
                    model.variants.first().map(|variant| variant.tag.as_str()),
                )
            };
            catalog
                .models
                .iter()
                .filter(|model| model.answers())
                .filter_map(best)
                .collect()
        }
    }
}

/// Of one model's files the one to show: the default if it fits, else the best that does.
fn better_of<'a>(
    candidates: impl Iterator<Item = Ranked<'a>>,
    default: Option<&str>,
) -> Option<Ranked<'a>> {
    let mut best: Option<Ranked<'a>> = None;
    for mut candidate in candidates {
        let is_default = default == Some(candidate.entry.tag);
        if is_default && candidate.placement.verdict == Verdict::Fits {
            return Some(candidate);
        }
        if let Some(default) = default.filter(|_| !is_default) {
            candidate.reasons.push(Reason::OtherQuantization {
                instead_of: default.to_owned(),
            });
        }
        let better = best.as_ref().is_none_or(|best| {
            (candidate.placement.verdict, candidate.score.total)
                > (best.placement.verdict, best.score.total)
                && candidate.placement.verdict >= Verdict::Tight
        });
        if better {
            best = Some(candidate);
        }
    }
    best
}

/// What fits stands before what is tight; then the guide's order, if it decides; then the points; then the guide's rank; then the tag,
/// so that the order is total.
fn order(a: &Ranked<'_>, b: &Ranked<'_>, guide: &[&str]) -> std::cmp::Ordering {
    let place = |ranked: &Ranked<'_>| {
        guide
            .iter()
            .position(|tag| *tag == ranked.entry.tag)
            .unwrap_or(guide.len())
    };
    let rank = |ranked: &Ranked<'_>| ranked.guide_rank.unwrap_or(u32::MAX);
    b.placement
        .verdict
        .cmp(&a.placement.verdict)
        .then_with(|| place(a).cmp(&place(b)))
        .then_with(|| b.score.total.total_cmp(&a.score.total))
        .then_with(|| rank(a).cmp(&rank(b)))
        .then_with(|| a.entry.tag.cmp(b.entry.tag))
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
        pace::Model {
            subject: &subject,
            architecture: catalog
                .architecture(entry.model)
                .map_or("", |known| known.name.as_str()),
            quantization: entry.variant.quantization.as_deref().unwrap_or_default(),
            active_parameters: entry.model.active_parameters.or(entry.model.parameters),
        },
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
        guide_rank,
        reasons,
    }
}

/// Points from which a model counts as strong for a task.
const STRONG: f64 = 70.0;
/// How much of the doubt about a score is taken off it: a clear advantage is preferred to noise.
const CAUTION: f64 = 0.5;

fn score(
    catalog: &Catalog,
    entry: Entry<'_>,
    request: &Request,
    here: &Here<'_>,
    placement: &Placement,
    speed: Option<&Speed>,
) -> Score {
    let penalty = entry
        .variant
        .quantization
        .as_deref()
        .map_or(0.0, |name| catalog.quantization_penalty(name));
    let sure = |task: Task| {
        let quality = catalog.quality(entry.model, task);
        (quality.score - CAUTION * quality.sd - penalty).clamp(0.0, 100.0)
    };
    let task = sure(request.task);
    let quality = Task::ALL.iter().map(|task| sure(*task)).sum::<f64>() / Task::ALL.len() as f64;
    let speed = speed.map_or(0.0, |speed| {
        speed_points((speed.decode[0] * speed.decode[1]).sqrt())
    });
    let fit = fit_points(
        placement,
        here.room,
        request.budget == Some(Budget::Limited),
    );
    let [w_task, w_quality, w_speed, w_fit] = weights(request);
    let total = w_task * task + w_quality * quality + w_speed * speed + w_fit * fit;
    Score {
        total: round(total),
        task: round(task),
        quality: round(quality),
        speed: round(speed),
        fit: round(fit),
    }
}

/// How much task, quality, speed and room count; they sum to one.
fn weights(request: &Request) -> [f64; 4] {
    let [task, quality, speed, fit] = match request.effective_priority() {
        Priority::Quality => [0.80, 0.10, 0.05, 0.05],
        Priority::Balanced => [0.62, 0.10, 0.20, 0.08],
        Priority::Speed => [0.34, 0.06, 0.52, 0.08],
    };
    match request.budget {
        Some(Budget::Limited) => [task - 0.15, quality, speed, fit + 0.15],
        Some(Budget::Ample) | None => [task, quality, speed, fit],
    }
}

/// From tokens a second to points: every doubling counts the same, 120 is as good as any more.
fn speed_points(rate: f64) -> f64 {
    ((1.0 + rate.max(0.0)).log2() / 121f64.log2() * 100.0).clamp(0.0, 100.0)
}

/// Room that is left, in points; for a limited budget, how little is taken.
fn fit_points(placement: &Placement, room: &Room, limited: bool) -> f64 {
    let capacity: Bytes = placement
        .shares
        .iter()
        .map(|share| room.devices[share.device].usable())
        .sum();
    let whole: Bytes = room.devices.iter().map(|device| device.usable()).sum();
    let free = |of: Bytes| (1.0 - placement.total().0 as f64 / of.0.max(1) as f64).max(0.0);
    match placement.verdict {
        Verdict::Fits if limited => 100.0 * free(whole),
        // A tenth of the room is enough to be at ease.
        Verdict::Fits => 70.0 + 30.0 * (free(capacity) / 0.1).min(1.0),
        Verdict::Tight => 40.0,
        Verdict::Offloads => 30.0 * (1.0 - placement.host_share()),
        Verdict::DoesNotFit => 0.0,
    }
}

/// One digit behind the point: more would claim what is not known.
fn round(points: f64) -> f64 {
    (points * 10.0).round() / 10.0
}
