//! A line that is typed on the terminal, with the keys of a shell's line: Ctrl-U, Ctrl-W, Home, End; and with completion.

use std::io::{self, Write};

use crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind,
    KeyModifiers,
};
use crossterm::queue;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode, size};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Completions that are shown at once.
const SHOWN: usize = 6;

/// What is asked for, and how it is drawn.
pub(super) struct Editor<'a> {
    pub question: &'a str,
    pub help: &'a str,
    /// The answer that Enter alone gives.
    pub default: &'a str,
    /// The possible ends of what is typed.
    pub complete: &'a dyn Fn(&str) -> Vec<String>,
    /// What is wrong with it.
    pub check: &'a dyn Fn(&str) -> Result<(), String>,
    pub color: bool,
    /// The mark before a completion that is chosen.
    pub mark: &'a str,
    /// What is written behind the question when it is left for the one before.
    pub back: &'a str,
}

/// How the typing of a line ended.
pub(super) enum Typed {
    Line(String),
    Back,
    Interrupted,
}

/// What was typed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Text {
    characters: Vec<char>,
    cursor: usize,
}

impl Text {
    fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let cursor = characters.len();
        Self { characters, cursor }
    }

    fn text(&self) -> String {
        self.characters.iter().collect()
    }

    fn insert(&mut self, c: char) {
        self.characters.insert(self.cursor, c);
        self.cursor += 1;
    }

    /// Where the word before the cursor begins.
    fn word(&self) -> usize {
        let before = &self.characters[..self.cursor];
        let end = before.iter().rposition(|c| !c.is_whitespace());
        let start = end.and_then(|end| before[..end].iter().rposition(|c| c.is_whitespace()));
        start.map_or(0, |at| at + 1)
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.characters.drain(from..to);
        self.cursor = from;
    }

    /// Whether the key belongs to the line.
    fn press(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let last = self.characters.len();
        match (key.code, control) {
            (KeyCode::Char('u'), true) => self.remove(0, self.cursor),
            (KeyCode::Char('k'), true) => self.remove(self.cursor, last),
            (KeyCode::Char('w'), true) => self.remove(self.word(), self.cursor),
            (KeyCode::Char('a'), true) | (KeyCode::Home, _) => self.cursor = 0,
            (KeyCode::Char('e'), true) | (KeyCode::End, _) => self.cursor = last,
            (KeyCode::Left, _) => self.cursor = self.cursor.saturating_sub(1),
            (KeyCode::Right, _) => self.cursor = (self.cursor + 1).min(last),
            (KeyCode::Backspace, _) => self.remove(self.cursor.saturating_sub(1), self.cursor),
            (KeyCode::Delete, _) => self.remove(self.cursor, (self.cursor + 1).min(last)),
            (KeyCode::Char(c), false) if c.width().is_some() => self.insert(c),
            _ => return false,
        }
        true
    }
}

/// The terminal while single keys are read. Whatever ends that, the drop gives it back.
struct RawMode;

impl RawMode {
    fn enter() -> io::Result<Self> {
        enable_raw_mode()?;
        queue!(io::stderr(), EnableBracketedPaste)?;
        Ok(Self)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _ = queue!(io::stderr(), DisableBracketedPaste);
        let _ = io::stderr().flush();
        let _ = disable_raw_mode();
    }
}

