//! The page of `plan`: every GPU's memory, the services, what found no place, and what a lost card costs.

use std::collections::BTreeSet;

use super::page::{Bar, Cell, Column, Line, Page, Row, Table, Tone};
use super::view::{View, tone};
use crate::lang::Lang;
use crate::line;
use crate::report::{Ledger, Move, PlanChange, Planned, Service, ServiceName, Speed};
use crate::text::{self, Label, PlanLabel, PlanSentence, Sentence};

/// More lines of a kind than this are not shown: a fleet is for scripts.
const MOST_LINES: usize = 48;

/// The page.
pub fn page(report: &Planned, view: View) -> Page {
    let mut page = Page::new();
    summary(&mut page, report, view);
    if !report.plan.gpus.is_empty() {
        page.heading(2, view.text.plan_label(PlanLabel::Ledger));
        ledger(&mut page, report, view);
    }
    if !report.plan.services.is_empty() {
        page.heading(2, view.text.plan_label(PlanLabel::Services));
        page.push(services(report, view));
        more(&mut page, report.plan.services.len(), view);
    }
    if !report.plan.unplaced.is_empty() {
        page.heading(2, view.text.plan_label(PlanLabel::NoPlace));
        page.push(unplaced(report, view));
        more(&mut page, report.plan.unplaced.len(), view);
    }
    if let Some(change) = &report.change {
        page.heading(2, view.text.plan_label(PlanLabel::Changes));
        changes(&mut page, change, report, view);
    }
    if view.quiet {
        return page;
    }
    for note in &report.plan.notes {
        page.callout(Tone::Caution, view.text.plan_note(note));
    }
    if report.losses.len() <= MOST_LINES && !report.losses.is_empty() {
        page.heading(2, view.text.plan_label(PlanLabel::IfACardFails));
        page.list(losses(report, view));
    }
    if !report.unpinned.is_empty() && !report.plan.services.is_empty() {
        page.heading(2, view.text.plan_label(PlanLabel::WithoutPins));
        let lines = report.unpinned.iter().map(|one| {
            let tone = if one.host_layers > 0 || !one.evicts.is_empty() {
                Tone::Caution
            } else {
                Tone::Plain
            };
            line![
                Tone::Strong.span(&one.tag),
                view.colon(),
                tone.span(view.text.unpinned(one))
            ]
        });
        page.list(lines);
        page.paragraph(Tone::Dim.span(view.text.plan(&PlanSentence::WhyPin)));
    }
    if view.verbose {
        environment(&mut page, report, view);
    }
    page
}

fn summary(page: &mut Page, report: &Planned, view: View) {
    let plan = &report.plan;
    if plan.gpus.is_empty() {
        page.paragraph(view.say(Sentence::NoGpu));
    }
    let used = plan.gpus.iter().filter(|gpu| gpu.committed.0 > 0).count();
    let placed = view.text.plan(&PlanSentence::Placed {
        placed: plan.services.len(),
        wanted: plan.services.len() + plan.unplaced.len(),
        used,
        gpus: plan.gpus.len(),
    });
    let tone = if plan.unplaced.is_empty() {
        Tone::Good
    } else {
        Tone::Bad
    };
    let proved = plan.optimal && !view.quiet && !plan.gpus.is_empty();
    let line = line![tone.span(placed)];
    page.paragraph(if proved {
        // A Chinese full stop brings its own room.
        let between = match view.text.lang() {
            Lang::En => " ",
            Lang::Zh => "",
        };
        let proved = view.text.plan(&PlanSentence::Proved);
        line.and(Tone::Dim.span(format!("{between}{proved}")))
    } else {
        line
    });
}

fn several_hosts(report: &Planned) -> bool {
    let hosts: BTreeSet<&str> = report
        .plan
        .gpus
        .iter()
        .map(|gpu| gpu.host.as_str())
        .collect();
    hosts.len() > 1
}

fn more(page: &mut Page, count: usize, view: View) {
    if count > MOST_LINES {
        let count = count - MOST_LINES;
        page.paragraph(Tone::Dim.span(view.text.plan(&PlanSentence::MoreLines { count })));
    }
}

