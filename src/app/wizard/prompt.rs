//! Questions on the terminal: the one file that names `inquire`.

use std::cell::RefCell;
use std::fmt;
use std::io::{IsTerminal, Write};

use inquire::ui::{RenderConfig, Styled};
use inquire::{InquireError, Select};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::editor::{Editor, Typed};
use crate::app::failure;
use crate::app::session::Session;
#[cfg(unix)]
use crate::app::signals;
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;
use crate::sanitize::sanitize;

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum PromptError {
    /// Esc: the previous question again.
    Back,
    /// Ctrl-C, or a terminal that went away.
    Leave(Error),
}

impl From<Error> for PromptError {
    fn from(error: Error) -> Self {
        Self::Leave(error)
    }
}

impl From<InquireError> for PromptError {
    fn from(error: InquireError) -> Self {
        match error {
            InquireError::OperationCanceled => Self::Back,
            InquireError::OperationInterrupted => Self::Leave(Error::Left),
            _ => Self::Leave(Error::NotATerminal),
        }
    }
}

/// A possible answer to a question.
#[derive(Clone, Debug)]
pub(super) struct Choice<T> {
    /// What the answer means to the program.
    pub value: T,
    /// The words of the choice, which typed letters are compared with.
    pub name: String,
    /// What there is to say of it.
    pub remark: String,
    /// Whether it stands for whatever else is typed.
    pub open: bool,
}

impl<T> Choice<T> {
    /// A possible answer without a remark.
    pub(super) fn new(value: T, name: impl Into<String>) -> Self {
        Self {
            value,
            name: sanitize(&name.into()).into_owned(),
            remark: String::new(),
            open: false,
        }
    }

    /// The same with a remark.
    pub(super) fn with_remark(mut self, remark: impl Into<String>) -> Self {
        self.remark = sanitize(&remark.into()).into_owned();
        self
    }

    /// The same for whatever else is typed.
    pub(super) fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// How well it agrees with what is typed: its name begins so, has it somewhere, or it stands for everything.
    fn agrees(&self, typed: &str) -> Option<i64> {
        let (name, typed) = (self.name.to_lowercase(), typed.trim().to_lowercase());
        match () {
            () if typed.is_empty() => Some(0),
            () if name.starts_with(&typed) => Some(2),
            () if name.contains(&typed) => Some(1),
            () => self.open.then_some(0),
        }
    }
}

/// A choice as it is drawn: names in one column, remarks in the next.
struct Drawn<T> {
    choice: Choice<T>,
    text: String,
}

impl<T> fmt::Display for Drawn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Lines of a window beside the choices: the question, the help below them, and one of what stood before.
const BESIDE: usize = 3;

/// Asks in one language, in colours or without.
#[derive(Clone)]
pub(super) struct Prompter {
    lang: Lang,
    render: RenderConfig<'static>,
    unicode: bool,
    /// Width of the terminal in columns.
    width: usize,
    /// Its lines, where the terminal tells them.
    rows: Option<usize>,
    color: bool,
    /// Whether Esc leaves, since there is no question to go back to.
    first: bool,
}

impl Prompter {
    /// A prompter for this run, if somebody can answer it. Questions go to standard error, answers to standard output.
    pub(super) fn new(session: &Session) -> Result<Self, Error> {
        let dumb = session.environment.get("TERM") == Some("dumb");
        let streams = &session.streams;
        let answered = streams.input_is_terminal && streams.output_width.is_some();
        if !answered || !std::io::stderr().is_terminal() || dumb {
            return Err(Error::NotATerminal);
        }
        #[cfg(unix)]
        signals::restore_terminal().map_err(|_| Error::NotATerminal)?;
        let base = if session.terminal().color {
            RenderConfig::default_colored()
        } else {
            RenderConfig::empty()
        };
        // The guide says "> 32K": the mark must not look like a part of it.
        let mark = if session.terminal().unicode {
            base.highlighted_option_prefix.with_content("❯")
        } else {
            base.highlighted_option_prefix
        };
        let back = Styled::new(messages::wizard::back(session.lang));
        Ok(Self {
            lang: session.lang,
            render: base
                .with_highlighted_option_prefix(mark)
                .with_canceled_prompt_indicator(back),
            unicode: session.terminal().unicode,
            width: session.terminal().width,
            rows: streams.output_height,
            color: session.terminal().color,
            first: false,
        })
    }

    /// The same for a question that none stands before.
    pub(super) fn at_first(&self) -> Self {
        let left = Styled::new(messages::wizard::left(self.lang));
        Self {
            render: self.render.with_canceled_prompt_indicator(left),
            first: true,
            ..self.clone()
        }
    }

