//! What is committed where, and the sets of GPUs that differ from each other then.

use super::input::{SearchInput, SearchItem};
use crate::units::Bytes;

/// More sets of one size than this are not looked at; then nothing is proved.
// Sixteen GPUs that all differ have 12,870 sets of eight.
const MOST_SETS: usize = 4096;

/// What is committed on each device, and the labels of those that others stay away from.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) committed: Vec<Bytes>,
    pub(super) groups: Vec<u64>,
}

impl State {
    pub(super) fn empty(devices: usize) -> Self {
        Self {
            committed: vec![Bytes::ZERO; devices],
            groups: vec![0; devices],
        }
    }

    /// What a device still gives.
    pub(super) fn left(&self, facts: &SearchInput, at: usize) -> Bytes {
        facts.usable[at] - self.committed[at]
    }

    /// Number of devices on which something is committed.
    pub(super) fn used(&self) -> usize {
        let used = self.committed.iter().filter(|bytes| **bytes > Bytes::ZERO);
        used.count()
    }

    /// Whether an item may go on a device, as far as its own pins and its replicas are concerned.
    pub(super) fn admits(&self, facts: &SearchInput, fact: &SearchItem, at: usize) -> bool {
        let apart = fact.apart;
        let far = self.groups[at] & apart.gpu == 0
            && (apart.host == 0
                || (0..facts.host.len()).all(|other| {
                    facts.host[other] != facts.host[at] || self.groups[other] & apart.host == 0
                }));
        far && fact.allowed & 1 << at != 0
    }

    /// What tells devices apart now.
    pub(super) fn look(&self, facts: &SearchInput, at: usize) -> (usize, Bytes, u64) {
        (facts.class[at], self.committed[at], self.groups[at])
    }
}

/// The sets of `count` GPUs of one host for an item, one of those that are the same to everybody; and whether that is all of them.
pub(super) fn sets(
    facts: &SearchInput,
    state: &State,
    fact: &SearchItem,
    count: usize,
) -> (Vec<Vec<usize>>, bool) {
    let mut found = Vec::new();
    let mut complete = true;
    let mut hosts: Vec<usize> = facts.devices.iter().map(|at| facts.host[*at]).collect();
    // Devices come host by host; a host that came twice would only be looked at twice.
    hosts.dedup();
    for host in hosts {
        let mut open: Vec<usize> = facts
            .devices
            .iter()
            .copied()
            .filter(|at| facts.host[*at] == host && !facts.partition[*at])
            .filter(|at| state.admits(facts, fact, *at))
            .collect();
        if open.len() < count || (facts.spread && open.len() != count) {
            continue;
        }
        // Equal devices side by side, so that of equal sets only the first is built.
        open.sort_by_key(|at| {
            (
                facts.class[*at],
                state.committed[*at],
                state.groups[*at],
                *at,
            )
        });
        let mut chosen = Vec::with_capacity(count);
        complete &= choose(facts, state, fact, &open, count, 0, &mut chosen, &mut found);
    }
    (found, complete)
}

#[allow(clippy::too_many_arguments)] // A recursion with its whole state; a struct would only rename it.
fn choose(
    facts: &SearchInput,
    state: &State,
    fact: &SearchItem,
    open: &[usize],
    count: usize,
    from: usize,
    chosen: &mut Vec<usize>,
    found: &mut Vec<Vec<usize>>,
) -> bool {
    if chosen.len() == count {
        let space: Bytes = chosen.iter().map(|at| state.left(facts, *at)).sum();
        // A bound before the estimate, which would say no as well but costs much more.
        if space >= fact.least_split {
            if found.len() >= MOST_SETS {
                return false;
            }
            found.push(chosen.clone());
        }
        return true;
    }
    let mut complete = true;
    let mut previous = None;
    for at in from..=open.len() - (count - chosen.len()) {
        let look = state.look(facts, open[at]);
        // The first of equal ones was tried at this place: the others would give the same set.
        if previous == Some(look) {
            continue;
        }
        previous = Some(look);
        chosen.push(open[at]);
        complete &= choose(facts, state, fact, open, count, at + 1, chosen, found);
        chosen.pop();
    }
    complete
}
