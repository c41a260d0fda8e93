//! The scratch space of a batch: what the engine's graph keeps alive at once, in closed form.
//!
//! llama.cpp plans its compute buffers by laying out the whole graph; the largest moment of a block decides. The moments below are the
//! feed-forward network, the choice among experts, and attention. They were read off the engine's own plans (see `engine/estimate.rs`);
//! the terms that look odd are holes which its allocator cannot fill.

use crate::architecture::{Architecture, Form, Memory, Mla, State};
use crate::quantization::TensorType;
use crate::units::Bytes;

use super::workload::{Build, padded};

/// The settings that buffers depend on, resolved for one model.
pub(super) struct Settings<'a> {
    pub(super) architecture: &'a Architecture,
    /// The form of every block.
    pub(super) forms: &'a [Form],
    pub(super) build: Build,
    /// Slots.
    pub(super) parallel: u64,
    /// Cells of one slot.
    pub(super) cells: u64,
    /// Tokens evaluated at once.
    pub(super) batch: u64,
    /// The type of keys and values.
    pub(super) cache: TensorType,
    pub(super) flash_attention: bool,
    /// Whether values are cached transposed: where flash attention is off from the start.
    pub(super) transposed: bool,
}

/// The moments of the blocks on one device, in bytes, beside the inputs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moments {
    /// The largest feed-forward network.
    pub(super) feed_forward: Bytes,
    /// The largest attention.
    pub(super) attention: Bytes,
}

impl Moments {
    /// What is alive at the worst moment.
    pub(super) fn peak(self) -> Bytes {
        self.feed_forward.max(self.attention)
    }

    /// The worse of both, moment by moment.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            feed_forward: self.feed_forward.max(other.feed_forward),
            attention: self.attention.max(other.attention),
        }
    }
}

/// Bytes of `elements` 32-bit floats.
const fn floats(elements: u64) -> Bytes {
    Bytes(4 * elements)
}

