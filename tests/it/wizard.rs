//! The wizard as people meet it: in a window of 80 by 24.

#![cfg(unix)]

mod left;
pub(crate) mod window;

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use vramfit::app::Exit;

use crate::support::Machine;
use window::{CTRL_C, CTRL_U, DOWN, ENTER, ESC, TAB, UP, Window};

fn scratch() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The wizard with the guide's models.
fn guide(folder: &Path, words: &[&str]) -> Window {
    Window::open(
        folder,
        &[&["wizard", "--catalog", "guide"], words].concat(),
        &[],
    )
}

/// The wizard where only the offers are left.
fn offers(folder: &Path) -> Window {
    let card = ["--gpu", "RTX 3090", "--task", "chinese"];
    let rest = ["--priority", "quality", "--context", "8k"];
    let mut window = guide(folder, &[card, rest].concat());
    window.until("What next?").until("Esc");
    window
}

#[test]
fn four_answers_lead_to_the_table_the_pick_the_command_and_the_offers() {
    let folder = scratch();
    // Without a subcommand: on a terminal it is the wizard.
    let mut window = Window::open(folder.path(), &["--catalog", "guide"], &[]);
    window
        .until("What is the model mainly for?")
        .until("Esc leaves");
    window.until("qwen3:30b (one card), qwen2:72b (two)");
    window.until("conversation").keys(DOWN).keys(ENTER);
    window
        .until("How much GPU memory is there?")
        .until("as 8GB");
    window
        .until("❯ A GPU by its name")
        .keys(&DOWN.repeat(3))
        .keys(ENTER);
    window
        .until("How much RAM")
        .until("❯ Do not use it  (default)");
    window.keys(ENTER);
    // 24 GB hold what the guide names for quality.
    window
        .until("What counts most?")
        .until("30B and more (default)");
    window.keys(ENTER);
    window
        .until("Is a long context needed?")
        .until("any model (default)");
    window.keys(ENTER);
    window.until("What next?").until("Done");
    window
        .until("Pick  qwen3:30b for Chinese")
        .until("ollama run qwen3:30b");
    let command = "vramfit recommend --task chinese --vram 24 --priority quality --catalog guide";
    assert!(
        unbroken(&window.text()).contains(command),
        "{}",
        window.text()
    );
    window.keys(UP).keys(ENTER);
    assert_eq!(window.ends(), 0);
    window.is_restored();
    // The same as the command, to its first row.
    let same = Machine::new().run(&format!("{} --json", &command["vramfit ".len()..]));
    assert_eq!(same.json()["recommendations"][0]["tag"], "qwen3:30b");
    assert_eq!(same.exit, Exit::Yes);
}

