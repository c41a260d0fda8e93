//! The wizard as people meet it: in a window of 80 by 24.
#![cfg(unix)]

mod window;

use std::path::Path;

use tempfile::TempDir;
use window::{CTRL_C, DOWN, ENTER, ESC, TAB, Window};

use crate::support::{Machine, width};
use vramfit::app::Exit;

fn scratch() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn guide(folder: &Path, words: &[&str]) -> Window {
    let words = [words, &["--catalog", "guide"]].concat();
    Window::open(folder, &words, &[])
}

#[test]
fn four_answers_lead_to_the_table_the_pick_the_command_and_the_offers() {
    let folder = scratch();
    let mut window = guide(folder.path(), &["wizard"]);
    window
        .until("What is the model mainly for?")
        .until("Esc leaves");
    window.until("conversation").keys(DOWN).keys(ENTER);
    window.until("How much GPU memory is there?").until("24 GB");
    window.keys(DOWN).keys(DOWN).keys(ENTER);
    window
        .until("What counts most?")
        .until("(default)")
        .keys(ENTER);
    window.until("Is a long context needed?").keys(ENTER);
    window.until("What next?").until("Done");
    eprintln!("{}", window.text());
    let all = window.everything();
    eprintln!("{all}");
    window.keys(CTRL_C);
    window.ends();
}
