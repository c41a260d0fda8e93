//! The tensors that a GGUF file of a given architecture and quantization holds, after llama.cpp's `llama-quant.cpp`.
//!
//! A file's header tells the same exactly; this is for published files of which only the size is known. The distribution over blocks is
//! what matters then, since [`Weights::scaled_to`] makes the total right.

use crate::architecture::{Architecture, Memory, State};
use crate::quantization::TensorType as T;
use crate::units::Bytes;
use crate::weights::{BlockWeights, Weights};

/// The role of a matrix, which decides its type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    Query,
    Key,
    Value,
    FusedQkv,
    AttentionOutput,
    Down,
    Expert,
    ExpertDown,
}

/// A quantization's rule for each role.
struct Scheme<'a> {
    name: &'a str,
    architecture: &'a Architecture,
    base: T,
}

impl Scheme<'_> {
    /// Blocks that `_M` mixtures store with more bits: the first and last eighth, and every third between.
    fn more_bits(&self, layer: u32) -> bool {
        let n = self.architecture.block_count;
        let eighth = n / 8;
        layer < eighth || layer >= 7 * n / 8 || (layer - eighth) % 3 == 2
    }

    /// `llama_tensor_get_type`, the parts that published files use.
    fn type_of(&self, role: Role, layer: u32) -> T {
        let eight_experts = self
            .architecture
            .experts
            .as_ref()
            .is_some_and(|experts| experts.count == 8);
        let seventy = self.architecture.block_count == 80 && self.architecture.name == "llama";
        let name = self.name;
        match role {
            Role::Expert | Role::ExpertDown if name == "MXFP4" => T::MXFP4,
            Role::Key | Role::Value if eight_experts && self.base != T::F16 => T::Q8_0,
            Role::AttentionOutput
                if eight_experts
                    && matches!(name, "Q2_K" | "Q3_K_S" | "Q3_K_M" | "Q4_K_S" | "Q4_K_M") =>
            {
                T::Q5_K
            }
            Role::Value => {
                let chosen = match name {
                    "Q2_K" => T::Q3_K,
                    "Q3_K_M" if layer < 2 => T::Q5_K,
                    "Q3_K_M" => T::Q4_K,
                    "Q3_K_L" => T::Q5_K,
                    "Q4_K_M" | "Q5_K_M" if self.more_bits(layer) => T::Q6_K,
                    "Q4_K_S" if layer < 4 => T::Q5_K,
                    _ => self.base,
                };
                if seventy && matches!(chosen, T::Q3_K | T::Q4_K) {
                    T::Q5_K
                } else {
                    chosen
                }
            }
            Role::Down | Role::ExpertDown => match name {
                "Q2_K" => T::Q3_K,
                "Q3_K_M" if layer < self.architecture.block_count / 16 => T::Q5_K,
                "Q3_K_M" => T::Q4_K,
                "Q3_K_L" => T::Q5_K,
                "Q4_K_M" | "Q5_K_M" if self.more_bits(layer) => T::Q6_K,
                "Q4_K_S" if layer < self.architecture.block_count / 8 => T::Q5_K,
                _ => self.base,
            },
            Role::AttentionOutput => match name {
                "Q2_K" => T::Q3_K,
                "Q3_K_M" => T::Q4_K,
                "Q3_K_L" => T::Q5_K,
                _ => self.base,
            },
            Role::FusedQkv => match name {
                "Q3_K_M" | "Q3_K_L" => T::Q4_K,
                "Q4_K_M" => T::Q5_K,
                "Q5_K_M" => T::Q6_K,
                _ => self.base,
            },
            Role::Plain | Role::Query | Role::Key | Role::Expert => self.base,
        }
    }

    /// The head's type: six bits unless the file is more precise anyway.
    fn head(&self) -> T {
        match self.base {
            T::F32 | T::F16 | T::BF16 | T::Q8_0 => self.base,
            T::MXFP4 => T::Q8_0,
            _ => T::Q6_K,
        }
    }

    /// Bytes of a `columns x rows` matrix; K-quants fall back where a row is not a multiple of 256.
    fn matrix(&self, kind: T, columns: u64, rows: u64) -> Bytes {
        let kind = if columns.is_multiple_of(kind.block().0) {
            kind
        } else {
            match kind {
                T::Q2_K | T::Q3_K | T::IQ4_XS => T::IQ4_NL,
                T::Q4_K => T::Q5_0,
                T::Q5_K => T::Q5_1,
                T::Q6_K => T::Q8_0,
                other => other,
            }
        };
        let kind = if columns.is_multiple_of(kind.block().0) {
            kind
        } else {
            T::F16
        };
        kind.bytes(columns * rows)
    }
}

