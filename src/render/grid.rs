//! Tables and other aligned text: who gives way where the terminal is narrow.

use super::glyphs::Glyphs;
use super::page::Tone;
use super::page::{Align, Cell, Column, Line, Overflow, Row, Table};
use super::terminal::{Terminal, rule};
use super::wrap::{self, PROSE, longest_piece, pad, spaces, truncate, width, wrap};

/// A column of words is not squeezed below this while another can go.
const LEAST_WORDS: usize = 12;
/// The same for the words of a header.
const LEAST_HEADER: usize = 8;
/// Between two columns; more where there is room.
const GAPS: [usize; 2] = [3, 2];

/// The widths that a column can have, in characters.
struct Track<'a> {
    column: &'a Column,
    index: usize,
    /// Columns of characters that it takes with nothing broken.
    natural: usize,
    /// Least width at which nothing is broken that should not be.
    least: usize,
    /// Least width at which words stay in one piece, however few to a line.
    narrow: usize,
    /// Whether any row says something in it.
    filled: bool,
}

/// Names at the left, values wrapped beside them.
pub(super) fn pairs(pairs: &[(Line, Line)], terminal: &Terminal) -> Vec<Line> {
    let widest = pairs.iter().map(|pair| width(&pair.0)).max().unwrap_or(0);
    let room = terminal.width.min(PROSE);
    let names = widest.min(room * 2 / 5);
    let gap = GAPS[1];
    let values = room.saturating_sub(names + gap);
    pairs
        .iter()
        .flat_map(|(name, value)| {
            let cells = [
                wrap(&name.clone().toned(Tone::Dim), names),
                wrap(value, values),
            ];
            let layout = [(names, Align::Left), (values, Align::Left)];
            side_by_side(&cells, &layout, gap, false)
        })
        .collect()
}

/// A table: dim header, a rule, rows, and which columns found no room.
pub(super) fn table(table: &Table, terminal: &Terminal) -> Vec<Line> {
    let glyphs = terminal.glyphs();
    let mut tracks = tracks(table, glyphs);
    let dropped = drop_columns(&mut tracks, terminal.width);
    let (widths, gap) = share(&tracks, terminal.width);
    let layout: Vec<(usize, Align)> = widths
        .iter()
        .zip(&tracks)
        .map(|(width, track)| (*width, track.column.align))
        .collect();

    let headers: Vec<Vec<Line>> = layout
        .iter()
        .zip(&tracks)
        .map(|((width, _), track)| wrap(&track.column.header.clone().toned(Tone::Dim), *width))
        .collect();
    let mut lines = Vec::new();
    // What needs no header is no table to the eye: nothing to rule off.
    if table.columns.iter().any(|column| !column.header.is_empty()) {
        lines = side_by_side(&headers, &layout, gap, true);
        let total = widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1);
        lines.push(rule(glyphs, total));
    }
    for row in &table.rows {
        let cells: Vec<Vec<Line>> = layout
            .iter()
            .zip(&tracks)
            .map(|((width, _), track)| fit(&text(row, track.index, glyphs), track, *width, glyphs))
            .collect();
        lines.extend(side_by_side(&cells, &layout, gap, false));
        lines.extend(note(row, &widths, gap, terminal.width));
    }
    lines.extend(omissions(table, &dropped, terminal.width));
    lines
}

/// Which columns found no room, listed as the language of the introduction lists things.
fn omissions(table: &Table, dropped: &[&Column], width: usize) -> Vec<Line> {
    let said = table.omitted.plain();
    let Some(last) = said.chars().last().filter(|_| !dropped.is_empty()) else {
        return Vec::new();
    };
    let (after, between) = match wrap::char_width(last) {
        2 => ("", "、"),
        _ => (" ", ", "),
    };
    let names = dropped.iter().map(|column| column.header.clone());
    let line = Line::from(said).and(after).and(Line::join(names, between));
    wrap(&line.toned(Tone::Dim), width.min(PROSE))
}

fn tracks<'a>(table: &'a Table, glyphs: &Glyphs) -> Vec<Track<'a>> {
    let measure = |(index, column): (usize, &'a Column)| {
        let cells: Vec<Line> = table
            .rows
            .iter()
            .map(|row| text(row, index, glyphs))
            .collect();
        let widest = cells.iter().map(width).max().unwrap_or(0);
        let piece = cells.iter().map(longest_piece).max().unwrap_or(0);
        let header = width(&column.header);
        let natural = widest.max(header).max(column.min_width);
        let words = match column.overflow {
            Overflow::Whole => widest,
            Overflow::Wrap => piece.max(LEAST_WORDS.min(widest)),
            Overflow::Truncate => LEAST_WORDS.min(widest),
        };
        let least_header = longest_piece(&column.header).max(LEAST_HEADER.min(header));
        let pieces = match column.overflow {
            Overflow::Whole => widest,
            Overflow::Wrap => piece,
            Overflow::Truncate => 0,
        };
        Track {
            column,
            index,
            natural,
            least: words.max(least_header).max(column.min_width),
            narrow: pieces.max(longest_piece(&column.header)),
            filled: widest > 0,
        }
    };
    // A column in which no row says anything is left out, where the page can do without it.
    let kept = |track: &Track<'_>| track.filled || track.column.priority == Column::KEEP;
    let tracks = table.columns.iter().enumerate().map(measure);
    tracks.filter(kept).collect()
}

