//! YAML with places: a tree over the text. Aliases are followed and merge keys looked through; nothing is copied, so that no file
//! grows by being read.

pub(super) mod insert;

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// A node of a [`Tree`].
pub(super) type Id = usize;

/// How deep nodes may lie in each other.
const DEEPEST: usize = 64;
/// Merge keys that may lead from one to the next.
const MERGES: u8 = 8;
/// Pairs of a map that are looked through one by one: a table costs more than that.
const FEW: usize = 8;
/// Steps that looking at one file may take: far more than an honest file asks for.
const STEPS: u32 = 300_000;

/// The documents of a text.
#[derive(Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// The top of each document.
    pub roots: Vec<Id>,
    /// The entries of maps with many of them, by their key.
    entries: HashMap<Id, HashMap<String, (Id, Id)>>,
    steps: Cell<u32>,
}

/// A piece of a document.
pub(super) struct Node {
    /// Where it stands, with its quotes.
    pub at: Range<usize>,
    pub shape: Shape,
}

pub(super) enum Shape {
    Scalar {
        text: String,
        /// Where the text stands, without quotes.
        inner: Range<usize>,
        style: Style,
    },
    List {
        items: Vec<Id>,
        flow: bool,
    },
    Map {
        pairs: Vec<(Id, Id)>,
        flow: bool,
    },
    Alias(Id),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Quoted,
    /// Lines below a `|` or `>`.
    Block,
}

/// Why a text is no YAML.
pub(super) struct Broken {
    pub at: usize,
    pub reason: String,
}

/// A list or map that is not closed yet.
struct Open {
    id: Id,
    children: Vec<Id>,
}

