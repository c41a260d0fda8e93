//! `doctor`: what is wrong is found at its line, what is right is left alone, and a corrected file is right.

mod corrected;
mod engines;
mod gateway;
mod labels;
mod machine;
mod together;
mod values;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use vramfit::app::Exit;
use vramfit::artifact::{ArtifactKind, emit};
use vramfit::embedded;
use vramfit::engine::workload::Engine;
use vramfit::error::{ArtifactFault, Error};
use vramfit::lint::{Diagnosis, FileKind, LintContext, lint};

use crate::artifact::sample;
use crate::support::{Machine, width};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/doctor")
}

fn judge(name: &str, text: &str) -> Diagnosis {
    let catalog = embedded::catalog().expect("the catalog");
    let bench = LintContext {
        catalog: &catalog,
        cards: None,
        files: None,
    };
    lint(name, text, bench).unwrap_or_else(|| panic!("{name}"))
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned()
}

/// Everything that is judged and wrong: the guide's commands, and one file of each kind.
fn wrong() -> Vec<PathBuf> {
    let mut all = files(&folder().join("wrong"));
    all.push(folder().join("guide.md"));
    all
}

#[test]
fn every_fault_is_found_at_its_line_and_nothing_else() {
    let expected = text(&folder().join("expected.txt"));
    let mut expected: Vec<&str> = expected.lines().collect();
    let found: Vec<String> = wrong()
        .iter()
        .flat_map(|path| {
            let found = judge(&name(path), &text(path)).findings;
            found
                .into_iter()
                .map(|finding| {
                    format!("{}:{} {}", name(path), finding.line, finding.problem.code())
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let mut found: Vec<&str> = found.iter().map(String::as_str).collect();
    expected.sort_unstable();
    found.sort_unstable();
    let missing: Vec<_> = expected
        .iter()
        .filter(|line| !found.contains(line))
        .collect();
    let wrongly: Vec<_> = found
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(
        missing.is_empty() && wrongly.is_empty(),
        "missing {missing:#?}, wrongly {wrongly:#?}"
    );
    assert_eq!(expected, found);
}

#[test]
fn what_is_right_is_left_alone() {
    for path in files(&folder().join("right")) {
        let diagnosis = judge(&name(&path), &text(&path));
        assert_eq!(diagnosis.findings, [], "{}", path.display());
        assert_eq!(diagnosis.corrected, None, "{}", path.display());
    }
}

#[test]
fn what_the_program_emits_is_right() {
    let options = sample::options();
    for plan in [
        sample::plan(),
        sample::tight(),
        sample::simulated(),
        sample::fleet(),
        sample::amd(),
        sample::llama_cpp(),
    ] {
        // What Prometheus, Grafana and llama-swap read is no set-up of Ollama's.
        let others = [ArtifactKind::Grafana, ArtifactKind::LlamaSwap];
        let kinds = ArtifactKind::ALL.iter();
        for kind in kinds.filter(|kind| !others.contains(kind)) {
            let files = match emit(&plan, *kind, &options) {
                // Some kinds are only for one engine.
                Err(Error::Artifact {
                    fault: ArtifactFault::OllamaOnly | ArtifactFault::LlamaCppOnly,
                    ..
                }) => continue,
                files => files.expect("files"),
            };
            for file in files {
                let name = file.path.display().to_string();
                // A network and a volume say nothing of Ollama.
                if name.ends_with(".network") || name.ends_with(".volume") {
                    continue;
                }
                let mut findings = judge(&name, &file.text).findings;
                // What lies in another file is said not to have been read.
                findings.retain(|finding| finding.problem.code() != "not-read");
                // Of a file for another engine it is said that it was not checked.
                let foreign = plan.services.iter().all(|one| one.engine != Engine::Ollama);
                // The same of one that only ends servers.
                let untouched = foreign || name.ends_with("stop.sh");
                findings.retain(|finding| !untouched || finding.problem.code() != "not-understood");
                assert!(findings.is_empty(), "{name}: {findings:#?}\n{}", file.text);
            }
        }
    }
}

#[test]
fn corrected_files_look_like_this() {
    let each = wrong().into_iter().map(|path| {
        let corrected = judge(&name(&path), &text(&path))
            .corrected
            .expect("corrections");
        format!("==> {} <==\n{corrected}", name(&path))
    });
    insta::assert_snapshot!("doctor_corrected", each.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_pages_look_right_at_80_columns() {
    let guide = folder().join("guide.md");
    let start = folder().join("wrong/start.sh");
    for lang in ["en", "zh"] {
        for (name, file) in [("guide", &guide), ("start", &start)] {
            // The folder is not the same everywhere.
            let run = Machine::new().run(&format!("doctor '{}' --lang {lang}", file.display()));
            assert_eq!(run.exit, Exit::No, "{}", run.err);
            let shown: String = run
                .out
                .lines()
                .skip(1)
                .map(|line| format!("{line}\n"))
                .collect();
            let wide: Vec<&str> = shown.lines().filter(|line| width(line) > 80).collect();
            // Only what is copied is not broken.
            assert!(wide.iter().all(|line| line.starts_with("  ")), "{wide:#?}");
            insta::assert_snapshot!(format!("doctor_{name}_{lang}"), shown);
        }
    }
}

/// A correct form is of the language of its file, in which a line may not go on as one of a shell does.
#[test]
fn a_correct_form_is_copied_as_it_stands() {
    for file in wrong() {
        let run =
            |options: &str| Machine::new().run(&format!("doctor '{}'{options}", file.display()));
        let report = run(" --json").json();
        let findings = report["findings"].as_array().expect("a list");
        let forms: HashSet<&str> = findings
            .iter()
            .filter_map(|finding| finding["fix"].as_str())
            .flat_map(str::lines)
            .map(str::trim)
            .collect();
        for shown in run("").out.split("Correct form:\n\n").skip(1) {
            for line in shown.lines().take_while(|line| !line.is_empty()) {
                assert!(forms.contains(line.trim()), "{}: {line}", file.display());
            }
        }
    }
}

#[test]
fn answers_have_their_codes() {
    let right = folder().join("right/setup.sh");
    let run = Machine::new().run(&format!("doctor '{}'", right.display()));
    assert_eq!((run.exit, run.err.as_str()), (Exit::Yes, ""), "{}", run.out);
    assert_eq!(
        Machine::new().run("doctor /nonexistent/file").exit,
        Exit::Failure
    );
    let wrong = folder().join("wrong/Modelfile");
    let report = Machine::new()
        .run(&format!("doctor --json '{}'", wrong.display()))
        .json();
    assert_eq!(report["schema"], "vramfit.doctor/1");
    let first = &report["findings"][0];
    assert_eq!(first["code"], "context-beyond-training");
    assert_eq!(
        (&first["severity"], &first["line"]),
        (&"warning".into(), &2.into())
    );
    assert_eq!(first["fix"], "PARAMETER num_ctx 4096");
    let schema = Machine::new().run("schema doctor").json();
    for key in report.as_object().expect("an object").keys() {
        assert!(schema["properties"].get(key).is_some(), "{key}");
    }
}

#[test]
fn kinds_are_told_by_name_and_by_content() {
    for (name, text, kind) in [
        ("a.sh", "", FileKind::Shell),
        (
            "/etc/systemd/system/ollama.service.d/override.conf",
            "[Service]\nEnvironment=A=1\n",
            FileKind::Unit,
        ),
        ("Modelfile.qwen", "", FileKind::Modelfile),
        ("/etc/cron.d/ollama", "", FileKind::Crontab),
        ("ollama.container", "", FileKind::Unit),
        ("x", "FROM qwen3:8b\n", FileKind::Modelfile),
        ("docker-compose.yml", "", FileKind::Yaml),
        ("default", "server {\n listen 80;\n}\n", FileKind::Nginx),
        ("README.md", "", FileKind::Markdown),
        (
            "notes",
            "# x\n```sh\nollama serve\n```\n",
            FileKind::Markdown,
        ),
        ("server", "A=1\nB=2\n", FileKind::Environment),
        ("x", "ollama serve\n", FileKind::Shell),
    ] {
        assert_eq!(FileKind::detect(name, text), Some(kind), "{name} {text:?}");
    }
    for (name, text) in [
        ("main.py", "import ollama\n"),
        ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ("notes.txt", "Buy milk.\n"),
        ("blob", "\0\u{1}"),
        ("tool", "#!/usr/bin/env python3\n"),
        ("Dockerfile", "FROM ollama/ollama\n"),
        ("Makefile", "run:\n\tollama serve\n"),
        ("image", "FROM ollama/ollama\nRUN true\n"),
    ] {
        assert_eq!(FileKind::detect(name, text), None, "{name}");
    }
}

const NAMES: [&str; 8] = [
    "a.sh",
    "a.service",
    "a.env",
    "Modelfile",
    "a.yaml",
    "nginx.conf",
    "a.md",
    "a",
];

/// Pieces that the rules look for, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("ollama "),
        Just("serve "),
        Just("run "),
        Just("-p 1 "),
        Just("qwen2:14b "),
        Just("& "),
        Just("\n"),
        Just("'"),
        Just("\""),
        Just("\\"),
        Just("\\\n"),
        Just("$("),
        Just("${"),
        Just("`"),
        Just("<<E\n"),
        Just("E\n"),
        Just("export "),
        Just("CUDA_VISIBLE_DEVICES=0 "),
        Just("OLLAMA_HOST=0.0.0.0 "),
        Just("OLLAMA_PORT=1 "),
        Just("# "),
        Just("PARAMETER "),
        Just("num_ctx 9 "),
        Just("FROM yi:34b\n"),
        Just("\"\"\""),
        Just("Environment="),
        Just("ExecStart="),
        Just("[Service]\n"),
        Just("server {"),
        Just("}"),
        Just("listen 80;"),
        Just("proxy_pass http://ollama;"),
        Just("upstream ollama {"),
        Just("image: ollama/ollama\n"),
        Just("  - "),
        Just("environment:\n"),
        Just("device_ids: "),
        Just("count: 1\n"),
        Just("ports:\n"),
        Just("```"),
        Just("显卡"),
        Just("docker run -e "),
        Just("watch '"),
        Just("OLLAMA_GPU_OVERHEAD=1"),
        Just("\r\n"),
        Just("  "),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_makes_it_stop(text in prop_oneof![any::<String>(), pieces()], name in prop::sample::select(&NAMES[..])) {
        let catalog = embedded::catalog().expect("the catalog");
        let Some(diagnosis) = lint(name, &text, LintContext { catalog: &catalog, cards: None, files: None }) else {
            return Ok(());
        };
        let lines = u32::try_from(text.lines().count()).expect("a number").max(1);
        for finding in &diagnosis.findings {
            prop_assert!((1..=lines).contains(&finding.line), "{finding:?}");
        }
        prop_assert!(diagnosis.corrected.as_deref() != Some(text.as_str()));
    }
}
