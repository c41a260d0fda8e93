//! Files that were made to be expensive: every reader ends, and says no more than a person reads. Before there were limits, each of these took
//! minutes, gigabytes, or pages of megabytes.

use vramfit::app::Exit;

use crate::ollama::recorded::{Recorded, ok};
use crate::support::{Machine, Run};

/// Bytes that are written of one file, whatever is wrong with it.
const MOST: usize = 400_000;

fn check(run: &Run, what: &str) {
    assert!(
        run.out.len() + run.err.len() < MOST,
        "{what}: {} bytes of output, {} of errors",
        run.out.len(),
        run.err.len()
    );
}

/// Runs a command for each file; `FILE` stands for its path.
fn run(command: &str, files: &[(&str, String)]) -> Vec<Run> {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |(name, text): &(&str, String)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        let path = path.display().to_string();
        let run = Machine::new().run(&command.replace("FILE", &format!("'{path}'")));
        check(&run, name);
        run
    };
    files.iter().map(run).collect()
}

#[test]
fn doctor_ends() {
    let many = |n: usize, line: &dyn Fn(usize) -> String| -> String { (0..n).map(line).collect() };
    let script = |text: String| format!("#!/bin/sh\nollama serve {text}\n");
    run(
        "doctor FILE",
        &[
            ("open.conf", "http {".repeat(10_000)),
            (
                "servers.conf",
                format!(
                    "http {{\n{}}}\n",
                    many(1000, &|n| format!(
                        "server {{ listen {}; location / {{ proxy_pass http://127.0.0.1:11434; }} }}\n",
                        8000 + n
                    ))
                ),
            ),
            (
                "deep.conf",
                format!(
                    "http {{{}{}}}",
                    "location / {".repeat(20_000),
                    "}".repeat(20_000)
                ),
            ),
            (
                "branches.sh",
                format!(
                    "#!/bin/sh\n{}{}",
                    many(20_000, &|n| format!(
                        "if x; then A{0}=1; else A{0}=2; fi\n",
                        n % 150
                    )),
                    "OLLAMA_HOST=$A1 ollama serve\n".repeat(500)
                ),
            ),
            ("substitutions.sh", script("$(".repeat(100_000))),
            ("braces.sh", script("${".repeat(300_000))),
            ("backticks.sh", script("`".repeat(500_000))),
            ("quotes.sh", script("\"".repeat(500_001))),
            ("heredocs.sh", many(20_000, &|n| format!("cat <<E{n}\n"))),
            (
                "unknown.sh",
                many(1000, &|n| format!("ollama run nosuchmodel{n}:7b\n")),
            ),
            (
                "long.sh",
                format!("#!/bin/sh\nollama run {}\n", "a".repeat(120_000)),
            ),
            ("Modelfile", "FROM a\n".repeat(140_000)),
            (
                "litellm.yaml",
                format!(
                    "model_list:\n{}",
                    many(8000, &|n| format!(
                        "  - model_name: a{n}\n    litellm_params:\n      model: ollama/nosuch{n}\n"
                    ))
                ),
            ),
            (
                "aliases.yaml",
                format!(
                    "services:\n  a0: &a0 [x,x,x]\n{}",
                    many(100, &|n| format!(
                        "  a{}: &a{} [*a{n},*a{n},*a{n},*a{n},*a{n},*a{n},*a{n},*a{n},*a{n}]\n",
                        n + 1,
                        n + 1
                    ))
                ),
            ),
            (
                "merges.yaml",
                format!(
                    "services:\n  a0: &a0 {{image: ollama/ollama}}\n{}",
                    many(5000, &|n| format!(
                        "  a{}: &a{}\n    <<: [*a{n}, *a{n}]\n",
                        n + 1,
                        n + 1
                    ))
                ),
            ),
            ("deep.yaml", format!("services: {}", "[".repeat(400_000))),
            (
                "units.service",
                format!(
                    "[Service]\n{}",
                    "ExecStart=/usr/bin/ollama serve\n".repeat(10_000)
                ),
            ),
        ],
    );
}

