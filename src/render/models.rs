//! The pages of `models` and `compare`.

use super::page::{Cell, Column, Page, Row, Table, Tone};
use super::view::{View, gpus, hardware, tone};
use crate::report::{Compare, Compared, ModelRow, Models};
use crate::request::Tier;
use crate::row;
use crate::text::{self, Label, Sentence};

/// The page of `models`: a table a tier.
pub fn models(report: &Models, view: View) -> Page {
    let mut page = Page::new();
    for tier in Tier::ALL {
        let rows: Vec<&ModelRow> = report
            .models
            .iter()
            .filter(|model| model.tier == *tier)
            .collect();
        if rows.is_empty() {
            continue;
        }
        page.heading(2, view.text.tier(*tier));
        page.push(table(&rows, view));
    }
    if report.models.is_empty() {
        page.paragraph(view.say(Sentence::NothingMatches));
    }
    page
}

fn table(rows: &[&ModelRow], view: View) -> Table {
    let label = |label| view.label(label);
    let mut table = Table::new([
        Column::left(label(Label::Model)).whole(),
        Column::right(label(Label::Parameters)).priority(90),
        Column::left(label(Label::Quantization))
            .whole()
            .priority(50),
        Column::right(label(Label::File)).priority(70),
        Column::right(label(Label::Need)),
        Column::right(label(Label::GuideRange)).priority(80),
        Column::right(label(Label::Context)).priority(85),
        Column::left(label(Label::Stars)).whole().priority(40),
        Column::left(label(Label::Released)).whole().priority(30),
        Column::left(label(Label::License)).priority(20).truncate(),
        Column::left(label(Label::Capabilities))
            .priority(25)
            .min_width(16),
    ]);
    for model in rows {
        table.push(row(model, view));
    }
    table
}

fn row(model: &ModelRow, view: View) -> Row {
    let need = model
        .vram
        .map(|range| format!("{} @{}", range.min, text::tokens(range.min_context)))
        .unwrap_or_default();
    let documented = model
        .documented_vram
        .map(|range| {
            format!(
                "{}–{}",
                trimmed(range.min.as_gib()),
                trimmed(range.max.as_gib())
            )
        })
        .unwrap_or_default();
    let capabilities: Vec<&str> = model
        .capabilities
        .iter()
        .map(|capability| view.text.capability(*capability))
        .collect();
    let row = row![
        Tone::Code.span(&model.tag),
        parameters(model),
        model.quantization.clone().unwrap_or_default(),
        model
            .weights
            .map(|bytes| bytes.to_string())
            .unwrap_or_default(),
        need,
        documented,
        model.context_length.map(text::tokens).unwrap_or_default(),
        stars(model),
        model.released.clone().unwrap_or_default(),
        model.license.clone().unwrap_or_default(),
        capabilities.join(", "),
    ];
    if model.published {
        return row;
    }
    let by = model.replaced_by.as_deref().unwrap_or("–");
    row.emphasis(Tone::Dim).note(view.say(Sentence::Replaced {
        tag: &model.tag,
        by,
    }))
}

fn parameters(model: &ModelRow) -> String {
    let active = model
        .active_parameters
        .map(|active| format!("/A{}", text::parameters(active)))
        .unwrap_or_default();
    model
        .parameters
        .map(|all| text::parameters(all) + &active)
        .unwrap_or_default()
}

fn stars(model: &ModelRow) -> String {
    let stars = model
        .stars
        .chinese
        .or(model.stars.code)
        .or(model.stars.general);
    stars
        .map(|n| "★".repeat(usize::from(n)))
        .unwrap_or_default()
}

/// A number of gigabytes without needless digits.
fn trimmed(gib: f64) -> String {
    let text = format!("{gib:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// The page of `compare`: one row a model.
pub fn compare(report: &Compare, view: View) -> Page {
    let label = |label| view.label(label);
    let mut page = Page::new();
    let with_gpus = report
        .inventory
        .hosts
        .iter()
        .any(|host| !host.gpus.is_empty());
    if with_gpus {
        page.lines(hardware(&report.inventory, view));
    } else if !view.quiet {
        page.paragraph(Tone::Dim.span(view.say(Sentence::NoHardware)));
    }
    let mut table = Table::new([
        Column::left(label(Label::Model)).whole(),
        Column::right(label(Label::Parameters)).priority(80),
        Column::left(label(Label::Verdict)).whole().priority(95),
        Column::right(label(Label::Need)),
        Column::right(label(Label::Weights)).priority(60),
        Column::right(label(Label::KvCache)).priority(65),
        Column::right(label(Label::Speed)).priority(90),
        Column::right(label(Label::Score)).priority(85),
        Column::right(label(Label::Context)).priority(70),
        Column::right(label(Label::GuideRange)).priority(50),
        Column::left(label(Label::Gpu)).whole().priority(45),
        Column::left(label(Label::Quantization))
            .whole()
            .priority(40),
        Column::left(label(Label::License)).priority(20).truncate(),
    ]);
    for one in &report.models {
        table.push(compared(one, view));
    }
    page.push(table);
    page
}

fn compared(one: &Compared, view: View) -> Row {
    let model = &one.model;
    let verdict = one
        .verdict
        .map(|verdict| Cell::from(tone(verdict).span(view.text.verdict(verdict))))
        .unwrap_or_else(Cell::empty);
    let speed = one
        .speed
        .as_ref()
        .map(|speed| text::band(speed.decode[0], speed.decode[1]))
        .unwrap_or_default();
    let range = model
        .documented_vram
        .map(|range| {
            format!(
                "{}–{}",
                trimmed(range.min.as_gib()),
                trimmed(range.max.as_gib())
            )
        })
        .unwrap_or_default();
    row![
        Tone::Code.span(&model.tag),
        parameters(model),
        verdict,
        one.estimate.total.to_string(),
        one.estimate.weights.to_string(),
        one.estimate.kv_cache.to_string(),
        speed,
        format!("{:.0}", one.score.total),
        model.context_length.map(text::tokens).unwrap_or_default(),
        range,
        one.placement
            .as_ref()
            .filter(|placement| !placement.gpus.is_empty())
            .map(gpus)
            .unwrap_or_default(),
        model.quantization.clone().unwrap_or_default(),
        model.license.clone().unwrap_or_default(),
    ]
}
