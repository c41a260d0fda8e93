//! From a command line to the picture of a terminal that ran it: nobody's machine, 80 columns, sixteen colours.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;
use vramfit::app::{self, Environment, Streams};

/// Units of a character's cell.
const CELL: (f64, f64) = (8.4, 18.0);
const MARGIN: f64 = 16.0;
const TERMINAL: &str = "#161b22";
const PLAIN: &str = "#d0d7de";

/// How the characters of a run of text look.
#[derive(Clone, Copy, PartialEq)]
struct Style {
    color: &'static str,
    bold: bool,
    dim: bool,
}

impl Style {
    const PLAIN: Self = Self {
        color: PLAIN,
        bold: false,
        dim: false,
    };

    /// The style that an escape sequence `ESC [ codes m` sets.
    fn of(codes: &str) -> Self {
        codes
            .split(';')
            .fold(Self::PLAIN, |style, code| match code {
                "1" => Self {
                    bold: true,
                    ..style
                },
                "2" => Self { dim: true, ..style },
                "31" => Self {
                    color: "#ff7b72",
                    ..style
                },
                "32" => Self {
                    color: "#7ee787",
                    ..style
                },
                "33" => Self {
                    color: "#e3b341",
                    ..style
                },
                "36" => Self {
                    color: "#76e3ea",
                    ..style
                },
                _ => style,
            })
    }
}

/// The words of a command, and what it prints, as an SVG document.
pub(crate) fn picture(words: &[String]) -> String {
    let mut lines = vec![format!("$ vramfit {}", quoted(words))];
    let printed = printed(words);
    lines.extend(printed.trim_end().lines().map(str::to_owned));
    let columns = 80.0;
    let (width, height) = (
        columns * CELL.0 + 2.0 * MARGIN,
        lines.len() as f64 * CELL.1 + 2.0 * MARGIN,
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace\" font-size=\"14\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{TERMINAL}\"/>\n"
    );
    for (row, line) in lines.iter().enumerate() {
        let y = MARGIN + (row as f64 + 0.75) * CELL.1;
        let mut column = 0;
        for (style, text) in runs(line) {
            let cells: usize = text.chars().filter_map(char::width).sum();
            if !text.trim().is_empty() {
                run(&mut svg, (column, cells), y, style, &text);
            }
            column += cells;
        }
    }
    svg + "</svg>\n"
}

fn run(svg: &mut String, (column, cells): (usize, usize), y: f64, style: Style, text: &str) {
    let x = MARGIN + column as f64 * CELL.0;
    let length = cells as f64 * CELL.0;
    let weight = if style.bold {
        " font-weight=\"700\""
    } else {
        ""
    };
    let opacity = if style.dim { " opacity=\"0.65\"" } else { "" };
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" fill=\"{}\"{weight}{opacity} xml:space=\"preserve\">{text}</text>",
        style.color
    );
}

/// The pieces of a line that look the same.
fn runs(line: &str) -> Vec<(Style, String)> {
    let mut pieces = line.split("\x1b[");
    let mut runs = vec![(Style::PLAIN, pieces.next().unwrap_or_default().to_owned())];
    for piece in pieces {
        let (codes, text) = piece.split_once('m').unwrap_or(("", piece));
        runs.push((Style::of(codes), text.to_owned()));
    }
    runs
}

fn printed(words: &[String]) -> String {
    let environment: Environment = [
        ("LANG", "en_US.UTF-8"),
        ("VRAMFIT_NVML", "/nonexistent/libnvidia-ml.so.1"),
        ("VRAMFIT_ROOT", "/nonexistent"),
        ("OLLAMA_HOST", "127.0.0.1:9"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .collect();
    let streams = Streams {
        input_is_terminal: false,
        output_width: Some(80),
        output_height: None,
    };
    let arguments = ["vramfit"]
        .into_iter()
        .chain(words.iter().map(String::as_str));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    app::run(
        arguments.map(Into::into).collect(),
        environment,
        streams,
        &mut out,
        &mut err,
    );
    String::from_utf8_lossy(&[out, err].concat()).into_owned()
}

/// The words as they are typed.
fn quoted(words: &[String]) -> String {
    let quoted = words.iter().map(|word| match word.contains([' ', '*']) {
        true => format!("'{word}'"),
        false => word.clone(),
    });
    quoted.collect::<Vec<_>>().join(" ")
}
