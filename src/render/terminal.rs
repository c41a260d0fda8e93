//! A page on a terminal: hierarchy by white space and tone, no frames.

use super::ascii::ascii;
use super::glyphs::Glyphs;
use super::page::{Block, Line, Page, Tone};
use super::wrap::{self, PROSE, spaces};
use super::{bars, grid, plot};
use crate::sanitize::is_unsafe;

/// What the terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Columns that no line is wider than.
    pub width: usize,
    /// Whether tones become colours; without, there is no escape sequence at all.
    pub color: bool,
    /// Whether it shows more than ASCII for what is drawn; words are written as they are.
    pub unicode: bool,
}

impl Default for Terminal {
    fn default() -> Self {
        Self {
            width: 80,
            color: false,
            unicode: true,
        }
    }
}

impl Terminal {
    pub(super) fn glyphs(&self) -> &'static Glyphs {
        Glyphs::choose(self.unicode)
    }

    /// Columns at which prose is wrapped: less than a wide terminal has.
    fn prose(&self) -> usize {
        self.width.min(PROSE)
    }
}

/// The page as text, ending with a line break.
pub fn render(page: &Page, terminal: &Terminal) -> String {
    let mut text = String::new();
    let mut before = None;
    for block in &page.blocks {
        if before.is_some_and(|before| apart(before, block)) {
            text.push('\n');
        }
        for line in draw(block, terminal) {
            // Every block but commands keeps to the width by itself; this keeps the promise where one cannot.
            let line = match block {
                Block::Code { .. } => line,
                _ => wrap::truncate(&line, terminal.width, ""),
            };
            paint(&line, terminal.color, &mut text);
        }
        before = Some(block);
    }
    match terminal.unicode {
        true => text,
        false => ascii(&text),
    }
}

/// Whether an empty line separates two blocks: always, except below a title and what belongs to it.
fn apart(before: &Block, next: &Block) -> bool {
    match (before, next) {
        (Block::Heading { level: 1, .. }, Block::Paragraph(_) | Block::Lines(_)) => false,
        (Block::Heading { level: 1, .. }, _) => true,
        (Block::Heading { .. }, _) => false,
        (Block::Callout { .. }, Block::Callout { .. }) => false,
        _ => true,
    }
}

fn draw(block: &Block, terminal: &Terminal) -> Vec<Line> {
    let glyphs = terminal.glyphs();
    match block {
        Block::Heading { level, text } => {
            let tone = if *level <= 1 {
                Tone::Accent
            } else {
                Tone::Strong
            };
            wrap::wrap(&text.clone().toned(tone), terminal.width)
        }
        Block::Paragraph(line) => wrap::wrap(line, terminal.prose()),
        Block::Lines(lines) => lines
            .iter()
            .flat_map(|line| wrap::wrap(line, terminal.width))
            .collect(),
        Block::List(items) => {
            let bullet = marked(glyphs.bullet, Tone::Dim);
            items
                .iter()
                .flat_map(|item| wrap::wrap_after(&bullet, item, terminal.prose()))
                .collect()
        }
        Block::KeyValues(pairs) => grid::pairs(pairs, terminal),
        Block::Table(table) => grid::table(table, terminal),
        Block::Code { language, text } => code(language, text, terminal.width),
        Block::Bars(all) => bars::draw(all, terminal),
        Block::Plot(figure) => plot::draw(figure, terminal),
        Block::Callout { tone, line } => {
            let mark = marked(glyphs.mark(*tone), *tone);
            wrap::wrap_after(&mark, line, terminal.prose())
        }
    }
}

/// A line across `width` columns.
pub(super) fn rule(glyphs: &Glyphs, width: usize) -> Line {
    Tone::Dim.span(glyphs.rule.to_string().repeat(width)).into()
}

fn marked(mark: &str, tone: Tone) -> Line {
    Line::from(tone.span(mark)).and(" ")
}

