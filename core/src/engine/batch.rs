//! How many tokens an engine evaluates at once where nobody says: what Ollama picks by the memory that it predicts, and what `llama-server` does.
//!
//! Read from Ollama 0.33 (llm/llama_server.go).

use super::shape::Shape;
use super::workload::{Engine, FlashAttention, UBATCH, Workload};
use crate::units::Bytes;

/// The part of free memory that a prediction may fill, in percent.
pub(super) const FULL: u64 = 80;
/// The parts up to which a large and a medium batch are used, in percent.
const ROOM_FOR_LARGE: u64 = 60;
const ROOM_FOR_MEDIUM: u64 = 75;

/// What Ollama believes a model needs (`PredictServerVRAM`): the file and a 16-bit cache, the head size guessed from the embedding.
pub fn predicted(shape: Shape<'_>, file: Bytes, total_context: u64) -> Bytes {
    let architecture = shape.architecture;
    let kv_heads = u64::from(architecture.head_count_kv.min().max(1));
    let head =
        u64::from(architecture.embedding_length) / u64::from(architecture.head_count.max().max(1));
    file + Bytes(4 * u64::from(architecture.block_count) * kv_heads * head) * total_context
}

/// The batch that Ollama picks where none is set: by the context, smaller where memory is short.
fn automatic_batch(
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
pub(super) fn batch_surcharge(batch: u32) -> Bytes {
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

/// The workload with the batch that Ollama would use on devices with so much free memory.
pub(super) fn with_automatic_batch(
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

/// The workload with the batch that `llama-server` needs: an encoder sees a text whole or not at all.
pub(super) fn with_own_batch(shape: Shape<'_>, workload: &Workload) -> Workload {
    let own = if shape.architecture.is_encoder() {
        workload.context_length.max(UBATCH)
    } else {
        UBATCH
    };
    Workload {
        batch: workload.batch.or(Some(own)),
        ..*workload
    }
}
