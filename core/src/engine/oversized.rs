//! Models no file of which the GPUs hold, known without a placement, mostly from the sizes of the files alone: most of what a ranking refuses. And which files of a
//! model are worth a look.

use super::place::{Device, GpuPool};
use super::ranking::{Oversized, RankingHardware, Request};
use super::scoring::task_points;
use super::workload::Engine;
use crate::architecture::Architecture;
use crate::catalog::model::{Model, Variant};
use crate::catalog::{Catalog, Entry};
use crate::request::Priority;
use crate::units::Bytes;

/// The least that GPUs hold of a file: all but the rows that are looked up on the host. `None` where size or shape is unknown.
pub(super) fn least_on_gpus(catalog: &Catalog, model: &Model, file: &Variant) -> Option<Bytes> {
    let known = catalog.architecture(model)?;
    Some(file.weights? - known.metadata - rows(&known.shape, file))
}

/// The most that a file can have of rows that are looked up on the host and lie nowhere else: each element in 16 bits, in 32 where its name
/// does not say that it has fewer.
fn rows(architecture: &Architecture, file: &Variant) -> Bytes {
    let element = match file.quantization.as_deref() {
        None | Some("F32") => 4,
        Some(_) => 2,
    };
    let width = match architecture.tied_embeddings {
        true => 0,
        false => architecture.embedding_length.into(),
    };
    let a_block = u64::from(architecture.embedding_length_per_layer_input);
    let width = width + a_block * u64::from(architecture.block_count);
    Bytes(element * width * u64::from(architecture.vocabulary_size))
}

impl<'a> Oversized<'a> {
    /// The model as one of these. `None` where it may run, and where it does not answer the request at all.
    pub(super) fn new(
        catalog: &Catalog,
        model: &'a Model,
        request: &Request,
        here: &RankingHardware<'_>,
    ) -> Option<Self> {
        Self::by_default(catalog, model, request, here)
            .filter(|_| others(catalog, model, false, request, here).is_empty())
    }

    /// The same, whatever becomes of its other files.
    pub(super) fn by_default(
        catalog: &Catalog,
        model: &'a Model,
        request: &Request,
        here: &RankingHardware<'_>,
    ) -> Option<Self> {
        let limits: Bytes = here.pool.devices.iter().map(Device::limit).sum();
        let default = model.variants.first()?;
        let least = least_on_gpus(catalog, model, default)?;
        (least > limits).then(|| Self::refused(catalog, model, request, here))?
    }

    /// A model of which it was found that no file lies whole on the GPUs. `None` where a part of it may lie in memory, and where it does not
    /// answer the request at all.
    pub(super) fn refused(
        catalog: &Catalog,
        model: &'a Model,
        request: &Request,
        here: &RankingHardware<'_>,
    ) -> Option<Self> {
        let pool = here.pool;
        // Memory of a host holds what GPUs do not; vLLM's checkpoints are other files.
        let on_gpus = !pool.devices.is_empty() && pool.hosts.iter().all(Option::is_none);
        if !on_gpus || request.workload.engine == Engine::Vllm {
            return None;
        }
        let trained = model.context_length.unwrap_or(u32::MAX);
        if request.context_asked && trained < request.workload.context_length {
            return None;
        }
        let default = model.variants.first()?;
        let least = least_on_gpus(catalog, model, default)?;
        let entry = Entry::new(model, default);
        Some(Self {
            entry,
            task: task_points(catalog, entry, request.task),
            least_shortfall: least - pool.devices.iter().map(Device::usable).sum(),
        })
    }
}

/// The other files that are worth a look, the largest first: where the default fits, those that lose less, or for speed read less; else all
/// that are smaller.
pub(super) fn others<'a>(
    catalog: &Catalog,
    model: &'a Model,
    fits: bool,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Vec<&'a Variant> {
    let Some((default, variants)) = model.variants.split_first() else {
        return Vec::new();
    };
    let most = largest_host(here.pool);
    let known_memory = here.pool.hosts.iter().any(Option::is_some);
    // What lies on no GPU: a part of the file where memory is known, else what is looked up there.
    let known = catalog.architecture(model).filter(|_| !known_memory);
    let beside = |file: &Variant| known.map_or(most, |known| rows(&known.shape, file).min(most));
    let wanted = |variant: &&Variant| {
        let Some(bytes) = variant.weights else {
            return false;
        };
        let named = |names: &[&str]| {
            let name = variant.quantization.as_deref().unwrap_or_default();
            names.contains(&name)
        };
        let smaller = Some(bytes) < default.weights;
        match request.effective_priority() {
            _ if !fits => smaller && bytes <= most + beside(variant),
            Priority::Speed => smaller && named(&["Q4_K_S", "IQ4_XS", "Q4_0", "Q3_K_M"]),
            _ => !smaller && bytes <= most && named(&["Q8_0", "Q6_K"]),
        }
    };
    let mut others: Vec<&Variant> = variants.iter().filter(wanted).collect();
    others.sort_by_key(|variant| (std::cmp::Reverse(variant.weights), &variant.tag));
    others
}

/// The memory of the largest host's GPUs, of its own where there are none: files far beyond it need no look.
pub(super) fn largest_host(pool: &GpuPool) -> Bytes {
    if pool.devices.is_empty() {
        return pool
            .hosts
            .iter()
            .flatten()
            .copied()
            .max()
            .unwrap_or_default();
    }
    let mut limits = vec![Bytes::ZERO; pool.hosts.len().max(1)];
    for device in &pool.devices {
        if let Some(limit) = limits.get_mut(device.host as usize) {
            *limit += device.limit();
        }
    }
    limits.into_iter().max().unwrap_or_default()
}
