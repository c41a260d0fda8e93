//! What an architecture's name says beyond its keys.

use vramfit::architecture::{CacheKind, Layers, PerLayer, State};

use super::{architecture, keys, layers, model};
use crate::support_gguf::{Gguf, flags, list, text};

#[test]
fn windows_follow_each_architectures_rule() {
    let slides = |name, blocks, numbers: &[(&str, u32)]| {
        layers(
            &architecture(&model(name, blocks, numbers)),
            CacheKind::Window,
        )
    };
    let window = ("attention.sliding_window", 512);
    let pattern = ("attention.sliding_window_pattern", 3);
    assert_eq!(slides("gemma2", 4, &[]), [0, 2]);
    assert_eq!(slides("gemma3", 7, &[window]), [0, 1, 2, 3, 4, 6]);
    assert_eq!(slides("gemma3", 6, &[window, pattern]), [0, 1, 3, 4]);
    assert!(slides("gemma3", 6, &[]).is_empty());
    assert_eq!(slides("gpt-oss", 4, &[window]), [0, 2]);
    assert_eq!(slides("cohere2", 4, &[window]), [0, 1, 2]);
    assert_eq!(slides("smallthinker", 5, &[window]), [1, 2, 3]);
    assert_eq!(slides("llama4", 4, &[]), [0, 1, 2]);
    assert!(slides("llama4", 4, &[("attention.sliding_window", 0)]).is_empty());
    for name in ["llama", "qwen2", "phi3", "mistral3"] {
        assert!(slides(name, 4, &[window]).is_empty(), "{name}");
    }
    let listed = model(
        "gemma4",
        4,
        &[
            window,
            ("attention.shared_kv_layers", 1),
            ("attention.key_length_swa", 8),
        ],
    );
    let listed = listed.key(
        "gemma4.attention.sliding_window_pattern",
        flags(&[true, false, true, true]),
    );
    let listed = architecture(&listed);
    assert_eq!(layers(&listed, CacheKind::Window), [0, 2]);
    assert_eq!(layers(&listed, CacheKind::Nothing), [3]);
    assert_eq!(
        (listed.head_lengths(0), listed.head_lengths(1)),
        ((8, 16), (16, 16))
    );
    let fixed = architecture(&model("llama4", 4, &[]));
    assert_eq!(fixed.sliding.unwrap().window, 8192);
}

const SSM: [(&str, u32); 5] = [
    ("ssm.conv_kernel", 4),
    ("ssm.inner_size", 128),
    ("ssm.state_size", 16),
    ("ssm.time_step_rank", 8),
    ("ssm.group_count", 1),
];

#[test]
fn hybrids_follow_each_architectures_rule() {
    let listed = |name: &str, heads: &[u32]| {
        let file = model(name, heads.len() as u32, &SSM);
        architecture(&file.key(&format!("{name}.attention.head_count_kv"), list(heads)))
    };
    let jamba = listed("jamba", &[0, 2, 0]);
    assert_eq!(layers(&jamba, CacheKind::State), [0, 2]);
    assert_eq!(jamba.head_count_kv, PerLayer::Same(2));
    // An architecture that nobody told about.
    assert_eq!(
        layers(&listed("next-year", &[0, 2, 0]), CacheKind::State),
        [0, 2]
    );

    let qwen = architecture(&model("qwen35", 8, &SSM));
    assert_eq!(layers(&qwen, CacheKind::Full), [3, 7]);
    let marked = model("qwen35", 3, &SSM);
    let marked = marked.key(
        "qwen35.attention.recurrent_layers",
        flags(&[false, true, true]),
    );
    assert_eq!(layers(&architecture(&marked), CacheKind::Full), [0]);

    let mamba = architecture(&model("mamba", 2, &SSM));
    assert_eq!(layers(&mamba, CacheKind::State), [0, 1]);
    let both = architecture(&model("falcon-h1", 2, &SSM))
        .recurrent
        .unwrap();
    assert!((0..2).all(|layer| both.attention.contains(layer)));
    assert_eq!(both.recurrent, Some(Layers::AllButEvery(1)));

    let nemotron = Gguf::new(3)
        .key("general.architecture", text("nemotron_h"))
        .key("nemotron_h.feed_forward_length", list(&[0, 64, 0]))
        .key("nemotron_h.attention.head_count_kv", list(&[0, 0, 2]))
        .tensor("token_embd.weight", &[64, 100], 0);
    let numbers = [
        ("block_count", 3),
        ("context_length", 9),
        ("embedding_length", 64),
        ("attention.head_count", 4),
    ];
    let nemotron = architecture(&keys(
        keys(nemotron, "nemotron_h", &SSM),
        "nemotron_h",
        &numbers,
    ));
    let memory = [CacheKind::State, CacheKind::Nothing, CacheKind::Full];
    assert_eq!([0, 1, 2].map(|layer| nemotron.memory(layer)), memory);

    let rwkv = architecture(&model("rwkv7", 1, &[("wkv.head_size", 16)]));
    let Some(State::Ssm {
        conv_kernel: 3,
        inner_size: 64,
        state_size: 16,
        group_count: 0,
        ..
    }) = rwkv.recurrent.map(|hybrid| hybrid.state)
    else {
        panic!("not the state of RWKV");
    };
}
