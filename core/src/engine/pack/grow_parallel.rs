//! More slots where memory is left over.

use super::simulate::{LoadedPlan, simulate};
use super::{Problem, Solution};

/// The most slots, up to `most`, that all services of a plan can have at once where they lie, and the plan as it loads then. A service that was
/// asked for with more keeps them; one of which `single` is true keeps its own. `None` for a plan that does not hold as it is.
///
/// Found by halving: more slots take more memory.
pub fn most_slots(
    problem: &Problem<'_>,
    solution: &Solution,
    most: u32,
    single: &[bool],
) -> Option<(u32, LoadedPlan)> {
    let mut grown = problem.clone();
    let mut with = |slots: u32| {
        for (at, model) in grown.models.iter_mut().enumerate() {
            let asked = problem.models[at].workload.parallel;
            // Ollama gives some models one slot whatever it is told.
            model.workload.parallel = match single.get(at) {
                Some(true) => asked,
                _ => asked.max(slots),
            };
        }
        simulate(&grown, &solution.places, &solution.order)
    };
    // With one slot it is the plan as it is.
    let mut best = (1, with(1)?);
    // One above the limit stands for too many and is never tried.
    let (mut enough, mut too_many) = (1, most.saturating_add(1));
    while too_many - enough > 1 {
        let slots = enough + (too_many - enough) / 2;
        match with(slots) {
            Some(loaded) => {
                enough = slots;
                best = (slots, loaded);
            }
            None => too_many = slots,
        }
    }
    Some(best)
}
