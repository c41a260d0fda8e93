//! Where a model goes: per GPU, never pooled; one GPU if it suffices, else the smallest set that does, else part of it on the host.

mod arrange;
mod evaluate;
mod fill;
mod full_offload;
mod host;
mod least;
mod offload;
mod placement;
mod tensor_parallel;

use std::collections::HashSet;

use super::estimate::{Assignment, Shape};
use super::false_position::Attempt;
use super::workload::{Engine, Workload};

pub use arrange::split_over;
use evaluate::evaluate;
use full_offload::whole;
pub use host::HostPart;
pub use least::least_split;
pub(super) use offload::offload;
pub use placement::{
    Device, GpuAllocation, GpuPool, MARGIN, MachineSize, Placement, PlacementKind, Verdict,
};

/// Where `shape` goes in `pool`, and how well.
pub fn place(shape: Shape<'_>, workload: &Workload, pool: &GpuPool) -> Placement {
    let groups = groups_by_host(pool).into_iter();
    let groups: Vec<Vec<usize>> = groups.map(|(_, gpus)| gpus).collect();
    let mut best: Option<Placement> = None;
    for gpus in &groups {
        consider(&mut best, whole(shape, workload, pool, gpus));
    }
    if best
        .as_ref()
        .is_none_or(|placement| placement.verdict < Verdict::Tight)
    {
        consider(&mut best, place_with_host(shape, workload, pool));
    }
    // Where there is one GPU to try, it was tried.
    let settled = |placement: &Placement| {
        placement.verdict > Verdict::DoesNotFit
            || matches!(groups.as_slice(), [gpus] if gpus.len() == 1)
    };
    best.filter(settled)
        .unwrap_or_else(|| nowhere(shape, workload, pool, &groups))
}

/// Whether `shape` lies whole on GPUs of one host, inside the engine's margin.
pub(super) fn fits(shape: Shape<'_>, workload: &Workload, pool: &GpuPool) -> bool {
    lies_whole(shape, workload, pool, Verdict::Fits)
}

/// The same, with the room that is left or missing where there is one GPU.
pub(super) fn fit(shape: Shape<'_>, workload: &Workload, pool: &GpuPool) -> Attempt<()> {
    let [_] = pool.devices.as_slice() else {
        return fits(shape, workload, pool).into();
    };
    let placement = whole(shape, workload, pool, &[0]);
    let fits = |placement: &Placement| placement.verdict == Verdict::Fits;
    Attempt {
        answer: placement.as_ref().is_some_and(fits).then_some(()),
        margin: placement.and_then(|placement| placement.margins(pool).min()),
    }
}

/// Whether `shape` lies whole on GPUs of one host, as well as `least` says or better.
pub(super) fn lies_whole(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    least: Verdict,
) -> bool {
    let is_enough = |placement: Placement| placement.verdict >= least;
    let mut groups = groups_by_host(pool).into_iter();
    groups.any(|(_, gpus)| whole(shape, workload, pool, &gpus).is_some_and(is_enough))
}

/// Where `shape` goes with a part of it in system memory. `None` where no host has the memory.
pub(super) fn place_with_host(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
) -> Option<Placement> {
    // vLLM has no part on the host.
    if workload.engine == Engine::Vllm {
        return None;
    }
    let mut best = None;
    for (host, gpus) in groups_by_host(pool) {
        let memory = pool.hosts.get(host).copied().flatten();
        consider(&mut best, offload(shape, workload, pool, &gpus, memory));
    }
    best
}

