//! The page of `monitor`: GPUs, who holds their memory, the services of a plan, and the models that are loaded.

mod services;

use std::cmp::Reverse;

use super::page::{Block, Cell, Column, Line, Page, Table, Tone};
use super::view::View;
use crate::messages;
use crate::report::{Holder, LoadedModel, Monitor, MonitoredGpu, MonitoredServer};
use crate::units::Bytes;
use crate::{line, row};
use messages::tokens;

/// From here on a GPU is hot, in degrees Celsius: most begin to slow down soon after.
const HOT: u32 = 80;

/// What rows are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The numbers of the GPUs.
    #[default]
    Number,
    /// Memory, the largest first.
    Memory,
    /// How busy the GPUs are, the busiest first.
    Utilization,
    /// The numbers of the programs.
    Pid,
}

/// The line of keys above a live page.
pub fn keys(view: View, order: Order, paused: bool) -> Block {
    let key = |key: &str, name: &str, on: bool| {
        let tone = if on { Tone::Accent } else { Tone::Dim };
        line![Tone::Code.span(key), tone.span(format!(" {name}"))]
    };
    let keys = [
        key("q", messages::monitor::quit(view.lang), false),
        key("space", messages::monitor::pause(view.lang), paused),
        key(
            "m",
            messages::monitor::by_memory(view.lang),
            order == Order::Memory,
        ),
        key(
            "u",
            messages::monitor::by_utilization(view.lang),
            order == Order::Utilization,
        ),
        key(
            "p",
            messages::monitor::by_pid(view.lang),
            order == Order::Pid,
        ),
        key("j/k", messages::monitor::scroll(view.lang), false),
    ];
    let mut line = Line::join(keys, "  ");
    if paused {
        line = line
            .and("  ")
            .and(Tone::Caution.span(messages::monitor::paused(view.lang)));
    }
    Block::Lines(vec![line])
}

/// The page of what GPUs, models and services do now.
pub fn page(report: &Monitor, view: View, order: Order) -> Page {
    let mut page = Page::new();
    let mut gpus: Vec<&MonitoredGpu> = report.gpus.iter().collect();
    match order {
        Order::Number | Order::Pid => {}
        Order::Memory => gpus.sort_by_key(|gpu| Reverse(gpu.used)),
        Order::Utilization => gpus.sort_by_key(|gpu| Reverse(gpu.utilization)),
    }
    let several = gpus.iter().any(|gpu| gpu.host != report.gpus[0].host);
    if let Some(seconds) = report.driver_silent {
        let words = messages::monitor::driver_silent(view.lang, seconds, gpus.is_empty());
        page.callout(Tone::Caution, words);
    }
    match (gpus.is_empty(), report.driver_silent) {
        (true, None) => {
            page.paragraph(messages::hardware::no_gpu_found(view.lang));
        }
        (true, Some(_)) => {}
        (false, _) => {
            page.push(devices(&gpus, several, view));
        }
    }
    let mut held: Vec<(&MonitoredGpu, &Holder)> = gpus
        .iter()
        .flat_map(|gpu| gpu.holders.iter().map(move |holder| (*gpu, holder)))
        .collect();
    match order {
        Order::Number | Order::Utilization => {}
        Order::Memory => held.sort_by_key(|(_, holder)| Reverse(holder.bytes)),
        Order::Pid => held.sort_by_key(|(_, holder)| holder.pid),
    }
    if !held.is_empty() {
        page.heading(2, messages::processes(view.lang));
        page.push(programs(&held, several, view));
    }
    if !report.services.is_empty() {
        page.heading(2, messages::monitor::services(view.lang));
        page.push(services::table(&report.services, view));
    }
    // A server of the plan has told its models there, and where there is a plan no other one is missed.
    let is_elsewhere = |server: &&MonitoredServer| {
        let mut services = report.services.iter();
        services.all(|service| service.address != server.address && server.fault.is_none())
    };
    if let Some(server) = report.ollama.as_ref().filter(is_elsewhere) {
        page.heading(2, messages::monitor::loaded_models(view.lang));
        match (&server.fault, report.models.is_empty()) {
            (Some(fault), _) => {
                let said = messages::monitor::server_fault(view.lang, &server.address, fault);
                page.paragraph(Tone::Dim.span(said));
            }
            (None, true) => {
                page.paragraph(Tone::Dim.span(messages::monitor::no_model(view.lang)));
            }
            (None, false) => {
                page.push(models(&report.models, view));
            }
        }
    }
    if let Some(memory) = report.memory {
        let (part, whole) = (memory.available.to_string(), memory.total.to_string());
        let free = messages::hardware::usable(view.lang, &whole, &part);
        page.key_values([(messages::host_memory(view.lang), free)]);
    }
    for note in report.notes.iter().filter(|_| !view.quiet) {
        let parts = [&note.subject, &note.detail].into_iter().flatten();
        let about = parts.map(String::as_str).collect::<Vec<_>>().join(": ");
        page.callout(
            Tone::Caution,
            messages::hardware::note(view.lang, note.code, &about),
        );
    }
    page
}

