//! Which device holds each layer, and each block's experts.

use crate::architecture::Architecture;
use crate::units::Bytes;
use crate::weights::BlockWeights;

/// The device on which each block lies, and the parts of blocks that lie elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Number of GPUs that blocks are spread over.
    pub gpus: usize,
    /// For each block its GPU, or `None` for the host.
    pub blocks: Vec<Option<usize>>,
    /// The same for each block for multi-token prediction, loaded or not; the engine counts them as layers.
    pub prediction: Vec<Option<usize>>,
    /// The GPU of the output layer, or `None` for the host.
    pub output: Option<usize>,
    /// Blocks whose experts stay on the host although the block is on a GPU.
    pub host_experts: Vec<bool>,
    /// Blocks of whose experts only a part lies where the block does.
    pub partial: Vec<PartialBlock>,
}

/// A block of whose experts not all find room on its GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartialBlock {
    /// Number of the block, from 0.
    pub block: u32,
    /// The part of its experts that its GPU keeps.
    pub kept: KeptExperts,
    /// The GPU that holds the rest, or `None` for the host.
    pub rest: Option<usize>,
}

/// The part of a block's experts that its GPU keeps (`common_layer_fraction_t` of common/fit.cpp).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptExperts {
    /// Nothing: all three projections of the experts lie elsewhere.
    Nothing,
    /// Their up projections; gate and down lie elsewhere.
    Up,
    /// The up and gate projections of their experts lie there, the down projection does not.
    UpAndGate,
}

impl KeptExperts {
    /// What is kept of a block's experts. Where gate and up are one matrix, it is the largest by far.
    fn bytes(self, block: &BlockWeights) -> Bytes {
        let fused = block.largest * 2 > block.experts;
        match self {
            Self::Nothing => Bytes::ZERO,
            Self::Up if fused => Bytes::ZERO,
            Self::Up => (block.experts - block.largest).scale(1, 2),
            Self::UpAndGate if fused => block.largest,
            Self::UpAndGate => block.experts - block.largest,
        }
    }
}

impl Assignment {
    /// Every layer on one GPU.
    pub fn single(blocks: u32) -> Self {
        Self {
            gpus: 1,
            blocks: vec![Some(0); blocks as usize],
            prediction: Vec::new(),
            output: Some(0),
            host_experts: vec![false; blocks as usize],
            partial: Vec::new(),
        }
    }

    /// Every layer on the host.
    pub fn host(blocks: u32) -> Self {
        Self {
            gpus: 0,
            blocks: vec![None; blocks as usize],
            prediction: Vec::new(),
            output: None,
            host_experts: vec![false; blocks as usize],
            partial: Vec::new(),
        }
    }

    /// The engine's layer split: layer `il` of the `n` in the file goes to the first device whose cumulative share of the free memory exceeds
    /// `il / (n + 1)`; the output layer is the last. Blocks for multi-token prediction take part, whether or not they are loaded.
    pub fn split(architecture: &Architecture, free: &[Bytes]) -> Self {
        Self::offload(architecture, free, architecture.file_layers())
    }

    /// The last `layers` layers of the file on the GPUs (`--n-gpu-layers`), split by free memory; the rest on the host.
    pub fn offload(architecture: &Architecture, free: &[Bytes], layers: u32) -> Self {
        let all = architecture.file_layers();
        let layers = layers.min(all);
        let first = all - layers;
        let total: u128 = free.iter().map(|bytes| u128::from(bytes.0)).sum();
        let device = |layer: u32| {
            let layer = layer.checked_sub(first)?;
            // Most questions are of one GPU.
            if free.len() == 1 {
                return Some(0);
            }
            let mut cumulative = 0;
            let place = free.iter().position(|bytes| {
                cumulative += u128::from(bytes.0);
                cumulative * u128::from(layers) > u128::from(layer) * total
            });
            // Without any free memory no share exceeds anything, and the engine takes the last.
            Some(place.unwrap_or(free.len().saturating_sub(1)))
        };
        Self {
            gpus: free.len(),
            blocks: (0..architecture.block_count).map(device).collect(),
            prediction: (architecture.block_count..all - 1).map(device).collect(),
            output: device(all - 1),
            ..Self::host(architecture.block_count)
        }
    }

    /// Whether every block lies on GPUs with all it has.
    pub(super) fn is_whole(&self) -> bool {
        self.blocks.iter().all(Option::is_some)
            && !self.host_experts.contains(&true)
            && self.partial.is_empty()
    }

    /// Layers on the GPUs, the output layer among them.
    pub fn gpu_layers(&self) -> u32 {
        self.blocks
            .iter()
            .chain([&self.output])
            .filter(|device| device.is_some())
            .count() as u32
    }

    /// The experts of a block on a GPU that lie elsewhere, and on which other GPU or the host.
    pub(super) fn moved_experts(&self, layer: u32, block: &BlockWeights) -> (Bytes, Option<usize>) {
        if self
            .host_experts
            .get(layer as usize)
            .copied()
            .unwrap_or(false)
        {
            return (block.experts, None);
        }
        let partial = self.partial.iter().find(|partial| partial.block == layer);
        partial.map_or((Bytes::ZERO, None), |partial| {
            (block.experts - partial.kept.bytes(block), partial.rest)
        })
    }
}
