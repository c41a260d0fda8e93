//! What vLLM takes of each GPU, by a stated rule, and the words that start it so.
//!
//! Weights are the checkpoint's own bytes, the cache is what all slots need at the whole context. Beside them a step of
//! [`BATCHED_TOKENS`] needs room by the widths of the model, and CUDA graphs, workspaces and collectives by an allowance. vLLM is told the
//! sum as its share of the GPU (`--gpu-memory-utilization`): what it does not need for the rest, it adds to the cache.
//!
//! Tensor parallelism splits every matrix by heads and by the width of its networks; keys and values are split by their heads and copied
//! where there are fewer of them, the latent of MLA is on every GPU. Pipeline parallelism splits by layers: what does not come out even goes to
//! the stages in the middle, since the first has the embedding and the last the head (`get_pp_indices` of vllm/distributed/utils.py).

use super::estimate::{Assignment, Buffers, Shape, allocate};
use super::workload::{FlashAttention, Workload};
use crate::architecture::Architecture;
pub use crate::catalog::checkpoint::Format;
use crate::quantization::KvCacheType;
use crate::units::Bytes;
use crate::weights::Weights;

/// Tokens that it evaluates at once (`--max-num-batched-tokens`).
pub const BATCHED_TOKENS: u32 = 2048;
/// CUDA graphs and the workspaces of its kernels.
const GRAPHS: Bytes = Bytes::mib(1024);
/// Buffers of the collectives, where several GPUs work together.
const COLLECTIVES: Bytes = Bytes::mib(512);

/// Over how many GPUs a model is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Of a machine: each holds a part of every layer.
    pub tensor: u32,
    /// Machines: each holds a part of the layers.
    pub pipeline: u32,
}

/// Whether so many GPUs can share every layer: heads come out even, and networks in whole groups of their scales.
pub fn divides(architecture: &Architecture, group: u32, tensor: u32) -> bool {
    let heads = architecture.head_count.max();
    let kv_heads = architecture.head_count_kv.max().max(1);
    let kv_even = architecture.mla.is_some()
        || kv_heads.is_multiple_of(tensor)
        || tensor.is_multiple_of(kv_heads);
    let step = tensor.saturating_mul(group.max(1));
    let dense = (0..architecture.block_count)
        .filter(|layer| !architecture.has_experts(*layer))
        .map(|layer| architecture.feed_forward_length.get(layer));
    let experts = architecture.experts.iter().flat_map(|experts| {
        [
            experts.feed_forward_length,
            experts.shared_feed_forward_length,
        ]
    });
    tensor > 0
        && heads.is_multiple_of(tensor)
        && kv_even
        && (tensor == 1 || dense.chain(experts).all(|width| width.is_multiple_of(step)))
}

/// What one GPU holds at the most.
pub fn per_gpu(shape: Shape<'_>, workload: &Workload, parts: Parts) -> Buffers {
    let architecture = shape.architecture;
    let cache = cache(shape, workload);
    let stages = stages(shape.weights, parts.pipeline.max(1));
    let holds = stages.map(|stage| buffers(architecture, workload, parts, stage, cache));
    holds.max_by_key(Buffers::total).unwrap_or_default()
}

/// A machine's part of a model.
#[derive(Clone, Copy)]
struct Stage {
    weights: Bytes,
    layers: u64,
}

/// The stages of a pipeline, in order.
fn stages(weights: &Weights, pipeline: u32) -> impl Iterator<Item = Stage> {
    let layers = weights.blocks.len();
    let count = pipeline as usize;
    let left = layers % count;
    let mut from = 0;
    (0..count).map(move |at| {
        let more = at + 1 < count && at + 1 + left >= count;
        let to = from + layers / count + usize::from(more);
        let blocks = weights.blocks[from..to].iter();
        from = to;
        let ends = match (at == 0, at + 1 == count) {
            (true, true) => weights.in_file() - blocks.clone().map(|block| block.total).sum(),
            (true, false) => weights.token_embd + weights.per_layer_token_embd,
            (false, true) => weights.output,
            (false, false) => Bytes::ZERO,
        };
        Stage {
            layers: blocks.len() as u64,
            weights: blocks.map(|block| block.total).sum::<Bytes>() + ends,
        }
    })
}

