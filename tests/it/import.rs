//! `vramfit catalog import`: what is imported is known as well as what was there.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::{Value, json};
use vramfit::app::Exit;

use crate::support::{Machine, Run};
use crate::support_gguf::{Gguf, flags, text, u32};

const Q4_K: u32 = 12;
const Q6_K: u32 = 14;
const F32: u32 = 0;
const F16: u32 = 1;

fn run(command: &str) -> Run {
    Machine::new().run(command)
}

/// An answer on a card of 24 GiB.
fn on_card(command: &str, catalog: &Path) -> Value {
    let command = format!(
        "{command} --gpu 'RTX 3090' --json --catalog '{}'",
        catalog.display()
    );
    let run = run(&command);
    assert!(run.err.is_empty(), "{command}: {}", run.err);
    run.json()
}

/// A dense model of 8 * 10^9 parameters as llama.cpp quantises it.
fn eight_billion() -> Gguf {
    let (d, kv, ff, blocks) = (4096, 1024, 14_336, 32);
    let key = |name: &str| format!("llama.{name}");
    let mut file = Gguf::new(3)
        .key("general.architecture", text("llama"))
        .key("general.name", text("Home 8B"))
        .key("general.file_type", u32(15))
        .key("tokenizer.chat_template", text("{% if tools %}"))
        .key(&key("block_count"), u32(blocks))
        .key(&key("context_length"), u32(32_768))
        .key(&key("embedding_length"), u32(d))
        .key(&key("feed_forward_length"), u32(ff))
        .key(&key("attention.head_count"), u32(32))
        .key(&key("attention.head_count_kv"), u32(8));
    let [d, kv, ff] = [d, kv, ff].map(u64::from);
    file = file
        .tensor("token_embd.weight", &[d, 128_256], Q4_K)
        .tensor("output.weight", &[d, 128_256], Q6_K)
        .tensor("output_norm.weight", &[d], F32);
    for layer in 0..blocks {
        let more = !(4..28).contains(&layer) || (layer - 4) % 3 == 2;
        let mixed = if more { Q6_K } else { Q4_K };
        let name = |tensor: &str| format!("blk.{layer}.{tensor}.weight");
        file = file
            .tensor(&name("attn_q"), &[d, d], Q4_K)
            .tensor(&name("attn_k"), &[d, kv], Q4_K)
            .tensor(&name("attn_v"), &[d, kv], mixed)
            .tensor(&name("attn_output"), &[d, d], Q4_K)
            .tensor(&name("ffn_gate"), &[d, ff], Q4_K)
            .tensor(&name("ffn_up"), &[d, ff], Q4_K)
            .tensor(&name("ffn_down"), &[ff, d], mixed)
            .tensor(&name("attn_norm"), &[d], F32)
            .tensor(&name("ffn_norm"), &[d], F32);
    }
    file
}

#[test]
fn an_imported_file_is_explained_as_the_file_itself_and_recommended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Home-8B.Q4_K_M.gguf");
    let out = folder.path().join("mine.toml");
    eight_billion().write(&file);
    let done = run(&format!(
        "catalog import '{}' --tag home:8b --out '{}'",
        file.display(),
        out.display()
    ));
    assert_eq!(done.exit, Exit::Yes, "{}", done.err);
    assert!(done.out.contains("mine.toml"), "{}", done.out);

    let imported = on_card("explain home:8b", &out);
    let direct = on_card(&format!("explain '{}'", file.display()), &out);
    assert_eq!(imported["estimate"]["basis"], "architecture");
    assert_eq!(direct["estimate"]["basis"], "file");
    for part in ["weights", "kv_cache", "compute", "total"] {
        let bytes = |report: &Value| report["estimate"][part].as_u64().unwrap();
        let (one, other) = (bytes(&imported), bytes(&direct));
        assert!(
            one.abs_diff(other) <= other / 1000,
            "{part}: {one} imported, {other} of the file"
        );
    }
    assert_eq!(imported["model"]["license"], Value::Null);
    assert_eq!(
        imported["model"]["capabilities"],
        json!(["completion", "tools"])
    );

    let all = on_card("recommend --limit 500", &out);
    let all = all["recommendations"].as_array().unwrap();
    let mine = all.iter().find(|one| one["tag"] == "home:8b").unwrap();
    // There is nothing to pull: it is here.
    assert_eq!(mine["commands"], json!(["ollama run home:8b"]));
    let emitted = run(&format!(
        "plan home:8b --gpu 'RTX 3090' --emit shell --catalog '{}' --json",
        out.display()
    ));
    assert_eq!(emitted.exit, Exit::Failure, "{}", emitted.out);

    let check = run(&format!("catalog check '{}'", out.display()));
    assert_eq!(check.exit, Exit::Yes, "{}", check.out);
}

