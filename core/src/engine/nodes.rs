//! Models that no machine holds, over several of them: how vLLM serves them in a cluster.

use super::checkpoint::weights;
use super::draft::Drafter;
use super::estimate::Shape;
use super::place::MARGIN;
use super::vllm::{self, Parts};
use super::workload::Workload;
use crate::architecture::Architecture;
use crate::catalog::checkpoint::{Checkpoint, Vllm};
use crate::units::Bytes;

/// What vLLM takes of a machine's GPU at the most, in thousandths: the rest is left to graphs and to what nobody foresees.
pub const SHARE: u64 = 900;
/// A process, before it loads anything.
const CONTEXT: Bytes = Bytes::mib(512);
/// More machines than this serve nobody well.
const MOST_NODES: u32 = 64;

/// Whether machines hold a model together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span<'a> {
    /// One that has nothing else to do is enough.
    FitsOne,
    /// It fits several machines together, as vLLM can use them.
    Nodes(Nodes<'a>),
    /// Not with any number of them.
    TooLarge,
}

/// Machines over which vLLM serves a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nodes<'a> {
    /// The checkpoint that all of them load, each its part.
    pub checkpoint: &'a Checkpoint,
    /// GPUs of each, and how many they are.
    pub parts: Parts,
    /// What each GPU holds at the most.
    pub each: Bytes,
}

/// Over how many machines with these GPUs a model is served: as few as possible, with the best checkpoint that takes so few. `usable` is what
/// each GPU of a machine gives, the roomiest first. `None` if no checkpoint is known that vLLM can load.
pub fn span<'a>(
    vllm: &'a Vllm,
    model: &str,
    architecture: &Architecture,
    workload: &Workload,
    usable: &[Bytes],
) -> Option<Span<'a>> {
    if !vllm.knows(&architecture.name) {
        return None;
    }
    let mut found: Option<Nodes<'a>> = None;
    let mut any = false;
    for checkpoint in vllm.checkpoints(model) {
        any = true;
        let weights = weights(architecture, checkpoint)?;
        let even = |tensor: &usize| vllm::divides(architecture, weights.group, *tensor as u32);
        let tensor = (1..=usable.len()).rev().find(even)?;
        let each = (usable[tensor - 1] + MARGIN).scale(SHARE, 1000);
        let shape = Shape {
            architecture,
            weights: &weights,
            projector: Bytes::ZERO,
            drafter: Drafter::default(),
        };
        let over = |pipeline| {
            let parts = Parts {
                tensor: tensor as u32,
                pipeline,
            };
            let need = vllm::per_gpu(shape, workload, parts).total() + CONTEXT;
            (need <= each).then_some((parts, need))
        };
        let most = MOST_NODES.min(architecture.block_count);
        let Some((parts, need)) = (1..=most).find_map(over) else {
            continue;
        };
        if parts.pipeline == 1 {
            return Some(Span::FitsOne);
        }
        if found.is_none_or(|other| parts.pipeline < other.parts.pipeline) {
            found = Some(Nodes {
                checkpoint,
                parts,
                each: need,
            });
        }
    }
    let too_large = any.then_some(Span::TooLarge);
    found.map(Span::Nodes).or(too_large)
}
