//! A good plan for many hosts at once: the largest first, each where it fits best.
//!
//! Models that fit no GPU come first, on the fewest GPUs of the host that is left fullest; hosts that look alike are looked at once. Then the
//! whole models, each on the GPU on which the least stays free. What this costs beside the best plan is told by a bound on bytes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::cost::Table;
use super::{Distance, Item, Problem, Solution};
use crate::units::Bytes;

/// A host as a split sees it: kind and committed bytes of each GPU, the emptiest first.
type Look = Vec<(usize, Bytes)>;

struct Fleet<'p, 't, 'a> {
    problem: &'p Problem<'a>,
    table: &'t mut Table<'a>,
    usable: Vec<Bytes>,
    committed: Vec<Bytes>,
    /// Open devices of each host.
    hosts: Vec<Vec<usize>>,
    /// Hosts by their look.
    looks: BTreeMap<Look, BTreeSet<usize>>,
    /// Open devices of each kind by what they still give.
    left: Vec<BTreeSet<(Bytes, usize)>>,
    /// Where replicas are that others must stay away from.
    taken: HashSet<(usize, Distance, usize)>,
    /// How few GPUs of a host of some look hold a model.
    fewest: HashMap<(usize, Look), Option<usize>>,
}

/// An item's least bytes on one GPU that it may use, if it fits one, and over several.
type Size = (Option<Bytes>, Bytes);

/// So many parts of the items are tried with the largest left out.
const TRIES: usize = 16;

pub(super) fn solve<'a>(problem: &Problem<'a>, table: &mut Table<'a>) -> Solution {
    let sizes: Vec<Size> = problem
        .items
        .iter()
        .map(|item| size(problem, table, item))
        .collect();
    let least = |item: &usize| {
        sizes[*item]
            .0
            .map_or(sizes[*item].1, |single| single.min(sizes[*item].1))
    };
    let mut smallest: Vec<usize> = (0..sizes.len()).collect();
    smallest.sort_by_key(|item| (least(item), *item));
    let fleet = Fleet::new(problem, table);
    let bound = most(smallest.iter().map(least), &fleet.usable_rooms());
    let mut best: Option<Solution> = None;
    // Where not everything fits, the largest first is the wrong order: what they take, several others could have.
    for part in (1..=TRIES).rev() {
        let kept = (bound * part).div_ceil(TRIES);
        let solution = attempt(problem, table, &sizes, &smallest, kept);
        let all = solution.placed() >= bound;
        if best
            .as_ref()
            .is_none_or(|best| solution.placed() > best.placed())
        {
            best = Some(solution);
        }
        if all {
            break;
        }
    }
    let best = best.unwrap_or_else(|| attempt(problem, table, &sizes, &smallest, 0));
    Solution { bound, ..best }
}

fn size(problem: &Problem<'_>, table: &mut Table<'_>, item: &Item) -> Size {
    let kinds: BTreeSet<usize> = match &item.devices {
        Some(pins) => pins.iter().map(|at| table.kind[*at]).collect(),
        None => (0..table.kinds()).collect(),
    };
    let single = kinds
        .into_iter()
        .filter_map(|kind| table.single(item.model, kind))
        .min();
    let single = single.filter(|_| !problem.room.spread);
    (single, table.least_split(item.model).0)
}

