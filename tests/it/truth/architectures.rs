//! Every architecture of which the engine's own plan is known: caches exact and compute not short where the estimate claims to be exact, and
//! within the doubt where it does not. The whole set: `cargo run -p vramfit-core --example architectures -- HEADS ROWS`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use vramfit::architecture::Known;
use vramfit::engine::estimate::{Assignment, allocate};
use vramfit::engine::estimate_input::{Basis, EstimateInput};
use vramfit::engine::place::{Verdict, by_default};
use vramfit::engine::workload::{Build, CacheFault, FlashAttention, Workload};
use vramfit::gguf::{self, Header};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

use super::cards;
use super::rows::text_only;
use crate::support_gguf::{Gguf, flags, list, text, u32};

#[derive(Deserialize)]
pub(super) struct Model {
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

pub(super) fn models() -> BTreeMap<String, Model> {
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

pub(super) fn header(model: &Model) -> Header {
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
            let shape = text_only(&input.architecture, &input.weights);
            let allocation = allocate(shape, &workload, &Assignment::single(blocks));
            let gpu = &allocation.gpus[0];
            assert_eq!(gpu.kv_cache.0, cache, "{name} {row:?}");
            let short = Bytes(compute) - gpu.compute;
            let doubt = input.doubt(&allocation);
            if input.basis_of(&allocation).is_exact() && known == Known::Exact {
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

/// A file at hand, of which only the header is known.
pub(super) fn input(model: &Model) -> EstimateInput<'static> {
    let header = header(model);
    EstimateInput {
        architecture: std::borrow::Cow::Owned(header.architecture),
        weights: header.weights,
        projector: Bytes::ZERO,
        draft: 0,
        draft_model: None,
        basis: Basis::File,
        rounding: Bytes::ZERO,
    }
}

/// The same on GPUs of 80 and 40 GiB where blocks share caches and flash attention is off (b10361).
#[test]
fn caches_that_are_shared_without_flash_attention_are_doubted() {
    let input = input(&models()["gemma4-e4b"]);
    let workload = Workload {
        context_length: 16384,
        batch: Some(512),
        flash_attention: FlashAttention::Off,
        ..Workload::default()
    };
    let free = [Bytes::gib(80), Bytes::gib(40)];
    let assignment = Assignment::split(&input.architecture, &free);
    let allocation = allocate(input.shape(), &workload, &assignment);
    let theirs = [608_739_328, 1_396_711_936];
    let gpus = allocation.gpus.iter().zip(theirs);
    let short: Bytes = gpus
        .map(|(ours, theirs)| Bytes(theirs) - ours.compute)
        .sum();
    let doubt = input.doubt(&allocation);
    assert!(short <= doubt, "short by {short}, doubt {doubt}");
}

#[test]
fn what_several_gpus_take_beyond_the_rules_is_doubted() {
    let models = models();
    let mut seen = 0;
    for (name, context_length, batch, theirs) in ON_TWO {
        let Some(model) = models.get(name) else {
            continue;
        };
        seen += 1;
        let input = input(model);
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

/// A file, how its GPUs share, and the bytes of weights and cache on each.
type Divided = (&'static str, &'static [u64], &'static [[u64; 2]]);

/// Weights and cache of b10603 at 8192 tokens on GPUs that share as told, of files with blocks for multi-token prediction.
const WITH_PREDICTION: [Divided; 4] = [
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
        let shape = text_only(&header.architecture, &header.weights);
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

/// What b10603's own fitting (`common/fit.cpp`) makes of experts that GPUs have no room for, in batches of 512 at 8192 tokens: free MiB of
/// each GPU, what each then holds, and the weights left on the host, all in MiB.
const FITTED: [(&str, &[u64], &[u64], u64); 12] = [
    ("gpt-oss-20b", &[8000, 10000], &[6711, 8719], 6511),
    ("gpt-oss-20b", &[11900], &[10815], 10820),
    ("gpt-oss-20b", &[3900], &[2736], 18899),
    ("qwen3-30b-a3b", &[8000, 10000], &[6918, 8975], 1756),
    ("qwen3-30b-a3b", &[11900], &[10793], 6724),
    ("qwen3.6-35b-a3b", &[8000, 10000], &[6875, 8927], 3713),
    ("grok-1", &[8000, 10000], &[6582, 8900], 178_787),
    ("dbrx", &[8000, 10000], &[6567, 8750], 58317),
    ("glm4.7-flash", &[8000, 10000], &[6970, 8914], 1116),
    ("qwen3next-80b", &[8000, 10000], &[6933, 8796], 28761),
    ("qwen3next-80b", &[11900], &[10829], 33364),
    (
        "qwen3next-80b",
        &[24000, 12000, 8000],
        &[22861, 10923, 6806],
        3988,
    ),
];

#[test]
fn experts_fill_every_gpu_as_the_engine_fits_them() {
    let models = models();
    for (name, free, gpus, host) in FITTED {
        let header = header(&models[name]);
        let shape = text_only(&header.architecture, &header.weights);
        let workload = Workload {
            batch: Some(512),
            ..Workload::default()
        };
        let pool = cards(free);
        let placement = by_default(shape, &workload, &pool);
        assert_eq!(placement.verdict, Verdict::Offloads, "{name} {free:?}");
        let blocks = header.weights.blocks.iter();
        let matrix = blocks.map(|block| block.largest).max().expect("a block");
        let near = |ours: Bytes, theirs: u64| {
            let theirs = Bytes::mib(theirs);
            (ours - theirs).max(theirs - ours) <= matrix + theirs.scale(2, 100)
        };
        let ours = placement.allocation.host.weights;
        assert!(near(ours, host), "{name} {free:?}: {ours} on the host");
        for (share, theirs) in placement.shares.iter().zip(gpus) {
            assert!(
                near(share.total(), *theirs),
                "{name} {free:?}: {}",
                share.total()
            );
        }
    }
}

/// Compute on equal GPUs: name, build, context, batch, slots, and what each takes.
type Shared = (&'static str, &'static str, u32, u32, u32, &'static [u64]);

const ON_SEVERAL: [Shared; 11] = [
    (
        "llama3.1-8b",
        "b11413",
        8192,
        512,
        1,
        &[255_909_888, 213_950_976],
    ),
    (
        "qwen3-30b-a3b",
        "b11413",
        8192,
        512,
        1,
        &[176_218_112, 155_230_720],
    ),
    (
        "qwen3.5-9b",
        "b11413",
        8192,
        512,
        1,
        &[234_963_456, 193_004_544],
    ),
    (
        "gpt-oss-20b",
        "b11413",
        32768,
        2048,
        1,
        &[1_245_544_448, 1_127_514_624],
    ),
    (
        "lfm2-1.2b",
        "b11413",
        8192,
        512,
        1,
        &[146_874_880, 125_887_488],
    ),
    (
        "command-r-35b",
        "b11413",
        8192,
        512,
        1,
        &[440_459_264, 356_557_312],
    ),
    (
        "phi3-14b",
        "b11739",
        8192,
        512,
        1,
        &[311_484_416, 259_039_744],
    ),
    (
        "exaone4-32b",
        "b11739",
        8192,
        512,
        1,
        &[388_587_520, 294_199_808],
    ),
    (
        "gemma4-26b-a4b",
        "b11413",
        8192,
        512,
        1,
        &[213_221_376, 184_360_960, 184_361_472],
    ),
    (
        "gemma4-e4b",
        "b10603",
        8192,
        512,
        4,
        &[252_780_544, 186_720_256, 2_134_909_440],
    ),
    (
        "gemma4-e4b",
        "b10603",
        8192,
        512,
        1,
        &[252_780_544, 186_720_256, 675_291_648],
    ),
];

/// Newer builds give the first GPU two embeddings of the batch; blocks that share a cache copy it from where it lies.
#[test]
fn what_gpus_hand_to_each_other_is_counted() {
    let models = models();
    for (name, build, context_length, batch, parallel, theirs) in ON_SEVERAL {
        let header = header(&models[name]);
        let shape = text_only(&header.architecture, &header.weights);
        let workload = Workload {
            context_length,
            batch: Some(batch),
            parallel,
            build: match build {
                "b10603" => Build::B10488,
                "b11413" => Build::B11434,
                _ => Build::B11739,
            },
            ..Workload::default()
        };
        let free = vec![Bytes::gib(1024); theirs.len()];
        let assignment = Assignment::split(&header.architecture, &free);
        let allocation = allocate(shape, &workload, &assignment);
        for (gpu, theirs) in allocation.gpus.iter().zip(theirs) {
            let short = Bytes(*theirs) - gpu.compute;
            // What its rows of blocks take beside is doubted.
            let limit = match name {
                "gemma4-e4b" => Bytes::mib(96),
                _ => gpu.weights.scale(1, 500),
            };
            assert!(short <= limit, "{name} {build}: short by {short}");
            assert!(
                gpu.compute.0 < theirs * 7 / 5,
                "{name} {build}: {}, not {theirs}",
                gpu.compute.0
            );
        }
    }
}
