//! Help and manual pages: short and long, with examples that run, in words that any terminal shows.
#![cfg(unix)]

use std::fs;

use vramfit::app::Exit;

use crate::support::{COMMANDS, Machine, Run};
use crate::wizard::window::Window;

/// What an example needs that a test has not: a terminal, a server, a file.
const ELSEWHERE: &[&str] = &[
    "wizard", "monitor", "mcp", "pull", "run", "verify", "bench", "import", "--fix",
];

fn run(command: &str) -> Run {
    Machine::new().run(command)
}

/// The examples of a help page, without what a shell does with their output.
fn examples(help: &str) -> Vec<String> {
    let (_, below) = help.split_once("\nExamples:\n").unwrap_or_default();
    let lines = below.lines().filter_map(|line| line.strip_prefix("  "));
    lines
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split([">", "|"].as_slice()[0]).next().unwrap_or(line))
        .map(|line| line.split(" | ").next().unwrap_or(line).trim().to_owned())
        .collect()
}

#[test]
fn every_example_runs() {
    for command in COMMANDS {
        let help = run(&format!("{command} --help")).out;
        let examples = examples(&help);
        assert!(!examples.is_empty(), "{command}: {help}");
        for example in examples {
            let words = example.strip_prefix("vramfit ").unwrap_or("mcp");
            if ELSEWHERE.iter().any(|word| words.contains(word)) {
                let name: Vec<&str> = command.split(' ').collect();
                assert!(words.contains(name[name.len() - 1]), "{command}: {example}");
                continue;
            }
            let answer = run(words);
            assert_ne!(answer.exit, Exit::Failure, "{example}: {}", answer.err);
            assert!(!answer.out.is_empty(), "{example}");
        }
    }
}

/// The files that `help files` shows, by their names.
fn files() -> Vec<(String, String)> {
    let help = run("help files").out;
    let mut files: Vec<(String, String)> = Vec::new();
    for line in help.lines() {
        match (line.strip_prefix("  "), files.last_mut()) {
            (Some(code), Some((_, text))) => *text += &format!("{code}\n"),
            _ if line.contains(".toml") && !line.contains(' ') => {
                files.push((line.to_owned(), String::new()));
            }
            _ => {}
        }
    }
    files
}

#[test]
fn every_file_that_is_shown_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = files();
    assert_eq!(files.len(), 5);
    let rows = [
        ("config.toml", "gpus --config", "RTX 3090"),
        ("*.toml", "explain mine:8b --vram 24 --catalog", "mine:8b"),
        ("fleet.toml", "gpus --fleet", "rack2"),
        (
            "models.toml",
            "plan --vram 24 --models-file",
            "nomic-embed-text",
        ),
        (
            "prices.toml",
            "upgrade llama3:70b --gpu 'RTX 3090' --prices",
            "700 EUR",
        ),
    ];
    for ((name, text), (end, command, shown)) in files.iter().zip(rows) {
        assert!(name.ends_with(end), "{name}");
        let path = folder.path().join(end.trim_start_matches('*'));
        fs::write(&path, text).expect("a file");
        let answer = run(&format!("{command} '{}'", path.display()));
        assert_eq!(answer.exit, Exit::Yes, "{name}: {}", answer.err);
        assert!(answer.out.contains(shown), "{name}: {}", answer.out);
    }
}

#[test]
fn what_every_command_takes_is_told_once() {
    let short = run("recommend -h").out;
    let long = run("recommend --help").out;
    for help in [&short, &long] {
        assert!(
            help.contains("--task") && !help.contains("--fleet"),
            "{help}"
        );
        assert!(help.contains("vramfit help hardware"), "{help}");
    }
    assert!(!short.contains("Examples:\n") && long.contains("Examples:\n"));
    assert!(!run("-h").out.contains("--fleet"));
    for with_all in ["--help", "help", "help hardware"] {
        assert!(run(with_all).out.contains("--fleet"), "{with_all}");
    }
    assert_eq!(run("help recommend").out, long);
    assert_eq!(
        run("help catalog import").out,
        run("catalog import --help").out
    );
    let wrong = run("help recomend");
    assert_eq!(wrong.exit, Exit::Failure);
    assert!(
        wrong.err.contains("Did you mean recommend"),
        "{}",
        wrong.err
    );
}

#[test]
fn manual_pages_have_the_usual_sections() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = run(&format!("man --out '{}'", folder.path().display()));
    assert_eq!(written.exit, Exit::Yes, "{}", written.err);
    let page = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a page");
    let main = page("vramfit.1");
    for section in [
        "NAME",
        "SYNOPSIS",
        "EXAMPLES",
        "EXIT CODES",
        "ENVIRONMENT",
        "FILES",
    ] {
        assert!(
            main.contains(&format!(".SH \"{section}\""))
                || main.contains(&format!(".SH {section}")),
            "{section}: {main}"
        );
    }
    assert!(main.contains("fleet") && main.contains("OLLAMA_HOST"));
    let of_command = page("vramfit-catalog-import.1");
    assert!(of_command.contains("EXAMPLES") && of_command.contains("SEE ALSO"));
    assert!(!page("vramfit-recommend.1").contains("ram\\-bandwidth"));
}

