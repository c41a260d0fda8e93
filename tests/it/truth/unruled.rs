//! What the engine's own libraries allocate where no rule tells it: with blocks or experts on the host, and on several GPUs what parts its
//! room. Either the estimate is right to a hundredth of what the GPUs hold, or it says how much more it may be.

use vramfit::engine::estimate::{Assignment, allocate};
use vramfit::engine::workload::{Build, Workload};
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

use super::architectures::{input, models};
use super::several_gpus;

/// A file, build, MiB that each GPU has free, `--n-gpu-layers`, blocks whose experts stay on the host, context, batch, slots, cache, flash
/// attention; the cache and compute of each GPU.
type Row = (
    String,
    String,
    Vec<u64>,
    Option<u32>,
    usize,
    u32,
    u32,
    u32,
    KvCacheType,
    String,
    Vec<u64>,
    Vec<u64>,
);

#[test]
fn what_no_rule_tells_is_doubted_and_not_called_exact() {
    let rows: Vec<Row> =
        serde_json::from_str(include_str!("../../fixtures/truth/offload.json")).expect("rows");
    let models = models();
    let mut exact = 0;
    for row in &rows {
        let (name, build, free, layers, experts, context, batch, slots, kind, flash, ..) = row;
        let (caches, computes) = (&row.10, &row.11);
        let input = input(&models[name]);
        let workload = Workload {
            build: several_gpus::build(build),
            ..several_gpus::told(*context, *batch, *slots, *kind, flash)
        };
        let free: Vec<Bytes> = free.iter().map(|mib| Bytes::mib(*mib)).collect();
        let all = input.architecture.file_layers();
        let mut assignment = Assignment::offload(&input.architecture, &free, layers.unwrap_or(all));
        let blocks = assignment.host_experts.len();
        assignment.host_experts[..blocks.min(*experts)].fill(true);
        let allocation = allocate(input.shape(), &workload, &assignment);
        for (gpu, cache) in allocation.gpus.iter().zip(caches) {
            assert_eq!(gpu.kv_cache.0, *cache, "{row:?}");
        }
        let ours: Bytes = allocation.gpus.iter().map(|gpu| gpu.compute).sum();
        let short = Bytes(computes.iter().sum()) - ours;
        let held: Bytes = allocation.gpus.iter().map(|gpu| gpu.weights).sum();
        let is_exact = input.basis_of(&allocation).is_exact();
        exact += usize::from(is_exact);
        let limit = match is_exact {
            true => held.scale(1, 100),
            false => input.doubt(&allocation),
        };
        assert!(short <= limit, "{row:?}: short by {short} of {limit}");
    }
    // Not everything is doubted.
    assert!(exact >= 20, "{exact} of {}", rows.len());
}

/// Compute of b11413 with CUDA's own code at 2048 tokens in batches of 1024: on one GPU, and on each of two alike.
const EXPERTS: [(&str, u64, [u64; 2]); 14] = [
    (
        "afmoe-trinity-mini",
        209_760_384,
        [329_539_584, 287_564_288],
    ),
    ("dbrx", 633_368_704, [923_099_136, 797_237_760]),
    ("deepseek-v2-lite", 172_249_216, [277_168_128, 210_838_016]),
    ("gemma4-26b-a4b", 308_330_624, [472_580_096, 414_859_776]),
    ("glm4.7-flash", 163_598_464, [281_100_288, 219_202_048]),
    ("gpt-oss-20b", 195_604_608, [362_725_376, 303_710_720]),
    ("granite3-moe-3b", 130_052_224, [218_218_496, 186_728_960]),
    ("grok-1", 922_767_488, [1_250_107_392, 1_124_246_016]),
    ("laguna", 225_489_024, [344_219_648, 302_244_352]),
    ("ling-mini-2", 222_326_912, [329_367_552, 287_392_256]),
    ("qwen3-30b-a3b", 180_383_872, [293_715_968, 251_740_672]),
    ("qwen3.6-35b-a3b", 230_727_936, [343_122_432, 301_147_136]),
    ("smallthinker-21b", 243_314_816, [378_511_360, 326_050_304]),
    ("step3.5-flash", 485_535_872, [680_288_256, 596_369_920]),
];

#[test]
fn experts_that_are_weighed_and_summed_in_one_step_keep_what_they_gave() {
    let models = models();
    for (name, single, two) in EXPERTS {
        let input = input(&models[name]);
        let workload = Workload {
            build: Build::B11434,
            context_length: 2048,
            batch: Some(1024),
            ..Workload::default()
        };
        let compute = |assignment: &Assignment| {
            let allocation = allocate(input.shape(), &workload, assignment);
            allocation.gpus.into_iter().map(|gpu| gpu.compute.0)
        };
        let blocks = input.architecture.block_count;
        let ours = compute(&Assignment::single(blocks)).next().expect("a GPU");
        assert!(ours.abs_diff(single) <= 64 << 10, "{name}: {ours}");
        let split = Assignment::split(&input.architecture, &[Bytes::gib(400); 2]);
        for (ours, theirs) in compute(&split).zip(two) {
            // What lies in gaps differs by a little.
            let ratio = ours as f64 / theirs as f64;
            assert!((0.995..1.1).contains(&ratio), "{name}: {ours} {theirs}");
        }
    }
}
