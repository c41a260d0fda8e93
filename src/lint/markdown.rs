//! Documents: each block of code is judged as what it is.

use std::ops::Range;

use super::detect::FileKind;
use super::sheet::SourceText;
use super::{
    crontab, envfile, foreign, html, manifest, modelfile, nginx, shell, tag, unit, windows,
};

/// Finds what is wrong in the blocks and words of a document.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>) {
    let mut open: Option<(String, String, usize)> = None;
    let end = region.end;
    let mut quoted = Quoted::default();
    let mut html: Option<Html> = None;
    for (at, line) in sheet.lines(region) {
        if sheet.is_full() {
            return;
        }
        if open.is_none() && quoted.takes(sheet, at.clone(), line) {
            continue;
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
            None if opens_html(text) => {
                html = Some(Html {
                    start: html::begins(line, &at),
                    language: html::language(text),
                });
                html_end(sheet, &mut html, at, line);
            }
            None if html.is_some() => html_end(sheet, &mut html, at, line),
            // A row of a table: what it names can be meant to be downloaded.
            None if text.starts_with('|') => tag::cells(sheet, at),
            // Code is indented, too, without a fence.
            None if line.starts_with("    ") || line.starts_with('\t') => {
                let bare = text.trim_start_matches("$ ");
                let alone = matches!(bare.trim_end(), "ollama serve" | "ollama serve &");
                if alone || COMMANDS.iter().any(|command| bare.starts_with(command)) {
                    shell::lint(sheet, at.end - bare.len().min(at.len())..at.end, false);
                }
            }
            None => in_words(sheet, at, line),
            _ => {}
        }
    }
    // What nothing closes goes on to the end.
    if let Some(Html { start, language }) = html {
        shown(sheet, &language, start.min(end)..end);
    }
}

/// Judges commands among the words of a line: what stands between backticks.
fn in_words(sheet: &mut SourceText<'_>, at: Range<usize>, line: &str) {
    if line.contains("<code") {
        code_in_words(sheet, at.clone(), line);
    }
    let mut start = at.start;
    for (position, part) in line.split('`').enumerate() {
        let end = start + part.len();
        let fetches = part.starts_with("ollama pull ") || part.starts_with("ollama run ");
        if position % 2 == 1 && fetches {
            tag::cells(sheet, start..end);
        }
        start = end + 1;
    }
}

/// The same between `<code>` and `</code>`, where commands stand that are to be run as they are.
fn code_in_words(sheet: &mut SourceText<'_>, at: Range<usize>, line: &str) {
    let mut from = 0;
    while let Some((tag, end)) = html::code(line, from) {
        let region = at.start + tag..at.start + end;
        let written = line.get(tag..end).unwrap_or_default();
        let bare = written.trim_start_matches("$ ");
        let serves = bare.starts_with("OLLAMA_") && bare.contains(" ollama serve");
        let is_command =
            |command: &&str| !command.starts_with("OLLAMA_") && bare.starts_with(*command);
        if serves || COMMANDS.iter().any(is_command) {
            match html::shown(written) {
                Some(text) => sheet.instead(region, &text, |sheet| {
                    shell::lint(sheet, 0..sheet.text.len(), false);
                }),
                None => shell::lint(sheet, region, false),
            }
        }
        from = end;
    }
}

/// Whether a line opens code as HTML has it.
fn opens_html(text: &str) -> bool {
    let mut rest = text;
    while let Some(inner) = rest.strip_prefix('<') {
        if inner
            .get(..3)
            .is_some_and(|name| name.eq_ignore_ascii_case("pre"))
        {
            return true;
        }
        rest = inner.split_once('>').map_or("", |(_, behind)| behind);
    }
    false
}

/// Code of HTML that is open: where it starts, and its language.
struct Html {
    start: usize,
    language: String,
}

/// Judges the code of HTML once a line closes it.
fn html_end(sheet: &mut SourceText<'_>, open: &mut Option<Html>, at: Range<usize>, line: &str) {
    let lower = line.to_ascii_lowercase();
    let ends = ["</code", "</pre"].iter().filter_map(|end| lower.find(end));
    if let Some(end) = ends.min()
        && let Some(Html { start, language }) = open.take()
    {
        let start = start.min(at.start + end);
        shown(sheet, &language, start..at.start + end);
    }
}

