//! `matrix`, `curves` and `tips`: what they say, and that what they write works.

use serde_json::Value;
use vramfit::app::Exit;
use vramfit::embedded;

use crate::support::{Machine, Run, width};

fn run(command: &str) -> Run {
    Machine::new().run(command)
}

#[test]
fn the_pages_look_right_at_80_columns() {
    for (name, command) in [
        ("matrix", "matrix"),
        ("matrix_given", "matrix --gpu 'RTX 3090' --task chinese"),
        ("curves", "curves --gpu 'RTX 3090'"),
        ("tips", "tips"),
        ("tips_fits", "tips --tag qwen3:8b --gpu 'RTX 3060 12GB'"),
        (
            "tips_too_much",
            "tips --tag deepseek-r1:32b --gpu 'RTX 3090' --context 32k",
        ),
        ("tier", "models --tier heavy --catalog guide"),
        (
            "family",
            "compare --family qwen --catalog guide --gpu 'RTX 3090 x2'",
        ),
    ] {
        for lang in ["en", "zh"] {
            let run = run(&format!("{command} --lang {lang}"));
            assert!(run.err.is_empty(), "{command}: {}", run.err);
            assert!(width(&run.out) <= 80, "{command} {lang}:\n{}", run.out);
            insta::assert_snapshot!(format!("{name}_{lang}"), run.out);
        }
    }
}

#[test]
fn without_unicode_the_plots_are_ascii() {
    let plain = Machine::new().with("LC_ALL", "C");
    for plot in ["quality", "speed", "latency", "value"] {
        let out = plain
            .run(&format!("curves --gpu 'RTX 3090' --lang en --plot {plot}"))
            .out;
        let drawing = out.split("\n\n").nth(1).expect("a plot");
        assert!(drawing.is_ascii(), "{drawing}");
    }
    insta::assert_snapshot!(
        "curves_ascii",
        plain
            .run("curves --plot speed --gpu 'RTX 4090' --lang en")
            .out
    );
}

#[test]
fn the_guides_curves_are_the_guides_whatever_the_card() {
    let [a, b] = ["RTX 3060 12GB", "RTX 4090"]
        .map(|gpu| run(&format!("curves --gpu '{gpu}' --json")).json());
    assert_eq!(a["guide"], b["guide"]);
    assert_ne!(a["computed"], b["computed"]);
    assert_eq!(
        (&a["hardware"], &b["hardware"]),
        (&"RTX 3060 12GB".into(), &"RTX 4090".into())
    );
    let page = run("curves --gpu 'RTX 4090'").out;
    assert!(page.contains("the guide, RTX 3090"), "{page}");
    assert!(
        page.contains("Tokens per second by size  RTX 4090"),
        "{page}"
    );
}

#[test]
fn a_faster_card_is_never_slower() {
    let rate = |gpu: &str| -> Vec<Option<f64>> {
        let report = run(&format!("curves --gpu '{gpu}' --json")).json();
        let classes = report["computed"].as_array().expect("a list").clone();
        classes
            .iter()
            .map(|class| class["decode"][1].as_f64())
            .collect()
    };
    for (slow, fast) in rate("RTX 3090").into_iter().zip(rate("RTX 5090")) {
        if let (Some(slow), Some(fast)) = (slow, fast) {
            assert!(fast > slow, "{fast} {slow}");
        }
    }
}

#[test]
fn drawings_are_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("curves.svg");
    let command = format!("curves --gpu 'RTX 3090' --out '{}'", path.display());
    let first = run(&command);
    assert_eq!(first.exit, Exit::Yes, "{}", first.err);
    let text = std::fs::read_to_string(&path).expect("a drawing");
    assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
    assert_eq!(text.matches("<svg").count(), 5);
    assert_eq!(text.matches("<svg").count(), text.matches("</svg>").count());
    assert_eq!(text.matches("<g ").count(), text.matches("</g>").count());
    for line in text.lines() {
        // Attributes are apart, or no reader takes the file.
        let tag = line.split('>').next().unwrap_or_default();
        for after in tag.split('"').skip(2).step_by(2) {
            assert!(after.is_empty() || after.starts_with([' ', '/']), "{line}");
        }
    }

    std::fs::write(&path, "mine").expect("a file");
    let second = run(&command);
    assert_eq!(second.exit, Exit::Failure);
    assert!(second.err.contains("--force"), "{}", second.err);
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), "mine");
    let third = run(&format!("{command} --force --plot speed"));
    assert_eq!(third.exit, Exit::Yes, "{}", third.err);
    let text = std::fs::read_to_string(&path).expect("a drawing");
    assert_eq!(text.matches("<svg").count(), 2);

    let left: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .collect();
    assert_eq!(left.len(), 1, "{left:?}");
    for wrong in ["curves.png", "curves", "curves.svg/curves.svg"] {
        let path = folder.path().join(wrong);
        let run = run(&format!("curves --out '{}'", path.display()));
        assert_eq!(run.exit, Exit::Failure, "{wrong}");
        assert!(!path.exists(), "{wrong}");
    }
    assert_eq!(run("curves --force").exit, Exit::Failure);
}

