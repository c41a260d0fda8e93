//! What people read of a plan, and what they can ask besides.

use serde_json::Value;
use vramfit::app::Exit;

use super::catalog;
use super::cli::run;
use crate::support::{Machine, width};

fn after<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text.split_once(heading).expect("a heading");
    rest.split("\n\n").next().unwrap_or_default()
}

#[test]
fn cards_whose_loss_costs_the_same_share_a_line() {
    let pair = run("plan --preset 4x3090-ha-pair");
    assert_eq!(
        after(&pair.out, "If a card fails"),
        "\n• GPU 0, 1: stops llama3:70b #1; other replicas keep serving\n\
         • GPU 2, 3: stops llama3:70b #2; other replicas keep serving"
    );
    let mixed =
        run("plan qwen3:8b*2 llama3:8b tinyllama:pin=1 --gpu 'RTX 3090 x2' --apart gpu --lang zh");
    let lines = after(&mixed.out, "坏一张卡会怎样");
    assert!(
        lines.contains("GPU 0：qwen3:8b #1、llama3:8b 中断；llama3:8b 没有其他副本"),
        "{lines}"
    );
    let json = run("plan --preset 4x3090-ha-pair --json").json();
    assert_eq!(json["losses"].as_array().expect("a list").len(), 4);
}

#[test]
fn the_presets_are_listed() {
    let list = run("plan --preset");
    assert_eq!(list.exit, Exit::Yes);
    for preset in &catalog().guide().preset {
        assert!(list.out.contains(&preset.code), "{}", list.out);
    }
    for lang in ["en", "zh"] {
        let narrow = Machine::new()
            .terminal(80)
            .run(&format!("plan --preset --lang {lang} --color never"));
        assert!(width(&narrow.out) <= 80, "{}", narrow.out);
    }
    let json = run("plan --preset --json").json();
    assert_eq!(json["schema"], "vramfit.presets/1");
    assert_eq!(
        json["presets"].as_array().expect("a list").len(),
        catalog().guide().preset.len()
    );
}

#[test]
fn a_preset_would_rather_shorten_contexts_than_start_in_order() {
    let plan = run("plan --preset 2x3090-one-large-two-small --json").json();
    let notes = plan["notes"].as_array().expect("a list");
    let said = |code: &str| notes.iter().any(|note| note["code"] == code);
    assert!(
        said("context-shortened") && !said("start-in-order"),
        "{notes:?}"
    );
    let alone = |service: &Value| {
        service["gpus"]
            .as_array()
            .is_some_and(|gpus| gpus.len() == 1)
    };
    let services = plan["services"].as_array().expect("a list");
    assert!(services.iter().all(alone), "{services:?}");
}

#[test]
fn services_are_shown_by_port_and_start_in_the_plans_order() {
    let command = "plan --preset 8x3090-all-round";
    let shown = run(command).out;
    let at = |port: &str| shown.find(port).expect("a port");
    assert!(at("\n11434") < at("\n11435"), "{shown}");
    // Five models have five fills.
    let legend = shown
        .lines()
        .filter(|line| line.contains("llama3:70b  ") || line.starts_with("▌ "));
    assert!(
        legend.count() >= 1 && shown.contains("▌ deepseek-r1:32b"),
        "{shown}"
    );
    let notes = after(&shown, "! Kept free");
    assert!(notes.starts_with(": GPU 7."), "{notes}");
}

#[test]
fn the_first_replicas_have_the_places() {
    let plan = run("plan qwen3:30b*5 --gpu 'RTX 3090 x2' --json").json();
    let replicas = |key: &str| -> Vec<u64> {
        let list = plan[key].as_array().expect("a list").iter();
        list.map(|one| one["replica"].as_u64().expect("a number"))
            .collect()
    };
    assert_eq!(replicas("services"), [1, 2]);
    assert_eq!(replicas("unplaced"), [3, 4, 5]);
    let shown = run("plan qwen3:30b*5 --gpu 'RTX 3090 x2'").out;
    assert!(
        shown.contains("qwen3:30b #3–5") && shown.contains("qwen3:30b*2; or 3 more RTX 3090"),
        "{shown}"
    );
}

#[test]
fn a_card_is_changed_for_another() {
    let plan =
        run("plan llama3:8b --gpu 'RTX 3060 12GB' --lose 0 --what-if '+RTX 4090' --json").json();
    let change = &plan["change"];
    assert_eq!(change["cause"], "lose");
    assert_eq!(change["gpus"][0], "localhost/0");
    assert_eq!(change["added"][0], "localhost/1");
    assert_eq!(change["moved"][0]["tag"], "llama3:8b");
    // Nobody, with pins or without, uses what is not there.
    assert_eq!(plan["unpinned"][0]["gpus"], serde_json::json!([1]));
    let shown = run("plan llama3:8b --gpu 'RTX 3060 12GB' --lose 0 --what-if '+RTX 4090'").out;
    assert!(
        shown.contains("With GPU 1 added") && !shown.contains("0 services"),
        "{shown}"
    );
    let wrong = run("plan llama3:8b --gpu 'RTX 3090' --what-if +");
    assert_eq!(wrong.exit, Exit::Failure);
    assert!(wrong.err.contains("--what-if"), "{}", wrong.err);
}

#[test]
fn a_batch_is_no_setting_of_a_server() {
    let plan = run("plan llama3:8b --gpu 'RTX 3090' --batch 256 --json").json();
    assert_eq!(plan["notes"][0]["code"], "batch");
}

#[test]
fn what_stands_in_the_wrong_place_is_not_guessed() {
    for demand in [
        "llama3:8b:pin=0*2",
        "llama3:8b@16k*2",
        "llama3:8b:pin=0@16k",
    ] {
        let wrong = run(&format!("plan '{demand}' --vram 24"));
        assert_eq!(wrong.exit, Exit::Failure, "{demand}");
        assert!(wrong.err.contains("qwen3:30b*2@16k"), "{}", wrong.err);
    }
    for keep in ["''", "' , '"] {
        let wrong = run(&format!("plan llama3:8b --vram 24 --keep-free {keep}"));
        assert_eq!(wrong.exit, Exit::Failure, "{keep}: {}", wrong.out);
    }
    let nothing = run("plan --vram 24");
    assert!(nothing.err.contains("--preset"), "{}", nothing.err);
}

/// A machine whose driver is too old for Ollama has no GPU for a plan, and the plan says why.
#[test]
fn gpus_that_ollama_leaves_out_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let host = |name: &str, driver: &str| {
        format!("[[host]]\nname = \"{name}\"\ngpus = [\"RTX 3090\"]\ndriver = \"{driver}\"\n")
    };
    let text = host("old", "470.199.02") + &host("new", "580.65.06");
    std::fs::write(&path, text).expect("a fleet");
    let command = format!("plan qwen3:8b qwen3:30b --fleet '{}'", path.display());
    let plan = Machine::new().run(&format!("{command} --json")).json();
    let notes = plan["notes"].as_array().expect("a list");
    let left_out = notes.iter().find(|note| note["code"] == "gpus-left-out");
    let left_out = left_out.unwrap_or_else(|| panic!("{notes:?}"));
    assert_eq!(left_out["gpus"], "old GPU 0 RTX 3090");
    assert_eq!(left_out["driver"], "470.199.02 < 550");
    let page = Machine::new().run(&command).out;
    assert!(page.contains("newer driver"), "{page}");
}
