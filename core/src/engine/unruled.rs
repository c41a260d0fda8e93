//! What no rule tells: by how much the scratch space of an arrangement may be more than what is estimated for it.
//!
//! Where the host holds a part, the engine's allocator places what a GPU fetches among what it computes with, and the gaps that this
//! leaves follow from the order of a whole graph. So the estimate is near the engine's plan and the margin covers what was seen beyond it:
//! 9,000 plans of b10361, b10864, b11351 and b11413 with CUDA's own code, 67 files on one to four GPUs.

use super::allocation::Buffers;
use super::assignment::Assignment;
use super::compute::PeakStages;
use super::fetch::OffloadFetch;
use super::settings::Settings;
use crate::architecture::{Architecture, CacheKind, FeedForward, Known, State};
use crate::units::Bytes;

/// By how much all GPUs together may need more.
pub(super) fn unruled(
    settings: &Settings<'_>,
    gpus: &[Buffers],
    assignment: &Assignment,
    left: &OffloadFetch,
) -> Bytes {
    let architecture = settings.architecture;
    let computed: Bytes = gpus.iter().map(|gpu| gpu.compute).sum();
    if gpus.is_empty() {
        return Bytes::ZERO;
    }
    if !left.is_empty() || assignment.output.is_none() {
        let share = computed.scale(share(settings), 100);
        let gaps = gaps(settings, computed).filter(|_| gpus.len() == 1);
        // With experts alone on the host also the place of a second and third matrix.
        let gaps = gaps.map_or(share, |gaps| gaps.min(share));
        return gaps + left.next_matrices(settings) + decays(settings) * gpus.len() as u64;
    }
    if settings.attends_on_host && architecture.is_encoder() {
        // EmbeddingGemma with keys and values of different types: 18 of 63 MiB.
        return computed.scale(1, 2);
    }
    let count = gpus.len() as u64;
    let past = compressed_past(settings, gpus.len()) + decays(settings) * count;
    let extra = extra_with_copies(settings);
    if let [gpu] = gpus {
        // Less is within what is called exact.
        let counts = extra > gpu.weights.scale(1, 100);
        return past + if counts { extra } else { Bytes::ZERO };
    }
    past + extra * count + across_gpus(settings, computed, count)
}

/// How much each token of a batch forgets of each other, for every head, in linear attention without a convolution (MiniMax 01): as it is fed,
/// raised, turned round, and beside the scores.
fn decays(settings: &Settings<'_>) -> Bytes {
    let hybrid = settings.architecture.recurrent.as_ref();
    let Some(State::Ssm {
        conv_kernel: 1,
        inner_size,
        state_size,
        ..
    }) = hybrid.map(|hybrid| &hybrid.state)
    else {
        return Bytes::ZERO;
    };
    let heads = u64::from(inner_size / (*state_size).max(1));
    let tokens = settings.batch.saturating_mul(settings.batch);
    Bytes(tokens.saturating_mul(16 * heads))
}

/// What lies beside copies of a cache on each GPU. Keys that are no blocks are not rotated, which leaves a query or an embedding more there,
/// two in Gemma 4 and four in mixtures; a mixture whose queries are wider than its embedding (qwen3:30b) has eight embeddings. Where query,
/// key and value come from one matrix and scores lie in memory, blocks of keys are rotated beside all of it.
fn extra_with_copies(settings: &Settings<'_>) -> Bytes {
    let architecture = settings.architecture;
    if settings.attends_on_host || architecture.is_encoder() {
        return Bytes::ZERO;
    }
    let query = u64::from(architecture.head_count.max()) * u64::from(architecture.key_length);
    let blocks = settings.keys.is_quantised();
    let mixes = architecture.experts.is_some();
    let is_wide = query > u64::from(architecture.embedding_length) && !settings.is_old();
    if !settings.flash_attention {
        let rotated = architecture.traits.fused_qkv && blocks;
        return match (rotated, mixes && is_wide) {
            (true, _) => settings.widest(query) * 4,
            // Trinity Mini 11.3 in b11351.
            (false, true) => settings.embeddings(12),
            (false, false) => Bytes::ZERO,
        };
    }
    match (settings.is_copied(), blocks, mixes) {
        (true, false, false) => settings.widest(query) * 2,
        (true, false, true) => (settings.widest(query) * 4).max(settings.embeddings(8)),
        (true, true, true) if is_wide => settings.embeddings(8),
        _ => Bytes::ZERO,
    }
}

