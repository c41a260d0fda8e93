//! `vramfit plan` as scripts and people meet it.

mod cards;

use std::collections::BTreeSet;

use serde_json::Value;
use vramfit::app::Exit;

use crate::support::{Machine, Run, width};

pub(super) fn run(command: &str) -> Run {
    Machine::new().run(command)
}

fn services(plan: &Value) -> Vec<(String, u64, Vec<u64>, u64)> {
    let services = plan["services"].as_array().expect("a list");
    let mut all: Vec<_> = services
        .iter()
        .map(|service| {
            let gpus = service["gpus"].as_array().expect("a list");
            (
                service["tag"].as_str().expect("a tag").to_owned(),
                service["context_length"].as_u64().expect("tokens"),
                gpus.iter()
                    .map(|gpu| gpu["gpu"].as_u64().expect("an index"))
                    .collect(),
                service["port"].as_u64().expect("a port"),
            )
        })
        .collect();
    all.sort_by_key(|service| service.3);
    all
}

#[test]
fn replicas_are_counted_as_cards_are() {
    let placed = |demand: &str| run(&format!("plan '{demand}' --gpu 2x3090 --json")).out;
    assert_eq!(placed("qwen3:8b x2@16k"), placed("qwen3:8b*2@16k"));
    assert_eq!(run("plan 'qwen3:8b x' --vram 24").exit, Exit::Failure);
}

#[test]
fn a_demand_says_replicas_context_and_gpus() {
    let run = run("plan llama3:70b qwen3:30b*2@16k codellama:34b:pin=4 --gpu 'RTX 3090 x5' --json");
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
    let plan = run.json();
    assert_eq!(plan["schema"], "vramfit.plan/1");
    assert_eq!(plan["optimal"], true);
    assert_eq!(
        services(&plan),
        [
            ("llama3:70b".to_owned(), 8192, vec![0, 1], 11434),
            ("qwen3:30b".to_owned(), 16_384, vec![2], 11435),
            ("qwen3:30b".to_owned(), 16_384, vec![3], 11436),
            ("codellama:34b".to_owned(), 8192, vec![4], 11437),
        ]
    );
}

#[test]
fn equal_cards_are_taken_in_the_order_of_the_demands() {
    let plan = run(
        "plan qwen3:8b codellama:34b llama3:70b:pin=0,1,2,3 qwen3:30b --gpu 'RTX 3090 x5' --json",
    )
    .json();
    let places: Vec<Vec<u64>> = services(&plan)
        .into_iter()
        .map(|service| service.2)
        .collect();
    assert_eq!(places.iter().flatten().count(), 5, "{places:?}");
    let plan = run("plan codellama:34b qwen3:30b gemma2:27b --gpu 'RTX 3090 x3' --json").json();
    let places: Vec<Vec<u64>> = services(&plan)
        .into_iter()
        .map(|service| service.2)
        .collect();
    assert_eq!(places, [[0], [1], [2]]);
}

#[test]
fn a_service_has_the_environment_of_its_own_server() {
    let plan = run("plan qwen3:8b@16k --gpu 'RTX 3090 x2' --kv-cache-type q8_0 --parallel 2 --base-port 12000 --json").json();
    let service = &plan["services"][0];
    for (name, value) in [
        // No driver knows the UUID of a GPU that was only described.
        ("CUDA_VISIBLE_DEVICES", "0"),
        ("CUDA_DEVICE_ORDER", "PCI_BUS_ID"),
        ("OLLAMA_HOST", "127.0.0.1:12000"),
        ("OLLAMA_CONTEXT_LENGTH", "16384"),
        ("OLLAMA_NUM_PARALLEL", "2"),
        ("OLLAMA_KV_CACHE_TYPE", "q8_0"),
        ("OLLAMA_FLASH_ATTENTION", "1"),
        ("OLLAMA_MAX_LOADED_MODELS", "1"),
        ("OLLAMA_KEEP_ALIVE", "-1"),
    ] {
        assert_eq!(service["environment"][name], value, "{name}");
    }
    let plain = run("plan qwen3:8b --vram 24 --json").json();
    let environment = &plain["services"][0]["environment"];
    assert_eq!(environment["OLLAMA_KV_CACHE_TYPE"], "f16");
}

