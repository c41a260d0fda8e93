//! What things are drawn with: box characters and blocks, or ASCII where those may not be shown.

use super::page::{Line, Tone};

/// The characters that bars, plots and marks are drawn with: Unicode or ASCII.
pub(super) struct Glyphs {
    pub(super) rule: char,
    pub(super) bullet: &'static str,
    pub(super) ellipsis: &'static str,
    pub(super) good: &'static str,
    pub(super) caution: &'static str,
    pub(super) bad: &'static str,
    pub(super) remark: &'static str,
    /// Left end, full, empty, right end.
    meter: [char; 4],
    /// Of segments, in the order of the legend.
    fills: &'static [char],
    /// Fills of dim segments, of as many kinds.
    dim_fills: &'static [char],
    /// Of the points of a plot, one a series.
    pub(super) marks: &'static [char],
    /// Draws a band of a plot, from its low end to its high one.
    pub(super) band: char,
    /// The vertical axis, a tick on it, the corner, the horizontal axis, a tick on it.
    pub(super) axes: [char; 5],
}

const UNICODE: Glyphs = Glyphs {
    rule: '─',
    bullet: "•",
    ellipsis: "…",
    good: "✓",
    caution: "!",
    bad: "✗",
    remark: "›",
    meter: ['▕', '█', '░', '▏'],
    fills: &['█', '▓', '▒', '▚', '▌', '▄'],
    dim_fills: &['░', '·'],
    marks: &['●', '◆', '▲', '■', '○', '◇'],
    band: '┃',
    axes: ['│', '┤', '└', '─', '┬'],
};

const ASCII: Glyphs = Glyphs {
    rule: '-',
    bullet: "-",
    ellipsis: "~",
    good: "+",
    caution: "!",
    bad: "x",
    remark: ">",
    meter: ['[', '#', '-', ']'],
    fills: &['#', '=', '+', '*', '%', '@'],
    dim_fills: &['-', '.'],
    marks: &['o', 'x', '+', '*', '@', '%'],
    band: '|',
    axes: ['|', '+', '+', '-', '+'],
};

/// How many characters a meter's scale has.
const METER_STEPS: usize = 8;

impl Glyphs {
    pub(super) fn choose(unicode: bool) -> &'static Self {
        if unicode { &UNICODE } else { &ASCII }
    }

    /// The mark before a remark.
    pub(super) fn mark(&self, tone: Tone) -> &'static str {
        match tone {
            Tone::Good => self.good,
            Tone::Caution => self.caution,
            Tone::Bad => self.bad,
            Tone::Plain | Tone::Strong | Tone::Dim | Tone::Accent | Tone::Code => self.remark,
        }
    }

    /// What the `n`th segment of a tone is filled with.
    pub(super) fn fill(&self, n: usize, tone: Tone) -> char {
        let fills = match tone {
            Tone::Dim => self.dim_fills,
            _ => self.fills,
        };
        fills[n % fills.len()]
    }

    /// The mark of the `n`th series.
    pub(super) fn point(&self, n: usize) -> char {
        self.marks[n % self.marks.len()]
    }

    /// A small bar. Only nothing looks empty, and only everything looks full.
    pub(super) fn meter(&self, share: f64, tone: Tone) -> Line {
        let [left, full, empty, right] = self.meter;
        let share = share.clamp(0.0, 1.0);
        let steps = match (share * METER_STEPS as f64).round() as usize {
            0 if share > 0.0 => 1,
            METER_STEPS if share < 0.995 => METER_STEPS - 1,
            steps => steps,
        };
        let repeat = |c: char, n: usize| c.to_string().repeat(n);
        Line::from([
            Tone::Dim.span(left),
            tone.span(repeat(full, steps)),
            Tone::Dim.span(repeat(empty, METER_STEPS - steps) + &right.to_string()),
        ])
    }
}