/// Judges code of HTML as a browser shows it.
fn shown(sheet: &mut SourceText<'_>, language: &str, region: Range<usize>) {
    let written = sheet.text.get(region.clone()).unwrap_or_default();
    match html::shown(written) {
        Some(text) => sheet.instead(region, &text, |sheet| {
            block(sheet, language, 0..sheet.text.len());
        }),
        None => block(sheet, language, region),
    }
}

/// A block within a quotation, each line of which has the quotation's mark before it.
#[derive(Default)]
struct Quoted {
    /// The fence that opened it, and its language.
    open: Option<(String, String)>,
}

impl Quoted {
    /// Judges a line of a quotation by itself; whether it is one.
    fn takes(&mut self, sheet: &mut SourceText<'_>, at: Range<usize>, line: &str) -> bool {
        let Some(inner) = line.trim_start().strip_prefix('>') else {
            self.open = None;
            return false;
        };
        let text = inner.trim_start_matches([' ', '\t', '>']);
        let marks = text.len() - text.trim_start_matches(['`', '~']).len();
        match &self.open {
            None if marks >= 3 => {
                let (fence, language) = text.split_at(marks);
                self.open = Some((fence.to_owned(), language.trim().to_lowercase()));
            }
            Some((fence, _)) if text.trim_end() == fence => self.open = None,
            Some((_, language)) => {
                let shell = SHELLS.contains(&language.as_str());
                let region = at.end - text.len().min(at.len())..at.end;
                match shell {
                    // What stands on other lines is not known here.
                    true => shell::lint(sheet, region, false),
                    false => foreign::lint(sheet, region, language),
                }
            }
            None => {}
        }
        true
    }
}

/// What a line begins with that is a command, wherever it stands in a document.
const COMMANDS: [&str; 7] = [
    "OLLAMA_",
    "export OLLAMA_",
    "docker run ",
    "ollama pull ",
    "ollama run ",
    "podman run ",
    "sudo docker run ",
];

/// What commands are marked as.
const SHELLS: [&str; 11] = [
    "",
    "sh",
    "bash",
    "shell",
    "zsh",
    "console",
    "shell-session",
    "shellsession",
    "terminal",
    "text",
    "txt",
];

fn block(sheet: &mut SourceText<'_>, language: &str, region: Range<usize>) {
    let text = sheet.text.get(region.clone()).unwrap_or_default();
    let language = language.split([' ', ',', '{']).next().unwrap_or_default();
    let by_content = || FileKind::of_content(text).unwrap_or(FileKind::Shell);
    let kind = match language {
        "modelfile" => FileKind::Modelfile,
        // Modelfiles are shown as such, too; an image that is built says nothing of Ollama.
        "dockerfile" if by_content() == FileKind::Modelfile => FileKind::Modelfile,
        "nginx" => FileKind::Nginx,
        "yaml" | "yml" => FileKind::Yaml,
        "ini" | "systemd" | "toml" => FileKind::Unit,
        "env" | "dotenv" => FileKind::Environment,
        "cron" | "crontab" => FileKind::Crontab,
        "powershell" | "pwsh" | "ps1" | "cmd" | "bat" | "batch" => {
            return windows::lint(sheet, region);
        }
        shell if SHELLS.contains(&shell) && windows::is_typed(text) => {
            return windows::lint(sheet, region);
        }
        "plaintext" | "conf" => by_content(),
        shell if SHELLS.contains(&shell) => by_content(),
        _ => return foreign::lint(sheet, region, language),
    };
    match kind {
        FileKind::Modelfile => modelfile::lint(sheet, region),
        FileKind::Nginx => nginx::lint(sheet, region),
        FileKind::Yaml => {
            let is_template = text.contains("{{") || text.contains("{%");
            if !manifest::lint(sheet, region.clone(), false) && !is_template {
                foreign::lint(sheet, region, language);
            }
        }
        FileKind::Unit => unit::lint(sheet, region, ""),
        FileKind::Crontab => crontab::lint(sheet, region, ""),
        FileKind::Environment if matches!(language, "env" | "dotenv") => {
            envfile::lint(sheet, region, "");
        }
        FileKind::Shell | FileKind::Profile | FileKind::Environment | FileKind::Markdown => {
            shell::lint(sheet, region.clone(), true);
            // What is listed rather than run: a tag that does not exist is wrong there too.
            for (at, line) in sheet.lines(region) {
                let words = line.split('#').next().unwrap_or_default();
                tag::listed(sheet, at.start..at.start + words.len());
            }
        }
    }
}
