//! A line without a setting: what goes with it, so that the rest still says what it said.

use std::ops::Range;

use super::Setting;
use crate::lint::sheet::SourceText;

/// Words before assignments, which are nothing without them.
const SETTERS: [&str; 9] = [
    "export",
    "set",
    "declare -x",
    "typeset -x",
    "local",
    "ENV",
    "setenv",
    "Environment=",
    "-",
];
/// Programs whose words are assignments where these look so.
const PROGRAMS: [&str; 16] = [
    "-",
    "ENV",
    "apptainer",
    "declare",
    "docker",
    "env",
    "exec",
    "export",
    "kubectl",
    "local",
    "nerdctl",
    "nohup",
    "podman",
    "set",
    "ssh",
    "sudo",
];
/// Longest line that is looked at.
const LONGEST: usize = 4000;

impl Setting {
    /// Shows the line without this setting, where that can be told; whether it could.
    pub(in crate::lint) fn advise_without(&self, sheet: &mut SourceText<'_>) -> bool {
        let start = sheet.line_start(self.at.start);
        let end = sheet.line_end(self.at.end);
        let lines = sheet.text.get(start..end).unwrap_or_default();
        if lines.len() > LONGEST {
            return false;
        }
        let at = self.at.start - start..self.at.end - start;
        let Some(piece) = removal(lines, at) else {
            return false;
        };
        let mut piece = start + piece.start..start + piece.end;
        let line = sheet.line_start(piece.start);
        // A line that has nothing else goes with its end.
        let whole = piece.start == line && piece.end == end;
        if whole && sheet.text.get(end..).is_some_and(|rest| !rest.is_empty()) {
            let rest = sheet.text.get(end..).unwrap_or_default();
            piece.end = end + rest.find('\n').map_or(rest.len(), |at| at + 1);
        }
        sheet.advise(piece, "");
        true
    }
}

/// What goes out of lines with a setting in them.
fn removal(lines: &str, at: Range<usize>) -> Option<Range<usize>> {
    let at = item(lines, option(lines, quoted(lines, at)));
    let (before, after) = (lines.get(..at.start)?, lines.get(at.end..)?);
    let rest = after.trim();
    let is_last = matches!(rest, "" | "\\") || rest.starts_with('#');
    let setter = |words: &str| {
        let words: Vec<&str> = words.split_whitespace().collect();
        let words = words.join(" ").replace(" =", "=");
        words.is_empty() || SETTERS.contains(&words.as_str())
    };
    if is_last && setter(before) {
        return Some(0..lines.len());
    }
    let windows = before.to_ascii_lowercase();
    if ["$env:", "setenvironmentvariable(", "setx ", "set-item "]
        .iter()
        .any(|way| windows.contains(way))
    {
        return None;
    }
    // In brackets, with its comma.
    if let Some(more) = after.trim_start().strip_prefix(',') {
        return Some(at.start..lines.len() - more.trim_start().len());
    }
    let left = before.trim_end();
    let closes = rest.starts_with([']', '}']);
    if closes && left.ends_with([',', '[', '{']) {
        let from = left.strip_suffix(',').map_or(at.start, str::len);
        return Some(from..at.end);
    }
    among_words(lines, at, before, &setter)
}

/// A word among those of a command.
fn among_words(
    lines: &str,
    at: Range<usize>,
    before: &str,
    setter: &dyn Fn(&str) -> bool,
) -> Option<Range<usize>> {
    let after = lines.get(at.end..)?;
    // Words in quotes that are still open are a command of their own.
    let opening = |quote: char| {
        let is_open = before.matches(quote).count() % 2 == 1;
        before.rfind(quote).filter(|_| is_open)
    };
    let starts = [
        before.rfind([';', '&', '|', '(', '{']),
        opening('"'),
        opening('\''),
    ];
    let statement = starts.into_iter().flatten().max().map_or(0, |at| at + 1);
    let own = before.get(statement..)?;
    let is_option = lines.get(at.clone())?.starts_with('-');
    let first = own.split_whitespace().next().unwrap_or_default();
    let known = is_option
        || setter(own)
        || PROGRAMS.contains(&first)
        || first.starts_with("Environment")
        || first.contains('=');
    if !known || !(own.is_empty() || own.ends_with([' ', '\t', '='])) {
        return None;
    }
    let blanks = |text: &str| text.len() - text.trim_start().len();
    let rest = after.trim_start();
    // A statement that sets nothing else.
    if setter(own) {
        for end in ["&&", ";"] {
            if let Some(more) = rest.strip_prefix(end) {
                let lead = statement + blanks(own);
                return Some(lead..lines.len() - more.trim_start().len());
            }
        }
        let separator = before.get(..statement)?;
        if rest.is_empty() && separator.ends_with(';') {
            return Some(statement - 1..at.end);
        }
    }
    let ends = rest.is_empty() || rest.starts_with([';', '&', '|', '\\', '#', ')']);
    let ends = ends || after.starts_with(['"', '\'']);
    match !ends && blanks(after) > 0 {
        true => Some(at.start..at.end + blanks(after)),
        // A name alone would set nothing.
        false if setter(own) => None,
        false => Some(before.trim_end().len()..at.end),
    }
}

/// A place with the quotes around it.
pub(in crate::lint) fn quoted(lines: &str, at: Range<usize>) -> Range<usize> {
    let before = lines.get(..at.start).unwrap_or_default();
    let after = lines.get(at.end..).unwrap_or_default();
    let quote = before.chars().next_back();
    match quote.filter(|quote| matches!(quote, '"' | '\'') && after.starts_with(*quote)) {
        Some(_) => at.start - 1..at.end + 1,
        None => at,
    }
}

/// A place with the option of a client of containers before it.
fn option(lines: &str, at: Range<usize>) -> Range<usize> {
    let before = lines.get(..at.start).unwrap_or_default();
    for option in ["--env=", "-e=", "--env", "-e"] {
        let behind = match option.ends_with('=') {
            true => before,
            false => before.trim_end(),
        };
        if let Some(rest) = behind.strip_suffix(option)
            && (rest.is_empty() || rest.ends_with([' ', '\t']))
        {
            return rest.len()..at.end;
        }
    }
    at
}

/// A place with all of an item in a list of names and values.
fn item(lines: &str, at: Range<usize>) -> Range<usize> {
    let before = lines.get(..at.start).unwrap_or_default();
    let after = lines.get(at.end..).unwrap_or_default();
    let Some(outer) = before.trim_end().strip_suffix("name:") else {
        return at;
    };
    let (open, close) = (outer.trim_end(), after.trim_start());
    match (open.strip_suffix('{'), close.strip_prefix('}')) {
        (Some(open), Some(close)) => open.len()..lines.len() - close.len(),
        _ => outer.len()..at.end,
    }
}
