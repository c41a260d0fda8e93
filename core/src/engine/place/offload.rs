//! Part of the model on the host: experts first, then the front blocks.

use std::cmp::Reverse;

use super::arrange::{finish, resolved};
use super::{Placement, Room};
use crate::engine::estimate::{Assignment, Shape};
use crate::engine::workload::Workload;
use crate::units::Bytes;

/// As much as possible on GPUs of one host, the rest in its memory. A GPU too small for the scratch space it would need is left out, the
/// smallest first; where all are, the host holds everything.
pub(super) fn offload(
    shape: Shape<'_>,
    workload: &Workload,
    room: &Room,
    gpus: &[usize],
    memory: Option<Bytes>,
) -> Option<Placement> {
    let memory = memory?;
    let mut order = gpus.to_vec();
    order.sort_by_key(|at| (Reverse(room.devices[*at].usable()), *at));
    let used = (1..=order.len()).rev().map(|count| {
        let mut set = order[..count].to_vec();
        set.sort_unstable();
        set
    });
    used.chain([Vec::new()])
        .find_map(|set| over(shape, workload, room, &set, memory))
}

/// The same with exactly these GPUs.
pub(super) fn over(
    shape: Shape<'_>,
    workload: &Workload,
    room: &Room,
    gpus: &[usize],
    memory: Bytes,
) -> Option<Placement> {
    let blocks = shape.architecture.block_count;
    let workload = resolved(shape, workload, room, gpus);
    if gpus.is_empty() {
        let placement = finish(shape, workload, room, gpus, &Assignment::host(blocks));
        return (placement.allocation.host.total() <= memory).then_some(placement);
    }
    let free: Vec<Bytes> = gpus
        .iter()
        .map(|at| room.devices[*at].free - room.devices[*at].overhead)
        .collect();
    let attempt = |layers: u32, expert_blocks: u32| {
        let mut assignment = Assignment::offload(blocks, &free, layers);
        assignment
            .host_experts
            .iter_mut()
            .take(expert_blocks as usize)
            .for_each(|on_host| *on_host = true);
        let placement = finish(shape, workload, room, gpus, &assignment);
        (placement.shortfall == Bytes::ZERO).then_some(placement)
    };
    let has_experts = shape
        .weights
        .blocks
        .iter()
        .any(|block| block.experts > Bytes::ZERO);
    let experts = if has_experts {
        least(1, blocks, |count| attempt(blocks + 1, count))
    } else {
        None
    };
    let placement = experts.or_else(|| {
        least(1, blocks + 1, |host| {
            attempt(blocks + 1 - host, if has_experts { blocks } else { 0 })
        })
    })?;
    // The least on the host is the best that its memory can be asked for.
    (placement.allocation.host.total() <= memory).then_some(placement)
}

/// The answer for the least number from `low` to `high` that has one, by halving: what fits with fewer layers on the GPU fits with fewer still.
fn least<T>(mut low: u32, mut high: u32, attempt: impl Fn(u32) -> Option<T>) -> Option<T> {
    let mut best = attempt(high)?;
    while low < high {
        let middle = low + (high - low) / 2;
        match attempt(middle) {
            Some(answer) => (best, high) = (answer, middle),
            None => low = middle + 1,
        }
    }
    Some(best)
}
