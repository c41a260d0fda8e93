//! What is longer than the terminal, shown by the person's pager.

use std::io::Write;
use std::process::{Command, Stdio};

use super::Environment;

/// Whether it was shown: without a pager, or where it cannot be started, it has to be written as it is.
#[cfg(unix)]
pub(super) fn show(text: &str, environment: &Environment) -> bool {
    let mut pager = match environment.get("PAGER") {
        Some(command) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", command]);
            shell
        }
        None => Command::new("less"),
    };
    if environment.get("LESS").is_none() {
        // Ends at once where one screen does, shows colours, and leaves the text on the screen.
        pager.env("LESS", "FRX");
    }
    let Ok(mut child) = pager.stdin(Stdio::piped()).spawn() else {
        return false;
    };
    // Ctrl-C is for the pager.
    let interrupted = std::sync::Arc::default();
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted);
    if let Some(mut input) = child.stdin.take() {
        // Whoever leaves the pager early has seen enough.
        let _ = input.write_all(text.as_bytes());
    }
    let _ = child.wait();
    true
}

/// Other systems have no pager that shows colours.
#[cfg(not(unix))]
pub(super) fn show(_: &str, _: &Environment) -> bool {
    false
}
