//! What is known of GPUs.

use serde::{Deserialize, Serialize};

use crate::units::Bytes;

/// Who makes a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// NVIDIA.
    Nvidia,
    /// AMD.
    Amd,
    /// Intel.
    Intel,
    /// Apple.
    Apple,
}

/// A GPU that one can buy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GpuSpec {
    /// The name that people use.
    pub name: String,
    /// The names that NVML prints.
    pub nvml_names: Vec<String>,
    /// What people type besides.
    pub aliases: Vec<String>,
    /// Its maker.
    pub vendor: Vendor,
    /// Its generation, such as `Ampere`.
    pub architecture: Option<String>,
    /// Its memory, as sold.
    pub memory: Bytes,
    /// Memory bandwidth in 10^9 bytes a second.
    pub bandwidth: Option<f64>,
    /// CUDA's compute capability.
    pub compute_capability: Option<(u32, u32)>,
    /// 32-bit shader throughput in 10^12 operations a second.
    pub fp32_tflops: Option<f64>,
    /// Dense 16-bit tensor throughput in 10^12 operations a second.
    pub fp16_tensor_tflops: Option<f64>,
    /// Whether it shares the host's memory.
    pub unified: bool,
    /// When it came out.
    pub released: Option<String>,
    /// Where the numbers come from.
    #[serde(skip)] // See `sources`.
    pub source: Vec<String>,
}

/// A name without what people leave out: case, spaces, hyphens and the maker.
pub fn normalised(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept = lower.split(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | '(' | ')'));
    kept.filter(|word| {
        !matches!(
            *word,
            "nvidia" | "geforce" | "amd" | "radeon" | "intel" | "apple" | "gpu" | "graphics"
        )
    })
    .collect()
}
