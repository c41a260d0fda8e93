//! A text under judgement: what was found on its lines, and how they would be right.

mod advice;
mod indent;
mod instead;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::{Bound, Range};

use super::edit::{Edit, SHOWN, shown};
use super::interpolation::Filled;
use super::reach::{Listener, Request};
use super::shell::branches::Outline;
use super::{Demand, Diagnosis, LintContext, Overcommit, Problem, Unclear};
use crate::catalog::Catalog;

/// Findings of one text, at most: nobody reads more, and a text that was made to have them shall not cost more.
const FINDINGS: usize = 1000;
/// Searches for what may have been meant, and questions whether models fit, in one text.
const SEARCHES: usize = 40;
/// Names that are looked up in the catalog for one text.
const LOOKUPS: usize = 3000;
/// Bytes that are said of one problem.
const LONGEST_PROBLEM: usize = 2000;

/// A text, with findings and corrections so far.
pub(super) struct SourceText<'a> {
    pub text: &'a str,
    pub context: LintContext<'a>,
    /// The models that servers were given so far, by port.
    pub served: BTreeMap<u16, BTreeSet<String>>,
    /// Whether it is a file in a map of Kubernetes that is looked at.
    pub in_map: bool,
    listeners: Vec<Listener>,
    requests: Vec<Request>,
    /// Whether something of Ollama was looked at.
    judged: bool,
    starts: Vec<usize>,
    marks: Vec<Diagnostic>,
    /// Findings that are there already.
    marked: HashSet<(usize, usize, String)>,
    edits: HashMap<Edit, usize>,
    /// Edits that are shown, and left to a person to make.
    advice: Vec<Edit>,
    /// Where edits take text away, and where they add some.
    taken: BTreeMap<usize, usize>,
    inserted: BTreeSet<usize>,
    candidates: HashMap<String, Vec<String>>,
    demands: HashMap<Demand, Option<Overcommit>>,
    tags: HashMap<String, Known>,
    trained: HashMap<String, Option<u32>>,
    outline: OnceCell<Outline>,
    filled: OnceCell<Filled>,
}

/// What the catalog has by a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Published,
    /// A tag that Ollama's library does not have, and what serves instead.
    Unpublished(Option<String>),
    Never,
    /// Too many were asked for.
    Unasked,
}

/// A finding before the corrections are known.
struct Diagnostic {
    at: Range<usize>,
    problem: Problem,
    /// The corrected form where no edit says it.
    form: Option<String>,
}

