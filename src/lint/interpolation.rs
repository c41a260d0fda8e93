//! Variables that compose puts into a text: `${NAME}`, and `${NAME:-default}`.

use std::ops::Range;

/// A text with every variable that has a default as that.
pub(super) fn expanded(text: &str) -> String {
    let mut new = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, variable) = rest.split_at(start);
        let end = variable.find('}').map_or(variable.len(), |end| end + 1);
        let (variable, behind) = variable.split_at(end);
        new += before;
        new += defaulted(variable, 0..variable.len()).0;
        rest = behind;
    }
    new + rest
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
