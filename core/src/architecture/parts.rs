//! The parts of a shape: numbers by block, experts, latent and windowed attention, states, indexers.

use serde::{Deserialize, Serialize};

/// A number that is the same in every block, or given one by one (GGUF writes an array then).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PerLayer {
    /// One number that holds for every block.
    Same(u32),
    /// A number for each block, the first block's first.
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
    /// Only every n-th block (blocks n-1, 2n-1, ..).
    Every(u32),
    /// Blocks of these numbers, counted from 0.
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

    /// After how many blocks it begins anew; `None` for a list.
    pub(super) fn period(&self) -> Option<u32> {
        match self {
            Self::AllButEvery(n) | Self::Every(n) => Some((*n).max(1)),
            Self::Listed(_) => None,
        }
    }
}

/// A mixture of experts: in each such block a router sends a token through a few of many networks, but all of them lie in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Experts {
    /// Experts in each such block (`expert_count`).
    pub count: u32,
    /// Experts that the router chooses for each token (`expert_used_count`).
    pub used: u32,
    /// Width of one expert's network, in elements (`expert_feed_forward_length`).
    pub feed_forward_length: u32,
    /// `expert_shared_feed_forward_length`, over all shared experts together; zero without any.
    pub shared_feed_forward_length: u32,
    /// `moe_latent_size`: what the experts work on is narrower than the rest; zero where it is as wide.
    #[serde(default)]
    pub latent_length: u32,
    /// Blocks at the start that have one network and no experts (`leading_dense_block_count`).
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

/// Multi-head latent attention (DeepSeek): keys and values of all heads are made of one narrow vector a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mla {
    /// Elements of the latent that keys and values are made of, one for all heads (`attention.kv_lora_rank`).
    pub kv_lora_rank: u32,
    /// `attention.q_lora_rank`; zero where queries are not compressed.
    pub q_lora_rank: u32,
    /// Elements of a head's key that are rotated by position (`rope.dimension_count`).
    pub rope: u32,
    /// Elements of a head's key that are not rotated: `attention.key_length_mla` less the rotated ones.
    pub nope: u32,
    /// Elements of one head's value (`attention.value_length_mla`).
    pub value: u32,
    /// Whether the file carries the MLA keys, so that the latent is cached; conversions without them cache full K and V.
    pub latent_cache: bool,
}

/// Attention that in some blocks sees only the last tokens, so that the cache of those stops growing with the context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sliding {
    /// Tokens that such a block sees (`attention.sliding_window`).
    pub window: u32,
    /// The blocks that see only the window.
    pub layers: Layers,
    /// Elements of a head's key in those blocks (`attention.key_length_swa`), where they differ.
    pub key_length: Option<u32>,
    /// Elements of a head's value in those blocks (`attention.value_length_swa`), where they differ.
    pub value_length: Option<u32>,
}

/// What a block without attention keeps for each sequence, always in 32-bit floats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// `ssm.*`: Mamba and gated delta nets.
    Ssm {
        /// Tokens that the convolution spans (`ssm.conv_kernel`); the inputs of all but one are kept.
        conv_kernel: u32,
        /// Elements of a token's vector inside the block, over all heads (`ssm.inner_size`).
        inner_size: u32,
        /// Elements of state for each of those (`ssm.state_size`).
        state_size: u32,
        /// Rank of the time step, or number of heads (`ssm.time_step_rank`); zero for RWKV and linear attention, which have no time step.
        time_step_rank: u32,
        /// Groups of heads that share how they write and read the state (`ssm.group_count`); zero without groups.
        group_count: u32,
    },
    /// The last inputs of a short convolution, and nothing more (LFM2).
    ShortConv {
        /// Tokens that the convolution spans (`shortconv.l_cache`); the inputs of all but one are kept.
        l_cache: u32,
    },
}

/// A hybrid model: some blocks attend, the others carry a constant state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrent {
    /// The state of a block that does not attend.
    pub state: State,
    /// Blocks that attend, and so keep keys and values.
    pub attention: Layers,
    /// The blocks that hold a recurrent state; `None`: all that do not attend.
    pub recurrent: Option<Layers>,
}

/// The indexer of sparse attention, which keeps keys of its own for each token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indexer {
    /// Heads of queries that score each past token (`attention.indexer.head_count`).
    pub head_count: u32,
    /// Elements of a row that it keeps for a token (`attention.indexer.key_length`).
    pub key_length: u32,
    /// Rows that it keeps for a token in each of its blocks.
    pub rows: u32,
    /// Blocks that have an indexer of their own.
    pub layers: Layers,
}

/// Attention to a compressed past (DeepSeek 4): one row for every few tokens, beside a window of full rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compressed {
    /// `attention.compress_ratios`: tokens to a row, block by block; zero where nothing is compressed.
    pub ratios: Vec<u32>,
    /// `attention.indexer.key_length`: what the indexer keeps beside each row.
    pub indexer_key_length: u32,
}

impl Compressed {
    /// The ratio whose windows overlap and whose rows an indexer chooses among.
    pub const OVERLAPPING: u32 = 4;

    /// Tokens to a row in block `layer`; zero beyond the end.
    pub fn ratio(&self, layer: u32) -> u32 {
        self.ratios.get(layer as usize).copied().unwrap_or(0)
    }
}
