//! `docker run` and its like.

mod network;

use std::ops::Range;

use super::super::hint::Unclear;
use super::super::image::{self, Role, is_image};
use super::super::reach::Listener;
use super::super::sheet::SourceText;
use super::super::variable::{self, Place, Setting, quoted};
use super::super::{Problem, server, tag};
use super::client;
use super::invocation::{Invocation, invocation};
use super::options::{options, unclear};
use super::words::{Command, Word};

/// Judges a container of Ollama's image, or a command in one.
pub(in crate::lint) fn lint(sheet: &mut SourceText<'_>, invocation: &Invocation<'_>) {
    let words = subcommand(invocation.arguments);
    match words.first().map(|word| word.text.as_str()) {
        Some("exec" | "rsh") => inside(sheet, words),
        Some("run" | "create") => match words.iter().position(|word| is_image(&word.text)) {
            Some(at) => {
                let swarm = invocation.first() == Some("service");
                started(sheet, words, at, swarm);
            }
            None => other(sheet, words),
        },
        _ => {}
    }
}

/// What a client of containers is told to do, behind the options that say where: `docker --context gpu container run ..`.
pub(super) fn subcommand(words: &[Word]) -> &[Word] {
    const TAKE_VALUES: [&str; 15] = [
        "-H",
        "--host",
        "-c",
        "--context",
        "--config",
        "--connection",
        "-l",
        "--log-level",
        "-n",
        "--namespace",
        "--kubeconfig",
        "-f",
        "--file",
        "-p",
        "--profile",
    ];
    let mut rest = words;
    loop {
        let skipped = match rest.first().map(|word| word.text.as_str()) {
            Some("container" | "service" | "compose") => 1,
            Some(option) if TAKE_VALUES.contains(&option) => 2,
            Some(option) if option.starts_with('-') => 1,
            _ => return rest,
        };
        rest = rest.get(skipped..).unwrap_or_default();
    }
}

/// A program in a container that is told where Ollama is.
fn other(sheet: &mut SourceText<'_>, words: &[Word]) {
    let options = options(words);
    if let Some(word) = image_elsewhere(words, &options) {
        let what = Unclear::Options;
        sheet.find_with(word.at.clone(), Problem::NotUnderstood { what }, "");
    }
    let elsewhere = |flag: &str| matches!(flag, "--network" | "--net" | "--pod");
    let own_network = !options.iter().any(|(flag, ..)| elsewhere(flag));
    let bundled = words.iter().any(|word| image::is_like(&word.text));
    let set = options
        .iter()
        .filter(|(flag, ..)| matches!(*flag, "-e" | "--env"));
    let set = set.filter_map(|(_, value, at)| Setting::parse(value, at.clone()));
    let settings: Vec<Setting> = set.collect();
    for setting in &settings {
        image::client(sheet, setting, own_network && !bundled);
    }
    if words
        .iter()
        .any(|word| word.text.contains("open-webui/open-webui"))
    {
        image::base_url(sheet, &settings);
    }
}

/// The variable in the place of an image that nothing here tells, where the container has what a server of Ollama is given.
fn image_elsewhere<'w>(
    words: &'w [Word],
    options: &[(&str, &str, Range<usize>)],
) -> Option<&'w Word> {
    let servers = options.iter().any(|(flag, value, _)| match *flag {
        "-p" | "--publish" => {
            image::publishes(value).is_some_and(|(_, inner)| inner == server::PORT)
        }
        "-v" | "--volume" => target(value).is_some_and(|path| path.starts_with(image::MODELS)),
        "-e" | "--env" => value
            .split_once('=')
            .is_some_and(|(name, _)| variable::is_servers(name)),
        _ => false,
    });
    let mut before = "";
    words.iter().filter(|_| servers).find(|word| {
        let behind = before.starts_with('-') && !before.contains('=');
        before = word.text.as_str();
        word.text.starts_with('$') && !behind
    })
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
    let command = Command {
        words: words.get(at..).unwrap_or_default().to_vec(),
        ..Command::default()
    };
    let invocation = invocation(&command);
    let mut models = client::given(sheet, &invocation);
    // Behind a model that runs stands what it is asked; behind one that is fetched, the next of a loop.
    if invocation.first() == Some("run") {
        models.truncate(1);
    }
    for model in models {
        tag::lint(sheet, &model.text, model.at.clone());
    }
}

