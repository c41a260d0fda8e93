//! How a file type stores the matrices of one model.

use super::file_type::FileType;
use super::habit::Habit;
use super::role::{Place, Role};
use super::rules::Facts;
use crate::architecture::{Architecture, CacheKind, Experts, PerLayer};
use crate::quantization::TensorType as T;
use crate::units::Bytes;

/// A file type's rules for one model.
pub(super) struct Scheme<'a> {
    pub(super) architecture: &'a Architecture,
    pub(super) base: T,
    pub(super) habit: Habit,
    facts: Facts,
    /// Blocks before each that have values, or a network, and all; `None` where every block has both.
    counts: Option<[Vec<u32>; 2]>,
}

/// Where a block's values stand, and the matrices that its network begins and ends with.
pub(super) type Places = (Place, Place, Place);

/// What the matrices of a block are stored in that not all blocks store alike.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Precision(T, T, T, T, T);

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
            counts: counts(architecture),
        }
    }

    /// How many blocks before this one have values, or a network, and how many in all.
    fn count(&self, role: usize, layer: u32) -> (u32, u32) {
        let blocks = self.architecture.block_count;
        let Some(before) = self.counts.as_ref().map(|counts| &counts[role]) else {
            return (layer, blocks);
        };
        let of = |at: u32| before.get(at as usize).copied().unwrap_or(0);
        (of(layer), of(blocks))
    }

    fn values(&self, layer: u32) -> Place {
        let (index, of) = self.count(0, layer);
        Place::new(index, of)
    }

    /// Whether matrices of a network are told apart by which of them comes first.
    fn orders_network(&self) -> bool {
        self.facts.experts > 0 && self.facts.file.is_tiny()
    }

    fn network(&self, role: Role, layer: u32) -> Place {
        let index = match self.facts.experts {
            0 => self.count(1, layer).0,
            _ if self.orders_network() => self.ends_before(role, layer),
            // With experts, the block's own number counts.
            _ => layer,
        };
        Place::new(index, self.architecture.block_count)
    }

    pub(super) fn places(&self, layer: u32) -> Places {
        let first = self.network(Role::Up, layer);
        let last = match self.orders_network() {
            true => self.network(Role::Down, layer),
            false => first,
        };
        (self.values(layer), first, last)
    }

    pub(super) fn precision(&self, layer: u32) -> Precision {
        let of = |role| self.type_of(role, layer);
        Precision(
            of(Role::Value),
            of(Role::FusedQkv),
            of(Role::Up),
            of(Role::Down),
            of(Role::ExpertDown),
        )
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
        let (values, network) = (self.values(layer), self.network(role, layer));
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
fn counts(architecture: &Architecture) -> Option<[Vec<u32>; 2]> {
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