impl<'a> SourceText<'a> {
    pub(super) fn new(text: &'a str, context: LintContext<'a>) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            context,
            served: BTreeMap::new(),
            in_map: false,
            listeners: Vec::new(),
            requests: Vec::new(),
            judged: false,
            starts: std::iter::once(0).chain(ends).collect(),
            marks: Vec::new(),
            marked: HashSet::new(),
            edits: HashMap::new(),
            advice: Vec::new(),
            taken: BTreeMap::new(),
            inserted: BTreeSet::new(),
            candidates: HashMap::new(),
            demands: HashMap::new(),
            tags: HashMap::new(),
            trained: HashMap::new(),
            outline: OnceCell::new(),
            filled: OnceCell::new(),
        }
    }

    /// What compose puts into the text from an `.env` beside it, read once.
    pub(super) fn filled(&self) -> &Filled {
        let read = || {
            let files = self.context.files;
            files.and_then(|files| files.read(".env"))
        };
        self.filled
            .get_or_init(|| Filled::new(&read().unwrap_or_default()))
    }

    /// The branches and functions of a script, looked for once.
    pub(super) fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::read(self.text))
    }

    pub(super) fn catalog(&self) -> &'a Catalog {
        self.context.catalog
    }

    /// What may have been meant by a name; `search` is asked once for each, and not for ever.
    pub(super) fn similar(
        &mut self,
        name: &str,
        search: impl FnOnce(&str) -> Vec<String>,
    ) -> Vec<String> {
        if let Some(known) = self.candidates.get(name) {
            return known.clone();
        }
        if self.candidates.len() == SEARCHES {
            return Vec::new();
        }
        let found = search(name);
        self.candidates.insert(name.to_owned(), found.clone());
        found
    }

    /// Whether a demand is too much for the cards, where they are known.
    pub(super) fn overcommitted(&mut self, demand: &Demand) -> Option<Overcommit> {
        let cards = self.context.cards?;
        if !self.demands.contains_key(demand) && self.demands.len() < SEARCHES {
            let answer = cards.overcommitted(demand);
            self.demands.insert(demand.clone(), answer);
        }
        self.demands.get(demand)?.clone()
    }

    /// Whether more is wrong than is shown: then nothing more is looked for.
    pub(super) fn is_full(&self) -> bool {
        self.marks.len() > FINDINGS
    }

    /// What the catalog has by a name: each is looked up once, and not for ever.
    pub(super) fn tag(&mut self, name: &str) -> Known {
        if let Some(known) = self.tags.get(name) {
            return known.clone();
        }
        if self.tags.len() == LOOKUPS {
            return Known::Unasked;
        }
        let known = match self.catalog().find(name) {
            Some(entry) if entry.model.published => Known::Published,
            Some(entry) => Known::Unpublished(entry.model.replaced_by.clone().map(String::from)),
            // A damaged library is told where a command needs it.
            None if matches!(self.catalog().published(name), Ok(Some(_))) => Known::Published,
            None => Known::Never,
        };
        self.tags.insert(name.to_owned(), known.clone());
        known
    }

    /// The context that a model was trained with, if that is known; looked up once for each.
    pub(super) fn trained(&mut self, tag: &str) -> Option<u32> {
        if let Some(known) = self.trained.get(tag) {
            return *known;
        }
        if self.trained.len() == LOOKUPS {
            return None;
        }
        let entry = self.catalog().find(tag);
        let trained = entry.and_then(|entry| entry.model.context_length);
        let trained = trained.filter(|trained| *trained > 0);
        self.trained.insert(tag.to_owned(), trained);
        trained
    }

    /// Something of Ollama is looked at.
    pub(super) fn judges(&mut self) {
        self.judged = true;
    }

    /// Whether nothing was found, and nothing of Ollama was there to be looked at.
    pub(super) fn is_untouched(&self) -> bool {
        self.marks.is_empty() && !self.judged
    }

    /// A server that the text starts.
    pub(super) fn listens(&mut self, listener: Listener) {
        if self.listeners.len() < FINDINGS {
            self.listeners.push(listener);
        }
    }

    /// A request that the text sends, or an address that it sends some to.
    pub(super) fn request(&mut self, at: Range<usize>, request: Request) {
        self.judged = true;
        if self.requests.len() < FINDINGS {
            let lines = self.extent(&at);
            let text = self.text.get(lines).unwrap_or_default();
            let (line, text) = (self.number(at.start), shown(text.trim()));
            self.requests.push(Request {
                line,
                text,
                ..request
            });
        }
    }

    /// Something wrong at a place.
    pub(super) fn find(&mut self, at: Range<usize>, problem: Problem) {
        self.mark(Diagnostic {
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
        self.mark(Diagnostic {
            at,
            problem,
            form: Some(form.into()),
        });
    }

    /// A quote that is opened there and closed nowhere: who reads the text refuses all of it.
    pub(super) fn find_open_quote(&mut self, at: Range<usize>) {
        let reason = "a quote that nothing closes".to_owned();
        self.find_with(at, Problem::Syntax { reason }, "");
    }

    fn mark(&mut self, mut mark: Diagnostic) {
        if self.marks.len() > FINDINGS {
            return;
        }
        let mut problem = format!("{:?}", mark.problem);
        // A word that fills pages is none that anybody wrote.
        if problem.len() > LONGEST_PROBLEM {
            let what = Unclear::Length;
            mark.problem = Problem::NotUnderstood { what };
            mark.form = Some(String::new());
            problem = format!("{:?}", mark.problem);
        }
        if !self.marked.insert((mark.at.start, mark.at.end, problem)) {
            return;
        }
        if self.marks.len() < FINDINGS {
            self.marks.push(mark);
        } else {
            self.marks.push(Diagnostic {
                at: mark.at,
                problem: Problem::TooMany,
                form: Some(String::new()),
            });
        }
    }

    /// Another text for a place. What lies in an earlier correction is left to that one.
    pub(super) fn replace(&mut self, at: Range<usize>, with: impl Into<String>) {
        let edit = Edit {
            at: at.clone(),
            with: with.into(),
        };
        let before = self.taken.range(..at.end).next_back();
        let overlaps = before.is_some_and(|(_, end)| *end > at.start)
            || at.start < at.end
                && self
                    .inserted
                    .range((Bound::Excluded(at.start), Bound::Excluded(at.end)))
                    .next()
                    .is_some();
        if overlaps || self.edits.contains_key(&edit) {
            return;
        }
        if at.is_empty() {
            self.inserted.insert(at.start);
        } else {
            self.taken.insert(at.start, at.end);
        }
        let order = self.edits.len();
        self.edits.insert(edit, order);
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

    /// Where the line of a place ends, without its line break.
    pub(super) fn line_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        at + line.trim_end_matches('\r').len()
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
        if lines.len() > 4 * SHOWN {
            return String::new();
        }
        let get = |at: Range<usize>| self.text.get(at).unwrap_or_default();
        let here = get(at.clone()).replacen(word, other, 1);
        let line = [get(lines.start..at.start), &here, get(at.end..lines.end)].concat();
        line.trim().to_owned()
    }
}