/// The tensor type that most matrices of a file type have.
pub fn base_type(quantization: &str) -> Option<T> {
    Some(match quantization {
        "F32" => T::F32,
        "F16" => T::F16,
        "BF16" => T::BF16,
        "Q8_0" => T::Q8_0,
        "Q4_0" => T::Q4_0,
        "Q4_1" => T::Q4_1,
        "Q5_0" => T::Q5_0,
        "Q5_1" => T::Q5_1,
        "Q2_K" | "Q2_K_S" => T::Q2_K,
        "Q3_K_S" | "Q3_K_M" | "Q3_K_L" => T::Q3_K,
        "Q4_K_S" | "Q4_K_M" => T::Q4_K,
        "Q5_K_S" | "Q5_K_M" => T::Q5_K,
        "Q6_K" => T::Q6_K,
        "IQ4_XS" => T::IQ4_XS,
        "IQ4_NL" => T::IQ4_NL,
        "IQ3_XXS" => T::IQ3_XXS,
        "IQ3_S" => T::IQ3_S,
        "IQ2_XXS" => T::IQ2_XXS,
        "IQ2_XS" => T::IQ2_XS,
        "MXFP4" => T::MXFP4,
        _ => return None,
    })
}

/// The tensors of a model with this shape, stored so, in a file of `total` bytes of tensors. `None` for an unknown quantization.
pub fn weights(architecture: &Architecture, quantization: &str, total: Bytes) -> Option<Weights> {
    let base = base_type(quantization)?;
    // MXFP4 is for experts; the rest of such a file is kept in 16 or in 8 bits, which its size tells apart.
    let bases = if base == T::MXFP4 {
        [T::F16, T::Q8_0]
    } else {
        [base; 2]
    };
    let nearest = bases
        .map(|base| {
            let scheme = Scheme {
                name: quantization,
                architecture,
                base,
            };
            tensors(&scheme)
        })
        .into_iter()
        .min_by_key(|weights| weights.in_file().0.abs_diff(total.0))?;
    Some(nearest.scaled_to(total))
}

fn tensors(scheme: &Scheme<'_>) -> Weights {
    let architecture = scheme.architecture;
    let d = u64::from(architecture.embedding_length);
    let vocabulary = u64::from(architecture.vocabulary_size);
    let embedding_type = if architecture.tied_embeddings {
        scheme.head()
    } else {
        scheme.base
    };
    let token_embd = scheme.matrix(embedding_type, d, vocabulary);
    let norm = T::F32.bytes(d);
    let head = if architecture.tied_embeddings {
        token_embd
    } else {
        scheme.matrix(scheme.head(), d, vocabulary)
    };
    Weights {
        token_embd,
        output: head + norm,
        tied: architecture.tied_embeddings,
        blocks: (0..architecture.block_count)
            .map(|layer| block(scheme, layer))
            .collect(),
    }
}

fn block(scheme: &Scheme<'_>, layer: u32) -> BlockWeights {
    let architecture = scheme.architecture;
    let d = u64::from(architecture.embedding_length);
    let mixing = match architecture.memory(layer) {
        Memory::State => state_block(scheme, layer, d),
        Memory::Nothing if architecture.recurrent.is_some() => Bytes::ZERO,
        _ => attention(scheme, layer, d),
    };
    let network = feed_forward(scheme, layer, d);
    BlockWeights {
        total: vectors(architecture, layer) + mixing + network.dense + network.experts,
        experts: network.experts,
        largest: network.largest,
    }
}

