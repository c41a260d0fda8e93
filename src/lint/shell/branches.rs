//! Values that hold where a script takes another branch than the one that was read last.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::super::sheet::SourceText;
use super::super::variable::{self, Setting};
use super::ScriptState;

/// Blocks in blocks that are followed, and the longest line of `A && B || C`.
const DEEPEST: usize = 64;
const LONGEST: usize = 400;

/// The branches of a text's `if` and `case`, and its functions.
#[derive(Debug, Default)]
pub(in crate::lint) struct Outline {
    /// In the order of the text.
    parts: Vec<Part>,
    functions: HashSet<String>,
}

/// From here on a branch is gone through, up to the next part.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: usize,
    /// Which `if` or `case`; none outside of all of them.
    block: Option<usize>,
    /// Which of its branches.
    branch: usize,
    /// The part around the block.
    around: Option<usize>,
}

impl Outline {
    /// Of a text, by the words that stand where a command begins.
    pub(in crate::lint) fn read(text: &str) -> Self {
        let outside = Part {
            start: 0,
            block: None,
            branch: 0,
            around: None,
        };
        let mut parts = vec![outside];
        let mut now = outside;
        let mut functions = HashSet::new();
        for (start, line) in lines(text) {
            functions.extend(function(line).map(str::to_owned));
            let mut begins = true;
            for word in line.split_whitespace() {
                if word.starts_with('#') {
                    break;
                }
                let start = start + (word.as_ptr() as usize - line.as_ptr() as usize);
                let bare = word.trim_end_matches([';', ')', '}']);
                let ends = start + word.len() - 1;
                let next = match bare {
                    "if" | "case" if begins => Some(Part {
                        start,
                        block: Some(start),
                        branch: 0,
                        around: Some(parts.len() - 1),
                    }),
                    "else" | "elif" if begins => Some(now.next(start)),
                    "fi" | "esac" if begins => {
                        let around = now.around.and_then(|at| parts.get(at));
                        around.map(|around| Part { start, ..*around })
                    }
                    _ if word.ends_with(";;") => Some(now.next(ends)),
                    _ => None,
                };
                if let Some(next) = next {
                    now = next;
                    parts.push(next);
                }
                let opens = ["then", "do", "else", "{", "&&", "||", "in"];
                begins = word.ends_with([';', ')']) || opens.contains(&bare);
            }
        }
        Self { parts, functions }
    }

    /// Whether the text has a function of this name.
    pub(super) fn defines(&self, name: &str) -> bool {
        self.functions.contains(name)
    }

    /// The branches that a place is in, from within.
    fn around(&self, at: usize) -> Vec<(usize, usize)> {
        let mut part = self.parts.partition_point(|part| part.start <= at);
        let mut all = Vec::new();
        while let Some(here) = part.checked_sub(1).and_then(|at| self.parts.get(at)) {
            if let Some(block) = here.block.filter(|_| all.len() < DEEPEST) {
                all.push((block, here.branch));
                part = here.around.map_or(0, |around| around + 1);
            } else {
                break;
            }
        }
        all
    }

    /// Whether two places are in two branches of one block.
    fn part(&self, first: usize, then: usize) -> bool {
        let (first, then) = (self.around(first), self.around(then));
        first.iter().any(|(block, branch)| {
            let same = then.iter().find(|(other, _)| other == block);
            same.is_some_and(|(_, other)| other != branch)
        })
    }
}

impl Part {
    /// The next branch of the same block.
    fn next(self, start: usize) -> Self {
        Self {
            start,
            branch: self.branch + 1,
            ..self
        }
    }
}

/// The function that a line begins: `NAME() {`, `function NAME {`.
fn function(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (name, rest) = match line.strip_prefix("function ") {
        Some(rest) => rest.trim_start().split_once([' ', '(', '{'])?,
        None => line.split_once('(')?,
    };
    let named = line.starts_with("function ") || rest.trim_start().starts_with(')');
    let name = name.trim_end();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (named && !name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// The lines of a text, and where they begin.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let here = start;
        start += line.len();
        (here, line)
    })
}

/// Whether only one of two assignments is made: they stand in two branches, or beside `||`.
pub(super) fn are_apart(sheet: &SourceText<'_>, first: &Range<usize>, then: &Range<usize>) -> bool {
    let between = first.end..then.start;
    let line = sheet.text.get(between.clone());
    let line = line.filter(|_| between.len() < LONGEST);
    line.is_some_and(|line| !line.contains('\n') && line.contains("||"))
        || sheet.outline().part(first.start, then.start)
}

/// Judges the values that a server is given in the other branches.
pub(super) fn lint(sheet: &mut SourceText<'_>, scene: &mut ScriptState, settings: &[Setting]) {
    exported(sheet, scene);
    for setting in settings {
        for other in scene.values.others(setting) {
            elsewhere(sheet, &other, scene);
        }
    }
}

/// Judges a setting as another branch makes it, which is written there and not here: a person corrects it.
fn elsewhere(sheet: &mut SourceText<'_>, setting: &Setting, scene: &ScriptState) {
    let text = format!("{}={}", setting.name, setting.value);
    let mut made = SourceText::new(&text, sheet.context);
    if let Some(one) = Setting::parse(&text, 0..text.len()) {
        variable::servers(&mut made, &[&one], scene.place());
    }
    for finding in made.finish().findings {
        let form = finding.fix.unwrap_or_default();
        sheet.find_with(setting.at.clone(), finding.problem, form);
    }
}

/// The same of what all programs are given: once for as many as there are.
fn exported(sheet: &mut SourceText<'_>, scene: &mut ScriptState) {
    let count = scene.exported.len() + scene.elsewhere.len();
    if std::mem::replace(&mut scene.branched, count) == count {
        return;
    }
    let mut last: HashMap<&str, &Setting> = HashMap::new();
    for export in &scene.exported {
        let setting = &export.setting;
        let before = last.insert(setting.name.as_str(), setting);
        let before = before.filter(|before| before.value != setting.value);
        if let Some(before) = before.filter(|before| are_apart(sheet, &before.at, &setting.at)) {
            let before = scene.values.resolved(sheet, before.clone());
            variable::servers(sheet, &[&before], scene.place());
        }
    }
    for other in &scene.elsewhere {
        elsewhere(sheet, other, scene);
    }
}
