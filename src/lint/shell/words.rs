//! A shell text as commands and words. Enough of the grammar to know which program is run with what; nothing is expanded.

mod redirect;

use std::collections::HashMap;
use std::ops::Range;

use super::brackets::closers;

/// A word of a command, without its quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::lint) struct Word {
    pub text: String,
    /// Where it stands, with its quotes.
    pub at: Range<usize>,
    /// What is between its quotes, if it is one quoted text.
    pub inner: Option<Range<usize>>,
}

/// A text that follows a command line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::lint) struct Heredoc {
    pub at: Range<usize>,
}

/// A simple command: a program with its words, without `|`, `;` or `&`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::lint) struct Command {
    pub words: Vec<Word>,
    /// Whether the shell goes on without it.
    pub background: bool,
    /// Whether something is written to it.
    pub fed: bool,
    /// Whether it stands after a `|`.
    pub piped: bool,
    /// The file that it writes to.
    pub output: Option<String>,
    pub heredoc: Option<Heredoc>,
    /// The file that it reads, or a word that stands for its lines.
    pub input: Option<Word>,
    /// The items of `NAME=(..)` and `NAME+=(..)`.
    pub items: Vec<Word>,
}

impl Command {
    /// Where its words stand in the text.
    pub(in crate::lint) fn range(&self) -> Range<usize> {
        let start = self.words.first().map_or(0, |word| word.at.start);
        start..self.words.last().map_or(start, |word| word.at.end)
    }
}

/// The commands of a region, in their order.
pub(in crate::lint) fn commands(text: &str, region: Range<usize>) -> Vec<Command> {
    read(text, region).done
}

/// A quote that nothing closes, for which a shell refuses the whole text.
pub(in crate::lint) fn open_quote(text: &str) -> Option<usize> {
    read(text, 0..text.len()).open_quote
}

