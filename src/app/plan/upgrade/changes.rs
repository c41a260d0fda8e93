//! Every change of at most two cards: adding, and replacing.

use std::collections::BTreeMap;

use super::cards::{Offer, Offered, takes};
use super::what_if::Placements;
use crate::inventory::{Gpu, Host, Inventory};
use crate::report::{CardChange, ChangeKind};
use crate::units::Bytes;

/// One or two cards that come.
pub(super) struct Change {
    steps: Vec<Step>,
    cost: Cost,
}

/// What a change is ordered by: its price if there is one, then the cards bought, then their memory as sold, then their generations and their
/// bandwidths: of cards with as much memory the older are not the dearer, nor of one generation the slower.
pub(super) type Cost = (u64, usize, u64, Vec<(String, u64)>);

/// One card that is bought, for an empty slot or in place of a GPU.
#[derive(Clone, Copy, PartialEq)]
struct Step {
    host: usize,
    /// The position of the GPU that goes.
    replaces: Option<usize>,
    /// The card, by position among those that are offered.
    card: usize,
}

/// A step before it is known which of GPUs that are alike goes.
#[derive(Clone)]
struct Possible<'a> {
    host: usize,
    /// Whether it is the second of two hosts that are alike: there only beside the first.
    twin_of: Option<usize>,
    /// The positions of alike GPUs of which one goes.
    replaces: Option<&'a [usize]>,
    card: usize,
}

/// All of them, the cheapest first. Of hosts that are alike one stands for all, and two where each gets a card.
pub(super) fn all(inventory: &Inventory, offer: &Offer) -> Vec<Change> {
    let hosts = sites(&inventory.hosts);
    let kinds: Vec<Vec<Vec<usize>>> = inventory.hosts.iter().map(kinds).collect();
    let mut possible = Vec::new();
    for (host, twin_of) in hosts {
        let here = &inventory.hosts[host];
        for (card, offered) in offer.cards.iter().enumerate() {
            let offered = &offered.card;
            if !takes(here, offered) {
                continue;
            }
            let step = |replaces| Possible {
                host,
                twin_of,
                replaces,
                card,
            };
            possible.push(step(None));
            // The same card in its place would be no change.
            let other = |kind: &&Vec<usize>| here.gpus[kind[0]].name != offered.name;
            let replaced = kinds[host].iter().filter(other);
            possible.extend(replaced.map(|kind| step(Some(kind.as_slice()))));
        }
    }
    let mut changes = Vec::new();
    for (at, one) in possible.iter().enumerate() {
        let steps =
            // From this one on: two of the same are a change as well, and each pair is made once.
            std::iter::once(vec![one]).chain(possible[at..].iter().map(|other| vec![one, other]));
        let made = steps.filter_map(|steps| change(offer, &steps));
        changes.extend(made.filter(|change| change.has_slots(inventory, offer)));
    }
    changes.sort_by(|one, other| one.cost.cmp(&other.cost));
    changes
}

/// Hosts of which one of each kind stands for all, with the second of its kind.
fn sites(hosts: &[Host]) -> Vec<(usize, Option<usize>)> {
    let key = |host: &Host| {
        let gpus = host.gpus.iter();
        let gpus: Vec<(String, Bytes, Bytes)> = gpus
            .map(|gpu| (gpu.name.clone(), gpu.total, gpu.free()))
            .collect();
        (gpus, host.memory.map(|memory| memory.available))
    };
    let mut alike: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, host) in hosts.iter().enumerate() {
        alike.entry(key(host)).or_default().push(at);
    }
    let mut sites: Vec<(usize, Option<usize>)> = Vec::new();
    for group in alike.into_values() {
        let first = group[0];
        sites.push((first, None));
        sites.extend(group.get(1).map(|second| (*second, Some(first))));
    }
    // Back in the machines' order: of changes with the same cost the first is told.
    sites.sort_unstable();
    sites
}

/// The positions of GPUs that can go, those that are alike together.
fn kinds(host: &Host) -> Vec<Vec<usize>> {
    let mut kinds: BTreeMap<(&str, Bytes, Bytes), Vec<usize>> = BTreeMap::new();
    for (at, gpu) in host.gpus.iter().enumerate() {
        // A part of a GPU, and one that is a part of the machine, stay.
        if gpu.mig.is_none() && !gpu.unified {
            let key = (gpu.name.as_str(), gpu.total, gpu.free());
            kinds.entry(key).or_default().push(at);
        }
    }
    kinds.into_values().collect()
}

