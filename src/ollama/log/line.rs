//! What a line of a log says, without what recorders put around it: Docker and journald write JSON, terminals have colours.

use std::borrow::Cow;

use serde_json::Value;

/// Names under which recorders keep what a program wrote: Docker's `json-file`, `journalctl -o json`, and collectors.
const SAID: [&str; 5] = ["log", "MESSAGE", "message", "msg", "line"];

/// What the program itself wrote.
pub(super) fn said(line: &str) -> Cow<'_, str> {
    let written = match line.trim_start().starts_with('{') {
        true => recorded(line).map(Cow::Owned),
        false => None,
    };
    let written = written.unwrap_or(Cow::Borrowed(line));
    match written.contains(ESCAPE) {
        true => Cow::Owned(without_colours(&written)),
        false => written,
    }
}

/// The text of a line that a recorder keeps as JSON. journald writes what has colours as a list of bytes.
fn recorded(line: &str) -> Option<String> {
    let record: Value = serde_json::from_str(line).ok()?;
    let text = SAID.iter().find_map(|name| record.get(*name))?;
    match text {
        Value::String(text) => Some(text.trim_end_matches('\n').to_owned()),
        Value::Array(bytes) => {
            let bytes = bytes.iter().map(|byte| u8::try_from(byte.as_u64()?).ok());
            let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => None,
    }
}

const ESCAPE: char = '\x1b';

/// A terminal's sequences begin with an escape and a bracket, and end with a letter: `\x1b[0m`.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(one) = rest.next() {
        if one != ESCAPE {
            plain.push(one);
        } else if rest.next() == Some('[') {
            rest.find(char::is_ascii_alphabetic);
        }
    }
    plain
}
