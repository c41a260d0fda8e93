//! What a practitioner would demand of the answers, whatever the formulas behind them are.

use serde_json::Value;
use vramfit::app::Exit;
use vramfit::catalog::Catalog;
use vramfit::catalog::model::Kind;
use vramfit::embedded;
use vramfit::request::Task;

use crate::support::Machine;

fn json(command: &str) -> Value {
    Machine::new().run(&format!("{command} --json")).json()
}

/// The tags that are recommended, best first.
fn recommended(hardware: &str, task: Task, limit: usize) -> Vec<String> {
    let report = json(&format!(
        "recommend {hardware} --task {} --limit {limit}",
        task.label()
    ));
    let rows = report["recommendations"].as_array().expect("a list");
    rows.iter()
        .map(|row| row["tag"].as_str().expect("a tag").to_owned())
        .collect()
}

fn score(catalog: &Catalog, tag: &str, task: Task) -> f64 {
    let entry = catalog.find(tag).unwrap_or_else(|| panic!("{tag}"));
    catalog.quality(entry.model, task).score
}

/// Tokens a second in the middle of the band.
fn decode(tag: &str, gpu: &str) -> f64 {
    let speed = &json(&format!("explain {tag} --gpu '{gpu}'"))["speed"]["decode"];
    let [low, high] = [0, 1].map(|at| speed[at].as_f64().unwrap_or_else(|| panic!("{tag} {gpu}")));
    (low * high).sqrt()
}

