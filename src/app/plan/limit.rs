//! How long a plan is searched for: to the end, until `--time` is over, or until Ctrl-C.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::super::args::PlanArgs;
use super::super::session::{Session, number};
use crate::error::{Error, ExpectedFormat};
use crate::messages;
use crate::report::Ending;

/// Nobody is told of a search that is over before.
const PATIENCE: Duration = Duration::from_secs(1);
/// A line is not drawn more often.
const PAUSE: Duration = Duration::from_millis(200);

/// The clock and the keyboard of a search that knows neither.
pub(super) struct Limit<'a> {
    session: &'a Session,
    began: Instant,
    longest: Option<Duration>,
    interrupted: Arc<AtomicBool>,
    ended: Cell<Option<Ending>>,
    /// Where it is told how long the search has been running: a terminal.
    line: Option<RefCell<&'a mut dyn Write>>,
    drawn: Cell<Option<Instant>>,
}

impl<'a> Limit<'a> {
    /// From now on.
    ///
    /// # Errors
    /// If `--time` is no number of seconds.
    pub(super) fn new(
        session: &'a Session,
        args: &PlanArgs,
        err: &'a mut dyn Write,
    ) -> Result<Self, Error> {
        let time = args.time.as_deref();
        let seconds = time.map(|text| number("--time", text, u32::MAX, ExpectedFormat::Count));
        // It cannot draw over a line that is there.
        let dumb = session.environment.get("TERM") == Some("dumb");
        let on_terminal = std::io::stderr().is_terminal();
        let shows = on_terminal && !session.global.quiet && !dumb;
        let interrupted = Arc::new(AtomicBool::new(false));
        // Away from a terminal SIGINT comes from a program, which wants this one to end.
        if on_terminal {
            listen(&interrupted);
        }
        Ok(Self {
            session,
            began: Instant::now(),
            longest: seconds
                .transpose()?
                .map(|seconds| Duration::from_secs(seconds.into())),
            interrupted,
            ended: Cell::new(None),
            line: shows.then(|| RefCell::new(err)),
            drawn: Cell::new(None),
        })
    }

    /// Whether the search shall go on.
    pub(super) fn goes_on(&self) -> bool {
        if self.ended.get().is_none() {
            // Nothing but the flag is handed over, so that no order has to be kept.
            if self.interrupted.load(Ordering::Relaxed) {
                self.ended.set(Some(Ending::Interrupt));
            } else if self
                .longest
                .is_some_and(|most| self.began.elapsed() >= most)
            {
                self.ended.set(Some(Ending::TimeLimit));
            } else {
                self.tell();
            }
        }
        self.ended.get().is_none()
    }

    /// What ended the search before its time.
    pub(super) fn ended(&self) -> Option<Ending> {
        self.ended.get()
    }

    fn tell(&self) {
        let Some(line) = &self.line else { return };
        let now = Instant::now();
        let soon = |drawn: Instant| now - drawn < PAUSE;
        if now - self.began < PATIENCE || self.drawn.get().is_some_and(soon) {
            return;
        }
        self.drawn.set(Some(now));
        let words = messages::plan::searching(self.session.lang, self.began.elapsed().as_secs());
        draw(line, &words);
    }
}

/// Over the line that was there. A search is not stopped because nobody can be told of it.
fn draw(line: &RefCell<&mut dyn Write>, words: &str) {
    let mut line = line.borrow_mut();
    let _ = write!(line, "\r\u{1b}[K{words}").and_then(|()| line.flush());
}

impl Drop for Limit<'_> {
    /// The line goes, and Ctrl-C ends the program again.
    fn drop(&mut self) {
        self.interrupted.store(true, Ordering::Relaxed);
        if let (Some(line), Some(_)) = (&self.line, self.drawn.get()) {
            draw(line, "");
        }
    }
}

/// The first Ctrl-C ends the search, a second one the program.
#[cfg(unix)]
fn listen(interrupted: &Arc<AtomicBool>) {
    use signal_hook::consts::SIGINT;
    let again = Arc::clone(interrupted);
    // Without handlers Ctrl-C ends the program, as it always does.
    let _ = signal_hook::flag::register_conditional_default(SIGINT, again)
        .and_then(|_| signal_hook::flag::register(SIGINT, Arc::clone(interrupted)));
}

#[cfg(not(unix))]
fn listen(_interrupted: &Arc<AtomicBool>) {}
