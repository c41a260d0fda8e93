//! Room for one more whole model: the free memory of a few GPUs brought together on one of them.
//!
//! A few GPUs at a time, those that give the most first: what lies whole there and the new one are placed anew on them, the largest first, by
//! a search of its own. Splits stay where they are; so does whoever stays away from others, and those others.

use std::cmp::Reverse;
use std::collections::HashSet;

use super::super::cost::{CostCache, WATCHED};
use super::super::key::Key;
use super::super::{Problem, Solution, simulate};
use crate::units::Bytes;

/// GPUs that are looked at: those that give the most.
const MOST_GPUS: usize = 12;
/// GPUs that are packed anew together.
const TOGETHER: usize = 4;
/// Groups of GPUs that are packed anew for one model.
const MOST_GROUPS: usize = 300;
/// Steps for one group.
const GROUP_STEPS: usize = 2000;

/// A plan as it stands.
struct PackedPlan<'p, 'a> {
    problem: &'p Problem<'a>,
    left: Vec<Bytes>,
    /// For each GPU what lies whole on it and may move.
    movable: Vec<Vec<usize>>,
}

/// A plan with this item too, which fits a GPU and nobody stays away from; `steps`: those that may be taken.
pub(super) fn repack<'a>(
    problem: &Problem<'a>,
    costs: &mut CostCache<'a>,
    open: &[usize],
    plan: &Solution,
    item: usize,
    steps: &mut usize,
) -> Option<Solution> {
    let packed = packed(problem, plan)?;
    if is_tied(problem, &labels_avoided(problem), item) {
        return None;
    }
    let size = open
        .iter()
        .filter_map(|at| costs.single(problem.items[item].model, costs.kind[*at]))
        .min()?;
    let mut roomy: Vec<usize> = open.to_vec();
    roomy.sort_by_key(|at| (Reverse(packed.left[*at]), *at));
    roomy.truncate(MOST_GPUS);
    let mut groups = Vec::new();
    for count in 2..=TOGETHER.min(roomy.len()) {
        choose(&roomy, count, &mut Vec::new(), &mut groups);
    }
    // Packing anew brings free memory together, but makes hardly any.
    groups.retain(|group| {
        let left: Bytes = group.iter().map(|at| packed.left[*at]).sum();
        left >= size
    });
    // Pairs, then threes, then fours, 781 of twelve GPUs; in each order the GPUs that give the most come first.
    for group in groups.iter().take(MOST_GROUPS) {
        if *steps == 0 || !costs.goes_on(WATCHED) {
            return None;
        }
        let mut search = Group::new(&packed, costs, group, item)?;
        search.steps = GROUP_STEPS.min(*steps);
        let before = search.steps;
        let found = search.place(0);
        *steps -= before - search.steps;
        if found {
            return Some(search.carried_into(plan, item, group));
        }
    }
    None
}

fn packed<'p, 'a>(problem: &'p Problem<'a>, plan: &Solution) -> Option<PackedPlan<'p, 'a>> {
    let loaded = simulate::simulate(problem, &plan.places, &plan.order)?;
    let devices = &problem.pool.devices;
    let avoided = labels_avoided(problem);
    let mut movable = vec![Vec::new(); devices.len()];
    for (item, place) in plan.places.iter().enumerate() {
        if let Some([at]) = place.as_deref()
            && !is_tied(problem, &avoided, item)
        {
            movable[*at].push(item);
        }
    }
    let left = devices.iter().zip(&loaded.claimed);
    Some(PackedPlan {
        problem,
        left: left
            .map(|(device, claimed)| device.usable() - *claimed)
            .collect(),
        movable,
    })
}

pub(super) fn labels_avoided(problem: &Problem<'_>) -> HashSet<usize> {
    let anti_affinity = problem.items.iter().flat_map(|item| &item.anti_affinity);
    anti_affinity.map(|(label, _)| *label).collect()
}

pub(super) fn is_tied(problem: &Problem<'_>, avoided: &HashSet<usize>, item: usize) -> bool {
    let item = &problem.items[item];
    !item.anti_affinity.is_empty() || avoided.contains(&item.label)
}

/// All groups of so many, those of the first ones first.
fn choose(from: &[usize], count: usize, chosen: &mut Vec<usize>, groups: &mut Vec<Vec<usize>>) {
    if count == 0 {
        groups.push(chosen.clone());
        return;
    }
    for (at, gpu) in from.iter().enumerate() {
        chosen.push(*gpu);
        choose(&from[at + 1..], count - 1, chosen, groups);
        chosen.pop();
    }
}

