//! The contributor's pages: what they tell to write is what the program takes.

use crate::support::Machine;

const DATA: &str = include_str!("../../data/README.md");

/// The examples of a page that are written in a language.
fn examples<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

fn check(text: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("my.toml");
    std::fs::write(&path, text).expect("a file");
    let file = path.display().to_string();
    let run = Machine::new().run(&format!("catalog check {file}"));
    assert_eq!(run.exit.code(), 0, "{}{}", run.out, run.err);
    let gpu = Machine::new().run(&format!("--catalog {file} gpus --json --gpu 'RTX 9999'"));
    let model = Machine::new().run(&format!(
        "--catalog {file} explain family:8b --json --vram 24"
    ));
    (gpu.out, model.out)
}

#[test]
fn every_example_of_the_data_page_passes_the_checks() {
    let examples = examples(DATA, "toml");
    assert_eq!(examples.len(), 3, "a model in brief, in full, and a GPU");
    let (_, _) = check(examples[0]);
    let (_, model) = check(examples[1]);
    assert!(model.contains("\"basis\": \"architecture\""), "{model}");
    let (gpu, _) = check(examples[2]);
    assert!(gpu.contains("RTX 9999"), "{gpu}");
}

#[test]
fn the_example_of_a_measurement_names_what_the_catalog_knows() {
    let examples = examples(DATA, "json");
    let row: serde_json::Value = serde_json::from_str(examples[0]).expect("a row of JSON");
    let catalog = vramfit::embedded::catalog();
    let text = |key: &str| row[key].as_str().expect("a text");
    assert!(catalog.gpu(text("gpu_ref"), None).is_some());
    assert!(catalog.gpu(text("gpu"), None).is_some());
    assert!(catalog.find(text("model")).is_some());
    assert!(row["decode_tok_s"].is_number());
}

#[test]
fn a_broken_example_is_refused() {
    let broken = examples(DATA, "toml")[0].replace("tag =", "tagg =");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("my.toml");
    std::fs::write(&path, broken).expect("a file");
    let run = Machine::new().run(&format!("catalog check {}", path.display()));
    assert_eq!(run.exit.code(), 1, "{}", run.out);
}
