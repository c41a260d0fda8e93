//! Mixtures of experts larger than the GPUs, served by `llama-server` with experts in system memory.

use std::collections::BTreeSet;

use serde_json::Value;
use vramfit::app::Exit;

use crate::support::Machine;

fn plan(command: &str, exit: Exit) -> Value {
    let run = Machine::new().run(&format!("plan {command} --json"));
    assert_eq!(run.exit, exit, "{command}: {}", run.err);
    run.json()
}

fn service<'a>(plan: &'a Value, tag: &str) -> &'a Value {
    let mut services = plan["services"].as_array().expect("services").iter();
    let found = services.find(|service| service["tag"] == tag);
    found.unwrap_or_else(|| panic!("{tag} has no place"))
}

fn codes(plan: &Value) -> Vec<&str> {
    let notes = plan["notes"].as_array().expect("notes").iter();
    notes.filter_map(|note| note["code"].as_str()).collect()
}

/// No GPU is filled beyond what it may give, and no host beyond its memory.
fn holds(plan: &Value, memory: u64) {
    for gpu in plan["gpus"].as_array().expect("GPUs") {
        assert!(gpu["committed"].as_u64() <= gpu["usable"].as_u64(), "{gpu}");
    }
    let services = plan["services"].as_array().expect("services").iter();
    let of_host = services.map(|service| {
        let host = service["estimate"]["host"].as_object().expect("a part");
        host.values().filter_map(Value::as_u64).sum::<u64>()
    });
    assert!(of_host.sum::<u64>() <= memory);
}

const GIB: u64 = 1 << 30;

#[test]
fn a_model_larger_than_all_gpus_has_a_place_with_the_estimate_that_explain_gives() {
    let asked = "gpt-oss:120b --gpu '3090 x2' --ram 96 --engine llama.cpp";
    let planned = plan(asked, Exit::Yes);
    holds(&planned, 96 * GIB);
    let service = service(&planned, "gpt-oss:120b");
    assert_eq!(service["verdict"], "offloads");
    assert_eq!(planned["optimal"], false);
    assert!(codes(&planned).contains(&"experts-on-host"));
    let explained = Machine::new()
        .run(&format!("explain {asked} --json"))
        .json();
    assert_eq!(service["estimate"], explained["estimate"]);
    assert_eq!(service["speed"], explained["speed"]);
    let command = explained["llama_server"]["command"]
        .as_array()
        .expect("a command");
    for variable in ["LLAMA_ARG_OVERRIDE_TENSOR", "LLAMA_ARG_TENSOR_SPLIT"] {
        assert!(
            command.contains(&service["environment"][variable]),
            "{variable}"
        );
    }
}

#[test]
fn on_one_gpu_the_first_blocks_experts_are_left_out() {
    let planned = plan(
        "qwen3:30b --gpu 3060 --ram 64 --engine llama.cpp",
        Exit::Yes,
    );
    let blocks = &service(&planned, "qwen3:30b")["environment"]["LLAMA_ARG_N_CPU_MOE"];
    let note = planned["notes"].as_array().expect("notes").iter();
    let mut note = note.filter(|note| note["code"] == "experts-on-host");
    let told = note.next().expect("a note")["blocks"].to_string();
    assert_eq!(blocks.as_str(), Some(told.as_str()));
}

#[test]
fn who_has_a_place_whole_keeps_it_and_what_comes_first_comes_first() {
    let beside = plan(
        "gpt-oss:120b qwen3:32b bge-m3 --gpu '3090 x2' --ram 96 --engine llama.cpp",
        Exit::Yes,
    );
    holds(&beside, 96 * GIB);
    for whole in ["qwen3:32b", "bge-m3"] {
        assert_eq!(service(&beside, whole)["verdict"], "fits");
    }
    assert_eq!(service(&beside, "gpt-oss:120b")["verdict"], "offloads");
    // Both cards full of what was asked for later: one of them gives way.
    let crowded = plan(
        "gpt-oss:120b 'qwen3:32b*2' --gpu '3090 x2' --ram 96 --engine llama.cpp",
        Exit::No,
    );
    holds(&crowded, 96 * GIB);
    service(&crowded, "gpt-oss:120b");
    service(&crowded, "qwen3:32b");
    assert_eq!(crowded["unplaced"].as_array().map(Vec::len), Some(1));
}

