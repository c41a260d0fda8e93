//! What of a model the host computes.

use crate::engine::estimate::{Allocation, Assignment, Shape};
use crate::units::Bytes;

/// The part of a model that runs on the processor; the token embedding, which is always there, is none of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostPart {
    /// Blocks that are there with all they have.
    pub layers: u32,
    /// Blocks that are on a GPU but for their experts.
    pub expert_layers: u32,
    /// Weights beside experts.
    pub dense: Bytes,
    /// Experts, all of them; a token picks a few.
    pub experts: Bytes,
    /// Keys and values of the blocks there.
    pub kv_cache: Bytes,
}

impl HostPart {
    pub(super) fn of(shape: Shape<'_>, assignment: &Assignment, allocation: &Allocation) -> Self {
        let mut part = Self {
            kv_cache: allocation.host.kv_cache,
            ..Self::default()
        };
        let blocks = assignment.blocks.iter().zip(&assignment.host_experts);
        for ((gpu, experts), block) in blocks.zip(&shape.weights.blocks) {
            match gpu {
                None => part.layers += 1,
                Some(_) if *experts => part.expert_layers += 1,
                Some(_) => continue,
            }
            part.experts += block.experts;
        }
        let weights = allocation.host.weights - shape.weights.on_host();
        part.dense = weights - part.experts;
        part
    }

    /// Whether nothing is left to the processor.
    pub fn is_empty(&self) -> bool {
        self.layers + self.expert_layers == 0
    }

    /// All weights there.
    pub fn weights(&self) -> Bytes {
        self.dense + self.experts
    }
}
