//! Shell scripts, and commands as people type them.

mod assign;
mod body;
mod brackets;
pub(super) mod branches;
mod client;
mod cluster;
pub(super) mod container;
mod ending;
mod fed;
mod firewall;
mod inside;
mod invocation;
pub(super) mod options;
mod partial;
mod request;
mod share;
mod stranger;
mod values;
mod words;
mod written;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

pub(super) use words::{Word, commands, open_quote};

use super::Problem;
use super::reach::Listener;
use super::server::{self, PORT, Server};
use super::sheet::SourceText;
use super::variable::{self, Place, Setting};
use assign::{assign, assigned, default_of, export};
use ending::close;
pub(super) use firewall::{has_port, is_any};
pub(super) use invocation::{Invocation, invocation};
pub(super) use partial::{contained, lint_commands, profile, request, scheduled, tags};
use values::Values;
use words::Command;
use written::{appended, put_in_file, put_in_unit, session, written};

/// How deep one script may stand in another.
const DEEPEST: u8 = 4;

/// Variables and servers of one script that are followed; an honest one has a handful.
const EXPORTS: usize = 200;
const SERVERS: usize = 200;

/// What a script has done so far.
#[derive(Default)]
struct ScriptState {
    exported: Vec<Export>,
    /// The last of each name.
    exported_at: HashMap<String, usize>,
    /// Variables that no program sees yet.
    assigned: Vec<Setting>,
    /// The exported ones as they are in other branches.
    elsewhere: Vec<Setting>,
    /// How many of both were judged in their branches.
    branched: usize,
    servers: Vec<Server>,
    /// What variables stand for, those of loops among them.
    values: Values,
    /// Models that the script makes itself.
    created: BTreeSet<String>,
    /// Models that run at once: the server's port, the tag, where.
    together: Vec<(u16, String, Range<usize>)>,
    /// Whether the installed service has been thought of.
    service: bool,
    /// Whether every assignment is exported, or more come from elsewhere.
    all_exported: bool,
    /// Files that it reads before it starts a server.
    sourced: Vec<(Range<usize>, String)>,
    /// Whether other commands than these are started with its variables, as after a login.
    for_others: bool,
    /// Whether it runs in a container, whose environment and ports are described elsewhere.
    in_container: bool,
    depth: u8,
}

struct Export {
    setting: Setting,
    /// Where the whole command stands.
    at: Range<usize>,
    by_client: bool,
}

impl ScriptState {
    fn exported(&self, name: &str) -> Option<&Setting> {
        let at = self.exported_at.get(name)?;
        self.exported.get(*at).map(|export| &export.setting)
    }

    /// A variable that programs see from here on.
    fn export(&mut self, export: Export) {
        let name = export.setting.name.as_str();
        if !variable::is_ours(name) || self.exported.len() == EXPORTS {
            return;
        }
        self.exported_at
            .insert(name.to_owned(), self.exported.len());
        self.exported.push(export);
    }

    /// A file that is read here, and may set more. A Python environment's says nothing of Ollama.
    fn source(&mut self, command: &Command, invocation: &Invocation<'_>) {
        let file = invocation.first();
        // These set no variables of Ollama's for good, and export none that others set.
        const PLAIN: [&str; 5] = [
            ".bash_aliases",
            ".bashrc",
            ".cargo/env",
            "bash_completion",
            "oh-my-zsh.sh",
        ];
        if file.is_some_and(|file| PLAIN.iter().any(|plain| file.ends_with(plain))) {
            return;
        }
        self.all_exported = true;
        let file = file.filter(|file| !file.ends_with("/activate"));
        self.sourced
            .extend(file.map(|file| (command.range(), file.to_owned())));
    }

    /// Where the environment of its servers is written.
    fn place(&self) -> Place {
        match self.in_container {
            true => Place::Container,
            false => Place::Host,
        }
    }

    /// The server that was started last at a port.
    fn server(&self, port: u16) -> Option<&Server> {
        self.servers
            .iter()
            .rev()
            .find(|server| server.port == Some(port))
    }
}

/// Judges the commands of a region; `whole` if nothing stands before or behind them.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>, whole: bool) {
    let text = sheet.text.get(region.clone()).unwrap_or_default();
    let mut scene = ScriptState {
        service: !whole || text.contains("systemctl") && text.contains("ollama.service"),
        ..ScriptState::default()
    };
    run(sheet, region.clone(), &mut scene);
    close(sheet, &scene, region);
}

