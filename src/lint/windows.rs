//! Variables of Windows, as commands set them.

use std::ops::Range;

use super::detect::is_name;
use super::sheet::SourceText;
use super::tag;
use super::variable::{self, Place, Setting};

/// Judges the variables of Ollama that commands of PowerShell or of the command prompt set, and the tags that they name.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>) {
    let mut settings = Vec::new();
    for (at, line) in sheet.lines(region) {
        settings.extend(setting(line, at.start));
        let words = line.split('#').next().unwrap_or_default();
        tag::listed(sheet, at.start..at.start + words.len());
    }
    // Another program's cards are none of Ollama's.
    settings.retain(|setting| setting.name.starts_with("OLLAMA_"));
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), Place::Host);
}

/// `setx NAME VALUE`, `set NAME=VALUE`, `$env:NAME = "VALUE"`.
fn setting(line: &str, start: usize) -> Option<Setting> {
    let text = line.trim_start();
    let lower = text.to_ascii_lowercase();
    let prefix = ["setx ", "set ", "$env:"];
    let prefix = prefix.into_iter().find(|one| lower.starts_with(one))?;
    let rest = text.get(prefix.len()..)?.trim_start();
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, behind) = rest.split_at(length);
    let behind = behind.trim_start();
    let value = match prefix {
        "setx " => behind,
        _ => behind.strip_prefix('=')?.trim_start(),
    };
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.split('"').next());
    let bare = match quoted {
        Some(inner) => inner,
        None if prefix == "set " => value.trim_end(),
        None => value.split_whitespace().next()?,
    };
    let at = start + line.len() - rest.len();
    let from = start + line.len() - value.len() + usize::from(quoted.is_some());
    is_name(name).then(|| Setting {
        name: name.to_owned(),
        value: bare.to_owned(),
        at: at..from + bare.len(),
        value_at: from..from + bare.len(),
        bare_text: false,
    })
}
