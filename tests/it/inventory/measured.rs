//! What was read off a real H100 and a real H200 (driver 580.159.04, CUDA 13.0; llama-bench of ggml 0.25.3 with flash attention, files of plausible weights).
//! Where the same card is described, that must be what we say.

use serde_json::Value;
use vramfit::app::Exit;

use crate::support::Machine;

const BENCH: &str = include_str!("../../fixtures/h200/llama-bench.jsonl");

fn json(command: &str) -> Value {
    let run = Machine::new().run(command);
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    run.json()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn rows() -> Vec<Value> {
    let rows = BENCH.lines().map(serde_json::from_str);
    rows.collect::<Result<_, _>>().expect("rows")
}

#[test]
fn a_described_h200_is_the_real_one() {
    let csv = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/h200/query-gpu.csv"
    );
    let real = json(&format!("gpus --json --fleet {csv}"));
    let described = json("gpus --json --gpu H200");
    assert_eq!(real["hosts"][0]["driver"], "580.159.04");
    let gpu = |report: &Value, key: &str| {
        number(&report["hosts"][0]["gpus"][0][key]) / f64::from(1 << 20)
    };
    for key in ["total", "free", "usable"] {
        let (real, described) = (gpu(&real, key), gpu(&described, key));
        assert!(
            (real - described).abs() <= 1.0,
            "{key}: {real} and {described} MiB"
        );
    }
}

#[test]
fn every_form_that_nvidia_smi_prints_tells_the_same_h100() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/h100");
    let described = json("gpus --json --gpu 'H100 SXM'");
    for file in ["table.txt", "list.txt", "q.txt", "query.csv"] {
        let real = json(&format!("gpus --json --fleet {folder}/{file}"));
        let host = &real["hosts"][0];
        for key in ["total", "free", "usable"] {
            let of =
                |report: &Value| number(&report["hosts"][0]["gpus"][0][key]) / f64::from(1 << 20);
            let (real, described) = (of(&real), of(&described));
            assert!(
                (real - described).abs() <= 1.0,
                "{file}, {key}: {real} and {described} MiB"
            );
        }
        // A list of names tells no driver.
        if file != "list.txt" {
            assert_eq!(host["driver"], "580.159.04", "{file}");
        }
    }
}

#[test]
fn a_process_takes_no_more_than_is_counted() {
    let report = json("gpus --json --gpu H200");
    let counted = number(&report["hosts"][0]["gpus"][0]["process_overhead"]) / f64::from(1 << 20);
    let mut seen = Vec::new();
    for row in rows().iter().filter(|row| !row["process_mib"].is_null()) {
        let buffers = ["model_mib", "cache_mib", "compute_mib"].map(|key| number(&row[key]));
        seen.push(number(&row["process_mib"]) - buffers.iter().sum::<f64>());
    }
    let most = seen.iter().copied().fold(0.0, f64::max);
    assert!(most <= counted, "{most} of {counted} MiB");
    assert!(
        counted - most < 2.0,
        "{counted} MiB are counted where {most} were the most"
    );
}

#[test]
fn caches_are_exact() {
    for row in rows() {
        // Of windows llama-bench keeps other batches than Ollama does.
        if row["model"] == "gemma3:27b" {
            continue;
        }
        let (model, context) = (row["model"].as_str().expect("a tag"), &row["n_ctx"]);
        let report = json(&format!(
            "explain {model} --gpu H200 --context {context} --json"
        ));
        let estimate = &report["estimate"];
        let cache = number(&estimate["kv_cache"]) / f64::from(1 << 20);
        let read = number(&row["cache_mib"]);
        assert!(
            (cache - read).abs() < 0.01,
            "{model} at {context}: {cache} and {read} MiB"
        );
    }
}

#[test]
fn most_speeds_lie_in_their_bands() {
    let mut outside = Vec::new();
    let rows = rows();
    let fresh = rows.iter().filter(|row| row["n_depth"] == 0);
    for row in fresh {
        let model = row["model"].as_str().expect("a tag");
        let report = json(&format!("explain {model} --gpu H200 --json"));
        let which = if row["n_gen"] == 0 {
            "prefill"
        } else {
            "decode"
        };
        let band = &report["speed"][which];
        let speed = number(&row["tokens_per_s"]);
        if speed < number(&band[0]) || speed > number(&band[1]) {
            outside.push(format!("{model} {which} {speed}: {band}"));
        }
    }
    // The first is too small for the card: what kernels' starts cost a prompt is not in the model.
    assert!(
        outside
            .iter()
            .all(|one| one.starts_with("qwen3:0.6b prefill")),
        "{outside:#?}"
    );
}

/// Read with llama-batched-bench and llama-bench: Qwen3 of 0.6B to 32B and 30B-A3B, Q4_0 with a head of Q8_0, flash attention.
#[test]
fn users_at_once_and_depth_slow_a_real_h200_as_predicted() {
    let rows = include_str!("../../fixtures/h200/users-and-depth.jsonl").lines();
    let rows: Vec<Value> = rows
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .expect("rows");
    let is_inside = |row: &Value| {
        let (tag, users, depth) = (
            row["model"].as_str().expect("a tag"),
            &row["users"],
            &row["depth"],
        );
        let context = number(depth) as u64 + 1024;
        let report = json(&format!(
            "explain {tag} --gpu H200 --parallel {users} --context {context} --depth {depth} --json"
        ));
        let band = [0, 1].map(|end| number(&report["speed"]["decode"][end]));
        (band[0]..=band[1]).contains(&number(&row["tokens_per_s"]))
    };
    let (alone, shared): (Vec<&Value>, Vec<&Value>) =
        rows.iter().partition(|row| row["users"] == 1);
    let inside = |rows: &[&Value]| rows.iter().filter(|row| is_inside(row)).count();
    assert_eq!([alone.len(), shared.len()], [19, 20]);
    let found = [inside(&alone), inside(&shared)];
    // The rest is up to 6 % faster than its band: a 0.6B at two depths, two users of a 32B, 32 users of a 30B-A3B.
    assert!(found[0] >= 17 && found[1] >= 18, "{found:?}");
}
