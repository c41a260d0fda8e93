//! Each file is accepted by the tool that will read it.

mod kubernetes;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use vramfit::artifact::{ArtifactKind, File, Options};
use vramfit::report::Plan;

use super::tools::{accepts, new_tool, tool, unpack, yaml};
use super::{files, sample};
use crate::support::Machine;

/// Plans that differ in what templates branch on.
fn plans() -> Vec<(&'static str, Plan, Options)> {
    let (large, large_options) = sample::too_large();
    vec![
        ("plain", sample::plan(), sample::options()),
        ("shared", sample::shared(), sample::options()),
        ("large", large, large_options),
        ("tight", sample::tight(), sample::options()),
        ("embedding", sample::plan(), sample::embeddings()),
        ("simulated", sample::simulated(), sample::options()),
        ("fleet", sample::fleet(), sample::options()),
        ("amd", sample::amd(), sample::options()),
        (LLAMA_CPP, sample::llama_cpp(), sample::options()),
        (
            "password",
            sample::plan(),
            Options {
                authentication: true,
                ..sample::options()
            },
        ),
    ]
}

/// How plans without Ollama are called, and what asks for them.
const LLAMA_CPP: &str = "llama.cpp";

/// Whether files of a kind start such a plan.
fn suits(kind: ArtifactKind, plan: &str) -> bool {
    let own = plan.contains(LLAMA_CPP);
    let vllm = plan.contains("vllm");
    match kind {
        ArtifactKind::Shell | ArtifactKind::Modelfile => !own && !vllm,
        ArtifactKind::K8s => !own,
        ArtifactKind::LlamaSwap => own,
        _ => true,
    }
}

/// Plans as the program makes them.
const COMMANDS: [&str; 14] = [
    "plan qwen3:30b*2 bge-m3 gemma3:27b --gpu '3090 x4' --engine llama.cpp",
    "plan llama3:70b --gpu 'RX 7900 XTX x3' --engine llama.cpp --parallel 2 --kv-cache-type q8_0",
    "plan qwen3:32b llama3.1:8b gpt-oss:20b --gpu '3090 x4' --engine vllm",
    "plan qwen3-coder:30b@32k llama3.2:3b*2 --gpu '4090 x3' --engine vllm --parallel 4",
    // A GPU of another maker.
    "plan qwen3:8b --gpu 'Arc B580'",
    // A model that is there in turns with others.
    "plan qwen3:8b qwen3:30b llama3.3:70b gpt-oss:20b --gpu '3090 x2' --engine llama.cpp",
    // Experts in system memory.
    "plan gpt-oss:120b --gpu '3090 x2' --ram 96 --engine llama.cpp",
    "plan qwen3:30b --gpu 3060 --ram 64 --engine llama.cpp",
    "plan --preset 3090-mixed",
    "plan --preset 8x3090-all-round",
    // A split that shares its GPUs, and a service without a place.
    "plan mistral:7b gemma2:27b*3 --gpu 'RTX 3090 x2'",
    "plan llama3:70b --gpu 'RTX 3090'",
    "plan qwen3:8b*2 nomic-embed-text --gpu 'RX 7900 XTX x2' --apart gpu --kv-cache-type q8_0",
    "plan qwen3:8b codellama:7b@2k --gpu 'RTX 4090' --parallel 4 --no-flash-attention",
];

/// The files of one kind for every plan.
fn emitted(kind: ArtifactKind) -> Vec<(&'static str, Vec<File>)> {
    let by_hand = plans().into_iter().filter(|(name, ..)| suits(kind, name));
    let mut all: Vec<(&str, Vec<File>)> = by_hand
        .map(|(name, plan, options)| (name, files(&plan, kind, &options)))
        .collect();
    for command in COMMANDS.into_iter().filter(|command| suits(kind, command)) {
        let run = Machine::new().run(&format!("{command} --emit {} --json", kind.label()));
        let listed = run.json();
        let files = listed["files"].as_array().expect("a list").iter();
        let file = |file: &Value| File {
            path: file["path"].as_str().expect("a path").into(),
            text: file["text"].as_str().expect("a text").into(),
            executable: false,
        };
        let files: Vec<File> = files.map(file).collect();
        let starts = listed["services"]
            .as_array()
            .is_some_and(|all| !all.is_empty());
        assert_eq!(files.is_empty(), !starts, "{command}");
        if !files.is_empty() {
            all.push((command, files));
        }
    }
    all
}

