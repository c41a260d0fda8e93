//! A page as one HTML file: no script, nothing from elsewhere, light and dark, and as good on paper.

use super::page::{Align, Block, Cell, Column, Line, Overflow, Page, Row, Span, Table, Tone};
use super::plot::{svg, svg_bars};
use super::xml::escaped;
use crate::lang::Lang;

const STYLE: &str = include_str!("html/page.css");

/// The page as an HTML document.
pub fn render(page: &Page, lang: Lang, title: &str) -> String {
    let language = match lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    };
    let blocks: Vec<String> = page.blocks.iter().map(block).collect();
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        escaped(title),
        blocks.concat()
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Heading { level, text } => {
            let level = (*level).clamp(1, 6);
            format!("<h{level}>{}</h{level}>\n", inline(text))
        }
        Block::Paragraph(line) => format!("<p>{}</p>\n", inline(line)),
        Block::Lines(lines) => {
            let lines: Vec<String> = lines.iter().map(inline).collect();
            format!("<p>{}</p>\n", lines.join("<br>\n"))
        }
        Block::List(items) => format!("<ul>\n{}</ul>\n", each("li", items)),
        Block::KeyValues(pairs) => {
            let pair = |(name, value): &(Line, Line)| {
                format!("<dt>{}</dt><dd>{}</dd>\n", inline(name), inline(value))
            };
            let pairs: String = pairs.iter().map(pair).collect();
            format!("<dl>\n{pairs}</dl>\n")
        }
        Block::Table(table) => self::table(table),
        Block::Code { text, .. } => {
            let lines: Vec<String> = text.trim_end().lines().map(escaped).collect();
            format!("<pre><code>{}</code></pre>\n", lines.join("\n"))
        }
        Block::Bars(bars) => format!("<figure>\n{}</figure>\n", svg_bars(bars)),
        Block::Plot(plot) => format!("<figure>\n{}</figure>\n", svg(plot)),
        Block::Callout { tone, line } => {
            let class = class(*tone).unwrap_or("note");
            format!("<aside class=\"{class}\">{}</aside>\n", inline(line))
        }
    }
}

fn each(name: &str, lines: &[Line]) -> String {
    let item = |line: &Line| format!("<{name}>{}</{name}>\n", inline(line));
    lines.iter().map(item).collect()
}

fn inline(line: &Line) -> String {
    line.spans.iter().map(span).collect()
}

fn span(span: &Span) -> String {
    let words = escaped(&span.text);
    match span.tone {
        Tone::Plain => words,
        Tone::Strong => format!("<strong>{words}</strong>"),
        Tone::Code => format!("<code>{words}</code>"),
        tone => match class(tone) {
            Some(class) => format!("<span class=\"{class}\">{words}</span>"),
            None => words,
        },
    }
}

/// How the style calls a tone.
fn class(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Dim => Some("dim"),
        Tone::Good => Some("good"),
        Tone::Caution => Some("caution"),
        Tone::Bad => Some("bad"),
        Tone::Accent => Some("accent"),
        Tone::Plain | Tone::Strong | Tone::Code => None,
    }
}

/// Every column that has something to say: a page can be scrolled.
fn table(table: &Table) -> String {
    let head: String = (0..table.columns.len())
        .filter(|at| says(table, *at))
        .filter_map(|at| table.columns.get(at))
        .map(|column| cell("th", column, &inline(&column.header)))
        .collect();
    let rows: String = table.rows.iter().map(|row| self::row(table, row)).collect();
    format!(
        "<div class=\"table\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

/// Whether a column has a cell with something in it.
fn says(table: &Table, column: usize) -> bool {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(column));
    cells
        .into_iter()
        .any(|cell| !matches!(cell, Cell::Line(line) if line.is_empty()))
}

/// A row, its remark below its first words.
fn row(table: &Table, row: &Row) -> String {
    let mut cells: Vec<String> = (0..table.columns.len())
        .map(|at| match row.cells.get(at) {
            Some(Cell::Line(line)) => inline(line),
            Some(Cell::Meter { share, tone }) => meter(*share, *tone),
            None => String::new(),
        })
        .collect();
    let is_words = |cell: &&Cell| matches!(cell, Cell::Line(line) if line.plain().chars().any(char::is_alphabetic));
    let first = row.cells.iter().position(|cell| is_words(&cell));
    if let (false, Some(cell)) = (row.note.is_empty(), cells.get_mut(first.unwrap_or(0))) {
        *cell = format!("{cell}<br><small>{}</small>", inline(&row.note));
    }
    let columns = table.columns.iter().zip(&cells).enumerate();
    let cells: String = columns
        .filter(|(at, _)| says(table, *at))
        .map(|(_, (of, text))| cell("td", of, text))
        .collect();
    match row.emphasis {
        Tone::Strong => format!("<tr class=\"strong\">{cells}</tr>\n"),
        tone => match class(tone) {
            Some(class) => format!("<tr class=\"{class}\">{cells}</tr>\n"),
            None => format!("<tr>{cells}</tr>\n"),
        },
    }
}

fn cell(name: &str, column: &Column, text: &str) -> String {
    let class = match column.align {
        Align::Left => match column.overflow {
            Overflow::Whole => " class=\"whole\"",
            Overflow::Truncate => " class=\"words\"",
            Overflow::Wrap => "",
        },
        Align::Right => " class=\"right\"",
        Align::Center => " class=\"center\"",
    };
    format!("<{name}{class}>{text}</{name}>")
}

/// A share of something as a bar, which is also said for who does not see it.
fn meter(share: f64, tone: Tone) -> String {
    let percent = (share.clamp(0.0, 1.0) * 100.0).round();
    let class = class(tone).unwrap_or("accent");
    format!(
        "<span class=\"meter\" role=\"img\" aria-label=\"{percent} %\" title=\"{percent} %\">\
         <span class=\"{class}\" style=\"width:{percent}%\"></span></span>"
    )
}
