//! A unit as systemd reads it: sections, logical lines, words.

use std::ops::Range;

use super::super::shell::Word;

/// A line `key=value`, with the section that it stands in.
pub(super) struct Line<'a> {
    pub section: Option<&'a str>,
    /// The section that was meant, where its name has a slip.
    pub meant: Option<&'static str>,
    pub key: &'a str,
    pub at: Range<usize>,
    /// Where the value stands; it goes on over lines that end with a backslash.
    pub value: Range<usize>,
}

/// What a unit is made of.
#[derive(Default)]
pub(super) struct Unit<'a> {
    pub lines: Vec<Line<'a>>,
    /// Where the headers of sections stand, with their names.
    pub headers: Vec<(&'a str, Range<usize>)>,
    /// Lines that are none of that.
    pub unclear: Vec<Range<usize>>,
}

/// Reads the lines of a unit.
pub(super) fn read<'a>(lines: &[(Range<usize>, &'a str)]) -> Unit<'a> {
    let mut unit = Unit::default();
    let (mut section, mut meant) = (None, None);
    let mut lines = lines.iter();
    while let Some((at, line)) = lines.next() {
        let text = line.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'))
        {
            if section != Some(name) {
                meant = super::misspelt(name);
            }
            section = Some(name);
            let start = at.start + line.len() - line.trim_start().len();
            unit.headers.push((name, start..start + text.len()));
            continue;
        }
        let mut end = at.end;
        let mut open = continued(line);
        while open {
            let Some((at, line)) = lines.next() else {
                break;
            };
            end = at.end;
            // Comments within are left out.
            open = continued(line) || line.trim_start().starts_with(['#', ';']);
        }
        match line.split_once('=') {
            Some((key, rest)) => unit.lines.push(Line {
                section,
                meant,
                key: key.trim(),
                at: at.start..end,
                value: at.start + line.len() - rest.len()..end,
            }),
            None => unit.unclear.push(at.start..end),
        }
    }
    unit
}

fn continued(line: &str) -> bool {
    line.ends_with('\\')
}

/// The words of a value: apart by blanks, quotes taken off, nothing else with a meaning of its own.
pub(super) fn words(text: &str, region: Range<usize>) -> Vec<Word> {
    read_words(text, region).0
}

/// A quote in a value that nothing closes: which one, and where it stands.
pub(super) fn open_quote(text: &str, region: Range<usize>) -> Option<(char, usize)> {
    read_words(text, region).1
}

/// The words of a value, and the quote that is still open behind them.
fn read_words(text: &str, region: Range<usize>) -> (Vec<Word>, Option<(char, usize)>) {
    let mut words = Vec::new();
    let mut now: Option<Word> = None;
    let mut quote: Option<(char, usize)> = None;
    let mut chars = text
        .get(region.clone())
        .unwrap_or_default()
        .char_indices()
        .peekable();
    let mut line_start = false;
    while let Some((offset, c)) = chars.next() {
        let at = region.start + offset;
        if std::mem::take(&mut line_start) && matches!(c, '#' | ';') {
            // A comment between lines that go on.
            line_start = chars.find(|(_, c)| *c == '\n').is_some();
            continue;
        }
        if c == '\\'
            && chars
                .peek()
                .is_some_and(|(_, next)| matches!(next, '\n' | '\r'))
        {
            chars.find(|(_, c)| *c == '\n');
            line_start = true;
            match (&mut now, quote) {
                (Some(word), Some(_)) => word.text.push(' '),
                _ => words.extend(now.take()),
            }
            continue;
        }
        let blank = c.is_whitespace() && quote.is_none();
        if blank {
            words.extend(now.take());
            continue;
        }
        let word = now.get_or_insert_with(|| Word {
            at: at..at,
            ..Word::default()
        });
        word.at.end = at + c.len_utf8();
        match quote {
            Some((open, from)) if c == open => {
                quote = None;
                if from == word.at.start + 1 {
                    word.inner = Some(from..at);
                }
            }
            None if matches!(c, '"' | '\'') => quote = Some((c, at + 1)),
            _ if c == '\\' => {
                let next = chars.next();
                word.text.extend(next.map(|(_, c)| c));
                word.at.end += next.map_or(0, |(_, c)| c.len_utf8());
            }
            _ => word.text.push(c),
        }
    }
    words.extend(now);
    // One quoted text, and nothing behind it.
    for word in &mut words {
        let at = word.at.clone();
        word.inner.take_if(|inner| inner.end + 1 != at.end);
    }
    (words, quote.map(|(quote, from)| (quote, from - 1)))
}
