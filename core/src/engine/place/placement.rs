//! The GPUs that a model may go on, and the answer: what lies on which of them.

use serde::{Deserialize, Serialize};

use super::host::HostPart;
use crate::architecture::Architecture;
use crate::engine::estimate::{Allocation, Assignment, Buffers};
use crate::engine::workload::{CacheFault, Workload};
use crate::units::Bytes;

/// What the engine leaves free on every device by default (`--fit-target`, common/fit.cpp).
pub const MARGIN: Bytes = Bytes::mib(1024);

/// A GPU as placement sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Device {
    /// Its host, by position in [`GpuPool::hosts`].
    pub host: u32,
    /// Its position in that host.
    pub gpu: u32,
    /// Bytes of its memory that no program uses.
    pub free: Bytes,
    /// Bytes that the user keeps back (`--reserve`).
    pub reserve: Bytes,
    /// What a process costs before it loads anything, such as the CUDA context.
    pub overhead: Bytes,
    /// Whether it can run flash attention.
    pub flash_attention: bool,
    /// Whether its driver is CUDA, where Ollama keeps small batches without flash attention.
    pub cuda: bool,
    /// Whether it is a part of a GPU (MIG): a process that uses it can use no other.
    pub partition: bool,
}

impl Device {
    /// What estimates depend on: all but its host and number. Partitions and whole GPUs of one size differ, and so do runtimes.
    pub(in crate::engine) fn kind(self) -> Self {
        Self {
            host: 0,
            gpu: 0,
            ..self
        }
    }

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Too large for these devices and the system memory beside them.
    DoesNotFit,
    /// Part of it runs on the host.
    Offloads,
    /// Whole on the GPUs, but inside the engine's margin: by default it would move layers to the host.
    Tight,
    /// Whole on the GPUs, and the engine keeps it there by default.
    Fits,
}

/// Whether a model lies on one GPU, on several, partly on the host, or nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "Kind")
)]
#[serde(rename_all = "kebab-case")]
pub enum PlacementKind {
    /// Whole on one GPU.
    Single,
    /// Over several GPUs of one host.
    Split,
    /// Partly or wholly on the host.
    Offload,
    /// On no device, not even partly.
    DoesNotFit,
}

/// A device's part of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GpuAllocation {
    /// The device, by position in the list that was given.
    pub device: usize,
    /// Layers there; the output layer counts as one.
    pub layers: u32,
    /// Bytes of its weights, cache and scratch space there.
    pub buffers: Buffers,
    /// Bytes that the process takes there besides, such as its CUDA context.
    pub overhead: Bytes,
}

impl GpuAllocation {
    /// Whether a part of the model lies there: layers, or only experts of one.
    pub fn is_used(&self) -> bool {
        self.layers > 0 || self.buffers.weights > Bytes::ZERO
    }

    /// All bytes that the model takes there.
    pub fn total(&self) -> Bytes {
        self.buffers.total() + self.overhead
    }
}

/// An answer: where a model goes, and what it takes there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Whether it lies on one GPU, on several, or partly on the host.
    pub kind: PlacementKind,
    /// Whether the engine keeps it on the GPUs by itself.
    pub verdict: Verdict,
    /// Which of its GPUs holds each block.
    pub assignment: Assignment,
    /// One entry a GPU that is used.
    pub shares: Vec<GpuAllocation>,
    /// What of it lies on the host and is computed by the processor.
    pub host: HostPart,
    /// The buffers on GPUs and host that the shares are summed from.
    pub allocation: Allocation,
    /// The settings it was made for, the batch resolved.
    pub workload: Workload,
    /// Bytes missing over all GPUs, for what does not fit.
    pub shortfall: Bytes,
    /// What the engine leaves free on its first GPU besides [`MARGIN`]. Ollama tells it to keep the projector's size, and the engine, which
    /// counts the projector by itself, keeps it twice (`mmprojFitTargetMiB` in llm/llama_server.go, `load_model` in server-context.cpp). The
    /// source asks for as much on every further GPU. A person's five GPUs held more than that leaves room for, but with a cache type that
    /// was not told; until that is known it is counted on the first alone.
    pub padding: Bytes,
}

