//! Changes that make a model fit, and what they may change.

use serde::{Deserialize, Serialize};

use super::estimate_input::{EstimateInput, estimate_input};
use super::more_memory::more_memory;
use super::place::{Device, GpuPool, Placement, Verdict, place};
use super::workload::Workload;
use crate::catalog::{Catalog, Entry};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// The cheapest change that makes a model fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Fix {
    /// Another type of cache: 8 bits, or 16 where the engine refuses the model with a quantised one.
    KvCacheType {
        /// Type of the KV cache that fits, e.g. `q8_0`.
        kv_cache_type: KvCacheType,
    },
    /// A context shorter than was asked for.
    ShorterContext {
        /// Tokens of the longest context that fits, in steps of 1024.
        context_length: u32,
    },
    /// A shorter context, and another type of cache with it.
    ShorterContextAndKvCacheType {
        /// Tokens of the longest context that fits, in steps of 1024.
        context_length: u32,
        /// Type of the KV cache with which it does, e.g. `q8_0`.
        kv_cache_type: KvCacheType,
    },
    /// A smaller file of the same model.
    SmallerQuantization {
        /// The tag to take instead.
        tag: String,
        /// GGUF's name of its quantization, such as `Q4_K_M`; null where unknown.
        quantization: Option<String>,
    },
    /// Stop a program that holds memory.
    FreeProcess {
        /// Number of the GPU on its machine, from 0.
        gpu: u32,
        /// Process id on that machine.
        pid: u32,
        /// Name of the program; null where the driver does not tell it.
        name: Option<String>,
        /// Bytes that it holds on that GPU.
        bytes: Bytes,
    },
    /// Fewer replicas of a model.
    FewerReplicas {
        /// Number of replicas that find a place.
        replicas: u32,
    },
    /// A shorter context for another model of a plan.
    AnotherContext {
        /// Tag of the model whose context becomes shorter.
        tag: String,
        /// Tokens of the longest context with which both fit, in steps of 1024.
        context_length: u32,
    },
    /// Fewer replicas of another model of a plan.
    AnotherReplicas {
        /// Tag of the model that gives replicas up.
        tag: String,
        /// Number of replicas with which both find a place.
        replicas: u32,
    },
    /// Not only on the GPUs that it was pinned to.
    WithoutPin,
    /// Beside others that it was told to stay away from.
    WithoutApart,
    /// Fewer GPUs kept free than was asked for.
    FewerKeptFree {
        /// Number of GPUs that may stay free.
        count: u32,
    },
    /// System memory for what the GPUs do not hold.
    SystemMemory {
        /// Bytes of system memory with which it runs, of a size that is sold: 32, 64 or 128 GiB.
        bytes: Bytes,
        /// Tokens written a second with it, lowest and highest.
        decode: [f64; 2],
    },
    /// Experts in system memory, where a `llama-server` of its own keeps them.
    ExpertsInMemory {
        /// Bytes that the experts take in system memory.
        bytes: Bytes,
        /// Tokens written a second so, lowest and highest; null where unknown.
        decode: Option<[f64; 2]>,
        /// Whether another engine than llama.cpp was asked for.
        other_engine: bool,
    },
    /// More GPUs like the best one here.
    MoreGpus {
        /// Number of GPUs to add.
        count: u32,
    },
    /// The same machine with more memory, which its GPU shares.
    LargerMachine {
        /// Bytes of its memory, as sold.
        memory: Bytes,
    },
    /// Other GPUs in place of those here.
    OtherGpus {
        /// Name of the GPU to put in, as the catalog has it.
        name: String,
        /// Number of such GPUs.
        count: u32,
    },
}

impl Fix {
    /// What costs less is a setting.
    pub const SETTINGS: u32 = 7;

    /// What a change costs beside others: a setting less than another file, that less than a stopped program, memory less
    /// than a third of a card.
    pub const fn cost(&self) -> u32 {
        match self {
            Self::KvCacheType { .. } => 0,
            Self::ShorterContext { .. } => 1,
            Self::ShorterContextAndKvCacheType { .. } => 2,
            Self::AnotherContext { .. } => 3,
            Self::WithoutPin | Self::WithoutApart => 4,
            Self::FewerKeptFree { .. } => 5,
            Self::FewerReplicas { .. } | Self::AnotherReplicas { .. } => 6,
            Self::SmallerQuantization { .. } => 7,
            Self::FreeProcess { .. } => 8,
            Self::SystemMemory { .. } | Self::ExpertsInMemory { .. } => 9,
            Self::MoreGpus { count } => 30 * *count,
            Self::LargerMachine { .. } => 90,
            Self::OtherGpus { count, .. } => 60 + 60 * *count,
        }
    }
}