impl Settings<'_> {
    fn width(&self) -> u64 {
        u64::from(self.architecture.embedding_length)
    }

    /// The latent of a model whose cache holds it.
    fn latent(&self) -> Option<&Mla> {
        self.architecture
            .mla
            .as_ref()
            .filter(|mla| mla.latent_cache)
    }

    /// Whether flash attention was forced on a model that the GPU has no kernel for, so that attention runs on the host.
    fn attends_on_host(&self) -> bool {
        self.flash_attention && !supports_flash_attention(self.architecture)
    }

    /// The models that project query, key and value at once, or whose blocks mostly do not attend: no query lies beside their network.
    fn query_is_part(&self) -> bool {
        self.architecture.recurrent.is_some() || self.architecture.fuses_qkv()
    }

    /// Cells that block `layer` sees.
    fn cells_of(&self, memory: Memory) -> u64 {
        match memory {
            Memory::Window => self.window_cells().unwrap_or(self.cells),
            _ => self.cells,
        }
    }

    /// Cells of a sliding window.
    pub(super) fn window_cells(&self) -> Option<u64> {
        let sliding = self.architecture.sliding.as_ref()?;
        let seen = u64::from(sliding.window) + self.batch;
        Some(padded(self.cells.min(seen)))
    }

    /// What every graph is fed with: the mask of each cache, positions, and where keys and values go.
    pub(super) fn inputs(&self) -> Bytes {
        if self.attends_on_host() {
            return Bytes::ZERO;
        }
        let architecture = self.architecture;
        let first = |memory: Memory| {
            let of_blocks = &self.forms[..architecture.block_count as usize];
            let layer = of_blocks.iter().position(|form| form.memory == memory)?;
            Some((memory, layer as u32))
        };
        let element = if self.flash_attention { 2 } else { 4 };
        let mut a_token = 4;
        for (memory, layer) in [Memory::Full, Memory::Window].into_iter().filter_map(first) {
            let (_, value) = architecture.cache_rows(layer);
            a_token += element * self.cells_of(memory) + 8;
            if self.latent().is_none() {
                a_token += 8 * if self.transposed { value } else { 1 };
            }
        }
        Bytes(a_token * self.batch)
    }

    /// The worst moments of `layers`.
    pub(super) fn moments(&self, layers: impl Iterator<Item = u32>) -> Moments {
        let mut seen: Vec<Form> = Vec::new();
        let mut worst = Moments::default();
        for layer in layers {
            let form = self.forms[layer as usize];
            if !seen.contains(&form) {
                worst = worst.or(Moments {
                    feed_forward: self.feed_forward(&form),
                    attention: self.attention(layer, &form),
                });
                seen.push(form);
            }
        }
        worst
    }

    /// Elements of a token's query and of its attention's output.
    fn query(&self, form: &Form) -> (u64, u64) {
        let heads = u64::from(form.heads);
        let (key, value) = match &self.architecture.mla {
            Some(mla) => (mla.nope + mla.rope, mla.value),
            None => self.architecture.head_lengths_of(form.memory),
        };
        (heads * u64::from(key), heads * u64::from(value))
    }

    fn feed_forward(&self, form: &Form) -> Bytes {
        let d = self.width();
        let old = self.build == Build::B10488;
        let (query, output) = self.query(form);
        // The hole that attention leaves: its output's size with flash attention. Without, the query's, which the network can use
        // where it is wide enough, and which is lost where it is not.
        let hole = match (self.query_is_part(), self.flash_attention) {
            (true, _) => 0,
            (false, true) => output,
            (false, false) if self.architecture.mla.is_some() => output,
            (false, false) if query >= d => 0,
            (false, false) => 2 * query,
        };
        let rest = if old { 2 * d + hole } else { 4 * d };
        let elements = match &self.architecture.experts {
            Some(experts) if form.experts => {
                let used = u64::from(experts.used);
                let chosen = 3 * used * u64::from(experts.feed_forward_length) + rest;
                let weighted = if self.architecture.gates_attention() {
                    2 * u64::from(experts.shared_feed_forward_length) + if old { 0 } else { d }
                } else if old {
                    3 * d + hole
                } else {
                    4 * d + if self.query_is_part() { 0 } else { d }
                };
                chosen.max(2 * used * d + weighted)
            }
            _ => 3 * u64::from(form.feed_forward) + rest,
        };
        floats(elements * self.batch)
    }

    fn attention(&self, layer: u32, form: &Form) -> Bytes {
        if !matches!(form.memory, Memory::Full | Memory::Window) || self.attends_on_host() {
            return Bytes::ZERO;
        }
        let cells = self.cells_of(form.memory);
        let scores = floats(cells * u64::from(form.heads) * self.batch);
        let (key, value) = self.architecture.cache_rows(layer);
        // A 16-bit copy of so many elements of every cell.
        let copy = |elements: u64| Bytes(2 * self.parallel * cells * elements);
        let quantised = self.cache != TensorType::F16;
        if let Some(mla) = self.latent() {
            return self.latent_attention(mla, form, scores, copy);
        }
        let tokens = floats(self.attention_elements(form, quantised) * self.batch);
        match (self.flash_attention, quantised) {
            (true, false) => tokens,
            (true, true) => tokens + copy(key + value),
            (false, _) if self.transposed => tokens + scores,
            (false, _) => tokens + scores + copy(value),
        }
    }

    /// Elements that a token needs in attention, beside scores and copies.
    fn attention_elements(&self, form: &Form, quantised: bool) -> u64 {
        let d = self.width();
        let (query, output) = self.query(form);
        let old = self.build == Build::B10488;
        let architecture = self.architecture;
        if let Some(mla) = &architecture.mla {
            let expanded = u64::from(form.heads) * u64::from(mla.nope + mla.value);
            let copies = if old { 2 } else { 1 };
            return 2 * d + 2 * query + copies * expanded;
        }
        if architecture.gates_attention() {
            let queries = match (self.flash_attention, quantised) {
                (true, false) => 3,
                (true, true) => 6,
                (false, _) => 4,
            };
            let residual = if old { d } else { 2 * d };
            return residual + queries * query;
        }
        if architecture.fuses_qkv() {
            let output = if self.flash_attention { output } else { 0 };
            let residual = if old { 2 * d } else { 4 * d };
            return residual + output;
        }
        let residual = match self.build {
            Build::B10488 => 2 * d,
            Build::B11434 if query > d => 4 * d,
            Build::B11434 => 3 * d,
        };
        residual + query + output
    }

    /// Attention in the latent space: the cache is small, the queries are large.
    fn latent_attention(
        &self,
        mla: &Mla,
        form: &Form,
        scores: Bytes,
        copy: impl Fn(u64) -> Bytes,
    ) -> Bytes {
        let [heads, latent, rope, nope] =
            [form.heads, mla.kv_lora_rank, mla.rope, mla.nope].map(u64::from);
        let d = self.width();
        let (residual, spare) = match self.build {
            Build::B10488 => (3 * d, d),
            Build::B11434 => (4 * d, 0),
        };
        let query = heads * (nope + rope);
        let tokens = residual + query + heads * (2 * latent + 2 * rope);
        let tokens = floats(tokens * self.batch);
        let absorbed = floats(heads * latent * self.batch);
        let (values, rows) = (copy(latent), copy(latent + rope));
        match (self.flash_attention, self.cache != TensorType::F16) {
            (true, false) => tokens,
            // A small copy fits where the query was.
            (true, true) if rows <= floats((query + spare) * self.batch) => tokens,
            (true, true) => tokens + absorbed + rows,
            (false, _) if values <= absorbed => tokens + scores,
            (false, _) => tokens + scores + values,
        }
    }

    /// What the cache's input layout costs where a convolution follows attention on another GPU.
    pub(super) fn hands_over_twice(&self, last: u32) -> bool {
        let convolves = self
            .architecture
            .recurrent
            .as_ref()
            .is_some_and(|hybrid| matches!(hybrid.state, State::ShortConv { .. }));
        convolves && self.cache != TensorType::F16 && self.architecture.memory(last) == Memory::Full
    }
}

/// Whether the engine has a flash attention kernel for this model: not for 192/128-element heads without sharing (the old deepseek2 layout).
pub(super) fn supports_flash_attention(architecture: &Architecture) -> bool {
    architecture
        .mla
        .as_ref()
        .is_none_or(|mla| mla.latent_cache || mla.nope + mla.rope == mla.value)
}
