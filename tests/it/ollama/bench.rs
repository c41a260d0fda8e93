//! `bench`: this machine's own speed, by a server's counters.
#![cfg(unix)]

use serde_json::Value;
use vramfit::app::Exit;

use super::recorded::{Recorded, Reply, ok};
use crate::artifact::tools::python;
use crate::inventory::nvml::Scene;
use crate::schema::CHECK;
use crate::support::{Machine, Run};

const CARD: &str = "library | driver=580.65.06
gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-aaaa | total=25769803776 | used=0 | capability=8.6 | bus=00000000:01:00.0
";

/// What a server says of a text: tokens and seconds of reading and of writing.
pub(crate) fn counted(read: (u64, f64), written: (u64, f64)) -> Reply {
    let nanoseconds = |seconds: f64| (seconds * 1e9) as u64;
    let total = nanoseconds(read.1 + written.1 + 0.01);
    ok(&format!(
        r#"{{"response":"x","done":true,"total_duration":{total},"prompt_eval_count":{},"prompt_eval_duration":{},"eval_count":{},"eval_duration":{}}}"#,
        read.0,
        nanoseconds(read.1),
        written.0,
        nanoseconds(written.1)
    ))
}

/// A server with one model of `size`, of which so much lies on GPUs.
pub(crate) fn server(generate: Reply, size: u64, on_gpus: u64) -> Recorded {
    let ps = format!(
        r#"{{"models":[{{"name":"qwen3:8b","size":{size},"size_vram":{on_gpus},"context_length":8192}}]}}"#
    );
    Recorded::start(vec![
        ("/api/version", ok(r#"{"version":"0.33.0"}"#)),
        (
            "/api/tags",
            ok(r#"{"models":[{"name":"qwen3:8b","size":5200000000}]}"#),
        ),
        ("/api/ps", ok(&ps)),
        ("/api/generate", generate),
    ])
}

const WHOLE: u64 = 6_000_000_000;

fn machine(scene: &Scene, server: &Recorded, home: &std::path::Path) -> Machine {
    scene
        .machine()
        .with("OLLAMA_HOST", server.host())
        .with("XDG_CONFIG_HOME", &home.display().to_string())
}

fn decode(run: &Run) -> f64 {
    let report = run.json();
    let band = &report["speed"]["decode"];
    let [low, high] = [0, 1].map(|at| band[at].as_f64().expect("a rate"));
    (low * high).sqrt()
}

#[test]
fn what_is_measured_scales_what_is_predicted_on_this_machine_alone() {
    let scene = Scene::recent(CARD);
    let home = tempfile::tempdir().expect("a folder");
    let server = server(counted((4096, 2.0), (64, 0.8)), WHOLE, WHOLE);
    let machine = machine(&scene, &server, home.path());
    let before = decode(&machine.run("explain qwen3:8b --json"));
    let run = machine.run("bench qwen3:8b --json");
    assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
    let report = run.json();
    assert_eq!(report["decode"][0]["median"], 80.0, "{report}");
    assert_eq!(report["decode"][1]["runs"], 3);
    assert_eq!(report["prefill"]["median"], 2048.0);
    let scale = report["scale"]["decode"].as_f64().expect("a ratio");
    assert!((0.3..1.5).contains(&scale), "{report}");
    let schema = machine.run("schema bench").json();
    let checked = serde_json::to_vec(&serde_json::json!([["bench", schema, report]]));
    python("jsonschema", CHECK, &checked.expect("JSON"));
    // Six texts, no two of which begin alike: the cache of the server holds none of them.
    let asked = server.asked();
    let texts: std::collections::BTreeSet<&str> = asked
        .iter()
        .filter_map(|one| one.strip_prefix("/api/generate "))
        .filter_map(|body| body.split_once(r#""prompt":""#))
        .map(|(_, text)| &text[..5])
        .collect();
    assert_eq!(texts.len(), 6, "{texts:?}");
    // Predictions of this machine are scaled and say so, of the model and of others.
    let after = machine.run("explain qwen3:8b --json");
    assert!((decode(&after) / before - scale).abs() < 0.01, "{scale}");
    let report = after.json();
    assert_eq!(report["speed"]["scaled"], scale);
    assert_eq!(report["inventory"]["speed_scale"], scale);
    for (lang, words) in [
        ("en", "as 'vramfit bench' measured here"),
        ("zh", "本机 vramfit bench 实测"),
    ] {
        for command in ["explain qwen3:14b", "recommend -n 1"] {
            let page = machine.run(&format!("{command} --lang {lang}")).out;
            assert!(page.contains(words), "{page}");
        }
    }
    // Measured again, it is measured against the same prediction.
    let again = machine.run("bench --json").json();
    assert_eq!(again["scale"]["decode"], scale);
    // Neither described hardware nor another card is this machine.
    let other = Scene::recent(&CARD.replace("GPU-aaaa", "GPU-bbbb"));
    for run in [
        machine.run("explain qwen3:8b --gpu 'RTX 3090' --json"),
        self::machine(&other, &server, home.path()).run("explain qwen3:8b --json"),
    ] {
        assert_eq!(run.json()["speed"]["scaled"], Value::Null);
    }
}

#[test]
fn the_rows_are_as_contributors_send_them() {
    let scene = Scene::recent(CARD);
    let home = tempfile::tempdir().expect("a folder");
    let server = server(counted((4096, 2.0), (64, 0.8)), WHOLE, WHOLE);
    let report = machine(&scene, &server, home.path())
        .run("bench --json")
        .json();
    let text = std::fs::read_to_string("data/README.md").expect("the text");
    let example = text
        .split("```json\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let asked: Value = serde_json::from_str(example.expect("a row")).expect("JSON");
    let row = &report["rows"][0];
    for key in asked.as_object().expect("keys").keys() {
        assert!(!row[key].is_null(), "{key}: {row}");
    }
    assert_eq!(row["gpu_ref"], "RTX 3090");
    assert_eq!(row["quant"], "Q4_K_M");
    assert_eq!(report["rows"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_server_that_lies_is_refused_and_nothing_is_kept() {
    let scene = Scene::recent(CARD);
    let home = tempfile::tempdir().expect("a folder");
    for reply in [
        ok(r#"{"response":"x","done":true}"#),
        counted((0, 1.0), (64, 1.0)),
        counted((4096, 0.0), (64, 1.0)),
        counted((4096, 1.0), (64, 0.0)),
        counted((4096, 1.0), (6400, 1.0)),
        counted((1 << 40, 1.0), (64, 1.0)),
        counted((4096, 1e-6), (64, 1.0)),
        counted((4096, 1.0), (64, 1e-7)),
        // Four times as fast as the card reads its memory.
        counted((4096, 1.0), (64, 0.05)),
        ok(
            r#"{"prompt_eval_count":100,"prompt_eval_duration":900,"eval_count":10,"eval_duration":900,"total_duration":1000}"#,
        ),
    ] {
        let server = server(reply, WHOLE, WHOLE);
        let run = machine(&scene, &server, home.path()).run("bench qwen3:8b --json");
        assert_eq!(run.exit, Exit::Failure, "{}", run.out);
        assert!(run.err.contains("ollama-unbelievable"), "{}", run.err);
    }
    assert!(!home.path().join("vramfit/bench").exists());
}

#[test]
fn what_cannot_be_written_is_told_with_its_figures() {
    let scene = Scene::recent(CARD);
    let home = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(home.path().join("vramfit")).expect("a folder");
    std::fs::write(home.path().join("vramfit/bench"), "no folder").expect("a file");
    let server = server(counted((4096, 2.0), (64, 0.8)), WHOLE, WHOLE);
    let machine = machine(&scene, &server, home.path());
    let run = machine.run("bench qwen3:8b --json");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    let report = run.json();
    assert_eq!(report["not_kept"], "not-written");
    assert_eq!(report["kept"], Value::Null);
    assert!(report["decode"][0].is_object(), "{report}");
    let what = report["not_written"].as_str().expect("what failed");
    assert!(what.contains("vramfit/bench"), "{what}");
    for (lang, words) in [("en", "could not be written"), ("zh", "文件写不进去")] {
        let page = machine.run(&format!("bench --lang {lang}")).out;
        assert!(page.contains(words), "{page}");
        assert!(page.contains("vramfit/bench"), "{page}");
    }
}

#[test]
fn what_says_nothing_of_predictions_is_told_and_not_kept() {
    let scene = Scene::recent(CARD);
    let home = tempfile::tempdir().expect("a folder");
    let good = || counted((4096, 2.0), (64, 0.8));
    for (reply, on_gpus, why) in [
        (good(), WHOLE / 2, "partly-on-host"),
        (counted((4096, 2.0), (64, 8.0)), WHOLE, "far-off"),
    ] {
        let server = server(reply, WHOLE, on_gpus);
        let machine = machine(&scene, &server, home.path());
        let run = machine.run("bench qwen3:8b --json");
        assert_eq!(run.exit, Exit::Yes, "{}", run.err);
        assert_eq!(run.json()["not_kept"], why);
        for lang in ["en", "zh"] {
            let page = machine.run(&format!("bench --lang {lang}")).out;
            assert!(
                page.contains("Not kept") || page.contains("未保存"),
                "{page}"
            );
        }
        let speed = machine.run("explain qwen3:8b --json").json()["speed"].clone();
        assert_eq!(speed["scaled"], Value::Null);
    }
    // A file that somebody edited by hand to nonsense scales nothing.
    let folder = home.path().join("vramfit/bench");
    std::fs::create_dir_all(&folder).expect("a folder");
    let edited = "gpus = [\"GPU-aaaa\"]\nollama = \"0.33.0\"\ntag = \"x\"\narchitecture = \"\"\ndecode = 1e9\n";
    for text in [edited, "decode = \"fast\"", "\u{0}"] {
        std::fs::write(folder.join("x.toml"), text).expect("a file");
        let run = scene
            .machine()
            .with("XDG_CONFIG_HOME", &home.path().display().to_string());
        let speed = run.run("explain qwen3:8b --json").json()["speed"].clone();
        assert_eq!(speed["scaled"], Value::Null, "{text}");
    }
}

#[test]
fn what_is_missing_is_said() {
    let scene = Scene::recent(CARD);
    let home = tempfile::tempdir().expect("a folder");
    let server = server(counted((4096, 2.0), (64, 0.8)), WHOLE, WHOLE);
    let machine = machine(&scene, &server, home.path());
    // A model that it does not have, with the one that was meant.
    let run = machine.run("bench qwen3:9b --json");
    assert_eq!(run.exit, Exit::Failure);
    let error: Value = serde_json::from_str(&run.err).expect("JSON");
    assert_eq!(error["code"], "unknown-tag");
    assert_eq!(error["candidates"][0], "qwen3:8b");
    // Nothing named and nothing loaded; no server; not this machine.
    let empty = Recorded::start(vec![("/api/ps", ok(r#"{"models":null}"#))]);
    let nobody = scene.machine();
    for (machine, command, code) in [
        (
            nobody.clone().with("OLLAMA_HOST", empty.host()),
            "bench --json",
            "ollama-nothing-to-measure",
        ),
        (nobody.clone(), "bench --json", "ollama-absent"),
        (
            nobody.with("OLLAMA_HOST", "10.255.255.1:1"),
            "bench --json",
            "ollama-not-here",
        ),
        (
            machine.clone(),
            "bench --gpu 'RTX 3090' --json",
            "ollama-not-here",
        ),
    ] {
        let run = machine.run(command);
        assert_eq!(run.exit, Exit::Failure, "{}", run.out);
        assert!(run.err.contains(code), "{code}: {}", run.err);
    }
}
