//! Single moves that make a plan better: one service elsewhere, or two in each other's place.

use std::cmp::Reverse;

use super::super::cost::WATCHED;
use super::{Spread, Worth, is_split};
use crate::units::Bytes;

/// More moves than this are not weighed.
const MOST_STEPS: usize = 1_000_000;

impl Spread<'_, '_, '_> {
    /// Moves one service or lets two change places, as long as that is better.
    pub(super) fn improve(&mut self) {
        let mut steps = MOST_STEPS;
        let mut better = true;
        while better {
            better = false;
            let mut fullest = self.open.clone();
            // The fullest GPU is what the aim is about.
            fullest.sort_by_key(|at| (Reverse(self.fill(*at, self.committed[*at])), *at));
            for from in fullest {
                for item in self.tenants[from].clone() {
                    // Moved, it would change what every split after it finds free.
                    if is_split(self.places[item].as_ref()) {
                        continue;
                    }
                    better |= self.relocate(item, from, &mut steps)
                        || self.exchange(item, from, &mut steps);
                    if steps == 0 || !self.costs.goes_on(WATCHED) {
                        return;
                    }
                }
            }
        }
    }

    fn bytes(&mut self, item: usize, at: usize) -> Option<Bytes> {
        let kind = self.costs.kind[at];
        self.costs.single(self.problem.items[item].model, kind)
    }

    fn relocate(&mut self, item: usize, from: usize, steps: &mut usize) -> bool {
        let Some(bytes) = self.bytes(item, from) else {
            return false;
        };
        // Taken out first: where it lies it is no neighbour of itself.
        self.remove(item, from, bytes);
        let mut best: Option<(Worth, usize, Bytes)> = None;
        for at in 0..self.open.len() {
            let to = self.open[at];
            *steps = steps.saturating_sub(1);
            let Some(there) = self.bytes(item, to) else {
                continue;
            };
            if to == from || self.usable[to] - self.committed[to] < there || !self.admits(item, to)
            {
                continue;
            }
            // Both GPUs are weighed, before and after, or what one gains could be lost on the other.
            let found = self.at_two(item, to, there, from);
            if found < self.at_two(item, from, bytes, to)
                && best.is_none_or(|(least, ..)| found < least)
            {
                best = Some((found, to, there));
            }
        }
        let (_, to, there) = best.unwrap_or(((0, 0, 0, [0; 2]), from, bytes));
        self.add(item, to, there);
        self.places[item] = Some(vec![to]);
        to != from
    }

    /// What it is worth to have an item on one GPU, beside another.
    fn at_two(&self, item: usize, at: usize, bytes: Bytes, other: usize) -> Worth {
        let (on_gpu, on_host, shared, [full, _]) = self.worth(item, at, bytes);
        let rest = self.fill(other, self.committed[other]);
        (on_gpu, on_host, shared, [full.max(rest), full.min(rest)])
    }

    /// Lets a service change places with one on another GPU where that is better.
    fn exchange(&mut self, item: usize, from: usize, steps: &mut usize) -> bool {
        for at in 0..self.open.len() {
            let to = self.open[at];
            if to == from || *steps == 0 {
                continue;
            }
            for other in self.tenants[to].clone() {
                *steps = steps.saturating_sub(1);
                // Two of one model take the same: nothing would change.
                let same = self.problem.items[other].model == self.problem.items[item].model;
                if same || is_split(self.places[other].as_ref()) {
                    continue;
                }
                if self.change_places((item, from), (other, to)) {
                    return true;
                }
            }
        }
        false
    }

    fn change_places(&mut self, one: (usize, usize), two: (usize, usize)) -> bool {
        let ((item, from), (other, to)) = (one, two);
        let sizes = [
            self.bytes(item, from),
            self.bytes(other, to),
            self.bytes(item, to),
            self.bytes(other, from),
        ];
        let [Some(own), Some(theirs), Some(own_there), Some(theirs_here)] = sizes else {
            return false;
        };
        let before = self.both(one, two);
        self.remove(item, from, own);
        self.remove(other, to, theirs);
        let fits = self.usable[to] - self.committed[to] >= own_there
            && self.usable[from] - self.committed[from] >= theirs_here
            && self.admits(item, to);
        if fits {
            self.add(item, to, own_there);
            // Asked once the first is in its new place: the two may have to stay away from each other.
            if self.admits(other, from) {
                self.add(other, from, theirs_here);
                if self.both((item, to), (other, from)) < before {
                    self.places[item] = Some(vec![to]);
                    self.places[other] = Some(vec![from]);
                    return true;
                }
                self.remove(other, from, theirs_here);
            }
            self.remove(item, to, own_there);
        }
        self.add(item, from, own);
        self.add(other, to, theirs);
        false
    }

    /// What it is worth to have two services on two GPUs.
    fn both(&self, one: (usize, usize), two: (usize, usize)) -> Worth {
        let (first, second) = (self.alike(one.0, one.1), self.alike(two.0, two.1));
        let full = [one.1, two.1].map(|at| self.fill(at, self.committed[at]));
        (
            // Neither GPU has more tenants than before, so that sharing is no part of it.
            first.0 + second.0,
            first.1 + second.1,
            0,
            [full[0].max(full[1]), full[0].min(full[1])],
        )
    }
}
