//! What `data/speeds.toml` holds.

use serde::{Deserialize, Serialize};

use super::later::Later;
use super::text::Text;

/// The whole file, and `data/offload.toml`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Parameters {
    /// Numbers of the formula that hold for every GPU.
    pub constants: Constants,
    /// Generations, the narrow ones before the general ones.
    pub family: Vec<Family>,
    /// How far measurements lay from predictions, by what those rested on.
    pub band: Vec<Band>,
    /// How GPUs that were measured differ from their generation.
    pub gpu: Vec<GpuFactor>,
    /// Architectures that were measured, on any GPU.
    pub model: Vec<ModelFactor>,
    /// What can be cited, in the order of the GPUs' names; an answer asks for one or two of those.
    pub measured: Vec<MeasuredGpu>,
    /// What predicts models that lie partly in host memory.
    pub offload: Offload,
}

impl Parameters {
    /// What was measured on a GPU.
    pub fn measured_on(&self, gpu: &str) -> &[Measurement] {
        let by_name = |one: &MeasuredGpu| one.gpu.as_str().cmp(gpu);
        let found = self.measured.binary_search_by(by_name).ok();
        found.map_or(&[], |at| &self.measured[at].rows)
    }
}

/// What was measured on one GPU.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct MeasuredGpu {
    /// Name as in [`GpuFactor`].
    pub gpu: Text,
    /// Its rows, in the order of the file.
    pub rows: Later<Vec<Measurement>>,
}

impl MeasuredGpu {
    /// Rows of any order by their GPUs.
    pub fn group(mut rows: Vec<Measurement>) -> Vec<Self> {
        rows.sort_by(|a, b| a.gpu.cmp(&b.gpu));
        let of_one = rows.chunk_by(|a, b| a.gpu == b.gpu);
        let group = |rows: &[Measurement]| Self {
            gpu: rows.first().map_or("", |row| &row.gpu).into(),
            rows: rows.to_vec().into(),
        };
        of_one.map(group).collect()
    }
}

/// What `data/offload.toml` holds: the speed of models that lie partly in host memory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offload {
    /// Milliseconds that a layer costs because a GPU and the processor hand it to each other.
    pub hand_over_ms: f64,
    /// Measured / predicted speed lies between these two.
    pub band: [f64; 2],
    /// The same for mixtures of experts.
    pub band_moe: [f64; 2],
    /// Memory of machines whose own is not described; the first that matches.
    pub platform: Vec<Platform>,
    /// What the two were read from.
    pub measurement: Vec<OffloadMeasurement>,
    /// Where the rest comes from.
    pub source: String,
}

/// A class of machines by the memory that they usually have.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Kebab-case name of the class, such as `desktop-ddr4`.
    pub name: String,
    /// GB/s of all channels together, decimal.
    pub bandwidth: f64,
    /// Beginnings of the names of GPUs that such machines carry; empty: any.
    pub gpus: Vec<String>,
    /// Where the bandwidth is stated.
    pub source: String,
}

/// A published speed of a model that lay partly in host memory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OffloadMeasurement {
    /// Name of the GPU as in `gpus.toml`.
    pub gpu: String,
    /// Tag of the model that was measured.
    pub tag: String,
    /// Tokens per second, the slowest and the fastest.
    pub decode: [f64; 2],
    /// Where it was published.
    pub source: String,
}

impl Offload {
    /// The memory that a machine with this GPU usually has; GB/s.
    pub fn bandwidth(&self, gpu: Option<&str>) -> Option<f64> {
        let matches = |platform: &&Platform| {
            let carries = |name: &String| gpu.is_some_and(|gpu| gpu.starts_with(name.as_str()));
            platform.gpus.is_empty() || platform.gpus.iter().any(carries)
        };
        self.platform.iter().find(matches).map(|it| it.bandwidth)
    }
}

