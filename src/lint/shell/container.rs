//! `docker run` and its like.

use std::ops::Range;

use super::super::image::{self, Role, is_image};
use super::super::reach::Listener;
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting};
use super::super::{Problem, server, tag};
use super::invocation::Invocation;
use super::words::Word;

/// Judges a container of Ollama's image, or a command in one.
pub(in crate::lint) fn lint(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
    let words = invocation.arguments;
    match invocation.first() {
        Some("exec") => inside(sheet, words),
        Some("run" | "create") => match words.iter().position(|word| is_image(&word.text)) {
            Some(at) => started(sheet, words, at),
            None => client(sheet, words),
        },
        _ => {}
    }
}

/// A program in a container that is told where Ollama is.
fn client(sheet: &mut SourceText<'_>, words: &[Word]) {
    let options = options(words);
    let elsewhere = |flag: &str| matches!(flag, "--network" | "--net" | "--pod");
    let own_network = !options.iter().any(|(flag, ..)| elsewhere(flag));
    let bundled = words.iter().any(|word| image::is_like(&word.text));
    let set = options
        .iter()
        .filter(|(flag, ..)| matches!(*flag, "-e" | "--env"));
    for (_, value, at) in set {
        if let Some(setting) = Setting::of(value, at.clone()) {
            image::client(sheet, &setting, own_network && !bundled);
        }
    }
}

/// `docker exec NAME ollama run TAG`
fn inside(sheet: &mut SourceText<'_>, words: &[Word]) {
    let Some(at) = words.windows(2).position(|pair| {
        pair[0].text == "ollama"
            && matches!(pair[1].text.as_str(), "run" | "pull" | "show" | "stop")
    }) else {
        return;
    };
    sheet.judges();
    if let Some(model) = words
        .iter()
        .skip(at + 2)
        .find(|word| !word.text.starts_with('-'))
    {
        tag::lint(sheet, &model.text, model.at.clone());
    }
}

fn started(sheet: &mut SourceText<'_>, words: &[Word], image: usize) {
    let (Some(word), Some(behind)) = (words.get(image), words.get(image + 1..)) else {
        return;
    };
    let options = options(words.get(..image).unwrap_or_default());
    let set = options
        .iter()
        .filter(|(flag, ..)| matches!(*flag, "-e" | "--env"));
    let settings = set.filter_map(|(_, value, at)| Setting::of(value, at.clone()));
    let settings = settings.collect();
    let container = Container {
        image: word.at.clone(),
        behind,
        options,
        settings,
        place: Place::Container,
    };
    container.lint(sheet);
}

/// A container of Ollama's image, whatever starts it.
pub(in crate::lint) struct Container<'w> {
    /// Where the image is named.
    pub image: Range<usize>,
    /// What is run instead of the image's own command.
    pub behind: &'w [Word],
    /// The options of `docker run`, with their values.
    pub options: Vec<(&'w str, &'w str, Range<usize>)>,
    pub settings: Vec<Setting>,
    /// What it is written for.
    pub place: Place,
}

/// What the options of a container say.
#[derive(Default)]
struct Given {
    mounts: Vec<String>,
    /// Whether it has volumes that are written elsewhere.
    hidden: bool,
    published: Vec<(Option<u16>, u16)>,
    name: Option<String>,
    own_entry: bool,
    /// Whether it is in the machine's own network, and whether in a pod's.
    of_host: bool,
    of_pod: bool,
    says_context: bool,
    /// Whether a file of variables could not be read.
    unread: bool,
}

