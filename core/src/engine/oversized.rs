//! Models that no file of which the GPUs hold, known from the sizes of the files alone: most of what a ranking refuses.

use super::candidates::others;
use super::place::Device;
use super::ranking::{RankingHardware, Request};
use super::scoring::task_points;
use super::workload::Engine;
use crate::architecture::Architecture;
use crate::catalog::model::{Model, Variant};
use crate::catalog::{Catalog, Entry};
use crate::units::Bytes;

/// The least that GPUs hold of a file: all but the rows that are looked up on the host. `None` where size or shape is unknown.
pub(super) fn least_on_gpus(catalog: &Catalog, model: &Model, file: &Variant) -> Option<Bytes> {
    let known = catalog.architecture(model)?;
    Some(file.weights? - known.metadata - rows(&known.shape, file))
}

/// The most that a file can have of rows that are looked up on the host and lie nowhere else: each element in 16 bits, in 32 where its name
/// does not say that it has fewer.
pub(super) fn rows(architecture: &Architecture, file: &Variant) -> Bytes {
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

/// A model whose default file is larger than all GPUs together, and none of whose files the GPUs of one host might hold.
#[derive(Clone, Copy, Debug)]
pub struct Oversized<'a> {
    /// The model with its default file.
    pub entry: Entry<'a>,
    /// Points for the task, as [`Score::task`](super::ranking::Score::task).
    pub task: f64,
    /// Bytes that are missing at the least: of its weights alone.
    pub least_shortfall: Bytes,
}

impl<'a> Oversized<'a> {
    /// The model as one of these. `None` where it may run, and where it does not answer the request at all.
    pub(super) fn new(
        catalog: &Catalog,
        model: &'a Model,
        request: &Request,
        here: &RankingHardware<'_>,
    ) -> Option<Self> {
        let pool = here.pool;
        let default = model.variants.first()?;
        // Memory of a host holds what GPUs do not; vLLM's checkpoints are other files.
        let on_gpus = !pool.devices.is_empty() && pool.hosts.iter().all(Option::is_none);
        if !on_gpus || request.workload.engine == Engine::Vllm {
            return None;
        }
        let trained = model.context_length.unwrap_or(u32::MAX);
        if request.context_asked && trained < request.workload.context_length {
            return None;
        }
        let limits: Bytes = pool.devices.iter().map(Device::limit).sum();
        let least = least_on_gpus(catalog, model, default)?;
        if least <= limits || !others(catalog, model, false, request, here).is_empty() {
            return None;
        }
        let entry = Entry::new(model, default);
        Some(Self {
            entry,
            task: task_points(catalog, entry, request.task),
            least_shortfall: least - pool.devices.iter().map(Device::usable).sum(),
        })
    }
}
