//! A window of 80 by 24 with the program in it: what is typed goes in, what a person would see comes out.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long the program may take to show something.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) const DOWN: &str = "\x1b[B";
pub(crate) const UP: &str = "\x1b[A";
pub(crate) const ENTER: &str = "\r";
pub(crate) const ESC: &str = "\x1b";
pub(crate) const CTRL_C: &str = "\x03";
pub(crate) const CTRL_U: &str = "\x15";
pub(crate) const TAB: &str = "\t";

/// The window.
pub(crate) struct Window {
    screen: vt100::Parser,
    /// Every byte that was written.
    pub(crate) written: Vec<u8>,
    bytes: Receiver<Vec<u8>>,
    keyboard: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// How the terminal was before the program ran.
    before: String,
}

impl Window {
    /// Runs the program with these words in `folder`; the host's hardware and environment do not matter.
    pub(crate) fn open(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_vramfit"));
        command.args(words);
        command.cwd(folder);
        command.env_clear();
        for (name, value) in [
            ("LANG", "en_US.UTF-8"),
            ("TERM", "xterm-256color"),
            ("VRAMFIT_NVML", "/nonexistent/libnvidia-ml.so.1"),
            ("VRAMFIT_ROOT", "/nonexistent"),
            // Nobody listens there: the host's Ollama must not matter either.
            ("OLLAMA_HOST", "127.0.0.1:9"),
        ]
        .iter()
        .chain(variables)
        {
            command.env(name, value);
        }
        let before = state(&*pair.master);
        let child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keyboard = pair.master.take_writer().expect("a writer");
        let (sender, bytes) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            screen: parser(24),
            written: Vec::new(),
            bytes,
            keyboard,
            master: pair.master,
            child,
            before,
        }
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) -> &mut Self {
        self.keyboard
            .write_all(keys.as_bytes())
            .expect("a keyboard");
        self.keyboard.flush().expect("a keyboard");
        self
    }

    /// Another size of the window, of which the program is told as by any terminal.
    pub(crate) fn resize(&mut self, rows: u16, cols: u16) -> &mut Self {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.resize(size).expect("a size");
        self
    }

    /// Waits until the screen shows this.
    pub(crate) fn until(&mut self, wanted: &str) -> &mut Self {
        let shows = |window: &Self| window.text().contains(wanted);
        assert!(self.wait(shows), "no {wanted:?} in\n{}", self.text());
        self
    }

    /// Waits until the screen shows this no more.
    pub(crate) fn until_not(&mut self, gone: &str) -> &mut Self {
        let shows = |window: &Self| !window.text().contains(gone);
        assert!(self.wait(shows), "{gone:?} stays in\n{}", self.text());
        self
    }

    /// Waits until what was typed has been seen and answered.
    pub(crate) fn settled(&mut self) {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(700) {
            self.take(Duration::from_millis(50));
        }
    }

    /// Waits until the program ends, and says how.
    pub(crate) fn ends(&mut self) -> u32 {
        let start = Instant::now();
        let status = loop {
            self.take(Duration::from_millis(10));
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "does not end:\n{}", self.text());
        };
        // What it wrote last may still be on its way.
        while self.take(Duration::from_millis(100)) {}
        status.exit_code()
    }

    /// The program's number.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().expect("a process")
    }

    /// What is seen, without blanks at the ends of lines.
    pub(crate) fn text(&self) -> String {
        let rows = self.screen.screen().rows(0, 80);
        let rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// What was ever shown, as text: what has left the window, too.
    pub(crate) fn everything(&self) -> String {
        let mut tall = parser(600);
        tall.process(&self.written);
        let rows = tall.screen().rows(0, 80);
        let rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// The terminal is as it was: its modes, the cursor, and how pasted text comes.
    pub(crate) fn is_restored(&self) {
        assert_eq!(state(&*self.master), self.before);
        let screen = self.screen.screen();
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pasting stays bracketed");
        assert!(!screen.alternate_screen());
        assert_eq!(screen.cursor_position().1, 0, "a line was not ended");
    }

    fn wait(&mut self, done: impl Fn(&Self) -> bool) -> bool {
        let start = Instant::now();
        while !done(self) {
            if start.elapsed() > PATIENCE {
                return false;
            }
            self.take(Duration::from_millis(50));
        }
        true
    }

    /// Takes what was written; whether there was something.
    fn take(&mut self, patience: Duration) -> bool {
        let Ok(bytes) = self.bytes.recv_timeout(patience) else {
            return false;
        };
        self.screen.process(&bytes);
        self.written.extend(bytes);
        true
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A terminal of 80 columns.
fn parser(rows: u16) -> vt100::Parser {
    let size = |n| NonZero::new(n).expect("a size");
    vt100::Parser::new(size(rows), size(80), 0)
}

/// The terminal's modes, in a form that can be compared.
fn state(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios())
}