/// The `kept` smallest items, the largest of them first, splits before whole models; then what else fits whole.
fn attempt<'a>(
    problem: &Problem<'a>,
    table: &mut Table<'a>,
    sizes: &[Size],
    smallest: &[usize],
    kept: usize,
) -> Solution {
    let mut fleet = Fleet::new(problem, table);
    let (kept, rest) = smallest.split_at(kept.min(smallest.len()));
    let (mut whole, mut split): (Vec<usize>, Vec<usize>) =
        kept.iter().partition(|item| sizes[**item].0.is_some());
    whole.sort_by_key(|item| (Reverse(sizes[*item].0), *item));
    split.sort_by_key(|item| (Reverse(sizes[*item].1), *item));
    let mut fewest = true;
    let mut places = vec![None; sizes.len()];
    let mut order = Vec::new();
    let at_first: Vec<Look> = fleet.looks.keys().cloned().collect();
    for item in split {
        let model = problem.items[item].model;
        places[item] = fleet.put_split(&problem.items[item]);
        if let Some(place) = &places[item] {
            let least = at_first
                .iter()
                .filter_map(|look| fleet.fewest(model, look))
                .min();
            fewest &= least == Some(place.len());
            order.push(item);
        }
    }
    let rest = rest.iter().copied().filter(|item| sizes[*item].0.is_some());
    for item in whole.into_iter().chain(rest) {
        places[item] = fleet.put_whole(&problem.items[item]);
    }
    let started: HashSet<usize> = order.iter().copied().collect();
    let placed = (0..places.len()).filter(|item| places[*item].is_some());
    order.extend(placed.filter(|item| !started.contains(item)));
    let optimal = order.len() == places.len() && fewest;
    Solution {
        places,
        order,
        optimal,
        bound: 0,
    }
}

/// The most sizes that fit by their bytes; the smallest comes first.
fn most(sizes: impl Iterator<Item = Bytes>, rooms: &[Bytes]) -> usize {
    let space: Bytes = rooms.iter().copied().sum();
    let mut need = Bytes::ZERO;
    let fitting = sizes.take_while(|size| {
        need += *size;
        need <= space
    });
    fitting.count()
}

impl<'p, 't, 'a> Fleet<'p, 't, 'a> {
    fn new(problem: &'p Problem<'a>, table: &'t mut Table<'a>) -> Self {
        let room = problem.room;
        let usable: Vec<Bytes> = room.devices.iter().map(|device| device.usable()).collect();
        let closed: HashSet<usize> = problem.closed.iter().copied().collect();
        let mut open: Vec<usize> = (0..usable.len())
            .filter(|at| !closed.contains(at))
            .collect();
        // Of GPUs to keep free the smallest are the least loss.
        open.sort_by_key(|at| (Reverse(usable[*at]), *at));
        open.truncate(open.len().saturating_sub(problem.keep_free));
        open.sort_unstable();
        let count = room
            .devices
            .iter()
            .map(|device| device.host as usize + 1)
            .max();
        let mut hosts = vec![Vec::new(); count.unwrap_or(0)];
        let mut left = vec![BTreeSet::new(); table.kinds()];
        for &at in &open {
            hosts[room.devices[at].host as usize].push(at);
            left[table.kind[at]].insert((usable[at], at));
        }
        let mut fleet = Self {
            problem,
            committed: vec![Bytes::ZERO; usable.len()],
            table,
            usable,
            hosts,
            looks: BTreeMap::new(),
            left,
            taken: HashSet::new(),
            fewest: HashMap::new(),
        };
        for host in 0..fleet.hosts.len() {
            let look = fleet.look(&fleet.emptiest(host, None));
            fleet.looks.entry(look).or_default().insert(host);
        }
        fleet
    }

    fn usable_rooms(&self) -> Vec<Bytes> {
        self.hosts
            .iter()
            .flatten()
            .map(|at| self.usable[*at])
            .collect()
    }

    /// A host's GPUs that an item may use, those that give the most first.
    fn emptiest(&self, host: usize, item: Option<&Item>) -> Vec<usize> {
        let may = |at: &usize| item.is_none_or(|item| self.admits(item, *at));
        let mut devices: Vec<usize> = self.hosts[host].iter().copied().filter(may).collect();
        devices.sort_by_key(|at| (Reverse(self.usable[*at] - self.committed[*at]), *at));
        devices
    }

    fn look(&self, devices: &[usize]) -> Look {
        devices
            .iter()
            .map(|at| (self.table.kind[*at], self.committed[*at]))
            .collect()
    }

