//! Room for one more whole model where no few GPUs give it: all of them packed anew.
//!
//! GPU by GPU, the fullest fillings first. What is left of each GPU is lost, so that fillings which lose more than all GPUs together have to
//! spare are none; where that is little, few fillings remain. The first tries take the fullest filling nearly everywhere, later ones ever more
//! seldom. Before them what is awkward to place goes first ([`worth`]). Who is pinned or stays away from others stays where it is, and so do
//! those others and models that no GPU holds whole.

mod worth;

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::cost::CostCache;
use super::super::key::Key;
use super::super::{Problem, Solution, simulate};
use super::repack::{is_tied, labels_avoided};
use crate::units::Bytes;

/// More GPUs are not packed anew together.
const MOST_GPUS: usize = 128;
/// Fillings of one GPU that are compared.
const MOST_FILLINGS: usize = 500;
/// How often other than the fullest fillings are taken, at most: of every GPU the last one, see [`Search::fill`]. The steps end it before.
// With 20 at most 14 A6000s that hold 136 services were not found, and most of the steps were left.
const MOST_DETOURS: u32 = MOST_GPUS as u32 * (MOST_FILLINGS.ilog2() + 1);

/// A plan with this item too, which fits a GPU, on these GPUs; `steps`: those that may be taken. Splits that need not be are undone if `whole`.
pub(super) fn complete<'a>(
    problem: &Problem<'a>,
    costs: &mut CostCache<'a>,
    open: &[usize],
    plan: &Solution,
    item: usize,
    whole: bool,
    steps: &mut usize,
) -> Option<Solution> {
    if open.len() > MOST_GPUS {
        return None;
    }
    let avoided = labels_avoided(problem);
    // A filling names kinds of GPUs and kinds of models; pins and distance would make each GPU and each replica one of its own.
    let stays =
        |item: usize| is_tied(problem, &avoided, item) || problem.items[item].devices.is_some();
    let kinds: HashSet<usize> = open.iter().map(|at| costs.kind[*at]).collect();
    let mut held = |item: usize| {
        let model = problem.items[item].model;
        let mut kinds = kinds.iter();
        kinds.any(|kind| costs.single(model, *kind).is_some())
    };
    if stays(item) || !held(item) {
        return None;
    }
    let mut moves: Vec<usize> = vec![item];
    let mut fixed = plan.clone();
    for (item, place) in plan.places.iter().enumerate() {
        let Some(place) = place else { continue };
        let may = place.len() == 1 || whole && held(item);
        if may && !stays(item) && place.iter().all(|at| open.contains(at)) {
            moves.push(item);
            fixed.places[item] = None;
        }
    }
    fixed.order.retain(|item| fixed.places[*item].is_some());
    let loaded = simulate::simulate(problem, &fixed.places, &fixed.order)?;
    let left = |at: &usize| {
        (
            costs.kind[*at],
            problem.pool.devices[*at].usable() - loaded.claimed[*at],
            *at,
        )
    };
    let gpus: Vec<(usize, Bytes, usize)> = open.iter().map(left).collect();
    let alike = gpus
        .iter()
        .all(|gpu| (gpu.0, gpu.1) == (gpus[0].0, gpus[0].1));
    // Equal GPUs have but one order.
    let orders = if alike { 1 } else { 2 };
    let mut searches: Vec<Search> = Vec::new();
    for roomy_first in [false, true].into_iter().take(orders) {
        let mut gpus = gpus.clone();
        gpus.sort_unstable_by_key(|(kind, left, at)| (*left, *kind, Reverse(*at)));
        if roomy_first {
            gpus.reverse();
        }
        searches.push(Search::new(problem, costs, &moves, gpus));
    }
    let search = filled(searches, steps)?;
    let plan = search.carried_into(&fixed);
    // Another split may lie elsewhere than beside the one that was undone.
    let holds = simulate::simulate(problem, &plan.places, &plan.order).is_some();
    holds.then_some(plan)
}

/// The first search that finds a place for every item: by worth in every order, which takes few steps, then through all fillings.
fn filled(mut searches: Vec<Search>, steps: &mut usize) -> Option<Search> {
    for at in 0..searches.len() {
        if searches[at].by_worth(steps) {
            return Some(searches.swap_remove(at));
        }
    }
    let most = *steps / searches.len().max(1);
    for mut search in searches {
        search.steps = most;
        let found = search.run();
        *steps -= most - search.steps;
        match found {
            None => {}
            // Nothing was left out, so that another order would find nothing either.
            Some(false) => break,
            Some(true) => return Some(search),
        }
    }
    None
}