#[test]
fn answers_are_kept_as_pages_that_stand_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    for (lang, named) in [("en", "lang=\"en\""), ("zh", "lang=\"zh-CN\"")] {
        for asked in [
            "recommend --task code",
            "explain qwen3:8b",
            "plan qwen3:8b bge-m3",
        ] {
            let name = asked.split(' ').next().expect("a word");
            let path = folder.path().join(format!("{name}.{lang}.html"));
            let answer = format!("{asked} --gpu 'RTX 3090' --lang {lang}");
            let command = format!("{answer} --out '{}'", path.display());
            let first = run(&command);
            assert_eq!(first.exit, Exit::Yes, "{}", first.err);
            let page = std::fs::read_to_string(&path).expect("a page");
            assert!(page.contains(named) && page.contains("qwen3"), "{page}");
            assert_eq!(run(&command).exit, Exit::Failure, "{command}");
            // JSON is for the script that asked, whatever else is written.
            let json = run(&format!("{command} --force --json"));
            assert_eq!(json.out, run(&format!("{answer} --json")).out);
            let wrong = run(&format!(
                "{answer} --out '{}'",
                folder.path().join("page.pdf").display()
            ));
            assert_eq!(wrong.exit, Exit::Failure);
            assert!(wrong.err.contains("*.html"), "{}", wrong.err);
        }
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("a folder").count(),
        6
    );
}

/// What Ollama takes in a Modelfile besides sampling.
const PARAMETERS: [&str; 6] = [
    "num_ctx",
    "num_batch",
    "num_gpu",
    "main_gpu",
    "use_mmap",
    "num_thread",
];
/// What an Ollama server reads.
const VARIABLES: [&str; 5] = [
    "OLLAMA_CONTEXT_LENGTH",
    "OLLAMA_FLASH_ATTENTION",
    "OLLAMA_KEEP_ALIVE",
    "OLLAMA_KV_CACHE_TYPE",
    "OLLAMA_NUM_PARALLEL",
];

/// The lines of a file without its comments.
fn settings(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with('#'))
}

#[test]
fn less_context_than_was_asked_for_is_told_in_the_file() {
    for (asked, lang, told) in [
        (
            "qwen3:8b --context 32k --parallel 4",
            "en",
            "# Asked for a context of 32K; ",
        ),
        (
            "qwen3:8b --context 64k",
            "en",
            "# Asked for a context of 64K; ",
        ),
        (
            "qwen3:8b --context 32k --parallel 4",
            "zh",
            "# 要求的上下文为 32K，",
        ),
        (
            "llama3:8b --context 16k",
            "en",
            "# Asked for a context of 16K; the model was trained for 8K.",
        ),
    ] {
        let command = format!("tips --tag {asked} --lang {lang} --gpu 'RTX 3060' --emit");
        let file = run(&format!("{command} modelfile")).out;
        assert!(file.starts_with(told), "{command}: {file}");
    }
    let trained = run("tips --tag llama3:8b --context 16k --gpu 3090 --emit env").out;
    assert!(
        trained.starts_with("# Asked for a context of 16K; "),
        "{trained}"
    );
    for whole in ["qwen3:8b --context 8k", "llama3:8b"] {
        let file = run(&format!("tips --tag {whole} --gpu 3090 --emit modelfile")).out;
        assert!(file.starts_with("FROM "), "{file}");
    }
}

#[test]
fn nothing_is_forced_that_loads_only_with_luck() {
    let command = |name: &str| format!("{name} --vram 4 --ram 64 --context 8k");
    let file = run(&command("tips --tag gemma4:e4b --emit modelfile"));
    assert!(!file.out.contains("num_gpu"), "{}", file.out);
    assert_eq!(file.exit, Exit::No);
    let explained = run(&(command("explain gemma4:e4b") + " --json")).json();
    assert_eq!(explained["verdict"], "offloads");
}

#[test]
fn modelfiles_and_environments_are_valid_and_keep_their_promise() {
    let catalog = embedded::catalog().expect("the catalog");
    let hardware = ["--gpu 'RTX 3060 12GB'", "--gpu 'RTX 3090 x2'", ""];
    for (model, hardware) in catalog.guide().model.iter().zip(hardware.iter().cycle()) {
        let command = format!(
            "tips --tag {} {hardware} --context 16k --batch 512",
            model.tag
        );
        let modelfile = run(&format!("{command} --emit modelfile"));
        assert!(modelfile.err.is_empty(), "{command}: {}", modelfile.err);
        let mut lines = settings(&modelfile.out);
        let tag = lines.next().and_then(|line| line.strip_prefix("FROM "));
        let tag = tag.expect("FROM");
        assert!(
            catalog.find(tag).expect("a tag").model.published,
            "{command}"
        );
        let mut context = "";
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            let ["PARAMETER", name, value] = words[..] else {
                panic!("{command}: {line}")
            };
            assert!(PARAMETERS.contains(&name), "{command}: {line}");
            assert!(value.parse::<u32>().is_ok(), "{command}: {line}");
            if name == "num_ctx" {
                context = value;
            }
        }
        if modelfile.exit == Exit::Yes {
            let there = run(&format!(
                "explain {tag} {hardware} --context {context} --batch 512"
            ));
            assert_eq!(there.exit, Exit::Yes, "{command}: {}", modelfile.out);
        }

        let environment = run(&format!("{command} --emit env"));
        let mut more = String::new();
        for line in settings(&environment.out) {
            let (name, value) = line.split_once('=').expect("NAME=value");
            assert!(VARIABLES.contains(&name), "{command}: {line}");
            assert!(
                !value.is_empty() && !value.contains(['#', ' ', '"']),
                "{line}"
            );
            match name {
                "OLLAMA_CONTEXT_LENGTH" => more += &format!(" --context {value}"),
                "OLLAMA_KV_CACHE_TYPE" => more += &format!(" --kv-cache-type {value}"),
                _ => {}
            }
        }
        if environment.exit == Exit::Yes {
            let there = run(&format!("explain {tag} {hardware} --batch 512{more}"));
            assert_eq!(there.exit, Exit::Yes, "{command}: {}", environment.out);
        }
    }
}

