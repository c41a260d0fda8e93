//! What each block keeps of the past: keys and values, indexers, compressed rows, states.
//!
//! Source: `llama-kv-cache.cpp` and its kin (`-iswa`, `-dsa`, `-dsv4`) and `llama-memory-recurrent.cpp` of llama.cpp; the engine's own plans.

use crate::architecture::{CacheKind, Compressed};
use crate::quantization::TensorType;
use crate::units::Bytes;

use super::build::Graph;
use super::settings::Settings;
use super::workload::padded;

/// Rows of a quantised cache are padded to this many elements on CUDA (`MATRIX_ROW_PADDING`).
const MATRIX_ROW_PADDING: u64 = 512;
/// Alignment of a tensor on CUDA.
const ALIGNMENT: u64 = 128;

/// What one block keeps of the past.
#[derive(Clone, Copy, Default)]
pub(super) struct Cache {
    pub(super) keys: Bytes,
    pub(super) values: Bytes,
    /// States, and the rows of an unfinished compression.
    pub(super) recurrent: Bytes,
}

impl Cache {
    pub(super) fn total(&self) -> Bytes {
        self.keys + self.values + self.recurrent
    }

    pub(super) fn new(settings: &Settings<'_>, layer: u32, cuda: bool) -> Self {
        let architecture = settings.architecture;
        let mut cache = Self::default();
        if architecture.carries_state(layer) {
            // Before each drafted token the state is kept, to go back to where the draft is rejected.
            let copies = settings
                .parallel
                .saturating_mul(1 + u64::from(settings.draft));
            cache.recurrent = state(architecture.state_elements(), copies);
        }
        let cells = match architecture.memory(layer) {
            CacheKind::Full => settings.cells,
            CacheKind::Window => settings.window_cells().unwrap_or(settings.cells),
            CacheKind::State | CacheKind::Nothing => return cache,
        };
        let rows = |kind, row, cells| tensor(kind, row, cells * settings.parallel, cuda);
        let (key, value) = architecture.cache_rows(layer);
        cache.keys = rows(settings.keys, key, cells);
        // Transposed values of every block are as wide as the widest block's.
        let value = if settings.transposed && value > 0 {
            settings.widest_value()
        } else {
            value
        };
        cache.values = rows(settings.values, value, cells);
        let indexer = architecture.indexer.as_ref();
        if let Some(indexer) = indexer.filter(|indexer| indexer.layers.contains(layer)) {
            // One row with the keys; where there are two, the other with the values.
            let row = u64::from(indexer.key_length);
            cache.keys += rows(settings.keys, row, cells);
            cache.values +=
                rows(settings.values, row, cells) * u64::from(indexer.rows.saturating_sub(1));
        }
        if let Some(compressed) = &architecture.compressed {
            let ratio = u64::from(compressed.ratio(layer));
            if ratio > 0 {
                let cells = padded(settings.cells.div_ceil(ratio).max(1));
                let index = u64::from(compressed.indexer_key_length);
                cache.keys += rows(settings.keys, key, cells);
                // Sums and scores of the rows in the making; overlapping windows keep two of each.
                let mut making = 2 * ratio * key;
                if compressed.ratio(layer) == Compressed::OVERLAPPING {
                    cache.keys += rows(settings.keys, index, cells);
                    making = 2 * (2 * ratio) * (2 * key + 2 * index);
                }
                cache.recurrent += state(making, settings.parallel);
            }
        }
        cache
    }
}

/// Bytes of a state of 32-bit floats, one a slot.
fn state(elements: u64, parallel: u64) -> Bytes {
    Bytes(elements.saturating_mul(4).saturating_mul(parallel))
}

/// Bytes of a tensor of `cells` rows. CUDA pads the end of a quantised one whose rows are not whole multiples of 512 elements.
fn tensor(kind: TensorType, row: u64, cells: u64, cuda: bool) -> Bytes {
    let bytes = kind.bytes(row) * cells;
    let rest = row % MATRIX_ROW_PADDING;
    if cuda && kind.is_quantised() && row > 0 && rest > 0 {
        (bytes + kind.bytes(MATRIX_ROW_PADDING - rest)).round_up(ALIGNMENT)
    } else {
        bytes
    }
}

/// What older builds keep for blocks of multi-token prediction that they do not load.
pub(super) fn prediction_cache(settings: &Settings<'_>, cuda: bool) -> Bytes {
    let architecture = settings.architecture;
    let keeps = architecture.traits.prediction_cache && settings.graph == Graph::B10488;
    match architecture.block_count.checked_sub(1) {
        Some(last) if keeps => {
            let one = Cache::new(settings, last, cuda);
            one.total() * u64::from(architecture.prediction_layers)
        }
        _ => Bytes::ZERO,
    }
}