impl Placement {
    /// Bytes that it takes on all GPUs together.
    pub fn total(&self) -> Bytes {
        self.shares.iter().map(GpuAllocation::total).sum()
    }

    /// Why the engine does not load the model with its cache, where it does not.
    pub fn refusal(&self, architecture: &Architecture) -> Option<CacheFault> {
        let fault = self.workload.cache_fault(architecture);
        fault.filter(|fault| fault.refuses())
    }

    /// What it claims on each of its GPUs while it loads: all bytes that it takes, on the first one the padding with them.
    pub fn claims(&self) -> impl Iterator<Item = Bytes> + '_ {
        claims(&self.shares, self.padding)
    }

    /// The least that is left on one of its GPUs beyond the engine's margin.
    pub fn spare(&self, pool: &GpuPool) -> Option<Bytes> {
        let least = self.margins(pool).min()?;
        Some(Bytes(u64::try_from(least).unwrap_or_default()))
    }

    /// Bytes that are left on each of its GPUs of what may be used there, negative where they are missing.
    pub(in crate::engine) fn margins(&self, pool: &GpuPool) -> impl Iterator<Item = i128> {
        let usable = |device: usize| pool.devices.get(device).map_or(Bytes::ZERO, Device::usable);
        // By claims: what the fitting wants kept free for the projector is not there for anything else.
        let shares = self.shares.iter().zip(self.claims());
        shares.map(move |(share, claim)| i128::from(usable(share.device).0) - i128::from(claim.0))
    }

    /// The least that is left on one of its GPUs if the engine is told to leave no margin.
    pub fn spare_in_margin(&self, pool: &GpuPool) -> Option<Bytes> {
        let limit = |device: usize| pool.devices.get(device).map_or(Bytes::ZERO, Device::limit);
        let shares = self.shares.iter();
        shares
            .map(|share| limit(share.device) - share.total())
            .min()
    }

    /// What it needs where it would run: on the GPUs, or in host memory where there are none.
    pub fn need(&self) -> Bytes {
        if self.shares.is_empty() {
            self.allocation.host.total()
        } else {
            self.total()
        }
    }

    /// The part of the weights that the host computes with, from 0 to 1.
    pub fn host_share(&self) -> f64 {
        let gpus: Bytes = self.allocation.gpus.iter().map(|gpu| gpu.weights).sum();
        let host = self.host.weights();
        if host == Bytes::ZERO {
            0.0
        } else {
            host.0 as f64 / (gpus + host).0 as f64
        }
    }
}

/// All bytes of each share, and on the first GPU the padding.
pub(super) fn claims(shares: &[GpuAllocation], padding: Bytes) -> impl Iterator<Item = Bytes> + '_ {
    let padding = std::iter::once(padding).chain(std::iter::repeat(Bytes::ZERO));
    let shares = shares.iter().zip(padding);
    shares.map(|(share, padding)| share.total() + padding)
}

/// Devices, the hosts' memory, and how to use them.
#[derive(Clone, Debug, Default)]
pub struct GpuPool {
    /// GPUs that may be used, those of one host together.
    pub devices: Vec<Device>,
    /// Memory that each host can still give; none for hardware that is only imagined.
    pub hosts: Vec<Option<Bytes>>,
    /// Use every GPU of a host even where fewer would do.
    pub spread: bool,
    /// Where the GPUs share their machine's memory, so that neither a card nor memory beside it can be added: the machines to take instead.
    pub machines: Option<Vec<MachineSize>>,
}

/// A machine whose GPU shares its memory, with more of it than the one that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSize {
    /// Its GPU; none where it is the same machine otherwise.
    pub name: Option<String>,
    /// The generation of that GPU, where it is another.
    pub other_generation: Option<String>,
    /// Bytes of its memory, as sold.
    pub memory: Bytes,
    /// What its GPU has more than the one here.
    pub more: Bytes,
}