#[test]
fn the_environment_that_is_told_is_the_one_that_is_emitted() {
    for demands in [
        "qwen3:8b",
        "llama3:70b",
        "qwen3:8b --kv-cache-type q8_0",
        "qwen3:8b --no-flash-attention",
    ] {
        let command = format!("plan {demands} --gpu 'RTX 3090 x2' --emit systemd --json");
        let plan = run(&command).json();
        let told = plan["services"][0]["environment"].as_object();
        let told = told.expect("a map").iter();
        let told: BTreeSet<String> = told
            .map(|(name, value)| format!("{name}={}", value.as_str().expect("a text")))
            .collect();
        let files = plan["files"].as_array().expect("files");
        let is_environment = |file: &&Value| {
            file["path"]
                .as_str()
                .is_some_and(|path| path.ends_with(".env"))
        };
        let file = files.iter().find(is_environment).expect("an environment");
        let lines = file["text"].as_str().expect("a text").lines();
        let emitted: BTreeSet<String> = lines
            .filter(|line| line.contains('=') && !line.starts_with('#'))
            // The store's folder and the preloading unit's own.
            .filter(|line| !line.starts_with("OLLAMA_MODELS") && !line.starts_with("VRAMFIT_"))
            .map(str::to_owned)
            .collect();
        assert_eq!(told, emitted, "{demands}");
    }
}

#[test]
fn a_service_keeps_the_name_under_which_it_was_asked_for() {
    let plan =
        run("plan bge-m3 nomic-embed-text:latest Qwen3:8B --gpu 'RTX 3090' --emit shell --json")
            .json();
    let told = plan["services"].as_array().expect("a list").iter();
    let mut tags: Vec<&str> = told.filter_map(|one| one["tag"].as_str()).collect();
    tags.sort_unstable();
    assert_eq!(tags, ["bge-m3", "nomic-embed-text:latest", "qwen3:8b"]);
    let files = plan["files"].to_string();
    assert!(files.contains(" bge-m3 warm") && !files.contains("bge-m3:567m"));
    let none = run("plan bge-m3@9k llama3:70b --gpu 'RTX 3060 12GB' --json").json();
    assert_eq!(none["unplaced"][0]["tag"], "llama3:70b");
    assert_eq!(none["notes"][0]["tag"], "bge-m3");
}

#[test]
fn a_time_limit_that_is_not_reached_changes_nothing() {
    let command = "plan llama3:70b qwen3:30b*3 tinyllama --gpu 'RTX 3090 x4' --json";
    let limited = run(&format!("{command} --time 3600"));
    assert_eq!(limited.out, run(command).out);
    for wrong in ["0", "-1", "soon"] {
        let refused = run(&format!("{command} --time {wrong}"));
        assert_eq!(refused.exit, Exit::Failure, "{}", refused.out);
    }
}

#[test]
fn what_cannot_be_understood_is_named() {
    for (command, code, candidate) in [
        (
            "plan llama3:70bb --vram 24",
            "unknown-tag",
            Some("llama3:70b"),
        ),
        ("plan llama3:8b:pin=7 --vram 24x2", "unknown-choice", None),
        ("plan llama3:8b:pin= --vram 24", "bad-value", None),
        ("plan llama3:8b*0 --vram 24", "bad-value", None),
        ("plan llama3:8b*x --vram 24", "bad-value", None),
        ("plan llama3:8b@-1 --vram 24", "bad-value", None),
        ("plan *2 --vram 24", "bad-value", None),
        ("plan --vram 24", "missing-argument", None),
        (
            "plan --preset 4x3090-mixd --vram 24",
            "unknown-choice",
            Some("4x3090-mixed"),
        ),
        ("plan llama3:8b --vram 24 --base-port 0", "bad-value", None),
        (
            "plan llama3:8b --vram 24 --base-port 70000",
            "bad-value",
            None,
        ),
        (
            "plan tinyllama*2 --vram 24 --base-port 65535",
            "bad-value",
            None,
        ),
        (
            "plan llama3:8b --vram 24 --keep-free gpu9",
            "unknown-choice",
            None,
        ),
        (
            "plan llama3:8b --vram 24 --lose gpu3",
            "unknown-choice",
            None,
        ),
        (
            "plan llama3:8b --vram 24 --what-if '+RTX 3099'",
            "unknown-gpu",
            Some("RTX 3090"),
        ),
        (
            "plan llama3:8b --vram 24 --diff /nowhere.json",
            "file",
            None,
        ),
    ] {
        let run = run(&format!("{command} --json"));
        assert_eq!(run.exit, Exit::Failure, "{command}: {}", run.out);
        let error: Value = serde_json::from_str(&run.err).expect("JSON");
        assert_eq!(error["code"], code, "{command}: {error}");
        if let Some(candidate) = candidate {
            let candidates = error["candidates"].as_array().expect("a list");
            assert!(
                candidates.iter().any(|one| one == candidate),
                "{command}: {error}"
            );
        }
    }
    let error = run("plan llama3:8b:pin=7 --vram 24x2").err;
    assert!(error.contains("'7'") && error.contains("0, 1"), "{error}");
}

