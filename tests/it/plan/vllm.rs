//! `--engine vllm`: checkpoints that are the model asked for, sized by the rule, and files that say the same.

use serde_json::Value;
use vramfit::app::Exit;
use vramfit::engine::vllm::{Format, divides};

use super::catalog;
use super::cli::run;

fn plan(command: &str, exit: Exit) -> Value {
    let run = run(&format!("plan {command} --engine vllm --json"));
    assert_eq!(run.exit, exit, "{command}: {}", run.err);
    run.json()
}

fn words(service: &Value) -> Vec<&str> {
    let command = service["command"].as_array().expect("words").iter();
    command.map(|word| word.as_str().expect("a word")).collect()
}

fn after<'a>(words: &[&'a str], flag: &str) -> &'a str {
    let at = words.iter().position(|word| *word == flag);
    words[at.unwrap_or_else(|| panic!("no {flag}")) + 1]
}

#[test]
fn every_checkpoint_is_of_a_model_that_is_its_own_and_of_its_size() {
    let vllm = &catalog().knowledge.vllm;
    assert!(!vllm.checkpoint.is_empty());
    for one in &vllm.checkpoint {
        let model = catalog()
            .models
            .iter()
            .find(|model| model.name == one.model);
        let model = model.unwrap_or_else(|| panic!("{} is no model", one.model));
        assert!(model.published && !model.fine_tune, "{}", one.model);
        let known = catalog().architecture(model).expect("a shape");
        assert!(vllm.knows(&known.shape.name), "{}", known.shape.name);
        let parameters = model.parameters.expect("parameters") as f64;
        let bits = one.bytes.0 as f64 * 8.0 / parameters;
        let expected = match one.format {
            Format::Bf16 => 15.9..16.1,
            // Embedding and head stay in 16 bits: much of a small model.
            Format::Fp8 => 8.0..12.0,
            Format::Awq => 4.1..8.0,
            Format::Mxfp4 => 4.2..6.0,
        };
        assert!(expected.contains(&bits), "{}: {bits}", one.repository);
        assert!(divides(&known.shape, one.format.group(), 1));
    }
}

#[test]
fn heads_and_groups_of_scales_come_out_even() {
    let shape = |name: &str| {
        let model = catalog().models.iter().find(|model| model.name == name);
        let known = model.and_then(|model| catalog().architecture(model));
        known.expect("a shape").shape.clone()
    };
    let qwen3 = shape("qwen3-coder:30b");
    // Networks of 768: three GPUs would do, 32 heads would not; eight parts of 96 are no whole groups of 128.
    let possible = |group| {
        (1..=8)
            .filter(|parts| divides(&qwen3, group, *parts))
            .collect::<Vec<_>>()
    };
    assert_eq!(possible(1), [1, 2, 4, 8]);
    assert_eq!(possible(128), [1, 2]);
    assert!(!divides(&shape("llama3.1:8b"), 1, 3));
}

#[test]
fn the_best_checkpoint_that_fits_is_taken_and_told() {
    let repository = |gpus: &str| {
        let plan = plan(&format!("qwen3:32b --gpu '{gpus}'"), Exit::Yes);
        plan["services"][0]["file"]["repository"]
            .as_str()
            .expect("a name")
            .to_owned()
    };
    assert_eq!(repository("A100 80GB x2"), "Qwen/Qwen3-32B");
    assert_eq!(repository("A6000"), "Qwen/Qwen3-32B-FP8");
    assert_eq!(repository("3090"), "Qwen/Qwen3-32B-AWQ");
    let plan = plan("qwen3:32b@16k --gpu '3090 x2' --parallel 2", Exit::Yes);
    let service = &plan["services"][0];
    let words = words(service);
    assert_eq!(words[..2], ["vllm", "serve"]);
    assert_eq!(service["file"]["repository"], words[2]);
    assert_eq!(after(&words, "--served-model-name"), "qwen3:32b");
    assert_eq!(after(&words, "--max-model-len"), "16384");
    assert_eq!(after(&words, "--max-num-seqs"), "2");
    assert_eq!(after(&words, "--port"), service["port"].to_string());
    let gpus = service["gpus"].as_array().expect("GPUs");
    assert_eq!(
        after(&words, "--tensor-parallel-size"),
        gpus.len().to_string()
    );
    // Its share is what was planned, to a thousandth of the card.
    let share: f64 = after(&words, "--gpu-memory-utilization")
        .parse()
        .expect("a number");
    let bytes = gpus[0]["bytes"].as_u64().expect("bytes") as f64;
    let total = bytes / share / f64::from(1 << 30);
    assert!((23.0..24.1).contains(&total), "{total}");
    assert!(service["speed"].is_null());
    assert_eq!(service["estimate"]["engine"], "vllm v0.28.0");
    let codes = plan["notes"].as_array().expect("notes").iter();
    assert!(codes.into_iter().any(|note| note["code"] == "checkpoint"));
}