/// A screen's text without the breaks of a long command.
fn unbroken(text: &str) -> String {
    let joined = text.replace("\\\n", " ");
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn it_speaks_chinese() {
    let folder = scratch();
    let mut window = guide(folder.path(), &["--lang", "zh"]);
    // Who reads Chinese is likely to want a model that writes it.
    window
        .until("主要用模型做什么？")
        .until("Esc 退出")
        .until("❯ 中文任务");
    let rows = window.text();
    let columns = rows.lines().filter_map(|row| {
        let at = row.find("指南：")?;
        Some(unicode_width::UnicodeWidthStr::width(&row[..at]))
    });
    let columns: Vec<usize> = columns.collect();
    assert_eq!(columns.len(), 6, "{rows}");
    assert!(columns.iter().all(|column| *column == columns[0]), "{rows}");
    window
        .keys(ENTER)
        .until("有多少显存？")
        .until("48GB")
        .keys(&DOWN.repeat(4))
        .keys(ENTER);
    window.until("多大内存").until("不用内存").keys(ENTER);
    window
        .until("更看重什么？")
        .until("Esc 返回上一步")
        .keys(ENTER);
    window.until("是否需要长上下文？").keys(ENTER);
    window.until("接下来做什么？").until("不经提问的等价命令：");
    window
        .until("首选")
        .until("RTX 3090 x2")
        .until("生成 Modelfile");
    window.keys(UP).keys(ENTER);
    assert_eq!(window.ends(), 0);
    window.is_restored();
}

#[test]
fn esc_goes_back_and_finds_the_answer_that_was_given() {
    let folder = scratch();
    let mut window = guide(folder.path(), &[]);
    window
        .until("mainly for?")
        .until("Esc")
        .keys(DOWN)
        .keys(DOWN)
        .keys(ENTER);
    window.until("How much GPU memory").until("Esc").keys(ESC);
    window.until("<back>").until("❯ code");
    window.keys(DOWN).keys(ENTER);
    window
        .until("mainly for? reasoning")
        .until("by its name")
        .keys(&DOWN.repeat(3))
        .keys(ENTER);
    window.until("How much RAM").until("Esc").keys(ESC);
    window.until("❯ 24 GB").keys(ENTER);
    window.until("How much RAM").until("Esc").keys(ENTER);
    window.until("What counts most?").until("Esc").keys(ENTER);
    window
        .until("Is a long context needed?")
        .until("Esc")
        .keys(ENTER);
    window.until("What next?").until("Esc").keys(ESC);
    // From the offers to the last question; another answer has another result.
    window.until("❯ less than 8K").until("8-16K");
    window.keys(&DOWN.repeat(2)).keys(ENTER);
    window
        .until("32k --catalog guide")
        .until("❯ Write a Modelfile")
        .keys(CTRL_C);
    assert_eq!(window.ends(), 2);
    window.is_restored();
}

#[test]
fn esc_at_the_first_question_leaves() {
    let folder = scratch();
    let mut window = guide(folder.path(), &[]);
    window.until("mainly for?").until("Esc leaves").keys(ESC);
    assert_eq!(window.ends(), 2);
    assert!(window.text().contains("<left>"), "{}", window.text());
    window.is_restored();
}

#[test]
fn ctrl_c_leaves_at_once_and_leaves_the_terminal_as_it_was() {
    let folder = scratch();
    for answered in 0..4 {
        let mut window = guide(folder.path(), &[]);
        let questions = [
            "mainly for?",
            "How much GPU",
            "How much RAM",
            "What counts",
            "long context",
        ];
        for question in &questions[..answered] {
            window.until(question).until("[Decides");
            // The first answer about memory asks for a name.
            let first = if *question == "How much GPU" {
                DOWN
            } else {
                ""
            };
            window.keys(first).keys(ENTER);
        }
        window
            .until(questions[answered])
            .until("[Decides")
            .keys(CTRL_C);
        assert_eq!(window.ends(), 2, "{answered}");
        let text = window.text();
        assert!(
            text.ends_with("\nvramfit: The wizard was cancelled."),
            "{text}"
        );
        window.is_restored();
    }
    // While a name is typed, too.
    let mut window = guide(folder.path(), &["--task", "code"]);
    window.until("❯ A GPU by its name").keys(ENTER);
    window
        .until("Which GPU")
        .keys("RTX 30")
        .until("RTX 3060")
        .keys(CTRL_C);
    assert_eq!(window.ends(), 2);
    window.is_restored();
}

#[test]
fn a_gpu_is_named_and_completed_from_the_catalog() {
    let folder = scratch();
    let mut window = guide(folder.path(), &["--task", "code"]);
    window.until("❯ A GPU by its name").keys(ENTER);
    window
        .until("Which GPU, or how much memory?")
        .keys("nothing")
        .keys(ENTER);
    window.until("# ").keys(CTRL_U);
    // The second of two cards, by a part of its name.
    window
        .keys("2x3090+rtx a6")
        .until("2x3090+RTX A6000")
        .keys(TAB);
    window.until("memory? 2x3090+RTX A6000").keys(ENTER);
    window.until("How much RAM").until("64 GB");
    window
        .keys(&DOWN.repeat(5))
        .until("❯ Another size")
        .keys(ENTER);
    window.until("such as 96").keys("96").keys(ENTER);
    window.until("What counts most?").keys(ENTER);
    window.until("long context").keys(ENTER).until("What next?");
    window.until("--gpu '2x3090+RTX A6000' --ram 96");
    window.until("❯ Write a Modelfile").keys(CTRL_C);
    assert_eq!(window.ends(), 2);
    window.is_restored();
}

#[test]
fn what_is_typed_finds_an_answer_or_is_taken_on() {
    let folder = scratch();
    let mut window = guide(folder.path(), &["--task", "code"]);
    // No answer has it in its name: it is a GPU, and stands in the next line already.
    window.until("❯ A GPU by its name").keys("3060");
    window.until("there? 3060").keys(ENTER);
    window.until("by its name").until("(3060)").keys(ENTER);
    window.until("How much RAM").until("64 GB").keys("32");
    window.until("❯ 32 GB").keys(ENTER);
    window.until("What counts most?").keys("quality");
    window.until("❯ quality").keys(ENTER);
    window.until("long context").keys("20k");
    window.until("❯ another length").keys(ENTER);
    window.until("(20k)").keys(ENTER).until("What next?");
    window.until("--gpu 3060 --ram 32 --priority quality --context 20k");
    window.keys(CTRL_C);
    assert_eq!(window.ends(), 2);
    window.is_restored();
}

#[test]
fn flags_are_not_asked_for() {
    let folder = scratch();
    let card = ["--task", "chinese", "--gpu", "RTX 3090"];
    let mut window = guide(folder.path(), &card);
    window.until("What counts most?").until("Esc leaves");
    assert!(!window.text().contains("mainly for?"), "{}", window.text());
    window.keys(ENTER).until("long context").keys(ENTER);
    window.until("Pick  qwen3:30b").until("--gpu 'RTX 3090'");
    window.until("❯ Write a Modelfile").keys(CTRL_C);
    assert_eq!(window.ends(), 2);
}

#[test]
fn what_is_here_is_offered_first_and_sets_the_defaults() {
    let folder = scratch();
    let config = folder.path().join("vramfit");
    fs::create_dir(&config).expect("a folder");
    fs::write(config.join("config.toml"), "gpu = [\"RTX 3060 12GB\"]\n").expect("a file");
    let home = folder.path().to_str().expect("UTF-8");
    let variables = [
        ("XDG_CONFIG_HOME", home),
        ("OLLAMA_CONTEXT_LENGTH", "16384"),
    ];
    let words = ["wizard", "--task", "chat", "--catalog", "guide"];
    let mut window = Window::open(folder.path(), &words, &variables);
    window
        .until("❯ RankingHardware: RTX 3060")
        .until("11.6 GiB free (default)")
        .keys(ENTER);
    window
        .until("What counts most?")
        .until("13-14B models (default)")
        .keys(ENTER);
    window
        .until("❯ 16K")
        .until("as set on this machine (default)")
        .keys(ENTER);
    window.until("--context 16384");
    assert!(!window.text().contains("--vram"), "{}", window.text());
    window.until("❯ Write a Modelfile").keys(CTRL_C);
    assert_eq!(window.ends(), 2);
}

#[test]
fn without_colour_there_is_none() {
    let folder = scratch();
    let coloured = |variables: &[(&str, &str)]| {
        let mut window = Window::open(folder.path(), &["wizard", "--vram", "24"], variables);
        window.until("mainly for?").until("Esc").keys(ENTER);
        window.until("What counts most?").until("Esc").keys(ENTER);
        window.until("long context").until("Esc").keys(ENTER);
        window.until("What next?").until("Esc").keys(CTRL_C);
        assert_eq!(window.ends(), 2);
        let written = String::from_utf8_lossy(&window.written).into_owned();
        // ESC [ numbers m
        written.split("\x1b[").skip(1).any(|rest| {
            rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
                .starts_with('m')
        })
    };
    assert!(coloured(&[]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
}
