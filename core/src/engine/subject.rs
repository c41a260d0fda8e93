//! From a catalog entry to what the estimator needs, and how far the result can be trusted.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::estimate::Shape;
use super::layout;
use crate::architecture::Architecture;
use crate::catalog::model::{KnownArchitecture, WeightsBasis};
use crate::catalog::{Catalog, Entry};
use crate::units::Bytes;
use crate::weights::Weights;

/// What an estimate rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
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
}

impl Basis {
    /// Whether the estimate is the engine's own allocation and no approximation.
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::File | Self::Architecture)
    }
}

/// A model ready to be estimated.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    /// Its shape, its own or a similar model's.
    pub architecture: Cow<'a, Architecture>,
    /// Its tensors.
    pub weights: Weights,
    /// Its vision projector.
    pub projector: Bytes,
    /// What this rests on.
    pub basis: Basis,
}

impl Subject<'_> {
    /// As the estimator wants it.
    pub fn shape(&self) -> Shape<'_> {
        Shape {
            architecture: &self.architecture,
            weights: &self.weights,
            projector: self.projector,
        }
    }
}

/// A quantization whose layout stands for an unknown one.
const USUAL: &str = "Q4_K_M";

/// What the estimator needs to know of a catalog entry. `None` if not even the size of its file is known.
pub fn subject<'a>(catalog: &'a Catalog, entry: Entry<'_>) -> Option<Subject<'a>> {
    let (model, variant) = (entry.model, entry.variant);
    let own = catalog.architecture(model);
    let known = own.or_else(|| nearest(catalog, model.parameters?, &model.series))?;
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
    let tensors = bytes - known.metadata;
    let weights = layout::of_size(&known.shape, quantization, tensors)
        .or_else(|| layout::of_size(&known.shape, USUAL, tensors))?;
    Some(Subject {
        architecture: Cow::Borrowed(&known.shape),
        weights,
        projector: variant.projector,
        basis,
    })
}

/// Parameters that differ by more than this factor are another size.
const ANOTHER_SIZE: f64 = 1.5;

/// A shape for a model whose own is unknown: that of the dense model of its series nearest in parameters; without one, of all dense models
/// of its size that group their queries the one with the largest cache. Nothing that keeps tensors on the host or has no cache in some layers may stand in: it
/// would promise memory that the unknown model takes.
fn nearest<'a>(
    catalog: &'a Catalog,
    parameters: u64,
    series: &str,
) -> Option<&'a KnownArchitecture> {
    let distance = |other: u64| {
        ((other.max(1) as f64) / (parameters.max(1) as f64))
            .ln()
            .abs()
    };
    let candidates = || {
        catalog.models.iter().filter_map(|model| {
            let known = catalog.architecture(model)?;
            stands_in(&known.shape).then_some((model, known, distance(model.parameters?)))
        })
    };
    let by_distance = |a: &(_, _, f64), b: &(_, _, f64)| a.2.total_cmp(&b.2);
    let of_series = candidates()
        .filter(|(model, _, far)| model.series == series && *far <= ANOTHER_SIZE.ln() * 2.0)
        .min_by(by_distance);
    of_series
        .or_else(|| {
            candidates()
                .filter(|(_, known, far)| groups(&known.shape) && *far <= ANOTHER_SIZE.ln())
                .max_by_key(|(_, known, _)| cache_row(&known.shape))
        })
        .or_else(|| candidates().min_by(by_distance))
        .map(|(_, known, _)| known)
}

/// Whether every weight and every layer's cache of a shape lies on the GPU.
fn stands_in(shape: &Architecture) -> bool {
    shape.experts.is_none()
        && shape.recurrent.is_none()
        && shape.mla.is_none()
        && shape.embedding_length_per_layer_input == 0
        && shape.shared_kv_layers == 0
}

/// Whether several queries share a key, as in every model since 2024.
fn groups(shape: &Architecture) -> bool {
    shape.head_count_kv.max() < shape.head_count.max()
}

/// Elements that a token adds to the cache.
fn cache_row(shape: &Architecture) -> u64 {
    (0..shape.block_count)
        .map(|layer| {
            let (key, value) = shape.cache_rows(layer);
            key + value
        })
        .sum()
}
