//! The page of `recommend`: the hardware, the pick, why, how to run it; then the table; then what nearly fitted.

use super::page::{Cell, Column, Line, Page, Row, Table, Tone};
use super::view::{self, View, fullness, gpus, hardware, tone};
use crate::engine::place::Verdict;
use crate::engine::reason::is_doubtful;
use crate::engine::scoring::rate;
use crate::engine::speed::Speed;
use crate::messages;
use crate::messages::ranking;
use crate::report::{Recommend, RecommendRequest, Recommendation, Rejected};
use crate::request::{Priority, Task};
use crate::{line, row};

/// Rejected models that are shown; JSON has them all.
const NEAR_MISSES: usize = 5;

/// The page of recommended and rejected models.
pub fn page(report: &Recommend, view: View) -> Page {
    let mut page = Page::new();
    page.lines(hardware(&report.inventory, view));
    if report
        .inventory
        .hosts
        .iter()
        .all(|host| host.gpus.is_empty())
        && !view.quiet
    {
        page.paragraph(Tone::Dim.span(messages::hardware::to_try_other_hardware(view.lang)));
    }
    match report.pick() {
        Some(first) => pick(&mut page, first, report, view),
        None => {
            let said = match report.request.installed {
                true if report.rejected.is_empty() => {
                    messages::recommend::no_installed_model_suits(view.lang)
                }
                false if report.rejected_total == 0 => {
                    messages::recommend::no_model_suits(view.lang)
                }
                _ => messages::recommend::no_model_fits(view.lang),
            };
            page.callout(Tone::Bad, said);
        }
    }
    if !report.recommendations.is_empty() {
        if !view.quiet {
            page.paragraph(Tone::Dim.span(asked(&report.request, view)));
        }
        page.push(table(report, view));
        if !view.quiet {
            footnotes(&mut page, report, view);
        }
        let marked = report.recommendations.iter().map(|one| one.installed);
        view::legend(&mut page, marked, view);
    }
    let shown = within_reach(report, view).count();
    if !report.rejected.is_empty() && !view.quiet {
        if shown > 0 {
            page.heading(2, messages::within_reach(view.lang));
            page.push(rejected(report, view));
        }
        let hidden = report.rejected_total - shown;
        if hidden > 0 {
            page.paragraph(Tone::Dim.span(messages::recommend::more_are_listed(
                view.lang,
                hidden,
                report.request.least_rate.is_some(),
            )));
        }
    }
    page
}

/// What the score is made of, and what speeds rest on.
fn footnotes(page: &mut Page, report: &Recommend, view: View) {
    let request = &report.request;
    let mut said = vec![legend(report, view)];
    if request.catalog != "guide" {
        let task = messages::terms::task(view.lang, request.task);
        said.push(ranking::score(view.lang, request.weights, task));
    }
    if report.recommendations.iter().any(|one| one.speed.is_some()) {
        said.push(ranking::speeds(
            view.lang,
            request.parallel,
            request.depth,
            Some("--depth"),
        ));
    }
    said.extend(least(report, view));
    if request.task == Task::Embedding {
        said.push(ranking::embedding_speed(view.lang).to_owned());
    }
    said.extend(
        request
            .typical_bandwidth
            .filter(|_| report.recommendations.iter().any(|one| one.speed.is_some()))
            .map(|rate| ranking::typical_speed(view.lang, rate)),
    );
    let quality = Priority::Quality.label();
    said.extend(report.spare.as_ref().map(|spare| {
        let task = messages::terms::task(view.lang, request.task);
        ranking::spare(view.lang, spare, task, quality)
    }));
    for one in said {
        page.paragraph(Tone::Dim.span(one));
    }
}

/// From which speed on models in host memory are ranked, where some are or were left out.
fn least(report: &Recommend, view: View) -> Option<String> {
    let least = report.request.least_rate?;
    let ranked = report.recommendations.iter().map(|one| one.verdict);
    let left_out = report.rejected.iter().map(|one| one.verdict);
    let in_memory = |verdict| verdict == Verdict::Offloads;
    if !ranked.chain(left_out).any(in_memory) {
        return None;
    }
    let reaches = |one: &Recommendation| {
        one.verdict >= Verdict::Tight || one.speed.as_ref().is_some_and(|it| rate(it) >= least)
    };
    Some(match report.recommendations.iter().any(reaches) {
        true => ranking::least_rate(view.lang, least),
        false => ranking::all_are_slow(view.lang, least),
    })
}

