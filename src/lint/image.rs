//! Ollama's image in a container, whatever describes the container.

use std::ops::Range;

use super::envfile::Reader;
use super::interpolation::{expanded, masked};
use super::reach::{Request, Target};
use super::server::PORT;
use super::sheet::SourceText;
use super::variable::Setting;
use super::{Problem, envfile, variable};
use crate::units::Bytes;

/// Where the image keeps its models.
pub(super) const MODELS: &str = "/root/.ollama";
/// What the engine keeps of prompts in the host's memory, at most, beside a model's own pages.
const PROMPT_CACHE: Bytes = Bytes::gib(8);

/// Whether it is Ollama's image.
pub(super) fn is_image(name: &str) -> bool {
    let repository = parts(name).0;
    repository == "ollama/ollama" || repository.ends_with("/ollama/ollama")
}

/// Whether it is called as if somebody had built it of Ollama's, or put Ollama into another one.
pub(super) fn is_like(name: &str) -> bool {
    let (repository, tag) = parts(name);
    let named = repository.rsplit('/').next() == Some("ollama");
    !is_image(name) && (named || tag == Some("ollama"))
}

/// The program of an image that hands ports out to the Internet.
pub(super) fn tunnel(name: &str) -> Option<&'static str> {
    let last = parts(name).0.rsplit('/').next();
    ["cloudflared", "ngrok"]
        .into_iter()
        .find(|program| last == Some(program))
}

/// The repository of an image and its tag.
fn parts(name: &str) -> (&str, Option<&str>) {
    let name = name.split('@').next().unwrap_or_default();
    let last = name.rfind('/').map_or(0, |slash| slash + 1);
    let colon = name.get(last..).and_then(|rest| rest.find(':'));
    match colon.map(|colon| last + colon) {
        Some(colon) => (name.get(..colon).unwrap_or_default(), name.get(colon + 1..)),
        None => (name, None),
    }
}

/// The tag of an image, if it names another image every month.
pub(super) fn moving_tag(image: &str) -> Option<&str> {
    let tag = parts(image).1.unwrap_or("latest");
    (matches!(tag, "latest" | "rocm") && !image.contains('@')).then_some(tag)
}

/// Judges the image's tag; `place` is where the image stands, or its tag alone.
pub(super) fn pinned(
    sheet: &mut SourceText<'_>,
    image: &str,
    at: Range<usize>,
    (place, tag_alone): (Range<usize>, bool),
) {
    let Some(tag) = moving_tag(image) else { return };
    let version = &sheet.catalog().knowledge.ollama.version;
    let rocm = if tag == "rocm" { "-rocm" } else { "" };
    let right = match tag_alone {
        true => format!("{version}{rocm}"),
        false => format!("{}:{version}{rocm}", parts(image).0),
    };
    let image = image.to_owned();
    sheet.find(at, Problem::ImageNotPinned { image });
    sheet.replace(place, right);
}

/// What a container of the image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It runs the server.
    Server,
    /// It runs a client, and ends.
    Client,
    /// It runs something that cannot be seen.
    Unclear,
}

/// What it runs, by the words that replace the image's own.
pub(super) fn role(words: &[&str]) -> Role {
    const CLIENTS: [&str; 8] = [
        "run", "pull", "create", "list", "show", "ps", "push", "stop",
    ];
    let text = words.join(" ");
    let mut all =
        text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '&' | '|' | '"' | '\''));
    if text.trim().is_empty() || all.clone().any(|word| word == "serve") {
        Role::Server
    } else if text.contains("ollama ") || all.any(|word| CLIENTS.contains(&word)) {
        Role::Client
    } else {
        Role::Unclear
    }
}

/// Judges a command that the image's own program is given as its arguments: the program, where that is none of its subcommands.
pub(super) fn arguments<'w>(words: &[&'w str]) -> Option<&'w str> {
    const SUBCOMMANDS: [&str; 18] = [
        "serve", "start", "create", "show", "run", "stop", "pull", "push", "signin", "signout",
        "list", "ls", "ps", "cp", "rm", "help", "launch", "login",
    ];
    let first = words.first()?.split_whitespace().next()?;
    const OPTIONS: [&str; 4] = ["-h", "--help", "-v", "--version"];
    let known = SUBCOMMANDS.contains(&first) || OPTIONS.contains(&first) || first.starts_with('$');
    (!known).then_some(first)
}

