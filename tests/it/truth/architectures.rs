//! Every architecture of which the engine's own plan is known: caches exact and compute not short where the estimate claims to be exact, and
//! within the doubt where it does not. The whole set: `cargo run -p vramfit-core --example architectures -- HEADS ROWS`.

mod divided;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use vramfit::architecture::Known;
use vramfit::engine::estimate::{Assignment, allocate};
use vramfit::engine::estimate_input::{Basis, EstimateInput};
use vramfit::engine::workload::{Build, CacheFault, FlashAttention, Workload};
use vramfit::gguf::{self, Header};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

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
            largest_row: None,
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

/// A file at hand, of which only the header is known.
pub(super) fn input(model: &Model) -> EstimateInput<'static> {
    let header = header(model);
    let basis = Basis::of_file(&header.architecture, Basis::File);
    EstimateInput {
        architecture: std::borrow::Cow::Owned(header.architecture),
        weights: header.weights,
        projector: Bytes::ZERO,
        draft: 0,
        draft_model: None,
        basis,
        rounding: Bytes::ZERO,
        largest_row: None,
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
