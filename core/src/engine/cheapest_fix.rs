//! What would make a model fit: the cheapest change that was tried and works.

use super::estimate_input::{EstimateInput, estimate_input};
use super::false_position::{self, Attempt, last_between};
use super::fix::{Fix, Situation, Tenant};
use super::more_memory::{more_memory, other_gpus};
use super::place::{Device, GpuPool, Placement, Verdict, fit, fits, place_with_host};
use super::workload::Workload;
use crate::catalog::Entry;
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// Contexts below this are no help to anybody.
const SHORTEST: u32 = 2048;

/// The cheapest change that makes a model fit, or else other GPUs that hold it.
pub fn whatever_helps(
    input: &EstimateInput<'_>,
    placement: &Placement,
    situation: Situation<'_>,
) -> Option<Fix> {
    let runs = placement.verdict >= Verdict::Tight;
    cheapest(input, placement, situation).or_else(|| other_gpus(input, situation).filter(|_| !runs))
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
pub(super) fn least_cost(weights_fit: bool, situation: Situation<'_>) -> u32 {
    let pool = situation.pool;
    let usable: Bytes = pool.devices.iter().map(Device::usable).sum();
    if weights_fit || pool.devices.is_empty() {
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
pub(super) fn weights_fit(input: &EstimateInput<'_>, pool: &GpuPool) -> bool {
    pool.devices.iter().map(Device::usable).sum::<Bytes>()
        > input.weights.on_gpu() + input.projector
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
    if can_quantise && fits(input.shape(), &quantised, pool) {
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
    longest_with(workload, most, |workload| {
        fit(input.shape(), workload, pool)
    })
}

/// The same for a CPU that does everything: with which the model fits in the system memory of a host, as far as that is known.
pub fn longest_context_on_host(
    input: &EstimateInput<'_>,
    workload: &Workload,
    pool: &GpuPool,
    most: u32,
) -> Option<u32> {
    longest_with(workload, most, |workload| {
        place_with_host(input.shape(), workload, pool)
            .is_some()
            .into()
    })
}

fn longest_with(
    workload: &Workload,
    most: u32,
    fit: impl Fn(&Workload) -> Attempt<()>,
) -> Option<u32> {
    let with = |context_length: u32| {
        fit(&Workload {
            context_length,
            ..*workload
        })
    };
    // Mostly all of it fits, and one question is enough.
    let all = with(most);
    match all.answer {
        Some(()) => Some(most),
        None => longest_below(most, all.margin, with),
    }
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
        fit(input.shape(), &workload, pool)
    };
    false_position::most(most, None, with).map_or(0, |(parallel, ())| parallel)
}

/// The longest context below `most`, in steps of 1024 tokens, with which something holds that holds with shorter ones, too; `margin` is that
/// of `most`.
pub(in crate::engine) fn longest_below(
    most: u32,
    margin: Option<i128>,
    with: impl Fn(u32) -> Attempt<()>,
) -> Option<u32> {
    // A cache grows with the context, so what holds at one length holds below it.
    let (shortest, most) = (SHORTEST / 1024, most.div_ceil(1024));
    if shortest >= most {
        return None;
    }
    let least = with(SHORTEST);
    least.answer?;
    let longer = last_between((shortest, least.margin), (most, margin), |count| {
        with(count * 1024)
    });
    Some(longer.map_or(shortest, |(count, ())| count) * 1024)
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
            weights_fit(&input, situation.pool)
                && fits(input.shape(), situation.workload, situation.pool)
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
        fits(input.shape(), situation.workload, &pool)
    })?;
    let gpu = situation.pool.devices.get(tenant.device)?.gpu;
    Some(Fix::FreeProcess {
        gpu,
        pid: tenant.pid,
        name: tenant.name.clone(),
        bytes: tenant.bytes,
    })
}
