//! One arrangement: a model on exactly these GPUs, and how well that goes.

use super::fill::fill;
use super::placement::claims;
use super::tensor_parallel;
use super::{Device, GpuAllocation, GpuPool, HostPart, MARGIN, Placement, PlacementKind, Verdict};
use crate::engine::estimate::{Assignment, Shape, allocate};
use crate::engine::llama_server::with_own_batch;
use crate::engine::runtime::with_automatic_batch;
use crate::engine::workload::{CacheFault, Engine, FlashAttention, Workload};
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
    let split = finish(shape, workload, pool, set, &assignment);
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

/// How many layers lie on each GPU, the head as one.
fn layers_by_gpu(assignment: &Assignment, gpus: usize) -> Vec<u32> {
    let mut layers = vec![0; gpus];
    for gpu in assignment.blocks.iter().chain([&assignment.output]) {
        if let Some(layers) = gpu.and_then(|gpu| layers.get_mut(gpu)) {
            *layers += 1;
        }
    }
    layers
}

pub(super) fn finish(
    shape: Shape<'_>,
    workload: Workload,
    pool: &GpuPool,
    set: &[usize],
    assignment: &Assignment,
) -> Placement {
    // Ollama leaves the projector to the processor where a GPU has no room for it and the engine's margin (llm/llama_server.go, v0.33).
    let crowded = |at: &usize| {
        let device = &pool.devices[*at];
        device.free - device.overhead < shape.projector + MARGIN
    };
    let on_host = set.is_empty() || set.iter().any(crowded);
    let padding = match workload.engine {
        Engine::Ollama if !on_host => shape.projector,
        Engine::Ollama | Engine::LlamaCpp | Engine::Vllm => Bytes::ZERO,
    };
    let on_gpus = Shape {
        projector: if on_host {
            Bytes::ZERO
        } else {
            shape.projector
        },
        ..shape
    };
    let mut allocation = allocate(on_gpus, &workload, assignment);
    let layers = layers_by_gpu(assignment, set.len());
    let shares: Vec<GpuAllocation> = allocation
        .gpus
        .iter()
        .zip(set)
        .enumerate()
        .map(|(gpu, (buffers, at))| GpuAllocation {
            device: *at,
            layers: layers[gpu],
            buffers: *buffers,
            overhead: pool.devices[*at].overhead,
        })
        .collect();
    let over = |limit: fn(&Device) -> Bytes, padding: Bytes| {
        let shares = shares.iter().zip(claims(&shares, padding));
        let missing = shares.map(|(share, claim)| claim - limit(&pool.devices[share.device]));
        missing.sum::<Bytes>()
    };
    // Padding is what the fitting keeps free, nothing that is allocated: whether it loads at all is asked without it.
    let shortfall = over(Device::usable, padding);
    let host = HostPart::new(shape, assignment, &allocation);
    let whole = host.is_empty();
    let fault = workload.cache_fault(shape.architecture);
    let verdict = match (shortfall, over(Device::limit, Bytes::ZERO)) {
        _ if fault.is_some_and(CacheFault::refuses) => Verdict::DoesNotFit,
        (Bytes::ZERO, _) if whole => Verdict::Fits,
        (Bytes::ZERO, _) => Verdict::Offloads,
        (_, Bytes::ZERO) if whole => Verdict::Tight,
        _ => Verdict::DoesNotFit,
    };
    // After the host's part was counted, of which the projector is none: that part tells how layers are divided.
    if on_host {
        allocation.host.weights += shape.projector;
    }
    let kind = match (verdict, shares.len()) {
        (Verdict::DoesNotFit, _) => PlacementKind::DoesNotFit,
        (Verdict::Offloads, _) => PlacementKind::Offload,
        (_, 1) => PlacementKind::Single,
        _ => PlacementKind::Split,
    };
    Placement {
        kind,
        verdict,
        assignment: assignment.clone(),
        shares,
        host,
        allocation,
        workload,
        shortfall,
        padding,
    }
}
