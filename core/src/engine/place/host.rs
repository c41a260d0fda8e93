//! What of a model the host computes.

use crate::engine::estimate::{Allocation, Assignment, Shape};
use crate::units::Bytes;

/// The part of a model that runs on the processor; the token embedding, which is always there, is none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostPart {
    /// Blocks that are there with all they have.
    pub layers: u32,
    /// Blocks that are on a GPU but for their experts, or for a part of them.
    pub expert_layers: u32,
    /// Weights that every token reads: all but experts.
    pub dense: Bytes,
    /// Experts, all of them; a token picks a few.
    pub experts: Bytes,
    /// Keys and values of the blocks there.
    pub kv_cache: Bytes,
}

impl HostPart {
    pub(super) fn new(shape: Shape<'_>, assignment: &Assignment, allocation: &Allocation) -> Self {
        let mut part = Self {
            kv_cache: allocation.host.kv_cache,
            ..Self::default()
        };
        if !assignment.is_whole() {
            part.count(shape, assignment);
        }
        // The token embedding lies there whatever the GPUs hold: it says nothing of how layers are divided.
        let weights = allocation.host.weights - shape.weights.on_host();
        part.dense = weights - part.experts;
        part
    }

    /// The blocks that are there, wholly or but for what a GPU keeps of them.
    fn count(&mut self, shape: Shape<'_>, assignment: &Assignment) {
        let blocks = (0..).zip(&assignment.blocks).zip(&shape.weights.blocks);
        for ((layer, gpu), block) in blocks {
            self.experts += match (gpu, assignment.moved_experts(layer, block)) {
                (None, _) => {
                    self.layers += 1;
                    block.experts
                }
                // What moved to another GPU is none of the host's.
                (Some(_), (moved, None)) if moved > Bytes::ZERO => {
                    self.expert_layers += 1;
                    moved
                }
                _ => Bytes::ZERO,
            };
        }
    }

    /// Whether nothing is left to the processor.
    pub fn is_empty(&self) -> bool {
        self.layers + self.expert_layers == 0
    }

    /// Bytes of all weights there, experts among them.
    pub fn weights(&self) -> Bytes {
        self.dense + self.experts
    }
}
