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
pub mod grow_context;
pub mod grow_parallel;
mod key;
mod leftover;
pub mod ollama_schedule;
pub mod simulate;
mod spread;
pub mod suggest_fixes;
mod tenants;
pub mod turns;
mod watch;

use std::collections::BTreeSet;

use super::estimate::Shape;
use super::place::GpuPool;
use super::workload::Workload;
pub use watch::Watch;

/// A model with its settings; demands for the same one share it.
#[derive(Clone, Copy, Debug)]
pub struct Model<'a> {
    /// Shape and bytes that its memory is estimated from.
    pub shape: Shape<'a>,
    /// How it is to be served.
    pub workload: Workload,
}

/// How far replicas stay from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AntiAffinity {
    /// No GPU holds two of them.
    Gpu,
    /// No host holds two of them.
    Host,
}

impl AntiAffinity {
    /// As it is typed.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Gpu => "gpu",
            Self::Host => "host",
        }
    }
}

/// One service that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica {
    /// Its model, by position in [`Problem::models`].
    pub model: usize,
    /// The only devices that may be used; `None`: any.
    pub devices: Option<Vec<usize>>,
    /// What it is called by those that stay away from it: the number of its demand.
    pub label: usize,
    /// Labels that it must stay away from, and how far. They stay away from it, too.
    pub apart: Vec<(usize, AntiAffinity)>,
    /// Of two services the one with the higher number has a place first.
    pub priority: i64,
}

/// What a plan does with GPUs that it need not use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// Uses them: every GPU as empty as possible.
    #[default]
    Spread,
    /// Leaves them idle: as few GPUs as possible.
    Pack,
}

impl Objective {
    /// As it is typed.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Spread => "spread",
            Self::Pack => "pack",
        }
    }
}

/// Everything that a plan depends on.
#[derive(Clone, Debug)]
pub struct Problem<'a> {
    /// The devices. With `spread`, every service takes all GPUs of a host that it may use.
    pub pool: &'a GpuPool,
    /// Models with their settings, to which items refer by position.
    pub models: Vec<Model<'a>>,
    /// The services, in the order in which they were asked for.
    pub items: Vec<Replica>,
    /// Devices that nobody may use.
    pub closed: Vec<usize>,
    /// Further devices that stay unused, whichever they are.
    pub keep_free: usize,
    /// What becomes of GPUs that need not be used.
    pub objective: Objective,
    /// Who ends the search before its time.
    pub watch: Watch<'a>,
}

/// A plan: which devices each service gets, and what is proved of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// For each item its devices, in the order in which the engine shall see them; `None` if it found no place.
    pub places: Vec<Option<Vec<usize>>>,
    /// Items with a place in the order in which they start.
    pub order: Vec<usize>,
    /// Whether it is proved that no plan places more of what is asked for first, nor the same with fewer GPUs in splits.
    pub optimal: bool,
    /// No plan places more items than this; equal to what is placed where the first aim is proved.
    pub bound: usize,
}

impl Solution {
    /// Number of items that found a place.
    pub fn placed(&self) -> usize {
        self.places.iter().flatten().count()
    }

    /// GPUs that splits take, counted once a service.
    pub fn split(&self) -> usize {
        let sizes = self.places.iter().flatten().map(Vec::len);
        sizes.filter(|size| *size > 1).sum()
    }

    /// Number of devices that hold any service.
    pub fn used(&self) -> usize {
        let devices: BTreeSet<&usize> = self.places.iter().flatten().flatten().collect();
        devices.len()
    }
}

/// Up to here every placement is considered.
// `examples/pack_bench.rs` times searches of just this size.
pub const MOST_DEVICES: usize = 16;
/// Up to here every placement is considered.
pub const MOST_ITEMS: usize = 24;

/// The items in the order in which they are to have a place: by priority, then as they were asked for.
pub fn order(problem: &Problem<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..problem.items.len()).collect();
    // The sort is stable: of equal priority who was asked for first stays first.
    order.sort_by_key(|item| std::cmp::Reverse(problem.items[*item].priority));
    order
}

fn is_small(problem: &Problem<'_>) -> bool {
    problem.pool.devices.len() <= MOST_DEVICES && problem.items.len() <= MOST_ITEMS
}

/// Whether everything finds a place on a small machine, as far as a short search tells.
#[inline(never)] // A whole search, asked for in many places.
fn all_fit(problem: &Problem<'_>) -> bool {
    exact::all_fit(problem, &mut cost::CostCache::new(problem))
}

/// The best plan: proved for small machines, a good one with a bound for fleets.
pub fn solve(problem: &Problem<'_>) -> Solution {
    let mut table = cost::CostCache::new(problem);
    let solution = if is_small(problem) {
        exact::solve(problem, &mut table)
    } else {
        fleet::solve(problem, &mut table)
    };
    // Afterwards, since it changes neither who is served nor how many GPUs a split takes: what was proved stays so.
    let solution = match problem.objective {
        Objective::Spread => spread::spread(problem, &mut table, solution),
        Objective::Pack => solution,
    };
    // The searches name any of several equal GPUs; a reader expects the first service on the first of them.
    let solution = tenants::renumbered(problem, &table, solution);
    debug_assert!(simulate::simulate(problem, &solution.places, &solution.order).is_some());
    solution
}
