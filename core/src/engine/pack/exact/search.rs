//! The search itself: splits first, in the order in which they start, then whole models into what is left.

use std::collections::HashSet;

use super::super::bound::{Extent, bytes_fit, sizes_fit};
use super::super::cost::CostCache;
use super::super::key::Key;
use super::super::{Problem, Solution};
use super::input::{SearchInput, SearchItem};
use super::sets::{State, sets};
use crate::units::Bytes;

/// What a plan must reach.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    /// GPUs in splits, at most.
    pub(super) split: usize,
    /// GPUs in use, at most.
    pub(super) used: usize,
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Found,
    Impossible,
    /// The steps were used up, or not every set was looked at.
    Spent,
}

/// Steps that an estimate of a split counts as.
const ESTIMATE: u64 = 15;

/// A question on its way.
pub(super) struct Search<'s, 't, 'a> {
    costs: &'t mut CostCache<'a>,
    input: &'s SearchInput,
    items: usize,
    goal: Goal,
    steps: u64,
    incomplete: bool,
    state: State,
    /// For each item of the search its devices.
    places: Vec<Option<Vec<usize>>>,
    /// Positions that wait for one GPU.
    waiting: Vec<usize>,
    wants: Vec<Extent>,
    /// Positions that are split, in the order of their start.
    starts: Vec<usize>,
    failed: HashSet<u128>,
}

impl<'s, 't, 'a> Search<'s, 't, 'a> {
    pub(super) fn new(
        problem: &Problem<'_>,
        costs: &'t mut CostCache<'a>,
        input: &'s SearchInput,
    ) -> Self {
        Self {
            costs,
            input,
            items: problem.items.len(),
            goal: Goal { split: 0, used: 0 },
            steps: 0,
            incomplete: false,
            state: State::empty(input.host.len()),
            places: Vec::new(),
            waiting: Vec::new(),
            wants: Vec::new(),
            starts: Vec::new(),
            failed: HashSet::new(),
        }
    }

    /// Whether the goal can be reached when at most `extra` models are split that need not be, or wider than they need.
    pub(super) fn run(&mut self, goal: Goal, extra: usize, steps: &mut u64) -> Outcome {
        self.goal = goal;
        self.steps = *steps;
        self.incomplete = false;
        self.state = State::empty(self.input.host.len());
        self.places = vec![None; self.input.items.len()];
        self.starts.clear();
        self.failed.clear();
        let found = self.splits(0, 0, extra, None);
        *steps = self.steps;
        // A plan that was found holds whatever was cut off; a no says something only where nothing was.
        match (found, self.steps == 0 || self.incomplete) {
            (true, _) => Outcome::Found,
            (false, true) => Outcome::Spent,
            (false, false) => Outcome::Impossible,
        }
    }

    /// The same with ever more freedom, until any model may be split in any way.
    pub(super) fn deepen(&mut self, goal: Goal, steps: &mut u64) -> Outcome {
        let all = self.input.items.len();
        let mut outcome = Outcome::Impossible;
        // Plans with few are among those with more: asked first because they are found sooner, the last question alone decides.
        let few = [1, 2, 3, 4, 6, 8, 12].into_iter();
        for extra in few.filter(|extra| *extra < all).chain([all]) {
            // The easy questions may not use up what the last one needs.
            let mut share = if extra < all { *steps / 3 } else { *steps };
            let before = share;
            outcome = self.run(goal, extra, &mut share);
            *steps -= before - share;
            if outcome == Outcome::Found {
                break;
            }
        }
        outcome
    }

    /// The plan that was found.
    pub(super) fn solution(&self) -> Solution {
        let mut places = vec![None; self.items];
        for (item, place) in self.input.items.iter().zip(&self.places) {
            places[item.position] = place.clone();
        }
        // Whole models may start in any order: the one in which they were asked for is the easiest to read.
        let singles =
            (0..places.len()).filter(|at| matches!(&places[*at], Some(place) if place.len() == 1));
        let splits = self.starts.iter().map(|at| self.input.items[*at].position);
        let mut order: Vec<usize> = splits.collect();
        order.extend(singles);
        Solution {
            places,
            order,
            optimal: false,
            bound: 0,
        }
    }

