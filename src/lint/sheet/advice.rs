//! Corrections that are shown and left to a person, and what becomes of a text in the end.

use std::ops::Range;

use super::super::Finding;
use super::super::edit::{Edit, SHOWN, corrected, flush, shown};
use super::{Diagnosis, FINDINGS, SourceText};

impl SourceText<'_> {
    /// Another text for a place, in the correct forms that are shown: the file itself is left to a person.
    pub(in crate::lint) fn advise(&mut self, at: Range<usize>, with: impl Into<String>) {
        let with = with.into();
        if self.advice.len() < FINDINGS {
            self.advice.push(Edit { at, with });
        }
    }

    /// What a correction puts in the place of a piece of the text, or that piece itself.
    pub(in crate::lint) fn right(&self, at: &Range<usize>) -> String {
        let corrected = self.taken.get(&at.start) == Some(&at.end);
        let edit = self.edits.keys().find(|edit| corrected && edit.at == *at);
        let written = || self.text.get(at.clone()).unwrap_or_default();
        edit.map_or_else(written, |edit| edit.with.as_str())
            .to_owned()
    }

    pub(in crate::lint) fn finish(mut self) -> Diagnosis {
        // A stable order: at one place whole lines stand first, then what was inserted first.
        let mut edits: Vec<(Edit, usize)> = std::mem::take(&mut self.edits).into_iter().collect();
        edits.sort_by_key(|(edit, order)| (rank(edit), *order));
        let edits: Vec<Edit> = edits.into_iter().map(|(edit, _)| edit).collect();
        let advice = disjoint(std::mem::take(&mut self.advice));
        let advised = advised(&edits, &advice);
        let mut findings: Vec<Finding> = Vec::new();
        for mark in &self.marks {
            let lines = self.extent(&mark.at);
            let old = self.text.get(lines.clone()).unwrap_or_default();
            let fix = match &mark.form {
                Some(form) => Some(form.clone()),
                // Of a line that nobody can read no corrected form is shown.
                None if lines.len() > 4 * SHOWN => None,
                None => {
                    let lines = self.grown(lines, &advice);
                    let old = self.text.get(lines.clone()).unwrap_or_default();
                    let new = corrected(self.text, &advised, lines);
                    (new != old).then(|| flush(&new))
                }
            };
            // Of a line that goes nothing is left to be shown.
            let fix = fix.filter(|fix| !matches!(fix.trim(), "" | "\\"));
            findings.push(Finding {
                line: self.number(mark.at.start),
                text: shown(old.trim()),
                problem: mark.problem.clone(),
                fix: fix.map(|fix| {
                    if fix.len() > 8 * SHOWN {
                        shown(&fix)
                    } else {
                        fix
                    }
                }),
            });
        }
        findings.sort_by_key(|finding| finding.line);
        findings.dedup();
        let whole = 0..self.text.len();
        // What has more wrong than is shown is not corrected either.
        let some = !edits.is_empty() && self.marks.len() <= FINDINGS;
        let corrected = some.then(|| corrected(self.text, &edits, whole));
        Diagnosis {
            findings,
            corrected,
            listeners: self.listeners,
            requests: self.requests,
        }
    }

    /// Lines with those that an advised edit takes away together with them.
    fn grown(&self, lines: Range<usize>, advice: &[Edit]) -> Range<usize> {
        let first = advice.partition_point(|edit| edit.at.end <= lines.start);
        let over = advice.get(first..).unwrap_or_default();
        let end = lines.end;
        let over = over.iter().take_while(|edit| edit.at.start < end);
        over.fold(lines, |lines, edit| {
            let more = self.extent(&edit.at);
            lines.start.min(more.start)..lines.end.max(more.end)
        })
    }
}

/// Where an edit stands among others.
fn rank(edit: &Edit) -> (usize, usize, bool) {
    (edit.at.start, edit.at.end, !edit.with.ends_with('\n'))
}

/// Advice none of which lies in another one's place, in the order of the text.
fn disjoint(mut advice: Vec<Edit>) -> Vec<Edit> {
    advice.sort_by_key(rank);
    advice.dedup();
    let mut end = 0;
    advice.retain(|edit| {
        let apart = edit.at.start >= end;
        if apart {
            end = edit.at.end;
        }
        apart
    });
    advice
}

/// Edits with those that are advised: what lies in the place of one of these is not needed.
fn advised(edits: &[Edit], advice: &[Edit]) -> Vec<Edit> {
    let free = |edit: &&Edit| {
        let first = advice.partition_point(|one| one.at.end <= edit.at.start);
        let next = advice.get(first);
        next.is_none_or(|one| match edit.at.is_empty() {
            true => one.at.start >= edit.at.start,
            false => one.at.start >= edit.at.end,
        })
    };
    let mut all: Vec<Edit> = edits.iter().filter(free).cloned().collect();
    all.extend(advice.iter().cloned());
    all.sort_by_key(rank);
    all
}
