//! Files of variables, as systemd and compose read them.

use std::ops::Range;

use super::hint::Unclear;
use super::sheet::SourceText;
use super::variable::{self, Place, Setting, is_ours};
use super::{Problem, server};

/// A file of variables.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>) {
    let settings = settings(sheet, region);
    let all: Vec<&Setting> = settings.iter().collect();
    if all.iter().any(|setting| is_ours(&setting.name)) {
        variable::servers(sheet, &all, Place::Host);
    }
    let first = all
        .iter()
        .find(|setting| variable::is_servers(&setting.name));
    if let Some(first) = first
        && !variable::says_context(&settings)
    {
        server::no_context(sheet, first.at.clone(), first.at.start, "\n");
    }
}

/// Its variables; a line that is none is a finding.
pub(super) fn settings(sheet: &mut SourceText<'_>, region: Range<usize>) -> Vec<Setting> {
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
            Some(setting) => settings.push(comment(sheet, setting)),
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

/// Without the comment behind it, which a file of variables does not know.
fn comment(sheet: &mut SourceText<'_>, mut setting: Setting) -> Setting {
    let text = sheet.text.get(setting.value_at.clone()).unwrap_or_default();
    let quoted = text.starts_with(['"', '\'']) && text.ends_with(['"', '\'']) && text.len() > 1;
    let Some(hash) = text
        .find(" #")
        .filter(|_| is_ours(&setting.name) && !quoted)
    else {
        return setting;
    };
    let value = text.get(..hash).unwrap_or_default().trim_end();
    let comment = text.get(hash..).unwrap_or_default().trim().to_owned();
    let end = setting.value_at.start + value.len();
    let line = sheet.line_start(setting.at.start);
    sheet.insert(line, format!("{comment}\n"));
    sheet.find(setting.at.clone(), Problem::InlineComment { comment });
    sheet.replace(end..setting.at.end, "");
    setting.value = value.trim_matches(['"', '\'']).to_owned();
    setting.value_at.end = end;
    setting
}