#[test]
fn a_file_says_the_same_and_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.toml");
    let plan = |text: &str, more: &str| {
        std::fs::write(&path, text).expect("a file");
        run(&format!(
            "plan --models-file '{}' --gpu 'RTX 3090 x4' --json {more}",
            path.display()
        ))
    };
    let good = plan(
        "keep_free = [3]\n[[model]]\ntag = \"qwen3:8b\"\nreplicas = 2\ncontext = \"16k\"\nparallel = 2\nkv_cache_type = \"q8_0\"\napart = \"gpu\"\n\
         [[model]]\ntag = \"llama3:8b\"\npin = [2]\nport = 12345\n",
        "",
    );
    assert_eq!(good.exit, Exit::Yes, "{}{}", good.out, good.err);
    let json = good.json();
    assert_eq!(
        services(&json),
        [
            ("qwen3:8b".to_owned(), 16_384, vec![0], 11434),
            ("qwen3:8b".to_owned(), 16_384, vec![1], 11435),
            ("llama3:8b".to_owned(), 8192, vec![2], 12345),
        ]
    );
    assert_eq!(json["services"][0]["estimate"]["kv_cache_type"], "q8_0");
    assert_eq!(json["gpus"][3]["committed"], 0);
    for (text, line) in [
        ("[[model]]\ntag = \"llama3:8b\"\nreplica = 2\n", ":3:"),
        (
            "[[model]]\ntag = \"llama3:8b\"\n\n[[model]]\ntag = \"qwen3:8b\"\nreplicas = 0\n",
            ":4:",
        ),
        ("keep_free = 1\n[[model]]\ntag = 3\n", ":3:"),
        ("model = [\n", ":1:"),
    ] {
        let run = plan(text, "");
        assert_eq!(run.exit, Exit::Failure, "{text}");
        assert!(
            run.err.contains(&format!("plan.toml{line}")),
            "{text}: {}",
            run.err
        );
    }
    let twice = "[[model]]\ntag = \"llama3:8b\"\nport = 12345\n[[model]]\ntag = \"qwen3:8b\"\nport = 12345\n";
    let conflict = plan(twice, "");
    assert_eq!(conflict.exit, Exit::Failure);
    assert!(
        conflict.err.contains("12345") && conflict.err.contains("qwen3:8b"),
        "{}",
        conflict.err
    );
}

#[test]
fn what_finds_no_place_is_told_with_what_would_help() {
    let replicas = run("plan qwen3:30b*3 --gpu 'RTX 3090 x2' --json");
    assert_eq!(replicas.exit, Exit::No);
    let plan = replicas.json();
    assert_eq!(plan["services"].as_array().expect("a list").len(), 2);
    assert_eq!(
        plan["unplaced"][0]["cheapest_fix"]["code"],
        "fewer-replicas"
    );
    let long = run("plan deepseek-r1:32b@32k --gpu 'RTX 3090' --json").json();
    let fix = &long["unplaced"][0]["cheapest_fix"];
    assert!(
        ["kv-cache-type", "shorter-context"]
            .iter()
            .any(|code| fix["code"] == *code),
        "{fix}"
    );
    assert!(long["unplaced"][0]["shortfall"].as_u64().expect("bytes") > 0);
    let large = run("plan llama3:70b --gpu 'RTX 3090' --json").json();
    assert_eq!(large["unplaced"][0]["tag"], "llama3:70b");
    assert!(large["unplaced"][0]["cheapest_fix"].is_object(), "{large}");
}

#[test]
fn one_ollama_without_pins_is_told_beside() {
    let plan = run("plan qwen3:30b codellama:34b --gpu 'RTX 3090 x2' --json").json();
    let unpinned = plan["unpinned"].as_array().expect("a list");
    assert_eq!(unpinned.len(), 2);
    assert_eq!(plan["losses"].as_array().expect("a list").len(), 2);
    assert_eq!(
        plan["losses"][0]["gone"].as_array().expect("a list").len(),
        1
    );
}

#[test]
fn a_plan_reads_the_same_in_every_language_and_fits_the_terminal() {
    let command = "plan llama3:70b qwen3:30b*2@16k codellama:34b --gpu 'RTX 3090 x4' --lose gpu0";
    let [en, zh] = ["en", "zh"].map(|lang| run(&format!("{command} --json --lang {lang}")));
    assert_eq!(en.out, zh.out);
    for lang in ["en", "zh"] {
        for columns in [80, 160] {
            let run = Machine::new()
                .terminal(columns)
                .run(&format!("{command} -v --lang {lang} --color never"));
            let lines = run
                .out
                .lines()
                .filter(|line| !line.contains("CUDA_VISIBLE_DEVICES"));
            let text: Vec<&str> = lines.collect();
            assert!(
                width(&text.join("\n")) <= columns,
                "{lang} {columns}:\n{}",
                run.out
            );
        }
    }
    let markdown = run(&format!("{command} --format markdown"));
    assert!(markdown.out.contains("| 11434 |"), "{}", markdown.out);
}
