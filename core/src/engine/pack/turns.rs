//! `llama-server`s that have no place beside the others, and one in place of some of them: what llama-swap loads in turns.

use std::collections::BTreeSet;

use super::experts::{has_experts, left, on_the_rest, usable};
use super::leftover::kept_free;
use super::simulate::{LoadedPlan, simulate};
use super::{Problem, Solution, order, solve};
use crate::engine::place::Placement;
use crate::engine::workload::Engine;

/// Of so many services each is tried as the only one more that gives way; beyond that all do.
const MOST_TRIED: usize = 16;

/// Services that cannot run beside the others, and what they are exchanged for.
#[derive(Clone, Debug, Default)]
pub struct Turns {
    /// Each service that has a turn, and where it lies then.
    pub placed: Vec<(usize, Placement)>,
    /// Who gives way while one of them has its turn, all together. Everybody else stays.
    pub give_way: BTreeSet<usize>,
}

/// Where each `llama-server` without a place lies once others of them have given way: as few as it takes, those that were asked for last
/// first. One of a model's that is served anyhow has no turn.
pub fn in_turns(problem: &Problem<'_>, solution: &Solution, loaded: &LoadedPlan) -> Turns {
    // Ollama unloads and loads by itself.
    let own = |item: &usize| engine(problem, *item) == Engine::LlamaCpp;
    let (placed, missing): (Vec<usize>, Vec<usize>) = order(problem)
        .into_iter()
        .filter(own)
        .partition(|item| solution.places[*item].is_some());
    let mut excluded = problem.excluded.clone();
    // By name from here on: once services have given way, others would be idle than those that the plan keeps free.
    excluded.extend(kept_free(problem, loaded));
    let problem = Problem {
        excluded,
        keep_free: 0,
        ..problem.clone()
    };
    let model = |item: &usize| problem.items[*item].model;
    let mut served: BTreeSet<usize> = placed.iter().map(model).collect();
    let mut turns = Turns::default();
    for item in missing {
        if !served.insert(problem.items[item].model) {
            continue;
        }
        // Who gives way for one turn does so for all: llama-swap exchanges groups, not single servers.
        let stays = |item: &usize| !turns.give_way.contains(item);
        let more: Vec<usize> = placed.iter().copied().rev().filter(stays).collect();
        let single = more.iter().take(MOST_TRIED).map(|one| vec![*one]);
        // None more, one, all: every pair or three would be a search of its own.
        let attempts = std::iter::once(Vec::new())
            .chain(single)
            .chain([more.clone()]);
        let found = attempts.into_iter().find_map(|more| {
            let away: BTreeSet<usize> = turns.give_way.iter().copied().chain(more).collect();
            Some((in_place_of(&problem, solution, loaded, item, &away)?, away))
        });
        if let Some((placement, away)) = found {
            turns.placed.push((item, placement));
            turns.give_way = away;
        }
    }
    turns
}

fn engine(problem: &Problem<'_>, item: usize) -> Engine {
    problem.models[problem.items[item].model].workload.engine
}

/// Where a service lies once these are away: whole on GPUs, else with experts in the host's memory.
fn in_place_of(
    problem: &Problem<'_>,
    solution: &Solution,
    loaded: &LoadedPlan,
    item: usize,
    away: &BTreeSet<usize>,
) -> Option<Placement> {
    let (mut solution, mut loaded) = (solution.clone(), loaded.clone());
    for other in away {
        solution.places[*other] = None;
        loaded.take(*other);
    }
    // Who stays is taken off what is free, so that the others' places are not searched again: they run on while turns change.
    let pool = left(problem.pool, &loaded);
    let mut wanted = problem.items[item].clone();
    wanted.devices = Some(usable(problem, &solution, &loaded, item));
    let alone = Problem {
        pool: &pool,
        items: vec![wanted],
        ..problem.clone()
    };
    let whole = solve(&alone);
    let mut whole = simulate(&alone, &whole.places, &whole.order)?;
    let workload = &problem.models[problem.items[item].model].workload;
    let partly = || {
        let possible = has_experts(problem, item);
        let found = on_the_rest(problem, &solution, &loaded, item, workload);
        found.filter(|_| possible)
    };
    whole.placements.pop().flatten().or_else(partly)
}
