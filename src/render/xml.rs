//! Words in XML and HTML.

use crate::sanitize::is_unsafe;

/// Words as XML may hold them.
pub(super) fn escaped(words: &str) -> String {
    let mut text = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if is_unsafe(c) => text.push(' '),
            c => text.push(c),
        }
    }
    text
}
