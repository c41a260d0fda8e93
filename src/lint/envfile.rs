//! Files of variables, as systemd and compose read them.

use std::collections::HashSet;
use std::ops::Range;

use super::hint::{Unclear, Unclosed};
use super::known::is_others;
use super::reach::{Listener, Request, Target};
use super::sheet::SourceText;
use super::variable::{self, Place, Setting, is_ours};
use super::{Problem, image, server};

/// The files of compose that an `.env` beside them is read for.
const COMPOSE: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// What compose makes of a file of variables that lies beside its own files.
struct ComposeUse {
    /// Whether there are such files.
    found: bool,
    /// The words of them, and those of them that stand behind a `$`.
    words: HashSet<String>,
    filled: HashSet<String>,
    /// Whether it is one that compose reads, which knows comments behind a value.
    read: bool,
    /// Whether compose only fills its own files in with it.
    only_fills: bool,
}

impl ComposeUse {
    fn new(sheet: &SourceText<'_>, name: &str) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let files = sheet.context.files;
        let text = |file: &&str| files.and_then(|files| files.read(file));
        let texts: Vec<String> = COMPOSE.iter().filter_map(text).collect();
        let names = |what: &str| texts.iter().any(|text| text.contains(what));
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (mut words, mut filled) = (HashSet::new(), HashSet::new());
        for text in &texts {
            let mut behind = false;
            for word in text.split_inclusive(|c| !is_word(c)) {
                let name = word.trim_end_matches(|c| !is_word(c));
                if behind {
                    filled.insert(name.to_owned());
                }
                words.insert(name.to_owned());
                // `$NAME` and `${NAME`; a map in braces has its own names.
                behind = word.ends_with('$') || word == "{" && behind;
            }
        }
        Self {
            found: !texts.is_empty(),
            read: name == ".env" || name.starts_with(".env.") || !name.is_empty() && names(name),
            only_fills: name == ".env"
                && ![".env", "include:", "file:"].iter().any(|one| names(one)),
            words,
            filled,
        }
    }

    /// Whether no container gets a variable of the file: compose only fills it into its own files, and they do not name it.
    fn keeps(&self, name: &str) -> bool {
        self.found && self.only_fills && !self.words.contains(name)
    }

    /// Whether compose puts a variable into its own files: then its name is theirs.
    fn interpolates(&self, name: &str) -> bool {
        self.filled.contains(name)
    }
}

/// A file of variables.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>, name: &str) {
    let beside = ComposeUse::new(sheet, name);
    // A line that is not of its form is told by itself.
    let says = sheet.lines(region.clone()).iter().any(|(_, line)| {
        let name = line.split('=').next().unwrap_or_default().trim();
        name == "OLLAMA_CONTEXT_LENGTH"
    });
    let reader = match beside.read {
        true => Reader::Compose,
        false => Reader::by_path(name),
    };
    // What compose puts into its files is judged there.
    if beside.read && beside.found {
        sheet.judges();
    }
    let settings = settings(sheet, region, reader);
    // Beside the address of a server, names that are nobody's are those of the program that asks it.
    let asks = settings.iter().any(|one| is_others(&one.name));
    let of_client = asks && !variable::starts_ollama(&settings);
    let all: Vec<&Setting> = settings
        .iter()
        .filter(|setting| {
            let name = setting.name.as_str();
            !is_ours(name) || !beside.interpolates(name) || variable::has_values(name)
        })
        .filter(|setting| !of_client || !variable::is_nobodys(&setting.name))
        .collect();
    if all.iter().any(|setting| is_ours(&setting.name)) {
        variable::servers(sheet, &all, Place::Host);
        // systemd knows no variables there either.
        variable::unexpanded(sheet, &settings, reader == Reader::Systemd);
    }
    if name.replace('\\', "/").ends_with("etc/environment") {
        return at_login(sheet, &all);
    }
    for setting in &all {
        if variable::is_servers(&setting.name) && beside.keeps(&setting.name) {
            let variable = setting.name.clone();
            sheet.find_with(setting.at.clone(), Problem::NotPassed { variable }, "");
        }
    }
    reached(sheet, &all);
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
        && !name.is_empty()
        && !variable::says_context(&settings)
        && !says
    {
        let line = sheet.line_start(first.at.start);
        server::no_context(sheet, first.at.clone(), line, "\n");
    }
}

/// Who reads a file of variables: what may stand in it depends on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A file of compose: with comments behind values, and `export`.
    Compose,
    /// A unit: it ignores a line with `export`.
    Systemd,
    /// `docker run`: it refuses one.
    Docker,
    /// That is not known.
    Unknown,
}

impl Reader {
    /// By the folder that a file lies in.
    fn by_path(path: &str) -> Self {
        const FOLDERS: [&str; 3] = ["etc/default/", "etc/sysconfig/", "etc/conf.d/"];
        let path = path.replace('\\', "/");
        match FOLDERS.iter().any(|folder| path.contains(folder)) {
            true => Self::Systemd,
            false => Self::Unknown,
        }
    }
}

