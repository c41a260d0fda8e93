//! A page as GitHub reads it; every column of every table is kept.

use super::page::{Align, Bar, Block, Cell, Column, Line, Page, Plot, Row, Table, Tone};
use super::scale::number;
use crate::sanitize::is_unsafe;

/// The page as markdown, ending with a line break.
pub fn render(page: &Page) -> String {
    let blocks = page.blocks.iter().map(block);
    let blocks: Vec<String> = blocks.filter(|text| !text.is_empty()).collect();
    match blocks.is_empty() {
        true => String::new(),
        false => blocks.join("\n\n") + "\n",
    }
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading { level, text } => {
            let marks = "#".repeat((*level).clamp(1, 6).into());
            // A title is strong already.
            format!("{marks} {}", escape(&text.plain()))
        }
        Block::Paragraph(line) => guarded(&inline(line)),
        Block::Lines(lines) => joined(lines, "", "  \n"),
        Block::List(items) => joined(items, "- ", "\n"),
        Block::KeyValues(pairs) => {
            let items: Vec<String> = pairs.iter().map(pair).collect();
            items.join("\n")
        }
        Block::Table(table) => self::table(table),
        Block::Code { language, text } => fenced(language, text),
        Block::Bars(all) => table(&bars(all)),
        Block::Plot(figure) => plot(figure),
        Block::Callout { tone, line } => {
            // GitHub's alerts, where the tone has one.
            let kind = match tone {
                Tone::Good => "TIP",
                Tone::Caution => "WARNING",
                Tone::Bad => "CAUTION",
                Tone::Plain | Tone::Strong | Tone::Dim | Tone::Accent | Tone::Code => "NOTE",
            };
            format!("> [!{kind}]\n> {}", guarded(&inline(line)))
        }
    }
}

fn joined(lines: &[Line], before: &str, between: &str) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{before}{}", guarded(&inline(line))))
        .collect();
    lines.join(between)
}

fn pair((name, value): &(Line, Line)) -> String {
    format!("- **{}**: {}", escape(&name.plain()), inline(value))
}

/// A fence longer than any in the text.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!(
        "{fence}{language}\n{}\n{fence}",
        text.trim_end_matches('\n')
    )
}

/// The narrowest rule that every reader of markdown takes for one.
const LEAST: u16 = 3;

fn table(table: &Table) -> String {
    let columns = &table.columns;
    if columns.is_empty() {
        return String::new();
    }
    let mut drawn = comfy_table::Table::new();
    drawn
        .load_style(comfy_table::presets::ASCII_MARKDOWN)
        .set_content_arrangement(comfy_table::ContentArrangement::Disabled)
        .set_header(columns.iter().map(|column| inline(&column.header)))
        .add_rows(table.rows.iter().map(|row| cells(row, columns.len())));
    for (column, of) in drawn.column_iter_mut().zip(columns) {
        column.set_constraint(comfy_table::ColumnConstraint::LowerBoundary(
            // Two spaces are the cell's own padding.
            comfy_table::Width::Fixed(LEAST + 2),
        ));
        column.set_cell_alignment(match of.align {
            Align::Left => comfy_table::CellAlignment::Left,
            Align::Right => comfy_table::CellAlignment::Right,
            Align::Center => comfy_table::CellAlignment::Center,
        });
    }
    let mut lines: Vec<String> = drawn.lines().collect();
    // The drawn rule does not say how columns are aligned.
    if let Some(rule) = lines.get_mut(1) {
        let widths: Vec<usize> = rule.split('|').map(str::len).filter(|n| *n > 0).collect();
        let marks = columns.iter().zip(widths);
        let marks: Vec<String> = marks
            .map(|(c, w)| mark(c.align, w.saturating_sub(2)))
            .collect();
        *rule = format!("| {} |", marks.join(" | "));
    }
    lines.join("\n")
}

fn mark(align: Align, width: usize) -> String {
    match align {
        Align::Left => "-".repeat(width),
        Align::Right => "-".repeat(width - 1) + ":",
        Align::Center => format!(":{}:", "-".repeat(width - 2)),
    }
}

/// A row's cells, as many as there are columns; its remark goes below its first words.
fn cells(row: &Row, columns: usize) -> Vec<String> {
    let mut cells: Vec<String> = (0..columns)
        .map(|at| match row.cells.get(at) {
            Some(Cell::Line(line)) if row.emphasis == Tone::Strong => {
                inline(&line.clone().toned(Tone::Strong))
            }
            Some(Cell::Line(line)) => inline(line),
            Some(Cell::Meter { share, .. }) => format!("{:.0} %", share * 100.0),
            None => String::new(),
        })
        .collect();
    let words = (0..columns).find(|&at| cells[at].chars().any(char::is_alphabetic));
    if let (false, Some(at)) = (row.note.is_empty(), words.or(columns.checked_sub(1))) {
        let note = inline(&row.note);
        cells[at] = format!("{}<br>{note}", cells[at]);
    }
    cells
}

