//! Another model's shape, for a model of which only size and file are known.

use crate::architecture::{Architecture, PerLayer};
use crate::catalog::Catalog;
use crate::catalog::model::{KnownArchitecture, Model};

/// Parameters that differ by more than this factor are another size.
const ANOTHER_SIZE: f64 = 1.5;
/// Within this factor shapes are alike but for their size, so that one tells how large a cache may be for the other.
const COMPARABLE: f64 = 4.0;

/// What stands in for a shape that nobody knows.
pub(super) struct StandIn<'a> {
    /// The shape that is estimated with.
    pub(super) known: &'a KnownArchitecture,
    /// Elements that a token adds to the largest cache that a model of this size may well have.
    pub(super) largest_row: u64,
}

/// A candidate: its model, its shape, and by which factor it has more parameters.
type Candidate<'a> = (&'a Model, &'a KnownArchitecture, f64);

/// A shape for a model whose own is unknown: that of the dense model of its series nearest in parameters; without one, of all dense models
/// of its size that group their queries the one with the largest cache. Nothing that keeps tensors on the host or has no cache in some layers may stand in: it
/// would promise memory that the unknown model takes. `None` if not even its size is known.
pub(super) fn stand_in<'a>(catalog: &'a Catalog, model: &Model) -> Option<StandIn<'a>> {
    let parameters = model.parameters?.max(1) as f64;
    let candidates: Vec<Candidate<'a>> = catalog
        .models
        .iter()
        .filter_map(|other| {
            let known = catalog.architecture(other)?;
            let times = other.parameters?.max(1) as f64 / parameters;
            stands_in(&known.shape).then_some((other, known, times))
        })
        .collect();
    let nearest = |a: &&Candidate<'_>, b: &&Candidate<'_>| far(a).total_cmp(&far(b));
    let of_series = candidates
        .iter()
        .filter(|one| one.0.series == model.series && far(one) <= ANOTHER_SIZE * ANOTHER_SIZE)
        .min_by(nearest)
        .filter(|_| is_of_one_maker(catalog, model));
    let grows = |one: &&Candidate<'_>| !slides(&one.1.shape);
    let of_size = candidates
        .iter()
        .filter(|one| grows(one) && groups(&one.1.shape) && far(one) <= ANOTHER_SIZE)
        .max_by_key(|(_, known, _)| cache_row(&known.shape));
    let (_, known, _) = of_series
        .or(of_size)
        .or_else(|| candidates.iter().min_by(nearest))?;
    let comparable = candidates.iter().filter(|one| far(one) <= COMPARABLE);
    let largest = comparable.filter(grows).map(cubed_row_for_size);
    let largest = largest.max_by(f64::total_cmp);
    let cubed = largest.or_else(|| {
        let all = candidates.iter().map(cubed_row_for_size);
        all.max_by(f64::total_cmp)
    });
    Some(StandIn {
        known,
        largest_row: cubed.map_or(0, |cubed| cubed.cbrt().ceil() as u64),
    })
}

/// How many times as large the larger of two sizes is.
fn far((_, _, times): &Candidate<'_>) -> f64 {
    times.max(1.0 / times)
}

/// What a token adds to a candidate's cache, if it had as many parameters as the model that wants a shape: with blocks of the same form the
/// row grows with blocks times width, where parameters grow with blocks times width twice. Its third power, which has no root to be drawn
/// for each of hundreds of candidates.
fn cubed_row_for_size((_, known, times): &Candidate<'_>) -> f64 {
    (cache_row(&known.shape) as f64).powi(3) / (times * times)
}

/// Whether a model's series is one: where makers differ, as in "others", models have nothing in common but the file that tells of them.
fn is_of_one_maker(catalog: &Catalog, model: &Model) -> bool {
    let mut series = catalog.series.iter();
    series.any(|series| series.name == model.series && series.maker.is_some())
}

/// Whether every weight and every layer's cache of a shape lies on the GPU.
fn stands_in(shape: &Architecture) -> bool {
    shape.experts.is_none()
        && shape.recurrent.is_none()
        && shape.mla.is_none()
        && shape.embedding_length_per_layer_input == 0
        && shape.shared_kv_layers == 0
}

/// Whether some layers keep a window only, so that what a token adds tells nothing of a long context.
fn slides(shape: &Architecture) -> bool {
    shape.sliding.is_some()
}

/// Whether several queries share a key, as in most models since 2024.
fn groups(shape: &Architecture) -> bool {
    shape.head_count_kv.max() < shape.head_count.max()
}

/// Elements that a token adds to the cache.
fn cache_row(shape: &Architecture) -> u64 {
    let row = |layer| {
        let (key, value) = shape.cache_rows(layer);
        key + value
    };
    let alike = |count: &PerLayer| matches!(count, PerLayer::Same(_));
    // Each model without a shape asks all others: by blocks that was a quarter of an answer.
    if alike(&shape.head_count) && alike(&shape.head_count_kv) && !slides(shape) {
        return row(0) * u64::from(shape.block_count);
    }
    (0..shape.block_count).map(row).sum()
}
