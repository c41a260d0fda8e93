//! What one assignment of layers to GPUs takes, and how well that goes.

use super::placement::claims;
use super::{Device, GpuAllocation, GpuPool, HostPart, MARGIN, Placement, PlacementKind, Verdict};
use crate::engine::estimate::{Assignment, Shape, allocate};
use crate::engine::workload::{CacheFault, Engine, Workload};
use crate::units::Bytes;

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

/// What an assignment takes on these GPUs, and how well that goes.
pub(super) fn evaluate(
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