fn name(report: &Planned, service: &ServiceName) -> String {
    let alike = |tag: &str| tag == service.tag;
    let served = report.plan.services.iter().map(|one| one.tag.as_str());
    let missing = report.plan.unplaced.iter().map(|one| one.tag.as_str());
    if served.chain(missing).filter(|tag| alike(tag)).count() > 1 || service.replica > 1 {
        format!("{} #{}", service.tag, service.replica)
    } else {
        service.tag.clone()
    }
}

fn ledger(page: &mut Page, report: &Planned, view: View) {
    let several = several_hosts(report);
    let bars = report
        .plan
        .gpus
        .iter()
        .take(MOST_LINES)
        .map(|gpu| bar(gpu, report, several, view));
    page.push(bars.collect::<Vec<Bar>>());
    more(page, report.plan.gpus.len(), view);
}

fn bar(gpu: &Ledger, report: &Planned, several: bool, view: View) -> Bar {
    let place = if several {
        format!("{}/{}  ", gpu.host, gpu.gpu)
    } else {
        format!("GPU {}  ", gpu.gpu)
    };
    let mut bar = Bar::new(line![place, Tone::Strong.span(&gpu.name)]);
    for service in report
        .plan
        .services
        .iter()
        .filter(|service| service.host == gpu.host)
    {
        for part in service.gpus.iter().filter(|part| part.gpu == gpu.gpu) {
            let bytes = part.bytes;
            bar = bar.segment(&service.tag, bytes.0 as f64, bytes.to_string(), Tone::Good);
        }
    }
    if gpu.free.0 > 0 {
        bar = bar.segment(
            view.label(Label::Free),
            gpu.free.0 as f64,
            gpu.free.to_string(),
            Tone::Dim,
        );
    }
    bar.value(view.say(Sentence::Of {
        part: &gpu.committed.to_string(),
        whole: &gpu.usable.to_string(),
    }))
}

fn gpus(service: &Service, several: bool) -> String {
    let indices: Vec<String> = service.gpus.iter().map(|gpu| gpu.gpu.to_string()).collect();
    if several {
        format!("{}/{}", service.host, indices.join("+"))
    } else {
        indices.join("+")
    }
}

fn rate(speed: &Option<Speed>) -> String {
    let band = |speed: &Speed| text::band(speed.decode[0], speed.decode[1]);
    speed.as_ref().map(band).unwrap_or_default()
}

fn services(report: &Planned, view: View) -> Table {
    let several = several_hosts(report);
    let mut table = Table::new([
        Column::right(view.text.plan_label(PlanLabel::Port)),
        Column::left(view.label(Label::Model)).whole(),
        Column::left(view.text.plan_label(PlanLabel::Gpus)),
        Column::right(view.label(Label::Need)),
        Column::right(view.label(Label::Context)).priority(95),
        Column::right(view.label(Label::Parallel)).priority(70),
        Column::right(view.label(Label::KvCache)).priority(60),
        Column::right(view.label(Label::Speed)).priority(90),
        Column::left(view.label(Label::Verdict)).priority(80),
    ]);
    for service in report.plan.services.iter().take(MOST_LINES) {
        let own = ServiceName {
            tag: service.tag.clone(),
            replica: service.replica,
        };
        table.rows.push(Row::new([
            Cell::from(service.port.to_string()),
            Cell::from(Tone::Accent.span(name(report, &own))),
            Cell::from(gpus(service, several)),
            Cell::from(service.estimate.total.to_string()),
            Cell::from(text::tokens(service.context_length)),
            Cell::from(service.estimate.parallel.to_string()),
            Cell::from(service.estimate.kv_cache_type.label()),
            Cell::from(rate(&service.speed)),
            Cell::from(tone(service.verdict).span(view.text.verdict(service.verdict))),
        ]));
    }
    table
}

