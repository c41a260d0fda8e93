//! Every architecture of which the engine's own plan is known: caches exact and compute not short where the estimate claims to be exact, and
//! within the doubt where it does not. The whole set: `cargo run -p vramfit-core --example architectures -- HEADS ROWS`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use vramfit::architecture::Known;
use vramfit::engine::estimate::{Assignment, Shape, allocate};
use vramfit::engine::estimate_input::{Basis, EstimateInput};
use vramfit::engine::workload::{Build, CacheFault, FlashAttention, Workload};
use vramfit::gguf::{self, Header};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

use crate::support_gguf::{Gguf, flags, list, text, u32};

#[derive(Deserialize)]
struct Model {
    keys: BTreeMap<String, Json>,
    /// Name, dimensions, type and the blocks that `*` stands for.
    tensors: Vec<String>,
    rows: Vec<Row>,
}

/// Build, context, cache, flash attention; the engine's cache and compute, or nothing where it makes no context.
#[derive(Debug, Deserialize)]
struct Row(String, u32, KvCacheType, String, Option<u64>, Option<u64>);

/// The same with the batch and the slots after the context.
type Setting = (
    String,
    u32,
    u32,
    u32,
    KvCacheType,
    String,
    Option<u64>,
    Option<u64>,
);

fn models() -> BTreeMap<String, Model> {
    serde_json::from_str(include_str!("../../fixtures/truth/architectures.json")).expect("models")
}

/// What the same engines plan for the same files with other batches, slots and types of cache.
fn settings() -> BTreeMap<String, Vec<Setting>> {
    serde_json::from_str(include_str!("../../fixtures/truth/settings.json")).expect("settings")
}

/// Every row, with its workload.
fn rows(model: Model, others: &[Setting]) -> Vec<(Row, Workload)> {
    let given = model.rows.into_iter().map(|row| {
        let workload = workload(&row);
        (row, workload)
    });
    let others = others.iter().cloned();
    let others = others.map(
        |(build, context, batch, parallel, kind, flash, cache, compute)| {
            let row = Row(build, context, kind, flash, cache, compute);
            let workload = Workload {
                batch: Some(batch),
                parallel,
                ..workload(&row)
            };
            (row, workload)
        },
    );
    given.chain(others).collect()
}

fn header(model: &Model) -> Header {
    let mut file = Gguf::new(3);
    for (key, value) in &model.keys {
        file = match value {
            Json::String(name) => file.key(key, text(name)),
            Json::Bool(flag) => file.key(key, u32(u32::from(*flag))),
            Json::Array(items) if items.iter().all(Json::is_boolean) => {
                let items: Vec<bool> = items.iter().filter_map(Json::as_bool).collect();
                file.key(key, flags(&items))
            }
            Json::Array(items) => {
                let items = items.iter().filter_map(Json::as_u64);
                file.key(key, list(&items.map(|n| n as u32).collect::<Vec<_>>()))
            }
            number => file.key(key, u32(number.as_u64().expect("a number") as u32)),
        };
    }
    for tensor in &model.tensors {
        let parts: Vec<&str> = tensor.split(' ').collect();
        let dimensions: Vec<u64> = parts[1]
            .split('x')
            .map(|n| n.parse().expect("size"))
            .collect();
        let kind = parts[2].parse().expect("a type");
        for block in parts.get(3).map_or(vec![0], |blocks| blocks_of(blocks)) {
            let name = parts[0].replace('*', &block.to_string());
            file = file.tensor(&name, &dimensions, kind);
        }
    }
    gguf::parse(&file.header()[..], file.length()).expect("a header")
}

/// `0-2,5`
fn blocks_of(text: &str) -> Vec<u32> {
    let ranges = text.split(',').flat_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        first.parse::<u32>().expect("a block")..=last.parse().expect("a block")
    });
    ranges.collect()
}

fn workload(row: &Row) -> Workload {
    Workload {
        context_length: row.1,
        kv_cache_type: row.2,
        batch: Some(512),
        flash_attention: match row.3.as_str() {
            "off" => FlashAttention::Off,
            _ => FlashAttention::Auto,
        },
        build: match row.0.as_str() {
            "b10603" => Build::B10488,
            _ => Build::B11739,
        },
        ..Workload::default()
    }
}

