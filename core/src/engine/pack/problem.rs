//! What is to be planned, and what a plan is.

use std::collections::BTreeSet;

use super::watch::Watch;
use crate::engine::estimate::Shape;
use crate::engine::place::GpuPool;
use crate::engine::workload::Workload;

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

/// One replica of a model that is wanted: a service of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Replica {
    /// Its model, by position in [`Problem::models`].
    pub model: usize,
    /// The only devices that may be used; `None`: any.
    pub devices: Option<Vec<usize>>,
    /// What it is called by those that stay away from it: the number of its demand.
    pub label: usize,
    /// Labels that it must stay away from, and how far. They stay away from it, too.
    pub anti_affinity: Vec<(usize, AntiAffinity)>,
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
    /// Devices, by position in the pool, that no service may use.
    pub excluded: Vec<usize>,
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

/// Whether the exact search takes the problem.
pub(super) fn is_small(problem: &Problem<'_>) -> bool {
    problem.pool.devices.len() <= MOST_DEVICES && problem.items.len() <= MOST_ITEMS
}
