//! From a catalog entry to what the estimator needs, and how far the result can be trusted.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::draft::{DraftModel, Drafter};
use super::estimate::{Allocation, Buffers, Shape};
use super::layout;
use super::stand_in::stand_in;
use crate::architecture::{Architecture, Known, State, table};
use crate::catalog::model::{Capability, ModelKind, WeightsBasis};
use crate::catalog::{Catalog, Entry};
use crate::units::Bytes;
use crate::weights::Weights;

/// Which shape and bytes an estimate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The tensors of a file at hand.
    File,
    /// The model's own shape and the published size of its file.
    Architecture,
    /// The model's own shape, and a size that is rounded or computed from it.
    Computed,
    /// The shape of the nearest model whose shape is known.
    SimilarArchitecture,
    /// The guide's range, for a tag that does not exist.
    Documented,
    /// Exact tensors of an architecture or an arrangement whose allocation is not known in full, or newer than this version; or an exact size
    /// that no known layout of the tensors has.
    Approximate,
}

impl Basis {
    /// What an estimate from exact tensors rests on: `exact` where the architecture's allocation is known in full.
    pub fn of_file(architecture: &Architecture, exact: Self) -> Self {
        match architecture.traits.known {
            Known::Exact => exact,
            Known::Cache | Known::Keys | Known::Unknown => Self::Approximate,
        }
    }

    /// Whether the estimate is the engine's own allocation and no approximation.
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::File | Self::Architecture)
    }
}

/// A model ready to be estimated.
#[derive(Clone, Debug)]
pub struct EstimateInput<'a> {
    /// Its shape, its own or a similar model's.
    pub architecture: Cow<'a, Architecture>,
    /// Bytes of its tensors, block by block, as far as `basis` knows them.
    pub weights: Weights,
    /// The file of its vision projector; zero without one, or where its size is unknown.
    pub projector: Bytes,
    /// What shape and bytes rest on.
    pub basis: Basis,
    /// By how much its weights may be more: what rounding or computing their size leaves open.
    pub rounding: Bytes,
    /// Elements that a token adds to the largest cache that a model of its size may well have; `None` where its shape is its own.
    pub largest_row: Option<u64>,
    /// `draft_num_predict` of the tag: tokens that it drafts ahead by itself.
    pub draft: u32,
    /// A model that drafts for it, where one was named.
    pub draft_model: Option<Box<DraftModel>>,
}