#[test]
fn every_architecture_keeps_what_its_basis_claims() {
    let (mut exact, mut approximate) = (0, 0);
    let settings = settings();
    for (name, model) in models() {
        let header = header(&model);
        let known = header.architecture.traits.known;
        let input = EstimateInput {
            architecture: std::borrow::Cow::Owned(header.architecture),
            weights: header.weights,
            projector: header.projector,
            draft: 0,
            draft_model: None,
            basis: Basis::File,
            rounding: Bytes::ZERO,
        };
        let blocks = input.architecture.block_count;
        for (row, workload) in rows(model, &settings[&name]) {
            let fault = workload.cache_fault(&input.architecture);
            let (Some(cache), Some(compute)) = (row.4, row.5) else {
                assert!(fault.is_some_and(CacheFault::refuses), "{name} {row:?}");
                continue;
            };
            assert!(!fault.is_some_and(CacheFault::refuses), "{name} {row:?}");
            let shape = Shape {
                architecture: &input.architecture,
                weights: &input.weights,
                projector: Bytes::ZERO,
                drafter: Default::default(),
            };
            let allocation = allocate(shape, &workload, &Assignment::single(blocks));
            let gpu = &allocation.gpus[0];
            assert_eq!(gpu.kv_cache.0, cache, "{name} {row:?}");
            let short = Bytes(compute) - gpu.compute;
            let doubt = input.doubt(&allocation);
            if known == Known::Exact {
                exact += 1;
                assert_eq!(doubt, Bytes::ZERO);
                let limit = gpu.weights.scale(1, 100);
                assert!(short <= limit, "{name} {row:?}: short by {short}");
            } else {
                approximate += 1;
                assert!(
                    short <= doubt,
                    "{name} {row:?}: short by {short}, doubt {doubt}"
                );
            }
        }
    }
    assert!(exact >= 1000 && approximate >= 120, "{exact} {approximate}");
}

/// The table of names may claim to be exact only where an engine's plan is compared here or in `rows`.
#[test]
fn exact_is_claimed_only_of_what_was_compared() {
    let table: toml::Table =
        toml::from_str(include_str!("../../../core/data/architectures.toml")).expect("the table");
    let facts: BTreeMap<String, Json> = serde_json::from_str(include_str!(
        "../../fixtures/truth/engine-memory-models.json"
    ))
    .expect("models");
    let compared = |name: &str| {
        let by_file = models()
            .values()
            .any(|model| model.keys["general.architecture"] == name);
        by_file || facts.values().any(|one| one["hparams"]["arch"] == name)
    };
    let mut claimed = 0;
    for row in table["architecture"].as_array().expect("rows") {
        if row["known"].as_str() != Some("exact") {
            continue;
        }
        claimed += 1;
        // Ollama's own name of gpt-oss.
        let name = row["name"]
            .as_str()
            .expect("a name")
            .replace("gptoss", "gpt-oss");
        assert!(compared(&name), "{name}");
    }
    assert!(claimed >= 40, "{claimed}");
}

#[test]
fn experts_stand_only_in_the_blocks_that_have_them() {
    let catalog = vramfit::embedded::catalog().expect("the catalog");
    for (name, quantization, published) in [
        (
            "nvidia-nemotron-3.5-lightning-30b-a3b-nvfp4",
            "Q8_0",
            31.58e9 * 1.0625,
        ),
        (
            "nvidia-nemotron-3-super-120b-a12b-bf16",
            "Q8_0",
            120.6e9 * 1.0625,
        ),
    ] {
        let known = catalog.architectures.iter().find(|one| one.name == name);
        let shape = &known.expect("a shape").shape;
        let laid = vramfit::engine::layout::weights(shape, quantization).expect("a layout");
        let ratio = laid.in_file().0 as f64 / published;
        assert!((0.97..1.03).contains(&ratio), "{name}: {ratio}");
    }
}