/// What the words of the table mean, those that are there.
fn legend(report: &Recommend, view: View) -> String {
    let words = |one: &Recommendation| (one.verdict, is_doubtful(&one.reasons));
    let shown: Vec<_> = report.recommendations.iter().map(words).collect();
    let tight = shown.iter().any(|(verdict, _)| *verdict == Verdict::Tight);
    let doubted = shown.contains(&(Verdict::Fits, true));
    let meanings = [
        Some(ranking::need(view.lang)),
        tight.then(|| ranking::tight(view.lang)),
        doubted.then(|| ranking::probably_fits(view.lang)),
    ];
    let meanings: Vec<&str> = meanings.into_iter().flatten().collect();
    meanings.join(view.separator()) + messages::punctuation::full_stop(view.lang)
}

pub(super) fn asked(request: &RecommendRequest, view: View) -> String {
    let mut priority = messages::terms::priority(view.lang, request.priority).to_owned();
    for word in [
        request
            .stage
            .map(|stage| messages::terms::stage(view.lang, stage)),
        request
            .budget
            .map(|budget| messages::terms::budget(view.lang, budget)),
    ]
    .into_iter()
    .flatten()
    {
        priority.push_str(view.comma());
        priority.push_str(word);
    }
    let context = match request.longest_context {
        true => ranking::longest(view.lang, request.context_length),
        false => messages::tokens(request.context_length),
    };
    messages::recommend::settings(
        view.lang,
        messages::terms::task(view.lang, request.task),
        &priority,
        &context,
        request.parallel,
        request.kv_cache_type.label(),
    )
}

pub(super) fn pick(page: &mut Page, first: &Recommendation, report: &Recommend, view: View) {
    let need = first.estimate.total.to_string();
    let takes = if first.placement.gpus.is_empty() {
        messages::estimate::needs_host_memory(view.lang, &first.placement.host_bytes.to_string())
    } else {
        messages::estimate::needs_on(view.lang, &need, &gpus(&first.placement))
    };
    let speed = first.speed.as_ref().map(|speed| {
        let [low, high] = speed.decode.map(|rate| format!("{rate:.0}"));
        match speed.aggregate {
            Some(all) => messages::estimate::about_each(view.lang, speed.decode, all),
            None => messages::estimate::about_tokens_per_second(view.lang, &low, &high),
        }
    });
    let facts = Line::join(
        [Some(takes), speed].into_iter().flatten().map(Line::from),
        view.separator(),
    );
    let reasons = Line::join(
        first.reasons.iter().map(|reason| {
            Line::from(messages::recommend::reason(
                view.lang,
                reason,
                report.request.task,
            ))
        }),
        view.separator(),
    );
    let best = messages::recommend::best_for(
        view.lang,
        &first.tag,
        messages::terms::task(view.lang, report.request.task),
    );
    let rest = best.strip_prefix(&first.tag).unwrap_or_default().to_owned();
    let mut pairs = vec![
        (
            Line::from(messages::pick(view.lang)),
            line![Tone::Accent.span(&first.tag), rest, view.separator(), facts],
        ),
        (Line::from(messages::why(view.lang)), reasons),
    ];
    if let Some(command) = first.commands.last() {
        pairs.push((
            Line::from(messages::run(view.lang)),
            Tone::Code.span(command).into(),
        ));
    }
    page.key_values(pairs);
}

pub(super) fn table(report: &Recommend, view: View) -> Table {
    let why = Column::left(messages::why(view.lang))
        .priority(65)
        .min_width(28);
    // A list is read down its rows: what a line has no room for is told of the pick, in JSON, and where more words are wanted.
    let why = if view.verbose { why } else { why.truncate() };
    let mut table = Table::new([
        Column::right(messages::rank(view.lang)),
        Column::left(messages::model(view.lang)).whole(),
        Column::left(messages::verdict(view.lang)).whole(),
        Column::left(messages::memory(view.lang))
            .whole()
            .priority(90),
        Column::right(messages::need(view.lang)),
        Column::right(messages::context(view.lang)).priority(92),
        Column::right(messages::tokens_per_second(view.lang)).priority(95),
        // The list is in its order.
        Column::right(messages::score(view.lang)).priority(93),
        Column::right(messages::guide_rank(view.lang)).priority(70),
        Column::right(messages::params(view.lang)).priority(60),
        Column::left(messages::quantization(view.lang))
            .whole()
            .priority(50),
        Column::right(messages::gpu(view.lang)).priority(40),
        why,
        Column::left(messages::license(view.lang))
            .priority(10)
            .truncate(),
    ]);
    for recommendation in &report.recommendations {
        table.push(row(recommendation, report, view));
    }
    table
}