fn started(sheet: &mut SourceText<'_>, words: &[Word], image: usize, swarm: bool) {
    let (Some(word), Some(behind)) = (words.get(image), words.get(image + 1..)) else {
        return;
    };
    let before = words.get(..image).unwrap_or_default();
    for word in unclear(before) {
        let what = Unclear::Options;
        sheet.find_with(word.at.clone(), Problem::NotUnderstood { what }, "");
    }
    let options = options(before);
    let set = options
        .iter()
        .filter(|(flag, ..)| matches!(*flag, "-e" | "--env"));
    let settings = set.filter_map(|(_, value, at)| Setting::parse(value, at.clone()));
    let settings = settings.collect();
    let container = Container {
        image: word.at.clone(),
        behind,
        options,
        settings,
        place: Place::Container,
        swarm,
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
    /// Whether it runs in a swarm, whose machines all take requests at its ports, at every address.
    pub swarm: bool,
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
    /// Where it says that it is in the machine's own network.
    of_host: Option<Range<usize>>,
    /// Whether it is in the network of a pod.
    of_pod: bool,
    says_context: bool,
    /// Where it listens, as a file of variables says it.
    host: Option<String>,
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
        if !given.published.is_empty() && given.of_host.is_none() {
            image::loopback(sheet, &self.settings);
        }
        let context = server::context(&self.settings);
        for (outer, port) in given.published.iter().copied() {
            if inner.is_none_or(|inner| inner == port) {
                sheet.listens(Listener::here(outer, context));
            }
        }
        if let Some(network) = &given.of_host {
            self.on_the_host(sheet, network.clone(), &given);
            sheet.listens(Listener::here(inner, context));
        }
        // Others of a pod reach it at an address of the pod.
        let names: Vec<String> = given.name.into_iter().filter(|_| !given.of_pod).collect();
        if !names.is_empty() {
            sheet.listens(Listener::named(names, inner, context));
        }
        let quadlet = self.place == Place::Quadlet;
        if !given.hidden {
            let (image, mounts) = (self.image.clone(), &given.mounts);
            if image::stored(sheet, image, &self.settings, mounts, None) {
                let form = match quadlet {
                    true => "Volume=ollama.volume:/root/.ollama",
                    false => "-v ollama:/root/.ollama",
                };
                self.advise(sheet, form);
            }
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
                "-p" | "--publish" if self.swarm => self.routed(sheet, value, at),
                "-p" | "--publish" => {
                    given.published.extend(image::publishes(value));
                    self.unserved(sheet, value, at.clone());
                    image::published(sheet, value, at, image::port(&self.settings));
                }
                "--name" => given.name = Some(value.to_owned()),
                "--entrypoint" => given.own_entry = true,
                "-P" | "--publish-all" if value != "false" => {
                    let address = flag.to_string();
                    let form = format!("-p 127.0.0.1:{0}:{0}", server::PORT);
                    sheet.find_with(at, Problem::OpenPort { address }, form);
                }
                "--network" | "--net" if value == "host" => given.of_host = Some(at),
                "--pod" => given.of_pod = true,
                "--gpus" if value.starts_with("device=") && value.contains(',') => {
                    let form = format!("'\"{value}\"'");
                    sheet.advise(quoted(sheet.text, at.clone()), form);
                    sheet.find(at, Problem::CountAndDeviceIds);
                }
                "-v" | "--volume" => given.mounts.extend(target(value)),
                "--volumes-from" => given.hidden = true,
                "--env-file" => {
                    let from = image::from_file(sheet, at, value, self.place);
                    given.unread |= from.is_empty();
                    given.says_context |= variable::says_context(&from);
                    let host = from.iter().rev().find(|one| one.name == "OLLAMA_HOST");
                    given.host = host.map(|host| host.value.clone()).or(given.host);
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
                Place::Quadlet => "ollama ps",
                _ => "'ollama ps'",
            };
            sheet.advise(quoted(sheet.text, at.clone()), form);
            sheet.find(at, Problem::HealthcheckCurl);
        }
    }
}

/// Where a volume lies in the container.
fn target(volume: &str) -> Option<String> {
    let mut parts = volume.rsplit(':');
    parts.find(|part| part.starts_with('/')).map(str::to_owned)
}
