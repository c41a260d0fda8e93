//! The live page: repainted in the terminal's second screen, so that what was there before is there afterwards.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode, size,
};

use super::servers::{Poller, ServerState};
use super::{Monitored, Reading};
use crate::app::session::Session;
use crate::render::monitor::{Order, keys, page};
use crate::render::page::Page;
use crate::render::terminal::{Terminal, render};
use crate::report::Monitor;

/// How long a signal may wait until it is noticed.
const NOTICE: Duration = Duration::from_millis(250);

/// The terminal while it is ours. Whatever ends the page, the drop gives it back as it was.
struct Screen<'a> {
    out: BufWriter<&'a mut dyn Write>,
}

impl<'a> Screen<'a> {
    fn enter(out: &'a mut dyn Write) -> io::Result<Self> {
        let mut screen = Self {
            out: BufWriter::new(out),
        };
        screen.open()?;
        Ok(screen)
    }

    fn open(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        queue!(self.out, EnterAlternateScreen, Hide, DisableLineWrap)
    }

    /// A terminal that is gone needs nothing back.
    fn close(&mut self) {
        let _ = queue!(self.out, EnableLineWrap, Show, LeaveAlternateScreen);
        let _ = self.out.flush();
        let _ = disable_raw_mode();
    }

    /// Gives the terminal back while the program is stopped.
    #[cfg(unix)]
    fn stop(&mut self) -> io::Result<()> {
        self.close();
        signal_hook::low_level::raise(signal_hook::consts::SIGSTOP)?;
        self.open()
    }

    /// Other systems stop no program.
    #[cfg(not(unix))]
    fn stop(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Paints over what is there; a screen that is cleared first would flicker. `head` stays, and `body` is shown from its line `top` on, or
    /// from the last one that still fills the screen: that one is returned.
    fn paint(&mut self, head: &str, body: &str, top: usize, rows: usize) -> io::Result<usize> {
        let room = rows.saturating_sub(head.lines().count() + 1);
        let top = top.min(body.trim_end().lines().count().saturating_sub(room));
        let lines = head.lines().chain([""]).chain(body.lines().skip(top));
        let shown: Vec<&str> = lines.take(rows).collect();
        for (row, line) in shown.iter().enumerate() {
            let row = u16::try_from(row).unwrap_or(u16::MAX);
            queue!(
                self.out,
                MoveTo(0, row),
                Print(line),
                Clear(ClearType::UntilNewLine)
            )?;
        }
        let below = u16::try_from(shown.len()).unwrap_or(u16::MAX);
        if usize::from(below) < rows {
            queue!(self.out, MoveTo(0, below), Clear(ClearType::FromCursorDown))?;
        }
        self.out.flush()?;
        Ok(top)
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        self.close();
    }
}

/// What a key asks for.
enum KeyAction {
    Leave,
    Stop,
    Pause,
    Sort(Order),
    /// So many lines down, or up.
    Scroll(isize),
    Nothing,
}

fn wish(key: KeyEvent) -> KeyAction {
    if key.kind == KeyEventKind::Release {
        return KeyAction::Nothing;
    }
    match key.code {
        KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            KeyAction::Leave
        }
        KeyCode::Char('z') if key.modifiers.contains(KeyModifiers::CONTROL) => KeyAction::Stop,
        KeyCode::Char('q') | KeyCode::Esc => KeyAction::Leave,
        KeyCode::Char(' ') => KeyAction::Pause,
        KeyCode::Char('m') => KeyAction::Sort(Order::Memory),
        KeyCode::Char('u') => KeyAction::Sort(Order::Utilization),
        KeyCode::Char('p') => KeyAction::Sort(Order::Pid),
        KeyCode::Up | KeyCode::Char('k') => KeyAction::Scroll(-1),
        KeyCode::Down | KeyCode::Char('j') => KeyAction::Scroll(1),
        KeyCode::PageUp => KeyAction::Scroll(-10),
        KeyCode::PageDown => KeyAction::Scroll(10),
        KeyCode::Home => KeyAction::Scroll(isize::MIN),
        KeyCode::End => KeyAction::Scroll(isize::MAX),
        _ => KeyAction::Nothing,
    }
}

/// Looks and paints until a key or a signal ends it.
pub(super) fn run(
    session: &Session,
    look: &Monitored<'_>,
    interval: Duration,
    out: &mut dyn Write,
) -> io::Result<()> {
    let asked = Asked::listen()?;
    let (tell, heard) = channel();
    let answers = tell.clone();
    let asker = Poller::new(look.clients(), move |said| {
        // Nobody listens any more when the page has ended.
        let _ = answers.send(Heard::Servers(said));
    });
    let mut screen = Screen::enter(out)?;
    listen(tell);
    // Without the servers' answers until they come: the page does not wait for them.
    let mut live = Live {
        look,
        interval,
        asker,
        report: look.report(&[], Reading::Latest),
        said: Vec::new(),
        looked: Instant::now(),
        order: Order::Number,
        paused: false,
        top: 0,
    };
    live.asker.ask();
    loop {
        live.paint(session, &mut screen)?;
        loop {
            // A terminal that was closed is none any more; its signal may be held back, as `nohup` does.
            if asked.ended.load(Ordering::Relaxed) || !io::stdin().is_terminal() {
                return Ok(());
            }
            let next = match asked.stopped.swap(false, Ordering::Relaxed) {
                true => Next::Stop,
                false => live.take(heard.recv_timeout(live.patience()))?,
            };
            match next {
                Next::Wait => continue,
                Next::Paint => {}
                Next::Stop => screen.stop()?,
                Next::Leave => return Ok(()),
            }
            break;
        }
    }
}

