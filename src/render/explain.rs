//! The page of `explain`: the estimate line by line with what each line follows from, then what fits, then what Ollama would do.

use super::page::{Bar, Column, Line, Page, Row, Table, Tone};
use super::view::{View, hardware, tone};
use super::why::{speed, why};
use crate::quantization::KvCacheType;
use crate::report::{
    Estimate, Explain, InventoryReport, LargestContext, OllamaNote, OllamaReport, PlacementReport,
};
use crate::text::{self, Label, Sentence};
use crate::units::Bytes;
use crate::{line, row};

/// The page.
pub fn page(report: &Explain, view: View) -> Page {
    let mut page = Page::new();
    let mut head = line![
        Tone::Accent.span(&report.tag),
        Tone::Dim.span(format!("  {}", model_facts(report, view)))
    ];
    if report.model.installed == Some(true) {
        let installed = view.label(Label::Installed).to_lowercase();
        head = head.and(Tone::Good.span(format!(" · {installed}")));
    }
    page.heading(1, head);
    if report.placement.is_some() {
        page.lines(hardware(&report.inventory, view));
    } else {
        page.paragraph(Tone::Dim.span(view.say(Sentence::NoHardware)));
    }
    if let (Some(verdict), Some(placement)) = (report.verdict, &report.placement) {
        let mut line = line![
            tone(verdict).span(view.judged(verdict, Some(placement), &report.reasons)),
            view.colon(),
            place(placement, view)
        ];
        for reason in &report.reasons {
            line = line
                .and(view.between())
                .and(view.text.reason(reason, report.task));
        }
        page.callout(tone(verdict), line);
        if let Some(fix) = &report.cheapest_fix {
            page.paragraph(line![
                view.label(Label::WhatWouldHelp),
                view.colon(),
                Tone::Code.span(view.text.fix(fix))
            ]);
        }
    } else if !report.reasons.is_empty() {
        page.list(
            report
                .reasons
                .iter()
                .map(|reason| view.text.reason(reason, report.task)),
        );
    }
    page.heading(2, view.label(Label::Estimate));
    page.push(lines(&report.estimate, report, view));
    page.paragraph(Tone::Dim.span(settings(&report.estimate, view)));
    if report.estimate.per_gpu.len() > 1 {
        page.push(per_gpu(&report.estimate, view));
    }
    speed(&mut page, report, view);
    page.heading(2, view.label(Label::Ladder));
    page.push(ladder(report, view));
    if report.verdict.is_some() {
        page.key_values([(
            view.label(Label::LargestContext),
            largest(&report.largest_context, view),
        )]);
    }
    if let Some(ollama) = &report.ollama {
        page.heading(
            2,
            line![
                view.label(Label::OllamaItself),
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

fn model_facts(report: &Explain, view: View) -> String {
    let model = &report.model;
    let active = model
        .active_parameters
        .map(|active| format!(" (A{})", text::parameters(active)))
        .unwrap_or_default();
    let parts = [
        model
            .parameters
            .map(|parameters| text::parameters(parameters) + &active),
        model.quantization.clone(),
        model.context_length.map(|length| {
            view.say(Sentence::InContext {
                context: &text::tokens(length),
            })
        }),
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
            view.say(Sentence::LayersOn {
                layers: gpu.layers,
                gpu: gpu.gpu,
            }) + &view.aside(gpu.bytes)
        })
        .collect();
    let mut on_host = Vec::new();
    if placement.host_layers > 0 {
        on_host.push(view.say(Sentence::LayersOnHost {
            layers: placement.host_layers,
        }));
    }
    if placement.host_expert_layers > 0 {
        // The output layer counts among those of the GPUs.
        let on_gpus: u32 = placement.gpus.iter().map(|gpu| gpu.layers).sum();
        on_host.push(view.say(Sentence::ExpertsOnHost {
            layers: placement.host_expert_layers,
            of: (on_gpus + placement.host_layers).saturating_sub(1),
        }));
    }
    if let Some(last) = on_host.last_mut() {
        *last += &view.aside(placement.host_bytes);
    }
    parts.append(&mut on_host);
    if placement.shortfall > Bytes::ZERO {
        parts.push(view.say(Sentence::ShortBy {
            bytes: &placement.shortfall.to_string(),
        }));
    }
    parts.join(view.comma())
}

/// Every line of the estimate, with what it follows from.
fn lines(estimate: &Estimate, report: &Explain, view: View) -> Table {
    let mut table = Table::new([
        Column::left("").whole(),
        Column::right(""),
        Column::right("").priority(50),
        Column::left("").priority(90).min_width(20),
    ]);
    let mut put = |label: Label, bytes: Bytes, from: String| {
        if bytes > Bytes::ZERO {
            table.push(row![
                view.label(label),
                bytes.to_string(),
                Tone::Dim.span(grouped(bytes.0)),
                Tone::Dim.span(from)
            ]);
        }
    };
    put(
        Label::Weights,
        estimate.weights,
        view.text.basis(estimate.basis).to_owned(),
    );
    put(Label::Projector, estimate.projector, String::new());
    put(
        Label::KvCache,
        estimate.kv_cache,
        cache_inputs(estimate, report, view),
    );
    put(Label::Recurrent, estimate.recurrent, String::new());
    put(
        Label::Compute,
        estimate.compute,
        format!("{} {}", view.label(Label::Batch), estimate.batch),
    );
    put(
        Label::Overhead,
        estimate.overhead,
        runtimes(&report.inventory),
    );
    table.push(
        row![
            view.label(Label::Total),
            estimate.total.to_string(),
            Tone::Dim.span(grouped(estimate.total.0)),
            guide_range(report, view)
        ]
        .emphasis(Tone::Strong),
    );
    let host = &estimate.host;
    let on_host = host.weights + host.kv_cache + host.compute + host.output;
    table.push(
        row![
            view.label(Label::OnHost),
            on_host.to_string(),
            Tone::Dim.span(grouped(on_host.0)),
            ""
        ]
        .emphasis(Tone::Dim),
    );
    table
}

fn guide_range(report: &Explain, view: View) -> Line {
    let Some(range) = report.documented_vram else {
        return Line::default();
    };
    Tone::Dim
        .span(format!(
            "{}{}{} – {}",
            view.label(Label::GuideRange),
            view.colon(),
            range.min,
            range.max
        ))
        .into()
}

fn cache_inputs(estimate: &Estimate, report: &Explain, view: View) -> String {
    let slots = if estimate.parallel > 1 {
        format!(" × {}", estimate.parallel)
    } else {
        String::new()
    };
    let mut parts = vec![format!(
        "{}{slots} × {}",
        text::tokens(estimate.context_length),
        estimate.kv_cache_type.label()
    )];
    if let Some(shape) = &report.architecture {
        // A number stays beside its name.
        let key = |name: &str| shape.get(name).map(|value| format!("{name}\u{a0}{value}"));
        parts.extend(
            ["head_count_kv", "kv_lora_rank", "sliding_window"]
                .into_iter()
                .filter_map(key),
        );
    }
    let grown = report.kv_cache_growth.to_string();
    let a_token = view.say(Sentence::PerToken { bytes: &grown });
    parts.push(match report.kv_cache_factors {
        Some(factors) => {
            let product = view.say(Sentence::CacheFactors {
                layers: factors.layers,
                key: factors.key,
                value: factors.value,
                kv: estimate.kv_cache_type.label(),
            });
            format!("{product} = {a_token}")
        }
        None => a_token,
    });
    parts.join(view.comma())
}

fn settings(estimate: &Estimate, view: View) -> String {
    let on = view.label(if estimate.flash_attention {
        Label::On
    } else {
        Label::Off
    });
    [
        (Label::Context, estimate.context_length.to_string()),
        (Label::Parallel, estimate.parallel.to_string()),
        (Label::KvCache, estimate.kv_cache_type.label().to_owned()),
        (Label::FlashAttention, on.to_owned()),
    ]
    .map(|(label, value)| format!("{} {value} · ", view.label(label)))
    .concat()
        + "llama.cpp "
        + estimate.engine.label()
}

/// By what engines compute on these GPUs: `CUDA`.
fn runtimes(inventory: &InventoryReport) -> String {
    let mut names: Vec<&str> = Vec::new();
    for gpu in inventory.hosts.iter().flat_map(|host| &host.gpus) {
        let name = gpu.runtime.name();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

fn per_gpu(estimate: &Estimate, view: View) -> Vec<Bar> {
    let bar = |gpu: &crate::report::GpuEstimate| {
        let segment = |bar: Bar, label: Label, bytes: Bytes, tone: Tone| {
            bar.segment(view.label(label), bytes.0 as f64, bytes.to_string(), tone)
        };
        let bar = Bar::new(format!("GPU {}", gpu.gpu));
        let bar = segment(bar, Label::Weights, gpu.weights, Tone::Accent);
        let bar = segment(bar, Label::KvCache, gpu.kv_cache, Tone::Good);
        let bar = segment(bar, Label::Compute, gpu.compute, Tone::Caution);
        segment(bar, Label::Overhead, gpu.overhead, Tone::Bad).value(gpu.total.to_string())
    };
    estimate.per_gpu.iter().map(bar).collect()
}

/// Contexts downwards, cache types across; the tone says the verdict.
fn ladder(report: &Explain, view: View) -> Table {
    let mut columns = vec![Column::right(view.label(Label::Context))];
    columns.extend(
        KvCacheType::ALL
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
        let mut row = Row::default().cell(text::tokens(context));
        for kind in KvCacheType::ALL {
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

fn rung_text(rung: &crate::report::Rung, view: View) -> Line {
    match rung.verdict {
        Some(verdict) => line![
            rung.total.to_string(),
            "  ",
            tone(verdict).span(view.text.verdict(verdict))
        ],
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
        Some(context) => view.say(Sentence::Largest {
            kv: kind.label(),
            context: &text::tokens(context),
        }),
        None => view.say(Sentence::LargestNone { kv: kind.label() }),
    });
    words.join(view.between())
}

fn itself(page: &mut Page, ollama: &OllamaReport, cards: usize, view: View) {
    page.key_values([
        (
            view.label(Label::DefaultContext),
            text::tokens(ollama.context_default),
        ),
        (view.label(Label::Prediction), ollama.predicted.to_string()),
        (view.label(Label::Placement), place(&ollama.placement, view)),
    ]);
    if let Some(asked) = &ollama.asked {
        page.key_values([
            (
                view.label(Label::Context),
                text::tokens(asked.context_length),
            ),
            (view.label(Label::Prediction), asked.predicted.to_string()),
            (view.label(Label::Placement), place(&asked.placement, view)),
        ]);
    }
    // Where there is one GPU, it goes without saying that it is chosen.
    let choice = |note: &&OllamaNote| cards > 1 || **note != OllamaNote::OneGpu;
    let notes = ollama.notes.iter().filter(choice);
    page.list(notes.map(|note| view.text.ollama_note(note)));
}

fn details(page: &mut Page, report: &Explain, view: View) {
    if let Some(shape) = &report.architecture {
        page.heading(2, view.label(Label::Shape));
        let bare = |value: &serde_json::Value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        };
        page.key_values(shape.iter().map(|(key, value)| (key.as_str(), bare(value))));
    }
    page.heading(2, view.label(Label::Sources));
    page.list(report.model.source.iter().map(String::as_str));
}

/// Digits in groups of three.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}
