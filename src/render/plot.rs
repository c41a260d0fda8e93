//! Plots: characters on a terminal, and SVG for a document.

use super::canvas::Canvas;
use super::glyphs::Glyphs;
use super::page::{Align, Line, Plot, Point, Series, Tone};
use super::scale::{Scale, heights};
use super::terminal::Terminal;
use super::wrap::{pad, spaces, text_width, truncate, wrap};
use crate::sanitize::sanitize;

pub use svg::{sheet, svg};
pub use svg_bars::svg_bars;

mod svg;
mod svg_bars;

/// The size of the drawing, without its axes.
const WIDEST: usize = 112;
const HEIGHT: usize = 15;
/// Narrower, there is nothing to see.
const NARROWEST: usize = 12;
/// Rows a tick of the vertical axis should have for itself.
const ROWS_A_TICK: usize = 3;
/// Columns a tick of the horizontal axis should have for itself.
const COLUMNS_A_TICK: usize = 10;

/// A plot and the scales that hold all its points.
pub(super) struct Scaled<'a> {
    pub(super) plot: &'a Plot,
    pub(super) x: Scale,
    pub(super) y: Scale,
}

impl<'a> Scaled<'a> {
    fn new(plot: &'a Plot, x_ticks: usize, y_ticks: usize) -> Self {
        let points = || plot.series.iter().flat_map(|series| &series.points);
        Self {
            plot,
            x: Scale::new(&plot.x, points().map(|point| point.x), x_ticks),
            y: Scale::new(&plot.y, points().flat_map(heights), y_ticks),
        }
    }

    /// Position of a point on the canvas; `None` where it lies outside of the axes.
    fn position(&self, point: &Point) -> Option<(f64, f64)> {
        Some((self.x.position(point.x)?, self.y.position(point.y)?))
    }

    /// Where its band starts and ends.
    fn band(&self, point: &Point) -> Option<(f64, f64)> {
        let (low, high) = point.band?;
        Some((self.y.position(low)?, self.y.position(high)?))
    }
}

/// Draws a plot in braille dots, with its axes and legend.
pub(super) fn draw(plot: &Plot, terminal: &Terminal) -> Vec<Line> {
    let glyphs = terminal.glyphs();
    let room = terminal.width.min(WIDEST);
    let scaled = Scaled::new(plot, room / COLUMNS_A_TICK, HEIGHT / ROWS_A_TICK);
    let names = scaled.y.ticks.iter().map(|tick| text_width(&tick.1));
    let left = names.max().unwrap_or(0);
    let mut lines = headings(plot, terminal.width);
    let width = room.saturating_sub(left + 2);
    if width < NARROWEST {
        return lines;
    }
    let mut canvas = Canvas::new(width, HEIGHT, terminal.unicode);
    fill(&mut canvas, &scaled, glyphs);
    lines.extend(beside_axis(&canvas, &scaled, left, glyphs));
    lines.extend(below_axis(&canvas, &scaled, left, width, glyphs));
    lines.extend(legend(plot, glyphs, terminal.width));
    lines
}

fn headings(plot: &Plot, width: usize) -> Vec<Line> {
    let title = plot.title.clone().toned(Tone::Strong);
    let label = Line::from(Tone::Dim.span(plot.y.label.as_str()));
    let said = [title, label].into_iter().filter(|line| !line.is_empty());
    said.flat_map(|line| wrap(&line, width)).collect()
}

/// Lines first, then bands, marks over them, names where there is room.
fn fill(canvas: &mut Canvas, scaled: &Scaled<'_>, glyphs: &Glyphs) {
    for series in scaled.plot.series.iter().filter(|series| series.joined) {
        let places: Vec<_> = series
            .points
            .iter()
            .filter_map(|p| scaled.position(p))
            .collect();
        for pair in places.windows(2) {
            canvas.line(pair[0], pair[1], series.tone);
        }
    }
    let points = || {
        let all = scaled.plot.series.iter().enumerate();
        all.flat_map(|(n, series)| series.points.iter().map(move |point| (n, series, point)))
    };
    for (_, series, point) in points() {
        band(canvas, scaled, series, point, glyphs);
    }
    for (n, series, point) in points() {
        if let Some((x, y)) = scaled.position(point) {
            let (x, y) = canvas.place(x, y);
            canvas.mark(x, y, glyphs.point(n), series.tone);
        }
    }
    for (_, _, point) in points() {
        if let Some((x, y)) = scaled.position(point) {
            let at = canvas.place(x, y);
            name(canvas, at, &point.label);
        }
    }
}