/// A group of GPUs that is packed anew.
struct Group {
    /// Items, the largest first.
    items: Vec<usize>,
    /// For each what it takes on each GPU of the group, where it may be.
    sizes: Vec<Vec<Option<Bytes>>>,
    /// Kind and free bytes of each GPU, without what may move.
    left: Vec<(usize, Bytes)>,
    places: Vec<usize>,
    steps: usize,
    failed: HashSet<u128>,
    /// Whether some are pinned, so that equal GPUs are not the same to everybody.
    pinned: bool,
}

impl Group {
    fn new(
        packed: &PackedPlan<'_, '_>,
        costs: &mut CostCache<'_>,
        group: &[usize],
        item: usize,
    ) -> Option<Self> {
        let problem = packed.problem;
        let mut items: Vec<usize> = group
            .iter()
            .flat_map(|at| &packed.movable[*at])
            .copied()
            .collect();
        items.push(item);
        let mut left: Vec<(usize, Bytes)> = Vec::new();
        for at in group {
            // What may move gives back what it was counted with: a whole model takes the same beside others as on the empty card.
            let mut free = packed.left[*at];
            for item in &packed.movable[*at] {
                free += costs.single(problem.items[*item].model, costs.kind[*at])?;
            }
            left.push((costs.kind[*at], free));
        }
        let mut sized: Vec<(Vec<Option<Bytes>>, usize)> = Vec::new();
        for item in items {
            let wanted = &problem.items[item];
            let pins = wanted.devices.as_ref();
            let size = group.iter().map(|at| {
                let may = pins.is_none_or(|pins| pins.contains(at));
                may.then(|| costs.single(wanted.model, costs.kind[*at]))
                    .flatten()
            });
            sized.push((size.collect(), item));
        }
        sized.sort_by_key(|(sizes, item)| (Reverse(sizes.iter().flatten().max().copied()), *item));
        let (sizes, items): (Vec<_>, Vec<_>) = sized.into_iter().unzip();
        Some(Self {
            pinned: items
                .iter()
                .any(|item| problem.items[*item].devices.is_some()),
            places: vec![0; items.len()],
            items,
            sizes,
            left,
            steps: 0,
            failed: HashSet::new(),
        })
    }

    /// Finds a GPU for each item from this one on.
    fn place(&mut self, at: usize) -> bool {
        if at == self.items.len() {
            return true;
        }
        // By the GPU on which each takes the least, since where it will lie is open.
        let need: Bytes = self.sizes[at..]
            .iter()
            .filter_map(|sizes| sizes.iter().flatten().min().copied())
            .sum();
        let free: Bytes = self.left.iter().map(|(_, left)| *left).sum();
        if self.steps == 0 || need > free {
            return false;
        }
        self.steps -= 1;
        let key = self.key(at);
        if self.failed.contains(&key) {
            return false;
        }
        let mut fitting: Vec<(Bytes, usize)> = Vec::new();
        for (gpu, (_, left)) in self.left.iter().enumerate() {
            let Some(size) = self.sizes[at][gpu].filter(|size| size <= left) else {
                continue;
            };
            let rest = *left - size;
            let same = |(other, seen): &(Bytes, usize)| {
                !self.pinned && *other == rest && self.left[*seen] == self.left[gpu]
            };
            if !fitting.iter().any(same) {
                fitting.push((rest, gpu));
            }
        }
        // The tightest first: large rests are what the next ones need. Nothing else tells equal GPUs apart, so one of them is tried.
        fitting.sort_unstable();
        for (rest, gpu) in fitting {
            let before = std::mem::replace(&mut self.left[gpu].1, rest);
            self.places[at] = gpu;
            if self.place(at + 1) {
                return true;
            }
            self.left[gpu].1 = before;
        }
        if self.steps > 0 {
            self.failed.insert(key);
        }
        false
    }

    fn key(&self, at: usize) -> u128 {
        let mut left = self.left.clone();
        // With equal GPUs in another order it is the same state.
        if !self.pinned {
            left.sort_unstable();
        }
        let mut key = Key::new();
        key.word(at as u64);
        for (kind, bytes) in left {
            key.word(kind as u64);
            key.word(bytes.0);
        }
        key.finish()
    }

    fn carried_into(&self, plan: &Solution, item: usize, group: &[usize]) -> Solution {
        let mut plan = plan.clone();
        for (at, item) in self.items.iter().enumerate() {
            plan.places[*item] = Some(vec![group[self.places[at]]]);
        }
        // Last: whole models may start in any order.
        plan.order.push(item);
        plan
    }
}
