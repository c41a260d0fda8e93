//! What a plan rests on: estimates that may be off by more than what is free.

use super::super::reporting;
use super::Planning;
use crate::report::{GpuBudget, PlanNote, Service, Unplaced};
use crate::units::Bytes;

/// Marks the services on GPUs of which less is free than their estimates may be off by together, and names them.
pub(super) fn tell(services: &mut [Service], ledgers: &[GpuBudget]) -> Vec<PlanNote> {
    let uses = |service: &Service, ledger: &GpuBudget| {
        let here = |gpu: u32| service.host == ledger.host && gpu == ledger.gpu;
        service.gpus.iter().any(|gpu| here(gpu.gpu))
    };
    for ledger in ledgers {
        let here = services.iter().filter(|service| uses(service, ledger));
        // Added up: what each may be off by fits beside the others, but not if all are.
        let doubt: Bytes = here.map(|service| service.estimate.doubt).sum();
        if ledger.free >= doubt {
            continue;
        }
        for service in services.iter_mut().filter(|service| uses(service, ledger)) {
            service.within_doubt |= service.estimate.doubt > Bytes::ZERO;
        }
    }
    let doubtful = services.iter().filter(|service| service.within_doubt);
    let mut tags: Vec<String> = doubtful.map(|service| service.tag.clone()).collect();
    tags.sort();
    tags.dedup();
    match tags.is_empty() {
        true => Vec::new(),
        false => vec![PlanNote::WithinDoubt { tags }],
    }
}

impl Planning<'_> {
    /// Whether a service has no place only by as much as its estimate may be off.
    pub(super) fn misses_by_doubt(&self, unplaced: &[Unplaced]) -> bool {
        unplaced.iter().any(|one| {
            let demands =
                (0..self.resolved.tags.len()).filter(|at| self.resolved.tags[*at] == one.tag);
            let mut known = demands.map(|at| &self.resolved.known[self.resolved.model[at]]);
            known.any(|known| {
                let workload = crate::engine::workload::Workload {
                    context_length: one.context_length,
                    ..known.workload
                };
                let alone = reporting::alone(self.session, &known.input, &workload);
                // Who is short of nothing is kept away by a distance, which no estimate changes.
                let short = one.shortfall > Bytes::ZERO;
                short && one.shortfall <= known.input.doubt(&alone.allocation)
            })
        })
    }
}
