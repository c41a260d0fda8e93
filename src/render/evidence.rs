//! The parts of `explain` that cite: the speed with the measurement nearest to it, the score with the benchmarks behind it.

use super::page::{Column, Page, Table, Tone};
use super::view::View;
use crate::engine::predict_speed::PROMPT;
use crate::messages;
use crate::report::Explain;
use crate::row;

/// How fast, on what that rests, and what was measured.
pub(super) fn speed(page: &mut Page, report: &Explain, view: View) {
    let Some(speed) = &report.speed else { return };
    let rate = |rate: &str| messages::estimate::tokens_per_second(view.lang, rate);
    let band = |[low, high]: [f64; 2]| rate(&messages::band(low, high));
    let generation = match speed.aggregate {
        Some(all) => messages::estimate::about_each(view.lang, speed.decode, all),
        None => band(speed.decode),
    };
    let mut pairs = vec![(
        messages::evidence::generation(view.lang),
        messages::estimate::at_depth(view.lang, &generation, speed.depth),
    )];
    if let Some(prefill) = speed.prefill {
        pairs.push((messages::evidence::prompt(view.lang), band(prefill)));
    }
    if let Some([low, high]) = speed.time_to_first_token {
        pairs.push((
            messages::evidence::first_token(view.lang),
            messages::estimate::seconds_for_prompt(
                view.lang,
                &format!("{low:.1}–{high:.1}"),
                PROMPT,
            ),
        ));
    }
    pairs.push((
        messages::evidence::basis(view.lang),
        messages::terms::speed_basis(view.lang, speed.basis).to_owned(),
    ));
    if let Some(bandwidth) = speed.host_bandwidth {
        let rate = format!("{:.1} GB/s", bandwidth as f64 / 1e9);
        pairs.push((
            messages::explain::speed_in_host_memory(view.lang),
            messages::estimate::host_bandwidth(view.lang, &rate),
        ));
    }
    if let Some(nearest) = &report.nearest_measurement {
        let what = format!(
            "{} · {} {} · {} · {}",
            rate(&format!("{:.0}", nearest.decode)),
            nearest.architecture,
            nearest.quantization,
            nearest.gpu,
            messages::estimate::context(
                view.lang,
                &messages::tokens(u32::try_from(nearest.context_length).unwrap_or(u32::MAX))
            ),
        );
        pairs.push((messages::evidence::nearest_measurement(view.lang), what));
        pairs.push((
            messages::evidence::source(view.lang),
            nearest.source.clone(),
        ));
    }
    page.heading(2, messages::curves::speed(view.lang));
    page.key_values(pairs);
}

/// How good for the task that was asked, on what that rests, and what was published.
pub(super) fn why(page: &mut Page, report: &Explain, view: View) {
    let Some(standing) = &report.standing else {
        return;
    };
    page.heading(2, messages::evidence::evidence(view.lang));
    let basis = standing
        .basis
        .unwrap_or(crate::catalog::knowledge::ScoreBasis::Size);
    page.key_values([
        (
            messages::evidence::score(view.lang),
            format!("{:.0} ± {:.0} / 100", standing.score, standing.doubt)
                + &view.aside(messages::terms::task(view.lang, standing.task)),
        ),
        (
            messages::evidence::basis(view.lang),
            messages::terms::score_basis(view.lang, basis).to_owned(),
        ),
    ]);
    if !report.evidence.is_empty() {
        page.push(evidence(report, view));
    }
}

fn evidence(report: &Explain, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::evidence::benchmark(view.lang)),
        Column::right(messages::evidence::value(view.lang)),
        Column::left(messages::evidence::reported_by(view.lang)).priority(60),
        Column::left(messages::evidence::source(view.lang))
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
