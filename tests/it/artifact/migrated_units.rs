//! From one plan to another where systemd started the servers, with programs that stand in for systemctl and Ollama.

use std::fs;
use std::ops::Deref;
use std::process::Command;

use vramfit::app::Exit;

use super::stand_in::StandIn;
use super::tools::{accepts, tool};
use crate::support::Machine;

/// Units that are up are files, and so are models that are loaded at a port.
const SYSTEMCTL: &str = r#"#!/usr/bin/env bash
verb=$1
shift
for word in "$@"; do case $word in --*) ;; *) unit=${word%.service} ;; esac; done
name=${unit#*@}
file=$VRAMFIT_ROOT/etc/ollama/$name.env
port=$(sed -n 's/^OLLAMA_HOST=.*://p' "$file" 2>/dev/null)
case $verb in
is-active) [ -e "$RECORD/up-$unit" ] ;;
enable | start)
    case $unit in
    ollama@*)
        [ ! -e "$RECORD/dies-$port" ] || exit 1
        if [ ! -e "$RECORD/up-$unit" ]; then
            echo "start $unit" >>"$RECORD/log"
            cp "$file" "$RECORD/up-$unit"
        fi
        ;;
    *) sed -n 's/^VRAMFIT_MODEL=//p' "$file" >"$RECORD/loaded-$port" ;;
    esac
    ;;
disable)
    echo "stop $unit" >>"$RECORD/log"
    rm -f "$RECORD/up-$unit" "$RECORD/loaded-$port"
    ;;
esac
"#;

const OLLAMA: &str = r#"#!/usr/bin/env bash
echo "NAME ID SIZE PROCESSOR CONTEXT UNTIL"
echo "$(cat "$RECORD/loaded-${OLLAMA_HOST##*:}") 0123456789ab 20 GB 100% GPU 8192 Forever"
"#;

struct Units {
    machine: StandIn,
}

impl Deref for Units {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.machine
    }
}

impl Units {
    /// A machine on which `before` was installed and runs, and the migration to `after`.
    fn new(before: &str, after: &str) -> Self {
        let folders = ["root/etc/systemd/system", "root/etc/ollama"];
        let programs = [("systemctl", SYSTEMCTL), ("ollama", OLLAMA)];
        let machine = StandIn::new(&folders, &programs);
        let units = Self { machine };
        let program = Machine::new();
        let out = |name: &str| units.at(name).display().to_string();
        let old = units.at("old.json");
        fs::write(&old, program.run(&format!("plan {before} --json")).out).expect("a file");
        let run = program.run(&format!(
            "plan {before} --emit systemd --out '{}'",
            out("old")
        ));
        assert_eq!(run.exit, Exit::Yes, "{}", run.err);
        for file in fs::read_dir(units.at("old/systemd/env")).expect("files") {
            let file = file.expect("a file");
            let name = file.file_name();
            fs::copy(file.path(), units.at("root/etc/ollama").join(&name)).expect("a copy");
            let server = name.to_string_lossy().replace(".env", "");
            units.run("bin/systemctl", &["enable", &format!("ollama@{server}")]);
            units.run(
                "bin/systemctl",
                &["start", &format!("ollama-preload@{server}")],
            );
        }
        fs::remove_file(units.at("record/log")).expect("a log");
        let command = format!("plan {after} --migrate '{}' --emit systemd", old.display());
        let run = program.run(&format!("{command} --out '{}'", out("new")));
        assert_eq!(run.exit, Exit::Yes, "{}", run.err);
        units
    }

    fn installed(&self) -> Vec<String> {
        let files = fs::read_dir(self.at("root/etc/ollama")).expect("files");
        let name = |file: std::io::Result<fs::DirEntry>| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        };
        let mut names: Vec<String> = files.map(name).collect();
        names.sort();
        names
    }
}

fn has_tools() -> bool {
    ["bash", "flock", "install"]
        .map(tool)
        .iter()
        .all(Option::is_some)
}

const BEFORE: &str = "qwen3:8b llama3:8b qwen3:14b --gpu 3x3090";