#[test]
fn without_memory_or_with_ollama_nothing_lies_there_and_ollama_is_told_of_the_other() {
    let none = plan("gpt-oss:120b --gpu '3090 x2' --engine llama.cpp", Exit::No);
    assert_eq!(none["optimal"], true);
    let little = plan(
        "gpt-oss:120b --gpu '3090 x2' --ram 8 --engine llama.cpp",
        Exit::No,
    );
    assert_eq!(little["services"].as_array().map(Vec::len), Some(0));
    let ollama = plan("gpt-oss:120b --gpu '3090 x2' --ram 96", Exit::No);
    assert!(codes(&ollama).contains(&"with-own-server"));
    // Its dense model has no experts to leave out.
    let dense = plan(
        "llama3:70b --gpu 3090 --ram 96 --engine llama.cpp",
        Exit::No,
    );
    assert!(!codes(&dense).contains(&"with-own-server"));
}

/// Who is told to have a place with another engine has it when that is asked for, beside everything that had one: they share one memory.
#[test]
fn what_is_said_of_another_engine_is_so_for_all_together() {
    let mut told = 0;
    for asked in [
        "qwen3:30b*2 gpt-oss:120b mixtral:8x7b --gpu '3090 x2' --ram 64",
        "qwen3:30b*2 gpt-oss:120b mixtral:8x7b --gpu '3090 x2' --ram 128",
        "gpt-oss:120b llama4:16x17b --gpu '3090 x2' --ram 80",
        "gpt-oss:20b*2 qwen3:30b bge-m3 --gpu 3090 --gpu '3060 12GB' --ram 16",
        "qwen3:30b qwen3-coder:30b gpt-oss:20b --gpu 'RTX 4060 Ti 16GB' --ram 32",
    ] {
        let ollama = plan(asked, Exit::No);
        let other = Machine::new().run(&format!("plan {asked} --engine llama.cpp --json"));
        let other = other.json();
        let placed = |plan: &Value, tag: &str| {
            let services = plan["services"].as_array().expect("services").iter();
            services.filter(|service| service["tag"] == tag).count()
        };
        let notes = ollama["notes"].as_array().expect("notes").iter();
        let tags = notes
            .filter(|note| note["code"] == "with-own-server")
            .flat_map(|note| note["tags"].as_array().expect("tags"));
        let tags: Vec<&str> = tags.map(|tag| tag.as_str().expect("a tag")).collect();
        told += tags.len();
        for tag in &tags {
            assert!(placed(&other, tag) > placed(&ollama, tag), "{asked}: {tag}");
        }
        if tags.is_empty() {
            continue;
        }
        for service in ollama["services"].as_array().expect("services") {
            let tag = service["tag"].as_str().expect("a tag");
            assert!(
                placed(&other, tag) >= placed(&ollama, tag),
                "{asked}: {tag}"
            );
        }
    }
    assert!(told > 2, "{told}");
}

#[test]
fn kept_and_pinned_gpus_are_as_asked() {
    let asked = "gpt-oss:120b:pin=1 --gpu '3090 x3' --ram 96 --engine llama.cpp";
    let pinned = plan(asked, Exit::Yes);
    let gpus = service(&pinned, "gpt-oss:120b")["gpus"].clone();
    assert_eq!(gpus.as_array().map(Vec::len), Some(1));
    assert_eq!(gpus[0]["gpu"], 1);
    let asked = "gpt-oss:120b --gpu '3090 x2' --keep-free count:1 --ram 96 --engine llama.cpp";
    let kept = plan(asked, Exit::Yes);
    let gpus = &service(&kept, "gpt-oss:120b")["gpus"];
    assert_eq!(gpus.as_array().map(Vec::len), Some(1));
    let asked = "gpt-oss:120b --gpu '3090 x2' --ram 96 --engine llama.cpp --lose 0";
    let lost = plan(asked, Exit::Yes);
    assert_eq!(service(&lost, "gpt-oss:120b")["gpus"][0]["gpu"], 1);
    assert_eq!(lost["change"]["moved"][0]["tag"], "gpt-oss:120b");
}

/// The groups of llama-swap's file: their members by name, as they are written.
fn groups(file: &str) -> Vec<(String, Vec<String>)> {
    let groups = file.split("\ngroups:\n").nth(1).expect("groups");
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for line in groups.lines().take_while(|line| !line.starts_with("hooks")) {
        let name = line.trim().trim_matches(['"', ':', '-', ' ']).to_owned();
        if line.starts_with("  \"") {
            found.push((name, Vec::new()));
        } else if let (true, Some((_, members))) = (line.contains("- \""), found.last_mut()) {
            members.push(name);
        }
    }
    found
}

