//! What the engine was seen to allocate for toy files of architectures whose plans are no fixtures, in the whole program.

use serde_json::Value;

use super::keys;
use crate::support::Machine;
use crate::support_gguf::{Gguf, list, text};

const MIB: f64 = 1_048_576.0;

/// Eight blocks of 16 heads of 128, four of them for keys and values; a block that attends keeps 64 MiB of 32,768 tokens.
const TOY: [(&str, u32); 8] = [
    ("context_length", 131_072),
    ("embedding_length", 2048),
    ("feed_forward_length", 4096),
    ("attention.head_count", 16),
    ("attention.head_count_kv", 4),
    ("attention.key_length", 128),
    ("attention.value_length", 128),
    ("attention.sliding_window", 1024),
];

fn toy(name: &str, blocks: u32, numbers: &[(&str, u32)]) -> Gguf {
    let file = Gguf::new(3).key("general.architecture", text(name));
    let file = keys(keys(file, name, &TOY), name, numbers);
    let file = keys(file, name, &[("block_count", blocks)]);
    let file = file.tensor("token_embd.weight", &[2048, 1000], 0);
    (0..blocks).fold(file, |file, block| {
        file.tensor(&format!("blk.{block}.attn_output.weight"), &[2048, 2048], 1)
    })
}

fn estimate(file: &Gguf, options: &str) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("toy.gguf");
    file.write(&path);
    let command = format!("explain {} --vram 400 --json {options}", path.display());
    Machine::new().run(&command).json()["estimate"].clone()
}

/// MiB of cache.
fn cache(file: &Gguf, options: &str) -> f64 {
    estimate(file, options)["kv_cache"].as_f64().expect("bytes") / MIB
}

/// Engine's plans of b10603 and b11413: 134 and 166.3 MiB at 32,768 tokens.
#[test]
fn linear_attention_keeps_a_state_and_pooled_keys() {
    let minimax = toy("minimax-01", 8, &[("full_attention_interval", 4)]);
    assert_eq!(cache(&minimax, "--context 32768"), 134.0);
    // As the model has it: seven of eight blocks carry a state.
    let real = toy("minimax-01", 8, &[]);
    assert_eq!(cache(&real, "--context 32768"), 64.0 + 7.0);
    let qwen = toy(
        "qwen4exp",
        8,
        &[
            ("ssm.conv_kernel", 4),
            ("ssm.inner_size", 2048),
            ("ssm.state_size", 128),
            ("ssm.time_step_rank", 16),
            ("ssm.group_count", 8),
            ("attention.indexer.key_length", 128),
            ("attention.indexer.head_count", 16),
            ("attention.indexer.top_k", 2048),
        ],
    );
    let ratios = list(&[0, 0, 0, 4, 0, 0, 0, 4]);
    let qwen = qwen.key("qwen4exp.attention.compress_ratios", ratios);
    assert_eq!(cache(&qwen, "--context 32768"), 128.0 + 32.0 + 6.281_25);
}

/// MiniMax 01 holds how much each token of a batch forgets of each other, for every head: a GiB for 64 heads and 2048 tokens, four times.
#[test]
fn what_linear_attention_computes_with_is_doubted() {
    let file = toy("minimax-01", 8, &[]);
    let doubt = |batch: u32| {
        let estimate = estimate(&file, &format!("--context 32768 --batch {batch}"));
        estimate["doubt"].as_f64().expect("bytes") / MIB
    };
    let squares = |batch: f64| 4.0 * 16.0 * batch * batch * 4.0 / MIB;
    assert!(doubt(512) > squares(512.0), "{}", doubt(512));
    assert!(doubt(2048) > squares(2048.0), "{}", doubt(2048));
}

/// GLM-4.5-Air: 46 blocks and one for prediction, 752 MiB at 4096 tokens in b10603 and 736 from b11413 on.
#[test]
fn old_builds_keep_a_cache_for_blocks_of_prediction() {
    let air = toy("glm4moe", 47, &[("nextn_predict_layers", 1)]);
    // Four heads for keys and values, where GLM has eight.
    for (version, mib) in [("0.33.1", 376.0), ("0.40.0", 368.0), ("0.40.2", 368.0)] {
        let options = format!("--context 4096 --ollama-version {version}");
        assert_eq!(cache(&air, &options), mib, "{version}");
    }
}

/// Three of four blocks see a window, though no pattern in the file says so: 1024 tokens and a batch, at 1 KiB for a row of keys.
#[test]
fn windows_are_there_without_a_pattern() {
    for name in ["mellum", "laguna", "muse-glimmer"] {
        let file = toy(name, 8, &[]);
        let whole = 2.0 * 64.0;
        let windows = 6.0 * 1536.0 * 2048.0 / MIB;
        let options = "--context 32768 --batch 512";
        assert_eq!(cache(&file, options), whole + windows, "{name}");
    }
}

/// 128 elements in 18 bytes (Q1_0), 64 in 18 (Q2_0).
#[test]
fn one_and_two_bits_are_known_types() {
    for (code, name, bytes) in [(41, "Q1_0", 18 * 16), (42, "Q2_0", 18 * 32)] {
        let blocks = toy("llama", 2, &[]);
        let file = blocks.tensor("output.weight", &[2048, 1000], code);
        let estimate = estimate(&file, "--context 4096");
        let others = 2 * 2048 * 2048 * 2;
        assert_eq!(estimate["weights"], others + 1000 * bytes, "{name}");
        assert_eq!(estimate["basis"], "file", "{name}");
    }
}
