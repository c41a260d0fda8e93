//! Files that are broken, or made to do harm.

use std::io::{self, BufReader, Read};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use vramfit::engine::estimate::{Assignment, Shape, allocate};
use vramfit::engine::workload::Workload;
use vramfit::gguf;

use super::{code, model};
use crate::support_gguf::{Gguf, Value, array, flags, list, raw, text, texts, u32};

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
    let name = |name| code(&Gguf::new(3).key("general.architecture", text(name)));
    assert_eq!(name("\x1b[2J"), "bad-type");
    assert_eq!(code(&Gguf::llama().key("\x1b[2J", u32(1))), "bad-text");
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
    // A type of tomorrow is as large as the data up to the next tensor; here there is none.
    assert_eq!(tensor("blk.0.x", &[32], 99), inconsistent);
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
        let (architecture, weights) = (&header.architecture, &header.weights);
        let shape = Shape {
            architecture,
            weights,
            projector: header.projector,
            drafter: Default::default(),
        };
        // What passes for a model can be estimated, too.
        let workload = Workload {
            context_length: 1 << 20,
            ..Workload::default()
        };
        allocate(
            shape,
            &workload,
            &Assignment::single(architecture.block_count),
        );
    }
}

#[test]
fn the_largest_numbers_can_be_estimated() {
    let (wide, many) = (1 << 22, 1 << 14);
    let numbers = [
        ("attention.head_count_kv", many),
        ("attention.key_length", wide),
        ("attention.value_length", wide),
        ("attention.sliding_window", u32::MAX),
        ("attention.sliding_window_pattern", 0),
        ("expert_count", many),
        ("expert_used_count", wide),
        ("expert_feed_forward_length", wide),
        ("expert_shared_count", wide),
        ("attention.key_length_mla", wide),
        ("attention.value_length_mla", wide),
        ("rope.dimension_count", wide),
        ("ssm.conv_kernel", many),
        ("ssm.inner_size", wide),
        ("ssm.state_size", many),
        ("ssm.group_count", many),
    ];
    for name in ["llama", "gemma3", "qwen35", "mamba", "falcon-h1"] {
        for rank in [0, wide] {
            let file = model(name, 1024, &numbers);
            let file = file.key(&format!("{name}.attention.kv_lora_rank"), u32(rank));
            assert_eq!(code(&file), "ok");
            survives(&file.header(), file.length());
        }
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
