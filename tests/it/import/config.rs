//! Configurations of Hugging Face.

use std::path::Path;

use serde_json::{Value, json};
use vramfit::app::Exit;

use super::{on_card, run};
use crate::support::{Machine, Run};
use crate::support_gguf::Gguf;

fn config(folder: &Path, config: &Value) -> Run {
    let path = folder.join("config.json");
    std::fs::write(&path, config.to_string()).unwrap();
    run(&format!("catalog import '{}' --json", path.display()))
}

fn entry(run: &Run) -> toml::Table {
    let text = run.json()["toml"].as_str().unwrap().to_owned();
    text.parse().unwrap()
}

#[test]
fn a_configuration_gives_the_shape_that_the_catalog_has() {
    // Published configurations of models that the catalog knows from published files.
    let qwen = json!({
        "_name_or_path": "Qwen/Qwen3-30B-A3B",
        "model_type": "qwen3_moe", "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 32,
        "num_key_value_heads": 4, "head_dim": 128, "intermediate_size": 6144, "moe_intermediate_size": 768,
        "num_experts": 128, "num_experts_per_tok": 8, "decoder_sparse_step": 1, "vocab_size": 151_936,
        "max_position_embeddings": 262_144, "sliding_window": null, "use_sliding_window": false,
        "tie_word_embeddings": false,
    });
    let gemma = json!({
        "model_type": "gemma3", "vision_config": { "model_type": "siglip_vision_model", "hidden_size": 1152 },
        "text_config": {
            "model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34,
            "sliding_window": 1024,
        },
    });
    let deepseek = json!({
        "model_type": "deepseek_v3", "hidden_size": 7168, "num_hidden_layers": 61, "num_attention_heads": 128,
        "num_key_value_heads": 128, "intermediate_size": 18432, "moe_intermediate_size": 2048,
        "n_routed_experts": 256, "num_experts_per_tok": 8, "n_shared_experts": 1, "first_k_dense_replace": 3,
        "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128,
        "vocab_size": 129_280, "max_position_embeddings": 163_840,
    });
    let mut types = ["sliding_attention", "full_attention"].repeat(12);
    types.truncate(24);
    let oss = json!({
        "model_type": "gpt_oss", "hidden_size": 2880, "num_hidden_layers": 24, "num_attention_heads": 64,
        "num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 2880, "num_local_experts": 32,
        "num_experts_per_tok": 4, "sliding_window": 128, "layer_types": types, "vocab_size": 201_088,
        "max_position_embeddings": 131_072, "tie_word_embeddings": false,
    });
    for (written, known, share) in [
        (qwen, "qwen3:30b", 1000),
        (gemma, "gemma3:4b", 20),
        (deepseek, "deepseek-r1:671b", 100),
        (oss, "gpt-oss:20b", 20),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("Same-Model");
        std::fs::create_dir(&home).unwrap();
        let run = config(&home, &written);
        assert_eq!(run.exit, Exit::Yes, "{known}: {}", run.err);
        let tag = run.json()["tag"].as_str().unwrap().to_owned();
        let out = folder.path().join("mine.toml");
        std::fs::write(&out, run.json()["toml"].as_str().unwrap()).unwrap();
        let bytes = |tag: &str, part: &str| {
            let command = format!(
                "explain {tag} --vram 999 --json --catalog '{}'",
                out.display()
            );
            let run = Machine::new().run(&command);
            run.json()["estimate"][part]
                .as_u64()
                .unwrap_or_else(|| panic!("{command}"))
        };
        if known != "deepseek-r1:671b" {
            // Its published file has no keys of a latent cache.
            assert_eq!(bytes(&tag, "kv_cache"), bytes(known, "kv_cache"), "{known}");
        }
        let (one, other) = (bytes(&tag, "weights"), bytes(known, "weights"));
        assert!(
            one.abs_diff(other) <= other / share,
            "{known}: {one} {other}"
        );
    }
}

