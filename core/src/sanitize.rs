//! Names and texts from files and servers, made safe to show: nothing in them steers a terminal, hides, or turns the reading direction around.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character is obeyed or hidden rather than shown: controls (C0, DEL, C1), the format characters of Unicode (bidirectional
/// marks, zero-width characters, tags), separators of lines, and blanks that pass for letters.
pub fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // General category Cf, Unicode 16.
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}'
            // Separators of lines and paragraphs.
            | '\u{2028}' | '\u{2029}'
            // Fillers: letters without a shape.
            | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{2065}' | '\u{3164}' | '\u{ffa0}')
}

/// A name on one line: what is unsafe is shown as its escape, `\x1b` or `\u{202e}`; so are line breaks and tabs.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    escaped(text, is_unsafe)
}

/// A text of several lines: the same, but line breaks and tabs stay.
pub fn sanitize_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| is_unsafe(c) && !matches!(c, '\n' | '\t'))
}

/// Which bytes of ASCII show as they are. A table, since every byte of an answer is looked up.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        plain[byte] = matches!(byte as u8, b' '..=b'~' | b'\n' | b'\t' | b'\r');
        byte += 1;
    }
    plain
};

/// JSON that means the same: what is unsafe and stands in a string is written as `\u202e`.
pub fn sanitize_json(json: String) -> String {
    // Of ASCII only controls are unsafe, and most answers are ASCII.
    if json.bytes().all(|byte| PLAIN[usize::from(byte)]) {
        return json;
    }
    let is_unsafe = |c| is_unsafe(c) && !matches!(c, '\n' | '\t' | '\r');
    if !json.contains(is_unsafe) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string does not fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

fn escaped(text: &str, is_unsafe: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !is_unsafe(c) => safe.push(c),
            '\n' | '\r' | '\t' => safe.extend(c.escape_default()),
            c if u32::from(c) < 0x80 => {
                let _ = write!(safe, "\\x{:02x}", u32::from(c));
            }
            c => safe.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(safe)
}