    fn admits(&self, item: &Item, at: usize) -> bool {
        let pinned = item.devices.as_ref().is_none_or(|pins| pins.contains(&at));
        pinned
            && match item.apart {
                None => true,
                Some((group, distance)) => {
                    !self
                        .taken
                        .contains(&(group, distance, self.where_is(distance, at)))
                }
            }
    }

    fn where_is(&self, distance: Distance, at: usize) -> usize {
        match distance {
            Distance::Gpu => at,
            Distance::Host => self.problem.room.devices[at].host as usize,
        }
    }

    /// How few of these GPUs, the first ones, hold a model.
    fn fewest(&mut self, model: usize, look: &Look) -> Option<usize> {
        let key = (model, look.clone());
        if let Some(known) = self.fewest.get(&key) {
            return *known;
        }
        let (least, _) = self.table.least_split(model);
        let from = if self.problem.room.spread {
            look.len()
        } else {
            2
        };
        let found = (from.max(1)..=look.len()).find(|count| {
            let first = &look[..*count];
            let give = |(kind, committed): &(usize, Bytes)| self.table.usable(*kind) - *committed;
            let space: Bytes = first.iter().map(give).sum();
            // One GPU is a split of one only where all GPUs are to be used and there is no other.
            (*count == 1 || space >= least) && self.table.several(model, first.to_vec()).is_some()
        });
        self.fewest.insert(key, found);
        found
    }

    fn put_split(&mut self, item: &Item) -> Option<Vec<usize>> {
        let free = item.devices.is_none() && item.apart.is_none();
        let mut best: Option<(usize, Bytes, Vec<usize>)> = None;
        let looks: Vec<(Look, Vec<usize>)> = self
            .looks
            .iter()
            .map(|(look, hosts)| {
                let some = if free { 1 } else { hosts.len() };
                (look.clone(), hosts.iter().copied().take(some).collect())
            })
            .collect();
        for (look, hosts) in looks {
            for host in hosts {
                let devices = self.emptiest(host, Some(item));
                let own = if free {
                    look.clone()
                } else {
                    self.look(&devices)
                };
                let Some(count) = self.fewest(item.model, &own) else {
                    continue;
                };
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
        let look = self.look(&devices);
        let parts = self.table.several(item.model, look)?;
        for (at, bytes) in devices.iter().zip(parts) {
            self.commit(item, *at, bytes);
        }
        Some(devices)
    }

    fn put_whole(&mut self, item: &Item) -> Option<Vec<usize>> {
        let mut best: Option<(Bytes, usize, Bytes)> = None;
        let mut consider = |left: Bytes, at: usize, size: Bytes| {
            if best.is_none_or(|(rest, other, _)| (left - size, at) < (rest, other)) {
                best = Some((left - size, at, size));
            }
        };
        for kind in 0..self.left.len() {
            let Some(size) = self.table.single(item.model, kind) else {
                continue;
            };
            let found = match &item.devices {
                None => self.left[kind]
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

    fn commit(&mut self, item: &Item, at: usize, bytes: Bytes) {
        let host = self.problem.room.devices[at].host as usize;
        let before = self.look(&self.emptiest(host, None));
        if let Some(hosts) = self.looks.get_mut(&before) {
            hosts.remove(&host);
            if hosts.is_empty() {
                self.looks.remove(&before);
            }
        }
        let kind = self.table.kind[at];
        self.left[kind].remove(&(self.usable[at] - self.committed[at], at));
        self.committed[at] += bytes;
        self.left[kind].insert((self.usable[at] - self.committed[at], at));
        if let Some((group, distance)) = item.apart {
            self.taken
                .insert((group, distance, self.where_is(distance, at)));
        }
        let after = self.look(&self.emptiest(host, None));
        self.looks.entry(after).or_default().insert(host);
    }
}
