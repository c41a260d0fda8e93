//! Headers of GGUF files: what is read, and what is refused.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value as Json;
use vramfit::architecture::{Architecture, Layers, Memory, PerLayer, State};
use vramfit::gguf::{self, Capability, Header};
use vramfit::quantization::TensorType;
use vramfit::units::Bytes;

use crate::support_gguf::{Gguf, Value, array, flags, list, raw, text, texts, u32};

#[path = "truth/rows.rs"]
#[allow(dead_code, unreachable_pub, clippy::expect_used)]
mod rows;

fn parse(file: &Gguf) -> Result<Header, gguf::Error> {
    gguf::parse(&file.header()[..], file.length())
}

fn code(file: &Gguf) -> &'static str {
    parse(file).map_or_else(|error| error.code(), |_| "ok")
}

fn keys(file: Gguf, name: &str, keys: &[(&str, u32)]) -> Gguf {
    keys.iter().fold(file, |file, (key, value)| {
        file.key(&format!("{name}.{key}"), u32(*value))
    })
}

fn model(name: &str, blocks: u32, numbers: &[(&str, u32)]) -> Gguf {
    keys(Gguf::new(3).model(name, blocks), name, numbers).tensor("token_embd.weight", &[64, 100], 0)
}

fn architecture(file: &Gguf) -> Architecture {
    parse(file).unwrap().architecture
}

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
        serde_json::from_str(include_str!("../fixtures/gguf/models.json")).unwrap();
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

#[test]
fn tensors_weigh_what_their_blocks_weigh() {
    let kinds: Vec<_> = (0..100)
        .filter_map(|code| Some((code, TensorType::of_code(code)?)))
        .collect();
    assert!(kinds.len() > 30);
    for (code, kind) in kinds {
        let file = Gguf::llama().tensor("blk.0.x.weight", &[512, 3, 2], code);
        let header = parse(&file).unwrap();
        let (elements, bytes) = kind.block();
        let expected = Bytes(512 * 3 * 2 / elements * bytes);
        assert_eq!(header.weights.blocks[0].total, expected, "{kind:?}");
        assert_eq!(header.tensor_bytes, expected + Bytes(64 * 100 * 4));
        assert_eq!(header.parameters, 64 * 100 + 512 * 6);
    }
}

#[test]
fn tensors_are_placed_by_name() {
    let file = Gguf::new(2)
        .model("llama", 2)
        .tensor("token_embd.weight", &[32], 0)
        .tensor("rope_freqs.weight", &[2], 0)
        .tensor("blk.0.attn_q.weight", &[4], 0)
        .tensor("blk.1.ffn_gate_exps.weight", &[8], 0)
        .tensor("blk.1.ffn_down.7.weight", &[16], 0)
        .tensor("blk.1.ffn_down_shexp.weight", &[1], 0)
        .tensor("v.blk.0.attn_q.weight", &[64], 0)
        .tensor("mm.0.weight", &[64], 0)
        .tensor("output_norm.weight", &[128], 0);
    let header = parse(&file).unwrap();
    let weights = &header.weights;
    assert_eq!((header.version, header.parts), (2, 1));
    assert_eq!(weights.token_embd, Bytes(4 * 32));
    assert!(weights.tied && header.architecture.tied_embeddings);
    assert_eq!(weights.output, Bytes(4 * (128 + 32)));
    let blocks: Vec<_> = weights
        .blocks
        .iter()
        .map(|b| (b.total.0, b.experts.0))
        .collect();
    assert_eq!(blocks, [(4 * 6, 0), (4 * 25, 4 * 24)]);
    assert_eq!(header.projector, Bytes(4 * 128));
    assert_eq!(weights.in_file() + header.projector, header.tensor_bytes);
    assert_eq!(header.file_bytes, Bytes(file.length()));
    assert_eq!(
        header.capabilities,
        [Capability::Completion, Capability::Vision]
    );

    let untied = parse(&file.tensor("output.weight", &[32], 0)).unwrap();
    assert!(!untied.weights.tied);
    assert_eq!(untied.weights.output, Bytes(4 * (128 + 32)));
}

