//! Signals that end the program while the terminal is not as it was.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::thread;

use crossterm::terminal::disable_raw_mode;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

/// What ends a program, and is not held back by those who send it.
pub(super) const ENDING: [i32; 4] = [SIGTERM, SIGHUP, SIGINT, SIGQUIT];

/// Before one of them ends the program, as it does by default, the terminal is given back: its modes, pasting, the cursor, an empty line.
///
/// # Errors
/// If the system takes no handlers.
pub(super) fn restore_terminal() -> io::Result<()> {
    let mut signals = Signals::new(ENDING)?;
    thread::spawn(move || {
        for signal in signals.forever() {
            let _ = disable_raw_mode();
            // Not by the standard streams: the thread that is interrupted holds their locks.
            if let Ok(mut terminal) = OpenOptions::new().write(true).open("/dev/tty") {
                let _ = terminal.write_all(b"\x1b[?2004l\r\x1b[J\x1b[?25h");
            }
            let _ = emulate_default_handler(signal);
        }
    });
    Ok(())
}
