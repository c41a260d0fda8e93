//! `--engine llama.cpp`: a `llama-server` that is told what was estimated, in words that a real one knows.

use std::collections::BTreeMap;

use serde_json::Value;
use vramfit::app::Exit;

use crate::support::Machine;

/// What `llama-server --help` of build b10434 prints.
const HELP: &str = include_str!("../fixtures/llama-server/help-b10434.txt");

/// An option of that server.
struct Known {
    flags: Vec<&'static str>,
    takes_value: bool,
}

/// Every option, and every variable that stands for one.
fn help() -> (Vec<Known>, Vec<&'static str>) {
    let mut options = Vec::new();
    for line in HELP
        .lines()
        .filter(|line| line.starts_with('-') && !line.starts_with("-----"))
    {
        // What it does stands in the forty-first column, or on the next line.
        let (end, next) = (line.as_bytes().get(39), line.as_bytes().get(40));
        let beside = end == Some(&b' ') && next.is_some_and(|next| *next != b' ');
        let head = if beside { &line[..39] } else { line };
        let (flags, value): (Vec<&str>, Vec<&str>) = head
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .partition(|word| word.starts_with('-'));
        options.push(Known {
            flags,
            takes_value: !value.is_empty(),
        });
    }
    let variables = HELP.split("(env: ").skip(1);
    let variables = variables.filter_map(|rest| rest.split(')').next());
    (options, variables.collect())
}

const COMMANDS: [&str; 10] = [
    "explain qwen3:30b --gpu 'RTX 3060' --ram 64",
    "explain qwen3:30b --gpu 'RTX 3060 x2' --ram 64",
    "explain llama3:70b --gpu 'RTX 3090 x2' --context 4k",
    "explain llama3:70b --gpu 'RTX 3090' --ram 64",
    "explain qwen3:8b --gpu 'RTX 4090' --parallel 4 --kv-cache-type k=q8_0,v=q5_1",
    "explain gemma3:27b --gpu 'RTX 3090 x3' --context 32k --batch 4096",
    "explain bge-m3 --vram 8",
    "explain qwen3:8b --cpu --ram 32",
    "explain hf.co/bartowski/Qwen2.5-7B-Instruct-GGUF:Q5_K_M --vram 12 --no-flash-attention",
    "explain llama3.3:70b --gpu 'RTX 3090 x3' --draft llama3.2:1b",
];

fn explained(command: &str) -> Value {
    let run = Machine::new().run(&format!("{command} --engine llama.cpp --json"));
    assert_ne!(run.exit, Exit::Failure, "{command}: {}", run.err);
    run.json()
}

/// The options of a command line with their values; panics where a real server would not take them.
fn read(answer: &Value) -> BTreeMap<String, String> {
    let (options, _) = help();
    let words = answer["llama_server"]["command"]
        .as_array()
        .expect("a command");
    let mut words = words.iter().map(|word| word.as_str().expect("a word"));
    assert_eq!(words.next(), Some("llama-server"));
    let mut read = BTreeMap::new();
    while let Some(flag) = words.next() {
        let known = options.iter().find(|option| option.flags.contains(&flag));
        let known = known.unwrap_or_else(|| panic!("{flag} is no option"));
        let value = if known.takes_value {
            words.next()
        } else {
            Some("")
        };
        let value = value.unwrap_or_else(|| panic!("{flag} needs a value"));
        assert!(
            read.insert(flag.to_owned(), value.to_owned()).is_none(),
            "{flag} twice"
        );
    }
    read
}

#[test]
fn the_help_is_read() {
    let (options, variables) = help();
    assert!(options.len() > 150 && variables.len() > 100);
    let takes = |flag: &str| {
        options
            .iter()
            .find(|option| option.flags.contains(&flag))
            .map(|it| it.takes_value)
    };
    assert_eq!(takes("-ngl"), Some(true));
    assert_eq!(takes("--n-gpu-layers"), Some(true));
    assert_eq!(takes("-no-kvu"), Some(false));
    assert_eq!(takes("--no-such-option"), None);
}

