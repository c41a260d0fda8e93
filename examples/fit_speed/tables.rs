//! What is stated and not fitted: the families, where the fit starts from, and the hosts whose memory is known.

use vramfit::catalog::speeds::{Constants, Family};

/// Where a fit starts, and how far it may go (a logarithm's standard deviation).
pub(crate) const MOE: (f64, f64) = (0.80, 0.2);
pub(crate) const KV: (f64, f64) = (0.85, 0.2);
pub(crate) const LOW_BIT: (f64, f64) = (0.5, 0.3);
/// Launches beside those of a plain layer: of experts, of a state, of an input of its own.
pub(crate) const EXPERT_LAUNCHES: (f64, f64) = (0.3, 0.8);
pub(crate) const STATE_LAUNCHES: (f64, f64) = (0.3, 0.8);
pub(crate) const INPUT_LAUNCHES: (f64, f64) = (1.0, 0.8);
pub(crate) const EFFICIENCY_SPREAD: f64 = 0.25;
pub(crate) const LAYER_SPREAD: f64 = 0.2;

/// Speeds differ by so much (a logarithm) between equal set-ups: driver, version, back end.
pub(crate) const NOISE: f64 = 0.12;

/// The part of measurements that a band must hold. The promise is four of five; the shortest interval of some rows holds a little less
/// of others.
pub(crate) const COVERAGE: f64 = 0.89;

/// Cards whose memory is HBM, which one stream does not saturate.
const HBM: [&str; 14] = [
    "A100", "A30", "A800", "H100", "H200", "H800", "H20", "GH200", "B200", "B300", "P100", "V100",
    "TITAN V", "Quadro G",
];

/// A family before the fit: its name, vendor, architectures, whether its memory is the host's, e and c.
type Stated = (
    &'static str,
    &'static str,
    &'static [&'static str],
    Option<bool>,
    f64,
    f64,
);

/// The narrow ones before the general ones: the first that matches is taken.
const FAMILIES: [Stated; 13] = [
    ("unified", "nvidia", &[], Some(true), 0.80, 0.065),
    ("ampere", "nvidia", &["Ampere"], None, 0.90, 0.065),
    ("ada", "nvidia", &["Ada Lovelace"], None, 0.90, 0.065),
    (
        "blackwell",
        "nvidia",
        &["Blackwell", "Blackwell 2.0"],
        None,
        0.90,
        0.065,
    ),
    (
        "turing-volta",
        "nvidia",
        &["Turing", "Volta"],
        None,
        0.80,
        0.065,
    ),
    ("pascal", "nvidia", &["Pascal"], None, 0.50, 0.065),
    (
        "maxwell",
        "nvidia",
        &["Maxwell", "Maxwell 2.0"],
        None,
        0.50,
        0.065,
    ),
    ("rdna-apu", "amd", &[], Some(true), 0.85, 0.11),
    ("rdna4", "amd", &["RDNA 4.0"], None, 0.90, 0.11),
    (
        "rdna",
        "amd",
        &["RDNA 1.0", "RDNA 2.0", "RDNA 3.0"],
        None,
        0.90,
        0.11,
    ),
    ("gcn-cdna", "amd", &[], None, 0.52, 0.11),
    ("apple", "apple", &[], None, 0.88, 0.15),
    ("arc", "intel", &[], None, 0.55, 0.11),
];

/// The families, unfitted.
pub(crate) fn families() -> Vec<Family> {
    let hbm = Family {
        name: "hbm".to_owned(),
        vendor: "nvidia".to_owned(),
        names: HBM.map(str::to_owned).to_vec(),
        efficiency: 0.55,
        layer_ms: 0.065,
        ..Family::default()
    };
    let stated = FAMILIES.map(
        |(name, vendor, architectures, unified, efficiency, layer_ms)| Family {
            name: name.to_owned(),
            vendor: vendor.to_owned(),
            architectures: architectures.iter().map(|&one| one.to_owned()).collect(),
            unified,
            efficiency,
            layer_ms,
            ..Family::default()
        },
    );
    std::iter::once(hbm).chain(stated).collect()
}

/// The constants, unfitted.
pub(crate) fn constants() -> Constants {
    Constants {
        moe: MOE.0,
        kv: KV.0,
        low_bit: LOW_BIT.0,
        expert_launches: EXPERT_LAUNCHES.0,
        state_launches: STATE_LAUNCHES.0,
        input_launches: INPUT_LAUNCHES.0,
        split: 1.0,
        moe_prefill: 1.0,
        host_efficiency: 0.6,
        // Two channels of DDR5-5600.
        host_bandwidth: 89.6,
        // Published of MTP blocks and of draft models; the text decides where in between.
        draft_gain: [1.3, 2.0],
        gpu_prior: 3.0,
        architecture_prior: 3.0,
        model_prior: 1.5,
        source:
            "fitted from published measurements; host_bandwidth assumed: two channels of DDR5-5600; draft_gain: the range that was published"
                .to_owned(),
        ..Constants::default()
    }
}

/// GB/s of the fastest memory that a processor takes, by its maker's data sheet: channels times eight bytes times the rate.
pub(crate) const HOSTS: [(&str, f64); 20] = [
    ("Ryzen 7 7840HS", 89.6),
    ("Core(TM) Ultra 7 155H", 89.6),
    ("i5-3230M", 25.6),
    ("i5-9500T", 42.7),
    ("i7-8700K", 42.7),
    ("i7-10710U", 42.7),
    ("i5-6400", 34.1),
    ("i9-10900X", 93.9),
    ("i7-12700H", 76.8),
    ("i7-1365U", 83.2),
    ("i7-1270P", 83.2),
    ("Ryzen 7 5700X", 51.2),
    ("Ryzen 7 3700X", 51.2),
    ("Ryzen 7 5800X", 51.2),
    ("Ryzen 9 5900X", 51.2),
    ("Ryzen 5 5500GT", 51.2),
    ("Ryzen 7 7735HS", 76.8),
    ("Ryzen 5 7600X", 83.2),
    ("Ryzen 7 9800X3D", 89.6),
    ("Ryzen 5 9600X", 89.6),
];

/// What stands at the head of the file.
pub(crate) const HEADER: &str = "\
# Fitted by `cargo run --release --example fit_speed` from the rows of data/evidence; do not edit by hand.
# Kept: one GPU, one stream, llama.cpp or Ollama, a GPU with known bandwidth, a model and quantization of the catalog, and
# weights + cache + 1 GB within the card. Equal rows count once, as their median.
# Left out: speculative decoding and MTP names; LocalScore and llamafile (averages over long prompts, unknown hosts);
# mac-llm-bench (2.4x below every other source) and Apple rows under a wrong chip; a sweep on an RTX 3080 12 GB with unstated
# CPU layers; ARM hosts; mixed or lowered power caps; BF16 weights (slow kernels); Vulkan on Apple; MLX; unknown KV formats;
# several streams; speeds above the bandwidth bound or below 5 % of it; answers of fewer than 16 tokens; a peak of memory
# below the weights; a run that stands in two collections once; models whose shape in the catalog is at odds with their active parameters.
# band: the shortest interval that holds 89 % of measured / predicted of rows held back: all that one person published of a GPU for
# measured-on-gpu-and-model and measured-on-gpu, whole GPUs for fitted-family, whole families for bandwidth-only. host_band: the same
# of rows on processors, held back by model, at the bandwidth that is counted with.

";
