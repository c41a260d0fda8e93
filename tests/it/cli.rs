//! The command line as scripts and people meet it.

mod models;

use vramfit::app::Exit;
use vramfit::lang::Lang;
use vramfit::messages::help::{HELP_IDS, help};
use vramfit::request::Task;

use crate::support::{Machine, Run, width};

fn run(command: &str) -> Run {
    Machine::new().run(command)
}

#[test]
fn answers_yes_no_and_failure_have_their_codes() {
    assert_eq!(run("recommend --gpu 'RTX 3090'").exit, Exit::Yes);
    assert_eq!(run("recommend --vram 512MiB").exit, Exit::No);
    assert_eq!(run("explain llama3:70b --gpu 'RTX 3060'").exit, Exit::No);
    assert_eq!(run("explain llama3:70b").exit, Exit::Yes);
    assert_eq!(run("recommend --task nothing").exit, Exit::Failure);
    assert_eq!(run("").exit, Exit::Failure);
}

#[test]
fn bad_values_are_named_with_the_form_that_is_taken() {
    for command in [
        "recommend --vram 0",
        "recommend --vram -3",
        "recommend --vram 99999999TiB",
        "recommend --context 0",
        "recommend --context -8k",
        "recommend --parallel 0",
        "recommend --batch 0",
        "recommend --limit 0",
        "recommend --reserve x",
        "recommend --vram 24 --ram 0",
        "explain llama3:8b --ollama-version new --vram 24",
    ] {
        let run = run(command);
        assert_eq!(run.exit, Exit::Failure, "{command}");
        assert!(run.out.is_empty(), "{command}: {}", run.out);
        assert!(run.err.starts_with("vramfit: --"), "{command}: {}", run.err);
        let json = Machine::new().run(&format!("{command} --json"));
        let error: serde_json::Value = serde_json::from_str(&json.err).expect("JSON");
        assert_eq!(
            (&error["schema"], &error["code"]),
            (&"vramfit.error/1".into(), &"bad-value".into()),
            "{command}"
        );
    }
}

#[test]
fn mistyped_names_get_candidates() {
    for (command, code, candidate) in [
        ("explain llama3:8bb", "unknown-tag", "llama3:8b"),
        ("recommend --gpu 'RTX 3099'", "unknown-gpu", "RTX 3090"),
        ("recommend --task chines", "unknown-choice", "chinese"),
        ("compare --family qwem", "unknown-family", "qwen"),
        ("recomend", "unknown-argument", "recommend"),
        ("qwen3:8b", "unknown-argument", "vramfit explain qwen3:8b"),
        (
            "'RTX 3060'",
            "unknown-argument",
            "vramfit recommend --gpu 'RTX 3060'",
        ),
        ("recommend 3060", "unknown-argument", "--gpu '3060'"),
        ("recommend qwen", "unknown-argument", "--family qwen"),
        ("models qwen3", "unknown-argument", "--family qwen3"),
        (
            "models qwen3:8b",
            "unknown-argument",
            "vramfit explain qwen3:8b",
        ),
        ("tips qwen3:8b", "unknown-argument", "--tag qwen3:8b"),
    ] {
        let run = run(&format!("{command} --json"));
        assert_eq!(run.exit, Exit::Failure, "{command}");
        let error: serde_json::Value = serde_json::from_str(&run.err).expect("JSON");
        assert_eq!(error["code"], code, "{command}");
        let candidates = error["candidates"].as_array().expect("a list");
        assert!(
            candidates.iter().any(|one| one == candidate),
            "{command}: {candidates:?}"
        );
    }
}

#[test]
fn the_address_of_a_models_page_is_its_tag() {
    for address in [
        "https://ollama.com/library/qwen3:8b",
        "ollama.com/library/qwen3:8b",
        "registry.ollama.ai/library/qwen3:8b",
    ] {
        let plan = run(&format!("plan '{address}*2@16k' --vram 24 --json")).json();
        assert_eq!(plan["services"][1]["tag"], "qwen3:8b", "{address}");
        assert_eq!(plan["services"][1]["context_length"], 16 << 10);
    }
}

