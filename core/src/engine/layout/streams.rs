//! What Gemma 3n has besides: streams that small matrices mix, a low-rank branch, and what leads to each block's rows of embeddings.

use super::habit::Habit;
use super::scheme::Scheme;
use crate::quantization::TensorType as T;
use crate::units::Bytes;

/// Elements that a block's own row of embeddings has.
fn row(scheme: &Scheme<'_>) -> u64 {
    u64::from(scheme.architecture.embedding_length_per_layer_input)
}

fn width(scheme: &Scheme<'_>) -> u64 {
    u64::from(scheme.architecture.embedding_length)
}

/// `llama-quant.cpp` leaves these in 16 bits.
fn small(scheme: &Scheme<'_>, columns: u64, rows: u64) -> Bytes {
    let kind = match scheme.habit {
        Habit::NarrowStreams => scheme.base,
        _ => T::F16,
    };
    scheme.matrix(kind, columns, rows)
}

/// Tokens that have a row for each block: Gemma 3n's for sounds and pictures have none (`vocab_size_per_layer_input`).
pub(super) fn tokens(scheme: &Scheme<'_>) -> u64 {
    let vocabulary = u64::from(scheme.architecture.vocabulary_size);
    let streams = scheme.architecture.traits.streams;
    streams.map_or(vocabulary, |streams| vocabulary.min(streams.rows.into()))
}

/// Outside blocks: what makes the other streams of one and one of all, and what leads from the embedding to the blocks' rows.
pub(super) fn output(scheme: &Scheme<'_>) -> Bytes {
    let Some(streams) = scheme.architecture.traits.streams else {
        return Bytes::ZERO;
    };
    let (d, row) = (width(scheme), row(scheme));
    let blocks = u64::from(scheme.architecture.block_count);
    let others = u64::from(streams.count).saturating_sub(1);
    small(scheme, d, d * 2 * others) + small(scheme, d, row * blocks) + T::F32.bytes(row)
}

/// In each block: a gate and a projection for its row, the branch, the router among streams, and their norms.
pub(super) fn block(scheme: &Scheme<'_>) -> Bytes {
    let Some(streams) = scheme.architecture.traits.streams else {
        return Bytes::ZERO;
    };
    let (d, row) = (width(scheme), row(scheme));
    let (count, rank) = (u64::from(streams.count), u64::from(streams.rank));
    scheme.matrix(scheme.base, d, row)
        + scheme.matrix(scheme.base, row, d)
        + small(scheme, d, rank)
        + small(scheme, rank, d)
        + small(scheme, d, count)
        + T::F16.bytes(count * count + count * count * count)
        // After the row, after the branch, of the router, and the scale of what is corrected.
        + T::F32.bytes(4 * d)
}
