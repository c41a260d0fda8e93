//! What is other than before, and what a lost card costs.

use super::super::page::{Line, Page, Tone};
use super::super::view::View;
use super::{MOST_LINES, label, name, several_hosts};
use crate::line;
use crate::messages;
use crate::report::{Cause, FailureImpact, Move, PlanChange, Planned, ServiceName, Unplaced};

/// From another plan to this one.
pub(super) fn changes(page: &mut Page, change: &PlanChange, report: &Planned, view: View) {
    let several = several_hosts(report);
    let labels = |names: &[String], between: &str| {
        let names = names.iter().map(|name| label(name, several));
        names.collect::<Vec<_>>().join(between)
    };
    page.paragraph(messages::plan::because_of(
        view.lang,
        change.cause,
        &labels(&change.gpus, view.listed()),
    ));
    if change.cause == Cause::Lose && !change.added.is_empty() {
        page.paragraph(messages::plan::because_of(
            view.lang,
            Cause::WhatIf,
            &labels(&change.added, view.listed()),
        ));
    }
    let from = |step: &Move| labels(&step.from, " + ");
    let to = |step: &Move| labels(&step.to, " + ");
    let mut lines: Vec<Line> = Vec::new();
    for step in &change.lost {
        let service = name(report, &step.service);
        let from = from(step);
        let same =
            |one: &Unplaced| one.tag == step.service.tag && one.replica == step.service.replica;
        // A plan that was saved may have more than was asked for this time.
        lines.push(match report.plan.unplaced.iter().any(same) {
            true => Tone::Bad
                .span(messages::plan::no_longer_fits(view.lang, &service, &from))
                .into(),
            false => Tone::Caution
                .span(messages::plan::no_longer_planned(
                    view.lang, &service, &from,
                ))
                .into(),
        });
    }
    for step in &change.moved {
        let (service, from, to) = (name(report, &step.service), from(step), to(step));
        let sentence = messages::plan::moves_from(view.lang, &service, &from, &to);
        lines.push(Tone::Caution.span(sentence).into());
    }
    for one in &change.changed {
        let service = name(report, &one.service);
        let settings = one.settings.iter().map(changed);
        let settings = settings.collect::<Vec<_>>().join(view.listed());
        lines.push(
            Tone::Caution
                .span(messages::plan::settings(view.lang, &service, &settings))
                .into(),
        );
    }
    for step in &change.gained {
        let (service, to) = (name(report, &step.service), to(step));
        lines.push(
            Tone::Good
                .span(messages::plan::now_fits_on(view.lang, &service, &to))
                .into(),
        );
    }
    if lines.is_empty() {
        lines.push(messages::plan::nothing_moves(view.lang).into());
    }
    let more = lines.len().saturating_sub(MOST_LINES);
    lines.truncate(MOST_LINES);
    if more > 0 {
        let more = messages::plan::more_lines(view.lang, more);
        lines.push(Tone::Dim.span(more).into());
    }
    if change.stay > 0 {
        let stay = messages::plan::stay_where_they_are(view.lang, change.stay);
        lines.push(Tone::Dim.span(stay).into());
    }
    page.list(lines);
}

/// One line for all GPUs whose loss costs the same.
pub(super) fn losses(report: &Planned, view: View) -> Vec<Line> {
    let several = several_hosts(report);
    let mut alike: Vec<(&FailureImpact, String)> = Vec::new();
    for loss in &report.losses {
        let same =
            |other: &FailureImpact| (&other.services, &other.gone) == (&loss.services, &loss.gone);
        match alike.iter_mut().find(|(other, _)| same(other)) {
            Some((_, places)) if several => {
                *places += &format!("{}{}/{}", view.listed(), loss.host, loss.gpu);
            }
            Some((_, places)) => *places += &format!("{}{}", view.listed(), loss.gpu),
            None if several => alike.push((loss, format!("{}/{}", loss.host, loss.gpu))),
            None => alike.push((loss, format!("GPU {}", loss.gpu))),
        }
    }
    let line = |(loss, places): &(&FailureImpact, String)| {
        let services: Vec<String> = loss.services.iter().map(|one| name(report, one)).collect();
        let stops = messages::plan::stops(view.lang, &services.join(view.listed()));
        let gone = |service: &ServiceName| loss.gone.contains(&service.tag);
        let then = if loss.gone.is_empty() {
            Tone::Good.span(messages::plan::other_replicas_keep_serving(view.lang))
        } else if loss.services.iter().all(gone) {
            Tone::Caution.span(messages::plan::no_other_replica(view.lang))
        } else {
            let tags = loss.gone.join(view.listed());
            Tone::Caution.span(messages::plan::no_other_replica_of(view.lang, &tags))
        };
        line![
            Tone::Strong.span(places),
            view.colon(),
            stops,
            view.separator(),
            then
        ]
    };
    alike.iter().map(line).collect()
}

/// A setting before and now.
fn changed(setting: &crate::report::Setting) -> String {
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let (from, to) = (said(&setting.from), said(&setting.to));
    format!("{} {from} → {to}", setting.name)
}
