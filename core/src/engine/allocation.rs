//! What an engine allocates for a model, by device and buffer.

use crate::quantization::TensorType;
use crate::units::Bytes;

/// What one device allocates for a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buffers {
    /// Tensors of the layers that lie there.
    pub weights: Bytes,
    /// The file of the vision projector; zero on all but the first GPU.
    pub projector: Bytes,
    /// Keys and values, and recurrent state.
    pub kv_cache: Bytes,
    /// The recurrent state inside `kv_cache`.
    pub recurrent: Bytes,
    /// The scratch space of a batch.
    pub compute: Bytes,
    /// What of the above only drafting takes, beside copies of the recurrent state.
    pub draft: Bytes,
}

impl Buffers {
    /// All bytes that the engine allocates there; `recurrent` and `draft` are parts of the others.
    pub fn total(&self) -> Bytes {
        self.weights + self.projector + self.kv_cache + self.compute
    }
}

/// What lies in system memory, whoever computes with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostBuffers {
    /// Tensors; the token embedding at least.
    pub weights: Bytes,
    /// Keys and values of the blocks on the host.
    pub kv_cache: Bytes,
    /// The scratch space of a batch.
    pub compute: Bytes,
    /// Logits of each slot, in 32-bit floats.
    pub output: Bytes,
}

impl HostBuffers {
    /// All bytes that the engine allocates in system memory.
    pub fn total(&self) -> Bytes {
        self.weights + self.kv_cache + self.compute + self.output
    }
}

/// The cells of a cache that grows with the context: how many there are, in which types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    /// Tokens that are kept, in all slots.
    pub count: u64,
    /// Type of the keys.
    pub keys: TensorType,
    /// Type of the values.
    pub values: TensorType,
}

impl Cells {
    /// What they take where a token adds so many elements, half of them keys.
    pub fn bytes(&self, row: u64) -> Bytes {
        let half = row.div_ceil(2);
        (self.keys.bytes(half) + self.values.bytes(half)) * self.count
    }
}

/// The whole allocation of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// What each GPU holds, in the order of the assignment.
    pub gpus: Vec<Buffers>,
    /// Bytes that lie in system memory while the model is loaded.
    pub host: HostBuffers,
    /// Tokens evaluated at once (`n_ubatch`), as they were resolved.
    pub batch: u64,
    /// Whether flash attention is on for this model.
    pub flash_attention: bool,
    /// The cells of blocks that keep the whole context.
    pub cells: Cells,
    /// Number of tokens that are drafted ahead in each step; zero where nothing drafts.
    pub draft: u32,
    /// By how much the scratch space of all GPUs may be more, where no rule tells it.
    pub unruled: Bytes,
}

impl Allocation {
    /// The larger of both, buffer by buffer.
    pub(super) fn enlarge(&mut self, other: &Self) {
        for (gpu, other) in self.gpus.iter_mut().zip(&other.gpus) {
            gpu.kv_cache = gpu.kv_cache.max(other.kv_cache);
            gpu.compute = gpu.compute.max(other.compute);
            gpu.draft = gpu.draft.max(other.draft);
        }
        self.unruled = self.unruled.max(other.unruled);
        self.host.kv_cache = self.host.kv_cache.max(other.host.kv_cache);
        self.host.compute = self.host.compute.max(other.host.compute);
    }
}
