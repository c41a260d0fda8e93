//! A fleet's GPUs as they are filled: by host for splits, by kind for whole models.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::super::cost::CostCache;
use super::super::tenants::Neighbours;
use super::super::{Problem, Replica, Solution, simulate};
use crate::units::Bytes;

/// A host as a split sees it: kind and committed bytes of each GPU, the emptiest first.
pub(super) type DeviceState = Vec<(usize, Bytes)>;

/// GPUs as they are filled.
pub(super) struct Fleet<'p, 't, 'a> {
    problem: &'p Problem<'a>,
    costs: &'t mut CostCache<'a>,
    usable: Vec<Bytes>,
    committed: Vec<Bytes>,
    /// Open devices of each host that a split may lie on.
    hosts: Vec<Vec<usize>>,
    /// Hosts by their look.
    pub(super) states: BTreeMap<DeviceState, BTreeSet<usize>>,
    /// Open devices of each kind by what they still give.
    left: Vec<BTreeSet<(Bytes, usize)>>,
    neighbours: Neighbours,
}

impl<'p, 't, 'a> Fleet<'p, 't, 'a> {
    pub(super) fn new(
        problem: &'p Problem<'a>,
        costs: &'t mut CostCache<'a>,
        open: &[usize],
    ) -> Self {
        let pool = problem.pool;
        let usable: Vec<Bytes> = pool.devices.iter().map(|device| device.usable()).collect();
        let hosts = pool.devices.iter().map(|device| device.host as usize + 1);
        let mut hosts = vec![Vec::new(); hosts.max().unwrap_or(0)];
        let mut left = vec![BTreeSet::new(); costs.kinds()];
        for &at in open {
            // No process spans partitions of a GPU, nor one and a GPU.
            if !pool.devices[at].partition {
                hosts[pool.devices[at].host as usize].push(at);
            }
            left[costs.kind[at]].insert((usable[at], at));
        }
        let mut fleet = Self {
            problem,
            committed: vec![Bytes::ZERO; usable.len()],
            costs,
            usable,
            hosts,
            states: BTreeMap::new(),
            left,
            neighbours: Neighbours::default(),
        };
        for host in 0..fleet.hosts.len() {
            let state = fleet.state_of(&fleet.emptiest(host, None));
            fleet.states.entry(state).or_default().insert(host);
        }
        fleet
    }

    /// The same with a plan's services in place; `None` for a plan that does not hold.
    pub(super) fn with_plan(
        problem: &'p Problem<'a>,
        costs: &'t mut CostCache<'a>,
        open: &[usize],
        plan: &Solution,
    ) -> Option<Self> {
        let loaded = simulate::simulate(problem, &plan.places, &plan.order)?;
        let mut fleet = Self::new(problem, costs, open);
        for (item, placement) in loaded.placements.iter().enumerate() {
            let Some(placement) = placement else { continue };
            for (share, claim) in placement.shares.iter().zip(placement.claims()) {
                fleet.commit(&problem.items[item], share.device, claim);
            }
        }
        Some(fleet)
    }

    /// A host's GPUs that an item may use, those that give the most first.
    fn emptiest(&self, host: usize, item: Option<&Replica>) -> Vec<usize> {
        let may = |at: &usize| item.is_none_or(|item| self.admits(item, *at));
        let mut devices: Vec<usize> = self.hosts[host].iter().copied().filter(may).collect();
        devices.sort_by_key(|at| (Reverse(self.usable[*at] - self.committed[*at]), *at));
        devices
    }

    fn state_of(&self, devices: &[usize]) -> DeviceState {
        devices
            .iter()
            .map(|at| (self.costs.kind[*at], self.committed[*at]))
            .collect()
    }

    fn admits(&self, item: &Replica, at: usize) -> bool {
        item.devices.as_ref().is_none_or(|pins| pins.contains(&at))
            && self.neighbours.admits(self.problem, item, at)
    }