/// Norms and biases of a block, 32-bit floats all: little, but known.
fn vectors(architecture: &Architecture, layer: u32) -> Bytes {
    let d = u64::from(architecture.embedding_length);
    let name = architecture.name.as_str();
    let norms = if matches!(name, "gemma2" | "gemma3" | "gemma3n" | "gemma4" | "olmo2") {
        4
    } else {
        2
    };
    let mut elements = norms * d;
    if let Some(experts) = &architecture.experts
        && experts.in_layer(layer)
    {
        let count = u64::from(experts.count);
        elements += match name {
            "gpt-oss" => count + 3 * count * u64::from(experts.feed_forward_length),
            "qwen3next" | "qwen35moe" | "qwen2moe" => d,
            "deepseek2"
                if architecture
                    .mla
                    .as_ref()
                    .is_some_and(|mla| mla.q_lora_rank > 0) =>
            {
                count
            }
            _ => 0,
        };
    }
    let heads = u64::from(architecture.head_count.get(layer));
    let kv_heads = u64::from(architecture.head_count_kv.get(layer));
    let (key, value) = architecture.head_lengths(layer);
    let (key, value) = (u64::from(key), u64::from(value));
    elements += match (architecture.memory(layer), &architecture.mla) {
        (Memory::State, _) => state_vectors(architecture),
        (_, Some(mla)) => u64::from(mla.kv_lora_rank + mla.q_lora_rank),
        _ => match name {
            "qwen2" | "qwen2moe" | "qwen2vl" => (heads + kv_heads) * key + kv_heads * value,
            "gpt-oss" => (heads + kv_heads) * key + kv_heads * value + d + heads,
            "qwen3" | "qwen3moe" | "qwen3vl" | "qwen3vlmoe" | "gemma3" | "gemma3n" | "gemma4"
            | "qwen35" | "qwen35moe" | "qwen3next" | "lfm2" | "lfm2moe" => 2 * key,
            _ => 0,
        },
    };
    T::F32.bytes(elements)
}

/// Elements of a recurrent block's vectors.
fn state_vectors(architecture: &Architecture) -> u64 {
    let Some(&State::Ssm {
        inner_size,
        state_size,
        time_step_rank,
        group_count,
        ..
    }) = architecture.recurrent.as_ref().map(|hybrid| &hybrid.state)
    else {
        return 0;
    };
    let [inner, state, rank, groups] =
        [inner_size, state_size, time_step_rank, group_count].map(u64::from);
    if architecture.gates_attention() {
        2 * rank + state
    } else {
        inner + 2 * groups * state + 3 * rank + inner
    }
}

fn attention(scheme: &Scheme<'_>, layer: u32, d: u64) -> Bytes {
    let architecture = scheme.architecture;
    let heads = u64::from(architecture.head_count.get(layer));
    let put = |role, columns, rows| scheme.matrix(scheme.type_of(role, layer), columns, rows);
    if let Some(mla) = &architecture.mla {
        let [kv, rope, nope, value, q] = [
            mla.kv_lora_rank,
            mla.rope,
            mla.nope,
            mla.value,
            mla.q_lora_rank,
        ]
        .map(u64::from);
        let query = if q == 0 {
            put(Role::Query, d, heads * (nope + rope))
        } else {
            put(Role::Query, d, q) + put(Role::Query, q, heads * (nope + rope))
        };
        // Files for a latent cache hold the expansion of keys and of values apart, the first by columns.
        let expansion = if mla.latent_cache {
            put(Role::Plain, nope, heads * kv) + put(Role::Plain, kv, heads * value)
        } else {
            put(Role::Plain, kv, heads * (nope + value))
        };
        return query
            + put(Role::Plain, d, kv + rope)
            + expansion
            + put(Role::AttentionOutput, heads * value, d);
    }
    let (key, value) = architecture.head_lengths(layer);
    let kv_heads = u64::from(architecture.head_count_kv.get(layer));
    let (query, key, value) = (
        heads * u64::from(key),
        kv_heads * u64::from(key),
        kv_heads * u64::from(value),
    );
    let output = put(
        Role::AttentionOutput,
        heads * u64::from(architecture.head_lengths(layer).1),
        d,
    );
    if architecture.fuses_qkv() {
        return put(Role::FusedQkv, d, query + key + value) + output;
    }
    let gated = if architecture.gates_attention() { 2 } else { 1 };
    put(Role::Query, d, gated * query)
        + put(Role::Key, d, key)
        + put(Role::Value, d, value)
        + output
}

