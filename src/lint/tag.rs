//! Tags: whether Ollama's library has them.

use std::ops::Range;

use super::Problem;
use super::sheet::{Known, SourceText};
use super::slip::certain;

/// A longer word is no tag.
const LONGEST: usize = 200;

/// Judges the tag of a model at a place.
pub(super) fn lint(sheet: &mut SourceText<'_>, tag: &str, at: Range<usize>) {
    // What is not of the library, or not written out, cannot be known.
    let of_library = tag.strip_prefix("library/").unwrap_or(tag);
    let written_out = !of_library.contains(['$', '/', '\\', '{', '<', '*']);
    let absent = of_library.is_empty() || of_library.starts_with('-') || of_library.len() > LONGEST;
    if sheet.is_full() || absent {
        return;
    }
    sheet.judges();
    match sheet.tag(of_library) {
        Known::Published | Known::Unasked => {}
        Known::Unpublished(instead) => {
            let problem = Problem::UnpublishedTag {
                tag: tag.to_owned(),
                instead: instead.clone(),
            };
            sheet.find(at.clone(), problem);
            if let Some(instead) = instead {
                put(sheet, at, tag, &instead);
            }
        }
        Known::Never if !written_out => {}
        Known::Never => {
            let catalog = sheet.catalog();
            let candidates = sheet.similar(of_library, |tag| catalog.similar_tags(tag));
            let problem = Problem::UnknownTag {
                tag: tag.to_owned(),
                candidates: candidates.clone(),
            };
            // Several that may have been meant are named, and none is put forward.
            let form = certain(of_library, &candidates)
                .map(|one| sheet.line_with(&at, tag, one))
                .unwrap_or_default();
            sheet.find_with(at, problem, form);
        }
    }
}

/// The right tag in its place, quotes left as they are.
fn put(sheet: &mut SourceText<'_>, at: Range<usize>, tag: &str, instead: &str) {
    let written = sheet.text.get(at.clone()).unwrap_or_default();
    if let Some(offset) = written.find(tag) {
        let start = at.start + offset;
        sheet.replace(start..start + tag.len(), instead);
    }
}

/// Judges every word of a listing that is a tag without a model behind it.
pub(super) fn listed(sheet: &mut SourceText<'_>, region: Range<usize>) {
    for (word, at) in words(sheet.text, region) {
        if word.len() <= LONGEST && matches!(sheet.tag(word), Known::Unpublished(_)) {
            lint(sheet, word, at);
        }
    }
}

/// The same in the cells of a table, where a model that exists is named with a size that it does not have.
pub(super) fn cells(sheet: &mut SourceText<'_>, region: Range<usize>) {
    for (word, at) in words(sheet.text, region) {
        let family = word.split(':').next().unwrap_or_default();
        let size = word.rsplit(':').next().unwrap_or_default();
        let sized =
            size.starts_with(|c: char| c.is_ascii_digit()) && size.contains(['b', 'B', 'm', 'M']);
        if word.len() > LONGEST {
            continue;
        }
        match sheet.tag(word) {
            Known::Unpublished(_) => lint(sheet, word, at),
            Known::Never if sized && sheet.tag(family) == Known::Published => {
                lint(sheet, word, at);
            }
            _ => {}
        }
    }
}

/// The words of a region that could be tags, and where they stand.
fn words(text: &str, region: Range<usize>) -> Vec<(&str, Range<usize>)> {
    let text = text.get(region.clone()).unwrap_or_default();
    let is_tags = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '-' | '_' | '/');
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split(|c: char| !is_tags(c)) {
        let start = region.start + at;
        at += word.len();
        // Past what parted it from the next one.
        at += text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        if word.contains(':') {
            words.push((word, start..start + word.len()));
        }
    }
    words
}
