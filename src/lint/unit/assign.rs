//! `Environment=`: the assignments of a unit, and what is taken for one.

use std::ops::Range;

use super::super::Problem;
use super::super::detect::is_name;
use super::super::sheet::SourceText;
use super::super::shell::Word;
use super::super::variable::{self, Setting};
use super::lines::{self, Line};

/// `Environment NAME=value` and `Environment: NAME=value`: what stands before the first equals sign is no key.
pub(super) fn misplaced(sheet: &mut SourceText<'_>, line: &Line<'_>) -> bool {
    let text = sheet.text.get(line.at.clone()).unwrap_or_default();
    let rest = text.trim_start().strip_prefix("Environment");
    let rest = rest.filter(|rest| rest.starts_with([' ', '\t', ':']));
    let Some(rest) = rest.map(|rest| rest.trim_start_matches([' ', '\t', ':'])) else {
        return false;
    };
    let assignment = rest.trim().trim_matches(['"', '\'']);
    // `Environment = NAME=value` is one as it should be.
    if rest.starts_with('=') || Setting::parse(assignment, 0..assignment.len()).is_none() {
        return false;
    }
    let form = format!("Environment=\"{assignment}\"");
    let words = vec![text.trim().to_owned()];
    let plain = !assignment.contains(['"', '\'', '\\', '\n']);
    sheet.find_with(
        line.at.clone(),
        Problem::BadAssignment { words },
        form.clone(),
    );
    if plain {
        sheet.replace(line.at.clone(), form);
    }
    true
}

/// `OLLAMA_MODELS=/srv/models`, as a shell or a file of variables has it, with the key that systemd wants.
pub(super) fn bare(text: &str, line: &Line<'_>) -> Option<String> {
    let value = text.get(line.value.clone())?.trim();
    let value = value.trim_matches(['"', '\'']);
    let plain = !value.is_empty() && !value.contains(['"', '\\', '%', '$', '\n']);
    let form = format!("Environment=\"{}={value}\"", line.key);
    (variable::is_ours(line.key) && plain).then_some(form)
}

/// The assignments of a line; an empty one takes all of those before it back.
pub(super) fn environment(
    sheet: &mut SourceText<'_>,
    line: &Line<'_>,
    settings: &mut Vec<Setting>,
) {
    let words = lines::words(sheet.text, line.value.clone());
    if words.is_empty() {
        settings.clear();
    }
    let comment = words
        .iter()
        .position(|word| word.text.starts_with('#') && word.inner.is_none());
    let (words, rest) = words.split_at(comment.unwrap_or(words.len()));
    if let (Some(last), Some(_)) = (words.last(), rest.first()) {
        comment_behind(sheet, line, last.at.end);
    }
    let mut words = words;
    if let [first, second, ..] = words
        && first.text == "export"
    {
        // A shell's word.
        let wrong = vec![first.text.clone()];
        sheet.find(first.at.clone(), Problem::BadAssignment { words: wrong });
        sheet.replace(first.at.start..second.at.start, "");
        words = &words[1..];
    }
    let of = |word: &Word| {
        let at = word.inner.clone().unwrap_or_else(|| word.at.clone());
        Setting::parse(&word.text, at)
    };
    // A name, an equals sign and a value, apart.
    if let (Some((name, value)), Some(last)) = (apart(sheet.text, words), words.last()) {
        let end = last.at.end;
        let words = words.iter().map(|word| word.text.clone()).collect();
        sheet.find(line.at.clone(), Problem::BadAssignment { words });
        // Piece by piece, so that a wrong value is corrected with it.
        sheet.replace(line.at.start..name.start, "Environment=\"");
        sheet.replace(name.end..value.start, "=");
        sheet.replace(value.end..end, "\"");
        let text = |at: &Range<usize>| sheet.text.get(at.clone()).unwrap_or_default().to_owned();
        settings.push(Setting {
            name: text(&name),
            value: text(&value),
            at: name.start..value.end,
            value_at: value,
            bare_text: false,
        });
        return;
    }
    let wrong: Vec<&Word> = words.iter().filter(|word| of(word).is_none()).collect();
    if !wrong.is_empty() {
        let joined: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        // One value with blanks in it may have been meant.
        let one = words.iter().filter(|word| of(word).is_some()).count() == 1
            && of(&words[0]).is_some()
            && words[0].inner.is_none();
        let form = if one {
            let joined = joined.join(" ");
            let (name, value) = joined.split_once('=').unwrap_or((&joined, ""));
            let right = variable::right_duration(name, value);
            let value = right.as_deref().unwrap_or(value);
            format!("Environment=\"{name}={value}\"")
        } else {
            String::new()
        };
        let words = wrong.iter().map(|word| word.text.clone()).collect();
        sheet.find_with(line.at.clone(), Problem::BadAssignment { words }, form);
    }
    for word in words {
        match several(sheet, word) {
            Some(parts) => {
                let quoted: Vec<String> = parts
                    .iter()
                    .map(|one| {
                        let part = sheet.text.get(one.at.clone()).unwrap_or_default();
                        format!("\"{part}\"")
                    })
                    .collect();
                let of_word = vec![word.text.clone()];
                sheet.find(word.at.clone(), Problem::BadAssignment { words: of_word });
                sheet.replace(word.at.clone(), quoted.join(" "));
                settings.extend(parts);
            }
            None => settings.extend(glued(sheet, word).or_else(|| of(word))),
        }
    }
}