#[test]
fn units_are_exchanged_in_order_and_it_goes_on_where_one_died() {
    if !has_tools() {
        return;
    }
    let units = Units::new(BEFORE, "qwen3:8b qwen3:14b@16k mistral:7b --gpu 3x3090");
    fs::write(units.at("record/dies-11436"), "").expect("a file");
    let (code, text) = units.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("qwen3-14b: does not start"), "{text}");
    assert_eq!(units.log(), ["stop ollama@qwen3-14b"]);
    assert!(units.at("record/up-ollama@llama3-8b").exists());

    fs::remove_file(units.at("record/dies-11436")).expect("a file");
    let (code, text) = units.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("qwen3-8b: was done before"), "{text}");
    let done = [
        "start ollama@qwen3-14b",
        "stop ollama@llama3-8b",
        "start ollama@mistral-7b",
    ];
    assert_eq!(units.log(), done);
    assert_eq!(
        units.installed(),
        ["mistral-7b.env", "qwen3-14b.env", "qwen3-8b.env"]
    );
    let settings = fs::read_to_string(units.at("record/up-ollama@qwen3-14b")).expect("settings");
    assert!(
        settings.contains("OLLAMA_CONTEXT_LENGTH=16384"),
        "{settings}"
    );

    // Once more changes nothing.
    let (code, text) = units.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(units.log(), Vec::<String>::new());
}

#[test]
fn a_dead_unit_that_would_come_back_goes_too() {
    if !has_tools() {
        return;
    }
    let units = Units::new(BEFORE, "qwen3:8b mistral:7b --gpu 3x3090");
    fs::remove_file(units.at("record/up-ollama@llama3-8b")).expect("a unit");
    let (code, text) = units.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(units.installed(), ["mistral-7b.env", "qwen3-8b.env"]);
    let log = units.log();
    assert!(log.contains(&"stop ollama@llama3-8b".to_owned()), "{log:?}");
    assert!(log.contains(&"stop ollama@qwen3-14b".to_owned()), "{log:?}");
    assert!(!log.contains(&"stop ollama@qwen3-8b".to_owned()), "{log:?}");
}

#[test]
fn shells_and_linters_accept_it_for_every_starter() {
    let folder = tempfile::tempdir().expect("a folder");
    let machine = Machine::new();
    let alone = "qwen3:8b --gpu 3090";
    for (engine, before) in [
        ("ollama", BEFORE),
        ("ollama", alone),
        ("llama.cpp", BEFORE),
        ("vllm", BEFORE),
    ] {
        let old = folder.path().join(format!("{engine}.json"));
        let before = format!("plan {before} --engine {engine} --json");
        fs::write(&old, machine.run(&before).out).expect("a file");
        for by in ["systemd", "quadlet", "compose"] {
            let out = folder.path().join(format!("{engine}-{by}"));
            let words = format!("plan qwen3:8b@16k qwen3:14b --gpu 3x3090 --engine {engine}");
            let run = machine.run(&format!(
                "{words} --migrate '{}' --emit {by} --out '{}' --force",
                old.display(),
                out.display()
            ));
            assert_eq!(run.exit, Exit::Yes, "{engine} {by}: {}", run.err);
            let script = out.join("migrate.sh");
            if let Some(bash) = tool("bash") {
                accepts(Command::new(bash).arg("-n").arg(&script));
            }
            if let Some(shellcheck) = tool("shellcheck") {
                accepts(Command::new(shellcheck).arg(&script));
            }
        }
        // Scripts know Ollama alone.
        let run = machine.run(&format!(
            "plan qwen3:8b --gpu 3090 --engine {engine} --migrate '{}' --out '{}' --force",
            old.display(),
            folder.path().join(engine).display()
        ));
        let expected = if engine == "ollama" {
            Exit::Yes
        } else {
            Exit::Failure
        };
        assert_eq!(run.exit, expected, "{engine}: {}", run.err);
    }
    let both = machine
        .run("plan qwen3:8b --gpu 3090 --migrate x.json --emit systemd --emit compose --out y");
    assert_eq!(both.exit, Exit::Failure);
}
