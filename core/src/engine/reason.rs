//! Why a model stands where it stands: codes with their numbers, which every language words.

use serde::{Deserialize, Serialize};

use super::doubt::within_doubt;
use super::estimate_input::{Basis, EstimateInput};
use super::place::{GpuPool, Placement, Verdict};
use super::workload::{CacheFault, Engine, FlashAttention};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// Why a model stands where it stands, or what to know about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Reason {
    /// The guide's rank for the task.
    RankedForTask {
        /// Place in the guide's list, from 1.
        rank: u32,
    },
    /// Among the best of all models for the task, by evidence.
    StrongForTask {
        /// Points from 0 to 100, e.g. 78.4.
        score: f64,
    },
    /// How much of the fullest GPU stays free.
    Headroom {
        /// Bytes left free beyond the engine's margin.
        bytes: Bytes,
    },
    /// The asked context is longer than the model was trained for.
    ContextClamped {
        /// Tokens of context that were asked for.
        asked: u32,
        /// Tokens of context that it gets: those it was trained for.
        used: u32,
    },
    /// One GPU is not enough: it is split over several.
    SplitsOver {
        /// Number of GPUs that hold a part of it.
        gpus: u32,
    },
    /// The cache takes more than the weights.
    CacheDominates {
        /// The cache's part of all bytes, in percent.
        percent: u32,
    },
    /// Take this instead of a tag that Ollama does not publish.
    ReplacesUnpublished {
        /// The tag that Ollama does not publish.
        tag: String,
    },
    /// Loads whole only with `PARAMETER num_gpu 999`, which turns the engine's own fitting off.
    LoadsWholeOnlyWith {
        /// The line's parameter and value: `num_gpu 999`.
        setting: String,
    },
    /// Left alone, Ollama starts it with another context, which fits on the same GPUs.
    DefaultContextTakes {
        /// Tokens of context that Ollama chooses by itself.
        context_length: u32,
        /// Bytes that it takes on GPUs then.
        bytes: Bytes,
    },
    /// Left alone, Ollama starts it with another context, with which it moves layers to the host.
    DefaultContextOffloads {
        /// Tokens of context that Ollama chooses by itself.
        context_length: u32,
    },
    /// Part of the weights runs on the host.
    OffloadsShare {
        /// The host's part of the weights, in percent.
        percent: u32,
    },
    /// Runs on the processor alone.
    ProcessorOnly,
    /// It would run on the processor, and how much system memory there is nobody told.
    HostMemoryUnknown {
        /// Bytes of system memory that it needs.
        bytes: Bytes,
    },
    /// A mixture of experts: as fast as its active part.
    MixtureOfExperts {
        /// Number of parameters that one token meets.
        active_parameters: u64,
    },
    /// Not the default file but another of the same model.
    OtherQuantization {
        /// Tag of the default file, which is not taken.
        instead_of: String,
    },
    /// Its vision projector runs on the processor, for want of room on a GPU.
    ProjectorOnHost {
        /// Bytes of the projector's file, in system memory.
        bytes: Bytes,
    },
    /// Ollama has the engine leave the size of its vision projector free besides, where the projector lies.
    ProjectorPadding {
        /// Bytes that stay free for it.
        bytes: Bytes,
    },
    /// It sees pictures, and how large its vision projector is is not known: it is not counted.
    ProjectorUnknown {
        /// Bytes that it takes at most, with its scratch space.
        most: Bytes,
    },
    /// Ollama serves one request at a time with this architecture.
    SingleSlot,
    /// The engine cannot use flash attention with this model.
    NoFlashAttention,
    /// The engine does not load the model with such a cache.
    CacheRefused {
        /// The type of cached keys and values that was asked for.
        kv_cache_type: KvCacheType,
        /// What the engine cannot do with that type.
        fault: CacheFault,
    },
    /// Tokens are drafted ahead, as asked or as the tag does by itself.
    Drafts {
        /// Tokens that are drafted before the model checks them.
        tokens: u32,
        /// Ollama tag of the model that drafts; null: the model's own blocks.
        model: Option<String>,
        /// Bytes that drafting takes on the GPUs.
        bytes: Bytes,
    },
    /// Tokens cannot be drafted: the model has no blocks for it.
    CannotDraft,
    /// Ollama, or its version, does not take such a cache; llama-server does.
    CacheNotOllamas {
        /// The type of cached keys and values that was asked for.
        kv_cache_type: KvCacheType,
    },
    /// It fits, or loads whole, by less than the estimate may be off: it probably does.
    WithinDoubt {
        /// Bytes by which the estimate may be off.
        doubt: Bytes,
    },
    /// With such a cache attention runs on the processor, which is slow.
    AttendsOnHost {
        /// The type of cached keys and values that was asked for.
        kv_cache_type: KvCacheType,
    },
    /// No benchmark of its own; judged by its family and size.
    InferredQuality,
    /// The memory need is not exact.
    InexactMemory {
        /// What the estimate rests on.
        basis: Basis,
    },
    /// A repository whose name names this model: its shape and quantization say the size, nobody looked at the file.
    NamedAfter {
        /// Tag of the catalog's model whose shape was taken.
        of: String,
    },
    /// The tag does not exist in Ollama's library.
    NotPublished {
        /// Tag to take instead; null where none is known.
        replaced_by: Option<String>,
    },
}

