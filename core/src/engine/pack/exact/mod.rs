//! Every placement that could be better, for small machines.
//!
//! The question asked is always the same: is there a plan that places these, with so many GPUs in splits, on so many GPUs? It is asked for
//! everything at once, then for one service after the other beside those that have a place already; then for fewer GPUs in splits, until the
//! answer is no.

mod input;
mod prepare;
mod search;
mod sets;

use std::collections::HashSet;

use super::bound::{Extent, bytes_fit, sizes_fit};
use super::cost::CostCache;
use super::{Objective, Problem, Replica, Solution, fleet, order};
use crate::units::Bytes;
use input::SearchInput;
use search::{Goal, Outcome, Search};

/// Steps for a question where models that fit on one GPU stay whole.
const WHOLE_STEPS: u64 = 200_000;
/// Steps for all questions together where any model may be split.
const SPLIT_STEPS: u64 = 800_000;
/// Steps for using fewer GPUs, which is no part of the proof.
const TIDY_STEPS: u64 = 20_000;

/// What is left of the steps.
struct Budget {
    whole: u64,
    split: u64,
}

pub(super) fn solve<'a>(problem: &Problem<'a>, costs: &mut CostCache<'a>) -> Solution {
    let input = SearchInput::new(problem, costs);
    // A plan to begin with: where it places everything, only its splits are left to prove.
    let start = fleet::solve(problem, costs);
    let mut asked = Asked {
        used: input.devices.len().saturating_sub(problem.keep_free),
        problem,
        costs,
        input: &input,
        budget: Budget {
            whole: 3 * WHOLE_STEPS,
            split: SPLIT_STEPS,
        },
    };
    let (best, mut proved) = asked.in_order(start);
    let kept = input.subset(|at| best.places[at].is_some());
    let best = asked.fewer_splits(&kept, best, &mut proved);
    let best = match problem.objective {
        Objective::Spread => best,
        Objective::Pack => asked.fewer_used(&kept, best),
    };
    let bound = if proved {
        best.placed()
    } else {
        input.most(&input.largest_free(asked.used))
    };
    Solution {
        optimal: proved,
        bound,
        ..best
    }
}

/// A problem whose questions are asked.
struct Asked<'p, 't, 'a> {
    problem: &'p Problem<'a>,
    costs: &'t mut CostCache<'a>,
    input: &'p SearchInput,
    /// GPUs that may be used.
    used: usize,
    budget: Budget,
}

impl<'a> Asked<'_, '_, 'a> {
    /// Whether all of these have a place, and where.
    fn place(&mut self, input: &SearchInput, split: usize) -> (Outcome, Option<Solution>) {
        let goal = Goal {
            split,
            used: self.used,
        };
        let mut search = Search::new(self.problem, self.costs, input);
        // Whole models whole first: that is far less to try, and GPUs in splits are to be few anyhow.
        let mut steps = WHOLE_STEPS.min(self.budget.whole);
        let before = steps;
        let mut outcome = search.run(goal, 0, &mut steps);
        self.budget.whole -= before - steps;
        if outcome != Outcome::Found {
            // No question may use up what the others need.
            let mut share = self.budget.split / 3;
            self.budget.split -= share;
            outcome = search.deepen(goal, &mut share);
            self.budget.split += share;
        }
        let found = (outcome == Outcome::Found).then(|| search.solution());
        (outcome, found)
    }

