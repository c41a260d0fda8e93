//! From one plan to another, with a program that stands in for Ollama: one server after the other, and one that dies in the middle.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use vramfit::app::Exit;
use vramfit::artifact::{ArtifactKind, environment, migrate};
use vramfit::report::Plan;
use vramfit::units::Bytes;

use super::scripts::{Machine, runs};
use super::tools::{accepts, said, tool, unpack};
use super::{files, sample};

fn has_tools() -> bool {
    ["bash", "setsid", "flock"]
        .map(tool)
        .iter()
        .all(Option::is_some)
}

/// From `before` to `after`, below the machine's folder `new`.
fn write(machine: &Machine, before: &Plan, after: &Plan) {
    let environments: Vec<BTreeMap<String, String>> =
        before.services.iter().map(environment).collect();
    let running = sample::running(before, &environments);
    let folder = machine.folder.path().join("new");
    let options = sample::options();
    unpack(
        &folder,
        &migrate(after, &running, ArtifactKind::Shell, &options).expect("scripts"),
    );
    for kind in [ArtifactKind::Shell, ArtifactKind::Nginx] {
        unpack(&folder, &files(after, kind, &options));
    }
}

fn started(plan: &Plan) -> Machine {
    let machine = Machine::new(plan);
    for script in ["start.sh", "preload.sh", "status.sh"] {
        let (code, text) = machine.run(script, &[]);
        assert_eq!(code, Some(0), "{script}: {text}");
    }
    machine
}

/// The sample's 70B stays; a 30B goes for another model at its port, and the other 30B stays and is the only one.
fn after() -> Plan {
    let mut plan = sample::plan();
    plan.services[1] = sample::service("mistral:7b", 1, 11435, &[2], Bytes::gib(5));
    plan.services[2].replica = 1;
    plan
}

#[test]
fn a_server_that_dies_in_the_middle_stops_it_and_it_goes_on() {
    if !has_tools() {
        return;
    }
    let before = sample::plan();
    let machine = started(&before);
    let stays = [
        machine.process("llama3-70b"),
        machine.process("qwen3-30b-2"),
    ];
    let goes = machine.process("qwen3-30b-1");
    write(&machine, &before, &after());
    let gateway = machine.folder.path().join("gateway.conf");
    let old = files(&before, ArtifactKind::Nginx, &sample::options());
    fs::write(&gateway, &old[0].text).expect("a file");
    let script = machine.folder.path().join("new/gateway.sh");
    let told = format!("{} {}", script.display(), gateway.display());
    let variables = [
        ("VRAMFIT_GATEWAY", told.as_str()),
        ("VRAMFIT_NGINX", "true"),
    ];
    let run = || machine.run_with("new/migrate.sh", &[], &variables);
    let conf = || fs::read_to_string(&gateway).expect("a file");

    fs::write(machine.record("dies-11435"), "").expect("a file");
    let (code, text) = run();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("mistral-7b: does not start"), "{text}");
    assert!(text.contains("run it again: "), "{text}");
    assert!(
        !runs(&goes) && stays.iter().all(|process| runs(process)),
        "{text}"
    );
    let out = "server 127.0.0.1:11435 max_fails=3 fail_timeout=10s down;";
    assert!(conf().contains(out), "{}", conf());
    assert_eq!(conf().matches(" down;").count(), 1, "{}", conf());

    // The old pool of the 30B never gets the other model's server back.
    let (code, text) = run();
    assert_eq!(code, Some(1), "{text}");
    assert!(conf().contains(out), "{}", conf());

    fs::remove_file(machine.record("dies-11435")).expect("a file");
    let (code, text) = run();
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("goes on where it stopped"), "{text}");
    assert!(text.contains("llama3-70b: was done before"), "{text}");
    assert!(text.contains("mistral-7b: mistral:7b is loaded"), "{text}");
    assert_eq!(
        stays,
        [machine.process("llama3-70b"), machine.process("qwen3-30b")],
        "{text}"
    );
    let (code, text) = machine.run("new/status.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    let new = files(&after(), ArtifactKind::Nginx, &sample::options());
    assert_eq!(conf(), new[0].text);

    // Once more changes nothing.
    let all = ["llama3-70b", "qwen3-30b", "mistral-7b"].map(|name| machine.process(name));
    let (code, text) = run();
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(
        all,
        ["llama3-70b", "qwen3-30b", "mistral-7b"].map(|name| machine.process(name))
    );
    let (code, text) = machine.run("new/stop.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(all.iter().all(|process| !runs(process)), "{text}");
}

#[test]
fn another_context_is_a_restart_and_what_is_not_planned_goes() {
    if !has_tools() {
        return;
    }
    let before = sample::plan();
    let machine = started(&before);
    let mut plan = sample::plan();
    plan.services.truncate(2);
    plan.services[1].context_length = 4096;
    let [first, second, third] =
        ["llama3-70b", "qwen3-30b-1", "qwen3-30b-2"].map(|name| machine.process(name));
    write(&machine, &before, &plan);
    let (code, text) = machine.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("no gateway is told"), "{text}");
    assert_eq!(machine.process("llama3-70b"), first);
    assert!(!runs(&second) && !runs(&third), "{text}");
    let environment = machine.read("127.0.0.1_11435.env");
    assert!(
        environment.contains("OLLAMA_CONTEXT_LENGTH=4096"),
        "{environment}"
    );
    machine.run("new/stop.sh", &[]);
}

