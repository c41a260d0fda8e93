//! What Ollama does by itself: which GPUs it hands over, how many tokens it evaluates at once, which context it starts with.
//!
//! Read from Ollama 0.33 (server/sched.go, server/routes.go, llm/llama_server.go).

use serde::{Deserialize, Serialize};

use super::estimate::Shape;
use super::place::{Device, GpuPool, Placement, Verdict};
use super::workload::{Build, Engine, FlashAttention, Workload};
use crate::units::Bytes;

/// The part of free memory that a prediction may fill, in percent.
const FULL: u64 = 80;
/// The parts up to which a large and a medium batch are used, in percent.
const ROOM_FOR_LARGE: u64 = 60;
const ROOM_FOR_MEDIUM: u64 = 75;

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

/// What Ollama believes a model needs (`PredictServerVRAM`): the file and a 16-bit cache, the head size guessed from the embedding.
pub fn predicted(shape: Shape<'_>, file: Bytes, total_context: u64) -> Bytes {
    let architecture = shape.architecture;
    let kv_heads = u64::from(architecture.head_count_kv.min().max(1));
    let head =
        u64::from(architecture.embedding_length) / u64::from(architecture.head_count.max().max(1));
    file + Bytes(4 * u64::from(architecture.block_count) * kv_heads * head) * total_context
}

/// The batch that Ollama picks where none is set: by the context, smaller where memory is short.
pub fn automatic_batch(
    total_context: u64,
    predicted: Bytes,
    available: Bytes,
    flash_attention: bool,
    cuda: bool,
) -> u32 {
    if !flash_attention && cuda {
        let constrained = total_context > 4096 && available <= Bytes::gib(8);
        return if constrained { 256 } else { 512 };
    }
    // By all slots together: Ollama starts the engine with their sum as the context.
    let wanted = match total_context {
        0..=4096 => 512,
        4097..=32_768 => 1024,
        _ => 2048,
    };
    [2048, 1024]
        .into_iter()
        .find(|batch| *batch <= wanted && batch_fits(*batch, predicted, available))
        .unwrap_or(512)
}

/// What Ollama adds to a prediction for a batch.
pub fn batch_surcharge(batch: u32) -> Bytes {
    match batch {
        2048.. => Bytes::gib(2),
        1024.. => Bytes::mib(768),
        _ => Bytes::ZERO,
    }
}

fn batch_fits(batch: u32, predicted: Bytes, available: Bytes) -> bool {
    let threshold = available.scale(FULL, 100);
    let headroom = available.scale(
        if batch >= 2048 {
            ROOM_FOR_LARGE
        } else {
            ROOM_FOR_MEDIUM
        },
        100,
    );
    predicted <= threshold
        && predicted <= headroom
        && batch_surcharge(batch) <= threshold - predicted
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

/// The workload with the batch that Ollama would use on devices with so much free memory.
pub fn with_automatic_batch(
    shape: Shape<'_>,
    workload: &Workload,
    available: Bytes,
    cuda: bool,
) -> Workload {
    if workload.batch.is_some() || workload.engine == Engine::LlamaCpp {
        return *workload;
    }
    let total = u64::from(workload.context_length) * u64::from(workload.parallel);
    let predicted = predicted(shape, shape.weights.in_file(), total);
    // Ollama looks at the GPUs only; that a model cannot use flash attention is the engine's own finding.
    let flash_attention = matches!(
        workload.flash_attention,
        FlashAttention::Auto | FlashAttention::On
    );
    let batch = automatic_batch(total, predicted, available, flash_attention, cuda);
    Workload {
        batch: Some(batch),
        ..*workload
    }
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
        // Where nothing is known of the host's memory, there is enough.
        hosts: vec![
            pool.hosts
                .first()
                .copied()
                .flatten()
                .or(Some(Bytes(u64::MAX))),
        ],
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
