//! Compares the estimator with the engine's own plans of whole files: `cargo run -p vramfit-core --example architectures -- HEADS ROWS`, where
//! HEADS holds the GGUF headers and ROWS is `engine-architectures.jsonl`. A third argument names files whose rows are printed one by one.
#![allow(clippy::print_stdout, clippy::expect_used, missing_docs)] // A program for people who work on the estimator.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use vramfit_core::engine::estimate::{Assignment, Shape, allocate};
use vramfit_core::engine::workload::{Build, FlashAttention, Workload};
use vramfit_core::gguf;
use vramfit_core::quantization::KvCacheType;

#[derive(Deserialize)]
struct Buffers {
    model: u64,
    context: u64,
    compute: u64,
}

#[derive(Deserialize)]
struct Row {
    file: String,
    architecture: String,
    build: String,
    context_length: u32,
    ubatch: u32,
    parallel: u32,
    kv_cache_type: KvCacheType,
    flash_attention: String,
    buffers: Option<BTreeMap<String, Buffers>>,
}

const MIB: f64 = 1048576.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let heads = arguments
        .next()
        .ok_or("usage: architectures HEADS ROWS [FILE]")?;
    let rows = arguments
        .next()
        .ok_or("usage: architectures HEADS ROWS [FILE]")?;
    let filter = arguments.next();
    for line in std::fs::read_to_string(rows)?.lines() {
        let row: Row = serde_json::from_str(line)?;
        if filter
            .as_ref()
            .is_some_and(|filter| !row.file.contains(filter))
        {
            continue;
        }
        let label = format!(
            "{:20} {:15} {} {:5} {:4} {:4}",
            row.file,
            row.architecture,
            row.build,
            row.context_length,
            row.kv_cache_type.label(),
            row.flash_attention
        );
        let header = match gguf::read(&Path::new(&heads).join(format!("{}.gguf", row.file))) {
            Ok(header) => header,
            Err(error) => {
                println!("{label} UNREAD {error:?}");
                continue;
            }
        };
        let workload = Workload {
            context_length: row.context_length,
            parallel: row.parallel,
            kv_cache_type: row.kv_cache_type,
            batch: Some(row.ubatch),
            flash_attention: if row.flash_attention == "off" {
                FlashAttention::Off
            } else {
                FlashAttention::Auto
            },
            build: match row.build.as_str() {
                "b10603" => Build::B10488,
                "b11413" => Build::B11434,
                _ => Build::B11739,
            },
            ..Workload::default()
        };
        let shape = Shape {
            architecture: &header.architecture,
            weights: &header.weights,
            projector: header.projector,
            drafter: Default::default(),
        };
        let ours = allocate(
            shape,
            &workload,
            &Assignment::single(header.architecture.block_count),
        );
        let Some(buffers) = row.buffers else {
            println!("{label} ENGINE REFUSES");
            continue;
        };
        let theirs = &buffers["CUDA0"];
        let gpu = ours.gpus[0];
        let host = &buffers["CUDA_Host"];
        println!(
            "{label} weights {:+} cache {:+.2} ({:.2}) compute {:+8.2} ({:.2}) host {:+.2} = {:+.2} %",
            gpu.weights.0 as i64 - theirs.model as i64,
            (gpu.kv_cache.0 as f64 - theirs.context as f64) / MIB,
            theirs.context as f64 / MIB,
            (gpu.compute.0 as f64 - theirs.compute as f64) / MIB,
            theirs.compute as f64 / MIB,
            (ours.host.compute.0 as f64 - host.compute as f64) / MIB,
            (gpu.compute.0 as f64 - theirs.compute as f64) / theirs.model as f64 * 100.0,
        );
    }
    Ok(())
}
