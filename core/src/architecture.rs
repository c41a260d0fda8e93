//! The shape of a model, in the key names of GGUF: all that its memory need follows from, besides the bytes of its weights.

use serde::{Deserialize, Serialize};

/// A number that is the same in every block, or given one by one (GGUF writes an array then).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PerLayer {
    /// The same in every block.
    Same(u32),
    /// One number a block.
    Each(Vec<u32>),
}

impl PerLayer {
    /// The number of block `layer`; zero beyond the end.
    pub fn get(&self, layer: u32) -> u32 {
        match self {
            Self::Same(n) => *n,
            Self::Each(list) => list.get(layer as usize).copied().unwrap_or(0),
        }
    }

    /// The largest number of any block.
    pub fn max(&self) -> u32 {
        match self {
            Self::Same(n) => *n,
            Self::Each(list) => list.iter().copied().max().unwrap_or(0),
        }
    }

    /// The smallest number of any block.
    pub fn min(&self) -> u32 {
        match self {
            Self::Same(n) => *n,
            Self::Each(list) => list.iter().copied().min().unwrap_or(0),
        }
    }
}

/// Which blocks a property holds for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layers {
    /// All but every n-th block (blocks n-1, 2n-1, ..); `1` means all of them.
    AllButEvery(u32),
    /// Only every n-th block.
    Every(u32),
    /// These blocks.
    Listed(Vec<u32>),
}

impl Layers {
    /// Whether the property holds for block `layer`.
    pub fn contains(&self, layer: u32) -> bool {
        match self {
            Self::AllButEvery(1) => true,
            Self::AllButEvery(n) => *n > 0 && layer % n != n - 1,
            Self::Every(n) => *n > 0 && layer % n == n - 1,
            Self::Listed(list) => list.contains(&layer),
        }
    }
}

/// Mixture of experts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experts {
    /// `expert_count`
    pub count: u32,
    /// `expert_used_count`: chosen for each token.
    pub used: u32,
    /// `expert_feed_forward_length`
    pub feed_forward_length: u32,
    /// `expert_shared_feed_forward_length`, over all shared experts together; zero without any.
    pub shared_feed_forward_length: u32,
    /// `leading_dense_block_count`
    pub leading_dense: u32,
    /// `interleave_moe_layer_step`: every n-th block has experts; 1 is every block.
    pub step: u32,
}

impl Experts {
    /// Whether block `layer` chooses among experts.
    pub fn in_layer(&self, layer: u32) -> bool {
        layer >= self.leading_dense && (layer + 1).is_multiple_of(self.step.max(1))
    }
}

/// Multi-head latent attention (DeepSeek).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mla {
    /// `attention.kv_lora_rank`
    pub kv_lora_rank: u32,
    /// `attention.q_lora_rank`; zero where queries are not compressed.
    pub q_lora_rank: u32,
    /// `rope.dimension_count`: the part of a head that is rotated.
    pub rope: u32,
    /// The part of a head that is not rotated.
    pub nope: u32,
    /// `attention.value_length_mla`
    pub value: u32,
    /// Whether the file carries the MLA keys, so that the latent is cached; conversions without them cache full K and V.
    pub latent_cache: bool,
}

/// Sliding-window attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sliding {
    /// `attention.sliding_window`, in tokens.
    pub window: u32,
    /// The blocks that see only the window.
    pub layers: Layers,
    /// `attention.key_length_swa`, where it differs.
    pub key_length: Option<u32>,
    /// `attention.value_length_swa`, where it differs.
    pub value_length: Option<u32>,
}

/// What a block without attention keeps for each sequence, always in 32-bit floats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// `ssm.*`: Mamba and gated delta nets.
    Ssm {
        /// `ssm.conv_kernel`
        conv_kernel: u32,
        /// `ssm.inner_size`
        inner_size: u32,
        /// `ssm.state_size`
        state_size: u32,
        /// `ssm.time_step_rank`
        time_step_rank: u32,
        /// `ssm.group_count`
        group_count: u32,
    },
    /// `shortconv.l_cache` (LFM2).
    ShortConv {
        /// The kernel's length.
        l_cache: u32,
    },
}

/// A hybrid model: some blocks attend, the others carry a constant state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrent {
    /// The state of a block that does not attend.
    pub state: State,
    /// The blocks that attend.
    pub attention: Layers,
    /// The blocks that hold a recurrent state; `None`: all that do not attend.
    pub recurrent: Option<Layers>,
}

