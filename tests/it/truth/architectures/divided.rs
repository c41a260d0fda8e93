//! What is divided among several GPUs, against the engine's own figures.

use vramfit::engine::estimate::{Assignment, allocate};
use vramfit::engine::place::{Verdict, by_default};
use vramfit::engine::workload::{Build, Workload};
use vramfit::units::Bytes;

use super::super::cards;
use super::super::rows::text_only;
use super::{header, input, models};

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
