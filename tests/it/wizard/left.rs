//! What the wizard leaves behind: files, commands, a pulled model.

use std::fs;

use vramfit::app::Exit;

use super::window::{DOWN, ENTER, UP, Window};
use super::{offers, scratch};
use crate::ollama::recorded::{Recorded, lines, ok};
use crate::support::Machine;

#[test]
fn a_modelfile_is_written_and_never_written_over_unasked() {
    let folder = scratch();
    let file = folder.path().join("models/Modelfile.qwen3-30b");
    let mut window = offers(folder.path());
    window
        .keys(ENTER)
        .until("Into which folder?")
        .keys("models")
        .keys(ENTER);
    window.until("Wrote models/").until("❯ Done");
    let text = fs::read_to_string(&file).expect("a Modelfile");
    assert!(text.contains("FROM qwen3:30b\n"), "{text}");
    fs::write(&file, "mine\n").expect("a file");
    let again = |window: &mut Window| {
        window.keys(&UP.repeat(5));
        window.until("❯ Write a Modelfile").keys(ENTER);
        window.until("It is created").keys("models").keys(ENTER);
        window
            .until("already exists. Overwrite it?")
            .until("❯ No, keep it");
    };
    again(&mut window);
    window.keys(ENTER).until("❯ Done");
    assert_eq!(fs::read_to_string(&file).expect("a file"), "mine\n");
    again(&mut window);
    window.keys(DOWN).keys(ENTER).until("❯ Done").keys(ENTER);
    assert_eq!(window.ends(), 0);
    assert_eq!(fs::read_to_string(&file).expect("a file"), text);
}

#[test]
fn files_commands_and_the_explanation_are_shown() {
    let folder = scratch();
    let mut window = offers(folder.path());
    window
        .keys(DOWN)
        .keys(ENTER)
        .until("Which files?")
        .until("litellm")
        .keys(ENTER);
    window.until("--emit shell --out .").until("❯ Done");
    assert!(window.everything().contains("==> start.sh <=="));
    let up = |window: &mut Window, times: usize, offer: &str| {
        window.keys(&UP.repeat(times)).until(&format!("❯ {offer}"));
        window.keys(ENTER);
    };
    up(&mut window, 3, "Show the commands");
    window.until("ollama pull qwen3:30b").until("❯ Done");
    up(&mut window, 2, "Explain");
    window.until("❯ Done");
    up(&mut window, 1, "Show the plan");
    window.until("❯ Done").keys(ENTER);
    assert_eq!(window.ends(), 0);
    let everything = window.everything();
    assert!(everything.contains("KV cache"), "{everything}");
    assert!(everything.contains("1 of 1 service placed"), "{everything}");
    window.is_restored();
}

#[test]
fn a_running_ollama_is_offered_to_pull() {
    let server = Recorded::start(vec![
        ("/api/version", ok(r#"{"version":"0.33.0"}"#)),
        ("/api/tags", ok(r#"{"models":[]}"#)),
        (
            "/api/pull",
            lines(&[
                r#"{"status":"pulling manifest"}"#,
                r#"{"status":"success"}"#,
            ]),
        ),
    ]);
    let folder = scratch();
    let words = [
        "wizard",
        "--catalog",
        "guide",
        "--gpu",
        "RTX 3090",
        "--task",
        "chinese",
        "--priority",
        "quality",
        "--context",
        "8k",
    ];
    let mut window = Window::open(folder.path(), &words, &[("OLLAMA_HOST", server.host())]);
    window.until("What next?").until("Pull it now");
    window
        .keys(&DOWN.repeat(5))
        .until("❯ Pull it now")
        .keys(ENTER);
    window.until("❯ Done").keys(ENTER);
    assert_eq!(window.ends(), 0);
    let asked = server.asked().join("\n");
    assert!(
        asked.contains("/api/pull") && asked.contains("qwen3:30b"),
        "{asked}"
    );
    window.is_restored();
}

#[test]
fn without_a_terminal_it_names_the_command_for_scripts() {
    for machine in [Machine::new(), Machine::new().terminal(80)] {
        let run = machine.run("wizard");
        assert_eq!(run.exit, Exit::Failure);
        assert!(run.err.contains("vramfit recommend"), "{}", run.err);
        assert!(run.out.is_empty());
        let run = machine.run("");
        assert_eq!(run.exit, Exit::Failure);
        assert!(run.err.contains("recommend"), "{}", run.err);
    }
}