fn state_block(scheme: &Scheme<'_>, layer: u32, d: u64) -> Bytes {
    let put = |columns, rows| scheme.matrix(scheme.type_of(Role::Plain, layer), columns, rows);
    match scheme
        .architecture
        .recurrent
        .as_ref()
        .map(|hybrid| &hybrid.state)
    {
        Some(&State::Ssm {
            inner_size,
            state_size,
            time_step_rank,
            group_count,
            conv_kernel,
        }) => {
            let [inner, state, rank, groups] =
                [inner_size, state_size, time_step_rank, group_count].map(u64::from);
            let channels = inner + 2 * groups * state;
            let convolution = T::F32.bytes(channels * u64::from(conv_kernel));
            // Gated delta nets project query, key and value at once, and their gate, alpha and beta apart; Mamba projects all at once.
            let projections = if scheme.architecture.gates_attention() {
                let qkv = scheme.type_of(Role::FusedQkv, layer);
                scheme.matrix(qkv, d, channels) + put(d, inner) + put(d, 2 * rank)
            } else {
                put(d, channels + inner + rank)
            };
            projections + put(inner, d) + convolution
        }
        Some(&State::ShortConv { l_cache }) => {
            put(d, 3 * d) + put(d, d) + T::F32.bytes(d * u64::from(l_cache))
        }
        None => Bytes::ZERO,
    }
}

/// A feed-forward network: its dense or shared part, its experts, and the largest matrix of either.
struct Network {
    dense: Bytes,
    experts: Bytes,
    largest: Bytes,
}

fn feed_forward(scheme: &Scheme<'_>, layer: u32, d: u64) -> Network {
    let architecture = scheme.architecture;
    let put = |role, columns, rows| scheme.matrix(scheme.type_of(role, layer), columns, rows);
    let gates = if matches!(
        architecture.name.as_str(),
        "phi2" | "falcon" | "starcoder2" | "gptneox" | "nemotron" | "bert" | "nomic-bert"
    ) {
        1
    } else {
        2
    };
    // Models that project query, key and value at once do so with gate and up, too.
    let parts = if architecture.fuses_qkv() { 1 } else { gates };
    let dense = |width: u64| put(Role::Plain, d, gates * width) + put(Role::Down, width, d);
    let largest =
        |width: u64| put(Role::Plain, d, gates * width / parts).max(put(Role::Down, width, d));
    match &architecture.experts {
        Some(experts) if experts.in_layer(layer) => {
            let [count, width, shared] = [
                experts.count,
                experts.feed_forward_length,
                experts.shared_feed_forward_length,
            ]
            .map(u64::from);
            let up = put(Role::Expert, d, width * count);
            let down = put(Role::ExpertDown, width, d * count);
            let shared = if shared > 0 {
                dense(shared)
            } else {
                Bytes::ZERO
            };
            Network {
                dense: T::F32.bytes(d * count) + shared,
                experts: up * 2 + down,
                largest: up.max(down),
            }
        }
        _ => {
            let width = u64::from(architecture.feed_forward_length.get(layer));
            Network {
                dense: dense(width),
                experts: Bytes::ZERO,
                largest: largest(width),
            }
        }
    }
}
