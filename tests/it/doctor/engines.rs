//! Set-ups of other engines: `doctor` says that it did not check them, and names the engine.

use std::fs;

use super::judge;
use crate::support::Machine;

/// What is said of a file in which nothing of Ollama is: the line, and what it is.
fn told(name: &str, text: &str) -> Vec<(u32, String)> {
    let findings = judge(name, text).findings;
    let each = findings.iter().map(|one| {
        let problem = serde_json::to_value(&one.problem).expect("JSON");
        (
            one.line,
            problem["what"].as_str().unwrap_or_default().to_owned(),
        )
    });
    each.collect()
}

#[test]
fn a_set_up_of_another_engine_is_called_by_its_name() {
    for (name, text, line, what) in [
        (
            "a.service",
            "[Service]\nExecStart=/opt/llama/llama-server -m a.gguf\n",
            2,
            "llama-server",
        ),
        (
            "a.service",
            "[Service]\nExecStart=/opt/llama-server\n",
            2,
            "llama-server",
        ),
        (
            "a.service",
            "[Service]\nExecStart=/opt/venv/bin/vllm serve a/b\n",
            2,
            "vllm",
        ),
        (
            "a.sh",
            "#!/bin/sh\n# llama-server -c 1\nllama-server \\\n  -m a.gguf\n",
            3,
            "llama-server",
        ),
        (
            "a.sh",
            "python3 -m vllm.entrypoints.openai.api_server --model a/b\n",
            1,
            "vllm",
        ),
        (
            "a.sh",
            "docker run --gpus all ghcr.io/ggml-org/llama.cpp:server-cuda -m /m/a.gguf\n",
            1,
            "llama-server",
        ),
        (
            "compose.yaml",
            "services:\n  llm:\n    image: vllm/vllm-openai:v0.28.0\n    command: [--model, a/b]\n",
            3,
            "vllm",
        ),
        (
            "compose.yaml",
            "services:\n  llm:\n    image: own/llama\n    command: [\"llama-server\", \"-m\", \"/a.gguf\"]\n",
            4,
            "llama-server",
        ),
        (
            "README.md",
            "# Notes\n\n```sh\nllama-server -m a.gguf -c 8192\n```\n",
            4,
            "llama-server",
        ),
        // What only names one starts none.
        (
            "README.md",
            "# Notes\n\nWe compared vllm with llama-server once.\n",
            1,
            "contents",
        ),
        ("a.sh", "#!/bin/sh\necho hello\n", 1, "contents"),
    ] {
        let right = vec![(line, what.to_owned())];
        assert_eq!(told(name, text), right, "{name} {text:?}");
    }
    // Beside Ollama's own what is found there is told.
    let both = "#!/bin/sh\nllama-server -m a.gguf &\nollama serve -p 1\n";
    assert!(
        told("a.sh", both)
            .iter()
            .all(|(_, what)| what != "llama-server")
    );
}

#[test]
fn the_page_says_that_its_settings_were_not_checked() {
    let scratch = tempfile::tempdir().expect("a folder");
    for (engine, command) in [
        ("llama-server", "llama-server -m a.gguf"),
        ("vLLM", "vllm serve a/b"),
    ] {
        let path = scratch.path().join("start.sh");
        fs::write(&path, format!("#!/bin/sh\n{command}\n")).expect("a file");
        for (lang, end) in [("en", "not checked"), ("zh", "没有检查")] {
            let run = Machine::new().run(&format!("doctor '{}' --lang {lang}", path.display()));
            let said: String = run.out.split_whitespace().collect();
            let end = end.replace(' ', "");
            assert!(said.contains(engine) && said.contains(&end), "{said}");
        }
    }
}
