//! Who is where: which services may not be near each other, and which GPUs are the same to everybody.

use std::collections::{HashMap, HashSet};

use super::cost::CostCache;
use super::{AntiAffinity, Problem, Replica, Solution};

/// Labels by GPU and by host, as far as services are placed.
#[derive(Clone, Debug, Default)]
pub(super) struct Neighbours {
    gpus: HashMap<(usize, usize), u32>,
    hosts: HashMap<(usize, usize), u32>,
}

impl Neighbours {
    /// Whether a service may be on a GPU, as far as those that it stays away from are concerned.
    pub(super) fn admits(&self, problem: &Problem<'_>, item: &Replica, at: usize) -> bool {
        let host = problem.pool.devices[at].host as usize;
        item.anti_affinity
            .iter()
            .all(|(label, distance)| match distance {
                AntiAffinity::Gpu => !self.gpus.contains_key(&(*label, at)),
                AntiAffinity::Host => !self.hosts.contains_key(&(*label, host)),
            })
    }

    /// Notes that a service is on a GPU.
    pub(super) fn add(&mut self, problem: &Problem<'_>, item: &Replica, at: usize) {
        let host = problem.pool.devices[at].host as usize;
        *self.gpus.entry((item.label, at)).or_default() += 1;
        *self.hosts.entry((item.label, host)).or_default() += 1;
    }

    /// Notes that it is there no longer.
    pub(super) fn remove(&mut self, problem: &Problem<'_>, item: &Replica, at: usize) {
        let host = problem.pool.devices[at].host as usize;
        less(&mut self.gpus, (item.label, at));
        less(&mut self.hosts, (item.label, host));
    }

    /// Notes where a service is; false if it may not be there.
    pub(super) fn admit(&mut self, problem: &Problem<'_>, item: &Replica, place: &[usize]) -> bool {
        // Asked of all its GPUs before it is noted on any: the parts of one service are no neighbours of each other.
        let may = place.iter().all(|at| self.admits(problem, item, *at));
        for at in place {
            self.add(problem, item, *at);
        }
        may
    }
}

fn less(counts: &mut HashMap<(usize, usize), u32>, key: (usize, usize)) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        // `admits` asks only whether there is an entry.
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

/// GPUs that no service can tell apart get the same number: of one host and kind, and named by the same pins.
pub(super) fn classes(problem: &Problem<'_>, costs: &CostCache<'_>) -> Vec<usize> {
    let mut pins: Vec<&Vec<usize>> = problem
        .items
        .iter()
        .filter_map(|item| item.devices.as_ref())
        .collect();
    pins.sort_unstable();
    pins.dedup();
    let mut named: Vec<Vec<usize>> = vec![Vec::new(); costs.kind.len()];
    for (number, pins) in pins.into_iter().enumerate() {
        // Named twice by one list it is still the same as others that are named by it.
        let distinct: HashSet<usize> = pins.iter().copied().collect();
        for at in distinct {
            if let Some(named) = named.get_mut(at) {
                named.push(number);
            }
        }
    }
    let excluded: HashSet<usize> = problem.excluded.iter().copied().collect();
    let mut known = HashMap::new();
    let class = named.into_iter().enumerate().map(|(at, named)| {
        let host = problem.pool.devices[at].host;
        let next = known.len();
        *known
            // A closed GPU is no twin of an open one: `renumbered` would put a service there.
            .entry((host, costs.kind[at], excluded.contains(&at), named))
            .or_insert(next)
    });
    class.collect()
}

/// The same plan with GPUs that are alike taken in the order in which services were asked for: the first service on GPU 0.
pub(super) fn renumbered(
    problem: &Problem<'_>,
    costs: &CostCache<'_>,
    solution: Solution,
) -> Solution {
    let class = classes(problem, costs);
    let mut alike: HashMap<usize, Vec<usize>> = HashMap::new();
    // Backwards, since they are taken off the end: the first one first.
    for at in (0..class.len()).rev() {
        alike.entry(class[at]).or_default().push(at);
    }
    let mut number: Vec<Option<usize>> = vec![None; class.len()];
    let mut of = |device: usize| {
        *number[device].get_or_insert_with(|| {
            let first = alike.get_mut(&class[device]).and_then(Vec::pop);
            first.unwrap_or(device)
        })
    };
    // Twins change places one for one, so that every sum and every distance stays what it was.
    let places = solution.places.iter().map(|place| {
        let place = place.as_ref()?;
        Some(place.iter().map(|at| of(*at)).collect())
    });
    let places: Vec<Option<Vec<usize>>> = places.collect();
    Solution { places, ..solution }
}