    /// What the devices still give, those that may be opened yet among them.
    fn free(&self) -> Vec<Bytes> {
        let (used, empty): (Vec<usize>, Vec<usize>) = self
            .input
            .devices
            .iter()
            .partition(|at| self.state.committed[**at] > Bytes::ZERO);
        let left = |at: &usize| self.state.left(self.input, *at);
        let mut empty: Vec<Bytes> = empty.iter().map(left).collect();
        // The largest of those that may be opened: no other choice gives more.
        if used.len() + empty.len() > self.goal.used {
            empty.sort_by_key(|pool| std::cmp::Reverse(*pool));
            empty.truncate(self.goal.used.saturating_sub(used.len()));
        }
        empty.extend(used.iter().map(left));
        empty
    }

    fn key(&self, words: [u64; 4]) -> u128 {
        let mut states: Vec<(usize, Bytes, u64)> = self
            .input
            .devices
            .iter()
            .map(|at| self.state.signature(self.input, *at))
            .collect();
        // GPUs that look alike may change places: in another order it is the same state.
        states.sort_unstable();
        let mut key = Key::new();
        words.into_iter().for_each(|word| key.word(word));
        for (class, committed, groups) in states {
            key.word((class as u64) << 32 ^ groups);
            key.word(committed.0);
        }
        key.finish()
    }

    fn step(&mut self, cost: u64) -> bool {
        // Who is told to end has no steps left, and so proves nothing.
        self.steps = if self.costs.goes_on(1) {
            self.steps.saturating_sub(cost)
        } else {
            0
        };
        self.steps > 0
    }

    /// Splits one more item, or none: then the others go on one GPU each. `done`: bits of items that are split; `last`: the split
    /// before.
    ///
    /// Splits that share no GPU may change places, so only their order by position is looked at. Items are tried in that order, too, which is
    /// what makes leaving out the other orders compatible with remembering states.
    fn splits(&mut self, done: u64, split: usize, extra: usize, last: Option<usize>) -> bool {
        if !self.step(1) {
            return false;
        }
        let input = self.input;
        let rest = || (0..input.items.len()).filter(|at| done >> at & 1 == 0);
        let mut wants: Vec<Extent> = rest().map(|at| input.items[at].want(extra > 0)).collect();
        wants.sort_by_key(|want| std::cmp::Reverse(want.least));
        let free = self.free();
        // All but `extra` of the whole ones stay whole, and need rooms that hold them so.
        let whole = rest().map(|at| &input.items[at]).filter(|item| item.whole);
        let mut whole: Vec<Extent> = whole.map(|item| item.want(false)).collect();
        whole.sort_by_key(|want| std::cmp::Reverse(want.least));
        let sizes = whole.iter().map(|want| want.least);
        if !bytes_fit(&wants, 0, &free)
            || !bytes_fit(&whole, extra, &free)
            || !sizes_fit(sizes, extra, &free)
        {
            return false;
        }
        // How many GPUs splits have taken matters only where that is limited.
        let limited = if self.goal.split == usize::MAX {
            0
        } else {
            split
        };
        let key = self.key([0, done, limited as u64, extra as u64]);
        if self.failed.contains(&key) {
            return false;
        }
        let large = rest().filter(|at| !input.items[*at].whole).count();
        // Before another one is split: the fewest GPUs in splits are an aim.
        if large == 0 && self.begin_singles(done) {
            return true;
        }
        for at in rest() {
            // Of items that are alike the first ones are split.
            let twin_is_not = input.items[at].twin && done >> (at - 1) & 1 == 0;
            if !twin_is_not && self.split_one(at, done, split, extra, last) {
                return true;
            }
        }
        self.remember(key)
    }

    /// A state that was searched to its end need not be searched again.
    fn remember(&mut self, key: u128) -> bool {
        if self.steps > 0 {
            self.failed.insert(key);
        }
        false
    }

