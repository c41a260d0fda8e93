//! The page of `catalog`.

use super::page::{Column, Line, Page, Table, Tone};
use super::view::View;
use crate::messages;
use crate::report::{CatalogReport, FactReport};
use crate::row;

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
