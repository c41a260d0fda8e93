//! Units of systemd, and the drop-ins that people add to them, by systemd's own rules.

mod assign;
mod exec;
mod limits;
mod lines;
mod quadlet;
mod value;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::hint::Unclear;
use super::reach::Listener;
use super::sheet::SourceText;
use super::shell::Word;
use super::slip::certain;
use super::variable::{self, Place, Setting, is_ours};
use super::{Problem, image, server};
use crate::catalog::similar;
use assign::{comment_behind, environment, misplaced};
use lines::{Line, Unit};

/// The keys that systemd knows, a section a line.
const KEYS: &str = include_str!("../../../data/systemd.txt");

/// Finds what is wrong in a unit of systemd.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>, name: &str) {
    let all = sheet.lines(region.clone());
    let unit = lines::read(&all);
    let path = name.replace('\\', "/");
    let folders = ["ollama.service.d/", "ollama.container.d/"];
    let of_ollama = folders.iter().any(|folder| path.contains(folder));
    if of_ollama {
        sheet.judges();
    }
    if !concerns(sheet, &unit) && !of_ollama {
        return;
    }
    for at in &unit.unclear {
        let what = Unclear::Line;
        sheet.find_with(at.clone(), Problem::NotUnderstood { what }, "");
    }
    keys(sheet, &unit);
    sections(sheet, &unit);
    value::lint(sheet, &unit);
    let serving = unit.lines.iter().find(|line| {
        line.key == "ExecStart"
            && is_service(line)
            && exec::serves(sheet.text.get(line.value.clone()).unwrap_or_default())
    });
    let (settings, unread) = given(sheet, &unit, serving);
    let fenced = limits::is_fenced(sheet, &unit);
    let judged = |setting: &&Setting| !fenced || setting.name != "OLLAMA_HOST";
    variable::servers(
        sheet,
        &settings.iter().filter(judged).collect::<Vec<_>>(),
        Place::Host,
    );
    variable::unexpanded(sheet, &settings, true);
    quadlet::lint(sheet, &unit);
    exec::lint(sheet, &unit, &settings);
    listens(
        sheet,
        &settings,
        serving.is_some() || !settings.is_empty(),
        unread,
    );
    exec::several(sheet, &unit, name);
    limits::lint(sheet, &unit, &settings, serving.is_some() || of_ollama);
    socket(sheet, &unit);
    if serving.is_some() {
        sheet.judges();
    }
    if let Some(line) = serving
        && !variable::says_context(&settings)
        && !unread
        && !exec::by_shell(sheet, line)
    {
        sheet.find(line.at.clone(), Problem::NoContextLength);
        let context = server::CONTEXT;
        let text = format!("Environment=\"OLLAMA_CONTEXT_LENGTH={context}\"\n");
        sheet.insert(line.at.start, text);
    }
}

/// The variables of a service: its own, those of files, and those that `env` adds; whether a file could not be read.
fn given(
    sheet: &mut SourceText<'_>,
    unit: &Unit<'_>,
    serving: Option<&Line<'_>>,
) -> (Vec<Setting>, bool) {
    let mut settings: Vec<Setting> = Vec::new();
    let mut unread = false;
    for line in unit.lines.iter().filter(|line| is_service(line)) {
        match line.key {
            "Environment" => environment(sheet, line, &mut settings),
            "EnvironmentFile" => {
                let text = sheet
                    .text
                    .get(line.value.clone())
                    .unwrap_or_default()
                    .trim();
                let file = text
                    .trim_start_matches('-')
                    .trim_matches(['"', '\''])
                    .to_owned();
                if serving.is_some() && !file.is_empty() {
                    let more = image::from_file(sheet, line.at.clone(), &file, Place::Host);
                    unread |= more.is_empty();
                    settings.extend(more.into_iter().map(|setting| Setting {
                        at: line.at.clone(),
                        value_at: line.at.end..line.at.end,
                        value: format!("${}", setting.value),
                        ..setting
                    }));
                }
            }
            _ => {}
        }
    }
    if let Some(line) = serving {
        settings.extend(exec::handed_in(sheet, line));
    }
    (settings, unread)
}