fn number(gpu: &MonitoredGpu, several: bool) -> String {
    match several {
        true => format!("{} {}", gpu.host, gpu.gpu),
        false => gpu.gpu.to_string(),
    }
}

fn devices(gpus: &[&MonitoredGpu], several: bool, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::gpu(view.lang)).whole(),
        Column::left(messages::name(view.lang))
            .truncate()
            .min_width(10),
        Column::center(messages::memory(view.lang)),
        Column::right(messages::used(view.lang)),
        Column::right(messages::total(view.lang)).priority(3),
        Column::right(messages::monitor::busy(view.lang)).priority(5),
        Column::right(messages::monitor::temperature(view.lang)).priority(4),
        Column::right(messages::monitor::power(view.lang)).priority(2),
    ])
    .omitted(messages::not_shown_at_this_width(view.lang));
    for gpu in gpus {
        let share = (gpu.used + gpu.reserved).0 as f64 / gpu.total.0.max(1) as f64;
        let or_dash = |text: Option<String>| match text {
            Some(text) => Line::from(text),
            None => Tone::Dim.span("-").into(),
        };
        let hot = gpu.temperature.is_some_and(|degrees| degrees >= HOT);
        let temperature = or_dash(gpu.temperature.map(|degrees| format!("{degrees} °C")));
        let power = match (gpu.power, gpu.power_limit) {
            (Some(power), Some(limit)) => Some(format!("{power:.0}/{limit:.0} W")),
            (power, _) => power.map(|power| format!("{power:.0} W")),
        };
        table.push(row![
            number(gpu, several),
            Tone::Strong.span(super::gpus::short(&gpu.name)),
            Cell::meter(share, fullness(share)),
            (gpu.used + gpu.reserved).to_string(),
            gpu.total.to_string(),
            or_dash(gpu.utilization.map(|percent| format!("{percent} %"))),
            if hot {
                temperature.toned(Tone::Caution)
            } else {
                temperature
            },
            or_dash(power),
        ]);
    }
    table
}

fn fullness(share: f64) -> Tone {
    match share {
        share if share > 0.97 => Tone::Bad,
        share if share > 0.85 => Tone::Caution,
        _ => Tone::Good,
    }
}

fn programs(held: &[(&MonitoredGpu, &Holder)], several: bool, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::gpu(view.lang)).whole(),
        Column::right(messages::monitor::pid(view.lang)),
        Column::right(messages::memory(view.lang)),
        Column::left(messages::model(view.lang)).whole(),
        Column::left(messages::monitor::program(view.lang))
            .truncate()
            .min_width(8),
    ]);
    for (gpu, holder) in held {
        let unknown = || Line::from(Tone::Dim.span(messages::hardware::unknown(view.lang)));
        let bytes = holder.bytes.map(|bytes| Line::from(bytes.to_string()));
        let tag = holder
            .tag
            .as_ref()
            .map(|tag| Line::from(Tone::Code.span(tag)));
        table.push(row![
            number(gpu, several),
            holder.pid.to_string(),
            bytes.unwrap_or_else(unknown),
            tag.unwrap_or_default(),
            holder.name.as_ref().map_or_else(unknown, Line::from),
        ]);
    }
    table
}

fn models(models: &[LoadedModel], view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::model(view.lang)).whole(),
        Column::right(messages::memory(view.lang)),
        Column::right(messages::monitor::on_gpu(view.lang)),
        Column::right(messages::context(view.lang)).priority(3),
        Column::right(messages::monitor::unloads(view.lang)),
    ]);
    for model in models {
        let whole = model.size_vram == model.size;
        let tone = if whole { Tone::Good } else { Tone::Caution };
        // Rounded down: 100 % is all of it. A machine without GPUs measures nothing.
        let share = model.size_vram.0.saturating_mul(100) / model.size.0.max(1);
        let measured = model.size > Bytes::ZERO;
        let or_dash = |line: Line| match measured {
            true => line,
            false => Tone::Dim.span("-").into(),
        };
        let context = match model.context_length {
            0 => Line::from(Tone::Dim.span("-")),
            context => tokens(context).into(),
        };
        table.push(row![
            Tone::Code.span(&model.tag),
            or_dash(model.size.to_string().into()),
            or_dash(tone.span(format!("{share} %")).into()),
            context,
            messages::monitor::unloads_in(view.lang, model.expires_in),
        ]);
    }
    table
}
