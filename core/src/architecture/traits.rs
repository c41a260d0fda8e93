//! What the graph of a block holds beside the numbers of its shape.

use serde::{Deserialize, Serialize};

/// How well the engine's allocation of an architecture is known, best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// Weights, cache and compute were compared with the engine's own plan.
    Exact,
    /// Weights and cache were; compute has no rule yet, or was not compared.
    Cache,
    /// The engine has it, and it follows its keys; nothing was compared.
    Keys,
    /// No name of the table: newer than this version, or nobody's.
    #[default]
    Unknown,
}

/// How a feed-forward network is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FeedForward {
    /// Three matrices: gate, up and down.
    #[default]
    Gated,
    /// Gate and up in one matrix.
    Fused,
    /// Up and down, with an activation between that needs no room of its own.
    Plain,
}

/// What a matrix of its own (`attn_gate`) multiplies attention's output by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttentionGate {
    /// Nothing does: it goes on as it is.
    #[default]
    None,
    /// One number for each head.
    Heads,
    /// A number for each element.
    Elements,
}

/// Streams of a token's vector side by side, which small matrices mix (Gemma 3n).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Streams {
    /// How many there are; the first is the model's own.
    pub count: u32,
    /// Rank of the branch beside attention.
    pub rank: u32,
    /// Tokens that have a row of embeddings for each block; those for sounds and pictures have none.
    pub rows: u32,
}

/// What an architecture's name, and the tensors of a file, tell beside its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traits {
    /// How well its allocation is known.
    pub known: Known,
    /// Whether it has an output head, so that text is generated; encoders have none.
    #[serde(rename = "head")]
    pub generates: bool,
    /// Whether query, key and value come from one matrix (`attn_qkv`).
    pub fused_qkv: bool,
    /// Whether the query carries a gate for attention's output, so that it is twice as wide.
    pub gated_query: bool,
    /// What a matrix beside the query's multiplies attention's output by.
    pub attention_gate: AttentionGate,
    /// Matrices of its feed-forward networks, experts' included.
    pub feed_forward: FeedForward,
    /// Whether attention and network read the same input and are added at once.
    pub parallel_residual: bool,
    /// Whether the engine uses flash attention for it at all.
    pub flash_attention: bool,
    /// Whether a vector was learned for each position (`position_embd.weight`), 32-bit floats that stay on the host.
    pub learned_positions: bool,
    /// Norms of a block, each as wide as the embedding.
    pub norms: u8,
    /// Whether each head's queries and keys are normed.
    pub head_norms: bool,
    /// Whether query, key and value have biases.
    pub qkv_bias: bool,
    /// Whether all of attention and all experts have biases, and heads have sinks (gpt-oss).
    pub sinks: bool,
    /// Whether the shared expert has a gate.
    pub shared_expert_gate: bool,
    /// Whether the choice among experts has a bias, where queries are compressed.
    pub selection_bias: bool,
    /// Whether builds before b11413 keep a cache for blocks of multi-token prediction that they do not load.
    pub prediction_cache: bool,
    /// Whether its graph gives logits for every token of a batch, not for the last alone.
    pub batch_logits: bool,
    /// Whether a bias for each distance is added to its scores, so that those lie in memory even with flash attention, four times at once.
    pub biased_scores: bool,
    /// Whether its published files have blocks for multi-token prediction.
    pub drafts: bool,
    /// Whether the engine, where experts are on the host, keeps the place of a matrix that it fetched while it fetches the next.
    pub keeps_fetched: bool,
    /// Whether the engine, on several GPUs, puts the scores or the copies of a full cache behind the room of the network.
    pub parts_room: bool,
    /// Whether its router, or a gate of its heads, reads what comes before attention, so that this waits beside the experts.
    pub gates_early: bool,
    /// Whether every matrix and norm of a block has a bias.
    pub biases: bool,
    /// Whether blocks without heads of keys attend to a picture, by keys and values as large as elsewhere.
    pub cross_attention: bool,
    /// Streams that run side by side; `None` where there is one.
    pub streams: Option<Streams>,
    /// Whether the matrix that ends its network is stored with fewer bits than in other models, and its head with eight (Falcon).
    pub spare_network: bool,
    /// Blocks of the model that llama.cpp calls 70B, whose values are stored with more bits; zero where none is.
    pub blocks_of_70b: u32,
    /// Whether files were published whose values are in 16 bits (Ollama's quantizer of spring 2025).
    pub wide_values: bool,
    /// Whether files were published whose head is in eight bits.
    pub wide_head: bool,
    /// Whether files were published whose embedding is stored like everything else, though it is the head too.
    pub plain_embedding: bool,
    /// Mebibytes of scratch space that its vision projector takes at most.
    pub projector_compute: u32,
}

/// The most that the engine was seen to give a projector (qwen3-vl:8b), for those that it was not asked about.
const PROJECTOR_COMPUTE: u32 = 403;

impl Default for Traits {
    fn default() -> Self {
        Self {
            known: Known::default(),
            generates: true,
            fused_qkv: false,
            gated_query: false,
            attention_gate: AttentionGate::None,
            feed_forward: FeedForward::default(),
            parallel_residual: false,
            flash_attention: true,
            learned_positions: false,
            norms: 2,
            head_norms: false,
            qkv_bias: false,
            sinks: false,
            shared_expert_gate: false,
            selection_bias: false,
            prediction_cache: false,
            batch_logits: false,
            biased_scores: false,
            drafts: false,
            keeps_fetched: false,
            gates_early: false,
            parts_room: false,
            biases: false,
            cross_attention: false,
            streams: None,
            spare_network: false,
            blocks_of_70b: 0,
            wide_values: false,
            wide_head: false,
            plain_embedding: false,
            projector_compute: PROJECTOR_COMPUTE,
        }
    }
}
