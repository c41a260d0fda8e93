//! A good plan for many hosts at once: the largest first, each where it fits best.
//!
//! Models that fit no GPU come first, on the fewest GPUs of the host that is left fullest; hosts that look alike are looked at once. Then the
//! whole models, each on the GPU on which the least stays free. Whoever finds no place goes first in the next attempt, split if only some of the
//! GPUs hold it whole; for a whole model that finds none at all, a few GPUs are packed anew ([`repack`]).

mod complete;
mod repack;
mod state;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::bound::{most, servable};
use super::cost::{CostCache, WATCHED};
use super::problem::is_small;
use super::{Problem, Replica, Solution, order, simulate};
use crate::units::Bytes;
use state::{DeviceState, Fleet};

/// An item's least bytes on one GPU that it may use, if it fits one, and over several.
type Size = (Option<Bytes>, Bytes);

/// So often an item that found no place goes first in another attempt.
const RETRIES: usize = 6;
/// More attempts than place so many items are not made.
const MOST_STEPS: usize = 200_000;
/// Steps for packing a few GPUs anew, for all models together.
const REPACK_STEPS: usize = 3_000_000;
/// Steps for packing all GPUs anew, for one model and for all together.
// With a tenth of these, and fillings that one more would have bettered, fleets filled to the brim were not found again.
const COMPLETE_STEPS: [usize; 2] = [3_000_000, 48_000_000];

/// What is placed, in order, and what is known of everything else.
struct Attempts<'p, 't, 'a> {
    problem: &'p Problem<'a>,
    costs: &'t mut CostCache<'a>,
    sizes: Vec<Size>,
    /// Items that are split although a GPU of another kind would hold them.
    split: HashSet<usize>,
    open: Vec<usize>,
    space: Bytes,
    steps: usize,
    repack_steps: usize,
    complete_steps: usize,
}

pub(super) fn solve<'a>(problem: &Problem<'a>, costs: &mut CostCache<'a>) -> Solution {
    let sizes: Vec<Size> = problem
        .items
        .iter()
        .map(|item| size(problem, costs, item))
        .collect();
    let open = open(problem);
    let free = open.iter().map(|at| problem.pool.devices[*at].usable());
    let space: Bytes = free.sum();
    let servable = servable(problem, costs);
    let wants = servable.iter().map(|item| least(&sizes[*item]));
    let bound = most(wants.collect(), space);
    let mut attempts = Attempts {
        problem,
        costs,
        sizes,
        split: HashSet::new(),
        open,
        space,
        // Some 40 attempts with everything, however large the fleet.
        steps: MOST_STEPS.max(problem.items.len() * 40),
        repack_steps: REPACK_STEPS,
        complete_steps: COMPLETE_STEPS[1],
    };
    let mut found = attempts.in_order();
    // Ended early: who was not tried yet takes what is left, which needs no search.
    if !attempts.costs.goes_on(WATCHED) {
        let open = attempts.open.len();
        found = insert(problem, attempts.costs, found, open);
    }
    // There is no search to prove anything: a plan is the best only where nobody is left out whom any plan serves, and no split could do with less.
    let served = servable.len() == found.placed();
    let optimal = served && attempts.splits_are_least(&found);
    Solution {
        bound,
        optimal,
        ..found
    }
}

/// Devices that may be used: of those to keep free the smallest are the least loss.
fn open(problem: &Problem<'_>) -> Vec<usize> {
    let excluded: HashSet<usize> = problem.excluded.iter().copied().collect();
    let devices = &problem.pool.devices;
    let mut open: Vec<usize> = (0..devices.len())
        .filter(|at| !excluded.contains(at))
        .collect();
    open.sort_by_key(|at| (Reverse(devices[*at].usable()), *at));
    open.truncate(open.len().saturating_sub(problem.keep_free));
    open.sort_unstable();
    open
}

/// A plan with what else finds a place on one GPU, in order, on at most so many GPUs.
pub(super) fn insert<'a>(
    problem: &Problem<'a>,
    costs: &mut CostCache<'a>,
    solution: Solution,
    used: usize,
) -> Solution {
    let Some(loaded) = simulate::simulate(problem, &solution.places, &solution.order) else {
        return solution;
    };
    let excluded: HashSet<usize> = problem.excluded.iter().copied().collect();
    let mut open: Vec<usize> = (0..loaded.committed.len())
        .filter(|at| !excluded.contains(at))
        .collect();
    // Those in use first: no idle GPU is opened that shall stay free.
    open.sort_by_key(|at| (Reverse(loaded.committed[*at]), *at));
    open.truncate(used);
    let Some(mut fleet) = Fleet::with_plan(problem, costs, &open, &solution) else {
        return solution;
    };
    let mut places = solution.places.clone();
    let mut starts = solution.order.clone();
    for item in order(problem) {
        if places[item].is_none() && !problem.pool.spread {
            places[item] = fleet.put_whole(&problem.items[item]);
            starts.extend(places[item].is_some().then_some(item));
        }
    }
    Solution {
        places,
        order: starts,
        ..solution
    }
}