/// A container that listens for itself alone, though others are to reach it.
pub(super) fn loopback(sheet: &mut SourceText<'_>, settings: &[Setting]) {
    let host = variable::last(settings, "OLLAMA_HOST");
    if let Some(host) = host.filter(|host| variable::is_loopback(&host.value)) {
        let address = host.value.clone();
        sheet.find(host.at.clone(), Problem::ContainerLoopback { address });
        let port = variable::port(&host.value);
        let port = port.filter(|port| *port != super::server::PORT);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        host.put(sheet, &format!("0.0.0.0{port}"));
    }
}

/// Where a server in a container listens there.
pub(super) fn port(settings: &[Setting]) -> Option<u16> {
    let host = variable::last(settings, "OLLAMA_HOST");
    let host = host.map(|host| expanded(&host.value));
    variable::server_port(host.as_deref())
}

/// The port of the machine at which a port of a container is published, and that port: `[ADDRESS:]PORT:PORT`.
pub(super) fn publishes(ports: &str) -> Option<(Option<u16>, u16)> {
    let known = expanded(ports);
    let mut parts = known.rsplit(':');
    let inner = parts.next()?.trim_end_matches("/tcp").parse().ok()?;
    Some((parts.next()?.parse().ok(), inner))
}

/// Judges how much memory a container may take.
pub(super) fn memory(
    sheet: &mut SourceText<'_>,
    at: Range<usize>,
    limit: Option<Bytes>,
    form: &str,
) {
    if let Some(limit) = limit.filter(|limit| *limit < PROMPT_CACHE) {
        let need = PROMPT_CACHE;
        sheet.find_with(at, Problem::MemoryLimit { limit, need }, form);
    }
}

/// Judges whether the models outlive their container; whether they do not.
pub(super) fn stored(
    sheet: &mut SourceText<'_>,
    at: Range<usize>,
    settings: &[Setting],
    mounts: &[String],
    form: Option<&str>,
) -> bool {
    let value = |name: &str| {
        let named = variable::last(settings, name);
        named.map(|setting| setting.value.as_str())
    };
    let folder = value("OLLAMA_MODELS").unwrap_or(MODELS);
    let known = folder.starts_with('/') && value("HOME").is_none();
    let holds = |mount: &String| {
        let mount = mount.trim_end_matches('/');
        mount.is_empty()
            || mount.contains('$')
            || folder == mount
            || folder
                .strip_prefix(mount)
                .is_some_and(|rest| rest.starts_with('/'))
            || mount
                .strip_prefix(folder)
                .is_some_and(|rest| rest == "/models")
    };
    let lost = known && !mounts.iter().any(holds);
    if lost {
        let path = folder.to_owned();
        match form {
            Some(form) => sheet.find_with(at, Problem::NoVolume { path }, form),
            None => sheet.find(at, Problem::NoVolume { path }),
        }
    }
    lost
}

/// Judges what a program in a container is told of where Ollama is; `own_network` if nothing else listens at the container's own address.
pub(super) fn client(sheet: &mut SourceText<'_>, setting: &Setting, own_network: bool) {
    variable::models(sheet, setting);
    let named = setting.name.contains("OLLAMA") && setting.value.contains(':');
    let Some(target) = Target::parse(&setting.value, PORT).filter(|_| named) else {
        return;
    };
    let own = variable::is_loopback(&setting.value) || setting.value.contains("//0.0.0.0");
    if own && own_network {
        let address = setting.value.clone();
        sheet.find_with(setting.at.clone(), Problem::TargetAddress { address }, "");
    } else {
        let request = Request {
            target,
            ..Request::default()
        };
        sheet.request(setting.at.clone(), request);
    }
}

/// Open WebUI's address of Ollama, to which it adds the path by itself, and those of several servers, which stand with `;` between them.
pub(super) fn base_url<'s>(
    sheet: &mut SourceText<'_>,
    settings: impl IntoIterator<Item = &'s Setting>,
) {
    for setting in settings {
        match setting.name.as_str() {
            "OLLAMA_BASE_URL" => path_of(sheet, setting),
            "OLLAMA_BASE_URLS" => parted(sheet, setting),
            _ => {}
        }
    }
}

fn path_of(sheet: &mut SourceText<'_>, setting: &Setting) {
    let given = setting.value.trim_end_matches('/');
    let plain = ["/api", "/v1"]
        .iter()
        .find_map(|path| given.strip_suffix(path));
    if let Some(right) = plain {
        let (address, right) = (setting.value.clone(), right.to_owned());
        setting.put(sheet, &right);
        sheet.find(setting.at.clone(), Problem::TargetPath { address, right });
    }
}