impl Container<'_> {
    /// Judges what it runs, where it listens, what it keeps.
    pub(in crate::lint) fn lint(&self, sheet: &mut SourceText<'_>) {
        sheet.judges();
        let words: Vec<&str> = self.behind.iter().map(|word| word.text.as_str()).collect();
        if let (Role::Client, Some(model)) = (image::role(&words), self.behind.get(1)) {
            return tag::lint(sheet, &model.text, model.at.clone());
        }
        let given = self.given(sheet);
        let all: Vec<&Setting> = self.settings.iter().collect();
        variable::servers(sheet, &all, self.place);
        if let (Some(program), Some(first)) = (image::arguments(&words), self.behind.first())
            && !given.own_entry
        {
            let program = program.to_owned();
            sheet.find_with(first.at.clone(), Problem::ImageEntrypoint { program }, "");
        }
        let inner = image::port(&self.settings);
        if !given.published.is_empty() && !given.of_host {
            image::loopback(sheet, &self.settings);
        }
        let context = server::context(&self.settings);
        for (outer, port) in given.published {
            if inner.is_none_or(|inner| inner == port) {
                sheet.listens(Listener::here(outer, context));
            }
        }
        if given.of_host {
            sheet.listens(Listener::here(inner, context));
        }
        // Others of a pod reach it at an address of the pod.
        let names: Vec<String> = given.name.into_iter().filter(|_| !given.of_pod).collect();
        if !names.is_empty() {
            sheet.listens(Listener::named(names, inner, context));
        }
        let quadlet = self.place == Place::Quadlet;
        if !given.hidden {
            let form = match quadlet {
                true => "Volume=ollama.volume:/root/.ollama",
                false => "-v ollama:/root/.ollama",
            };
            image::stored(
                sheet,
                self.image.clone(),
                &self.settings,
                &given.mounts,
                form,
            );
        }
        if given.says_context || given.unread || variable::says_context(&self.settings) {
            return;
        }
        sheet.find(self.image.clone(), Problem::NoContextLength);
        let context = server::CONTEXT;
        let (before, form) = match quadlet {
            true => (
                sheet.line_start(self.image.start),
                format!("Environment=OLLAMA_CONTEXT_LENGTH={context}\n"),
            ),
            false => (
                self.image.start,
                format!("-e OLLAMA_CONTEXT_LENGTH={context} "),
            ),
        };
        sheet.insert(before, form);
    }

    /// Judges its options one by one; what they say together.
    fn given(&self, sheet: &mut SourceText<'_>) -> Given {
        let mut given = Given::default();
        for (flag, value, at) in &self.options {
            let (value, at) = (*value, at.clone());
            match *flag {
                "-p" | "--publish" => {
                    given.published.extend(image::publishes(value));
                    image::published(sheet, value, at);
                }
                "--name" => given.name = Some(value.to_owned()),
                "--entrypoint" => given.own_entry = true,
                "--network" | "--net" => given.of_host |= value == "host",
                "--pod" => given.of_pod = true,
                "--gpus" if value.starts_with("device=") && value.contains(',') => {
                    let form = format!("--gpus '\"{value}\"'");
                    sheet.find_with(at, Problem::CountAndDeviceIds, form);
                }
                "-v" | "--volume" => given.mounts.extend(target(value)),
                "--volumes-from" => given.hidden = true,
                "--env-file" => {
                    let from = image::from_file(sheet, at, value, self.place);
                    given.unread |= from.is_empty();
                    given.says_context |= variable::says_context(&from);
                }
                "-m" | "--memory" => image::memory(sheet, at, value.parse().ok(), ""),
                "--health-cmd" => self.check(sheet, value, at),
                "--mount" => {
                    let part = |key: &str| value.split(',').find_map(|part| part.strip_prefix(key));
                    let target = ["target=", "dst=", "destination="]
                        .into_iter()
                        .find_map(part);
                    let lasts = part("type=") != Some("tmpfs");
                    let target = target.filter(|_| lasts);
                    given.mounts.extend(target.map(str::to_owned));
                }
                _ => {}
            }
        }
        given
    }

    /// A check by a program that the image does not have.
    fn check(&self, sheet: &mut SourceText<'_>, command: &str, at: Range<usize>) {
        if command.contains("curl") || command.contains("wget") {
            let form = match self.place {
                Place::Quadlet => "HealthCmd=ollama ps",
                _ => "--health-cmd 'ollama ps'",
            };
            sheet.find_with(at, Problem::HealthcheckCurl, form);
        }
    }
}

/// Options with their values, written apart or with `=`, and where the values stand.
pub(in crate::lint) fn options(words: &[Word]) -> Vec<(&str, &str, Range<usize>)> {
    let mut all = Vec::new();
    for (position, word) in words.iter().enumerate() {
        match word.text.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => {
                let end = word.at.end;
                all.push((flag, value, end - value.len().min(word.at.len())..end));
            }
            _ => {
                if let Some(next) = words.get(position + 1) {
                    let at = next.inner.clone().unwrap_or_else(|| next.at.clone());
                    all.push((word.text.as_str(), next.text.as_str(), at));
                }
            }
        }
    }
    all
}

/// Where a volume lies in the container.
fn target(volume: &str) -> Option<String> {
    let mut parts = volume.rsplit(':');
    parts.find(|part| part.starts_with('/')).map(str::to_owned)
}
