//! How much memory the engine allocates, buffer by buffer and device by device.
//!
//! The rules are llama.cpp's own allocation plan for the builds of [`Build`], written as closed forms: every weight, cache cell and compute
//! buffer is counted where the engine puts it. There is one estimator; whatever vramfit says about memory comes from [`allocate`].

use crate::architecture::{Architecture, Memory, State};
use crate::quantization::TensorType;
use crate::units::Bytes;
use crate::weights::Weights;

use super::workload::{Build, Workload, padded};

/// Rows of a quantised cache are padded to this many elements on CUDA (`MATRIX_ROW_PADDING`).
const MATRIX_ROW_PADDING: u64 = 512;
/// Alignment of a tensor on CUDA.
const ALIGNMENT: u64 = 128;
/// Copies of the inputs that let several GPUs work at once (`GGML_SCHED_MAX_COPIES`), beyond the first.
const PIPELINE_COPIES: u64 = 3;

/// A model as the estimator sees it.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// Its architecture.
    pub architecture: &'a Architecture,
    /// Its tensors.
    pub weights: &'a Weights,
    /// The vision projector, which goes to the first GPU.
    pub projector: Bytes,
}

/// Which device holds each block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The number of GPUs.
    pub gpus: usize,
    /// For each block its GPU, or `None` for the host.
    pub blocks: Vec<Option<usize>>,
    /// The GPU of the output layer, or `None` for the host.
    pub output: Option<usize>,
    /// Blocks whose experts stay on the host although the block is on a GPU.
    pub host_experts: Vec<bool>,
}

/// What one device allocates for a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffers {
    /// Tensors.
    pub weights: Bytes,
    /// The vision projector.
    pub projector: Bytes,
    /// Keys and values, and recurrent state.
    pub kv_cache: Bytes,
    /// The recurrent state inside `kv_cache`.
    pub recurrent: Bytes,
    /// The scratch space of a batch.
    pub compute: Bytes,
}

impl Buffers {
    /// All of it.
    pub fn total(&self) -> Bytes {
        self.weights + self.projector + self.kv_cache + self.compute
    }
}

/// What the host holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostBuffers {
    /// Tensors; the token embedding at least.
    pub weights: Bytes,
    /// Keys and values of the blocks on the host.
    pub kv_cache: Bytes,
    /// The scratch space of a batch.
    pub compute: Bytes,
    /// The logits.
    pub output: Bytes,
}

impl HostBuffers {
    /// All of it.
    pub fn total(&self) -> Bytes {
        self.weights + self.kv_cache + self.compute + self.output
    }
}

/// The whole allocation of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// One entry a GPU.
    pub gpus: Vec<Buffers>,
    /// The host's part.
    pub host: HostBuffers,
    /// `n_ubatch` as it was used.
    pub batch: u64,
    /// Whether flash attention is on for this model.
    pub flash_attention: bool,
}

impl Assignment {
    /// Every layer on one GPU.
    pub fn single(blocks: u32) -> Self {
        Self {
            gpus: 1,
            blocks: vec![Some(0); blocks as usize],
            output: Some(0),
            host_experts: vec![false; blocks as usize],
        }
    }

    /// Every layer on the host.
    pub fn host(blocks: u32) -> Self {
        Self {
            gpus: 0,
            blocks: vec![None; blocks as usize],
            output: None,
            host_experts: vec![false; blocks as usize],
        }
    }

    /// The engine's layer split: block `il` goes to the first device whose cumulative share of the free memory exceeds `il / (L + 1)`;
    /// the output layer counts as block `L`.
    pub fn split(blocks: u32, free: &[Bytes]) -> Self {
        Self::offload(blocks, free, blocks + 1)
    }

    /// The last `layers` of the `blocks + 1` layers on the GPUs (`--n-gpu-layers`), split by free memory; the rest on the host.
    pub fn offload(blocks: u32, free: &[Bytes], layers: u32) -> Self {
        let layers = layers.min(blocks + 1);
        let first = blocks + 1 - layers;
        let total: u128 = free.iter().map(|bytes| u128::from(bytes.0)).sum();
        let device = |layer: u32| {
            let layer = layer.checked_sub(first)?;
            let mut cumulative = 0;
            let place = free.iter().position(|bytes| {
                cumulative += u128::from(bytes.0);
                cumulative * u128::from(layers) > u128::from(layer) * total
            });
            Some(place.unwrap_or(free.len().saturating_sub(1)))
        };
        Self {
            gpus: free.len(),
            blocks: (0..blocks).map(device).collect(),
            output: device(blocks),
            host_experts: vec![false; blocks as usize],
        }
    }

    /// Layers on the GPUs, the output layer among them.
    pub fn gpu_layers(&self) -> u32 {
        self.blocks
            .iter()
            .chain([&self.output])
            .filter(|device| device.is_some())
            .count() as u32
    }
}

/// The settings that the buffers depend on, resolved for one model.
struct Terms<'a> {
    architecture: &'a Architecture,
    build: Build,
    parallel: u64,
    /// Cells of one slot.
    cells: u64,
    /// Tokens evaluated at once.
    batch: u64,
    cache: TensorType,
    flash_attention: bool,
    cuda: bool,
}