fn row(one: &Recommendation, report: &Recommend, view: View) -> Row {
    let mut speed = speed(one.speed.as_ref());
    if report.request.typical_bandwidth.is_some() && !speed.is_empty() {
        speed.insert_str(0, "≈ ");
    }
    let need = one.estimate.need(Some(one.verdict));
    let verdict = match one.host_share {
        Some(percent) if !one.placement.gpus.is_empty() => {
            messages::estimate::percent_on_cpu(view.lang, percent)
        }
        _ => view
            .judged(one.verdict, Some(&one.placement), &one.reasons)
            .to_owned(),
    };
    let fullness = fullness(&one.placement, &report.inventory);
    let meter = if one.placement.gpus.is_empty() {
        Cell::empty()
    } else {
        Cell::meter(fullness, tone(one.verdict))
    };
    let context = match report.request.longest_context {
        true => messages::tokens(one.context_length),
        false => String::new(),
    };
    let why = one.reasons.iter().map(|reason| {
        Line::from(messages::recommend::reason(
            view.lang,
            reason,
            report.request.task,
        ))
    });
    row![
        one.rank.to_string(),
        view::tag(&one.tag, one.installed),
        tone(one.verdict).span(verdict),
        meter,
        need.to_string(),
        context,
        speed,
        format!("{:.0}", one.score.total),
        one.guide_rank
            .map(|rank| rank.to_string())
            .unwrap_or_default(),
        one.parameters.map(messages::parameters).unwrap_or_default(),
        one.quantization.clone().unwrap_or_default(),
        one.placement
            .gpus
            .iter()
            .map(|gpu| gpu.gpu.to_string())
            .collect::<Vec<_>>()
            .join("+"),
        Line::join(why, view.separator()).toned(Tone::Dim),
        one.license.clone().unwrap_or_default(),
    ]
    .emphasis(if one.verdict == Verdict::Fits {
        Tone::Plain
    } else {
        Tone::Dim
    })
}

fn speed(speed: Option<&Speed>) -> String {
    speed
        .map(|speed| messages::band(speed.decode[0], speed.decode[1]))
        .unwrap_or_default()
}

/// What is told of all that does not run: what would be among the first, at most five; all that is known where more words or all models are
/// wanted.
fn within_reach(report: &Recommend, view: View) -> impl Iterator<Item = &Rejected> {
    let all = view.verbose || report.request.limit.is_none();
    let most = if all { usize::MAX } else { NEAR_MISSES };
    let is_shown = move |one: &&Rejected| all || one.within_reach;
    report.rejected.iter().filter(is_shown).take(most)
}

pub(super) fn rejected(report: &Recommend, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::model(view.lang)).whole(),
        Column::left(messages::verdict(view.lang)).whole(),
        Column::right(messages::need(view.lang)),
        Column::right(messages::short_by(view.lang)).priority(80),
        Column::right(messages::tokens_per_second(view.lang)).priority(70),
        Column::left(messages::what_would_help(view.lang)),
    ]);
    for one in within_reach(report, view) {
        let fix = one
            .cheapest_fix
            .as_ref()
            .map(|fix| messages::recommend::fix(view.lang, fix))
            .unwrap_or_else(|| "–".into());
        table.push(row![
            Tone::Code.span(&one.tag),
            tone(one.verdict).span(messages::terms::verdict(view.lang, one.verdict)),
            one.total.to_string(),
            match one.host_share {
                Some(percent) => messages::estimate::percent_on_cpu(view.lang, percent),
                None => one.shortfall.to_string(),
            },
            speed(one.speed.as_ref()),
            fix,
        ]);
    }
    table
}
