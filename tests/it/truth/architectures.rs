//! Every architecture of which the engine's own plan is known: caches exact and compute not short where the estimate claims to be exact, and
//! within the doubt where it does not. The whole set: `cargo run -p vramfit-core --example architectures -- HEADS ROWS`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use vramfit::architecture::Known;
use vramfit::engine::estimate::{Assignment, Shape, allocate};
use vramfit::engine::subject::{Basis, Subject};
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

fn models() -> BTreeMap<String, Model> {
    serde_json::from_str(include_str!("../../fixtures/truth/architectures.json")).expect("models")
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
    for (name, model) in models() {
        let header = header(&model);
        let known = header.architecture.traits.known;
        let subject = Subject {
            architecture: std::borrow::Cow::Owned(header.architecture),
            weights: header.weights,
            projector: header.projector,
            basis: Basis::File,
            rounding: Bytes::ZERO,
        };
        let blocks = subject.architecture.block_count;
        for row in &model.rows {
            let workload = workload(row);
            let fault = workload.cache_fault(&subject.architecture);
            let (Some(cache), Some(compute)) = (row.4, row.5) else {
                assert!(fault.is_some_and(CacheFault::refuses), "{name} {row:?}");
                continue;
            };
            assert!(!fault.is_some_and(CacheFault::refuses), "{name} {row:?}");
            let shape = Shape {
                architecture: &subject.architecture,
                weights: &subject.weights,
                projector: Bytes::ZERO,
            };
            let allocation = allocate(shape, &workload, &Assignment::single(blocks));
            let gpu = &allocation.gpus[0];
            assert_eq!(gpu.kv_cache.0, cache, "{name} {row:?}");
            let short = Bytes(compute) - gpu.compute;
            let doubt = subject.doubt(&allocation);
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
    assert!(exact >= 300 && approximate >= 30, "{exact} {approximate}");
}
