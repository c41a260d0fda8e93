//! Sizes that nobody wrote down: of published files whose shape and quantization are known, and of which a page shows two digits.

use std::collections::{HashMap, HashSet};

use super::layout;
use crate::catalog::Catalog;
use crate::catalog::library::{Elsewhere, File, Library, Stem, quantized};
use crate::catalog::model::{KnownArchitecture, Variant, WeightsBasis};
use crate::catalog::tags::{self, COMPUTED, ShownSize, Tags};
use crate::quantization::of_tag_suffix;
use crate::units::Bytes;

/// Gives every file without a size the one that its shape and quantization make, where its page shows the same digits or nothing; else
/// what its page shows. Old converters and mixtures of their own are why a page may differ: the file that is there counts.
pub fn derive_sizes(catalog: &mut Catalog, tags: &Tags) {
    let Catalog {
        models,
        architectures,
        ..
    } = catalog;
    for model in models {
        let family = model.family().to_owned();
        let known = model
            .architecture
            .and_then(|at| architectures.get(at as usize));
        let mut variants = std::mem::take(&mut model.variants).into_inner();
        for variant in &mut variants {
            if variant.weights.is_some() {
                continue;
            }
            let names = std::iter::once(&variant.tag).chain(&variant.aliases);
            let shown = names.into_iter().find_map(|tag| tags.size(tag));
            derive(variant, known, shown, &family);
        }
        model.variants = variants.into();
    }
}

fn derive(
    variant: &mut Variant,
    known: Option<&KnownArchitecture>,
    shown: Option<ShownSize>,
    family: &str,
) {
    let quantization = variant.quantization.as_deref();
    let Some((weights, basis)) = size(known, quantization, variant.projector, shown) else {
        return;
    };
    variant.weights = Some(weights);
    variant.weights_basis = basis;
    variant.source = vec![match basis {
        WeightsBasis::Computed => COMPUTED.to_owned(),
        _ => format!("ollama:library/{family}"),
    }];
}

fn size(
    known: Option<&KnownArchitecture>,
    quantization: Option<&str>,
    projector: Bytes,
    shown: Option<ShownSize>,
) -> Option<(Bytes, WeightsBasis)> {
    let computed = known
        .zip(quantization)
        .and_then(|(known, quantization)| computed(known, quantization));
    match (computed, shown) {
        (Some(bytes), None) => Some((bytes, WeightsBasis::Computed)),
        (Some(bytes), Some(shown)) if shown.shows(bytes + projector) => {
            Some((bytes, WeightsBasis::Computed))
        }
        (_, Some(shown)) => Some((shown.bytes - projector, WeightsBasis::Published)),
        (None, None) => None,
    }
}

/// The bytes of a file with this shape and quantization.
pub fn computed(known: &KnownArchitecture, quantization: &str) -> Option<Bytes> {
    let tensors = layout::weights(&known.shape, quantization)?.in_file();
    Some(tensors + known.metadata)
}

/// The published files that the catalog does not list: each as a file of the model whose weights its stem has.
pub fn library(catalog: &Catalog, tags: &Tags) -> Library {
    let listed: HashMap<String, u32> = (0u32..)
        .zip(&catalog.models)
        .flat_map(|(at, model)| {
            let variants = model.variants.iter();
            let tags =
                variants.flat_map(|variant| std::iter::once(&variant.tag).chain(&variant.aliases));
            tags.map(move |tag| (tag.to_lowercase(), at))
        })
        .collect();
    let find = |tag: &str| {
        let tag = tag.to_lowercase();
        let bare = tag.strip_suffix(":latest").unwrap_or(&tag);
        let latest = format!("{bare}:latest");
        [tag.as_str(), bare, latest.as_str()]
            .iter()
            .find_map(|form| listed.get(*form).copied())
    };
    let mut library = Library::default();
    for stem in &tags.stems {
        let names = files(stem);
        let unlisted: Vec<_> = names
            .iter()
            .filter(|(tag, ..)| find(tag).is_none())
            .collect();
        // A quantization of the same stem tells more: the bare tag of a family may have moved to a newer model.
        let model = stem.enlarges.as_deref().and_then(find).or_else(|| {
            names
                .iter()
                .rev()
                .chain([&(stem.name.clone(), None, None)])
                .find_map(|(tag, ..)| find(tag))
        });
        let mut files = Vec::new();
        for (tag, quantization, shown) in unlisted {
            let why = elsewhere(stem, *quantization);
            let file = match (why, model) {
                (None, Some(model)) => file(catalog, model, stem, *quantization, *shown),
                _ => None,
            };
            match file {
                Some((weights, weights_basis)) => files.push(File {
                    quantization: quantization.map(|suffix| library.number(suffix)),
                    weights,
                    weights_basis,
                }),
                None => library
                    .elsewhere
                    .push((tag.clone(), why.unwrap_or(Elsewhere::Unknown))),
            }
        }
        if let Some(model) = model.filter(|_| !files.is_empty()) {
            library.stems.push(Stem {
                name: stem.name.clone(),
                model,
                files,
            });
        }
    }
    let mut seen = HashSet::new();
    library
        .elsewhere
        .retain(|(tag, _)| seen.insert(tag.clone()));
    library
}

type Named<'a> = (String, Option<&'a str>, Option<ShownSize>);

/// The tags of a stem with their quantizations and sizes, its own first.
fn files(stem: &tags::Stem) -> Vec<Named<'_>> {
    let own = (stem.cloud || stem.size.is_some()).then(|| (stem.name.clone(), None, stem.size));
    let quantizations = stem.quantizations.iter().map(|(suffix, size)| {
        let tag = quantized(&stem.name, suffix);
        (tag, Some(suffix.as_str()), Some(*size))
    });
    own.into_iter().chain(quantizations).collect()
}

/// Formats that only Ollama's MLX engine reads; a tag with `mlx` in it says so itself.
const MLX: [&str; 4] = ["nvfp4", "mxfp8", "int4", "int8"];

fn elsewhere(stem: &tags::Stem, quantization: Option<&str>) -> Option<Elsewhere> {
    let mlx = |name: &str| {
        name.split(['-', ':'])
            .any(|word| word == "mlx" || MLX.contains(&word))
    };
    if stem.cloud {
        Some(Elsewhere::Cloud)
    } else if mlx(&stem.name) || quantization.is_some_and(|suffix| MLX.contains(&suffix)) {
        Some(Elsewhere::Mlx)
    } else {
        None
    }
}

fn file(
    catalog: &Catalog,
    model: u32,
    stem: &tags::Stem,
    suffix: Option<&str>,
    shown: Option<ShownSize>,
) -> Option<(Bytes, WeightsBasis)> {
    let model = catalog.models.get(model as usize)?;
    let projector = model.variants.first()?.projector;
    let known = catalog
        .architecture(model)
        .filter(|_| stem.enlarges.is_none());
    let quantization = suffix.map(of_tag_suffix);
    size(known, quantization.as_deref(), projector, shown)
}