/// More layers than any model has: with it the engine does not fit by itself.
pub const ALL_LAYERS: u32 = 999;

/// Where the projector lies and what is kept free for it, where that decides something.
fn projector(input: &EstimateInput<'_>, placement: &Placement) -> Option<Reason> {
    let mut gpus = placement.shares.iter();
    let held = gpus.any(|share| share.buffers.projector > Bytes::ZERO);
    if input.projector > Bytes::ZERO && !held && !placement.shares.is_empty() {
        let bytes = input.projector;
        return Some(Reason::ProjectorOnHost { bytes });
    }
    // Where all fits with room to spare, what is kept free for a projector explains nothing.
    let matters = matches!(placement.verdict, Verdict::Tight | Verdict::Offloads);
    let bytes = placement.padding;
    (matters && bytes > Bytes::ZERO).then_some(Reason::ProjectorPadding { bytes })
}

fn drafting(input: &EstimateInput<'_>, placement: &Placement) -> Option<Reason> {
    let tokens = placement.allocation.draft;
    if tokens == 0 {
        // Nobody is told of a lack of what nobody asked for.
        let asked = placement.workload.draft.is_some_and(|tokens| tokens > 0);
        return asked.then_some(Reason::CannotDraft);
    }
    let gpus = placement.allocation.gpus.iter();
    // A state cannot be taken back token by token, so each drafted token keeps a copy beside the current one.
    let copies = |state: Bytes| state.scale(u64::from(tokens), u64::from(tokens) + 1);
    let bytes = gpus.map(|gpu| gpu.draft + copies(gpu.recurrent)).sum();
    let model = input.draft_model.as_ref();
    Some(Reason::Drafts {
        tokens,
        model: model.map(|model| model.tag.clone()),
        bytes,
    })
}

/// Whether one of the reasons says that the estimate may be off by more than is free.
pub fn is_doubtful(reasons: &[Reason]) -> bool {
    let doubtful = |reason: &Reason| matches!(reason, Reason::WithinDoubt { .. });
    reasons.iter().any(doubtful)
}

/// What the placement itself gives to say.
pub fn of_placement(
    input: &EstimateInput<'_>,
    placement: &Placement,
    pool: &GpuPool,
    asked_context: u32,
) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match placement.verdict {
        Verdict::Fits => {
            let spare = placement.spare(pool);
            reasons.extend(spare.map(|bytes| Reason::Headroom { bytes }));
        }
        Verdict::Tight => reasons.push(Reason::LoadsWholeOnlyWith {
            setting: format!("num_gpu {ALL_LAYERS}"),
        }),
        Verdict::Offloads if placement.shares.iter().all(|share| share.layers == 0) => {
            reasons.push(Reason::ProcessorOnly)
        }
        Verdict::Offloads => reasons.push(Reason::OffloadsShare {
            percent: percent(placement.host_share()),
        }),
        Verdict::DoesNotFit => {}
    }
    let doubt = within_doubt(input, placement, pool);
    reasons.extend(doubt.map(|doubt| Reason::WithinDoubt { doubt }));
    reasons.extend(drafting(input, placement));
    reasons.extend(projector(input, placement));
    if placement.verdict >= Verdict::Tight && placement.shares.len() > 1 {
        reasons.push(Reason::SplitsOver {
            gpus: placement.shares.len() as u32,
        });
    }
    let used = placement.workload.context_length;
    if used < asked_context {
        reasons.push(Reason::ContextClamped {
            asked: asked_context,
            used,
        });
    }
    let cache: Bytes = placement
        .allocation
        .gpus
        .iter()
        .map(|gpu| gpu.kv_cache)
        .sum();
    let weights: Bytes = placement
        .allocation
        .gpus
        .iter()
        .map(|gpu| gpu.weights)
        .sum();
    if cache > weights {
        reasons.push(Reason::CacheDominates {
            percent: percent(cache.0 as f64 / placement.total().0.max(1) as f64),
        });
    }
    if placement.workload.flash_attention != FlashAttention::Off
        && !placement.allocation.flash_attention
    {
        reasons.push(Reason::NoFlashAttention);
    }
    let kv_cache_type = placement.workload.kv_cache_type;
    let ollamas_types = placement.workload.ollamas_types;
    if placement.workload.engine == Engine::Ollama && !ollamas_types.contains(kv_cache_type) {
        reasons.push(Reason::CacheNotOllamas { kv_cache_type });
    }
    match placement.workload.cache_fault(&input.architecture) {
        Some(CacheFault::AttendsOnHost) if !placement.shares.is_empty() => {
            reasons.push(Reason::AttendsOnHost { kv_cache_type });
        }
        Some(fault) if fault.refuses() => reasons.push(Reason::CacheRefused {
            kv_cache_type,
            fault,
        }),
        _ => {}
    }
    if !input.basis.is_exact() {
        reasons.push(Reason::InexactMemory { basis: input.basis });
    }
    reasons
}

/// A share from 0 to 1 in whole percent.
pub fn percent(share: f64) -> u32 {
    (share * 100.0).round().clamp(0.0, 100.0) as u32
}
