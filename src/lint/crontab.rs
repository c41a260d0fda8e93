//! Tables of cron: variables, and commands with the times at which they are run.

use std::ops::Range;

use super::hint::Unclear;
use super::sheet::SourceText;
use super::variable::Setting;
use super::{Problem, shell};

/// What stands for five fields of a time.
const NICKNAMES: [&str; 8] = [
    "@reboot",
    "@yearly",
    "@annually",
    "@monthly",
    "@weekly",
    "@daily",
    "@midnight",
    "@hourly",
];

/// Judges a table; those of the system name a user before each command.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>, name: &str) {
    let path = name.replace('\\', "/");
    let users = path.contains("cron.d/") || path.ends_with("etc/crontab");
    // What such a table sets is for its server, and its clients are given it, too.
    let text = sheet.text.get(region.clone()).unwrap_or_default();
    let serves = text.contains("ollama serve");
    let mut settings: Vec<Setting> = Vec::new();
    for (at, line) in sheet.lines(region) {
        if sheet.is_full() {
            return;
        }
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let start = at.start + line.len() - line.trim_start().len();
        let at = start..start + text.len();
        if let Some(setting) = assignment(text, at.clone()) {
            settings.push(setting);
            continue;
        }
        match command(text, users) {
            Some(offset) => {
                // What stands behind a `%` is written to the command.
                let run = text.get(offset..).unwrap_or_default();
                let ends = run.match_indices('%').map(|(end, _)| end);
                let end = ends
                    .into_iter()
                    .find(|end| !run.get(..*end).unwrap_or_default().ends_with('\\'));
                let start = at.start + offset;
                let command = start..start + end.unwrap_or(run.len());
                let run = sheet.text.get(command.clone()).unwrap_or_default();
                if let Some(open) = shell::open_quote(run) {
                    sheet.find_open_quote(start + open..start + open + 1);
                    continue;
                }
                shell::scheduled(sheet, command, &settings, serves);
            }
            None => {
                let what = Unclear::Line;
                sheet.find_with(at, Problem::NotUnderstood { what }, "");
            }
        }
    }
}

/// `NAME=value` and `NAME = value`.
fn assignment(text: &str, at: Range<usize>) -> Option<Setting> {
    let (name, value) = text.split_once('=')?;
    let given = format!("{}={}", name.trim_end(), value.trim_start());
    let setting = Setting::parse(&given, at.clone())?;
    let value_at = at.end - value.trim_start().len()..at.end;
    Some(Setting {
        at,
        value_at,
        ..setting
    })
}

/// Where a command begins behind its time, and behind its user where there is one.
fn command(text: &str, user: bool) -> Option<usize> {
    let times = match text.starts_with('@') {
        true => 1,
        false => 5,
    };
    let mut offset = 0;
    for field in 0..times + usize::from(user) {
        let rest = text.get(offset..)?.trim_start();
        let word = rest.split_whitespace().next()?;
        let time = match times {
            1 => NICKNAMES.contains(&word),
            _ => word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "*/,-~".contains(c)),
        };
        if field < times && !time {
            return None;
        }
        offset = text.len() - rest.len() + word.len();
    }
    let rest = text.get(offset..)?;
    let blanks = rest.len() - rest.trim_start().len();
    (blanks < rest.len()).then_some(offset + blanks)
}
