//! From the plan that runs to another: scripts that exchange the servers of every machine one after the other.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::Serialize;

use super::environment::{environment, listens, visible_devices};
use super::fleet::{Fleet, Host};
use super::server::{Reached, Server};
use super::template::Templates;
use super::value::{Address, HostName, Name, Tag, Variable, refused};
use super::{ArtifactKind, File, Options, each_host};
use crate::catalog::gpu::Vendor;
use crate::engine::workload::Engine;
use crate::error::{ArtifactFault, Error};
use crate::report::{Plan, SavedGpu, SavedService, ServiceGpu};

/// What can start the servers of both plans. Scripts know Ollama alone.
pub const STARTERS: [ArtifactKind; 4] = [
    ArtifactKind::Shell,
    ArtifactKind::Systemd,
    ArtifactKind::Quadlet,
    ArtifactKind::Compose,
];

/// What a script does on one machine.
#[derive(Serialize)]
struct Migration<'a> {
    /// Kind of file that starts the servers, as it is typed.
    by: &'static str,
    on_host: String,
    /// Ports on which servers of this machine listen now.
    ports: Vec<u16>,
    /// Whether no other machine is concerned.
    alone: bool,
    /// Whether it is a Mac.
    mac: bool,
    steps: Vec<Step<'a>>,
    /// Servers that no turn has stopped; they go at last.
    rest: Vec<Leaving>,
}

/// What happens when a server of the new plan has its turn.
#[derive(Serialize)]
struct Step<'a> {
    /// What goes before it starts: on its GPUs or at its port.
    before: Vec<Leaving>,
    server: &'a Server,
    /// Name of the engine, as units begin with it.
    engine: &'static str,
    stays: bool,
    /// `up` where the gateway has a server of this model at this port, `later` where it learns of it at last.
    when: &'static str,
    /// What goes once it serves: its predecessor.
    after: Vec<Leaving>,
}

/// A server that is stopped.
#[derive(Clone, Serialize)]
struct Leaving {
    /// `once` where the same is started again.
    when: &'static str,
    what: Name,
    tag: Tag,
    client: Address,
    upstream: Address,
    environment: Vec<Variable>,
}

/// The scripts: of every machine, and for the gateway. They call or install the files of what starts the servers, one of [`STARTERS`].
///
/// # Errors
/// As [`emit`](super::emit), for a value of either plan.
pub fn migrate(
    plan: &Plan,
    running: &[SavedService],
    by: ArtifactKind,
    options: &Options,
) -> Result<Vec<File>, Error> {
    let fleet = Fleet::new(plan, options)?;
    let engines = plan.services.iter().map(|service| service.engine);
    let mut engines = engines.chain(running.iter().map(|old| old.engine));
    if by == ArtifactKind::Shell && engines.any(|engine| engine != Engine::Ollama) {
        return Err(refused(ArtifactFault::OllamaOnly, "migrate"));
    }
    // macOS has neither systemd nor GPUs in containers.
    if by != ArtifactKind::Shell && fleet.hosts.iter().any(|host| host.mac) {
        return Err(refused(ArtifactFault::OnMac, "migrate"));
    }
    let templates = Templates::new()?;
    let hosts: BTreeSet<&str> = running.iter().map(|old| &*old.host).collect();
    let several = hosts.len() > 1;
    let left = hosts.iter().filter(|host| {
        let same = |one: &Host| one.name.as_str() == **host;
        !fleet.hosts.iter().any(same)
    });
    let left: Vec<&str> = left.copied().collect();
    let alone = fleet.hosts.len() + left.len() == 1;
    let on = |host: &str| match alone {
        true => String::new(),
        false => format!(" on {host}"),
    };
    let script = |name: &str, text: String| File {
        executable: true,
        ..File::new(name, text)
    };
    let render = |migration: &Migration<'_>| {
        let text = templates.render("migrate.sh", migration)?;
        Ok::<_, Error>(script("migrate.sh", text))
    };
    let mut files = each_host(&fleet, |host| {
        let here = running.iter().filter(|old| old.host == host.name.as_str());
        let here: Vec<&SavedService> = here.collect();
        let mut migration = of_host(plan, host, &here, several)?;
        migration.by = by.label();
        migration.alone = alone;
        migration.on_host = on(host.name.as_str());
        Ok(vec![render(&migration)?])
    })?;
    for host in left {
        let name = HostName::new(host)?;
        let here = running.iter().filter(|old| old.host == host);
        let ports = here.clone().map(|old| old.port).collect();
        let rest = here.clone().map(|old| leaving(old, several, false));
        let mut file = render(&Migration {
            by: by.label(),
            ports,
            on_host: on(host),
            alone,
            mac: here.clone().any(on_mac),
            steps: Vec::new(),
            rest: rest.collect::<Result<_, _>>()?,
        })?;
        file.path = PathBuf::from(name.as_str()).join(file.path);
        files.push(file);
    }
    files.push(script("gateway.sh", templates.render("gateway.sh", ())?));
    Ok(files)
}

