//! The page of `catalog`.

use std::collections::{BTreeMap, BTreeSet};

use super::page::{Column, Line, Page, Table, Tone};
use super::view::View;
use crate::catalog::model::{KnownArchitecture, Model};
use crate::messages;
use crate::report::{CatalogReport, FactReport};
use crate::row;
use crate::units::Bytes;

/// What the catalog holds, and how old it is.
pub fn page(report: &CatalogReport, view: View) -> Page {
    let mut page = Page::new();
    page.heading(1, messages::catalog::what_the_catalog_holds(view.lang));
    let models = messages::catalog::models_with_architecture(
        view.lang,
        report.models,
        report.models_with_shape,
    );
    page.key_values([
        (messages::models(view.lang).to_owned(), models),
        (
            messages::catalog::families(view.lang).to_owned(),
            report.families.to_string(),
        ),
        (
            messages::catalog::architectures(view.lang).to_owned(),
            report.shapes.to_string(),
        ),
        (
            messages::catalog::gpus(view.lang).to_owned(),
            report.gpus.to_string(),
        ),
        (
            messages::catalog::files(view.lang).to_owned(),
            report.files.total.to_string(),
        ),
    ]);
    page.push(files(report, view));
    page.heading(2, messages::catalog::how_old_the_data_is(view.lang));
    page.push(ages(&report.facts, view));
    if !view.quiet {
        let catalog = messages::catalog::version(view.lang, report.version, &report.catalog);
        page.lines([
            Line::from(Tone::Dim.span(catalog)),
            Line::from(Tone::Dim.span(messages::catalog::to_add_a_newer_model(view.lang))),
        ]);
    }
    page
}

/// All that is known of one model, and where it comes from.
pub fn model(
    model: &Model,
    architecture: Option<&KnownArchitecture>,
    keys: Option<&BTreeMap<String, serde_json::Value>>,
    view: View,
) -> Page {
    let mut page = Page::new();
    page.heading(1, model.name.as_str());
    let capabilities: Vec<&str> = model
        .capabilities
        .iter()
        .map(|capability| messages::terms::capability(view.lang, *capability))
        .collect();
    let known = [
        (
            messages::catalog::checkpoint(view.lang).to_owned(),
            model.base_model.clone().map(String::from),
        ),
        (
            messages::params(view.lang).to_owned(),
            super::models::sizes(model.parameters, model.active_parameters),
        ),
        (
            messages::context(view.lang).to_owned(),
            model.context_length.map(messages::tokens),
        ),
        (
            messages::capabilities(view.lang).to_owned(),
            Some(capabilities.join(view.listed())),
        ),
        (
            messages::license(view.lang).to_owned(),
            model.license.clone().map(String::from),
        ),
        (
            messages::released(view.lang).to_owned(),
            model.released.clone().map(String::from),
        ),
        (
            messages::catalog::changed(view.lang).to_owned(),
            model.updated.clone().map(String::from),
        ),
        (
            messages::catalog::instead(view.lang).to_owned(),
            model.replaced_by.clone().map(String::from),
        ),
    ];
    page.key_values(
        known
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?))),
    );
    page.heading(2, messages::catalog::files(view.lang));
    page.push(variants(model, view));
    if let Some(keys) = keys {
        page.heading(2, messages::catalog::architecture(view.lang));
        page.key_values(keys.iter().map(|(key, value)| {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (key.clone(), value)
        }));
    }
    page.heading(2, messages::catalog::sources(view.lang));
    let files = model.variants.iter().flat_map(|variant| &variant.source);
    let shape = architecture.iter().flat_map(|known| &known.source);
    let mut seen = BTreeSet::new();
    let sources = model.source.iter().chain(shape).chain(files);
    page.list(
        sources
            .filter(|source| seen.insert(source.as_str()))
            .map(|source| Line::from(source.clone())),
    );
    page
}

fn variants(model: &Model, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::catalog::tag(view.lang)).whole(),
        Column::left(messages::quantization(view.lang)).whole(),
        Column::right(messages::catalog::size(view.lang)),
        Column::right(messages::explain::vision_projector(view.lang)).priority(70),
        Column::left(messages::catalog::how_it_is_known(view.lang)).priority(60),
    ]);
    for variant in model.variants.iter() {
        let size = variant.weights.map(|bytes| bytes.to_string());
        let projector = (variant.projector > Bytes::ZERO).then(|| variant.projector.to_string());
        let basis = variant
            .weights
            .map_or(messages::hardware::unknown(view.lang), |_| {
                messages::catalog::weights_basis(view.lang, variant.weights_basis)
            });
        table.push(row![
            variant.tag.as_str(),
            variant.quantization.as_deref().unwrap_or_default(),
            size.unwrap_or_default(),
            projector.unwrap_or_default(),
            basis,
        ]);
    }
    table
}

/// Files by how well their bytes are known.
fn files(report: &CatalogReport, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::catalog::how_file_sizes_are_known(view.lang)).whole(),
        Column::right(messages::catalog::files(view.lang)),
    ]);
    for (basis, count) in &report.files.by_basis {
        table.push(row![
            messages::catalog::weights_basis(view.lang, *basis),
            count.to_string()
        ]);
    }
    if report.files.unknown > 0 {
        table.push(row![
            messages::hardware::unknown(view.lang),
            report.files.unknown.to_string()
        ]);
    }
    table
}

fn ages(facts: &[FactReport], view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::catalog::data(view.lang)).whole(),
        Column::left(messages::catalog::collected(view.lang)).whole(),
        Column::right(messages::catalog::age(view.lang)).priority(90),
        Column::left(messages::catalog::newest_entry(view.lang))
            .whole()
            .priority(70),
        Column::left(messages::catalog::from(view.lang))
            .priority(80)
            .min_width(16),
    ]);
    for fact in facts {
        let age = fact
            .age_days
            .map(|days| messages::catalog::days(view.lang, days));
        let row = row![
            messages::catalog::fact_kind(view.lang, fact.kind),
            fact.collected.as_str(),
            age.unwrap_or_default(),
            fact.newest.clone().unwrap_or_default(),
            fact.what.get(view.lang),
        ];
        table.push(match view.verbose {
            true => row.note(Tone::Dim.span(fact.source.join(", "))),
            false => row,
        });
    }
    table
}
