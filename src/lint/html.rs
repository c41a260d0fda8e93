//! Code in a page of the web: what a browser shows of it.

use std::ops::Range;

/// Elements that change how code looks, and not what it says.
const LOOKS: [&str; 18] = [
    "a", "b", "button", "code", "div", "em", "font", "i", "kbd", "mark", "p", "pre", "samp",
    "small", "span", "strong", "u", "wbr",
];

/// Bytes of a tag, with its attributes, at most.
const LONGEST_TAG: usize = 400;

/// Characters by their names.
const NAMED: [(&str, &str); 6] = [
    ("amp", "&"),
    ("apos", "'"),
    ("gt", ">"),
    ("lt", "<"),
    ("nbsp", " "),
    ("quot", "\""),
];

/// The code that a browser shows, line for line; none where it is what is written.
pub(super) fn shown(written: &str) -> Option<String> {
    let mut shown = String::with_capacity(written.len());
    let mut rest = written;
    while let Some(at) = rest.find(['&', '<']) {
        let (before, mark) = rest.split_at(at);
        shown += before;
        let found = match mark.starts_with('&') {
            true => entity(mark),
            false => tag(mark).map(|length| (String::new(), length)),
        };
        let (text, length) = found.unwrap_or_else(|| (mark.chars().take(1).collect(), 1));
        shown += &text;
        rest = mark.get(length..).unwrap_or_default();
    }
    shown += rest;
    (shown != written).then_some(shown)
}

/// `&amp;`, `&#39;`, `&#x27;` at the start of a text, and its length.
fn entity(text: &str) -> Option<(String, usize)> {
    const LONGEST: usize = 8;
    let end = text
        .bytes()
        .take(LONGEST + 2)
        .position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let known = NAMED.iter().find(|(known, _)| *known == name);
    let shown = match known {
        Some((_, shown)) => (*shown).to_owned(),
        None => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            // A line of its own would stand where the page has none.
            let letter = char::from_u32(code).filter(|letter| !letter.is_control())?;
            letter.to_string()
        }
    };
    Some((shown, end + 1))
}

/// The length of a tag that only changes how something looks, on one line.
fn tag(text: &str) -> Option<usize> {
    let inner = text.get(1..)?;
    let name = inner.strip_prefix('/').unwrap_or(inner);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, behind) = name.split_at(end);
    let known = LOOKS.contains(&name.to_ascii_lowercase().as_str());
    // A text that was made of open ones shall not be searched to its end for each.
    let mut bytes = behind.bytes().take(LONGEST_TAG).filter(|_| known);
    let close = bytes.position(|byte| matches!(byte, b'>' | b'\n'))?;
    let length = text.len() - behind.len() + close + 1;
    behind.get(close..)?.starts_with('>').then_some(length)
}

/// The language that the tags before code name: `<code class="language-yaml">`.
pub(super) fn language(tags: &str) -> String {
    const MARKS: [&str; 4] = ["language-", "highlight-source-", "lang-", "lang=\""];
    let named = MARKS.iter().find_map(|mark| {
        let at = tags.find(mark)? + mark.len();
        let rest = tags.get(at..)?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
        rest.get(..end.unwrap_or(rest.len()))
    });
    named.unwrap_or_default().to_ascii_lowercase()
}

/// Where code begins on the line that opens it: behind its tags, `<pre><code>`.
pub(super) fn begins(line: &str, at: &Range<usize>) -> usize {
    let text = line.trim_start();
    let mut rest = text;
    while let Some((_, behind)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        rest = behind;
    }
    at.end - rest.len().min(at.len())
}

/// What stands between `<code>` and `</code>` on a line, from a place on.
pub(super) fn code(line: &str, from: usize) -> Option<(usize, usize)> {
    let open = from + line.get(from..)?.find("<code")?;
    let start = open + line.get(open..)?.find('>')? + 1;
    let rest = line.get(start..)?;
    // What goes on below is read to the end of its line.
    let end = rest.find("</code").unwrap_or(rest.len());
    Some((start, start + end))
}
