//! The pages of `pull` and `run`.

use super::page::{Line, Page, Tone};
use super::view::{View, tone};
use crate::line;
use crate::messages;
use crate::report::Pull;
use crate::units::Bytes;

/// The page of `pull` and `run`.
pub fn pull(report: &Pull, view: View) -> Page {
    let mut page = Page::new();
    let (tag, server) = (report.tag.as_str(), report.server.as_str());
    if let Some(fits) = fits(report, view) {
        page.paragraph(fits);
    } else if !view.quiet {
        page.paragraph(Tone::Dim.span(messages::pull::gpus_of_server_unknown(view.lang, server)));
    }
    if report.refused {
        page.callout(
            Tone::Bad,
            messages::pull::does_not_fit_whole(view.lang, tag),
        );
        if let Some(fix) = &report.cheapest_fix {
            let fix = messages::recommend::fix(view.lang, fix);
            page.paragraph(messages::pull::what_would_help(view.lang, &fix));
        }
        if !view.quiet {
            page.paragraph(Tone::Dim.span(messages::pull::force_does_it_anyway(view.lang)));
        }
        return page;
    }
    let there = match report.was_installed {
        true => messages::pull::already_at(view.lang, tag, server),
        false => messages::pull::downloaded_to(view.lang, tag, server),
    };
    page.callout(Tone::Good, there);
    if let Some(loaded) = &report.loaded {
        let name = loaded.name.as_str();
        let spilled = loaded.size - loaded.size_vram;
        let mark = match spilled {
            Bytes::ZERO => Tone::Good,
            _ => Tone::Caution,
        };
        let said = messages::pull::is_loaded(
            view.lang,
            name,
            loaded.context_length,
            &loaded.size_vram.to_string(),
        );
        page.callout(mark, said);
        if spilled > Bytes::ZERO {
            let bytes = spilled.to_string();
            page.paragraph(messages::pull::part_in_host_memory(view.lang, &bytes));
        }
        if name != tag && !view.quiet {
            page.paragraph(Tone::Dim.span(messages::pull::same_file_as(view.lang, name, tag)));
        }
    }
    if let Some(command) = &report.command {
        page.paragraph(messages::pull::type_to_chat(view.lang, command));
    }
    page
}

/// How well it fits, and what it takes.
fn fits(report: &Pull, view: View) -> Option<Line> {
    let (verdict, estimate) = (report.verdict?, report.estimate.as_ref()?);
    let placement = report.placement.as_ref()?;
    let takes = if placement.gpus.is_empty() {
        messages::estimate::needs_host_memory(view.lang, &placement.host_bytes.to_string())
    } else {
        messages::estimate::needs_on(
            view.lang,
            &estimate.total.to_string(),
            &super::view::gpus(placement),
        )
    };
    Some(line![
        Tone::Accent.span(&report.tag),
        view.colon(),
        tone(verdict).span(messages::terms::verdict(view.lang, verdict)),
        view.separator(),
        takes
    ])
}