/// Unpacks one kind of every plan and hands over the folder.
fn each(kind: ArtifactKind, check: impl Fn(&str, &Path)) {
    for (name, files) in emitted(kind) {
        let folder = tempfile::tempdir().expect("a folder");
        unpack(folder.path(), &files);
        check(name, folder.path());
    }
}

fn below(folder: &Path, ends: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(below(&path, ends));
        } else if path.to_string_lossy().ends_with(ends) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn bash_and_shellcheck_accept_the_scripts() {
    let (bash, shellcheck) = (tool("bash"), tool("shellcheck"));
    each(ArtifactKind::Shell, |name, folder| {
        let scripts = below(folder, ".sh");
        assert!(scripts.len() >= 4, "{name}");
        for script in &scripts {
            if let Some(bash) = &bash {
                accepts(Command::new(bash).arg("-n").arg(script));
            }
            if let Some(shellcheck) = &shellcheck {
                accepts(Command::new(shellcheck).args(["-S", "style"]).arg(script));
            }
        }
    });
}

#[test]
fn systemd_accepts_the_units() {
    let Some(analyze) = tool("systemd-analyze") else {
        return;
    };
    each(ArtifactKind::Systemd, |name, folder| {
        // The unit's program must exist: another one stands in for it.
        for unit in below(folder, ".service") {
            let text = std::fs::read_to_string(&unit).expect("a unit");
            let text = text.replace("/usr/local/bin/llama-server", "/bin/true");
            let text = text.replace("/opt/vllm/bin/vllm", "/bin/true");
            std::fs::write(&unit, text.replace("/usr/local/bin/ollama", "/bin/true"))
                .expect("unit");
        }
        for drop_in in below(folder, ".conf") {
            let text = std::fs::read_to_string(&drop_in).expect("a drop-in");
            std::fs::write(&drop_in, text.replace("/usr/local/bin/ollama", "/bin/true"))
                .expect("drop-in");
        }
        let units = below(folder, ".service");
        let environments = below(folder, ".env");
        assert!(!units.is_empty() && !environments.is_empty(), "{name}");
        for environment in environments {
            let instance = environment.file_stem().expect("a name").to_string_lossy();
            let parent = environment
                .parent()
                .and_then(Path::parent)
                .expect("a folder");
            let unit = |unit: &str| {
                let (from, to) = (
                    format!("{unit}@.service"),
                    format!("{unit}@{instance}.service"),
                );
                std::fs::copy(parent.join(from), parent.join(&to)).expect("unit");
                parent.join(to)
            };
            let of = |engine: &str| {
                let mut parts = environment.components();
                parts.any(|part| part.as_os_str() == engine)
            };
            let units = match (of("llama-server"), of("vllm")) {
                (true, _) => vec![unit("llama-server")],
                (_, true) => vec![unit("vllm")],
                _ => vec![unit("ollama"), unit("ollama-preload")],
            };
            // Unknown keys are told, and still accepted: nothing may be told.
            let said = accepts(
                Command::new(&analyze)
                    .args(["verify", "--man=no", "--recursive-errors=no"])
                    .args(units),
            );
            assert_eq!(said, "", "{name}");
        }
    });
}

