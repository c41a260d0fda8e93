//! From one plan to another where containers serve, with programs that stand in for Docker's Compose, Podman and systemd: they keep what runs
//! as files, and write down what they start and stop.

use std::fs;
use std::ops::Deref;

use vramfit::app::Exit;

use super::stand_in::StandIn;
use super::tools::tool;
use crate::support::Machine;

/// Containers are folders of what `docker inspect` shows. One whose server dies is there and does not run.
const DOCKER: &str = r#"#!/usr/bin/env bash
all=$RECORD/containers
section() {
    awk -v name="  $2:" '$0 == name { on = 1; next } on && /^ ? ?[^ #]/ { exit } on && !/^ *#/' "$1"
}
hash() { section "$1" "$2" | cksum | tr -d ' '; }
up() {
    local at=$all/$2-$3 published
    published=$(section "$1" "$3" | sed -n 's/^ *- "127.0.0.1:\([0-9]*\):\([0-9]*\)"$/\1 \2/p')
    [ "$(cat "$at/config-hash" 2>/dev/null)" = "$(hash "$1" "$3")" ] && [ -e "$at/up" ] && return
    rm -rf "$at"
    mkdir -p "$at"
    echo "$2" >"$at/project"
    echo "$3" >"$at/service"
    hash "$1" "$3" >"$at/config-hash"
    echo "$published" >"$at/port"
    section "$1" "$3" | sed -n 's/^ *ollama run \([^ ]*\) .*/\1/p' >"$at/model"
    section "$1" "$3" | sed -n 's/^ *OLLAMA_CONTEXT_LENGTH: //p' >"$at/context"
    [ -n "$published" ] && [ -e "$RECORD/dies-${published% *}" ] && return
    touch "$at/up"
    case $3 in *-preload) ;; *) echo "start $3" >>"$RECORD/log" ;; esac
}
case $1 in
ps)
    running=$2
    shift 2
    for at in "$all"/*/; do
        [ "$running" = -aq ] || [ -e "$at/up" ] || continue
        for filter in "$@"; do
            case $filter in
            --filter) ;;
            publish=*) [ "$(cut -d ' ' -f 1 "$at/port")" = "${filter#*=}" ] || continue 2 ;;
            label=com.docker.compose.*)
                filter=${filter#label=com.docker.compose.}
                [ "$(cat "$at/${filter%%=*}")" = "${filter#*=}" ] || continue 2
                ;;
            *) exit 9 ;;
            esac
        done
        basename "$at"
    done
    ;;
inspect)
    case $3 in
    *HostPort*) cut -d ' ' -f 1 "$all/$4/port" ;;
    *PortBindings*) sed 's|.* \(.*\)|\1/tcp |' "$all/$4/port" ;;
    *compose.*)
        name=${3##*compose.}
        cat "$all/$4/${name%%\"*}"
        ;;
    *) exit 9 ;;
    esac
    ;;
exec)
    [ -e "$all/$2/up" ] || exit 1
    [ "$3" = ollama ] || exit 0
    echo "NAME ID SIZE PROCESSOR CONTEXT UNTIL"
    echo "$(cat "$all/$2-preload/model") 0123456789ab 20 GB 100% GPU 8192 Forever"
    ;;
stop)
    rm -f "$all/$4/up"
    case $4 in *-preload) ;; *) echo "stop $(cat "$all/$4/service")" >>"$RECORD/log" ;; esac
    ;;
rm) rm -r "${all:?}/$2" ;;
compose)
    project=$3 file=$5 verb=$6 waits=
    shift 6
    [ "$verb" != config ] || { echo "$2 $(hash "$file" "$2")"; exit; }
    while [ "$#" -gt 0 ]; do
        case $1 in
        -d | --no-deps) ;;
        --wait) waits=1 ;;
        --wait-timeout) shift ;;
        *)
            up "$file" "$project" "$1"
            [ -z "$waits" ] || [ -e "$all/$project-$1/up" ] || exit 1
            ;;
        esac
        shift
    done
    ;;
*) exit 9 ;;
esac
"#;

/// Units that are up are copies of their files.
const SYSTEMCTL: &str = r#"#!/usr/bin/env bash
verb=$1
unit=${!#}
unit=${unit%.service}
file=$VRAMFIT_ROOT/etc/containers/systemd/vramfit/$unit.container
case $verb in
is-active) [ -e "$RECORD/up-$unit" ] ;;
start)
    port=$(sed -n 's/^PublishPort=.*:\([0-9]*\):[0-9]*$/\1/p' "$file")
    [ -z "$port" ] || [ ! -e "$RECORD/dies-$port" ] || exit 1
    [ ! -e "$RECORD/up-$unit" ] || exit 0
    cp "$file" "$RECORD/up-$unit"
    case $unit in *-preload) ;; *) echo "start $unit" >>"$RECORD/log" ;; esac
    ;;
stop)
    rm -f "$RECORD/up-$unit" "$RECORD/up-$unit-preload"
    echo "stop $unit" >>"$RECORD/log"
    ;;
daemon-reload) ;;
*) exit 9 ;;
esac
"#;

const PODMAN: &str = r#"#!/usr/bin/env bash
case $1 in
healthcheck) [ -e "$RECORD/up-$3" ] ;;
exec)
    [ -e "$RECORD/up-$2" ] || exit 1
    [ "$3" = ollama ] || exit 0
    echo "NAME ID SIZE PROCESSOR CONTEXT UNTIL"
    tag=$(grep -o 'ollama run [^ ]*' "$RECORD/up-$2-preload" | head -n 1)
    echo "${tag##* } 0123456789ab 20 GB 100% GPU 8192 Forever"
    ;;
*) exit 9 ;;
esac
"#;

struct Containers {
    machine: StandIn,
    by: &'static str,
}

impl Deref for Containers {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.machine
    }
}

impl Containers {
    /// A machine on which `before` runs, and the migration to `after`.
    fn new(by: &'static str, before: &str, after: &str) -> Self {
        let units = "root/etc/containers/systemd/vramfit";
        let programs = [
            ("docker", DOCKER),
            ("systemctl", SYSTEMCTL),
            ("podman", PODMAN),
        ];
        let machine = StandIn::new(&[units, "record/containers"], &programs);
        let containers = Self { machine, by };
        let program = Machine::new();
        let old = containers.at("old.json");
        fs::write(&old, program.run(&format!("plan {before} --json")).out).expect("a file");
        let emit = |command: &str, to: &str| {
            let out = containers.at(to);
            let run = program.run(&format!(
                "plan {command} --emit {by} --out '{}'",
                out.display()
            ));
            assert_eq!(run.exit, Exit::Yes, "{}", run.err);
        };
        emit(before, "old");
        emit(&format!("{after} --migrate '{}'", old.display()), "new");
        for server in ["qwen3-8b", "llama3-8b", "qwen3-14b"] {
            containers.start(server, units);
        }
        fs::remove_file(containers.at("record/log")).expect("a log");
        containers
    }

    /// As somebody starts a server of the old plan who has its files.
    fn start(&self, server: &str, units: &str) {
        for unit in [server.to_owned(), format!("{server}-preload")] {
            let (code, text) = if self.by == "compose" {
                let file = self.at("old/compose.yaml").display().to_string();
                let words = ["compose", "-p", "box", "-f", &file, "up", "-d", &unit];
                self.run("bin/docker", &words)
            } else {
                let name = format!("{unit}.container");
                let from = self.at("old/quadlet").join(&name);
                fs::copy(from, self.at(units).join(&name)).expect("a copy");
                self.run("bin/systemctl", &["start", &format!("{unit}.service")])
            };
            assert_eq!(code, Some(0), "{unit}: {text}");
        }
    }

    /// The context that a server was started with, as its container has it.
    fn context(&self, server: &str) -> String {
        let path = match self.by {
            "compose" => format!("record/containers/box-{server}/context"),
            _ => format!("record/up-{server}"),
        };
        fs::read_to_string(self.at(&path)).expect("settings")
    }
}

fn has_tools() -> bool {
    ["bash", "flock", "install", "awk", "cksum"]
        .map(tool)
        .iter()
        .all(Option::is_some)
}

const BEFORE: &str = "qwen3:8b llama3:8b qwen3:14b --gpu 3x3090";

#[test]
fn containers_are_exchanged_in_order_and_it_goes_on_where_one_died() {
    if !has_tools() {
        return;
    }
    for by in ["compose", "quadlet"] {
        let after = "qwen3:8b qwen3:14b@16k mistral:7b --gpu 3x3090";
        let containers = Containers::new(by, BEFORE, after);
        fs::write(containers.at("record/dies-11436"), "").expect("a file");
        let (code, text) = containers.run("new/migrate.sh", &[]);
        assert_eq!(code, Some(1), "{by}: {text}");
        assert!(text.contains("qwen3-14b: does not "), "{by}: {text}");
        // What was done stays, and what comes later is as it was.
        assert_eq!(containers.log(), ["stop qwen3-14b"], "{by}: {text}");

        fs::remove_file(containers.at("record/dies-11436")).expect("a file");
        let (code, text) = containers.run("new/migrate.sh", &[]);
        assert_eq!(code, Some(0), "{by}: {text}");
        assert!(text.contains("qwen3-8b: was done before"), "{by}: {text}");
        let done = ["start qwen3-14b", "stop llama3-8b", "start mistral-7b"];
        assert_eq!(containers.log(), done, "{by}: {text}");
        let context = containers.context("qwen3-14b");
        assert!(context.contains("16384"), "{by}: {context}");

        // Once more changes nothing.
        let (code, text) = containers.run("new/migrate.sh", &[]);
        assert_eq!(code, Some(0), "{by}: {text}");
        assert_eq!(containers.log(), Vec::<String>::new(), "{by}: {text}");
    }
}

#[test]
fn a_dead_container_that_would_come_back_goes_too() {
    if !has_tools() {
        return;
    }
    for by in ["compose", "quadlet"] {
        let containers = Containers::new(by, BEFORE, "qwen3:8b mistral:7b --gpu 3x3090");
        let up = match by {
            "compose" => "record/containers/box-llama3-8b/up",
            _ => "record/up-llama3-8b",
        };
        fs::remove_file(containers.at(up)).expect("a server");
        let (code, text) = containers.run("new/migrate.sh", &[]);
        assert_eq!(code, Some(0), "{by}: {text}");
        let log = containers.log();
        for gone in ["stop llama3-8b", "stop qwen3-14b", "start mistral-7b"] {
            assert!(log.contains(&gone.to_owned()), "{by} {gone}: {log:?}");
        }
        assert_eq!(log.len(), 3, "{by}: {log:?}");
    }
}
