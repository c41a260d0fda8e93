//! What the engine's own libraries (b10361, whose plans are those of b10603) allocate for whole files on several GPUs, with any number of slots.

use vramfit::engine::estimate::{Assignment, allocate};
use vramfit::engine::workload::{FlashAttention, Workload};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

use super::architectures::{header, models};
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
        let header = header(&models[name]);
        let shape = text_only(&header.architecture, &header.weights);
        let workload = Workload {
            context_length: *context,
            batch: Some(*batch),
            parallel: *slots,
            kv_cache_type: *kind,
            flash_attention: match flash.as_str() {
                "off" => FlashAttention::Off,
                _ => FlashAttention::Auto,
            },
            ..Workload::default()
        };
        let free: Vec<Bytes> = free.iter().map(|mib| Bytes(mib << 20)).collect();
        let assignment = Assignment::split(&header.architecture, &free);
        let ours = allocate(shape, &workload, &assignment);
        for (place, gpu) in ours.gpus.iter().enumerate() {
            assert_eq!(gpu.kv_cache.0, caches[place], "{row:?}");
            let apart = gpu.compute.0.abs_diff(computes[place]);
            assert!(apart <= ALIGNMENT, "{row:?} GPU {place}: {apart} apart");
        }
    }
    assert!(rows.len() >= 60, "{}", rows.len());
}
