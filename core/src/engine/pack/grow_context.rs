//! Longer contexts where memory is left over.

use super::simulate::simulate;
use super::{Problem, Solution};

/// Doubles contexts in turn, each up to what its model was trained for, as long as the plan still holds. Services of one model keep one context.
pub fn grow_context(problem: &mut Problem<'_>, solution: &Solution, trained: &[u32]) {
    let mut may: Vec<usize> = (0..problem.models.len()).collect();
    while !may.is_empty() {
        // Round by round, so that none takes all that is left before the others have doubled once.
        may.retain(|model| {
            let before = problem.models[*model].workload.context_length;
            let served = problem
                .items
                .iter()
                .zip(&solution.places)
                .any(|(item, place)| item.model == *model && place.is_some());
            let most = trained.get(*model).copied().unwrap_or(before);
            let wider = before.saturating_mul(2).min(most);
            if !served || wider <= before {
                return false;
            }
            problem.models[*model].workload.context_length = wider;
            let holds = simulate(problem, &solution.places, &solution.order).is_some();
            if !holds {
                problem.models[*model].workload.context_length = before;
            }
            // A no is for good: what the others take stays taken, so that no later round has more room.
            holds
        });
    }
}
