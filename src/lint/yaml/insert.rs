//! More text in a YAML file, in the style of what stands there.

use super::super::sheet::SourceText;
use super::{Id, Shape, Tree};

/// Another entry of a map, or another item of a list.
pub(in crate::lint) struct Addition {
    /// Lines as they stand in a block, the first without a dash.
    pub block: Vec<String>,
    /// The same in brackets.
    pub flow: String,
}

/// Puts it first into a map or list; whether that could be done.
pub(in crate::lint) fn first(
    sheet: &mut SourceText<'_>,
    tree: &Tree,
    id: Id,
    more: &Addition,
) -> bool {
    let node = tree.node(id);
    let (first, flow, is_list) = match &node.shape {
        Shape::Map { pairs, flow } => (pairs.first().map(|(key, _)| *key), *flow, false),
        Shape::List { items, flow } => (items.first().copied(), *flow, true),
        Shape::Scalar { .. } | Shape::Alias(_) => return false,
    };
    if flow {
        let comma = if first.is_some() { ", " } else { "" };
        sheet.insert(node.at.start + 1, format!("{}{comma}", more.flow));
        return true;
    }
    let Some(first) = first else { return false };
    let start = tree.range(first).start;
    let line = sheet.line_start(start);
    let before = sheet.text.get(line..start).unwrap_or_default();
    let blanks = before.trim_end();
    let alone = if is_list {
        blanks.trim_start() == "-"
    } else {
        blanks.is_empty()
    };
    if !alone {
        return false;
    }
    let indent = before.replace('-', " ");
    let mut text = String::new();
    for (at, one) in more.block.iter().enumerate() {
        text += if at == 0 { before } else { &indent };
        text += one;
        text.push('\n');
    }
    sheet.insert(line, text);
    true
}

/// Puts it behind the line of an entry, as deep as its key; whether that could be done.
pub(in crate::lint) fn insert_behind(
    sheet: &mut SourceText<'_>,
    tree: &Tree,
    (map, key, value): (Id, Id, Id),
    more: &Addition,
) -> bool {
    if matches!(tree.node(map).shape, Shape::Map { flow: true, .. }) {
        sheet.insert(tree.range(value).end, format!(", {}", more.flow));
        return true;
    }
    let (start, end) = (tree.range(key).start, tree.range(value).end);
    let line = sheet.line_start(start);
    if sheet.line_start(end) != line {
        return false;
    }
    let before = sheet.text.get(line..start).unwrap_or_default();
    if !before.chars().all(|c| matches!(c, ' ' | '-')) {
        return false;
    }
    let indent = before.replace('-', " ");
    let end = sheet.line_end(end);
    let text: String = more
        .block
        .iter()
        .map(|one| format!("\n{indent}{one}"))
        .collect();
    sheet.insert(end, text);
    true
}
