//! Norms and biases: 32-bit floats all, little, but known.

use crate::architecture::{Architecture, CacheKind, FeedForward, Mla, State};
use crate::quantization::TensorType as T;
use crate::units::Bytes;

/// Norms and biases of a block, 32-bit floats all: little, but known.
pub(super) fn vectors(architecture: &Architecture, layer: u32) -> Bytes {
    let d = u64::from(architecture.embedding_length);
    let traits = &architecture.traits;
    let norms = u64::from(traits.norms);
    let mut elements = norms * d;
    if let Some(experts) = &architecture.experts
        && architecture.has_experts(layer)
    {
        let count = u64::from(experts.count);
        if traits.sinks {
            elements += count + 3 * count * u64::from(experts.feed_forward_length);
        }
        if traits.shared_expert_gate {
            elements += d;
        }
        let compresses = |mla: &Mla| mla.q_lora_rank > 0;
        if traits.selection_bias && architecture.mla.as_ref().is_some_and(compresses) {
            elements += count;
        }
    }
    if traits.biases {
        let width = u64::from(architecture.feed_forward_length.get(layer));
        let gates = match traits.feed_forward {
            FeedForward::Plain => 1,
            _ => 2,
        };
        // Of attention's output and the network's ends; those of query, key and value follow.
        elements += norms * d + d + gates * width + d;
    }
    let heads = u64::from(architecture.head_count.get(layer));
    let kv_heads = u64::from(architecture.head_count_kv.get(layer));
    let (key, value) = architecture.head_lengths(layer);
    let (key, value) = (u64::from(key), u64::from(value));
    elements += match (architecture.memory(layer), &architecture.mla) {
        (CacheKind::State, _) => state_vectors(architecture),
        (_, Some(mla)) => u64::from(mla.kv_lora_rank) + u64::from(mla.q_lora_rank),
        _ => {
            let biases = (heads + kv_heads) * key + kv_heads * value;
            let biases = match (traits.sinks, traits.qkv_bias || traits.biases) {
                (true, _) => biases + d + heads,
                (false, true) => biases,
                (false, false) => 0,
            };
            biases + if traits.head_norms { 2 * key } else { 0 }
        }
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
    if architecture.traits.gated_query {
        2 * rank + state
    } else {
        inner + 2 * groups * state + 3 * rank + inner
    }
}