#[test]
fn a_real_server_knows_every_option_and_gets_what_was_estimated() {
    for command in COMMANDS {
        let answer = explained(command);
        let told = read(&answer);
        let estimate = &answer["estimate"];
        let number = |name: &str| told[name].parse::<u64>().expect("a number");
        let (context, parallel) = (&estimate["context_length"], &estimate["parallel"]);
        let (context, parallel) = (context.as_u64().expect("n"), parallel.as_u64().expect("n"));
        assert_eq!(number("-c"), context * parallel, "{command}");
        assert_eq!(number("-np"), parallel, "{command}");
        assert!(told.contains_key("-no-kvu"), "{command}");
        assert_eq!(told["--fit"], "off", "{command}");
        let batch = estimate["batch"].as_u64().expect("a batch");
        assert_eq!(number("-ub").min(context * parallel), batch, "{command}");
        assert!(number("-b") >= number("-ub"), "{command}");
        let on = estimate["flash_attention"].as_bool().expect("a bool");
        assert_eq!(told["-fa"] == "on", on, "{command}");
        let gpus = answer["placement"]["gpus"].as_array().expect("GPUs");
        let layers: Vec<u64> = gpus
            .iter()
            .map(|gpu| gpu["layers"].as_u64().expect("n"))
            .collect();
        let all: u64 = layers.iter().sum();
        let on_host = answer["placement"]["host_layers"].as_u64().expect("n");
        assert_eq!(
            number("-ngl"),
            if on_host == 0 { 999 } else { all },
            "{command}"
        );
        let split = told.get("-ts").cloned().unwrap_or_else(|| all.to_string());
        let expected: Vec<String> = layers.iter().map(u64::to_string).collect();
        if !layers.is_empty() {
            assert_eq!(split, expected.join(","), "{command}");
        }
        assert!(answer["ollama"].is_null(), "{command}");
    }
}

#[test]
fn experts_in_host_memory_are_those_of_the_first_blocks() {
    let answer = explained("explain qwen3:30b --gpu 'RTX 3060' --ram 64");
    let told = read(&answer);
    let blocks = &answer["placement"]["host_expert_layers"];
    assert!(blocks.as_u64().is_some_and(|blocks| blocks > 0), "{answer}");
    assert_eq!(told["--n-cpu-moe"], blocks.to_string());
    assert_eq!(told["-ngl"], "999");
    assert_eq!(answer["estimate"]["batch"], 512);
    let page = Machine::new().run("explain qwen3:30b --gpu 'RTX 3060' --ram 64 --engine llama.cpp");
    assert!(
        page.out.contains(&format!("--n-cpu-moe {blocks}")),
        "{}",
        page.out
    );
    // Dense blocks stay on the GPU as long as there is room, and then leave from the front.
    let told = read(&explained("explain llama3:70b --gpu 'RTX 3090' --ram 64"));
    assert!(!told.contains_key("--n-cpu-moe") && told["-ngl"] != "999");
}

#[test]
fn files_come_from_where_they_are() {
    let told = read(&explained(COMMANDS[8]));
    assert_eq!(told["-hf"], "bartowski/Qwen2.5-7B-Instruct-GGUF:Q5_K_M");
    assert!(told.contains_key("--no-mmproj") && !told.contains_key("-m"));
    assert_eq!(told["-fa"], "off");
    let page = Machine::new()
        .run("explain qwen3:8b --vram 24 --engine llama.cpp")
        .out;
    assert!(page.contains("ollama show qwen3:8b --modelfile"), "{page}");
    // Of these Ollama's own file is of no use.
    let page = Machine::new()
        .run("explain gemma3:27b --vram 48 --engine llama.cpp")
        .out;
    assert!(
        !page.contains("ollama show") && page.contains("Hugging Face"),
        "{page}"
    );
    let answer = explained("explain gemma3:27b --vram 48");
    assert_eq!(answer["llama_server"]["file"]["translated"], "gemma3");
    let told = read(&answer);
    assert_eq!(
        told.contains_key("--mmproj"),
        answer["estimate"]["projector"] != 0
    );
    let told = read(&explained(COMMANDS[9]));
    assert_eq!(told["-md"], "llama3.2-1b.gguf");
    assert_eq!(told["--spec-type"], "draft-simple");
    let encoder = read(&explained("explain bge-m3 --vram 8"));
    assert!(encoder.contains_key("--embedding"));
    assert_eq!(
        encoder["-ub"], encoder["-c"],
        "an encoder sees a text whole"
    );
}

