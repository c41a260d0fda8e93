//! The scripts from start to stop, with a program that stands in for Ollama and writes down what it is asked.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use vramfit::artifact::ArtifactKind;

use super::tools::{said, tool, unpack};
use super::{files, sample};

/// Servers are files named by their address; a model is there once it was pulled.
const STAND_IN: &str = r#"#!/usr/bin/env bash
at=$RECORD/${OLLAMA_HOST//:/_}
model=$RECORD/model-${2//[:\/]/_}
case $1 in
serve)
    [ ! -e "$RECORD/dies-${OLLAMA_HOST##*:}" ] || exit 1
    env >"$at.env"
    sleep 1000 & # its runner
    trap 'rm -f "$at.up" "$at.loaded"; exit 0' TERM
    touch "$at.up"
    wait
    ;;
ps)
    [ -e "$at.up" ] || exit 1
    echo "NAME ID SIZE PROCESSOR CONTEXT UNTIL"
    cat "$at.loaded" 2>/dev/null || true
    ;;
show) [ -e "$model" ] ;;
pull) [ "$2" != none:1b ] && touch "$model" && echo "pull $2" >>"$at.log" ;;
run)
    [ -e "$at.up" ] && [ -e "$model" ] || exit 1
    printf 'run' >>"$at.log"
    shift
    printf ' [%s]' "$@" >>"$at.log"
    echo >>"$at.log"
    echo "$1 0123456789ab 20 GB ${PROCESSOR:-100% GPU} 8192 Forever" >"$at.loaded"
    ;;
*) exit 9 ;;
esac
"#;

pub(super) struct Machine {
    pub(super) folder: tempfile::TempDir,
}

impl Machine {
    pub(super) fn new(plan: &vramfit::report::Plan) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        unpack(
            folder.path(),
            &files(plan, ArtifactKind::Shell, &sample::options()),
        );
        for part in ["bin", "record", "home"] {
            std::fs::create_dir(folder.path().join(part)).expect("a folder");
        }
        let ollama = folder.path().join("bin/ollama");
        std::fs::write(&ollama, STAND_IN).expect("a program");
        std::fs::set_permissions(&ollama, PermissionsExt::from_mode(0o755)).expect("mode");
        Self { folder }
    }

    pub(super) fn record(&self, name: &str) -> PathBuf {
        self.folder.path().join("record").join(name)
    }

    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.record(name)).unwrap_or_default()
    }

    pub(super) fn run(&self, script: &str, arguments: &[&str]) -> (Option<i32>, String) {
        self.run_with(script, arguments, &[])
    }

    /// The same with variables.
    pub(super) fn run_with(
        &self,
        script: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> (Option<i32>, String) {
        let at = self.folder.path();
        let output: Output = Command::new(at.join(script))
            .args(arguments)
            .env_clear()
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", at.join("bin").display()),
            )
            .env("HOME", at.join("home"))
            .env("RECORD", at.join("record"))
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("a script");
        (output.status.code(), said(&output))
    }

    /// The process number of a server.
    pub(super) fn process(&self, name: &str) -> String {
        let state = self.folder.path().join("home/.local/state/vramfit");
        let text = std::fs::read_to_string(state.join(format!("{name}.pid")));
        text.unwrap_or_default().trim().to_owned()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.run("stop.sh", &[]);
    }
}

/// Whether a process runs; one that has ended and that nobody asked after has no command line any more.
pub(super) fn runs(process: &str) -> bool {
    let line = Path::new("/proc").join(process).join("cmdline");
    std::fs::read(line).is_ok_and(|line| !line.is_empty())
}

