//! What strangers name is shown, never obeyed: no string of a file, a server or a command line steers the terminal that shows it.

use std::path::Path;

use proptest::prelude::*;
use vramfit::app::Exit;
use vramfit::sanitize::{is_unsafe, sanitize, sanitize_json, sanitize_lines};

use crate::ollama::recorded::{Recorded, ok};
use crate::support::{Machine, Run};

/// Clears the screen, sets a title, rings, turns around, hides; without quotes, which end a word of a test's command line.
const HOSTILE: &str = "a\u{1b}[2J\u{1b}]0;x\u{7}\u{7f}\u{9b}31m\u{202e}b\u{2066}c\u{200b}\u{feff}\u{2028}\u{e0041}\r\nvramfit: all is well";

/// How an answer may be written.
const FORMS: [&str; 4] = ["", " --json", " --lang zh", " --format markdown"];

fn hostile() -> impl Strategy<Value = String> {
    let unsafe_ones = prop::sample::select(
        HOSTILE
            .chars()
            .filter(|c| is_unsafe(*c))
            .collect::<Vec<_>>(),
    );
    let c = prop_oneof![3 => unsafe_ones, 2 => "[a-z0-9:/.]".prop_map(|s| s.chars().next().unwrap_or('x')), 1 => any::<char>()];
    prop::collection::vec(c, 1..24).prop_map(|all| {
        all.into_iter()
            .filter(|c| !matches!(c, '\'' | '\0'))
            .collect()
    })
}

/// Nothing is obeyed, and nobody but the program begins a line of an error.
fn check(run: &Run, what: &str) -> Result<(), TestCaseError> {
    // doctor shows the lines of a file as they are indented, to be copied.
    let may_hold = |c| c == '\n' || c == '\t' && what.starts_with("doctor ");
    for text in [&run.out, &run.err] {
        let found = text.chars().find(|c| is_unsafe(*c) && !may_hold(*c));
        prop_assert!(found.is_none(), "{what}: {found:?} in {text:?}");
    }
    let forged = run
        .err
        .lines()
        .skip(1)
        .any(|line| line.starts_with("vramfit: all"));
    prop_assert!(!forged, "{what}: {:?}", run.err);
    Ok(())
}

