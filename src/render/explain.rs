//! The page of `explain`: the estimate line by line with what each line follows from, then what fits, then what Ollama would do.

mod estimate;

use super::evidence::{speed, why};
use super::llama_server;
use super::page::{Column, Line, Page, Row, Table, Tone};
use super::view::{View, hardware, tone};
use crate::engine::place::Verdict;
use crate::line;
use crate::messages;
use crate::quantization::KvCacheType;
use crate::report::{Explain, LargestContext, OllamaNote, OllamaReport, PlacementReport, Reason};
use crate::units::Bytes;

/// The page that explains one model's memory.
pub fn page(report: &Explain, view: View) -> Page {
    let mut page = Page::new();
    let mut head = line![
        Tone::Accent.span(&report.tag),
        Tone::Dim.span(format!("  {}", model_facts(report, view)))
    ];
    if report.model.installed == Some(true) {
        let installed = messages::installed(view.lang).to_lowercase();
        head = head.and(Tone::Good.span(format!(" · {installed}")));
    }
    page.heading(1, head);
    let unknown = |reason: &Reason| matches!(reason, Reason::HostMemoryUnknown { .. });
    if report.placement.is_some() || report.reasons.iter().any(unknown) {
        page.lines(hardware(&report.inventory, view));
    } else {
        page.paragraph(Tone::Dim.span(messages::estimate::no_gpu_given(view.lang)));
    }
    answer(&mut page, report, view);
    let on_cpu = estimate::is_on_cpu(&report.estimate);
    let memory = match on_cpu {
        true => messages::explain::memory_of_the_cpu,
        false => messages::explain::memory,
    };
    page.heading(2, memory(view.lang));
    page.push(estimate::lines(&report.estimate, report, view));
    page.paragraph(Tone::Dim.span(estimate::settings(&report.estimate, view)));
    if report.estimate.per_gpu.len() > 1 {
        page.push(estimate::per_gpu(&report.estimate, view));
    }
    speed(&mut page, report, view);
    let by_context = match on_cpu {
        true => messages::explain::memory_of_the_cpu_by_context,
        false => messages::explain::memory_by_context_and_kv_cache_type,
    };
    page.heading(2, by_context(view.lang));
    page.push(ladder(report, view));
    if report.verdict.is_some() {
        page.key_values([(
            messages::explain::largest_context_that_fits(view.lang),
            largest(&report.largest_context, view),
        )]);
    }
    if let Some(server) = &report.llama_server {
        llama_server::command(&mut page, server, view);
    }
    if let Some(ollama) = &report.ollama {
        page.heading(
            2,
            line![
                messages::explain::what_ollama_does_by_default(view.lang),
                Tone::Dim.span(format!("  {}", ollama.version))
            ],
        );
        let hosts = &report.inventory.hosts;
        let cards = hosts.iter().map(|host| host.gpus.len()).sum();
        itself(&mut page, ollama, cards, view);
    }
    why(&mut page, report, view);
    if view.verbose {
        details(&mut page, report, view);
    }
    page
}

/// Whether it fits, why, and what would help.
fn answer(page: &mut Page, report: &Explain, view: View) {
    if let (Some(verdict), Some(placement)) = (report.verdict, &report.placement) {
        let refused = |reason: &Reason| matches!(reason, Reason::CacheRefused { .. });
        // What does not load lies nowhere.
        let loads = !report.reasons.iter().any(refused);
        let reasons = report.reasons.iter();
        let reasons =
            reasons.map(|reason| messages::recommend::reason(view.lang, reason, report.task));
        let parts = loads.then(|| place(placement, view));
        let parts: Vec<String> = parts.into_iter().chain(reasons).collect();
        let line = line![
            tone(verdict).span(view.judged(verdict, Some(placement), &report.reasons)),
            view.colon(),
            parts.join(view.separator())
        ];
        page.callout(tone(verdict), line);
        if let Some(fix) = &report.cheapest_fix {
            page.paragraph(line![
                messages::what_would_help(view.lang),
                view.colon(),
                Tone::Code.span(messages::recommend::fix(view.lang, fix))
            ]);
        }
    } else if !report.reasons.is_empty() {
        page.list(
            report
                .reasons
                .iter()
                .map(|reason| messages::recommend::reason(view.lang, reason, report.task)),
        );
    }
}