impl Tree {
    /// Reads a region of a text.
    pub(super) fn parse(text: &str, region: Range<usize>) -> Result<Self, Broken> {
        let whole = text.get(region.clone()).unwrap_or_default();
        let text = whole.strip_prefix('\u{feff}').unwrap_or(whole);
        let start = region.start + whole.len() - text.len();
        let mut tree = Self {
            steps: Cell::new(STEPS),
            ..Self::default()
        };
        // The parser counts characters.
        let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let byte = |index: usize| offsets.get(index).copied().unwrap_or(text.len());
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: HashMap<usize, Id> = HashMap::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| Broken {
                at: start + byte(error.marker().index()),
                reason: error.info().to_owned(),
            })?;
            let at = byte(span.start.index())..byte(span.end.index());
            let flow = text
                .get(at.start..)
                .is_some_and(|rest| rest.starts_with(['[', '{']));
            let (shape, anchor) = match event {
                Event::Scalar(value, style, anchor, _) => {
                    (scalar(text, &at, &value, style), anchor)
                }
                Event::Alias(anchor) => match anchors.get(&anchor) {
                    Some(id) => (Shape::Alias(*id), 0),
                    None => continue,
                },
                Event::SequenceStart(anchor, _) => (
                    Shape::List {
                        items: Vec::new(),
                        flow,
                    },
                    anchor,
                ),
                Event::MappingStart(anchor, _) => (
                    Shape::Map {
                        pairs: Vec::new(),
                        flow,
                    },
                    anchor,
                ),
                Event::SequenceEnd | Event::MappingEnd => {
                    let Some(done) = open.pop() else { continue };
                    tree.close(done, start + at.end);
                    continue;
                }
                _ => continue,
            };
            let id = tree.nodes.len();
            let nested = !matches!(shape, Shape::Scalar { .. } | Shape::Alias(_));
            tree.nodes.push(Node {
                at: start + at.start..start + at.end,
                shape,
            });
            tree.settle(id, start, text);
            if anchor > 0 {
                anchors.insert(anchor, id);
            }
            match open.last_mut() {
                Some(parent) => parent.children.push(id),
                None => tree.roots.push(id),
            }
            if nested {
                open.push(Open {
                    id,
                    children: Vec::new(),
                });
                if open.len() > DEEPEST {
                    return Err(Broken {
                        at: start + at.start,
                        reason: format!("more than {DEEPEST} levels"),
                    });
                }
            }
        }
        Ok(tree)
    }

    /// Places of the whole text instead of the region's.
    fn settle(&mut self, id: Id, start: usize, text: &str) {
        let Some(node) = self.nodes.get_mut(id) else {
            return;
        };
        if let Shape::Scalar { inner, style, .. } = &mut node.shape {
            if *style == Style::Quoted {
                node.at.end = start + (inner.end + 1).min(text.len());
            }
            *inner = start + inner.start..start + inner.end;
        }
    }

    fn close(&mut self, done: Open, end: usize) {
        let last = done.children.last().map(|id| self.nodes[*id].at.end);
        let pairs = |children: &[Id]| {
            let pairs = children.chunks_exact(2);
            pairs.map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
        };
        let mut keys = Vec::new();
        let node = &mut self.nodes[done.id];
        match &mut node.shape {
            Shape::List { items, flow } => {
                node.at.end = if *flow {
                    end
                } else {
                    last.unwrap_or(node.at.end)
                };
                *items = done.children;
            }
            Shape::Map { pairs: own, flow } => {
                node.at.end = if *flow {
                    end
                } else {
                    last.unwrap_or(node.at.end)
                };
                *own = pairs(&done.children);
                keys.clone_from(own);
            }
            Shape::Scalar { .. } | Shape::Alias(_) => {}
        }
        if keys.len() <= FEW {
            return;
        }
        let table = self.entries.entry(done.id).or_default();
        for (key, value) in keys {
            if let Shape::Scalar { text, .. } = &self.nodes[key].shape {
                table.insert(text.clone(), (key, value));
            }
        }
    }

    /// An entry of a map itself; the last where there are several.
    fn own(&self, map: Id, key: &str) -> Option<(Id, Id)> {
        let Shape::Map { pairs, .. } = &self.nodes[map].shape else {
            return None;
        };
        if pairs.len() > FEW {
            return self.entries.get(&map)?.get(key).copied();
        }
        let named =
            |id: Id| matches!(&self.nodes[id].shape, Shape::Scalar { text, .. } if text == key);
        pairs.iter().rev().find(|(id, _)| named(*id)).copied()
    }

    /// Whether a file asks for more looking than an honest one.
    pub(super) fn exhausted(&self) -> bool {
        self.steps.get() == 0
    }

    fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    /// A node, or what its alias stands for.
    pub(super) fn resolved(&self, id: Id) -> Id {
        match self.nodes[id].shape {
            // An anchor is never an alias itself.
            Shape::Alias(other) => other,
            _ => id,
        }
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[self.resolved(id)]
    }

    /// Where a node stands, an alias as such.
    pub(super) fn range(&self, id: Id) -> Range<usize> {
        self.nodes[id].at.clone()
    }

    /// The text of a scalar.
    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match &self.node(id).shape {
            Shape::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items of a list.
    pub(super) fn items(&self, id: Id) -> &[Id] {
        match &self.node(id).shape {
            Shape::List { items, .. } => items,
            _ => &[],
        }
    }

    /// The key and the value of a map's entry, its own or merged into it.
    pub(super) fn entry(&self, map: Id, key: &str) -> Option<(Id, Id)> {
        self.entry_within(map, key, MERGES)
    }

    fn entry_within(&self, map: Id, key: &str, merges: u8) -> Option<(Id, Id)> {
        if !self.step() {
            return None;
        }
        let map = self.resolved(map);
        if let Some(found) = self.own(map, key) {
            return Some(found);
        }
        let merges = merges.checked_sub(1)?;
        let merged = self.own(map, "<<")?.1;
        match &self.node(merged).shape {
            Shape::Map { .. } => self.entry_within(merged, key, merges),
            Shape::List { items, .. } => items
                .iter()
                .find_map(|item| self.entry_within(*item, key, merges)),
            Shape::Scalar { .. } | Shape::Alias(_) => None,
        }
    }

    /// The value of an entry.
    pub(super) fn get(&self, map: Id, key: &str) -> Option<Id> {
        self.entry(map, key).map(|(_, value)| value)
    }

    /// The value below one key after the other.
    pub(super) fn descend(&self, map: Id, keys: &[&str]) -> Option<Id> {
        keys.iter().try_fold(map, |map, key| self.get(map, key))
    }

    /// All entries of a map, its own before merged ones, none twice.
    pub(super) fn pairs(&self, map: Id) -> Vec<(Id, Id)> {
        let mut all = Vec::new();
        self.collect(map, MERGES, &mut all);
        let mut seen = std::collections::HashSet::new();
        all.retain(|(key, _)| {
            let text = self.text(*key);
            text != Some("<<") && text.is_none_or(|text| seen.insert(text))
        });
        all
    }

    fn collect(&self, map: Id, merges: u8, all: &mut Vec<(Id, Id)>) {
        let Shape::Map { pairs, .. } = &self.node(map).shape else {
            return;
        };
        for pair in pairs {
            if !self.step() {
                return;
            }
            all.push(*pair);
        }
        let Some(merges) = merges.checked_sub(1) else {
            return;
        };
        let merged = self.own(self.resolved(map), "<<");
        let Some((_, merged)) = merged else { return };
        match &self.node(merged).shape {
            Shape::Map { .. } => self.collect(merged, merges, all),
            Shape::List { items, .. } => {
                for item in items {
                    self.collect(*item, merges, all);
                }
            }
            Shape::Scalar { .. } | Shape::Alias(_) => {}
        }
    }

    /// Every map of the text.
    pub(super) fn maps(&self) -> impl Iterator<Item = Id> + '_ {
        let is_map = |id: &Id| matches!(self.nodes[*id].shape, Shape::Map { .. });
        (0..self.nodes.len()).filter(is_map)
    }
}

fn scalar(text: &str, at: &Range<usize>, value: &str, style: ScalarStyle) -> Shape {
    let raw = text.get(at.clone()).unwrap_or_default();
    let (style, inner) = match style {
        ScalarStyle::Plain => (Style::Plain, at.start..at.start + raw.trim_end().len()),
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
            (Style::Quoted, quoted(raw, at.start))
        }
        ScalarStyle::Literal | ScalarStyle::Folded => (Style::Block, at.clone()),
    };
    Shape::Scalar {
        text: value.to_owned(),
        inner,
        style,
    }
}

/// What is between the quotes at the start of a text: the parser's place may reach into a comment behind them.
fn quoted(raw: &str, start: usize) -> Range<usize> {
    let quote = raw.chars().next().unwrap_or('"');
    let mut chars = raw.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => {
                chars.next();
            }
            c if c == quote => match chars.peek() {
                // Two single quotes are one that is meant.
                Some((_, '\'')) if quote == '\'' => {
                    chars.next();
                }
                _ => return start + 1..start + at,
            },
            _ => {}
        }
    }
    start + raw.len().min(1)..start + raw.len()
}
