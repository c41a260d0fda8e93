//! What a model is asked to do: the settings that its memory need depends on.

use serde::{Deserialize, Serialize};

use super::attention_kernel::has_kernel;
pub use super::build::Build;
use crate::architecture::{Architecture, CacheKind};
use crate::quantization::{KvCacheType, KvCacheTypes, TensorType};

/// Tokens that a `llama-server` evaluates at once where it is told nothing (`n_ubatch`).
pub const UBATCH: u32 = 512;

/// The program that loads a model, and chooses what nobody tells it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Engine {
    /// Ollama, which starts a `llama-server` of its own with what it chooses.
    #[default]
    #[serde(rename = "ollama")]
    Ollama,
    /// llama.cpp's `llama-server`, started with settings of its own.
    #[serde(rename = "llama.cpp")]
    LlamaCpp,
    /// vLLM, which loads a checkpoint of its own.
    #[serde(rename = "vllm")]
    Vllm,
}

impl Engine {
    /// Every engine, the default first.
    pub const ALL: &[Self] = &[Self::Ollama, Self::LlamaCpp, Self::Vllm];

    /// Name of the engine as `--engine` takes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ollama => "ollama",
            Self::LlamaCpp => "llama.cpp",
            Self::Vllm => "vllm",
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
    /// Off from the start; values are cached transposed then.
    Off,
}

impl FlashAttention {
    /// Whether it is on for a model whose cache has these types. Quantised values force it on, whether or not there is a kernel.
    pub fn is_on(self, architecture: &Architecture, cache: KvCacheType, build: Build) -> bool {
        let kernel = self == Self::Auto && has_kernel(architecture, cache, build.kernels());
        self.is_on_with(kernel, architecture, cache)
    }

    /// The same where it is known whether there is a `kernel`.
    pub(super) fn is_on_with(
        self,
        kernel: bool,
        architecture: &Architecture,
        cache: KvCacheType,
    ) -> bool {
        let can = architecture.traits.flash_attention;
        match self {
            Self::Auto => kernel || cache.values().is_quantised() && can,
            Self::On => can,
            Self::Unavailable | Self::Off => false,
        }
    }
}

/// What the engine makes of a quantised cache that it cannot use as it would like to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CacheFault {
    /// Heads are not whole blocks of the type: the engine does not start.
    HeadLength,
    /// Quantised values need flash attention, which is off: the engine does not start.
    NeedsFlashAttention,
    /// Keys and values lie in one latent row, which has one type: the engine does not start with two.
    OneType,
    /// CUDA has no kernel for it: the model loads, and the processor attends.
    AttendsOnHost,
}

impl CacheFault {
    /// Whether the engine does not even load the model.
    pub const fn refuses(self) -> bool {
        !matches!(self, Self::AttendsOnHost)
    }
}

/// The settings of one loaded model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workload {
    /// `num_ctx`: tokens of one slot.
    pub context_length: u32,
    /// Slots: requests served at once, each with a context of its own (`OLLAMA_NUM_PARALLEL`).
    pub parallel: u32,
    /// The types of cached keys and values (`OLLAMA_KV_CACHE_TYPE`).
    pub kv_cache_type: KvCacheType,
    /// The types that the predicted version of Ollama takes; for others it needs a llama-server.
    pub ollamas_types: KvCacheTypes,
    /// `num_batch`; `None`: as the engine picks it.
    pub batch: Option<u32>,
    /// Whether attention runs in one fused kernel (`OLLAMA_FLASH_ATTENTION`).
    pub flash_attention: FlashAttention,
    /// The program that loads it and sets what nobody asked for.
    pub engine: Engine,
    /// The build of llama.cpp whose allocations are counted.
    pub build: Build,
    /// `draft_num_predict`: tokens that are drafted ahead; `None`: what the tag says.
    pub draft: Option<u32>,
    /// Whether logits are reserved for a whole batch: engines before Ollama 0.30, and those of LM Studio and llama-cpp-python of that time.
    pub batch_logits: bool,
    /// Tokens already in a slot when its speed is told; `None`: a quarter of the context. No memory depends on it.
    pub depth: Option<u32>,
}