/// Whether the engine can use flash attention for this model: not for 192/128-element heads without sharing (the old deepseek2 layout).
pub fn supports_flash_attention(architecture: &Architecture) -> bool {
    architecture
        .mla
        .as_ref()
        .is_none_or(|mla| mla.latent_cache || mla.nope + mla.rope == mla.value)
}

/// The exact allocation of `shape` under `workload` when its layers lie as `assignment` says.
pub fn allocate(shape: Shape<'_>, workload: &Workload, assignment: &Assignment) -> Allocation {
    let architecture = shape.architecture;
    let flash_attention = workload.flash_attention && supports_flash_attention(architecture);
    let terms = Terms {
        architecture,
        build: workload.build,
        parallel: u64::from(workload.parallel.max(1)),
        cells: workload.slot_cells(),
        batch: workload.ubatch(flash_attention),
        // A quantised V cache needs flash attention: without it the engine keeps 16-bit floats.
        cache: workload.kv_cache_type.tensor_type(),
        flash_attention,
        cuda: assignment.gpus > 0,
    };
    let mut gpus = vec![Buffers::default(); assignment.gpus];
    let mut host = HostBuffers {
        weights: shape.weights.token_embd,
        ..HostBuffers::default()
    };
    let mut host_block = Bytes::ZERO;
    let mut host_cache = Bytes::ZERO;
    for (layer, block) in shape.weights.blocks.iter().enumerate() {
        let (cache, recurrent) = terms.layer_cache(layer as u32);
        let on_host = assignment.host_experts.get(layer).copied().unwrap_or(false);
        match assignment
            .blocks
            .get(layer)
            .copied()
            .flatten()
            .and_then(|gpu| gpus.get_mut(gpu))
        {
            Some(gpu) => {
                let experts = if on_host { block.experts } else { Bytes::ZERO };
                gpu.weights += block.total - experts;
                host.weights += experts;
                host_block = host_block.max(experts);
                gpu.kv_cache += cache + recurrent;
                gpu.recurrent += recurrent;
            }
            None => {
                host.weights += block.total;
                host_block = host_block.max(block.total);
                host.kv_cache += cache + recurrent;
                host_cache = host_cache.max(cache);
            }
        }
    }
    let output_gpu = assignment.output.and_then(|gpu| gpus.get_mut(gpu));
    match output_gpu {
        Some(gpu) => gpu.weights += shape.weights.output,
        None if shape.weights.tied => {
            host.weights += shape.weights.output - shape.weights.token_embd
        }
        None => host.weights += shape.weights.output,
    }
    let output_on_host = assignment.output.is_none();
    terms.compute(
        &mut gpus,
        &mut host,
        assignment,
        host_block,
        host_cache,
        output_on_host.then_some(shape.weights.output),
    );
    host.output = Bytes(u64::from(architecture.vocabulary_size) * terms.parallel * 4);
    if let Some(first) = gpus.first_mut() {
        first.projector = shape.projector;
    }
    Allocation {
        gpus,
        host,
        batch: terms.batch,
        flash_attention,
    }
}