/// A program that could be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The device, by position in the pool.
    pub device: usize,
    /// Process id on its machine.
    pub pid: u32,
    /// Name of the program; `None` where the driver does not tell it.
    pub name: Option<String>,
    /// Bytes that it holds on that device.
    pub bytes: Bytes,
}

/// Contexts below this are no help to anybody.
const SHORTEST: u32 = 2048;
/// Everything a fix may change.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The catalog, for other files of the model.
    pub catalog: &'a Catalog,
    /// The model, and the file of it that does not fit.
    pub entry: Entry<'a>,
    /// The settings that were asked for.
    pub workload: &'a Workload,
    /// GPUs and system memory that it has to fit.
    pub pool: &'a GpuPool,
    /// Programs on these GPUs that could be stopped.
    pub tenants: &'a [Tenant],
}

/// The cheapest change that makes the model fit, in this order: an 8-bit cache, a shorter context, both, a smaller file, a program
/// stopped, more GPUs or a larger machine.
pub fn cheapest(
    input: &EstimateInput<'_>,
    placement: &Placement,
    situation: Situation<'_>,
) -> Option<Fix> {
    if placement.verdict == Verdict::Fits || situation.pool.devices.is_empty() {
        return None;
    }
    // Every setting leaves the weights as they are; a model that is refused is refused with a shorter context, too.
    let in_reach = weights_fit(input, situation.pool);
    let refused = placement.refusal(&input.architecture).is_some();
    let settings = || match refused {
        _ if !in_reach => None,
        true => unquantised(input, situation),
        false => settings(input, situation),
    };
    settings()
        .or_else(|| smaller_file(situation))
        .or_else(|| stopped(input, situation))
        .or_else(|| more_memory(input, situation))
}

/// The least that any change costs which could make the model fit, found without trying one.
pub(super) fn least_cost(input: &EstimateInput<'_>, situation: Situation<'_>) -> u32 {
    let pool = situation.pool;
    let usable: Bytes = pool.devices.iter().map(Device::usable).sum();
    if weights_fit(input, pool) || pool.devices.is_empty() {
        return 0;
    }
    // Half of a file at most is an embedding, which stays on the host.
    let small = |bytes: Bytes| bytes.0 / 2 < usable.0;
    let variants = &situation.entry.model.variants;
    if variants
        .iter()
        .filter_map(|variant| variant.weights)
        .any(small)
    {
        // A smaller file costs as much as the dearest setting.
        return Fix::SETTINGS;
    }
    // Where RAM is not known, what it would give is told before cards are.
    match pool.hosts.iter().all(Option::is_none) || !situation.tenants.is_empty() {
        true => Fix::SETTINGS + 1,
        false => Fix::MoreGpus { count: 1 }.cost(),
    }
}

/// Whether the weights alone would fit: if not, no setting helps.
fn weights_fit(input: &EstimateInput<'_>, pool: &GpuPool) -> bool {
    pool.devices.iter().map(Device::usable).sum::<Bytes>()
        > input.weights.on_gpu() + input.projector
}

pub(super) fn fits(input: &EstimateInput<'_>, workload: &Workload, pool: &GpuPool) -> bool {
    let alone = GpuPool {
        // Without memory nothing is offloaded: whole on the GPUs is what a fix is for.
        hosts: vec![None; pool.hosts.len()],
        ..pool.clone()
    };
    place(input.shape(), workload, &alone).verdict == Verdict::Fits
}

/// A cache that the engine does not refuse, and a shorter context where that is larger than the GPUs.
fn unquantised(input: &EstimateInput<'_>, situation: Situation<'_>) -> Option<Fix> {
    let kv_cache_type = KvCacheType::F16;
    let asked = situation.workload.context_length;
    let workload = Workload {
        kv_cache_type,
        ..*situation.workload
    };
    let context_length = longest_context(input, &workload, situation.pool, asked)?;
    Some(match context_length == asked {
        true => Fix::KvCacheType { kv_cache_type },
        false => Fix::ShorterContextAndKvCacheType {
            context_length,
            kv_cache_type,
        },
    })
}

