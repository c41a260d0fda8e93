//! Files of variables, as systemd and compose read them.

use std::ops::Range;

use super::hint::Unclear;
use super::sheet::SourceText;
use super::variable::{self, Place, Setting, is_ours};
use super::{Problem, server};

/// The files of compose that an `.env` beside them is read for.
const COMPOSE: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// What compose makes of a file of variables that lies beside its own files.
struct Beside {
    texts: Vec<String>,
    /// Whether it is one that compose reads, which knows comments behind a value.
    read: bool,
}

impl Beside {
    fn of(sheet: &SourceText<'_>, name: &str) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let files = sheet.bench.files;
        let text = |file: &&str| files.and_then(|files| files.read(file));
        let texts: Vec<String> = COMPOSE.iter().filter_map(text).collect();
        let named = |text: &String| !name.is_empty() && text.contains(name);
        Self {
            read: name == ".env" || name.starts_with(".env.") || texts.iter().any(named),
            texts,
        }
    }

    /// Whether compose puts a variable into its own files: then its name is theirs.
    fn interpolates(&self, name: &str) -> bool {
        let uses = |text: &String| {
            let used = |form: &str| {
                text.match_indices(form).any(|(at, _)| {
                    let rest = text.get(at + form.len()..).unwrap_or_default();
                    !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
                })
            };
            used(&format!("${{{name}")) || used(&format!("${name}"))
        };
        self.texts.iter().any(uses)
    }
}

/// A file of variables.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>, name: &str) {
    let beside = Beside::of(sheet, name);
    let settings = settings(sheet, region, beside.read);
    let all: Vec<&Setting> = settings
        .iter()
        .filter(|setting| !is_ours(&setting.name) || !beside.interpolates(&setting.name))
        .collect();
    if all.iter().any(|setting| is_ours(&setting.name)) {
        variable::servers(sheet, &all, Place::Host);
        variable::unexpanded(sheet, &settings, false);
    }
    let first = all
        .iter()
        .find(|setting| variable::is_servers(&setting.name));
    // Cards alone may be those of another server.
    let is_ollamas = |setting: &&Setting| setting.name.starts_with("OLLAMA_");
    let ollama = name.contains("ollama") || all.iter().any(is_ollamas);
    // What compose reads is told where its services are judged.
    if let Some(first) = first
        && ollama
        && !beside.read
        && !variable::says_context(&settings)
    {
        server::no_context(sheet, first.at.clone(), first.at.start, "\n");
    }
}

/// Its variables; a line that is none is a finding. `comments` if a comment may stand behind a value.
pub(super) fn settings(
    sheet: &mut SourceText<'_>,
    region: Range<usize>,
    comments: bool,
) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (at, line) in sheet.lines(region) {
        if sheet.is_full() {
            break;
        }
        let text = line.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let at = at.start + indent..at.start + indent + text.len();
        // Compose takes an `export` before a name.
        let name = text.strip_prefix("export ").unwrap_or(text);
        let name_at = at.end - name.len()..at.end;
        match Setting::of(name, name_at) {
            Some(setting) => settings.push(comment(sheet, setting, comments)),
            None => unclear(sheet, at, text),
        }
    }
    settings
}

fn unclear(sheet: &mut SourceText<'_>, at: Range<usize>, text: &str) {
    let parts = text
        .split_once('=')
        .map(|(name, value)| (name.trim(), value.trim()));
    match parts.filter(|(name, _)| super::detect::is_name(name)) {
        Some((name, value)) => {
            let words = vec![text.to_owned()];
            sheet.find(at.clone(), Problem::BadAssignment { words });
            sheet.replace(at, format!("{name}={value}"));
        }
        None => {
            let what = Unclear::Line;
            sheet.find_with(at, Problem::NotUnderstood { what }, "");
        }
    }
}

/// Without the comment behind it, which only compose knows.
fn comment(sheet: &mut SourceText<'_>, mut setting: Setting, allowed: bool) -> Setting {
    let text = sheet.text.get(setting.value_at.clone()).unwrap_or_default();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let close = quote.and_then(|quote| text.get(1..)?.find(quote).map(|at| at + 2));
    let from = close.unwrap_or_default();
    let quoted = close == Some(text.len());
    let hash = text.get(from..).and_then(|rest| rest.find(" #"));
    let Some(hash) = hash.filter(|_| is_ours(&setting.name) && !quoted) else {
        return setting;
    };
    let hash = from + hash;
    let value = text.get(..hash).unwrap_or_default().trim_end();
    let end = setting.value_at.start + value.len();
    if !allowed {
        let comment = text.get(hash..).unwrap_or_default().trim().to_owned();
        let line = sheet.line_start(setting.at.start);
        sheet.insert(line, format!("{comment}\n"));
        sheet.find(setting.at.clone(), Problem::InlineComment { comment });
        sheet.replace(end..setting.at.end, "");
    }
    setting.value = value.trim_matches(['"', '\'']).to_owned();
    setting.value_at.end = end;
    setting
}
