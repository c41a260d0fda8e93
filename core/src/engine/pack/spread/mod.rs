//! Services over GPUs that need not be full: the same services, split as before, but with replicas on GPUs and hosts of their own, no GPU
//! shared while another is idle, and the fullest GPU as empty as possible, in this order.
//!
//! Split services are placed anew in the order of their start, each where it shares least; then whole models, the largest first; then one is
//! moved or two change places as long as that is better. What does not find a place so stays as it was.

mod improve;

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::cost::CostCache;
use super::tenants::Neighbours;
use super::{Problem, Solution, simulate};
use crate::units::Bytes;

/// So many GPUs of a kind are looked at, the emptiest first.
const MOST_LOOKS: usize = 64;

/// How good a change is: replicas that come to share a GPU, or a host, services that come to share a GPU, and how full the GPUs are then that
/// it touches, in parts of a million. The least is the best.
type Worth = (i64, i64, i64, [u64; 2]);

struct Spread<'p, 't, 'a> {
    problem: &'p Problem<'a>,
    costs: &'t mut CostCache<'a>,
    usable: Vec<Bytes>,
    committed: Vec<Bytes>,
    open: Vec<usize>,
    /// GPUs that may be used, and those that are.
    limit: usize,
    used: usize,
    places: Vec<Option<Vec<usize>>>,
    tenants: Vec<Vec<usize>>,
    neighbours: Neighbours,
    /// Services of a model on a GPU and on a host.
    on_gpu: HashMap<(usize, usize), i64>,
    on_host: HashMap<(usize, usize), i64>,
    /// Devices of each kind by what they still give.
    left: Vec<BTreeSet<(Bytes, Reverse<usize>)>>,
}

pub(super) fn spread<'a>(
    problem: &Problem<'a>,
    costs: &mut CostCache<'a>,
    solution: Solution,
) -> Solution {
    // Who is on all GPUs of a host has no choice.
    if problem.pool.spread {
        return solution;
    }
    // Splits that move may take the room of a whole model; then they stay, and where that fails, too, single moves are all that is tried.
    let found = anew(problem, costs, &solution, true)
        .or_else(|| anew(problem, costs, &solution, false))
        .or_else(|| as_it_is(problem, costs, &solution));
    let places =
        // What is only nicer never replaces a plan that holds by one that does not.
        found.filter(|places| simulate::simulate(problem, places, &solution.order).is_some());
    match places {
        Some(places) => Solution { places, ..solution },
        None => solution,
    }
}

fn is_split(place: Option<&Vec<usize>>) -> bool {
    place.is_some_and(|place| place.len() > 1)
}

/// Everything placed anew, splits too if `splits`; `None` if something finds no place so.
fn anew<'a>(
    problem: &Problem<'a>,
    costs: &mut CostCache<'a>,
    solution: &Solution,
    splits: bool,
) -> Option<Vec<Option<Vec<usize>>>> {
    let mut spread = Spread::new(problem, costs);
    // In the order of their start: each is computed on what the ones before it leave.
    for &item in &solution.order {
        let place = solution.places[item].as_ref()?;
        if place.len() > 1 {
            spread.put_split(item, place, splits)?;
        }
    }
    let single = |item: &usize| {
        solution.places[*item]
            .as_ref()
            .is_some_and(|p| p.len() == 1)
    };
    let mut whole: Vec<usize> = (0..solution.places.len()).filter(single).collect();
    whole.sort_by_key(|item| (Reverse(spread.largest(*item)), *item));
    for item in whole {
        spread.put_whole(item)?;
    }
    spread.improve();
    Some(spread.places)
}

/// The plan as it is, with single moves.
fn as_it_is<'a>(
    problem: &Problem<'a>,
    costs: &mut CostCache<'a>,
    solution: &Solution,
) -> Option<Vec<Option<Vec<usize>>>> {
    let loaded = simulate::simulate(problem, &solution.places, &solution.order)?;
    let mut spread = Spread::new(problem, costs);
    for (item, placement) in loaded.placements.iter().enumerate() {
        let Some(placement) = placement else { continue };
        for (share, claim) in placement.shares.iter().zip(placement.claims()) {
            spread.add(item, share.device, claim);
        }
        spread.places[item].clone_from(&solution.places[item]);
    }
    spread.improve();
    Some(spread.places)
}

