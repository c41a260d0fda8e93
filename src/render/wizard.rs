//! The page at the end of the wizard: of `recommend`'s table what the window holds, its pick, and the same question as a command.

use super::page::{Page, Tone};
use super::recommend::{pick, rejected, table};
use super::view::View;
use crate::messages;
use crate::report::Recommend;

/// The page with at most so many rows; `command` is the same question as a command line.
pub fn page(report: &Recommend, rows: usize, command: &str, view: View) -> Page {
    let mut page = Page::new();
    match report.recommendations.first() {
        Some(first) => {
            let mut short = report.clone();
            short.recommendations.truncate(rows);
            page.push(table(&short, view));
            let hidden = report.recommendations.len().saturating_sub(rows);
            if hidden > 0 {
                page.paragraph(Tone::Dim.span(messages::wizard::more_rows(view.lang, hidden)));
            }
            pick(&mut page, first, report, view);
        }
        None => {
            page.callout(Tone::Bad, messages::recommend::no_model_fits(view.lang));
            page.heading(2, messages::within_reach(view.lang));
            page.push(rejected(report, view));
        }
    }
    page.paragraph(Tone::Dim.span(messages::wizard::the_same_as_a_command(view.lang)));
    page.code("bash", command);
    page
}