#[test]
fn scripts_start_load_show_and_stop_what_is_planned() {
    if tool("bash").is_none() || tool("setsid").is_none() {
        return;
    }
    let plan = sample::plan();
    let machine = Machine::new(&plan);

    let (code, text) = machine.run("preload.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("llama3-70b: nothing answers at http://127.0.0.1:11434"),
        "{text}"
    );

    let (code, text) = machine.run("start.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    for (port, gpus, spread) in [
        (
            11434,
            format!("{},{}", sample::uuid(0), sample::uuid(1)),
            true,
        ),
        (11435, sample::uuid(2), false),
        (11436, sample::uuid(3), false),
    ] {
        let environment = machine.read(&format!("127.0.0.1_{port}.env"));
        for expected in [
            format!("CUDA_VISIBLE_DEVICES={gpus}"),
            "CUDA_DEVICE_ORDER=PCI_BUS_ID".into(),
            format!("OLLAMA_HOST=127.0.0.1:{port}"),
            "OLLAMA_CONTEXT_LENGTH=8192".into(),
            "OLLAMA_NUM_PARALLEL=2".into(),
            "OLLAMA_KEEP_ALIVE=-1".into(),
            "OLLAMA_NOPRUNE=1".into(),
        ] {
            assert!(
                environment.lines().any(|line| line == expected),
                "{expected}: {environment}"
            );
        }
        assert_eq!(environment.contains("OLLAMA_SCHED_SPREAD=1"), spread);
    }

    // Again changes nothing.
    let process = machine.process("llama3-70b");
    let (code, text) = machine.run("start.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(&format!("llama3-70b: runs already, process {process}")),
        "{text}"
    );

    let (code, text) = machine.run("status.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("llama3:70b is not loaded"), "{text}");

    let (code, text) = machine.run("preload.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(
        machine.read("127.0.0.1_11434.log"),
        "pull llama3:70b\nrun [llama3:70b] [] [--keepalive=-1s]\n"
    );
    // The second replica finds the model in the store.
    assert_eq!(
        machine.read("127.0.0.1_11436.log"),
        "run [qwen3:30b] [] [--keepalive=-1s]\n"
    );

    let (code, text) = machine.run("status.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains(&format!(
            "llama3-70b: llama3:70b, http://127.0.0.1:11434, process {process}"
        )),
        "{text}"
    );

    let (code, text) = machine.run("stop.sh", &["llama3-70b"]);
    assert_eq!((code, text.as_str()), (Some(0), "llama3-70b: stopped\n"));
    assert!(!runs(&process));
    let (code, text) = machine.run("status.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("nothing answers at http://127.0.0.1:11434"),
        "{text}"
    );
    let (code, _) = machine.run("status.sh", &["qwen3-30b-1"]);
    assert_eq!(code, Some(0));

    let others = [
        machine.process("qwen3-30b-1"),
        machine.process("qwen3-30b-2"),
    ];
    let (code, text) = machine.run("stop.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(others.iter().all(|process| !runs(process)), "{text}");
}

