//! Variables that compose puts into a text: `${NAME}`, and `${NAME:-default}`.

use std::collections::HashMap;
use std::ops::Range;

/// A text with every variable that has a default as that.
pub(super) fn expanded(text: &str) -> String {
    let mut new = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, variable) = rest.split_at(start);
        let (variable, behind) = variable.split_at(closed(variable));
        new += before;
        new += defaulted(variable, 0..variable.len()).0;
        rest = behind;
    }
    new + rest
}

/// Where the `${..}` ends that a text begins with: a default may hold another one.
fn closed(variable: &str) -> usize {
    let mut depth = 0_usize;
    let end = variable.bytes().position(|byte| {
        depth += usize::from(byte == b'{');
        depth = depth.saturating_sub(usize::from(byte == b'}'));
        byte == b'}' && depth == 0
    });
    end.map_or(variable.len(), |end| end + 1)
}

/// `${NAME:-default}` as its default.
pub(super) fn defaulted(text: &str, at: Range<usize>) -> (&str, Range<usize>) {
    let found = || {
        let inner = text.strip_prefix("${")?.strip_suffix('}')?;
        let name = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        let rest = inner.get(name..)?;
        let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'))?;
        (!default.contains(['$', '{', '}'])).then_some(default)
    };
    match found() {
        Some(default) => {
            let end = at.end.saturating_sub(1);
            (default, end.saturating_sub(default.len())..end)
        }
        None => (text, at),
    }
}

/// A text with a letter for each one of a variable, whose default may hold a colon.
pub(super) fn masked(text: &str) -> String {
    let mut depth = 0_usize;
    let mut last = ' ';
    let mask = |c: char| {
        let opens = c == '{' && (last == '$' || depth > 0);
        depth += usize::from(opens);
        let inside = depth > 0;
        depth = depth.saturating_sub(usize::from(c == '}'));
        last = c;
        if inside { 'x' } else { c }
    };
    text.chars().map(mask).collect()
}

/// Variables of an `.env`, which win over the defaults of a text.
pub(super) struct Filled(HashMap<String, String>);

impl Filled {
    /// Reads `NAME=value` lines, without quotes and the comments behind values.
    pub(super) fn new(text: &str) -> Self {
        let line = |line: &str| {
            let line = line.trim();
            let line = line.strip_prefix("export ").unwrap_or(line);
            let (name, value) = line.split_once('=')?;
            let value = value.split(" #").next().unwrap_or_default().trim();
            let value = value.trim_matches(['"', '\'']);
            let plain = !value.contains('$') && super::detect::is_name(name.trim());
            plain.then(|| (name.trim().to_owned(), value.to_owned()))
        };
        Self(text.lines().filter_map(line).collect())
    }

    /// A text with the variables that are known here, and the defaults of the others.
    pub(super) fn put_in(&self, text: &str) -> String {
        if self.0.is_empty() {
            return expanded(text);
        }
        let mut new = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('$') {
            let (before, variable) = rest.split_at(start);
            new += before;
            let inner = variable.get(1..).unwrap_or_default();
            let bare = inner.strip_prefix('{').unwrap_or(inner);
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name = bare.find(|c| !is_word(c)).map_or(bare, |end| &bare[..end]);
            let end = match inner.starts_with('{') {
                true => closed(variable),
                false => 1 + name.len(),
            };
            let (variable, behind) = variable.split_at(end);
            // An empty one counts as none where `:-` asks.
            let value = self.0.get(name);
            let value = value.filter(|value| !value.is_empty() || !variable.contains(":-"));
            match value {
                Some(value) => new += value,
                None => new += defaulted(variable, 0..variable.len()).0,
            }
            rest = behind;
        }
        new + rest
    }
}