/// What follows from what was heard.
enum Next {
    Wait,
    Paint,
    Stop,
    Leave,
}

/// The page between two events.
struct Live<'a, Tell> {
    look: &'a Monitored<'a>,
    interval: Duration,
    asker: Poller<Tell>,
    report: Monitor,
    /// The servers' last answers.
    said: Vec<ServerState>,
    looked: Instant,
    order: Order,
    paused: bool,
    /// The first line of the body that is shown.
    top: usize,
}

impl<Tell: Fn(Vec<ServerState>) + Clone + Send + 'static> Live<'_, Tell> {
    fn paint(&mut self, session: &Session, screen: &mut Screen<'_>) -> io::Result<()> {
        let (columns, rows) = size()?;
        let terminal = Terminal {
            width: usize::from(columns),
            ..session.terminal()
        };
        let view = session.view();
        let head = Page {
            blocks: vec![keys(view, self.order, self.paused)],
        };
        let head = render(&head, &terminal);
        let body = render(&page(&self.report, view, self.order), &terminal);
        self.top = screen.paint(&head, &body, self.top, usize::from(rows))?;
        Ok(())
    }

    /// How long to wait for news.
    fn patience(&self) -> Duration {
        match self.paused {
            true => NOTICE,
            false => self
                .interval
                .saturating_sub(self.looked.elapsed())
                .min(NOTICE),
        }
    }

    fn take(&mut self, heard: Result<Heard, RecvTimeoutError>) -> io::Result<Next> {
        Ok(match heard {
            Ok(Heard::Terminal(event)) => match event? {
                Event::Key(key) => self.obey(wish(key)),
                Event::Resize(..) => Next::Paint,
                _ => Next::Wait,
            },
            Ok(Heard::Servers(answers)) => {
                self.asker.answered();
                if self.paused {
                    return Ok(Next::Wait);
                }
                self.said = answers;
                self.report = self.look.report(&self.said, Reading::Latest);
                Next::Paint
            }
            // A driver that takes its time has answered, or is silent for one more second.
            Err(_) if !self.paused && self.look.has_news(&self.report) => {
                self.report = self.look.report(&self.said, Reading::Told);
                Next::Paint
            }
            Err(_) if self.paused || self.looked.elapsed() < self.interval => Next::Wait,
            Err(_) => {
                self.looked = Instant::now();
                // The hardware is looked at when the servers have answered, and does not wait for one that is slow.
                if self.asker.ask() {
                    return Ok(Next::Wait);
                }
                self.report = self.look.report(&self.said, Reading::Latest);
                Next::Paint
            }
        })
    }

    fn obey(&mut self, action: KeyAction) -> Next {
        match action {
            KeyAction::Leave => return Next::Leave,
            KeyAction::Stop => return Next::Stop,
            KeyAction::Nothing => return Next::Wait,
            KeyAction::Pause => self.paused = !self.paused,
            KeyAction::Sort(by) => self.order = by,
            KeyAction::Scroll(rows) => self.top = self.top.saturating_add_signed(rows),
        }
        Next::Paint
    }
}

/// What the page hears of.
enum Heard {
    Terminal(io::Result<Event>),
    Servers(Vec<ServerState>),
}

/// Passes on what is typed. On a thread of its own: the reader never comes back from a terminal that was closed.
fn listen(tell: Sender<Heard>) {
    std::thread::spawn(move || {
        let mut open = true;
        while open {
            let event = event::read();
            open = event.is_ok() & tell.send(Heard::Terminal(event)).is_ok();
        }
    });
}

/// What somebody asked the program for by a signal.
#[derive(Default)]
struct Asked {
    ended: Arc<AtomicBool>,
    stopped: Arc<AtomicBool>,
}

impl Asked {
    #[cfg(unix)]
    fn listen() -> io::Result<Self> {
        let asked = Self::default();
        for signal in crate::app::signals::ENDING {
            signal_hook::flag::register(signal, Arc::clone(&asked.ended))?;
        }
        let stop = signal_hook::consts::SIGTSTP;
        signal_hook::flag::register(stop, Arc::clone(&asked.stopped))?;
        Ok(asked)
    }

    /// Other systems end a program without asking.
    #[cfg(not(unix))]
    fn listen() -> io::Result<Self> {
        Ok(Self::default())
    }
}
