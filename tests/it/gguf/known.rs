//! Models of which the engine's own allocation plan is known.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::architecture;
use crate::support_gguf::{Gguf, list, text, u32};

use crate::truth::rows;

/// The header of a model of which the engine's own allocation plan is known.
fn known(hparams: &BTreeMap<String, Json>) -> Gguf {
    let name = hparams["arch"].as_str().unwrap();
    let number = |key: &str| hparams.get(key).and_then(Json::as_u64).map(|n| n as u32);
    let get = |key| number(key).unwrap();
    let blocks = get("L");
    let mut file = Gguf::new(3).key("general.architecture", text(name));
    let key = |key: &str| format!("{name}.{key}");
    let pairs = [
        ("block_count", "L"),
        ("context_length", "ctx"),
        ("embedding_length", "d"),
        ("feed_forward_length", "ff"),
        ("attention.head_count", "h"),
        ("attention.key_length", "hd"),
        ("attention.value_length", "hd"),
        ("attention.sliding_window", "swa"),
        ("expert_count", "e"),
        ("expert_used_count", "eu"),
        ("expert_shared_count", "es"),
        ("expert_feed_forward_length", "ffe"),
        ("expert_shared_feed_forward_length", "ffs"),
        ("leading_dense_block_count", "dense"),
        ("attention.kv_lora_rank", "kvl"),
        ("attention.q_lora_rank", "ql"),
        ("rope.dimension_count", "nr"),
        ("full_attention_interval", "interval"),
        ("shortconv.l_cache", "lcache"),
    ];
    for (gguf, short) in pairs {
        if let Some(value) = number(short) {
            file = file.key(&key(gguf), u32(value));
        }
    }
    let attends = hparams.get("attn").and_then(Json::as_array);
    if let Some(kv) = number("kv") {
        let heads = key("attention.head_count_kv");
        file = match attends {
            None => file.key(&heads, u32(kv)),
            Some(layers) => {
                let attends = |layer: u32| layers.contains(&Json::from(layer));
                let each = (0..blocks).map(|layer| if attends(layer) { kv } else { 0 });
                file.key(&heads, list(&each.collect::<Vec<_>>()))
            }
        };
    }
    if let Some(ssm) = hparams.get("ssm") {
        let pairs = [
            ("ssm.conv_kernel", "conv"),
            ("ssm.inner_size", "inner"),
            ("ssm.state_size", "state"),
            ("ssm.time_step_rank", "dt"),
            ("ssm.group_count", "group"),
        ];
        for (gguf, short) in pairs {
            file = file.key(&key(gguf), u32(ssm[short].as_u64().unwrap() as u32));
        }
    }
    if let Some(mla) = number("mla") {
        let suffix = if mla == 1 { "_mla" } else { "" };
        let (head, value) = (get("nope") + get("nr"), get("hv"));
        file = file
            .key(&key(&format!("attention.key_length{suffix}")), u32(head))
            .key(&key(&format!("attention.value_length{suffix}")), u32(value));
    }
    let (d, v) = (u64::from(get("d")), u64::from(get("v")));
    file = file.tensor("token_embd.weight", &[d, v], 8);
    if number("tied") != Some(1) {
        file = file.tensor(
            "output.weight",
            &[d, v],
            14.min(if d % 256 == 0 { 14 } else { 8 }),
        );
    }
    file
}

#[test]
fn every_known_model_is_read_back() {
    let models: BTreeMap<String, Json> =
        serde_json::from_str(include_str!("../../fixtures/gguf/models.json")).unwrap();
    assert!(models.len() > 30);
    for (tag, facts) in models {
        let hparams = serde_json::from_value(facts["hparams"].clone()).unwrap();
        let file = known(&serde_json::from_value(facts["hparams"].clone()).unwrap());
        let mut expected = rows::architecture(&hparams);
        let read = architecture(&file);
        if let Some(mla) = expected.mla.as_ref().filter(|mla| !mla.latent_cache) {
            // Latent attention has lengths of its own; the usual keys repeat them in older files.
            (expected.key_length, expected.value_length) = (mla.nope + mla.rope, mla.value);
        }
        assert_eq!(read, expected, "{tag}");
    }
}
