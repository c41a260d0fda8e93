//! What the search wants to know of items and devices, found once.

use std::collections::BTreeSet;

use super::super::bound::Extent;
use super::super::cost::CostCache;
use super::super::tenants::classes;
use super::super::{AntiAffinity, Problem, Replica};
use super::sets::{State, sets};
use crate::units::Bytes;

/// An item in the order of the search: the largest first, which is also the order in which splits start.
#[derive(Clone, Debug)]
pub(super) struct SearchItem {
    /// Its position in the problem.
    pub(super) position: usize,
    pub(super) model: usize,
    /// Bit `d`: it may use device `d`.
    pub(super) allowed: u64,
    /// What it takes alone on a device; `None` where it must not or does not fit.
    pub(super) single: Vec<Option<Bytes>>,
    /// The least of these.
    pub(super) least_single: Bytes,
    /// What it takes at least over several.
    pub(super) least_split: Bytes,
    /// The smallest piece of it.
    pub(super) piece: Bytes,
    /// Whether it fits on one GPU.
    pub(super) whole: bool,
    /// If not, how few GPUs suffice while they are empty.
    pub(super) fewest: Option<usize>,
    /// Whom it stays away from, and who from it.
    pub(super) anti_affinity: LabelBits,
    /// Whether the item before it is just like it.
    pub(super) twin: bool,
}

/// Labels as bits; those that nobody stays away from have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LabelBits {
    /// The item's own label.
    pub(super) own: u64,
    /// Labels that it shares no GPU with.
    pub(super) gpu: u64,
    /// Labels that it shares no host with.
    pub(super) host: u64,
}

impl LabelBits {
    fn new(item: &Replica, labels: &[usize]) -> Self {
        let bit = |label: usize| {
            let at = labels.iter().position(|known| *known == label);
            at.map_or(0, |at| 1 << at)
        };
        let mut anti_affinity = Self {
            own: bit(item.label),
            ..Self::default()
        };
        for (label, distance) in &item.anti_affinity {
            match distance {
                AntiAffinity::Gpu => anti_affinity.gpu |= bit(*label),
                AntiAffinity::Host => anti_affinity.host |= bit(*label),
            }
        }
        anti_affinity
    }
}

impl SearchItem {
    /// As bounds see it. `splits`: any model may be split.
    pub(super) fn want(&self, splits: bool) -> Extent {
        let piece = (splits || !self.whole).then_some(self.piece);
        let least = match (self.whole, splits) {
            (true, false) => self.least_single,
            (true, true) => self.least_single.min(self.least_split),
            (false, _) => self.least_split,
        };
        Extent { least, piece }
    }
}

/// What the search asks of a problem again and again, computed once before it starts.
#[derive(Clone, Debug)]
pub(super) struct SearchInput {
    pub(super) items: Vec<SearchItem>,
    /// Devices that are not closed.
    pub(super) devices: Vec<usize>,
    /// What may be committed on each device.
    pub(super) usable: Vec<Bytes>,
    /// Devices of one class are the same to everybody.
    pub(super) class: Vec<usize>,
    /// The host of each device.
    pub(super) host: Vec<usize>,
    /// Devices that no process uses together with others.
    pub(super) partition: Vec<bool>,
    /// Whether a service takes all GPUs of a host.
    pub(super) spread: bool,
}