impl Terms<'_> {
    /// Cells of a sliding window.
    fn window_cells(&self) -> Option<u64> {
        let sliding = self.architecture.sliding.as_ref()?;
        Some(padded(
            self.cells.min(u64::from(sliding.window) + self.batch),
        ))
    }

    /// Keys and values of one block, and its recurrent state.
    fn layer_cache(&self, layer: u32) -> (Bytes, Bytes) {
        let cells = match self.architecture.memory(layer) {
            Memory::Full => self.cells,
            Memory::Window => self.window_cells().unwrap_or(self.cells),
            Memory::State => return (Bytes::ZERO, self.layer_state()),
            Memory::Nothing => return (Bytes::ZERO, Bytes::ZERO),
        };
        let (key, value) = self.architecture.cache_rows(layer);
        let tensor = |row: u64| self.tensor(row, cells * self.parallel);
        (tensor(key) + tensor(value), Bytes::ZERO)
    }

    /// A cache tensor of `cells` rows. CUDA pads the end of a quantised tensor whose rows are not whole multiples of 512 elements.
    fn tensor(&self, row: u64, cells: u64) -> Bytes {
        let bytes = self.cache.bytes(row) * cells;
        let rest = row % MATRIX_ROW_PADDING;
        if self.cuda && self.cache != TensorType::F16 && row > 0 && rest > 0 {
            (bytes + self.cache.bytes(MATRIX_ROW_PADDING - rest)).round_up(ALIGNMENT)
        } else {
            bytes
        }
    }

    /// The recurrent state of one block, 32-bit floats for every slot.
    fn layer_state(&self) -> Bytes {
        let elements = match self
            .architecture
            .recurrent
            .as_ref()
            .map(|hybrid| &hybrid.state)
        {
            Some(&State::Ssm {
                conv_kernel,
                inner_size,
                state_size,
                group_count,
                ..
            }) => {
                let (inner, state) = (u64::from(inner_size), u64::from(state_size));
                u64::from(conv_kernel.saturating_sub(1))
                    * (inner + 2 * u64::from(group_count) * state)
                    + state * inner
            }
            Some(&State::ShortConv { l_cache }) => {
                u64::from(self.architecture.embedding_length) * u64::from(l_cache.saturating_sub(1))
            }
            None => 0,
        };
        Bytes(4 * elements * self.parallel)
    }

    /// The attention mask of every cache.
    fn mask(&self) -> Bytes {
        let cell = if self.flash_attention { 2 } else { 4 };
        let cells = self.cells + self.window_cells().unwrap_or(0);
        Bytes(cell * self.batch * cells)
    }

    fn compute(
        &self,
        gpus: &mut [Buffers],
        host: &mut HostBuffers,
        assignment: &Assignment,
        host_block: Bytes,
        host_cache: Bytes,
        host_output: Option<Bytes>,
    ) {
        let width = u64::from(self.architecture.embedding_length);
        let mask = self.mask();
        let working = self.working_set();
        let hidden = Bytes(width * self.batch);
        if gpus.is_empty() {
            host.compute = mask + working + hidden * 8;
            return;
        }
        let host_hidden = match self.build {
            Build::B10488 => 8,
            Build::B11434 => 16,
        };
        host.compute = hidden * host_hidden + mask;
        let partial = host_block > Bytes::ZERO || host_output.is_some();
        let pipelined = gpus.len() > 1 && !partial;
        for (place, gpu) in gpus.iter_mut().enumerate() {
            gpu.compute = mask + working;
            if pipelined {
                gpu.compute +=
                    mask * PIPELINE_COPIES + hidden * 16 * if place == 0 { 1 } else { 2 };
            }
            if partial {
                gpu.compute += host_block.max(host_output.unwrap_or_default()) + host_cache;
            }
        }
        if pipelined {
            host.compute += mask * PIPELINE_COPIES;
        }
        let _ = assignment;
    }

    /// The largest set of intermediate tensors that is alive at once, over all blocks, beside the mask.
    fn working_set(&self) -> Bytes {
        (0..self.architecture.block_count)
            .map(|layer| self.feed_forward(layer).max(self.attention(layer)))
            .max()
            .unwrap_or_default()
    }

    /// Elements of the query where it is a tensor of its own beside the feed-forward network's.
    fn separate_query(&self, layer: u32) -> u64 {
        let fused = matches!(
            self.architecture.name.as_str(),
            "phi3" | "lfm2" | "lfm2moe" | "qwen35" | "qwen35moe" | "qwen3next" | "granitehybrid"
        );
        if fused { 0 } else { self.query(layer) }
    }

    fn query(&self, layer: u32) -> u64 {
        let heads = u64::from(self.architecture.head_count.get(layer));
        match &self.architecture.mla {
            Some(mla) => heads * u64::from(mla.nope + mla.rope),
            None => heads * u64::from(self.architecture.head_lengths(layer).0),
        }
    }

    fn feed_forward(&self, layer: u32) -> Bytes {
        let d = u64::from(self.architecture.embedding_length);
        let rest = match self.build {
            Build::B10488 => 2 * d + self.separate_query(layer),
            Build::B11434 => 4 * d,
        };
        let elements = match &self.architecture.experts {
            Some(experts) if experts.in_layer(layer) => {
                let (used, width) = (
                    u64::from(experts.used),
                    u64::from(experts.feed_forward_length),
                );
                (3 * used * width + rest).max(2 * used * d + d + rest)
            }
            _ => 3 * u64::from(self.architecture.feed_forward_length.get(layer)) + rest,
        };
        Bytes(4 * self.batch * elements)
    }

    fn attention(&self, layer: u32) -> Bytes {
        if !matches!(
            self.architecture.memory(layer),
            Memory::Full | Memory::Window
        ) {
            return Bytes::ZERO;
        }
        let d = u64::from(self.architecture.embedding_length);
        let heads = u64::from(self.architecture.head_count.get(layer));
        let residual = match self.build {
            Build::B10488 => 2 * d,
            Build::B11434 => 3 * d,
        };
        let query = self.query(layer);
        let mut bytes = Bytes(4 * self.batch * (residual + 2 * query));
        if let Some(mla) = &self.architecture.mla
            && mla.latent_cache
        {
            let (lora, rope, nope) = (
                u64::from(mla.kv_lora_rank),
                u64::from(mla.rope),
                u64::from(mla.nope),
            );
            bytes =
                Bytes(4 * self.batch * (3 * d + heads * (nope + rope + lora + lora + rope + rope)));
        }
        if !self.flash_attention {
            let cells = match self.architecture.memory(layer) {
                Memory::Window => self.window_cells().unwrap_or(self.cells),
                _ => self.cells,
            };
            bytes += Bytes(4 * self.batch * cells * heads);
        } else if self.cache != TensorType::F16 {
            let (key, value) = self.architecture.cache_rows(layer);
            let cells = match self.architecture.memory(layer) {
                Memory::Window => self.window_cells().unwrap_or(self.cells),
                _ => self.cells,
            };
            bytes += Bytes(2 * self.parallel * cells * (key + value));
        }
        bytes
    }
}
