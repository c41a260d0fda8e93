//! From a shape back to the keys of a data file.

use crate::architecture::{Architecture, Layers, PerLayer, State, table};
use crate::catalog::raw::{self, Numbers};

/// The keys of a shape; name, metadata and source are the caller's.
pub(super) fn keys(shape: &Architecture) -> raw::Architecture {
    let mut keys = raw::Architecture {
        architecture: shape.name.clone(),
        block_count: shape.block_count,
        context_length: Some(shape.context_length),
        embedding_length: shape.embedding_length,
        feed_forward_length: Some(numbers(&shape.feed_forward_length)),
        // A model without any attention has none; data files want a number all the same, and nothing follows from it.
        head_count: match &shape.head_count {
            heads if heads.max() == 0 => Numbers::One(1),
            heads => numbers(heads),
        },
        head_count_kv: Some(numbers(&shape.head_count_kv)),
        key_length: Some(shape.key_length),
        value_length: Some(shape.value_length),
        vocabulary_size: shape.vocabulary_size,
        tied_embeddings: shape.tied_embeddings,
        embedding_length_per_layer_input: not_zero(shape.embedding_length_per_layer_input),
        shared_kv_layers: not_zero(shape.shared_kv_layers),
        ..raw::Architecture::default()
    };
    experts(shape, &mut keys);
    attention(shape, &mut keys);
    recurrent(shape, &mut keys);
    sparse(shape, &mut keys);
    let named = table::row(&shape.name).traits.fused_qkv;
    keys.fused_qkv = Some(shape.traits.fused_qkv).filter(|fused| *fused != named);
    keys.n_deepstack_layers = not_zero(shape.deepstack_layers);
    keys
}

fn experts(shape: &Architecture, keys: &mut raw::Architecture) {
    let Some(experts) = &shape.experts else {
        return;
    };
    keys.expert_count = Some(experts.count);
    keys.expert_used_count = Some(experts.used);
    keys.expert_feed_forward_length = Some(experts.feed_forward_length);
    keys.expert_shared_feed_forward_length = Some(experts.shared_feed_forward_length);
    keys.moe_latent_size = not_zero(experts.latent_length);
    keys.leading_dense_block_count = not_zero(experts.leading_dense);
    keys.interleave_moe_layer_step = Some(experts.step).filter(|step| *step > 1);
}

fn attention(shape: &Architecture, keys: &mut raw::Architecture) {
    if let Some(mla) = &shape.mla {
        keys.kv_lora_rank = Some(mla.kv_lora_rank);
        keys.q_lora_rank = not_zero(mla.q_lora_rank);
        keys.rope_dimension_count = Some(mla.rope);
        keys.qk_nope_head_dim = Some(mla.nope);
        keys.v_head_dim = Some(mla.value);
        keys.mla_cache = Some(mla.latent_cache);
    }
    if let Some(sliding) = &shape.sliding {
        keys.sliding_window = Some(sliding.window);
        keys.key_length_swa = sliding.key_length;
        keys.value_length_swa = sliding.value_length;
        match &sliding.layers {
            Layers::AllButEvery(every) => keys.sliding_window_pattern = Some(*every),
            layers => keys.sliding_window_layers = Some(listed(layers, shape.block_count)),
        }
    }
}

fn recurrent(shape: &Architecture, keys: &mut raw::Architecture) {
    let Some(hybrid) = &shape.recurrent else {
        return;
    };
    match &hybrid.attention {
        Layers::Every(every) => keys.full_attention_interval = Some(*every),
        layers => keys.attention_layers = Some(listed(layers, shape.block_count)),
    }
    let recurrent = hybrid.recurrent.as_ref();
    keys.recurrent_layers = recurrent.map(|layers| listed(layers, shape.block_count));
    match hybrid.state {
        State::Ssm {
            conv_kernel,
            inner_size,
            state_size,
            time_step_rank,
            group_count,
        } => {
            keys.ssm_conv_kernel = Some(conv_kernel);
            keys.ssm_inner_size = Some(inner_size);
            keys.ssm_state_size = Some(state_size);
            keys.ssm_time_step_rank = Some(time_step_rank);
            keys.ssm_group_count = Some(group_count);
        }
        State::ShortConv { l_cache } => keys.shortconv_l_cache = Some(l_cache),
    }
}

fn sparse(shape: &Architecture, keys: &mut raw::Architecture) {
    if let Some(indexer) = &shape.indexer {
        keys.indexer_head_count = not_zero(indexer.head_count);
        keys.indexer_key_length = Some(indexer.key_length);
        keys.indexer_layers = Some(listed(&indexer.layers, shape.block_count));
    }
    if let Some(compressed) = &shape.compressed {
        keys.indexer_key_length = Some(compressed.indexer_key_length);
        keys.compress_ratios = Some(compressed.ratios.clone());
    }
}

fn not_zero(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

fn numbers(numbers: &PerLayer) -> Numbers {
    match numbers {
        PerLayer::Same(n) => Numbers::One(*n),
        PerLayer::Each(list) => Numbers::Many(list.clone()),
    }
}

fn listed(layers: &Layers, blocks: u32) -> Vec<u32> {
    (0..blocks)
        .filter(|layer| layers.contains(*layer))
        .collect()
}