#[test]
fn a_locale_without_unicode_is_shown_ascii_only() {
    for command in [
        "--help",
        "help files",
        "recommend --gpu 'RTX 3090' --ram 32",
        "recommend --vram 24 -v",
        "explain qwen3:8b --vram 24 -v",
        "plan qwen3:8b*2 --vram 24x2",
        "models --limit 3",
        "matrix",
        "tips",
        "tips --tag qwen3:8b --vram 8",
        "gpus --gpu 'RTX 3090'",
        "catalog",
        "catalog show gemma3:27b",
        "compare qwen3:8b llama3:8b",
        "curves --vram 24",
        "plan --preset",
        "doctor tests/fixtures/doctor/wrong/start.sh",
    ] {
        let shown = Machine::new().with("LC_ALL", "C").run(command).out;
        let foreign: String = shown.chars().filter(|c| !c.is_ascii()).collect();
        assert!(
            foreign.is_empty() && !shown.is_empty(),
            "{command}: {foreign}"
        );
    }
}

#[test]
fn what_is_longer_than_the_window_goes_through_the_pager() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = |words: &[&str]| {
        let mut window = Window::open(folder.path(), words, &[("PAGER", "echo paged:; head -2")]);
        assert_eq!(window.ends(), 0, "{words:?}");
        window.everything()
    };
    let paged = open(&["models"]);
    assert!(
        paged.starts_with("paged:\n") && paged.lines().count() == 3,
        "{paged}"
    );
    for whole in [
        &["models", "--no-pager"][..],
        &["models", "--json"],
        &["gpus", "--vram", "24"],
    ] {
        assert!(!open(whole).contains("paged:"), "{whole:?}");
    }
}

#[test]
fn a_quantization_may_be_named_apart() {
    let tag = |command: &str| run(&format!("{command} --vram 80 --json")).json()["tag"].clone();
    assert_eq!(tag("explain qwen3:8b --quant q8_0"), "qwen3:8b-q8_0");
    assert_eq!(tag("explain qwen3:8b --quant Q4_K_M"), "qwen3:8b");
    let mistral = tag("explain mistral --quantization fp16");
    assert!(
        mistral.as_str().is_some_and(|tag| tag.ends_with("fp16")),
        "{mistral}"
    );
    assert_eq!(
        tag("explain hf.co/bartowski/Qwen3-8B-GGUF --quant q8_0"),
        "hf.co/bartowski/Qwen3-8B-GGUF:Q8_0"
    );
    let wrong = run("explain qwen3:8b --quant q9_9");
    assert_eq!(wrong.exit, Exit::Failure);
    assert!(wrong.err.contains("Q4_K_M"), "{}", wrong.err);
}

/// What a page says of the commands that it lists, by their names.
fn listed(page: &str, heading: &str) -> Vec<(String, String)> {
    let lines = page.lines().skip_while(|line| !line.starts_with(heading));
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    let mut commands: Vec<(String, String)> = Vec::new();
    for line in lines {
        let entry = line.strip_prefix("  ").unwrap_or(line);
        match (entry.starts_with(' '), commands.last_mut()) {
            // An entry goes on below its description, in Chinese wherever a line is full.
            (true, Some((_, about))) => *about += entry.trim(),
            _ => {
                let (name, about) = entry.split_once(' ').unwrap_or((entry, ""));
                commands.push((name.to_owned(), about.trim().to_owned()));
            }
        }
    }
    commands
}

#[test]
fn every_command_is_listed_with_what_it_is_for() {
    let solid = |text: &str| text.split_whitespace().collect::<String>();
    for (lang, heading) in [("en", "Commands:"), ("zh", "命令：")] {
        for (parent, depth) in [("", 1), ("catalog ", 2)] {
            let own = |command: &&&str| {
                let below = command.strip_prefix(parent).unwrap_or_default();
                !below.is_empty() && command.split(' ').count() == depth
            };
            let expected: Vec<&str> = COMMANDS.iter().filter(own).copied().collect();
            for page in ["-h", "--help"] {
                let page = run(&format!("{parent}{page} --lang {lang}")).out;
                let listed = listed(&page, heading);
                for command in &expected {
                    let name = command.strip_prefix(parent).unwrap_or_default();
                    let entry = listed.iter().find(|(listed, _)| listed == name);
                    let (_, about) = entry.unwrap_or_else(|| panic!("{command}:\n{page}"));
                    let first = run(&format!("{command} -h --lang {lang}")).out;
                    let first = first.split("\n\n").next().unwrap_or_default();
                    assert!(solid(about).len() > 8, "{command}:\n{page}");
                    assert_eq!(solid(about), solid(first), "{command}");
                }
                let told = |(_, about): &(String, String)| !about.is_empty();
                assert!(listed.len() >= expected.len() && listed.iter().all(told));
            }
        }
    }
}