/// What is copied stays whole: a command that is longer than the window goes on as a shell reads it, another line is left
/// to the terminal, which gives back unbroken what it broke itself.
fn code(language: &str, text: &str, width: usize) -> Vec<Line> {
    let shell = matches!(language, "sh" | "bash" | "shell" | "console");
    let room = width.saturating_sub(CODE_INDENT);
    // A tab would not be as wide as it is counted.
    let shown = |line: &str| line.replace(is_unsafe, " ");
    text.lines()
        .flat_map(|line| match shell {
            true => continued(&shown(line), room),
            false => vec![shown(line)],
        })
        .map(|line| spaces(CODE_INDENT).and(Tone::Code.span(line)))
        .collect()
}

/// Lines of help at most so wide: what stands after a gap is continued below where it began, or below the line where
/// that leaves it no room.
pub fn hanging(help: &str, width: usize) -> String {
    let mut text = String::new();
    for line in help.lines() {
        // No text has more columns than bytes, and most lines are short and of plain letters.
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~');
        if line.len() <= width && line.bytes().all(is_plain) {
            text += line.trim_end();
            text.push('\n');
            continue;
        }
        let words = line.len() - line.trim_start().len();
        let gap = line[words..].find("  ").map_or(words, |at| words + at);
        let start = line.len() - line[gap..].trim_start().len();
        let (before, after) = line.split_at(start);
        let mut first = Line::from(before);
        if wrap::text_width(line) > width && wrap::width(&first) > width / 2 {
            text += before.trim_end();
            text.push('\n');
            first = spaces(HELP_INDENT);
        }
        for line in wrap::wrap_after(&first, &after.into(), width) {
            paint(&line, false, &mut text);
        }
    }
    text
}

const HELP_INDENT: usize = 10;
const CODE_INDENT: usize = 2;

/// A shell command over several lines, broken between words only.
fn continued(command: &str, room: usize) -> Vec<String> {
    // A line that goes on already is ended as it was.
    let (command, end) = match command.strip_suffix(" \\") {
        Some(begun) => (begun, " \\"),
        None => (command, ""),
    };
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(command) {
        let with_it = wrap::text_width(&line) + wrap::text_width(word.trim_end());
        // " \" needs two columns.
        if !line.trim().is_empty() && with_it + 2 > room {
            lines.push(format!("{} \\", line.trim_end()));
            line = "    ".to_owned();
        }
        line.push_str(word);
    }
    // A word that is longer stays whole, too: a terminal that breaks a line gives it back unbroken.
    lines.push(line.trim_end().to_owned() + end);
    lines
}

/// The words of a command with the spaces after them; a quoted text is one word.
fn words(command: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut quote = None;
    let mut after_space = false;
    for (at, c) in command.char_indices() {
        if after_space && c != ' ' && quote.is_none() {
            words.push(&command[start..at]);
            start = at;
        }
        quote = match quote {
            None if c == '"' || c == '\'' => Some(c),
            Some(open) if c == open => None,
            open => open,
        };
        after_space = c == ' ';
    }
    words.push(&command[start..]);
    words
}

/// Writes one line, colours on where they are wanted, never a space at its end.
fn paint(line: &Line, color: bool, text: &mut String) {
    let start = text.len();
    for span in &line.spans {
        match sgr(span.tone).filter(|_| color && !span.text.trim().is_empty()) {
            Some(codes) => {
                text.push_str(&format!("\x1b[{codes}m{}\x1b[0m", span.text));
            }
            None => text.push_str(&span.text),
        }
    }
    let end = text[start..].trim_end_matches(' ').len();
    text.truncate(start + end);
    text.push('\n');
}

/// The escape parameters of a tone: only the sixteen colours that every theme defines.
fn sgr(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain => None,
        Tone::Strong => Some("1"),
        Tone::Dim => Some("2"),
        Tone::Good => Some("32"),
        Tone::Caution => Some("33"),
        Tone::Bad => Some("31"),
        Tone::Accent => Some("1;36"),
        Tone::Code => Some("36"),
    }
}
