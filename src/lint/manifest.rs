//! YAML: files of compose, manifests of Kubernetes, configurations of LiteLLM; and what their containers have in common.

use std::ops::Range;

use super::hint::Unclear;
use super::image::{self, Role};
use super::interpolation::{defaulted, expanded};
use super::sheet::SourceText;
use super::shell::{Invocation, Word};
use super::variable::{self, Setting};
use super::yaml::{Id, Shape, Style, Tree};
use super::{Problem, compose, kubernetes, litellm, shell};

/// Judges a region; whether it is of a kind that is understood, if only in part. One that is a whole file must be.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>, whole: bool) -> bool {
    let text = sheet.text.get(region.clone()).unwrap_or_default();
    let tree = match Tree::parse(sheet.text, region.clone()) {
        Ok(tree) => tree,
        Err(broken) => {
            // On the last line that has something, where it breaks at the end.
            let at = broken.at.min(region.start + text.trim_end().len());
            let at = at..at;
            // Nothing of what a template becomes is known.
            if text.contains("{{") || text.contains("{%") {
                if !whole && text.contains("ollama") {
                    let what = Unclear::Template;
                    sheet.find_with(at, Problem::NotUnderstood { what }, "");
                }
                return false;
            }
            if whole || text.contains("ollama") {
                let reason = broken.reason;
                sheet.find_with(at, Problem::Syntax { reason }, "");
            }
            return true;
        }
    };
    let mut foreign = Vec::new();
    let exposed = kubernetes::exposes(&tree);
    for root in &tree.roots {
        let get = |key: &str| tree.get(*root, key);
        if get("apiVersion").is_some() || get("kind").is_some() {
            kubernetes::lint(sheet, &tree, *root, exposed);
        } else if let Some(services) = get("services").filter(|id| tree.items(*id).is_empty()) {
            if let Some(include) = get("include") {
                let file = tree.text(include).unwrap_or("include").to_owned();
                sheet.find_with(tree.range(include), Problem::NotRead { file }, "");
            }
            compose::lint(sheet, &tree, services);
            compose::configs(sheet, &tree, *root, services);
        } else if ["model_list", "litellm_settings", "general_settings"]
            .iter()
            .any(|key| get(key).is_some())
        {
            litellm::lint(sheet, &tree, *root);
        } else if !other(sheet, &tree, *root, whole) {
            foreign.push(*root);
        }
    }
    let empty = |root: &Id| matches!(&tree.node(*root).shape, Shape::Scalar { text, .. } if text.is_empty());
    foreign.retain(|root| !empty(root));
    let understood = tree.roots.iter().filter(|root| !empty(root)).count() > foreign.len();
    for root in foreign.iter().filter(|_| whole && understood) {
        let at = tree.range(*root);
        let what = Unclear::of_contents(sheet.text.get(at.clone()).unwrap_or_default());
        let at = at.start;
        sheet.find_with(at..at, Problem::NotUnderstood { what }, "");
    }
    if tree.exhausted() {
        let what = Unclear::Depth;
        sheet.find_with(
            region.start..region.start,
            Problem::NotUnderstood { what },
            "",
        );
    }
    understood || foreign.is_empty()
}

/// A piece of such a file, as documents show it; whether there is one. In a whole file it is a service, or a map of some: what lies
/// deeper is another program's, which only looks alike.
fn other(sheet: &mut SourceText<'_>, tree: &Tree, root: Id, whole: bool) -> bool {
    let at = tree.range(root);
    let inside = |id: &Id| at.start <= tree.range(*id).start && tree.range(*id).start <= at.end;
    let maps: Vec<Id> = match whole {
        true => {
            let below = tree.pairs(root).into_iter().map(|(_, value)| value);
            std::iter::once(root).chain(below).collect()
        }
        false => tree.maps().filter(inside).collect(),
    };
    let mut found = false;
    for map in maps {
        found |= compose::fragment(sheet, tree, map);
    }
    found
}

/// A scalar's text and where it stands; the default where it is a variable with one.
pub(super) fn value(tree: &Tree, id: Id) -> Option<(String, Range<usize>)> {
    let Shape::Scalar { text, inner, .. } = &tree.node(id).shape else {
        return None;
    };
    let (text, at) = defaulted(text, inner.clone());
    Some((text.to_owned(), at))
}

