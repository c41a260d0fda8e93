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

/// The architecture of the model nearest in parameters, of the same series if there is one.
fn nearest<'a>(
    catalog: &'a Catalog,
    parameters: u64,
    series: &str,
) -> Option<&'a KnownArchitecture> {
    let candidates = catalog
        .models
        .iter()
        .filter_map(|model| Some((model, catalog.architecture(model)?, model.parameters?)));
    let distance = |other: u64| {
        ((other.max(1) as f64) / (parameters.max(1) as f64))
            .ln()
            .abs()
    };
    let nearest = candidates.min_by(|(a, _, a_parameters), (b, _, b_parameters)| {
        // A shape of another series is taken only where it is nearer by more than a half.
        let of = |same: bool, other: u64| distance(other) + if same { 0.0 } else { 0.4 };
        of(a.series == series, *a_parameters).total_cmp(&of(b.series == series, *b_parameters))
    });
    nearest.map(|(_, known, _)| known)
}
