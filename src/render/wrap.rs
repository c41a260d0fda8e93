//! Lines of a given width: measured in columns, broken where English and Chinese allow.

use unicode_width::UnicodeWidthChar;

use super::page::{Align, Line, Span, Tone};
use crate::sanitize::is_unsafe;

/// Prose is not wider than this, however wide the terminal: longer lines are hard to follow.
pub(super) const PROSE: usize = 100;

/// No line starts with one of these.
const CLOSING: &str = "，。、；：！？）］」』】》〉〕”’…—·～％,.;:!?)]}%/°";
/// No line ends with one of these.
const OPENING: &str = "（［「『【《〈〔“‘([{$¥￥#";

/// A name too long for any line is best broken after one of these.
const JOINTS: &str = "-/:.,=";

/// One character of a line.
type Glyph = (char, Tone);

/// The columns of one character.
pub(super) fn char_width(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// The columns of a text without control characters.
pub(super) fn text_width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// The columns of a line.
pub(super) fn width(line: &Line) -> usize {
    line.spans.iter().map(|span| text_width(&span.text)).sum()
}

/// `line` on as many lines of at most `limit` columns as it takes, at least one.
pub(super) fn wrap(line: &Line, limit: usize) -> Vec<Line> {
    paragraphs(line)
        .iter()
        .flat_map(|glyphs| fill(glyphs, limit.max(1)))
        .collect()
}

/// The same, with `first` before the first line and as much space before the others.
pub(super) fn wrap_after(first: &Line, line: &Line, limit: usize) -> Vec<Line> {
    let indent = width(first);
    wrap(line, limit.saturating_sub(indent))
        .into_iter()
        .enumerate()
        .map(|(n, rest)| match n {
            0 => first.clone().and(rest),
            _ => spaces(indent).and(rest),
        })
        .collect()
}

/// `line` on one line of at most `limit` columns.
pub(super) fn truncate(line: &Line, limit: usize, ellipsis: &str) -> Line {
    let glyphs: Vec<Glyph> = paragraphs(line).join(&(' ', Tone::Plain));
    if columns(&glyphs) <= limit {
        return collect(&glyphs);
    }
    let room = limit.saturating_sub(text_width(ellipsis));
    let (kept, rest) = glyphs.split_at(fitting(&glyphs, room));
    let tone = rest.first().map_or(Tone::Plain, |glyph| glyph.1);
    let ending = if text_width(ellipsis) <= limit {
        ellipsis
    } else {
        ""
    };
    collect(kept).and(tone.span(ending))
}

/// `line` with space around it, so that it has `target` columns.
pub(super) fn pad(line: Line, target: usize, align: Align) -> Line {
    let room = target.saturating_sub(width(&line));
    let before = match align {
        Align::Left => 0,
        Align::Right => room,
        Align::Center => room / 2,
    };
    spaces(before).and(line).and(spaces(room - before))
}

/// The columns of the longest part of `line` that should stay on one line.
pub(super) fn longest_piece(line: &Line) -> usize {
    let paragraphs = paragraphs(line);
    let pieces = paragraphs.iter().flat_map(|glyphs| pieces(glyphs));
    pieces
        .map(|piece| columns(trimmed(piece)))
        .max()
        .unwrap_or(0)
}

/// A line of `n` blanks.
pub(super) fn spaces(n: usize) -> Line {
    match n {
        0 => Line::default(),
        n => " ".repeat(n).into(),
    }
}

/// The characters of `line`, one list a forced line, without anything a terminal would obey.
fn paragraphs(line: &Line) -> Vec<Vec<Glyph>> {
    let mut all = vec![Vec::new()];
    for span in &line.spans {
        for c in span.text.chars() {
            match c {
                '\n' => all.push(Vec::new()),
                // Without these, the columns of a text are the sum of those of its characters.
                '\u{fe0e}' | '\u{fe0f}' | '\u{200d}' | '\r' => {}
                c => {
                    let c = if is_unsafe(c) { ' ' } else { c };
                    if let Some(last) = all.last_mut() {
                        last.push((c, span.tone));
                    }
                }
            }
        }
    }
    all
}

/// Puts as many pieces on each line as fit; a piece that fits on no line is broken anywhere.
fn fill(glyphs: &[Glyph], limit: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut end = 0;
    for piece in pieces(glyphs) {
        let piece_end = end + piece.len();
        if is_wider(trimmed(&glyphs[start..piece_end]), limit) {
            if end > start {
                lines.push(collect(trimmed(&glyphs[start..end])));
                start = end;
            }
            while is_wider(trimmed(&glyphs[start..piece_end]), limit) {
                // One character wider than the limit still takes a line, or this would not end.
                let cut = start + cut(&glyphs[start..piece_end], limit).max(1);
                lines.push(collect(&glyphs[start..cut]));
                start = cut;
            }
        }
        end = piece_end;
    }
    lines.push(collect(trimmed(&glyphs[start..])));
    lines
}

/// What must stay together, each with the spaces after it.
fn pieces(glyphs: &[Glyph]) -> Vec<&[Glyph]> {
    glyphs.chunk_by(|a, b| !may_break(a.0, b.0)).collect()
}

/// Whether a line may end after `a` and the next start with `b`.
fn may_break(a: char, b: char) -> bool {
    if b == ' ' {
        return false;
    }
    if a == ' ' {
        return true;
    }
    let wide = char_width(a) == 2 || char_width(b) == 2;
    wide && !CLOSING.contains(b) && !OPENING.contains(a) && char_width(b) > 0
}

fn trimmed(glyphs: &[Glyph]) -> &[Glyph] {
    let end = glyphs.iter().rposition(|glyph| glyph.0 != ' ');
    &glyphs[..end.map_or(0, |last| last + 1)]
}

fn columns(glyphs: &[Glyph]) -> usize {
    glyphs.iter().map(|glyph| char_width(glyph.0)).sum()
}

/// Whether `glyphs` take more than `limit` columns; no more of them are looked at than that takes.
fn is_wider(glyphs: &[Glyph], limit: usize) -> bool {
    fitting(glyphs, limit) < glyphs.len()
}

/// How many of `glyphs` fit into `limit` columns.
fn fitting(glyphs: &[Glyph], limit: usize) -> usize {
    let mut used = 0;
    let over = glyphs.iter().position(|glyph| {
        used += char_width(glyph.0);
        used > limit
    });
    over.unwrap_or(glyphs.len())
}

/// Where to break what should not be: after a mark inside a name, if one is near, else where the line is full.
fn cut(glyphs: &[Glyph], limit: usize) -> usize {
    let full = fitting(glyphs, limit);
    let marks = glyphs[..full]
        .iter()
        .rposition(|glyph| JOINTS.contains(glyph.0));
    match marks {
        Some(last) if last + 1 > full / 2 => last + 1,
        _ => full,
    }
}

fn collect(glyphs: &[Glyph]) -> Line {
    let runs = glyphs.chunk_by(|a, b| a.1 == b.1);
    let spans: Vec<Span> = runs
        .map(|run| {
            let text: String = run.iter().map(|glyph| glyph.0).collect();
            // What kept words together has done so.
            run[0].1.span(text.replace('\u{a0}', " "))
        })
        .collect();
    spans.into()
}
