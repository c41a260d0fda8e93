//! `doctor` on set-ups that people reported, and on files that were made to break it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vramfit::app::Exit;
use vramfit::embedded;
use vramfit::lint::{Diagnosis, LintContext, lint};

use crate::support::Machine;

fn case(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/doctor/cases");
    let path = folder.join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn judge(name: &str, text: &str) -> Diagnosis {
    let catalog = embedded::catalog().expect("the catalog");
    let bench = LintContext {
        catalog: &catalog,
        cards: None,
        files: None,
    };
    lint(name, text, bench).unwrap_or_else(|| panic!("{name}"))
}

fn found(name: &str, text: &str) -> Vec<String> {
    let findings = judge(name, text).findings;
    let each = findings.iter();
    each.map(|finding| format!("{} {}", finding.line, finding.problem.code()))
        .collect()
}

#[test]
fn what_people_reported_is_found() {
    for (name, as_name, expected) in [
        (
            "04.conf",
            "ollama.service.d/override.conf",
            &["1 outside-section", "2 outside-section"][..],
        ),
        (
            "05.conf",
            "ollama.service.d/override.conf",
            &["2 bad-assignment"],
        ),
        (
            "06-compose.yaml",
            "compose.yaml",
            &[
                "8 unknown-variable",
                "10 unknown-variable",
                "11 unknown-variable",
            ],
        ),
        (
            "22.bashrc",
            ".bashrc",
            &[
                "2 profile-variable",
                "3 profile-variable",
                "4 unknown-variable",
            ],
        ),
        ("bearer-nginx.conf", "nginx.conf", &[]),
        (
            "envfile.yaml",
            "compose.yaml",
            &["3 no-volume", "4 not-read", "7 open-port"],
        ),
        (
            "flow-yaml.yaml",
            "compose.yaml",
            &["3 no-volume", "5 open-port"],
        ),
        (
            "litellm.yaml",
            "litellm.yaml",
            &[
                "5 target-address",
                "6 context-beyond-training",
                "8 known-password",
            ],
        ),
        (
            "merge-key.yaml",
            "compose.yaml",
            &["16 image-not-pinned", "16 no-volume", "19 image-not-pinned"],
        ),
        (
            "no-volume-4gi.yaml",
            "ollama.yaml",
            &["11 no-volume", "14 memory-limit"],
        ),
        ("pull-only.yaml", "compose.yaml", &[]),
        (
            "variables.sh",
            "start.sh",
            &[
                "1 unknown-variable",
                "2 unknown-variable",
                "3 unknown-variable",
                "4 serve-beside-service",
            ],
        ),
        ("unit-comment.conf", "override.conf", &["2 inline-comment"]),
    ] {
        assert_eq!(found(as_name, &case(name)), expected, "{name}");
    }
}

#[test]
fn corrections_lose_nothing() {
    let corrected =
        |name: &str, as_name: &str| judge(as_name, &case(name)).corrected.expect("corrections");
    let drop_in = "ollama.service.d/override.conf";
    assert_eq!(
        corrected("04.conf", drop_in),
        format!("[Service]\n{}", case("04.conf"))
    );
    assert_eq!(
        corrected("05.conf", drop_in),
        "[Service]\nEnvironment=\"OLLAMA_MODELS=/srv/models/ollama\"\n"
    );
    assert_eq!(
        corrected("06-compose.yaml", "compose.yaml"),
        case("06-compose.yaml").replace("OLLAMA_FLASH_ATTN=1", "OLLAMA_FLASH_ATTENTION=1")
    );
    assert_eq!(
        corrected("merge-key.yaml", "compose.yaml"),
        case("merge-key.yaml").replace("ollama:rocm", "ollama:0.33.0-rocm")
    );
}

#[test]
fn no_value_is_made_up_for_a_variable_that_does_not_exist() {
    let text = case("06.service");
    let findings = judge("ollama.service", &text).findings;
    let fix = |part: &str| {
        let finding = findings.iter().find(|finding| finding.text.contains(part));
        finding.unwrap_or_else(|| panic!("{part}")).fix.clone()
    };
    assert_eq!(
        fix("NUM_GPU_LAYERS").as_deref(),
        Some("PARAMETER num_gpu 99")
    );
    assert_eq!(fix("MAX_VRAM"), None);
    assert_eq!(fix("GPU_MEMORY_FRACTION"), None);
    assert_eq!(fix("OLLAMA_CUDA"), None);
    let script = judge("start.sh", &case("06-start.sh")).findings;
    assert_eq!((script[0].line, script[0].fix.as_deref()), (2, None));
}

#[test]
fn what_is_not_understood_is_said() {
    for (name, text, code) in [
        ("a.yaml", "on: push\njobs: {}\n", "not-understood"),
        ("a.yaml", "services:\n  a: [\n", "syntax"),
        (
            "a.yaml",
            "image: {{ .Values.ollama }}\nx: [\n",
            "not-understood",
        ),
        (
            "a.env",
            "OLLAMA_CONTEXT_LENGTH=8192\nhello\n",
            "not-understood",
        ),
        ("a.env", "OLLAMA_CONTEXT_LENGTH = 8192\n", "bad-assignment"),
        (
            "Modelfile",
            "FROM qwen3:8b\nPARAMTER num_ctx 8192\n",
            "not-understood",
        ),
        (
            "nginx.conf",
            "server { location / { proxy_pass http://ollama; }\n",
            "syntax",
        ),
        ("x.sh", "echo 'ollama\n", "syntax"),
        ("x.sh", "#!/bin/sh\necho hello\n", "not-understood"),
        (
            "x.service",
            "[Service]\nEnviroment=A=1\nExecStart=/usr/bin/ollama serve\n",
            "unknown-key",
        ),
    ] {
        let codes: BTreeSet<&str> = judge(name, text)
            .findings
            .iter()
            .map(|finding| finding.problem.code())
            .collect();
        assert!(codes.contains(code), "{name} {text:?}: {codes:?}");
    }
}

#[test]
fn a_condition_that_is_not_judged_guards_nothing() {
    let gateway = |condition: &str| {
        format!(
            "map $http_authorization $known {{ default no; 'Bearer k' yes; }}\n\
             upstream ollama {{ server 127.0.0.1:11434; }}\n\
             server {{ listen 8080; if ({condition}) {{ return 401; }}\n\
             location / {{ proxy_pass http://ollama; }} }}\n"
        )
    };
    for (condition, open) in [
        ("$known = no", false),
        ("$known != yes", false),
        ("$known ~ ^no$", false),
        ("$known !~ yes", false),
        ("$known ~* ^NO$", false),
        ("$known !~* NO", true),
        ("$known = yes", true),
        ("$known !~ no", true),
        ("$known ~ ^y", true),
        ("$known ~ (yes|sure)", true),
    ] {
        let found = found("nginx.conf", &gateway(condition));
        let says = found.iter().any(|one| one.ends_with(" open-port"));
        assert_eq!(says, open, "{condition}: {found:?}");
    }
}

#[test]
fn files_of_another_kind_are_refused() {
    let scratch = tempfile::tempdir().expect("a folder");
    let at = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = scratch.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path
    };
    for path in [
        at("main.py", b"import ollama\n"),
        at("picture", &[0xff, 0xd8, 0xff]),
        at("large.sh", &vec![b'#'; (1 << 20) + 1]),
        "/dev/zero".into(),
        scratch.path().to_owned(),
    ] {
        let run = Machine::new().run(&format!("doctor '{}'", path.display()));
        assert_eq!(run.exit, Exit::Failure, "{}: {}", path.display(), run.out);
    }
}

#[test]
#[cfg(unix)]
fn corrected_files_are_read_and_run_by_those_who_could_before() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = tempfile::tempdir().expect("a folder");
    for (name, mode) in [("secret.sh", 0o600), ("run.sh", 0o755), ("group.sh", 0o640)] {
        let path = scratch.path().join(name);
        fs::write(&path, "ollama serve -p 11435\n").expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
        Machine::new().run(&format!("doctor --fix '{}'", path.display()));
        let fixed = scratch.path().join(format!("{name}.fixed"));
        let found = fs::metadata(&fixed).expect("a file").permissions().mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }
}

#[test]
fn no_name_steers_the_terminal() {
    let scratch = tempfile::tempdir().expect("a folder");
    let path = scratch.path().join("a.sh");
    let text = "ollama run evil\u{1b}[31m:7b\nOLLAMA_NUM_CTX\u{202e}=1 ollama serve\nollama run \u{202e}x:1b\n";
    fs::write(&path, text).expect("a file");
    let run = Machine::new().run(&format!("doctor '{}'", path.display()));
    assert!(!run.out.contains(['\u{1b}', '\u{202e}']), "{:?}", run.out);
}
