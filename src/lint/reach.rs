//! Who talks to whom: the servers that texts start, and the addresses that others send requests to.

use std::collections::{BTreeSet, HashMap};

use super::{Diagnosis, Finding, Problem};

/// A server as those that use it see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listener {
    /// Its names in a network of containers or a cluster; none where it is reached by this machine's address.
    pub names: Vec<String>,
    /// Where it listens; empty where that cannot be read.
    pub ports: Vec<u16>,
    /// The context of each of its requests, where that is said.
    pub context: Option<u32>,
    /// Whether it only passes on what it is asked, to servers that may stand elsewhere.
    pub gateway: bool,
}

impl Listener {
    /// One of this machine.
    pub(super) fn here(port: Option<u16>, context: Option<u32>) -> Self {
        Self {
            names: Vec::new(),
            ports: port.into_iter().collect(),
            context,
            gateway: false,
        }
    }

    /// The same under names of its own in a network of containers.
    pub(super) fn named(names: Vec<String>, port: Option<u16>, context: Option<u32>) -> Self {
        Self {
            names,
            ..Self::here(port, context)
        }
    }
}

/// A request, or an address that requests are sent to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub line: u32,
    /// Text of that line.
    pub text: String,
    pub target: Target,
    /// The model that it asks for, and with which context.
    pub load: Option<(String, u32)>,
    /// How a context is written there, before the number.
    pub form: &'static str,
}

/// A host and its port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Target {
    pub host: String,
    pub port: u16,
}

impl Target {
    /// Of `http://host:port/path` or `host:port`; `None` of what is filled in elsewhere. `default` is the port without a protocol and a port.
    pub(super) fn parse(address: &str, default: u16) -> Option<Self> {
        if address.contains(['$', '%', '{', '*', ' ', ',', ';']) {
            return None;
        }
        let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
        let host = rest.split('/').next().unwrap_or_default();
        let (host, port) = match host.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() => (host, port.parse().ok()?),
            Some(_) => return None,
            None => {
                let port = match scheme {
                    "http" => 80,
                    "" => default,
                    _ => return None,
                };
                (host, port)
            }
        };
        (!host.is_empty()).then(|| Self {
            host: host.to_lowercase(),
            port,
        })
    }

    /// Whether it is this machine, as programs or containers name it.
    pub(super) fn is_here(&self) -> bool {
        const HERE: [&str; 5] = [
            "localhost",
            "0.0.0.0",
            "[::1]",
            "host.docker.internal",
            "host.containers.internal",
        ];
        self.host.starts_with("127.") || HERE.contains(&self.host.as_str())
    }

    /// Whether a server is meant by its host: by its name, or by its name in a cluster.
    fn names(&self, listener: &Listener) -> bool {
        let first = match self.host.contains(".svc") {
            true => self.host.split('.').next().unwrap_or_default(),
            false => self.host.as_str(),
        };
        listener.names.iter().any(|name| name == first)
    }
}

/// Judges what texts that belong together say of each other.
pub(super) fn judge(all: &mut [Option<Diagnosis>]) {
    let listeners: Vec<Listener> = all
        .iter()
        .flatten()
        .flat_map(|one| one.listeners.clone())
        .collect();
    let mut contexts: HashMap<(Target, String), u32> = HashMap::new();
    for diagnosis in all.iter_mut().flatten() {
        let mut more = Vec::new();
        for request in &diagnosis.requests {
            more.extend(unserved(request, &listeners));
            more.extend(reloads(request, &listeners, &mut contexts));
        }
        more.retain(|finding| !diagnosis.findings.contains(finding));
        diagnosis.findings.extend(more);
        diagnosis.findings.sort_by_key(|finding| finding.line);
        diagnosis.findings.dedup();
    }
}

fn finding(request: &Request, problem: Problem, fix: Option<String>) -> Finding {
    Finding {
        line: request.line,
        text: request.text.clone(),
        problem,
        fix,
    }
}

/// The servers that an address may mean.
fn meant<'l>(target: &Target, listeners: &'l [Listener]) -> Vec<&'l Listener> {
    let here = target.is_here();
    let is = |listener: &&Listener| match here {
        true => listener.names.is_empty(),
        false => target.names(listener),
    };
    listeners.iter().filter(is).collect()
}

/// An address at which none of the servers listens.
fn unserved(request: &Request, listeners: &[Listener]) -> Option<Finding> {
    let target = &request.target;
    let meant = meant(target, listeners);
    // One whose port is not known may be the one.
    let servers = meant.iter().filter(|listener| !listener.gateway).count();
    if servers == 0 || meant.iter().any(|listener| listener.ports.is_empty()) {
        return None;
    }
    let ports: BTreeSet<u16> = meant
        .iter()
        .flat_map(|listener| listener.ports.iter().copied())
        .collect();
    if ports.contains(&target.port) {
        return None;
    }
    let ports: Vec<u16> = ports.into_iter().collect();
    let form = match ports.as_slice() {
        [one] if request.text.contains(&target.port.to_string()) => {
            let (old, new) = (format!(":{}", target.port), format!(":{one}"));
            Some(request.text.replacen(&old, &new, 1))
        }
        _ => None,
    };
    let problem = match target.is_here() {
        true => Problem::UnservedPort {
            port: target.port,
            ports,
        },
        false => Problem::WrongPort {
            address: format!("{}:{}", target.host, target.port),
            ports,
        },
    };
    Some(finding(request, problem, form))
}

/// A request with another context than the one with which its model is loaded.
fn reloads(
    request: &Request,
    listeners: &[Listener],
    contexts: &mut HashMap<(Target, String), u32>,
) -> Option<Finding> {
    let (tag, context) = request.load.clone()?;
    let mut target = request.target.clone();
    if target.is_here() {
        "localhost".clone_into(&mut target.host);
    }
    let served = meant(&request.target, listeners)
        .into_iter()
        .find(|listener| listener.ports.contains(&target.port))
        .and_then(|listener| listener.context);
    let other = *contexts
        .entry((target, tag.clone()))
        .or_insert(served.unwrap_or(context));
    (other != context).then(|| {
        let form = Some(format!("{}{other}", request.form));
        finding(
            request,
            Problem::ClientContext {
                tag,
                context,
                other,
            },
            form,
        )
    })
}
