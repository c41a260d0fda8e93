//! Models that are estimated with another's shape: every shape of the catalog is taken away in turn, and what is told without it compared with
//! what is told with it.

use vramfit_core::architecture::Architecture;
use vramfit_core::catalog::model::Model;
use vramfit_core::catalog::{Catalog, Entry};
use vramfit_core::engine::estimate_input::{Basis, EstimateInput, estimate_input};
use vramfit_core::engine::place::{Device, GpuPool, Placement, Verdict, place};
use vramfit_core::engine::workload::Workload;
use vramfit_core::units::Bytes;

use super::CATALOG;

/// A model's need at one context, with its own shape and at most without it.
struct Comparison<'a> {
    model: &'a Model,
    shape: &'a Architecture,
    context_length: u32,
    need: Bytes,
    at_most: Bytes,
}

impl Comparison<'_> {
    fn ratio(&self) -> f64 {
        self.at_most.0 as f64 / self.need.0 as f64
    }
}

/// Where it goes on a GPU that is larger than any.
fn placed(input: &EstimateInput<'_>, context_length: u32) -> Placement {
    let device = Device {
        host: 0,
        gpu: 0,
        free: Bytes::gib(1 << 20),
        reserve: Bytes::ZERO,
        overhead: Bytes::ZERO,
        flash_attention: true,
        cuda: true,
        partition: false,
    };
    let pool = GpuPool {
        devices: vec![device],
        hosts: vec![None],
        ..GpuPool::default()
    };
    let workload = Workload {
        context_length,
        ..Workload::default()
    };
    let placement = place(input.shape(), &workload, &pool);
    assert_eq!(placement.verdict, Verdict::Fits);
    placement
}

/// Whether two shapes are one, tunes and longer contexts aside: knowing either is knowing both.
fn is_same(one: &Architecture, other: &Architecture) -> bool {
    let numbers = |it: &Architecture| (it.block_count, it.embedding_length, it.key_length);
    one.name == other.name
        && numbers(one) == numbers(other)
        && one.head_count_kv == other.head_count_kv
}

/// Takes every shape away in turn, and compares at a short, a usual and the longest context.
fn compare(catalog: &Catalog) -> Vec<Comparison<'_>> {
    let mut without = catalog.clone();
    let mut all = Vec::new();
    for (at, model) in catalog.models.iter().enumerate() {
        let (Some(known), Some(variant)) = (catalog.architecture(model), model.variants.first())
        else {
            continue;
        };
        for (other, stripped) in catalog.models.iter().zip(&mut without.models) {
            let shape = catalog.architecture(other);
            let taken = shape.is_some_and(|shape| is_same(&shape.shape, &known.shape));
            stripped.architecture = other.architecture.filter(|_| !taken);
        }
        let own = estimate_input(catalog, Entry::new(model, variant));
        let lent = estimate_input(&without, Entry::new(&without.models[at], variant));
        let (Some(own), Some(lent)) = (own, lent) else {
            continue;
        };
        assert!(
            matches!(lent.basis, Basis::SimilarArchitecture | Basis::Documented),
            "{}",
            model.name
        );
        let longest = model.context_length.unwrap_or(known.shape.context_length);
        let mut contexts = [4096, 32_768, longest].map(|context| context.min(longest));
        contexts.sort_unstable();
        let mut last = 0;
        for context_length in contexts {
            if std::mem::replace(&mut last, context_length) == context_length {
                continue;
            }
            let (need, told) = (placed(&own, context_length), placed(&lent, context_length));
            all.push(Comparison {
                model,
                shape: &known.shape,
                context_length,
                need: need.total(),
                at_most: told.total() + lent.doubt(&told.allocation),
            });
        }
    }
    all
}

/// Files without the keys of latent attention keep full rows of 128 heads, and attend without a kernel: no shape of the catalog is near them.
/// They date from before the engine cached the latent alone.
fn expands_its_latent(shape: &Architecture) -> bool {
    shape.mla.as_ref().is_some_and(|mla| !mla.latent_cache)
}

#[test]
fn without_its_shape_no_model_needs_more_than_is_told_and_doubted() {
    let all = compare(&CATALOG);
    let dense =
        |one: &&Comparison<'_>| one.shape.experts.is_none() && one.shape.recurrent.is_none();
    assert!(all.iter().filter(dense).count() > 900);
    assert!(all.iter().filter(|one| !dense(one)).count() > 100);
    let short: Vec<String> = all
        .iter()
        .filter(|one| one.ratio() < 1.0 && !expands_its_latent(one.shape))
        .map(|one| {
            let (name, context) = (&one.model.name, one.context_length);
            format!("{name} at {context}: {} of {}", one.at_most, one.need)
        })
        .collect();
    assert!(short.is_empty(), "{}: {short:#?}", short.len());
    // No wider than it has to be: at 32K models without grouped queries are as likely as any, whose cache is four times as large.
    let ratios = |context_length: u32| {
        let of = all.iter().filter(dense);
        let mut of: Vec<f64> = of
            .filter(|one| one.context_length == context_length && one.shape.traits.generates)
            .map(Comparison::ratio)
            .collect();
        of.sort_by(f64::total_cmp);
        [of.len() / 2, of.len() * 9 / 10].map(|at| of[at])
    };
    let ([median, most], [median_long, most_long]) = (ratios(4096), ratios(32_768));
    assert!(median < 1.5 && most < 1.8, "{median} {most}");
    assert!(
        median_long < 3.0 && most_long < 4.5,
        "{median_long} {most_long}"
    );
}
