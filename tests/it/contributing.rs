//! CONTRIBUTING.md and data/README.md: what they tell people to write is taken.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use vramfit::app::Exit;

use crate::support::Machine;

// The fit's own reader. A test sees a part of it.
#[allow(dead_code)]
#[path = "../../examples/fit_speed/devices.rs"]
mod devices;
#[allow(dead_code)]
#[path = "../../examples/fit_speed/measured.rs"]
mod measured;
#[allow(dead_code)]
#[path = "../../examples/fit_speed/names.rs"]
mod names;
#[allow(dead_code)]
#[path = "../../examples/fit_speed/rows.rs"]
mod rows;
#[allow(dead_code)]
#[path = "../../examples/fit_speed/rules.rs"]
mod rules;
#[allow(dead_code)]
#[path = "../../examples/fit_speed/tables.rs"]
mod tables;

const PAGES: [&str; 2] = ["CONTRIBUTING.md", "data/README.md"];

fn page(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The fenced examples of a page in one language.
fn examples(page: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line == format!("```{language}") {
            let body = lines.by_ref().take_while(|line| *line != "```");
            found.push(body.fold(String::new(), |text, line| text + line + "\n"));
        }
    }
    found
}

#[test]
fn every_example_of_a_model_and_of_a_gpu_passes_the_checks_and_is_found() {
    for name in PAGES {
        let examples = examples(&page(name), "toml");
        let with = |table: &str| examples.iter().filter(|text| text.contains(table)).count();
        assert!(with("[[model]]") > 0 && with("[[gpu]]") > 0, "{name}");
        for example in examples {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("my.toml");
            std::fs::write(&file, &example).unwrap();
            let run = |command: &str| {
                let run = Machine::new().run(&format!("{command} --catalog '{}'", file.display()));
                assert_eq!(
                    run.exit,
                    Exit::Yes,
                    "{name}: {command}: {}{}",
                    run.err,
                    run.out
                );
                run
            };
            let check = Machine::new().run(&format!("catalog check '{}'", file.display()));
            assert_eq!(check.exit, Exit::Yes, "{name}: {}", check.out);
            let table: toml::Table = example.parse().unwrap();
            for model in table
                .get("model")
                .and_then(|list| list.as_array())
                .into_iter()
                .flatten()
            {
                for variant in model["variant"].as_array().unwrap() {
                    let tag = variant["tag"].as_str().unwrap();
                    let shown = run(&format!("catalog show {tag} --json")).json();
                    assert_eq!(shown["model"]["name"], model["name"].as_str().unwrap());
                    if model.get("parameters").is_some() && variant.get("weights").is_some() {
                        run(&format!("explain {tag}"));
                    }
                }
            }
            for gpu in table
                .get("gpu")
                .and_then(|list| list.as_array())
                .into_iter()
                .flatten()
            {
                let gpu = gpu["name"].as_str().unwrap();
                let found = run(&format!("gpus --gpu '{gpu}' --json")).json();
                assert_eq!(found["hosts"][0]["gpus"][0]["name"], gpu);
            }
        }
    }
}

#[test]
fn a_broken_example_is_refused() {
    let broken = examples(&page(PAGES[0]), "toml")[0].replace("tag =", "tagg =");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.toml");
    std::fs::write(&path, broken).unwrap();
    let run = Machine::new().run(&format!("catalog check '{}'", path.display()));
    assert_eq!(run.exit, Exit::No, "{}", run.out);
}

#[test]
fn every_example_of_a_measurement_is_a_row_that_the_fit_uses() {
    let catalog = vramfit::embedded::catalog().expect("the catalog");
    for name in PAGES {
        let examples = examples(&page(name), "json");
        assert!(!examples.is_empty(), "{name}");
        for example in examples {
            // One line in a file of rows, several on a page.
            let line = example.replace('\n', " ");
            let read = rows::read(&line, "", &catalog).unwrap();
            assert_eq!(read.rows.len(), 1, "{name}: {:?}", read.left_out);
        }
    }
    // The page that people read first shows both speeds.
    let line = examples(&page(PAGES[0]), "json")[0].replace('\n', " ");
    let read = rows::read(&line, "", &catalog).unwrap();
    assert!(read.rows[0].prefill.is_some());
}

#[test]
fn every_command_of_the_pages_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in PAGES {
        let page = page(name);
        // Commands stand in backticks or on lines of their own; `cargo run --` is vramfit, too.
        let commands = page.split(['`', '\n']).filter_map(|code| {
            code.strip_prefix("vramfit ")
                .or(code.strip_prefix("cargo run -- "))
        });
        for command in commands {
            let words = command
                .split_whitespace()
                .filter(|word| !word.starts_with('-'));
            let known: Vec<&str> = words
                .take_while(|word| word.chars().all(|c| c.is_ascii_lowercase()))
                .take(2)
                .collect();
            let help = Machine::new().run(&format!("{} --help", known.join(" ")));
            assert_eq!(help.exit, Exit::Yes, "{name}: {command}");
        }
        let words: Vec<&str> = page.split_whitespace().collect();
        for pair in words.windows(2).filter(|pair| pair[0] == "--example") {
            let example = root.join("examples").join(pair[1]);
            let there = example.is_dir() || example.with_extension("rs").is_file();
            assert!(there, "{name}: {}", pair[1]);
        }
    }
}

#[test]
fn the_map_names_every_room() {
    let page = page(PAGES[0]);
    let rooms = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    for room in rooms {
        let room = room.unwrap();
        // Floor 0 is told by examples.
        let name = room.file_name().into_string().unwrap();
        if room.path().is_dir() && name != "error" {
            assert!(page.contains(&format!("`{name}`")), "{name}");
        }
    }
}
