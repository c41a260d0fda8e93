//! A text under judgement: what was found on its lines, and how they would be right.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Bench, Diagnosis, Finding, Problem};
use crate::catalog::Catalog;

/// A text, with findings and corrections so far.
pub(super) struct Sheet<'a> {
    pub text: &'a str,
    pub bench: Bench<'a>,
    /// The models that servers were given so far, by port.
    pub served: BTreeMap<u16, BTreeSet<String>>,
    starts: Vec<usize>,
    marks: Vec<Mark>,
    edits: Vec<Edit>,
}

/// A finding before the corrections are known.
struct Mark {
    at: Range<usize>,
    problem: Problem,
    /// The corrected form where no edit says it.
    form: Option<String>,
}

/// A piece of the text, and what should stand there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit {
    at: Range<usize>,
    with: String,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(text: &'a str, bench: Bench<'a>) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            bench,
            served: BTreeMap::new(),
            starts: std::iter::once(0).chain(ends).collect(),
            marks: Vec::new(),
            edits: Vec::new(),
        }
    }

    pub(super) fn catalog(&self) -> &'a Catalog {
        self.bench.catalog
    }

    /// Something wrong at a place.
    pub(super) fn find(&mut self, at: Range<usize>, problem: Problem) {
        self.mark(Mark {
            at,
            problem,
            form: None,
        });
    }

    /// The same, with the corrected form of what a person must decide; an empty one if there is none.
    pub(super) fn find_with(
        &mut self,
        at: Range<usize>,
        problem: Problem,
        form: impl Into<String>,
    ) {
        self.mark(Mark {
            at,
            problem,
            form: Some(form.into()),
        });
    }

    fn mark(&mut self, mark: Mark) {
        let same = |other: &Mark| other.at == mark.at && other.problem == mark.problem;
        if !self.marks.iter().any(same) {
            self.marks.push(mark);
        }
    }

    /// Another text for a place. What lies in an earlier correction is left to that one.
    pub(super) fn replace(&mut self, at: Range<usize>, with: impl Into<String>) {
        let edit = Edit {
            at,
            with: with.into(),
        };
        let overlaps = |other: &Edit| edit.at.start < other.at.end && other.at.start < edit.at.end;
        if !self.edits.contains(&edit) && !self.edits.iter().any(overlaps) {
            self.edits.push(edit);
        }
    }

    /// More text before a place.
    pub(super) fn insert(&mut self, at: usize, with: impl Into<String>) {
        self.replace(at..at, with);
    }

    /// The lines of a region, each with where it lies, without its end.
    pub(super) fn lines(&self, region: Range<usize>) -> Vec<(Range<usize>, &'a str)> {
        let text = self.text;
        let mut start = region.start;
        text.get(region)
            .unwrap_or_default()
            .split('\n')
            .map(|line| {
                let at = start..start + line.trim_end_matches('\r').len();
                start += line.len() + 1;
                (at.clone(), text.get(at).unwrap_or_default())
            })
            .collect()
    }

    /// The number of the line of a place, from 0.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at) - 1
    }

    /// The number of the line of a place, from 1.
    pub(super) fn number(&self, at: usize) -> u32 {
        u32::try_from(self.line(at) + 1).unwrap_or(u32::MAX)
    }

    /// Where a line begins.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.starts.get(self.line(at)).copied().unwrap_or_default()
    }

    /// The whole lines of a place, without the last one's end.
    fn extent(&self, at: &Range<usize>) -> Range<usize> {
        let start = self.line_start(at.start);
        let after = self.line(at.end.max(at.start + 1) - 1) + 1;
        let end = match self.starts.get(after) {
            Some(next) => next - 1,
            None => self.text.len(),
        };
        start..end.max(start)
    }

    /// The line of a place as it stands, with another word there.
    pub(super) fn line_with(&self, at: &Range<usize>, word: &str, other: &str) -> String {
        let lines = self.extent(at);
        let get = |at: Range<usize>| self.text.get(at).unwrap_or_default();
        let here = get(at.clone()).replacen(word, other, 1);
        let line = [get(lines.start..at.start), &here, get(at.end..lines.end)].concat();
        line.trim().to_owned()
    }

    /// A piece of the text as it would be right.
    fn corrected(&self, at: Range<usize>) -> String {
        let mut text = String::new();
        let mut from = at.start;
        for edit in &self.edits {
            if edit.at.start < from || edit.at.end > at.end {
                continue;
            }
            text += self.text.get(from..edit.at.start).unwrap_or_default();
            text += &edit.with;
            from = edit.at.end;
        }
        text + self.text.get(from..at.end).unwrap_or_default()
    }

    pub(super) fn finish(mut self) -> Diagnosis {
        // A stable order: at one place whole lines stand first, then what was inserted first.
        self.edits
            .sort_by_key(|edit| (edit.at.start, edit.at.end, !edit.with.ends_with('\n')));
        let mut findings: Vec<Finding> = Vec::new();
        for mark in &self.marks {
            let lines = self.extent(&mark.at);
            let old = self.text.get(lines.clone()).unwrap_or_default();
            let new = self.corrected(lines);
            let fix = match &mark.form {
                Some(form) => Some(form.clone()).filter(|form| !form.is_empty()),
                None => (new != old).then(|| flush(&new)),
            };
            findings.push(Finding {
                line: self.number(mark.at.start),
                text: old.trim().to_owned(),
                problem: mark.problem.clone(),
                fix,
            });
        }
        findings.sort_by_key(|finding| finding.line);
        findings.dedup();
        let corrected = (!self.edits.is_empty()).then(|| self.corrected(0..self.text.len()));
        Diagnosis {
            findings,
            corrected,
        }
    }
}

/// Lines as far left as the first of them.
fn flush(text: &str) -> String {
    let text = text.trim_matches(['\n', '\r']);
    let indent = text
        .get(..text.len() - text.trim_start().len())
        .unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.strip_prefix(indent).unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n")
}
