//! The options of a client of containers.

use std::ops::Range;

use super::words::Word;

/// Options with their values, written apart or with `=`, and where the values stand.
pub(in crate::lint) fn options(words: &[Word]) -> Vec<(&str, &str, Range<usize>)> {
    let mut all = Vec::new();
    for (position, word) in words.iter().enumerate() {
        let behind = |value: &str| {
            let end = word.at.end;
            end - value.len().min(word.at.len())..end
        };
        let mut apart = |flag| {
            if let Some(next) = words.get(position + 1) {
                let at = next.inner.clone().unwrap_or_else(|| next.at.clone());
                all.push((flag, next.text.as_str(), at));
            }
        };
        match (letters(&word.text), word.text.split_once('=')) {
            (Some((flag, None)), _) => apart(flag),
            (Some((flag, Some(value))), _) => all.push((flag, value, behind(value))),
            (None, Some((flag, value))) if flag.starts_with('-') => {
                all.push((flag, value, behind(value)));
            }
            (None, _) => apart(word.text.as_str()),
        }
    }
    all
}

/// Letters behind one dash, the last of which may have a value right behind it: `-dp`, `-p8080:80`. A value that is the next word is none.
fn letters(text: &str) -> Option<(&'static str, Option<&str>)> {
    const TAKE_VALUES: [(char, &str); 8] = [
        ('p', "-p"),
        ('v', "-v"),
        ('e', "-e"),
        ('m', "-m"),
        ('u', "-u"),
        ('w', "-w"),
        ('h', "-h"),
        ('l', "-l"),
    ];
    let all = text.strip_prefix('-').filter(|all| !all.starts_with('-'))?;
    for (at, letter) in all.char_indices() {
        if let Some((_, flag)) = TAKE_VALUES.iter().find(|(one, _)| *one == letter) {
            let value = all.get(at + letter.len_utf8()..)?;
            let value = Some(value.strip_prefix('=').unwrap_or(value));
            return Some((flag, value.filter(|value| !value.is_empty())));
        }
        if !matches!(letter, 'd' | 'i' | 't' | 'q' | 'P') {
            return None;
        }
    }
    all.contains('P').then_some(("-P", Some("")))
}

/// What `ssh` runs on another machine: the words behind its options and the name of the machine.
pub(super) fn remote(words: &[Word]) -> &[Word] {
    const TAKE_VALUES: &str = "BbcDEeFIiJLlmOopQRSWw";
    let mut rest = words;
    while let Some(option) = rest.first().and_then(|word| word.text.strip_prefix('-')) {
        let mut letters = option.chars();
        let apart = letters.next_back().is_some_and(|c| TAKE_VALUES.contains(c))
            && !letters.any(|c| TAKE_VALUES.contains(c));
        rest = rest.get(1 + usize::from(apart)..).unwrap_or_default();
    }
    rest.get(1..).unwrap_or_default()
}

/// Words that stand for options which nothing here tells: `$ARGS`, `"$@"`, `$(./options)`.
pub(super) fn unclear(words: &[Word]) -> impl Iterator<Item = &Word> {
    let pairs = words.iter().zip(words.get(1..).unwrap_or_default());
    let unclear =
        pairs.filter(|(before, word)| word.text.starts_with('$') && !awaits(&before.text));
    unclear.map(|(_, word)| word)
}

/// Whether the next word is an option's value.
fn awaits(option: &str) -> bool {
    const ALONE: [&str; 12] = [
        "--detach",
        "--init",
        "--interactive",
        "--no-healthcheck",
        "--oom-kill-disable",
        "--privileged",
        "--publish-all",
        "--quiet",
        "--read-only",
        "--rm",
        "--sig-proxy",
        "--tty",
    ];
    match option.strip_prefix("--") {
        Some(_) => !option.contains('=') && !ALONE.contains(&option),
        None => matches!(letters(option), Some((_, None))),
    }
}
