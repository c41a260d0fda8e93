//! Configurations of nginx in front of Ollama.

mod guard;
mod parse;
mod pass;
mod path;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use super::Problem;
use super::hint::Unclear;
use super::reach::{Listener, Request, Target};
use super::sheet::SourceText;
use parse::{Directive, Fault, parse};

/// Servers of a pool that are compared; an honest one has as many as there are cards.
const SERVERS: usize = 64;

/// A block within those around it.
struct Scope<'d> {
    /// Its name: `http`, `server`, `location`.
    name: &'d str,
    /// What stands behind its name.
    arguments: &'d [String],
    around: Option<&'d Scope<'d>>,
    directives: &'d [Directive],
    /// The last directive of each name.
    values: HashMap<&'d str, &'d Directive>,
    headers: Vec<&'d Directive>,
    /// Whether it, or a block around it, names a file that was not read.
    unread: bool,
}

impl<'d> Scope<'d> {
    fn new(name: &'d str, directives: &'d [Directive], around: Option<&'d Scope<'d>>) -> Self {
        let headers = directives
            .iter()
            .filter(|directive| directive.name() == "proxy_set_header");
        Self {
            name,
            arguments: &[],
            around,
            directives,
            values: directives
                .iter()
                .map(|directive| (directive.name(), directive))
                .collect(),
            headers: headers.collect(),
            unread: around.is_some_and(|around| around.unread) || directives.iter().any(is_unread),
        }
    }

    /// The same of a block.
    fn enter(block: &'d Directive, around: &'d Scope<'d>) -> Self {
        Self {
            arguments: block.words.get(1..).unwrap_or_default(),
            ..Self::new(block.name(), &block.inside, Some(around))
        }
    }

    /// A directive, its own or of a block around it.
    fn value(&self, name: &str) -> Option<&'d Directive> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(found) = here.values.get(name) {
                return Some(found);
            }
            scope = here.around;
        }
        None
    }

    /// Headers: those of a block replace all of those around it.
    fn headers(&self) -> &[&'d Directive] {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if !here.headers.is_empty() {
                return &here.headers;
            }
            scope = here.around;
        }
        &[]
    }
}

/// Who may come to a gateway by the ports at which it listens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Exposure {
    /// Whoever reaches its machine.
    #[default]
    Machine,
    /// Whom its container is published to.
    Published,
    /// Its own cluster alone.
    Internal,
}

/// What the whole text says.
#[derive(Default)]
struct Names {
    exposure: Exposure,
    /// Servers of each `upstream`, by its name.
    pools: BTreeMap<String, Pool>,
    /// Values of each `map`, by its variable.
    maps: HashMap<String, Map>,
    /// Variables that are set.
    set: HashMap<String, String>,
    /// What paths are rewritten to.
    rewritten: Vec<String>,
}

/// What a variable is made of.
struct Map {
    source: String,
    /// What it is where nothing else fits.
    default: String,
}

/// The servers of an upstream.
#[derive(Default)]
struct Pool {
    ports: BTreeSet<u16>,
    /// Whether one of them is on this machine.
    local: bool,
    servers: Vec<(Range<usize>, Target)>,
}

impl Names {
    /// What is behind a `proxy_pass`: the host, with its port.
    fn target<'n>(&'n self, argument: &'n str) -> &'n str {
        let written = self.set.get(argument).map_or(argument, String::as_str);
        let target = written.split_once("://").map_or(written, |(_, rest)| rest);
        target.split('/').next().unwrap_or_default()
    }

    /// Whether a `proxy_pass` asks for a name that only containers have: then the gateway is one itself.
    fn is_beside(&self, argument: &str) -> bool {
        let bare = |host: &str| host != "localhost" && !host.contains(['.', '[', '$']);
        let host = self.target(argument);
        match self.pools.get(host) {
            Some(pool) => pool.servers.iter().all(|(_, target)| bare(&target.host)),
            None => bare(host.split(':').next().unwrap_or_default()),
        }
    }

