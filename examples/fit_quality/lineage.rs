//! What a model comes from: the checkpoint that it was tuned from, the model that it succeeds.

use vramfit::catalog::Catalog;
use vramfit::catalog::model::Model;

/// Whether somebody else than the checkpoint's maker tuned a model: its family's words are not in the checkpoint's name.
pub(crate) fn tuned_elsewhere(model: &Model, base: &str) -> bool {
    let base = base.to_lowercase();
    let words = model.family().split(|c: char| !c.is_ascii_alphabetic());
    let mut foreign = words.filter(|word| word.len() > 1 && !["dense", "moe"].contains(word));
    model.fine_tune || foreign.any(|word| !base.contains(word))
}

/// For a model whose checkpoint nobody names: the first of another maker with exactly its shape, which it was tuned from. Nobody trains the
/// same layers and experts again from nothing.
pub(crate) fn shape_owner(catalog: &Catalog, model: &Model) -> Option<usize> {
    let released = model.released.as_deref()?;
    if model.base_model.is_some() || model.architecture.is_none() {
        return None;
    }
    let earlier = |other: &Model| {
        other.architecture == model.architecture
            && other.series != model.series
            && other.kind == model.kind
            && other.released.as_deref().is_some_and(|one| one < released)
    };
    let models = catalog.models.iter().enumerate();
    let first = models
        .filter(|(_, other)| earlier(other))
        .min_by(|a, b| a.1.released.cmp(&b.1.released).then(a.0.cmp(&b.0)));
    first.map(|(at, _)| at)
}

/// The model that another one succeeds: of the same line, kind and size, the newest before it.
pub(crate) fn predecessor(catalog: &Catalog, model: &Model) -> Option<usize> {
    let line = Line::of(model.family());
    let near = |a: Option<u64>, b: Option<u64>| match (a, b) {
        (Some(a), Some(b)) => (a as f64 / b as f64).ln().abs() < 0.3,
        (a, b) => a.is_none() && b.is_none(),
    };
    let default = |one: &Model| {
        one.name
            .split(':')
            .nth(1)
            .is_none_or(|size| !size.contains('-'))
    };
    let earlier = |other: &&(usize, &Model)| {
        let older = Line::of(other.1.family());
        other.1.kind == model.kind
            && (older.stem, older.suffix) == (line.stem, line.suffix)
            && older.version < line.version
            && default(other.1)
            && near(other.1.parameters, model.parameters)
            && near(other.1.active_parameters, model.active_parameters)
    };
    let models: Vec<(usize, &Model)> = catalog.models.iter().enumerate().collect();
    let before = models.iter().filter(earlier);
    before
        .max_by(|a, b| {
            let version = |one: &Model| Line::of(one.family()).version;
            version(a.1).total_cmp(&version(b.1)).then(b.0.cmp(&a.0))
        })
        .map(|(at, _)| *at)
}

/// A family's name in parts: `qwen2.5-coder` is the line `qwen` `-coder` in version 2.5.
pub(crate) struct Line<'a> {
    pub stem: &'a str,
    version: f64,
    suffix: &'a str,
}

impl<'a> Line<'a> {
    pub(crate) fn of(family: &'a str) -> Self {
        let number = |c: char| c.is_ascii_digit() || c == '.';
        let start = family
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(family.len());
        let (stem, rest) = family.split_at(start);
        let end = rest.find(|c| !number(c)).unwrap_or(rest.len());
        let (digits, suffix) = rest.split_at(end);
        Self {
            stem: stem.trim_end_matches('-'),
            version: digits.trim_end_matches('.').parse().unwrap_or(0.0),
            suffix,
        }
    }
}
