//! Which models and which of their files may answer a request.

use std::collections::BTreeSet;

use super::editions::Editions;
use super::estimate_input::{EstimateInput, estimate_input};
use super::judge::{judge, judge_as, lies_whole, runs};
use super::oversized::{largest_host, least_on_gpus, others};
use super::place::{GpuPool, Verdict};
use super::ranking::{Oversized, Ranked, RankingHardware, Request, Scope, Score};
use super::reach;
use super::reason::Reason;
use super::scoring::weights;
use super::tie_break::order;
use super::usual_need::surely_fits;
use crate::catalog::model::{Model, ModelKind, Variant};
use crate::catalog::{Catalog, Entry};
use crate::request::{Priority, Task};

/// The files that may answer a request, each placed and scored, before models are listed once.
#[derive(Default)]
pub(super) struct Candidates<'a> {
    /// One answer a model: the file of it that scores best here. The guide's models are taken as they are, file by file.
    pub answers: Vec<Ranked<'a>>,
    /// Models that run as well, and with no file come to stand among the first: of them nothing else is known.
    pub others: Vec<&'a Model>,
    /// Models of which no file is small enough, none of them placed.
    pub oversized: Vec<Oversized<'a>>,
}

pub(super) fn candidates<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Candidates<'a> {
    let is_text = Task::TEXT.contains(&request.task);
    if request.scope == Scope::Guide {
        let answers = catalog
            .guide_entries()
            .filter(|entry| is_text || entry.model.does(request.task))
            .filter_map(|entry| judge(catalog, entry, request, here));
        return Candidates {
            answers: answers.collect(),
            ..Candidates::default()
        };
    }
    let models = catalog
        .models
        .iter()
        .filter(|model| model.does(request.task))
        // What was made to look at pictures is asked for by those who have some.
        .filter(|model| !is_text || model.kind != ModelKind::Vision);
    let mut candidates = Candidates::default();
    match request.first {
        None => models.for_each(|model| candidates.add(catalog, model, request, here)),
        Some(first) => candidates.add_best_first(catalog, models, first, request, here),
    }
    choose_files(catalog, request, here, &mut candidates.answers);
    candidates
}

/// The most points that a model can have with any of its files, anywhere.
fn most_points(catalog: &Catalog, model: &Model, request: &Request) -> f64 {
    let [w_task, w_speed, w_fit] = weights(request);
    // No file scores more: a quantization only takes off, and speed and room are full.
    let points = catalog.quality(model, request.task).score;
    w_task * points.clamp(0.0, 100.0) + (w_speed + w_fit) * 100.0
}

impl<'a> Candidates<'a> {
    fn add(
        &mut self,
        catalog: &'a Catalog,
        model: &'a Model,
        request: &Request,
        here: &RankingHardware<'_>,
    ) {
        match Oversized::new(catalog, model, request, here) {
            Some(oversized) => self.oversized.push(oversized),
            None => self
                .answers
                .extend(runnable_file(catalog, model, request, here)),
        }
    }

    /// Adds models from that with the most points on, until none of the rest comes to stand among the `first`.
    fn add_best_first(
        &mut self,
        catalog: &'a Catalog,
        models: impl Iterator<Item = &'a Model>,
        first: usize,
        request: &Request,
        here: &RankingHardware<'_>,
    ) {
        // What is told of the rest is measured by the first few.
        let first = first.max(reach::FIRST);
        let mut models: Vec<(f64, &Model)> = models
            .map(|model| (most_points(catalog, model, request), model))
            .collect();
        models.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut least = None;
        // On an RTX 3090 all but ten of 337 models that run are left unjudged so: 45.0 million instructions, not 52.3.
        for some in models.chunks(first) {
            for (most, model) in some {
                match least.is_none_or(|least| most + ROUNDING >= least) {
                    true => self.add(catalog, model, request, here),
                    false => self.add_behind(catalog, model, request, here),
                }
            }
            // In the order of their most, so that after the first which stays behind all do.
            if self.others.is_empty() {
                least = nth_total(&self.answers, first, request, here);
            }
        }
    }

    /// Adds a model that does not come to stand among the first. Where a file of it runs on the GPUs, its speed and points are not asked
    /// for: they take as long as all the rest.
    fn add_behind(
        &mut self,
        catalog: &'a Catalog,
        model: &'a Model,
        request: &Request,
        here: &RankingHardware<'_>,
    ) {
        if surely_fits(model, request, here.pool) {
            self.others.push(model);
            return;
        }
        // The smallest file is the likeliest to lie whole on the GPUs.
        let files = others(catalog, model, false, request, here);
        let Some(file) = files.last().copied().or(model.variants.first()) else {
            return;
        };
        let entry = Entry::new(model, file);
        let may_lie_whole = !here.pool.devices.is_empty()
            && least_on_gpus(catalog, model, file)
                .is_none_or(|least| least <= largest_host(here.pool));
        let by_default = Oversized::by_default(catalog, model, request, here);
        let may_lie_whole = may_lie_whole && (by_default.is_none() || !files.is_empty());
        if may_lie_whole && lies_whole(catalog, entry, request, here) {
            self.others.push(model);
            return;
        }
        // Without a smaller file the default was it.
        let refused = || Oversized::refused(catalog, model, request, here);
        match by_default.or_else(|| files.is_empty().then(refused)?) {
            Some(oversized) => self.oversized.push(oversized),
            None => self
                .answers
                .extend(runnable_file(catalog, model, request, here)),
        }
    }
}

/// The default file of a model where it fits, without any GPU in memory; else of those that run, it among them, the one that scores best;
/// else the default.
fn runnable_file<'a>(
    catalog: &'a Catalog,
    model: &'a Model,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Ranked<'a>> {
    let default = model.variants.first()?;
    let answer = judge(catalog, Entry::new(model, default), request, here);
    if answer.as_ref().is_some_and(|answer| settles(answer, here)) {
        return answer;
    }
    best_file(catalog, model, answer, request, here)
}

