//! vLLM's way: every GPU holds an equal part of every layer.

use super::{GpuAllocation, GpuPool, HostPart, Placement, PlacementKind, Verdict};
use crate::engine::estimate::{Allocation, Assignment, Buffers, Cells, HostBuffers, Shape};
use crate::engine::vllm::{self, Parts};
use crate::engine::workload::Workload;
use crate::units::Bytes;

/// GPUs whose free memory differs by more than this are told one share of their memory in vain.
const ALIKE: Bytes = Bytes::mib(256);

/// A model over exactly these GPUs. It fits or it does not: nothing of it may lie elsewhere, and the margin is for what a rule may miss.
pub(super) fn divide_over(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    set: &[usize],
) -> Placement {
    let parts = Parts {
        tensor: set.len() as u32,
        pipeline: 1,
    };
    let buffers = vllm::per_gpu(shape, workload, parts);
    let blocks = shape.architecture.block_count;
    let shares = set.iter().map(|at| GpuAllocation {
        device: *at,
        layers: blocks + 1,
        buffers,
        overhead: pool.devices[*at].overhead,
    });
    let shares: Vec<GpuAllocation> = shares.collect();
    let shortfall = shares
        .iter()
        .map(|share| share.total() - pool.devices[share.device].usable())
        .sum::<Bytes>();
    // vLLM takes one share of memory for all of its GPUs (`--gpu-memory-utilization`).
    let usable = set.iter().map(|at| pool.devices[*at].usable());
    let alike = usable
        .clone()
        .max()
        .zip(usable.min())
        .is_some_and(|(most, least)| most - least <= ALIKE);
    // Every GPU gets as many heads as the others, or the engine does not start; and no process spans partitions of a GPU.
    let possible = alike
        && vllm::divides(shape.architecture, shape.weights.group, parts.tensor)
        && set
            .iter()
            .all(|at| set.len() == 1 || !pool.devices[*at].partition);
    let fits = possible && shortfall == Bytes::ZERO;
    Placement {
        kind: match set.len() {
            _ if !fits => PlacementKind::DoesNotFit,
            1 => PlacementKind::Single,
            _ => PlacementKind::Split,
        },
        verdict: if fits {
            Verdict::Fits
        } else {
            Verdict::DoesNotFit
        },
        assignment: Assignment {
            gpus: set.len(),
            ..Assignment::single(blocks)
        },
        allocation: Allocation {
            gpus: vec![buffers; set.len()],
            host: HostBuffers::default(),
            // No batch is picked by free memory: a step has as many tokens as vLLM is told.
            batch: vllm::BATCHED_TOKENS.into(),
            flash_attention: true,
            cells: Cells {
                count: workload
                    .slot_cells()
                    .saturating_mul(u64::from(workload.parallel.max(1))),
                keys: workload.kv_cache_type.keys(),
                values: workload.kv_cache_type.values(),
            },
            draft: 0,
            unruled: Bytes::ZERO,
        },
        shares,
        host: HostPart::default(),
        workload: *workload,
        padding: Bytes::ZERO,
        shortfall: if possible {
            shortfall
        } else {
            shortfall.max(least_missing(&buffers))
        },
    }
}

/// What is told to be missing where sizes are not the reason: something, never nothing.
fn least_missing(buffers: &Buffers) -> Bytes {
    buffers.compute
}
