//! `vramfit catalog`: what the data hold, and how old they are.
#![allow(clippy::unwrap_used)]

use vramfit::app::Exit;
use vramfit::engine::layout::{FileSize, of_size};
use vramfit::units::Bytes;
use vramfit_core::catalog::model::WeightsBasis;

use crate::support::{Machine, width};

fn on(day: &str) -> Machine {
    Machine::new().with("VRAMFIT_TODAY", day)
}

#[test]
fn files_are_counted_by_how_well_their_bytes_are_known() {
    let report = on("2026-12-01").run("catalog --json").json();
    assert_eq!(report["schema"], "vramfit.catalog/1");
    let files = &report["files"];
    let number = |value: &serde_json::Value| value.as_u64().unwrap();
    let known: u64 = files["by_basis"]
        .as_object()
        .unwrap()
        .values()
        .map(number)
        .sum();
    assert_eq!(known + number(&files["unknown"]), number(&files["total"]));
    let catalog = vramfit::embedded::catalog().expect("the catalog");
    assert_eq!(number(&report["models"]), catalog.models.len() as u64);
    assert_eq!(number(&report["gpus"]), catalog.gpus.len() as u64);
    assert!(number(&report["models_with_shape"]) <= number(&report["models"]));
}

#[test]
fn facts_have_a_day_and_an_age() {
    let report = on("2026-12-01").run("catalog --json").json();
    assert_eq!(report["today"], "2026-12-01");
    let facts = report["facts"].as_array().unwrap();
    let ages: Vec<(&str, &str, i64)> = facts
        .iter()
        .map(|fact| {
            (
                fact["kind"].as_str().unwrap(),
                fact["collected"].as_str().unwrap(),
                fact["age_days"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        ages,
        [
            ("models", "2026-11-29", 2),
            ("models", "2026-11-23", 8),
            ("models", "2026-08-21", 102),
            ("models", "2026-06-20", 164),
            ("gpus", "2026-11-23", 8),
            ("speed", "2026-11-23", 8),
            ("quality", "2026-11-23", 8),
        ]
    );
    // No entry is newer than the newest source of its kind, which stands first.
    for fact in facts.iter().filter(|fact| !fact["newest"].is_null()) {
        let newest = facts.iter().find(|other| other["kind"] == fact["kind"]);
        let collected = newest.unwrap()["collected"].as_str().unwrap();
        assert!(fact["newest"].as_str().unwrap() <= collected, "{fact}");
    }
    // A clock that says nothing makes no age.
    let report = on("someday").run("catalog --json").json();
    assert!(report["today"].is_null() && report["facts"][0]["age_days"].is_null());
}

#[test]
fn the_page_is_written_in_both_languages() {
    for (lang, age) in [("en", "102 days"), ("zh", "102 天")] {
        for columns in [60, 80, 160] {
            let machine = on("2026-12-01").terminal(columns);
            let run = machine.run(&format!("catalog --lang {lang} --color never -v"));
            assert_eq!(run.exit, Exit::Yes, "{}", run.err);
            assert!(width(&run.out) <= columns, "{lang} {columns}:\n{}", run.out);
            assert!(run.out.contains("2026-08-21"), "{}", run.out);
        }
        let page = on("2026-12-01").run(&format!("catalog --lang {lang} --format markdown"));
        assert!(page.out.contains(age), "{}", page.out);
    }
    let [en, zh] =
        ["en", "zh"].map(|lang| on("2026-12-01").run(&format!("catalog --json --lang {lang}")));
    assert_eq!(en.out, zh.out);
}

#[test]
fn a_file_of_ones_own_is_read_by_its_tables_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["ollama.toml", "guide.toml", "quality.toml"] {
        let file = folder.path().join(name);
        let text = "[[gpu]]\nname = \"Own 9000\"\nvendor = \"nvidia\"\nmemory = \"24GiB\"\nsource = \"here\"\n";
        std::fs::write(&file, text).unwrap();
        let file = file.display();
        let run = Machine::new().run(&format!("gpus --gpu 'Own 9000' --catalog '{file}'"));
        assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
        let run = Machine::new().run(&format!("catalog check '{file}'"));
        assert_eq!(run.exit, Exit::Yes, "{}", run.out);
    }
    // What the program knows beside models and GPUs is its own.
    let file = folder.path().join("quality.toml");
    std::fs::write(&file, "[[quality]]\nmodel = \"llama3\"\n").unwrap();
    let run = Machine::new().run(&format!("catalog check '{}'", file.display()));
    assert_eq!(run.exit, Exit::No);
    assert!(run.out.contains("[[gpu]]"), "{}", run.out);
}

#[test]
fn derived_sizes_are_shown_as_their_pages_show_them() {
    let text = include_str!("../../data/tags.txt");
    let tags = vramfit_core::catalog::tags::Tags::parse("tags.txt", text).unwrap();
    let catalog = vramfit::embedded::catalog().unwrap();
    let mut computed = 0;
    for entry in catalog.entries() {
        let variant = entry.variant;
        let (Some(weights), Some(shown)) = (variant.weights, tags.size(&variant.tag)) else {
            continue;
        };
        match variant.weights_basis {
            WeightsBasis::Computed => {
                computed += 1;
                let file = weights + variant.projector;
                assert!(shown.shows(file), "{}: {file:?}", variant.tag);
            }
            WeightsBasis::Published => {
                assert_eq!(weights + variant.projector, shown.bytes, "{}", variant.tag);
            }
            _ => {}
        }
    }
    assert!(computed > 2000);
}

/// Of files whose size is known to the byte the tensors are, too, but for these: of them it is told by how much they may differ.
#[test]
fn exact_sizes_are_those_of_a_layout() {
    const UNACCOUNTED: [&str; 7] = [
        "bge-m3:567m",
        "llava-phi3:3.8b",
        "qwen3-vl:8b",
        "qwen3.5:27b",
        "qwen3.5:9b",
        "qwen3.6:35b",
        "snowflake-arctic-embed2:568m",
    ];
    let catalog = vramfit::embedded::catalog().unwrap();
    let (mut laid_out, mut others) = (0, Vec::new());
    for entry in catalog.entries() {
        let variant = entry.variant;
        let known = catalog.architecture(entry.model);
        let (Some(known), Some(name), Some(bytes)) =
            (known, &variant.quantization, variant.weights)
        else {
            continue;
        };
        if variant.weights_basis > WeightsBasis::Rounded {
            continue;
        }
        let size = FileSize {
            tensors: bytes - known.metadata,
            ..FileSize::default()
        };
        let file = of_size(&known.shape, name, size).unwrap();
        match file.misplaced == Bytes::ZERO {
            true => laid_out += 1,
            false => others.push(entry.tag),
        }
    }
    assert!(laid_out > 320, "{laid_out}");
    others.retain(|tag| !UNACCOUNTED.iter().any(|known| tag.starts_with(known)));
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn every_published_tag_is_understood_or_said_to_be_beyond_estimate() {
    use vramfit_core::catalog::library::{Elsewhere, Published};
    let text = include_str!("../../data/tags.txt");
    let tags = vramfit_core::catalog::tags::Tags::parse("tags.txt", text).unwrap();
    let catalog = vramfit::embedded::catalog().unwrap();
    let (mut found, mut elsewhere, mut unknown) = (0, 0, 0);
    for stem in &tags.stems {
        let own = stem.cloud || stem.size.is_some();
        let quantizations = stem
            .quantizations
            .iter()
            .map(|(suffix, _)| vramfit_core::catalog::library::quantized(&stem.name, suffix));
        for tag in own
            .then(|| stem.name.clone())
            .into_iter()
            .chain(quantizations)
        {
            if catalog.find(&tag).is_some() {
                found += 1;
                continue;
            }
            match catalog.published(&tag).unwrap() {
                Some(Published::File(entry)) => {
                    found += 1;
                    assert!(entry.variant.weights.is_some(), "{tag}");
                    assert_eq!(entry.tag.to_lowercase(), tag.to_lowercase());
                }
                Some(Published::Elsewhere(why)) => {
                    elsewhere += 1;
                    unknown += u32::from(why == Elsewhere::Unknown);
                }
                None => panic!("{tag}"),
            }
        }
    }
    assert!(
        found > 7100 && elsewhere < 150 && unknown < 10,
        "{found} {elsewhere} {unknown}"
    );
}

#[test]
fn quantizations_that_people_name_are_explained() {
    for (tag, answered) in [
        ("llama3.1:8b-instruct-q5_K_S", "llama3.1:8b-instruct-q5_K_S"),
        ("gemma2:9b-instruct-q5_1", "gemma2:9b-instruct-q5_1"),
        ("qwen2.5:72b-instruct-q5_0", "qwen2.5:72b-instruct-q5_0"),
        ("qwen3.6:27b-mtp-q4_K_M", "qwen3.6:27b-mtp-q4_K_M"),
        ("qwen3.6:35b-a3b-mtp-q4_K_M", "qwen3.6:35b-a3b-mtp-q4_K_M"),
        ("qwen3.8:27b-bf16", "qwen3.8:27b-bf16"),
        ("qwen3:30b-q8_0", "qwen3:30b-a3b-thinking-2507-q8_0"),
        ("mistral", "mistral:7b"),
    ] {
        let report = on("2026-12-01")
            .run(&format!("explain {tag} --gpu RTX3090 --json"))
            .json();
        assert_eq!(report["tag"], answered, "{tag}");
        assert_ne!(report["estimate"]["basis"], "file", "{tag}");
    }
}

#[test]
fn a_repository_is_estimated_as_the_model_that_it_is_named_after() {
    let tag = "hf.co/bartowski/Qwen2.5-7B-Instruct-GGUF:Q5_K_S";
    let report = on("2026-12-01")
        .run(&format!("explain {tag} --json"))
        .json();
    assert_eq!(report["tag"], tag);
    assert_eq!(report["estimate"]["basis"], "computed");
    let reasons = report["reasons"].as_array().unwrap();
    assert!(
        reasons.iter().any(|reason| reason["code"] == "named-after"),
        "{reasons:?}"
    );
    let unknown = on("2026-12-01").run("explain hf.co/somebody/Nothing-Known-GGUF");
    assert_eq!(unknown.exit, Exit::Failure);
    assert!(unknown.err.contains("catalog import"), "{}", unknown.err);
}

/// As publishers name them: with Meta's name before Llama's, the quantization in the repository's name, or from ModelScope. What was trained in
/// MXFP4 stays so in files of every name: gpt-oss:20b in "F16" is 13.8 GB, not 42.
#[test]
fn repositories_are_known_by_the_names_that_publishers_give_them() {
    for (tag, quantization) in [
        (
            "hf.co/bartowski/Meta-Llama-3.1-8B-Instruct-GGUF:Q6_K",
            "Q6_K",
        ),
        ("hf.co/google/gemma-3-27b-it-qat-q4_0-gguf", "Q4_0"),
        ("hf.co/TheBloke/Llama-2-13B-chat-GGUF", "Q4_K_M"),
        ("hf.co/unsloth/Qwen3.6-35B-A3B-MTP-GGUF", "Q4_K_M"),
        ("modelscope.cn/Qwen/Qwen2.5-7B-Instruct-GGUF:q8_0", "Q8_0"),
        ("hf.co/unsloth/gpt-oss-20b-GGUF:F16", "MXFP4"),
        ("hf.co/nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0", "Q8_0"),
    ] {
        let run = on("2026-12-01").run(&format!("explain {tag} --gpu 'RTX 4090' --json"));
        assert_ne!(run.exit, Exit::Failure, "{tag}: {}", run.err);
        let report = run.json();
        assert_eq!(report["tag"], tag);
        assert_eq!(report["model"]["quantization"], quantization, "{tag}");
        if tag.contains("gpt-oss") {
            assert_eq!(report["verdict"], "fits");
        }
    }
}

#[test]
fn a_tag_that_exists_and_cannot_be_estimated_says_so() {
    for (tag, words) in [
        ("gpt-oss:120b-cloud", "Ollama's own machines"),
        ("qwen3.6:27b-nvfp4", "MLX"),
        ("gemma4:31b-mlx", "MLX"),
    ] {
        let run = on("2026-12-01").run(&format!("explain {tag}"));
        assert_eq!(run.exit, Exit::Failure);
        assert!(
            run.err.contains("exists") && run.err.contains(words),
            "{}",
            run.err
        );
    }
}

#[test]
fn nothing_that_saves_memory_stands_in_for_an_unknown_shape() {
    use vramfit_core::engine::estimate_input::{Basis, estimate_input};
    let catalog = vramfit::embedded::catalog().unwrap();
    let mut similar = 0;
    for entry in catalog.entries() {
        let Some(subject) = estimate_input(&catalog, entry) else {
            continue;
        };
        if subject.basis != Basis::SimilarArchitecture {
            continue;
        }
        similar += 1;
        let shape = &subject.architecture;
        assert!(
            shape.experts.is_none() && shape.recurrent.is_none(),
            "{}",
            entry.tag
        );
        let file = entry.variant.weights.unwrap();
        let least = file - subject.weights.token_embd;
        // The tokenizer beside the tensors is a few megabytes.
        let gpu = subject.weights.on_gpu() + vramfit::units::Bytes(16 << 20);
        assert!(gpu >= least, "{}: {gpu} of {file}", entry.tag);
    }
    assert!(similar > 0);
}