#[test]
fn what_has_no_place_is_there_in_turns_with_as_few_as_it_takes() {
    let plan =
        "plan qwen3:8b qwen3:30b llama3.3:70b bge-m3 qwen3:14b --gpu '3090 x3' --engine llama.cpp";
    let run = Machine::new().run(&format!("{plan} --emit llama-swap --json"));
    assert_eq!(run.exit, Exit::No);
    let plan = run.json();
    let unplaced = plan["unplaced"].as_array().expect("a list");
    assert_eq!(unplaced.len(), 1, "{unplaced:?}");
    let turn = &unplaced[0]["turn"];
    assert_eq!(turn["tag"], "llama3.3:70b");
    let names = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("a list").iter();
        list.map(|one| one["tag"].as_str().expect("a tag").to_owned())
            .collect()
    };
    let out = names(&turn["instead_of"]);
    let all = plan["services"].as_array().expect("services");
    assert!(!out.is_empty() && out.len() < all.len(), "{out:?}");
    // Beside those that stay it fits, GPU by GPU.
    let stay = all
        .iter()
        .filter(|one| !out.iter().any(|tag| one["tag"] == *tag));
    let there: Vec<&Value> = stay.chain([turn]).collect();
    for gpu in plan["gpus"].as_array().expect("GPUs") {
        let parts = there
            .iter()
            .flat_map(|one| one["gpus"].as_array().expect("GPUs"));
        let here = parts.filter(|part| part["gpu"] == gpu["gpu"]);
        let taken: u64 = here
            .map(|part| part["bytes"].as_u64().expect("bytes"))
            .sum();
        assert!(taken <= gpu["usable"].as_u64().expect("bytes"), "{gpu}");
    }
    let ports: BTreeSet<u64> = there
        .iter()
        .map(|one| one["port"].as_u64().expect("a port"))
        .collect();
    assert_eq!(ports.len(), there.len());
    let file = plan["files"][0]["text"].as_str().expect("a file");
    let groups = groups(file);
    let named: Vec<&str> = groups.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(named, ["plan", "gives-way", "in-turns"]);
    assert_eq!(groups[2].1, ["llama3-3-70b"]);
    assert_eq!(groups[1].1.len(), out.len());
    assert_eq!(file.matches("ttl: 600").count(), 1);
    assert!(
        !file
            .split("preload:")
            .nth(1)
            .expect("a hook")
            .contains("llama3-3")
    );
    let said = plan["notes"].as_array().expect("notes").iter();
    assert!(said.into_iter().any(|note| note["code"] == "in-turns"));
}

#[test]
fn what_is_served_anyhow_or_by_ollama_has_no_turn() {
    for command in [
        "plan llama3.3:70b*2 --gpu '3090 x2' --engine llama.cpp",
        "plan llama3.3:70b gemma2:27b --gpu '3090 x2'",
        "plan llama3.1:405b qwen3:8b --gpu '3090 x2' --engine llama.cpp",
    ] {
        let plan = Machine::new().run(&format!("{command} --json")).json();
        assert_eq!(
            plan["unplaced"].as_array().map(Vec::len),
            Some(1),
            "{command}"
        );
        assert!(plan["unplaced"][0]["turn"].is_null(), "{command}");
    }
}

#[test]
fn what_no_gpus_hold_is_told_how_fast_it_would_be_with_experts_in_memory() {
    for (machine, other_engine) in [
        ("--gpu '3090 x2' --ram 96", true),
        ("--gpu '3090 x2'", true),
        ("--gpu '3090 x2' --ram 8 --engine llama.cpp", false),
    ] {
        let planned = plan(&format!("gpt-oss:120b {machine}"), Exit::No);
        let fix = &planned["unplaced"][0]["cheapest_fix"];
        assert_eq!(fix["code"], "experts-in-memory", "{machine}");
        assert_eq!(fix["other_engine"], other_engine, "{machine}");
        // As that plan has it.
        let with = plan(
            "gpt-oss:120b --gpu '3090 x2' --ram 96 --engine llama.cpp",
            Exit::Yes,
        );
        let service = service(&with, "gpt-oss:120b");
        assert_eq!(fix["decode"], service["speed"]["decode"], "{machine}");
        let host = service["estimate"]["host"].as_object().expect("a part");
        let bytes = host.values().filter_map(Value::as_u64).sum::<u64>();
        assert_eq!(fix["bytes"], bytes, "{machine}");
    }
    // All of a dense model's layers are asked for in turn.
    let dense = plan("llama3:70b --gpu 3090", Exit::No);
    assert_ne!(
        dense["unplaced"][0]["cheapest_fix"]["code"],
        "experts-in-memory"
    );
}
