//! Units of systemd, and the drop-ins that people add to them.

use std::ops::Range;

use super::Problem;
use super::server;
use super::sheet::Sheet;
use super::shell::{self, commands, invocation};
use super::variable::{self, CARDS, Place, Setting};

/// Judges a unit.
pub(super) fn lint(sheet: &mut Sheet<'_>, region: Range<usize>) {
    let lines: Vec<(Range<usize>, &str, Range<usize>)> = sheet
        .lines(region)
        .into_iter()
        .filter(|(_, line)| !line.trim_start().starts_with(['#', ';']))
        .filter_map(|(at, line)| {
            let (key, _) = line.split_once('=')?;
            let value = at.start + key.len() + 1..at.end;
            Some((at, key.trim(), value))
        })
        .collect();
    let mut comments = Vec::new();
    let mut settings: Vec<Setting> = Vec::new();
    for (at, key, value) in &lines {
        // Prose may have a hash in it.
        if !matches!(*key, "Description" | "Documentation") {
            comments.extend(comment(sheet.text, value).map(|comment| (at.clone(), comment)));
        }
    }
    for (_, _, value) in lines.iter().filter(|(_, key, _)| *key == "Environment") {
        for command in commands(sheet.text, value.clone()) {
            settings.extend(command.words.iter().filter_map(|word| {
                Setting::of(
                    &word.text,
                    word.inner.clone().unwrap_or_else(|| word.at.clone()),
                )
            }));
        }
    }
    let serves = |text: &str| text.contains("ollama serve");
    let value = |at: &Range<usize>| sheet.text.get(at.clone()).unwrap_or_default();
    let server = lines
        .iter()
        .find(|(_, key, at)| *key == "ExecStart" && serves(value(at)));
    let ours = |setting: &Setting| {
        setting.name.starts_with("OLLAMA_") || CARDS.contains(&setting.name.as_str())
    };
    if server.is_none() && !settings.iter().any(ours) {
        return;
    }
    for (line, at) in comments {
        let comment = sheet.text.get(at.clone()).unwrap_or_default().trim();
        sheet.insert(line.start, format!("{comment}\n"));
        let comment = comment.to_owned();
        sheet.find(line, Problem::InlineComment { comment });
        sheet.replace(at, "");
    }
    let has = |name: &str| settings.iter().any(|setting| setting.name == name);
    let has_key = |name: &str| lines.iter().any(|(_, key, _)| *key == name);
    let (known, hosted) = (variable::says_context(&settings), has("OLLAMA_HOST"));
    let (from_file, patient) = (has_key("EnvironmentFile"), has_key("TimeoutStartSec"));
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), Place::Host);
    if let Some((at, _, value)) = server {
        let command = commands(sheet.text, value.clone()).into_iter().next();
        if let Some(command) = command {
            let port = shell::flags(sheet, &invocation(&command), false);
            if let Some(port) = port.filter(|_| !hosted) {
                sheet.insert(
                    at.start,
                    format!("Environment=\"OLLAMA_HOST=127.0.0.1:{port}\"\n"),
                );
            }
        }
        if !known && !from_file {
            sheet.find(at.clone(), Problem::NoContextLength);
            let context = server::CONTEXT;
            sheet.insert(
                at.start,
                format!("Environment=\"OLLAMA_CONTEXT_LENGTH={context}\"\n"),
            );
        }
    }
    for (at, key, value) in &lines {
        let text = sheet.text.get(value.clone()).unwrap_or_default();
        let loads = text.contains("ollama pull") || text.contains("ollama run");
        if matches!(*key, "ExecStartPost" | "ExecStartPre") && loads && !patient {
            sheet.find_with(
                at.clone(),
                Problem::PreloadInUnit,
                format!("TimeoutStartSec=infinity\n{key}={text}"),
            );
        }
    }
}

/// A comment behind a value, with the blanks before it: systemd has none there, and takes it for more words.
fn comment(text: &str, value: &Range<usize>) -> Option<Range<usize>> {
    let last = commands(text, value.clone()).pop()?;
    let rest = last.at().end..value.end;
    let hash = text.get(rest.clone())?.trim_start().starts_with('#');
    hash.then_some(rest)
}
