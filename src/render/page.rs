//! What a page is made of: shape and tone, never columns of characters and never colours.
//!
//! One function turns one report into a [`Page`]; [`terminal`](super::terminal) and [`markdown`](super::markdown)
//! turn any page into text. Everything is plain data; the methods only make such a function read well.

mod figure;
mod table;

use std::borrow::Cow;

use crate::sanitize::sanitize_lines;

pub use figure::{Axis, Bar, Plot, Point, Segment, Series};
pub use table::{Align, Cell, Column, Overflow, Row, Table};

/// What a run of text means; each renderer decides what that looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Text without a tone of its own.
    #[default]
    Plain,
    /// What the eye should find first.
    Strong,
    /// What may be skipped: units, origins, labels.
    Dim,
    /// What works as it is.
    Good,
    /// What works with a condition.
    Caution,
    /// Something that does not work or does not fit.
    Bad,
    /// A name worth following, a title.
    Accent,
    /// Something to type: a tag, a flag, a command.
    Code,
}

impl Tone {
    /// A run of text in this tone.
    pub fn span(self, text: impl Into<String>) -> Span {
        Span {
            text: safe(text.into()),
            tone: self,
        }
    }
}

/// Names come from files and servers of strangers.
fn safe(text: String) -> String {
    match sanitize_lines(&text) {
        Cow::Owned(safe) => safe,
        Cow::Borrowed(_) => text,
    }
}

/// A run of text in one tone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The words, in any language.
    pub text: String,
    /// What the words mean to the reader.
    pub tone: Tone,
}

/// A line of text: spans, one after the other, with nothing between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Runs of text from left to right, each with its tone.
    pub spans: Vec<Span>,
}

/// A line out of anything that is text: `line!["needs ", Tone::Strong.span("20 GiB")]`.
#[macro_export]
macro_rules! line {
    ($($part:expr),* $(,)?) => {
        $crate::render::page::Line::default()$(.and($part))*
    };
}

impl Line {
    /// This line continued by `next`.
    #[must_use]
    pub fn and(mut self, next: impl Into<Self>) -> Self {
        self.spans.extend(next.into().spans);
        self
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.spans.iter().all(|span| span.text.is_empty())
    }

    /// The words without their tones.
    pub fn plain(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// The same words, those without a tone of their own in `tone`.
    #[must_use]
    pub fn toned(mut self, tone: Tone) -> Self {
        for span in &mut self.spans {
            if span.tone == Tone::Plain {
                span.tone = tone;
            }
        }
        self
    }

    /// All of `lines` in one, `between` each two of them.
    pub fn join(lines: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let mut joined = Self::default();
        for line in lines {
            if !joined.spans.is_empty() {
                joined = joined.and(between);
            }
            joined = joined.and(line);
        }
        joined
    }
}

impl From<Span> for Line {
    fn from(span: Span) -> Self {
        Self { spans: vec![span] }
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Tone::Plain.span(text).into()
    }
}

impl From<&String> for Line {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Tone::Plain.span(text).into()
    }
}

impl<const N: usize> From<[Span; N]> for Line {
    fn from(spans: [Span; N]) -> Self {
        spans.to_vec().into()
    }
}

impl From<Vec<Span>> for Line {
    fn from(spans: Vec<Span>) -> Self {
        Self { spans }
    }
}

/// A report as people read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// From top to bottom. Renderers put the white space between them.
    pub blocks: Vec<Block>,
}

/// One part of a page.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A title (level 1) or the title of a part (2, 3).
    Heading {
        /// 1 is the page's own.
        level: u8,
        /// The words of the title.
        text: Line,
    },
    /// Prose: wrapped where the language allows.
    Paragraph(Line),
    /// Lines that are not joined to a paragraph.
    Lines(Vec<Line>),
    /// Points, each with a bullet.
    List(Vec<Line>),
    /// Names and values in two aligned columns.
    KeyValues(Vec<(Line, Line)>),
    /// A table of rows and columns.
    Table(Table),
    /// Commands or a file to copy; never wrapped.
    Code {
        /// `sh`, `toml`, ...: what a fence in markdown is marked with.
        language: String,
        /// As it is to be copied.
        text: String,
    },
    /// Labelled horizontal bars on one scale, with a legend of their segments.
    Bars(Vec<Bar>),
    /// Points in two dimensions.
    Plot(Plot),
    /// A remark that should not be missed; its tone says how urgent it is.
    Callout {
        /// Good, caution or bad; anything else is a neutral remark.
        tone: Tone,
        /// The words of the remark.
        line: Line,
    },
}

impl Page {
    /// A page that has no blocks yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a block at the end.
    pub fn push(&mut self, block: impl Into<Block>) -> &mut Self {
        self.blocks.push(block.into());
        self
    }

    /// Adds a title: 1 is the page's, 2 and 3 are of its parts.
    pub fn heading(&mut self, level: u8, text: impl Into<Line>) -> &mut Self {
        let text = text.into();
        self.push(Block::Heading { level, text })
    }

    /// Adds prose at the end.
    pub fn paragraph(&mut self, text: impl Into<Line>) -> &mut Self {
        self.push(Block::Paragraph(text.into()))
    }

    /// Adds lines that stay apart.
    pub fn lines(&mut self, lines: impl IntoIterator<Item = impl Into<Line>>) -> &mut Self {
        self.push(Block::Lines(lines.into_iter().map(Into::into).collect()))
    }

    /// Adds a remark of some urgency.
    pub fn callout(&mut self, tone: Tone, text: impl Into<Line>) -> &mut Self {
        let line = text.into();
        self.push(Block::Callout { tone, line })
    }

    /// Adds points with bullets; nothing if there are none.
    pub fn list(&mut self, items: impl IntoIterator<Item = impl Into<Line>>) -> &mut Self {
        let items: Vec<Line> = items.into_iter().map(Into::into).collect();
        match items.is_empty() {
            true => self,
            false => self.push(Block::List(items)),
        }
    }

    /// Adds names and values in two aligned columns.
    pub fn key_values(
        &mut self,
        pairs: impl IntoIterator<Item = (impl Into<Line>, impl Into<Line>)>,
    ) -> &mut Self {
        let pairs = pairs.into_iter().map(|(k, v)| (k.into(), v.into()));
        self.push(Block::KeyValues(pairs.collect()))
    }

    /// Adds commands or a file to copy.
    pub fn code(&mut self, language: &str, text: impl Into<String>) -> &mut Self {
        self.push(Block::Code {
            language: language.to_owned(),
            text: safe(text.into()),
        })
    }
}

impl From<Table> for Block {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl From<Vec<Bar>> for Block {
    fn from(bars: Vec<Bar>) -> Self {
        Self::Bars(bars)
    }
}

impl From<Plot> for Block {
    fn from(plot: Plot) -> Self {
        Self::Plot(plot)
    }
}
