//! Where a model goes: per GPU, never pooled; one GPU if it suffices, else the smallest set that does, else part of it on the host.

use serde::{Deserialize, Serialize};

use super::estimate::{Allocation, Assignment, Buffers, Shape, allocate};
use super::workload::Workload;
use crate::units::Bytes;

/// What the engine leaves free on every device by default (`--fit-target`, common/fit.cpp).
pub const MARGIN: Bytes = Bytes::mib(1024);

/// A GPU as placement sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its host, by position.
    pub host: u32,
    /// Its position in that host.
    pub gpu: u32,
    /// Bytes that nobody uses.
    pub free: Bytes,
    /// Bytes that the user keeps back (`--reserve`).
    pub reserve: Bytes,
    /// What a process costs before it loads anything: the CUDA context.
    pub overhead: Bytes,
    /// Whether it can run flash attention.
    pub flash_attention: bool,
    /// Whether its driver is CUDA, where Ollama keeps small batches without flash attention.
    pub cuda: bool,
}

impl Device {
    /// What a process may commit at the very most.
    pub fn limit(&self) -> Bytes {
        self.free - self.reserve
    }

    /// What the engine commits by default.
    pub fn usable(&self) -> Bytes {
        self.limit() - MARGIN
    }
}

/// How good an answer is; the worst comes first, so that `max` is the best.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Not on these devices.
    DoesNotFit,
    /// Part of it runs on the host.
    Offloads,
    /// Whole on the GPUs, but inside the engine's margin: by default it would move layers to the host.
    Tight,
    /// Whole on the GPUs, and the engine keeps it there by default.
    Fits,
}

/// How a model lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// On one GPU.
    Single,
    /// Over several GPUs of one host.
    Split,
    /// Partly or wholly on the host.
    Offload,
    /// Nowhere.
    DoesNotFit,
}

/// A device's part of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The device, by position in the list that was given.
    pub device: usize,
    /// Layers there; the output layer counts as one.
    pub layers: u32,
    /// What it allocates.
    pub buffers: Buffers,
    /// The process's own cost there.
    pub overhead: Bytes,
}

impl Share {
    /// All bytes that the model takes there.
    pub fn total(&self) -> Bytes {
        self.buffers.total() + self.overhead
    }
}

/// An answer: where a model goes, and what it takes there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// How it lies.
    pub kind: Kind,
    /// How good that is.
    pub verdict: Verdict,
    /// One entry a GPU that is used.
    pub shares: Vec<Share>,
    /// Blocks on the host, or whose experts are there.
    pub host_layers: u32,
    /// Weights that the host computes with: all it holds but the token embedding, which is always there.
    pub host_weights: Bytes,
    /// The allocation behind the shares.
    pub allocation: Allocation,
    /// The settings it was made for, the batch resolved.
    pub workload: Workload,
    /// Bytes missing over all GPUs, for what does not fit.
    pub shortfall: Bytes,
}

impl Placement {
    /// All bytes on GPUs.
    pub fn total(&self) -> Bytes {
        self.shares.iter().map(Share::total).sum()
    }

    /// The part of the weights that the host computes with, from 0 to 1.
    pub fn host_share(&self) -> f64 {
        let gpus: Bytes = self.allocation.gpus.iter().map(|gpu| gpu.weights).sum();
        if self.host_weights == Bytes::ZERO {
            0.0
        } else {
            self.host_weights.0 as f64 / (gpus + self.host_weights).0 as f64
        }
    }
}

/// Devices, the hosts' memory, and how to use them.
#[derive(Clone, Debug, Default)]
pub struct Room {
    /// The GPUs, host by host.
    pub devices: Vec<Device>,
    /// Memory that each host can still give; none for hardware that is only imagined.
    pub hosts: Vec<Option<Bytes>>,
    /// Use every GPU of a host even where fewer would do.
    pub spread: bool,
}

/// Where `shape` goes in `room`, and how well.
pub fn place(shape: Shape<'_>, workload: &Workload, room: &Room) -> Placement {
    let hosts: Vec<Vec<usize>> = (0..room.hosts.len().max(1))
        .map(|host| positions(room, host))
        .collect();
    let mut best: Option<Placement> = None;
    for gpus in &hosts {
        consider(&mut best, whole(shape, workload, room, gpus));
    }
    if best
        .as_ref()
        .is_none_or(|placement| placement.verdict < Verdict::Tight)
    {
        for (host, gpus) in hosts.iter().enumerate() {
            consider(
                &mut best,
                offload(
                    shape,
                    workload,
                    room,
                    gpus,
                    room.hosts.get(host).copied().flatten(),
                ),
            );
        }
    }
    best.unwrap_or_else(|| nowhere(shape, workload, room, &hosts))
}

fn positions(room: &Room, host: usize) -> Vec<usize> {
    (0..room.devices.len())
        .filter(|at| room.devices[*at].host as usize == host)
        .collect()
}

/// Keeps the better of two answers: the verdict first, then fewer GPUs, then fewer layers on the host.
fn consider(best: &mut Option<Placement>, candidate: Option<Placement>) {
    let Some(candidate) = candidate else { return };
    let key = |placement: &Placement| {
        (
            placement.verdict,
            std::cmp::Reverse(placement.shares.len()),
            std::cmp::Reverse(placement.host_layers),
        )
    };
    if best
        .as_ref()
        .is_none_or(|other| key(&candidate) > key(other))
    {
        *best = Some(candidate);
    }
}

