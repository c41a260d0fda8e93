//! A further model on what a plan leaves, beside everything that stands.

use super::leftover::kept_free;
use super::simulate::{LoadedPlan, simulate};
use super::{Model, Problem, Replica, Solution};
use crate::engine::place::GpuPool;
use crate::units::Bytes;

/// The GPUs that stay free: of those that were `named` the ones that are not needed, and as many others as were asked for.
pub fn left_free(problem: &Problem<'_>, loaded: &LoadedPlan, named: &[usize]) -> Vec<usize> {
    let named = named.iter().copied();
    let idle = named.filter(|at| loaded.committed[*at] == Bytes::ZERO);
    let mut free: Vec<usize> = idle.chain(kept_free(problem, loaded)).collect();
    free.sort_unstable();
    free
}

/// The memory that a plan leaves for further models; `kept` are the GPUs that stay free.
pub fn left_for_further(problem: &Problem<'_>, loaded: &LoadedPlan, kept: &[usize]) -> GpuPool {
    let mut pool = problem.pool.clone();
    for (at, device) in pool.devices.iter_mut().enumerate() {
        let claimed = loaded.claimed[at];
        device.free -= claimed;
        // A model is split over GPUs that nobody uses alone: elsewhere those that share them would have to load after it.
        device.partition |= claimed > Bytes::ZERO;
        if kept.contains(&at) || problem.excluded.contains(&at) {
            device.free = Bytes::ZERO;
        }
    }
    // In a plan a service lies whole on GPUs or not at all.
    pool.hosts = vec![None; pool.hosts.len()];
    pool
}

/// The problem and its plan with one more service of a model of its own, which starts last.
pub fn with_further<'a>(
    problem: &Problem<'a>,
    solution: &Solution,
    (model, item): (Model<'a>, Replica),
    place: Vec<usize>,
) -> (Problem<'a>, Solution) {
    let (mut problem, mut solution) = (problem.clone(), solution.clone());
    problem.models.push(model);
    problem.items.push(item);
    solution.places.push(Some(place));
    solution.order.push(problem.items.len() - 1);
    (problem, solution)
}

/// The longest context in tokens, by doubling up to `trained`, for which the last model has a place where the plan puts it.
pub fn longest_context(problem: &mut Problem<'_>, solution: &Solution, trained: u32) -> u32 {
    let last = problem.models.len() - 1;
    let mut holds = problem.models[last].workload.context_length;
    loop {
        let wider = holds.saturating_mul(2).min(trained);
        problem.models[last].workload.context_length = wider;
        if wider <= holds || simulate(problem, &solution.places, &solution.order).is_none() {
            return holds;
        }
        holds = wider;
    }
}
