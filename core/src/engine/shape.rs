//! A model as the estimator sees it: its shape, the bytes of its tensors, and what drafts for it.

use super::workload::Workload;
use crate::architecture::Architecture;
use crate::units::Bytes;
use crate::weights::Weights;

/// A model as the estimator sees it.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// Numbers of its blocks, from which cache and scratch space follow.
    pub architecture: &'a Architecture,
    /// Bytes of its tensors, block by block.
    pub weights: &'a Weights,
    /// The file of the vision projector, which goes to the first GPU.
    pub projector: Bytes,
    /// What drafts for it, where tokens are drafted ahead.
    pub drafter: Drafter<'a>,
}

/// A model that drafts for another.
#[derive(Clone, Debug)]
pub struct DraftModel {
    /// The tag it was named by; of one that came with the model's file, its `general.name`.
    pub tag: String,
    /// Numbers of its blocks, from which its own cache and scratch space follow.
    pub architecture: Architecture,
    /// Bytes of its tensors, which lie beside those of the model.
    pub weights: Weights,
}

/// What drafts for a model: blocks of its own, or a smaller model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Drafter<'a> {
    /// `draft_num_predict` of the tag: tokens that are drafted where nothing else is asked.
    pub tokens: u32,
    /// A model of its own; without one the model's own blocks draft, where it has such.
    pub model: Option<&'a DraftModel>,
}

impl Drafter<'_> {
    /// Whether the model's own blocks for multi-token prediction are loaded to draft.
    pub(super) fn loads_blocks(&self, architecture: &Architecture, workload: &Workload) -> bool {
        self.model.is_none() && self.tokens(architecture, workload) > 0
    }

    /// Number of tokens that are drafted ahead in each step; zero where nothing drafts.
    pub(super) fn tokens(&self, architecture: &Architecture, workload: &Workload) -> u32 {
        if self.model.is_some() || architecture.drafts() {
            workload.draft.unwrap_or(self.tokens)
        } else {
            0
        }
    }
}
