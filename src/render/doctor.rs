//! The page of `doctor`.

use super::page::{Line, Page, Tone};
use super::view::View;
use crate::line;
use crate::lint::Severity;
use crate::report::{Doctor, DoctorFinding};
use crate::text::DoctorWord;

/// The page: one part a file, in it one a line with what is wrong there.
pub fn page(report: &Doctor, view: View) -> Page {
    let mut page = Page::new();
    let word = |word| view.text.doctor_word(word);
    let mut rest = report.findings.as_slice();
    let mut file = None;
    while let Some(first) = rest.first() {
        let same = |other: &&DoctorFinding| {
            other.file == first.file
                && other.finding.line == first.finding.line
                && other.finding.text == first.finding.text
        };
        let count = rest.iter().take_while(same).count();
        let (here, after) = rest.split_at(count);
        rest = after;
        if file != Some(&first.file) {
            file = Some(&first.file);
            let name = match first.finding.line {
                0 => word(DoctorWord::Environment).to_owned(),
                _ => first.file.clone(),
            };
            page.heading(1, Tone::Accent.span(name));
        }
        place(&mut page, here, view);
    }
    if report.findings.is_empty() {
        let files = report.files.len();
        page.callout(Tone::Good, view.text.doctor_clean(files));
    } else {
        let faults = faults(report);
        let warnings = report.findings.len() - faults;
        let tone = if faults > 0 { Tone::Bad } else { Tone::Caution };
        page.callout(tone, view.text.doctor_count(faults, warnings));
    }
    for path in &report.written {
        page.paragraph(view.say(crate::text::Sentence::Wrote { path }));
    }
    page
}

/// How many of the findings are faults.
pub fn faults(report: &Doctor) -> usize {
    let is_fault = |finding: &&DoctorFinding| finding.severity == Severity::Fault;
    report.findings.iter().filter(is_fault).count()
}

/// What is wrong at one place, and how it would be right.
fn place(page: &mut Page, findings: &[DoctorFinding], view: View) {
    let Some(first) = findings.first() else {
        return;
    };
    let finding = &first.finding;
    let text = finding.text.lines().next().unwrap_or_default();
    let title = match finding.line {
        0 => line![Tone::Code.span(text)],
        number => line![Tone::Dim.span(format!("{number}  ")), Tone::Code.span(text)],
    };
    page.heading(3, title);
    page.list(findings.iter().map(|one| said(one, view)));
    let mut forms: Vec<&str> = Vec::new();
    for fix in findings.iter().filter_map(|one| one.finding.fix.as_deref()) {
        if !forms.contains(&fix) {
            forms.push(fix);
        }
    }
    if !forms.is_empty() {
        page.paragraph(Tone::Dim.span(view.text.doctor_word(DoctorWord::Instead)));
        page.code("sh", forms.join("\n"));
    }
}

fn said(one: &DoctorFinding, view: View) -> Line {
    let (tone, word) = match one.severity {
        Severity::Fault => (Tone::Bad, DoctorWord::Fault),
        Severity::Warning => (Tone::Caution, DoctorWord::Warning),
    };
    line![
        tone.span(view.text.doctor_word(word)),
        " ",
        Tone::Dim.span(one.finding.problem.code()),
        view.colon(),
        view.text.problem(&one.finding.problem)
    ]
}
