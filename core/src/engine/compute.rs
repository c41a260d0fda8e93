//! The scratch space of a batch: what the engine's graph keeps alive at once, in closed form.
//!
//! llama.cpp plans its compute buffers by laying out the whole graph; the largest moment of a block decides. The moments are the
//! feed-forward network, the choice among experts, attention, and the scan of a state. They were read off the engine's own plans (see
//! `engine/estimate.rs`); the terms that look odd are holes which its allocator cannot fill.

mod attention;
mod network;

use crate::architecture::{CacheKind, LayerKind, State};
use crate::units::Bytes;

use super::build::Graph;
use super::settings::Settings;

/// The moments of the blocks on one device, in bytes, beside the inputs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PeakStages {
    /// Bytes at the moment when the largest feed-forward network is computed.
    pub(super) feed_forward: Bytes,
    /// The largest attention, with what its scores and copies of the cache take.
    pub(super) attention: Bytes,
}

impl PeakStages {
    /// What is alive at the worst moment.
    pub(super) fn peak(self) -> Bytes {
        // Not their sum: what one of them computed in is free when the other begins.
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
// Shapes come from anybody's files: a latent of 4294967295 once wrapped to 1008 KiB.
const fn floats(elements: u64) -> Bytes {
    Bytes(elements.saturating_mul(4))
}

impl Settings<'_> {
    fn width(&self) -> u64 {
        u64::from(self.architecture.embedding_length)
    }

    /// The models that project query, key and value at once, or whose blocks mostly do not attend: no query lies beside their network.
    fn query_is_part(&self) -> bool {
        self.architecture.recurrent.is_some() || self.architecture.traits.fused_qkv
    }

    /// Cells that block `layer` sees.
    fn cells_of(&self, memory: CacheKind) -> u64 {
        match memory {
            CacheKind::Window => self.window_cells().unwrap_or(self.cells),
            _ => self.cells,
        }
    }

    /// What a GPU's graph is fed with. A host that attends is given the masks instead.
    pub(super) fn inputs(&self) -> Bytes {
        if self.attends_on_host {
            return self.rotations();
        }
        self.graph_inputs()
    }

    /// What every graph is fed with: the mask of each cache, positions, and where keys and values go.
    pub(super) fn graph_inputs(&self) -> Bytes {
        let architecture = self.architecture;
        // Flash attention reads its mask in 16 bits, softmax in 32.
        let element = if self.flash_attention { 2 } else { 4 };
        let of_blocks = || self.forms.iter().take(architecture.block_count as usize);
        // A position is a whole number of 32 bits, a place in a cache one of 64 (`build_input_k_idxs`).
        let mut a_token = 4;
        if architecture.is_encoder() {
            // Tokens see each other: a mask for the whole context, and one for the window.
            let masks = 1 + u64::from(architecture.sliding.is_some());
            a_token += masks * element * self.batch;
        }
        for memory in [CacheKind::Full, CacheKind::Window] {
            if !of_blocks().any(|form| form.memory == memory) {
                continue;
            }
            a_token += element * self.cells_of(memory) + 8;
            // A latent is key and value in one: no values are placed.
            if self.latent().is_none() && architecture.compressed.is_none() {
                // A transposed value lies in as many places as it has elements (`build_input_v_idxs`).
                let places = if self.transposed {
                    self.widest_value()
                } else {
                    1
                };
                a_token += 8 * places;
            }
        }
        Bytes(a_token.saturating_mul(self.batch)) + self.indexer_inputs() + self.rotations()
    }

    /// What blocks add to a token besides its embedding: rows of a table of their own (Gemma 3n), image features (Qwen3-VL).
    pub(super) fn per_block_inputs(&self) -> Bytes {
        let architecture = self.architecture;
        let rows = u64::from(architecture.embedding_length_per_layer_input)
            * u64::from(architecture.block_count);
        let features = self.width() * u64::from(architecture.deepstack_layers);
        floats((rows + features).saturating_mul(self.batch))
    }

    /// The same on a GPU, where the newest builds keep a scaled copy.
    pub(super) fn per_block_inputs_on_gpu(&self) -> Bytes {
        let once = self.per_block_inputs();
        if self.graph >= Graph::B11739 && self.architecture.embedding_length_per_layer_input > 0 {
            once * 2 + floats(self.width() * self.batch)
        } else {
            once
        }
    }

    /// Of these layers the bytes alive at each stage at its worst.
    pub(super) fn moments(&self, layers: impl Iterator<Item = u32>) -> PeakStages {
        let mut seen = vec![false; self.forms.kinds().len()];
        let mut worst = PeakStages::default();
        for layer in layers {
            // Blocks of one form need the same.
            if !std::mem::replace(&mut seen[self.forms.kind(layer)], true) {
                let form = &self.forms[layer];
                worst = worst.or(PeakStages {
                    feed_forward: self.feed_forward(form).max(self.scan(form)),
                    attention: self.attention(layer, form),
                });
            }
        }
        worst
    }

    /// Elements of a token's query and of its attention's output.
    fn query(&self, form: &LayerKind) -> (u64, u64) {
        let heads = u64::from(form.heads);
        let (key, value) = match &self.architecture.mla {
            Some(mla) => (mla.nope.saturating_add(mla.rope), mla.value),
            None => self.architecture.head_lengths_of(form.memory),
        };
        (heads * u64::from(key), heads * u64::from(value))
    }

    /// What the cache's input layout costs where a convolution follows attention on another GPU.
    pub(super) fn hands_over_twice(&self, last: u32) -> bool {
        let convolves = self
            .architecture
            .recurrent
            .as_ref()
            .is_some_and(|hybrid| matches!(hybrid.state, State::ShortConv { .. }));
        convolves && self.is_quantised() && self.architecture.memory(last) == CacheKind::Full
    }
}
