//! What Ollama does by itself: which GPUs it hands over, which context it starts with.
//!
//! Read from Ollama 0.33 (server/sched.go, server/routes.go, llm/llama_server.go).

use serde::{Deserialize, Serialize};

pub use super::batch::predicted;
use super::batch::{FULL, batch_surcharge};
use super::estimate::Shape;
use super::place::{Device, GpuPool, Placement, Verdict};
use super::workload::{Build, Workload};
use crate::units::Bytes;

/// How an Ollama version chooses by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Before 0.15.5: 4096 tokens whatever the hardware, another estimator.
    Flat,
    /// From 0.15.5: the context by the GPUs' memory, another estimator.
    Tiered,
    /// From 0.30: llama-server, the prediction of [`predicted`], fitting by the engine.
    #[default]
    LlamaServer,
}

impl Profile {
    /// The profile of a version such as `0.33.0-rc2`; `None` if it is no version.
    pub fn of_version(version: &str) -> Option<Self> {
        Some(match numbers(version)? {
            version if version >= (0, 30, 0) => Self::LlamaServer,
            version if version >= (0, 15, 5) => Self::Tiered,
            _ => Self::Flat,
        })
    }

    /// The context that a server starts with where none is set, by the memory of all GPUs it sees.
    pub fn default_context(self, total: Bytes) -> u32 {
        match self {
            Self::Flat => 4096,
            _ if total >= Bytes::gib(47) => 262_144,
            _ if total >= Bytes::gib(23) => 32_768,
            _ => 4096,
        }
    }
}

/// Major, minor and patch of a version such as `0.33.0-rc2`.
fn numbers(version: &str) -> Option<(u32, u32, u32)> {
    let core = version
        .trim()
        .trim_start_matches('v')
        .split(['-', '+'])
        .next()?;
    let mut numbers = core.split('.').map(|part| part.parse::<u32>());
    let major = numbers.next()?.ok()?;
    let minor = numbers.next().unwrap_or(Ok(0)).ok()?;
    let patch = numbers.next().unwrap_or(Ok(0)).ok()?;
    Some((major, minor, patch))
}

/// The newest Ollama whose engine is known: what it pins was released with it.
const NEWEST: (u32, u32, u32) = (0, 40, 2);

/// The build of the engine that an Ollama version pins, and whether the version is newer than what is known: the newest build stands for it
/// then. `None` if it is no version.
///
/// Source: `LLAMA_CPP_VERSION` of each release. Ollama before 0.30 had an engine of its own, which the oldest build stands for.
pub fn build_of_version(version: &str) -> Option<(Build, bool)> {
    Some(match numbers(version)? {
        version if version > NEWEST => (Build::B11739, true),
        version if version >= (0, 40, 0) => (Build::B11351, false),
        version if version >= (0, 34, 0) => (Build::B10864, false),
        _ => (Build::B10488, false),
    })
}

/// What Ollama expects of a further model, and what it gives one beside others where so much is free: without room it unloads another.
pub fn predicted_beside(
    shape: Shape<'_>,
    workload: &Workload,
    batch: u32,
    free: Bytes,
) -> (Bytes, Bytes) {
    let total = u64::from(workload.context_length) * u64::from(workload.parallel);
    let expected = predicted(shape, shape.weights.in_file(), total) + batch_surcharge(batch);
    (expected, free.scale(FULL, 100))
}

/// What Ollama would do with a model if nobody told it anything but the context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OllamaDefault {
    /// What it believes the model needs.
    pub predicted: Bytes,
    /// The devices it hands over: one, or all of a host.
    pub devices: Vec<usize>,
    /// What the engine then does there.
    pub placement: Placement,
}

/// Ollama's own choice on the first host of `pool`: the GPU with the most free memory if the prediction fills at most 80 % of it, else all.
pub fn ollama_default(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
) -> Option<OllamaDefault> {
    let devices: Vec<usize> = (0..pool.devices.len())
        .filter(|at| pool.devices[*at].host == 0)
        .collect();
    if devices.is_empty() {
        return None;
    }
    let total_context = u64::from(workload.context_length) * u64::from(workload.parallel);
    let predicted = predicted(shape, shape.weights.in_file(), total_context);
    let free = |at: &usize| pool.devices[*at].free;
    let roomy = devices
        .iter()
        .copied()
        .filter(|at| predicted <= free(at).scale(FULL, 100));
    let single = roomy.max_by_key(|at| (free(at), std::cmp::Reverse(*at)));
    let chosen = match single {
        Some(at) if !pool.spread => vec![at],
        _ => devices.clone(),
    };
    let chosen_devices: Vec<Device> = chosen
        .iter()
        .map(|at| Device {
            // Ollama knows nothing of what a person keeps back.
            reserve: Bytes::ZERO,
            ..pool.devices[*at]
        })
        .collect();
    let there = GpuPool {
        devices: chosen_devices,
        hosts: vec![host_memory(pool)],
        spread: true,
        ..GpuPool::default()
    };
    let mut placement = super::place::by_default(shape, workload, &there);
    for share in &mut placement.shares {
        share.device = chosen[share.device];
    }
    Some(OllamaDefault {
        predicted,
        devices: chosen,
        placement,
    })
}

/// What the engine may move off the GPUs: `None` where the GPUs have the host's memory, so that nothing is beside it.
fn host_memory(pool: &GpuPool) -> Option<Bytes> {
    let known = pool.hosts.first().copied().flatten();
    // Where nothing is known of the host's memory, there is enough.
    let enough = pool.machines.is_none().then_some(Bytes(u64::MAX));
    known.or(enough)
}

/// The context that a server starts a model with where none is set: the tier of its GPUs, clamped to the model's own.
fn starting_context(shape: Shape<'_>, totals: &[Bytes], profile: Profile) -> u32 {
    profile
        .default_context(totals.iter().copied().sum())
        .min(shape.architecture.context_length.max(1))
}

/// What Ollama does with a model where nobody sets a context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OllamaDefaultContext {
    /// The context it tries first: the tier of the GPUs, clamped to the model's own.
    pub tried: u32,
    /// The context that loads: a shorter one where the first runs out of memory.
    pub context_length: u32,
    /// The GPUs, and what the engine does there.
    pub choice: OllamaDefault,
}

/// The contexts that Ollama tries one after the other where a load dies of out-of-memory (server/sched.go).
const RETRIED: [u32; 2] = [32_768, 4096];

/// How Ollama opens a model where nobody sets a context.
pub fn ollama_default_context(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    totals: &[Bytes],
    profile: Profile,
) -> Option<OllamaDefaultContext> {
    let tried = starting_context(shape, totals, profile);
    let shorter = RETRIED.into_iter().filter(|context| *context < tried);
    let mut last = None;
    for context_length in [tried].into_iter().chain(shorter) {
        let workload = Workload {
            context_length,
            ..*workload
        };
        let choice = ollama_default(shape, &workload, pool)?;
        // A shorter context does not help where it is the cache's type.
        let loads = choice.placement.verdict >= Verdict::Offloads
            || choice.placement.refusal(shape.architecture).is_some();
        last = Some(OllamaDefaultContext {
            tried,
            context_length,
            choice,
        });
        if loads {
            break;
        }
    }
    last
}
