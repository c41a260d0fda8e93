//! The page of `tips`.

use super::page::{Column, Page, Table, Tone};
use super::view::{View, hardware, tone};
use crate::engine::place::Verdict;
use crate::lang::Lang;
use crate::line;
use crate::messages;
use crate::report::{Change, Estimate, Tip, Tips};
use crate::row;
use crate::units::Bytes;

/// The page of settings that save memory.
pub fn page(report: &Tips, view: View) -> Page {
    let mut page = Page::new();
    match (&report.tag, &report.estimate) {
        (Some(tag), Some(estimate)) => of_model(&mut page, report, tag, estimate, view),
        _ => of_guide(&mut page, report, view),
    }
    page
}

/// The guide's tips, and what is true of them; then what a person can ask for.
fn of_guide(page: &mut Page, report: &Tips, view: View) {
    let lang = view.lang;
    page.heading(1, messages::tips::the_guides_tips(view.lang));
    for tip in &report.guide {
        let mark = if tip.works { Tone::Good } else { Tone::Bad };
        page.heading(3, tip.advice.get(lang));
        let mut pairs = vec![
            (
                Tone::Dim.span(messages::tips::the_guide(view.lang)),
                line![Tone::Code.span(quoted(&tip.line, view.lang))],
            ),
            (
                Tone::Dim.span(messages::tips::in_fact(view.lang)),
                line![mark.span(tip.reality.get(lang))],
            ),
        ];
        if let Some(instead) = &tip.instead {
            pairs.push((
                Tone::Dim.span(messages::tips::instead(view.lang)),
                line![Tone::Code.span(instead)],
            ));
        }
        page.key_values(pairs);
    }
    page.heading(2, messages::tips::what_saves_memory(view.lang));
    let mut table = Table::new([
        Column::left(messages::tips::setting(view.lang)).whole(),
        Column::left(messages::tips::effect(view.lang)),
    ]);
    for (setting, change) in ours() {
        table.push(row![
            Tone::Code.span(setting),
            messages::tips::effect_of(view.lang, &change)
        ]);
    }
    page.push(table);
    page.paragraph(messages::tips::name_a_tag(view.lang));
}

/// The settings that save memory, whatever the model.
fn ours() -> [(&'static str, Change); 5] {
    use crate::quantization::KvCacheType;
    [
        (
            "PARAMETER num_ctx 4096",
            Change::Context {
                context_length: 4096,
            },
        ),
        (
            "OLLAMA_KV_CACHE_TYPE=q8_0",
            Change::KvCacheType {
                kv_cache_type: KvCacheType::Q8_0,
            },
        ),
        ("PARAMETER num_batch 512", Change::Batch { batch: 512 }),
        ("OLLAMA_NUM_PARALLEL=1", Change::Parallel { parallel: 1 }),
        ("OLLAMA_KEEP_ALIVE=0", Change::KeepAlive),
    ]
}

fn of_model(page: &mut Page, report: &Tips, tag: &str, estimate: &Estimate, view: View) {
    let mut title = line![Tone::Accent.span(tag)];
    if let Some(tag) = &report.instead_of {
        let said = messages::tips::in_place_of(view.lang, tag);
        title = title.and(Tone::Caution.span(format!("  {said}")));
    }
    page.heading(1, title);
    if report.verdict.is_some() {
        page.lines(hardware(&report.inventory, view));
    } else if !view.quiet {
        page.paragraph(Tone::Dim.span(messages::estimate::no_gpu_given(view.lang)));
    }
    let need = estimate.total.to_string();
    let asked = messages::tips::needs_with(
        view.lang,
        &need,
        estimate.context_length,
        estimate.parallel,
        estimate.kv_cache_type.label(),
        estimate.batch,
    );
    match report.verdict {
        Some(verdict) => page.callout(
            tone(verdict),
            line![
                tone(verdict).span(messages::terms::verdict(view.lang, verdict)),
                view.colon(),
                asked
            ],
        ),
        None => page.paragraph(asked),
    };
    if let Some(context) = report.context_default.filter(|_| !view.quiet) {
        page.paragraph(Tone::Dim.span(messages::tips::default_context(view.lang, context)));
    }
    page.heading(2, messages::tips::what_each_setting_changes(view.lang));
    page.push(changes(report, view));
    recommended(page, report, view);
}

fn changes(report: &Tips, view: View) -> Table {
    let mut table = Table::new([
        Column::left(messages::tips::setting(view.lang)).whole(),
        Column::right(messages::tips::saves(view.lang)),
        Column::right(messages::tips::then_needs(view.lang)).priority(80),
        Column::left(messages::verdict(view.lang))
            .whole()
            .priority(90),
        Column::left(messages::tips::effect(view.lang))
            .min_width(12)
            .priority(70),
    ]);
    for tip in &report.tips {
        table.push(row![
            Tone::Code.span(&tip.setting),
            saved(tip),
            tip.total.to_string(),
            tip.verdict
                .map(|verdict| line![
                    tone(verdict).span(messages::terms::verdict(view.lang, verdict))
                ])
                .unwrap_or_default(),
            Tone::Dim.span(messages::tips::effect_of(view.lang, &tip.change)),
        ]);
    }
    table
}

/// What is saved; with a minus what it costs.
fn saved(tip: &Tip) -> super::page::Line {
    let bytes = Bytes(tip.saves.unsigned_abs());
    match tip.saves {
        0.. => Tone::Good.span(bytes.to_string()).into(),
        _ => Tone::Caution.span(format!("-{bytes}")).into(),
    }
}

fn recommended(page: &mut Page, report: &Tips, view: View) {
    page.heading(2, messages::tips::settings_that_fit(view.lang));
    match report.recommended_verdict {
        Some(Verdict::Tight) => {
            page.callout(
                Tone::Caution,
                messages::tips::fits_only_within_margin(view.lang),
            );
        }
        Some(Verdict::Offloads | Verdict::DoesNotFit) => {
            page.callout(
                Tone::Bad,
                messages::tips::no_setting_makes_it_fit(view.lang),
            );
            return;
        }
        Some(Verdict::Fits) | None => {}
    }
    if let Some(modelfile) = &report.modelfile {
        page.paragraph(messages::tips::modelfile(view.lang));
        page.code("dockerfile", modelfile.trim_end());
    }
    if let Some(environment) = &report.environment {
        page.paragraph(messages::tips::the_servers_environment(view.lang));
        let lines: Vec<String> = environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        page.code("sh", lines.join("\n"));
        if environment.contains_key("OLLAMA_KV_CACHE_TYPE") && !view.quiet {
            page.paragraph(
                Tone::Dim.span(messages::tips::cache_type_is_set_on_the_server(view.lang)),
            );
        }
    }
}

/// The guide's line, whose comment only those can read who read Chinese.
fn quoted(line: &str, lang: Lang) -> &str {
    match line.split_once('#') {
        Some((before, comment)) if lang == Lang::En && !comment.is_ascii() => before.trim_end(),
        _ => line,
    }
}
