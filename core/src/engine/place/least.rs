//! The least that a model takes when it is split, whatever the GPUs: a bound before the estimate, and what a proof rests on.

use super::{Device, GpuPool, split_over};
use crate::engine::estimate::{Assignment, Shape, allocate};
use crate::engine::workload::Workload;
use crate::units::Bytes;

/// The smallest batch that Ollama ever picks.
const SMALLEST_BATCH: u32 = 256;

/// What a model takes at the very least over two GPUs or more of these kinds, and what the smallest piece of it takes beside weights and
/// cache.
pub fn least_split(shape: Shape<'_>, workload: &Workload, kinds: &[Device]) -> (Bytes, Bytes) {
    // Batches of 256 are for CUDA without flash attention (`automatic_batch`). One GPU without it is enough to count with them, since
    // this is to be the least wherever the model goes.
    let flash_attention = kinds.iter().all(|device| device.flash_attention)
        && workload.flash_attention.is_on(
            shape.architecture,
            workload.kv_cache_type,
            workload.build,
        );
    let smallest = if flash_attention { 512 } else { SMALLEST_BATCH };
    let workload = Workload {
        batch: Some(workload.batch.unwrap_or(smallest)),
        ..*workload
    };
    let Some(any) = kinds.first() else {
        return (least_bytes(shape, &workload), Bytes::ZERO);
    };
    // No kind is known yet, so the least of all; and GPUs so large that the rest of the estimate does not depend on them.
    let overhead = kinds.iter().map(|device| device.overhead).min();
    let overhead = overhead.unwrap_or_default();
    let compute = |layers: &[u32], at: usize| {
        let devices = layers.iter().map(|layers| Device {
            free: Bytes::gib(1 << 20) * u64::from(*layers),
            ..*any
        });
        let pool = GpuPool {
            devices: devices.collect(),
            hosts: vec![None],
            ..GpuPool::default()
        };
        let set: Vec<usize> = (0..layers.len()).collect();
        let placement = split_over(shape, &workload, &pool, &set);
        let share = placement.shares.get(at);
        share.map_or(Bytes::ZERO, |share| share.buffers.compute)
    };
    // Even parts are not the least: with the output layer alone opencoder:1.5b at 32K takes 1 GiB less. What a GPU computes grows with
    // the blocks that it has, so each place is asked with as few as it can have.
    let all = shape.architecture.file_layers() - 1;
    let first = compute(&[1, all], 0);
    let last = compute(&[all, 1], 1);
    let mut known = Vec::new();
    let forms = shape.architecture.forms(shape.architecture.block_count);
    let between = (0..all)
        .zip(forms.iter())
        .skip(1)
        .filter_map(|(block, form)| {
            if known.contains(&form) {
                return None;
            }
            known.push(form);
            Some(compute(&[block, 1, all - block], 1))
        });
    let piece = between.fold(first.min(last), Bytes::min);
    // Two is the fewest that a split has, and every further GPU costs a context and scratch space of its own.
    let least = least_bytes(shape, &workload) + overhead * 2 + first + last;
    (least, overhead + piece)
}

/// Bytes that any placement on GPUs needs at least: weights and cache.
fn least_bytes(shape: Shape<'_>, workload: &Workload) -> Bytes {
    let blocks = shape.architecture.block_count;
    // On one GPU: a split divides weights and caches, and what it adds are other buffers.
    let single = allocate(shape, workload, &Assignment::single(blocks));
    single
        .gpus
        .iter()
        .map(|gpu| gpu.weights + gpu.kv_cache)
        .sum()
}