#[test]
fn a_task_has_its_context_wherever_it_is_asked_for() {
    for command in ["recommend", "matrix", "curves"] {
        let asked = |flags: &str| {
            run(&format!("{command} --task code --vram 24 {flags} --json")).json()["request"]
                ["context_length"]
                .clone()
        };
        assert_eq!(asked(""), 32 << 10, "{command}");
        assert_eq!(asked("--context 8k"), 8 << 10, "{command}");
        assert_eq!(asked("--catalog guide"), 8 << 10, "{command}");
    }
}

#[test]
fn json_is_the_same_in_every_language() {
    for command in [
        "recommend --gpu 'RTX 3090' --task chinese",
        "explain qwen3:8b --vram 12",
        "models --family qwen",
        "gpus --vram 24x2",
        "monitor --vram 24x2",
        "compare llama3:8b qwen3:8b",
        "compare --family yi",
        "matrix --gpu 'RTX 3090'",
        "curves",
        "tips --tag qwen2:14b --vram 12",
        "tips",
    ] {
        let [en, zh] = ["en", "zh"].map(|lang| run(&format!("{command} --json --lang {lang}")));
        assert_eq!(en.out, zh.out, "{command}");
        assert!(en.err.is_empty() && zh.err.is_empty(), "{command}");
        let name = command.split_whitespace().next().expect("a word");
        assert_eq!(en.json()["schema"], format!("vramfit.{name}/1"));
    }
}

#[test]
fn the_same_question_has_the_same_answer() {
    let command = "recommend --gpu 'RTX 3090 x2' --task reasoning --json";
    assert_eq!(run(command).out, run(command).out);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for lang in ["en", "zh"] {
        for columns in [80, 160] {
            for command in [
                "recommend --gpu 'RTX 3060'",
                "explain qwen3:30b --vram 24x2 -v",
                "models --tier heavy",
                "gpus --vram 24x8",
                "compare --family codellama",
                "matrix",
                "curves --gpu 'RTX 4090'",
                "tips",
                "tips --tag deepseek-r1:32b --vram 24 --context 32k --parallel 4",
            ] {
                let run = Machine::new()
                    .terminal(columns)
                    .run(&format!("{command} --lang {lang} --color never"));
                assert!(
                    width(&run.out) <= columns,
                    "{command} {lang} {columns}:\n{}",
                    run.out
                );
                assert!(run.out.ends_with('\n'), "{command}");
            }
        }
    }
}

#[test]
fn colour_is_for_terminals_only() {
    let escape = '\u{1b}';
    assert!(!run("recommend --vram 24").out.contains(escape));
    assert!(
        Machine::new()
            .terminal(80)
            .run("recommend --vram 24")
            .out
            .contains(escape)
    );
    assert!(
        !Machine::new()
            .terminal(80)
            .with("NO_COLOR", "1")
            .run("recommend --vram 24")
            .out
            .contains(escape)
    );
    assert!(
        run("recommend --vram 24 --color always")
            .out
            .contains(escape)
    );
}

#[test]
fn the_language_follows_flag_environment_and_locale() {
    let speaks_chinese =
        |machine: Machine, command: &str| machine.run(command).out.contains("显卡");
    let bare = || Machine::new();
    assert!(!speaks_chinese(bare(), "--help"));
    assert!(speaks_chinese(bare(), "--help --lang zh"));
    assert!(speaks_chinese(bare().with("VRAMFIT_LANG", "zh"), "--help"));
    assert!(speaks_chinese(
        bare().with("LC_ALL", "zh_CN.UTF-8"),
        "--help"
    ));
    assert!(!speaks_chinese(
        bare().with("LC_ALL", "zh_CN.UTF-8"),
        "--help --lang en"
    ));
}

#[test]
fn every_option_of_every_command_is_explained_in_both_languages() {
    for lang in ["en", "zh"] {
        for command in crate::support::COMMANDS {
            let run = run(&format!("{command} --help --lang {lang}"));
            assert_eq!(run.exit, Exit::Yes, "{command}");
            let mut lines = run.out.lines().peekable();
            while let Some(line) = lines.next() {
                let words = line.trim_start();
                let indent = line.len() - words.len();
                let explained = words
                    .split("  ")
                    .filter(|part| !part.trim().is_empty())
                    .count()
                    > 1;
                let continued = lines
                    .peek()
                    .is_some_and(|next| next.starts_with("            "));
                if words.starts_with('-') && indent <= 6 {
                    assert!(explained || continued, "{command} {lang}: {line}");
                }
            }
        }
    }
    for id in HELP_IDS {
        let (command, option) = match id.strip_prefix('-') {
            Some(option) => ("recommend", option),
            None => id.split_once('.').unwrap_or((id, "")),
        };
        for lang in [Lang::En, Lang::Zh] {
            assert!(
                help(lang, command, option).is_some_and(|sentence| !sentence.is_empty()),
                "{id}"
            );
        }
    }
}