/// One column a kind of segment.
fn bars(bars: &[Bar]) -> Table {
    let mut names: Vec<&str> = Vec::new();
    for segment in bars.iter().flat_map(|bar| &bar.segments) {
        if !segment.name.is_empty() && !names.contains(&segment.name.as_str()) {
            names.push(&segment.name);
        }
    }
    let label = Column::left("");
    let segments = names.iter().map(|name| Column::right(*name));
    let columns = std::iter::once(label)
        .chain(segments)
        .chain([Column::right("")]);
    let mut table = Table::new(columns);
    for bar in bars {
        let size = |name: &&str| {
            let segment = bar.segments.iter().find(|segment| segment.name == *name);
            segment.map_or(String::new(), |segment| match segment.text.is_empty() {
                true => number(segment.size),
                false => segment.text.clone(),
            })
        };
        let label = std::iter::once(bar.label.clone());
        let sizes = names.iter().map(size).map(Line::from);
        table.push(
            label
                .chain(sizes)
                .chain([bar.value.clone()])
                .collect::<Row>(),
        );
    }
    table
}

/// The points of a plot, in a table.
fn plot(plot: &Plot) -> String {
    let series = plot.series.iter().any(|series| !series.name.is_empty());
    let labels = plot
        .series
        .iter()
        .flat_map(|s| &s.points)
        .any(|point| !point.label.is_empty());
    let words = [series, labels].into_iter().filter(|shown| *shown);
    let words = words.map(|_| Column::left(""));
    let numbers = [&plot.x, &plot.y].map(|axis| Column::right(axis.label.as_str()));
    let mut points = Table::new(words.chain(numbers));
    for one in &plot.series {
        for point in &one.points {
            let x = plot.x.ticks.iter().find(|tick| tick.0 == point.x);
            let x = x.map_or_else(|| number(point.x), |tick| tick.1.clone());
            let y = match point.band {
                Some((low, high)) => format!("{} – {}", number(low), number(high)),
                None => number(point.y),
            };
            let words = [(series, &one.name), (labels, &point.label)];
            let words = words
                .into_iter()
                .filter(|word| word.0)
                .map(|word| word.1.clone());
            points.push(words.chain([x, y]).collect::<Row>());
        }
    }
    let title = plot.title.plain();
    match title.is_empty() {
        true => table(&points),
        false => format!("**{}**\n\n{}", escape(&title), table(&points)),
    }
}

/// A line's words, marked where their tone has a mark; tones that are colours have none.
fn inline(line: &Line) -> String {
    line.spans
        .iter()
        .map(|span| match span.tone {
            Tone::Strong => around(&span.text, "**"),
            Tone::Code => code(&span.text),
            Tone::Plain | Tone::Dim | Tone::Good | Tone::Caution | Tone::Bad | Tone::Accent => {
                escape(&span.text)
            }
        })
        .collect()
}

/// Marks hold only next to words: spaces stay outside.
fn around(text: &str, mark: &str) -> String {
    let words = text.trim();
    if words.is_empty() {
        return escape(text);
    }
    let start = text.len() - text.trim_start().len();
    let (before, after) = (&text[..start], &text[start + words.len()..]);
    format!(
        "{}{mark}{}{mark}{}",
        escape(before),
        escape(words),
        escape(after)
    )
}

fn code(text: &str) -> String {
    // Not every reader takes a pipe behind two backslashes for part of a cell.
    let ends_cell = text.contains("\\|");
    match text.trim().is_empty() || text.contains('`') || ends_cell {
        true => escape(text),
        // A pipe ends a cell even here.
        false => format!("`{}`", text.replace(['\n', '\r'], " ").replace('|', "\\|")),
    }
}

/// Words that mean only themselves.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let inside = before.is_alphanumeric() && rest.peek().is_some_and(|c| c.is_alphanumeric());
        match c {
            // The one in `q4_K_M` marks nothing.
            '_' if inside => escaped.push('_'),
            '\\' | '`' | '*' | '_' | '~' | '|' | '[' | ']' => escaped.extend(['\\', c]),
            '<' => escaped.push_str("&lt;"),
            c if is_unsafe(c) => escaped.push(' '),
            c => escaped.push(c),
        }
        before = c;
    }
    escaped
}

/// A text that starts like a title, a list or a quotation, and is none.
fn guarded(text: &str) -> String {
    match text.starts_with(['#', '>', '-', '+', '=']) {
        true => format!("\\{text}"),
        false => text.to_owned(),
    }
}