/// Constants shared by all generations.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Constants {
    /// m: part of the bandwidth that is kept when experts are picked.
    pub moe: f64,
    /// v: the same for reading KV.
    pub kv: f64,
    /// q: the same for formats below about 3 bits.
    pub low_bit: f64,
    /// Launches of a layer that chooses among experts, beside those of a plain one, in layers.
    #[serde(default)]
    pub expert_launches: f64,
    /// The same of a layer that carries a state.
    #[serde(default)]
    pub state_launches: f64,
    /// The same of a layer that adds a table of its own to the token.
    #[serde(default)]
    pub input_launches: f64,
    /// Speed that a layer split over several GPUs keeps.
    pub split: f64,
    /// Pairs of rows behind `split`.
    pub split_rows: usize,
    /// Prefill throughput of a MoE model per active parameter, relative to a dense one.
    pub moe_prefill: f64,
    /// Part of the host's memory bandwidth that a CPU reaches.
    pub host_efficiency: f64,
    /// Published measurements that `host_efficiency` was fitted from.
    pub host_rows: usize,
    /// Measured / predicted of the host alone lies between, at the bandwidth that is counted with.
    #[serde(default)]
    pub host_band: [f64; 2],
    /// GB/s taken for a host that is not described.
    pub host_bandwidth: f64,
    /// How many times as fast one user is answered where tokens are drafted ahead, at least and at most.
    pub draft_gain: [f64; 2],
    /// Rows after which a GPU's own residual counts half.
    pub gpu_prior: f64,
    /// GPUs after which an architecture's own residual counts half.
    pub architecture_prior: f64,
    /// The same as `gpu_prior` for one model on one GPU.
    pub model_prior: f64,
    /// Where the numbers come from.
    pub source: String,
}

/// One GPU generation, or a class of memory within one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Family {
    /// Kebab-case name of the generation or class, such as `hbm`.
    pub name: String,
    /// Vendor as in `gpus.toml`.
    pub vendor: String,
    /// Architectures as in `gpus.toml`; empty = any.
    #[serde(default)]
    pub architectures: Vec<String>,
    /// Beginnings of GPU names, where the architecture does not tell (cards with HBM); empty = any.
    #[serde(default)]
    pub names: Vec<String>,
    /// Only GPUs that share the host's memory, or only those that do not; absent = both.
    pub unified: Option<bool>,
    /// e: part of the bandwidth that plain weights reach.
    pub efficiency: f64,
    /// c: milliseconds a layer costs besides.
    pub layer_ms: f64,
    /// k: prefill operations per FP32 operation of the data sheet; absent = unknown.
    pub prefill: Option<f64>,
    /// FP32 TFLOPS a core, where chips are sold by cores.
    pub core_tflops: Option<f64>,
    /// Rows behind `efficiency` and `layer_ms`.
    pub rows: usize,
    /// Measurements that `prefill` was fitted from.
    pub prefill_rows: usize,
}

/// Measured / predicted of rows held back: somewhat more than four of five lie between.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Band {
    /// What the predictions rested on.
    pub basis: Basis,
    /// Whether the models were mixtures of experts.
    pub moe: bool,
    /// Measured / predicted at the lower end of the band.
    pub low: f64,
    /// Measured / predicted at its upper end.
    pub high: f64,
    /// Measurements that were held back to find the band.
    pub rows: usize,
}

/// Median measured / predicted of one GPU.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GpuFactor {
    /// Name as in `gpus.toml`; of chips that share the host's memory, without its size.
    pub name: String,
    /// Median of measured / predicted speed; above 1 it is faster than its generation tells.
    pub factor: f64,
    /// Measurements of this GPU behind the median.
    pub rows: usize,
    /// 10^12 operations a second that prefill of dense models reached; absent = not measured.
    pub prefill: Option<f64>,
}

/// Median measured / predicted of one architecture over all GPUs, the GPUs' own factors taken out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModelFactor {
    /// Catalog id of the architecture.
    pub architecture: String,
    /// Median of measured / predicted speed; above 1 it is faster than its size tells.
    pub factor: f64,
    /// GPUs on which the architecture was measured.
    pub gpus: usize,
}

/// A published measurement; equal ones are merged to their median.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Measurement {
    /// Name as in [`GpuFactor`].
    pub gpu: String,
    /// Catalog id of the architecture.
    pub architecture: String,
    /// GGUF name of the quantization.
    pub quantization: String,
    /// Tokens that lay in the context when it was measured.
    pub context: u64,
    /// Tokens written per second, for one user.
    pub decode: f64,
    /// Tokens of prompt read per second; absent where only writing was measured.
    pub prefill: Option<f64>,
    /// Decode / formula: no weights are needed to use it.
    pub ratio: f64,
    /// GB read per token, to find the nearest.
    pub gigabytes: f64,
    /// Equal measurements that were merged.
    pub rows: usize,
    /// Where it was published.
    pub source: String,
}

/// What a prediction rests on, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// This model, on this GPU, any quantization and depth.
    MeasuredOnGpuAndModel,
    /// Measurements of other models on this GPU.
    MeasuredOnGpu,
    /// Measurements of other GPUs of its generation.
    FittedFamily,
    /// Nothing but the data sheet, or memory of the host.
    BandwidthOnly,
}