/// What GPUs that hold the whole model keep beyond the rules for several.
fn across_gpus(settings: &Settings<'_>, computed: Bytes, gpus: u64) -> Bytes {
    let architecture = settings.architecture;
    let flash = settings.flash_attention;
    let copies = flash && settings.is_copied();
    let moments = || settings.moments(0..architecture.block_count);
    let mut bytes = Bytes::ZERO;
    if architecture.traits.parts_room && (copies || !flash) {
        bytes += moments().feed_forward * gpus;
    }
    let query = u64::from(architecture.head_count.max()) * u64::from(architecture.key_length);
    if copies && query > u64::from(architecture.embedding_length) {
        // A query wider than the embedding leaves a gap of one, and some bytes (Ernie, qwen3:0.6b).
        bytes += settings.embeddings(2) * gpus;
    }
    if copies && architecture.shared_kv_layers > 0 && !architecture.is_encoder() {
        // Each block that shares a cache copies it for itself (gemma4:e4b).
        bytes += computed;
    }
    let Some(mla) = &architecture.mla else {
        return bytes;
    };
    // What latent attention leaves parts the room of the experts, which shows where they need the most (DeepSeek V2 Lite).
    let shows = |moments: PeakStages| moments.attention < moments.feed_forward.scale(4, 3);
    if !mla.latent_cache || settings.attends_on_host || shows(moments()) {
        bytes += settings.embeddings(10) * gpus;
    }
    if !mla.latent_cache && copies {
        bytes += computed.scale(1, 2);
    }
    if mla.latent_cache && architecture.indexer.is_some() {
        // Which cells each block attends to, as wide as its scores, four times (deepseek-v3.2).
        let cells = settings.cells * u64::from(architecture.block_count);
        bytes += Bytes((16 * settings.batch).saturating_mul(cells));
    }
    bytes
}

/// Scores, or a mask, of a compressed past; on several GPUs that of every block, four times (deepseek-v4).
fn compressed_past(settings: &Settings<'_>, gpus: usize) -> Bytes {
    let architecture = settings.architecture;
    if architecture.compressed.is_none() {
        return Bytes::ZERO;
    }
    let rows = match (gpus, settings.flash_attention) {
        (1, true) => 1,
        (1, false) => u64::from(architecture.head_count.max()).saturating_mul(5) / 4,
        (_, true) => 4 * u64::from(architecture.block_count),
        // 8.1 were seen.
        (_, false) => 10 * u64::from(architecture.block_count),
    };
    Bytes((settings.cells * rows).saturating_mul(settings.batch))
}

/// What the gaps of a GPU's graph take at most where blocks of plain attention and one network each are on the host. A gap is there because a
/// tensor found no place in it, and what comes and goes beside a network is as wide as an embedding, a query or their projection: in 2,900
/// plans of 24 files never more than 3.2 of the widest, 3.4 where scores lie in memory, and of copies a hundredth of all.
fn gaps(settings: &Settings<'_>, computed: Bytes) -> Option<Bytes> {
    let architecture = settings.architecture;
    let traits = &architecture.traits;
    let mixes = architecture.experts.is_some() || architecture.recurrent.is_some();
    let plain = architecture.mla.is_none()
        && architecture.compressed.is_none()
        && !architecture.is_encoder()
        && !traits.parallel_residual
        && !traits.batch_logits
        && !traits.biased_scores
        && !traits.sinks;
    if mixes || !plain || traits.known != Known::Exact {
        return None;
    }
    let query = u64::from(architecture.head_count.max()) * u64::from(architecture.key_length);
    let (key, value) = architecture.cache_rows(0);
    let projected = if traits.fused_qkv { key + value } else { 0 };
    let widest = settings.widest(query + projected);
    let copies = match settings.is_copied() {
        true => computed.scale(2, 100),
        false => Bytes::ZERO,
    };
    Some(match settings.flash_attention {
        true => widest * 4 + copies,
        false => widest * 5 + copies,
    })
}

/// By how much more than estimated the plans took with blocks on the host, in percent: the most that was seen of a kind, and a little.
fn share(settings: &Settings<'_>) -> u64 {
    let architecture = settings.architecture;
    let traits = &architecture.traits;
    let flash = settings.flash_attention;
    let copies = flash && settings.is_copied();
    let gaps = architecture.recurrent.is_some() || architecture.is_encoder();
    if architecture.compressed.is_some() && !flash {
        // deepseek-v4 with 19 of 43 blocks on a GPU 477.
        600
    } else if traits.sinks && !flash {
        // gpt-oss 96.
        100
    } else if architecture.mla.is_some()
        || traits.batch_logits
        || traits.parallel_residual && copies
        || gaps && (copies || !flash)
    {
        // A latent cache in 4 bits 42, EmbeddingGemma 40, qwen3.5:9b 35, Falcon 34.
        50
    } else if gaps || architecture.experts.is_some() {
        // Granite's mixture 18, qwen3.6:35b 15.
        25
    } else if copies || !flash || traits.feed_forward == FeedForward::Plain {
        // nemotron-mini 16, Starcoder2 14.
        20
    } else {
        // qwen2.5vl:7b 12, glm4:9b 7.
        15
    }
}

/// Whether the engine turns flash attention off by itself: in a hybrid where the host attends and the next block that mixes carries a state
/// on a GPU. That state's nodes come before the attention in the graph and draw it to the GPU, which the engine takes for a missing kernel
/// (`Flash Attention was auto, set to disabled`; LFM2, Nemotron-H, PLaMo 2). Gated delta nets order them otherwise.
pub(super) fn parts_attention(architecture: &Architecture, assignment: &Assignment) -> bool {
    let hybrid = architecture.recurrent.is_some() && !architecture.traits.gated_query;
    if !hybrid || assignment.blocks.iter().all(Option::is_some) {
        return false;
    }
    let mut host_attended = false;
    for (layer, place) in (0..architecture.block_count).zip(&assignment.blocks) {
        match architecture.memory(layer) {
            CacheKind::Full | CacheKind::Window => host_attended = place.is_none(),
            CacheKind::State if host_attended && place.is_some() => return true,
            CacheKind::State => host_attended = false,
            CacheKind::Nothing => {}
        }
    }
    false
}