#[test]
fn every_kind_of_block_comes_through() {
    let folder = tempfile::tempdir().unwrap();
    let plain = |name: &str| {
        Gguf::new(3)
            .model(name, 8)
            .key("general.file_type", u32(1))
            .key(&format!("{name}.attention.head_count_kv"), u32(2))
    };
    let number = |file: Gguf, name: &str, keys: &[(&str, u32)]| {
        keys.iter().fold(file, |file, (key, value)| {
            file.key(&format!("{name}.{key}"), u32(*value))
        })
    };
    let sliding = number(
        plain("gemma3"),
        "gemma3",
        &[("attention.sliding_window", 64)],
    );
    let listed = number(
        plain("gemma3").key(
            "gemma3.attention.sliding_window_pattern",
            flags(&[true, false, true, true, false, true, true, false]),
        ),
        "gemma3",
        &[("attention.sliding_window", 64)],
    );
    let latent = number(
        plain("deepseek2"),
        "deepseek2",
        &[
            ("attention.kv_lora_rank", 32),
            ("attention.q_lora_rank", 48),
            ("attention.key_length", 40),
            ("attention.value_length", 32),
            ("attention.key_length_mla", 24),
            ("attention.value_length_mla", 16),
            ("rope.dimension_count", 8),
            ("expert_count", 8),
            ("expert_used_count", 2),
            ("expert_feed_forward_length", 32),
            ("expert_shared_count", 1),
            ("leading_dense_block_count", 1),
        ],
    );
    let hybrid = number(
        plain("qwen3next"),
        "qwen3next",
        &[
            ("full_attention_interval", 4),
            ("ssm.conv_kernel", 4),
            ("ssm.inner_size", 64),
            ("ssm.state_size", 16),
            ("ssm.time_step_rank", 4),
            ("ssm.group_count", 2),
        ],
    );
    for (name, file) in [
        ("dense", plain("llama")),
        ("sliding", sliding),
        ("listed", listed),
        ("latent", latent),
        ("hybrid", hybrid),
    ] {
        let path = folder.path().join(format!("{name}.gguf"));
        let out = folder.path().join(format!("{name}.toml"));
        let mut file = file.tensor("token_embd.weight", &[64, 100], F16);
        for layer in 0..8 {
            let name = format!("blk.{layer}.ffn_up.weight");
            // Heavy enough for a header of a few kilobytes.
            file = file.tensor(&name, &[64, 4096], F16);
        }
        file.write(&path);
        let done = run(&format!(
            "catalog import '{}' --out '{}'",
            path.display(),
            out.display()
        ));
        assert_eq!(done.exit, Exit::Yes, "{name}: {}", done.err);
        for context in [512, 2048] {
            let explain = |tag: &str| {
                on_card(&format!("explain '{tag}' --context {context}"), &out)["estimate"].clone()
            };
            let (imported, direct) = (explain(name), explain(&path.display().to_string()));
            for part in ["kv_cache", "recurrent"] {
                assert_eq!(imported[part], direct[part], "{name} {context} {part}");
            }
        }
        let shown = |tag: &str| on_card(&format!("explain '{tag}'"), &out)["architecture"].clone();
        assert_eq!(shown(name), shown(&path.display().to_string()), "{name}");
    }
}