fn model_facts(report: &Explain, view: View) -> String {
    let model = &report.model;
    let active = model
        .active_parameters
        .map(|active| format!(" (A{})", messages::parameters(active)))
        .unwrap_or_default();
    let parts = [
        model
            .parameters
            .map(|parameters| messages::parameters(parameters) + &active),
        model.quantization.clone(),
        model
            .context_length
            .map(|length| messages::estimate::context(view.lang, &messages::tokens(length))),
        model.license.clone(),
        model.released.clone(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn place(placement: &PlacementReport, view: View) -> String {
    let mut parts: Vec<String> = placement
        .gpus
        .iter()
        .map(|gpu| {
            messages::estimate::layers_on_gpu(view.lang, gpu.layers, gpu.gpu)
                + &view.aside(gpu.bytes)
        })
        .collect();
    let mut on_host = Vec::new();
    if placement.host_layers > 0 {
        on_host.push(messages::estimate::layers_on_cpu(
            view.lang,
            placement.host_layers,
        ));
    }
    if placement.host_expert_layers > 0 {
        // The output layer counts among those of the GPUs.
        let on_gpus: u32 = placement.gpus.iter().map(|gpu| gpu.layers).sum();
        on_host.push(messages::estimate::experts_on_host(
            view.lang,
            placement.host_expert_layers,
            (on_gpus + placement.host_layers).saturating_sub(1),
        ));
    }
    if let Some(last) = on_host.last_mut() {
        *last += &view.aside(placement.host_bytes);
    }
    parts.append(&mut on_host);
    if placement.shortfall > Bytes::ZERO {
        parts.push(messages::estimate::short_by(
            view.lang,
            &placement.shortfall.to_string(),
        ));
    }
    parts.join(view.comma())
}

/// Contexts downwards, cache types across; the tone says the verdict.
fn ladder(report: &Explain, view: View) -> Table {
    let mut columns = vec![Column::right(messages::context(view.lang))];
    columns.extend(
        KvCacheType::DOCUMENTED
            .iter()
            .map(|kind| Column::right(kind.label())),
    );
    let mut table = Table::new(columns);
    let mut contexts: Vec<u32> = report
        .ladder
        .iter()
        .map(|rung| rung.context_length)
        .collect();
    contexts.dedup();
    for context in contexts {
        let mut row = Row::default().cell(messages::tokens(context));
        for kind in KvCacheType::DOCUMENTED {
            let rung = report
                .ladder
                .iter()
                .find(|rung| rung.context_length == context && rung.kv_cache_type == kind);
            row = row.cell(rung.map(|rung| rung_text(rung, view)).unwrap_or_default());
        }
        table.push(row);
    }
    table
}

fn rung_text(rung: &crate::report::ContextRow, view: View) -> Line {
    match rung.verdict {
        Some(verdict) => {
            let said = match verdict == Verdict::Offloads && rung.on_cpu {
                true => messages::on_cpu(view.lang),
                false => view.doubted(verdict, None, rung.within_doubt),
            };
            line![rung.total.to_string(), "  ", tone(verdict).span(said)]
        }
        None => rung.total.to_string().into(),
    }
}

fn largest(largest: &LargestContext, view: View) -> String {
    let each = [
        (KvCacheType::F16, largest.f16),
        (KvCacheType::Q8_0, largest.q8_0),
        (KvCacheType::Q4_0, largest.q4_0),
    ];
    let words = each.map(|(kind, context)| match context {
        Some(context) => {
            messages::estimate::context_with(view.lang, kind.label(), &messages::tokens(context))
        }
        None => messages::estimate::no_context_with(view.lang, kind.label()),
    });
    words.join(view.separator())
}

fn itself(page: &mut Page, ollama: &OllamaReport, cards: usize, view: View) {
    let refused = |note: &OllamaNote| matches!(note, OllamaNote::NotLoaded { .. });
    let loads = !ollama.notes.iter().any(refused);
    let mut put = |label, context_length, predicted: Bytes, placement: &PlacementReport| {
        let memory = match placement.gpus.is_empty() {
            true => messages::explain::predicted_memory_of_the_cpu,
            false => messages::explain::predicted_memory,
        };
        let mut rows = vec![
            (label, messages::tokens(context_length)),
            (memory(view.lang), predicted.to_string()),
        ];
        // What does not load lies nowhere.
        rows.extend(loads.then(|| {
            let label = messages::explain::placement(view.lang);
            (label, place(placement, view))
        }));
        page.key_values(rows);
    };
    put(
        messages::explain::default_context(view.lang),
        ollama.context_default,
        ollama.predicted,
        &ollama.placement,
    );
    if let Some(asked) = &ollama.asked {
        put(
            messages::context(view.lang),
            asked.context_length,
            asked.predicted,
            &asked.placement,
        );
    }
    // Where there is one GPU, it goes without saying that it is chosen.
    let choice = |note: &&OllamaNote| cards > 1 || **note != OllamaNote::OneGpu;
    let notes = ollama.notes.iter().filter(choice);
    page.list(notes.map(|note| messages::explain::ollama_note(view.lang, note)));
}

fn details(page: &mut Page, report: &Explain, view: View) {
    if let Some(shape) = &report.architecture {
        page.heading(2, messages::explain::architecture(view.lang));
        let bare = |value: &serde_json::Value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        };
        page.key_values(shape.iter().map(|(key, value)| (key.as_str(), bare(value))));
    }
    page.heading(2, messages::explain::sources(view.lang));
    page.list(report.model.source.iter().map(String::as_str));
}