impl<'p, 't, 'a> Spread<'p, 't, 'a> {
    fn new(problem: &'p Problem<'a>, costs: &'t mut CostCache<'a>) -> Self {
        let devices = &problem.pool.devices;
        let usable: Vec<Bytes> = devices.iter().map(|device| device.usable()).collect();
        let excluded: HashSet<usize> = problem.excluded.iter().copied().collect();
        let open: Vec<usize> = (0..usable.len())
            .filter(|at| !excluded.contains(at))
            .collect();
        let mut left = vec![BTreeSet::new(); costs.kinds()];
        for &at in &open {
            // Read from the end: the emptiest first, of equal ones the first.
            left[costs.kind[at]].insert((usable[at], Reverse(at)));
        }
        Self {
            committed: vec![Bytes::ZERO; usable.len()],
            tenants: vec![Vec::new(); usable.len()],
            limit: open.len().saturating_sub(problem.keep_free),
            used: 0,
            places: vec![None; problem.items.len()],
            neighbours: Neighbours::default(),
            on_gpu: HashMap::new(),
            on_host: HashMap::new(),
            problem,
            costs,
            usable,
            open,
            left,
        }
    }

    fn host(&self, at: usize) -> usize {
        self.problem.pool.devices[at].host as usize
    }

    fn add(&mut self, item: usize, at: usize, bytes: Bytes) {
        let wanted = &self.problem.items[item];
        self.used += usize::from(self.tenants[at].is_empty());
        self.tenants[at].push(item);
        self.neighbours.add(self.problem, wanted, at);
        *self.on_gpu.entry((wanted.model, at)).or_default() += 1;
        let host = self.host(at);
        *self.on_host.entry((wanted.model, host)).or_default() += 1;
        self.commit(at, self.committed[at] + bytes);
    }

    fn remove(&mut self, item: usize, at: usize, bytes: Bytes) {
        let wanted = &self.problem.items[item];
        self.tenants[at].retain(|other| *other != item);
        self.used -= usize::from(self.tenants[at].is_empty());
        self.neighbours.remove(self.problem, wanted, at);
        *self.on_gpu.entry((wanted.model, at)).or_default() -= 1;
        let host = self.host(at);
        *self.on_host.entry((wanted.model, host)).or_default() -= 1;
        self.commit(at, self.committed[at] - bytes);
    }

    fn commit(&mut self, at: usize, committed: Bytes) {
        let left = &mut self.left[self.costs.kind[at]];
        left.remove(&(self.usable[at] - self.committed[at], Reverse(at)));
        self.committed[at] = committed;
        left.insert((self.usable[at] - committed, Reverse(at)));
    }

    /// How full a GPU is, in parts of a million, with so much committed.
    fn fill(&self, at: usize, committed: Bytes) -> u64 {
        // Parts and not bytes, so that a small GPU is not filled to the brim beside a large one.
        let whole = u128::from(self.usable[at].0.max(1));
        (u128::from(committed.0) * 1_000_000 / whole) as u64
    }

    fn admits(&self, item: usize, at: usize) -> bool {
        let wanted = &self.problem.items[item];
        (!self.tenants[at].is_empty() || self.used < self.limit)
            && wanted
                .devices
                .as_ref()
                .is_none_or(|pins| pins.contains(&at))
            && self.neighbours.admits(self.problem, wanted, at)
    }

    fn alike(&self, item: usize, at: usize) -> (i64, i64) {
        let model = self.problem.items[item].model;
        let count = |known: Option<&i64>| known.copied().unwrap_or_default();
        let on_host = count(self.on_host.get(&(model, self.host(at))));
        (count(self.on_gpu.get(&(model, at))), on_host)
    }

