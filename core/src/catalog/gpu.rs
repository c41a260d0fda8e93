//! What is known of GPUs.

use serde::{Deserialize, Serialize};

use super::gpu_name::Keys;
use super::text::Text;
use crate::units::Bytes;

/// Who makes a GPU: it decides by what engines compute, and which driver tells its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// NVIDIA: engines compute by CUDA, and NVML tells the state of a GPU.
    Nvidia,
    /// AMD: engines compute by ROCm or Vulkan, and Linux's `amdgpu` driver tells the state of a GPU.
    Amd,
    /// Intel: engines compute by Vulkan, and no driver is read for its state.
    Intel,
    /// Apple: chips whose GPU works in the machine's own memory, by Metal.
    Apple,
}

impl Vendor {
    /// Its name in data files and reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nvidia => "nvidia",
            Self::Amd => "amd",
            Self::Intel => "intel",
            Self::Apple => "apple",
        }
    }
}

/// By what an engine computes on a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Runtime {
    /// NVIDIA's own, on NVIDIA GPUs only.
    Cuda,
    /// AMD's counterpart of CUDA, for the AMD GPUs that it supports.
    Rocm,
    /// The Khronos Group's, on GPUs of any maker but Apple.
    Vulkan,
    /// Apple's own, on Apple chips only.
    Metal,
}

impl Runtime {
    /// Name of the runtime as its maker writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuda => "CUDA",
            Self::Rocm => "ROCm",
            Self::Vulkan => "Vulkan",
            Self::Metal => "Metal",
        }
    }
}

/// How well it is known what a GPU offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MemoryBasis {
    /// Read off such a card with its driver.
    Reading,
    /// By the rule of its generation.
    Rule,
    /// As sold: nothing is known beside it.
    #[default]
    Sold,
}

/// What a GPU offers of the memory that was sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Bytes of memory that its driver shows.
    pub total: Bytes,
    /// What of that no program gets.
    pub reserved: Bytes,
    /// How well both numbers are known.
    pub basis: MemoryBasis,
}

impl Offered {
    /// Bytes that programs can have on an empty card.
    pub fn free(&self) -> Bytes {
        self.total - self.reserved
    }
}

/// A GPU that one can buy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct GpuSpec {
    /// Name in the catalog, as people say it: `RTX 3090`.
    pub name: Text,
    /// What people type for it.
    pub typed: Keys,
    /// What drivers and tools print for it.
    pub printed: Keys,
    /// What the names of its virtual GPUs begin with where that is not its own: `V100D` of `GRID V100D-8Q`.
    pub virtual_names: Keys,
    /// What NVML prints for it, where that is one name.
    pub nvml_name: Option<Text>,
    /// Its maker, which decides what engines compute by and which rules of memory apply.
    pub vendor: Vendor,
    /// Its generation, such as `Ampere`.
    pub architecture: Option<Text>,
    /// Bytes of its memory, as sold.
    pub memory: Bytes,
    /// What of that its driver shows, and what it keeps back.
    pub offered: Offered,
    /// MiB that its MIG instances offer, by profile.
    pub mig: Vec<(Text, u64)>,
    /// MiB that the driver of a virtual machine shows of its virtual GPUs, by profile, where that is not what the profile names.
    pub vgpu: Vec<(Text, u64)>,
    /// Whether a part of its memory corrects errors, as it is delivered.
    pub ecc: bool,
    /// The width of its memory's bus in bits.
    pub bus: Option<u32>,
    /// Streaming multiprocessors of an NVIDIA GPU, by which a CUDA process takes memory; `None` for other makers or where unknown.
    pub multiprocessors: Option<u32>,
    /// Memory bandwidth in 10^9 bytes a second.
    pub bandwidth: Option<f64>,
    /// CUDA's compute capability as major and minor, such as (8, 6); Ollama's need of a driver depends on it.
    pub compute_capability: Option<(u32, u32)>,
    /// 32-bit shader throughput in 10^12 operations a second.
    pub fp32_tflops: Option<f64>,
    /// Dense 16-bit tensor throughput in 10^12 operations a second.
    pub fp16_tensor_tflops: Option<f64>,
    /// Whether it shares the host's memory.
    pub unified: bool,
    /// Date of release, such as `2015-01`; `None` where unknown.
    pub released: Option<Text>,
    /// Where the numbers come from.
    #[serde(skip)] // See `sources`.
    pub source: Vec<String>,
}

impl GpuSpec {
    /// Of a whole card's speed what a part with so much of its memory has: memory and multiprocessors are cut into the same slices.
    pub(super) fn take_share(&mut self, whole: &Self, memory: Bytes) {
        let share = (memory.0 as f64 / whole.memory.0.max(1) as f64).min(1.0);
        self.bandwidth = whole.bandwidth.map(|rate| rate * share);
        self.multiprocessors = whole
            .multiprocessors
            .map(|count| (f64::from(count) * share).ceil() as u32);
    }
}