/// Every place on a disk or a command line where a stranger's string may stand.
fn everywhere(text: &str, forms: &[&str]) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().expect("a folder");
    let quoted = serde_json::to_string(text).expect("JSON");
    // TOML's strings know fewer escapes, and none of characters that JSON leaves alone.
    let toml: String = text
        .chars()
        .map(|c| format!("\\U{:08X}", u32::from(c)))
        .collect();
    let files = [
        (
            "fleet.toml",
            format!("[[host]]\nname = \"{toml}\"\ngpus = [\"{toml}\"]\n\"{toml}\" = 1\n"),
        ),
        (
            "host.toml",
            format!(
                "[[host]]\nname = \"a\"\n[[host.gpu]]\nname = \"{toml}\"\nuuid = \"GPU-{toml}\"\ntotal = \"24GiB\"\nused = \"1GiB\"\n"
            ),
        ),
        (
            "fleet.json",
            format!(
                "{{\"schema\":{quoted},\"hosts\":[{{\"name\":{quoted},\"gpus\":[{{\"gpu\":0,\"name\":{quoted},\"total\":1}}]}}]}}"
            ),
        ),
        ("raw.toml", text.to_owned()),
        (
            "overlay.toml",
            format!(
                "[[model]]\nname = \"{toml}\"\nreplaced_by = \"{toml}\"\nreleased = \"{toml}\"\n\"{toml}\" = 1\n"
            ),
        ),
        (
            "model.toml",
            format!(
                "[[model]]\nname = \"m\"\nparameters = 8e9\narchitecture = \"{toml}\"\nsource = [\"{toml}\"]\n[[model.variant]]\ntag = \"{toml}\"\nweights = 5000000000\nsource = [\"{toml}\"]\n"
            ),
        ),
        ("config.toml", format!("lang = \"{toml}\"\n")),
        (
            "gpu.toml",
            format!("gpu = [\"{toml}\"]\nreserve = \"{toml}\"\n"),
        ),
        ("models.txt", format!("{text}\nllama3:8b*2:pin={text}\n")),
        (
            "plan.json",
            format!(
                "{{\"schema\":\"vramfit.plan/1\",\"services\":[{{\"tag\":{quoted},\"host\":{quoted},\"port\":1,\"gpus\":[]}}]}}"
            ),
        ),
        (
            "start.sh",
            format!(
                "#!/bin/sh\nOLLAMA_HOST={text} OLLAMA_KV_CACHE_TYPE={text} ollama serve\nollama run {text}\n"
            ),
        ),
        (
            "Modelfile",
            format!("FROM {text}\nPARAMETER num_ctx {text}\n"),
        ),
        (
            "compose.yaml",
            format!(
                "services:\n  {quoted}:\n    image: ollama/ollama\n    environment:\n      - {quoted}\n"
            ),
        ),
        (
            "ollama.service",
            format!(
                "[Service]\n{text}=1\nEnvironment={text}\nEnvironment=\"OLLAMA_HOST={text}\"\nExecStart=/usr/bin/ollama serve {text}\n"
            ),
        ),
        (
            "ollama.env",
            format!("OLLAMA_{text}=1\nOLLAMA_HOST={text}\n{text}\n"),
        ),
        (
            "nginx.conf",
            format!(
                "upstream {text} {{ server 127.0.0.1:11434; }}\nserver {{ listen {text}; location /{text} {{ proxy_pass http://ollama{text}; }} }}\n"
            ),
        ),
        (
            "litellm.yaml",
            format!(
                "model_list:\n- litellm_params: {{model: {}, api_base: {quoted}}}\ngeneral_settings: {{master_key: {quoted}}}\n",
                serde_json::to_string(&format!("ollama/{text}")).expect("JSON")
            ),
        ),
        (
            "k8s.yaml",
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {quoted}}}\nspec:\n  containers:\n  - name: a\n    image: ollama/ollama\n    env:\n    - {{name: OLLAMA_NUM_PARALLEL, value: {quoted}}}\n    - {{name: {quoted}, value: {quoted}}}\n"
            ),
        ),
        (
            "README.md",
            format!("| {text}:7b |\n|---|\n```sh\nollama run {text}\n```\n"),
        ),
        (
            "request.sh",
            format!(
                "curl http://localhost:11434/api/chat -d '{{\"model\": {quoted}, \"keep_alive\": \"-1\", \"options\": {{{quoted}: 1}}}}'\n"
            ),
        ),
        (
            "server.log",
            format!(
                "llama_model_loader: - kv 0: general.name str = {text}\nload_tensors: {text} model buffer size = 8376.27 MiB\nload_tensors: CUDA0 model buffer size = 8376.27 MiB\n{text}\n"
            ),
        ),
        (
            "smi.csv",
            format!("index, name, uuid, memory.total [MiB]\n0, {text}, GPU-{text}, 24576 MiB\n"),
        ),
        ("prices.toml", format!("\"{toml}\" = 1\n")),
    ];
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let path = |name: &str| folder.path().join(name).display().to_string();
    crate::support_gguf::Gguf::new(3)
        .key("general.architecture", crate::support_gguf::text(text))
        .key("general.name", crate::support_gguf::text(text))
        .key(text, crate::support_gguf::text(text))
        .tensor(text, &[32, 32], 0)
        .write(Path::new(&path("model.gguf")));
    let mut commands = vec![
        format!("explain '{text}' --vram 24"),
        format!("recommend --gpu '{text}'"),
        format!("recommend --vram 24 --context '{text}'"),
        format!("compare --family '{text}'"),
        format!("recommend --task '{text}' '{text}'"),
        format!("'--{text}'"),
        format!("plan '{text}' --vram 24"),
        format!("plan llama3:8b --vram 24 --apart '{text}' --listen '{text}'"),
        format!("doctor '/nonexistent/{text}'"),
        format!("catalog check '/nonexistent/{text}'"),
    ];
    for fleet in ["fleet.toml", "host.toml", "fleet.json", "raw.toml"] {
        commands.push(format!("gpus --fleet '{}'", path(fleet)));
    }
    for catalog in ["overlay.toml", "model.toml", "raw.toml"] {
        commands.push(format!("models --catalog '{}'", path(catalog)));
        commands.push(format!("catalog check '{}'", path(catalog)));
    }
    for config in ["config.toml", "gpu.toml", "raw.toml"] {
        commands.push(format!("models --config '{}'", path(config)));
    }
    const SET_UPS: [&str; 10] = [
        "start.sh",
        "Modelfile",
        "compose.yaml",
        "ollama.service",
        "ollama.env",
        "nginx.conf",
        "litellm.yaml",
        "k8s.yaml",
        "README.md",
        "request.sh",
    ];
    for file in SET_UPS {
        commands.push(format!("doctor '{}'", path(file)));
    }
    commands.push(format!("explain '{}' --vram 24", path("model.gguf")));
    commands.push(format!("catalog import '{}'", path("model.gguf")));
    commands.push(format!("gpus --fleet '{}'", path("smi.csv")));
    commands.push(format!(
        "verify llama3:8b --vram 24 --log '{}'",
        path("server.log")
    ));
    commands.push(format!(
        "upgrade llama3:70b --vram 24 --prices '{}'",
        path("prices.toml")
    ));
    for flag in ["--diff", "--replace"] {
        commands.push(format!(
            "plan llama3:8b --vram 24 {flag} '{}'",
            path("plan.json")
        ));
    }
    commands.push(format!(
        "plan --models-file '{}' --vram 24",
        path("models.txt")
    ));
    commands.push(format!(
        "monitor --plan '{}' --vram 24 --once",
        path("plan.json")
    ));
    for command in &commands {
        for form in forms {
            check(&Machine::new().run(&format!("{command}{form}")), command)?;
        }
    }
    Ok(())
}