/// Takes out columns, lowest priority first and rightmost of equals, until the others have what they need.
fn drop_columns<'a>(tracks: &mut Vec<Track<'a>>, room: usize) -> Vec<&'a Column> {
    let mut dropped = Vec::new();
    let needed = |tracks: &[Track<'_>]| {
        let gaps = GAPS[1] * tracks.len().saturating_sub(1);
        tracks.iter().map(|track| track.least).sum::<usize>() + gaps
    };
    while needed(tracks) > room {
        let candidates = tracks.iter().enumerate().rev();
        let last = candidates
            .filter(|(_, track)| track.column.priority < Column::KEEP)
            .min_by_key(|(_, track)| track.column.priority)
            .map(|(at, _)| at);
        match last {
            Some(at) => dropped.push(tracks.remove(at)),
            None => break,
        }
    }
    dropped.sort_by_key(|track| track.index);
    dropped.into_iter().map(|track| track.column).collect()
}

/// The widths of columns and of the gap between them.
fn share(tracks: &[Track<'_>], width: usize) -> (Vec<usize>, usize) {
    let between = tracks.len().saturating_sub(1);
    let natural: Vec<usize> = tracks.iter().map(|track| track.natural).collect();
    for gap in GAPS {
        if natural.iter().sum::<usize>() + gap * between <= width {
            return (natural, gap);
        }
    }
    let gap = GAPS[1];
    let room = width.saturating_sub(gap * between);
    let mut widths: Vec<usize> = tracks.iter().map(|track| track.least).collect();
    let mut used: usize = widths.iter().sum();
    // Whoever lacks least first: one long column is broken rather than several.
    let mut by_lack: Vec<usize> = (0..widths.len()).collect();
    by_lack.sort_by_key(|&i| natural[i].saturating_sub(widths[i]));
    for i in by_lack {
        let more = (natural[i].saturating_sub(widths[i])).min(room.saturating_sub(used));
        widths[i] += more;
        used += more;
    }
    // Lines of single words come before broken words, and those before broken names.
    squeeze(&mut widths, room, |i| tracks[i].narrow);
    squeeze(&mut widths, room, |i| match tracks[i].column.overflow {
        Overflow::Whole => tracks[i].narrow,
        Overflow::Wrap | Overflow::Truncate => tracks[i].narrow.min(LEAST_HEADER),
    });
    squeeze(&mut widths, room, |_| 1);
    (widths, gap)
}

/// Takes from the widest of the columns that are still wider than their least.
fn squeeze(widths: &mut [usize], room: usize, least: impl Fn(usize) -> usize) {
    while widths.iter().sum::<usize>() > room {
        let givers = (0..widths.len()).filter(|&i| widths[i] > least(i));
        match givers.max_by_key(|&i| widths[i]) {
            Some(widest) => widths[widest] -= 1,
            None => break,
        }
    }
}

/// What a row says in a column, in the row's tone.
fn text(row: &Row, index: usize, glyphs: &Glyphs) -> Line {
    match row.cells.get(index) {
        Some(Cell::Line(line)) => line.clone().toned(row.emphasis),
        Some(Cell::Meter { share, tone }) => glyphs.meter(*share, *tone),
        None => Line::default(),
    }
}

fn fit(line: &Line, track: &Track<'_>, width: usize, glyphs: &Glyphs) -> Vec<Line> {
    match track.column.overflow {
        Overflow::Truncate => vec![truncate(line, width, glyphs.ellipsis)],
        Overflow::Wrap | Overflow::Whole => wrap(line, width),
    }
}

/// The remark below a row, starting where the row's words do.
fn note(row: &Row, widths: &[usize], gap: usize, width: usize) -> Vec<Line> {
    if row.note.is_empty() {
        return Vec::new();
    }
    // A narrow first column holds a rank or a mark; the words start after it.
    let indent = match widths.first() {
        Some(&first) if first <= 4 && widths.len() > 1 => first + gap,
        _ => 2,
    };
    let note = row.note.clone().toned(Tone::Dim);
    wrap::wrap_after(&spaces(indent), &note, width.min(PROSE))
}

/// Cells of several lines each, beside each other; short ones end early, or start late where `bottom` says so.
fn side_by_side(
    cells: &[Vec<Line>],
    layout: &[(usize, Align)],
    gap: usize,
    bottom: bool,
) -> Vec<Line> {
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |n: usize| {
        let parts = cells.iter().zip(layout).map(|(lines, (width, align))| {
            let first = if bottom { height - lines.len() } else { 0 };
            let line = n.checked_sub(first).and_then(|at| lines.get(at));
            pad(line.cloned().unwrap_or_default(), *width, *align)
        });
        let mut all = Line::default();
        for (at, part) in parts.enumerate() {
            let between = if at == 0 { 0 } else { gap };
            all = all.and(spaces(between)).and(part);
        }
        all
    };
    (0..height).map(line).collect()
}
