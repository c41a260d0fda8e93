//! The pages of `pull` and `run`.

use super::page::{Line, Page, Tone};
use super::view::{View, tone};
use crate::line;
use crate::report::Pull;
use crate::text::{Said, Sentence};
use crate::units::Bytes;

/// The page of `pull` and `run`.
pub fn pull(report: &Pull, view: View) -> Page {
    let told = |said: Said<'_>| view.text.told(&said);
    let mut page = Page::new();
    let (tag, server) = (report.tag.as_str(), report.server.as_str());
    if let Some(fits) = fits(report, view) {
        page.paragraph(fits);
    } else if !view.quiet {
        page.paragraph(Tone::Dim.span(told(Said::NotJudged { server })));
    }
    if report.refused {
        page.callout(Tone::Bad, told(Said::NotPulled { tag }));
        if let Some(fix) = &report.cheapest_fix {
            let fix = view.text.fix(fix);
            page.paragraph(told(Said::Instead { fix: &fix }));
        }
        if !view.quiet {
            page.paragraph(Tone::Dim.span(told(Said::Force)));
        }
        return page;
    }
    let there = match report.was_installed {
        true => told(Said::UpToDate { tag, server }),
        false => told(Said::Pulled { tag, server }),
    };
    page.callout(Tone::Good, there);
    if let Some(loaded) = &report.loaded {
        let name = loaded.name.as_str();
        let spilled = loaded.size - loaded.size_vram;
        let mark = match spilled {
            Bytes::ZERO => Tone::Good,
            _ => Tone::Caution,
        };
        let said = told(Said::InMemory {
            name,
            context: loaded.context_length,
            vram: &loaded.size_vram.to_string(),
        });
        page.callout(mark, said);
        if spilled > Bytes::ZERO {
            let bytes = spilled.to_string();
            page.paragraph(told(Said::PartOnHost { bytes: &bytes }));
        }
        if name != tag && !view.quiet {
            page.paragraph(Tone::Dim.span(told(Said::SameFile { name, tag })));
        }
    }
    if let Some(command) = &report.command {
        page.paragraph(told(Said::Type { command }));
    }
    page
}

/// How well it fits, and what it takes.
fn fits(report: &Pull, view: View) -> Option<Line> {
    let (verdict, estimate) = (report.verdict?, report.estimate.as_ref()?);
    let placement = report.placement.as_ref()?;
    let takes = if placement.gpus.is_empty() {
        view.say(Sentence::TakesHost {
            need: &placement.host_bytes.to_string(),
        })
    } else {
        view.say(Sentence::Takes {
            need: &estimate.total.to_string(),
            gpus: &super::view::gpus(placement),
        })
    };
    Some(line![
        Tone::Accent.span(&report.tag),
        view.colon(),
        tone(verdict).span(view.text.verdict(verdict)),
        view.between(),
        takes
    ])
}
