//! One arrangement: a model on exactly these GPUs, and how well that goes.

use super::{Device, Kind, Placement, Room, Share, Verdict};
use crate::engine::estimate::{Assignment, Shape, allocate};
use crate::engine::runtime::with_automatic_batch;
use crate::engine::workload::{FlashAttention, Workload};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// The settings as Ollama resolves them on these GPUs.
pub(super) fn resolved(
    shape: Shape<'_>,
    workload: &Workload,
    room: &Room,
    set: &[usize],
) -> Workload {
    let can = set.iter().all(|at| room.devices[*at].flash_attention);
    let flash_attention = match workload.flash_attention {
        FlashAttention::Auto if !can => FlashAttention::Unavailable,
        asked => asked,
    };
    let available: Bytes = set.iter().map(|at| room.devices[*at].free).sum();
    let cuda = set.iter().any(|at| room.devices[*at].cuda);
    // Values are quantised only where flash attention reads them.
    let on = flash_attention.is_on(shape.architecture);
    let workload = Workload {
        flash_attention,
        kv_cache_type: if on {
            workload.kv_cache_type
        } else {
            KvCacheType::F16
        },
        ..*workload
    };
    if set.is_empty() {
        workload
    } else {
        with_automatic_batch(shape, &workload, available, cuda)
    }
}

/// The whole model on exactly these GPUs, split as the engine splits it.
pub fn on(shape: Shape<'_>, workload: &Workload, room: &Room, set: &[usize]) -> Placement {
    let workload = resolved(shape, workload, room, set);
    let free: Vec<Bytes> = set
        .iter()
        .map(|at| room.devices[*at].free - room.devices[*at].overhead)
        .collect();
    let assignment = Assignment::split(shape.architecture.block_count, &free);
    finish(shape, workload, room, set, &assignment)
}

pub(super) fn finish(
    shape: Shape<'_>,
    workload: Workload,
    room: &Room,
    set: &[usize],
    assignment: &Assignment,
) -> Placement {
    let allocation = allocate(shape, &workload, assignment);
    let layers = |gpu: usize| {
        assignment
            .blocks
            .iter()
            .chain([&assignment.output])
            .filter(|device| **device == Some(gpu))
            .count() as u32
    };
    let shares: Vec<Share> = allocation
        .gpus
        .iter()
        .zip(set)
        .enumerate()
        .map(|(gpu, (buffers, at))| Share {
            device: *at,
            layers: layers(gpu),
            buffers: *buffers,
            overhead: room.devices[*at].overhead,
        })
        .collect();
    let over = |limit: fn(&Device) -> Bytes| {
        shares
            .iter()
            .map(|share| share.total() - limit(&room.devices[share.device]))
            .sum::<Bytes>()
    };
    let shortfall = over(Device::usable);
    let host_layers = host_layers(assignment);
    let host_weights = allocation.host.weights - shape.weights.on_host();
    let verdict = match (shortfall, over(Device::limit)) {
        (Bytes::ZERO, _) if host_layers == 0 => Verdict::Fits,
        (Bytes::ZERO, _) => Verdict::Offloads,
        (_, Bytes::ZERO) if host_layers == 0 => Verdict::Tight,
        _ => Verdict::DoesNotFit,
    };
    let kind = match (verdict, shares.len()) {
        (Verdict::DoesNotFit, _) => Kind::DoesNotFit,
        (Verdict::Offloads, _) => Kind::Offload,
        (_, 1) => Kind::Single,
        _ => Kind::Split,
    };
    Placement {
        kind,
        verdict,
        shares,
        host_layers,
        host_weights,
        allocation,
        workload,
        shortfall,
    }
}

/// Blocks on the host, or whose experts are there.
fn host_layers(assignment: &Assignment) -> u32 {
    assignment
        .blocks
        .iter()
        .zip(&assignment.host_experts)
        .filter(|(device, experts)| device.is_none() || **experts)
        .count() as u32
}
