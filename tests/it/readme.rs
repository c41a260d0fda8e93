//! The READMEs show what the program says, and name only what it has.

use crate::support::Machine;

const PAGES: [&str; 2] = [
    include_str!("../../README.md"),
    include_str!("../../README.zh.md"),
];
const RUN: &str = "$ cargo run --release -- ";

#[test]
fn the_screenshot_is_what_the_command_prints() {
    for page in PAGES {
        let shot = page.split("```").nth(1).expect("a fenced block").trim();
        let (command, shown) = shot.split_once('\n').expect("a command and its output");
        let command = command.strip_prefix(RUN).expect("how to run it");
        let run = Machine::new().run(command);
        assert_eq!(run.exit.code(), 0, "{}", run.err);
        let printed: Vec<&str> = run.out.trim_end().lines().map(str::trim_end).collect();
        assert_eq!(
            shown.trim_end(),
            printed.join("\n"),
            "run {command} again and paste"
        );
    }
}

#[test]
fn every_command_of_the_tables_exists() {
    for page in PAGES {
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
