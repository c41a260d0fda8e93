//! Part of the model on the host, as the engine's fitting leaves it there.

use std::cmp::Reverse;

use super::arrange::resolved;
use super::evaluate::evaluate;
use super::fill::fill;
use super::{GpuPool, Placement};
use crate::engine::estimate::{Assignment, Shape};
use crate::engine::workload::Workload;
use crate::units::Bytes;

/// As much as possible on GPUs of one host, the rest in its memory. A GPU too small for the scratch space it would need is left out, the
/// smallest first; where all are, the host holds everything.
pub(in crate::engine) fn offload(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    gpus: &[usize],
    memory: Option<Bytes>,
) -> Option<Placement> {
    let memory = memory?;
    let mut order = gpus.to_vec();
    order.sort_by_key(|at| (Reverse(pool.devices[*at].usable()), *at));
    // All of them first: each GPU that takes layers leaves fewer to the host's memory.
    let used = (1..=order.len()).rev().map(|count| {
        let mut set = order[..count].to_vec();
        // The engine fills GPUs in the order in which it sees them, not by size.
        set.sort_unstable();
        set
    });
    used.chain([Vec::new()])
        .find_map(|set| offload_over(shape, workload, pool, &set, memory))
}

/// The same with exactly these GPUs. The least on the host is the best that its memory can be asked for.
fn offload_over(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    gpus: &[usize],
    memory: Bytes,
) -> Option<Placement> {
    let workload = resolved(shape, workload, pool, gpus);
    let placement = if gpus.is_empty() {
        let assignment = Assignment::host(shape.architecture.block_count);
        evaluate(shape, workload, pool, gpus, &assignment)
    } else {
        fill(shape, workload, pool, gpus)?
    };
    (placement.allocation.host.total() <= memory).then_some(placement)
}