impl EstimateInput<'_> {
    /// What the estimate of `allocation` rests on: an exact one becomes approximate where no rule tells more of it than a hundredth of what
    /// the GPUs hold of the model.
    pub fn basis_of(&self, allocation: &Allocation) -> Basis {
        let unruled = allocation.unruled + self.across_gpus(allocation);
        let held: Bytes = allocation.gpus.iter().map(|gpu| gpu.weights).sum();
        match self.basis.is_exact() && unruled > held.scale(1, 100) {
            true => Basis::Approximate,
            false => self.basis,
        }
    }

    /// By how much an allocation of it on GPUs may be too small, in bytes; zero where it is the engine's own.
    ///
    /// Where compute has no rule, the engine's plans of such models took up to two and a half times what was estimated, and 60 MiB more.
    pub fn doubt(&self, allocation: &Allocation) -> Bytes {
        let sum = |part: fn(&Buffers) -> Bytes| allocation.gpus.iter().map(part).sum::<Bytes>();
        let (weights, cache) = (sum(|gpu| gpu.weights), sum(|gpu| gpu.kv_cache));
        if allocation.gpus.is_empty() {
            return Bytes::ZERO;
        }
        // What a projector takes for the largest picture.
        let vision = match sum(|gpu| gpu.projector) {
            Bytes::ZERO => Bytes::ZERO,
            _ => Bytes::mib(self.architecture.traits.projector_compute.into()),
        };
        let rounding = self.rounding + vision;
        let compute = sum(|gpu| gpu.compute) + NO_RULE;
        // A tag that does not exist is as large as the guide says, about.
        let about = match self.basis {
            Basis::Documented => weights.scale(1, 10),
            _ => Bytes::ZERO,
        };
        if let Some(row) = self.largest_row {
            // Another's shape: another cache altogether, and the head may be the embedding, which then lies on a GPU too.
            let largest = allocation.cells.bytes(row);
            let all = cache + allocation.host.kv_cache;
            let missing = largest.scale(cache.0, all.0.max(1)) - cache;
            return rounding + about + missing + self.weights.on_host() + compute;
        }
        let of_shape = match self.basis {
            Basis::Documented => return about + cache + compute,
            Basis::SimilarArchitecture => Bytes::ZERO,
            Basis::File | Basis::Architecture | Basis::Computed | Basis::Approximate => {
                match self.architecture.traits.known {
                    Known::Exact => Bytes::ZERO,
                    Known::Cache => compute,
                    Known::Keys => compute + cache.scale(1, 4),
                    Known::Unknown => compute + cache.scale(1, 2),
                }
            }
        };
        of_shape + rounding + allocation.unruled + self.across_gpus(allocation)
    }

    /// What several GPUs may take beyond the rules: where blocks on one read more of another's than its result, each such tensor is kept
    /// four times. Read off b10603 on two GPUs, and bounded: Mamba 16 embeddings a token, Nemotron-H 21, PLaMo 2 3.3 a block, RWKV 7 13 a
    /// block, Gemma 4 its rows 4 times, MiniMax M3 two masks a block.
    fn across_gpus(&self, allocation: &Allocation) -> Bytes {
        let architecture = &self.architecture;
        if allocation.gpus.len() < 2 {
            return Bytes::ZERO;
        }
        let sum = |part: fn(&Buffers) -> Bytes| allocation.gpus.iter().map(part).sum::<Bytes>();
        let width = u64::from(architecture.embedding_length);
        let blocks = u64::from(architecture.block_count);
        let state = architecture.recurrent.as_ref().map(|hybrid| &hybrid.state);
        let exact = architecture.traits.known == Known::Exact;
        let mut elements = match state {
            Some(State::Ssm { .. }) if architecture.traits.gated_query => 0,
            Some(State::Ssm { .. }) if exact => 24 * width,
            Some(State::Ssm {
                time_step_rank: 0, ..
            }) => 14 * blocks * width,
            Some(State::Ssm { .. }) => 4 * blocks * width,
            _ => 0,
        };
        elements += 5 * blocks * u64::from(architecture.embedding_length_per_layer_input);
        if architecture
            .indexer
            .as_ref()
            .is_some_and(|indexer| indexer.rows > 1)
        {
            let (key, value) = architecture.cache_rows(0);
            elements += 2 * sum(|gpu| gpu.kv_cache).0 / (key + value).max(1);
        }
        let a_batch = elements.saturating_mul(4).saturating_mul(allocation.batch);
        // Without flash attention also caches that blocks share are kept four times, with their scores: up to as much again.
        let shares = architecture.shared_kv_layers > 0 && !architecture.is_encoder();
        let again = architecture.traits.batch_logits || shares && !allocation.flash_attention;
        let twice = match again {
            true => sum(|gpu| gpu.compute),
            false => Bytes::ZERO,
        };
        Bytes(a_batch) * allocation.gpus.len() as u64 + twice
    }

    /// Whether Ollama serves it one request at a time, whatever `OLLAMA_NUM_PARALLEL` says: some architectures, and whatever writes nothing.
    ///
    /// Source: `Scheduler.load` of server/sched.go, v0.33 (a list of families, and models without the capability `completion`).
    pub fn single_slot(&self) -> bool {
        table::row(&self.architecture.name).one_slot || !self.architecture.traits.generates
    }

    /// The shape and bytes that [`estimate`](super::estimate) computes from.
    pub fn shape(&self) -> Shape<'_> {
        Shape {
            architecture: &self.architecture,
            weights: &self.weights,
            projector: self.projector,
            drafter: Drafter {
                tokens: self.draft,
                model: self.draft_model.as_deref(),
            },
        }
    }
}

/// What compute without a rule took beyond what was estimated, beside a multiple of it.
const NO_RULE: Bytes = Bytes::mib(64);