fn parted(sheet: &mut SourceText<'_>, setting: &Setting) {
    let several = setting.value.matches("://").count() > 1;
    if several && setting.value.contains(',') {
        let (variable, value) = (setting.name.clone(), setting.value.clone());
        let right = setting.value.replace(", ", ";").replace(',', ";");
        sheet.find(setting.at.clone(), Problem::BadValue { variable, value });
        setting.put(sheet, &right);
    }
}

/// Whether a file of variables says the context; what is wrong in it is found where it is named.
pub(super) fn from_file(
    sheet: &mut SourceText<'_>,
    at: Range<usize>,
    file: &str,
    place: variable::Place,
) -> Vec<Setting> {
    let text = sheet.context.files.and_then(|files| files.read(file));
    let Some(text) = text else {
        let file = file.to_owned();
        sheet.find_with(at, Problem::NotRead { file }, "");
        return Vec::new();
    };
    let mut inner = SourceText::new(&text, sheet.context);
    let reader = match place {
        variable::Place::Host => Reader::Systemd,
        variable::Place::Compose => Reader::Compose,
        variable::Place::Container | variable::Place::Quadlet | variable::Place::Kubernetes => {
            Reader::Docker
        }
    };
    let settings = envfile::settings(&mut inner, 0..text.len(), reader);
    let all: Vec<&Setting> = settings.iter().collect();
    variable::servers(&mut inner, &all, place);
    // Compose alone puts variables in.
    variable::unexpanded(&mut inner, &settings, reader != Reader::Compose);
    for finding in inner.finish().findings {
        sheet.find_with(at.clone(), finding.problem, finding.fix.unwrap_or_default());
    }
    settings
}

/// Whether a port of a container, or a range of them, has one at which Ollama listens: its own, or the one that it was told.
pub(super) fn leads_to_ollama(ports: &str, listens: Option<u16>) -> bool {
    let ports = ports.trim_end_matches("/tcp");
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else {
        return false;
    };
    [Some(PORT), listens]
        .into_iter()
        .flatten()
        .any(|port| (first..=last).contains(&port))
}

/// Whether ports as they are published hand a server on to everybody: none where a variable hides the address.
pub(super) fn is_open(ports: &str, listens: Option<u16>) -> Option<bool> {
    let plain = masked(ports);
    let inner = plain.rsplit(':').next().unwrap_or_default();
    if !leads_to_ollama(inner, listens) {
        return Some(false);
    }
    // A port alone, or one with an address before it; what a variable holds may have a colon of its own.
    let outer = plain.strip_suffix(inner).unwrap_or_default();
    let outer = outer.trim_end_matches(':');
    let address = outer.rfind(':').and_then(|at| ports.get(..at));
    match address {
        None => Some(true),
        Some("" | "0.0.0.0" | "[::]" | "*") => Some(true),
        Some(address) if address.starts_with('$') => None,
        Some(_) => Some(false),
    }
}

/// A port without an address is published to everybody; `listens` is where the server listens in its container, if that is known.
pub(super) fn published(
    sheet: &mut SourceText<'_>,
    ports: &str,
    at: Range<usize>,
    listens: Option<u16>,
) {
    let plain = masked(ports);
    let inner = plain.rsplit(':').next().unwrap_or_default();
    let ours = leads_to_ollama(inner, listens);
    let known = expanded(ports);
    let everybody = ["0.0.0.0", "[::]", "*"];
    let any = everybody.into_iter().find(|any| {
        let rest = known.strip_prefix(any);
        rest.is_some_and(|rest| rest.starts_with(':'))
    });
    let address = ports.to_owned();
    // At a port that Docker chooses.
    if ours && !plain.contains(':') {
        sheet.find(at.clone(), Problem::OpenPort { address });
        sheet.advise(at, format!("127.0.0.1:{inner}:{inner}"));
        return;
    }
    if !ours || any.is_none() && plain.matches(':').count() != 1 {
        return;
    }
    sheet.find(at.clone(), Problem::OpenPort { address });
    let written = sheet.text.get(at.clone()).unwrap_or_default();
    let place = any.unwrap_or(ports);
    if let Some(offset) = written.find(place) {
        let start = at.start + offset;
        match any {
            Some(any) => {
                let right = if any == "[::]" { "[::1]" } else { "127.0.0.1" };
                sheet.replace(start..start + any.len(), right);
            }
            None => sheet.replace(start..start, "127.0.0.1:"),
        }
    }
}