    fn split_one(
        &mut self,
        at: usize,
        done: u64,
        split: usize,
        extra: usize,
        last: Option<usize>,
    ) -> bool {
        let input = self.input;
        let item = &input.items[at];
        let usual = if item.whole { None } else { item.fewest };
        // As few GPUs as while all are empty. Wider, or of whole models at all, a split is one of the `extra`.
        let sizes = match (extra, usual) {
            (0, None) => return false,
            (0, Some(usual)) => usual..=usual,
            _ => 2..=input.devices.len(),
        };
        for count in sizes {
            if split + count > self.goal.split {
                break;
            }
            let extra = extra - usize::from(usual != Some(count));
            let (sets, complete) = sets(input, &self.state, item, count);
            self.incomplete |= !complete;
            for set in sets {
                if !self.step(1) {
                    return false;
                }
                let before =
                    last.and_then(|last| self.places[last].as_ref().map(|set| (last, set)));
                let swaps = |(last, other): (usize, &Vec<usize>)| {
                    at < last && other.iter().all(|device| !set.contains(device))
                };
                if before.is_some_and(swaps) {
                    continue;
                }
                let set_state = set
                    .iter()
                    .map(|at| (self.costs.kind[*at], self.state.committed[*at]));
                let estimates = self.costs.estimates;
                let parts = self.costs.several(item.model, set_state.collect());
                // Steps stand for time, and what was estimated before costs none.
                self.step((self.costs.estimates - estimates) * ESTIMATE);
                let Some(parts) = parts else { continue };
                let before = self.state.clone();
                for (at, bytes) in set.iter().zip(&parts) {
                    self.state.committed[*at] += *bytes;
                    // Who stays away from it looks for this on its GPUs.
                    self.state.groups[*at] |= item.anti_affinity.own;
                }
                if self.state.used() <= self.goal.used {
                    self.places[at] = Some(set);
                    self.starts.push(at);
                    if self.splits(done | 1 << at, split + count, extra, Some(at)) {
                        return true;
                    }
                    self.starts.pop();
                    self.places[at] = None;
                }
                self.state = before;
            }
        }
        false
    }

    fn begin_singles(&mut self, done: u64) -> bool {
        let input = self.input;
        let waiting =
            (0..input.items.len()).filter(|at| done >> at & 1 == 0 && input.items[*at].whole);
        self.waiting = waiting.collect();
        // Nothing is cut from here on: a room that does not hold the smallest holds none.
        let waiting = self.waiting.iter().map(|at| Extent {
            least: self.input.items[*at].least_single,
            piece: None,
        });
        self.wants = waiting.collect();
        self.singles(0)
    }

    /// Finds one GPU for each item that waits, from position `at` on.
    fn singles(&mut self, at: usize) -> bool {
        let input = self.input;
        let Some(&position) = self.waiting.get(at) else {
            return true;
        };
        let item = &input.items[position];
        if !self.step(1) {
            return false;
        }
        let (wants, free) = (&self.wants[at..], self.free());
        let sizes = wants.iter().map(|want| want.least);
        if !bytes_fit(wants, 0, &free) || !sizes_fit(sizes, 0, &free) {
            return false;
        }
        let waits = self.waiting.iter().fold(0, |mask, at| mask | 1 << at);
        // Marked, so that no state of `splits` has the same key.
        let key = self.key([1 << 32 | at as u64, waits, 0, 0]);
        if self.failed.contains(&key) {
            return false;
        }
        for device in self.candidates(item) {
            let Some(bytes) = item.single[device] else {
                continue;
            };
            let groups = self.state.groups[device];
            self.state.committed[device] += bytes;
            self.state.groups[device] |= item.anti_affinity.own;
            self.places[position] = Some(vec![device]);
            if self.singles(at + 1) {
                return true;
            }
            self.places[position] = None;
            self.state.committed[device] -= bytes;
            self.state.groups[device] = groups;
        }
        self.remember(key)
    }

    /// Devices that take an item whole, one of those that are alike: those in use first, and of these the one that it fills best.
    fn candidates(&self, item: &SearchItem) -> Vec<usize> {
        let may_open = self.state.used() < self.goal.used;
        let mut states = HashSet::new();
        let mut devices: Vec<(bool, Bytes, usize)> = Vec::new();
        for &at in &self.input.devices {
            let Some(bytes) = item.single[at] else {
                continue;
            };
            let left = self.state.left(self.input, at);
            let empty = self.state.committed[at] == Bytes::ZERO;
            if left >= bytes
                && (may_open || !empty)
                && self.state.admits(self.input, item, at)
                && states.insert(self.state.signature(self.input, at))
            {
                devices.push((empty, left - bytes, at));
            }
        }
        // Those in use first: each idle one that is opened counts against the goal.
        devices.sort_unstable();
        devices.into_iter().map(|(_, _, at)| at).collect()
    }
}