/// The GPUs that one process can use together, with their host: all whole ones of a host, and every partition by itself. Of hosts that
/// are alike only the first, than which the others are never better: a fleet has thousands of few kinds.
fn groups_by_host(pool: &GpuPool) -> Vec<(usize, Vec<usize>)> {
    let mut hosts = vec![(Vec::new(), Vec::new()); pool.hosts.len().max(1)];
    for (at, device) in pool.devices.iter().enumerate() {
        if let Some((gpus, partitions)) = hosts.get_mut(device.host as usize) {
            // CUDA shows a process one partition (MIG) at most.
            match device.partition {
                true => partitions.push(at),
                false => gpus.push(at),
            }
        }
    }
    let several = hosts.len() > 1;
    let mut seen = HashSet::new();
    let mut groups = Vec::new();
    for (host, (gpus, partitions)) in hosts.into_iter().enumerate() {
        let memory = pool.hosts.get(host).copied().flatten();
        // A host without GPUs is one, too: its processor may run the model alone.
        let whole = (!gpus.is_empty() || partitions.is_empty()).then_some(gpus);
        let alone = partitions.into_iter().map(|at| vec![at]);
        for group in whole.into_iter().chain(alone) {
            let kinds = group.iter().filter_map(|at| pool.devices.get(*at));
            let kinds: Vec<Device> = kinds.map(|device| device.kind()).collect();
            if !several || seen.insert((kinds, memory)) {
                groups.push((host, group));
            }
        }
    }
    groups
}

/// Keeps the better of two answers: the verdict first, then less on the host, then fewer GPUs.
fn consider(best: &mut Option<Placement>, candidate: Option<Placement>) {
    let Some(candidate) = candidate else { return };
    let key = |placement: &Placement| {
        (
            placement.verdict,
            std::cmp::Reverse(placement.host.weights()),
            std::cmp::Reverse(placement.shares.len()),
        )
    };
    if best
        .as_ref()
        // Of equals the first: hosts and GPUs come in their order.
        .is_none_or(|other| key(&candidate) > key(other))
    {
        *best = Some(candidate);
    }
}

/// The least bad of all arrangements, with what is missing.
fn nowhere(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    hosts: &[Vec<usize>],
) -> Placement {
    let sets = hosts
        .iter()
        .filter(|gpus| !gpus.is_empty())
        .flat_map(|gpus| {
            // The two that come nearest: one GPU has the fewest buffers, all of them have the most room.
            let largest = gpus
                .iter()
                .copied()
                .max_by_key(|at| (pool.devices[*at].usable(), std::cmp::Reverse(*at)));
            let all = (gpus.len() > 1).then(|| gpus.clone());
            [largest.map(|at| vec![at]), all].into_iter().flatten()
        });
    let placements = sets.map(|set| split_over(shape, workload, pool, &set));
    let nearest = placements.min_by_key(|placement| (placement.shortfall, placement.shares.len()));
    nearest
        .map(|placement| Placement {
            kind: PlacementKind::DoesNotFit,
            verdict: Verdict::DoesNotFit,
            ..placement
        })
        .unwrap_or_else(|| {
            let placement = evaluate(
                shape,
                *workload,
                pool,
                &[],
                &Assignment::host(shape.architecture.block_count),
            );
            // Without any GPU it is the memory of one host that is missing: nothing spans hosts.
            let memory = pool.hosts.iter().flatten().copied().max();
            let shortfall = placement.allocation.host.total() - memory.unwrap_or_default();
            Placement {
                kind: PlacementKind::DoesNotFit,
                verdict: Verdict::DoesNotFit,
                shortfall,
                ..placement
            }
        })
}

/// What the engine does by default with all of these GPUs: whole if its margin is kept on each of them, else layers on the host.
pub fn by_default(shape: Shape<'_>, workload: &Workload, pool: &GpuPool) -> Placement {
    let all: Vec<usize> = (0..pool.devices.len()).collect();
    // As the engine does (common/fit.cpp): where every target is met it changes nothing.
    let whole = split_over(shape, workload, pool, &all);
    if whole.verdict == Verdict::Fits {
        return whole;
    }
    offload(
        shape,
        workload,
        pool,
        &all,
        pool.hosts.first().copied().flatten(),
    )
    .unwrap_or(whole)
}
