//! Logs and answers of a real Ollama 0.33.0-rc2 with llama.cpp b10434, as it wrote them: on a host without GPUs, of models with
//! the shapes of qwen2.5:0.5b in Q8_0 and of a llama of 21M. Only paths and lines about other things were changed or left out.

use serde_json::Value;
use vramfit::app::Exit;
use vramfit::ollama::loads;

use super::codes;
use crate::ollama::recorded::{Recorded, ok};
use crate::support::{Machine, Run};

/// Four slots of 8192 tokens.
const PARALLEL: &str = include_str!("../../../fixtures/ollama/0.33.0-rc2-parallel.log");
/// Both models loaded at once.
const PS: &str = include_str!("../../../fixtures/ollama/0.33.0-rc2-ps.json");
const QWEN: &str = include_str!("../../../fixtures/ollama/0.33.0-rc2-show-qwen2.5.json");
const TINY: &str = include_str!("../../../fixtures/ollama/0.33.0-rc2-show-tiny.json");
/// Their names, as far as `verify` reads them.
const TAGS: &str = r#"{"models":[{"name":"qwen2.5:0.5b"},{"name":"tiny:latest"}]}"#;

/// Runs `verify` on the log, with words after it.
fn verify(machine: &Machine, words: &str) -> Run {
    let folder = env!("CARGO_MANIFEST_DIR");
    let log = format!("{folder}/tests/fixtures/ollama/0.33.0-rc2-parallel.log");
    machine.run(&format!("verify {words} --log '{log}' --json"))
}

/// What a model's start in the log is told to be made of, predicted and actual.
fn parts(model: &Value) -> Vec<(u64, u64)> {
    let parts = model["parts"].as_array().expect("a list");
    let bytes = |part: &Value, key: &str| part[key].as_u64().expect("bytes");
    let both = |part| (bytes(part, "predicted"), bytes(part, "actual"));
    parts.iter().map(both).collect()
}

#[test]
fn the_share_of_a_slot_is_not_the_context() {
    let all = loads(PARALLEL);
    assert_eq!(all.len(), 2);
    for load in &all {
        assert_eq!(
            (load.context, load.parallel, load.batch),
            (Some(32_768), Some(4), Some(1024))
        );
        assert_eq!(load.flash_attention, Some(true));
        assert_eq!(load.kv_cache_type.as_deref(), Some("f16"));
    }
    let cpu = all[0].devices["CPU"];
    assert_eq!((cpu.kv_cache.0, cpu.compute.0), (384 << 20, 91_247_084));
    // Where the GPU lacks the operation, the engine says so at the same place.
    let off = PARALLEL.replace(
        "Flash Attention enabled",
        "Flash Attention not supported, set to disabled",
    );
    assert_eq!(loads(&off)[1].flash_attention, Some(false));
}

#[test]
fn a_start_is_that_of_the_model_with_as_many_layers() {
    let run = verify(&Machine::new(), "qwen2.5:0.5b-instruct-q8_0 --context 8192");
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
    assert_eq!(codes(&run), ["other-parallel", "approximate"]);
    let model = run.json()["models"][0].clone();
    let [weights, cache, compute] = parts(&model)[..] else {
        panic!("{model}");
    };
    assert!(weights.0.abs_diff(weights.1) < 1 << 16, "{weights:?}");
    assert_eq!(cache.1, 384 << 20);
    assert!(compute.0 < compute.1, "{compute:?}");
    // Another file than the tag's is told as that, in host memory, too.
    let run = verify(&Machine::new(), "qwen2.5:0.5b --context 8192");
    assert_eq!(codes(&run), ["other-parallel", "other-weights"]);
}

#[test]
fn a_server_that_keeps_its_files_to_itself_tells_which_start_is_whose() {
    let server = Recorded::start(vec![
        ("/api/version", ok(r#"{"version":"0.33.0-rc2"}"#)),
        ("/api/tags", ok(TAGS)),
        ("/api/ps", ok(PS)),
        ("/api/show qwen", ok(QWEN)),
        ("/api/show tiny", ok(TINY)),
    ]);
    let machine = Machine::new()
        .with("OLLAMA_HOST", server.host())
        .with("OLLAMA_NUM_PARALLEL", "4");
    let run = verify(&machine, "");
    let answer = run.json();
    let models = answer["models"].as_array().expect("a list");
    assert_eq!(models.len(), 2);
    for model in models {
        assert_eq!(model["findings"][0]["code"], "as-predicted", "{model}");
        let off = model["difference_ratio"].as_f64().expect("a ratio").abs();
        assert!(off < 0.001, "{model}");
    }
    assert_eq!(run.exit, Exit::Yes);
    for (tag, layers) in [("tiny", 7), ("qwen2.5:0.5b", 25)] {
        let run = verify(&machine, tag);
        let actual = run.json()["models"][0]["actual"].clone();
        assert_eq!(actual["layers"], layers, "{tag}");
    }
    // What it does not tell of is in no start.
    let server = Recorded::start(vec![
        ("/api/tags", ok(r#"{"models":[{"name":"gemma3:1b"}]}"#)),
        ("/api/ps", ok(r#"{"models":[]}"#)),
        ("/api/show", ok(&TINY.replace("sha256-7e35", "sha256-0000"))),
    ]);
    let run = verify(
        &Machine::new().with("OLLAMA_HOST", server.host()),
        "gemma3:1b",
    );
    assert!(run.err.contains("ollama-not-logged"), "{}", run.err);
}
