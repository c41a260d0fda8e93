//! What a machine makes of the demands: the same planner, estimate and speed as in `plan`.

use std::collections::BTreeMap;

use super::super::super::hardware::Hardware;
use super::super::super::session::Session;
use super::super::Planning;
use super::super::resolved::{self, ResolvedDemands};
use super::super::wanted::{self, Wanted};
use crate::engine::pack::grow_parallel::most_slots;
use crate::engine::pack::replan::or_unmoved;
use crate::engine::pack::simulate::carried_out;
use crate::engine::pack::users::MOST_SLOTS;
use crate::engine::pack::{Objective, Problem, Watch, solve};
use crate::error::Error;
use crate::report::{ServedUsers, Service, ServicePlace, Speed, UpgradeModel, UpgradeOutcome};

/// What is tried on every machine.
pub(super) struct WhatIf<'a> {
    pub session: &'a Session,
    pub wanted: &'a Wanted,
    pub resolved: &'a ResolvedDemands<'a>,
    pub watch: Watch<'a>,
}

/// Where each service lies, by its GPUs' hosts and their positions there; `None` if it has no place.
pub(super) type Placements = Vec<Option<Vec<(u32, u32)>>>;

impl WhatIf<'_> {
    /// `before`: where services can stay that have a place without the change.
    pub(super) fn outcome(
        &self,
        hardware: &Hardware,
        before: Option<&Placements>,
    ) -> Result<(UpgradeOutcome, Placements), Error> {
        let (demand_of, items) = wanted::items(self.wanted, self.resolved, hardware)?;
        let problem = Problem {
            pool: &hardware.pool,
            models: self.resolved.models(),
            items,
            excluded: Vec::new(),
            keep_free: 0,
            objective: Objective::Spread,
            watch: self.watch,
        };
        let planning = Planning {
            session: self.session,
            wanted: self.wanted,
            hardware,
            resolved: self.resolved,
            demand_of: &demand_of,
            // Nothing of this is started, so that addresses and a running plan have no part in it.
            listen: BTreeMap::new(),
            running: None,
        };
        let found = solve(&problem);
        let position = |(host, gpu): &(u32, u32)| {
            let mut devices = hardware.pool.devices.iter();
            devices.position(|device| (device.host, device.gpu) == (*host, *gpu))
        };
        let positions = |place: &Option<Vec<(u32, u32)>>| {
            let place = place.as_ref()?;
            place.iter().map(position).collect()
        };
        let found = match before {
            Some(before) => {
                let before: Vec<_> = before.iter().map(positions).collect();
                or_unmoved(&problem, found, &before)
            }
            None => found,
        };
        let (solution, loaded) = carried_out(&problem, found);
        let placed = planning.placed(&problem, &solution, &loaded, &[])?.services;
        let single: Vec<bool> = self
            .resolved
            .known
            .iter()
            .map(|one| self.is_single(one))
            .collect();
        let busiest = match most_slots(&problem, &solution, MOST_SLOTS, &single) {
            Some((_, loaded)) => planning.placed(&problem, &solution, &loaded, &[])?.services,
            None => Vec::new(),
        };
        // Services are in the order in which they start.
        let demands: Vec<usize> = solution.order.iter().map(|item| demand_of[*item]).collect();
        let of = |demand: usize, services: &[Service]| -> Vec<Service> {
            let services = demands.iter().zip(services);
            let own = services.filter(|(of, _)| **of == demand);
            own.map(|(_, service)| service.clone()).collect()
        };
        let models = (0..self.wanted.demands.len()).map(|demand| {
            let single = single[self.resolved.model[demand]];
            self.model(demand, &of(demand, &placed), &of(demand, &busiest), single)
        });
        let outcome = UpgradeOutcome {
            placed: solution.placed() as u32,
            wanted: problem.items.len() as u32,
            optimal: solution.optimal,
            models: models.collect(),
        };
        let device = |at: &usize| {
            let device = &hardware.pool.devices[*at];
            (device.host, device.gpu)
        };
        let places = solution.places.iter();
        let places = places.map(|place| Some(place.as_ref()?.iter().map(device).collect()));
        Ok((outcome, places.collect()))
    }

    /// Whether Ollama serves it with one slot whatever is asked.
    fn is_single(&self, known: &resolved::Known<'_>) -> bool {
        known.input.single_slot()
    }

    fn model(
        &self,
        demand: usize,
        placed: &[Service],
        busiest: &[Service],
        single: bool,
    ) -> UpgradeModel {
        let place = |service: &Service| ServicePlace {
            host: service.host.clone(),
            gpus: service.gpus.iter().map(|gpu| gpu.gpu).collect(),
        };
        let slots = |service: &Service| match single {
            true => 1,
            false => service.estimate.parallel,
        };
        let users: u32 = busiest.iter().map(slots).sum();
        UpgradeModel {
            tag: self.resolved.tags[demand].clone(),
            wanted: self.wanted.demands[demand].replicas,
            placed: placed.len() as u32,
            context_length: self.resolved.known[self.resolved.model[demand]]
                .workload
                .context_length,
            within_doubt: placed.iter().any(|service| service.within_doubt),
            places: placed.iter().map(place).collect(),
            speed: slowest(placed, |service| service.speed.as_ref()),
            speed_all_busy: slowest(placed, |service| service.speed_all_busy.as_ref()),
            users: (users > 0).then(|| ServedUsers {
                users,
                each: slowest(busiest, Service::busy_speed),
            }),
        }
    }
}

fn slowest(services: &[Service], speed: impl Fn(&Service) -> Option<&Speed>) -> Option<Speed> {
    let speeds = services.iter().filter_map(speed);
    speeds
        .min_by(|one, other| one.decode[0].total_cmp(&other.decode[0]))
        .cloned()
}
