//! The page of `bench`: what was measured beside what was predicted.

use super::page::{Column, Page, Table, Tone};
use super::view::{self, View};
use crate::messages;
use crate::report::{Bench, Spread};
use crate::row;

/// Runs that differ by more are told to be unsteady.
const UNSTEADY: f64 = 1.15;

/// The page that shows measured speeds beside predicted ones.
pub fn page(report: &Bench, view: View) -> Page {
    let mut page = Page::new();
    page.lines(view::hardware(&report.inventory, view));
    if !view.quiet {
        let (server, version) = (&report.server, &report.version);
        page.paragraph(Tone::Dim.span(format!("{server}  {version}  {}", report.tag)));
    }
    let mut table = Table::new([
        Column::left(messages::bench::what(view.lang)),
        Column::right(messages::bench::median(view.lang)),
        Column::right(messages::bench::spread(view.lang)),
        Column::right(messages::bench::predicted(view.lang)),
    ]);
    let rate = |rate: f64| format!("{rate:.*}", usize::from(rate < 10.0));
    let mut push = |what: String, spread: &Spread, predicted: Option<f64>| {
        let between = format!("{}–{}", rate(spread.low), rate(spread.high));
        let predicted = predicted.map_or_else(|| "–".to_owned(), rate);
        table.push(row![what, rate(spread.median), between, predicted]);
    };
    let predicted = report.predicted.as_ref();
    push(
        messages::bench::reading(view.lang, report.prefill.depth),
        &report.prefill,
        predicted.and_then(|predicted| predicted.prefill),
    );
    for (at, spread) in report.decode.iter().enumerate() {
        push(
            messages::bench::writing(view.lang, spread.depth),
            spread,
            predicted.and_then(|predicted| predicted.decode.get(at).copied()),
        );
    }
    page.push(table);
    let differ = |spread: &Spread| spread.high / spread.low.max(f64::MIN_POSITIVE);
    let widest = report.decode.iter().map(differ).fold(1.0, f64::max);
    if widest > UNSTEADY {
        let percent = (widest - 1.0) * 100.0;
        page.callout(Tone::Caution, messages::bench::unsteady(view.lang, percent));
    }
    if let Some(why) = report.not_kept {
        let on_cpu = report
            .inventory
            .hosts
            .iter()
            .all(|host| host.gpus.is_empty());
        let why = messages::bench::not_kept(view.lang, why, on_cpu);
        page.callout(Tone::Caution, why);
        page.lines(report.not_written.as_deref());
    } else if let Some(scale) = report.scale {
        page.callout(Tone::Good, messages::bench::kept(view.lang, scale.decode));
    }
    page
}