/// `"NAME=value";` and `"NAME=value",`: what stands behind the quotes is part of the value.
fn glued(sheet: &mut SourceText<'_>, word: &Word) -> Option<Setting> {
    let written = sheet.text.get(word.at.clone())?;
    let quoted = written.strip_suffix([';', ','])?;
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    let at = word.at.start + 1..word.at.start + 1 + inner.len();
    let setting = Setting::parse(inner, at).filter(|one| variable::is_ours(&one.name))?;
    let words = vec![word.text.clone()];
    sheet.find(word.at.clone(), Problem::BadAssignment { words });
    sheet.replace(word.at.end - 1..word.at.end, "");
    Some(setting)
}

/// `"NAME=value NAME=value"`: the quotes make one value of all that stands behind the first name.
fn several(sheet: &SourceText<'_>, word: &Word) -> Option<Vec<Setting>> {
    let inner = word.inner.clone()?;
    let text = sheet
        .text
        .get(inner.clone())
        .filter(|text| *text == word.text)?;
    let mut parts = Vec::new();
    let mut from = inner.start;
    for part in text.split(' ') {
        if !part.is_empty() {
            let setting = Setting::parse(part, from..from + part.len());
            parts.push(setting.filter(|one| variable::is_ours(&one.name))?);
        }
        from += part.len() + 1;
    }
    (parts.len() > 1).then_some(parts)
}

/// Where the name and the value stand in `NAME = value`, `NAME= value`, `NAME =value`, `NAME: value` and `"NAME = value"`.
fn apart(text: &str, words: &[Word]) -> Option<(Range<usize>, Range<usize>)> {
    let place = |word: &Word| {
        let at = word.inner.clone().unwrap_or_else(|| word.at.clone());
        (text.get(at.clone()) == Some(word.text.as_str())).then_some(at)
    };
    let (name, value) = match words {
        [name, equals, value] if equals.text == "=" => (place(name)?, place(value)?),
        [whole] => {
            let at = place(whole)?;
            let (name, value) = whole.text.split_once('=')?;
            let bare = name.trim_end();
            let start = at.end - value.trim_start().len();
            (name.ends_with(' ')).then_some((at.start..at.start + bare.len(), start..at.end))?
        }
        [name, value] => {
            let (name_at, value_at) = (place(name)?, place(value)?);
            match name.text.strip_suffix(['=', ':']) {
                Some(bare) if !value.text.contains('=') => {
                    (name_at.start..name_at.start + bare.len(), value_at)
                }
                _ => {
                    value.text.strip_prefix('=')?;
                    (name_at, value_at.start + 1..value_at.end)
                }
            }
        }
        _ => return None,
    };
    let plain = !text.get(value.clone())?.contains(['"', '\\', '%', '$']);
    (is_name(text.get(name.clone())?) && plain).then_some((name, value))
}

/// A comment behind a value, which systemd takes for more words.
pub(super) fn comment_behind(sheet: &mut SourceText<'_>, line: &Line<'_>, end: usize) {
    // Between lines that go on there is no place for it.
    let at = end..line.at.end;
    let text = sheet.text.get(at.clone()).unwrap_or_default();
    let comment = text.trim().to_owned();
    if text.contains('\n') {
        return;
    }
    if !sheet
        .text
        .get(line.at.clone())
        .unwrap_or_default()
        .contains('\n')
    {
        sheet.insert(line.at.start, format!("{comment}\n"));
        sheet.replace(at, "");
    }
    sheet.find(line.at.clone(), Problem::InlineComment { comment });
}
