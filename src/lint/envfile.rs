//! Files of variables, as systemd and compose read them.

use std::ops::Range;

use super::sheet::Sheet;
use super::variable::{self, CARDS, Place, Setting};
use super::{Problem, server};

/// A file of variables.
pub(super) fn lint(sheet: &mut Sheet<'_>, region: Range<usize>) {
    let mut settings = Vec::new();
    for (at, line) in sheet.lines(region) {
        let indent = line.len() - line.trim_start().len();
        let Some(setting) = Setting::of(
            line.trim(),
            at.start + indent..at.start + line.trim_end().len(),
        ) else {
            continue;
        };
        settings.push(comment(sheet, setting));
    }
    let all: Vec<&Setting> = settings.iter().collect();
    let ours = |setting: &&Setting| {
        setting.name.starts_with("OLLAMA_") || CARDS.contains(&setting.name.as_str())
    };
    if all.iter().any(ours) {
        variable::servers(sheet, &all, Place::Host);
    }
    let is_server = all
        .iter()
        .any(|setting| setting.name == "OLLAMA_HOST" || variable::is_servers(&setting.name));
    let known = variable::says_context(&settings);
    if let Some(first) = all
        .iter()
        .find(|setting| variable::is_servers(&setting.name))
        && is_server
        && !known
    {
        server::no_context(sheet, first.at.clone(), first.at.start, "\n");
    }
}

/// Without the comment behind it, which a file of variables does not know.
fn comment(sheet: &mut Sheet<'_>, mut setting: Setting) -> Setting {
    let ours = setting.name.starts_with("OLLAMA_") || CARDS.contains(&setting.name.as_str());
    let text = sheet.text.get(setting.value_at.clone()).unwrap_or_default();
    let Some(hash) = text.find(" #").filter(|_| ours) else {
        return setting;
    };
    let value = text.get(..hash).unwrap_or_default().trim_end();
    let comment = text.get(hash..).unwrap_or_default().trim();
    let end = setting.value_at.start + value.len();
    sheet.find(
        setting.at.clone(),
        Problem::InlineComment {
            comment: comment.to_owned(),
        },
    );
    sheet.insert(setting.at.start, format!("{comment}\n"));
    sheet.replace(end..setting.at.end, "");
    setting.value = value.trim_matches(['"', '\'']).to_owned();
    setting.value_at.end = end;
    setting
}
