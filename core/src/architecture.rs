//! The shape of a model, in the key names of GGUF: all that its memory need follows from, besides the bytes of its weights.

mod forms;
mod parts;
pub mod table;
mod traits;

use serde::{Deserialize, Serialize};

pub use forms::Forms;
pub use parts::{Compressed, Experts, Indexer, Layers, Mla, PerLayer, Recurrent, Sliding, State};
pub use traits::{AttentionGate, FeedForward, Known, Streams, Traits};

/// No width or rank of a model is larger, so that sums and products of a few of them do not overflow.
pub(crate) const DIMENSION_LIMIT: u32 = 1 << 22;
/// No number of heads or groups, no kernel is larger.
pub(crate) const COUNT_LIMIT: u32 = 1 << 14;

/// The shape of a model. Field names follow GGUF's keys without their architecture prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Architecture {
    /// Name of the architecture (`general.architecture`), such as `qwen3moe`.
    pub name: String,
    /// Number of blocks without those for multi-token prediction: `block_count` less `nextn_predict_layers`.
    pub block_count: u32,
    /// Longest context it was trained for, in tokens (`context_length`).
    pub context_length: u32,
    /// Width of a token's vector between blocks, in elements (`embedding_length`).
    pub embedding_length: u32,
    /// Width of the network inside each dense block, in elements (`feed_forward_length`).
    pub feed_forward_length: PerLayer,
    /// Heads of queries in each block (`attention.head_count`).
    pub head_count: PerLayer,
    /// Heads of keys and values in each block, shared by several query heads each (`attention.head_count_kv`); zero where nothing is cached.
    pub head_count_kv: PerLayer,
    /// `attention.key_length`: elements of one head's key.
    pub key_length: u32,
    /// `attention.value_length`: elements of one head's value.
    pub value_length: u32,
    /// Number of tokens in its vocabulary: rows of `token_embd.weight`, and as many logits for each output.
    pub vocabulary_size: u32,
    /// `embedding_length_per_layer_input`: what each block adds to a token from a table of its own, on the host (Gemma 3n); zero without.
    pub embedding_length_per_layer_input: u32,
    /// No `output.weight`: the embedding serves as the head too.
    pub tied_embeddings: bool,
    /// `attention.shared_kv_layers`: the last blocks that reuse another block's cache.
    pub shared_kv_layers: u32,
    /// Networks of which a router chooses a few for each token; `None` in a dense model.
    pub experts: Option<Experts>,
    /// Multi-head latent attention: keys and values are made of one narrow vector a token (DeepSeek); `None` where attention is plain.
    pub mla: Option<Mla>,
    /// Blocks that see only the last tokens, so that their cache ends at a window; `None` where all see the whole context.
    pub sliding: Option<Sliding>,
    /// Blocks that carry a state instead of attending.
    pub recurrent: Option<Recurrent>,
    /// What chooses the past tokens that sparse attention reads; `None` where all are read.
    pub indexer: Option<Indexer>,
    /// Attention that keeps one row for every few tokens of the past (DeepSeek 4); `None` elsewhere.
    pub compressed: Option<Compressed>,
    /// `n_deepstack_layers`: blocks that take image features in beside the input (Qwen3-VL).
    pub deepstack_layers: u32,
    /// Blocks for multi-token prediction, which follow the others (`nextn_predict_layers`).
    pub prediction_layers: u32,
    /// What its graph and vectors hold that no number tells.
    pub traits: Traits,
}

/// What sets the blocks of a model apart: two blocks of one form need the same memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerKind {
    /// What it keeps of the past.
    pub memory: CacheKind,
    /// Whether a router chooses among experts in it.
    pub experts: bool,
    /// Heads of queries in this block.
    pub heads: u32,
    /// Its heads of keys and values.
    pub kv_heads: u32,
    /// The width of its feed-forward network.
    pub feed_forward: u32,
    /// Whether it carries a state, instead of attending or besides.
    pub state: bool,
    /// Whether an indexer chooses what it attends to.
    pub indexer: bool,
    /// Tokens to a row of its compressed past; zero without.
    pub ratio: u32,
}

impl LayerKind {
    /// Whether it keeps keys and values of its own to attend to.
    pub const fn attends(&self) -> bool {
        matches!(self.memory, CacheKind::Full | CacheKind::Window)
    }
}

/// What a block keeps of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheKind {
    /// Keys and values of the whole context.
    Full,
    /// Keys and values of a sliding window.
    Window,
    /// A recurrent state, as large after one token as after all.
    State,
    /// Nothing of its own: it reads another block's cache, or does not attend.
    Nothing,
}

impl Architecture {
    /// What sets block `layer`, counted from 0, apart from others.
    pub fn form(&self, layer: u32) -> LayerKind {
        LayerKind {
            memory: self.memory(layer),
            experts: self.has_experts(layer),
            heads: self.head_count.get(layer),
            kv_heads: self.head_count_kv.get(layer),
            feed_forward: self.feed_forward_length.get(layer),
            state: self.carries_state(layer),
            indexer: self
                .indexer
                .as_ref()
                .is_some_and(|indexer| indexer.layers.contains(layer)),
            ratio: self
                .compressed
                .as_ref()
                .map_or(0, |compressed| compressed.ratio(layer)),
        }
    }

