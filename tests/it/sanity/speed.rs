//! Tokens a second.

use vramfit::embedded;

use super::{decode, json};
use crate::support::Machine;

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
fn a_cache_that_the_cpu_attends_to_slows_it() {
    let decode = |cache: &str| {
        let model = format!("explain deepseek-v2:16b --gpu 'RTX 3090' --kv-cache-type {cache}");
        json(&model)["speed"]["decode"][1].as_f64().expect("a rate")
    };
    assert!(decode("q8_0") < 0.8 * decode("f16"));
}
