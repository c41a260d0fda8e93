//! Plans after something changed: as little as possible moves.

use std::collections::BTreeSet;

use super::{Problem, Solution, order, solve};

/// A plan without the GPUs that were lost. Those kept free are used only where something would have no place otherwise, and pins that were only
/// proposed go with their GPUs.
pub fn replan<'a>(
    base: &Problem<'a>,
    before: &Solution,
    kept: &[usize],
    lost: &[usize],
    proposed: impl Fn(usize) -> bool,
) -> (Problem<'a>, Solution) {
    let mut problem = Problem {
        excluded: [kept, lost].concat(),
        ..base.clone()
    };
    for (at, item) in problem.items.iter_mut().enumerate() {
        let gone = |pins: &mut Vec<usize>| pins.iter().any(|pin| lost.contains(pin));
        item.devices.take_if(|pins| proposed(at) && gone(pins));
    }
    let without = moved_least(&problem, before);
    let spares = !kept.is_empty() || problem.keep_free > 0;
    if lost.is_empty() || !spares || without.placed() == problem.items.len() {
        return (problem, without);
    }
    let all = Problem {
        excluded: lost.to_vec(),
        keep_free: 0,
        ..problem.clone()
    };
    let with = moved_least(&all, before);
    if served(&all, &with) > served(&problem, &without) {
        (all, with)
    } else {
        (problem, without)
    }
}

/// The plan that was found for changed hardware, or the one in which everything stays where it was before, where that serves more of what is
/// asked for first. What is only searched for may miss it. `before` has a place for each item that it had then and can have still.
pub fn or_unmoved(
    problem: &Problem<'_>,
    found: Solution,
    before: &[Option<Vec<usize>>],
) -> Solution {
    // Nothing serves more than a plan that is proved.
    if found.optimal {
        return found;
    }
    let mut unmoved = problem.clone();
    for (item, place) in unmoved.items.iter_mut().zip(before) {
        if place.is_some() {
            item.devices.clone_from(place);
        }
    }
    let stood = solve(&unmoved);
    match served(problem, &stood) > served(problem, &found) {
        true => Solution {
            optimal: false,
            // That of the question as it was asked: with places fixed it would be lower than what is possible.
            bound: found.bound,
            ..stood
        },
        false => found,
    }
}

/// Which services have a place, in the order in which they are to have one: the greater is the better.
fn served(problem: &Problem<'_>, solution: &Solution) -> Vec<bool> {
    let order = order(problem).into_iter();
    order.map(|item| solution.places[item].is_some()).collect()
}

/// A plan that moves no service without need: what stands stays, or, where something has no place so, what has none may move; everything is
/// placed anew only if that serves more or splits less. Who shares a GPU moves to one that would lie idle.
pub fn moved_least(problem: &Problem<'_>, before: &Solution) -> Solution {
    let anew = solve(problem);
    let worth = |solution: &Solution| {
        let split = std::cmp::Reverse(solution.split());
        (served(problem, solution), split)
    };
    let mut unmoved = problem.clone();
    for (item, place) in unmoved.items.iter_mut().zip(&before.places) {
        let stays = |place: &&Vec<usize>| {
            let may = |at: &usize| {
                item.devices.as_ref().is_none_or(|pins| pins.contains(at))
                    && !problem.excluded.contains(at)
            };
            place.iter().all(may)
        };
        if let Some(place) = place.as_ref().filter(stays) {
            item.devices = Some(place.clone());
        }
    }
    for _ in 0..2 {
        let found = solve(&unmoved);
        if worth(&found) >= worth(&anew) {
            let apart = (crowding(&found) > crowding(&anew))
                .then(|| moved_apart(problem, &unmoved, &found))
                .filter(|apart| worth(apart) >= worth(&anew))
                .filter(|apart| crowding(apart) < crowding(&found));
            return Solution {
                // Proved without fixed places, and this plan serves and splits no worse.
                optimal: anew.optimal,
                bound: anew.bound,
                ..apart.unwrap_or(found)
            };
        }
        for (at, item) in unmoved.items.iter_mut().enumerate() {
            if found.places[at].is_none() {
                item.devices.clone_from(&problem.items[at].devices);
            }
        }
    }
    anew
}

/// How many services have no GPU of their own: they wait for each other.
fn crowding(solution: &Solution) -> usize {
    let mut taken = BTreeSet::new();
    let places = solution.places.iter().flatten();
    let shares = places.filter(|place| {
        let shares = place.iter().any(|gpu| taken.contains(gpu));
        taken.extend(place.iter().copied());
        shares
    });
    shares.count()
}

/// The same where whoever came later to a GPU that others use may move; of two the one that was asked for first stays.
fn moved_apart(problem: &Problem<'_>, unmoved: &Problem<'_>, found: &Solution) -> Solution {
    let mut loose = unmoved.clone();
    let mut taken = BTreeSet::new();
    for at in order(problem) {
        let Some(place) = &found.places[at] else {
            continue;
        };
        if place.iter().any(|gpu| taken.contains(gpu)) {
            loose.items[at]
                .devices
                .clone_from(&problem.items[at].devices);
        }
        taken.extend(place.iter().copied());
    }
    solve(&loose)
}