fn of_host<'a>(
    plan: &Plan,
    host: &'a Host,
    running: &[&SavedService],
    several: bool,
) -> Result<Migration<'a>, Error> {
    let same = |server: &Server, old: &SavedService| {
        let service = &plan.services[server.order];
        old.tag == server.tag.as_str()
            && old.engine == service.engine
            && old.environment == environment(service)
            && old.command == service.command
    };
    // A split is as the memory was that was free: what loads after it and shares its GPUs starts anew with it.
    let mut started: BTreeSet<&Name> = BTreeSet::new();
    let mut staying: BTreeSet<usize> = BTreeSet::new();
    for server in &host.servers {
        let found = running.iter().position(|old| same(server, old));
        let splits = server.after.iter().any(|one| started.contains(&one.name));
        match found.filter(|_| !splits) {
            Some(at) => {
                staying.insert(at);
            }
            None => {
                started.insert(&server.name);
            }
        }
    }
    let mut going: BTreeSet<usize> = (0..running.len())
        .filter(|at| !staying.contains(at))
        .collect();
    let again = |old: &SavedService| host.servers.iter().any(|server| same(server, old));
    let mut take = |goes: &dyn Fn(&SavedService) -> bool| {
        let out: Vec<usize> = going
            .iter()
            .copied()
            .filter(|at| goes(running[*at]))
            .collect();
        out.into_iter()
            .map(|at| {
                going.remove(&at);
                leaving(running[at], several, again(running[at]))
            })
            .collect::<Result<Vec<Leaving>, Error>>()
    };
    let mut steps = Vec::new();
    for server in &host.servers {
        let service = &plan.services[server.order];
        let stays = !started.contains(&server.name);
        let in_the_way = |old: &SavedService| {
            let shares = |gpu: &ServiceGpu| old.gpus.iter().any(|one| is_same(one, gpu));
            !stays && (old.port == server.port || service.gpus.iter().any(shares))
        };
        let predecessor =
            |old: &SavedService| old.tag == service.tag && old.replica == service.replica;
        let known = (running.iter()).any(|old| old.tag == service.tag && old.port == server.port);
        steps.push(Step {
            before: take(&in_the_way)?,
            server,
            engine: match service.engine {
                Engine::Ollama => "ollama",
                Engine::LlamaCpp => "llama-server",
                Engine::Vllm => "vllm",
            },
            stays,
            when: if known { "up" } else { "later" },
            after: take(&|old| !stays && predecessor(old))?,
        });
    }
    Ok(Migration {
        by: "",
        on_host: String::new(),
        ports: running.iter().map(|old| old.port).collect(),
        alone: false,
        mac: host.mac,
        steps,
        rest: take(&|_| true)?,
    })
}

/// Whether a server runs on a Mac: elsewhere a variable shows each its GPUs.
fn on_mac(old: &SavedService) -> bool {
    let mut shown = [Vendor::Nvidia, Vendor::Amd, Vendor::Intel]
        .map(visible_devices)
        .into_iter();
    old.engine == Engine::Ollama && !shown.any(|name| old.environment.contains_key(name))
}

/// Whether a GPU of the plan that runs is one of this plan: by UUID where both have one.
fn is_same(old: &SavedGpu, gpu: &ServiceGpu) -> bool {
    match (&old.uuid, &gpu.uuid) {
        (Some(one), Some(other)) => one == other,
        _ => old.gpu == gpu.gpu,
    }
}

fn leaving(old: &SavedService, several: bool, again: bool) -> Result<Leaving, Error> {
    let listening = listens(&old.environment, &old.command);
    let listening = listening.unwrap_or_else(|| format!("127.0.0.1:{}", old.port));
    let reached = Reached::new(
        &Address::parse(&listening)?,
        &HostName::new(&old.host)?,
        several,
    )?;
    let variables = old.environment.iter();
    let tag = Tag::new(&old.tag)?;
    Ok(Leaving {
        when: if again { "once" } else { "always" },
        what: Name::of_tag(&tag).numbered(old.replica),
        tag,
        client: reached.client,
        upstream: reached.upstream,
        environment: variables
            .map(|(name, value)| Variable::new(name, value))
            .collect::<Result<_, _>>()?,
    })
}