/// Items of a model.
struct Class {
    items: Vec<usize>,
    /// What one takes on each kind of GPU, where it fits.
    sizes: Vec<Option<Bytes>>,
    least: Bytes,
}

/// What of each class goes on one GPU, and what is lost there.
type Filling = (Bytes, Vec<u32>);

struct Search {
    /// The items by model, those that take the most bytes first.
    classes: Vec<Class>,
    /// Kind, free bytes and position.
    gpus: Vec<(usize, Bytes, usize)>,
    /// The most that the GPUs from each one on can hold.
    free_from: Vec<Bytes>,
    /// Of each class what has no GPU yet.
    counts: Vec<u32>,
    chosen: Vec<Vec<u32>>,
    steps: usize,
    /// With how many detours nothing was found from here; [`u32::MAX`] where there is nothing.
    failed: HashMap<u128, u32>,
    /// Whether fillings were left out since this was last asked.
    cut: bool,
}

impl Search {
    fn new(
        problem: &Problem<'_>,
        costs: &mut CostCache<'_>,
        moves: &[usize],
        gpus: Vec<(usize, Bytes, usize)>,
    ) -> Self {
        let mut by_model: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for item in moves {
            let alike = by_model.entry(problem.items[*item].model).or_default();
            alike.push(*item);
        }
        let present: HashSet<usize> = gpus.iter().map(|(kind, ..)| *kind).collect();
        let kinds = costs.kinds();
        let class = |(model, items)| {
            let size = |kind: usize| {
                let single = costs.single(model, kind);
                single.filter(|_| present.contains(&kind))
            };
            let sizes: Vec<Option<Bytes>> = (0..kinds).map(size).collect();
            let least = sizes.iter().flatten().min().copied().unwrap_or_default();
            Class {
                items,
                sizes,
                least,
            }
        };
        let mut classes: Vec<Class> = by_model.into_iter().map(class).collect();
        classes.sort_by_key(|class| Reverse(class.least));
        let counts = classes.iter().map(|class| class.items.len() as u32);
        let mut search = Self {
            counts: counts.collect(),
            classes,
            free_from: vec![Bytes::ZERO; gpus.len() + 1],
            chosen: vec![Vec::new(); gpus.len()],
            gpus,
            steps: usize::MAX,
            failed: HashMap::new(),
            cut: false,
        };
        let mut known: HashMap<(usize, Bytes), Bytes> = HashMap::new();
        for at in (0..search.gpus.len()).rev() {
            let (kind, left, _) = search.gpus[at];
            // All items are there to choose from now; with fewer of them a GPU never becomes fuller.
            let most = *known.entry((kind, left)).or_insert_with(|| {
                let fillings = search.fillings(at, left);
                // Where not all were looked at, one that loses nothing may be among the others.
                let all = fillings.len() < MOST_FILLINGS;
                let lost = fillings.first().map_or(left, |(lost, _)| *lost);
                left - if all { lost } else { Bytes::ZERO }
            });
            search.free_from[at] = search.free_from[at + 1] + most;
        }
        search
    }

    /// What the items without a GPU take at least.
    fn need(&self) -> Bytes {
        // By the kind on which each takes the least: where it will lie is open, and a bound must not be more than any way needs.
        let classes = self.classes.iter().zip(&self.counts);
        classes
            .map(|(class, count)| Bytes(class.least.0 * u64::from(*count)))
            .sum()
    }

    /// Whether there are fillings with which every item has a place; `None` if that was not found out.
    fn run(&mut self) -> Option<bool> {
        // Limited discrepancy search: few exceptions to the fullest filling come before many.
        let mut detours = 0;
        while detours <= MOST_DETOURS {
            self.cut = false;
            if self.fill(0, detours) {
                return Some(true);
            }
            if self.steps == 0 {
                return None;
            }
            // No filling was passed over: more detours would see the same again.
            if !self.cut {
                return Some(false);
            }
            // The more there are, the less one more of them shows.
            detours += 1 + detours / 8;
        }
        None
    }