fn unplaced(report: &Planned, view: View) -> Table {
    let mut table = Table::new([
        Column::left(view.label(Label::Model)).whole(),
        Column::right(view.label(Label::Missing)),
        Column::left(view.label(Label::WhatWouldHelp)),
    ]);
    for one in report.plan.unplaced.iter().take(MOST_LINES) {
        let own = ServiceName {
            tag: one.tag.clone(),
            replica: one.replica,
        };
        let fix = one.cheapest_fix.as_ref().map(|fix| view.text.fix(fix));
        table.rows.push(Row::new([
            Cell::from(Tone::Bad.span(name(report, &own))),
            Cell::from(one.shortfall.to_string()),
            Cell::from(fix.unwrap_or_default()),
        ]));
    }
    table
}

fn changes(page: &mut Page, change: &PlanChange, report: &Planned, view: View) {
    let say = |sentence: PlanSentence<'_>| view.text.plan(&sentence);
    let several = several_hosts(report);
    let label = |names: &[String], between: &str| {
        let names = names.iter().map(|name| match name.rsplit_once('/') {
            Some((_, index)) if !several => format!("GPU {index}"),
            _ => name.clone(),
        });
        names.collect::<Vec<_>>().join(between)
    };
    page.paragraph(say(PlanSentence::Because {
        cause: change.cause,
        gpus: &label(&change.gpus, view.listed()),
    }));
    let from = |step: &Move| label(&step.from, " + ");
    let to = |step: &Move| label(&step.to, " + ");
    let mut lines: Vec<Line> = Vec::new();
    for step in &change.lost {
        let service = name(report, &step.service);
        let from = from(step);
        lines.push(
            Tone::Bad
                .span(say(PlanSentence::Loses {
                    service: &service,
                    from: &from,
                }))
                .into(),
        );
    }
    for step in &change.moved {
        let (service, from, to) = (name(report, &step.service), from(step), to(step));
        let sentence = PlanSentence::Moves {
            service: &service,
            from: &from,
            to: &to,
        };
        lines.push(Tone::Caution.span(say(sentence)).into());
    }
    for step in &change.gained {
        let (service, to) = (name(report, &step.service), to(step));
        lines.push(
            Tone::Good
                .span(say(PlanSentence::Gains {
                    service: &service,
                    to: &to,
                }))
                .into(),
        );
    }
    if lines.is_empty() {
        lines.push(say(PlanSentence::NothingMoves).into());
    }
    lines.truncate(MOST_LINES);
    if change.stay > 0 {
        let stay = say(PlanSentence::Stay { count: change.stay });
        lines.push(Tone::Dim.span(stay).into());
    }
    page.list(lines);
}

fn losses(report: &Planned, view: View) -> Vec<Line> {
    let several = several_hosts(report);
    let line = |loss: &crate::report::Loss| {
        let place = if several {
            format!("{}/{}", loss.host, loss.gpu)
        } else {
            format!("GPU {}", loss.gpu)
        };
        let services: Vec<String> = loss.services.iter().map(|one| name(report, one)).collect();
        let stops = view.text.plan(&PlanSentence::Stops {
            services: &services.join(view.listed()),
        });
        let then = if loss.gone.is_empty() {
            Tone::Good.span(view.text.plan(&PlanSentence::StillServed))
        } else if loss.services.iter().all(|one| loss.gone.contains(&one.tag)) {
            Tone::Caution.span(view.text.plan(&PlanSentence::NothingElse))
        } else {
            let tags = loss.gone.join(view.listed());
            Tone::Caution.span(view.text.plan(&PlanSentence::Gone { tags: &tags }))
        };
        line![
            Tone::Strong.span(place),
            view.colon(),
            stops,
            view.between(),
            then
        ]
    };
    report.losses.iter().map(line).collect()
}

fn environment(page: &mut Page, report: &Planned, view: View) {
    page.heading(2, view.text.plan_label(PlanLabel::Environment));
    for service in report.plan.services.iter().take(MOST_LINES) {
        let variables = service
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"));
        let text = format!("# {}\n{}", service.tag, variables.collect::<String>());
        page.code("sh", text.trim_end());
    }
}
