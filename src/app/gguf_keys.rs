//! A shape as GGUF names it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::architecture::{Architecture, PerLayer};

/// A shape by GGUF's keys, without what is absent.
pub(super) fn keys(shape: &Architecture) -> BTreeMap<String, Value> {
    let per_layer = |numbers: &PerLayer| match numbers {
        PerLayer::Same(n) => serde_json::json!(n),
        PerLayer::Each(list) => serde_json::json!(list),
    };
    let mut keys = BTreeMap::from([
        ("architecture".to_owned(), serde_json::json!(shape.name)),
        (
            "block_count".to_owned(),
            serde_json::json!(shape.block_count),
        ),
        (
            "embedding_length".to_owned(),
            serde_json::json!(shape.embedding_length),
        ),
        (
            "feed_forward_length".to_owned(),
            per_layer(&shape.feed_forward_length),
        ),
        ("head_count".to_owned(), per_layer(&shape.head_count)),
        ("head_count_kv".to_owned(), per_layer(&shape.head_count_kv)),
        (
            "vocabulary_size".to_owned(),
            serde_json::json!(shape.vocabulary_size),
        ),
        (
            "tied_embeddings".to_owned(),
            serde_json::json!(shape.tied_embeddings),
        ),
    ]);
    let mut put = |key: &str, value: u32| {
        keys.insert(key.to_owned(), serde_json::json!(value));
    };
    if let Some(mla) = &shape.mla {
        put("kv_lora_rank", mla.kv_lora_rank);
        put("rope_dimension_count", mla.rope);
    } else {
        put("key_length", shape.key_length);
        put("value_length", shape.value_length);
    }
    if let Some(sliding) = &shape.sliding {
        put("sliding_window", sliding.window);
    }
    if let Some(experts) = &shape.experts {
        put("expert_count", experts.count);
        put("expert_used_count", experts.used);
        put("expert_feed_forward_length", experts.feed_forward_length);
    }
    keys
}
