//! The page of `gpus`: every card with a bar of its memory.

use super::page::{Bar, Line, Page, Tone};
use super::view::{View, inventory_note};
use crate::inventory::simulated::is_described;
use crate::line;
use crate::messages;
use crate::report::{GpuReport, Gpus};
use crate::units::Bytes;

/// The page that lists machines and their GPUs.
pub fn page(report: &Gpus, view: View) -> Page {
    let mut page = Page::new();
    let inventory = &report.inventory;
    let none = inventory.hosts.iter().all(|host| host.gpus.is_empty());
    if none && !super::view::leaves_gpus_out(&inventory.notes) {
        page.paragraph(messages::hardware::no_gpu_found(view.lang));
    }
    for host in &inventory.hosts {
        if inventory.hosts.len() > 1 {
            page.heading(2, host.name.as_str());
        }
        let bars: Vec<Bar> = host.gpus.iter().map(|gpu| bar(gpu, view)).collect();
        if !bars.is_empty() {
            page.push(bars);
        }
        let mut pairs: Vec<(Line, Line)> = host
            .gpus
            .iter()
            .map(|gpu| (Line::from(format!("GPU {}", gpu.gpu)), facts(gpu, view)))
            .collect();
        if let Some(memory) = host.memory {
            let (part, whole) = (memory.available.to_string(), memory.total.to_string());
            pairs.push((
                messages::host_memory(view.lang).into(),
                messages::hardware::usable(view.lang, &whole, &part).into(),
            ));
        }
        if let Some(driver) = &host.driver {
            pairs.push((messages::driver(view.lang).into(), driver.as_str().into()));
        }
        if !pairs.is_empty() {
            page.key_values(pairs);
        }
        let processes = processes(&host.gpus, view);
        if !processes.is_empty() {
            page.heading(2, messages::processes(view.lang));
            page.lines(processes);
        }
    }
    for note in &inventory.notes {
        page.callout(Tone::Caution, inventory_note(note, view));
    }
    if none && !view.quiet {
        page.paragraph(Tone::Dim.span(messages::hardware::to_try_other_hardware(view.lang)));
    }
    page
}

fn bar(gpu: &GpuReport, view: View) -> Bar {
    let segment = |bar: Bar, label: &str, bytes: Bytes, tone: Tone| match bytes {
        Bytes::ZERO => bar,
        bytes => bar.segment(label, bytes.0 as f64, bytes.to_string(), tone),
    };
    let bar = Bar::new(line![
        format!("GPU {}  ", gpu.gpu),
        Tone::Strong.span(short(&gpu.name))
    ]);
    let bar = segment(bar, messages::used(view.lang), gpu.used, Tone::Caution);
    let bar = segment(bar, messages::reserved(view.lang), gpu.reserved, Tone::Bad);
    let bar = segment(bar, messages::usable(view.lang), gpu.usable, Tone::Good);
    let bar = segment(
        bar,
        messages::engine_margin(view.lang),
        gpu.free - gpu.usable,
        Tone::Dim,
    );
    bar.value(messages::hardware::usable(
        view.lang,
        &gpu.total.to_string(),
        &gpu.usable.to_string(),
    ))
}

/// A name without its maker, which takes the room of what tells cards apart.
pub(super) fn short(name: &str) -> &str {
    let makers = ["NVIDIA GeForce ", "NVIDIA ", "AMD Radeon ", "AMD "];
    makers
        .into_iter()
        .find_map(|maker| name.strip_prefix(maker))
        .unwrap_or(name)
}

fn facts(gpu: &GpuReport, view: View) -> Line {
    let mut parts: Vec<Line> = Vec::new();
    if let Some(bandwidth) = gpu.bandwidth {
        parts.push(format!("{} GB/s", bandwidth / 1_000_000_000).into());
    }
    if let Some(capability) = &gpu.compute_capability {
        parts.push(format!("{} {capability}", messages::compute_capability(view.lang)).into());
    }
    if let Some(address) = &gpu.pci_bus_id {
        parts.push(address.as_str().into());
    }
    if let Some(mig) = gpu.mig {
        parts.push(messages::hardware::mig_instance(view.lang, mig.index, mig.parent).into());
    }
    if gpu.unified {
        parts.push(messages::hardware::shares_host_memory(view.lang).into());
    }
    if gpu.ecc {
        parts.push(messages::hardware::ecc_is_on(view.lang).into());
    }
    if let Some(basis) = gpu.memory_basis {
        parts.push(
            Tone::Dim
                .span(messages::hardware::memory_basis(view.lang, basis))
                .into(),
        );
    }
    // A card that was only described has none that a person could use.
    if let Some(uuid) = gpu.uuid.as_ref().filter(|uuid| !is_described(uuid)) {
        parts.push(Tone::Dim.span(uuid).into());
    }
    Line::join(parts, "  ")
}

fn processes(gpus: &[GpuReport], view: View) -> Vec<Line> {
    let lines = gpus
        .iter()
        .flat_map(|gpu| gpu.processes.iter().map(move |process| (gpu.gpu, process)));
    lines
        .map(|(gpu, process)| {
            let bytes = process
                .bytes
                .map(|bytes| bytes.to_string())
                .unwrap_or_else(|| messages::hardware::unknown(view.lang).to_owned());
            let name = process
                .name
                .as_deref()
                .unwrap_or_else(|| messages::hardware::unknown(view.lang));
            line![
                format!("GPU {gpu}  {bytes:>9}  "),
                Tone::Strong.span(name),
                Tone::Dim.span(format!(
                    "  {}",
                    messages::hardware::process(view.lang, process.pid)
                ))
            ]
        })
        .collect()
}
