//! Which services go on which GPUs, all of them together.
//!
//! What a plan promises:
//! - A service lies whole on GPUs of one host, and the sum of its GPU's tenants, a CUDA context for each, stays within
//!   `free - reserve - margin`; the margin counts once a device.
//! - A model on one GPU is counted with what it takes on the empty card. Ollama picks smaller batches where less is free, so beside others it
//!   takes no more than that, and such services may start in any order.
//! - A split follows the memory that is free when the model loads. Split services therefore start first, in plan order, and each is computed
//!   on what the ones before it leave; models on one GPU start after them.
//!
//! The order of aims: what is asked for first has a place before what comes after it ([`order`]); then the fewest GPUs that splits take; then,
//! to spread, replicas on GPUs and hosts of their own, idle GPUs before shared ones and the fullest GPU as empty as possible; to pack, the
//! fewest GPUs in use. The first two are proved where [`Solution::optimal`] says so, the others are searched for.
//!
//! The search is a branch and bound of its own. A solver crate would want sizes as a linear model, but a split's part on each GPU comes out of
//! the estimator for every combination of GPUs and of what is free there; and fleets are full of equal cards and equal demands, which a
//! search in these terms folds up by itself. It also keeps the engine free of a large dependency.

mod bound;
mod cost;
mod exact;
pub mod experts;
mod fleet;
pub mod further;
pub mod grow_context;
pub mod grow_parallel;
mod key;
mod leftover;
pub mod ollama_schedule;
mod problem;
pub mod replan;
pub mod simulate;
mod spread;
pub mod suggest_fixes;
mod tenants;
pub mod turns;
pub mod upgrade;
pub mod users;
mod watch;

use problem::is_small;
pub use problem::{
    AntiAffinity, MOST_DEVICES, MOST_ITEMS, Model, Objective, Problem, Replica, Solution, order,
};
pub use watch::Watch;

/// Whether everything finds a place on a small machine, as far as a short search tells.
#[inline(never)] // A whole search, asked for in many places.
fn all_fit(problem: &Problem<'_>) -> bool {
    exact::all_fit(problem, &mut cost::CostCache::new(problem))
}

/// The best plan: proved for small machines, a good one with a bound for fleets.
pub fn solve(problem: &Problem<'_>) -> Solution {
    let mut costs = cost::CostCache::new(problem);
    let solution = if is_small(problem) {
        exact::solve(problem, &mut costs)
    } else {
        fleet::solve(problem, &mut costs)
    };
    // Afterwards, since it changes neither who is served nor how many GPUs a split takes: what was proved stays so.
    let solution = match problem.objective {
        Objective::Spread => spread::spread(problem, &mut costs, solution),
        Objective::Pack => solution,
    };
    // The searches name any of several equal GPUs; a reader expects the first service on the first of them.
    let solution = tenants::renumbered(problem, &costs, solution);
    debug_assert!(simulate::simulate(problem, &solution.places, &solution.order).is_some());
    solution
}
