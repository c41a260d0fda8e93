//! The READMEs show what the program says, and name only what it has.

#[path = "../../examples/terminal_svg/svg.rs"]
mod svg;

use crate::support::Machine;

/// The pages with their languages.
const PAGES: [(&str, &str); 2] = [("README.md", "en"), ("README.zh.md", "zh")];

/// Their texts; read when the test runs, so that a page that changes needs no build.
fn pages() -> [(String, &'static str); 2] {
    PAGES.map(|(path, lang)| (std::fs::read_to_string(path).expect("a page"), lang))
}

/// The fenced blocks of a page: their language, their text.
fn blocks(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let fenced = page.split("```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n'))
}

/// A command without what a shell does with its output, and the lines that `head` leaves of that.
fn command(line: &str) -> Option<(&str, usize)> {
    let command = line.split('#').next()?.trim().strip_prefix("vramfit ")?;
    let lines = command.split_once("| head -");
    let lines = lines.and_then(|(_, lines)| lines.parse().ok());
    let command = command.split(" | ").next()?.split(" > ").next()?;
    Some((command.trim(), lines.unwrap_or(usize::MAX)))
}

/// Whether what is kept is to be written anew, as insta is told.
fn renews() -> bool {
    std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always")
}

#[test]
fn what_is_shown_is_what_is_printed() {
    for (path, _) in PAGES {
        let page = std::fs::read_to_string(path).expect("a page");
        let mut renewed = page.clone();
        let mut count = 0;
        for (_, block) in blocks(&page) {
            let Some((typed, shown)) = block
                .strip_prefix("$ ")
                .and_then(|block| block.split_once('\n'))
            else {
                continue;
            };
            let (command, lines) = command(typed).expect("a command");
            let run = Machine::new().run(command);
            assert_eq!(run.exit.code(), 0, "{command}: {}", run.err);
            let printed = run.out.trim_end().lines().map(str::trim_end);
            let printed: Vec<&str> = printed.take(lines).collect();
            let printed = printed.join("\n");
            if renews() {
                renewed = renewed.replacen(shown.trim_end(), printed.trim_end(), 1);
            } else {
                assert_eq!(
                    shown.trim_end(),
                    printed.trim_end(),
                    "INSTA_UPDATE=always pastes what {typed} prints"
                );
            }
            count += 1;
        }
        assert_eq!(count, 3);
        if renewed != page {
            std::fs::write(path, renewed).expect("a page");
        }
    }
}

#[test]
fn the_pictures_are_what_the_command_prints() {
    for (name, lang) in [("recommend", "en"), ("recommend.zh", "zh")] {
        let words = ["recommend", "--task", "chinese", "--gpu", "RTX 3060 12GB"];
        let words = words.iter().chain(&["-n", "6"]);
        let mut words: Vec<String> = words.map(|word| (*word).to_owned()).collect();
        if lang == "zh" {
            words.extend(["--lang".to_owned(), "zh".to_owned()]);
        }
        let path = format!("docs/{name}.svg");
        let drawn = svg::picture(&words);
        if renews() {
            std::fs::write(&path, &drawn).expect("a picture");
        }
        let kept = std::fs::read_to_string(&path).expect("a picture");
        assert!(
            kept == drawn,
            "cargo run --example terminal_svg -- {} > {path}",
            words.join(" ")
        );
    }
}

#[test]
fn the_first_picks_file_is_known_exactly() {
    let run = Machine::new().run("recommend --task chinese --gpu 'RTX 3060 12GB' -n 6 --json");
    let report = run.json();
    let all = report["recommendations"].as_array().expect("a list");
    assert_ne!(all[0]["estimate"]["basis"], "approximate");
    let reasons = all[0]["reasons"].to_string();
    assert!(!reasons.contains("approximate"), "{reasons}");
    let scores: Vec<u64> = all
        .iter()
        .filter_map(|one| one["score"]["total"].as_f64())
        .map(|score| score.round() as u64)
        .collect();
    assert!(scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
}

#[test]
fn scripts_and_configuration_work_as_they_stand() {
    let folder = tempfile::tempdir().expect("a folder");
    for (page, _) in pages() {
        let mut count = 0;
        for (language, block) in blocks(&page) {
            if language == "toml" {
                let path = folder.path().join("config.toml");
                std::fs::write(&path, block).expect("a file");
                let run = Machine::new().run(&format!("gpus --config '{}'", path.display()));
                assert!(run.out.contains("RTX 3090"), "{}", run.err);
                count += 1;
            }
            for line in block.lines().filter(|_| language == "sh") {
                let Some((command, _)) =
                    command(line).filter(|(command, _)| !command.contains("--out"))
                else {
                    continue;
                };
                let hardware = if command.starts_with("recommend") {
                    " --vram 24"
                } else {
                    ""
                };
                let run = Machine::new().run(&format!("{command}{hardware}"));
                assert_eq!(run.exit.code(), 0, "{command}: {}", run.err);
                if let Some((_, path)) = line.split_once("| jq ") {
                    let path = path.trim_start_matches("-r ").trim_matches('\'');
                    let pointer = path.replace(['.', '['], "/").replace(']', "");
                    let found = run.json();
                    assert!(
                        found
                            .pointer(&pointer)
                            .is_some_and(|found| !found.is_null()),
                        "{path}"
                    );
                }
                count += 1;
            }
        }
        assert_eq!(count, 7);
    }
}

#[test]
fn every_command_of_the_tables_exists() {
    for (page, _) in pages() {
        let rows = page.lines().filter(|line| line.starts_with("| `"));
        let cells = rows.filter_map(|row| row.split('|').nth(1));
        let mut count = 0;
        for code in cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
            let command = code.strip_prefix("vramfit").unwrap_or(code).trim();
            let name = command.split(' ').next().unwrap_or_default();
            let help = Machine::new().run(&format!("{name} --help"));
            assert_eq!(help.exit.code(), 0, "{code}");
            count += 1;
        }
        assert!(count > 15, "{count} commands");
    }
}

#[cfg(unix)]
#[test]
fn the_wizards_question_is_the_one_that_is_shown() {
    use crate::wizard::window::Window;

    let folder = tempfile::tempdir().expect("a folder");
    for (page, lang) in pages() {
        let block = blocks(&page).find(|(_, block)| block.starts_with("? "));
        let (_, shown) = block.expect("a question");
        let words = ["wizard", "--task", "code", "--lang", lang];
        let mut window = Window::open(folder.path(), &words, &[]);
        window.until("96").until("Esc");
        let text = window.text();
        // What Esc does depends on whether a question stands before this one.
        let shown = shown.trim_end().rsplit_once('\n').expect("lines").0;
        for line in shown.lines() {
            assert!(text.contains(line.trim_end()), "{line}\n{text}");
        }
    }
}