/// The whole model on the GPUs of one host: the fewest that suffice; within the margin only where no set keeps it.
fn whole(shape: Shape<'_>, workload: &Workload, room: &Room, gpus: &[usize]) -> Option<Placement> {
    let least = floor(shape, workload);
    let mut tight = None;
    for count in 1..=gpus.len() {
        if room.spread && count < gpus.len() {
            continue;
        }
        for set in sets(room, gpus, count) {
            // A cheap bound first: most sets are far too small.
            if set
                .iter()
                .map(|at| room.devices[*at].limit())
                .sum::<Bytes>()
                < least
            {
                continue;
            }
            let placement = on(shape, workload, room, &set);
            match placement.verdict {
                Verdict::Fits => return Some(placement),
                Verdict::Tight if tight.is_none() => tight = Some(placement),
                _ => {}
            }
        }
    }
    tight
}

/// Bytes that any placement on GPUs needs at least: weights and cache.
pub(super) fn floor(shape: Shape<'_>, workload: &Workload) -> Bytes {
    let blocks = shape.architecture.block_count;
    let single = allocate(shape, workload, &Assignment::single(blocks));
    single
        .gpus
        .iter()
        .map(|gpu| gpu.weights + gpu.kv_cache)
        .sum()
}

/// The sets of `count` GPUs, those with the most free memory first. Of equal GPUs only the first are taken.
fn sets(room: &Room, gpus: &[usize], count: usize) -> Vec<Vec<usize>> {
    let mut order = gpus.to_vec();
    order.sort_by_key(|at| (std::cmp::Reverse(room.devices[*at].usable()), *at));
    let mut sets = Vec::new();
    choose(room, &order, count, 0, &mut Vec::new(), &mut sets);
    sets
}

/// More sets than this are not looked at; they differ by little.
const MOST_SETS: usize = 64;

fn choose(
    room: &Room,
    order: &[usize],
    count: usize,
    from: usize,
    chosen: &mut Vec<usize>,
    sets: &mut Vec<Vec<usize>>,
) {
    if chosen.len() == count {
        let mut set = chosen.clone();
        set.sort_unstable();
        sets.push(set);
        return;
    }
    let mut previous: Option<&Device> = None;
    for at in from..order.len() {
        let device = &room.devices[order[at]];
        let twin = previous.is_some_and(|other| {
            other.usable() == device.usable() && other.overhead == device.overhead
        });
        if twin || sets.len() >= MOST_SETS {
            continue;
        }
        previous = Some(device);
        chosen.push(order[at]);
        choose(room, order, count, at + 1, chosen, sets);
        chosen.pop();
    }
}

/// The settings as Ollama resolves them on these GPUs.
fn resolved(shape: Shape<'_>, workload: &Workload, room: &Room, set: &[usize]) -> Workload {
    let flash_attention =
        workload.flash_attention && set.iter().all(|at| room.devices[*at].flash_attention);
    let available: Bytes = set.iter().map(|at| room.devices[*at].free).sum();
    let cuda = set.iter().any(|at| room.devices[*at].cuda);
    let workload = Workload {
        flash_attention,
        ..*workload
    };
    if set.is_empty() {
        workload
    } else {
        super::runtime::with_automatic_batch(shape, &workload, available, cuda)
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

fn finish(
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
    let host_weights = allocation.host.weights - shape.weights.token_embd;
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

/// As much as possible on the GPUs of one host, the rest in its memory: experts first, then the front blocks.
fn offload(
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

/// The least bad of all arrangements, with what is missing.
fn nowhere(shape: Shape<'_>, workload: &Workload, room: &Room, hosts: &[Vec<usize>]) -> Placement {
    let sets = hosts
        .iter()
        .filter(|gpus| !gpus.is_empty())
        .flat_map(|gpus| {
            let largest = gpus
                .iter()
                .copied()
                .max_by_key(|at| (room.devices[*at].usable(), std::cmp::Reverse(*at)));
            [largest.map(|at| vec![at]), Some(gpus.clone())]
                .into_iter()
                .flatten()
        });
    let placements = sets.map(|set| on(shape, workload, room, &set));
    let nearest = placements.min_by_key(|placement| (placement.shortfall, placement.shares.len()));
    nearest
        .map(|placement| Placement {
            kind: Kind::DoesNotFit,
            verdict: Verdict::DoesNotFit,
            ..placement
        })
        .unwrap_or_else(|| {
            let placement = finish(
                shape,
                *workload,
                room,
                &[],
                &Assignment::host(shape.architecture.block_count),
            );
            let shortfall = placement.allocation.host.total();
            Placement {
                kind: Kind::DoesNotFit,
                verdict: Verdict::DoesNotFit,
                shortfall,
                ..placement
            }
        })
}

/// What the engine does by default with all of these GPUs: whole if its margin is kept on each of them, else layers on the host.
pub fn by_default(shape: Shape<'_>, workload: &Workload, room: &Room) -> Placement {
    let all: Vec<usize> = (0..room.devices.len()).collect();
    let whole = on(shape, workload, room, &all);
    if whole.verdict == Verdict::Fits {
        return whole;
    }
    offload(
        shape,
        workload,
        room,
        &all,
        room.hosts.first().copied().flatten(),
    )
    .unwrap_or(whole)
}