impl SearchInput {
    pub(super) fn new(problem: &Problem<'_>, costs: &mut CostCache<'_>) -> Self {
        let pool = problem.pool;
        let devices: Vec<usize> = (0..pool.devices.len())
            .filter(|at| !problem.excluded.contains(at))
            .collect();
        // Sets of devices are bits: there are at most 16.
        let open: u64 = devices.iter().map(|at| 1 << at).sum();
        let allowed: Vec<u64> = problem
            .items
            .iter()
            .map(|item| match &item.devices {
                Some(pins) => open & pins.iter().fold(0, |mask, at| mask | 1 << at),
                None => open,
            })
            .collect();
        let host: Vec<usize> = pool.devices.iter().map(|one| one.host as usize).collect();
        let mut input = Self {
            items: Vec::new(),
            class: classes(problem, costs),
            usable: pool.devices.iter().map(|device| device.usable()).collect(),
            devices,
            host,
            partition: pool.devices.iter().map(|one| one.partition).collect(),
            spread: pool.spread,
        };
        // Only labels that matter: any other bit would tell GPUs apart that are the same to everybody.
        let avoided = problem.items.iter().flat_map(|item| &item.anti_affinity);
        let avoided: BTreeSet<usize> = avoided.map(|(label, _)| *label).collect();
        let labels: Vec<usize> = avoided.into_iter().collect();
        for (position, wanted) in problem.items.iter().enumerate() {
            let anti_affinity = LabelBits::new(wanted, &labels);
            let allowed = allowed[position];
            let item = input.item(costs, position, wanted.model, allowed, anti_affinity);
            input.items.push(item);
        }
        let size = |item: &SearchItem| item.want(false).least;
        // The largest first, since they have the fewest places; equal ones side by side, which twins rest on.
        input.items.sort_by_key(|item| {
            (
                std::cmp::Reverse(size(item)),
                item.model,
                item.allowed,
                item.anti_affinity,
                item.position,
            )
        });
        input.relate();
        input
    }

    fn item(
        &self,
        costs: &mut CostCache<'_>,
        position: usize,
        model: usize,
        allowed: u64,
        anti_affinity: LabelBits,
    ) -> SearchItem {
        let single: Vec<Option<Bytes>> = (0..self.host.len())
            .map(|at| {
                // Where services are spread, one GPU is enough only if there is no other that one process could use with it.
                let may = allowed & 1 << at != 0
                    && (!self.spread
                        || self.partition[at]
                        || self.allowed_on(allowed, self.host[at]) == 1);
                may.then(|| costs.single(model, costs.kind[at])).flatten()
            })
            .collect();
        let least_single = single.iter().flatten().min().copied();
        let (least_split, piece) = costs.least_split(model);
        let mut item = SearchItem {
            position,
            piece,
            least_split,
            model,
            allowed,
            whole: least_single.is_some(),
            least_single: least_single.unwrap_or_default(),
            single,
            fewest: None,
            anti_affinity,
            twin: false,
        };
        if !item.whole {
            item.fewest = self.fewest(costs, &item);
        }
        item
    }

    fn allowed_on(&self, allowed: u64, host: usize) -> usize {
        let on_host = (0..self.host.len()).filter(|at| self.host[*at] == host);
        on_host
            .filter(|at| allowed & 1 << at != 0 && !self.partition[*at])
            .count()
    }

    /// The fewest empty GPUs that hold a model together.
    fn fewest(&self, costs: &mut CostCache<'_>, item: &SearchItem) -> Option<usize> {
        let empty = State::empty(self.host.len());
        // While nobody else is there: with others no fewer suffice.
        (2..=self.devices.len()).find(|count| {
            let (sets, complete) = sets(self, &empty, item, *count);
            // Among sets that were not looked at one may hold it: then this is only a bound.
            !complete
                || sets.iter().any(|set| {
                    let set_state = set.iter().map(|at| (costs.kind[*at], Bytes::ZERO));
                    costs.several(item.model, set_state.collect()).is_some()
                })
        })
    }

    /// The same for some of the items only.
    pub(super) fn subset(&self, kept: impl Fn(usize) -> bool) -> Self {
        let items = self.items.iter().filter(|item| kept(item.position));
        let mut input = Self {
            items: items.cloned().collect(),
            ..self.clone()
        };
        // Who was before it may be gone.
        input.relate();
        input
    }

    /// Which items are alike.
    fn relate(&mut self) {
        for at in 0..self.items.len() {
            let item = &self.items[at];
            self.items[at].twin = at.checked_sub(1).is_some_and(|before| {
                let before = &self.items[before];
                (before.model, before.allowed, before.anti_affinity)
                    == (item.model, item.allowed, item.anti_affinity)
            });
        }
    }
}