#[test]
fn what_shares_gpus_with_a_split_that_starts_anew_does_so_too_and_once() {
    if !has_tools() {
        return;
    }
    let before = sample::shared();
    let machine = started(&before);
    let mut plan = sample::shared();
    plan.services[0].context_length = 4096;
    write(&machine, &before, &plan);
    let names = ["mistral-7b", "gemma2-27b-1", "gemma2-27b-2"];
    let old = names.map(|name| machine.process(name));
    // The second of those that must start anew dies: what was started anew before it is not stopped again.
    fs::write(machine.record("dies-11435"), "").expect("a file");
    let (code, text) = machine.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(old.iter().all(|process| !runs(process)), "{text}");
    let kept = [machine.process(names[0]), machine.process(names[1])];
    assert!(kept.iter().all(|process| runs(process)), "{text}");
    fs::remove_file(machine.record("dies-11435")).expect("a file");
    let (code, text) = machine.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(
        kept,
        [machine.process(names[0]), machine.process(names[1])],
        "{text}"
    );
    machine.run("new/stop.sh", &[]);
}

#[test]
fn a_server_of_somebody_else_stops_it() {
    if !has_tools() {
        return;
    }
    let before = sample::plan();
    let machine = Machine::new(&before);
    fs::write(machine.record("127.0.0.1_11435.up"), "").expect("a file");
    write(&machine, &before, &after());
    let (code, text) = machine.run("start.sh", &["llama3-70b", "qwen3-30b-2"]);
    assert_eq!(code, Some(0), "{text}");
    let (code, text) = machine.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("the server at 127.0.0.1:11435 is none that start.sh started"),
        "{text}"
    );
}

#[test]
fn a_machine_that_the_plan_leaves_stops_what_it_served() {
    let mut before = sample::plan();
    before.services[2].host = "other".into();
    let machine = Machine::new(&sample::plan());
    let mut plan = sample::plan();
    plan.services.truncate(2);
    write(&machine, &before, &plan);
    let read = |path: &str| fs::read_to_string(machine.folder.path().join(path)).expect("a file");
    let (left, kept) = (read("new/other/migrate.sh"), read("new/migrate.sh"));
    assert!(
        left.contains("leave always qwen3-30b-2 ") && !left.contains("\nbecome "),
        "{left}"
    );
    assert!(
        kept.contains("\nbecome up llama3-70b ") && !kept.contains("qwen3-30b-2"),
        "{kept}"
    );
    assert!(kept.contains("to this one on localhost,") && left.contains("to this one on other,"));
}

#[test]
fn shells_and_linters_accept_it() {
    let machine = Machine::new(&sample::plan());
    write(&machine, &sample::plan(), &after());
    for script in ["new/migrate.sh", "new/gateway.sh"] {
        let path = machine.folder.path().join(script);
        if let Some(bash) = tool("bash") {
            accepts(Command::new(bash).arg("-n").arg(&path));
        }
        if let Some(shellcheck) = tool("shellcheck") {
            accepts(Command::new(shellcheck).arg(&path));
        }
    }
}