#[test]
fn a_header_tells_more_than_shapes() {
    let file = Gguf::new(3)
        .model("qwen3", 1)
        .key("general.name", text("Qwen3 8B"))
        .key("general.file_type", u32(15))
        .key("tokenizer.ggml.model", text("gpt2"))
        .key("tokenizer.ggml.tokens", texts(&["a", "b", "ccc"]))
        .key("tokenizer.ggml.scores", array(6, 3, vec![0; 12]))
        .key("tokenizer.chat_template", text("{% if tools %} <think>"))
        .tensor("token_embd.weight", &[64, 3], 1);
    let header = parse(&file).unwrap();
    assert_eq!(header.name.as_deref(), Some("Qwen3 8B"));
    assert_eq!(header.tokenizer.as_deref(), Some("gpt2"));
    assert_eq!(header.quantization, "Q4_K_M");
    assert_eq!(header.context_length, 2048);
    assert_eq!(header.architecture.vocabulary_size, 3);
    let known = [
        Capability::Completion,
        Capability::Tools,
        Capability::Thinking,
    ];
    assert_eq!(header.capabilities, known);

    let embedding = model("qwen3", 1, &[("pooling_type", 3)]);
    assert_eq!(
        parse(&embedding).unwrap().capabilities,
        [Capability::Embedding]
    );
    let commonest = |kind| parse(&Gguf::llama().tensor("blk.0.x", &[1 << 20], kind));
    assert_eq!(commonest(12).unwrap().quantization, "Q4_K_M");
    assert_eq!(commonest(8).unwrap().quantization, "Q8_0");
    // Ollama's code for MXFP4 before GGML had one.
    assert_eq!(commonest(39).unwrap().quantization, "MXFP4");
}

fn layers(architecture: &Architecture, memory: Memory) -> Vec<u32> {
    let all = 0..architecture.block_count;
    all.filter(|layer| architecture.memory(*layer) == memory)
        .collect()
}

