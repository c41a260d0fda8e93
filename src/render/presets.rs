//! The page of `plan --preset` without a name: the guide's configurations.

use super::page::{Cell, Column, Page, Row, Table, Tone};
use super::view::View;
use crate::report::Presets;
use crate::text::{Label, PlanLabel};

/// The page.
pub fn page(list: &Presets, view: View) -> Page {
    let mut page = Page::new();
    let mut table = Table::new([
        Column::left("--preset").whole(),
        Column::left(view.text.plan_label(PlanLabel::Gpus)).priority(70),
        Column::left(view.label(Label::Models)),
        Column::left("").priority(60),
    ]);
    for preset in &list.presets {
        table.rows.push(Row::new([
            Cell::from(Tone::Accent.span(&preset.code)),
            Cell::from(preset.gpu.as_str()),
            Cell::from(preset.demands.join(" ")),
            Cell::from(Tone::Dim.span(preset.title.get(view.lang))),
        ]));
    }
    page.push(table);
    page
}
