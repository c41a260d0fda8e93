//! The live page: repainted in the terminal's second screen, so that what was there before is there afterwards.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode, size,
};

use super::Monitored;
use super::servers::{Poller, ServerState};
use crate::app::session::Session;
use crate::render::monitor::{Order, keys, page};
use crate::render::page::Page;
use crate::render::terminal::{Terminal, render};

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
    let Asked { ended, stopped } = Asked::listen()?;
    let (tell, heard) = channel();
    let answers = tell.clone();
    let mut asker = Poller::new(look.clients(), move |said| {
        // Nobody listens any more when the page has ended.
        let _ = answers.send(Heard::Servers(said));
    });
    let mut screen = Screen::enter(out)?;
    listen(tell);
    let (mut order, mut paused, mut top) = (Order::Number, false, 0);
    // Without the servers' answers until they come: the page does not wait for them.
    let mut said = Vec::new();
    let mut report = look.report(&said);
    asker.ask();
    let mut looked = Instant::now();
    loop {
        let (columns, rows) = size()?;
        let terminal = Terminal {
            width: usize::from(columns),
            ..session.terminal()
        };
        let view = session.view();
        let head = Page {
            blocks: vec![keys(view, order, paused)],
        };
        let body = render(&page(&report, view, order), &terminal);
        let head = render(&head, &terminal);
        top = screen.paint(&head, &body, top, usize::from(rows))?;
        loop {
            // A terminal that was closed is none any more; its signal may be held back, as `nohup` does.
            if ended.load(Ordering::Relaxed) || !io::stdin().is_terminal() {
                return Ok(());
            }
            if stopped.swap(false, Ordering::Relaxed) {
                screen.stop()?;
                break;
            }
            let wait = match paused {
                true => NOTICE,
                false => interval.saturating_sub(looked.elapsed()).min(NOTICE),
            };
            match heard.recv_timeout(wait) {
                Ok(Heard::Terminal(Ok(Event::Key(key)))) => match wish(key) {
                    KeyAction::Leave => return Ok(()),
                    KeyAction::Stop => screen.stop()?,
                    KeyAction::Pause => paused = !paused,
                    KeyAction::Sort(by) => order = by,
                    KeyAction::Scroll(rows) => top = top.saturating_add_signed(rows),
                    KeyAction::Nothing => continue,
                },
                Ok(Heard::Terminal(Ok(Event::Resize(..)))) => {}
                Ok(Heard::Terminal(event)) => {
                    event?;
                    continue;
                }
                Ok(Heard::Servers(answers)) => {
                    asker.answered();
                    if paused {
                        continue;
                    }
                    said = answers;
                    report = look.report(&said);
                }
                Err(_) if paused || looked.elapsed() < interval => continue,
                Err(_) => {
                    looked = Instant::now();
                    // The hardware is looked at when the servers have answered, and does not wait for one that is slow.
                    if asker.ask() {
                        continue;
                    }
                    report = look.report(&said);
                }
            }
            break;
        }
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
