//! Part of the model on the host: experts first, then the front blocks.

use super::arrange::{finish, resolved};
use super::{Placement, Room};
use crate::engine::estimate::{Assignment, Shape};
use crate::engine::workload::Workload;
use crate::units::Bytes;

/// As much as possible on the GPUs of one host, the rest in its memory: experts first, then the front blocks.
pub(super) fn offload(
    shape: Shape<'_>,
    workload: &Workload,
    room: &Room,
    gpus: &[usize],
    memory: Option<Bytes>,
) -> Option<Placement> {
    let memory = memory?;
    let blocks = shape.architecture.block_count;
    let workload = resolved(shape, workload, room, gpus);
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
        (placement.shortfall == Bytes::ZERO && placement.allocation.host.total() <= memory)
            .then_some(placement)
    };
    if gpus.is_empty() {
        let placement = finish(shape, workload, room, gpus, &Assignment::host(blocks));
        return (placement.allocation.host.total() <= memory).then_some(placement);
    }
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
    experts.or_else(|| {
        least(1, blocks + 1, |host| {
            attempt(blocks + 1 - host, if has_experts { blocks } else { 0 })
        })
    })
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
