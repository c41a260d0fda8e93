//! The pages of `models` and `compare`.

use super::guide;
use super::page::{Cell, Column, Page, Row, Table, Tone};
use super::view::{self, View, gpus, hardware, tone};
use crate::messages;
use crate::report::{Compare, Compared, ModelRow, Models};
use crate::request::Tier;
use crate::row;
use crate::units::Bytes;

/// The page of `models`: a table a tier.
pub fn models(report: &Models, view: View) -> Page {
    let mut page = Page::new();
    if let Some(here) = &report.here {
        page.lines(hardware(&here.inventory, view));
        if !view.quiet {
            let asked = super::recommend::asked(&here.request, view);
            page.paragraph(Tone::Dim.span(asked));
        }
    }
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
            page.heading(2, messages::terms::tier(view.lang, *tier));
        }
        page.push(table(&rows, view));
    }
    if report.models.is_empty() {
        page.paragraph(messages::catalog::no_model_matches(view.lang));
    }
    if let Some(here) = report.here.as_ref().filter(|_| !view.quiet) {
        let request = &here.request;
        let speeds = messages::ranking::speeds(view.lang, request.parallel, request.depth, None);
        page.paragraph(Tone::Dim.span(speeds));
        if let Some(rate) = request.typical_bandwidth {
            let typical = messages::ranking::typical_speed(view.lang, rate);
            page.paragraph(Tone::Dim.span(typical));
        }
    }
    let marked = report.models.iter().map(|model| model.installed);
    view::legend(&mut page, marked, view);
    page
}

fn table(rows: &[&ModelRow], view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::model(view.lang)).whole(),
        Column::right(messages::params(view.lang)).priority(90),
        Column::left(messages::quantization(view.lang))
            .whole()
            .priority(50),
        Column::right(messages::file(view.lang)).priority(70),
        Column::right(messages::need(view.lang)),
        Column::right(messages::tokens_per_second(view.lang)).priority(95),
        Column::right(messages::score(view.lang)).priority(95),
        Column::right(messages::guide::guide_gb(view.lang)).priority(80),
        Column::right(messages::context(view.lang)).priority(85),
        Column::left(messages::stars(view.lang))
            .whole()
            .priority(40),
        Column::left(messages::guide::good_for(view.lang))
            .priority(35)
            .min_width(12),
        Column::left(messages::released(view.lang))
            .whole()
            .priority(30),
        Column::left(messages::license(view.lang))
            .priority(20)
            .truncate(),
        Column::left(messages::capabilities(view.lang))
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
        .map(|range| format!("{} @{}", range.min, messages::tokens(range.min_context)))
        .unwrap_or_default();
    let documented = model.documented_vram.map(guide::range).unwrap_or_default();
    let here = model.here.as_ref();
    let capabilities: Vec<&str> = model
        .capabilities
        .iter()
        .map(|capability| messages::terms::capability(view.lang, *capability))
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
        here.and_then(|here| here.speed.as_ref())
            .map(|speed| messages::band(speed.decode[0], speed.decode[1]))
            .unwrap_or_default(),
        here.map(|here| format!("{:.0}", here.score))
            .unwrap_or_default(),
        documented,
        model
            .context_length
            .map(messages::tokens)
            .unwrap_or_default(),
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
    row.emphasis(Tone::Dim)
        .note(messages::catalog::not_in_library(view.lang, &model.tag, by))
}

/// The tiers under which the guide lists a model.
fn tiers(model: &ModelRow, view: View) -> String {
    let names: Vec<&str> = model
        .guide_tiers
        .iter()
        .map(|tier| messages::terms::tier(view.lang, *tier))
        .collect();
    names.join(view.listed())
}

fn parameters(model: &ModelRow) -> String {
    sizes(model.parameters, model.active_parameters).unwrap_or_default()
}

/// `30B/A3B`: all parameters, and those that a token meets.
pub(super) fn sizes(all: Option<u64>, active: Option<u64>) -> Option<String> {
    let active = active
        .map(|active| format!("/A{}", messages::parameters(active)))
        .unwrap_or_default();
    all.map(|all| messages::parameters(all) + &active)
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
    let mut page = Page::new();
    if let Some(family) = &report.guide_family {
        guide::family(&mut page, family, view);
    }
    // Where there are no GPUs, and nobody wants the CPU, one that holds everything stands for them.
    let is_placed = report.models.iter().any(|one| one.placement.is_some());
    let with_gpus = report
        .inventory
        .hosts
        .iter()
        .any(|host| !host.gpus.is_empty());
    if with_gpus || is_placed {
        page.lines(hardware(&report.inventory, view));
    } else if !view.quiet {
        page.paragraph(Tone::Dim.span(messages::estimate::no_gpu_given(view.lang)));
    }
    if report.models.is_empty() {
        page.paragraph(messages::catalog::no_model_matches(view.lang));
        return page;
    }
    let mut table = Table::new([
        Column::left(messages::model(view.lang)).whole(),
        Column::right(messages::params(view.lang)).priority(80),
        Column::left(messages::verdict(view.lang))
            .whole()
            .priority(95),
        Column::right(messages::need(view.lang)),
        Column::right(messages::weights(view.lang)).priority(60),
        Column::right(messages::kv_cache(view.lang)).priority(65),
        Column::right(messages::tokens_per_second(view.lang)).priority(90),
        Column::right(messages::score(view.lang)).priority(85),
        Column::right(messages::context(view.lang)).priority(70),
        Column::right(messages::guide::guide_gb(view.lang)).priority(50),
        Column::left(messages::gpu(view.lang)).whole().priority(45),
        Column::left(messages::quantization(view.lang))
            .whole()
            .priority(40),
        Column::left(messages::license(view.lang))
            .priority(20)
            .truncate(),
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
            let word = view.doubted(verdict, one.placement.as_ref(), one.within_doubt);
            Cell::from(tone(verdict).span(word))
        })
        .unwrap_or_else(Cell::empty);
    let speed = one
        .speed
        .as_ref()
        .map(|speed| messages::band(speed.decode[0], speed.decode[1]))
        .unwrap_or_default();
    let range = model.documented_vram.map(guide::range).unwrap_or_default();
    let (estimate, host) = (&one.estimate, &one.estimate.host);
    let counts_host = estimate.counts_host(one.verdict);
    let beside = |bytes: Bytes| if counts_host { bytes } else { Bytes::ZERO };
    let total = estimate.need(one.verdict);
    let weights = estimate.weights + beside(host.weights);
    let kv_cache = estimate.kv_cache + beside(host.kv_cache);
    row![
        view::tag(&model.tag, model.installed),
        parameters(model),
        verdict,
        total.to_string(),
        weights.to_string(),
        kv_cache.to_string(),
        speed,
        format!("{:.0}", one.score.total),
        model
            .context_length
            .map(messages::tokens)
            .unwrap_or_default(),
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