/// Variables that are set when a person logs in: a service that systemd starts never sees them.
fn at_login(sheet: &mut SourceText<'_>, settings: &[&Setting]) {
    let servers = |setting: &&&Setting| variable::is_servers(&setting.name);
    for setting in settings.iter().filter(servers) {
        variable::beside_service(sheet, setting);
    }
}

/// The server that a file is for, and the addresses of others.
fn reached(sheet: &mut SourceText<'_>, settings: &[&Setting]) {
    let value = |name: &str| variable::last(settings.iter().copied(), name);
    let serves = settings
        .iter()
        .any(|setting| variable::is_servers(&setting.name));
    if serves {
        let host = value("OLLAMA_HOST").map(|host| host.value.as_str());
        let port = variable::server_port(host);
        let context = value("OLLAMA_CONTEXT_LENGTH").and_then(|one| one.value.parse().ok());
        sheet.listens(Listener::here(port, context));
    }
    // Other programs have a variable of that name, too, and some want the path.
    let webui = |one: &&Setting| one.name.starts_with("WEBUI_") || one.name == "ENABLE_OLLAMA_API";
    if settings.iter().any(webui) {
        image::base_url(sheet, settings.iter().copied());
    }
    for setting in settings {
        if is_others(&setting.name) && setting.value.contains("//0.0.0.0") {
            let address = setting.value.clone();
            sheet.find_with(setting.at.clone(), Problem::TargetAddress { address }, "");
        } else if is_others(&setting.name)
            && setting.value.contains("://")
            && let Some(target) = Target::parse(&setting.value, server::PORT)
        {
            let request = Request {
                target,
                ..Request::default()
            };
            sheet.request(setting.at.clone(), request);
        }
    }
}

/// Its variables; a line that is none is a finding.
pub(super) fn settings(
    sheet: &mut SourceText<'_>,
    region: Range<usize>,
    reader: Reader,
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
        let name = text.strip_prefix("export ").unwrap_or(text).trim_start();
        let name_at = at.end - name.len()..at.end;
        let setting = Setting::parse(name, name_at.clone());
        let Some(setting) = setting.or_else(|| unclear(sheet, at.clone(), text)) else {
            continue;
        };
        let exported = name.len() < text.len();
        match reader {
            Reader::Systemd | Reader::Docker if exported => {
                let words = vec![text.to_owned()];
                sheet.find(at.clone(), Problem::BadAssignment { words });
                sheet.replace(at.start..name_at.start, "");
                continue;
            }
            Reader::Unknown if exported && is_ours(&setting.name) => {
                let variable = setting.name.clone();
                sheet.advise(at.start..name_at.start, "");
                sheet.find(at, Problem::ExportedInFile { variable });
            }
            _ => {}
        }
        if let Some(at) = unclosed(sheet, &setting).filter(|_| reader != Reader::Docker) {
            match reader {
                Reader::Systemd => {
                    let effect = Unclosed::LinesTaken;
                    sheet.find_with(at..at + 1, Problem::OpenQuote { effect }, "");
                }
                Reader::Unknown => {
                    let effect = Unclosed::ByReader;
                    sheet.find_with(at..at + 1, Problem::OpenQuote { effect }, "");
                }
                _ => sheet.find_open_quote(at..at + 1),
            }
        }
        let comments = reader == Reader::Compose || reader == Reader::Unknown && exported;
        let mut setting = comment(sheet, setting, comments);
        setting.value = variable::bare(&setting.name, &setting.value).to_owned();
        settings.push(setting);
    }
    settings
}

/// A quote that a value opens and does not close: the lines below become part of it, or all of the file is refused.
fn unclosed(sheet: &SourceText<'_>, setting: &Setting) -> Option<usize> {
    let value = sheet.text.get(setting.value_at.clone())?;
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let closed = value.get(1..)?.contains(quote);
    (is_ours(&setting.name) && !closed).then_some(setting.value_at.start)
}

/// A line that is none of its form; the setting that was meant, where that is plain.
fn unclear(sheet: &mut SourceText<'_>, at: Range<usize>, text: &str) -> Option<Setting> {
    let parts = text
        .split_once('=')
        .map(|(name, value)| (name.trim(), value.trim()));
    match parts.filter(|(name, _)| super::detect::is_name(name)) {
        Some((name, value)) => {
            let words = vec![text.to_owned()];
            sheet.find(at.clone(), Problem::BadAssignment { words });
            // Piece by piece, so that a wrong value is corrected with it.
            let value_at = at.end - value.len()..at.end;
            sheet.replace(at.start + name.len()..value_at.start, "=");
            let whole = Setting::parse(&format!("{name}={value}"), at)?;
            Some(Setting { value_at, ..whole })
        }
        None => {
            let what = Unclear::Line;
            sheet.find_with(at, Problem::NotUnderstood { what }, "");
            None
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
        let indent = sheet.indent(line);
        sheet.insert(line, format!("{indent}{comment}\n"));
        sheet.find(setting.at.clone(), Problem::InlineComment { comment });
        sheet.replace(end..setting.at.end, "");
    }
    setting.value = value.trim_matches(['"', '\'']).to_owned();
    setting.value_at.end = end;
    setting
}
