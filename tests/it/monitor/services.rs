//! The services of a plan: each with its port, and whether it serves as planned.

use std::path::PathBuf;

use serde_json::{Value, json};
use vramfit::app::Exit;

use super::TWO;
use crate::inventory::nvml::{Driver, Scene};
use crate::ollama::recorded::{Recorded, Reply, ok};
use crate::support::{Machine, Run, width};
use crate::wizard::window::Window;

/// A plan with a service at each of these servers, as `vramfit plan` writes it.
pub(super) struct Plan {
    folder: tempfile::TempDir,
}

impl Plan {
    pub(super) fn new(servers: &[&str]) -> Self {
        let demands = ["llama3.1:8b"; 8][..servers.len()].join(" ");
        let run = Machine::new().run(&format!("plan {demands} --gpu '8x3090' --json"));
        let mut plan: Value = run.json();
        let services = plan["services"].as_array_mut().expect("a list");
        assert_eq!(services.len(), servers.len());
        for (service, server) in services.iter_mut().zip(servers) {
            let (_, port) = server.rsplit_once(':').expect("a port");
            service["port"] = port.parse::<u16>().expect("a port").into();
            service["environment"]["OLLAMA_HOST"] = (*server).into();
        }
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("plan.json"), plan.to_string()).expect("a file");
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("plan.json")
    }

    pub(super) fn run(&self, words: &str) -> Run {
        let path = self.path();
        Machine::new().run(&format!("monitor --plan '{}' {words}", path.display()))
    }
}

/// A server that holds this.
pub(super) fn holding(name: &str, size: u64, on_gpu: u64, context: u32) -> Recorded {
    let body = json!({ "models": [{
        "name": name, "size": size, "size_vram": on_gpu, "context_length": context,
        "expires_at": "2318-01-01T00:00:00Z",
    }] });
    serving(&body.to_string())
}