#[test]
fn what_changes_of_its_command_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("plan.json");
    let save = |command: &str| {
        let run = run(&format!("plan {command} --json"));
        std::fs::write(&saved, run.out).expect("a file");
    };
    let changed = |command: &str| {
        let file = saved.display();
        let plan = plan(&format!("{command} --diff '{file}'"), Exit::Yes);
        let settings = plan["change"]["changed"][0]["settings"].as_array();
        let names = settings.expect("settings").iter();
        names
            .map(|one| one["name"].as_str().expect("a name").to_owned())
            .collect::<Vec<_>>()
    };
    save("qwen3:8b --gpu 3090 --engine vllm");
    let slots = changed("qwen3:8b --gpu 3090 --parallel 2");
    assert!(slots.contains(&"--max-num-seqs".to_owned()), "{slots:?}");
    let context = changed("qwen3:8b@16k --gpu 3090");
    assert!(context.contains(&"context_length".to_owned()));
    assert!(!context.contains(&"--max-model-len".to_owned()));
    let port = changed("qwen3:8b --gpu 3090 --base-port 12000");
    assert_eq!(port, ["port"]);
    // Another engine's settings are others, all of them.
    save("qwen3:8b --gpu 3090");
    assert_eq!(changed("qwen3:8b --gpu 3090"), ["engine"]);
}

#[test]
fn without_a_checkpoint_or_a_gpu_of_its_own_it_is_refused() {
    for (command, said) in [
        ("hermes3:8b --gpu 3090", "llama.cpp"),
        ("qwen3.5:9b --gpu 3090", "llama.cpp"),
        ("qwen3:8b --gpu 'RX 7900 XTX'", "7.5 or newer"),
        ("qwen3:8b --gpu 3090 --kv-cache-type q8_0", "q8_0"),
    ] {
        let run = run(&format!("plan {command} --engine vllm"));
        assert_eq!(run.exit, Exit::Failure, "{command}");
        assert!(run.err.contains(said), "{command}: {}", run.err);
    }
    let explain = run("explain qwen3:8b --gpu 3090 --engine vllm");
    assert_eq!(explain.exit, Exit::Failure);
    let large = plan("llama3.1:405b --gpu '3090 x2'", Exit::No);
    assert_eq!(large["unplaced"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_no_machine_holds_spans_idle_ones_or_is_told_how_many_it_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let fleet = |hosts: u32| {
        let path = folder.path().join(format!("{hosts}.toml"));
        let host = |at: u32| format!("[[host]]\nname = \"h{at}\"\ngpus = [\"H100 x4\"]\n");
        std::fs::write(&path, (0..hosts).map(host).collect::<String>()).expect("a file");
        let command = format!(
            "plan deepseek-r1:671b --fleet '{}' --emit k8s",
            path.display()
        );
        run(&command).out
    };
    let enough = fleet(4);
    assert!(enough.contains("kind: LeaderWorkerSet"), "{enough}");
    assert!(
        enough.contains("--served-model-name\n                deepseek-r1:671b"),
        "{enough}"
    );
    assert!(enough.contains("NVIDIA-H100-80GB-HBM3"), "{enough}");
    let few = fleet(2);
    assert!(!few.contains("LeaderWorkerSet"), "{few}");
    let few = few.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = "vLLM would serve deepseek-ai/DeepSeek-R1-0528 over 3 machines";
    assert!(few.contains(told), "{few}");
}

#[test]
fn a_machine_that_one_model_takes_is_not_idle_for_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let host = |at: u32| format!("[[host]]\nname = \"h{at}\"\ngpus = [\"RTX 3090\"]\n");
    std::fs::write(&path, (0..8).map(host).collect::<String>()).expect("a file");
    let left_out = |demands: &str| {
        let fleet = path.display();
        let run = run(&format!(
            "plan {demands} --fleet '{fleet}' --emit k8s --json"
        ));
        let plan = run.json();
        let notes = plan["notes"].as_array().expect("notes").iter();
        let nodes = notes.filter(|note| note["code"] == "nodes");
        nodes
            .map(|note| {
                let number = |key: &str| note[key].as_u64().expect("a number");
                let tag = note["tag"].as_str().expect("a tag").to_owned();
                (tag, number("nodes"), number("idle"))
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        left_out("gpt-oss:120b llama3.3:70b"),
        [("llama3.3:70b".to_owned(), 8, 4)]
    );
    // Who is asked for first has its machines first, whatever its name.
    assert_eq!(
        left_out("llama3.3:70b gpt-oss:120b"),
        [("gpt-oss:120b".to_owned(), 4, 0)]
    );
    assert_eq!(left_out("gpt-oss:120b*2"), []);
    let told = run(&format!("plan gpt-oss:120b*2 --fleet '{}'", path.display())).out;
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    let over = "vLLM serves openai/gpt-oss-120b over 8 of these machines";
    assert!(told.contains(over), "{told}");
    assert_eq!(
        left_out("gpt-oss:120b*3"),
        [("gpt-oss:120b".to_owned(), 12, 8)]
    );
    assert_eq!(
        left_out("qwen3:8b gpt-oss:120b*2"),
        [("gpt-oss:120b".to_owned(), 8, 7)]
    );
}

/// vLLM may use every card of the machine: it may use one more like them, too.
#[test]
fn more_cards_are_a_way_out_for_vllm() {
    let plan = |cards: u64| {
        let words = format!("plan qwen3:30b --gpu '4090 x{cards}' --engine vllm --json");
        run(&words).json()
    };
    let short = plan(1);
    let fix = &short["unplaced"][0]["cheapest_fix"];
    assert_eq!(fix["code"], "more-gpus", "{short}");
    let with = plan(1 + fix["count"].as_u64().expect("a count"));
    assert_eq!(with["unplaced"].as_array().map(Vec::len), Some(0));
}
