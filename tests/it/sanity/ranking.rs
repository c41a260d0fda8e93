//! The order of models.

use vramfit::catalog::model::ModelKind;
use vramfit::embedded;
use vramfit::request::Task;

use super::{CARDS, recommended, score};

#[test]
fn newer_generations_beat_older_ones_of_their_size() {
    let catalog = embedded::catalog().expect("the catalog");
    for line in [
        "qwen3.5:9b qwen3:8b qwen2:7b qwen:7b",
        "llama3.1:8b llama3:8b llama2:7b",
        "gemma3:12b gemma2:9b gemma:7b",
        "gemma4:31b gemma3:27b",
        "phi4:14b phi3:14b",
        "qwen3:32b qwen2.5:32b qwen:32b",
        "llama3.3:70b llama2:70b",
        "mistral-small:24b mistral:7b",
        "deepseek-r1:32b qwen2.5:32b",
    ] {
        let tags: Vec<&str> = line.split(' ').collect();
        for pair in tags.windows(2) {
            let tasks = [Task::Chat, Task::Code, Task::Reasoning];
            let [new, old] = [pair[0], pair[1]].map(|tag| {
                let scores = tasks.map(|task| score(&catalog, tag, task));
                scores.iter().sum::<f64>()
            });
            assert!(new > old, "{}: {new} {}: {old}", pair[0], pair[1]);
        }
    }
    for (new, old) in [
        ("qwen2.5-coder:7b", "codellama:7b"),
        ("qwen2.5-coder:32b", "codellama:34b"),
        ("qwen3-coder:30b", "deepseek-coder:33b"),
        ("deepseek-coder-v2:16b", "starcoder2:15b"),
    ] {
        assert!(
            score(&catalog, new, Task::Code) > score(&catalog, old, Task::Code),
            "{new} {old}"
        );
    }
}

#[test]
fn bigger_siblings_beat_smaller_ones() {
    let catalog = embedded::catalog().expect("the catalog");
    for line in [
        "qwen2.5:72b qwen2.5:7b qwen2.5:0.5b",
        "qwen3:32b qwen3:8b qwen3:1.7b qwen3:0.6b",
        "gemma3:27b gemma3:12b gemma3:4b gemma3:1b",
        "llama3.1:405b llama3.1:70b llama3.1:8b",
        "llama3.2:3b llama3.2:1b",
        "deepseek-r1:70b deepseek-r1:14b deepseek-r1:1.5b",
    ] {
        let tags: Vec<&str> = line.split(' ').collect();
        for pair in tags.windows(2) {
            for &task in Task::TEXT {
                let [big, small] = [pair[0], pair[1]].map(|tag| score(&catalog, tag, task));
                assert!(
                    big > small,
                    "{task:?} {}: {big} {}: {small}",
                    pair[0],
                    pair[1]
                );
            }
        }
    }
}

/// Models that are sold for writing code with tools: by their name, or by the benchmarks of repository work that their makers lead with.
const CODERS: [&str; 9] = [
    "qwen3-coder",
    "qwen3-coder-next",
    "qwen3.6",
    "qwen3.8",
    "devstral",
    "devstral-small-2",
    "glm-4.7-flash",
    "qwen2.5-coder",
    "deepseek-coder-v2",
];

#[test]
fn a_model_made_for_code_leads_for_code() {
    for (memory, hardware) in CARDS
        .into_iter()
        .filter(|(memory, _)| [24, 48].contains(memory))
    {
        let first = recommended(hardware, Task::Code, 2);
        let made = first
            .iter()
            .any(|tag| CODERS.contains(&tag.split(':').next().unwrap_or_default()));
        assert!(made, "{memory} GB: {first:?}");
    }
}