/// Judges notes, of which each line may be a command: a quote that one opens is not closed by another.
pub(super) fn notes(
    sheet: &mut SourceText<'_>,
    lines: impl Iterator<Item = Range<usize>>,
    region: Range<usize>,
) {
    let mut scene = ScriptState {
        service: true,
        ..ScriptState::default()
    };
    for line in lines {
        run(sheet, line, &mut scene);
    }
    close(sheet, &scene, region);
}

fn run(sheet: &mut SourceText<'_>, region: Range<usize>, scene: &mut ScriptState) {
    let commands = commands(sheet.text, region);
    for (position, command) in commands.iter().enumerate() {
        if sheet.is_full() {
            return;
        }
        let expanded = scene.values.put_in_program(command);
        let command = expanded.as_ref().unwrap_or(command);
        let invocation = invocation(command);
        let before = position.checked_sub(1).and_then(|at| commands.get(at));
        if let Some(heredoc) = &command.heredoc {
            let at = heredoc.at.clone();
            if !inside::fed(sheet, &invocation, at.clone(), scene) {
                written(sheet, command, at, scene.depth);
            }
        }
        if let Some(input) = &command.input {
            inside::unread(sheet, &invocation, input);
        }
        share::lint(sheet, command, &invocation);
        match invocation.program {
            _ if invocation.program.is_empty() || !command.items.is_empty() => {
                scene.values.assign(sheet, command);
                assign(sheet, &invocation, scene);
                // What an editor is to write into a unit, shown among the commands.
                let words = command.words.first();
                if words.is_some_and(|word| word.text.starts_with("Environment=")) {
                    put_in_unit(sheet, command);
                }
            }
            ":" => {
                let words = invocation.arguments.iter();
                let set = words
                    .filter_map(|word| default_of(sheet, &scene.values, word))
                    .collect();
                assigned(scene, set);
            }
            "export" | "declare" | "typeset" => export(sheet, command, &invocation, scene),
            "set" if invocation.has(&["-a", "-o", "-ax", "-aeu"]) => scene.all_exported = true,
            "source" | "." => scene.source(command, &invocation),
            "systemctl" | "service" if invocation.names("ollama") => {
                sheet.judges();
                scene.service = true;
                client::of_service(sheet, command, &invocation);
            }
            "ollama" => match invocation.first() {
                Some("serve" | "start") => serve(sheet, command, &invocation, scene),
                Some(_) => client::lint(sheet, command, &invocation, scene),
                None => {}
            },
            "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose" => {
                for command in scene.values.put_in_each(command) {
                    container::lint(sheet, &self::invocation(&command));
                }
            }
            "kubectl" | "oc" => cluster::lint(sheet, command, &invocation),
            "helm" => cluster::chart(sheet, command, &invocation),
            "xargs" => {
                let expanded = before.and_then(|before| scene.values.put_in(before));
                fed::lint(sheet, expanded.as_ref().or(before), command, &invocation);
            }
            "for" => fed::looped(&invocation, scene),
            "read" => fed::reading(sheet, &commands, position, scene),
            "alias" if scene.depth < DEEPEST => partial::aliases(sheet, &invocation, scene.depth),
            "launchctl" | "snap" | "systemctl" => session(sheet, &invocation),
            "echo" | "printf" => {
                appended(sheet, command, commands.get(position + 1));
                put_in_unit(sheet, command);
            }
            "sed" | "awk" | "perl" => put_in_file(sheet, command),
            "netstat" => sheet.find_with(command.range(), Problem::Netstat, "ss -ltnp"),
            "ps" => processes(sheet, command, commands.get(position + 1)),
            "curl" | "wget" | "http" | "xh" => {
                request::metrics(sheet, &invocation);
                request::lint(sheet, before, command, &invocation, scene);
            }
            "watch" | "sh" | "bash" | "zsh" | "dash" | "ssh" | "su" | "eval" | "tmux"
            | "screen" | "pm2" | "concurrently" => inside::words(sheet, &invocation, scene),
            _ => stranger::lint(sheet, command, &invocation, scene),
        }
    }
}