fn band(canvas: &mut Canvas, scaled: &Scaled<'_>, series: &Series, point: &Point, glyphs: &Glyphs) {
    let (Some((x, _)), Some((low, high))) = (scaled.position(point), scaled.band(point)) else {
        return;
    };
    let (column, bottom) = canvas.place(x, low);
    let (_, top) = canvas.place(x, high);
    for row in top..=bottom {
        canvas.mark(column, row, glyphs.band, series.tone);
    }
}

/// Beside the mark, or as near as there is room; over a line rather than nowhere.
fn name(canvas: &mut Canvas, (x, y): (usize, usize), label: &str) {
    if label.is_empty() {
        return;
    }
    let label = sanitize(label);
    let width = text_width(&label);
    let right = Some(x + 2);
    let left = x.checked_sub(width + 1);
    let middle = x.checked_sub(width / 2);
    let (above, below) = (y.checked_sub(1), Some(y + 1));
    let spots = [
        (right, Some(y)),
        (left, Some(y)),
        (middle, above),
        (right, above),
        (middle, below),
        (right, below),
        (left, above),
        (left, below),
    ];
    for over in [false, true] {
        for spot in spots {
            if let (Some(x), Some(y)) = spot
                && canvas.write(x, y, &label, Tone::Dim, over)
            {
                return;
            }
        }
    }
}

/// The drawing with the vertical axis and its ticks.
fn beside_axis(canvas: &Canvas, scaled: &Scaled<'_>, left: usize, glyphs: &Glyphs) -> Vec<Line> {
    let [axis, tick, ..] = glyphs.axes;
    let mut names = vec![None; HEIGHT];
    for (share, name) in &scaled.y.ticks {
        let (_, row) = canvas.place(0.0, *share);
        if let Some(slot) = names.get_mut(row) {
            *slot = Some(name.as_str());
        }
    }
    let rows = names.into_iter().zip(canvas.rows());
    rows.map(|(name, row)| {
        let mark = if name.is_some() { tick } else { axis };
        let name = Line::from(Tone::Dim.span(name.unwrap_or_default()));
        let name = pad(name, left, Align::Right);
        name.and(Tone::Dim.span(format!(" {mark}"))).and(row)
    })
    .collect()
}

/// The horizontal axis, its ticks, their names, and what it measures.
fn below_axis(
    canvas: &Canvas,
    scaled: &Scaled<'_>,
    left: usize,
    width: usize,
    glyphs: &Glyphs,
) -> Vec<Line> {
    let [_, _, corner, axis, tick] = glyphs.axes;
    let mut rule: Vec<char> = vec![axis; width];
    let mut names = Line::default();
    let mut used = 0;
    for (share, name) in &scaled.x.ticks {
        let (at, _) = canvas.place(*share, 0.0);
        let size = text_width(name);
        let start = at.saturating_sub(size / 2).min(width.saturating_sub(size));
        // A name needs a space before it, or its tick goes without both.
        if (start > used || used == 0) && start + size <= width {
            rule[at.min(width - 1)] = tick;
            names = names
                .and(spaces(start - used))
                .and(Tone::Dim.span(name.as_str()));
            used = start + size;
        }
    }
    let rule: String = std::iter::once(corner).chain(rule).collect();
    let indent = left + 1;
    let label = Line::from(Tone::Dim.span(scaled.plot.x.label.as_str()));
    let label = truncate(&label, width, glyphs.ellipsis);
    let mut lines = vec![
        spaces(indent).and(Tone::Dim.span(rule)),
        spaces(indent + 1).and(names),
    ];
    if !label.is_empty() {
        lines.push(spaces(indent + 1).and(pad(label, width, Align::Right)));
    }
    lines
}

/// The names of the series.
fn legend(plot: &Plot, glyphs: &Glyphs, width: usize) -> Vec<Line> {
    let named = plot
        .series
        .iter()
        .enumerate()
        .filter(|(_, series)| !series.name.is_empty());
    let entries = named.map(|(n, series)| {
        let name = format!(" {}", series.name).replace(' ', "\u{a0}");
        Line::from(series.tone.span(glyphs.point(n))).and(Tone::Dim.span(name))
    });
    let line = Line::join(entries, "   ");
    match line.is_empty() {
        true => Vec::new(),
        false => wrap(&line, width),
    }
}