/// Judges the tag of an image, which may be the default of a variable.
pub(super) fn pinned(sheet: &mut SourceText<'_>, tree: &Tree, value: Id, at: Range<usize>) {
    let Shape::Scalar { text, inner, .. } = &tree.node(value).shape else {
        return;
    };
    let name = expanded(text);
    let whole = defaulted(text, inner.clone());
    let moving = image::moving_tag(&name);
    let written = as_written(sheet, text, inner);
    let in_default = moving
        .filter(|_| written)
        .and_then(|tag| text.strip_suffix(&format!("-{tag}}}")));
    match in_default {
        // Of a variable's default only the tag is replaced.
        Some(before) if whole.0 == text => {
            let start = inner.start + before.len() + 1;
            image::pinned(sheet, &name, at, (start..inner.end - 1, true));
        }
        _ => image::pinned(sheet, whole.0, at, (whole.1, false)),
    }
}

/// A setting of a name and a value, as a map has it.
pub(super) fn setting(sheet: &SourceText<'_>, tree: &Tree, key: Id, value: Id) -> Option<Setting> {
    let (name, name_at) = self::value(tree, key)?;
    let (Shape::Scalar { text, inner, style }, at) =
        (&tree.node(value).shape, tree.node(value).at.clone())
    else {
        return None;
    };
    let known = as_written(sheet, text, inner);
    let empty = text.is_empty() && *style == Style::Plain;
    let (text, value_at) = defaulted(text, inner.clone());
    // What the shell gives, and what is written with escapes, is not known.
    let text = if empty || !known { "$" } else { text };
    Some(Setting {
        at: name_at.start..at.end.max(name_at.end),
        name,
        value: text.to_owned(),
        value_at,
        bare_text: false,
    })
}

/// `NAME=value` as an item of a list.
pub(super) fn assignment(sheet: &SourceText<'_>, tree: &Tree, item: Id) -> Option<Setting> {
    let Shape::Scalar { text, inner, .. } = &tree.node(item).shape else {
        return None;
    };
    let known = as_written(sheet, text, inner);
    let Some(mut setting) = Setting::parse(text, inner.clone()) else {
        // A name alone is handed through.
        return Setting::parse(&format!("{text}=$"), inner.clone());
    };
    // Quotes within the text are part of the value here.
    let raw = text.get(setting.name.len() + 1..).unwrap_or_default();
    let (value, value_at) = defaulted(raw, setting.value_at.clone());
    setting.value = if known {
        variable::bare(&setting.name, value).to_owned()
    } else {
        "$".to_owned()
    };
    setting.value_at = value_at;
    Some(setting)
}

fn as_written(sheet: &SourceText<'_>, text: &str, inner: &Range<usize>) -> bool {
    sheet.text.get(inner.clone()) == Some(text)
}

/// What containers run instead of the image's own: tags in it are judged.
pub(super) fn runs(sheet: &mut SourceText<'_>, tree: &Tree, commands: &[Option<Id>]) -> Role {
    let words = words(tree, commands);
    let texts: Vec<&str> = words.iter().filter_map(|id| tree.text(*id)).collect();
    if let [None, Some(id)] = commands
        && let Some(program) = image::arguments(&texts)
    {
        let program = program.to_owned();
        sheet.find_with(tree.range(*id), Problem::ImageEntrypoint { program }, "");
    }
    for id in &words {
        if let Shape::Scalar { text, inner, style } = &tree.node(*id).shape
            && (text.contains("ollama ") || text.contains(":11434/"))
            && (*style == Style::Block || as_written(sheet, text, inner))
        {
            shell::contained(sheet, inner.clone());
        }
    }
    serve_flag(sheet, tree, &words, &texts);
    alone(sheet, tree, &words, &texts);
    image::role(&texts)
}

/// Judges what a container beside Ollama's asks of it, and the models that it names.
pub(super) fn asks(sheet: &mut SourceText<'_>, tree: &Tree, commands: &[Option<Id>]) {
    let words = words(tree, commands);
    let texts: Vec<&str> = words.iter().filter_map(|id| tree.text(*id)).collect();
    let program = texts.first().copied().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default();
    // Without a program of their own, words are the arguments of the image's.
    let bare = texts
        .first()
        .is_some_and(|first| first.starts_with('-') || first.contains("://"));
    if (bare || matches!(program, "curl" | "wget")) && texts.len() > 1 {
        let arguments = words.iter().skip(usize::from(!bare));
        let arguments: Vec<Word> = arguments.filter_map(|id| word(tree, *id)).collect();
        let invocation = Invocation {
            program,
            arguments: &arguments,
            settings: Vec::new(),
            insert_at: 0,
            open_environment: true,
            supervised: true,
        };
        return shell::request(sheet, &invocation, true);
    }
    for id in &words {
        if let Shape::Scalar { text, inner, style } = &tree.node(*id).shape
            && (text.contains("ollama") || text.contains(":11434"))
            && (*style == Style::Block || as_written(sheet, text, inner))
        {
            shell::contained(sheet, inner.clone());
        }
    }
    if program == "ollama" {
        alone(sheet, tree, &words, &texts);
    }
}