#[test]
fn the_command_writes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let machine = crate::support::Machine::new();
    let plan = machine.run("plan qwen3:8b llama3:8b --gpu 2x3090 --json");
    let old = folder.path().join("old.json");
    fs::write(&old, &plan.out).expect("a file");
    let out = folder.path().join("out");
    let words = "plan qwen3:8b qwen3:14b --gpu 2x3090";
    let migrate = format!("{words} --migrate '{}'", old.display());
    let run = machine.run(&format!("{migrate} --out '{}'", out.display()));
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    // Nobody asked for it any more.
    assert!(
        run.out
            .contains("llama3:8b was on GPU 1 and is not in this plan"),
        "{}",
        run.out
    );
    let script = fs::read_to_string(out.join("migrate.sh")).expect("a script");
    assert!(
        script.contains("become later qwen3-14b 127.0.0.1:"),
        "{script}"
    );
    assert!(
        script.contains("leave always llama3-8b-1 127.0.0.1:"),
        "{script}"
    );
    for name in [
        "start.sh",
        "preload.sh",
        "status.sh",
        "stop.sh",
        "gateway.sh",
        "nginx.conf",
    ] {
        assert!(out.join(name).is_file(), "{name}");
    }
    for (words, what) in [
        (migrate.as_str(), "--out"),
        (&format!("{words} --out x"), "--emit"),
        (
            &format!("{words} --migrate /nonexistent --out x"),
            "/nonexistent",
        ),
    ] {
        let run = machine.run(words);
        assert_eq!(run.exit, Exit::Failure, "{words}");
        assert!(run.err.contains(what), "{words}: {}", run.err);
    }
}

/// macOS has no `flock`, `setsid`, `timeout` or `/proc`: one lists connections there, and Perl does the rest.
#[test]
fn a_mac_goes_from_plan_to_plan_with_what_macos_has() {
    use std::os::unix::fs::PermissionsExt;
    let before = sample::mac();
    let mut plan = sample::mac();
    plan.services[1] = sample::mac().services.remove(0);
    plan.services[1].tag = "mistral:7b".into();
    plan.services[1].port = 11435;
    if ["bash", "perl", "ps", "grep"]
        .map(tool)
        .iter()
        .any(Option::is_none)
    {
        return;
    }
    let machine = started(&before);
    write(&machine, &before, &plan);
    let path = machine.folder.path().join("new/migrate.sh");
    let script = fs::read_to_string(&path).expect("a script");
    assert!(
        !script.contains("flock -n") && !script.contains("/proc"),
        "{script}"
    );
    if let Some(shellcheck) = tool("shellcheck") {
        accepts(Command::new(shellcheck).arg(&path));
    }
    // Somebody is connected to the server that goes until it was asked twice.
    let netstat = machine.folder.path().join("bin/netstat");
    let line = "tcp4       0      0  127.0.0.1.11435        127.0.0.1.53121        ESTABLISHED";
    let text = format!(
        "#!/bin/sh\necho asked >>\"$RECORD/netstat.log\"\n[ \"$(wc -l <\"$RECORD/netstat.log\")\" -gt 2 ] || echo '{line}'\n"
    );
    fs::write(&netstat, text).expect("a program");
    fs::set_permissions(&netstat, fs::Permissions::from_mode(0o755)).expect("mode");
    let [stays, goes] = ["llama3-70b", "qwen3-30b"].map(|name| machine.process(name));
    fs::write(machine.record("dies-11435"), "").expect("a file");
    let (code, text) = machine.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("mistral-7b: does not start"), "{text}");
    assert!(!text.contains("is cut off"), "{text}");
    assert_eq!(machine.read("netstat.log").lines().count(), 3, "{text}");
    assert!(runs(&stays) && !runs(&goes), "{text}");
    fs::remove_file(machine.record("dies-11435")).expect("a file");
    let (code, text) = machine.run("new/migrate.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(machine.process("llama3-70b"), stays, "{text}");
    let (code, text) = machine.run("new/status.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    machine.run("new/stop.sh", &[]);
}

/// Who waits until nobody is connected sees a connection, and its end.
#[test]
fn a_server_is_stopped_once_nobody_is_connected() {
    if ["bash", "grep"].map(tool).iter().any(Option::is_none) {
        return;
    }
    let files = migrate(
        &sample::plan(),
        &[],
        ArtifactKind::Shell,
        &sample::options(),
    )
    .expect("scripts");
    let text = &files[0].text;
    let function = |name: &str| {
        let from = text
            .lines()
            .skip_while(|line| *line != format!("{name}() {{"));
        let lines: Vec<&str> = from.take_while(|line| *line != "}").collect();
        lines.join("\n") + "\n}\n"
    };
    let functions = function("connections") + &function("drained");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let drain = || {
        let script = format!("set -euo pipefail\n{functions}drained it {port}");
        let output = Command::new("bash")
            .args(["-c", &script])
            .env("VRAMFIT_DRAIN_TIMEOUT", "1")
            .output()
            .expect("bash");
        assert!(output.status.success(), "{}", said(&output));
        said(&output)
    };
    assert_eq!(drain(), "");
    let client = std::net::TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    assert_eq!(drain().trim(), "it: still answers somebody, who is cut off");
    drop(client);
    assert_eq!(drain(), "");
}