#[test]
fn windows_follow_each_architectures_rule() {
    let slides = |name, blocks, numbers: &[(&str, u32)]| {
        layers(&architecture(&model(name, blocks, numbers)), Memory::Window)
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
    assert_eq!(layers(&listed, Memory::Window), [0, 2]);
    assert_eq!(layers(&listed, Memory::Nothing), [3]);
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
    assert_eq!(layers(&jamba, Memory::State), [0, 2]);
    assert_eq!(jamba.head_count_kv, PerLayer::Same(2));
    // An architecture that nobody told about.
    assert_eq!(
        layers(&listed("next-year", &[0, 2, 0]), Memory::State),
        [0, 2]
    );

    let qwen = architecture(&model("qwen35", 8, &SSM));
    assert_eq!(layers(&qwen, Memory::Full), [3, 7]);
    let marked = model("qwen35", 3, &SSM);
    let marked = marked.key(
        "qwen35.attention.recurrent_layers",
        flags(&[false, true, true]),
    );
    assert_eq!(layers(&architecture(&marked), Memory::Full), [0]);

    let mamba = architecture(&model("mamba", 2, &SSM));
    assert_eq!(layers(&mamba, Memory::State), [0, 1]);
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
    let memory = [Memory::State, Memory::Nothing, Memory::Full];
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

#[test]
fn blocks_for_prediction_are_not_blocks() {
    let file = model("glm4moe", 3, &[("nextn_predict_layers", 1)])
        .tensor("output.weight", &[64], 0)
        .tensor("blk.1.x", &[64], 0)
        .tensor("blk.2.x", &[64], 0);
    let header = parse(&file).unwrap();
    assert_eq!(header.architecture.block_count, 2);
    assert_eq!(
        (header.weights.blocks.len(), header.unused),
        (2, Bytes(256))
    );
    assert_eq!(header.weights.output, Bytes(256));
    assert_eq!(
        code(&model("glm4moe", 3, &[("nextn_predict_layers", 3)])),
        "bad-value"
    );
}

#[test]
fn encoders_keep_nothing_and_have_no_head() {
    let header = parse(&model("bert", 2, &[])).unwrap();
    assert_eq!(layers(&header.architecture, Memory::Nothing), [0, 1]);
    assert!(!header.weights.tied);
    assert_eq!(header.capabilities, [Capability::Embedding]);
}

#[test]
fn models_in_several_files_are_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let part = |file: Gguf, number: u32| {
        file.key("split.no", u32(number - 1))
            .key("split.count", u32(2))
            .key("split.tensors.count", u32(2))
    };
    let first = part(Gguf::llama(), 1);
    let second = part(Gguf::new(3), 2).tensor("blk.0.x", &[64], 0);
    let path = |number| folder.path().join(format!("m-0000{number}-of-00002.gguf"));
    first.write(&path(1));
    let error = gguf::read(&path(1)).unwrap_err();
    assert_eq!(error.code(), "missing-parts");
    assert!(
        error.to_string().contains("m-00002-of-00002.gguf"),
        "{error}"
    );
    second.write(&path(2));
    let whole = gguf::read(&path(1)).unwrap();
    assert_eq!(whole, gguf::read(&path(2)).unwrap());
    assert_eq!((whole.parts, whole.parameters), (2, 6464));
    assert_eq!(whole.file_bytes, Bytes(first.length() + second.length()));

    first.write(&path(2));
    assert_eq!(gguf::read(&path(1)).unwrap_err().code(), "foreign-part");
    let other = folder.path().join("blob");
    second.write(&other);
    assert_eq!(gguf::read(&other).unwrap_err().code(), "split-part");
    assert_eq!(code(&second), "split-part");
}

#[test]
fn what_is_no_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(gguf::read(folder.path()).unwrap_err().code(), "unreadable");
    let missing = gguf::read(&folder.path().join("missing")).unwrap_err();
    assert_eq!(missing.code(), "unreadable");
    for bytes in [&b""[..], b"GGU", b"GGML....................", b"PK\x03\x04"] {
        let error = gguf::parse(bytes, bytes.len() as u64).unwrap_err();
        assert_eq!(error.code(), "not-gguf");
    }
    let versions = [
        (1, "unsupported-version"),
        (4, "unsupported-version"),
        (3 << 24, "big-endian"),
    ];
    for (version, expected) in versions {
        assert_eq!(code(&Gguf::new(version)), expected);
    }
    let path = folder.path().join("short.gguf");
    std::fs::write(&path, b"GGUF").unwrap();
    let error = gguf::read(&path).unwrap_err();
    assert_eq!(error.code(), "truncated");
    assert_eq!(error.path.as_deref(), Some(path.as_path()));
    assert_eq!(code(&Gguf::new(3)), "missing-key");
    assert_eq!(code(&Gguf::new(3).model("llama", 1)), "missing-tensor");
    assert_eq!(
        code(&Gguf::new(3).key("general.architecture", text("clip"))),
        "projector"
    );
    assert_eq!(
        code(&Gguf::new(3).key("general.architecture", u32(1))),
        "bad-type"
    );
    assert_eq!(code(&Gguf::llama()), "ok");
}

