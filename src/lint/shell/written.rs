//! What a script writes for others: variables of a session, lines of files that are read later, whole files.

use std::ops::Range;

use super::super::detect::FileKind;
use super::super::envfile::Reader;
use super::super::foreign;
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
use super::super::{crontab, envfile, manifest, modelfile, nginx, unit};
use super::DEEPEST;
use super::invocation::Invocation;
use super::partial::{profile, script};
use super::words::{Command, Word};

/// Variables of a session, which its programs and services get.
pub(super) fn session(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
    let words = invocation.arguments;
    match (invocation.program, invocation.first()) {
        ("launchctl", Some("setenv")) => in_macos(sheet, words.get(1..).unwrap_or_default()),
        ("snap", Some("set")) if invocation.names("ollama") => snap(sheet, words),
        ("systemctl", _) if invocation.has(&["set-environment"]) => manager(sheet, words),
        _ => {}
    }
}

/// A variable of a session of macOS: its name and its value.
fn in_macos(sheet: &mut SourceText<'_>, words: &[Word]) {
    let [name, value] = words else { return };
    let setting = Setting {
        name: name.text.clone(),
        value: value.text.clone(),
        at: name.at.start..value.at.end,
        value_at: value.inner.clone().unwrap_or_else(|| value.at.clone()),
        bare_text: false,
    };
    variable::servers(sheet, &[&setting], Place::Host);
}

/// `snap set ollama host=ADDRESS`: the snap makes a variable of each.
fn snap(sheet: &mut SourceText<'_>, words: &[Word]) {
    sheet.judges();
    let given = words.iter().filter_map(|word| {
        let setting = Setting::parse(&word.text, word.at.clone())?;
        let name = match setting.name.as_str() {
            "host" => "OLLAMA_HOST",
            "origins" => "OLLAMA_ORIGINS",
            _ => return None,
        };
        let name = name.to_owned();
        Some(Setting { name, ..setting })
    });
    let settings: Vec<Setting> = given.collect();
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), Place::Host);
}

/// `systemctl set-environment NAME=VALUE`, which every service gets.
fn manager(sheet: &mut SourceText<'_>, words: &[Word]) {
    let given = words.iter();
    let settings: Vec<Setting> = given
        .filter_map(|word| Setting::parse(&word.text, word.at.clone()))
        .collect();
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), Place::Host);
}

/// A line that is written to what a shell or a session reads when a person logs in.
pub(super) fn appended(sheet: &mut SourceText<'_>, command: &Command, next: Option<&Command>) {
    let tee = next.filter(|next| next.piped).and_then(|next| {
        let tee = next.words.iter().any(|word| word.text == "tee");
        next.words.last().filter(|_| tee)
    });
    let file = command.output.as_deref();
    let Some(file) = file.or(tee.map(|word| word.text.as_str())) else {
        return;
    };
    let words = command.words.get(1..).unwrap_or_default();
    let Some(at) = words.iter().find_map(|word| word.inner.clone()) else {
        return;
    };
    match FileKind::detect(file, "") {
        Some(FileKind::Profile) => profile(sheet, at),
        Some(FileKind::Environment) if file.ends_with("etc/environment") => {
            envfile::lint(sheet, at, file);
        }
        // Files of variables that a service reads: what else they say is not known here.
        kind if kind == Some(FileKind::Environment) || is_of_service(file) => {
            let settings = envfile::settings(sheet, at, Reader::Systemd);
            let all: Vec<&Setting> = settings.iter().collect();
            variable::servers(sheet, &all, Place::Host);
        }
        _ => {}
    }
}

/// Whether distributions have Ollama's service read it: `/etc/default/ollama`, `/etc/sysconfig/ollama`.
fn is_of_service(file: &str) -> bool {
    let folders = ["etc/default/", "etc/sysconfig/", "etc/conf.d/"];
    folders.iter().any(|folder| file.contains(folder)) && file.ends_with("ollama")
}

