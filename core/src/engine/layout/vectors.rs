//! Norms and biases: 32-bit floats all, little, but known.

use crate::architecture::{Architecture, Memory, State};
use crate::quantization::TensorType as T;
use crate::units::Bytes;

/// Norms and biases of a block, 32-bit floats all: little, but known.
pub(super) fn vectors(architecture: &Architecture, layer: u32) -> Bytes {
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
