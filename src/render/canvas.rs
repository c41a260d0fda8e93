//! A grid of characters to draw on; each holds two by four dots of braille, or one character.

use super::page::{Line, Tone};
use super::wrap::{char_width, text_width};

/// Dots of a braille character from left to right.
const ACROSS: usize = 2;
const DOWN: usize = 4;
/// The bit of each dot of a braille character, by row and column.
const BITS: [[u8; ACROSS]; DOWN] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// What one character of the canvas shows.
#[derive(Clone, Copy)]
enum Spot {
    Dots(u8, Tone),
    Mark(char, Tone),
    /// The right half of a wide character.
    Covered,
}

/// A grid of characters to draw on.
pub(super) struct Canvas {
    width: usize,
    height: usize,
    spots: Vec<Spot>,
    unicode: bool,
}

impl Canvas {
    pub(super) fn new(width: usize, height: usize, unicode: bool) -> Self {
        Self {
            width,
            height,
            spots: vec![Spot::Dots(0, Tone::Plain); width * height],
            unicode,
        }
    }

    /// The character at a place given by two shares, from the left and from the bottom.
    pub(super) fn place(&self, x: f64, y: f64) -> (usize, usize) {
        let (across, down) = self.dot(x, y);
        (across / ACROSS, down / DOWN)
    }

    /// A line of dots between two such places.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), tone: Tone) {
        let (x0, y0) = self.dot(from.0, from.1);
        let (x1, y1) = self.dot(to.0, to.1);
        let steps = x0.abs_diff(x1).max(y0.abs_diff(y1)).max(1);
        for n in 0..=steps {
            let between = |a: usize, b: usize| {
                let share = n as f64 / steps as f64;
                (a as f64 + (b as f64 - a as f64) * share).round() as usize
            };
            let (x, y) = (between(x0, x1), between(y0, y1));
            let bit = BITS[y % DOWN][x % ACROSS];
            if let Some(Spot::Dots(bits, of)) = self.spot(x / ACROSS, y / DOWN) {
                *bits |= bit;
                *of = tone;
            }
        }
    }

    /// One character, over whatever is there.
    pub(super) fn mark(&mut self, x: usize, y: usize, c: char, tone: Tone) {
        if let Some(spot) = self.spot(x, y) {
            *spot = Spot::Mark(c, tone);
        }
    }

    /// Writes `text` if it fits there, over dots only where `over` allows it.
    pub(super) fn write(&mut self, x: usize, y: usize, text: &str, tone: Tone, over: bool) -> bool {
        let end = x + text_width(text);
        let free = (x..end).all(|x| match self.spot(x, y) {
            Some(Spot::Dots(bits, _)) => over || *bits == 0,
            _ => false,
        });
        if free {
            let mut at = x;
            for c in text.chars() {
                self.mark(at, y, c, tone);
                for half in 1..char_width(c) {
                    if let Some(spot) = self.spot(at + half, y) {
                        *spot = Spot::Covered;
                    }
                }
                at += char_width(c);
            }
        }
        free
    }

    /// The rows, from the top.
    pub(super) fn rows(&self) -> Vec<Line> {
        let rows = self.spots.chunks(self.width.max(1));
        rows.map(|row| self.row(row)).collect()
    }

    fn row(&self, spots: &[Spot]) -> Line {
        let shown = spots.iter().filter_map(|spot| match *spot {
            Spot::Covered => None,
            Spot::Mark(c, tone) => Some(tone.span(c)),
            Spot::Dots(0, _) => Some(Tone::Plain.span(' ')),
            Spot::Dots(bits, tone) if self.unicode => Some(tone.span(braille(bits))),
            Spot::Dots(_, tone) => Some(tone.span('.')),
        });
        shown.collect::<Vec<_>>().into()
    }

    fn spot(&mut self, x: usize, y: usize) -> Option<&mut Spot> {
        match x < self.width && y < self.height {
            true => self.spots.get_mut(y * self.width + x),
            false => None,
        }
    }

    fn dot(&self, x: f64, y: f64) -> (usize, usize) {
        let across = (self.width * ACROSS).saturating_sub(1) as f64;
        let down = (self.height * DOWN).saturating_sub(1) as f64;
        (
            (x * across).round() as usize,
            ((1.0 - y) * down).round() as usize,
        )
    }
}

fn braille(bits: u8) -> char {
    char::from_u32(0x2800 + u32::from(bits)).unwrap_or('.')
}
