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
}

#[test]
fn another_engine_beside_ollama_is_told_once_where_it_starts() {
    let script = |more: &str| format!("#!/bin/sh\nollama serve -p 1\n{more}\n");
    let compose = |more: &str| {
        format!(
            "services:\n  ollama:\n    image: ollama/ollama:0.12.0\n    environment: [OLLAMA_CONTEXT_LENGTH=1]\n    volumes: [\"a:/root/.ollama\"]\n{more}volumes: {{a: }}\n"
        )
    };
    let vllm = "  b:\n    image: vllm/vllm-openai:v1\n    command: [\"vllm\", \"serve\"]\n";
    for (name, text, right) in [
        (
            "a.sh",
            script("llama-server -m a.gguf &\nllama-server -m b.gguf &"),
            vec![(3, "llama-server")],
        ),
        (
            "a.sh",
            script("llama-server -m a.gguf &\nvllm serve a/b"),
            vec![(3, "llama-server"), (4, "vllm")],
        ),
        ("compose.yaml", compose(vllm), vec![(7, "vllm")]),
        (
            "README.md",
            "# A\n\nSome run vllm serve.\n\n```sh\nollama pull qwen3:8b\nvllm serve a/b\n```\n"
                .to_owned(),
            vec![(7, "vllm")],
        ),
        // Who looks for the engine that Ollama itself starts, starts none.
        (
            "a.sh",
            script("pgrep llama-server -a\nps aux | grep llama-server -c\npkill llama-server"),
            vec![],
        ),
        ("a.sh", script("# llama-server -m a.gguf"), vec![]),
        (
            "README.md",
            "# A\n\nSome run vllm serve.\n\n```sh\nollama pull qwen3:8b\n```\n".to_owned(),
            vec![],
        ),
    ] {
        let mut said = told(name, &text);
        said.retain(|(_, what)| !what.is_empty());
        let right: Vec<(u32, String)> = right
            .into_iter()
            .map(|(line, what)| (line, what.to_owned()))
            .collect();
        assert_eq!(said, right, "{name} {text}");
    }
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