impl Default for Workload {
    fn default() -> Self {
        Self {
            context_length: 8192,
            parallel: 1,
            kv_cache_type: KvCacheType::F16,
            ollamas_types: KvCacheTypes::ALL,
            batch: None,
            flash_attention: FlashAttention::Auto,
            engine: Engine::default(),
            build: Build::default(),
            draft: None,
            batch_logits: false,
            depth: None,
        }
    }
}

/// Cells of a cache come in steps of this many (`GGML_PAD` in llama-context.cpp).
const CELL_STEP: u64 = 256;

/// `n` rounded up to whole steps of cells.
pub(crate) const fn padded(n: u64) -> u64 {
    n.div_ceil(CELL_STEP) * CELL_STEP
}

/// The part of the context that is filled when a speed is told and nothing is said: a conversation on its way.
const FILLED: u32 = 4;

impl Workload {
    /// Tokens in a slot when its speed is told.
    pub fn depth(&self) -> u64 {
        let usual = self.context_length / FILLED;
        u64::from(self.depth.unwrap_or(usual).min(self.context_length))
    }

    /// Whether the engine refuses the cache's type for this model, or attends on the processor because of it.
    ///
    /// Source: `llama_init_from_model` of llama-context.cpp, which refuses; `ggml_cuda_get_best_fattn_kernel`, which has no kernel.
    pub fn cache_fault(&self, architecture: &Architecture) -> Option<CacheFault> {
        let cache = self.kv_cache_type;
        let (keys, values) = (cache.keys(), cache.values());
        // The engine looks at this before it knows whether the model has a cache at all.
        let told_off = self.flash_attention == FlashAttention::Off;
        if values.is_quantised() && told_off {
            return Some(CacheFault::NeedsFlashAttention);
        }
        if architecture.is_encoder() {
            return None;
        }
        let latent = architecture
            .mla
            .as_ref()
            .is_some_and(|mla| mla.latent_cache);
        if keys != values && (latent || architecture.compressed.is_some()) {
            return Some(CacheFault::OneType);
        }
        if !(keys.is_quantised() || values.is_quantised()) {
            return None;
        }
        let attends = |layer: &u32| {
            let memory = architecture.memory(*layer);
            matches!(memory, CacheKind::Full | CacheKind::Window)
        };
        // The engine looks at the lengths that the file gives, not at every block's.
        let first = (0..architecture.block_count).find(attends)?;
        let (key, value) = match &architecture.mla {
            Some(mla) if mla.latent_cache => (mla.kv_lora_rank.saturating_add(mla.rope), 0),
            Some(mla) => (mla.nope.saturating_add(mla.rope), mla.value),
            None => architecture.head_lengths(first),
        };
        let broken = |kind: TensorType, length: u32| {
            kind.is_quantised() && !u64::from(length).is_multiple_of(kind.block().0)
        };
        // With flash attention off from the start, only whole rows have to be whole blocks.
        if !told_off && (broken(keys, key) || broken(values, value)) {
            return Some(CacheFault::HeadLength);
        }
        let on = self.flash_attention.is_on(architecture, cache, self.build);
        if values.is_quantised() && !on {
            return Some(CacheFault::NeedsFlashAttention);
        }
        (on && !has_kernel(architecture, cache, self.build.kernels()))
            .then_some(CacheFault::AttendsOnHost)
    }

    /// `num_ctx * parallel` as the engine is started with it, in cells.
    pub const fn total_cells(&self) -> u64 {
        padded(self.context_length as u64 * self.parallel as u64)
    }

    /// Cells of one slot's cache, one a token, rounded up to the engine's step.
    pub const fn slot_cells(&self) -> u64 {
        let parallel = if self.parallel == 0 {
            1
        } else {
            self.parallel as u64
        };
        padded(self.total_cells().div_ceil(parallel))
    }

    /// `n_ubatch`: the tokens evaluated at once. Ollama picks it by the total context, and keeps 512 without flash attention; `llama-server`
    /// takes 512 whatever the context is.
    pub fn ubatch(&self, flash_attention: bool) -> u64 {
        let total = u64::from(self.context_length) * u64::from(self.parallel);
        let chosen = match self.batch {
            Some(batch) => u64::from(batch),
            None if self.engine == Engine::LlamaCpp => u64::from(UBATCH),
            None if !flash_attention || total <= 4096 => 512,
            None if total <= 32768 => 1024,
            None => 2048,
        };
        chosen.min(self.total_cells()).max(1)
    }
}