#[test]
fn data_files_end() {
    let files = || {
        [
            ("equals.toml", "=".repeat(1_000_000)),
            ("open.toml", "[".repeat(1_000_000)),
            ("deep.toml", format!("a = {}", "[".repeat(500_000))),
            ("inline.toml", format!("a = {}", "{a=".repeat(300_000))),
            ("dotted.toml", format!("{}a = 1", "a.".repeat(400_000))),
            (
                "tables.toml",
                (0..50_000).map(|n| format!("[a{n}]\n")).collect(),
            ),
            ("models.toml", "[[model]]\n".repeat(50_000)),
            ("deep.json", format!("{{\"a\":{}", "[".repeat(500_000))),
        ]
    };
    for command in [
        "models --catalog FILE",
        "models --config FILE",
        "gpus --fleet FILE",
        "plan --vram 24 --models-file FILE",
        "monitor --once --vram 24 --plan FILE",
        "catalog import FILE",
    ] {
        for run in run(command, &files()) {
            assert_eq!(run.exit, Exit::Failure, "{command}: {}", run.out);
        }
    }
}

#[test]
fn too_much_is_refused_and_says_of_what() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large");
    let file = std::fs::File::create(&path).expect("a file");
    // Nothing of it is on the disk.
    file.set_len(1 << 40).expect("a sparse file");
    let path = path.display().to_string();
    for command in [
        "models --catalog FILE",
        "models --config FILE",
        "gpus --fleet FILE",
        "plan --vram 24 --models-file FILE",
        "monitor --once --vram 24 --plan FILE",
        "plan llama3:8b --vram 24 --diff FILE",
        "verify llama3:8b --vram 24 --log FILE",
        "catalog import FILE",
        "catalog check FILE",
        "doctor FILE",
    ] {
        let run = Machine::new().run(&command.replace("FILE", &format!("'{path}'")));
        assert_eq!(run.exit, Exit::Failure, "{command}");
        assert!(
            run.err.contains("larger than") && run.err.contains("MiB")
                || run.err.contains("larger than") && run.err.contains("GiB"),
            "{command}: {}",
            run.err
        );
    }
    let many = "[[model]]\ntag = \"llama3:8b\"\n".repeat(30_000);
    for run in run("plan --vram 24 --models-file FILE", &[("many.toml", many)]) {
        assert!(run.err.contains("at most 2000 services"), "{}", run.err);
    }
    let log: String = (0..17_000)
        .map(|n| format!("load_tensors: CUDA{n} model buffer size = 8376.27 MiB\n"))
        .collect();
    run(
        "verify llama3:8b --vram 24 --log FILE",
        &[("devices.log", log)],
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .expect("mkfifo");
    assert!(made.success());
    let pipe = pipe.display().to_string();
    for path in [pipe.as_str(), "/dev/zero", "/dev/full"] {
        for command in [
            "models --catalog FILE",
            "models --config FILE",
            "gpus --fleet FILE",
            "plan --vram 24 --models-file FILE",
            "monitor --once --vram 24 --plan FILE",
            "verify llama3:8b --vram 24 --log FILE",
            "catalog import FILE",
            "explain FILE.gguf",
            "doctor FILE",
        ] {
            let run = Machine::new().run(&command.replace("FILE", path));
            assert_eq!(run.exit, Exit::Failure, "{command} {path}: {}", run.out);
        }
    }
}

#[test]
fn names_that_fill_pages_are_told_short() {
    let long = "a".repeat(120_000);
    for command in [
        "explain LONG --vram 24",
        "plan LONG --vram 24",
        "compare LONG llama3:8b",
        "compare --family LONG",
        "recommend --gpu LONG",
        "recommend --context LONG",
        "plan --preset LONG --vram 24",
        "plan llama3:8b --vram 24 --apart LONG",
        "doctor LONG",
    ] {
        for form in ["", " --json", " --lang zh"] {
            let run = Machine::new().run(&format!("{}{form}", command.replace("LONG", &long)));
            assert_eq!(run.exit, Exit::Failure, "{command}");
            assert!(run.err.len() < 40_000, "{command}: {} bytes", run.err.len());
        }
    }
}

#[test]
fn a_server_with_too_much_is_none() {
    let long = format!(r#"{{"models":[{{"name":"{}"}}]}}"#, "a".repeat(5_000_000));
    let one = r#"{"name":"a:b","model":"a:b"}"#;
    let many = format!(r#"{{"models":[{}]}}"#, vec![one; 300_000].join(","));
    for models in [long, many] {
        let server = Recorded::start(vec![
            ("/api/version", ok(r#"{"version":"0.33.0"}"#)),
            ("/api/ps", ok(&models)),
            ("/api/tags", ok(&models)),
        ]);
        let machine = Machine::new().with("OLLAMA_HOST", server.host());
        for command in [
            "verify --vram 24",
            "monitor --once",
            "recommend --installed --vram 24",
        ] {
            check(&machine.run(command), command);
        }
        assert_eq!(machine.run("verify --vram 24").exit, Exit::Failure);
    }
}
