//! The estimate line by line, with what each line follows from, and by GPU.

use crate::messages;
use crate::render::page::{Bar, Column, Line, Table, Tone};
use crate::render::view::View;
use crate::report::{Estimate, Explain, InventoryReport};
use crate::row;
use crate::units::Bytes;

/// Whether no GPU holds a part, so that all of it is in system memory.
pub(super) fn is_on_cpu(estimate: &Estimate) -> bool {
    estimate.total == Bytes::ZERO
}

/// Weights, cache, compute buffers and their total: on GPUs, or in system memory where no GPU holds a part.
fn parts(estimate: &Estimate) -> [Bytes; 4] {
    let (total, host) = (estimate.total, &estimate.host);
    match is_on_cpu(estimate) {
        true => [
            host.weights,
            host.kv_cache,
            host.compute + host.output,
            host.total(),
        ],
        false => [estimate.weights, estimate.kv_cache, estimate.compute, total],
    }
}

/// Every line of the estimate, with what it follows from.
pub(super) fn lines(estimate: &Estimate, report: &Explain, view: View) -> Table {
    let on_host = estimate.host.total();
    let [weights, cache, compute, total] = parts(estimate);
    let mut table = Table::new([
        Column::left("").whole(),
        Column::right(""),
        Column::right("").priority(50),
        Column::left("").priority(90).min_width(20),
    ]);
    let mut put = |label: &str, bytes: Bytes, from: String| {
        if bytes > Bytes::ZERO {
            table.push(row![
                label,
                bytes.to_string(),
                Tone::Dim.span(grouped(bytes.0)),
                Tone::Dim.span(from)
            ]);
        }
    };
    put(
        messages::weights(view.lang),
        weights,
        messages::terms::basis(view.lang, estimate.basis).to_owned(),
    );
    put(
        messages::explain::vision_projector(view.lang),
        estimate.projector,
        String::new(),
    );
    put(
        messages::kv_cache(view.lang),
        cache,
        cache_inputs(estimate, report, view),
    );
    put(
        messages::explain::of_which_recurrent(view.lang),
        estimate.recurrent,
        String::new(),
    );
    put(
        messages::compute_buffers(view.lang),
        compute,
        format!("{} {}", messages::explain::batch(view.lang), estimate.batch),
    );
    put(
        messages::explain::of_which_drafting(view.lang),
        estimate.draft,
        messages::explain::drafted(view.lang, estimate.draft_num_predict.unwrap_or(0)),
    );
    put(
        messages::cuda_context(view.lang),
        estimate.overhead,
        runtimes(&report.inventory),
    );
    table.push(
        row![
            messages::total(view.lang),
            total.to_string(),
            Tone::Dim.span(grouped(total.0)),
            guide_range(report, view)
        ]
        .emphasis(Tone::Strong),
    );
    if is_on_cpu(estimate) {
        return table;
    }
    table.push(
        row![
            messages::explain::in_host_memory(view.lang),
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
            messages::explain::the_guide(view.lang),
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
        messages::tokens(estimate.context_length),
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
    let a_token = messages::estimate::per_token(view.lang, &grown);
    parts.push(match report.kv_cache_factors {
        Some(factors) => {
            let product = messages::estimate::cache_factors(
                view.lang,
                factors.layers,
                factors.key,
                factors.value,
                estimate.kv_cache_type.label(),
            );
            format!("{product} = {a_token}")
        }
        None => a_token,
    });
    parts.join(view.comma())
}

pub(super) fn settings(estimate: &Estimate, view: View) -> String {
    let on = if estimate.flash_attention {
        messages::explain::on(view.lang)
    } else {
        messages::explain::off(view.lang)
    };
    [
        (
            messages::context(view.lang),
            estimate.context_length.to_string(),
        ),
        (messages::parallel(view.lang), estimate.parallel.to_string()),
        (
            messages::kv_cache(view.lang),
            estimate.kv_cache_type.label().to_owned(),
        ),
        (messages::explain::flash_attention(view.lang), on.to_owned()),
    ]
    .map(|(label, value)| format!("{} {value} · ", label))
    .concat()
        + "llama.cpp "
        + &estimate.engine
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

pub(super) fn per_gpu(estimate: &Estimate, view: View) -> Vec<Bar> {
    let bar = |gpu: &crate::report::GpuEstimate| {
        let segment = |bar: Bar, label: &str, bytes: Bytes, tone: Tone| {
            bar.segment(label, bytes.0 as f64, bytes.to_string(), tone)
        };
        let bar = Bar::new(format!("GPU {}", gpu.gpu));
        let bar = segment(bar, messages::weights(view.lang), gpu.weights, Tone::Accent);
        let bar = segment(bar, messages::kv_cache(view.lang), gpu.kv_cache, Tone::Good);
        let bar = segment(
            bar,
            messages::compute_buffers(view.lang),
            gpu.compute,
            Tone::Caution,
        );
        segment(
            bar,
            messages::cuda_context(view.lang),
            gpu.overhead,
            Tone::Bad,
        )
        .value(gpu.total.to_string())
    };
    estimate.per_gpu.iter().map(bar).collect()
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
