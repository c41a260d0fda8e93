//! What the search wants to know of items and devices, found once.

use super::super::bound::Want;
use super::super::cost::Table;
use super::super::{Distance, Problem};
use super::sets::{State, sets};
use crate::units::Bytes;

/// An item in the order of the search: the largest first, which is also the order in which splits start.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// Its position in the problem.
    pub(super) item: usize,
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
    /// The group that it stays away from, as a bit, and how far.
    pub(super) apart: Option<(u64, Distance)>,
    /// Whether the item before it is just like it.
    pub(super) twin: bool,
    /// Bit `j`: it could take the place on one GPU of the item at position `j`.
    pub(super) replaces: u64,
}

impl Fact {
    /// As bounds see it. `splits`: any model may be split.
    pub(super) fn want(&self, splits: bool) -> Want {
        let piece = (splits || !self.whole).then_some(self.piece);
        let least = match (self.whole, splits) {
            (true, false) => self.least_single,
            (true, true) => self.least_single.min(self.least_split),
            (false, _) => self.least_split,
        };
        Want { least, piece }
    }
}

/// Everything, found once.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) items: Vec<Fact>,
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

impl Facts {
    pub(super) fn new(problem: &Problem<'_>, table: &mut Table<'_>) -> Self {
        let room = problem.room;
        let devices: Vec<usize> = (0..room.devices.len())
            .filter(|at| !problem.closed.contains(at))
            .collect();
        let open: u64 = devices.iter().map(|at| 1 << at).sum();
        let allowed: Vec<u64> = problem
            .items
            .iter()
            .map(|item| match &item.devices {
                Some(pins) => open & pins.iter().fold(0, |mask, at| mask | 1 << at),
                None => open,
            })
            .collect();
        let host: Vec<usize> = room.devices.iter().map(|one| one.host as usize).collect();
        let mut facts = Self {
            items: Vec::new(),
            class: classes(table, &host, &allowed),
            usable: room.devices.iter().map(|device| device.usable()).collect(),
            devices,
            host,
            partition: room.devices.iter().map(|one| one.partition).collect(),
            spread: room.spread,
        };
        let mut groups: Vec<usize> = Vec::new();
        for (item, wanted) in problem.items.iter().enumerate() {
            let apart = wanted.apart.map(|(group, distance)| {
                let bit = groups.iter().position(|known| *known == group);
                let bit = bit.unwrap_or_else(|| {
                    groups.push(group);
                    groups.len() - 1
                });
                (1 << bit, distance)
            });
            let fact = facts.fact(table, item, wanted.model, allowed[item], apart);
            facts.items.push(fact);
        }
        let size = |fact: &Fact| fact.want(false).least;
        facts.items.sort_by_key(|fact| {
            (
                std::cmp::Reverse(size(fact)),
                fact.model,
                fact.allowed,
                fact.item,
            )
        });
        facts.relate();
        facts
    }

    fn fact(
        &self,
        table: &mut Table<'_>,
        item: usize,
        model: usize,
        allowed: u64,
        apart: Option<(u64, Distance)>,
    ) -> Fact {
        let single: Vec<Option<Bytes>> = (0..self.host.len())
            .map(|at| {
                // Where services are spread, one GPU is enough only if there is no other that one process could use with it.
                let may = allowed & 1 << at != 0
                    && (!self.spread
                        || self.partition[at]
                        || self.allowed_on(allowed, self.host[at]) == 1);
                may.then(|| table.single(model, table.kind[at])).flatten()
            })
            .collect();
        let least_single = single.iter().flatten().min().copied();
        let (least_split, piece) = table.least_split(model);
        let mut fact = Fact {
            item,
            piece,
            least_split,
            model,
            allowed,
            whole: least_single.is_some(),
            least_single: least_single.unwrap_or_default(),
            single,
            fewest: None,
            apart,
            twin: false,
            replaces: 0,
        };
        if !fact.whole {
            fact.fewest = self.fewest(table, &fact);
        }
        fact
    }

    fn allowed_on(&self, allowed: u64, host: usize) -> usize {
        let on_host = (0..self.host.len()).filter(|at| self.host[*at] == host);
        on_host
            .filter(|at| allowed & 1 << at != 0 && !self.partition[*at])
            .count()
    }

    /// The fewest empty GPUs that hold a model together.
    fn fewest(&self, table: &mut Table<'_>, fact: &Fact) -> Option<usize> {
        let empty = State::empty(self.host.len());
        (2..=self.devices.len()).find(|count| {
            let (sets, _) = sets(self, &empty, fact, *count);
            sets.iter().any(|set| {
                let look = set.iter().map(|at| (table.kind[*at], Bytes::ZERO));
                table.several(fact.model, look.collect()).is_some()
            })
        })
    }

    /// Which items are alike, and which could stand for which.
    fn relate(&mut self) {
        for at in 0..self.items.len() {
            let fact = &self.items[at];
            let twin = at.checked_sub(1).is_some_and(|before| {
                let before = &self.items[before];
                (before.model, before.allowed, before.apart)
                    == (fact.model, fact.allowed, fact.apart)
            });
            let replaces = (0..self.items.len()).filter(|other| {
                let other = &self.items[*other];
                let no_larger = fact.single.iter().zip(&other.single).all(|(own, theirs)| {
                    theirs.is_none_or(|theirs| own.is_some_and(|own| own <= theirs))
                });
                no_larger && (fact.apart.is_none() || fact.apart == other.apart)
            });
            let replaces = replaces.fold(0, |mask, other| mask | 1 << other);
            self.items[at].twin = twin;
            self.items[at].replaces = replaces;
        }
    }
}

/// Devices that no item can tell apart get the same number: of one host and kind, and named by the same pins.
fn classes(table: &Table<'_>, host: &[usize], allowed: &[u64]) -> Vec<usize> {
    let mut known: Vec<(usize, usize, Vec<bool>)> = Vec::new();
    let class = host.iter().enumerate().map(|(at, host)| {
        let pins = allowed.iter().map(|mask| mask & 1 << at != 0).collect();
        let look = (*host, table.kind[at], pins);
        known
            .iter()
            .position(|other| *other == look)
            .unwrap_or_else(|| {
                known.push(look);
                known.len() - 1
            })
    });
    class.collect()
}
