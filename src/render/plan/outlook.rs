//! What is other than before, and what a lost card costs.

use super::super::page::{Line, Page, Tone};
use super::super::view::View;
use super::{MOST_LINES, label, name, several_hosts};
use crate::line;
use crate::report::{Cause, Loss, Move, PlanChange, Planned, ServiceName};
use crate::text::PlanSentence;

/// From another plan to this one.
pub(super) fn changes(page: &mut Page, change: &PlanChange, report: &Planned, view: View) {
    let say = |sentence: PlanSentence<'_>| view.text.plan(&sentence);
    let several = several_hosts(report);
    let labels = |names: &[String], between: &str| {
        let names = names.iter().map(|name| label(name, several));
        names.collect::<Vec<_>>().join(between)
    };
    page.paragraph(say(PlanSentence::Because {
        cause: change.cause,
        gpus: &labels(&change.gpus, view.listed()),
    }));
    if change.cause == Cause::Lose && !change.added.is_empty() {
        page.paragraph(say(PlanSentence::Because {
            cause: Cause::WhatIf,
            gpus: &labels(&change.added, view.listed()),
        }));
    }
    let from = |step: &Move| labels(&step.from, " + ");
    let to = |step: &Move| labels(&step.to, " + ");
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
    for one in &change.changed {
        let service = name(report, &one.service);
        let settings = one
            .settings
            .iter()
            .map(|setting| view.text.setting(setting));
        let settings = settings.collect::<Vec<_>>().join(view.listed());
        lines.push(
            Tone::Caution
                .span(say(PlanSentence::Settings {
                    service: &service,
                    settings: &settings,
                }))
                .into(),
        );
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

/// One line for all GPUs whose loss costs the same.
pub(super) fn losses(report: &Planned, view: View) -> Vec<Line> {
    let several = several_hosts(report);
    let mut alike: Vec<(&Loss, String)> = Vec::new();
    for loss in &report.losses {
        let same = |other: &Loss| (&other.services, &other.gone) == (&loss.services, &loss.gone);
        match alike.iter_mut().find(|(other, _)| same(other)) {
            Some((_, places)) if several => {
                *places += &format!("{}{}/{}", view.listed(), loss.host, loss.gpu);
            }
            Some((_, places)) => *places += &format!("{}{}", view.listed(), loss.gpu),
            None if several => alike.push((loss, format!("{}/{}", loss.host, loss.gpu))),
            None => alike.push((loss, format!("GPU {}", loss.gpu))),
        }
    }
    let line = |(loss, places): &(&Loss, String)| {
        let services: Vec<String> = loss.services.iter().map(|one| name(report, one)).collect();
        let stops = view.text.plan(&PlanSentence::Stops {
            services: &services.join(view.listed()),
        });
        let gone = |service: &ServiceName| loss.gone.contains(&service.tag);
        let then = if loss.gone.is_empty() {
            Tone::Good.span(view.text.plan(&PlanSentence::StillServed))
        } else if loss.services.iter().all(gone) {
            Tone::Caution.span(view.text.plan(&PlanSentence::AllGone))
        } else {
            let tags = loss.gone.join(view.listed());
            Tone::Caution.span(view.text.plan(&PlanSentence::Gone { tags: &tags }))
        };
        line![
            Tone::Strong.span(places),
            view.colon(),
            stops,
            view.between(),
            then
        ]
    };
    alike.iter().map(line).collect()
}
