//! `--engine vllm`: which of a model's checkpoints is loaded, and by what settings it is sized.

use std::borrow::Cow;

use super::estimate_input::{Basis, EstimateInput};
use super::layout;
use super::place::{GpuPool, Verdict, place};
use super::workload::{Engine, FlashAttention, Workload};
use crate::architecture::Architecture;
use crate::catalog::checkpoint::{Checkpoint, Vllm};
use crate::catalog::gpu::Vendor;
use crate::units::Bytes;
use crate::weights::Weights;

/// Older GPUs have no kernels of vLLM's.
pub const LEAST_CAPABILITY: (u32, u32) = (7, 5);
/// By how much its rule may be too small, besides a part of the weights.
const DOUBT: Bytes = Bytes::mib(512);

/// A checkpoint, as the planner sees it.
pub struct Chosen<'a> {
    /// The checkpoint that serves the model on the fewest of these GPUs.
    pub checkpoint: &'a Checkpoint,
    /// The model with the tensors of that checkpoint.
    pub input: EstimateInput<'a>,
    /// The settings that were asked for, as vLLM runs them: flash attention on, a batch of its own.
    pub workload: Workload,
}

/// Whether vLLM is planned on a GPU; one whose capability nobody knows is no older one.
pub fn serves(vendor: Vendor, capability: Option<(u32, u32)>) -> bool {
    vendor == Vendor::Nvidia && capability.is_none_or(|it| it >= LEAST_CAPABILITY)
}

/// The tensors of a checkpoint; `None` where its size says nothing of them.
pub fn weights(architecture: &Architecture, checkpoint: &Checkpoint) -> Option<Weights> {
    let size = layout::FileSize {
        tensors: checkpoint.bytes,
        ..layout::FileSize::default()
    };
    let weights = layout::of_size(architecture, "F16", size)?.weights;
    Some(Weights {
        group: checkpoint.format.group(),
        ..weights
    })
}

/// Of a model's checkpoints the one that takes the fewest of these GPUs where nothing else is, of equals the best; where none fits, the
/// smallest. `None` if none is known that vLLM can load.
pub fn choose<'a>(
    vllm: &'a Vllm,
    model: &str,
    architecture: &'a Architecture,
    workload: &Workload,
    pool: &GpuPool,
) -> Option<Chosen<'a>> {
    if !vllm.knows(&architecture.name) {
        return None;
    }
    let workload = Workload {
        engine: Engine::Vllm,
        flash_attention: FlashAttention::On,
        batch: None,
        ..*workload
    };
    let mut best: Option<(usize, Chosen<'a>)> = None;
    for checkpoint in vllm.checkpoints(model) {
        let input = EstimateInput {
            architecture: Cow::Borrowed(architecture),
            weights: weights(architecture, checkpoint)?,
            projector: Bytes::ZERO,
            basis: Basis::Computed,
            rounding: checkpoint.bytes.scale(2, 100) + DOUBT,
            largest_row: None,
            draft: 0,
            draft_model: None,
        };
        let placement = place(input.shape(), &workload, pool);
        let gpus = match placement.verdict {
            Verdict::Fits => placement.shares.len(),
            _ => usize::MAX,
        };
        // Of those that fit nowhere the smallest is the last one.
        let better = |(other, _): &(usize, Chosen<'a>)| gpus < *other || *other == usize::MAX;
        if best.as_ref().is_none_or(better) {
            let chosen = Chosen {
                checkpoint,
                input,
                workload,
            };
            best = Some((gpus, chosen));
        }
    }
    best.map(|(_, chosen)| chosen)
}
