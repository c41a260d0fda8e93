//! How a file type stores the matrices of one model.

use super::file_type::FileType;
use super::habit::Habit;
use super::role::{Place, Places, Role};
use super::rules::Facts;
use crate::architecture::{Architecture, CacheKind, Experts, Forms, LayerKind, PerLayer};
use crate::quantization::TensorType as T;
use crate::units::Bytes;

/// A file type's rules for one model.
pub(super) struct Scheme<'a> {
    pub(super) architecture: &'a Architecture,
    pub(super) base: T,
    pub(super) habit: Habit,
    /// What sets its blocks apart, in their order.
    pub(super) forms: Forms,
    facts: Facts,
    /// Blocks before each that have values, or a network, and all; `None` where every block has both.
    counts: Option<[Vec<u32>; 2]>,
}

/// What the matrices of a block are stored in, by their role.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Types([T; Role::ALL.len()]);

impl Types {
    pub(super) const fn get(&self, role: Role) -> T {
        self.0[role as usize]
    }
}

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
        let forms = architecture.forms(blocks);
        Self {
            architecture,
            base,
            habit,
            facts,
            counts: counts(architecture, &forms),
            forms,
        }
    }

    /// Where the matrices of a block stand among their like.
    pub(super) fn places(&self, layer: u32) -> Places {
        let blocks = self.architecture.block_count;
        let of_block = Place::new(layer, blocks);
        let (values, network) = match &self.counts {
            None => (of_block, of_block),
            Some([values, networks]) => {
                let of = |before: &[u32], at: u32| before.get(at as usize).copied().unwrap_or(0);
                let values = Place::new(of(values, layer), of(values, blocks));
                (values, Place::new(of(networks, layer), blocks))
            }
        };
        let (first, last) = match self.facts.experts {
            0 => (network, network),
            _ if self.facts.file.is_tiny() => {
                let begins = self.ends_before(layer);
                let ends = begins + u32::from(self.architecture.has_experts(layer));
                (Place::new(begins, blocks), Place::new(ends, blocks))
            }
            // With experts, the block's own number counts.
            _ => (of_block, of_block),
        };
        Places {
            values,
            first,
            last,
        }
    }

    /// What the matrices that stand so are stored in.
    pub(super) fn types(&self, places: &Places) -> Types {
        Types(Role::ALL.map(|role| self.type_of(role, places)))
    }

    fn type_of(&self, role: Role, places: &Places) -> T {
        let experts = self.facts.experts > 0;
        if let Some(other) = self.habit.type_of(role, self.base, experts) {
            return other;
        }
        let role = match role {
            Role::FusedQkv if self.habit == Habit::FusedValues => Role::Value,
            role => role,
        };
        let network = match role {
            Role::Down => places.last,
            _ => places.first,
        };
        self.facts.type_of(role, places.values, network)
    }

    /// How many matrices end a network, experts' or not, before this one in the file. Types of fewer than three bits are given by that.
    fn ends_before(&self, layer: u32) -> u32 {
        let shared = |experts: &Experts| u32::from(experts.shared_feed_forward_length > 0);
        let shared = self.architecture.experts.as_ref().map_or(0, shared);
        let of = |form: &LayerKind| 1 + shared * u32::from(form.experts);
        self.forms.iter().take(layer as usize).map(of).sum()
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
fn counts(architecture: &Architecture, forms: &Forms) -> Option<[Vec<u32>; 2]> {
    let latent = architecture.mla.as_ref().map(|mla| mla.latent_cache);
    let alike = architecture.recurrent.is_none() && latent != Some(true);
    let crosses = architecture.traits.cross_attention;
    let everywhere = |counts: &PerLayer| counts.min() > 0;
    let networks = architecture.experts.is_some() || everywhere(&architecture.feed_forward_length);
    if alike && (crosses || everywhere(&architecture.head_count_kv)) && networks {
        return None;
    }
    let has_values = |form: &LayerKind| match form.memory {
        // Gated delta nets project query, key and value at once, which counts.
        CacheKind::State => architecture.traits.gated_query,
        _ if latent.is_some() => latent == Some(false),
        _ => form.kv_heads > 0,
    };
    let has_network = |form: &LayerKind| form.feed_forward > 0;
    let count = |has: &dyn Fn(&LayerKind) -> bool| {
        let mut before = Vec::with_capacity(architecture.block_count as usize + 1);
        let mut sum = 0;
        before.push(sum);
        for form in forms.iter() {
            sum += u32::from(has(form));
            before.push(sum);
        }
        before
    };
    Some([count(&has_values), count(&has_network)])
}