/// Compute of b10603 on two equal GPUs: name, context, batch, and what each takes.
const ON_TWO: [(&str, u32, u32, [u64; 2]); 16] = [
    ("mamba-2.8b", 8192, 512, [126_280_192, 189_113_344]),
    ("mamba-2.8b", 32768, 2048, [503_767_552, 755_344_384]),
    ("nemotron-nano-9b-v2", 8192, 512, [295_764_480, 433_978_368]),
    (
        "nemotron-nano-9b-v2",
        32768,
        2048,
        [1_616_429_568, 2_153_856_000],
    ),
    ("rwkv7-2.9b", 8192, 512, [2_276_938_240, 2_077_729_792]),
    ("rwkv7-2.9b", 32768, 2048, [9_103_757_824, 8_306_861_056]),
    ("minimax-m3", 8192, 512, [386_768_896, 2_335_175_168]),
    ("minimax-m3", 32768, 2048, [3_707_846_656, 34_304_840_192]),
    ("plamo2-8b", 8192, 512, [880_845_312, 763_405_312]),
    ("plamo2-8b", 32768, 2048, [3_699_540_480, 3_280_110_592]),
    ("gemma4-e4b", 8192, 512, [252_780_544, 199_303_680]),
    ("gemma4-e4b", 32768, 2048, [1_438_941_184, 1_225_032_192]),
    ("cogvlm", 8192, 512, [172_007_424, 380_149_760]),
    ("cogvlm", 32768, 2048, [1_090_682_880, 1_923_252_224]),
    ("deepseek-v2-lite", 8192, 512, [139_485_184, 156_262_912]),
    (
        "deepseek-v2-lite",
        32768,
        2048,
        [960_593_920, 1_027_703_296],
    ),
];

#[test]
fn what_several_gpus_take_beyond_the_rules_is_doubted() {
    let models = models();
    let mut seen = 0;
    for (name, context_length, batch, theirs) in ON_TWO {
        let Some(model) = models.get(name) else {
            continue;
        };
        seen += 1;
        let header = header(model);
        let input = EstimateInput {
            architecture: std::borrow::Cow::Owned(header.architecture),
            weights: header.weights,
            projector: Bytes::ZERO,
            draft: 0,
            draft_model: None,
            basis: Basis::File,
            rounding: Bytes::ZERO,
        };
        let workload = Workload {
            context_length,
            batch: Some(batch),
            ..Workload::default()
        };
        let assignment = Assignment::split(&input.architecture, &[Bytes::gib(1024); 2]);
        let allocation = allocate(input.shape(), &workload, &assignment);
        let doubt = input.doubt(&allocation);
        let short: Bytes = allocation
            .gpus
            .iter()
            .zip(theirs)
            .map(|(ours, theirs)| Bytes(theirs) - ours.compute)
            .sum();
        assert!(
            short <= doubt,
            "{name} {batch}: short by {short}, doubt {doubt}"
        );
    }
    assert!(seen >= 10, "only {seen}");
}

/// Weights and cache of b10603 at 8192 tokens on GPUs that share as told, of files with blocks for multi-token prediction.
const WITH_PREDICTION: [(&str, &[u64], &[[u64; 2]]); 4] = [
    (
        "step3.5-flash",
        &[1, 1],
        &[[67_393_881_728, 310_378_496], [64_060_547_456, 230_686_720]],
    ),
    (
        "step3.5-flash",
        &[24, 12, 24],
        &[
            [53_926_474_240, 230_686_720],
            [26_953_763_072, 130_023_424],
            [50_574_191_872, 180_355_072],
        ],
    ),
    (
        "deepseek-v3.2",
        &[24, 12],
        &[
            [254_180_136_960, 484_442_112],
            [124_094_163_456, 219_152_384],
        ],
    ),
    (
        "deepseek-v3.2",
        &[1, 1, 1],
        &[
            [117_863_646_720, 242_221_056],
            [136_316_490_240, 242_221_056],
            [124_094_163_456, 219_152_384],
        ],
    ),
];

/// The engine divides all layers of the file among GPUs, those that it does not load among them.
#[test]
fn blocks_for_prediction_count_where_layers_are_divided() {
    let models = models();
    for (name, shares, theirs) in WITH_PREDICTION {
        let header = header(&models[name]);
        assert!(header.architecture.prediction_layers > 0, "{name}");
        let shape = Shape {
            architecture: &header.architecture,
            weights: &header.weights,
            projector: Bytes::ZERO,
            drafter: Default::default(),
        };
        let workload = Workload {
            batch: Some(512),
            ..Workload::default()
        };
        let free: Vec<Bytes> = shares.iter().map(|share| Bytes::gib(100 * share)).collect();
        let assignment = Assignment::split(&header.architecture, &free);
        let allocation = allocate(shape, &workload, &assignment);
        for (gpu, [weights, cache]) in allocation.gpus.iter().zip(theirs) {
            assert!(
                gpu.weights.0.abs_diff(*weights) < weights / 10_000,
                "{name} {shares:?}: {}, not {weights}",
                gpu.weights.0
            );
            assert_eq!(gpu.kv_cache.0, *cache, "{name} {shares:?}");
        }
    }
}
