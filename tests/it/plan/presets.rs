//! The guide's configurations, on the guide's cards and on others.

use vramfit::app::Exit;

use super::catalog;
use crate::support::Machine;

#[test]
fn every_preset_of_the_guide_is_placed_on_its_cards() {
    for preset in &catalog().guide().preset {
        let command = format!(
            "plan --preset {} --gpu '{}' --json",
            preset.code, preset.gpu
        );
        let run = Machine::new().run(&command);
        assert_eq!(run.exit, Exit::Yes, "{command}: {}{}", run.out, run.err);
        let plan = run.json();
        let replicas = preset
            .services
            .iter()
            .map(|service| service.replicas.unwrap_or(1));
        let services = plan["services"].as_array().expect("a list");
        assert_eq!(services.len() as u32, replicas.sum::<u32>(), "{command}");
        assert_eq!(plan["optimal"], true, "{command}");
        for gpu in plan["gpus"].as_array().expect("a list") {
            let number = |key: &str| gpu[key].as_u64().expect("bytes");
            assert!(number("committed") <= number("usable"), "{command}");
            assert_eq!(
                number("committed") + number("free"),
                number("usable"),
                "{command}"
            );
            let index = number("gpu") as u32;
            if preset.keep_free.contains(&index) {
                assert_eq!(number("committed"), 0, "{command}: GPU {index}");
            }
        }
    }
}

#[test]
fn the_guides_layouts_are_kept_where_they_hold() {
    let run = Machine::new().run("plan --preset 4x3090-mixed --gpu 'RTX 3090 x4' --json");
    let plan = run.json();
    let gpus: Vec<Vec<u64>> = plan["services"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|service| {
            let gpus = service["gpus"].as_array().expect("a list");
            gpus.iter()
                .map(|gpu| gpu["gpu"].as_u64().expect("an index"))
                .collect()
        })
        .collect();
    assert_eq!(gpus, [vec![0, 1], vec![2], vec![3]]);
    let ports: Vec<u64> = plan["services"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|service| service["port"].as_u64().expect("a port"))
        .collect();
    assert_eq!(ports, [11434, 11435, 11436]);
}

#[test]
fn a_preset_is_placed_on_other_cards_too() {
    for gpus in ["A100 80GB x2", "RTX 4090 x8", "RTX A6000 x4"] {
        let run = Machine::new().run(&format!("plan --preset 4x3090-mixed --gpu '{gpus}' --json"));
        assert_eq!(run.exit, Exit::Yes, "{gpus}: {}", run.out);
    }
    let small = Machine::new().run("plan --preset 4x3090-mixed --gpu 'RTX 3090' --json");
    assert_eq!(small.exit, Exit::No);
    assert!(
        !small.json()["unplaced"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
}

#[test]
fn without_gpus_a_preset_is_shown_on_the_guides_own() {
    let run = Machine::new().run("plan --preset 2x3090-one-large --json");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    assert_eq!(run.json()["gpus"].as_array().expect("a list").len(), 2);
}
