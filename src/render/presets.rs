//! The page of `plan --preset` without a name: the guide's configurations.

use super::page::{Cell, Column, Page, Row, Table, Tone};
use super::view::View;
use crate::catalog::guide::{Preset, PresetService};
use crate::text::{Label, PlanLabel};

/// The page.
pub fn page(presets: &[Preset], view: View) -> Page {
    let mut page = Page::new();
    let mut table = Table::new([
        Column::left("--preset").whole(),
        Column::left(view.text.plan_label(PlanLabel::Gpus)).priority(70),
        Column::left(view.label(Label::Models)),
        Column::left("").priority(60),
    ]);
    for preset in presets {
        let services: Vec<String> = preset.services.iter().map(demand).collect();
        table.rows.push(Row::new([
            Cell::from(Tone::Accent.span(&preset.code)),
            Cell::from(preset.gpu.as_str()),
            Cell::from(services.join(" ")),
            Cell::from(Tone::Dim.span(preset.title.get(view.text.lang()))),
        ]));
    }
    page.push(table);
    page
}

/// A service as it would be asked for.
fn demand(service: &PresetService) -> String {
    match service.replicas {
        Some(replicas) => format!("{}*{replicas}", service.tag),
        None => service.tag.clone(),
    }
}
