//! Words for terminals that show ASCII only.

use unicode_width::UnicodeWidthChar;

/// The text with what stands for its signs in ASCII, in as many columns. Letters of other scripts stay: who asked for Chinese wants to read it.
pub(super) fn ascii(text: &str) -> String {
    let plain = |c: char| match c {
        '–' | '—' | '‑' => Some('-'),
        '×' => Some('x'),
        '≈' | '±' | '…' => Some('~'),
        '·' => Some('|'),
        '★' => Some('*'),
        '☆' => Some('.'),
        '“' | '”' => Some('"'),
        '‘' | '’' => Some('\''),
        '→' => Some('>'),
        c if c.is_ascii() || c.width() == Some(2) => Some(c),
        c => c.width().filter(|columns| *columns > 0).map(|_| '?'),
    };
    text.chars().filter_map(plain).collect()
}