#[test]
fn a_saving_is_the_difference_of_two_estimates() {
    let command = "--gpu 'RTX 3090' --context 16k";
    let report = run(&format!("tips --tag qwen3:14b {command} --json")).json();
    let total = report["estimate"]["total"].as_i64().expect("bytes");
    let tips = report["tips"].as_array().expect("a list");
    let mut seen = Vec::new();
    for tip in tips {
        seen.push(tip["code"].as_str().expect("a code"));
        let then = tip["total"].as_i64().expect("bytes");
        assert_eq!(tip["saves"].as_i64().expect("bytes"), total - then);
        let option = match seen.last() {
            Some(&"context") => format!("--context {}", tip["context_length"]),
            Some(&"batch") => format!("{command} --batch {}", tip["batch"]),
            Some(&"parallel") => format!("{command} --parallel {}", tip["parallel"]),
            Some(&"kv-cache-type") => format!(
                "{command} --kv-cache-type {}",
                tip["kv_cache_type"].as_str().expect("a type")
            ),
            _ => continue,
        };
        let option = option.replace(command, "--context 16k");
        let explained = run(&format!(
            "explain qwen3:14b --gpu 'RTX 3090' {option} --json"
        ))
        .json();
        assert_eq!(
            explained["estimate"]["total"].as_i64(),
            Some(then),
            "{option}"
        );
        assert_eq!(explained["verdict"], tip["verdict"], "{option}");
    }
    for code in [
        "context",
        "kv-cache-type",
        "batch",
        "parallel",
        "keep-alive",
    ] {
        assert!(seen.contains(&code), "{code}: {seen:?}");
    }
}

#[test]
fn what_the_matrix_names_fits_its_row() {
    let report = run("matrix --json").json();
    for row in report["computed"].as_array().expect("a list") {
        let hardware = row["hardware"].as_str().expect("a name");
        for purpose in ["development", "production", "flagship"] {
            let pick = &row[purpose];
            let tag = pick["tag"].as_str().expect("a tag");
            let explained = run(&format!("explain {tag} --gpu '{hardware}' --json")).json();
            assert_eq!(explained["verdict"], pick["verdict"], "{hardware} {tag}");
            assert_eq!(
                explained["estimate"]["total"], pick["total"],
                "{hardware} {tag}"
            );
        }
        let points = |purpose: &str| row[purpose]["score"]["task"].as_f64();
        assert!(points("flagship") >= points("production"), "{hardware}");
    }
    assert_eq!(run("matrix --vram 300MiB").exit, Exit::No);

    // No model lies across two hosts, so a fleet has a row a host.
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let fleet = "[[host]]\nname = \"a\"\ngpus = [\"RTX 3090 x2\"]\n[[host]]\nname = \"b\"\ngpus = [\"RTX 3060\"]\n";
    std::fs::write(&path, fleet).expect("a file");
    let fleet = run(&format!("matrix --json --fleet '{}'", path.display())).json();
    let alone =
        |gpu: &str| run(&format!("matrix --json --gpu '{gpu}'")).json()["computed"][0].clone();
    for (row, (host, gpu)) in [("a", "RTX 3090 x2"), ("b", "RTX 3060")]
        .into_iter()
        .enumerate()
    {
        let row = &fleet["computed"][row];
        assert_eq!(row["host"], host);
        assert_eq!(row["flagship"], alone(gpu)["flagship"], "{host}");
        assert_eq!(row["vram"], alone(gpu)["vram"], "{host}");
    }
}

#[test]
fn every_field_is_in_the_schema() {
    for (name, command) in [
        ("matrix", "matrix"),
        ("curves", "curves"),
        ("tips", "tips --tag llama3:8b --vram 24"),
        ("models", "models --tier light"),
        ("compare", "compare --family yi"),
    ] {
        let schema: Value = run(&format!("schema {name}")).json();
        let report = run(&format!("{command} --json")).json();
        for key in report.as_object().expect("an object").keys() {
            assert!(schema["properties"].get(key).is_some(), "{name}: {key}");
        }
    }
}
