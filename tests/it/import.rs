//! `vramfit catalog import`: what is imported is known as well as what was there.

#![allow(clippy::unwrap_used)]

mod config;

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

/// Whoever has a file has no entry of a catalog, and need not write one to plan with it.
#[test]
fn a_file_is_planned_and_compared_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Home-8B.Q4_K_M.gguf");
    eight_billion().write(&file);
    let on_card = |command: &str| {
        let run = run(&format!("{command} --gpu 'RTX 3090' --json"));
        assert!(run.err.is_empty(), "{command}: {}", run.err);
        run.json()
    };
    let named = file.display();
    let total = |report: &Value| report["estimate"]["total"].as_u64().unwrap();
    let explained = total(&on_card(&format!("explain '{named}' --context 8k")));
    let plan = on_card(&format!("plan '{named}*2@8k' qwen3:4b '{named}'"));
    let services = plan["services"].as_array().unwrap();
    let tags: Vec<&Value> = services.iter().map(|service| &service["tag"]).collect();
    let own = "home-8b.q4_k_m.gguf";
    assert_eq!(tags, [own, own, "qwen3:4b", own]);
    let planned = total(&services[0]);
    assert!(
        planned.abs_diff(explained) <= explained / 1000,
        "{planned} {explained}"
    );
    let upgraded = on_card(&format!("upgrade '{named}*8@32k' --card 'RTX 3090'"));
    assert_eq!(upgraded["schema"], "vramfit.upgrade/1", "{upgraded}");
    let compared = on_card(&format!("compare '{named}' qwen3:4b"));
    assert_eq!(compared["models"][0]["tag"], own);
    // What is no model is said to be none, and no file is as before.
    let text = folder.path().join("text.gguf");
    std::fs::write(&text, "no model").unwrap();
    let refused = run(&format!("plan '{}' --gpu 'RTX 3090'", text.display()));
    assert!(
        refused.err.contains("Not a usable GGUF file"),
        "{}",
        refused.err
    );
    let absent = run("plan nowhere.gguf --gpu 'RTX 3090'");
    assert!(
        absent.err.contains("No model has the tag"),
        "{}",
        absent.err
    );
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