/// The shape of a model. Field names follow GGUF's keys without their architecture prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Architecture {
    /// `general.architecture`, such as `qwen3moe`.
    pub name: String,
    /// `block_count`
    pub block_count: u32,
    /// `context_length`: the training context.
    pub context_length: u32,
    /// `embedding_length`
    pub embedding_length: u32,
    /// `feed_forward_length` of the dense blocks.
    pub feed_forward_length: PerLayer,
    /// `attention.head_count`
    pub head_count: PerLayer,
    /// `attention.head_count_kv`
    pub head_count_kv: PerLayer,
    /// `attention.key_length`: elements of one head's key.
    pub key_length: u32,
    /// `attention.value_length`: elements of one head's value.
    pub value_length: u32,
    /// Rows of `token_embd.weight`.
    pub vocabulary_size: u32,
    /// `embedding_length_per_layer_input`: what each block adds to a token from a table of its own, on the host (Gemma 3n); zero without.
    pub embedding_length_per_layer_input: u32,
    /// No `output.weight`: the embedding serves as the head too.
    pub tied_embeddings: bool,
    /// `attention.shared_kv_layers`: the last blocks that reuse another block's cache.
    pub shared_kv_layers: u32,
    /// Mixture of experts.
    pub experts: Option<Experts>,
    /// Multi-head latent attention.
    pub mla: Option<Mla>,
    /// Sliding-window attention.
    pub sliding: Option<Sliding>,
    /// Blocks that carry a state instead of attending.
    pub recurrent: Option<Recurrent>,
}

/// What sets the blocks of a model apart: two blocks of one form need the same memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// What it keeps of the past.
    pub memory: Memory,
    /// Whether it chooses among experts.
    pub experts: bool,
    /// Its heads.
    pub heads: u32,
    /// Its heads of keys and values.
    pub kv_heads: u32,
    /// The width of its feed-forward network.
    pub feed_forward: u32,
}

/// What a block keeps of the past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Keys and values of the whole context.
    Full,
    /// Keys and values of a sliding window.
    Window,
    /// A constant recurrent state.
    State,
    /// Nothing of its own.
    Nothing,
}

impl Architecture {
    /// The form of block `layer`.
    pub fn form(&self, layer: u32) -> Form {
        Form {
            memory: self.memory(layer),
            experts: self
                .experts
                .as_ref()
                .is_some_and(|experts| experts.in_layer(layer)),
            heads: self.head_count.get(layer),
            kv_heads: self.head_count_kv.get(layer),
            feed_forward: self.feed_forward_length.get(layer),
        }
    }

    /// What block `layer` keeps of the past.
    pub fn memory(&self, layer: u32) -> Memory {
        if let Some(hybrid) = &self.recurrent
            && !hybrid.attention.contains(layer)
        {
            let holds = hybrid
                .recurrent
                .as_ref()
                .is_none_or(|layers| layers.contains(layer));
            return if holds {
                Memory::State
            } else {
                Memory::Nothing
            };
        }
        if layer >= self.block_count.saturating_sub(self.shared_kv_layers)
            || self.head_count_kv.get(layer) == 0 && self.mla.is_none()
        {
            return Memory::Nothing;
        }
        match &self.sliding {
            Some(sliding) if sliding.layers.contains(layer) => Memory::Window,
            _ => Memory::Full,
        }
    }

    /// Elements of one head's key and value in block `layer`.
    pub fn head_lengths(&self, layer: u32) -> (u32, u32) {
        match &self.sliding {
            Some(sliding) if sliding.layers.contains(layer) => self.head_lengths_of(Memory::Window),
            _ => (self.key_length, self.value_length),
        }
    }

    /// Elements of one head's key and value in a block that keeps so much of the past.
    pub fn head_lengths_of(&self, memory: Memory) -> (u32, u32) {
        match &self.sliding {
            Some(sliding) if memory == Memory::Window => (
                sliding.key_length.unwrap_or(self.key_length),
                sliding.value_length.unwrap_or(self.value_length),
            ),
            _ => (self.key_length, self.value_length),
        }
    }

    /// Whether query, key and value come from one matrix (`attn_qkv`).
    pub fn fuses_qkv(&self) -> bool {
        matches!(
            self.name.as_str(),
            "phi2"
                | "phi3"
                | "falcon"
                | "gptneox"
                | "mpt"
                | "bloom"
                | "chatglm"
                | "qwen"
                | "starcoder"
        )
    }

    /// Whether the query carries a gate for attention's output, so that it is twice as wide.
    pub fn gates_attention(&self) -> bool {
        matches!(self.name.as_str(), "qwen3next" | "qwen35" | "qwen35moe")
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
                (u64::from(mla.kv_lora_rank + mla.rope), 0)
            } else {
                (
                    heads * u64::from(mla.nope + mla.rope),
                    heads * u64::from(mla.value),
                )
            };
        }
        let (key, value) = self.head_lengths(layer);
        let heads = u64::from(self.head_count_kv.get(layer));
        (heads * u64::from(key), heads * u64::from(value))
    }
}
