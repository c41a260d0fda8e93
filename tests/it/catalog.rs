//! `vramfit catalog`: what the data hold, and how old they are.
#![allow(clippy::unwrap_used)]

use vramfit::app::Exit;

use crate::support::{Machine, width};

fn on(day: &str) -> Machine {
    Machine::new().with("VRAMFIT_TODAY", day)
}

#[test]
fn files_are_counted_by_how_well_their_bytes_are_known() {
    let report = on("2026-12-01").run("catalog --json").json();
    assert_eq!(report["schema"], "vramfit.catalog/1");
    let files = &report["files"];
    let number = |value: &serde_json::Value| value.as_u64().unwrap();
    let known: u64 = files["by_basis"]
        .as_object()
        .unwrap()
        .values()
        .map(number)
        .sum();
    assert_eq!(known + number(&files["unknown"]), number(&files["total"]));
    let catalog = vramfit::embedded::catalog();
    assert_eq!(number(&report["models"]), catalog.models.len() as u64);
    assert_eq!(number(&report["gpus"]), catalog.gpus.len() as u64);
    assert!(number(&report["models_with_shape"]) <= number(&report["models"]));
}

#[test]
fn facts_have_a_day_and_an_age() {
    let report = on("2026-12-01").run("catalog --json").json();
    assert_eq!(report["today"], "2026-12-01");
    let facts = report["facts"].as_array().unwrap();
    let ages: Vec<(&str, &str, i64)> = facts
        .iter()
        .map(|fact| {
            (
                fact["kind"].as_str().unwrap(),
                fact["collected"].as_str().unwrap(),
                fact["age_days"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        ages,
        [
            ("models", "2026-08-21", 102),
            ("models", "2026-06-20", 164),
            ("gpus", "2026-11-23", 8),
            ("speed", "2026-11-23", 8),
            ("quality", "2026-11-23", 8),
        ]
    );
    // No entry is newer than its source.
    for fact in facts.iter().filter(|fact| !fact["newest"].is_null()) {
        let of = |key: &str| fact[key].as_str().unwrap().to_owned();
        assert!(of("newest") <= of("collected"), "{fact}");
    }
    // A clock that says nothing makes no age.
    let report = on("someday").run("catalog --json").json();
    assert!(report["today"].is_null() && report["facts"][0]["age_days"].is_null());
}

#[test]
fn the_page_is_written_in_both_languages() {
    for (lang, age) in [("en", "102 days"), ("zh", "102 天")] {
        for columns in [60, 80, 160] {
            let machine = on("2026-12-01").terminal(columns);
            let run = machine.run(&format!("catalog --lang {lang} --color never -v"));
            assert_eq!(run.exit, Exit::Yes, "{}", run.err);
            assert!(width(&run.out) <= columns, "{lang} {columns}:\n{}", run.out);
            assert!(run.out.contains("2026-08-21"), "{}", run.out);
        }
        let page = on("2026-12-01").run(&format!("catalog --lang {lang} --format markdown"));
        assert!(page.out.contains(age), "{}", page.out);
    }
    let [en, zh] =
        ["en", "zh"].map(|lang| on("2026-12-01").run(&format!("catalog --json --lang {lang}")));
    assert_eq!(en.out, zh.out);
}

#[test]
fn facts_without_a_day_or_a_source_are_defects() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("facts.toml");
    let text =
        "\n[[fact]]\nkind = \"gpus\"\ncollected = \"2026-11\"\nwhat = { en = \"a\", zh = \"b\" }\n";
    std::fs::write(&file, text).unwrap();
    let run = Machine::new().run(&format!("catalog check '{}'", file.display()));
    assert_eq!(run.exit, Exit::No);
    assert_eq!(run.out.matches("facts.toml:2").count(), 2, "{}", run.out);
}