/// A file that is written by a script: judged as what it is.
pub(super) fn written(sheet: &mut SourceText<'_>, command: &Command, at: Range<usize>, depth: u8) {
    let text = sheet.text.get(at.clone()).unwrap_or_default();
    let tee = command
        .words
        .iter()
        .rev()
        .find(|word| !word.text.starts_with('-'));
    let name = command
        .output
        .as_deref()
        .or_else(|| tee.map(|word| word.text.as_str()))
        .unwrap_or_default();
    let first = command.words.iter().map(|word| word.text.as_str());
    let writes = command.output.is_some() || first.clone().take(3).any(|word| word == "tee");
    let Some(kind) = FileKind::detect(name, text) else {
        // A file for a program that is not known here, or a program in another language.
        const LANGUAGES: [&str; 5] = ["node", "perl", "python", "python3", "ruby"];
        if writes
            || first
                .clone()
                .next()
                .is_some_and(|first| LANGUAGES.contains(&first))
        {
            foreign::lint(sheet, at, "");
        }
        return;
    };
    match kind {
        FileKind::Modelfile => modelfile::lint(sheet, at),
        FileKind::Unit => unit::lint(sheet, at, name),
        FileKind::Nginx => nginx::lint(sheet, at),
        FileKind::Yaml => drop(manifest::lint(sheet, at, false)),
        FileKind::Environment => envfile::lint(sheet, at, name),
        FileKind::Crontab => crontab::lint(sheet, at, name),
        FileKind::Shell if writes => script(sheet, at, depth),
        FileKind::Profile if writes && depth < DEEPEST => profile(sheet, at),
        FileKind::Shell | FileKind::Profile | FileKind::Markdown => {}
    }
}

/// `sed 's/NAME=.*/NAME=value/'`: a line of a file of variables that a script puts in the place of another one.
pub(super) fn put_in_file(sheet: &mut SourceText<'_>, command: &Command) {
    let mut settings = Vec::new();
    for word in command.words.iter().skip(1) {
        let Some(new) = substituted(&word.text) else {
            continue;
        };
        let written = sheet.text.get(word.at.clone()).unwrap_or_default();
        let line = new.strip_prefix("export ").unwrap_or(new);
        if line.starts_with("OLLAMA_")
            && let Some(offset) = written.rfind(line)
        {
            let start = word.at.start + offset;
            settings.extend(Setting::parse(line, start..start + line.len()));
        }
    }
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), Place::Host);
    put_in_unit(sheet, command);
}

/// What `s/OLD/NEW/` puts in, where that is plain text.
fn substituted(script: &str) -> Option<&str> {
    let rest = script.strip_prefix('s')?;
    let mark = rest.chars().next().filter(char::is_ascii_punctuation)?;
    let mut parts = rest.get(1..)?.split(mark);
    let (old, new) = (parts.next()?, parts.next()?);
    let flags = parts.next().filter(|_| parts.next().is_none())?;
    let plain = !old.ends_with('\\') && !new.contains(['\\', '&']);
    (plain && flags.chars().all(|c| c.is_ascii_alphanumeric())).then_some(new)
}

/// `sed '/Service/a Environment="NAME=value"'`: a line that a script puts into a unit.
pub(super) fn put_in_unit(sheet: &mut SourceText<'_>, command: &Command) {
    const KEY: &str = "Environment=";
    let region = command.range();
    let text = sheet.text.get(region.clone()).unwrap_or_default();
    let mut settings = Vec::new();
    for (at, _) in text.match_indices(KEY) {
        let start = at + KEY.len();
        let rest = text.get(start..).unwrap_or_default();
        let (rest, start, quote) = match rest.strip_prefix(['"', '\'']) {
            Some(inner) => (inner, start + 1, rest.chars().next()),
            None => (rest, start, None),
        };
        let ends = |c: char| match quote {
            Some(quote) => c == quote || c == '\\',
            None => c.is_whitespace() || matches!(c, '"' | '\'' | '\\'),
        };
        let end = rest.find(ends).unwrap_or(rest.len());
        let at = region.start + start..region.start + start + end;
        let setting = Setting::parse(rest.get(..end).unwrap_or_default(), at);
        settings.extend(setting.filter(|setting| variable::is_ours(&setting.name)));
    }
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), Place::Host);
}