fn serve(
    sheet: &mut SourceText<'_>,
    command: &Command,
    invocation: &Invocation<'_>,
    scene: &mut ScriptState,
) {
    // What stands before the command wins over what was exported, and that over what was exported earlier.
    let exported = scene.exported.iter().rev().map(|export| &export.setting);
    let mut seen = BTreeSet::new();
    let raw: Vec<Setting> = invocation
        .settings
        .iter()
        .rev()
        .chain(exported)
        .filter(|setting| seen.insert(setting.name.as_str()))
        .cloned()
        .collect();
    let resolved = |setting: &Setting| scene.values.resolved(sheet, setting.clone());
    let settings: Vec<Setting> = raw.iter().map(resolved).collect();
    branches::lint(sheet, scene, &raw);
    for (at, file) in scene.sourced.drain(..) {
        sheet.find_with(at, Problem::NotRead { file }, "");
    }
    let host = settings
        .iter()
        .find(|setting| setting.name == "OLLAMA_HOST")
        .cloned();
    let flagged = flags(sheet, invocation, host.is_none() && !scene.in_container);
    let port = match (&host, flagged) {
        (None, Some(port)) => Some(port),
        (host, _) => variable::server_port(host.as_ref().map(|host| host.value.as_str())),
    };
    variable::servers(sheet, &settings.iter().collect::<Vec<_>>(), scene.place());
    variable::unexpanded_in_quotes(sheet, &settings);
    let known = variable::says_context(&settings);
    let from_elsewhere = scene.all_exported || invocation.open_environment;
    if !known && !from_elsewhere {
        server::no_context(sheet, command.range(), invocation.insert_at, " ");
    }
    if let Some(port) = port.filter(|_| !from_elsewhere) {
        let other = scene
            .servers
            .iter()
            .find(|server| server.port == Some(port));
        if let Some(other) = other {
            let taken_at = sheet.number(other.at.start);
            sheet.find(command.range(), Problem::PortTaken { port, taken_at });
        }
        if port == PORT && !scene.service && !invocation.supervised {
            sheet.find(command.range(), Problem::ServeBesideService);
            let line = sheet.line_start(command.range().start);
            let indent = sheet
                .text
                .get(line..command.range().start)
                .unwrap_or_default();
            if indent.trim().is_empty() {
                sheet.insert(
                    line,
                    format!("{indent}sudo systemctl disable --now ollama\n"),
                );
            }
            scene.service = true;
        }
    }
    sheet.judges();
    if scene.servers.len() < SERVERS {
        let server = Server {
            port: port.filter(|_| !from_elsewhere),
            at: command.range(),
            settings,
        };
        if !scene.in_container {
            sheet.listens(Listener::here(server.port, server.context()));
        }
        scene.servers.push(Server { port, ..server });
    }
}

/// Arguments of `ollama serve`, which takes none; the port that they mean.
pub(super) fn flags(
    sheet: &mut SourceText<'_>,
    invocation: &Invocation<'_>,
    may_set_host: bool,
) -> Option<u16> {
    let words = invocation.arguments.get(1..)?;
    // What a script hands on of its own arguments.
    let words: Vec<&Word> = words.iter().filter(|word| !is_handed_on(word)).collect();
    let (first, last) = (words.first()?, words.last()?);
    if words
        .iter()
        .any(|word| matches!(word.text.as_str(), "-h" | "--help"))
    {
        return None;
    }
    let flag = first.text.split('=').next().unwrap_or_default().to_owned();
    sheet.find(first.at.start..last.at.end, Problem::ServeFlag { flag });
    let (mut host, mut port) = (None, None);
    for (at, word) in words.iter().enumerate() {
        let (name, value) = match word.text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (
                word.text.as_str(),
                words.get(at + 1).map(|word| word.text.as_str()),
            ),
        };
        match name {
            "-p" | "--port" => port = value.and_then(|value| value.parse::<u16>().ok()).or(port),
            "-H" | "--host" | "--address" => host = value,
            _ => {}
        }
    }
    let serve = invocation.arguments.first()?;
    sheet.replace(serve.at.end..last.at.end, "");
    let host = host.filter(|host| !host.contains(['$', ' ']) && variable::open(host).is_none());
    if may_set_host && (port.is_some() || host.is_some()) {
        let host = host.unwrap_or("127.0.0.1");
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        sheet.insert(invocation.insert_at, format!("OLLAMA_HOST={host}{port} "));
    }
    port
}

fn is_handed_on(word: &Word) -> bool {
    matches!(word.text.as_str(), "$@" | "$*" | "${@}" | "${*}")
}

/// `ps | grep ollama`.
fn processes(sheet: &mut SourceText<'_>, command: &Command, next: Option<&Command>) {
    let Some(next) = next.filter(|next| next.piped) else {
        return;
    };
    let greps = next
        .words
        .first()
        .is_some_and(|word| word.text.ends_with("grep"));
    let names = |name: &str| next.words.iter().any(|word| word.text.contains(name));
    if greps && names("llama") && !names("llama-server") {
        sheet.find_with(
            command.range().start..next.range().end,
            Problem::ProcessName,
            "ps aux | grep -E '[o]llama|[l]lama-server'",
        );
    }
}