#[test]
fn hostile_keys_are_refused() {
    let key = |value: Value| code(&Gguf::llama().key("x", value));
    let huge = |kind| array(kind, u64::MAX, Vec::new());
    for kind in [0, 4, 6, 7, 8, 9, 12] {
        assert_eq!(key(huge(kind)), "absurd-count", "{kind}");
    }
    assert_eq!(key(raw(8, &u64::MAX.to_le_bytes())), "absurd-length");
    assert_eq!(key(raw(8, &(1_u64 << 40).to_le_bytes())), "absurd-length");
    assert_eq!(key(raw(8, &1_000_000_u64.to_le_bytes())), "truncated");
    assert_eq!(key(array(4, 1000, Vec::new())), "truncated");
    assert_eq!(key(raw(13, &[])), "bad-type");
    assert_eq!(key(array(13, 1, Vec::new())), "bad-type");
    let nested = |depth| (1..depth).fold(list(&[]), |inner, _| array(9, 1, inner.into_bytes()));
    assert_eq!(key(nested(3)), "ok");
    assert_eq!(key(nested(4)), "nesting");
    assert_eq!(
        code(&Gguf::llama().key("x", u32(1)).key("x", u32(1))),
        "duplicate-key"
    );

    let long = "k".repeat(70_000);
    assert_eq!(code(&Gguf::llama().key(&long, u32(1))), "absurd-length");
    let many = (0..300).fold(Gguf::llama(), |file, n| {
        file.key(&format!("{n}"), text(&long[..60_000]))
    });
    assert_eq!(code(&many), "absurd-length");
    let mut counted = Gguf::llama();
    counted.key_count = Some(u64::MAX);
    assert_eq!(code(&counted), "absurd-count");
    for alignment in [0, 3, 24] {
        let file = Gguf::llama().key("general.alignment", u32(alignment));
        assert_eq!(code(&file), "bad-alignment");
    }
    assert_eq!(
        code(&Gguf::llama().key("general.alignment", text("32"))),
        "bad-type"
    );
}

#[test]
fn impossible_numbers_are_refused() {
    let key = |key: &str, value| code(&Gguf::llama().key(&format!("llama.{key}"), value));
    assert_eq!(key("attention.head_count_kv", list(&[])), "bad-value");
    assert_eq!(
        key("attention.head_count_kv", list(&[u32::MAX])),
        "bad-value"
    );
    assert_eq!(key("attention.head_count_kv", u32(1 << 20)), "bad-value");
    assert_eq!(key("attention.head_count_kv", texts(&["4"])), "bad-type");
    assert_eq!(
        key("attention.key_length", raw(5, &(-1_i32).to_le_bytes())),
        "bad-value"
    );
    assert_eq!(key("attention.key_length", raw(6, &[0; 4])), "bad-type");
    assert_eq!(
        key("expert_count", raw(10, &u64::MAX.to_le_bytes())),
        "bad-value"
    );
    assert_eq!(
        key("attention.key_length", raw(3, &9_i16.to_le_bytes())),
        "ok"
    );
    assert_eq!(code(&model("llama", u32::MAX, &[])), "bad-value");
    assert_eq!(code(&model("llama", 0, &[])), "bad-value");
}

#[test]
fn hostile_tensors_are_refused() {
    let tensor =
        |name: &str, dimensions: &[u64], kind| code(&Gguf::llama().tensor(name, dimensions, kind));
    let inconsistent = "inconsistent-tensor";
    assert_eq!(tensor("blk.0.x", &[u64::MAX, 2], 0), inconsistent);
    assert_eq!(tensor("blk.0.x", &[1 << 32, 1 << 32], 0), inconsistent);
    assert_eq!(tensor("blk.0.x", &[1 << 62], 27), inconsistent);
    assert_eq!(tensor("blk.0.x", &[4, 0], 0), inconsistent);
    assert_eq!(tensor("blk.0.x", &[33], 2), inconsistent);
    assert_eq!(tensor("blk.1.x", &[32], 0), inconsistent);
    assert_eq!(tensor("blk.99999999999.x", &[32], 0), inconsistent);
    assert_eq!(tensor("blk.0.x", &[1; 5], 0), "absurd-count");
    assert_eq!(tensor("blk.0.x", &[32], 99), "unknown-tensor-type");
    assert_eq!(tensor(&"x".repeat(200), &[32], 0), "absurd-length");
    assert_eq!(tensor("token_embd.weight", &[32], 0), "duplicate-tensor");
    for offset in [1, 32, u64::MAX, u64::MAX - 31, 1 << 40] {
        let file = Gguf::llama().tensor_at("blk.0.x", &[32], 0, offset);
        assert_eq!(code(&file), inconsistent);
    }
    let mut counted = Gguf::llama();
    for count in [u64::MAX, 40_000] {
        counted.tensor_count = Some(count);
        assert_eq!(code(&counted), "absurd-count");
    }
    let file = Gguf::llama();
    let error = gguf::parse(&file.header()[..], file.length() - 1).unwrap_err();
    assert_eq!(error.code(), "truncated");
    assert!(
        error.to_string().contains(&file.length().to_string()),
        "{error}"
    );
}