    /// How few of these GPUs, the first ones, hold a model.
    pub(super) fn fewest(&mut self, model: usize, state: &DeviceState) -> Option<usize> {
        let key = (model, state.clone());
        if let Some(known) = self.costs.fewest.get(&key) {
            return *known;
        }
        // Bytes first, since an estimate is dear. Kept in the table: every attempt fills a fleet of its own and asks the same again.
        let (least, _) = self.costs.least_split(model);
        let from = if self.problem.pool.spread {
            state.len()
        } else {
            2
        };
        let found = (from.max(1)..=state.len()).find(|count| {
            let first = &state[..*count];
            let give = |(kind, committed): &(usize, Bytes)| self.costs.usable(*kind) - *committed;
            let space: Bytes = first.iter().map(give).sum();
            // One GPU is a split of one only where all GPUs are to be used and there is no other.
            (*count == 1 || space >= least) && self.costs.several(model, first.to_vec()).is_some()
        });
        self.costs.fewest.insert(key, found);
        found
    }

    pub(super) fn put_split(&mut self, item: &Replica) -> Option<Vec<usize>> {
        let free = item.devices.is_none() && item.anti_affinity.is_empty();
        let mut best: Option<(usize, Bytes, Vec<usize>)> = None;
        let states: Vec<(DeviceState, Vec<usize>)> = self
            .states
            .iter()
            .map(|(state, hosts)| {
                // Who may be anywhere cannot tell hosts of one look apart; pins and neighbours can.
                let some = if free { 1 } else { hosts.len() };
                (state.clone(), hosts.iter().copied().take(some).collect())
            })
            .collect();
        for (state, hosts) in states {
            for host in hosts {
                let devices = self.emptiest(host, Some(item));
                let own = if free {
                    state.clone()
                } else {
                    self.state_of(&devices)
                };
                let Some(count) = self.fewest(item.model, &own) else {
                    continue;
                };
                // Of hosts that need as few GPUs the fullest: the emptier ones are kept for who needs more.
                let rest: Bytes = devices
                    .iter()
                    .map(|at| self.usable[*at] - self.committed[*at])
                    .sum();
                let devices = devices[..count].to_vec();
                if best
                    .as_ref()
                    .is_none_or(|(least, left, _)| (count, rest) < (*least, *left))
                {
                    best = Some((count, rest, devices));
                }
            }
        }
        let (_, _, devices) = best?;
        let state = self.state_of(&devices);
        let parts = self.costs.several(item.model, state)?;
        for (at, bytes) in devices.iter().zip(parts) {
            self.commit(item, *at, bytes);
        }
        Some(devices)
    }

    pub(super) fn put_whole(&mut self, item: &Replica) -> Option<Vec<usize>> {
        let mut best: Option<(Bytes, usize, Bytes)> = None;
        let mut consider = |left: Bytes, at: usize, size: Bytes| {
            if best.is_none_or(|(rest, other, _)| (left - size, at) < (rest, other)) {
                best = Some((left - size, at, size));
            }
        };
        for kind in 0..self.left.len() {
            let Some(size) = self.costs.single(item.model, kind) else {
                continue;
            };
            let found = match &item.devices {
                None => self.left[kind]
                    // By what they give: the first that is large enough is the one on which the least stays free.
                    .range((size, 0)..)
                    .find(|(_, at)| self.admits(item, *at))
                    .copied(),
                Some(pins) => pins
                    .iter()
                    .map(|at| (self.usable[*at] - self.committed[*at], *at))
                    .filter(|(left, at)| {
                        self.left[kind].contains(&(*left, *at))
                            && *left >= size
                            && self.admits(item, *at)
                    })
                    .min(),
            };
            if let Some((left, at)) = found {
                consider(left, at, size);
            }
        }
        let (_, at, size) = best?;
        self.commit(item, at, size);
        Some(vec![at])
    }

    fn commit(&mut self, item: &Replica, at: usize, bytes: Bytes) {
        let host = self.problem.pool.devices[at].host as usize;
        let before = self.state_of(&self.emptiest(host, None));
        // Under its old look while that can still be told.
        if let Some(hosts) = self.states.get_mut(&before) {
            hosts.remove(&host);
            if hosts.is_empty() {
                self.states.remove(&before);
            }
        }
        let kind = self.costs.kind[at];
        self.left[kind].remove(&(self.usable[at] - self.committed[at], at));
        self.committed[at] += bytes;
        self.left[kind].insert((self.usable[at] - self.committed[at], at));
        self.neighbours.add(self.problem, item, at);
        let after = self.state_of(&self.emptiest(host, None));
        self.states.entry(after).or_default().insert(host);
    }
}
