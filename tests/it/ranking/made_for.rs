//! Models for pictures and vectors, and a catalog that has none.

use vramfit::request::Task;

use super::MACHINES;
use crate::support::Machine;

#[test]
fn pictures_are_for_models_that_take_them() {
    const NAMED: [&str; 13] = [
        "gemma3",
        "gemma4",
        "llama4",
        "ministral-3",
        "mistral-small3.2",
        "mistral-medium-3.5",
        "muse-glimmer",
        "ornith-1.5",
        "qwen2.5vl",
        "qwen3-vl",
        "qwen3.5",
        "qwen3.6",
        "qwen3.8",
    ];
    for hardware in MACHINES {
        let report = Machine::new()
            .run(&format!(
                "recommend {hardware} --task image --limit 20 --json"
            ))
            .json();
        assert_eq!(report["request"]["task"], "vision");
        let rows = report["recommendations"].as_array().expect("a list");
        assert!(rows.len() >= 8, "{hardware}: {}", rows.len());
        for (at, row) in rows.iter().enumerate() {
            let can = row["capabilities"].as_array().expect("a list");
            assert!(can.iter().any(|one| one == "vision"), "{hardware}: {row}");
            let family = row["family"].as_str().expect("a family");
            assert!(at >= 5 || NAMED.contains(&family), "{hardware}: {family}");
        }
    }
}

#[test]
fn vectors_are_for_models_that_make_nothing_else() {
    for hardware in MACHINES {
        for priority in ["quality", "balanced", "speed"] {
            let report = Machine::new()
                .run(&format!(
                    "recommend {hardware} --task embedding --priority {priority} --limit 50 --json"
                ))
                .json();
            let rows = report["recommendations"].as_array().expect("a list");
            assert!(rows.len() >= 12, "{hardware}: {}", rows.len());
            for row in rows {
                assert_eq!(row["capabilities"], serde_json::json!(["embedding"]));
                // It writes nothing, so that nobody waits for it and nobody talks to it.
                assert!(row["speed"].is_null(), "{row}");
                let commands = row["commands"].as_array().expect("a list");
                assert!(
                    commands
                        .iter()
                        .all(|one| !one.to_string().contains(" run "))
                );
            }
        }
    }
    // No speeds, and no word on which bandwidth they would be for.
    let page = Machine::new().run("recommend --task embedding --vram 24");
    assert!(!page.out.contains("GB/s"), "{}", page.out);
    for task in Task::TEXT {
        let report = Machine::new()
            .run(&format!(
                "recommend --vram 24 --task {} --all --json",
                task.label()
            ))
            .json();
        for row in report["recommendations"].as_array().expect("a list") {
            let can = row["capabilities"].as_array().expect("a list");
            assert!(can.iter().all(|one| one != "embedding"), "{row}");
        }
    }
}

#[test]
fn a_catalog_without_models_for_a_task_says_so() {
    for (lang, words) in [("en", "is made for this task"), ("zh", "没有适合这项任务")] {
        let run = Machine::new().run(&format!(
            "recommend --vram 24 --task embedding --catalog guide --lang {lang}"
        ));
        assert_eq!(run.exit, vramfit::app::Exit::No);
        assert!(run.out.contains(words), "{}", run.out);
    }
}

/// Of Tencent's models for translation Ollama's library holds none: they are found by the repositories that their maker publishes.
#[test]
fn models_for_translation_lead_also_where_a_repository_holds_them() {
    for gpu in ["RTX 2060", "RTX 4060", "RTX 3060", "RTX 3090"] {
        let command = format!("recommend --json --task translation --gpu '{gpu}'");
        let report = Machine::new().run(&command).json();
        let list = report["recommendations"].as_array().expect("a list");
        let tags: Vec<&str> = list.iter().filter_map(|row| row["tag"].as_str()).collect();
        let made_for_it = |tag: &&&str| tag.contains("translategemma") || tag.contains("MT");
        assert_eq!(
            tags[..2].iter().filter(made_for_it).count(),
            2,
            "{gpu}: {tags:?}"
        );
        let first = list[0]["commands"].as_array().expect("commands");
        let command = format!("ollama pull {}", tags[0]);
        assert_eq!(first[0], command.as_str(), "{gpu}");
        let at = |part: &str| tags.iter().position(|tag| tag.contains(part));
        if let (Some(larger), Some(smaller)) = (at("Hy-MT2-7B"), at("Hy-MT2-1.8B")) {
            assert!(larger < smaller, "{gpu}: {tags:?}");
        }
    }
}
