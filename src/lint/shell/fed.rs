//! `xargs ollama pull` and `for`: names of models that one command hands to others.

use super::super::sheet::SourceText;
use super::super::tag;
use super::words::Command;
use super::{Invocation, ScriptState};

/// Judges the names that `xargs` is handed by the command before it, where that only says them.
pub(super) fn lint(
    sheet: &mut SourceText<'_>,
    before: Option<&Command>,
    command: &Command,
    invocation: &Invocation<'_>,
) {
    let words = invocation.arguments;
    let runs = words.windows(2).any(|pair| {
        pair[0].text.rsplit('/').next() == Some("ollama")
            && matches!(pair[1].text.as_str(), "pull" | "run" | "show")
    });
    if !runs {
        return;
    }
    sheet.judges();
    let Some(before) = before.filter(|_| command.piped) else {
        return;
    };
    let mut regions = Vec::new();
    if let Some(heredoc) = &before.heredoc {
        regions.push(heredoc.at.clone());
    } else if before
        .words
        .first()
        .is_some_and(|word| matches!(word.text.as_str(), "echo" | "printf"))
    {
        let said = before.words.iter().skip(1);
        let said = said.filter(|word| !word.text.starts_with('-'));
        regions.extend(said.map(|word| word.inner.clone().unwrap_or_else(|| word.at.clone())));
    }
    for region in regions {
        for (at, line) in sheet.lines(region) {
            let mut from = at.start;
            for name in line.split([' ', '\t']) {
                // What `printf` says between the names.
                let bare = name.split('\\').next().unwrap_or_default();
                if !bare.contains(['%', '"', '\'']) {
                    tag::lint(sheet, bare, from..from + bare.len());
                }
                from += name.len() + 1;
            }
        }
    }
}

/// `for NAME in WORDS`
pub(super) fn looped(invocation: &Invocation<'_>, scene: &mut ScriptState) {
    let mut words = invocation.arguments.iter();
    if let (Some(name), Some("in")) = (words.next(), words.next().map(|word| word.text.as_str())) {
        let words = scene.values.with_values(words.as_slice());
        scene.values.insert(name.text.clone(), words);
    }
}