#[test]
fn a_plan_has_the_same_settings_as_variables() {
    let (_, variables) = help();
    let run = Machine::new()
        .run("plan qwen3:30b llama3:70b@4k bge-m3 --gpu 'RTX 3090 x3' --engine llama.cpp --json");
    let plan = run.json();
    let services = plan["services"].as_array().expect("services");
    assert_eq!(services.len(), 3, "{}", run.out);
    for service in services {
        assert_eq!(service["engine"], "llama.cpp");
        let environment = service["environment"].as_object().expect("variables");
        for name in environment
            .keys()
            .filter(|name| !name.ends_with("_DEVICES"))
        {
            let known = variables.contains(&name.as_str()) || name == "CUDA_DEVICE_ORDER";
            assert!(known, "{name}");
        }
        let port = service["port"].to_string();
        assert_eq!(environment["LLAMA_ARG_PORT"], port);
        assert_eq!(environment["LLAMA_ARG_ALIAS"], service["tag"]);
        let gpus = service["gpus"].as_array().expect("GPUs").len();
        assert_eq!(environment.contains_key("LLAMA_ARG_TENSOR_SPLIT"), gpus > 1);
    }
    // What Ollama would do by itself is no part of that.
    assert_eq!(plan["unpinned"].as_array().map(Vec::len), Some(0));
}

#[test]
fn one_demand_of_a_file_may_have_another_engine() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("models.toml");
    let text = "[[model]]\ntag = \"qwen3:8b\"\n[[model]]\ntag = \"qwen3:14b\"\nengine = \"llama.cpp\"\nkv_cache_type = \"q5_1\"\n";
    std::fs::write(&path, text).expect("a file");
    let run = Machine::new().run(&format!(
        "plan --models-file '{}' --gpu 'RTX 3090 x2' --json",
        path.display()
    ));
    let plan = run.json();
    let engine = |tag: &str| {
        let services = plan["services"].as_array().expect("services");
        let service = services.iter().find(|service| service["tag"] == tag);
        service.expect("a service")["engine"].clone()
    };
    assert_eq!(engine("qwen3:8b"), "ollama");
    assert_eq!(engine("qwen3:14b"), "llama.cpp");
    // Ollama has one type for both, and before 0.30 few of them.
    for (more, exit) in [
        ("--kv-cache-type q5_1", Exit::Yes),
        ("--kv-cache-type Q8_0 --ollama-version 0.20", Exit::Yes),
        ("--kv-cache-type q5_1 --ollama-version 0.20", Exit::Failure),
        ("--kv-cache-type q8_0 --ollama-version 0.4", Exit::Failure),
        ("--kv-cache-type k=q8_0,v=q5_1", Exit::Failure),
    ] {
        let run = Machine::new().run(&format!("plan qwen3:8b --gpu 'RTX 3090' {more}"));
        assert_eq!(run.exit, exit, "{more}: {}{}", run.out, run.err);
    }
    let reasons = |more: &str| {
        let command = format!("explain qwen3:8b --gpu 'RTX 3090' --json --kv-cache-type {more}");
        Machine::new().run(&command).json()["reasons"].to_string()
    };
    assert!(!reasons("q5_1").contains("cache-not-ollamas"));
    for other in ["q5_1 --ollama-version 0.29", "k=q8_0,v=q5_1"] {
        assert!(reasons(other).contains("cache-not-ollamas"), "{other}");
    }
}