/// By how much a file may be larger than its published or computed size.
fn rounding(bytes: Bytes, basis: WeightsBasis) -> Bytes {
    match basis {
        WeightsBasis::Exact | WeightsBasis::Download => Bytes::ZERO,
        WeightsBasis::Rounded => Bytes(1_000_000),
        // Computed sizes are within 3 % of the published ones but for some mixtures of types.
        WeightsBasis::Computed => bytes.scale(3, 100),
        // Half a step of the second digit.
        WeightsBasis::Published => Bytes(10_u64.pow(bytes.0.max(10).ilog10() - 1) / 2),
    }
}

/// By how much a model that sees may take more than what is known of it: a projector of unknown size.
fn unknown_of_vision(catalog: &Catalog, entry: Entry<'_>) -> Bytes {
    let sees = entry.model.capabilities.contains(&Capability::Vision);
    match entry.variant.projector {
        Bytes::ZERO if sees => catalog
            .knowledge
            .ollama
            .projector
            .of_model(&entry.model.name),
        _ => Bytes::ZERO,
    }
}

/// A quantization whose layout stands for an unknown one.
const USUAL: &str = "Q4_K_M";

/// What the estimator needs to know of a catalog entry. `None` if not even the size of its file is known.
pub fn estimate_input<'a>(catalog: &'a Catalog, entry: Entry<'_>) -> Option<EstimateInput<'a>> {
    let (model, variant) = (entry.model, entry.variant);
    let own = catalog.architecture(model);
    let (known, largest_row) = match own {
        Some(own) => (own, None),
        None => {
            let lent = stand_in(catalog, model)?;
            (lent.known, Some(lent.largest_row))
        }
    };
    let documented = || {
        catalog
            .documented_vram(&variant.tag)
            .map(|(least, _)| least)
    };
    let (bytes, basis) = match (variant.weights, own) {
        (Some(bytes), None) => (bytes, Basis::SimilarArchitecture),
        (Some(bytes), Some(_)) if variant.weights_basis <= WeightsBasis::Rounded => {
            (bytes, Basis::Architecture)
        }
        (Some(bytes), Some(_)) => (bytes, Basis::Computed),
        (None, _) => (documented()?, Basis::Documented),
    };
    let quantization = variant.quantization.as_deref().unwrap_or(USUAL);
    let basis = if basis == Basis::Architecture {
        Basis::of_file(&known.shape, Basis::Architecture)
    } else {
        basis
    };
    let tensors = bytes - known.metadata;
    let projector = unknown_of_vision(catalog, entry);
    let size = layout::FileSize {
        tensors,
        // A computed size is the usual layout's own.
        rounding: match variant.weights_basis {
            WeightsBasis::Computed => Bytes::ZERO,
            basis => rounding(bytes, basis),
        },
        projector,
    };
    let laid_out = layout::of_size(&known.shape, quantization, size);
    let misplaced = match (own, &laid_out) {
        (Some(_), Some(file)) => file.misplaced,
        // A stranger's shape, or a stranger's quantization, says nothing of this file's tensors.
        _ => Bytes::ZERO,
    };
    let file = laid_out.or_else(|| layout::of_size(&known.shape, USUAL, size))?;
    let basis = match basis.is_exact() && misplaced > bytes.scale(1, 100) {
        true => Basis::Approximate,
        false => basis,
    };
    let mut architecture = Cow::Borrowed(&known.shape);
    if model.kind == ModelKind::Embedding {
        // Tuned from a model that writes, such as Qwen3, it writes no more.
        architecture.to_mut().traits.generates = false;
    }
    let draft = catalog.knowledge.ollama.draft.of_tags(variant);
    if draft > 0 && architecture.traits.drafts {
        // The file has the block that drafts; the engine divides it among GPUs with the others.
        architecture.to_mut().prediction_layers = 1;
    }
    Some(EstimateInput {
        architecture,
        weights: file.weights,
        projector: variant.projector,
        basis,
        rounding: rounding(bytes, variant.weights_basis) + misplaced + projector,
        largest_row,
        draft,
        draft_model: None,
    })
}