fn settings(input: &EstimateInput<'_>, situation: Situation<'_>) -> Option<Fix> {
    let (workload, pool) = (situation.workload, situation.pool);
    let quantised = Workload {
        kv_cache_type: KvCacheType::Q8_0,
        ..*workload
    };
    // Quantised values want flash attention.
    let can_quantise = workload.kv_cache_type == KvCacheType::F16
        && workload.flash_attention.is_on(
            &input.architecture,
            workload.kv_cache_type,
            workload.build,
        );
    if can_quantise && fits(input, &quantised, pool) {
        return Some(Fix::KvCacheType {
            kv_cache_type: KvCacheType::Q8_0,
        });
    }
    if let Some(context_length) = longest_context(input, workload, pool, workload.context_length) {
        return Some(Fix::ShorterContext { context_length });
    }
    if can_quantise
        && let Some(context_length) =
            longest_context(input, &quantised, pool, workload.context_length)
    {
        return Some(Fix::ShorterContextAndKvCacheType {
            context_length,
            kv_cache_type: KvCacheType::Q8_0,
        });
    }
    None
}

/// The longest context, in steps of 1024 tokens and at most `most`, with which the model fits whole.
pub fn longest_context(
    input: &EstimateInput<'_>,
    workload: &Workload,
    pool: &GpuPool,
    most: u32,
) -> Option<u32> {
    let with = |context_length: u32| {
        fits(
            input,
            &Workload {
                context_length,
                ..*workload
            },
            pool,
        )
    };
    // Mostly all of it fits, and one question is enough.
    if with(most) {
        return Some(most);
    }
    longest_below(most, with)
}

/// How many requests at once, at most `most`, with which the model fits whole.
pub fn most_parallel(
    input: &EstimateInput<'_>,
    workload: &Workload,
    pool: &GpuPool,
    most: u32,
) -> u32 {
    let with = |parallel: u32| {
        let workload = Workload {
            parallel,
            ..*workload
        };
        parallel == 0 || fits(input, &workload, pool)
    };
    let (mut good, mut bad) = (0, most + 1);
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        match with(middle) {
            true => good = middle,
            false => bad = middle,
        }
    }
    good
}

/// The longest context below `most`, in steps of 1024 tokens, with which something holds that holds with shorter ones, too.
pub(in crate::engine) fn longest_below(most: u32, with: impl Fn(u32) -> bool) -> Option<u32> {
    // A cache grows with the context, so what holds at one length holds below it: halving finds the last that does.
    let (mut good, mut bad) = (SHORTEST / 1024, most.div_ceil(1024));
    if good >= bad || !with(good * 1024) {
        return None;
    }
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        if with(middle * 1024) {
            good = middle
        } else {
            bad = middle
        }
    }
    Some(good * 1024)
}

fn smaller_file(situation: Situation<'_>) -> Option<Fix> {
    let size = situation.entry.variant.weights?;
    let mut smaller: Vec<_> = situation
        .entry
        .model
        .variants
        .iter()
        .filter(|variant| variant.weights.is_some_and(|bytes| bytes < size))
        .collect();
    // The largest that fits: it loses the least.
    smaller.sort_by_key(|variant| std::cmp::Reverse(variant.weights));
    let found = smaller.into_iter().find(|variant| {
        let entry = Entry::new(situation.entry.model, variant);
        estimate_input(situation.catalog, entry).is_some_and(|input| {
            weights_fit(&input, situation.pool) && fits(&input, situation.workload, situation.pool)
        })
    })?;
    Some(Fix::SmallerQuantization {
        tag: found.tag.to_string(),
        quantization: found.quantization.clone().map(String::from),
    })
}

fn stopped(input: &EstimateInput<'_>, situation: Situation<'_>) -> Option<Fix> {
    let mut tenants: Vec<&Tenant> = situation.tenants.iter().collect();
    // The smallest that is enough.
    tenants.sort_by_key(|tenant| (tenant.bytes, tenant.pid));
    let tenant = tenants.into_iter().find(|tenant| {
        let mut pool = situation.pool.clone();
        // One at a time: to stop two programs is more than a person is asked for.
        if let Some(device) = pool.devices.get_mut(tenant.device) {
            device.free += tenant.bytes;
        }
        fits(input, situation.workload, &pool)
    })?;
    let gpu = situation.pool.devices.get(tenant.device)?.gpu;
    Some(Fix::FreeProcess {
        gpu,
        pid: tenant.pid,
        name: tenant.name.clone(),
        bytes: tenant.bytes,
    })
}