/// Where its server listens, of which a drop-in says only what it changes.
fn listens(sheet: &mut SourceText<'_>, settings: &[Setting], serving: bool, unread: bool) {
    let ours = |setting: &Setting| variable::is_servers(&setting.name);
    let host = variable::last(settings, "OLLAMA_HOST");
    if !serving || host.is_none() && !settings.iter().any(ours) {
        return;
    }
    // Values of other files are kept behind a `$`.
    let value = |setting: &'_ Setting| setting.value.trim_start_matches('$').to_owned();
    let host = host.map(value);
    let port = match host {
        None if unread => None,
        host => variable::server_port(host.as_deref()),
    };
    let context = variable::last(settings, "OLLAMA_CONTEXT_LENGTH");
    let context = context.and_then(|context| value(context).parse().ok());
    sheet.listens(Listener::here(port, context));
}

/// A socket at Ollama's port, which systemd opens for a program that hands requests on.
fn socket(sheet: &mut SourceText<'_>, unit: &Unit<'_>) {
    for line in unit.lines.iter().filter(|line| line.key == "ListenStream") {
        let text = sheet.text.get(line.value.clone()).unwrap_or_default();
        let address = text.trim().to_owned();
        // A number alone is a port of every address.
        let plain = address.parse::<u16>().is_ok();
        let given = if plain {
            format!(":{address}")
        } else {
            address.clone()
        };
        if variable::open(&given) != Some(server::PORT) {
            sheet.judges();
            continue;
        }
        sheet.find(line.at.clone(), Problem::OpenPort { address });
        let blanks = text.len() - text.trim_start().len();
        let start = line.value.start + blanks;
        let right = format!("127.0.0.1:{}", server::PORT);
        sheet.replace(start..start + text.trim().len(), right);
    }
}

/// Whether a unit is about Ollama at all.
fn concerns(sheet: &SourceText<'_>, unit: &Unit<'_>) -> bool {
    let value = |line: &Line<'_>| sheet.text.get(line.value.clone()).unwrap_or_default();
    unit.lines.iter().any(|line| match line.key {
        "Environment" => {
            let words = lines::words(sheet.text, line.value.clone());
            let name = |word: &Word| {
                let name = word.text.split('=').next().unwrap_or_default();
                is_ours(name.trim_start_matches(['“', '”', '‘', '„', '«']))
            };
            words.iter().any(name)
        }
        "Image" => value(line).contains("ollama"),
        "PublishPort" => value(line).contains(":11434"),
        "ListenStream" => value(line).ends_with("11434"),
        key => {
            let value = value(line);
            key.starts_with("Exec") && (value.contains("ollama") || value.contains(":11434"))
        }
    })
}

/// Whether a line is of a service, if only by what it was meant for.
fn is_service(line: &Line<'_>) -> bool {
    line.section
        .is_none_or(|section| section == "Service" || line.meant == Some("Service"))
}

/// The section that a name differs from by a slip, or by small letters.
fn misspelt(name: &str) -> Option<&'static str> {
    let slips =
        |known: &&str| strsim::damerau_levenshtein(&known.to_lowercase(), &name.to_lowercase());
    let near = |known: &&&str| **known != name && name.len() < 20 && slips(known) <= 1;
    ["Service", "Unit", "Install", "Container"]
        .iter()
        .find(near)
        .copied()
        .filter(|_| !SECTIONS.contains(&name))
}

/// The sections that systemd reads, and those that Podman does.
const SECTIONS: [&str; 19] = [
    "Unit",
    "Service",
    "Install",
    "Socket",
    "Timer",
    "Path",
    "Mount",
    "Automount",
    "Swap",
    "Slice",
    "Scope",
    "Container",
    "Pod",
    "Volume",
    "Network",
    "Kube",
    "Image",
    "Build",
    "Quadlet",
];