    /// What adding an item on a GPU is worth.
    fn worth(&self, item: usize, at: usize, bytes: Bytes) -> Worth {
        let (on_gpu, on_host) = self.alike(item, at);
        let shared = i64::from(!self.tenants[at].is_empty());
        let full = self.fill(at, self.committed[at] + bytes);
        (on_gpu, on_host, shared, [full, 0])
    }

    /// The most that an item takes on one GPU of any kind.
    fn largest(&mut self, item: usize) -> Bytes {
        let model = self.problem.items[item].model;
        let kinds = 0..self.costs.kinds();
        let sizes = kinds.filter_map(|kind| self.costs.single(model, kind));
        sizes.max().unwrap_or_default()
    }

    fn put_whole(&mut self, item: usize) -> Option<()> {
        let wanted = &self.problem.items[item];
        let mut best: Option<(Worth, usize, Bytes)> = None;
        for kind in 0..self.left.len() {
            let Some(bytes) = self.costs.single(wanted.model, kind) else {
                continue;
            };
            let roomy = self.left[kind].iter().rev();
            let roomy = roomy.take_while(|(left, _)| *left >= bytes);
            let may = roomy
                .map(|(_, Reverse(at))| *at)
                .filter(|at| self.admits(item, *at));
            // The emptiest need not be the best, since replicas and neighbours count before that.
            for at in may.take(MOST_LOOKS) {
                let found = (self.worth(item, at, bytes), at, bytes);
                if best.is_none_or(|best| found < best) {
                    best = Some(found);
                }
            }
        }
        let (_, at, bytes) = best?;
        self.add(item, at, bytes);
        self.places[item] = Some(vec![at]);
        Some(())
    }

    /// A split on as many GPUs as before: on these, or, if it may move, where it shares least.
    fn put_split(&mut self, item: usize, place: &[usize], moves: bool) -> Option<()> {
        // Where it was is one of them, and the first: it moves only for what is better.
        let mut sets = vec![place.to_vec()];
        if moves {
            sets.extend(self.emptiest(item, place.len()));
        }
        let model = self.problem.items[item].model;
        let mut best: Option<(_, Vec<usize>, Vec<Bytes>)> = None;
        for set in sets {
            let new = set.iter().filter(|at| self.tenants[**at].is_empty());
            if self.used + new.count() > self.limit || !set.iter().all(|at| self.admits(item, *at))
            {
                continue;
            }
            let state = set
                .iter()
                .map(|at| (self.costs.kind[*at], self.committed[*at]));
            let Some(parts) = self.costs.several(model, state.collect()) else {
                continue;
            };
            let mut worth = (0, 0, 0, 0);
            for (at, bytes) in set.iter().zip(&parts) {
                let one = self.worth(item, *at, *bytes);
                worth.0 += one.0;
                worth.1 += one.1;
                worth.2 += one.2;
                worth.3 = worth.3.max(one.3[0]);
            }
            if best.as_ref().is_none_or(|(least, ..)| worth < *least) {
                best = Some((worth, set, parts));
            }
        }
        let (_, set, parts) = best?;
        for (at, bytes) in set.iter().zip(parts) {
            self.add(item, *at, bytes);
        }
        self.places[item] = Some(set);
        Some(())
    }

    /// On every host the emptiest GPUs that may hold a part of it.
    fn emptiest(&self, item: usize, count: usize) -> Vec<Vec<usize>> {
        let mut hosts: Vec<Vec<usize>> = Vec::new();
        let devices = &self.problem.pool.devices;
        let mut of: HashMap<u32, usize> = HashMap::new();
        for &at in &self.open {
            // No process spans partitions of a GPU.
            if devices[at].partition || !self.admits(item, at) {
                continue;
            }
            let number = *of.entry(devices[at].host).or_insert_with(|| {
                hosts.push(Vec::new());
                hosts.len() - 1
            });
            hosts[number].push(at);
        }
        hosts.retain(|host| host.len() >= count);
        for host in &mut hosts {
            host.sort_by_key(|at| (Reverse(self.usable[*at] - self.committed[*at]), *at));
            host.truncate(count);
        }
        hosts
    }
}
