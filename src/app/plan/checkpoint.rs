//! `--engine vllm`: which checkpoint stands for a tag, and on which GPUs it can be served.

use super::super::hardware::Hardware;
use super::super::session::Session;
use super::wanted;
use crate::catalog::checkpoint::Checkpoint;
use crate::catalog::gpu::Vendor;
use crate::catalog::{Entry, similar};
use crate::engine::estimate_input::{Basis, EstimateInput};
use crate::engine::layout;
use crate::engine::place::{GpuPool, Verdict, place};
use crate::engine::workload::{Engine, FlashAttention, Workload};
use crate::error::Error;
use crate::quantization::KvCacheType;
use crate::report::GpuReport;
use crate::units::Bytes;

/// Older GPUs have no kernels of vLLM's.
const LEAST_CAPABILITY: f64 = 7.5;
/// By how much its rule may be too small, besides a part of the weights.
const DOUBT: Bytes = Bytes::mib(512);

/// A checkpoint, as the planner sees it.
pub(super) struct Chosen<'a> {
    pub checkpoint: &'a Checkpoint,
    pub input: EstimateInput<'a>,
    pub workload: Workload,
}

/// Of a model's checkpoints the one that takes the fewest GPUs where nothing else is, of equals the best; where none fits, the smallest.
///
/// # Errors
/// [`Error::NoCheckpoint`] if none is known that vLLM can load, and where its GPUs or the cache's type are none of vLLM's.
pub(super) fn chosen<'a>(
    session: &'a Session,
    hardware: &Hardware,
    entry: Entry<'a>,
    workload: Workload,
) -> Result<Chosen<'a>, Error> {
    let vllm = &session.catalog.knowledge.vllm;
    let own = session.catalog.architecture(entry.model);
    let own = own.filter(|own| vllm.knows(&own.shape.name));
    let none = || {
        let tags = vllm.checkpoint.iter().map(|one| one.model.as_str());
        Error::NoCheckpoint {
            tag: entry.tag.to_owned(),
            candidates: similar(entry.tag, tags),
        }
    };
    let own = own.ok_or_else(none)?;
    if workload.kv_cache_type != KvCacheType::F16 {
        return Err(Error::UnknownChoice {
            argument: "--engine vllm: --kv-cache-type".to_owned(),
            value: workload.kv_cache_type.label().to_owned(),
            choices: vec![KvCacheType::F16.label().to_owned()],
            candidates: Vec::new(),
        });
    }
    let pool = served(hardware)?;
    let mut best: Option<(usize, Chosen<'a>)> = None;
    for checkpoint in vllm.of(&entry.model.name) {
        let workload = Workload {
            engine: Engine::Vllm,
            weight_group: checkpoint.format.group(),
            flash_attention: FlashAttention::On,
            batch: None,
            ..workload
        };
        let weights = layout::of_size(&own.shape, "F16", checkpoint.bytes).ok_or_else(none)?;
        let input = EstimateInput {
            architecture: std::borrow::Cow::Borrowed(&own.shape),
            weights,
            projector: Bytes::ZERO,
            basis: Basis::Computed,
            rounding: checkpoint.bytes.scale(2, 100) + DOUBT,
            draft: 0,
            draft_model: None,
        };
        let placement = place(input.shape(), &workload, &pool);
        let gpus = match placement.verdict {
            Verdict::Fits => placement.shares.len(),
            _ => usize::MAX,
        };
        let chosen = Chosen {
            checkpoint,
            input,
            workload,
        };
        // Of those that fit nowhere the smallest is the last one.
        let better = |(other, _): &(usize, Chosen<'a>)| gpus < *other || *other == usize::MAX;
        if best.as_ref().is_none_or(better) {
            best = Some((gpus, chosen));
        }
    }
    best.map(|(_, chosen)| chosen).ok_or_else(none)
}

/// Whether vLLM is planned on a GPU.
pub(super) fn serves(gpu: &GpuReport) -> bool {
    let capability = gpu.compute_capability.as_deref();
    let capability = capability.and_then(|text| text.parse().ok());
    gpu.vendor == Vendor::Nvidia && capability.is_none_or(|it: f64| it >= LEAST_CAPABILITY)
}

/// The GPUs on which it is.
fn served(hardware: &Hardware) -> Result<GpuPool, Error> {
    let mut pool = hardware.pool.clone();
    let mut at = 0;
    pool.devices.retain(|_| {
        at += 1;
        serves(wanted::place(hardware, at - 1).1)
    });
    if pool.devices.is_empty()
        && let Some(gpu) = hardware
            .report
            .hosts
            .iter()
            .flat_map(|host| &host.gpus)
            .next()
    {
        return Err(Error::Conflict {
            argument: "--engine vllm".to_owned(),
            other: gpu.name.clone(),
        });
    }
    Ok(pool)
}
