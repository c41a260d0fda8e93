//! The page of `verify`: a table of buffers a model, its GPUs, and what explains the difference.

use super::page::{Column, Page, Table, Tone};
use super::view::View;
use crate::line;
use crate::messages;
use crate::report::{Finding, Part, Verified, Verify};
use crate::row;
use crate::units::Bytes;

/// The page that compares predicted with measured memory.
pub fn page(report: &Verify, view: View) -> Page {
    let mut page = Page::new();
    if let (Some(server), Some(version)) = (&report.server, &report.version)
        && !view.quiet
    {
        page.paragraph(Tone::Dim.span(format!("{server}  {version}")));
    }
    for model in &report.models {
        // What has just been saved is not recommended to be saved.
        let saved = |finding: &Finding| {
            let mut saved = report.saved.iter();
            matches!(finding, Finding::OtherOverhead { gpu, .. } if saved.any(|one| one.gpu == *gpu))
        };
        of_model(&mut page, model, saved, view);
    }
    for one in &report.saved {
        let bytes = one.overhead.to_string();
        let said = messages::verify::saved(view.lang, one.gpu, &bytes);
        page.callout(Tone::Good, said);
    }
    page
}

fn of_model(page: &mut Page, model: &Verified, hidden: impl Fn(&Finding) -> bool, view: View) {
    page.heading(2, line![Tone::Accent.span(&model.tag)]);
    let mut table = Table::new([
        Column::left(""),
        Column::right(messages::verify::predicted(view.lang)),
        Column::right(messages::verify::actual(view.lang)),
        Column::right(messages::verify::difference(view.lang)),
    ]);
    for part in &model.parts {
        let label = match part.part {
            Part::Weights => messages::weights(view.lang),
            Part::KvCache => messages::kv_cache(view.lang),
            Part::Compute => messages::compute_buffers(view.lang),
        };
        table.push(row![
            label,
            part.predicted.to_string(),
            part.actual.to_string(),
            messages::verify::signed(part.difference),
        ]);
    }
    let actual = model.actual.buffers.map(|bytes| bytes.to_string());
    table.push(row![
        Tone::Strong.span(messages::verify::buffers(view.lang)),
        model.predicted.buffers.to_string(),
        actual.unwrap_or_else(|| "–".into()),
        model
            .difference
            .map(messages::verify::signed)
            .unwrap_or_default(),
    ]);
    page.push(table);
    gpus(page, model, view);
    for finding in model.findings.iter().filter(|finding| !hidden(finding)) {
        page.callout(tone(finding), messages::verify::finding(view.lang, finding));
    }
}

/// What the driver says, a GPU a row.
fn gpus(page: &mut Page, model: &Verified, view: View) {
    if model.actual.per_gpu.is_empty() {
        return;
    }
    let mut table = Table::new([
        Column::left(messages::gpu(view.lang)),
        Column::right(messages::verify::buffers(view.lang)),
        Column::right(messages::verify::process(view.lang)),
        Column::right(messages::cuda_context(view.lang)),
    ]);
    let size =
        |bytes: Option<Bytes>| bytes.map_or_else(|| "–".to_owned(), |bytes| bytes.to_string());
    for gpu in &model.actual.per_gpu {
        let names = [gpu.gpu.map(|index| index.to_string()), gpu.device.clone()];
        let names: Vec<String> = names.into_iter().flatten().collect();
        table.push(row![
            names.join("  "),
            size(gpu.buffers),
            size(gpu.process),
            size(gpu.overhead),
        ]);
    }
    page.push(table);
}

fn tone(finding: &Finding) -> Tone {
    match finding {
        Finding::AsPredicted => Tone::Good,
        Finding::Spilled {
            expected: false, ..
        }
        | Finding::EngineFailed { .. }
        | Finding::Unexplained { .. } => Tone::Bad,
        Finding::NotMeasured | Finding::Approximate { .. } => Tone::Dim,
        Finding::OtherContext { .. }
        | Finding::OtherParallel { .. }
        | Finding::OtherKvCacheType { .. }
        | Finding::OtherBatch { .. }
        | Finding::OtherFlashAttention { .. }
        | Finding::BatchLogits { .. }
        | Finding::OtherWeights { .. }
        | Finding::Drafting { .. }
        | Finding::OtherGpus { .. }
        | Finding::OtherOverhead { .. }
        | Finding::Likely { .. }
        | Finding::Spilled { expected: true, .. } => Tone::Caution,
    }
}
