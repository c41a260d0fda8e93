//! The commands that speak with Ollama, and the marks in those that do not.

use serde_json::Value;

use super::recorded::{Recorded, Reply, lines, ok};
use super::store;
use crate::support::Machine;
use vramfit::app::Exit;

const TAGS: &str = r#"{"models":[
    {"name":"qwen3:8b","size":5200000000,"digest":"aa","capabilities":null},
    {"name":"gpt-oss:120b-cloud","size":300,"digest":"bb","remote_host":"https://ollama.com"},
    {"name":"tiny:1b","size":7000,"digest":"cc"}]}"#;

/// What `/api/show` tells of a model that no catalog knows.
const SHOW: &str = r#"{"model_info":{"general.architecture":"llama","llama.block_count":1,"llama.context_length":2048,
    "llama.embedding_length":64,"llama.feed_forward_length":128,"llama.attention.head_count":4,"llama.rope.freq_base":1e6,
    "tokenizer.ggml.tokens":["a","b"],"tokenizer.ggml.merges":null},
    "tensors":[{"name":"token_embd.weight","type":"F32","shape":[64,100]}],"capabilities":["completion"]}"#;

fn machine(server: &Recorded) -> Machine {
    Machine::new().with("OLLAMA_HOST", server.host())
}

fn with_tags(more: Vec<(&'static str, Reply)>) -> Recorded {
    let mut script = vec![("/api/tags", ok(TAGS)), ("/api/show", ok(SHOW))];
    script.splice(0..0, more);
    Recorded::start(script)
}

#[test]
fn installed_models_are_marked_everywhere() {
    let server = with_tags(Vec::new());
    let machine = machine(&server);
    let answer = machine.run("recommend --vram 8 --limit 300 --json").json();
    let installed: Vec<&str> = answer["recommendations"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|one| one["installed"] == true)
        .map(|one| one["tag"].as_str().expect("a tag"))
        .collect();
    assert_eq!(installed, ["qwen3:8b"]);
    for command in [
        "recommend --vram 8 --limit 300",
        "models",
        "compare qwen3:8b qwen3:4b --vram 24",
    ] {
        for (lang, legend) in [("en", "* installed"), ("zh", "* 已安装")] {
            let out = machine.run(&format!("{command} --lang {lang}")).out;
            assert!(out.contains("qwen3:8b *"), "{command}: {out}");
            assert!(!out.contains("qwen3:4b *"), "{command}: {out}");
            assert!(out.contains(legend), "{command}: {out}");
        }
    }
    for (lang, word) in [("en", "installed"), ("zh", "已安装")] {
        let first = |tag: &str| {
            let run = machine.run(&format!("explain {tag} --vram 24 --lang {lang}"));
            run.out.lines().next().unwrap_or_default().to_owned()
        };
        assert!(first("qwen3:8b").ends_with(word), "{}", first("qwen3:8b"));
        assert!(!first("qwen3:4b").contains(word), "{}", first("qwen3:4b"));
    }
    let unknown = Machine::new().run("recommend --vram 8 --json").json();
    assert_eq!(unknown["recommendations"][0]["installed"], Value::Null);
}

#[test]
fn only_installed_models_are_ranked_with_those_of_the_person_s_own() {
    let server = with_tags(Vec::new());
    let answer = machine(&server)
        .run("recommend --vram 24 --installed --json")
        .json();
    let mut tags: Vec<&str> = answer["recommendations"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["tag"].as_str().expect("a tag"))
        .collect();
    tags.sort_unstable();
    assert_eq!(tags, ["qwen3:8b", "tiny:1b"]);
    assert_eq!(answer["request"]["installed"], true);
    let run = Machine::new().run("recommend --vram 24 --installed --json");
    assert_eq!(run.exit, Exit::Failure);
    assert!(run.err.contains("ollama-nothing-known"), "{}", run.err);
    let empty = Recorded::start(vec![("/api/tags", ok(r#"{"models":null}"#))]);
    let run = machine(&empty).run("recommend --vram 24 --installed");
    assert_eq!(run.exit, Exit::No);
    assert!(run.out.contains("No installed model"), "{}", run.out);
}

#[test]
fn a_store_does_without_a_server_and_explains_what_no_catalog_knows() {
    let folder = tempfile::tempdir().expect("a folder");
    store::with_model(folder.path(), "registry.ollama.ai/me/mine/latest");
    let path = folder.path().display().to_string();
    let machine = Machine::new().with("OLLAMA_MODELS", &path);
    let answer = machine.run("explain me/mine --vram 24 --json").json();
    assert_eq!(answer["tag"], "me/mine:latest");
    assert_eq!(answer["estimate"]["projector"], 100);
    assert_eq!(answer["estimate"]["basis"], "file");
    let answer = machine.run("recommend --vram 24 --installed --json").json();
    let list = answer["recommendations"].as_array().expect("a list");
    assert_eq!(list.len(), 1);
    assert_eq!(list[0]["tag"], "me/mine:latest");
    assert_eq!(list[0]["installed"], true);
    let plan = machine.run("plan me/mine qwen3:4b --vram 24 --json").json();
    assert_eq!(plan["services"][0]["tag"], "me/mine");
    let compared = machine
        .run("compare me/mine qwen3:4b --vram 24 --json")
        .json();
    assert_eq!(compared["models"][0]["tag"], "me/mine");
}

#[test]
fn a_server_explains_what_no_catalog_knows() {
    let server = with_tags(Vec::new());
    let answer = machine(&server)
        .run("explain tiny:1b --vram 24 --json")
        .json();
    assert_eq!(answer["estimate"]["basis"], "file");
    assert_eq!(answer["architecture"]["block_count"], 1);
}

#[test]
fn what_does_not_fit_is_not_pulled() {
    let server = with_tags(vec![("/api/pull", lines(&[r#"{"status":"success"}"#]))]);
    let machine = machine(&server);
    let run = machine.run("pull llama3.1:70b --vram 24");
    assert_eq!(run.exit, Exit::No, "{}{}", run.out, run.err);
    assert!(run.out.contains("does not fit"), "{}", run.out);
    assert!(
        !server
            .asked()
            .iter()
            .any(|asked| asked.starts_with("/api/pull"))
    );
    let run = machine.run("pull llama3.1:70b --vram 24 --force --json");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    assert_eq!(run.json()["installed"], true);
    assert!(run.err.contains("success"), "{}", run.err);
}

#[test]
fn a_pull_writes_plain_lines_and_its_errors_are_the_server_s() {
    let progress = |completed: u64| {
        format!(
            r#"{{"status":"pulling abc","digest":"sha256:abc","total":1000,"completed":{completed}}}"#
        )
    };
    let all: Vec<String> = (0..=1000).step_by(5).map(progress).collect();
    let mut texts: Vec<&str> = all.iter().map(String::as_str).collect();
    texts.push(r#"{"status":"success"}"#);
    let server = with_tags(vec![("/api/pull", lines(&texts))]);
    let run = machine(&server).run("pull qwen3:4b --vram 24");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    assert_eq!(run.err.lines().count(), 12, "{}", run.err);
    assert!(!run.err.contains('\u{1b}'));
    let server = with_tags(vec![(
        "/api/pull",
        lines(&[r#"{"error":"no space left"}"#]),
    )]);
    let run = machine(&server).run("pull qwen3:4b --vram 24 --json");
    assert_eq!(run.exit, Exit::Failure);
    assert!(run.err.contains("no space left"), "{}", run.err);
    let run = Machine::new().run("pull qwen3:4b --vram 24 --json");
    assert!(run.err.contains("ollama-absent"), "{}", run.err);
}

#[test]
fn tags_that_do_not_exist_are_never_asked_for() {
    let server = with_tags(Vec::new());
    for tag in ["llama3:13b", "qwen9:1b", "../../x"] {
        let run = machine(&server).run(&format!("pull {tag} --vram 24 --json"));
        assert_eq!(run.exit, Exit::Failure, "{tag}");
        assert!(run.err.contains("unknown-tag"), "{tag}: {}", run.err);
    }
}

#[test]
fn a_model_is_run_with_the_context_that_was_judged() {
    let ps = r#"{"models":[{"name":"vramfit/qwen3:8b-4096","size":6000000000,"size_vram":6000000000,"context_length":4096}]}"#;
    let server = with_tags(vec![
        ("/api/create", ok(r#"{"status":"success"}"#)),
        ("/api/generate", ok(r#"{"done":true,"done_reason":"load"}"#)),
        ("/api/ps", ok(ps)),
    ]);
    let run = machine(&server).run("run qwen3:8b --vram 24 --context 4096 --json");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    let answer = run.json();
    assert_eq!(answer["loaded"]["context_length"], 4096);
    assert_eq!(answer["command"], "ollama run vramfit/qwen3:8b-4096");
    let asked = server.asked().join("\n");
    assert!(!asked.contains("/api/pull"), "{asked}");
    assert!(asked.contains(r#""from":"qwen3:8b""#), "{asked}");
    assert!(
        asked.contains(r#"/api/generate {"model":"vramfit/qwen3:8b-4096""#),
        "{asked}"
    );
    // What fits within the engine's margin only loads whole with the parameter that says so.
    let server = with_tags(vec![
        ("/api/create", ok(r#"{"status":"success"}"#)),
        ("/api/generate", ok(r#"{"done":true,"done_reason":"load"}"#)),
        ("/api/ps", ok(r#"{"models":[]}"#)),
    ]);
    let run = machine(&server).run("run qwen3:8b --vram 6.2 --context 4096 --json");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    assert_eq!(run.json()["verdict"], "tight");
    let asked = server.asked().join("\n");
    assert!(
        asked.contains(r#""parameters":{"num_ctx":4096,"num_gpu":999}"#),
        "{asked}"
    );
    assert!(asked.contains("vramfit/qwen3:8b-4096-whole"), "{asked}");
    // An older server cannot make models so; the model is loaded all the same.
    let ps = r#"{"models":[{"name":"qwen3:8b","size":0,"size_vram":0}]}"#;
    let server = with_tags(vec![
        ("/api/generate", ok(r#"{"done":true}"#)),
        ("/api/ps", ok(ps)),
    ]);
    let run = machine(&server).run("run qwen3:8b --vram 24");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    assert!(run.out.contains("ollama run qwen3:8b"), "{}", run.out);
}
