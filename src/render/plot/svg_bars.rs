//! Bars of segments as SVG.

use std::fmt::Write;

use super::svg::{COLORS, COLUMN, INK, WIDTH, document, text};
use crate::render::bars::{Entry, legend};
use crate::render::page::{Bar, Tone};
use crate::render::wrap::width;

const MARGIN: f64 = 16.0;
const GAP: f64 = 12.0;
/// From one bar to the next.
const ROW: f64 = 30.0;
/// The height of a bar.
const THICK: f64 = 16.0;
/// No label or value takes more.
const WIDEST: f64 = 200.0;

/// Bars as an SVG document: labels at the left, values at the right, the legend below.
pub fn svg_bars(bars: &[Bar]) -> String {
    let entries = legend(bars);
    let widest = |columns: fn(&Bar) -> usize| {
        let most = bars.iter().map(columns).max().unwrap_or(0);
        (most as f64 * COLUMN).min(WIDEST)
    };
    let left = MARGIN + widest(|bar| width(&bar.label)) + GAP;
    let right = WIDTH - MARGIN - widest(|bar| width(&bar.value)) - GAP;
    let scale = bars.iter().map(Bar::size).fold(0.0, f64::max);
    // A share first: the ratio of two small sizes is a number, one over a small size may be none.
    let drawn = |size: f64| match scale > 0.0 {
        true => size / scale * (right - left),
        false => 0.0,
    };

    let mut out = String::new();
    let mut y = MARGIN;
    for bar in bars {
        let middle = y + THICK - 4.0;
        text(&mut out, (MARGIN, middle), "start", "", &bar.label.plain());
        strip(&mut out, bar, &entries, (left, y), drawn);
        text(
            &mut out,
            (WIDTH - MARGIN, middle),
            "end",
            "",
            &bar.value.plain(),
        );
        y += ROW;
    }
    let height = explain(&mut out, &entries, (left, y));
    document(height, &out)
}

fn strip(
    out: &mut String,
    bar: &Bar,
    entries: &[Entry<'_>],
    (left, y): (f64, f64),
    drawn: impl Fn(f64) -> f64,
) {
    let mut x = left;
    for segment in &bar.segments {
        let long = drawn(segment.length());
        if let Some(entry) = entries.iter().find(|entry| entry.is_of(segment)) {
            block(out, (x, y), (long, THICK), entry);
        }
        x += long;
    }
}

/// The legend; returns the height of the document that ends below it.
fn explain(out: &mut String, entries: &[Entry<'_>], (left, top): (f64, f64)) -> f64 {
    let (mut x, mut y) = (left, top + 10.0);
    let mut any = false;
    for entry in entries
        .iter()
        .filter(|entry| !entry.segment.name.is_empty())
    {
        let name = entry.segment.name.as_str();
        let long = 16.0 + width(&name.into()) as f64 * COLUMN + GAP;
        if x > left && x + long > WIDTH {
            (x, y) = (left, y + 18.0);
        }
        block(out, (x, y - 9.0), (10.0, 10.0), entry);
        text(out, (x + 16.0, y), "start", "", name);
        x += long;
        any = true;
    }
    if any { y + MARGIN } else { top }
}

/// A filled rectangle in the look of `entry`.
fn block(out: &mut String, at: (f64, f64), size: (f64, f64), entry: &Entry<'_>) {
    let (color, opacity) = match entry.segment.tone {
        Tone::Dim if entry.order == 0 => (INK, 0.45),
        Tone::Dim => (INK, 0.15),
        _ => (COLORS[entry.order % COLORS.len()], 1.0),
    };
    let _ = writeln!(
        out,
        "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{color}\" fill-opacity=\"{opacity}\"/>",
        at.0, at.1, size.0, size.1
    );
}
