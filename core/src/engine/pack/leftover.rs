//! What a plan leaves to a service that has no place in it.

use std::collections::BTreeMap;

use super::simulate::LoadedPlan;
use super::tenants::Neighbours;
use super::{Problem, Solution};
use crate::engine::place::{Device, GpuPool};
use crate::units::Bytes;

/// More hosts than this are not searched for a fix: those with the most free memory stand for all.
const MOST_HOSTS: usize = 2;
/// More GPUs of a host are not searched for a fix, since every set of them is tried: the emptiest stand for all.
const MOST_LEFT: usize = 8;

/// What the plan leaves to an item, on the hosts with the most of it.
pub(super) fn leftover(
    problem: &Problem<'_>,
    solution: &Solution,
    loaded: &LoadedPlan,
    item: usize,
) -> GpuPool {
    let wanted = &problem.items[item];
    let pool = problem.pool;
    let mut neighbours = Neighbours::default();
    let placed = problem.items.iter().zip(&solution.places);
    for (other, place) in placed {
        for at in place.iter().flatten() {
            neighbours.add(problem, other, *at);
        }
    }
    let kept_free = kept_free(problem, loaded);
    let open = |at: &usize| {
        !problem.excluded.contains(at)
            && !kept_free.contains(at)
            && wanted.devices.as_ref().is_none_or(|pins| pins.contains(at))
            && neighbours.admits(problem, wanted, *at)
    };
    let left = |at: usize| Device {
        free: pool.devices[at].free - loaded.claimed[at],
        ..pool.devices[at]
    };
    let mut hosts: BTreeMap<u32, Vec<Device>> = BTreeMap::new();
    for device in (0..pool.devices.len()).filter(open).map(left) {
        hosts.entry(device.host).or_default().push(device);
    }
    let mut hosts: Vec<Vec<Device>> = hosts.into_values().collect();
    let sum = |host: &Vec<Device>| host.iter().map(Device::usable).sum::<Bytes>();
    hosts.sort_by_key(|host| std::cmp::Reverse(sum(host)));
    hosts.truncate(MOST_HOSTS);
    for (number, host) in hosts.iter_mut().enumerate() {
        host.sort_by_key(|device| std::cmp::Reverse(device.usable()));
        // Each set of them is tried for each demand without a place: with 28 cards that took 52 to 97 s.
        host.truncate(MOST_LEFT);
        for device in host {
            device.host = number as u32;
        }
    }
    GpuPool {
        // Of no memory anything is known here: in a plan a service lies whole on GPUs.
        hosts: vec![None; hosts.len().max(1)],
        devices: hosts.into_iter().flatten().collect(),
        ..pool.clone()
    }
}

/// The GPUs that stay free as many as were asked for, whichever they are: the last idle ones, wherever that is asked.
pub(super) fn kept_free(problem: &Problem<'_>, loaded: &LoadedPlan) -> Vec<usize> {
    let idle = |at: &usize| loaded.committed[*at] == Bytes::ZERO && !problem.excluded.contains(at);
    let unused = (0..loaded.committed.len()).rev().filter(idle);
    unused.take(problem.keep_free).collect()
}

/// The problem with the item beside whom it stays away from, and no GPUs kept free, whichever they are.
pub(super) fn unrestricted<'a>(problem: &Problem<'a>, item: usize) -> Problem<'a> {
    let mut free = problem.clone();
    free.keep_free = 0;
    free.items[item].anti_affinity.clear();
    free
}