    /// One service after the other beside those that have a place already, and whether all the others are proved to have none. `start`: a
    /// plan that holds.
    fn in_order(&mut self, start: Solution) -> (Solution, bool) {
        let count = self.problem.items.len();
        if start.placed() == count {
            return (start, true);
        }
        // One question where the answer is yes; else one for each service, which is what the order of aims asks.
        if let (_, Some(all)) = self.place(&self.input.clone(), usize::MAX) {
            return (all, true);
        }
        let mut best = start;
        let mut proved = true;
        let mut kept = vec![false; count];
        let mut hopeless: HashSet<&Replica> = HashSet::new();
        for item in order(self.problem) {
            let wanted = &self.problem.items[item];
            if best.places[item].is_some() {
                kept[item] = true;
                continue;
            }
            if hopeless.contains(wanted) {
                continue;
            }
            kept[item] = true;
            match self.place(&self.input.subset(|at| kept[at]), usize::MAX) {
                // Later services may find a place by the way, and then need no question.
                (_, Some(found)) => best = self.with_the_rest(found),
                (outcome, None) => {
                    proved &= outcome == Outcome::Impossible;
                    kept[item] = false;
                    // Its replicas are asked for beside the same and more.
                    hopeless.insert(wanted);
                }
            }
        }
        (best, proved)
    }

    /// The same plan with what else finds a place on one GPU.
    fn with_the_rest(&mut self, found: Solution) -> Solution {
        fleet::insert(self.problem, self.costs, found, self.used)
    }

    fn fewer_splits(
        &mut self,
        kept: &SearchInput,
        mut best: Solution,
        proved: &mut bool,
    ) -> Solution {
        while best.split() > kept.least_split() {
            // Each yes is a plan with fewer; the no at the end is the proof.
            match self.place(kept, best.split() - 1) {
                (_, Some(found)) => best = found,
                (Outcome::Spent, None) => {
                    *proved = false;
                    break;
                }
                (_, None) => break,
            }
        }
        best
    }

    fn fewer_used(&mut self, kept: &SearchInput, mut best: Solution) -> Solution {
        let mut steps = TIDY_STEPS;
        let mut search = Search::new(self.problem, self.costs, kept);
        while best.used() > 1 {
            let fewer = Goal {
                split: best.split(),
                used: best.used() - 1,
            };
            match search.run(fewer, 0, &mut steps) {
                Outcome::Found => best = search.solution(),
                Outcome::Impossible | Outcome::Spent => break,
            }
        }
        best
    }
}

/// Whether a short search finds a place for everything.
pub(super) fn all_fit<'a>(problem: &Problem<'a>, costs: &mut CostCache<'a>) -> bool {
    let input = SearchInput::new(problem, costs);
    let used = input.devices.len().saturating_sub(problem.keep_free);
    // Bytes say no at once where a search would use up its steps.
    if input.most(&input.largest_free(used)) < input.items.len() {
        return false;
    }
    let goal = Goal {
        split: usize::MAX,
        used,
    };
    let mut search = Search::new(problem, costs, &input);
    // Only a yes counts here: what was not found in few steps is not told as a fix.
    let mut steps = TIDY_STEPS;
    let mut freer = TIDY_STEPS;
    search.run(goal, 0, &mut steps) == Outcome::Found
        || search.deepen(goal, &mut freer) == Outcome::Found
}

impl SearchInput {
    /// What the GPUs give, the largest first, as many as may be used.
    fn largest_free(&self, most: usize) -> Vec<Bytes> {
        let mut free: Vec<Bytes> = self.devices.iter().map(|at| self.usable[*at]).collect();
        free.sort_by_key(|pool| std::cmp::Reverse(*pool));
        free.truncate(most);
        free
    }

    /// The most that bounds allow, whichever they are and however they are split.
    fn most(&self, free: &[Bytes]) -> usize {
        let mut wants: Vec<Extent> = self.items.iter().map(|item| item.want(true)).collect();
        wants.sort_by_key(|want| std::cmp::Reverse(want.least));
        let whole = wants.iter().filter(|want| want.piece.is_none());
        let sizes: Vec<Bytes> = whole.map(|want| want.least).collect();
        let skips = (0..wants.len()).find(|skips| {
            bytes_fit(&wants, *skips, free) && sizes_fit(sizes.iter().copied(), *skips, free)
        });
        wants.len() - skips.unwrap_or(wants.len())
    }

    /// The fewest GPUs that splits take: each model that fits no GPU needs a set.
    fn least_split(&self) -> usize {
        let large = self.items.iter().filter(|item| !item.whole);
        large.map(|item| item.fewest.unwrap_or(2)).sum()
    }
}
