//! The page of `doctor`.

use std::collections::HashMap;

use super::page::{Line, Page, Tone};
use super::view::View;
use crate::line;
use crate::lint::Severity;
use crate::messages;
use crate::report::{Doctor, DoctorFinding};

/// The page: one part a file, in it one a line with what is wrong there.
pub fn page(report: &Doctor, view: View) -> Page {
    let mut page = Page::new();
    let mut rest = report.findings.as_slice();
    let repeats = repeats(report, view);
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
        if here.iter().all(|one| repeats.leads(one, view).is_none()) {
            continue;
        }
        if file != Some(&first.file) {
            file = Some(&first.file);
            let name = match first.finding.line {
                0 => messages::doctor::this_machine(view.lang).to_owned(),
                _ => first.file.clone(),
            };
            page.heading(1, Tone::Accent.span(name));
        }
        place(&mut page, here, &repeats, view);
    }
    for what in &report.unchecked {
        page.paragraph(Tone::Dim.span(messages::doctor::unchecked(view.lang, *what)));
    }
    if report.findings.is_empty() {
        let files = report.files.len();
        page.callout(
            Tone::Good,
            messages::doctor::nothing_wrong(view.lang, files),
        );
    } else {
        let faults = faults(report);
        let warnings = report.findings.len() - faults;
        let tone = if faults > 0 { Tone::Bad } else { Tone::Caution };
        page.callout(tone, messages::doctor::count(view.lang, faults, warnings));
    }
    for path in &report.written {
        page.paragraph(messages::wrote(view.lang, path));
    }
    page
}

/// How many of the findings are faults.
pub fn faults(report: &Doctor) -> usize {
    let is_fault = |finding: &&DoctorFinding| finding.severity == Severity::Fault;
    report.findings.iter().filter(is_fault).count()
}

/// Findings of a file that say the same: they are shown once, with the lines of all.
struct Repeats<'r> {
    lines: HashMap<(&'r str, String), Vec<u32>>,
}

/// So many that say the same are shown one by one.
const FEW: usize = 2;

fn repeats<'r>(report: &'r Doctor, view: View) -> Repeats<'r> {
    let mut lines: HashMap<(&str, String), Vec<u32>> = HashMap::new();
    for one in &report.findings {
        let said = messages::problem::problem(view.lang, &one.finding.problem);
        let key = (one.file.as_str(), said);
        let lines = lines.entry(key).or_default();
        if lines.last() != Some(&one.finding.line) {
            lines.push(one.finding.line);
        }
    }
    Repeats { lines }
}

impl Repeats<'_> {
    /// The other lines of what is shown here; nothing if it is shown at another one.
    fn leads<'s>(&'s self, one: &'s DoctorFinding, view: View) -> Option<&'s [u32]> {
        let said = messages::problem::problem(view.lang, &one.finding.problem);
        let lines = self.lines.get(&(one.file.as_str(), said))?;
        match lines.as_slice() {
            few if few.len() <= FEW => Some(&[]),
            [first, rest @ ..] if *first == one.finding.line => Some(rest),
            _ => None,
        }
    }
}

/// What is wrong at one place, and how it would be right.
fn place(page: &mut Page, findings: &[DoctorFinding], repeats: &Repeats<'_>, view: View) {
    let shown: Vec<(&DoctorFinding, &[u32])> = findings
        .iter()
        .filter_map(|one| Some((one, repeats.leads(one, view)?)))
        .collect();
    let Some((first, _)) = shown.first() else {
        return;
    };
    let finding = &first.finding;
    let text = finding.text.lines().next().unwrap_or_default();
    let title = match finding.line {
        0 => line![Tone::Code.span(text)],
        number => line![Tone::Dim.span(format!("{number}  ")), Tone::Code.span(text)],
    };
    page.heading(3, title);
    page.list(shown.iter().map(|(one, others)| said(one, others, view)));
    let mut forms: Vec<&str> = Vec::new();
    for fix in shown
        .iter()
        .filter_map(|(one, _)| one.finding.fix.as_deref())
    {
        if !forms.contains(&fix) {
            forms.push(fix);
        }
    }
    if !forms.is_empty() {
        page.paragraph(Tone::Dim.span(messages::doctor::correct_form(view.lang)));
        // In the language of its place: a unit, a server's block, a line of a table.
        page.code("text", forms.join("\n"));
    }
}

fn said(one: &DoctorFinding, others: &[u32], view: View) -> Line {
    let (tone, word) = match one.severity {
        Severity::Fault => (Tone::Bad, messages::doctor::fault(view.lang)),
        Severity::Warning => (Tone::Caution, messages::doctor::warning(view.lang)),
    };
    let also = match others {
        [] => String::new(),
        others => messages::doctor::also_in(view.lang, others),
    };
    line![
        tone.span(word),
        " ",
        Tone::Dim.span(one.finding.problem.code()),
        view.colon(),
        messages::problem::problem(view.lang, &one.finding.problem),
        also
    ]
}