/// Whether no smaller file is looked for. A host that is too slow for this one would need one much smaller, and so much worse.
fn settles(answer: &Ranked<'_>, here: &RankingHardware<'_>) -> bool {
    fits(answer) || here.pool.devices.is_empty() && answer.placement.verdict == Verdict::Offloads
}

fn fits(ranked: &Ranked<'_>) -> bool {
    ranked.placement.verdict == Verdict::Fits
}

/// Gives the models that fit, and with another file may come to stand among the first, the file that scores best here; so, too, those that
/// may come to be better for the task than the first of all, which is what the rest of the memory is good for.
fn choose_files<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
    answers: &mut [Ranked<'a>],
) {
    // Before only those were looked at again that may be told, a list of ten judged 461 further files; now it is 26.
    let least = request
        .first
        .and_then(|first| nth_total(answers, first, request, here));
    let penalty = |answer: &Ranked<'_>| {
        let name = answer.entry.variant.quantization.as_deref();
        name.map_or(0.0, |name| catalog.quantization_penalty(name))
    };
    let [w_task, w_speed, w_fit] = weights(request);
    // A file that loses less is larger, and no faster.
    let w_speed = match request.effective_priority() {
        Priority::Speed => w_speed,
        Priority::Quality | Priority::Balanced => 0.0,
    };
    let reaches = |answer: &Ranked<'_>| {
        let Score {
            total, speed, fit, ..
        } = answer.score;
        let gained = w_task * penalty(answer) + w_speed * (100.0 - speed) + w_fit * (100.0 - fit);
        least.is_none_or(|least| total + gained + ROUNDING >= least)
    };
    for answer in answers.iter_mut().filter(|answer| reaches(answer)) {
        choose_file(catalog, answer, request, here);
    }
    // Asked again, since other files may have changed who is first.
    let running = answers.iter().filter(|answer| runs(answer, request, here));
    let Some(first) = running.min_by(|a, b| order(a, b, &[])) else {
        return;
    };
    let best = first.score.task;
    let is_better = |answer: &Ranked<'_>| answer.score.task + penalty(answer) + ROUNDING > best;
    for answer in answers
        .iter_mut()
        .filter(|answer| !reaches(answer) && is_better(answer))
    {
        choose_file(catalog, answer, request, here);
    }
}

/// Changes the answer for a default file that fits to that for the file which scores best.
fn choose_file<'a>(
    catalog: &'a Catalog,
    answer: &mut Ranked<'a>,
    request: &Request,
    here: &RankingHardware<'_>,
) {
    let model = answer.entry.model;
    let is_default = |default: &Variant| default.tag == answer.entry.tag;
    if !fits(answer) || !model.variants.first().is_some_and(is_default) {
        return;
    }
    if let Some(best) = best_file(catalog, model, Some(answer.clone()), request, here) {
        *answer = best;
    }
}

/// What rounding may take from a score.
const ROUNDING: f64 = 0.1;

/// The `n`-th best score of what runs, of the ways in which a model is published only the best counted. `None` where there are fewer.
fn nth_total<'a>(
    answers: &[Ranked<'a>],
    n: usize,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<f64> {
    let running = answers.iter().filter(|answer| runs(answer, request, here));
    let mut running: Vec<&Ranked<'a>> = running.collect();
    running.sort_by(|a, b| b.score.total.total_cmp(&a.score.total));
    // A row that is not shown must not take the place of one that is: then too few would be judged.
    let (mut identities, mut editions) = (BTreeSet::new(), Editions::default());
    running.retain(|answer| {
        let model = answer.entry.model;
        let identity = model.identity();
        identity.is_none_or(|it| identities.insert(it)) && editions.is_new(model)
    });
    running
        .get(n.checked_sub(1)?)
        .map(|answer| answer.score.total)
}

/// Of one model's files the one that scores best here, `answer` being that for the default file: it stays among equals, and where none runs.
/// Where it fits, no file takes its place that does not.
fn best_file<'a>(
    catalog: &'a Catalog,
    model: &'a Model,
    answer: Option<Ranked<'a>>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Ranked<'a>> {
    let default = model.variants.first()?;
    let fits = answer.as_ref().is_some_and(fits);
    let mut best = answer;
    for variant in others(catalog, model, fits, request, here) {
        let entry = Entry::new(model, variant);
        let input = estimate_input(catalog, entry).filter(|input| has_room(input, here.pool));
        let Some(mut other) =
            input.and_then(|input| judge_as(catalog, entry, input, request, here))
        else {
            continue;
        };
        let verdict = other.placement.verdict;
        // On 6 GB translategemma:4b fits by 48 MiB and has few points for room: its Q8_0, short by 1.27 GiB, came first by quality.
        if fits && verdict != Verdict::Fits {
            continue;
        }
        let better =
            |best: &Ranked<'_>| !runs(best, request, here) || other.score.total > best.score.total;
        let is_last = !fits && settles(&other, here);
        if runs(&other, request, here) && best.as_ref().is_none_or(better) {
            other.reasons.push(Reason::OtherQuantization {
                instead_of: default.tag.to_string(),
            });
            best = Some(other);
        }
        // The next is smaller still, and worse.
        if is_last {
            break;
        }
    }
    best
}

/// Whether the GPUs of one host, with its memory, might hold the weights.
fn has_room(input: &EstimateInput<'_>, pool: &GpuPool) -> bool {
    // Where memory is known, what no GPUs hold may lie there in part.
    pool.hosts.iter().any(Option::is_some) || input.weights.on_gpu() <= largest_host(pool)
}
