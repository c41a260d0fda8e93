//! A configuration of nginx as directives in blocks.

use std::ops::Range;

/// Blocks in blocks: nginx itself allows about six.
const DEEPEST: usize = 16;
/// Quotes that nothing closes, of which one is enough to refuse a text.
const FAULTS: usize = 8;

/// A directive with its words, or a block of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Directive {
    pub words: Vec<String>,
    /// Where it stands, without its semicolon.
    pub at: Range<usize>,
    pub inside: Vec<Directive>,
    /// Whether it has a block, be it empty.
    pub block: bool,
}

impl Directive {
    pub(super) fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    pub(super) fn argument(&self) -> &str {
        self.words.get(1).map_or("", String::as_str)
    }

    /// The directives of a name within its block.
    pub(super) fn all<'d>(&'d self, name: &'d str) -> impl Iterator<Item = &'d Self> {
        self.inside
            .iter()
            .filter(move |inside| inside.name() == name)
    }
}

/// Why a text is no configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing opens what is closed.
    Closed,
    /// Nothing closes what is opened.
    Open,
    /// A quote that nothing closes.
    Quote,
    /// A directive without its semicolon.
    Semicolon,
    /// Far deeper than any that is in use.
    Depth,
}

/// A text taken apart, and where it is broken.
#[derive(Default)]
pub(super) struct Parsed {
    pub directives: Vec<Directive>,
    pub faults: Vec<(usize, Fault)>,
}

/// Takes a region apart.
pub(super) fn parse(text: &str, region: Range<usize>) -> Parsed {
    let mut faults = Vec::new();
    // Directives of the blocks that are open, the outermost first.
    let mut open: Vec<Vec<Directive>> = vec![Vec::new()];
    let mut heads: Vec<Directive> = Vec::new();
    // Blocks below the deepest that is looked at.
    let mut below = 0_usize;
    let mut now = Directive::default();
    let end = region.end.min(text.len());
    let mut at = region.start;
    while let Some(c) = text.get(at..end).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..end).unwrap_or_default();
        match c {
            c if c.is_whitespace() => at += c.len_utf8(),
            '#' => at += rest.find('\n').unwrap_or(rest.len()),
            ';' => {
                let done = std::mem::take(&mut now);
                if let Some(block) = open
                    .last_mut()
                    .filter(|_| !done.words.is_empty() && below == 0)
                {
                    block.push(done);
                }
                at += 1;
            }
            '{' => {
                let mut head = std::mem::take(&mut now);
                head.block = true;
                if heads.len() == DEEPEST {
                    if below == 0 {
                        faults.push((at, Fault::Depth));
                    }
                    below += 1;
                } else {
                    heads.push(head);
                    open.push(Vec::new());
                }
                at += 1;
            }
            '}' => {
                let left = std::mem::take(&mut now);
                if !left.words.is_empty() {
                    faults.push((left.at.start, Fault::Semicolon));
                }
                if below > 0 {
                    below -= 1;
                } else if let Some(head) = heads.pop() {
                    close(head, &mut open);
                } else {
                    faults.push((at, Fault::Closed));
                }
                at += 1;
            }
            _ => {
                let length = word(rest);
                let text = rest.get(..length).unwrap_or_default();
                if opens(text) && faults.len() < FAULTS {
                    faults.push((at, Fault::Quote));
                }
                if now.words.is_empty() {
                    now.at.start = at;
                }
                now.words.push(text.trim_matches(['"', '\'']).to_owned());
                at += length;
                now.at.end = at;
            }
        }
    }
    if let Some(head) = heads.first() {
        faults.push((head.at.start, Fault::Open));
    }
    // What is left open is taken as it stands.
    while let Some(head) = heads.pop() {
        close(head, &mut open);
    }
    Parsed {
        directives: open.pop().unwrap_or_default(),
        faults,
    }
}

/// Puts the innermost open block into its directive, and that into the block around it.
fn close(mut head: Directive, open: &mut Vec<Vec<Directive>>) {
    head.inside = open.pop().unwrap_or_default();
    if let Some(block) = open.last_mut() {
        block.push(head);
    }
}

/// Whether a word opens a quote and has nothing that closes it.
fn opens(word: &str) -> bool {
    let quote = word.chars().next().filter(|c| matches!(c, '"' | '\''));
    quote.is_some_and(|quote| word.matches(quote).count() == 1)
}

/// The length of a word, quotes and all.
fn word(text: &str) -> usize {
    let first = text.chars().next();
    if let Some(quote @ ('"' | '\'')) = first
        && let Some(close) = text.get(1..).and_then(|rest| rest.find(quote))
    {
        return close + 2;
    }
    // The braces of `${name}` belong to it; a `$` that ends an expression joins nothing.
    let mut inside = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '{' if text.get(..at).is_some_and(|word| word.ends_with('$')) => inside = true,
            '}' if inside => inside = false,
            c if c.is_whitespace() || matches!(c, ';' | '{' | '}') => return at,
            _ => {}
        }
    }
    text.len()
}
