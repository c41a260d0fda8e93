//! This machine's hardware, asked on a thread of its own: from a driver that hangs no call comes back.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::catalog::Catalog;
use crate::inventory::{Inventory, Sources, Watch};

/// An answer that takes longer is missed.
const USUAL: Duration = Duration::from_secs(5);

/// Asks the hardware again and again. However often that is, one question is open at a time, and one thread waits for its answer.
pub(super) struct HardwarePoller {
    ask: Sender<()>,
    answers: Receiver<Inventory>,
    /// When the question was asked that is not answered yet.
    open: Option<Instant>,
    last: Option<Inventory>,
}

impl HardwarePoller {
    /// Starts the driver's library, and waits for nothing.
    pub(super) fn start(sources: Sources, catalog: Catalog) -> Self {
        let (ask, asked) = channel();
        let (answer, answers) = channel();
        thread::spawn(move || {
            let watch = Watch::new(&sources);
            // It ends when nobody asks or listens any more.
            while asked.recv().is_ok() && answer.send(watch.read(&catalog)).is_ok() {}
        });
        Self {
            ask,
            answers,
            open: None,
            last: None,
        }
    }

    /// What is here, as an answer to a question of now; `None` where none comes in time. A driver that has been silent for that long is not waited for
    /// again.
    pub(super) fn now(&mut self, patience: Duration) -> Option<Inventory> {
        // The answer to an earlier question tells how it was then.
        if self.open.is_some() && !self.hear(patience) {
            return None;
        }
        self.ask();
        let answered = self.hear(patience);
        self.last.clone().filter(|_| answered)
    }

    /// Asks, and waits for the answer of a quick driver.
    pub(super) fn refresh(&mut self, patience: Duration) {
        if self.open.is_some() {
            self.hear(Duration::ZERO);
        }
        self.ask();
        self.hear(patience);
    }

    /// Takes an answer that has come in the meantime; whether there was one.
    pub(super) fn has_news(&mut self) -> bool {
        self.open.is_some() && self.hear(Duration::ZERO)
    }

    /// What was told last, whenever that was.
    pub(super) fn last(&self) -> Option<&Inventory> {
        self.last.as_ref()
    }

    /// For how many seconds a question has been open.
    pub(super) fn waited(&self) -> Option<u64> {
        Some(self.open?.elapsed().as_secs())
    }

    /// For how many seconds an answer has been missed: from the first on where there never was one.
    pub(super) fn silent_for(&self) -> Option<u64> {
        let missed = |waited: &u64| self.last.is_none() || *waited >= USUAL.as_secs();
        self.waited().filter(missed)
    }

    fn ask(&mut self) {
        if self.open.is_none() {
            // A reader that is gone says nothing, like a driver that hangs.
            let _ = self.ask.send(());
            self.open = Some(Instant::now());
        }
    }

    /// Whether the open question is answered before it is this old.
    fn hear(&mut self, patience: Duration) -> bool {
        let waited = self.open.map_or(Duration::ZERO, |since| since.elapsed());
        match self.answers.recv_timeout(patience.saturating_sub(waited)) {
            Ok(inventory) => {
                self.open = None;
                self.last = Some(inventory);
                true
            }
            Err(_) => false,
        }
    }
}
