//! The page of `plan --preset` without a name: the guide's configurations.

use super::page::{Cell, Column, Page, Row, Table, Tone};
use super::view::View;
use crate::messages;
use crate::report::Presets;

/// The page that lists the guide's configurations.
pub fn page(list: &Presets, view: View) -> Page {
    let mut page = Page::new();
    let mut table = Table::new([
        Column::left("--preset").whole(),
        Column::left(messages::plan::gpus(view.lang)).priority(70),
        Column::left(messages::models(view.lang)),
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
