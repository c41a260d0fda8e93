//! Documents: each block of code is judged as what it is.

use std::ops::Range;

use super::detect::Kind;
use super::sheet::SourceText;
use super::{crontab, envfile, manifest, modelfile, nginx, shell, tag, unit, windows};

/// Judges a document.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>) {
    let mut open: Option<(String, String, usize)> = None;
    let end = region.end;
    for (at, line) in sheet.lines(region) {
        if sheet.is_full() {
            return;
        }
        let text = line.trim_start();
        let marks = text.len() - text.trim_start_matches(['`', '~']).len();
        match &open {
            None if marks >= 3 => {
                let (fence, language) = text.split_at(marks);
                let language = language.trim().to_lowercase();
                open = Some((fence.to_owned(), language, (at.end + 1).min(end)));
            }
            Some((fence, language, start)) if text.trim_end() == fence => {
                let start = (*start).min(at.start);
                block(sheet, language, start..at.start);
                open = None;
            }
            // A row of a table: what it names can be meant to be downloaded.
            None if text.starts_with('|') => tag::cells(sheet, at),
            _ => {}
        }
    }
}

fn block(sheet: &mut SourceText<'_>, language: &str, region: Range<usize>) {
    let text = sheet.text.get(region.clone()).unwrap_or_default();
    let language = language.split([' ', ',', '{']).next().unwrap_or_default();
    let by_content = Kind::of_content(text).unwrap_or(Kind::Shell);
    let kind = match language {
        "modelfile" => Kind::Modelfile,
        // Modelfiles are shown as such, too; an image that is built says nothing of Ollama.
        "dockerfile" if by_content == Kind::Modelfile => Kind::Modelfile,
        "nginx" => Kind::Nginx,
        "yaml" | "yml" => Kind::Yaml,
        "ini" | "systemd" | "toml" => Kind::Unit,
        "env" | "dotenv" => Kind::Environment,
        "cron" | "crontab" => Kind::Crontab,
        "powershell" | "pwsh" | "ps1" | "cmd" | "bat" | "batch" => {
            return windows::lint(sheet, region);
        }
        "" | "sh" | "bash" | "shell" | "zsh" | "console" | "shell-session" | "shellsession"
        | "terminal" | "text" | "txt" | "plaintext" | "conf" => by_content,
        _ => return,
    };
    match kind {
        Kind::Modelfile => modelfile::lint(sheet, region),
        Kind::Nginx => nginx::lint(sheet, region),
        Kind::Yaml => drop(manifest::lint(sheet, region, false)),
        Kind::Unit => unit::lint(sheet, region, ""),
        Kind::Crontab => crontab::lint(sheet, region, ""),
        Kind::Environment if matches!(language, "env" | "dotenv") => {
            envfile::lint(sheet, region, "");
        }
        Kind::Shell | Kind::Profile | Kind::Environment | Kind::Markdown => {
            shell::lint(sheet, region.clone(), true);
            // What is listed rather than run: a tag that does not exist is wrong there too.
            for (at, line) in sheet.lines(region) {
                let words = line.split('#').next().unwrap_or_default();
                tag::listed(sheet, at.start..at.start + words.len());
            }
        }
    }
}