#[test]
fn a_zero_context_is_never_recommended_and_a_short_one_is_left_out() {
    let report = run("recommend --vram 80 --context 128k --limit 100 --json").json();
    for one in report["recommendations"].as_array().expect("a list") {
        assert!(
            one["estimate"]["context_length"]
                .as_u64()
                .expect("a number")
                >= 131_072,
            "{}",
            one["tag"]
        );
    }
}

#[test]
fn whatever_is_recommended_fits_the_card_it_is_put_on() {
    for vram in ["4", "6", "8", "12", "24", "48"] {
        for task in Task::ALL {
            let report = run(&format!(
                "recommend --vram {vram} --task {} --limit 500 --json",
                task.label()
            ))
            .json();
            let gpu = &report["inventory"]["hosts"][0]["gpus"][0];
            for one in report["recommendations"].as_array().expect("a list") {
                let total = one["estimate"]["total"].as_u64().expect("bytes");
                let most = if one["verdict"] == "fits" {
                    &gpu["usable"]
                } else {
                    &gpu["free"]
                };
                assert!(
                    total <= most.as_u64().expect("bytes"),
                    "{vram}: {}",
                    one["tag"]
                );
            }
        }
    }
}

#[test]
fn completions_and_manual_pages_are_written() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(
            run(&format!("completions {shell}"))
                .out
                .contains("recommend"),
            "{shell}"
        );
    }
    let folder = tempfile::tempdir().expect("a folder");
    let run = run(&format!("man --out '{}'", folder.path().display()));
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    let page = std::fs::read_to_string(folder.path().join("vramfit-recommend.1")).expect("a page");
    assert!(page.contains(".TH vramfit-recommend"), "{page}");
}

#[test]
fn what_is_wrong_with_a_file_is_told_in_chinese() {
    let folder = tempfile::tempdir().expect("a folder");
    for (bytes, told) in [
        (
            &b"GGUF\x03\0\0\0"[..],
            "第 8 字节：文件只有 8 字节，至少应有 16 字节",
        ),
        (&b"PK\x03\x04"[..], "第 0 字节：这不是 GGUF 文件"),
        (&b"GGUF\x09\0\0\0"[..], "GGUF 版本为 9，只能读取版本 2 和 3"),
    ] {
        let file = folder.path().join("x.gguf");
        std::fs::write(&file, bytes).expect("a file");
        let answer = Machine::new().run(&format!("explain '{}' --lang zh", file.display()));
        assert!(answer.err.contains(told), "{}", answer.err);
    }
}

/// What a model is, is asked for alike in the list of all models and in that of those that run here.
#[test]
fn models_are_filtered_by_what_they_are() {
    let conditions = "--capability vision --license apache --max-params 10 --min-context 128k";
    let models = run(&format!("models {conditions} --json")).json();
    let rows = models["models"].as_array().expect("a list");
    assert!(rows.len() > 3, "{models}");
    let billions = |row: &serde_json::Value| row["parameters"].as_f64().map(|all| all / 1e9);
    for row in rows {
        let can = row["capabilities"].as_array().expect("a list");
        assert!(can.iter().any(|one| one == "vision"), "{row}");
        assert!(billions(row).is_some_and(|all| all < 10.5), "{row}");
        assert!(row["context_length"].as_u64() >= Some(128 << 10), "{row}");
    }
    let ranked = run(&format!("recommend {conditions} --vram 24 --json")).json();
    for one in ranked["recommendations"].as_array().expect("a list") {
        let listed = rows.iter().any(|row| row["family"] == one["family"]);
        assert!(listed, "{one}");
    }
    for mistyped in ["--capability visoin", "--license apahce", "--family qwne"] {
        assert_eq!(
            run(&format!("models {mistyped}")).exit,
            Exit::Failure,
            "{mistyped}"
        );
    }
}
