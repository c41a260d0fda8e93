//! What a workload comes to for one model under one build: the numbers that caches and scratch space are counted from.

use super::allocation::Cells;
use super::build::Graph;
use super::workload::padded;
use crate::architecture::{Architecture, Forms, Mla};
use crate::quantization::TensorType;

/// The settings that buffers depend on, resolved for one model.
pub(super) struct Settings<'a> {
    pub(super) architecture: &'a Architecture,
    /// What sets each block apart, by position.
    pub(super) forms: &'a Forms,
    pub(super) graph: Graph,
    /// Requests served at once, each in a slot with cells of its own.
    pub(super) parallel: u64,
    /// Tokens that one slot's cache holds (llama.cpp calls them cells), padded.
    pub(super) cells: u64,
    /// Tokens evaluated at once (`n_ubatch`).
    pub(super) ubatch: u64,
    /// Tokens of the largest graph that is laid out: as many for each slot.
    pub(super) batch: u64,
    /// Tokens that are drafted before the model checks them; zero without drafting.
    pub(super) draft: u32,
    /// Type in which keys are cached.
    pub(super) keys: TensorType,
    /// Type in which values are cached.
    pub(super) values: TensorType,
    pub(super) flash_attention: bool,
    /// Whether the host attends, for want of a kernel.
    pub(super) attends_on_host: bool,
    /// Whether several GPUs hold the whole model and work at once.
    pub(super) pipelined: bool,
    /// Whether values are cached transposed: where flash attention is off from the start.
    pub(super) transposed: bool,
}

impl Settings<'_> {
    /// Whether the graph is that of the oldest builds that are known.
    pub(super) fn is_old(&self) -> bool {
        self.graph == Graph::B10488
    }

    /// Whether keys or values are kept in fewer than 16 bits.
    pub(super) fn is_quantised(&self) -> bool {
        self.keys.is_quantised() || self.values.is_quantised()
    }

    /// Whether flash attention reads 16-bit copies of keys or values, as CUDA's kernels want them.
    pub(super) fn is_copied(&self) -> bool {
        self.keys != TensorType::F16 || self.values != TensorType::F16
    }

    /// The latent of a model whose cache holds it.
    pub(super) fn latent(&self) -> Option<&Mla> {
        self.architecture
            .mla
            .as_ref()
            .filter(|mla| mla.latent_cache)
    }

    /// The cells of all slots, where the whole context is kept.
    pub(super) fn all_cells(&self) -> Cells {
        Cells {
            count: self.cells.saturating_mul(self.parallel),
            keys: self.keys,
            values: self.values,
        }
    }

    /// Tokens that the cache of a sliding window holds; `None` where no block has one.
    pub(super) fn window_cells(&self) -> Option<u64> {
        let sliding = self.architecture.sliding.as_ref()?;
        // A batch is written beside the tokens that its first one still sees (llama-kv-cache-iswa.cpp).
        let seen = u64::from(sliding.window) + self.ubatch;
        Some(padded(self.cells.min(seen)))
    }

    /// Elements of the widest value row: without flash attention the engine gives every block's cache that width.
    pub(super) fn widest_value(&self) -> u64 {
        let blocks = (0..).zip(self.forms.iter());
        let attending = blocks.filter(|(_, form)| form.attends());
        let values = attending.map(|(layer, _)| self.architecture.cache_rows(layer).1);
        values.max().unwrap_or(0)
    }
}