    /// Whether what is behind a `proxy_pass` has a port that is not Ollama's, whatever it is called: a panel, or a gateway.
    fn is_another(&self, argument: &str) -> bool {
        let host = self.target(argument);
        match self.pools.get(host) {
            Some(pool) => !pool.ports.is_empty() && !pool.ports.iter().copied().any(is_ours),
            None => port(host).is_some_and(|port| !is_ours(port)),
        }
    }

    fn is_ollama(&self, argument: &str) -> bool {
        let host = self.target(argument);
        match self.pools.get(host) {
            Some(pool) => host.contains("llama") || pool.ports.iter().copied().any(is_ours),
            None => host.contains("ollama") || port(host).is_some_and(is_ours),
        }
    }
}

/// The port of `host:port`.
fn port(address: &str) -> Option<u16> {
    address.rsplit_once(':')?.1.parse().ok()
}

/// Whether a port is one that servers of Ollama are given.
fn is_ours(port: u16) -> bool {
    (11434..=11533).contains(&port)
}

/// Finds what is wrong in a configuration of nginx.
pub(super) fn lint(sheet: &mut SourceText<'_>, region: Range<usize>) {
    exposed(sheet, region, Exposure::Machine);
}

/// The same of a gateway that does not stand on a machine of its own.
pub(super) fn exposed(sheet: &mut SourceText<'_>, region: Range<usize>, exposure: Exposure) {
    let parsed = parse(sheet.text, region);
    for (at, fault) in &parsed.faults {
        let reason = match fault {
            Fault::Closed => "'}' closes nothing",
            Fault::Open => "'{' is not closed",
            Fault::Quote => "a quote that nothing closes",
            Fault::Semicolon => "';' is missing",
            Fault::Depth => {
                let what = Unclear::Depth;
                sheet.find_with(*at..*at, Problem::NotUnderstood { what }, "");
                continue;
            }
        };
        let reason = reason.to_owned();
        sheet.find_with(*at..*at, Problem::Syntax { reason }, "");
    }
    let mut names = Names {
        exposure,
        ..Names::default()
    };
    collect(sheet, &parsed.directives, &mut names);
    walk(
        sheet,
        &Scope::new("", &parsed.directives, None),
        &parsed.directives,
        &names,
    );
}

/// Upstreams, maps and variables, wherever they stand.
fn collect(sheet: &mut SourceText<'_>, directives: &[Directive], names: &mut Names) {
    for directive in directives {
        let words = &directive.words;
        match directive.name() {
            "upstream" => {
                let ports: BTreeSet<u16> = directive
                    .all("server")
                    .filter_map(|server| port(server.argument()))
                    .collect();
                mixed(sheet, directive, &ports);
                let mut servers = directive.inside.iter().map(Directive::argument);
                let local = servers.any(is_local);
                let servers = directive.all("server").take(SERVERS).filter_map(|server| {
                    Some((server.at.clone(), Target::parse(server.argument(), 80)?))
                });
                let pool = Pool {
                    ports,
                    local,
                    servers: servers.collect(),
                };
                names.pools.insert(directive.argument().to_owned(), pool);
            }
            "map" | "geo" => {
                if let (Some(from), Some(to)) = (words.get(1), words.last()) {
                    let default = directive.all("default").last();
                    let map = Map {
                        source: from.clone(),
                        default: default.map_or("", Directive::argument).to_owned(),
                    };
                    names.maps.insert(to.clone(), map);
                }
            }
            "rewrite" => names.rewritten.extend(
                words
                    .get(2)
                    .cloned()
                    .filter(|_| names.rewritten.len() < SERVERS),
            ),
            "set" => {
                if let (Some(name), Some(value)) = (words.get(1), words.get(2)) {
                    names.set.insert(name.clone(), value.clone());
                }
            }
            _ => {}
        }
        collect(sheet, &directive.inside, names);
    }
}

