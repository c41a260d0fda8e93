//! Bars of segments, and the legend that tells them apart without colour too.

use super::glyphs::Glyphs;
use super::page::{Align, Bar, Line, Segment, Tone};
use super::terminal::Terminal;
use super::wrap::{pad, spaces, truncate, width, wrap};

/// The longest bar is not longer, however wide the terminal.
const LONGEST: usize = 72;
/// Below this a bar says nothing; its number does.
const SHORTEST: usize = 4;
/// Between label, bar and value.
const GAP: usize = 2;

/// One look of segments: how they are called and toned, and which they are among those of a kind, dim or not.
pub(super) struct Entry<'a> {
    pub(super) segment: &'a Segment,
    pub(super) order: usize,
}

impl Entry<'_> {
    /// Whether this is the look of `segment`.
    pub(super) fn is_of(&self, segment: &Segment) -> bool {
        self.segment.name == segment.name && self.segment.tone == segment.tone
    }

    fn fill(&self, glyphs: &Glyphs) -> char {
        glyphs.fill(self.order, self.segment.tone)
    }
}

/// The bars, one a line, then their legend.
pub(super) fn draw(bars: &[Bar], terminal: &Terminal) -> Vec<Line> {
    let glyphs = terminal.glyphs();
    let legend = legend(bars);
    let widest = |part: fn(&Bar) -> &Line| bars.iter().map(|bar| width(part(bar))).max();
    let values = widest(|bar| &bar.value).unwrap_or(0);
    let labels = widest(|bar| &bar.label)
        .unwrap_or(0)
        .min(terminal.width * 2 / 5);
    let room = terminal
        .width
        .saturating_sub(labels + values + 2 * GAP)
        .min(LONGEST);
    let scale = bars.iter().map(Bar::size).fold(0.0, f64::max);

    let draw_one = |bar: &Bar| {
        let label = truncate(&bar.label, labels, glyphs.ellipsis);
        let line = pad(label, labels + GAP, Align::Left);
        let line = match room < SHORTEST {
            true => line,
            false => line.and(pad(
                strip(bar, &legend, scale, room, glyphs),
                room + GAP,
                Align::Left,
            )),
        };
        line.and(pad(bar.value.clone(), values, Align::Right))
    };
    let mut lines: Vec<Line> = bars.iter().map(draw_one).collect();
    lines.extend(explain(&legend, bars.len() == 1, terminal));
    lines
}

/// The segments of one bar.
fn strip(bar: &Bar, legend: &[Entry<'_>], scale: f64, room: usize, glyphs: &Glyphs) -> Line {
    let mut line = Line::default();
    for (segment, cells) in bar.segments.iter().zip(cells(bar, scale, room)) {
        let entry = legend.iter().find(|entry| entry.is_of(segment));
        let fill = entry.map_or(' ', |entry| entry.fill(glyphs));
        line = line.and(segment.tone.span(fill.to_string().repeat(cells)));
    }
    line
}

/// How many characters each segment gets: what is there is seen, and the whole is as long as it should be.
fn cells(bar: &Bar, scale: f64, room: usize) -> Vec<usize> {
    let drawn = |size: f64| match size > 0.0 && scale > 0.0 {
        true => ((size / scale * room as f64).round() as usize).clamp(1, room),
        false => 0,
    };
    let whole = drawn(bar.size());
    let mut cells: Vec<usize> = bar
        .segments
        .iter()
        .map(|part| drawn(part.length()))
        .collect();
    while cells.iter().sum::<usize>() != whole {
        let used: usize = cells.iter().sum();
        // The longest segment hides the rounding of all.
        match cells.iter_mut().max() {
            Some(longest) if used < whole => *longest += 1,
            Some(longest) => *longest -= 1,
            None => break,
        }
    }
    cells
}

/// One entry for each kind of segment, in the order of their appearance.
pub(super) fn legend(bars: &[Bar]) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for segment in bars.iter().flat_map(|bar| &bar.segments) {
        if entries.iter().any(|entry| entry.is_of(segment)) {
            continue;
        }
        let dim = |tone: Tone| tone == Tone::Dim;
        let order = entries
            .iter()
            .filter(|entry| dim(entry.segment.tone) == dim(segment.tone))
            .count();
        entries.push(Entry { segment, order });
    }
    entries
}

/// The legend; a single bar's has room for the numbers.
fn explain(legend: &[Entry<'_>], numbers: bool, terminal: &Terminal) -> Vec<Line> {
    let named = legend.iter().filter(|entry| !entry.segment.name.is_empty());
    let entries = named.map(|entry| {
        let segment = entry.segment;
        let name = match numbers && !segment.text.is_empty() {
            true => format!(" {} {}", segment.name, segment.text),
            false => format!(" {}", segment.name),
        };
        Line::from(segment.tone.span(entry.fill(terminal.glyphs()))).and(Tone::Dim.span(name))
    });
    // An entry stays together.
    let mut lines: Vec<Line> = Vec::new();
    for entry in entries {
        match lines.last_mut() {
            Some(last) if width(last) + BETWEEN + width(&entry) <= terminal.width => {
                *last = std::mem::take(last).and(spaces(BETWEEN)).and(entry);
            }
            _ => lines.extend(wrap(&entry, terminal.width)),
        }
    }
    lines
}

/// Columns between two entries of a legend.
const BETWEEN: usize = 3;