#[test]
fn a_configuration_is_named_after_the_hub_and_says_what_it_rests_on() {
    let folder = tempfile::tempdir().unwrap();
    let mistral = json!({
        "_name_or_path": "maker/Wind-7B-v2", "model_type": "mistral", "hidden_size": 4096, "num_hidden_layers": 32,
        "num_attention_heads": 32, "intermediate_size": 14336, "vocab_size": 32768, "max_position_embeddings": 32768,
        "sliding_window": 4096,
    });
    let run = config(folder.path(), &mistral);
    let entry = entry(&run);
    let model = &entry["model"][0];
    assert_eq!(model["name"].as_str(), Some("wind-7b-v2"));
    assert_eq!(model["base_model"].as_str(), Some("maker/Wind-7B-v2"));
    // llama.cpp ignores the window.
    assert!(entry["architecture"][0].get("sliding_window").is_none());
    let parameters = model["parameters"].as_integer().unwrap();
    assert!(
        (7_200_000_000..7_300_000_000).contains(&parameters),
        "{parameters}"
    );
    let tags: Vec<&str> = model["variant"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["tag"].as_str().unwrap())
        .collect();
    assert_eq!(tags, ["wind-7b-v2", "wind-7b-v2:q8_0", "wind-7b-v2:fp16"]);
    let out = folder.path().join("mine.toml");
    std::fs::write(&out, run.json()["toml"].as_str().unwrap()).unwrap();
    let explained = on_card("explain wind-7b-v2", &out);
    assert_eq!(explained["estimate"]["basis"], "computed");
    let all = on_card("recommend --limit 500", &out);
    let all = all["recommendations"].as_array().unwrap();
    let is_of_it = |one: &Value| one["tag"].as_str().is_some_and(|tag| tags.contains(&tag));
    assert!(all.iter().any(is_of_it));
}

#[test]
fn what_cannot_be_imported_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let known = json!({ "model_type": "llama", "hidden_size": 64 });
    for (written, code) in [
        (json!({ "model_type": "rwkv9" }), "unknown-model-type"),
        (json!({ "hidden_size": 64 }), "unrecognised"),
        (json!([1, 2]), "unrecognised"),
        (known, "missing-key"),
        (
            json!({
                "model_type": "llama", "hidden_size": 64, "num_hidden_layers": 4_000_000, "num_attention_heads": 4,
                "intermediate_size": 128, "vocab_size": 100, "max_position_embeddings": 100,
            }),
            "catalog-defects",
        ),
    ] {
        let run = config(folder.path(), &written);
        assert_eq!(run.exit, Exit::Failure);
        let error: Value = serde_json::from_str(&run.err).unwrap();
        assert_eq!(error["code"], code, "{written}: {error}");
    }
    let unknown = config(folder.path(), &json!({ "model_type": "qwen3_mow" }));
    let error: Value = serde_json::from_str(&unknown.err).unwrap();
    assert_eq!(error["candidates"][0], "qwen3_moe");
    assert!(error["message"].as_str().unwrap().contains("gpt_oss"));

    let file = folder.path().join("m.gguf");
    Gguf::llama().write(&file);
    for (command, code) in [
        ("--tag 'a b'", "bad-tag"),
        ("--tag llama3:8b-instruct-q8_0", "taken-tag"),
    ] {
        let run = run(&format!(
            "catalog import '{}' {command} --json",
            file.display()
        ));
        let error: Value = serde_json::from_str(&run.err).unwrap();
        assert_eq!(error["code"], code, "{error}");
    }
    let broken = folder.path().join("broken.gguf");
    std::fs::write(&broken, "GGUF").unwrap();
    for lang in ["en", "zh"] {
        let run = run(&format!(
            "catalog import '{}' --lang {lang}",
            broken.display()
        ));
        assert_eq!(run.exit, Exit::Failure);
        assert!(run.err.contains("broken.gguf"), "{}", run.err);
    }
}
