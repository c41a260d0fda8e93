//! How far a download is: a bar that is drawn over itself on a terminal, plain lines anywhere else.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use super::session::Session;
use crate::ollama::Progress;
use crate::units::Bytes;

/// A bar is not drawn more often.
const PAUSE: Duration = Duration::from_millis(100);
/// Width of a progress bar in characters.
const CELLS: u64 = 24;
/// A plain line comes every so many percent.
const STEP: u64 = 10;

/// What is told while a download runs.
pub(super) struct Meter<'a> {
    to: &'a mut dyn Write,
    style: Style,
    width: usize,
    unicode: bool,
    /// The layer at hand, when it began and with how much of it.
    layer: Option<(String, Instant, Bytes)>,
    drawn: Option<Instant>,
    /// What was said last: a status, or a layer and its tenth.
    said: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Bar,
    Lines,
    Silent,
}

impl<'a> Meter<'a> {
    /// A meter on standard error.
    pub(super) fn new(session: &Session, to: &'a mut dyn Write) -> Self {
        let on_terminal = session.streams.output_width.is_some() && std::io::stderr().is_terminal();
        let style = match () {
            () if session.global.quiet => Style::Silent,
            () if on_terminal && session.environment.get("TERM") != Some("dumb") => Style::Bar,
            () => Style::Lines,
        };
        Self {
            to,
            style,
            width: session.terminal().width,
            unicode: session.environment.unicode(),
            layer: None,
            drawn: None,
            said: String::new(),
        }
    }

    /// Tells a line of the server.
    pub(super) fn tell(&mut self, progress: &Progress) {
        if self.style == Style::Silent {
            return;
        }
        if progress.total == Bytes::ZERO {
            return self.status(&progress.status);
        }
        let now = Instant::now();
        if self
            .layer
            .as_ref()
            .is_none_or(|(digest, ..)| *digest != progress.digest)
        {
            self.layer = Some((progress.digest.clone(), now, progress.completed));
        }
        let whole = progress.completed >= progress.total;
        match self.style {
            Style::Bar => {
                let soon = self.drawn.is_some_and(|drawn| now - drawn < PAUSE);
                if !soon || whole {
                    self.drawn = Some(now);
                    let line = self.bar(progress, now);
                    self.draw(&line);
                }
            }
            Style::Lines | Style::Silent => {
                let percent = percent(progress) / STEP * STEP;
                let said = format!("{} {percent}", progress.digest);
                if said != self.said {
                    self.said = said;
                    let size = format!("{} / {}", progress.completed, progress.total);
                    self.line(&format!("{}  {percent} %  {size}", progress.status));
                }
            }
        }
    }

    /// Ends the bar, so that what follows begins on a line of its own.
    pub(super) fn end(&mut self) {
        if self.style == Style::Bar && self.drawn.take().is_some() {
            self.line("");
        }
    }

    fn status(&mut self, status: &str) {
        if status.is_empty() || status == self.said {
            return;
        }
        self.end();
        self.said = status.to_owned();
        self.line(status);
    }

    fn bar(&self, progress: &Progress, now: Instant) -> String {
        let percent = percent(progress);
        let filled = (percent * CELLS / 100) as usize;
        let (full, empty) = if self.unicode {
            ("━", " ")
        } else {
            ("#", "-")
        };
        let bar = full.repeat(filled) + &empty.repeat(CELLS as usize - filled);
        let rate = self.layer.as_ref().and_then(|(_, began, from)| {
            let seconds = (now - *began).as_secs_f64();
            let bytes = (progress.completed - *from).0 as f64 / seconds;
            (seconds >= 1.0).then(|| format!("  {}/s", Bytes(bytes as u64)))
        });
        let size = format!("{} / {}", progress.completed, progress.total);
        let line = format!("[{bar}] {percent:>3} %  {size}{}", rate.unwrap_or_default());
        line.chars().take(self.width.saturating_sub(1)).collect()
    }

    /// Over the line that was there. A download is not stopped because nobody can be told of it.
    fn draw(&mut self, line: &str) {
        let _ = write!(self.to, "\r\u{1b}[K{line}").and_then(|()| self.to.flush());
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.to, "{line}").and_then(|()| self.to.flush());
    }
}

/// Whole percents, never more than 100.
fn percent(progress: &Progress) -> u64 {
    let done = progress.completed.min(progress.total);
    done.scale(100, progress.total.0).0
}
