//! `monitor` for Prometheus: what it writes once, and what its exporter answers.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use vramfit::app::Exit;

use super::services::{Plan, holding};
use super::{TWO, server};
use crate::artifact::tools::{python, yaml};
use crate::inventory::nvml::{Driver, Scene};
use crate::support::Machine;

/// Reads every series as Prometheus does.
const CHECK: &str = r#"
import sys
from prometheus_client.parser import text_string_to_metric_families
families = list(text_string_to_metric_families(sys.stdin.read()))
assert families
for family in families:
    assert family.documentation and family.type == "gauge" and family.samples, family
print(len(families))
"#;

fn names(text: &str) -> BTreeSet<&str> {
    let series = text.lines().filter(|line| !line.starts_with('#'));
    series
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect()
}

#[test]
fn every_metric_is_told_once_with_what_it_means() {
    let (scene, server) = (Scene::new(Driver::Recent, TWO), server());
    let machine = Machine::new().with("OLLAMA_HOST", server.host());
    let run = scene.run_on(machine, "monitor --once --format prometheus");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    for line in [
        "vramfit_gpu_memory_used_bytes{host=\"localhost\",gpu=\"0\",uuid=\"GPU-a\",name=\"NVIDIA GeForce RTX 3090\"} 6442450944",
        "vramfit_gpu_utilization_ratio{host=\"localhost\",gpu=\"0\",uuid=\"GPU-a\",name=\"NVIDIA GeForce RTX 3090\"} 0.97",
        "vramfit_model_gpu_memory_bytes{tag=\"qwen3:8b\"} 4800000000",
    ] {
        assert!(run.out.contains(&format!("\n{line}\n")), "{}", run.out);
    }
    // The second card tells no temperature.
    let temperatures = run
        .out
        .matches("\nvramfit_gpu_temperature_celsius{")
        .count();
    assert_eq!(temperatures, 1);
    for name in names(&run.out) {
        assert_eq!(
            run.out.matches(&format!("# TYPE {name} gauge\n")).count(),
            1
        );
        assert_eq!(run.out.matches(&format!("# HELP {name} ")).count(), 1);
    }
    python("prometheus_client", CHECK, run.out.as_bytes());
}

#[test]
fn services_tell_memory_and_the_speed_that_was_planned() {
    let whole = holding("llama3.1:8b", 6_000_000_000, 6_000_000_000, 8192);
    let spilled = holding("llama3.1:8b", 6_000_000_000, 5_000_000_000, 8192);
    let plan = Plan::new(&[whole.host(), spilled.host()]);
    let run = plan.run("--vram 24 --once --format prometheus");
    assert_eq!(run.exit, Exit::No);
    let of = |name: &str| {
        let lines = run.out.lines().filter(|line| line.starts_with(name));
        let value = |line: &str| line.rsplit_once(' ').map(|(_, value)| value.to_owned());
        lines.filter_map(value).collect::<Vec<String>>()
    };
    assert_eq!(of("vramfit_service_ready"), ["1", "0"]);
    assert_eq!(of("vramfit_service_loaded"), ["1", "1"]);
    let bytes = of("vramfit_service_gpu_memory_bytes");
    assert_eq!(bytes, ["6000000000", "5000000000"]);
    assert_eq!(of("vramfit_service_expected_tokens_per_second").len(), 4);
    python("prometheus_client", CHECK, run.out.as_bytes());
}

#[test]
fn the_dashboard_asks_for_metrics_that_are_told() {
    let dashboard = include_str!("../../../data/templates/grafana.json");
    let told = include_str!("../../../src/render/metrics.rs");
    let asked: BTreeSet<&str> = dashboard
        .split(|c: char| c != '_' && !c.is_ascii_alphanumeric())
        .filter(|word| word.starts_with("vramfit_"))
        .collect();
    assert!(asked.len() > 5);
    for name in asked {
        assert!(told.contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn a_plan_brings_the_dashboard_and_whom_prometheus_asks() {
    let emitted = |hardware: &str| {
        let plan = Machine::new().run(&format!("plan qwen3:8b*2 {hardware} --emit grafana --json"));
        let plan = plan.json();
        let text = |at: usize| {
            plan["files"][at]["text"]
                .as_str()
                .expect("a text")
                .to_owned()
        };
        (text(0), text(1))
    };
    let (dashboard, asked) = emitted("--gpu 'RTX 3090 x2'");
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard).expect("JSON");
    assert_eq!(dashboard["uid"], "vramfit");
    assert!(
        asked.contains("\n          - \"127.0.0.1:9838\"\n"),
        "{asked}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let hosts = "[[host]]\nname = \"a\"\ngpus = [\"RTX 3060\"]\n[[host]]\nname = \"b\"\ngpus = [\"RTX 3060\"]\n";
    std::fs::write(&path, hosts).expect("a file");
    let (_, asked) = emitted(&format!("--fleet '{}'", path.display()));
    assert!(
        asked.contains("- \"a:9838\"\n          - \"b:9838\"\n"),
        "{asked}"
    );
    if let Some(documents) = yaml(&asked) {
        let targets = &documents[0]["scrape_configs"][0]["static_configs"][0]["targets"];
        assert_eq!(*targets, serde_json::json!(["a:9838", "b:9838"]));
    }
}

#[test]
fn other_commands_do_not_speak_it() {
    let run = Machine::new().run("gpus --vram 24 --format prometheus");
    assert_eq!(run.exit, Exit::Failure);
    assert!(run.err.contains("table, markdown"), "{}", run.err);
    for wrong in ["nowhere", "70000", "127.0.0.1", "localhost:x"] {
        let run = Machine::new().run(&format!("monitor --vram 24 --listen {wrong}"));
        assert_eq!(run.exit, Exit::Failure, "{wrong}");
    }
}

/// A program that serves metrics until the test ends.
pub(super) struct Exporter {
    child: Child,
    pub(super) address: String,
}

impl Exporter {
    pub(super) fn start(words: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_vramfit"))
            .args(words)
            .env_clear()
            .env("LANG", "en_US.UTF-8")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        let address = line.split("http://").nth(1);
        let address = address.and_then(|rest| rest.split('/').next());
        let address = address.expect("an address").to_owned();
        Self { child, address }
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn asked(address: &str, question: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("an exporter");
    stream.write_all(question.as_bytes()).expect("a question");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn the_exporter_answers_one_after_the_other() {
    let words = ["monitor", "--vram", "24", "--listen", "127.0.0.1:0"];
    let exporter = Exporter::start(&words, &[]);
    let address = &exporter.address;
    // Who says nothing holds nobody up for long, and who goes away nobody at all.
    drop(TcpStream::connect(address).expect("an exporter"));
    for _ in 0..2 {
        let answer = asked(address, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body");
        assert!(head.contains("text/plain; version=0.0.4"), "{head}");
        assert!(head.contains(&format!("Content-Length: {}", body.len())));
        assert!(
            names(body).contains("vramfit_gpu_memory_total_bytes"),
            "{body}"
        );
    }
    let none = asked(address, "GET /other HTTP/1.1\r\n\r\n");
    assert!(none.starts_with("HTTP/1.1 404 "), "{none}");
    let refused = asked(address, "POST /metrics HTTP/1.1\r\n\r\n");
    assert!(refused.starts_with("HTTP/1.1 405 "), "{refused}");
    let head = asked(address, "HEAD /metrics HTTP/1.1\r\n\r\n");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
}