/// These steps together; `None` where they are no change of their own.
fn change(offer: &Offer, possible: &[&Possible<'_>]) -> Option<Change> {
    let there = |host: usize| possible.iter().any(|one| one.host == host);
    if possible
        .iter()
        .any(|one| one.twin_of.is_some_and(|first| !there(first)))
    {
        return None;
    }
    let mut steps: Vec<Step> = Vec::new();
    for one in possible {
        let gone = |at: &usize| {
            let same = |step: &Step| step.host == one.host && step.replaces == Some(*at);
            steps.iter().any(same)
        };
        let replaces = match one.replaces {
            None => None,
            // Where two of a kind go, the second is another one.
            Some(kind) => Some(*kind.iter().find(|at| !gone(at))?),
        };
        steps.push(Step {
            host: one.host,
            replaces,
            card: one.card,
        });
    }
    let mut change = Change {
        steps,
        cost: Cost::default(),
    };
    let cards: Vec<&Offered> = change.offered(offer).collect();
    let class = |one: &&Offered| {
        let bandwidth = one.card.bandwidth.unwrap_or_default();
        (one.generation.clone(), bandwidth as u64)
    };
    let mut classes: Vec<(String, u64)> = cards.iter().map(class).collect();
    classes.sort();
    change.cost = (
        // Cents, so that they can be ordered.
        (change.price(offer).unwrap_or_default() * 100.0) as u64,
        cards.len(),
        cards.iter().map(|one| one.gibibytes()).sum(),
        classes,
    );
    Some(change)
}

impl Change {
    /// Whether every machine holds the cards that it gets.
    fn has_slots(&self, inventory: &Inventory, offer: &Offer) -> bool {
        self.steps.iter().all(|step| {
            // In place of another GPU a card takes no further slot.
            let comes = |one: &&Step| one.host == step.host && one.replaces.is_none();
            let more = self.steps.iter().filter(comes).count();
            more == 0 || inventory.hosts[step.host].gpus.len() + more <= offer.slots
        })
    }

    /// What it is ordered by: of two with the same cost neither is the cheaper one, as far as prices are known.
    pub(super) fn cost(&self) -> &Cost {
        &self.cost
    }

    /// Number of cards that are bought.
    pub(super) fn cards(&self) -> usize {
        self.steps.len()
    }

    fn offered<'a>(&'a self, offer: &'a Offer) -> impl Iterator<Item = &'a Offered> {
        self.steps.iter().map(|step| &offer.cards[step.card])
    }

    /// Bytes of memory of the GPUs that come, as their drivers show it.
    pub(super) fn memory(&self, offer: &Offer) -> Bytes {
        self.offered(offer).map(|one| one.card.memory).sum()
    }

    /// What they cost together, if all have a price.
    pub(super) fn price(&self, offer: &Offer) -> Option<f64> {
        self.offered(offer).map(|one| one.price).sum()
    }

    /// The machines as they are after the change.
    pub(super) fn made(&self, inventory: &Inventory, offer: &Offer) -> Inventory {
        let mut inventory = inventory.clone();
        for step in &self.steps {
            let gpus = &mut inventory.hosts[step.host].gpus;
            let index = index(gpus, step.replaces);
            let card = offer.cards[step.card].card.clone();
            let gpu = Gpu {
                uuid: None,
                ..card.placed(step.host, index)
            };
            match step.replaces {
                Some(at) => gpus[at] = gpu,
                None => gpus.push(gpu),
            }
        }
        inventory
    }

    /// Placements that the change leaves as they are: those without a card that goes.
    pub(super) fn unmoved(&self, before: &Placements) -> Placements {
        let goes = |(host, gpu): &(u32, u32)| {
            let gone =
                |step: &Step| step.host == *host as usize && step.replaces == Some(*gpu as usize);
            self.steps.iter().any(gone)
        };
        let stays = |place: &Option<Vec<(u32, u32)>>| {
            let place = place.as_ref()?;
            (!place.iter().any(goes)).then(|| place.clone())
        };
        before.iter().map(stays).collect()
    }

    /// The cards that are added and replaced, as the report tells them.
    pub(super) fn card_changes(&self, inventory: &Inventory, offer: &Offer) -> Vec<CardChange> {
        let mut inventory = inventory.clone();
        let mut changes = Vec::new();
        for step in &self.steps {
            let host = &inventory.hosts[step.host];
            let replaced = step.replaces.map(|at| host.gpus[at].name.clone());
            changes.push(CardChange {
                kind: match replaced {
                    Some(_) => ChangeKind::Replace,
                    None => ChangeKind::Add,
                },
                host: host.name.clone(),
                gpu: index(&host.gpus, step.replaces),
                replaced,
                card: offer.cards[step.card].card.name.clone(),
            });
            // Made one by one, so that the second card's index follows on the first's.
            let one = Self {
                steps: vec![*step],
                cost: Cost::default(),
            };
            inventory = one.made(&inventory, offer);
        }
        changes
    }
}

/// The index of a card that comes: that of the one which goes, else the next.
fn index(gpus: &[Gpu], replaces: Option<usize>) -> u32 {
    match replaces {
        Some(at) => gpus[at].index,
        None => gpus.iter().map(|gpu| gpu.index + 1).max().unwrap_or(0),
    }
}
