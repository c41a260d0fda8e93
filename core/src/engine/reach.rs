//! Of what does not run, that which is worth telling: what would be among the first, and the change that brings it here.

use std::collections::BTreeSet;

use super::cheapest_fix::{cheapest, least_cost};
use super::fix::{Fix, Situation};
use super::judge::{is_fast_enough, speed_model};
use super::place::{GpuPool, Verdict, place};
use super::predict_speed::predict_speed;
use super::ranking::{Ranked, RankingHardware, Request};
use crate::catalog::Catalog;
use crate::units::Bytes;

/// A model that does not run whole here.
#[derive(Clone, Debug)]
pub struct Refused<'a> {
    /// The model with its placement, speed and points, as far as they are known.
    pub ranked: &'a Ranked<'a>,
    /// The cheapest change that makes it run here; `None` where none was found.
    pub fix: Option<Fix>,
    /// Whether it would stand among the first if it ran, and something makes it run.
    pub in_reach: bool,
}

/// What does not run is told of where it would be better than so many that do.
pub(super) const FIRST: usize = 3;

/// The points for the task that a model must have to be among the first of `placed`.
pub fn bar(placed: &[Ranked<'_>]) -> f64 {
    let first = placed.iter().take(FIRST).next_back();
    first.map_or(0.0, |ranked| ranked.score.task)
}

/// Sizes in which system memory is bought.
const MEMORY: [Bytes; 3] = [Bytes::gib(32), Bytes::gib(64), Bytes::gib(128)];

/// At most `most` of the models that do not run: first those with more points than `bar`, by what is gained for what the change costs; then
/// the nearest misses.
pub fn nearest<'a>(
    catalog: &Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
    refused: &'a [Ranked<'a>],
    bar: f64,
    most: usize,
) -> Vec<Refused<'a>> {
    // One more, since some settings cost nothing at all.
    let gain = |ranked: &Ranked<'_>, cost: u32| (ranked.score.task - bar) / (1.0 + f64::from(cost));
    let situation = |ranked: &Ranked<'a>| Situation {
        catalog,
        entry: ranked.entry,
        workload: &request.workload,
        pool: here.pool,
        tenants: here.tenants,
    };
    // Most changes are dear to find: one is looked for where the gain, at the least that it can cost, is among the best so far.
    let mut wanted: Vec<(f64, usize)> = (0..)
        .zip(refused)
        .filter(|(_, ranked)| ranked.score.task > bar)
        .map(|(at, ranked)| {
            (
                gain(ranked, least_cost(&ranked.input, situation(ranked))),
                at,
            )
        })
        .collect();
    wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut found: Vec<(f64, usize, Fix)> = Vec::new();
    for (at_best, at) in wanted {
        // By what each gains at best: none of the rest comes before what was found.
        if most == 0
            || found
                .get(most - 1)
                .is_some_and(|(gain, ..)| *gain >= at_best)
        {
            break;
        }
        let ranked = &refused[at];
        let mut fix = cheapest(&ranked.input, &ranked.placement, situation(ranked));
        // Dearer than a setting: then memory, of which nobody told, may be the cheaper way.
        if fix.as_ref().is_none_or(|fix| fix.cost() >= Fix::SETTINGS) {
            fix = system_memory(catalog, ranked, request, here).or(fix);
        }
        if let Some(fix) = fix {
            found.push((gain(ranked, fix.cost()), at, fix));
            found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        }
    }
    found.truncate(most);
    let told: BTreeSet<usize> = found.iter().map(|(_, at, _)| *at).collect();
    let mut misses: Vec<&Ranked<'_>> = (0..)
        .zip(refused)
        .filter(|(at, _)| !told.contains(at))
        .map(|(_, ranked)| ranked)
        .collect();
    // Whatever they score, no change was found that brings these among the first: what can be told is how much is missing.
    misses.sort_by_key(|ranked| ranked.placement.shortfall);
    let misses = misses.into_iter().map(|ranked| Refused {
        ranked,
        fix: cheapest(&ranked.input, &ranked.placement, situation(ranked)),
        in_reach: false,
    });
    let found = found.into_iter().map(|(_, at, fix)| Refused {
        ranked: &refused[at],
        fix: Some(fix),
        in_reach: true,
    });
    found.chain(misses).take(most).collect()
}

/// The least system memory with which a model runs fast enough on a machine of which none was told.
fn system_memory(
    catalog: &Catalog,
    ranked: &Ranked<'_>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Fix> {
    let told = here.pool.hosts.iter().any(Option::is_some);
    if here.pool.devices.is_empty() || here.pool.machines.is_some() || told {
        return None;
    }
    MEMORY.into_iter().find_map(|bytes| {
        let pool = GpuPool {
            hosts: vec![Some(bytes); here.pool.hosts.len().max(1)],
            ..here.pool.clone()
        };
        let placement = place(ranked.input.shape(), &ranked.placement.workload, &pool);
        let model = speed_model(catalog, ranked.entry, &ranked.input);
        let speed = predict_speed(&catalog.knowledge.speeds, here.machine, model, &placement)?;
        let runs = placement.verdict == Verdict::Offloads && is_fast_enough(Some(&speed), request);
        runs.then_some(Fix::SystemMemory {
            bytes,
            decode: speed.decode,
        })
    })
}
