//! The machine beside the files: its variables, driver and cards.

use std::collections::BTreeSet;
use std::fs;

use vramfit::app::Exit;
use vramfit::embedded;
use vramfit::lint::LintContext;
use vramfit::lint::machine::{self, Card, Machine as Seen};
use vramfit::units::Bytes;

use crate::support::Machine;

#[test]
fn the_machines_variables_are_judged() {
    let clean = Machine::new().run("doctor --json");
    assert_eq!(clean.exit, Exit::Yes, "{}{}", clean.out, clean.err);
    let run = Machine::new()
        .with("OLLAMA_NUM_GPU", "1")
        .with("OLLAMA_HOST", "0.0.0.0")
        .with("CUDA_VISIBLE_DEVICES", "0")
        .run("doctor --json");
    assert_eq!(run.exit, Exit::No);
    let report = run.json();
    let found: BTreeSet<&str> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| finding["code"].as_str().expect("a code"))
        .collect();
    assert_eq!(
        found,
        ["numeric-gpu-ids", "open-port", "unknown-variable"].into()
    );
    assert_eq!(report["findings"][0]["file"], "environment");
}

#[test]
fn drivers_and_cards_are_judged() {
    let catalog = embedded::catalog().expect("the catalog");
    let bench = LintContext {
        catalog: &catalog,
        cards: None,
        files: None,
    };
    let codes = |driver: &str, capability: (u32, u32), free: Bytes| -> Vec<&'static str> {
        let seen = Seen {
            driver: Some(driver.into()),
            cards: vec![Card {
                gpu: 0,
                name: "A card".into(),
                compute_capability: Some(capability),
                free,
            }],
            ..Seen::default()
        };
        let findings = machine::lint(&seen, bench);
        findings
            .iter()
            .map(|finding| finding.problem.code())
            .collect()
    };
    let much = Bytes::gib(20);
    assert_eq!(codes("550.54.14", (8, 6), much), Vec::<&str>::new());
    assert_eq!(codes("545.23", (8, 6), much), ["driver-too-old"]);
    assert_eq!(codes("550.54", (6, 1), much), ["driver-too-old"]);
    assert_eq!(codes("570.1", (6, 1), much), Vec::<&str>::new());
    assert_eq!(codes("570.1", (3, 7), much), ["gpu-too-old"]);
    assert_eq!(codes("570.1", (8, 6), Bytes::mib(700)), ["card-full"]);
}

#[test]
fn cards_that_are_too_small_are_found_where_they_are_known() {
    let scratch = tempfile::tempdir().expect("a folder");
    let path = scratch.path().join("run.sh");
    let codes = |script: &str, gpu: &str| -> Vec<String> {
        fs::write(&path, script).expect("a file");
        let run = Machine::new().run(&format!("doctor '{}' --gpu '{gpu}' --json", path.display()));
        let report = run.json();
        let findings = report["findings"].as_array().expect("a list");
        findings
            .iter()
            .filter(|finding| finding["code"] == "overcommitted" || finding["code"] == "evicts")
            .map(|finding| {
                format!(
                    "{} {}",
                    finding["line"],
                    finding["fix"].as_str().unwrap_or("-")
                )
            })
            .collect()
    };
    let two =
        "ollama run llama2:7b \"\" --keepalive=-1s\nollama run codellama:7b \"\" --keepalive=-1s\n";
    assert_eq!(
        codes(two, "RTX 3060 12GB"),
        ["2 OLLAMA_CONTEXT_LENGTH=2048 OLLAMA_MAX_LOADED_MODELS=2"]
    );
    assert_eq!(codes(two, "A100 80GB"), Vec::<String>::new());
    assert_eq!(codes("ollama run llama3:70b\n", "RTX 3090"), ["1 -"]);
    assert_eq!(
        codes("ollama run llama3:70b\n", "RTX 3090 x2"),
        Vec::<String>::new()
    );
    assert_eq!(codes("ollama run deepseek-r1:32b\n", "RTX 3090").len(), 1);
    let pinned = "OLLAMA_HOST=127.0.0.1:11435 CUDA_DEVICE_ORDER=PCI_BUS_ID CUDA_VISIBLE_DEVICES=0 \
        OLLAMA_CONTEXT_LENGTH=4096 ollama serve &\nOLLAMA_HOST=127.0.0.1:11435 ollama run llama3:70b\n";
    assert_eq!(codes(pinned, "RTX 3090 x2"), ["2 -"]);
    assert_eq!(
        codes(&pinned.replace("=0 ", "=0,1 "), "RTX 3090 x2"),
        Vec::<String>::new()
    );
}
