//! What keeps the code in order: which module may name which, how long a file may be, where sentences may stand.

mod circles;

use std::fs;
use std::path::{Path, PathBuf};

/// Modules with their layers, lowest first. A module may name modules of lower layers only.
const LAYERS: &[(&str, u8)] = &[
    ("units", 0),
    ("checksum", 0),
    ("lang", 0),
    ("error", 0),
    ("request", 0),
    ("sanitize", 0),
    ("defect", 0),
    ("architecture", 0),
    ("quantization", 0),
    ("weights", 0),
    ("regular_file", 1),
    ("gguf", 1),
    ("catalog", 1),
    ("embedded", 2),
    ("inventory", 2),
    ("ollama", 2),
    ("engine", 3),
    ("lint", 3),
    ("import", 4),
    ("report", 4),
    ("messages", 5),
    ("render", 6),
    ("artifact", 6),
    ("app", 7),
];

/// Lines of a source file, at most.
const LONGEST: usize = 400;

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

fn all() -> Vec<(String, String)> {
    below(&["core/src", "src"])
}

/// Source files of these folders, by their paths in them, with their text.
fn below(roots: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for root in roots {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
        let mut files = Vec::new();
        sources(&root, &mut files);
        files.sort();
        for path in &files {
            let name = path.strip_prefix(&root).expect("below the root");
            let text = fs::read_to_string(path).expect("text");
            found.push((name.display().to_string(), text));
        }
    }
    found
}

fn module(file: &str) -> &str {
    file.split(['/', '.']).next().expect("a name")
}

fn layer(module: &str) -> Option<u8> {
    LAYERS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, layer)| *layer)
}

/// A file's code without its comments.
fn code(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn no_module_names_one_above_or_beside_it() {
    let mut wrong = Vec::new();
    for (file, text) in all() {
        let own = module(&file);
        if matches!(own, "lib" | "main") {
            continue;
        }
        let own_layer =
            layer(own).unwrap_or_else(|| panic!("{file}: the module {own} has no layer"));
        for part in code(&text).split("crate::").skip(1) {
            let named: String = part
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let Some(other) = layer(&named) else { continue };
            if named != own && other >= own_layer {
                // Layer 0 is one module with several doors.
                if !(other == 0 && own_layer == 0) {
                    wrong.push(format!("{file} names {named}"));
                }
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn source_files_are_short() {
    let long: Vec<String> = below(&["core/src", "core/examples", "src", "examples", "tests"])
        .into_iter()
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// Words that say where a value comes from, or where it goes, and not what it is.
const PREPOSITIONS: [&str; 21] = [
    "of", "by", "with", "at", "in", "to", "on", "for", "beside", "behind", "below", "above",
    "under", "over", "within", "without", "after", "before", "between", "against", "into",
];

#[test]
fn no_function_is_named_by_a_preposition_alone() {
    let mut wrong = Vec::new();
    for (file, text) in all() {
        for line in code(&text).lines() {
            let Some((_, rest)) = line.split_once("fn ") else {
                continue;
            };
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            if PREPOSITIONS.contains(&name) {
                wrong.push(format!("{file}: {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_file_names_nvml_and_only_app_touches_the_process() {
    let mut wrong = Vec::new();
    for (file, text) in all() {
        let code = code(&text);
        if code.contains("nvml_wrapper") && !file.starts_with("inventory/nvml") {
            wrong.push(format!("{file} names nvml_wrapper"));
        }
        let process = [
            "std::env",
            "env::var",
            "io::stdout",
            "io::stderr",
            "io::stdin",
            "SystemTime",
            "println!",
            "eprintln!",
        ];
        for word in process.into_iter().filter(|word| code.contains(word)) {
            if module(&file) != "app" && file != "main.rs" {
                wrong.push(format!("{file} uses {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_engine_does_no_io_and_speaks_no_language() {
    let mut wrong = Vec::new();
    for (file, text) in all()
        .into_iter()
        .filter(|(file, _)| module(file) == "engine")
    {
        let code = code(&text);
        for word in [
            "std::fs",
            "std::net",
            "std::time",
            "std::thread",
            "Instant",
            "rand::",
            "Lang",
            "Bilingual",
        ] {
            if code.contains(word) {
                wrong.push(format!("{file} uses {word}"));
            }
        }
        // A sentence for people is a string with several words.
        for literal in code.split('"').skip(1).step_by(2) {
            if literal.split(' ').count() > 3 && !literal.contains("{}") {
                wrong.push(format!("{file} says {literal:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn modules_have_names_that_say_something() {
    let vague = [
        "utils", "util", "common", "helpers", "helper", "manager", "misc",
    ];
    let wrong: Vec<String> = all()
        .into_iter()
        .map(|(file, _)| file)
        .filter(|file| file.split(['/', '.']).any(|part| vague.contains(&part)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A doc comment of so few words restates its item's name: "Its name.", "The page."
const TOO_FEW_WORDS: usize = 3;

#[test]
fn docs_say_more_than_a_name() {
    let mut short = Vec::new();
    for (file, text) in all() {
        let lines: Vec<Option<&str>> = text
            .lines()
            .map(|line| line.trim_start().strip_prefix("///"))
            .collect();
        let mut line = 1;
        for block in lines.chunk_by(|one, next| one.is_some() == next.is_some()) {
            let words: Vec<&str> = block
                .iter()
                .flatten()
                .flat_map(|doc| doc.split_whitespace())
                .collect();
            if block[0].is_some() && words.len() <= TOO_FEW_WORDS {
                short.push(format!("{file}:{line}: {}", words.join(" ")));
            }
            line += block.len();
        }
    }
    assert!(short.is_empty(), "{}", short.join("\n"));
}
