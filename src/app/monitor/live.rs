//! The live page: repainted in the terminal's second screen, so that what was there before is there afterwards.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::queue;
use crossterm::style::Print;
use crossterm::terminal::{
    Clear, ClearType, DisableLineWrap, EnableLineWrap, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode, size,
};

use super::Look;
use crate::app::session::Session;
use crate::render::monitor::{Order, keys, page};
use crate::render::terminal::{Terminal, render};

/// How long a signal may wait until it is noticed.
const NOTICE: Duration = Duration::from_millis(250);

/// The terminal while it is ours. Whatever ends the page, the drop gives it back as it was.
struct Screen<'a> {
    out: BufWriter<&'a mut dyn Write>,
}

impl<'a> Screen<'a> {
    fn enter(out: &'a mut dyn Write) -> io::Result<Self> {
        enable_raw_mode()?;
        let mut screen = Self {
            out: BufWriter::new(out),
        };
        queue!(screen.out, EnterAlternateScreen, Hide, DisableLineWrap)?;
        Ok(screen)
    }

    /// Paints over what is there; a screen that is cleared first would flicker.
    fn paint(&mut self, text: &str, rows: usize) -> io::Result<()> {
        for (row, line) in text.lines().take(rows).enumerate() {
            let row = u16::try_from(row).unwrap_or(u16::MAX);
            queue!(
                self.out,
                MoveTo(0, row),
                Print(line),
                Clear(ClearType::UntilNewLine)
            )?;
        }
        let below = u16::try_from(text.lines().count()).unwrap_or(u16::MAX);
        if usize::from(below) < rows {
            queue!(self.out, MoveTo(0, below), Clear(ClearType::FromCursorDown))?;
        }
        self.out.flush()
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        // A terminal that is gone needs nothing back.
        let _ = queue!(self.out, EnableLineWrap, Show, LeaveAlternateScreen);
        let _ = self.out.flush();
        let _ = disable_raw_mode();
    }
}

/// What a key asks for.
enum Wish {
    Leave,
    Pause,
    Sort(Order),
    Nothing,
}

fn wish(key: KeyEvent) -> Wish {
    if key.kind == KeyEventKind::Release {
        return Wish::Nothing;
    }
    match key.code {
        KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => Wish::Leave,
        KeyCode::Char('q') | KeyCode::Esc => Wish::Leave,
        KeyCode::Char(' ') => Wish::Pause,
        KeyCode::Char('m') => Wish::Sort(Order::Memory),
        KeyCode::Char('u') => Wish::Sort(Order::Utilization),
        KeyCode::Char('p') => Wish::Sort(Order::Pid),
        _ => Wish::Nothing,
    }
}

/// Looks and paints until a key or a signal ends it.
pub(super) fn run(
    session: &Session,
    look: &Look<'_>,
    interval: Duration,
    out: &mut dyn Write,
) -> io::Result<()> {
    let ended = ended()?;
    let mut screen = Screen::enter(out)?;
    let (mut order, mut paused) = (Order::Number, false);
    let mut report = look.report();
    let mut looked = Instant::now();
    loop {
        let (columns, rows) = size()?;
        let terminal = Terminal {
            width: usize::from(columns),
            ..session.terminal()
        };
        let view = session.view();
        let mut page = page(&report, view, order);
        page.blocks.insert(0, keys(view, order, paused));
        screen.paint(&render(&page, &terminal), usize::from(rows))?;
        loop {
            if ended.load(Ordering::Relaxed) {
                return Ok(());
            }
            let wait = match paused {
                true => NOTICE,
                false => interval.saturating_sub(looked.elapsed()).min(NOTICE),
            };
            if event::poll(wait)? {
                match event::read()? {
                    Event::Key(key) => match wish(key) {
                        Wish::Leave => return Ok(()),
                        Wish::Pause => paused = !paused,
                        Wish::Sort(by) => order = by,
                        Wish::Nothing => continue,
                    },
                    Event::Resize(..) => {}
                    _ => continue,
                }
                break;
            }
            if !paused && looked.elapsed() >= interval {
                report = look.report();
                looked = Instant::now();
                break;
            }
        }
    }
}

/// Whether somebody asked the program to end.
#[cfg(unix)]
fn ended() -> io::Result<Arc<AtomicBool>> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let ended = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGHUP, SIGINT] {
        signal_hook::flag::register(signal, Arc::clone(&ended))?;
    }
    Ok(ended)
}

/// Other systems end a program without asking.
#[cfg(not(unix))]
fn ended() -> io::Result<Arc<AtomicBool>> {
    Ok(Arc::default())
}