    /// Whether block `layer` carries a state: instead of attending, or besides (Falcon-H1).
    pub fn carries_state(&self, layer: u32) -> bool {
        self.recurrent.as_ref().is_some_and(|hybrid| {
            let listed = hybrid.recurrent.as_ref();
            listed.map_or(!hybrid.attention.contains(layer), |layers| {
                layers.contains(layer)
            })
        })
    }

    /// Layers of a file: its blocks, those for multi-token prediction among them, and the output.
    pub fn file_layers(&self) -> u32 {
        self.block_count + self.prediction_layers + 1
    }

    /// Whether tokens see each other and nothing is kept of the past (BERT).
    pub fn is_encoder(&self) -> bool {
        self.shared_kv_layers >= self.block_count && self.head_count.max() > 0
    }

    /// What block `layer` keeps of the past.
    pub fn memory(&self, layer: u32) -> CacheKind {
        if let Some(hybrid) = &self.recurrent
            && !hybrid.attention.contains(layer)
        {
            let holds = hybrid
                .recurrent
                .as_ref()
                .is_none_or(|layers| layers.contains(layer));
            return if holds {
                CacheKind::State
            } else {
                CacheKind::Nothing
            };
        }
        if layer >= self.block_count.saturating_sub(self.shared_kv_layers)
            || self.head_count_kv.get(layer) == 0 && self.mla.is_none()
        {
            return CacheKind::Nothing;
        }
        match &self.sliding {
            Some(sliding) if sliding.layers.contains(layer) => CacheKind::Window,
            _ => CacheKind::Full,
        }
    }

    /// Whether block `layer` chooses among experts. Hybrids with networks in blocks of their own have none where they attend or carry a state.
    pub fn has_experts(&self, layer: u32) -> bool {
        let Some(experts) = &self.experts else {
            return false;
        };
        experts.in_layer(layer) && !self.mixes_only(layer)
    }

    /// Whether its files have blocks for multi-token prediction, which can draft.
    pub fn drafts(&self) -> bool {
        self.prediction_layers > 0 || self.traits.drafts
    }

    /// Whether block `layer` has no feed-forward network, since others have nothing else.
    pub fn mixes_only(&self, layer: u32) -> bool {
        let listed = self
            .recurrent
            .as_ref()
            .is_some_and(|hybrid| hybrid.recurrent.is_some());
        let bare = |layer| self.memory(layer) == CacheKind::Nothing;
        listed && !bare(layer) && (0..self.block_count).any(bare)
    }

    /// Elements of one head's key and value in block `layer`.
    pub fn head_lengths(&self, layer: u32) -> (u32, u32) {
        match &self.sliding {
            Some(sliding) if sliding.layers.contains(layer) => {
                self.head_lengths_of(CacheKind::Window)
            }
            _ => (self.key_length, self.value_length),
        }
    }

    /// Elements of one head's key and value in a block that keeps so much of the past.
    pub fn head_lengths_of(&self, memory: CacheKind) -> (u32, u32) {
        match &self.sliding {
            Some(sliding) if memory == CacheKind::Window => (
                sliding.key_length.unwrap_or(self.key_length),
                sliding.value_length.unwrap_or(self.value_length),
            ),
            _ => (self.key_length, self.value_length),
        }
    }

    /// 32-bit floats that a block without attention keeps for each sequence.
    pub fn state_elements(&self) -> u64 {
        match self.recurrent.as_ref().map(|hybrid| &hybrid.state) {
            Some(&State::Ssm {
                conv_kernel,
                inner_size,
                state_size,
                group_count,
                ..
            }) => {
                let (inner, state) = (u64::from(inner_size), u64::from(state_size));
                let channels = inner + 2 * u64::from(group_count) * state;
                u64::from(conv_kernel.saturating_sub(1)) * channels + state * inner
            }
            Some(&State::ShortConv { l_cache }) => {
                u64::from(self.embedding_length) * u64::from(l_cache.saturating_sub(1))
            }
            None => 0,
        }
    }

    /// Elements of the cached key row and value row of one token in block `layer`.
    pub fn cache_rows(&self, layer: u32) -> (u64, u64) {
        if let Some(mla) = &self.mla {
            let heads = u64::from(self.head_count.get(layer));
            return if mla.latent_cache {
                (u64::from(mla.kv_lora_rank) + u64::from(mla.rope), 0)
            } else {
                (
                    heads * (u64::from(mla.nope) + u64::from(mla.rope)),
                    heads * u64::from(mla.value),
                )
            };
        }
        if self.compressed.is_some() {
            // Keys serve as values.
            return (
                u64::from(self.head_count_kv.get(layer)) * u64::from(self.key_length),
                0,
            );
        }
        let (key, value) = self.head_lengths(layer);
        let heads = u64::from(self.head_count_kv.get(layer));
        (heads * u64::from(key), heads * u64::from(value))
    }
}