/// Families that people in the field name for 24 GB, by task.
fn named_in_the_field(task: Task) -> &'static [&'static str] {
    const GENERAL: [&str; 14] = [
        "muse-glimmer",
        "qwen3",
        "qwen3.5",
        "qwen3.6",
        "qwen3.8",
        "gemma3",
        "gemma4",
        "gpt-oss",
        "mistral-small3.1",
        "mistral-small3.2",
        "glm-4.7-flash",
        "magistral",
        "nemotron-3-nano",
        "nemotron-cascade-2",
    ];
    const CODE: [&str; 15] = [
        "muse-glimmer",
        "qwen3-coder",
        "qwen3",
        "qwen3.5",
        "qwen3.6",
        "qwen3.8",
        "gemma4",
        "gpt-oss",
        "devstral",
        "devstral-small-2",
        "glm-4.7-flash",
        "qwen2.5-coder",
        "north-mini-code-1.0",
        "nemotron-3-nano",
        "nemotron-cascade-2",
    ];
    const REASONING: [&str; 15] = [
        "muse-glimmer",
        "qwen3",
        "qwen3.5",
        "qwen3.6",
        "qwen3.8",
        "gemma4",
        "gpt-oss",
        "deepseek-r1",
        "qwq",
        "glm-4.7-flash",
        "magistral",
        "phi4-reasoning",
        "nemotron-3-nano",
        "nemotron-cascade-2",
        "olmo-3.1",
    ];
    const CHINESE: [&str; 10] = [
        "muse-glimmer",
        "qwen2.5",
        "qwen3",
        "qwen3.5",
        "qwen3.6",
        "qwen3.8",
        "gemma4",
        "gemma3",
        "glm-4.7-flash",
        "glm4",
    ];
    const TRANSLATION: [&str; 15] = [
        "hf.co/tencent/Hy-MT2-7B-GGUF",
        "hf.co/tencent/Hy-MT2-1.8B-GGUF",
        "muse-glimmer",
        "qwen2.5",
        "qwen3",
        "qwen3.5",
        "qwen3.6",
        "qwen3.8",
        "gemma4",
        "gemma3",
        "translategemma",
        "aya-expanse",
        "glm-4.7-flash",
        "mistral-small3.2",
        "gpt-oss",
    ];
    match task {
        Task::Code => &CODE,
        Task::Reasoning => &REASONING,
        Task::Chinese => &CHINESE,
        Task::Translation => &TRANSLATION,
        _ => &GENERAL,
    }
}

#[test]
fn the_first_five_for_a_3090_are_names_of_the_field() {
    for &task in Task::TEXT {
        let first = recommended("--gpu 'RTX 3090'", task, 5);
        assert_eq!(first.len(), 5);
        for tag in &first {
            let family = tag.split(':').next().unwrap_or_default();
            assert!(
                named_in_the_field(task).contains(&family),
                "{task:?}: {first:?}"
            );
        }
    }
}

/// Fine-tunes of former generations, which nobody maintains.
const ABANDONED: [&str; 28] = [
    "alfred",
    "codebooga",
    "codeup",
    "dolphin",
    "everythinglm",
    "goliath",
    "llama2-",
    "magicoder",
    "medllama",
    "meditron",
    "mistral-openorca",
    "mistrallite",
    "neural-chat",
    "nexusraven",
    "notus",
    "notux",
    "nous-hermes",
    "openchat",
    "openhermes",
    "orca",
    "phind",
    "reflection",
    "samantha",
    "stable-beluga",
    "vicuna",
    "wizard",
    "xwin",
    "yarn",
];

#[test]
fn nothing_unsuitable_is_among_the_first_ten() {
    let catalog = embedded::catalog().expect("the catalog");
    for (memory, hardware) in CARDS {
        for &task in Task::TEXT {
            let first = recommended(hardware, task, 10);
            assert_eq!(first.len(), 10, "{memory} GB {task:?}");
            for tag in first {
                let model = catalog.find(&tag).expect("a tag").model;
                assert!(model.published, "{memory} GB {task:?}: {tag}");
                assert!(
                    !matches!(
                        model.kind,
                        ModelKind::Base
                            | ModelKind::Embedding
                            | ModelKind::Reranker
                            | ModelKind::Guard
                            | ModelKind::Ocr
                    ),
                    "{memory} GB {task:?}: {tag} is {:?}",
                    model.kind
                );
                assert!(
                    !ABANDONED.iter().any(|name| tag.starts_with(name)),
                    "{memory} GB {task:?}: {tag}"
                );
                assert!(!tag.contains("mlx"), "{memory} GB {task:?}: {tag}");
            }
        }
    }
}