#[test]
fn what_clears_the_screen_is_shown_everywhere() {
    everywhere(HOSTILE, &FORMS).expect("nothing is obeyed");
    everywhere("0\n\u{9b}\t", &FORMS[3..]).expect("a tab stays in a line that is shown");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn any_string_is_shown_everywhere(text in hostile(), form in prop::sample::select(&FORMS[..])) {
        everywhere(&text, &[form])?;
    }
}

proptest! {
    #[test]
    fn a_sanitized_text_is_safe_and_stays_as_it_is(text: String) {
        let [line, lines] = [sanitize(&text), sanitize_lines(&text)];
        prop_assert!(!line.contains(is_unsafe));
        prop_assert!(!lines.contains(|c| is_unsafe(c) && !matches!(c, '\n' | '\t')));
        prop_assert_eq!(sanitize(&line), line.clone());
        prop_assert_eq!(lines.matches('\n').count(), text.matches('\n').count());
        let kept: String = text.chars().filter(|c| !is_unsafe(*c)).collect();
        if kept == text {
            prop_assert_eq!(line.as_ref(), text.as_str());
        }
    }

    #[test]
    fn sanitized_json_means_the_same(text in hostile()) {
        let json = serde_json::to_string_pretty(&[&text]).expect("JSON");
        let safe = sanitize_json(json);
        prop_assert!(!safe.contains(|c| is_unsafe(c) && c != '\n'));
        prop_assert_eq!(serde_json::from_str::<Vec<String>>(&safe).expect("JSON"), vec![text]);
    }
}

#[test]
fn a_server_names_and_says_what_it_likes() {
    let quoted = serde_json::to_string(HOSTILE).expect("JSON");
    let models = format!(
        r#"{{"models":[{{"name":{quoted},"model":{quoted},"size":1,"size_vram":1,"digest":{quoted},"expires_at":{quoted}}}]}}"#
    );
    let server = Recorded::start(vec![
        ("/api/version", ok(&format!(r#"{{"version":{quoted}}}"#))),
        ("/api/ps", ok(&models)),
        ("/api/tags", ok(&models)),
        ("/api/show", ok(&format!(r#"{{"error":{quoted}}}"#))),
        ("/api/pull", ok(&format!(r#"{{"status":{quoted}}}"#))),
    ]);
    let machine = Machine::new().with("OLLAMA_HOST", server.host());
    for command in [
        "verify --vram 24",
        "verify llama3:8b --vram 24",
        "monitor --once --vram 24",
        "monitor --once",
        "recommend --installed --vram 24",
        "pull llama3:8b --vram 24",
        "doctor",
    ] {
        for form in ["", " --json", " --lang zh"] {
            check(&machine.run(&format!("{command}{form}")), command).expect("nothing is obeyed");
        }
    }
    let run = machine.run("verify --vram 24");
    assert_eq!(run.exit, Exit::Failure);
    assert!(
        run.err.contains(r"\x1b[2J") && run.err.contains(r"\u{202e}"),
        "{}",
        run.err
    );
}
