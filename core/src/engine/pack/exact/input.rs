//! What the search wants to know of items and devices.

use super::super::bound::Extent;
use super::super::{AntiAffinity, Replica};
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
    pub(super) fn new(item: &Replica, labels: &[usize]) -> Self {
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
    pub(super) fn relate(&mut self) {
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
