//! `xargs ollama pull` and `for`: names of models that one command hands to others.

use super::super::sheet::SourceText;
use super::super::tag;
use super::words::{Command, Word};
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

/// `while read NAME; do ..; done <<END`: the first words of the lines that it reads, where they are written there.
pub(super) fn reading(
    sheet: &SourceText<'_>,
    commands: &[Command],
    position: usize,
    scene: &mut ScriptState,
) {
    let (Some(command), Some(behind)) = (commands.get(position), commands.get(position + 1..))
    else {
        return;
    };
    let before = sheet.text.get(..command.range().start).unwrap_or_default();
    let before = before.trim_end();
    if !before.ends_with("while") && !before.ends_with("until") {
        return;
    }
    let names = command.words.iter();
    let mut names = names.skip_while(|word| word.text != "read").skip(1);
    let name = names.find(|word| !word.text.starts_with('-'));
    // The end of a loop is a command without words.
    let ends = |command: &&Command| command.words.is_empty() && command.heredoc.is_some();
    let lines = behind.iter().find(ends);
    let lines = lines.and_then(|command| command.heredoc.clone());
    let (Some(name), Some(lines)) = (name, lines) else {
        return;
    };
    let mut words = Vec::new();
    for (at, line) in sheet.lines(lines.at) {
        let first = line.split_whitespace().next();
        if let Some(first) = first.filter(|first| !first.starts_with('#')) {
            let start = at.start + line.len() - line.trim_start().len();
            words.push(Word {
                text: first.to_owned(),
                at: start..start + first.len(),
                inner: None,
            });
        }
    }
    scene.values.insert(name.text.clone(), words);
}
