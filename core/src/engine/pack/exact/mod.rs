//! Every placement that could be better, for small machines.
//!
//! The question asked is always the same: is there a plan that places so many, with so many GPUs in splits, on so many GPUs? It is asked for
//! the number that bounds allow, then for one less, until the answer is yes; then for fewer GPUs in splits, until the answer is no.

mod facts;
mod search;
mod sets;

use super::bound::{Want, bytes_fit, sizes_fit};
use super::cost::Table;
use super::{Problem, Solution, fleet};
use crate::units::Bytes;
use facts::Facts;
use search::{Goal, Outcome, Search};

/// Steps for a question where models that fit on one GPU stay whole.
const WHOLE_STEPS: u64 = 200_000;
/// Steps for all questions together where any model may be split.
const SPLIT_STEPS: u64 = 800_000;
/// Steps for using fewer GPUs, which is no part of the proof.
const TIDY_STEPS: u64 = 20_000;

pub(super) fn solve<'a>(problem: &Problem<'a>, table: &mut Table<'a>) -> Solution {
    let facts = Facts::new(problem, table);
    let greedy = fleet::solve(problem, table);
    let all = facts.items.len();
    let most_used = facts.devices.len().saturating_sub(problem.keep_free);
    let rooms = facts.largest_rooms(most_used);
    let bound = facts.most(&rooms, true);
    let bound_whole = facts.most(&rooms, false);
    let mut search = Search::new(problem, table, &facts);
    let goal = |placed: usize| Goal {
        skips: all - placed,
        split: usize::MAX,
        used: most_used,
    };
    let mut pool = SPLIT_STEPS;
    let mut proved = true;
    let mut highest = None;
    let mut best = None;
    for placed in (0..=bound).rev() {
        let mut outcome = Outcome::Impossible;
        if placed <= bound_whole {
            outcome = search.run(goal(placed), 0, &mut WHOLE_STEPS.clone());
        }
        if outcome != Outcome::Found {
            // Whether everything fits is the question that counts most.
            let mut share = if placed == all { pool / 2 } else { pool / 3 };
            pool -= share;
            outcome = search.deepen(goal(placed), &mut share);
            pool += share;
        }
        if outcome != Outcome::Impossible {
            highest.get_or_insert(placed);
        }
        match outcome {
            Outcome::Found => {
                best = Some((placed, search.solution()));
                break;
            }
            Outcome::Spent => proved = false,
            Outcome::Impossible => {}
        }
        if placed <= greedy.placed() {
            best = Some((placed, greedy.clone()));
            break;
        }
    }
    let Some((placed, mut best)) = best else {
        return Solution {
            optimal: true,
            bound: 0,
            ..greedy
        };
    };
    while best.split() > facts.least_split(placed) {
        let fewer = Goal {
            split: best.split() - 1,
            ..goal(placed)
        };
        let mut outcome = search.run(fewer, 0, &mut WHOLE_STEPS.clone());
        if outcome != Outcome::Found {
            outcome = search.deepen(fewer, &mut pool);
        }
        match outcome {
            Outcome::Found => best = search.solution(),
            Outcome::Impossible => break,
            Outcome::Spent => {
                proved = false;
                break;
            }
        }
    }
    let mut steps = TIDY_STEPS;
    while used(&best) > 1 {
        let fewer = Goal {
            split: best.split(),
            used: used(&best) - 1,
            ..goal(placed)
        };
        match search.run(fewer, 0, &mut steps) {
            Outcome::Found => best = search.solution(),
            Outcome::Impossible | Outcome::Spent => break,
        }
    }
    Solution {
        optimal: proved,
        bound: highest.unwrap_or(placed),
        places: facts.renumbered(&best.places),
        ..best
    }
}

/// Whether a short search finds a place for everything.
pub(super) fn all_fit<'a>(problem: &Problem<'a>, table: &mut Table<'a>) -> bool {
    let facts = Facts::new(problem, table);
    let used = facts.devices.len().saturating_sub(problem.keep_free);
    if facts.most(&facts.largest_rooms(used), true) < facts.items.len() {
        return false;
    }
    let goal = Goal {
        skips: 0,
        split: usize::MAX,
        used,
    };
    let mut search = Search::new(problem, table, &facts);
    search.run(goal, 0, &mut TIDY_STEPS.clone()) == Outcome::Found
        || search.deepen(goal, &mut TIDY_STEPS.clone()) == Outcome::Found
}

/// GPUs that a plan uses.
fn used(solution: &Solution) -> usize {
    let mut devices: Vec<usize> = solution
        .places
        .iter()
        .flatten()
        .flatten()
        .copied()
        .collect();
    devices.sort_unstable();
    devices.dedup();
    devices.len()
}

impl Facts {
    /// What the GPUs give, the largest first, as many as may be used.
    fn largest_rooms(&self, most: usize) -> Vec<Bytes> {
        let mut rooms: Vec<Bytes> = self.devices.iter().map(|at| self.usable[*at]).collect();
        rooms.sort_by_key(|room| std::cmp::Reverse(*room));
        rooms.truncate(most);
        rooms
    }

    /// The same plan with devices that are alike taken in the order in which services were asked for: the first service on GPU 0.
    fn renumbered(&self, places: &[Option<Vec<usize>>]) -> Vec<Option<Vec<usize>>> {
        let mut number: Vec<Option<usize>> = vec![None; self.class.len()];
        let mut taken = vec![false; self.class.len()];
        let mut of = |device: usize| {
            if let Some(known) = number[device] {
                return known;
            }
            let mut alike = self.devices.iter().copied();
            let first = alike.find(|at| self.class[*at] == self.class[device] && !taken[*at]);
            let first = first.unwrap_or(device);
            taken[first] = true;
            number[device] = Some(first);
            first
        };
        let renumbered = places.iter().map(|place| {
            let place = place.as_ref()?;
            Some(place.iter().map(|at| of(*at)).collect())
        });
        renumbered.collect()
    }

    /// The most that bounds allow, if any model may be split or only those that fit no GPU.
    fn most(&self, rooms: &[Bytes], splits: bool) -> usize {
        let mut wants: Vec<Want> = self.items.iter().map(|item| item.want(splits)).collect();
        wants.sort_by_key(|want| std::cmp::Reverse(want.least));
        let whole = wants.iter().filter(|want| want.piece.is_none());
        let sizes: Vec<Bytes> = whole.map(|want| want.least).collect();
        let skips = (0..wants.len()).find(|skips| {
            bytes_fit(&wants, *skips, rooms) && sizes_fit(sizes.iter().copied(), *skips, rooms)
        });
        wants.len() - skips.unwrap_or(wants.len())
    }

    /// The fewest GPUs that splits take in any plan of so many: each model that fits no GPU needs a set, and only some can be left out.
    fn least_split(&self, placed: usize) -> usize {
        let mut sizes: Vec<usize> = self
            .items
            .iter()
            .map(|item| {
                if item.whole {
                    0
                } else {
                    item.fewest.unwrap_or(2)
                }
            })
            .collect();
        sizes.sort_unstable();
        sizes.iter().take(placed).sum()
    }
}