fn serving(loaded: &str) -> Recorded {
    let version = ("/api/version", ok(r#"{"version":"0.33.0"}"#));
    Recorded::start(vec![version, ("/api/ps", ok(loaded))])
}

fn health(report: &Value) -> Vec<String> {
    let services = report["services"].as_array().expect("a list");
    let health = services.iter().map(|service| service["health"].as_str());
    health
        .map(|code| code.expect("a code").to_owned())
        .collect()
}

#[test]
fn each_service_is_told_with_its_port_and_how_it_is() {
    let all = [
        holding("llama3.1:8b", 6_000_000_000, 6_000_000_000, 8192),
        holding("llama3.1:8b", 6_000_000_000, 5_999_999_999, 8192),
        holding("llama3.1:8b", 6_000_000_000, 6_000_000_000, 4096),
        // What `vramfit run` makes of it, on a machine whose driver does not serve: nothing is measured.
        holding("vramfit/llama3.1:8b-8192", 0, 0, 8192),
        holding("qwen3:8b", 6_000_000_000, 6_000_000_000, 8192),
        serving(r#"{"models":null}"#),
        Recorded::start(vec![("/api/ps", Reply::Body(403, String::new()))]),
    ];
    let mut servers: Vec<&str> = all.iter().map(Recorded::host).collect();
    servers.push("127.0.0.1:9");
    let plan = Plan::new(&servers);
    let run = plan.run("--json");
    assert_eq!(run.exit, Exit::No, "{}", run.err);
    let report = run.json();
    let expected = [
        "ready",
        "spilled",
        "other-context",
        "spilled",
        "not-loaded",
        "not-loaded",
        "failing",
        "absent",
    ];
    assert_eq!(health(&report), expected);
    let first = &report["services"][0];
    assert_eq!(first["address"], format!("http://{}", servers[0]));
    assert_eq!(first["context_length"], 8192);
    assert_eq!(first["version"], "0.33.0");
    assert_eq!(first["loaded"]["tag"], "llama3.1:8b");
    assert_eq!(first["fault"], Value::Null);
    assert_eq!(report["services"][6]["fault"], "ollama-host-refused");
    assert_eq!(report["services"][7]["fault"], "ollama-absent");
    for (lang, words) in [
        (
            "en",
            [
                "ready",
                "only 99 % on GPU",
                "context is 4K",
                "none of it on GPU",
                "down",
            ],
        ),
        (
            "zh",
            [
                "就绪",
                "仅 99 % 在显卡上",
                "实际上下文 4K",
                "完全不在显卡上",
                "未运行",
            ],
        ),
    ] {
        let page = plan.run(&format!("--once --lang {lang}")).out;
        assert!(width(&page) <= 80, "{page}");
        for word in words {
            assert!(page.contains(word), "{word}:\n{page}");
        }
        let markdown = plan.run(&format!("--format markdown --lang {lang}")).out;
        assert!(markdown.contains(words[2]), "{markdown}");
    }
}

#[test]
fn a_plan_that_serves_is_a_yes_and_its_processes_have_names() {
    let server = holding("llama3.1:8b", 5_000_000_000, 5_000_000_000, 8192);
    let plan = Plan::new(&[server.host()]);
    let scene = Scene::new(Driver::Recent, TWO);
    let words = format!("monitor --json --plan '{}'", plan.path().display());
    let run = scene.run_on(Machine::new(), &words);
    assert_eq!(run.exit, Exit::Yes, "{}", run.out);
    let report = run.json();
    assert_eq!(health(&report), ["ready"]);
    assert_eq!(report["ollama"]["fault"], "ollama-absent");
    assert_eq!(report["gpus"][0]["holders"][0]["tag"], "llama3.1:8b");
    let page = scene.run_on(Machine::new(), &words.replace("--json", "--once"));
    assert!(!page.out.contains("no Ollama answers"), "{}", page.out);
}

#[test]
fn what_is_no_plan_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plan.json");
    for text in ["", "{}", r#"{"schema":"vramfit.gpus/1","services":[]}"#] {
        std::fs::write(&file, text).expect("a file");
        let path = file.display();
        let run = Machine::new().run(&format!("monitor --once --plan '{path}'"));
        assert_eq!(run.exit, Exit::Failure, "{text}");
        assert!(run.err.contains("vramfit plan --json"), "{}", run.err);
        let run = Machine::new().run(&format!("plan qwen3:8b --vram 24 --diff '{path}'"));
        assert!(run.err.contains("--diff"), "{}", run.err);
    }
    let run = Machine::new().run("monitor --once --plan /nowhere.json");
    assert!(run.err.contains("/nowhere.json"), "{}", run.err);
}

#[test]
fn a_server_that_hangs_holds_up_neither_page_nor_keys() {
    let hanging = Recorded::start(vec![("/api/ps", Reply::Hang(Vec::new()))]);
    let plan = Plan::new(&[hanging.host(); 8]);
    let path = plan.path().display().to_string();
    let scene = Scene::new(Driver::Recent, TWO);
    let library = scene.library().display().to_string();
    let mut window = Window::open(
        plan.folder.path(),
        &["monitor", "--plan", &path],
        &[("VRAMFIT_NVML", &library)],
    );
    // The page is there before anything has answered.
    window.until("RTX 3090").until("q quit");
    window.until("does not answer in time");
    // A page that is longer than the window can be scrolled, and no further than to its end.
    assert!(
        !window.text().contains("The host's memory"),
        "{}",
        window.text()
    );
    window
        .keys("jjjjjjjjjjjjjjjjjjjjjjjjj")
        .until("The host's memory");
    window.keys("kkkkkkkkkkkkkkkkkkkkkkkkk").until("RTX 4060");
    window.keys("q");
    assert_eq!(window.ends(), 0);
    window.is_restored();
}

/// A plan of one service of another engine than Ollama, whose server answers these paths.
fn other_engine(engine: &str, told: &str, answers: Vec<(&'static str, Reply)>) -> Value {
    let server = Recorded::start(answers);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.json");
    let (host, port) = server.host().rsplit_once(':').expect("a port");
    let told = told.replace("HOST", host).replace("PORT", port);
    let plan = format!(
        r#"{{"schema":"vramfit.plan/1","services":[{{"tag":"qwen3:8b","replica":1,"host":"localhost","port":{port},"context_length":8192,
        "engine":"{engine}","verdict":"fits","speed":null,"gpus":[{{"gpu":0,"uuid":null,"bytes":1}}],{told}}}]}}"#
    );
    std::fs::write(&path, plan).expect("a file");
    let run = Machine::new().run(&format!(
        "monitor --once --vram 24 --plan '{}' --json",
        path.display()
    ));
    run.json()["services"][0].clone()
}

#[test]
fn servers_of_other_engines_are_asked_in_their_own_way() {
    let own = r#""environment":{"LLAMA_ARG_HOST":"HOST","LLAMA_ARG_PORT":"PORT"}"#;
    let props = |context: u32| {
        let text = format!(
            r#"{{"model_alias":"qwen3:8b","default_generation_settings":{{"n_ctx":{context}}}}}"#
        );
        vec![("/props", Reply::Body(200, text))]
    };
    assert_eq!(
        other_engine("llama.cpp", own, props(8192))["health"],
        "ready"
    );
    assert_eq!(
        other_engine("llama.cpp", own, props(4096))["health"],
        "other-context"
    );
    let vllm =
        r#""environment":{},"command":["vllm","serve","x/y","--host","HOST","--port","PORT"]"#;
    let models = |name: &str| {
        let text =
            format!(r#"{{"object":"list","data":[{{"id":"{name}","max_model_len":8192}}]}}"#);
        vec![("/v1/models", Reply::Body(200, text))]
    };
    assert_eq!(
        other_engine("vllm", vllm, models("qwen3:8b"))["health"],
        "ready"
    );
    assert_eq!(
        other_engine("vllm", vllm, models("another"))["health"],
        "not-loaded"
    );
}
