//! Which changes are worth telling.

use std::cmp::Reverse;

use super::super::wanted::Wanted;
use super::changes::Change;
use crate::engine::pack::upgrade::{self, Outcome};
use crate::report::{UpgradeModel, UpgradeOutcome};

/// A change, and what it makes possible.
pub(super) struct Tried<'a> {
    pub change: &'a Change,
    pub outcome: UpgradeOutcome,
}

/// Of changes in the order of their cost those to tell, the best first.
pub(super) fn worth_telling<'t, 'a>(
    wanted: &Wanted,
    today: &UpgradeOutcome,
    tried: &'t [Tried<'a>],
) -> Vec<&'t Tried<'a>> {
    let order = order(wanted);
    let outcome = |outcome: &UpgradeOutcome| Outcome {
        served: order.iter().map(|at| outcome.models[*at].placed).collect(),
        gains: outcome.models.iter().flat_map(gains).collect(),
    };
    let outcomes = tried.iter();
    let outcomes: Vec<_> = outcomes
        .map(|one| (one.change.cost(), outcome(&one.outcome)))
        .collect();
    let worth = upgrade::worth_telling(&outcome(today), &outcomes);
    worth.into_iter().map(|at| &tried[at]).collect()
}

/// The demands in the order in which they are to have a place.
fn order(wanted: &Wanted) -> Vec<usize> {
    let mut order: Vec<usize> = (0..wanted.demands.len()).collect();
    // Stable: of the same priority the one that was asked for first comes first.
    order.sort_by_key(|at| {
        let demand = &wanted.demands[*at];
        Reverse((demand.must, demand.priority))
    });
    order
}

/// Tokens a second of its slowest replica, at least, while whoever shares its GPUs is busy, and how many users it serves.
fn gains(model: &UpgradeModel) -> [f64; 2] {
    // Without others on its GPUs its own speed is what it has at worst.
    let speed = model.speed_all_busy.as_ref().or(model.speed.as_ref());
    let users = model.users.as_ref();
    [
        speed.map_or(0.0, |speed| speed.decode[0]),
        users.map_or(0.0, |users| f64::from(users.users)),
    ]
}
