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
        ("a.yaml", "services:\n  a: [\n", "syntax"),
        (
            "a.yaml",
            "services: {ollama: {image: 'ollama/ollama:0.33.0'}}\n---\non: push\n",
            "not-understood",
        ),
        (
            "a.yaml",
            "services: {llm: {image: 'vllm/vllm-openai:v0.28.0', command: [--model, meta-llama/Llama-3.1-8B]}}\n",
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
        at("ci.yaml", b"on: push\njobs: {ollama: {runs-on: ubuntu-latest}}\n"),
        at(
            "values.yaml",
            b"image: {repository: ollama/ollama, tag: latest}\nollama: {models: {pull: [llama3.2]}}\n",
        ),
        at(
            "llama-swap.yaml",
            b"models:\n  qwen:\n    cmd: llama-server --port ${PORT} -hf Qwen/Qwen3-8B-GGUF\n",
        ),
        at(
            "template.yaml",
            b"apiVersion: v1\nkind: Pod\nspec:\n  {{- with .Values.ollama }}\n  a: [\n",
        ),
        at("Dockerfile", b"FROM ollama/ollama\nRUN ollama pull llama3.2\n"),
        at("build", b"FROM ollama/ollama\nENV OLLAMA_NUM_PARALLEL=2\n"),
        at("Makefile", b"run:\n\tollama serve\n"),
        at("com.ollama.plist", b"<plist><string>OLLAMA_HOST</string></plist>\n"),
        at("configuration.nix", b"{ services.ollama = { enable = true; }; }\n"),
        at("letters.conf", "\u{fe68}\u{38e}".as_bytes()),
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
fn files_of_other_programs_are_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/doctor/refused");
    let catalog = embedded::catalog().expect("the catalog");
    let mut refused = 0;
    for folder in fs::read_dir(folder).expect("a folder") {
        let folder = folder.expect("an entry").path();
        for file in fs::read_dir(folder).expect("a folder") {
            let path = file.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("text");
            let context = LintContext {
                catalog: &catalog,
                cards: None,
                files: None,
            };
            let name = path.display().to_string();
            assert!(lint(&name, &text, context).is_none(), "{name}");
            refused += 1;
        }
    }
    assert_eq!(refused, 21);
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

/// Files that belong together, and what is found in each.
fn together(files: &[(&str, &str)]) -> Vec<String> {
    let scratch = tempfile::tempdir().expect("a folder");
    let mut line = "doctor --json".to_owned();
    for (name, text) in files {
        let path = scratch.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        line += &format!(" '{}'", path.display());
    }
    let report = Machine::new().run(&line).json();
    let findings = report["findings"].as_array().expect("findings");
    let told = findings.iter().map(|one| {
        let file = one["file"].as_str().expect("a file");
        let name = file.strip_prefix(&format!("{}/", scratch.path().display()));
        format!(
            "{}:{} {}",
            name.unwrap_or(file),
            one["line"],
            one["code"].as_str().expect("a code")
        )
    });
    told.collect()
}

#[test]
fn servers_and_clients_of_several_files_are_held_against_each_other() {
    let unit = "[Unit]\nDescription=Ollama\n[Service]\nEnvironment=OLLAMA_HOST=127.0.0.1:11500 OLLAMA_CONTEXT_LENGTH=16384\nExecStart=/usr/bin/ollama serve\n";
    let asks = "#!/bin/sh\ncurl -s http://127.0.0.1:11434/api/chat -d '{\"model\":\"qwen3:8b\",\"messages\":[]}'\ncurl -s http://localhost:11500/api/chat -d '{\"model\":\"qwen3:8b\",\"messages\":[],\"options\":{\"num_ctx\":4096}}'\n";
    let script = ("ask.sh", asks);
    assert_eq!(together(&[script]), Vec::<String>::new());
    assert_eq!(
        together(&[("ollama.service", unit), script]),
        ["ask.sh:2 unserved-port", "ask.sh:3 client-context"]
    );
    // Another file has the server.
    let other = ("second.service", &*unit.replace("11500", "11434"));
    assert_eq!(
        together(&[("ollama.service", unit), script, other]),
        ["ask.sh:3 client-context"]
    );
    let litellm = (
        "litellm.yaml",
        "model_list:\n- model_name: a\n  litellm_params:\n    model: ollama_chat/qwen3:8b\n    api_base: http://localhost:11434\n    num_ctx: 8192\n",
    );
    assert_eq!(
        together(&[("ollama.service", unit), litellm]),
        ["litellm.yaml:6 unserved-port"]
    );
    let compose = (
        "compose.yaml",
        "services:\n  ollama:\n    image: ollama/ollama:0.33.0\n    environment: {OLLAMA_CONTEXT_LENGTH: 8192}\n    volumes: [models:/root/.ollama]\n    ports: ['127.0.0.1:11500:11434']\nvolumes: {models: {}}\n",
    );
    let env = (
        "app.env",
        "OLLAMA_BASE_URL=http://ollama:11500\nOLLAMA_API_BASE=http://ollama:11434\nOLLAMA_URL=http://host.docker.internal:11500\n",
    );
    assert_eq!(together(&[compose, env]), ["app.env:1 wrong-port"]);
    let gateway = (
        "gateway.conf",
        "server { listen 127.0.0.1:8080; location / { proxy_pass http://127.0.0.1:11435; proxy_buffering off; proxy_read_timeout 900s; client_max_body_size 0; } }\n",
    );
    assert_eq!(
        together(&[compose, gateway]),
        ["gateway.conf:1 unserved-port"]
    );
    // What fills a port in is not known.
    let open = "[Service]\nEnvironment=OLLAMA_HOST=127.0.0.1:1150%i OLLAMA_CONTEXT_LENGTH=8192\nExecStart=/usr/bin/ollama serve\n";
    assert_eq!(
        together(&[("ollama@.service", open), script]),
        Vec::<String>::new()
    );
}
