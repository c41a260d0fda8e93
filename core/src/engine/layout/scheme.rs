//! How a file type stores the matrices of one model.

use super::file_type::FileType;
use super::habit::Habit;
use super::rules::Facts;
use crate::architecture::{Architecture, CacheKind, Experts, PerLayer};
use crate::quantization::TensorType as T;
use crate::units::Bytes;

/// The role of a matrix, which decides its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Plain,
    Query,
    Key,
    /// Values, or the expansion of latent keys and values (`attn_kv_b`).
    Value,
    FusedQkv,
    AttentionOutput,
    /// Gate and up of a dense network.
    Up,
    Down,
    /// The same of experts.
    Expert,
    ExpertDown,
}

/// Where a matrix stands among those of its role: its number in the order of the file, and theirs.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) index: u32,
    pub(super) of: u32,
}

impl Place {
    pub(super) const fn is_before(self, other: u32) -> bool {
        self.index < other
    }

    /// The first and last eighth, and every third between (`use_more_bits`).
    pub(super) const fn wants_more(self) -> bool {
        let eighth = self.of / 8;
        self.index < eighth || self.index >= 7 * self.of / 8 || (self.index - eighth) % 3 == 2
    }

    /// Neither in the first nor in the last eighth.
    pub(super) const fn is_inner(self) -> bool {
        self.index >= self.of / 8 && self.index < 7 * self.of / 8
    }
}

/// A file type's rules for one model.
pub(super) struct Scheme<'a> {
    pub(super) architecture: &'a Architecture,
    pub(super) base: T,
    pub(super) habit: Habit,
    facts: Facts,
    /// Blocks before each that have values, or a network, and all; `None` where every block has both.
    places: Option<[Vec<u32>; 2]>,
}

/// What the matrices of a block are stored in that not all blocks store alike.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Precision([T; 5]);

impl<'a> Scheme<'a> {
    pub(super) fn new(
        file: FileType,
        architecture: &'a Architecture,
        base: T,
        habit: Habit,
    ) -> Self {
        let (heads, kv_heads) = (
            architecture.head_count.get(0),
            architecture.head_count_kv.get(0),
        );
        let blocks = architecture.block_count;
        let traits = &architecture.traits;
        let facts = Facts {
            file,
            base,
            grouped: heads.checked_div(kv_heads).is_some_and(|group| group >= 4),
            experts: architecture.experts.as_ref().map_or(0, |one| one.count),
            seventy: blocks == traits.blocks_of_70b && heads != kv_heads,
            spare: traits.spare_network,
        };
        Self {
            architecture,
            base,
            habit,
            facts,
            places: places(architecture),
        }
    }

    fn place(&self, role: usize, layer: u32) -> Place {
        let blocks = self.architecture.block_count;
        let Some(before) = self.places.as_ref().map(|places| &places[role]) else {
            return Place {
                index: layer,
                of: blocks,
            };
        };
        let of = |at: u32| before.get(at as usize).copied().unwrap_or(0);
        Place {
            index: of(layer),
            of: of(blocks),
        }
    }

    pub(super) fn precision(&self, layer: u32) -> Precision {
        let roles = [
            Role::Value,
            Role::FusedQkv,
            Role::Up,
            Role::Down,
            Role::ExpertDown,
        ];
        Precision(roles.map(|role| self.type_of(role, layer)))
    }

    /// What a matrix with this role is stored in.
    pub(super) fn type_of(&self, role: Role, layer: u32) -> T {
        let experts = self.facts.experts > 0;
        if let Some(other) = self.habit.type_of(role, self.base, experts) {
            return other;
        }
        let role = match role {
            Role::FusedQkv if self.habit == Habit::FusedValues => Role::Value,
            role => role,
        };
        let values = self.place(0, layer);
        let network = match self.places {
            _ if experts && self.facts.file.is_tiny() => Place {
                index: self.ends_before(role, layer),
                of: self.architecture.block_count,
            },
            // With experts, the block's own number counts, and all blocks.
            Some(_) if experts => Place {
                index: layer,
                of: self.architecture.block_count,
            },
            Some(_) => Place {
                of: self.architecture.block_count,
                ..self.place(1, layer)
            },
            None => values,
        };
        self.facts.type_of(role, values, network)
    }

    /// How many matrices end a network, experts' or not, before this one in the file. Types of fewer than three bits are given by that.
    fn ends_before(&self, role: Role, layer: u32) -> u32 {
        let shared = |experts: &Experts| u32::from(experts.shared_feed_forward_length > 0);
        let shared = self.architecture.experts.as_ref().map_or(0, shared);
        let of = |layer| 1 + shared * u32::from(self.architecture.has_experts(layer));
        let before: u32 = (0..layer).map(of).sum();
        before + u32::from(role == Role::Down && self.architecture.has_experts(layer))
    }

    /// The type of the output head.
    pub(super) fn head(&self) -> T {
        let columns = u64::from(self.architecture.embedding_length);
        match self.facts.head() {
            kind if !kind.is_quantised() => kind,
            _ if self.habit == Habit::WideHead => T::Q8_0,
            _ if !columns.is_multiple_of(self.base.block().0) => T::Q8_0,
            kind => kind,
        }
    }

    /// The type of the embedding. One matrix for both is stored as the head wants it: the output is what precision is kept for.
    pub(super) fn embedding(&self) -> T {
        match self.architecture.tied_embeddings && self.habit != Habit::PlainEmbedding {
            true => self.head(),
            false => self.facts.embedding(),
        }
    }

    /// Bytes of a `columns x rows` matrix; types in blocks of 256 fall back where a row is not a multiple of that.
    pub(super) fn matrix(&self, kind: T, columns: u64, rows: u64) -> Bytes {
        let kind = if columns.is_multiple_of(kind.block().0) {
            kind
        } else {
            match kind {
                T::Q4_K => T::Q5_0,
                T::Q5_K => T::Q5_1,
                T::Q6_K => T::Q8_0,
                _ if kind.block().0 == 256 => T::IQ4_NL,
                other => other,
            }
        };
        // Not even blocks of 32 fill such a row.
        let kind = if columns.is_multiple_of(kind.block().0) {
            kind
        } else {
            T::F16
        };
        kind.bytes(columns * rows)
    }
}

/// For each block and after the last, how many before it have values, and how many a dense network. `None` where all have both.
fn places(architecture: &Architecture) -> Option<[Vec<u32>; 2]> {
    let latent = architecture.mla.as_ref().map(|mla| mla.latent_cache);
    let alike = architecture.recurrent.is_none() && latent != Some(true);
    let crosses = architecture.traits.cross_attention;
    let everywhere = |counts: &PerLayer| counts.min() > 0;
    let networks = architecture.experts.is_some() || everywhere(&architecture.feed_forward_length);
    if alike && (crosses || everywhere(&architecture.head_count_kv)) && networks {
        return None;
    }
    let has_values = |layer: u32| match architecture.memory(layer) {
        // Gated delta nets project query, key and value at once, which counts.
        CacheKind::State => architecture.traits.gated_query,
        _ if latent.is_some() => latent == Some(false),
        _ => architecture.head_count_kv.get(layer) > 0,
    };
    let has_network = |layer: u32| architecture.feed_forward_length.get(layer) > 0;
    let count = |has: &dyn Fn(u32) -> bool| {
        let mut before = vec![0];
        let mut sum = 0;
        for layer in 0..architecture.block_count {
            sum += u32::from(has(layer));
            before.push(sum);
        }
        before
    };
    Some([count(&has_values), count(&has_network)])
}
