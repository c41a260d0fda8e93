//! The correct form of a line, where more than one thing is wrong with it: all of it is mended at once.

use super::judge;

/// The distinct correct forms that are shown of a file.
fn forms(name: &str, text: &str) -> Vec<String> {
    let mut forms: Vec<String> = Vec::new();
    for finding in judge(name, text).findings {
        if let Some(fix) = finding.fix
            && !forms.contains(&fix)
        {
            forms.push(fix);
        }
    }
    forms
}

#[test]
fn a_command_line_is_shown_with_all_of_its_findings_mended() {
    for (line, right) in [
        (
            "docker run -d --gpus all -e OLLAMA_NUM_GPU=99 -p 11434:11434 -v ollama:/root/.ollama --name ollama ollama/ollama:0.12.0",
            "docker run -d --gpus all -p 127.0.0.1:11434:11434 -v ollama:/root/.ollama --name ollama -e OLLAMA_CONTEXT_LENGTH=8192 ollama/ollama:0.12.0",
        ),
        (
            "docker run -d --env=OLLAMA_NUM_GPU=99 -e \"OLLAMA_KEEP_ALIVE=5 m\" -e OLLAMA_CONTEXT_LENGHT=4096 --gpus device=0,1 ollama/ollama:0.12.0",
            "docker run -d -e \"OLLAMA_KEEP_ALIVE=5m\" -e OLLAMA_CONTEXT_LENGTH=4096 --gpus '\"device=0,1\"' -v ollama:/root/.ollama ollama/ollama:0.12.0",
        ),
        (
            "OLLAMA_NUM_GPU=99 OLLAMA_KEEP_ALIVE=1d OLLAMA_CONTEXT_LENGTH=4096 ollama serve",
            "sudo systemctl disable --now ollama\nOLLAMA_KEEP_ALIVE=24h OLLAMA_CONTEXT_LENGTH=4096 ollama serve",
        ),
        (
            "export OLLAMA_USE_GPU=1 OLLAMA_GPU_OVERHEAD=1GB",
            "export LLAMA_ARG_FIT_TARGET=2048",
        ),
        (
            "export OLLAMA_USE_GPU=1; export OLLAMA_GPU_OVERHEAD=1GB",
            "export LLAMA_ARG_FIT_TARGET=2048",
        ),
    ] {
        assert_eq!(
            forms("start.sh", &format!("#!/bin/sh\n{line}\n")),
            [right],
            "{line}"
        );
    }
}

#[test]
fn lines_of_units_compose_and_kubernetes_are_shown_mended_at_once() {
    let unit = |line: &str| {
        format!(
            "[Service]\nExecStart=/usr/bin/ollama serve\nEnvironment=OLLAMA_CONTEXT_LENGTH=8192\n{line}\n"
        )
    };
    let compose = |line: &str| {
        format!(
            "services:\n  ollama:\n    image: ollama/ollama:0.12.0\n    volumes: [\"ollama:/root/.ollama\"]\n    environment: {line}\nvolumes: {{ollama: }}\n"
        )
    };
    let pod = |line: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: ollama}}\nspec:\n  containers:\n    - name: ollama\n      image: ollama/ollama:0.12.0\n      volumeMounts: [{{name: m, mountPath: /root/.ollama}}]\n      env:{line}\n"
        )
    };
    for (name, text, right) in [
        (
            "ollama.service",
            unit("Environment=\"OLLAMA_NUM_GPU=99\" \"OLLAMA_KEEP_ALIVE=1d\" \"OLLAMA_USE_GPU=1\""),
            vec!["Environment=\"OLLAMA_KEEP_ALIVE=24h\""],
        ),
        // An assignment of nothing would take back those before it.
        (
            "ollama.service",
            unit("Environment=\"OLLAMA_NUM_GPU=99\""),
            vec![],
        ),
        (
            "compose.yaml",
            compose(
                "{OLLAMA_NUM_GPU: 99, OLLAMA_KEEP_ALIVE: 1d, OLLAMA_CONTEXT_LENGTH: 4096, OLLAMA_USE_GPU: 1}",
            ),
            vec!["environment: {OLLAMA_KEEP_ALIVE: 24h, OLLAMA_CONTEXT_LENGTH: 4096}"],
        ),
        (
            "compose.yaml",
            compose("[OLLAMA_KEEP_ALIVE=1d, \"OLLAMA_NUM_GPU=99\", OLLAMA_CONTEXT_LENGTH=4096]"),
            vec!["environment: [OLLAMA_KEEP_ALIVE=24h, OLLAMA_CONTEXT_LENGTH=4096]"],
        ),
        (
            "pod.yaml",
            pod(" [{name: OLLAMA_NUM_GPU, value: 99}, {name: OLLAMA_CONTEXT_LENGTH, value: 4096}]"),
            vec!["env: [{name: OLLAMA_CONTEXT_LENGTH, value: \"4096\"}]"],
        ),
        (
            "pod.yaml",
            pod(
                "\n        - name: OLLAMA_NUM_GPU\n          value: 99\n        - {name: OLLAMA_CONTEXT_LENGTH, value: \"4096\"}",
            ),
            vec![],
        ),
        (
            "ollama.env",
            "OLLAMA_CONTEXT_LENGTH=4096\nexport OLLAMA_MODLES=/srv/m\n".to_owned(),
            vec!["OLLAMA_MODELS=/srv/m"],
        ),
        (
            "ollama.env",
            "OLLAMA_CONTEXT_LENGTH=4096\nOLLAMA_KEEP_ALIVE = 1d\nOLLAMA_NUM_GPU = 99\n".to_owned(),
            vec!["OLLAMA_KEEP_ALIVE=24h"],
        ),
    ] {
        assert_eq!(forms(name, &text), right, "{text}");
    }
}

/// A service's variable in a profile: the form for the unit has the value as it would be right.
#[test]
fn a_form_for_another_file_has_the_right_value() {
    let forms = forms(".bashrc", "export OLLAMA_FLASH_ATTENTION=off\n");
    let unit = "sudo systemctl edit ollama\n[Service]\nEnvironment=\"OLLAMA_FLASH_ATTENTION=0\"";
    assert!(forms.iter().any(|form| form == unit), "{forms:#?}");
}
