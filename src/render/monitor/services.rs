//! The table of a plan's services.

use super::super::page::{Column, Line, Row, Table, Tone};
use super::super::view::View;
use crate::messages;
use crate::report::{Health, MonitoredService};
use messages::tokens;

/// Each service with its port, its cards, and how it is.
pub(super) fn table(services: &[MonitoredService], view: View) -> Table {
    let host = &services[0].host;
    let several = services.iter().any(|service| service.host != *host);
    let mut columns = vec![Column::left(messages::model(view.lang)).whole()];
    if several {
        columns.push(Column::left(messages::host(view.lang)).whole());
    }
    columns.extend([
        Column::right(messages::monitor::port(view.lang)).whole(),
        Column::left(messages::gpu(view.lang)).priority(2),
        Column::left(messages::monitor::state(view.lang)).min_width(10),
        Column::right(messages::context(view.lang)).priority(3),
        Column::right(messages::memory(view.lang)).priority(4),
        Column::right(messages::monitor::unloads(view.lang)).priority(5),
    ]);
    let mut table = Table::new(columns).omitted(messages::not_shown_at_this_width(view.lang));
    for service in services {
        let name = match service.replica {
            0 | 1 => service.tag.clone(),
            replica => format!("{} #{replica}", service.tag),
        };
        let cards: Vec<String> = service.gpus.iter().map(u32::to_string).collect();
        let loaded = service.loaded.as_ref();
        let nothing = || Line::from(Tone::Dim.span("-"));
        let mut cells: Vec<Line> = vec![Tone::Code.span(name).into()];
        if several {
            cells.push(service.host.clone().into());
        }
        cells.extend([
            service.port.to_string().into(),
            cards.join(" ").into(),
            tone(service.health)
                .span(messages::monitor::health(view.lang, service))
                .into(),
            tokens(service.context_length).into(),
            loaded.map_or_else(nothing, |model| model.size.to_string().into()),
            loaded.map_or_else(nothing, |model| {
                messages::monitor::unloads_in(view.lang, model.expires_in).into()
            }),
        ]);
        table.push(Row::new(cells));
    }
    table
}

fn tone(health: Health) -> Tone {
    match health {
        Health::Ready => Tone::Good,
        Health::OtherContext | Health::Spilled | Health::NotLoaded => Tone::Caution,
        Health::Failing | Health::Slow | Health::Absent => Tone::Bad,
    }
}
