//! Fillings by what each model is worth: sequential value correction, as it is known from cutting stock.
//!
//! GPU after GPU takes what is worth most together. A model is worth its bytes at first; where the GPUs that took it stayed emptier, and where
//! some of it was left over, it is worth more in the next round. What is awkward to place so comes to lie first, which no order of fillings by
//! their bytes alone does.

use std::cmp::Reverse;

use super::{Filling, Search};
use crate::units::Bytes;

/// Steps in one order of the GPUs.
// Of 1,500 fleets filled to the brim three times as many steps found no more of them again.
const STEPS: usize = 300_000;
/// Rounds differ in how much more than their bytes large models are worth; after so many they are the same again.
const ROUNDS: u64 = 7;
/// The part of its bytes that a model as large as the GPU is worth more, at least.
const LARGE: u64 = 20;
/// The part of its worth that a model is worth more after some of it was left over, at most.
const LEFT_OVER: u64 = 20;
/// So many times its bytes a model is worth at most: where nothing finds a place for it, it would be worth ever more.
const MOST_WORTH: u64 = 16;

impl Search {
    /// Looks for fillings with which every item has a place; `steps`: those that may be taken.
    pub(super) fn by_worth(&mut self, steps: &mut usize) -> bool {
        if self.need() > self.free_from[0] {
            return false;
        }
        let most = STEPS.min(*steps);
        let mut left = most;
        let mut worth: Vec<u64> = self.classes.iter().map(|class| class.least.0).collect();
        let all = self.counts.clone();
        let mut found = false;
        for round in 0.. {
            found = self.round(round % ROUNDS + 1, &mut worth, &mut left);
            self.counts.clone_from(&all);
            if found || left == 0 {
                break;
            }
        }
        *steps -= most - left;
        found
    }

    /// Fills every GPU once and corrects what models are worth; whether nothing was left over.
    fn round(&mut self, round: u64, worth: &mut [u64], steps: &mut usize) -> bool {
        let now = worth.to_vec();
        let all = self.counts.clone();
        for at in 0..self.gpus.len() {
            let (kind, free, _) = self.gpus[at];
            let (lost, filling) = self.worthiest(at, &now, steps);
            let used = (free - lost).0.max(1);
            for (class, taken) in filling.iter().enumerate().filter(|(_, taken)| **taken > 0) {
                self.counts[class] -= taken;
                let size = self.classes[class].sizes[kind].unwrap_or_default().0;
                // As if it had taken its part of what was lost, too.
                let part = scaled(size, free.0, used);
                let part = part + scaled(part, size * round, free.0.max(1) * LARGE);
                // Of a model of which little is left the last GPUs tell more than the first ones.
                let before = u64::from(all[class] + self.counts[class]);
                let weight = 2 * u64::from(*taken);
                worth[class] = (worth[class] * before + part * weight) / (before + weight);
            }
            self.chosen[at] = filling;
        }
        let left = worth.iter_mut().zip(&self.classes).zip(&self.counts);
        for ((worth, class), _) in left.filter(|(_, count)| **count > 0) {
            let more = *worth + scaled(*worth, round, LEFT_OVER * ROUNDS);
            *worth = more.min(class.least.0.saturating_mul(MOST_WORTH));
        }
        self.counts.iter().all(|count| *count == 0)
    }

    /// What together is worth most on a GPU, and what is lost there.
    fn worthiest(&self, at: usize, worth: &[u64], steps: &mut usize) -> Filling {
        let (kind, free, _) = self.gpus[at];
        let sized = |class: usize| {
            let size = self.classes[class].sizes[kind]?;
            (self.counts[class] > 0 && size <= free).then_some((class, size))
        };
        let mut order: Vec<(usize, Bytes)> = (0..worth.len()).filter_map(sized).collect();
        // By worth a byte, so that the rest of a filling never is worth more than the next one in all that is left.
        order.sort_by_key(|(class, size)| {
            (
                Reverse(scaled(worth[*class], 1 << 20, size.0.max(1))),
                *class,
            )
        });
        let mut knapsack = Knapsack {
            search: self,
            worth,
            order,
            filling: vec![0; worth.len()],
            best: (0, (free, vec![0; worth.len()])),
            steps,
        };
        knapsack.extend(0, free, 0);
        knapsack.best.1
    }
}

fn scaled(value: u64, by: u64, of: u64) -> u64 {
    let scaled = u128::from(value) * u128::from(by) / u128::from(of);
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// The fillings of one GPU.
struct Knapsack<'s> {
    search: &'s Search,
    worth: &'s [u64],
    /// Models and their bytes.
    order: Vec<(usize, Bytes)>,
    filling: Vec<u32>,
    best: (u64, Filling),
    steps: &'s mut usize,
}

impl Knapsack<'_> {
    fn extend(&mut self, at: usize, left: Bytes, worth: u64) {
        let Some(steps) = self.steps.checked_sub(1) else {
            return;
        };
        *self.steps = steps;
        if worth > self.best.0 {
            self.best = (worth, (left, self.filling.clone()));
        }
        let Some((class, size)) = self.order.get(at).copied() else {
            return;
        };
        if worth.saturating_add(scaled(left.0, self.worth[class], size.0.max(1))) <= self.best.0 {
            return;
        }
        let most = (left.0 / size.0.max(1)).min(u64::from(self.search.counts[class]));
        for count in (0..=most).rev() {
            self.filling[class] = count as u32;
            let taken = Bytes(size.0 * count);
            self.extend(at + 1, left - taken, worth + self.worth[class] * count);
        }
        self.filling[class] = 0;
    }
}
