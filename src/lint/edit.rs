//! Corrections as edits of a text.

use std::ops::Range;

/// Characters of a line that are shown, and of its corrected form.
pub(super) const SHOWN: usize = 400;

/// A piece of the text, and what should stand there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Edit {
    pub at: Range<usize>,
    pub with: String,
}

/// A piece of a text as it would be right.
pub(super) fn corrected(text: &str, edits: &[Edit], at: Range<usize>) -> String {
    let mut new = String::new();
    let mut from = at.start;
    let first = edits.partition_point(|edit| edit.at.start < at.start);
    for edit in &edits[first..] {
        if edit.at.start > at.end {
            break;
        }
        // A line that goes, goes with its end.
        let end = at.end + usize::from(edit.with.is_empty());
        if edit.at.start < from || edit.at.end > end {
            continue;
        }
        new += text.get(from..edit.at.start).unwrap_or_default();
        new += &edit.with;
        from = edit.at.end.min(at.end);
    }
    new + text.get(from..at.end).unwrap_or_default()
}

/// As much of a text as a person reads.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Lines as far left as the first of them.
pub(super) fn flush(text: &str) -> String {
    let text = text.trim_matches(['\n', '\r']);
    let indent = text
        .get(..text.len() - text.trim_start().len())
        .unwrap_or_default();
    let lines = text
        .lines()
        .map(|line| line.strip_prefix(indent).unwrap_or(line).trim_end());
    lines.collect::<Vec<_>>().join("\n")
}
