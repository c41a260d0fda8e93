//! A plan carried out: every service loads in its turn and finds what the ones before it left.

use std::collections::HashMap;

use super::cost::together;
use super::tenants::Neighbours;
use super::{Problem, Solution};
use crate::engine::place::{Device, Placement, Verdict};
use crate::units::Bytes;

/// Where every service of a plan lies once all are loaded, and what each device holds.
#[derive(Clone, Debug)]
pub struct LoadedPlan {
    /// For each item where its layers lie; `None` if it has no place.
    pub placements: Vec<Option<Placement>>,
    /// What is committed on each device.
    pub committed: Vec<Bytes>,
    /// The same with what each service has the engine leave free for it while it loads: what others find taken.
    pub claimed: Vec<Bytes>,
}

impl LoadedPlan {
    /// A plan in which nothing is loaded yet.
    pub fn empty(problem: &Problem<'_>) -> Self {
        let devices = problem.pool.devices.len();
        Self {
            placements: vec![None; problem.items.len()],
            committed: vec![Bytes::ZERO; devices],
            claimed: vec![Bytes::ZERO; devices],
        }
    }

    /// Adds a service where `placement` says.
    pub(super) fn put(&mut self, item: usize, placement: Placement) {
        for (share, claim) in placement.shares.iter().zip(placement.claims()) {
            self.committed[share.device] += share.total();
            self.claimed[share.device] += claim;
        }
        self.placements[item] = Some(placement);
    }

    /// Removes a service and what it takes.
    pub(super) fn take(&mut self, item: usize) {
        let Some(placement) = self.placements[item].take() else {
            return;
        };
        for (share, claim) in placement.shares.iter().zip(placement.claims()) {
            self.committed[share.device] -= share.total();
            self.claimed[share.device] -= claim;
        }
    }
}

/// What a placement depends on: the model, then each GPU as the model finds it.
type PlacementKey = (usize, Vec<Device>);

/// Carries a plan out. `None` if it does not hold: a GPU would be filled beyond its usable memory, a service would not fit where it is put, or
/// it may not be there.
pub fn simulate(
    problem: &Problem<'_>,
    places: &[Option<Vec<usize>>],
    order: &[usize],
) -> Option<LoadedPlan> {
    let pool = problem.pool;
    let mut loaded = LoadedPlan::empty(problem);
    // Replicas on equal GPUs are estimated once: every plan that a fleet's search builds on comes through here.
    let mut known: HashMap<PlacementKey, Placement> = HashMap::new();
    let mut neighbours = Neighbours::default();
    for &item in order {
        let wanted = &problem.items[item];
        let place = places.get(item)?.as_ref()?;
        let host = pool.devices.get(*place.first()?)?.host;
        let may = place.iter().all(|at| {
            pool.devices
                .get(*at)
                .is_some_and(|device| device.host == host)
                && !problem.excluded.contains(at)
                && wanted.devices.as_ref().is_none_or(|pins| pins.contains(at))
                // No process spans partitions of a GPU.
                && (place.len() == 1 || !pool.devices[*at].partition)
        });
        if !may || !neighbours.admit(problem, wanted, place) {
            return None;
        }
        let split = place.len() > 1;
        // A whole model is counted as on the empty card: see the promises of this room.
        let devices: Vec<Device> = place
            .iter()
            .map(|at| {
                let device = pool.devices[*at];
                let taken = if split {
                    loaded.claimed[*at]
                } else {
                    Bytes::ZERO
                };
                Device {
                    free: device.free - taken,
                    ..device
                }
            })
            .collect();
        let state = devices.iter().map(|device| device.kind()).collect();
        let mut placement = known
            .entry((wanted.model, state))
            .or_insert_with(|| together(problem.models[wanted.model], devices))
            .clone();
        // Not even `Tight`: in its margin the engine would move layers to the host.
        if placement.verdict != Verdict::Fits {
            return None;
        }
        for (share, at) in placement.shares.iter_mut().zip(place) {
            share.device = *at;
        }
        loaded.put(item, placement);
        // `together` saw a whole model on the empty card: whether it goes beside the others only their sum tells.
        let over = |at: &usize| loaded.claimed[*at] > pool.devices[*at].usable();
        if place.iter().any(over) {
            return None;
        }
    }
    Some(loaded)
}

/// The plan as it loads. A plan that did not hold would place nothing, rather than be told.
pub fn carried_out(problem: &Problem<'_>, solution: Solution) -> (Solution, LoadedPlan) {
    if let Some(loaded) = simulate(problem, &solution.places, &solution.order) {
        return (solution, loaded);
    }
    let nothing = LoadedPlan::empty(problem);
    let solution = Solution {
        places: vec![None; problem.items.len()],
        order: Vec::new(),
        optimal: false,
        bound: problem.items.len(),
    };
    (solution, nothing)
}
