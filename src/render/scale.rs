//! Numbers along an axis, and the round ones among them.

use super::page::{Axis, Point};

/// Part of the range of numbers, from 0 at its low end to 1 at its high end.
pub(super) struct Scale {
    low: f64,
    high: f64,
    log: bool,
    /// Where a mark goes, from 0 to 1, and what it says.
    pub(super) ticks: Vec<(f64, String)>,
}

impl Scale {
    /// A scale that holds all `values`, with about `wanted` ticks.
    pub(super) fn new(axis: &Axis, values: impl Iterator<Item = f64>, wanted: usize) -> Self {
        let fit = |v: &f64| v.is_finite() && (!axis.log || *v > 0.0);
        let named = axis.ticks.iter().map(|tick| tick.0);
        let all: Vec<f64> = values.chain(named).filter(fit).collect();
        let low = all.iter().copied().fold(f64::INFINITY, f64::min);
        let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low > high { (1.0, 2.0) } else { (low, high) };
        let (low, high, round) = match axis.log {
            true => decades(low, high),
            false => steps(low, high, wanted),
        };
        let mut scale = Self {
            low,
            high,
            log: axis.log,
            ticks: Vec::new(),
        };
        let ticks = match axis.ticks.is_empty() {
            true => round,
            false => axis.ticks.clone(),
        };
        let placed = |(value, name)| Some((scale.position(value)?, name));
        scale.ticks = ticks.into_iter().filter_map(placed).collect();
        scale
    }

    /// Where `value` is; `None` for what has no place on this axis.
    pub(super) fn position(&self, value: f64) -> Option<f64> {
        let place = match self.log {
            true => (value / self.low).ln() / (self.high / self.low).ln(),
            // Halves, so that the distance of two huge numbers is a number.
            false => (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0),
        };
        (-1e-9..=1.0 + 1e-9)
            .contains(&place)
            .then(|| place.clamp(0.0, 1.0))
    }
}

/// All values of some points, their bands included.
pub(super) fn heights(point: &Point) -> impl Iterator<Item = f64> {
    let (low, high) = point.band.unwrap_or((point.y, point.y));
    [point.y, low, high].into_iter()
}

/// A number with no more digits than it needs.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1e7 || (size > 0.0 && size < 1e-3) => format!("{value:.2e}"),
        size if size >= 100.0 => format!("{value:.0}"),
        size => {
            let text = if size >= 10.0 {
                format!("{value:.1}")
            } else {
                format!("{value:.3}")
            };
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

type Range = (f64, f64, Vec<(f64, String)>);

/// Ends on round numbers; from zero, where that wastes little.
fn steps(low: f64, high: f64, wanted: usize) -> Range {
    let low = if low > 0.0 && low < high / 2.0 {
        0.0
    } else {
        low
    };
    // One value alone stands in the middle of something.
    let (low, high) = match low == high {
        true => (
            low - low.abs().max(1.0) / 2.0,
            high + high.abs().max(1.0) / 2.0,
        ),
        false => (low, high),
    };
    let rough = (high / 2.0 - low / 2.0) / wanted.max(1) as f64 * 2.0;
    let step = round_up(rough);
    let first = (low / step).floor();
    let last = (high / step).ceil();
    let count = (last - first).clamp(1.0, 100.0) as usize;
    let ticks: Vec<(f64, String)> = (0..=count)
        .map(|n| (first + n as f64) * step)
        .map(|value| (value, rounded(value, step)))
        .collect();
    (first * step, last * step, ticks)
}

/// The next of 1, 2, 5, 10, 20, ...
fn round_up(rough: f64) -> f64 {
    let power = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|n| n * power);
    steps
        .into_iter()
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(rough)
}

fn rounded(value: f64, step: f64) -> String {
    match step {
        step if !(1e-6..1e7).contains(&step) => format!("{value:.1e}"),
        step => {
            let digits = (-step.log10().floor()).max(0.0) as usize;
            // Never "-0".
            format!("{:.digits$}", value + 0.0)
        }
    }
}

/// 1, 2 and 5 of every power of ten; only the powers where there are many.
fn decades(low: f64, high: f64) -> Range {
    let (low, high) = match high / low < 1.5 {
        true => (low / 1.5, high * 1.5),
        false => (low, high),
    };
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let many = powers.clone().count() > 4;
    let digits: &[f64] = if many { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let ticks = powers
        .flat_map(|power| digits.iter().map(move |digit| digit * 10_f64.powi(power)))
        .filter(|value| (low..=high).contains(value))
        .map(|value| (value, number(value)))
        .collect();
    (low, high, ticks)
}
