//! Where the bytes of a model's weights lie: block by block, because blocks are what an engine moves between devices.

use crate::units::Bytes;

/// Bytes of one block's tensors, by what the engine can place apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockWeights {
    /// Bytes of all tensors of the block.
    pub total: Bytes,
    /// The experts among them (`ffn_*_exps`), which the engine moves to the host first.
    pub experts: Bytes,
    /// The largest tensor: what a GPU must be able to fetch for a block that lies on the host.
    pub largest: Bytes,
}

/// Bytes of a model's tensors, by the device that will hold them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// `token_embd.weight`: always on the host.
    pub token_embd: Bytes,
    /// `per_layer_token_embd.weight` and `position_embd.weight`: on the host, too; zero without.
    pub per_layer_token_embd: Bytes,
    /// The output head and its norm: the layer after the last block. For tied embeddings the copy of `token_embd`, too.
    pub output: Bytes,
    /// Whether the head is `token_embd` once more, so that the bytes in the file are less than the bytes in memory.
    pub tied: bool,
    /// Tensors of each block, the first block's first.
    pub blocks: Vec<BlockWeights>,
    /// Blocks for multi-token prediction that are loaded only where they draft. Not counted below.
    pub prediction: Bytes,
    /// Elements that share a scale in a checkpoint of vLLM's: what is split over GPUs is split in whole groups. Nothing of it is known of GGUF files.
    pub group: u32,
}

impl Weights {
    /// What lies on the GPUs when every layer is offloaded.
    pub fn on_gpu(&self) -> Bytes {
        self.output + self.blocks.iter().map(|block| block.total).sum()
    }

    /// What the head adds where the embedding lies: nothing but its norm where both are one tensor.
    pub fn head_without_embedding(&self) -> Bytes {
        let shared = if self.tied {
            self.token_embd
        } else {
            Bytes::ZERO
        };
        self.output - shared
    }

    /// All tensors of the file, each once: what a CPU-only run holds.
    pub fn in_file(&self) -> Bytes {
        let embedding = if self.tied {
            Bytes::ZERO
        } else {
            self.token_embd
        };
        self.on_gpu() + embedding + self.per_layer_token_embd
    }

    /// What always lies on the host.
    pub fn on_host(&self) -> Bytes {
        self.token_embd + self.per_layer_token_embd
    }

    /// The same distribution with `total` bytes in the file: for a published file of which only the size is known.
    pub fn scaled_to(&self, total: Bytes) -> Self {
        let (from, to) = (self.in_file().0, total.0);
        let scale = |bytes: Bytes| bytes.scale(to, from);
        // Most blocks are like the one before.
        let mut last = (BlockWeights::default(), BlockWeights::default());
        let block = |block: &BlockWeights| {
            if last.0 != *block {
                let scaled = BlockWeights {
                    total: scale(block.total),
                    experts: scale(block.experts),
                    largest: scale(block.largest),
                };
                last = (*block, scaled);
            }
            last.1
        };
        Self {
            token_embd: scale(self.token_embd),
            per_layer_token_embd: scale(self.per_layer_token_embd),
            output: scale(self.output),
            tied: self.tied,
            blocks: self.blocks.iter().map(block).collect(),
            prediction: scale(self.prediction),
            group: self.group,
        }
    }
}
