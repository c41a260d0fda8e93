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
    pub(super) fn left(&self, input: &SearchInput, at: usize) -> Bytes {
        input.usable[at] - self.committed[at]
    }

    /// Number of devices on which something is committed.
    pub(super) fn used(&self) -> usize {
        let used = self.committed.iter().filter(|bytes| **bytes > Bytes::ZERO);
        used.count()
    }

    /// Whether an item may go on a device, as far as its own pins and its replicas are concerned.
    pub(super) fn admits(&self, input: &SearchInput, item: &SearchItem, at: usize) -> bool {
        let anti_affinity = item.anti_affinity;
        let far = self.groups[at] & anti_affinity.gpu == 0
            && (anti_affinity.host == 0
                || (0..input.host.len()).all(|other| {
                    input.host[other] != input.host[at]
                        || self.groups[other] & anti_affinity.host == 0
                }));
        far && item.allowed & 1 << at != 0
    }

    /// What tells devices apart now.
    pub(super) fn signature(&self, input: &SearchInput, at: usize) -> (usize, Bytes, u64) {
        (input.class[at], self.committed[at], self.groups[at])
    }
}

/// The sets of `count` GPUs of one host for an item, one of those that are the same to everybody; and whether that is all of them.
pub(super) fn sets(
    input: &SearchInput,
    state: &State,
    item: &SearchItem,
    count: usize,
) -> (Vec<Vec<usize>>, bool) {
    let mut found = Vec::new();
    let mut complete = true;
    let mut hosts: Vec<usize> = input.devices.iter().map(|at| input.host[*at]).collect();
    // Devices come host by host; a host that came twice would only be looked at twice.
    hosts.dedup();
    for host in hosts {
        let mut open: Vec<usize> = input
            .devices
            .iter()
            .copied()
            .filter(|at| input.host[*at] == host && !input.partition[*at])
            .filter(|at| state.admits(input, item, *at))
            .collect();
        if open.len() < count || (input.spread && open.len() != count) {
            continue;
        }
        // Equal devices side by side, so that of equal sets only the first is built.
        open.sort_by_key(|at| {
            (
                input.class[*at],
                state.committed[*at],
                state.groups[*at],
                *at,
            )
        });
        let mut chosen = Vec::with_capacity(count);
        complete &= choose(input, state, item, &open, count, 0, &mut chosen, &mut found);
    }
    (found, complete)
}

#[allow(clippy::too_many_arguments)] // A recursion with its whole state; a struct would only rename it.
fn choose(
    input: &SearchInput,
    state: &State,
    item: &SearchItem,
    open: &[usize],
    count: usize,
    from: usize,
    chosen: &mut Vec<usize>,
    found: &mut Vec<Vec<usize>>,
) -> bool {
    if chosen.len() == count {
        let space: Bytes = chosen.iter().map(|at| state.left(input, *at)).sum();
        // A bound before the estimate, which would say no as well but costs much more.
        if space >= item.least_split {
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
        let signature = state.signature(input, open[at]);
        // The first of equal ones was tried at this place: the others would give the same set.
        if previous == Some(signature) {
            continue;
        }
        previous = Some(signature);
        chosen.push(open[at]);
        complete &= choose(input, state, item, open, count, at + 1, chosen, found);
        chosen.pop();
    }
    complete
}
