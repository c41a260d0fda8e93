//! The pages of `models` and `compare`.

use super::guide;
use super::page::{Cell, Column, Page, Row, Table, Tone};
use super::view::{self, View, gpus, hardware, tone};
use crate::messages;
use crate::report::{Compare, Compared, ModelRow, Models};
use crate::request::Tier;
use crate::row;
use crate::text::{self, Label, Sentence};

/// The page of `models`: a table a tier.
pub fn models(report: &Models, view: View) -> Page {
    let mut page = Page::new();
    if let Some(tier) = &report.guide_tier {
        guide::tier(&mut page, tier, view);
    }
    for tier in Tier::ALL {
        let rows: Vec<&ModelRow> = report
            .models
            .iter()
            .filter(|model| model.tier == *tier)
            .collect();
        if rows.is_empty() {
            continue;
        }
        if report.guide_tier.is_none() {
            page.heading(2, view.text.tier(*tier));
        }
        page.push(table(&rows, view));
    }
    if report.models.is_empty() {
        page.paragraph(view.say(Sentence::NothingMatches));
    }
    let marked = report.models.iter().map(|model| model.installed);
    view::legend(&mut page, marked, view);
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
        Column::right(messages::guide::guide_gb(view.lang)).priority(80),
        Column::right(label(Label::Context)).priority(85),
        Column::left(label(Label::Stars)).whole().priority(40),
        Column::left(messages::guide::good_for(view.lang))
            .priority(35)
            .min_width(12),
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
    let documented = model.documented_vram.map(guide::range).unwrap_or_default();
    let capabilities: Vec<&str> = model
        .capabilities
        .iter()
        .map(|capability| view.text.capability(*capability))
        .collect();
    let row = row![
        view::tag(&model.tag, model.installed),
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
        model
            .guide_use
            .as_ref()
            .map(|usage| usage.get(view.lang).to_owned())
            .unwrap_or_default(),
        model.released.clone().unwrap_or_default(),
        model.license.clone().unwrap_or_default(),
        capabilities.join(view.listed()),
    ];
    if model.published {
        let elsewhere = model.guide_tiers.iter().any(|tier| *tier != model.tier);
        return match elsewhere {
            true => row.note(Tone::Dim.span(messages::guide::listed_under(
                view.lang,
                &tiers(model, view),
            ))),
            false => row,
        };
    }
    let by = model.replaced_by.as_deref().unwrap_or("–");
    row.emphasis(Tone::Dim).note(view.say(Sentence::Replaced {
        tag: &model.tag,
        by,
    }))
}

/// The tiers under which the guide lists a model.
fn tiers(model: &ModelRow, view: View) -> String {
    let names: Vec<&str> = model
        .guide_tiers
        .iter()
        .map(|tier| view.text.tier(*tier))
        .collect();
    names.join(view.listed())
}

fn parameters(model: &ModelRow) -> String {
    sizes(model.parameters, model.active_parameters).unwrap_or_default()
}

/// `30B/A3B`: all parameters, and those that a token meets.
pub(super) fn sizes(all: Option<u64>, active: Option<u64>) -> Option<String> {
    let active = active
        .map(|active| format!("/A{}", text::parameters(active)))
        .unwrap_or_default();
    all.map(|all| text::parameters(all) + &active)
}

fn stars(model: &ModelRow) -> String {
    let stars = model
        .stars
        .chinese
        .or(model.stars.code)
        .or(model.stars.general);
    stars.map(guide::stars).unwrap_or_default()
}

/// The page of `compare`: one row a model.
pub fn compare(report: &Compare, view: View) -> Page {
    let label = |label| view.label(label);
    let mut page = Page::new();
    if let Some(family) = &report.guide_family {
        guide::family(&mut page, family, view);
    }
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
        Column::right(messages::guide::guide_gb(view.lang)).priority(50),
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
    let marked = report.models.iter().map(|one| one.model.installed);
    view::legend(&mut page, marked, view);
    page
}

fn compared(one: &Compared, view: View) -> Row {
    let model = &one.model;
    let verdict = one
        .verdict
        .map(|verdict| {
            Cell::from(tone(verdict).span(view.verdict(verdict, one.placement.as_ref())))
        })
        .unwrap_or_else(Cell::empty);
    let speed = one
        .speed
        .as_ref()
        .map(|speed| text::band(speed.decode[0], speed.decode[1]))
        .unwrap_or_default();
    let range = model.documented_vram.map(guide::range).unwrap_or_default();
    row![
        view::tag(&model.tag, model.installed),
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
