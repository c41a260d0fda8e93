//! What the engine's own libraries (b10361, whose plans are those of b10603) allocate for whole files on several GPUs, with any number of slots.

use vramfit::engine::estimate::{Allocation, Assignment, allocate};
use vramfit::engine::workload::{Build, FlashAttention, Workload};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

use super::architectures::{Model, header, models};
use super::rows::text_only;

/// A file, MiB that each GPU has free, context, batch, slots, cache, flash attention; the cache and compute of each GPU.
type Row = (
    String,
    Vec<u64>,
    u32,
    u32,
    u32,
    KvCacheType,
    String,
    Vec<u64>,
    Vec<u64>,
);

/// Inputs of a few bytes, and how tensors are aligned.
const ALIGNMENT: u64 = 64 << 10;

#[test]
fn several_gpus_take_what_the_engine_plans() {
    let rows: Vec<Row> =
        serde_json::from_str(include_str!("../../fixtures/truth/several-gpus.json")).expect("rows");
    let models = models();
    for row in &rows {
        let (name, free, context, batch, slots, kind, flash, caches, computes) = row;
        let workload = told(*context, *batch, *slots, *kind, flash);
        let ours = divided(&models[name], &workload, free);
        for (place, gpu) in ours.gpus.iter().enumerate() {
            assert_eq!(gpu.kv_cache.0, caches[place], "{row:?}");
            let apart = gpu.compute.0.abs_diff(computes[place]);
            assert!(apart <= ALIGNMENT, "{row:?} GPU {place}: {apart} apart");
        }
    }
    assert!(rows.len() >= 60, "{}", rows.len());
}

/// What a row asks for.
pub(super) fn told(
    context: u32,
    batch: u32,
    slots: u32,
    kind: KvCacheType,
    flash: &str,
) -> Workload {
    Workload {
        context_length: context,
        batch: Some(batch),
        parallel: slots,
        kv_cache_type: kind,
        flash_attention: match flash {
            "off" => FlashAttention::Off,
            _ => FlashAttention::Auto,
        },
        ..Workload::default()
    }
}

/// The rules by which a build of the engine allocates.
pub(super) fn build(name: &str) -> Build {
    match name {
        "b10361" => Build::B10488,
        "b10864" => Build::B10864,
        "b11351" => Build::B11351,
        "b11739" => Build::B11739,
        _ => Build::B11434,
    }
}

/// Over GPUs with so many MiB free.
fn divided(model: &Model, workload: &Workload, free: &[u64]) -> Allocation {
    let header = header(model);
    let shape = text_only(&header.architecture, &header.weights);
    let free: Vec<Bytes> = free.iter().map(|mib| Bytes(mib << 20)).collect();
    let assignment = Assignment::split(&header.architecture, &free);
    allocate(shape, workload, &assignment)
}

/// The same with the build after the file, and at the end the compute of each GPU, where it was read, and of the host.
type HostRow = (
    String,
    String,
    Vec<u64>,
    u32,
    u32,
    u32,
    KvCacheType,
    String,
    Vec<u64>,
    u64,
);

/// Where CUDA has no kernel for a cache, the host is handed queries, keys and values of every block, four times: tens of gigabytes.
#[test]
fn the_host_of_several_gpus_takes_what_the_engine_plans() {
    let rows: Vec<HostRow> =
        serde_json::from_str(include_str!("../../fixtures/truth/hosts-of-gpus.json"))
            .expect("rows");
    let models = models();
    for row in &rows {
        let (name, build, free, context, batch, slots, kind, flash, computes, host) = row;
        let workload = Workload {
            build: self::build(build),
            ..told(*context, *batch, *slots, *kind, flash)
        };
        let ours = divided(&models[name], &workload, free);
        let apart = ours.host.compute.0.abs_diff(*host);
        assert!(apart <= host / 100, "{row:?}: {}", ours.host.compute);
        for (gpu, compute) in ours.gpus.iter().zip(computes) {
            let short = Bytes(*compute) - gpu.compute;
            let limit = gpu.weights.scale(1, 100);
            assert!(short <= limit, "{row:?}: short by {short}");
        }
    }
    assert!(rows.len() >= 60, "{}", rows.len());
}