fn read(text: &str, region: Range<usize>) -> Reader<'_> {
    let mut reader = Reader {
        text,
        at: region.start,
        end: region.end.min(text.len()),
        done: Vec::new(),
        now: Command::default(),
        wanted: Vec::new(),
        closers: closers(text, &region),
        open_quote: None,
    };
    reader.run();
    reader
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    done: Vec<Command>,
    now: Command,
    /// Texts that begin at the next line: the command they belong to, the word that ends them.
    wanted: Vec<(usize, String)>,
    closers: HashMap<usize, usize>,
    open_quote: Option<usize>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn run(&mut self) {
        while let Some(c) = self.next() {
            let before = self.at;
            match c {
                '\n' => {
                    self.at += 1;
                    self.close();
                    self.heredocs();
                }
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '\\' if self.rest().starts_with("\\\r\n") => self.at += 3,
                c if c.is_whitespace() => self.at += c.len_utf8(),
                '#' => self.skip_line(),
                '(' if self.assigns() => self.items(),
                ';' | '(' | ')' => {
                    self.at += 1;
                    self.close();
                }
                '&' => self.ampersand(),
                '|' => {
                    let width = if self.rest().starts_with("||") { 2 } else { 1 };
                    self.at += width;
                    self.close();
                    self.now.piped = width == 1;
                    self.now.fed = width == 1;
                }
                '<' => self.input(),
                '>' => self.output(),
                _ => {
                    let word = self.word();
                    self.push(word);
                }
            }
            if self.at == before {
                // Never twice at one place.
                self.at += c.len_utf8();
            }
        }
        self.close();
    }

    fn push(&mut self, word: Word) {
        let keyword = self.now.words.is_empty()
            && matches!(
                word.text.as_str(),
                "then"
                    | "do"
                    | "else"
                    | "elif"
                    | "if"
                    | "while"
                    | "until"
                    | "!"
                    | "{"
                    | "}"
                    | "fi"
                    | "done"
                    | "esac"
            );
        if !keyword {
            self.now.words.push(word);
        }
    }

    fn close(&mut self) {
        let command = std::mem::take(&mut self.now);
        // The end of a loop is no command, but may be followed by what the loop reads.
        let at = self.done.len();
        let followed = self.wanted.iter().any(|(command, _)| *command == at);
        if !command.words.is_empty() || followed {
            self.done.push(command);
        }
    }

    /// Whether a list is assigned here.
    fn assigns(&self) -> bool {
        let last = self.now.words.last();
        last.is_some_and(|last| last.at.end == self.at && last.text.ends_with('='))
            && self.closers.contains_key(&self.at)
    }

    /// The items of a list, which may stand on lines of their own.
    fn items(&mut self) {
        let close = self.closers.get(&self.at).copied().unwrap_or(self.at);
        self.at += 1;
        while self.at < close.min(self.end) {
            let before = self.at;
            match self.next() {
                Some('#') => self.skip_line(),
                Some(c) if c.is_whitespace() || "\\;&|<>()".contains(c) => self.at += c.len_utf8(),
                Some(_) => {
                    let word = self.word();
                    self.now.items.push(word);
                }
                None => break,
            }
            if self.at == before {
                break;
            }
        }
        self.at = self.at.max(close + 1);
    }

    fn skip_line(&mut self) {
        let length = self.rest().find('\n').unwrap_or(self.end - self.at);
        self.at += length;
    }

    fn ampersand(&mut self) {
        if self.rest().starts_with("&>") {
            self.at += 1;
            return;
        }
        let both = self.rest().starts_with("&&");
        self.at += if both { 2 } else { 1 };
        self.now.background = !both;
        self.close();
    }

    fn blanks(&mut self) {
        while matches!(self.next(), Some(' ' | '\t')) {
            self.at += 1;
        }
    }

    /// A word. A quote that nothing closes is a letter like any other.
    fn word(&mut self) -> Word {
        let start = self.at;
        let mut text = String::new();
        let mut quotes = Vec::new();
        while let Some(c) = self.next() {
            match c {
                '\'' | '"' => match self.quoted(c) {
                    Some(inner) => {
                        text += &unescaped(self.text.get(inner.clone()).unwrap_or_default(), c);
                        self.at = inner.end + 1;
                        quotes.push(inner);
                    }
                    None => {
                        self.open_quote.get_or_insert(self.at);
                        text.push(c);
                        self.at += 1;
                    }
                },
                // Quotes in which a backslash means something.
                '$' if self.rest().starts_with("$'") => {
                    self.at += 1;
                    match self.ansi() {
                        Some(inner) => {
                            text += self.text.get(inner.clone()).unwrap_or_default();
                            self.at = inner.end + 1;
                        }
                        None => text.push(c),
                    }
                }
                '\\' => {
                    self.at += 1;
                    match self.next() {
                        Some('\n') => self.at += 1,
                        Some(escaped) => {
                            text.push(escaped);
                            self.at += escaped.len_utf8();
                        }
                        None => text.push(c),
                    }
                }
                '$' if self.rest().starts_with("$(") || self.rest().starts_with("${") => {
                    // Up to what closes it; nothing does if it is broken.
                    let close = self
                        .closers
                        .get(&(self.at + 1))
                        .filter(|at| **at < self.end);
                    let length = close.map_or(1, |close| close + 1 - self.at);
                    text += self.rest().get(..length).unwrap_or_default();
                    self.at += length;
                }
                '`' => {
                    let length = self.rest().get(1..).and_then(|rest| rest.find('`'));
                    let length = length.map_or(1, |length| length + 2);
                    text += self.rest().get(..length).unwrap_or_default();
                    self.at += length;
                }
                c if c.is_whitespace() || ";()&|<>".contains(c) => break,
                c => {
                    text.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
        let whole = |inner: &&Range<usize>| inner.start == start + 1 && inner.end + 1 == self.at;
        Word {
            text,
            at: start..self.at,
            inner: quotes.first().filter(whole).cloned(),
        }
    }

    /// The same for `$'..'`.
    fn ansi(&self) -> Option<Range<usize>> {
        let start = self.at + 1;
        let mut chars = self.text.get(start..self.end)?.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => drop(chars.next()),
                '\'' => return Some(start..start + at),
                _ => {}
            }
        }
        None
    }

    /// What is between the quote here and the next one.
    fn quoted(&self, quote: char) -> Option<Range<usize>> {
        let start = self.at + 1;
        let rest = self.text.get(start..self.end)?;
        let mut escaped = false;
        for (at, c) in rest.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quote == '"' => escaped = true,
                c if c == quote => return Some(start..start + at),
                _ => {}
            }
        }
        None
    }
}

fn unescaped(text: &str, quote: char) -> String {
    if quote == '\'' {
        return text.to_owned();
    }
    text.replace("\\\n", "")
        .replace("\\\"", "\"")
        .replace("\\$", "$")
}