    /// Clears what Ctrl-C has left of a question, so that nothing is written over it.
    pub(super) fn clear(&self) {
        let mut stream = std::io::stderr();
        // Where it cannot be cleared, there is nobody to see it.
        let _ = stream.write_all(b"\r\x1b[J").and_then(|()| stream.flush());
    }

    /// Height of the terminal in lines, where it tells it.
    pub(super) fn rows(&self) -> Option<usize> {
        self.rows
    }

    /// One of several answers, and what was typed to find it; Enter takes the one at `start`.
    pub(super) fn choose<T>(
        &self,
        question: &str,
        help: &str,
        choices: Vec<Choice<T>>,
        start: usize,
    ) -> Result<(T, String), PromptError> {
        let rows = self
            .rows
            .map_or(choices.len(), |rows| rows.saturating_sub(BESIDE));
        let widest = choices.iter().map(|choice| choice.name.width()).max();
        let drawn = choices.into_iter().map(|choice| Drawn {
            text: drawn(&choice, widest.unwrap_or(0), self.width),
            choice,
        });
        let question = sanitize(question);
        let typed = RefCell::new(String::new());
        let answer = Select::new(&question, drawn.collect())
            .with_help_message(help)
            .with_starting_cursor(start)
            .with_page_size(rows.max(1))
            .with_formatter(&|option| option.value.choice.name.clone())
            .with_render_config(self.render)
            .with_scorer(&|text, option: &Drawn<T>, _, _| {
                text.clone_into(&mut typed.borrow_mut());
                option.choice.agrees(text)
            })
            .prompt()?;
        Ok((answer.choice.value, typed.into_inner()))
    }

    /// A line of text that `check` accepts, with completion from `names`; Enter alone takes `default`.
    pub(super) fn line(
        &self,
        question: &str,
        help: &str,
        default: &str,
        names: &[String],
        check: &dyn Fn(&str) -> Result<(), Error>,
    ) -> Result<String, PromptError> {
        let editor = Editor {
            question,
            help,
            default,
            complete: &|typed| completions(names, typed),
            check: &|typed| check(typed).map_err(|error| failure::safe_message(self.lang, &error)),
            color: self.color,
            mark: if self.unicode { "❯" } else { ">" },
            back: messages::wizard::back(self.lang),
        };
        match editor.ask() {
            Ok(Typed::Line(line)) => Ok(line),
            Ok(Typed::Back) => Err(PromptError::Back),
            Ok(Typed::Interrupted) => Err(PromptError::Leave(Error::Left)),
            Err(_) => Err(PromptError::Leave(Error::NotATerminal)),
        }
    }

    /// What an answer decides, and which keys choose it.
    pub(super) fn help(&self, decides: &str) -> String {
        self.sentences(
            decides,
            messages::wizard::keys(self.lang, self.first, self.unicode),
        )
    }

    /// The same for an answer that is typed.
    pub(super) fn help_of_line(&self, decides: &str) -> String {
        self.sentences(decides, messages::wizard::keys_of_line(self.lang))
    }

    fn sentences(&self, first: &str, second: &str) -> String {
        let between = if self.lang == Lang::Zh || first.is_empty() {
            ""
        } else {
            " "
        };
        format!("{first}{between}{second}")
    }
}

/// A choice on one line of so many columns: a line that wraps reads like two choices.
fn drawn<T>(choice: &Choice<T>, widest: usize, width: usize) -> String {
    let gap = match choice.remark.as_str() {
        "" => 0,
        _ => widest.saturating_sub(choice.name.width()) + 2,
    };
    let line = format!("{}{}{}", choice.name, " ".repeat(gap), choice.remark);
    // The mark before it takes two columns; in the last one some terminals wrap already.
    let room = width.saturating_sub(3);
    let mut taken = 0;
    line.chars()
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken <= room
        })
        .collect()
}

/// Completes the last of several GPUs from the catalog's names: `2x3090+40` has `2x3090+RTX 4090`.
fn completions(names: &[String], input: &str) -> Vec<String> {
    // Everything up to the last name stands as it was typed: the GPUs before it, and its count.
    let from = input.rfind('+').map_or(0, |at| at + 1);
    let (before, last) = input.split_at(from);
    let digits = last
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .count();
    let counted = last
        .trim_start()
        .get(digits..)
        .is_some_and(|rest| digits > 0 && rest.starts_with('x'));
    let (count, last) = if counted {
        last.split_at(last.len() - last.trim_start().len() + digits + 1)
    } else {
        ("", last)
    };
    let words: Vec<String> = last
        .to_lowercase()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if words.is_empty() {
        return Vec::new();
    }
    let named = |name: &&String| {
        let name = name.to_lowercase();
        words.iter().all(|word| name.contains(word.as_str()))
    };
    names
        .iter()
        .filter(named)
        .map(|name| format!("{before}{count}{name}"))
        .collect()
}
