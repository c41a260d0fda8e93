//! The page of `catalog`.

use super::page::{Column, Line, Page, Table, Tone};
use super::view::View;
use crate::report::{CatalogReport, FactReport};
use crate::row;
use crate::text::{CatalogWord, Told};

/// What the catalog holds, and how old it is.
pub fn page(report: &CatalogReport, view: View) -> Page {
    let word = |word| view.text.catalog_word(word);
    let mut page = Page::new();
    page.heading(1, word(CatalogWord::Holds));
    let models = view.text.tell(&Told::WithShape {
        models: report.models,
        with_shape: report.models_with_shape,
    });
    page.key_values([
        (word(CatalogWord::Models).to_owned(), models),
        (
            word(CatalogWord::Families).to_owned(),
            report.families.to_string(),
        ),
        (
            word(CatalogWord::Shapes).to_owned(),
            report.shapes.to_string(),
        ),
        (word(CatalogWord::Gpus).to_owned(), report.gpus.to_string()),
        (
            word(CatalogWord::Files).to_owned(),
            report.files.total.to_string(),
        ),
    ]);
    page.push(files(report, view));
    page.heading(2, word(CatalogWord::Age));
    page.push(ages(&report.facts, view));
    if !view.quiet {
        let catalog = Told::Catalog {
            version: report.version,
            catalog: &report.catalog,
        };
        page.lines([
            Line::from(Tone::Dim.span(view.text.tell(&catalog))),
            Line::from(Tone::Dim.span(view.text.tell(&Told::HowToAdd))),
        ]);
    }
    page
}

/// Files by how well their bytes are known.
fn files(report: &CatalogReport, view: View) -> Table {
    let word = |word| view.text.catalog_word(word);
    let mut table = Table::new([
        Column::left(word(CatalogWord::Bytes)).whole(),
        Column::right(word(CatalogWord::Files)),
    ]);
    for (basis, count) in &report.files.by_basis {
        table.push(row![view.text.weights_basis(*basis), count.to_string()]);
    }
    if report.files.unknown > 0 {
        table.push(row![
            word(CatalogWord::Unknown),
            report.files.unknown.to_string()
        ]);
    }
    table
}

fn ages(facts: &[FactReport], view: View) -> Table {
    let word = |word| view.text.catalog_word(word);
    let mut table = Table::new([
        Column::left(word(CatalogWord::Facts)).whole(),
        Column::left(word(CatalogWord::Collected)).whole(),
        Column::right(word(CatalogWord::Days)).priority(90),
        Column::left(word(CatalogWord::Newest)).whole().priority(70),
        Column::left(word(CatalogWord::What))
            .priority(80)
            .min_width(16),
    ]);
    for fact in facts {
        let age = fact
            .age_days
            .map(|days| view.text.tell(&Told::Days { days }));
        let row = row![
            view.text.fact(fact.kind),
            fact.collected.as_str(),
            age.unwrap_or_default(),
            fact.newest.clone().unwrap_or_default(),
            fact.what.get(view.text.lang()),
        ];
        table.push(match view.verbose {
            true => row.note(Tone::Dim.span(fact.source.join(", "))),
            false => row,
        });
    }
    table
}
