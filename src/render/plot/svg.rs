//! A plot as SVG: no scripts, no fonts of its own, and colours that are legible on light and on dark.

use std::fmt::Write;

use super::Scaled;
use crate::render::page::{Plot, Point};
use crate::render::wrap::text_width;
use crate::render::xml::escaped;

pub(super) const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 80.0;
const BOTTOM: f64 = 56.0;
/// Colour of text, axes and grid: legible on light and on dark.
pub(super) const INK: &str = "#7d8590";
/// Colours of the series, in their order.
pub(super) const COLORS: [&str; 6] = [
    "#3b8bd4", "#d9822b", "#3aa15f", "#b85ca0", "#8a6fd1", "#c9504d",
];
/// The columns of text become about this many units.
pub(super) const COLUMN: f64 = 6.4;

/// A plot as an SVG document.
pub fn svg(plot: &Plot) -> String {
    let scaled = Scaled::new(plot, 8, 6);
    let mut out = String::new();
    let title = plot.title.plain();
    if !title.is_empty() {
        element(&mut out, "title", "", &title);
        let look = "font-size=\"15\" font-weight=\"600\"";
        text(&mut out, (LEFT, 22.0), "start", look, &title);
    }
    legend(&mut out, plot);
    axes(&mut out, &scaled);
    points(&mut out, &scaled);
    document(HEIGHT, &out)
}

/// Several plots, one below the other, as one SVG document.
pub fn sheet(plots: &[Plot]) -> String {
    let mut out = String::new();
    for (n, plot) in plots.iter().enumerate() {
        let _ = write!(
            out,
            "<g transform=\"translate(0 {})\">\n{}</g>\n",
            n as f64 * HEIGHT,
            svg(plot)
        );
    }
    document(HEIGHT * plots.len().max(1) as f64, &out)
}

/// What is drawn, in a document that says how large it is.
pub(super) fn document(height: f64, drawn: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"11\" \
         fill=\"{INK}\">\n{drawn}</svg>\n"
    )
}

/// From shares of the drawing to units of the document.
fn place((x, y): (f64, f64)) -> (f64, f64) {
    (
        LEFT + x * (WIDTH - LEFT - RIGHT),
        HEIGHT - BOTTOM - y * (HEIGHT - TOP - BOTTOM),
    )
}

fn axes(out: &mut String, scaled: &Scaled<'_>) {
    for (share, name) in &scaled.y.ticks {
        let (x, y) = place((0.0, *share));
        stroke(
            out,
            (x, y),
            (WIDTH - RIGHT, y),
            INK,
            " stroke-opacity=\"0.25\"",
        );
        text(out, (x - 8.0, y + 4.0), "end", "", name);
    }
    for (share, name) in &scaled.x.ticks {
        let (x, y) = place((*share, 0.0));
        stroke(out, (x, y), (x, y + 5.0), INK, "");
        text(out, (x, y + 19.0), "middle", "", name);
    }
    let (x, y) = place((0.0, 0.0));
    stroke(out, (x, y), (WIDTH - RIGHT, y), INK, "");
    let plot = scaled.plot;
    text(
        out,
        (WIDTH - RIGHT, HEIGHT - 14.0),
        "end",
        "",
        &plot.x.label,
    );
    text(out, (LEFT, TOP - 12.0), "start", "", &plot.y.label);
}

/// Lines and bands first, then all points, then the names that find room beside them.
fn points(out: &mut String, scaled: &Scaled<'_>) {
    let mut named: Vec<(&str, (f64, f64))> = Vec::new();
    let mut taken = Vec::new();
    for (n, series) in scaled.plot.series.iter().enumerate() {
        let color = COLORS[n % COLORS.len()];
        let placed: Vec<(&Point, (f64, f64))> = series
            .points
            .iter()
            .filter_map(|point| Some((point, place(scaled.position(point)?))))
            .collect();
        if series.joined && placed.len() > 1 {
            polyline(out, &placed, color);
        }
        for (point, (x, y)) in placed {
            if let Some((low, high)) = scaled.band(point) {
                let (_, bottom) = place((0.0, low));
                let (_, top) = place((0.0, high));
                let wide = " stroke-width=\"4\" stroke-opacity=\"0.4\" stroke-linecap=\"round\"";
                stroke(out, (x, bottom), (x, top), color, wide);
            }
            dot(out, (x, y), color);
            taken.push((x - 4.0, y - 4.0, x + 4.0, y + 4.0));
            named.push((&point.label, (x, y)));
        }
    }
    for (label, at) in named {
        name(out, at, label, &mut taken);
    }
}

fn polyline(out: &mut String, placed: &[(&Point, (f64, f64))], color: &str) {
    let path: Vec<String> = placed
        .iter()
        .map(|(_, (x, y))| format!("{x:.1},{y:.1}"))
        .collect();
    let path = path.join(" ");
    let _ = writeln!(
        out,
        "<polyline points=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>"
    );
}

fn dot(out: &mut String, (x, y): (f64, f64), color: &str) {
    let _ = writeln!(
        out,
        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{color}\"/>"
    );
}

/// Left, top, right and bottom edge, in pixels.
type Area = (f64, f64, f64, f64);

/// Above the point, beside or below it, wherever nothing else is: lines rather pass beside points than above.
fn name(out: &mut String, (x, y): (f64, f64), label: &str, taken: &mut Vec<Area>) {
    if label.is_empty() {
        return;
    }
    let width = text_width(label) as f64 * COLUMN;
    let spots = [
        (x - width / 2.0, y - 8.0),
        (x + 7.0, y + 4.0),
        (x - width / 2.0, y + 16.0),
        (x - 7.0 - width, y + 4.0),
    ];
    for (x, y) in spots {
        let area = (x, y - 9.0, x + width, y + 3.0);
        let inside = area.0 >= LEFT && area.2 <= WIDTH;
        if inside && !taken.iter().any(|other| overlap(area, *other)) {
            taken.push(area);
            return text(out, (x, y), "start", "", label);
        }
    }
}

fn overlap(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// The names of the series, below the title.
fn legend(out: &mut String, plot: &Plot) {
    let mut x = LEFT;
    let y = 42.0;
    for (n, series) in plot.series.iter().enumerate() {
        if series.name.is_empty() {
            continue;
        }
        dot(out, (x + 4.0, y - 4.0), COLORS[n % COLORS.len()]);
        text(out, (x + 14.0, y), "start", "", &series.name);
        x += 14.0 + text_width(&series.name) as f64 * COLUMN + 16.0;
    }
}

fn stroke(out: &mut String, from: (f64, f64), to: (f64, f64), color: &str, more: &str) {
    let _ = writeln!(
        out,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{color}\"{more}/>",
        from.0, from.1, to.0, to.1
    );
}

pub(super) fn text(out: &mut String, (x, y): (f64, f64), anchor: &str, more: &str, words: &str) {
    if !words.is_empty() {
        let place = format!(" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" {more}");
        element(out, "text", place.trim_end(), words);
    }
}

fn element(out: &mut String, name: &str, attributes: &str, words: &str) {
    let _ = writeln!(out, "<{name}{attributes}>{}</{name}>", escaped(words));
}
