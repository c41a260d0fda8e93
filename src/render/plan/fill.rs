//! What else fits on what a plan leaves.

use super::super::page::{Cell, Column, Page, Row, Table, Tone};
use super::super::view::{View, tone};
use super::{gpus, rate, several_hosts};
use crate::messages;
use crate::report::{Filling, Planned};

pub(super) fn tell(page: &mut Page, fill: &[Filling], report: &Planned, view: View) {
    page.heading(2, messages::plan::what_else_fits(view.lang));
    if fill.is_empty() {
        page.paragraph(messages::plan::nothing_else_fits(view.lang));
        return;
    }
    let shared = fill.iter().any(|one| one.service.speed_all_busy.is_some());
    let mut columns = vec![
        Column::left(messages::model(view.lang)).whole(),
        Column::left(messages::plan::gpus(view.lang)),
        Column::right(messages::need(view.lang)),
        Column::right(messages::plan::longest(view.lang)).priority(95),
        Column::right(messages::tokens_per_second(view.lang)).priority(90),
        Column::left(messages::verdict(view.lang)).priority(80),
    ];
    if shared {
        let busy = Column::right(messages::plan::all_busy(view.lang)).priority(85);
        columns.insert(5, busy);
    }
    let mut table = Table::new(columns);
    let several = several_hosts(report);
    for one in fill {
        let service = &one.service;
        let verdict = view.doubted(service.verdict, None, service.within_doubt);
        let mut cells = vec![
            Cell::from(Tone::Accent.span(&one.demand)),
            Cell::from(gpus(service, several)),
            Cell::from(service.estimate.total.to_string()),
            Cell::from(messages::tokens(one.longest_context)),
            Cell::from(rate(&service.speed)),
            Cell::from(tone(service.verdict).span(verdict)),
        ];
        if shared {
            cells.insert(5, Cell::from(rate(&service.speed_all_busy)));
        }
        table.rows.push(Row::new(cells));
    }
    page.push(table);
    if !view.quiet {
        page.paragraph(Tone::Dim.span(messages::plan::about_fill(view.lang)));
    }
}
