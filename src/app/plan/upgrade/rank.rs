//! Which changes are worth telling.

use std::cmp::Reverse;

use super::super::wanted::Wanted;
use super::changes::Change;
use crate::report::{UpgradeModel, UpgradeOutcome};

/// A change, and what it makes possible.
pub(super) struct Tried<'a> {
    pub change: &'a Change,
    pub outcome: UpgradeOutcome,
}

/// So much faster, or for so many more, is more.
const MORE: f64 = 1.1;

/// Of changes in the order of their cost those that bring more than the machine as it is and than every other that costs no more and serves as
/// much; first what serves most of what is to have a place first.
pub(super) fn worth_telling<'a>(
    wanted: &Wanted,
    today: &UpgradeOutcome,
    tried: Vec<Tried<'a>>,
) -> Vec<Tried<'a>> {
    let order = order(wanted);
    let served = |outcome: &UpgradeOutcome| -> Vec<u32> {
        let models = order.iter().map(|at| &outcome.models[*at]);
        models.map(|model| model.placed).collect()
    };
    let beats = |one: &UpgradeOutcome, other: &UpgradeOutcome| {
        served(one) >= served(other) && brings_more(one, other)
    };
    let mut worth: Vec<Tried<'a>> = Vec::new();
    for one in tried {
        let cheaper = worth.iter().map(|other| &other.outcome);
        if cheaper
            .chain([today])
            .all(|other| beats(&one.outcome, other))
        {
            // Of two that cost the same the later may bring all that the first does.
            worth.retain(|other| {
                !one.change.costs_as(other.change) || beats(&other.outcome, &one.outcome)
            });
            worth.push(one);
        }
    }
    worth.sort_by_key(|one| Reverse(served(&one.outcome)));
    worth
}

/// The demands in the order in which they are to have a place.
fn order(wanted: &Wanted) -> Vec<usize> {
    let mut order: Vec<usize> = (0..wanted.demands.len()).collect();
    order.sort_by_key(|at| {
        let demand = &wanted.demands[*at];
        Reverse((demand.must, demand.priority))
    });
    order
}

/// Whether any model has more replicas, more speed or more users.
fn brings_more(one: &UpgradeOutcome, other: &UpgradeOutcome) -> bool {
    let pairs = one.models.iter().zip(&other.models);
    pairs.into_iter().any(|(one, other)| {
        one.placed > other.placed
            || is_more(speed(one), speed(other))
            || is_more(users(one), users(other))
    })
}

/// Nothing is more than what is not known.
fn is_more(one: f64, other: f64) -> bool {
    other > 0.0 && one >= MORE * other
}

/// Tokens a second of its slowest replica, at least, while whoever shares its GPUs is busy.
fn speed(model: &UpgradeModel) -> f64 {
    let speed = model.speed_all_busy.as_ref().or(model.speed.as_ref());
    speed.map_or(0.0, |speed| speed.decode[0])
}

fn users(model: &UpgradeModel) -> f64 {
    model
        .users
        .as_ref()
        .map_or(0.0, |users| f64::from(users.users))
}