/// Files without end: each declares as much as the limits allow, in the smallest pieces.
#[test]
fn endless_files_end_soon() {
    let started = Instant::now();
    let endless = |file: &Gguf| {
        let input = io::Cursor::new(file.header()).chain(io::repeat(0));
        gguf::parse(BufReader::new(input), 1 << 50).map_or_else(|error| error.code(), |_| "ok")
    };
    let key = |value| endless(&Gguf::llama().key("x", value));
    assert_eq!(key(array(8, 1 << 40, Vec::new())), "absurd-count");
    key(raw(8, &(60_u64 << 20).to_le_bytes()));
    // Zeros are empty arrays of bytes, and empty names.
    key(array(9, 5_000_000, Vec::new()));
    key(array(8, 8_000_000, Vec::new()));
    let mut counted = Gguf::llama();
    counted.key_count = Some(5_000_000);
    endless(&counted);
    assert!(started.elapsed() < Duration::from_secs(10));
}

fn sample() -> Gguf {
    model(
        "gemma3",
        4,
        &[
            ("attention.sliding_window", 512),
            ("attention.head_count_kv", 2),
        ],
    )
    .key("general.file_type", u32(7))
    .key(
        "gemma3.attention.sliding_window_pattern",
        flags(&[true, false, true, false]),
    )
    .key("tokenizer.ggml.tokens", texts(&["a", "b"]))
    .tensor("blk.0.ffn_up_exps.weight", &[64, 2], 8)
    .tensor("blk.3.attn_q.weight", &[64, 2], 1)
}

fn survives(bytes: &[u8], length: u64) {
    if let Ok(header) = gguf::parse(bytes, length) {
        assert!(header.weights.blocks.len() <= 1024);
        assert!(header.tensor_bytes <= header.file_bytes);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        survives(&bytes, bytes.len() as u64);
        let marked = [&b"GGUF\x03\0\0\0"[..], &bytes].concat();
        survives(&marked, marked.len() as u64);
    }

    #[test]
    fn any_change_is_survived(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        longer in any::<u64>(),
    ) {
        let file = sample();
        let mut bytes = file.header();
        for (index, byte) in changes {
            let place = index.index(bytes.len());
            bytes[place] = byte;
        }
        survives(&bytes, file.length());
        survives(&bytes, longer);
    }

    #[test]
    fn any_word_may_be_huge(place in any::<prop::sample::Index>(), word in any::<u64>()) {
        let file = sample();
        let mut bytes = file.header();
        let place = place.index(bytes.len() - 8);
        bytes[place..place + 8].copy_from_slice(&word.to_le_bytes());
        survives(&bytes, file.length());
        survives(&bytes, u64::MAX);
    }

    #[test]
    fn a_shortened_file_is_truncated(cut in any::<prop::sample::Index>()) {
        let file = sample();
        let bytes = file.header();
        let cut = 4 + cut.index(bytes.len() - 4);
        let code = gguf::parse(&bytes[..cut], cut as u64).unwrap_err().code();
        prop_assert_eq!(code, "truncated");
        // A file that shrinks while it is read.
        let code = gguf::parse(&bytes[..cut], file.length()).unwrap_err().code();
        prop_assert_eq!(code, "truncated");
    }
}
