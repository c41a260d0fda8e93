//! Which model to take: evidence for the task, speed and room, weighed as the person asked.

use std::collections::{BTreeSet, HashSet};

use super::candidates::{Candidates, candidates};
use super::editions::Editions;
use super::judge::runs;
use super::ranking::{Oversized, Ranked, Ranking, RankingHardware, Request, Scope};
use super::tie_break::order;
use crate::catalog::model::Model;
use crate::catalog::{Catalog, Entry};
use crate::units::Bytes;

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
        ..Candidates::default()
    };
    ranked(catalog, request, here, candidates)
}

fn ranked<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
    candidates: Candidates<'a>,
) -> Ranking<'a> {
    let Candidates {
        answers,
        others,
        mut oversized,
    } = candidates;
    // Of the ways in which one model is published that with the plainest name is told: `gemma4:26b`, not `gemma4:26b-a4b-it-qat`.
    oversized.sort_by_key(|one| (one.entry.tag.len(), one.entry.tag));
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
        oversized,
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

/// Of the ways in which one model is published only the best stays. What does not run is none where one of `others` is the same model.
fn one_row_a_model<'a>(ranking: &mut Ranking<'a>, others: &[&'a Model]) {
    let mut identities = HashSet::new();
    let mut is_new = |model: &'a Model| model.identity().is_none_or(|it| identities.insert(it));
    let mut editions = Editions::default();
    ranking
        .placed
        .retain(|ranked| is_new(ranked.entry.model) && editions.is_new(ranked.entry.model));
    // What runs is told by its row or counted; a way of publishing it that does not run is no other model.
    for model in others {
        is_new(model);
    }
    // The same way is told whether or not it was placed: only of what is larger than the GPUs none ever is.
    let may_fit = |one: &Oversized<'_>| one.least_shortfall == Bytes::ZERO;
    let unplaced = ranking.oversized.iter().filter(|one| may_fit(one));
    let placed = ranking.refused.iter();
    let mut ways: Vec<(f64, Entry<'a>)> = placed
        .map(|ranked| (ranked.score.task, ranked.entry))
        .chain(unplaced.map(|one| (one.task, one.entry)))
        .collect();
    ways.sort_by(|(points, a), (others, b)| {
        let size = |entry: &Entry<'a>| (entry.variant.weights, entry.tag);
        others.total_cmp(points).then_with(|| size(a).cmp(&size(b)))
    });
    let told = ways.into_iter().filter(|(_, entry)| is_new(entry.model));
    let told: BTreeSet<&str> = told.map(|(_, entry)| entry.tag).collect();
    ranking
        .refused
        .retain(|ranked| told.contains(ranked.entry.tag));
    ranking.oversized.retain(|one| match may_fit(one) {
        true => told.contains(one.entry.tag),
        false => is_new(one.entry.model),
    });
}