#[test]
fn a_model_without_attention_comes_through() {
    let folder = tempfile::tempdir().unwrap();
    let numbers = [
        ("block_count", 2),
        ("context_length", 2048),
        ("embedding_length", 64),
        ("feed_forward_length", 0),
        ("attention.head_count", 0),
        ("ssm.conv_kernel", 4),
        ("ssm.inner_size", 128),
        ("ssm.state_size", 16),
        ("ssm.time_step_rank", 4),
    ];
    let file = Gguf::new(3).key("general.architecture", text("mamba"));
    let file = numbers.iter().fold(file, |file, (key, value)| {
        file.key(&format!("mamba.{key}"), u32(*value))
    });
    let (path, out) = (
        folder.path().join("state.gguf"),
        folder.path().join("state.toml"),
    );
    file.tensor("token_embd.weight", &[64, 10_000], F16)
        .tensor("blk.0.ssm_in.weight", &[64, 256], F16)
        .write(&path);
    let done = run(&format!(
        "catalog import '{}' --out '{}'",
        path.display(),
        out.display()
    ));
    assert_eq!(done.exit, Exit::Yes, "{}", done.err);
    let recurrent =
        |tag: &str| on_card(&format!("explain '{tag}'"), &out)["estimate"]["recurrent"].clone();
    assert!(recurrent("state").as_u64().unwrap() > 0);
    assert_eq!(recurrent("state"), recurrent(&path.display().to_string()));
}

/// A store with one model, and the path of its manifest.
fn store(root: &Path, model: &Gguf) -> std::path::PathBuf {
    let digest = "ab".repeat(32);
    let manifests = root.join("manifests/registry.ollama.ai/library/home");
    std::fs::create_dir_all(&manifests).unwrap();
    std::fs::create_dir_all(root.join("blobs")).unwrap();
    model.write(&root.join(format!("blobs/sha256-{digest}")));
    let layer = |kind: &str, digest: &str, size: u64| {
        json!({
            "mediaType": format!("application/vnd.ollama.image.{kind}"),
            "digest": format!("sha256:{digest}"),
            "size": size,
        })
    };
    let manifest = json!({
        "schemaVersion": 2,
        "layers": [
            layer("model", &digest, model.length()),
            layer("projector", &"cd".repeat(32), 600_000_000),
        ],
    });
    let path = manifests.join("8b");
    std::fs::write(&path, manifest.to_string()).unwrap();
    path
}

#[test]
fn a_model_of_ollamas_store_is_found_by_tag_and_by_manifest() {
    let root = tempfile::tempdir().unwrap();
    let manifest = store(root.path(), &eight_billion());
    let machine = Machine::new().with("OLLAMA_MODELS", &root.path().display().to_string());
    let by_tag = machine.run("catalog import home:8b");
    assert_eq!(by_tag.exit, Exit::Yes, "{}", by_tag.err);
    let by_file = run(&format!("catalog import '{}'", manifest.display()));
    assert_eq!(by_tag.out, by_file.out, "{}", by_file.err);
    assert!(
        by_tag.out.contains("projector = 600000000"),
        "{}",
        by_tag.out
    );
    assert!(by_tag.out.contains("\"vision\""), "{}", by_tag.out);
    let place = root.path().display().to_string();
    assert!(!by_tag.out.contains(&place), "{}", by_tag.out);

    let out = root.path().join("mine.toml");
    std::fs::write(&out, by_tag.out).unwrap();
    let explained = on_card("explain home:8b", &out);
    assert_eq!(explained["estimate"]["projector"], 600_000_000);

    let missing = machine.run("catalog import home:70b --json");
    assert_eq!(missing.exit, Exit::Failure);
    // Weights that were not downloaded.
    std::fs::write(&manifest, "{\"layers\": []}").unwrap();
    let cloud = run(&format!("catalog import '{}' --json", manifest.display()));
    assert!(cloud.err.contains("\"no-weights\""), "{}", cloud.err);
}

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

#[test]
fn nothing_is_overwritten_unless_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("m.gguf"), folder.path().join("m.toml"));
    eight_billion().write(&file);
    std::fs::write(&out, "mine").unwrap();
    let import = |more: &str| {
        run(&format!(
            "catalog import '{}' --out '{}' {more}",
            file.display(),
            out.display()
        ))
    };
    assert_eq!(import("").exit, Exit::Failure);
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
    assert_eq!(import("--force").exit, Exit::Yes);
    assert!(std::fs::read_to_string(&out).unwrap().contains("[[model]]"));
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 2, "nothing beside the two files");
}