/// Servers of one pool that were given different models before.
fn mixed(sheet: &mut SourceText<'_>, upstream: &Directive, ports: &BTreeSet<u16>) {
    let sets: Vec<_> = ports
        .iter()
        .take(SERVERS)
        .filter_map(|port| sheet.served.get(port).cloned())
        .collect();
    let apart = |at: usize| {
        sets.iter()
            .skip(at + 1)
            .any(|other| sets[at].is_disjoint(other))
    };
    if !(0..sets.len()).any(apart) {
        return;
    }
    let models: BTreeSet<String> = sets.into_iter().flatten().collect();
    let problem = Problem::MixedPool {
        upstream: upstream.argument().to_owned(),
        models: models.into_iter().collect(),
    };
    let form: Vec<String> = ports
        .iter()
        .take(SERVERS)
        .map(|port| {
            format!(
                "upstream {}_{port} {{ server 127.0.0.1:{port}; }}",
                upstream.argument()
            )
        })
        .collect();
    sheet.find_with(upstream.at.clone(), problem, form.join("\n"));
}

fn walk(sheet: &mut SourceText<'_>, here: &Scope<'_>, directives: &[Directive], names: &Names) {
    for directive in directives {
        if sheet.is_full() {
            return;
        }
        match directive.name() {
            "proxy_pass" if names.is_ollama(directive.argument()) => {
                pass::lint(sheet, directive, here, names);
                asks(sheet, directive, names);
            }
            "server" if serves(&directive.inside, names) => {
                guard::lint(sheet, directive, here, names);
                let ports = directive.all("listen").map(|listen| {
                    let address = listen.argument();
                    let port = address.rsplit_once(':').map_or(address, |(_, port)| port);
                    port.parse().unwrap_or(80)
                });
                for port in ports {
                    sheet.listens(Listener {
                        gateway: true,
                        ..Listener::here(Some(port), None)
                    });
                }
            }
            "include" => included(sheet, directive),
            "stream" => {
                stream(sheet, directive, names);
                continue;
            }
            _ => {}
        }
        if !directive.inside.is_empty() {
            let scope = Scope::enter(directive, here);
            walk(sheet, &scope, &directive.inside, names);
        }
    }
}

/// Bytes that are passed on as they are: nobody is asked who comes, but by address.
fn stream(sheet: &mut SourceText<'_>, stream: &Directive, names: &Names) {
    let denies = |block: &Directive| block.all("deny").any(|deny| deny.argument() == "all");
    let ours = |pass: &Directive| names.is_ollama(pass.argument());
    for server in stream.all("server").take(SERVERS) {
        if !server.all("proxy_pass").any(ours) {
            continue;
        }
        sheet.judges();
        for listen in server.all("listen") {
            let address = listen.argument();
            let local = is_local(address) || address.starts_with("unix:");
            if !local && !denies(server) && !denies(stream) {
                let address = address.to_owned();
                sheet.find_with(listen.at.clone(), Problem::OpenPort { address }, "");
            }
        }
    }
}

/// The servers that a gateway asks: those of a pool, or one.
fn asks(sheet: &mut SourceText<'_>, pass: &Directive, names: &Names) {
    sheet.judges();
    let target = names.target(pass.argument()).to_owned();
    let targets = match names.pools.get(&target) {
        Some(pool) => pool.servers.clone(),
        None => Target::parse(&target, 80)
            .map(|target| (pass.at.clone(), target))
            .into_iter()
            .collect(),
    };
    for (at, target) in targets {
        let request = Request {
            target,
            ..Request::default()
        };
        sheet.request(at, request);
    }
}

/// Whether a directive names another file whose directives are not known: any but those that come with nginx and certbot.
fn is_unread(directive: &Directive) -> bool {
    const KNOWN: [&str; 4] = ["mime.types", "modules-enabled", "fastcgi", "letsencrypt"];
    let known = |part: &&str| directive.argument().contains(part);
    directive.name() == "include" && !KNOWN.iter().any(known)
}

/// Another file with directives.
fn included(sheet: &mut SourceText<'_>, directive: &Directive) {
    if is_unread(directive) {
        let file = directive.argument().to_owned();
        sheet.find_with(directive.at.clone(), Problem::NotRead { file }, "");
    }
}

fn serves(directives: &[Directive], names: &Names) -> bool {
    directives.iter().any(|directive| {
        directive.name() == "proxy_pass" && names.is_ollama(directive.argument())
            || serves(&directive.inside, names)
    })
}

/// Whether `host:port` is of this machine alone.
fn is_local(address: &str) -> bool {
    address.starts_with("localhost") || address.starts_with("127.") || address.starts_with("[::1]")
}