fn least(size: &Size) -> Bytes {
    size.0.map_or(size.1, |single| single.min(size.1))
}

fn size(problem: &Problem<'_>, costs: &mut CostCache<'_>, item: &Replica) -> Size {
    let kinds: BTreeSet<usize> = match &item.devices {
        Some(pins) => pins.iter().map(|at| costs.kind[*at]).collect(),
        None => (0..costs.kinds()).collect(),
    };
    let single = kinds
        .into_iter()
        .filter_map(|kind| costs.single(item.model, kind))
        .min();
    let single = single.filter(|_| !problem.pool.spread);
    (single, costs.least_split(item.model).0)
}

impl<'p, 'a> Attempts<'p, '_, 'a> {
    /// Takes as many items at once as find places beside those that have them, then ever fewer, until one alone has none.
    fn in_order(&mut self) -> Solution {
        let problem = self.problem;
        let order = order(problem);
        let mut best = Solution {
            places: vec![None; order.len()],
            order: Vec::new(),
            optimal: false,
            bound: 0,
        };
        let mut hopeless: HashSet<&Replica> = HashSet::new();
        // Models, with their pins, for which no few GPUs can be packed anew.
        let mut tight = HashSet::new();
        let mut block = order.len();
        let mut at = 0;
        // One attempt with everything is made even where the time is over: there must be a plan to answer.
        while at < order.len() && (at == 0 && block == order.len() || self.costs.goes_on(WATCHED)) {
            let mut next = Vec::new();
            while at + next.len() < order.len() && next.len() < block {
                let item = order[at + next.len()];
                // It is like one that found no place, and there is less room now than then.
                if hopeless.contains(&problem.items[item]) {
                    break;
                }
                next.push(item);
            }
            if next.is_empty() {
                at += 1;
                continue;
            }
            let before = best.placed();
            if let Some(found) = self.more(&best, &next) {
                best = found;
            }
            if best.placed() > before {
                at += next.len();
                // Doubled where it went, halved where it did not: thousands of services take few attempts, and the first one without a
                // place is found by halving.
                block = next.len() * 2;
            } else if next.len() == 1 {
                let item = &problem.items[next[0]];
                match self.repacked(&best, next[0], &mut tight) {
                    Some(found) => {
                        best = found;
                        at += 1;
                    }
                    None => {
                        hopeless.insert(item);
                    }
                }
            } else {
                block = next.len() / 2;
            }
        }
        best
    }

    /// This too, with a few GPUs packed anew. What had no place so before has none with more beside it.
    fn repacked(
        &mut self,
        best: &Solution,
        item: usize,
        tight: &mut HashSet<(usize, Option<&'p [usize]>)>,
    ) -> Option<Solution> {
        let wanted = &self.problem.items[item];
        let key = (wanted.model, wanted.devices.as_deref());
        if self.sizes[item].0.is_none() || tight.contains(&key) {
            return None;
        }
        let (problem, open, steps) = (self.problem, &self.open, &mut self.repack_steps);
        let found = repack::repack(problem, self.costs, open, best, item, steps)
            .or_else(|| self.completed(best, item));
        if found.is_none() {
            tight.insert(key);
        }
        found
    }

    /// This too, with all GPUs packed anew; of a small machine every plan is looked at anyhow.
    fn completed(&mut self, best: &Solution, item: usize) -> Option<Solution> {
        if is_small(self.problem) {
            return None;
        }
        let may_split = best.split() > 0;
        // Beside the splits that there are first: undone, they need the room of a whole model.
        let splits = [false, true]
            .into_iter()
            .filter(|whole| may_split || !whole);
        splits.into_iter().find_map(|whole| {
            if !self.costs.goes_on(WATCHED) {
                return None;
            }
            let (problem, open) = (self.problem, &self.open);
            let most = COMPLETE_STEPS[0].min(self.complete_steps);
            let mut steps = most;
            let found =
                complete::complete(problem, self.costs, open, best, item, whole, &mut steps);
            self.complete_steps -= most - steps;
            found
        })
    }

    /// These too: where there is room, else with everything placed anew.
    fn more(&mut self, best: &Solution, next: &[usize]) -> Option<Solution> {
        let whole = next.iter().all(|item| self.sizes[*item].0.is_some());
        // The cheap try, for whole models alone: a split starts before them, and what it takes depends on what is free then.
        let added = if whole && best.placed() > 0 {
            self.neighbour(best, next)
        } else {
            None
        };
        added.or_else(|| self.place(best, next))
    }

    fn neighbour(&mut self, best: &Solution, next: &[usize]) -> Option<Solution> {
        let mut fleet = Fleet::with_plan(self.problem, self.costs, &self.open, best)?;
        let mut found = best.clone();
        for &item in next {
            found.places[item] = Some(fleet.put_whole(&self.problem.items[item])?);
            found.order.push(item);
        }
        Some(found)
    }

    /// Everything that has a place and these, placed anew; `None` if not all of them find one.
    fn place(&mut self, best: &Solution, more: &[usize]) -> Option<Solution> {
        let mut kept: Vec<usize> = (0..best.places.len())
            .filter(|item| best.places[*item].is_some())
            .collect();
        kept.extend(more);
        let need: Bytes = kept.iter().map(|item| least(&self.sizes[*item])).sum();
        // By bytes alone, before an attempt is paid for.
        if need > self.space {
            return None;
        }
        let mut first: Vec<u32> = vec![0; self.sizes.len()];
        let split = self.split.clone();
        for attempt in 1..=RETRIES as u32 {
            if attempt > 1 && !self.costs.goes_on(WATCHED) {
                break;
            }
            let Some(left) = self.steps.checked_sub(kept.len()) else {
                break;
            };
            self.steps = left;
            match self.attempt(&kept, &first) {
                Ok(found) => return Some(found),
                // Without this, 5 hosts of four 3090s that served 35 of 40 services served 32 with a card of 96 GiB more; now 37.
                Err(item) if self.is_large(item) && self.split.insert(item) => {}
                Err(item) if first[item] + 1 >= attempt => first[item] = attempt,
                Err(item) => first[item] += 1,
            }
        }
        // Split for the sake of these alone: others start without it.
        self.split = split;
        None
    }

    /// Whether some GPUs hold it whole and others do not.
    fn is_large(&mut self, item: usize) -> bool {
        let model = self.problem.items[item].model;
        let holds = |at: &usize, costs: &mut CostCache<'a>| {
            let kind = costs.kind[*at];
            costs.single(model, kind).is_some()
        };
        let open = self.open.iter();
        let held = open.filter(|at| holds(at, self.costs)).count();
        held > 0 && held < self.open.len()
    }

    /// The largest first, splits before whole models; the item that found no place if there is one.
    fn attempt(&mut self, kept: &[usize], first: &[u32]) -> Result<Solution, usize> {
        let sizes = &self.sizes;
        let is_whole = |item: &usize| sizes[*item].0.is_some() && !self.split.contains(item);
        let (mut whole, mut split): (Vec<usize>, Vec<usize>) =
            kept.iter().partition(|item| is_whole(item));
        // The largest first: small ones find a place in what is left of each GPU, large ones do not.
        whole.sort_by_key(|item| (Reverse(first[*item]), Reverse(sizes[*item].0), *item));
        split.sort_by_key(|item| (Reverse(first[*item]), Reverse(sizes[*item].1), *item));
        let mut fleet = Fleet::new(self.problem, self.costs, &self.open);
        let mut places = vec![None; sizes.len()];
        for &item in &split {
            let place = fleet.put_split(&self.problem.items[item]);
            places[item] = Some(place.ok_or(item)?);
        }
        for &item in &whole {
            let place = fleet.put_whole(&self.problem.items[item]);
            places[item] = Some(place.ok_or(item)?);
        }
        // Whole models may start in any order: the one in which they were asked for is the easiest to read.
        whole.sort_unstable();
        split.extend(whole);
        Ok(Solution {
            places,
            order: split,
            optimal: false,
            bound: 0,
        })
    }

    /// Whether no split could lie whole on a GPU that it may use, and each takes no more GPUs than on the emptiest host.
    fn splits_are_least(&mut self, found: &Solution) -> bool {
        let mut lies_whole = |item: &Replica| {
            let may = |at: &&usize| item.devices.as_ref().is_none_or(|pins| pins.contains(at));
            let mut open = self.open.iter().filter(may);
            open.any(|at| {
                let kind = self.costs.kind[*at];
                self.costs.single(item.model, kind).is_some()
            })
        };
        let split = |place: &&Option<Vec<usize>>| place.as_ref().is_some_and(|set| set.len() > 1);
        let items = self.problem.items.iter().zip(&found.places);
        let mut splits = items.filter(|(_, place)| split(place));
        if !self.problem.pool.spread && splits.any(|(item, _)| lies_whole(item)) {
            return false;
        }
        let mut fleet = Fleet::new(self.problem, self.costs, &self.open);
        // Of an empty fleet: with others there no service does with fewer.
        let empty: Vec<DeviceState> = fleet.states.keys().cloned().collect();
        let splits = found.places.iter().enumerate();
        let mut least: HashMap<usize, Option<usize>> = HashMap::new();
        splits
            .filter_map(|(item, place)| Some((item, place.as_ref()?.len())))
            .filter(|(_, size)| *size > 1)
            .all(|(item, size)| {
                let model = self.problem.items[item].model;
                let least = least.entry(model).or_insert_with(|| {
                    empty
                        .iter()
                        .filter_map(|state| fleet.fewest(model, state))
                        .min()
                });
                *least == Some(size)
            })
    }
}
