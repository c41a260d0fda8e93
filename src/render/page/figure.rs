//! Figures: bars and plots, as numbers; renderers draw them.

use super::{Line, Tone};

/// A labelled horizontal bar. All bars of a block share one scale: the longest is as long as there is room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bar {
    /// Words at the left of the bar.
    pub label: Line,
    /// Values from left to right.
    pub segments: Vec<Segment>,
    /// At its right: the number the bar stands for.
    pub value: Line,
}

/// A part of a bar. Segments of one name look alike in all bars of a block and share a line of the legend.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Segment {
    /// What the legend calls it; empty keeps it out of the legend.
    pub name: String,
    /// Its length, in the unit of all bars of the block.
    pub size: f64,
    /// The same as people read it: `18.4 GiB`.
    pub text: String,
    /// [`Tone::Dim`] is drawn light, for what is empty or reserved.
    pub tone: Tone,
}

impl Bar {
    /// A bar that has no segments yet.
    pub fn new(label: impl Into<Line>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// Adds a segment: its name in the legend, its length, and the length as people read it.
    #[must_use]
    pub fn segment(
        mut self,
        name: impl Into<String>,
        size: f64,
        text: impl Into<String>,
        tone: Tone,
    ) -> Self {
        self.segments.push(Segment {
            name: name.into(),
            size,
            text: text.into(),
            tone,
        });
        self
    }

    /// What stands at the right.
    #[must_use]
    pub fn value(mut self, value: impl Into<Line>) -> Self {
        self.value = value.into();
        self
    }

    /// The length of all segments.
    pub fn size(&self) -> f64 {
        self.segments.iter().map(Segment::length).sum()
    }
}

impl Segment {
    /// The length that can be drawn: nothing negative, nothing endless.
    pub fn length(&self) -> f64 {
        match self.size.is_nan() {
            true => 0.0,
            false => self.size.clamp(0.0, LONGEST),
        }
    }
}

/// Far beyond any size, yet the sum of many is a number.
const LONGEST: f64 = 1e30;

/// A plot of points, curves and bands in two dimensions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// Title that stands above the plot.
    pub title: Line,
    /// Values from left to right.
    pub x: Axis,
    /// Values from bottom to top.
    pub y: Axis,
    /// Groups of points, drawn in this order.
    pub series: Vec<Series>,
}

/// An axis of a plot: its name, scale and marks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What is measured, with its unit.
    pub label: String,
    /// Equal ratios are equally far apart. Points that are not above zero are left out.
    pub log: bool,
    /// The marks and their names; empty lets the renderer choose round numbers.
    pub ticks: Vec<(f64, String)>,
}

/// Points that belong together and have one mark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// What the legend calls it.
    pub name: String,
    /// Tone of its marks in a terminal.
    pub tone: Tone,
    /// Whether a line connects the points, in their order.
    pub joined: bool,
    /// The points, joined in this order.
    pub points: Vec<Point>,
}

/// A point of a plot, with its uncertainty and name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Values from left to right.
    pub x: f64,
    /// Values from bottom to top.
    pub y: f64,
    /// From low to high, drawn as a vertical bar, where the value is not known better.
    pub band: Option<(f64, f64)>,
    /// Its name; empty for none.
    pub label: String,
}

impl Axis {
    /// An axis with round numbers.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// Equal ratios are equally far apart.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.log = true;
        self
    }

    /// Marks with names of their own: `[(8192.0, "8K")]`.
    #[must_use]
    pub fn ticks(mut self, ticks: impl IntoIterator<Item = (f64, impl Into<String>)>) -> Self {
        self.ticks = ticks
            .into_iter()
            .map(|(at, name)| (at, name.into()))
            .collect();
        self
    }
}

impl Series {
    /// A plot of separate points.
    pub fn new(
        name: impl Into<String>,
        points: impl IntoIterator<Item = impl Into<Point>>,
    ) -> Self {
        Self {
            name: name.into(),
            points: points.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// A line connects the points.
    #[must_use]
    pub fn joined(mut self) -> Self {
        self.joined = true;
        self
    }

    /// The tone of the marks.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

impl Point {
    /// A point without a name.
    pub fn new(x: f64, y: f64) -> Self {
        Self {
            x,
            y,
            ..Self::default()
        }
    }

    /// Gives the point a name.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// What it may be, from low to high.
    #[must_use]
    pub fn band(mut self, low: f64, high: f64) -> Self {
        self.band = Some((low, high));
        self
    }
}

impl From<(f64, f64)> for Point {
    fn from((x, y): (f64, f64)) -> Self {
        Self::new(x, y)
    }
}
