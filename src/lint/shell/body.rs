//! Bodies of requests to Ollama: where they are written, and which fields Ollama reads in them.

use std::ops::Range;

use serde_json::{Map, Value};

use super::super::Problem;
use super::super::foreign;
use super::super::hint::Unclear;
use super::super::sheet::SourceText;
use super::invocation::Invocation;
use super::values::Values;
use super::words::{Command, Word};

/// Where a body stands, and what it says.
pub(super) type Body = (Range<usize>, Map<String, Value>);

/// Fields of one body that are named as wrong; an honest one has a few.
const FIELDS: usize = 20;
/// Letters that may be wrong in a field that is taken for another one.
const SLIPS: usize = 2;

/// The bodies of a request: in arguments, in files, or below the command. One that cannot be read is a finding.
pub(super) fn bodies(
    sheet: &mut SourceText<'_>,
    piping: Option<&Command>,
    command: &Command,
    invocation: &Invocation<'_>,
    values: &Values,
) -> Vec<Body> {
    let mut all = Vec::new();
    for (position, word) in invocation.arguments.iter().enumerate() {
        let before = position.checked_sub(1);
        let before = before.and_then(|at| invocation.arguments.get(at));
        let Some(given) = given(before, word) else {
            continue;
        };
        if let Some(file) = given.strip_prefix('@') {
            match (file, piping.filter(|_| command.piped)) {
                ("-", Some(piping)) => all.extend(piped(sheet, piping)),
                ("-", None) => {}
                _ => all.extend(from_file(sheet, file, word.at.clone())),
            }
        } else if let Some(words) = values.expand(given) {
            all.extend(assigned(sheet, words));
        } else if let Some(body) = parsed(given) {
            all.push((word.at.clone(), body));
        } else if given.starts_with('{') {
            let what = Unclear::Line;
            sheet.find_with(word.at.clone(), Problem::NotUnderstood { what }, "");
        }
    }
    if let Some(heredoc) = &command.heredoc {
        let text = sheet.text.get(heredoc.at.clone()).unwrap_or_default();
        let body = parsed(text);
        all.extend(body.map(|body| (heredoc.at.clone(), body)));
    }
    if matches!(invocation.program, "http" | "xh") {
        all.extend(pairs(invocation.arguments));
    }
    all
}

/// What a word gives as a body: all of it, or what stands behind the option for it.
fn given<'w>(before: Option<&Word>, word: &'w Word) -> Option<&'w str> {
    const OPTIONS: [&str; 8] = [
        "--data-binary",
        "--data-raw",
        "--data-ascii",
        "--data",
        "--json",
        "--post-data",
        "--body-data",
        "-d",
    ];
    let text = word.text.as_str();
    let joined = OPTIONS.iter().find_map(|option| {
        let rest = text.strip_prefix(option)?;
        Some(rest.strip_prefix('=').unwrap_or(rest)).filter(|rest| !rest.is_empty())
    });
    if let Some(joined) = joined {
        return Some(joined.trim());
    }
    let behind = before.is_some_and(|before| OPTIONS.contains(&before.text.as_str()));
    let text = text.trim();
    (text.starts_with('{') || behind).then_some(text)
}

/// A body that another command writes, which may only say it.
fn piped(sheet: &mut SourceText<'_>, piping: &Command) -> Option<Body> {
    let says = |word: &Word| matches!(word.text.as_str(), "echo" | "printf" | "cat");
    let said = piping.words.first().is_some_and(says);
    let whole = piping.words.iter().filter(|_| said);
    let mut whole = whole.filter(|word| word.text.starts_with('{'));
    if let Some(word) = whole.next() {
        return Some((word.at.clone(), parsed(&word.text)?));
    }
    let text = sheet.text.get(piping.range()).unwrap_or_default();
    if foreign::strays(text) {
        let what = Unclear::Line;
        sheet.find_with(piping.range(), Problem::NotUnderstood { what }, "");
    }
    None
}

/// A body that a variable holds: the text of its words, with the brackets around it.
fn assigned(sheet: &SourceText<'_>, words: &[Word]) -> Option<Body> {
    let (first, last) = (words.first()?, words.last()?);
    let before = sheet.text.get(..first.at.start)?;
    let start = match before.trim_end().strip_suffix('{') {
        Some(rest) if !first.text.starts_with('{') => rest.len(),
        _ => first.at.start,
    };
    let behind = sheet.text.get(last.at.end..)?;
    let rest = behind.trim_start().strip_prefix('}');
    let longer = rest.map(|rest| start..sheet.text.len() - rest.len());
    [Some(start..last.at.end), longer]
        .into_iter()
        .flatten()
        .find_map(|at| {
            let body = parsed(sheet.text.get(at.clone())?)?;
            Some((at, body))
        })
}