fn buffers(
    architecture: &Architecture,
    workload: &Workload,
    parts: Parts,
    stage: Stage,
    cache: Bytes,
) -> Buffers {
    let layers = u64::from(architecture.block_count.max(1));
    let tensor = u64::from(parts.tensor.max(1));
    let weights = stage.weights;
    // Norms are on every GPU.
    let weights = match tensor {
        1 => weights,
        _ => weights.scale(101, 100 * tensor),
    };
    let copies = u64::from(architecture.head_count_kv.max().max(1)).min(tensor);
    let cache = cache.scale(stage.layers, layers);
    let kv_cache = if architecture.mla.is_some() {
        cache
    } else {
        cache.scale(1, copies)
    };
    let collectives = if tensor > 1 || parts.pipeline > 1 {
        COLLECTIVES
    } else {
        Bytes::ZERO
    };
    Buffers {
        weights,
        kv_cache,
        compute: step(architecture, workload.parallel, tensor) + GRAPHS + collectives,
        ..Buffers::default()
    }
}

/// Keys and values of all slots at the whole context, in 16 bits; of MLA the latent, whatever a GGUF file's engine keeps.
fn cache(shape: Shape<'_>, workload: &Workload) -> Bytes {
    if let Some(mla) = &shape.architecture.mla {
        let row = u64::from(mla.kv_lora_rank) + u64::from(mla.rope);
        let layers = u64::from(shape.architecture.block_count);
        let cells = u64::from(workload.context_length) * u64::from(workload.parallel);
        return Bytes(2 * row * layers) * cells;
    }
    let workload = Workload {
        kv_cache_type: KvCacheType::F16,
        flash_attention: FlashAttention::On,
        draft: Some(0),
        batch: Some(BATCHED_TOKENS),
        ..*workload
    };
    let single = Assignment::single(shape.architecture.block_count);
    let whole = allocate(shape, &workload, &single);
    whole.gpus.iter().map(|gpu| gpu.kv_cache).sum()
}

/// The largest moment of a step: what goes through a layer in 16 bits, and the logits of every slot in 16 and twice in 32 bits.
fn step(architecture: &Architecture, slots: u32, tensor: u64) -> Bytes {
    let width = u64::from(architecture.embedding_length);
    let dense = 3 * u64::from(architecture.feed_forward_length.max()) / tensor;
    let chosen = architecture.experts.as_ref().map_or(0, |experts| {
        let one = 3 * u64::from(experts.feed_forward_length) / tensor + width;
        u64::from(experts.used) * one
    });
    let row = 2 * (4 * width + dense.max(chosen));
    let logits = u64::from(slots) * u64::from(architecture.vocabulary_size) * 10;
    Bytes(u64::from(BATCHED_TOKENS) * row + logits)
}

/// What the command line of `vllm serve` is made of.
#[derive(Clone, Copy, Debug)]
pub struct Serve<'a> {
    /// `OWNER/NAME` at Hugging Face.
    pub repository: &'a str,
    /// The name under which it answers.
    pub tag: &'a str,
    /// Address and port that it listens on (`--host`, `--port`).
    pub address: (&'a str, u16),
    /// GPUs of a machine that share each layer, and machines that share the layers.
    pub parts: Parts,
    /// Tokens that a request may have, answer included (`--max-model-len`).
    pub context_length: u32,
    /// Requests that are served at once (`--max-num-seqs`).
    pub parallel: u32,
    /// Thousandths of each GPU that it takes.
    pub share: u64,
}

impl Serve<'_> {
    /// The command line of the server without its program: `serve REPOSITORY --option value ..`.
    pub fn arguments(&self) -> Vec<String> {
        let (host, port) = self.address;
        let mut words = vec!["serve".to_owned(), self.repository.to_owned()];
        let mut put = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
        put("--served-model-name", self.tag.to_owned());
        put("--host", host.to_owned());
        put("--port", port.to_string());
        put("--tensor-parallel-size", self.parts.tensor.to_string());
        if self.parts.pipeline > 1 {
            put("--pipeline-parallel-size", self.parts.pipeline.to_string());
        }
        put("--max-model-len", self.context_length.to_string());
        put("--max-num-seqs", self.parallel.to_string());
        put("--max-num-batched-tokens", BATCHED_TOKENS.to_string());
        put(
            "--gpu-memory-utilization",
            format!("0.{:03}", self.share.min(999)),
        );
        words
    }
}

/// Thousandths of a GPU with `total` bytes that `need` bytes are, rounded up.
pub fn share(need: Bytes, total: Bytes) -> u64 {
    let thousandths = u128::from(need.0) * 1000;
    let share = thousandths.div_ceil(u128::from(total.0.max(1)));
    u64::try_from(share).unwrap_or(u64::MAX).min(999)
}
