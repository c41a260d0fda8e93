//! Containers and pods that Podman makes services of (podman-systemd.unit(5)).

use std::ops::Range;

use super::super::sheet::SourceText;
use super::super::shell::container::Container;
use super::super::shell::options::options;
use super::super::variable::{self, Place, Setting};
use super::super::{Problem, hint::Unclear, image};
use super::assign::environment;
use super::lines::{self, Line, Unit};

/// Keys as the options of `podman run` that they become.
const OPTIONS: [(&str, &str); 11] = [
    ("ContainerName", "--name"),
    ("Entrypoint", "--entrypoint"),
    ("EnvironmentFile", "--env-file"),
    ("HealthCmd", "--health-cmd"),
    ("Memory", "--memory"),
    ("Mount", "--mount"),
    ("Network", "--network"),
    ("Pod", "--pod"),
    ("PublishPort", "--publish"),
    ("Volume", "--volume"),
    ("VolumesFrom", "--volumes-from"),
];

/// Lines of a container that are read; an honest one has a few dozen.
const LINES: usize = 1000;

/// Judges the container or the pod of a unit.
pub(super) fn lint(sheet: &mut SourceText<'_>, unit: &Unit<'_>) {
    let pods = lines(unit, "Pod").chain(lines(unit, "Kube"));
    for line in pods.filter(|line| line.key == "PublishPort") {
        let (text, at) = value(sheet, line);
        sheet.judges();
        image::published(sheet, text, at, None);
    }
    for line in lines(unit, "Kube").filter(|line| line.key == "Yaml") {
        let file = value(sheet, line).0.to_owned();
        sheet.find_with(line.at.clone(), Problem::NotRead { file }, "");
    }
    let mut settings: Vec<Setting> = Vec::new();
    for line in lines(unit, "Container").filter(|line| line.key == "Environment") {
        environment(sheet, line, &mut settings);
    }
    let Some(named) = lines(unit, "Container")
        .filter(|line| line.key == "Image")
        .last()
    else {
        return addition(sheet, unit, &settings);
    };
    let (name, at) = value(sheet, named);
    let more: Vec<_> = lines(unit, "Container")
        .filter(|line| line.key == "PodmanArgs")
        .map(|line| lines::words(sheet.text, line.value.clone()))
        .collect();
    let mut given: Vec<(&str, &str, Range<usize>)> = Vec::new();
    for line in lines(unit, "Container").take(LINES) {
        if let Some((_, option)) = OPTIONS.iter().find(|(key, _)| *key == line.key) {
            let (text, at) = value(sheet, line);
            given.push((*option, text, at));
        }
    }
    given.extend(more.iter().flat_map(|words| options(words)));
    if image::is_image(name) {
        image::pinned(sheet, name, named.at.clone(), (at.clone(), false));
        let run: Vec<_> = lines(unit, "Container")
            .filter(|line| line.key == "Exec")
            .map(|line| lines::words(sheet.text, line.value.clone()))
            .collect();
        let container = Container {
            image: at,
            behind: run.last().map_or(&[], Vec::as_slice),
            options: given,
            settings: settings.clone(),
            place: Place::Quadlet,
            swarm: false,
        };
        container.lint(sheet);
        variable::unexpanded(sheet, &settings, true);
    } else if image::is_like(name) || variable::starts_ollama(&settings) {
        let what = Unclear::Command;
        sheet.find_with(named.at.clone(), Problem::NotUnderstood { what }, "");
        let all: Vec<&Setting> = settings.iter().collect();
        variable::servers(sheet, &all, Place::Quadlet);
    } else {
        let elsewhere = |flag: &str| matches!(flag, "--network" | "--net" | "--pod");
        let own_network = !given.iter().any(|(flag, value, _)| {
            elsewhere(flag)
                && (*value == "host" || *flag == "--pod" || value.contains(".container"))
        });
        for setting in &settings {
            image::client(sheet, setting, own_network);
        }
    }
}

/// Judges what a drop-in adds to a container whose image another file names.
fn addition(sheet: &mut SourceText<'_>, unit: &Unit<'_>, settings: &[Setting]) {
    if settings.iter().any(|one| variable::is_servers(&one.name)) {
        let all: Vec<&Setting> = settings.iter().collect();
        variable::servers(sheet, &all, Place::Quadlet);
        variable::unexpanded(sheet, settings, true);
    }
    for line in lines(unit, "Container").filter(|line| line.key == "PublishPort") {
        let (text, at) = value(sheet, line);
        image::published(sheet, text, at, None);
    }
}

/// The lines of a section.
fn lines<'u, 'a>(unit: &'u Unit<'a>, section: &'static str) -> impl Iterator<Item = &'u Line<'a>> {
    unit.lines
        .iter()
        .filter(move |line| line.section == Some(section))
}

/// What a line says, and where.
fn value<'a>(sheet: &SourceText<'a>, line: &Line<'_>) -> (&'a str, Range<usize>) {
    let text = sheet.text.get(line.value.clone()).unwrap_or_default();
    let start = line.value.start + text.len() - text.trim_start().len();
    let text = text.trim();
    (text, start..start + text.len())
}
