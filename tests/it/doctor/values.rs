//! Values of a unit's keys: what systemd refuses is told, and nothing that it takes.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use vramfit::lint::Problem;

use super::judge;
use crate::artifact::tools::{said, tool};

/// Values as people write them, right and wrong.
const VALUES: &[(&str, &[&str])] = &[
    (
        "Restart",
        &[
            "always",
            "alway",
            "\"always\"",
            "no",
            "yes",
            "Always",
            "always # x",
        ],
    ),
    ("Type", &["simple", "notfy", "notify", "forking"]),
    (
        "RestartSec",
        &[
            "3", "3sec", "three", "1,5s", "1.5s", "5min 20s", "10S", "2hrs", "1M",
        ],
    ),
    ("TimeoutStartSec", &["infinity", "5 parsecs"]),
    (
        "LimitNOFILE",
        &["65536", "unlimited", "infinity", "64K", "1024:infinity"],
    ),
    ("LimitMEMLOCK", &["8G", "8GB", "infinty", "infinity"]),
    ("MemoryMax", &["8G", "8GiB", "80%", "1.5G", "max", "8g"]),
    ("CPUQuota", &["200%", "200"]),
    ("Nice", &["-5", "20", "high"]),
    ("ProtectSystem", &["strict", "Strict", "true", "stricct"]),
    ("ProtectHome", &["tmpfs", "maybe", "YES"]),
    ("KillMode", &["mixed", "mixd"]),
    ("NoNewPrivileges", &["Yes", "ture"]),
    ("OOMPolicy", &["continue", "stopp"]),
    ("NotifyAccess", &["all", "al"]),
];

/// A unit with each of them on a line of its own.
fn unit() -> String {
    let mut unit =
        "[Service]\nExecStart=/bin/true ollama\nEnvironment=OLLAMA_CONTEXT_LENGTH=8192\n"
            .to_owned();
    for (key, values) in VALUES {
        for value in *values {
            unit += &format!("{key}={value}\n");
        }
    }
    unit
}

#[test]
fn values_that_systemd_ignores_are_told() {
    let Some(analyze) = tool("systemd-analyze") else {
        return;
    };
    let scratch = tempfile::tempdir().expect("a folder");
    let path = scratch.path().join("ollama.service");
    fs::write(&path, unit()).expect("a unit");
    let output = Command::new(analyze).arg("verify").arg(&path).output();
    let said = said(&output.expect("a program"));
    let at = format!("{}:", path.display());
    let number = |line: &str| line.strip_prefix(&at)?.split(':').next()?.parse().ok();
    let refused: BTreeSet<u32> = said.lines().filter_map(number).collect();
    let findings = judge("ollama.service", &unit()).findings;
    let told: BTreeSet<u32> = findings.iter().map(|finding| finding.line).collect();
    assert!(refused.len() > 20, "{said}");
    assert_eq!(told, refused, "{said}");
}

#[test]
fn a_slip_in_a_value_is_shown_mended_and_left_to_a_person() {
    for (wrong, right) in [
        ("Restart=alway", Some("Restart=always")),
        ("Restart=\"always\"", Some("Restart=always")),
        ("MemoryMax=8GB", Some("MemoryMax=8G")),
        ("LimitNOFILE=unlimited", Some("LimitNOFILE=infinity")),
        ("Restart=yes", None),
        ("RestartSec=three", None),
    ] {
        let unit = format!("[Service]\nEnvironment=OLLAMA_CONTEXT_LENGTH=8192\n{wrong}\n");
        let diagnosis = judge("ollama.service.d/x.conf", &unit);
        let forms: Vec<_> = diagnosis
            .findings
            .iter()
            .map(|one| one.fix.as_deref())
            .collect();
        assert_eq!(forms, [right], "{wrong}");
        assert_eq!(diagnosis.corrected, None, "{wrong}");
    }
}

/// What a quote that nothing closes costs, as `systemd-analyze verify` and Podman's generator tell it.
#[test]
fn an_open_quote_costs_no_more_than_its_reader_says() {
    for (name, line, effect) in [
        ("ollama.service", "Environment=\"A=1", Some("rest-ignored")),
        (
            "ollama.service",
            "Environment=A=1 B=it's",
            Some("rest-ignored"),
        ),
        (
            "ollama.service",
            "ExecStartPost=-/bin/sh -c \"true",
            Some("line-ignored"),
        ),
        (
            "ollama.service",
            "ExecStartPost=@-/bin/sh sh -c \"true",
            Some("line-ignored"),
        ),
        (
            "ollama.service",
            "ExecStartPost=/bin/sh -c \"true",
            Some("syntax"),
        ),
        (
            "ollama.service",
            "ExecReload=/bin/sh -c \"true",
            Some("syntax"),
        ),
        (
            "ollama.service",
            "ExecStart=-/bin/sh -c \"true",
            Some("syntax"),
        ),
        ("ollama.service", "Environment=\"A=1\" 'B=2'", None),
        ("ollama.container", "Environment=\"A=1", None),
        (
            "ollama.container",
            "Environment=A=1 B=it's C=3",
            Some("rest-taken"),
        ),
        ("ollama.container", "Exec=\"serve", None),
    ] {
        let head = match name {
            "ollama.container" => "Container]\nImage=docker.io/ollama/ollama:0.33.0",
            _ => "Service]\nEnvironment=OLLAMA_CONTEXT_LENGTH=8192",
        };
        let findings = judge(name, &format!("[{head}\n{line}\n")).findings;
        let told = findings.iter().find_map(|one| match &one.problem {
            Problem::OpenQuote { effect } => serde_json::to_value(effect).ok(),
            Problem::Syntax { .. } => Some("syntax".into()),
            _ => None,
        });
        let told = told.as_ref().and_then(|told| told.as_str());
        assert_eq!(told, effect, "{name} {line}");
    }
    let file = "OLLAMA_CONTEXT_LENGTH=\"8192\nOLLAMA_NUM_PARALLEL=2\n";
    let findings = judge("/etc/default/ollama", file).findings;
    assert_eq!(findings[0].problem.code(), "open-quote");
}

/// Ollama refuses such a file, whatever else stands in it.
#[test]
fn a_modelfile_without_a_model_is_told() {
    for text in [
        "# nothing\n",
        "SYSTEM You are terse.\n",
        "MESSAGE user hello\n",
        "",
    ] {
        let findings = judge("Modelfile", text).findings;
        let codes: Vec<_> = findings.iter().map(|one| one.problem.code()).collect();
        assert_eq!(codes, ["no-from"], "{text:?}");
    }
}
