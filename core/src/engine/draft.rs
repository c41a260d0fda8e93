//! What drafting takes: tokens are written ahead, by blocks of the model's own for multi-token prediction or by a smaller model, and the model
//! accepts or rejects them all at once.

use super::allocation::{Buffers, HostBuffers};
use super::compute::Settings;
use super::estimate::{Assignment, Shape, allocate};
use super::kv_cache::Cache;
use super::workload::Workload;
use crate::architecture::{Architecture, CacheKind, State};
use crate::quantization::{KvCacheType, TensorType};
use crate::units::Bytes;
use crate::weights::Weights;

/// Tokens that a model drafts for another where nobody says how many (Ollama's api/types.go).
pub const DEFAULT_TOKENS: u32 = 4;

/// A model that drafts for another.
#[derive(Clone, Debug)]
pub struct DraftModel {
    /// The tag it was named by; of one that came with the model's file, its `general.name`.
    pub tag: String,
    /// Numbers of its blocks, from which its own cache and scratch space follow.
    pub architecture: Architecture,
    /// Bytes of its tensors, which lie beside those of the model.
    pub weights: Weights,
}

/// What drafts for a model: blocks of its own, or a smaller model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drafter<'a> {
    /// `draft_num_predict` of the tag: tokens that are drafted where nothing else is asked.
    pub tokens: u32,
    /// A model of its own; without one the model's own blocks draft, where it has such.
    pub model: Option<&'a DraftModel>,
}

impl Drafter<'_> {
    /// Whether the model's own blocks for multi-token prediction are loaded to draft.
    pub(super) fn loads_blocks(&self, architecture: &Architecture, workload: &Workload) -> bool {
        self.model.is_none() && self.tokens(architecture, workload) > 0
    }

    /// Number of tokens that are drafted ahead in each step; zero where nothing drafts.
    pub(super) fn tokens(&self, architecture: &Architecture, workload: &Workload) -> u32 {
        if self.model.is_some() || architecture.drafts() {
            workload.draft.unwrap_or(self.tokens)
        } else {
            0
        }
    }
}

/// Sizes that the buffers of a drafter follow from.
#[derive(Clone, Copy, Default)]
struct Drafting {
    weights: Bytes,
    kv_cache: Bytes,
    compute: Bytes,
}

/// Adds what drafting takes: a second context where the output layer lies, and on each device a larger scan of the state. Copies of the state
/// are in the cache already.
pub(super) fn draft(
    settings: &Settings<'_>,
    workload: &Workload,
    shape: Shape<'_>,
    gpus: &mut [Buffers],
    host: &mut HostBuffers,
    output: Option<usize>,
) {
    if settings.draft == 0 {
        return;
    }
    let on_gpu = output.is_some();
    let drafting = match shape.drafter.model {
        Some(model) => of_model(model, workload, on_gpu),
        None => of_blocks(settings, shape.weights, on_gpu),
    };
    let wider = kept(settings, shape.drafter.model.is_none());
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

/// A model of its own, whole where the output layer lies.
fn of_model(model: &DraftModel, workload: &Workload, on_gpu: bool) -> Drafting {
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
    let allocation = allocate(shape, &workload, &assignment);
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