#[test]
fn podman_makes_units_of_the_quadlets() {
    let Some(quadlet) = new_tool("quadlet") else {
        return;
    };
    each(ArtifactKind::Quadlet, |name, folder| {
        let containers = below(folder, ".container");
        assert!(!containers.is_empty(), "{name}");
        let mut folders: Vec<&Path> = containers.iter().filter_map(|it| it.parent()).collect();
        folders.dedup();
        for of_host in folders {
            let mut command = Command::new(&quadlet);
            command.arg("-dryrun").env("QUADLET_UNIT_DIRS", of_host);
            let output = command.output().expect("a program");
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}: {told}");
            // Unknown keys are told, and the rest goes on.
            let strange = told.lines().filter(|line| !line.contains("]: Loading "));
            assert_eq!(strange.collect::<Vec<_>>(), Vec::<&str>::new(), "{name}");
            let said = format!("\n{}", String::from_utf8_lossy(&output.stdout));
            // A value's last quotes would be lost.
            assert!(!said.contains("[: ]\" --"), "{name}: {said}");
            let units = said
                .split("\n---")
                .filter_map(|unit| unit.split_once("---\n"));
            let units: Vec<(&str, &str)> = units.collect();
            let here = containers.iter().filter(|it| it.parent() == Some(of_host));
            for container in here {
                let stem = container.file_stem().expect("a name").to_string_lossy();
                let unit = format!("{stem}.service");
                assert!(
                    units.iter().any(|(name, _)| *name == unit),
                    "{unit}: {said}"
                );
            }
            let Some(analyze) = tool("systemd-analyze") else {
                return;
            };
            let made = tempfile::tempdir().expect("a folder");
            for (unit, text) in &units {
                // Podman need not be there.
                let text = text.replace("/usr/bin/podman", "/bin/true");
                std::fs::write(made.path().join(unit), text).expect("a unit");
            }
            let paths = units.iter().map(|(unit, _)| made.path().join(unit));
            let mut command = Command::new(analyze);
            let said = accepts(
                command
                    .args(["verify", "--man=no", "--recursive-errors=no"])
                    .args(paths),
            );
            assert_eq!(said, "", "{name}");
        }
    });
}

#[test]
fn environment_files_assign_plain_values() {
    each(ArtifactKind::Systemd, |name, folder| {
        for file in below(folder, ".env") {
            let text = std::fs::read_to_string(file).expect("text");
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                let (key, value) = line.split_once('=').expect("an assignment");
                assert!(
                    !key.is_empty() && !value.contains(['"', '\'', '$', '\\', ' ']),
                    "{name}: {line}"
                );
            }
        }
    });
}

#[test]
fn docker_compose_accepts_the_services() {
    let Some(compose) = tool("docker-compose") else {
        return;
    };
    each(ArtifactKind::Compose, |_, folder| {
        for file in below(folder, "compose.yaml") {
            accepts(
                Command::new(&compose)
                    .arg("-f")
                    .arg(&file)
                    .args(["config", "-q"]),
            );
        }
    });
}

#[test]
fn nginx_accepts_the_gateway() {
    let Some(nginx) = tool("nginx") else { return };
    each(ArtifactKind::Nginx, |name, folder| {
        if name == "fleet" {
            // Names of other machines are looked up; here there are none.
            let path = folder.join("nginx.conf");
            let text = std::fs::read_to_string(&path).expect("text");
            std::fs::write(path, text.replace("server gpu-", "server 192.0.2.")).expect("text");
        }
        let main = super::gateway::configuration(folder, "nginx.conf");
        accepts(
            Command::new(&nginx)
                .args(["-q", "-t", "-e", "stderr", "-p"])
                .arg(folder)
                .arg("-c")
                .arg(&main),
        );
    });
}

#[test]
fn litellm_gets_every_server() {
    for (name, plan, options) in plans() {
        let text = &files(&plan, ArtifactKind::Litellm, &options)[0].text;
        let Some(documents) = yaml(text) else { return };
        let models = documents[0]["model_list"].as_array().expect("a list");
        assert_eq!(models.len(), plan.services.len(), "{name}");
        for model in models {
            let parameters = &model["litellm_params"];
            let base = parameters["api_base"].as_str().expect("an address");
            let port: u16 = base
                .trim_end_matches("/v1")
                .rsplit(':')
                .next()
                .and_then(|port| port.parse().ok())
                .expect("a port");
            let service = plan.services.iter().find(|service| {
                service.port == port && (base.contains("127.0.0.1") || base.contains(&service.host))
            });
            let service = service.unwrap_or_else(|| panic!("{name}: nothing at {base}"));
            let routed = parameters["model"].as_str().expect("a model");
            let prefix = if name == LLAMA_CPP {
                "openai"
            } else if options.embeddings.contains(&service.tag) {
                "ollama"
            } else {
                "ollama_chat"
            };
            assert_eq!(routed, format!("{prefix}/{}", service.tag), "{name}");
        }
    }
}
