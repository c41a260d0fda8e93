//! Of what does not run, that which is worth telling: what would be among the first, and the change that brings it here.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::cheapest_fix::{cheapest, least_cost, weights_fit};
use super::fix::{Fix, Situation};
use super::judge::{is_fast_enough, judge, speed_model};
use super::place::{GpuPool, Verdict, place};
use super::predict_speed::predict_speed;
use super::ranking::{Oversized, Ranked, Ranking, RankingHardware, Request};
use super::tie_break::order;
use crate::catalog::{Catalog, Entry};
use crate::units::Bytes;

/// A model that does not run whole here.
#[derive(Clone, Debug)]
pub struct Refused<'a> {
    /// The model with its placement, speed and points, as far as they are known.
    pub ranked: Cow<'a, Ranked<'a>>,
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
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
    ranking: &'a Ranking<'a>,
    bar: f64,
    most: usize,
) -> Vec<Refused<'a>> {
    let situation = |entry: Entry<'a>| Situation {
        catalog,
        entry,
        workload: &request.workload,
        pool: here.pool,
        tenants: here.tenants,
    };
    let all: Vec<One<'_>> = (ranking.refused.iter().map(One::Placed))
        .chain(ranking.oversized.iter().map(One::Oversized))
        .collect();
    // One more, since some settings cost nothing at all.
    let gain = |one: &One<'_>, cost: u32| (one.points() - bar) / (1.0 + f64::from(cost));
    // Most changes are dear to find: one is looked for where the gain, at the least that it can cost, is among the best so far.
    let mut wanted: Vec<(f64, usize)> = (0..)
        .zip(&all)
        .filter(|(_, one)| one.points() > bar)
        .map(|(at, one)| {
            let least = least_cost(one.weights_fit(here.pool), situation(one.entry()));
            (gain(one, least), at)
        })
        .collect();
    wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut found: Vec<(f64, usize, Refused<'_>)> = Vec::new();
    for (at_best, at) in wanted {
        // By what each gains at best: none of the rest comes before what was found.
        let surpassed = |last: usize| found.get(last).is_some_and(|(gain, ..)| *gain >= at_best);
        if most.checked_sub(1).is_none_or(surpassed) {
            break;
        }
        let one = &all[at];
        let Some(ranked) = one.placed(catalog, request, here) else {
            continue;
        };
        let mut fix = cheapest(&ranked.input, &ranked.placement, situation(ranked.entry));
        // Dearer than a setting: then memory, of which nobody told, may be the cheaper way.
        if fix.as_ref().is_none_or(|fix| fix.cost() >= Fix::SETTINGS) {
            fix = system_memory(catalog, &ranked, request, here).or(fix);
        }
        if let Some(fix) = fix {
            let gain = gain(one, fix.cost());
            let in_reach = Refused {
                ranked,
                fix: Some(fix),
                in_reach: true,
            };
            found.push((gain, at, in_reach));
            found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        }
    }
    found.truncate(most);
    let told: BTreeSet<usize> = found.iter().map(|(_, at, _)| *at).collect();
    let untold = (0..)
        .zip(&all)
        .filter(|(at, _)| !told.contains(at))
        .map(|(_, one)| *one);
    // Whatever they score, no change was found that brings these among the first: what can be told is how much is missing.
    let misses = misses(catalog, request, here, untold, most - found.len());
    let misses = misses.into_iter().map(|ranked| Refused {
        fix: cheapest(&ranked.input, &ranked.placement, situation(ranked.entry)),
        ranked,
        in_reach: false,
    });
    let found = found.into_iter().map(|(_, _, refused)| refused);
    found.chain(misses).collect()
}

/// A model that does not run, placed or not.
#[derive(Clone, Copy)]
enum One<'a> {
    Placed(&'a Ranked<'a>),
    Oversized(&'a Oversized<'a>),
}

impl<'a> One<'a> {
    fn entry(&self) -> Entry<'a> {
        match self {
            Self::Placed(ranked) => ranked.entry,
            Self::Oversized(one) => one.entry,
        }
    }

    fn points(&self) -> f64 {
        match self {
            Self::Placed(ranked) => ranked.score.task,
            Self::Oversized(one) => one.task,
        }
    }

    /// Whether the weights alone may fit.
    fn weights_fit(&self, pool: &GpuPool) -> bool {
        match self {
            Self::Placed(ranked) => weights_fit(&ranked.input, pool),
            Self::Oversized(one) => one.least_shortfall == Bytes::ZERO,
        }
    }

    /// The least that is missing.
    fn least_shortfall(&self) -> Bytes {
        match self {
            Self::Placed(ranked) => ranked.placement.shortfall,
            Self::Oversized(one) => one.least_shortfall,
        }
    }

    fn placed(
        &self,
        catalog: &'a Catalog,
        request: &Request,
        here: &RankingHardware<'_>,
    ) -> Option<Cow<'a, Ranked<'a>>> {
        match self {
            Self::Placed(ranked) => Some(Cow::Borrowed(*ranked)),
            Self::Oversized(one) => judge(catalog, one.entry, request, here).map(Cow::Owned),
        }
    }
}

/// The `most` that miss by least, the nearest first. What is not placed is placed only while it may be one of them.
fn misses<'a>(
    catalog: &'a Catalog,
    request: &Request,
    here: &RankingHardware<'_>,
    models: impl Iterator<Item = One<'a>>,
    most: usize,
) -> Vec<Cow<'a, Ranked<'a>>> {
    let mut models: Vec<One<'_>> = models.collect();
    models.sort_by_key(One::least_shortfall);
    let (mut misses, mut shortfalls) = (Vec::new(), Vec::new());
    for one in models {
        let is_nearer = |last: &Bytes| *last <= one.least_shortfall();
        if most
            .checked_sub(1)
            .is_none_or(|last| shortfalls.get(last).is_some_and(is_nearer))
        {
            break;
        }
        let Some(ranked) = one.placed(catalog, request, here) else {
            continue;
        };
        let shortfall = ranked.placement.shortfall;
        shortfalls.insert(
            shortfalls.partition_point(|other| *other <= shortfall),
            shortfall,
        );
        misses.push(ranked);
    }
    misses.sort_by(|a, b| {
        let nearer = a.placement.shortfall.cmp(&b.placement.shortfall);
        nearer.then_with(|| order(a, b, &[]))
    });
    misses.truncate(most);
    misses
}

/// The least system memory with which a model runs fast enough on a machine of which none was told.
fn system_memory(
    catalog: &Catalog,
    ranked: &Ranked<'_>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Fix> {
    // Memory that was told is counted in the placement; what GPUs share grows only with the machine.
    let told = here.pool.hosts.iter().any(Option::is_some);
    if here.pool.devices.is_empty() || here.pool.machines.is_some() || told {
        return None;
    }
    // What of it a host holds is the same whatever more it has.
    let [.., largest] = MEMORY;
    let pool = GpuPool {
        hosts: vec![Some(largest); here.pool.hosts.len().max(1)],
        ..here.pool.clone()
    };
    let placement = place(ranked.input.shape(), &ranked.placement.workload, &pool);
    if placement.verdict != Verdict::Offloads {
        return None;
    }
    let enough = |bytes: &Bytes| placement.allocation.host.total() <= *bytes;
    let bytes = MEMORY.into_iter().find(enough)?;
    let model = speed_model(catalog, ranked.entry, &ranked.input);
    let speed = predict_speed(&catalog.knowledge.speeds, here.machine, model, &placement)?;
    is_fast_enough(Some(&speed), request).then_some(Fix::SystemMemory {
        bytes,
        decode: speed.decode,
    })
}