impl Editor<'_> {
    /// Asks until what is typed has nothing wrong with it, or it is left.
    pub(super) fn ask(&self) -> io::Result<Typed> {
        let _raw = RawMode::enter()?;
        let mut state = State::default();
        loop {
            self.draw(&state)?;
            match event::read()? {
                Event::Key(key) if key.kind != KeyEventKind::Release => {
                    if let Some(typed) = self.press(key, &mut state) {
                        self.finish(&typed)?;
                        return Ok(typed);
                    }
                }
                Event::Paste(pasted) => {
                    pasted
                        .chars()
                        .filter(|c| c.width().is_some())
                        .for_each(|c| state.text.insert(c));
                    state.edited(self);
                }
                _ => {}
            }
        }
    }

    fn press(&self, key: KeyEvent, state: &mut State) -> Option<Typed> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let found = state.completions.len();
        match key.code {
            KeyCode::Esc => return Some(Typed::Back),
            KeyCode::Char('c') if control => return Some(Typed::Interrupted),
            KeyCode::Tab | KeyCode::Enter if state.chosen.is_some() => state.complete(self),
            KeyCode::Tab if found > 0 => {
                state.chosen = Some(0);
                state.complete(self);
            }
            KeyCode::Enter => {
                let text = state.text.text();
                let text = match text.trim() {
                    "" => self.default,
                    typed => typed,
                };
                match (self.check)(text) {
                    Ok(()) => return Some(Typed::Line(text.to_owned())),
                    Err(wrong) => state.wrong = Some(wrong),
                }
            }
            KeyCode::Down if found > 0 => {
                state.chosen = Some(state.chosen.map_or(0, |at| (at + 1) % found));
            }
            KeyCode::Up if found > 0 => {
                state.chosen = Some(state.chosen.map_or(found, |at| at.max(1)) - 1);
            }
            _ if state.text.press(key) => state.edited(self),
            _ => {}
        }
        None
    }

    /// Draws it from the line that the cursor is on, and leaves the cursor there.
    fn draw(&self, state: &State) -> io::Result<()> {
        let (width, height) = size().unwrap_or((80, 24));
        let room = usize::from(width).saturating_sub(1).max(20);
        let default = match self.default {
            "" => String::new(),
            default => format!("({default}) "),
        };
        let head = format!("? {} {default}", self.question);
        let before: String = state.text.characters[..state.text.cursor].iter().collect();
        // What has no room on the line has gone to the left.
        let left = room.saturating_sub(head.width()).max(8);
        let skipped = before.width().saturating_sub(left.saturating_sub(1));
        let shown = cut(&skip(&state.text.text(), skipped), left);
        let column = head.width() + before.width() - before.width().min(skipped);
        let mut lines = vec![format!(
            "{} {} {default}{shown}",
            self.paint(GREEN, "?"),
            self.question
        )];
        if let Some(wrong) = &state.wrong {
            let wrong = wrong.lines().map(|line| cut(&format!("# {line}"), room));
            lines.extend(wrong.map(|line| self.paint(RED, &line)));
        }
        let rows = usize::from(height)
            .saturating_sub(lines.len() + 2)
            .min(SHOWN);
        let first = state
            .chosen
            .map_or(0, |at| (at + 1).saturating_sub(rows.max(1)));
        let completions = state.completions.iter().enumerate();
        for (at, completion) in completions.skip(first).take(rows) {
            let line = match state.chosen == Some(at) {
                true => self.paint(CYAN, &cut(&format!("{} {completion}", self.mark), room)),
                false => cut(&format!("  {completion}"), room),
            };
            lines.push(line);
        }
        lines.push(self.paint(CYAN, &cut(&format!("[{}]", self.help), room)));
        let mut screen = io::stderr().lock();
        write!(screen, "\r\x1b[J{}", lines.join("\r\n"))?;
        let up = lines.len() - 1;
        if up > 0 {
            write!(screen, "\x1b[{up}A")?;
        }
        write!(screen, "\r\x1b[{column}C")?;
        screen.flush()
    }

    /// What stays of it on the screen.
    fn finish(&self, typed: &Typed) -> io::Result<()> {
        let mut screen = io::stderr().lock();
        let (mark, answer) = match typed {
            Typed::Line(line) => (">", self.paint(CYAN, line)),
            Typed::Back => ("?", self.paint(RED, self.back)),
            Typed::Interrupted => {
                write!(screen, "\r\x1b[J")?;
                return screen.flush();
            }
        };
        let mark = self.paint(GREEN, mark);
        write!(screen, "\r\x1b[J{mark} {} {answer}\r\n", self.question)?;
        screen.flush()
    }

    fn paint(&self, colour: &str, text: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\x1b[{colour}m{text}\x1b[39m")
        } else {
            text.to_owned()
        }
    }
}

const RED: &str = "91";
const GREEN: &str = "92";
const CYAN: &str = "36";

/// The line, what may follow, and what was wrong when it was entered.
#[derive(Default)]
struct State {
    text: Text,
    completions: Vec<String>,
    chosen: Option<usize>,
    wrong: Option<String>,
}

impl State {
    fn edited(&mut self, editor: &Editor<'_>) {
        self.completions = (editor.complete)(&self.text.text());
        self.chosen = None;
        self.wrong = None;
    }

    fn complete(&mut self, editor: &Editor<'_>) {
        if let Some(completion) = self.chosen.and_then(|at| self.completions.get(at)) {
            self.text = Text::new(completion);
        }
        self.edited(editor);
        // What it was completed to needs no completion.
        let whole = self.text.text();
        self.completions.retain(|completion| *completion != whole);
    }
}

/// The first columns of a text.
fn cut(text: &str, columns: usize) -> String {
    let mut taken = 0;
    text.chars()
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken <= columns
        })
        .collect()
}

/// A text without its first columns.
fn skip(text: &str, columns: usize) -> String {
    let mut skipped = 0;
    text.chars()
        .skip_while(|c| {
            let is_skipped = skipped < columns;
            skipped += c.width().unwrap_or(0);
            is_skipped
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(text: &str, keys: &[(KeyCode, KeyModifiers)]) -> (String, usize) {
        let mut line = Text::new(text);
        for (code, modifiers) in keys {
            line.press(KeyEvent::new(*code, *modifiers));
        }
        (line.text(), line.cursor)
    }

    #[test]
    fn keys_edit_as_in_a_shell() {
        let control = |c| (KeyCode::Char(c), KeyModifiers::CONTROL);
        let plain = |code| (code, KeyModifiers::NONE);
        type Row<'a> = (&'a str, &'a [(KeyCode, KeyModifiers)], &'a str, usize);
        let rows: [Row<'_>; 9] = [
            ("RTX 3090", &[control('u')], "", 0),
            ("RTX 3090", &[control('w')], "RTX ", 4),
            ("RTX 3090 ", &[control('w')], "RTX ", 4),
            ("RTX 3090", &[control('a'), control('k')], "", 0),
            (
                "24",
                &[plain(KeyCode::Left), plain(KeyCode::Backspace)],
                "4",
                0,
            ),
            (
                "24",
                &[plain(KeyCode::Home), plain(KeyCode::Delete)],
                "4",
                0,
            ),
            (
                "",
                &[plain(KeyCode::Backspace), control('u'), control('w')],
                "",
                0,
            ),
            (
                "显存",
                &[plain(KeyCode::Left), plain(KeyCode::Char('大'))],
                "显大存",
                2,
            ),
            ("4", &[control('x'), plain(KeyCode::Char('8'))], "48", 2),
        ];
        for (text, keys, left, cursor) in rows {
            assert_eq!(pressed(text, keys), (left.to_owned(), cursor), "{text:?}");
        }
    }
}
