//! What drafting takes: tokens are written ahead, by blocks of the model's own for multi-token prediction or by a smaller model, and the model
//! accepts or rejects them all at once.

use super::allocation::{Allocation, Buffers, HostBuffers};
use super::assignment::Assignment;
use super::kv_cache::Cache;
use super::settings::Settings;
use super::shape::Shape;
pub use super::shape::{DraftModel, Drafter};
use super::workload::Workload;
use crate::architecture::{CacheKind, State};
use crate::quantization::{KvCacheType, TensorType};
use crate::units::Bytes;
use crate::weights::Weights;

/// Tokens that a model drafts for another where nobody says how many (Ollama's api/types.go).
pub const DEFAULT_TOKENS: u32 = 4;

/// Sizes that the buffers of a drafter follow from.
#[derive(Clone, Copy, Default)]
struct Drafting {
    weights: Bytes,
    kv_cache: Bytes,
    compute: Bytes,
}

/// Adds what drafting takes: a second context where the output layer lies, and on each device a larger scan of the state. Copies of the state
/// are in the cache already. `drafter` is what a model of its own takes, where such a one drafts.
pub(super) fn draft(
    settings: &Settings<'_>,
    weights: &Weights,
    drafter: Option<&Allocation>,
    gpus: &mut [Buffers],
    host: &mut HostBuffers,
    output: Option<usize>,
) {
    if settings.draft == 0 {
        return;
    }
    let on_gpu = output.is_some();
    let drafting = match drafter {
        Some(allocation) => of_model(allocation),
        None => of_blocks(settings, weights, on_gpu),
    };
    let wider = kept(settings, drafter.is_none());
    for gpu in gpus.iter_mut() {
        gpu.compute += wider;
        gpu.draft = wider;
    }
    match output.and_then(|gpu| gpus.get_mut(gpu)) {
        Some(gpu) => {
            gpu.weights += drafting.weights;
            gpu.kv_cache += drafting.kv_cache;
            gpu.compute += drafting.compute;
            gpu.draft += drafting.weights + drafting.kv_cache + drafting.compute;
        }
        None => {
            host.weights += drafting.weights;
            host.kv_cache += drafting.kv_cache;
            host.compute += drafting.compute;
        }
    }
}

/// The model's own blocks, in a context of their own. Its cache is of 16 bits whatever the model's is (`--spec-draft-type-k`), and its scratch
/// space that of the model's feed-forward networks.
///
/// Logs: qwen3.8:27b at 8192 tokens 32 + 520.06 MiB in batches of 2048, 32 + 130.02 in batches of 512; qwen3.5:2b at 4096 8 + 48.02.
fn of_blocks(settings: &Settings<'_>, weights: &Weights, cuda: bool) -> Drafting {
    let architecture = settings.architecture;
    let settings = Settings {
        keys: TensorType::F16,
        values: TensorType::F16,
        ..*settings
    };
    let full = |layer: &u32| architecture.memory(*layer) == CacheKind::Full;
    let cache = |layer: u32| {
        let cache = Cache::new(&settings, layer, cuda);
        cache.keys + cache.values
    };
    let blocks = 0..architecture.block_count;
    let kv_cache = if architecture.traits.drafts {
        let one = blocks.clone().rev().find(full).map(cache);
        one.unwrap_or_default() * u64::from(architecture.prediction_layers.max(1))
    } else {
        // The engine keeps rows of all blocks for those that it does not know to draft by themselves.
        blocks.clone().map(cache).sum()
    };
    Drafting {
        weights: weights.prediction,
        kv_cache,
        compute: settings.inputs() + settings.moments(blocks).peak(),
    }
}

/// A model that drafts as it is loaded: by itself, whole where the output layer lies.
pub(super) fn alone<'a>(
    model: &'a DraftModel,
    workload: &Workload,
    on_gpu: bool,
) -> (Shape<'a>, Workload, Assignment) {
    let blocks = model.architecture.block_count;
    let assignment = match on_gpu {
        true => Assignment::single(blocks),
        false => Assignment::host(blocks),
    };
    let workload = Workload {
        kv_cache_type: KvCacheType::F16,
        draft: None,
        batch_logits: false,
        ..*workload
    };
    let shape = Shape {
        architecture: &model.architecture,
        weights: &model.weights,
        projector: Bytes::ZERO,
        drafter: Drafter::default(),
    };
    (shape, workload, assignment)
}

/// What a model of its own takes where it lies.
fn of_model(allocation: &Allocation) -> Drafting {
    let host = &allocation.host;
    match allocation.gpus.first() {
        Some(gpu) => Drafting {
            weights: gpu.weights,
            kv_cache: gpu.kv_cache,
            compute: gpu.compute,
        },
        None => Drafting {
            weights: host.weights,
            kv_cache: host.kv_cache,
            compute: host.compute,
        },
    }
}

/// What is kept of a batch: by a scan so that its states can be gone back to, else what the model hands to its own blocks. The log of
/// qwen3.8:27b: 48.1 MiB in batches of 2048, of which this gives 48.0.
fn kept(settings: &Settings<'_>, by_blocks: bool) -> Bytes {
    let hybrid = settings.architecture.recurrent.as_ref();
    let width = match hybrid.map(|hybrid| &hybrid.state) {
        Some(State::Ssm { inner_size, .. }) => *inner_size,
        _ if by_blocks => settings.architecture.embedding_length,
        _ => 0,
    };
    Bytes(4 * u64::from(width)) * settings.batch
}