/// An object of JSON, in which a shell may put in values.
fn parsed(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text)
        .ok()
        .or_else(|| serde_json::from_str(&filled(text)?).ok())
        // Within quotes of a shell in a shell.
        .or_else(|| serde_json::from_str(&text.replace("\\\"", "\"")).ok())
}

/// A text with `null` for each variable outside of its strings.
fn filled(text: &str) -> Option<String> {
    let mut all = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = text;
    let mut any = false;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '$' && !in_string {
            any = true;
            all.push_str("null");
            let end = match behind.strip_prefix('{') {
                Some(inner) => inner.find('}').map(|close| close + 2)?,
                None => behind
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(behind.len()),
            };
            rest = behind.get(end..)?;
            continue;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
        all.push(c);
        rest = behind;
    }
    any.then_some(all)
}

/// A body of a file, which is judged where it is named.
fn from_file(sheet: &mut SourceText<'_>, file: &str, at: Range<usize>) -> Option<Body> {
    let text = sheet.context.files.and_then(|files| files.read(file));
    let body = text.as_deref().and_then(parsed);
    if body.is_none() {
        let file = file.to_owned();
        sheet.find_with(at.clone(), Problem::NotRead { file }, "");
    }
    Some((at, body?))
}

/// The body that `NAME=text` and `NAME:=json` make (HTTPie).
fn pairs(words: &[Word]) -> Option<Body> {
    let mut body = Map::new();
    let mut at: Option<Range<usize>> = None;
    for word in words {
        let (name, value) = match (word.text.split_once(":="), word.text.split_once('=')) {
            (Some((name, value)), _) => {
                let value = serde_json::from_str(value).unwrap_or(Value::Null);
                (name, value)
            }
            (None, Some((name, value))) => (name, Value::from(value)),
            (None, None) => continue,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.is_empty() && name.chars().all(plain) {
            body.insert(name.to_owned(), value);
            let start = at.as_ref().map_or(word.at.start, |at| at.start);
            at = Some(start..word.at.end);
        }
    }
    Some((at?, body))
}

/// Where a field's name stands in a body, if it stands there once; else the whole body.
pub(super) fn place(sheet: &SourceText<'_>, at: &Range<usize>, field: &str) -> Range<usize> {
    let text = sheet.text.get(at.clone()).unwrap_or_default();
    let mut found = text.match_indices(field);
    match (found.next(), found.next()) {
        (Some((offset, name)), None) => {
            let start = at.start + offset;
            start..start + name.len()
        }
        _ => at.clone(),
    }
}

/// The fields that Ollama reads at a path (api/types.go); none for a path whose fields are not followed.
fn fields(path: &str) -> Option<Vec<&'static str>> {
    const ASKED: [&str; 12] = [
        "model",
        "stream",
        "format",
        "keep_alive",
        "options",
        "think",
        "truncate",
        "shift",
        "logprobs",
        "top_logprobs",
        "_debug_render_only",
        "dimensions",
    ];
    let more: &[&str] = match path.trim_end_matches('/') {
        "/api/generate" => &[
            "prompt", "suffix", "system", "template", "context", "raw", "images", "width",
            "height", "steps",
        ],
        "/api/chat" => &["messages", "tools"],
        "/api/embed" => &["input"],
        "/api/embeddings" => &["prompt"],
        _ => return None,
    };
    Some(ASKED.iter().chain(more).copied().collect())
}

/// Fields that Ollama does not read at a path, each with the one that was meant, if that is sure.
pub(super) fn unknown(
    sheet: &mut SourceText<'_>,
    body: &Map<String, Value>,
    path: &str,
) -> Vec<(String, Option<&'static str>)> {
    let Some(known) = fields(path) else {
        return Vec::new();
    };
    // Whoever puts names in by a shell is not followed.
    let is_plain = |name: &str| name.len() < 40 && !name.contains('$');
    let slips = |name: &str, known: &str| {
        let plain = name.to_lowercase().replace('-', "_");
        strsim::damerau_levenshtein(&plain, known)
    };
    let mut all = Vec::new();
    let strange = |name: &&String| !known.contains(&name.as_str()) && is_plain(name);
    for name in body.keys().filter(strange).take(FIELDS) {
        let near = |name: &str| {
            let alike = |one: &&&str| one.len() > 2 * SLIPS && slips(name, one) <= SLIPS;
            let found = known.iter().find(alike);
            found.map(ToString::to_string).into_iter().collect()
        };
        // Names of fields are asked for apart from those of tags and variables.
        let asked = format!("{path} {name}");
        let found = sheet.similar(&asked, |_| near(name));
        let meant = known
            .iter()
            .find(|one| found.first().is_some_and(|found| found == **one))
            .copied();
        all.push((name.clone(), meant));
    }
    all
}