/// Sections of which nothing is known here.
fn sections(sheet: &mut SourceText<'_>, unit: &Unit<'_>) {
    let mut seen = HashSet::new();
    for line in &unit.lines {
        let Some(section) = line.section else {
            continue;
        };
        let known =
            SECTIONS.contains(&section) || section.starts_with("X-") || line.meant.is_some();
        if !known && seen.insert(section) {
            let what = Unclear::Section;
            sheet.find_with(line.at.clone(), Problem::NotUnderstood { what }, "");
        }
    }
}

/// A line before any section, with the header of its `home` before it unless the file is `headed` already; whether one is added.
fn outside(sheet: &mut SourceText<'_>, line: &Line<'_>, home: Option<&str>, headed: bool) -> bool {
    let key = line.key.to_owned();
    sheet.find(
        line.at.clone(),
        Problem::OutsideSection { key, section: None },
    );
    let bare = assign::bare(sheet.text, line);
    let home = home.or(bare.is_some().then_some("Service"));
    let adds = home.filter(|_| !headed);
    if let Some(home) = adds {
        sheet.insert(sheet.line_start(line.at.start), format!("[{home}]\n"));
    }
    if let Some(form) = bare {
        sheet.replace(line.at.clone(), form);
    }
    adds.is_some()
}

/// Keys that systemd does not have, or does not take where they stand.
fn keys(sheet: &mut SourceText<'_>, unit: &Unit<'_>) {
    let mut headed = false;
    let sections: HashMap<&str, HashSet<&str>> = KEYS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .map(|(section, keys)| (section, keys.split(' ').collect()))
        .collect();
    let known = |section: &str| sections.get(section);
    for line in &unit.lines {
        if sheet.is_full() {
            return;
        }
        let key = line.key.to_owned();
        let section = match line.section {
            None => {
                let home = ["Service", "Unit", "Install"]
                    .into_iter()
                    .find(|section| known(section).is_some_and(|keys| keys.contains(line.key)));
                headed |= outside(sheet, line, home, headed);
                continue;
            }
            Some(section) => section,
        };
        if let Some(right) = line.meant {
            let outside = Problem::OutsideSection {
                key,
                section: Some(section.to_owned()),
            };
            sheet.find(line.at.clone(), outside);
            let headers = unit.headers.iter().filter(|(name, _)| *name == section);
            for (_, at) in headers {
                sheet.replace(at.clone(), format!("[{right}]"));
            }
            continue;
        }
        if misplaced(sheet, line) {
            continue;
        }
        let Some(keys) = known(section) else { continue };
        if keys.contains(line.key) || line.key.starts_with("X-") {
            continue;
        }
        if let Some(form) = assign::bare(sheet.text, line).filter(|_| keys.contains("Environment"))
        {
            let problem = Problem::UnknownKey {
                key,
                section: section.to_owned(),
                candidates: vec!["Environment".to_owned()],
            };
            sheet.find(line.at.clone(), problem);
            sheet.replace(line.at.clone(), form);
            continue;
        }
        let serves = known("Service").is_some_and(|keys| keys.contains(line.key));
        // Podman has names of its own for much of it.
        if !matches!(section, "Service" | "Container" | "Pod") && serves {
            let section = Some(section.to_owned());
            sheet.find_with(
                line.at.clone(),
                Problem::OutsideSection { key, section },
                "[Service]",
            );
            continue;
        }
        let candidates = sheet.similar(line.key, |key| similar(key, keys.iter().copied()));
        let form = certain(line.key, &candidates)
            .map(|one| sheet.line_with(&line.at, line.key, one))
            .unwrap_or_default();
        let section = section.to_owned();
        let problem = match candidates.is_empty() {
            true => Problem::NotUnderstood {
                what: Unclear::Line,
            },
            false => Problem::UnknownKey {
                key,
                section,
                candidates,
            },
        };
        sheet.find_with(line.at.clone(), problem, form);
    }
}