/// Cards by memory, a common one of each size.
const CARDS: [(u32, &str); 5] = [
    (8, "--gpu 'RTX 4060'"),
    (12, "--gpu 'RTX 3060'"),
    (24, "--gpu 'RTX 3090'"),
    (48, "--gpu 'RTX 3090 x2'"),
    (96, "--gpu 'RTX 3090 x4'"),
];

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
    const CODE: [&str; 14] = [
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
    const TRANSLATION: [&str; 13] = [
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
                        Kind::Base | Kind::Embedding | Kind::Reranker | Kind::Guard | Kind::Ocr
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

#[test]
fn what_is_recommended_fits() {
    for (memory, hardware) in CARDS {
        let report = json(&format!("recommend {hardware} --limit 60"));
        for row in report["recommendations"].as_array().expect("a list") {
            let verdict = row["verdict"].as_str().expect("a verdict");
            assert!(
                ["fits", "tight"].contains(&verdict),
                "{memory} GB: {}",
                row["tag"]
            );
            let total = row["estimate"]["total"].as_u64().expect("bytes");
            assert!(
                total <= u64::from(memory) << 30,
                "{memory} GB: {}",
                row["tag"]
            );
        }
    }
}

#[test]
fn the_command_loads_what_was_recommended() {
    let runs = |command: &str| -> Vec<(String, String, bool)> {
        let report = json(command);
        let rows = report["recommendations"].as_array().expect("a list");
        let of = |row: &Value| {
            let warned = row["reasons"]
                .as_array()
                .expect("reasons")
                .iter()
                .any(|reason| reason["code"] == "default-context-offloads");
            let tag = row["tag"].as_str().expect("a tag").to_owned();
            let last = row["commands"].as_array().and_then(|all| all.last());
            (
                tag,
                last.expect("a command").as_str().expect("text").to_owned(),
                warned,
            )
        };
        rows.iter().map(of).collect()
    };
    // Ollama alone opens every model with 32768 tokens on 24 GiB: too much for a dense 31B, not for a mixture with a small cache.
    let mut seen = [false; 2];
    for (tag, command, warned) in runs("recommend --gpu 'RTX 3090' --limit 40") {
        let expected = if warned {
            format!("vramfit run {tag} --context ")
        } else {
            format!("ollama run {tag}")
        };
        assert!(command.starts_with(&expected), "{command}");
        seen[usize::from(warned)] = true;
    }
    assert_eq!(seen, [true; 2]);
    // On 12 GiB it opens them with 4096, less than was asked for.
    for (tag, command, _) in runs("recommend --gpu 'RTX 3060' --context 16k") {
        assert_eq!(command, format!("vramfit run {tag} --context 16384"));
    }
}

#[test]
fn what_offloads_is_ranked_where_it_is_fast_enough() {
    for (priority, floor) in [("quality", 5.0), ("balanced", 12.0), ("speed", 25.0)] {
        let report = json(&format!(
            "recommend --gpu 'RTX 3060' --ram 64 --task code --priority {priority} --limit 999"
        ));
        let rate = |row: &Value| {
            let [low, high] = [0, 1].map(|at| row["speed"]["decode"][at].as_f64().expect("a rate"));
            (low * high).sqrt()
        };
        let mut offloads = [0; 2];
        let lists = ["recommendations", "rejected"].map(|name| report[name].as_array());
        for (at, list) in lists.into_iter().enumerate() {
            for row in list.expect("a list") {
                if row["verdict"] != "offloads" {
                    assert!(row["host_share"].is_null(), "{row}");
                    continue;
                }
                offloads[at] += 1;
                let share = row["host_share"].as_u64().expect("percent");
                assert!((1..=100).contains(&share), "{row}");
                assert_eq!(rate(row) >= floor, at == 0, "{priority}: {row}");
            }
        }
        assert!(
            offloads[0] > 5 && offloads[1] > 5,
            "{priority}: {offloads:?}"
        );
    }
}

#[test]
fn memory_that_stays_free_is_accounted_for() {
    for cards in [
        "RTX 4060",
        "RTX 3060",
        "RTX 3090",
        "RTX 3090 x2",
        "RTX 3090 x4",
        "H200 x8",
    ] {
        for &task in Task::ALL {
            let report = json(&format!(
                "recommend --gpu '{cards}' --task {}",
                task.label()
            ));
            let (first, spare) = (&report["recommendations"][0], &report["spare"]);
            let gpus = report["inventory"]["hosts"][0]["gpus"].as_array();
            let usable: u64 = gpus
                .expect("a list")
                .iter()
                .filter_map(|gpu| gpu["usable"].as_u64())
                .sum();
            let takes = first["estimate"]["total"].as_u64().expect("bytes");
            if takes * 2 < usable {
                let held = spare["context_length"].as_u64() > Some(8192);
                assert!(
                    held || spare["parallel"].as_u64() > Some(1),
                    "{cards}: {spare}"
                );
            }
            // Whoever is named as better is.
            for row in report["recommendations"].as_array().expect("a list") {
                if row["tag"] == spare["better"] {
                    assert!(row["score"]["task"].as_f64() > first["score"]["task"].as_f64());
                }
            }
        }
    }
}

#[test]
fn the_longest_context_fits_and_no_longer_one_does() {
    let report = json("recommend --gpu 'RTX 3090' --context max");
    let rows = report["recommendations"].as_array().expect("a list");
    for row in rows {
        let tag = row["tag"].as_str().expect("a tag");
        let context = row["context_length"].as_u64().expect("tokens");
        let alone = |tokens: u64| {
            let report = json(&format!(
                "explain {tag} --gpu 'RTX 3090' --context {tokens}"
            ));
            report["verdict"] == "fits"
        };
        if row["verdict"] == "fits" {
            assert!(context >= 8192 && alone(context), "{tag}: {context}");
        }
        let catalog = vramfit::embedded::catalog().expect("the catalog");
        let trained = catalog
            .find(tag)
            .and_then(|entry| entry.model.context_length);
        if Some(context) < trained.map(u64::from) {
            assert!(!alone(context + 1024), "{tag}: {context}");
        }
    }
}

#[test]
fn memory_of_the_host_gives_a_better_answer() {
    let first = |machine: &str| {
        let report = json(&format!("recommend --gpu 'RTX 3060' --task code {machine}"));
        let points = &report["recommendations"][0]["score"]["task"];
        points.as_f64().expect("points")
    };
    assert!(first("--ram 32") > first(""));
}

#[test]
fn what_is_within_reach_would_be_among_the_first() {
    let mut seen = false;
    for hardware in ["--gpu 'RTX 3060'", "--gpu '3090 x2'", "--vram 8"] {
        let report = json(&format!("recommend {hardware} --task code"));
        let rejected = report["rejected"].as_array().expect("a list");
        let reach: Vec<bool> = rejected
            .iter()
            .map(|row| row["within_reach"] == true)
            .collect();
        assert!(reach.is_sorted_by(|a, b| a >= b), "{hardware}");
        let third = &report["recommendations"][2]["score"]["task"];
        let third = third.as_f64().expect("points");
        let catalog = vramfit::embedded::catalog().expect("the catalog");
        // Nobody is left out who would be better: two cards lack nothing that four would run.
        for row in rejected {
            let points = row["score"]["task"].as_f64().expect("points");
            let better = points > third && !row["cheapest_fix"].is_null();
            assert_eq!(row["within_reach"] == true, better, "{hardware}: {row}");
            seen |= better;
            if better {
                let tag = row["tag"].as_str().expect("a tag");
                assert!(score(&catalog, tag, Task::Code) >= third, "{row}");
            }
        }
    }
    assert!(seen);
    // A mixture of experts runs from RAM: that is told before more cards are.
    let report = json("recommend --gpu 'RTX 3060' --task code");
    let memory = |row: &&Value| row["cheapest_fix"]["code"] == "system-memory";
    let rows = report["rejected"].as_array().expect("a list");
    assert!(
        rows.iter().take(3).any(|row| memory(&row)),
        "{:?}",
        &rows[..3]
    );
}

#[test]
fn a_short_list_of_what_does_not_run_is_the_beginning_of_the_long_one() {
    for hardware in ["--gpu 'RTX 3060'", "--gpu '3090 x2' --ram 64", "--vram 8"] {
        let ask = |more: &str| json(&format!("recommend {hardware} --task code {more}"));
        let all = ask("--all");
        let rejected = |report: &Value| report["rejected"].as_array().expect("a list").clone();
        assert_eq!(all["rejected_total"], rejected(&all).len(), "{hardware}");
        for limit in [1, 3, 10, 40] {
            let short = ask(&format!("--limit {limit}"));
            assert_eq!(short["rejected_total"], all["rejected_total"]);
            assert_eq!(
                rejected(&short),
                rejected(&all)[..limit],
                "{hardware} --limit {limit}"
            );
        }
    }
}

#[test]
fn the_list_is_in_the_order_of_its_number() {
    for &task in Task::ALL {
        for priority in ["quality", "balanced", "speed"] {
            let report = json(&format!(
                "recommend --gpu 'RTX 3060' --ram 64 --task {} --priority {priority} --limit 60",
                task.label()
            ));
            let rows = report["recommendations"].as_array().expect("a list");
            let weights = &report["request"]["weights"];
            let points = |row: &Value, of: &str| row["score"][of].as_f64().expect("points");
            let totals: Vec<f64> = rows.iter().map(|row| points(row, "total")).collect();
            assert!(
                totals.is_sorted_by(|a, b| a >= b),
                "{task:?} {priority}: {totals:?}"
            );
            for row in rows {
                let parts = ["task", "speed", "fit"]
                    .map(|of| points(row, of) * weights[of].as_f64().expect("a weight"));
                let sum: f64 = parts.iter().sum();
                assert!(
                    (sum - points(row, "total")).abs() < 0.16,
                    "{}: {sum}",
                    row["tag"]
                );
            }
        }
    }
}

#[test]
fn a_bare_size_has_speeds_of_a_typical_card() {
    let report = json("recommend --vram 24 --task code");
    let typical = report["request"]["typical_bandwidth"].as_u64();
    assert!(typical > Some(200_000_000_000), "{typical:?}");
    for row in report["recommendations"].as_array().expect("a list") {
        assert!(row["score"]["speed"].as_f64() > Some(0.0), "{}", row["tag"]);
    }
    let named = json("recommend --gpu 'RTX 3090' --task code");
    assert!(named["request"]["typical_bandwidth"].is_null());
}

#[test]
fn measured_gpus_and_architectures_are_those_of_the_catalog() {
    let catalog = embedded::catalog().expect("the catalog");
    let chip = |name: &str| {
        catalog.gpus.iter().any(|gpu| {
            let unified = || {
                gpu.name
                    .rsplit_once(' ')
                    .is_some_and(|(chip, _)| chip == name)
            };
            gpu.name == name || gpu.unified && unified()
        })
    };
    let speeds = &catalog.knowledge.speeds;
    let unknown: Vec<&str> = speeds
        .gpu
        .iter()
        .map(|gpu| gpu.name.as_str())
        .filter(|name| !chip(name))
        .collect();
    // A few cards that nobody can buy any more are measured and not in the catalog.
    assert!(unknown.len() * 20 <= speeds.gpu.len(), "{unknown:?}");
    let lost: Vec<&str> = speeds
        .model
        .iter()
        .map(|model| model.architecture.as_str())
        .filter(|name| {
            !catalog
                .architectures
                .iter()
                .any(|known| known.name == *name)
        })
        .collect();
    assert!(lost.is_empty(), "run the fit of speeds again: {lost:?}");
}

#[test]
fn speed_follows_bandwidth() {
    // 936.2 and 360 GB/s. What is measured on both cards (Qwen3 8B: 1.96) stays behind that, by what a layer costs whatever the bandwidth.
    let expected = 936.2 / 360.0;
    for tag in ["llama3.1:8b", "qwen3:8b", "gemma3:12b", "qwen2.5:14b"] {
        let ratio = decode(tag, "RTX 3090") / decode(tag, "RTX 3060");
        assert!((0.65..=1.1).contains(&(ratio / expected)), "{tag}: {ratio}");
    }
}

#[test]
fn mixtures_of_experts_are_faster_than_dense_models_of_their_size() {
    for (mixture, dense) in [
        ("qwen3:30b", "qwen3:32b"),
        ("gpt-oss:20b", "mistral-small:24b"),
        ("gemma4:26b", "gemma3:27b"),
        ("qwen3-coder:30b", "qwen2.5-coder:32b"),
    ] {
        let [fast, slow] = [mixture, dense].map(|tag| decode(tag, "RTX 3090"));
        assert!(fast > 1.5 * slow, "{mixture}: {fast}, {dense}: {slow}");
    }
}

#[test]
fn a_split_brings_room_and_no_speed() {
    let one = decode("qwen2.5:14b", "RTX 3090");
    let both = json("explain llama3.3:70b --gpu 'RTX 3090 x2'");
    assert_eq!(both["verdict"], "fits");
    let high = both["speed"]["decode"][1].as_f64().expect("a speed");
    // Five times the bytes, one card's bandwidth at a time.
    assert!((one / 8.0..one / 3.0).contains(&high), "{one} {high}");
}

#[test]
fn evidence_and_measurements_are_cited_in_both_languages() {
    for tag in [
        "qwen3:8b",
        "gemma3:27b",
        "llama3.1:8b",
        "gpt-oss:20b",
        "hermes3:8b",
    ] {
        for lang in ["en", "zh"] {
            let command = format!("explain {tag} --gpu 'RTX 3090' --why reasoning --lang {lang}");
            let report = json(&command);
            let standing = &report["standing"];
            assert_eq!(standing["task"], "reasoning");
            let own = standing["basis"] == "benchmarks";
            assert_eq!(own, standing["rows"].as_u64() > Some(0), "{tag}");
            assert_eq!(own, !report["evidence"].is_null(), "{tag}");
            let nearest = &report["nearest_measurement"];
            assert_eq!(nearest["gpu"], "RTX 3090", "{tag}");
            assert!(
                nearest["source"]
                    .as_str()
                    .is_some_and(|source| !source.is_empty())
            );
            let page = Machine::new().run(&command).out;
            assert!(
                page.contains(nearest["architecture"].as_str().expect("a name")),
                "{page}"
            );
        }
    }
    // Nothing of its own: said so, and with more doubt than a model that was measured.
    let doubt = |tag: &str| {
        let standing = &json(&format!("explain {tag} --vram 24 --why chat"))["standing"];
        (
            standing["basis"].clone(),
            standing["doubt"].as_f64().expect("a number"),
        )
    };
    let (inherited, wide) = doubt("hermes3:8b");
    let (own, narrow) = doubt("llama3.1:8b");
    assert_eq!(own, "benchmarks");
    assert!(
        inherited != "benchmarks" && wide > narrow,
        "{inherited} {wide} {narrow}"
    );
}

#[test]
fn what_was_measured_partly_in_ram_lies_in_the_band() {
    let catalog = embedded::catalog().unwrap();
    let rows = &catalog.knowledge.speeds.offload.measurement;
    assert!(rows.len() >= 5);
    let mut off = Vec::new();
    for row in rows {
        let report = json(&format!("explain {} --gpu '{}' --ram 64", row.tag, row.gpu));
        let speed = &report["speed"];
        let [low, high] = [0, 1].map(|at| speed["decode"][at].as_f64().expect("a speed"));
        if row.decode[0] < low || row.decode[1] > high {
            off.push(format!(
                "{} on {}: {:?} not in {low:.1} to {high:.1}",
                row.tag, row.gpu, row.decode
            ));
        }
        assert!(speed["host_bandwidth"].as_u64() > Some(0), "{speed}");
    }
    assert!(off.is_empty(), "{}", off.join("\n"));
}

#[test]
fn faster_memory_makes_what_lies_there_faster() {
    let decode = |memory: &str| {
        let report = json(&format!(
            "explain gpt-oss:120b --gpu 'RTX 3090' --ram 96 --ram-bandwidth {memory}"
        ));
        report["speed"]["decode"][0].as_f64().expect("a speed")
    };
    let speeds = ["40", "DDR4-3200", "DDR5-5600", "DDR4-3200x8"].map(decode);
    assert!(speeds.is_sorted_by(|a, b| a < b), "{speeds:?}");
}

#[test]
fn a_mixture_fills_both_cards() {
    let placed = |cards: &str| {
        json(&format!(
            "explain gpt-oss:120b --gpu '{cards}' --ram 96 --context 32k"
        ))["placement"]
            .clone()
    };
    let (one, two) = (placed("RTX 3090"), placed("2xRTX 3090"));
    let usable = 0.8 * 22.5 * f64::from(1 << 30);
    for gpu in two["gpus"].as_array().expect("a list") {
        assert!(gpu["bytes"].as_f64() > Some(usable), "{two}");
    }
    let host = |placement: &Value| placement["host_bytes"].as_u64().expect("bytes");
    assert!(host(&two) + (15 << 30) < host(&one), "{one} {two}");
    assert_eq!(two["host_layers"], 0);
    assert!(two["host_expert_layers"].as_u64() > Some(5));
}

#[test]
fn a_small_card_holds_what_its_memory_takes() {
    let report =
        json("explain qwen3.6:27b-bf16 --gpu '4x RTX 5060 Ti 16GB + RTX 2070' --context 102400");
    assert_eq!(report["verdict"], "fits");
    let gpus = report["placement"]["gpus"].as_array().expect("a list");
    assert_eq!(gpus.len(), 5);
    let layers: Vec<u64> = gpus
        .iter()
        .filter_map(|gpu| gpu["layers"].as_u64())
        .collect();
    assert!(layers[4] >= 3 && layers[4] * 2 < layers[0], "{layers:?}");
}

#[test]
fn what_ollama_does_by_itself_is_told_at_the_context_it_opens_with() {
    let report = json("explain qwen3:8b --gpu '2xRTX 3090' --context 8192");
    let ollama = &report["ollama"];
    assert_eq!(ollama["context_default"], 40_960);
    assert_eq!(ollama["asked"]["context_length"], 8192);
    let taken = |choice: &Value| -> u64 {
        let gpus = choice["placement"]["gpus"].as_array().expect("a list");
        gpus.iter().filter_map(|gpu| gpu["bytes"].as_u64()).sum()
    };
    assert!(taken(ollama) > taken(&ollama["asked"]), "{ollama}");
    // A prediction of three times what the model takes is told as that, and a right one not at all.
    let report = json("explain gemma4:e2b --gpu 'RTX 5060 Laptop' --context 4096");
    let notes = report["ollama"]["notes"].as_array().expect("a list");
    let off = notes.iter().find(|note| note["code"] == "prediction-off");
    assert!(
        off.is_some_and(|note| note["percent"].as_i64() > Some(150)),
        "{notes:?}"
    );
}

#[test]
fn the_growth_of_a_cache_is_what_its_factors_give() {
    for (tag, bytes) in [
        ("llama3.1:8b", 131_072),
        ("qwen3.5:27b", 65_536),
        ("qwen3:30b", 98_304),
        ("gpt-oss:20b", 24_576),
    ] {
        let report = json(&format!("explain {tag}"));
        assert_eq!(report["kv_cache_growth"], bytes, "{tag}");
        let factors = &report["kv_cache_factors"];
        let [layers, key, value] =
            ["layers", "key", "value"].map(|name| factors[name].as_u64().expect("a number"));
        assert_eq!(2 * layers * (key + value), bytes, "{tag}");
    }
}

#[test]
fn what_does_not_fit_has_no_speed() {
    for command in [
        "compare llama3:70b qwen3:8b --gpu 'RTX 3060'",
        "explain llama3:70b --gpu 'RTX 3060'",
    ] {
        let report = json(command);
        let rows = report["models"]
            .as_array()
            .cloned()
            .unwrap_or_else(|| vec![report.clone()]);
        assert_eq!(rows[0]["verdict"], "does-not-fit", "{command}");
        assert!(rows[0]["speed"].is_null(), "{command}");
    }
}

#[test]
fn a_gpu_that_shares_memory_has_no_more_than_the_host() {
    let free = |ram: &str| {
        json(&format!("gpus --gpu 'M4 16GB' {ram}"))["hosts"][0]["gpus"][0]["free"].as_u64()
    };
    assert_eq!(free("--ram 6"), Some(6 << 30));
    assert!(free("") > Some(6 << 30));
    let report = json("explain qwen3.5:9b --gpu 'M4 16GB' --ram 6 --context 4096");
    assert_ne!(report["verdict"], "fits");
}

#[test]
fn the_processor_can_be_asked_for_beside_gpus() {
    let report = json("explain qwen3:8b --gpu 'RTX 3090' --ram 32 --cpu");
    assert_eq!(report["verdict"], "offloads");
    assert!(
        report["placement"]["gpus"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
    assert!(report["speed"]["decode"][1].as_f64() < Some(40.0));
    let report = json("recommend --gpu 'RTX 3090' --ram 32 --cpu");
    assert_eq!(report["recommendations"][0]["verdict"], "offloads");
}

#[test]
fn what_a_vision_projector_takes_is_told() {
    let explain = |command: &str| {
        Machine::new()
            .run(&format!("explain {command} --json"))
            .json()
    };
    let mib = |value: &serde_json::Value| value.as_u64().expect("bytes") >> 20;
    // Nobody published its size: it is not counted as nothing.
    let unknown = explain("minicpm-v4.5:8b --vram 24");
    let codes = unknown["reasons"].as_array().expect("a list");
    assert!(
        codes
            .iter()
            .any(|reason| reason["code"] == "projector-unknown" && mib(&reason["most"]) >= 1700)
    );
    assert!(mib(&unknown["estimate"]["doubt"]) >= 1700);
    // The engine's own worst cases: the file is counted, its scratch space is a doubt.
    for (tag, worst) in [
        ("qwen3.5:9b", 987),
        ("qwen3.5:4b", 962),
        ("qwen3-vl:8b", 1502),
    ] {
        let estimate = explain(&format!("{tag} --vram 48"))["estimate"].clone();
        let most = mib(&estimate["projector"]) + mib(&estimate["doubt"]);
        assert!(most + 1 >= worst && most < worst + 300, "{tag}: {most}");
    }
    let doubt = mib(&explain("gemma4:e2b --vram 24")["estimate"]["doubt"]);
    assert!((1152..1500).contains(&doubt), "{doubt}");
    let known = explain("gemma3:27b --vram 48");
    let file = mib(&known["estimate"]["projector"]);
    assert!(file > 800);
    // Layers move to the host, it stays.
    let offloads = explain("gemma3:27b --vram 12 --ram 64");
    assert_eq!(offloads["verdict"], "offloads");
    assert_eq!(mib(&offloads["estimate"]["projector"]), file);
    // Where the GPU has no room for it and 1 GiB, Ollama leaves it to the processor.
    let crowded = explain("gemma3:4b --vram 2300MiB --ram 64");
    assert_eq!(mib(&crowded["estimate"]["projector"]), 0);
    let codes = crowded["reasons"].as_array().expect("a list");
    assert!(
        codes
            .iter()
            .any(|reason| reason["code"] == "projector-on-host")
    );
    let cpu = explain("gemma3:27b --vram 12 --ram 64 --cpu");
    let weights = mib(&cpu["estimate"]["host"]["weights"]);
    assert!(weights >= mib(&known["estimate"]["weights"]) + file);
}

#[test]
fn ollama_leaves_a_projector_free_once_more() {
    let explain = |vram: u64| {
        let model = "gemma3:27b --context 4096 --batch 512";
        json(&format!("explain {model} --vram {vram}MiB --ram 64"))
    };
    let mib = |value: &Value| value.as_u64().expect("bytes").div_ceil(1 << 20);
    let roomy = explain(48 << 10);
    let estimate = &roomy["estimate"];
    let (total, projector) = (mib(&estimate["total"]), mib(&estimate["projector"]));
    assert_eq!(explain(total + projector + 1024)["verdict"], "fits");
    let short = explain(total + projector + 1020);
    assert_eq!(short["verdict"], "tight");
    let codes = short["reasons"].as_array().expect("a list");
    let told = |reason: &Value| reason["code"] == "projector-padding";
    assert!(codes.iter().any(told));
    assert_eq!(short["ollama"]["placement"]["kind"], "offload");
}

#[test]
fn a_cache_that_the_cpu_attends_to_slows_it() {
    let decode = |cache: &str| {
        let model = format!("explain deepseek-v2:16b --gpu 'RTX 3090' --kv-cache-type {cache}");
        json(&model)["speed"]["decode"][1].as_f64().expect("a rate")
    };
    assert!(decode("q8_0") < 0.8 * decode("f16"));
}

#[test]
fn encoders_have_no_cache() {
    for tag in [
        "nomic-embed-text",
        "bge-m3",
        "all-minilm",
        "mxbai-embed-large",
    ] {
        let report = json(&format!("explain {tag} --vram 8"));
        assert_eq!(report["estimate"]["kv_cache"], 0, "{tag}");
        assert_eq!(report["speed"], Value::Null, "{tag}");
    }
}

#[test]
fn drafting_takes_a_second_context_and_copies_of_the_state() {
    let explain = |command: &str| json(&format!("explain {command}"));
    let mib = |value: &Value| value.as_u64().expect("bytes") >> 20;
    // A log of this model: 448.9 instead of 149.6 MiB of state, 32 and 520 of a second context, 568 instead of 520 of the first.
    let model = "qwen3.8:27b-q4_K_M --vram 48 --context 8192 --batch 2048";
    let (without, with) = (explain(model), explain(&format!("{model} --draft 2")));
    let [without, with] = [&without["estimate"], &with["estimate"]];
    assert_eq!(
        (mib(&without["recurrent"]), mib(&with["recurrent"])),
        (149, 448)
    );
    assert_eq!(
        (mib(&without["kv_cache"]), mib(&with["kv_cache"])),
        (661, 992)
    );
    // Of the first, 48 are its own.
    assert_eq!((mib(&without["draft"]), mib(&with["draft"])), (0, 600));
    let more = mib(&with["compute"]) - mib(&without["compute"]);
    assert!((568..=572).contains(&more), "{more}");
    // It held all of this on such a card without drafting, and 81 % of it with.
    let card = "qwen3.8:27b-q4_K_M --gpu 'RTX 5090' --context 200000";
    assert_eq!(explain(card)["verdict"], "fits");
    let drafting = explain(&format!("{card} --draft 2"));
    assert_ne!(drafting["verdict"], "fits");
    let left_alone = explain(&format!("{card} --draft 2 --ram 64"));
    let moved = &left_alone["ollama"]["asked"]["placement"]["host_layers"];
    assert!(moved.as_u64() >= Some(6), "{moved}");
    let codes = drafting["reasons"].as_array().expect("a list");
    assert!(codes.iter().any(|reason| reason["code"] == "drafts"));
    let llama = explain("llama3.1:8b --vram 24 --draft 2");
    let codes = llama["reasons"].as_array().expect("a list");
    assert!(codes.iter().any(|reason| reason["code"] == "cannot-draft"));
    assert_eq!(mib(&llama["estimate"]["draft"]), 0);
}

#[test]
fn a_tag_that_drafts_is_counted_so_until_told_otherwise() {
    let explain = |command: &str| json(&format!("explain {command} --gpu L40S"));
    let total = |report: &Value| report["estimate"]["total"].as_u64().expect("bytes");
    // `ollama show --modelfile qwen3.8:27b` says draft_num_predict 4; that of the tag without `-mtp` says nothing.
    let by_itself = explain("qwen3.8:27b");
    assert_eq!(by_itself["estimate"]["draft_num_predict"], 4);
    let asked = explain("qwen3.8:27b --draft 4");
    assert_eq!(total(&by_itself), total(&asked));
    let without = explain("qwen3.8:27b --draft 0");
    assert_eq!(without["estimate"]["draft"], 0);
    assert!(total(&without) < total(&by_itself));
    // One user is answered 1.3 to 2 times as fast.
    for (end, gain) in [(0, 1.3), (1, 2.0)] {
        let decode = |report: &Value| report["speed"]["decode"][end].as_f64().expect("tokens/s");
        let [with, plain] = [&by_itself, &without].map(decode);
        assert!((with / plain - gain).abs() < 1e-6, "{with} {plain}");
    }
    let plain = explain("qwen3.8:27b-q4_K_M");
    assert_eq!(plain["estimate"]["draft_num_predict"], Value::Null);
    // A cache of 8 bits is the model's: what drafts keeps 16.
    let quantised = explain("qwen3.8:27b --kv-cache-type q8_0");
    assert_eq!(
        quantised["estimate"]["draft"],
        by_itself["estimate"]["draft"]
    );
}

#[test]
fn a_draft_model_takes_what_it_takes_alone() {
    let explain = |command: &str| json(&format!("explain {command} --vram 24"));
    let bytes = |report: &Value, key: &str| report["estimate"][key].as_u64().expect("bytes");
    let alone = explain("qwen3:0.6b");
    let (without, with) = (explain("qwen3:8b"), explain("qwen3:8b --draft qwen3:0.6b"));
    for key in ["weights", "kv_cache", "compute"] {
        let more = bytes(&with, key) - bytes(&without, key);
        assert_eq!(more, bytes(&alone, key), "{key}");
    }
    let reasons = with["reasons"].as_array().expect("a list");
    let named = |reason: &Value| reason["code"] == "drafts" && reason["model"] == "qwen3:0.6b";
    assert!(reasons.iter().any(named));
    for (wrong, code) in [("qwen3:0.6bb", "unknown-tag"), ("-1", "bad-value")] {
        let ran = Machine::new().run(&format!("explain qwen3:8b --draft {wrong} --json"));
        assert_eq!(ran.exit, Exit::Failure, "{wrong}");
        assert!(ran.err.contains(code), "{wrong}: {}", ran.err);
    }
}