/// The words of commands: items, or each of them as one.
fn words(tree: &Tree, commands: &[Option<Id>]) -> Vec<Id> {
    let mut words = Vec::new();
    for id in commands.iter().flatten() {
        match tree.items(*id) {
            [] => words.push(*id),
            items => words.extend(items),
        }
    }
    words
}

/// An item as a word of a shell, which it never goes through.
fn word(tree: &Tree, id: Id) -> Option<Word> {
    let Shape::Scalar { text, inner, .. } = &tree.node(id).shape else {
        return None;
    };
    Some(Word {
        text: text.clone(),
        at: inner.clone(),
        inner: None,
    })
}

/// The model of `[ollama, pull, TAG]`.
fn alone(sheet: &mut SourceText<'_>, tree: &Tree, words: &[Id], texts: &[&str]) {
    let alone = match texts {
        ["pull" | "run", tag, ..] | [_, "pull" | "run", tag, ..] => words
            .iter()
            .find(|id| tree.text(**id) == Some(tag))
            .copied(),
        _ => None,
    };
    if let Some((text, at)) = alone.and_then(|id| value(tree, id)) {
        super::tag::lint(sheet, &text, at);
    }
}

/// The lines of a text that stand below a `|`, as they are written.
pub(super) fn block(sheet: &SourceText<'_>, tree: &Tree, id: Id) -> Option<Range<usize>> {
    let Shape::Scalar {
        inner,
        style: Style::Block,
        ..
    } = &tree.node(id).shape
    else {
        return None;
    };
    let raw = sheet.text.get(inner.clone())?;
    let start = match raw.starts_with(['|', '>']) {
        true => inner.start + raw.find('\n')? + 1,
        false => sheet.line_start(inner.start),
    };
    Some(start..inner.end.max(start))
}

/// Arguments of `serve`, which takes none: each an item, or all of them in one text.
fn serve_flag(sheet: &mut SourceText<'_>, tree: &Tree, items: &[Id], texts: &[&str]) {
    let apart: Vec<&str> = match texts {
        // A shell's own words are judged as a shell's.
        [one] if !one.contains("ollama ") => one.split_whitespace().collect(),
        _ => texts.to_vec(),
    };
    let behind = match apart.as_slice() {
        [program, rest @ ..] if program.rsplit('/').next() == Some("ollama") => rest,
        all => all,
    };
    if let ["serve" | "start", flag, ..] = behind
        && let Some(id) = items.iter().find(|id| {
            let text = tree.text(**id);
            text.is_some_and(|text| text == *flag || items.len() == 1)
        })
    {
        let flag = (*flag).to_owned();
        sheet.find_with(tree.range(*id), Problem::ServeFlag { flag }, "");
    }
}

/// A container whose command cannot be seen through.
pub(super) fn unclear(sheet: &mut SourceText<'_>, tree: &Tree, commands: &[Option<Id>]) {
    if let Some(id) = commands.iter().flatten().next() {
        let what = Unclear::Command;
        sheet.find_with(tree.range(*id), Problem::NotUnderstood { what }, "");
    }
}

/// A check by a program that the image does not have.
pub(super) fn healthcheck(sheet: &mut SourceText<'_>, tree: &Tree, test: Id, right: &str) {
    let wants = |id: Id| {
        let text = tree.text(id);
        text.is_some_and(|text| text.contains("curl") || text.contains("wget"))
    };
    if wants(test) || tree.items(test).iter().any(|item| wants(*item)) {
        let node = tree.node(test);
        sheet.find(node.at.clone(), Problem::HealthcheckCurl);
        let block = matches!(
            &node.shape,
            Shape::Scalar {
                style: Style::Block,
                ..
            }
        );
        if !block {
            sheet.replace(node.at.clone(), right);
        }
    }
}
