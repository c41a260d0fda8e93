//! What llama-swap loads in turns: services that have a place only while others are not there.

use std::collections::BTreeSet;

use super::{Planning, doubt, wanted};
use crate::engine::pack::simulate::LoadedPlan;
use crate::engine::pack::turns::in_turns;
use crate::engine::pack::{Problem, Solution};
use crate::report::{GpuBudget, Plan, PlanNote, Service, ServiceName, Turn};
use crate::units::Bytes;

impl Planning<'_> {
    /// Gives every service its turn that has one.
    pub(super) fn take_turns(
        &self,
        plan: &mut Plan,
        problem: &Problem<'_>,
        solution: &Solution,
        loaded: &LoadedPlan,
    ) {
        let names = self.service_names();
        let turns = in_turns(problem, solution, loaded);
        for (item, placement) in turns.placed {
            let name = &names[item];
            let first = placement.shares.first();
            let host = first.map(|share| wanted::place(self.hardware, share.device).0);
            let host = host.unwrap_or_default();
            // A `llama-server` that gets no port is not started, and the service stays without a place.
            let Some(port) = self.free_port(plan, item, host) else {
                continue;
            };
            let mut service = self.service(name, &placement, port, problem.items[item].model);
            let away = |one: &&Service| {
                let away = turns.give_way.iter().map(|other| &names[*other]);
                // Who gives way on another machine makes no room here.
                one.host == host && away.clone().any(|name| is(one, name))
            };
            let (gone, stay): (Vec<&Service>, Vec<&Service>) =
                plan.services.iter().partition(|one| away(one));
            // Only those that stay may take more than was estimated while it is there.
            service.within_doubt = is_doubtful(&service, &stay, &plan.gpus);
            let turn = Turn {
                instead_of: gone.into_iter().map(Service::name).collect(),
                service,
            };
            let mut unplaced = plan.unplaced.iter_mut();
            let own = unplaced.find(|one| one.tag == name.tag && one.replica == name.replica);
            if let Some(own) = own {
                own.turn = Some(Box::new(turn));
            }
        }
    }

    /// A port that no server of the host has, also none that is there in turns.
    fn free_port(&self, plan: &Plan, item: usize, host: &str) -> Option<u16> {
        let turns = plan.unplaced.iter().filter_map(|one| one.turn.as_deref());
        let all = plan.services.iter().chain(turns.map(|turn| &turn.service));
        let here = all.filter(|service| service.host == host);
        let taken: BTreeSet<u16> = here.map(|service| service.port).collect();
        let asked = self.wanted.demands[self.demand_of[item]].port;
        let ports = asked.into_iter().chain(self.wanted.base_port..=u16::MAX);
        ports.into_iter().find(|port| !taken.contains(port))
    }
}

/// What is to be told of the file that serves them so.
pub(super) fn note(plan: &Plan) -> Option<PlanNote> {
    let turns = plan.unplaced.iter().filter(|one| one.turn.is_some());
    let tags: Vec<String> = turns.map(|one| one.tag.clone()).collect();
    (!tags.is_empty()).then_some(PlanNote::InTurns { tags })
}

fn is(service: &Service, name: &ServiceName) -> bool {
    (&service.tag, service.replica) == (&name.tag, name.replica)
}

/// Whether a service fits beside those that stay by less than they may be off.
fn is_doubtful(service: &Service, stay: &[&Service], gpus: &[GpuBudget]) -> bool {
    let mut there: Vec<Service> = stay.iter().map(|one| (*one).clone()).collect();
    there.push(service.clone());
    let mut budgets = gpus.to_vec();
    for budget in &mut budgets {
        let here = there.iter().filter(|one| one.host == budget.host);
        let parts = here
            .flat_map(|one| &one.gpus)
            .filter(|gpu| gpu.gpu == budget.gpu);
        budget.free = budget.usable - parts.map(|gpu| gpu.bytes).sum::<Bytes>();
    }
    doubt::tell(&mut there, &budgets);
    there.last().is_some_and(|one| one.within_doubt)
}
