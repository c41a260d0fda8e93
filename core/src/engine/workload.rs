//! What a model is asked to do: the settings that its memory need depends on.

use serde::{Deserialize, Serialize};

use super::compute::supports_flash_attention;
use crate::architecture::Architecture;
use crate::quantization::KvCacheType;

/// A build of llama.cpp whose allocations are known to the byte.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Build {
    /// The build that Ollama 0.33 pins.
    #[default]
    B10488,
    /// A newer build, with larger buffers on the host.
    B11434,
}

impl Build {
    /// All builds, oldest first.
    pub const ALL: [Self; 2] = [Self::B10488, Self::B11434];

    /// The build's own name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::B10488 => "b10488",
            Self::B11434 => "b11434",
        }
    }
}

/// How the engine is told to attend (`--flash-attn`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlashAttention {
    /// On where the model and the GPU allow it.
    #[default]
    Auto,
    /// As `Auto`, on a GPU that does not.
    Unavailable,
    /// On: where the GPU has no kernel for the model, the host attends.
    On,
    /// Off from the start.
    Off,
}

impl FlashAttention {
    /// Whether it is on for a model.
    pub fn is_on(self, architecture: &Architecture) -> bool {
        match self {
            Self::Auto => supports_flash_attention(architecture),
            Self::On => true,
            Self::Unavailable | Self::Off => false,
        }
    }
}

/// The settings of one loaded model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// `num_ctx`: tokens of one slot.
    pub context_length: u32,
    /// `OLLAMA_NUM_PARALLEL`: slots.
    pub parallel: u32,
    /// `OLLAMA_KV_CACHE_TYPE`
    pub kv_cache_type: KvCacheType,
    /// `num_batch`; `None`: as Ollama picks it.
    pub batch: Option<u32>,
    /// `OLLAMA_FLASH_ATTENTION`
    pub flash_attention: FlashAttention,
    /// The engine's build.
    pub build: Build,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            context_length: 8192,
            parallel: 1,
            kv_cache_type: KvCacheType::F16,
            batch: None,
            flash_attention: FlashAttention::Auto,
            build: Build::default(),
        }
    }
}

/// Cells of a cache come in steps of this many (`GGML_PAD` in llama-context.cpp).
const CELL_STEP: u64 = 256;

/// `n` rounded up to whole steps of cells.
pub(crate) const fn padded(n: u64) -> u64 {
    n.div_ceil(CELL_STEP) * CELL_STEP
}

impl Workload {
    /// `num_ctx * parallel` as the engine is started with it, in cells.
    pub const fn total_cells(&self) -> u64 {
        padded(self.context_length as u64 * self.parallel as u64)
    }

    /// Cells of one slot.
    pub const fn slot_cells(&self) -> u64 {
        let parallel = if self.parallel == 0 {
            1
        } else {
            self.parallel as u64
        };
        padded(self.total_cells().div_ceil(parallel))
    }

    /// `n_ubatch`: the tokens evaluated at once. Ollama picks it by the total context, and keeps 512 without flash attention.
    pub fn ubatch(&self, flash_attention: bool) -> u64 {
        let total = u64::from(self.context_length) * u64::from(self.parallel);
        let chosen = match self.batch {
            Some(batch) => u64::from(batch),
            None if !flash_attention || total <= 4096 => 512,
            None if total <= 32768 => 1024,
            None => 2048,
        };
        chosen.min(self.total_cells()).max(1)
    }
}
