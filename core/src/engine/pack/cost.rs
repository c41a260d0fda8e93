//! What a model takes, remembered: on one GPU by the GPU's kind, over several by their kinds and what is committed there.

use std::collections::HashMap;

use super::{Model, Problem, Watch};
use crate::engine::place::{
    Device, GpuAllocation, GpuPool, Placement, Verdict, least_split, split_over,
};
use crate::units::Bytes;

/// The bytes on each GPU of a set, or `None` if the model does not fit there.
pub(super) type PerGpuBytes = Option<Vec<Bytes>>;

/// A set of GPUs as a cost depends on it: the model, then kind and committed bytes of each.
pub(super) type SetKey = (usize, Vec<(usize, Bytes)>);

/// Costs that were asked for before.
pub(super) struct CostCache<'a> {
    models: Vec<Model<'a>>,
    /// Of devices that are alike one each: what a model takes is computed once a kind.
    kinds: Vec<Device>,
    /// For each device its kind, by position in `kinds`.
    pub(super) kind: Vec<usize>,
    single: Vec<Vec<Option<Option<Bytes>>>>,
    sets: HashMap<SetKey, PerGpuBytes>,
    /// How few of these GPUs, the first ones, hold a model.
    pub(super) fewest: HashMap<SetKey, Option<usize>>,
    /// How often the estimator was asked about a set.
    pub(super) estimates: u64,
    watch: Watch<'a>,
    /// What was done since the watch was asked, and whether it ended the search.
    done: u64,
    ended: bool,
}

/// So many steps are done before the watch is asked again.
pub(super) const WATCHED: u64 = 512;

impl<'a> CostCache<'a> {
    pub(super) fn new(problem: &Problem<'a>) -> Self {
        let mut numbers: HashMap<_, usize> = HashMap::new();
        let mut kinds = Vec::new();
        let kind = problem.pool.devices.iter().map(|device| {
            *numbers.entry(device.kind()).or_insert_with(|| {
                kinds.push(*device);
                kinds.len() - 1
            })
        });
        let kind: Vec<usize> = kind.collect();
        Self {
            models: problem.models.clone(),
            single: vec![vec![None; kinds.len()]; problem.models.len()],
            kinds,
            kind,
            sets: HashMap::new(),
            fewest: HashMap::new(),
            estimates: 0,
            watch: problem.watch,
            // So that the first step asks: the time may be over before a search begins.
            done: WATCHED,
            ended: false,
        }
    }

    /// Whether a search that uses these costs shall go on, with so many steps more.
    pub(super) fn goes_on(&mut self, steps: u64) -> bool {
        self.done += steps;
        if !self.ended && self.done >= WATCHED {
            self.done = 0;
            self.ended = !self.watch.goes_on();
        }
        !self.ended
    }

    /// How many kinds of GPUs there are.
    pub(super) fn kinds(&self) -> usize {
        self.kinds.len()
    }

    /// What may be committed on a GPU of this kind.
    pub(super) fn usable(&self, kind: usize) -> Bytes {
        self.kinds[kind].usable()
    }

    /// What a model claims on an empty GPU of this kind, the padding with it; `None` if it does not fit.
    pub(super) fn single(&mut self, model: usize, kind: usize) -> Option<Bytes> {
        if let Some(known) = self.single[model][kind] {
            return known;
        }
        let placement = together(self.models[model], vec![self.kinds[kind]]);
        let bytes =
            // Without the padding a plan could take in one service more than `simulate` lets load; it then placed nothing.
            (placement.verdict == Verdict::Fits).then(|| placement.total() + placement.padding);
        self.single[model][kind] = Some(bytes);
        bytes
    }

    /// What a model takes on each of several GPUs of which `set` tells the kind and what is committed.
    pub(super) fn several(&mut self, model: usize, set: Vec<(usize, Bytes)>) -> PerGpuBytes {
        let key = (model, set);
        if let Some(known) = self.sets.get(&key) {
            return known.clone();
        }
        // Whoever searches pays for it: an estimate takes the time of many steps.
        self.estimates += 1;
        // No process spans partitions of a GPU.
        if key.1.len() > 1 && key.1.iter().any(|(kind, _)| self.kinds[*kind].partition) {
            return None;
        }
        let devices = key.1.iter().map(|(kind, committed)| {
            let device = self.kinds[*kind];
            Device {
                // Layers are divided by what is free when the model loads: each state of the GPUs has sizes of its own.
                free: device.free - *committed,
                ..device
            }
        });
        let placement = together(self.models[model], devices.collect());
        // A GPU without weights costs its context and buys nothing: a smaller set does the same.
        let sound = placement.verdict == Verdict::Fits
            && placement.shares.iter().all(GpuAllocation::is_used);
        let parts = sound.then(|| placement.claims().collect());
        self.sets.insert(key.clone(), parts);
        self.sets.get(&key).cloned().flatten()
    }

    /// What a model takes at the very least when it is split, and what its smallest piece takes beside weights and cache.
    pub(super) fn least_split(&self, model: usize) -> (Bytes, Bytes) {
        let Model { shape, workload } = self.models[model];
        least_split(shape, &workload, &self.kinds)
    }
}

/// A model on all of these devices, whose `free` is what it finds when it loads.
pub(super) fn together(model: Model<'_>, devices: Vec<Device>) -> Placement {
    let all: Vec<usize> = (0..devices.len()).collect();
    let pool = GpuPool {
        devices,
        hosts: vec![None],
        ..GpuPool::default()
    };
    split_over(model.shape, &model.workload, &pool, &all)
}