    /// Finds fillings from this GPU on. Any but the fullest is a detour, the farther down the list the longer.
    fn fill(&mut self, at: usize, detours: u32) -> bool {
        if self.counts.iter().all(|count| *count == 0) {
            self.chosen[at..].iter_mut().for_each(Vec::clear);
            return true;
        }
        let (need, free) = (self.need(), self.free_from[at]);
        if need > free || self.steps == 0 {
            return false;
        }
        let key = self.key(at);
        // With fewer detours it was another question.
        if let Some(tried) = self.failed.get(&key).filter(|tried| **tried >= detours) {
            self.cut |= *tried < u32::MAX;
            return false;
        }
        // What is remembered of this state is whether something was left out from here on, not before.
        let cut = std::mem::take(&mut self.cut);
        let (_, left, _) = self.gpus[at];
        // What is lost here is lost of what the GPUs have to spare.
        let spare = self.free_from[at + 1] + left - need;
        for (number, (_, filling)) in self.fillings(at, spare).into_iter().enumerate() {
            // The second filling is one detour, the next two are two, the next four three: far ones are reached before all near ones.
            let detour = usize::BITS - number.leading_zeros();
            if detour > detours || self.steps == 0 {
                self.cut = true;
                break;
            }
            self.take(&filling, false);
            let found = self.fill(at + 1, detours - detour);
            self.take(&filling, true);
            if found {
                self.chosen[at] = filling;
                return true;
            }
        }
        if self.steps > 0 {
            let tried = if self.cut { detours } else { u32::MAX };
            self.failed.insert(key, tried);
        }
        self.cut |= cut;
        false
    }

    fn take(&mut self, filling: &[u32], back: bool) {
        for (count, taken) in self.counts.iter_mut().zip(filling) {
            *count = if back { *count + taken } else { *count - taken };
        }
    }

    /// Fillings of a GPU to which nothing more can be added and that lose no more than `spare`, the fullest first.
    fn fillings(&mut self, at: usize, spare: Bytes) -> Vec<Filling> {
        let (kind, left, _) = self.gpus[at];
        let mut found = Vec::new();
        let mut filling = vec![0; self.classes.len()];
        self.extend(0, kind, left, spare, &mut filling, &mut found);
        self.cut |= found.len() >= MOST_FILLINGS;
        // Of those that lose the same the one with more of the largest: small ones fit in elsewhere.
        found.sort_by(|one: &Filling, other| (one.0, &other.1).cmp(&(other.0, &one.1)));
        found
    }

    /// All of them from this class on, with so much of the GPU left.
    fn extend(
        &mut self,
        class: usize,
        kind: usize,
        left: Bytes,
        spare: Bytes,
        filling: &mut Vec<u32>,
        found: &mut Vec<Filling>,
    ) {
        if found.len() >= MOST_FILLINGS || self.steps == 0 {
            return;
        }
        self.steps -= 1;
        let Some(one) = self.classes.get(class) else {
            let more = |(at, class): (usize, &Class)| {
                filling[at] < self.counts[at] && class.sizes[kind].is_some_and(|size| size <= left)
            };
            // Who could take one more is never better than who does: what is taken here needs no room elsewhere.
            if left <= spare && !self.classes.iter().enumerate().any(more) {
                found.push((left, filling.clone()));
            }
            return;
        };
        let size = one.sizes[kind].filter(|_| self.counts[class] > 0);
        let most = size.map_or(0, |size| {
            (left.0 / size.0.max(1)).min(u64::from(self.counts[class])) as u32
        });
        // With fewer of the last one there would be room for one more.
        let least = if class + 1 == self.classes.len() {
            most
        } else {
            0
        };
        for count in (least..=most).rev() {
            let taken = Bytes(size.unwrap_or_default().0 * u64::from(count));
            filling[class] = count;
            self.extend(class + 1, kind, left - taken, spare, filling, found);
        }
        filling[class] = 0;
    }

    fn key(&self, at: usize) -> u128 {
        // GPUs are filled in their order, each from its own memory: position and counts are the whole state.
        let mut key = Key::new();
        key.word(at as u64);
        for count in &self.counts {
            key.word(u64::from(*count));
        }
        key.finish()
    }

    fn carried_into(&self, fixed: &Solution) -> Solution {
        let mut plan = fixed.clone();
        let mut items: Vec<std::slice::Iter<'_, usize>> = self
            .classes
            .iter()
            .map(|class| class.items.iter())
            .collect();
        let mut moved = Vec::new();
        for ((.., gpu), filling) in self.gpus.iter().zip(&self.chosen) {
            for (items, count) in items.iter_mut().zip(filling) {
                for item in items.by_ref().take(*count as usize) {
                    plan.places[*item] = Some(vec![*gpu]);
                    moved.push(*item);
                }
            }
        }
        // Whole models may start in any order: the one in which they were asked for is the easiest to read.
        let whole = |item: &usize| plan.places[*item].as_ref().is_some_and(|p| p.len() == 1);
        let (singles, mut order): (Vec<usize>, Vec<usize>) =
            plan.order.iter().partition(|item| whole(item));
        moved.extend(singles);
        moved.sort_unstable();
        order.extend(moved);
        Solution { order, ..plan }
    }
}
