//! For which heads and cache types CUDA has a flash-attention kernel.

use super::build::Graph;
use crate::architecture::{Architecture, CacheKind};
use crate::quantization::{KvCacheType, TensorType};

/// Lengths of heads, of keys and values alike, that need no grouped queries.
const HEADS: [u32; 8] = [40, 64, 72, 80, 96, 112, 128, 256];

/// Whether the engine has a kernel for every block of this model and these types (`ggml_cuda_get_best_fattn_kernel` of `fattn.cu`).
pub(super) fn has_kernel(architecture: &Architecture, cache: KvCacheType, graph: Graph) -> bool {
    if architecture.traits.biased_scores {
        // It attends without one, on the GPU.
        return true;
    }
    if !architecture.traits.flash_attention || !for_types(cache, graph) {
        return false;
    }
    if let Some(mla) = &architecture.mla {
        let heads = architecture.head_count.max();
        return if mla.latent_cache {
            let key = mla.kv_lora_rank.saturating_add(mla.rope);
            // The latent is the one key of all heads.
            for_heads(key, mla.kv_lora_rank, heads)
        } else {
            // Expanded, every head has a key of its own.
            for_heads(mla.nope.saturating_add(mla.rope), mla.value, 1)
        };
    }
    // Most models have the same common lengths everywhere.
    let every = [CacheKind::Full, CacheKind::Window].map(|kind| architecture.head_lengths_of(kind));
    if every.iter().all(|(key, value)| for_heads(*key, *value, 1)) {
        return true;
    }
    (0..architecture.block_count).all(|layer| {
        let memory = architecture.memory(layer);
        let heads = architecture.head_count.get(layer);
        if !matches!(memory, CacheKind::Full | CacheKind::Window) || heads == 0 {
            return true;
        }
        let (key, value) = architecture.head_lengths(layer);
        let grouped = heads / architecture.head_count_kv.get(layer).max(1);
        for_heads(key, value, grouped)
    })
}

/// Whether there is a kernel for heads of such lengths, with so many queries to a key.
const fn for_heads(key: u32, value: u32, grouped: u32) -> bool {
    match (key, value) {
        (512, 512) | (576, 512) => grouped > 1,
        (192, 128) => grouped.is_multiple_of(8),
        (320, 256) => grouped.is_multiple_of(32),
        _ => {
            let mut at = 0;
            while at < HEADS.len() {
                if HEADS[at] == key && key == value {
                    return true;
                }
                at += 1;
            }
            false
        }
    }
}

/// Whether a build with its usual kernels (without `GGML_CUDA_FA_ALL_QUANTS`) has one for these types. Older builds want keys and values
/// alike, and of few types; from b11349 on what has no kernel is copied into 16 bits for another.
fn for_types(cache: KvCacheType, graph: Graph) -> bool {
    let (keys, values) = (cache.keys(), cache.values());
    if graph >= Graph::B11413 {
        return keys != TensorType::IQ4_NL && values != TensorType::IQ4_NL;
    }
    keys == values
        && matches!(
            keys,
            TensorType::F32
                | TensorType::F16
                | TensorType::BF16
                | TensorType::Q8_0
                | TensorType::Q4_0
        )
}
