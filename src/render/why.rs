//! The parts of `explain` that cite: the speed with the measurement nearest to it, the score with the benchmarks behind it.

use super::page::{Column, Page, Table, Tone};
use super::view::View;
use crate::engine::pace::PROMPT;
use crate::messages;
use crate::report::Explain;
use crate::row;
use crate::text::{self, Label, Sentence};

/// How fast, on what that rests, and what was measured.
pub(super) fn speed(page: &mut Page, report: &Explain, view: View) {
    let Some(speed) = &report.speed else { return };
    let rate = |rate: &str| view.say(Sentence::Rate { rate });
    let band = |[low, high]: [f64; 2]| rate(&text::band(low, high));
    let mut pairs = vec![(view.label(Label::Generation), band(speed.decode))];
    if let Some(prefill) = speed.prefill {
        pairs.push((view.label(Label::Prefill), band(prefill)));
    }
    if let Some([low, high]) = speed.time_to_first_token {
        pairs.push((
            view.label(Label::FirstToken),
            view.say(Sentence::FirstToken {
                seconds: &format!("{low:.1}–{high:.1}"),
                prompt: PROMPT,
            }),
        ));
    }
    pairs.push((
        view.label(Label::Basis),
        view.text.speed_basis(speed.basis).to_owned(),
    ));
    if let Some(bandwidth) = speed.host_bandwidth {
        let rate = format!("{:.1} GB/s", bandwidth as f64 / 1e9);
        pairs.push((
            view.label(Label::OnHost),
            view.say(Sentence::HostBandwidth { rate: &rate }),
        ));
    }
    if let Some(nearest) = &report.nearest_measurement {
        let what = format!(
            "{} · {} {} · {} · {}",
            rate(&format!("{:.0}", nearest.decode)),
            nearest.architecture,
            nearest.quantization,
            nearest.gpu,
            view.say(Sentence::InContext {
                context: &text::tokens(u32::try_from(nearest.context_length).unwrap_or(u32::MAX)),
            }),
        );
        pairs.push((view.label(Label::NearestMeasurement), what));
        pairs.push((view.label(Label::Source), nearest.source.clone()));
    }
    page.heading(2, messages::curves::speed(view.lang));
    page.key_values(pairs);
}

/// How good for the task that was asked, on what that rests, and what was published.
pub(super) fn why(page: &mut Page, report: &Explain, view: View) {
    let Some(standing) = &report.standing else {
        return;
    };
    page.heading(2, view.label(Label::Evidence));
    let basis = standing
        .basis
        .unwrap_or(crate::catalog::knowledge::ScoreBasis::Size);
    page.key_values([
        (
            view.label(Label::TaskScore),
            format!("{:.0} ± {:.0} / 100", standing.score, standing.doubt)
                + &view.aside(view.text.task(standing.task)),
        ),
        (
            view.label(Label::Basis),
            view.text.score_basis(basis).to_owned(),
        ),
    ]);
    if !report.evidence.is_empty() {
        page.push(evidence(report, view));
    }
}

fn evidence(report: &Explain, view: View) -> Table {
    let mut table = Table::new([
        Column::left(view.label(Label::Benchmark)),
        Column::right(view.label(Label::Value)),
        Column::left(view.label(Label::ReportedBy)).priority(60),
        Column::left(view.label(Label::Source))
            .priority(50)
            .min_width(30),
    ]);
    for one in &report.evidence {
        table.push(row![
            one.benchmark.as_str(),
            format!("{}", one.value),
            one.reported_by.clone().unwrap_or_default(),
            Tone::Dim.span(&one.source)
        ]);
    }
    table
}
