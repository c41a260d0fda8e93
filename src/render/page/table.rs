//! Tables: columns that know what to do when there is no room.

use super::{Line, Tone};

/// A table of rows and columns, for terminals, Markdown and HTML.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Columns from left to right.
    pub columns: Vec<Column>,
    /// Rows from top to bottom.
    pub rows: Vec<Row>,
    /// What introduces the names of columns that found no room, such as "not shown at this width:".
    /// Empty: nothing is said about them.
    pub omitted: Line,
}

/// A column: its name, and what happens where it finds no room.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Words at the head of the column.
    pub header: Line,
    /// Side of the column at which its cells stand.
    pub align: Align,
    /// Columns of low priority are dropped first where a terminal is narrow; [`Column::KEEP`] never is.
    pub priority: u8,
    /// Below this many columns of characters it is better dropped than squeezed.
    pub min_width: usize,
    /// What happens to a cell that is wider than its column.
    pub overflow: Overflow,
}

/// At which side of a column its text stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    /// At the left, as words do.
    #[default]
    Left,
    /// At the right, as numbers do.
    Right,
    /// In the middle, as single marks do.
    Center,
}

/// What happens to a cell that is wider than its column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// It continues on the next line, where the language allows.
    #[default]
    Wrap,
    /// It ends in an ellipsis.
    Truncate,
    /// It does not happen: the column is as wide as its widest cell, as long as others can give way.
    Whole,
}

/// A row of a table: its cells and a remark.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// One a column; missing ones are empty.
    pub cells: Vec<Cell>,
    /// The tone of what has no tone of its own.
    pub emphasis: Tone,
    /// A remark below the row, across its columns; empty for none.
    pub note: Line,
}

/// What one row says in one column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, or nothing at all.
    Line(Line),
    /// A small bar; where there are no bars, a percentage.
    Meter {
        /// How full, from 0 to 1.
        share: f64,
        /// Tone of the full part.
        tone: Tone,
    },
}

impl Table {
    /// A table that has no rows yet.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            ..Self::default()
        }
    }

    /// What introduces the names of columns that found no room.
    #[must_use]
    pub fn omitted(mut self, text: impl Into<Line>) -> Self {
        self.omitted = text.into();
        self
    }

    /// Adds a row at the end.
    pub fn push(&mut self, row: impl Into<Row>) -> &mut Self {
        self.rows.push(row.into());
        self
    }
}

impl Column {
    /// The priority of a column that is never dropped.
    pub const KEEP: u8 = u8::MAX;

    /// Words: leaning left, wrapped, never dropped.
    pub fn left(header: impl Into<Line>) -> Self {
        Self {
            header: header.into(),
            align: Align::Left,
            priority: Self::KEEP,
            min_width: 0,
            overflow: Overflow::Wrap,
        }
    }

    /// Numbers: leaning right, never broken.
    pub fn right(header: impl Into<Line>) -> Self {
        Self {
            align: Align::Right,
            ..Self::left(header).whole()
        }
    }

    /// Marks and meters: in the middle, never broken.
    pub fn center(header: impl Into<Line>) -> Self {
        Self {
            align: Align::Center,
            ..Self::left(header).whole()
        }
    }

    /// May be dropped; the lowest priority goes first.
    #[must_use]
    pub fn priority(mut self, priority: u8) -> Self {
        self.priority = priority;
        self
    }

    /// Is dropped rather than squeezed below `width`.
    #[must_use]
    pub fn min_width(mut self, width: usize) -> Self {
        self.min_width = width;
        self
    }

    /// Is never broken while another column can give way: tags, names, commands.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.overflow = Overflow::Whole;
        self
    }

    /// Cells of it stay on one line and end in an ellipsis where they are too long.
    #[must_use]
    pub fn truncate(mut self) -> Self {
        self.overflow = Overflow::Truncate;
        self
    }
}

/// A row of cells of any kinds: `row!["a tag", Cell::meter(0.7, Tone::Good), Tone::Dim.span("b")]`.
#[macro_export]
macro_rules! row {
    ($($cell:expr),* $(,)?) => {
        $crate::render::page::Row::default()$(.cell($cell))*
    };
}

impl Row {
    /// A row of cells of one kind; [`row!`](crate::row) takes any.
    pub fn new(cells: impl IntoIterator<Item = impl Into<Cell>>) -> Self {
        Self {
            cells: cells.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Adds a cell, of whatever kind.
    #[must_use]
    pub fn cell(mut self, cell: impl Into<Cell>) -> Self {
        self.cells.push(cell.into());
        self
    }

    /// The tone of what has no tone of its own.
    #[must_use]
    pub fn emphasis(mut self, tone: Tone) -> Self {
        self.emphasis = tone;
        self
    }

    /// A remark below the row.
    #[must_use]
    pub fn note(mut self, note: impl Into<Line>) -> Self {
        self.note = note.into();
        self
    }
}

impl Cell {
    /// A small bar that is full to `share`, from 0 to 1.
    pub fn meter(share: f64, tone: Tone) -> Self {
        Self::Meter { share, tone }
    }

    /// A cell that says nothing.
    pub fn empty() -> Self {
        Self::Line(Line::default())
    }
}

impl<T: Into<Line>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::Line(text.into())
    }
}

impl<C: Into<Cell>> FromIterator<C> for Row {
    fn from_iter<I: IntoIterator<Item = C>>(cells: I) -> Self {
        Self::new(cells)
    }
}

impl<C: Into<Cell>, const N: usize> From<[C; N]> for Row {
    fn from(cells: [C; N]) -> Self {
        Self::new(cells)
    }
}