/// macOS has neither `setsid` nor `timeout` nor /proc, so its scripts do without.
#[test]
fn scripts_for_a_mac_need_nothing_that_it_lacks() {
    if tool("bash").is_none() || tool("perl").is_none() || tool("ps").is_none() {
        return;
    }
    let machine = Machine::new(&sample::mac());
    for script in ["start.sh", "preload.sh", "status.sh", "stop.sh"] {
        let text = std::fs::read_to_string(machine.folder.path().join(script)).expect("a script");
        assert!(
            !text.contains("/proc/") && !text.contains("VISIBLE_DEVICES"),
            "{text}"
        );
        for program in ["setsid", "timeout"] {
            let own = text.contains(&format!("{program}() {{"));
            assert!(own || !text.contains(program), "{script}: {program}");
        }
    }
    let (code, text) = machine.run("start.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = machine.run("preload.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = machine.run("status.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    let servers = [machine.process("llama3-70b"), machine.process("qwen3-30b")];
    assert!(servers.iter().all(|process| runs(process)), "{servers:?}");
    let (code, text) = machine.run("stop.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!servers.iter().any(|process| runs(process)), "{text}");
}

/// What would not start there is not written; beside machines that take it, a Mac gets scripts.
#[test]
fn units_and_containers_are_not_written_for_a_mac() {
    use vramfit::artifact::emit;
    let options = sample::options();
    for kind in [
        ArtifactKind::Systemd,
        ArtifactKind::Quadlet,
        ArtifactKind::Compose,
        ArtifactKind::K8s,
    ] {
        let error = emit(&sample::mac(), kind, &options).expect_err(kind.label());
        assert_eq!(error.code(), "artifact-on-mac", "{error:?}");
    }
    let mut mixed = sample::fleet();
    let mut mac = sample::mac().services.remove(0);
    mac.host = "mac1".into();
    mixed.services.push(mac);
    let written = files(&mixed, ArtifactKind::Compose, &options);
    let on_mac = written.iter().filter(|file| file.path.starts_with("mac1"));
    let names: Vec<String> = on_mac.map(|file| file.path.display().to_string()).collect();
    assert!(names.contains(&"mac1/start.sh".to_owned()), "{names:?}");
    assert!(
        !names.iter().any(|name| name.ends_with(".yaml")),
        "{names:?}"
    );
}

#[test]
fn other_settings_are_a_restart_and_a_model_that_is_not_whole_is_told() {
    if tool("bash").is_none() || tool("setsid").is_none() {
        return;
    }
    let mut plan = sample::plan();
    let machine = Machine::new(&plan);
    let (code, text) = machine.run("start.sh", &["qwen3-30b-1", "qwen3-30b-2"]);
    assert_eq!(code, Some(0), "{text}");
    let [changed, same] = ["qwen3-30b-1", "qwen3-30b-2"].map(|name| machine.process(name));
    plan.services[1].context_length = 4096;
    plan.services[2].context_length = 4096;
    for service in &mut plan.services[1..] {
        let context = service.context_length.to_string();
        let set = |name: &str| (name.to_owned(), context.clone());
        service.environment.extend([set("OLLAMA_CONTEXT_LENGTH")]);
    }
    unpack(
        machine.folder.path(),
        &files(&plan, ArtifactKind::Shell, &sample::options()),
    );
    let (code, text) = machine.run("start.sh", &["qwen3-30b-1"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("qwen3-30b-1: runs with other settings"),
        "{text}"
    );
    assert!(!runs(&changed) && runs(&same), "{text}");
    let environment = machine.read("127.0.0.1_11435.env");
    assert!(
        environment.contains("OLLAMA_CONTEXT_LENGTH=4096"),
        "{environment}"
    );
    // What the engine moved to the host is no service as planned.
    let (code, text) = machine.run("preload.sh", &["qwen3-30b-1"]);
    assert_eq!(code, Some(0), "{text}");
    let held = machine.record("127.0.0.1_11435.loaded");
    let spilled = "NAME\nqwen3:30b 0123456789ab 20 GB 12%/88% CPU/GPU 4096 Forever\n";
    std::fs::write(held, spilled).expect("a file");
    let (code, text) = machine.run("status.sh", &["qwen3-30b-1"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("qwen3:30b is not whole on its GPUs"),
        "{text}"
    );
}

#[test]
fn scripts_refuse_what_is_not_theirs() {
    if tool("bash").is_none() || tool("setsid").is_none() {
        return;
    }
    let mut plan = sample::plan();
    plan.services.truncate(2);
    plan.services[1].tag = "none:1b".into();
    let machine = Machine::new(&plan);
    for script in ["start.sh", "preload.sh", "status.sh", "stop.sh"] {
        let (code, text) = machine.run(script, &["llama3"]);
        assert_eq!(code, Some(2), "{script}: {text}");
        assert_eq!(
            text,
            "llama3: no such server; there are: llama3-70b none-1b\n"
        );
    }
    // Somebody else's server at the port: it is neither used nor stopped.
    std::fs::write(machine.record("127.0.0.1_11434.up"), "").expect("a file");
    let (code, text) = machine.run("start.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("llama3-70b: another server answers at 127.0.0.1:11434"),
        "{text}"
    );
    assert!(text.contains("none-1b: http://127.0.0.1:11435"), "{text}");
    // A model that cannot be had fails alone.
    let (code, text) = machine.run("preload.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("none-1b: none:1b cannot be downloaded"),
        "{text}"
    );
    // A number that belongs to another program by now is left alone.
    let mut other = Command::new("sleep").arg("60").spawn().expect("sleep");
    let state = machine.folder.path().join("home/.local/state/vramfit");
    std::fs::write(state.join("llama3-70b.pid"), other.id().to_string()).expect("a file");
    let (code, text) = machine.run("stop.sh", &["llama3-70b"]);
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "llama3-70b: does not run\n")
    );
    assert!(other.try_wait().expect("a process").is_none());
    other.kill().expect("ended");
    other.wait().expect("ended");
}
