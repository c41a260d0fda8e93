//! One arrangement: a model on exactly these GPUs.

use super::evaluate::evaluate;
use super::fill::fill;
use super::tensor_parallel;
use super::{GpuPool, Placement, Verdict};
use crate::engine::batch::{with_automatic_batch, with_own_batch};
use crate::engine::estimate::{Assignment, Shape};
use crate::engine::workload::{Engine, FlashAttention, Workload};
use crate::units::Bytes;

/// The settings as the engine resolves them on these GPUs.
pub(super) fn resolved(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    set: &[usize],
) -> Workload {
    // It is on for all GPUs of a process or for none.
    let can = set.iter().all(|at| pool.devices[*at].flash_attention);
    let flash_attention = match workload.flash_attention {
        FlashAttention::Auto if !can => FlashAttention::Unavailable,
        asked => asked,
    };
    // Ollama picks the batch by what the GPUs that it hands over have free together (`automatic_batch`).
    let available: Bytes = set.iter().map(|at| pool.devices[*at].free).sum();
    let cuda = set.iter().any(|at| pool.devices[*at].cuda);
    let workload = Workload {
        flash_attention,
        ..*workload
    };
    match workload.engine {
        Engine::LlamaCpp => with_own_batch(shape, &workload),
        Engine::Vllm => workload,
        Engine::Ollama if set.is_empty() => workload,
        Engine::Ollama => with_automatic_batch(shape, &workload, available, cuda),
    }
}

/// The whole model on exactly these GPUs, split as the engine splits it: by free memory, and where that overflows one GPU while others have
/// room, GPU by GPU.
pub fn split_over(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    set: &[usize],
) -> Placement {
    if workload.engine == Engine::Vllm {
        return tensor_parallel::divide_over(shape, workload, pool, set);
    }
    let workload = resolved(shape, workload, pool, set);
    // A process no longer finds its own CUDA context free, and that is what the engine divides by.
    let free: Vec<Bytes> = set
        .iter()
        .map(|at| pool.devices[*at].free - pool.devices[*at].overhead)
        .collect();
    let assignment = Assignment::split(shape.architecture, &free);
    let split = evaluate(shape, workload, pool, set, &assignment);
    let usable: Bytes = set.iter().map(|at| pool.devices[*at].usable()).sum();
    // Filled one by one GPUs hold what a split by free memory puts too much of on the smallest: a 27B in 16 bits on four cards of 16 GB and
    // one of 8 GB. Where all together have too little that helps nothing.
    if split.verdict == Verdict::Fits || set.len() < 2 || split.total() > usable {
        return split;
    }
    fill(shape, workload, pool, set)
        .filter(|filled| filled.verdict == Verdict::Fits)
        .unwrap_or(split)
}
