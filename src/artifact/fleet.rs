//! A plan as templates want it: servers by host and by pool, every value checked, every name distinct.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Options;
use super::server::{Server, StartsAfter, address};
use super::value::{HostName, Name, Tag, refused};
use crate::engine::workload::Engine;
use crate::error::{ArtifactFault, Error};
use crate::report::{ModelFile, Plan, Service, ServiceGpu};

/// The port of the gateway that routes by path; pools get those after it.
const GATEWAY: u16 = 8080;

/// Every machine of a plan with its servers, and the gateway before them.
#[derive(Debug, Serialize)]
pub(super) struct Fleet {
    pub(super) hosts: Vec<Host>,
    pub(super) pools: Vec<Pool>,
    gateway: u16,
    authentication: bool,
    /// Whether the gateway reaches other machines.
    remote: bool,
    /// Whether some server is Ollama.
    ollama: bool,
    /// Whether some server is `llama-server` or vLLM.
    others: bool,
}

/// The servers of one machine.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Host {
    pub(super) name: HostName,
    /// ` on NAME`, where there are several.
    on_host: String,
    has_uuids: bool,
    /// The command that lists UUIDs of this machine's GPUs.
    lister: &'static str,
    /// Whether some model must be loaded before another.
    in_order: bool,
    /// Whether some server has GPUs of NVIDIA's.
    nvidia: bool,
    /// Whether it is a Mac.
    pub(super) mac: bool,
    /// Whether some server is Ollama.
    ollama: bool,
    /// Whether some server is a `llama-server`.
    llama_server: bool,
    /// Whether some server is vLLM.
    vllm: bool,
    pub(super) servers: Vec<Server>,
}

impl Host {
    /// The same with the servers of one engine; `None` where it has none.
    pub(super) fn served_by(&self, engine: Engine) -> Option<Self> {
        let mut host = self.clone();
        let wanted = |server: &Server| server.engine == engine;
        host.servers.retain(wanted);
        (!host.servers.is_empty()).then_some(host)
    }
}

/// Servers that answer alike: same model, same settings.
#[derive(Debug, Serialize)]
pub(super) struct Pool {
    pub(super) name: Name,
    /// The name as nginx writes identifiers.
    identifier: String,
    pub(super) tag: Tag,
    /// The tag; with the context, where another pool has the same tag.
    public_name: String,
    /// Where the gateway answers for this pool alone.
    port: u16,
    /// Whether a member fits only inside the engine's margin.
    tight: bool,
    pub(super) servers: Vec<Server>,
}

/// A template's view of a pool by one of its members.
#[derive(Serialize)]
pub(super) struct PoolView<'a> {
    pool: &'a Pool,
    server: Option<&'a Server>,
}

impl Pool {
    pub(super) fn sample(&self) -> PoolView<'_> {
        PoolView {
            pool: self,
            // What fits with small steps on the smallest card fits on all.
            server: self.servers.iter().min_by_key(|server| server.batch),
        }
    }
}

/// What makes servers interchangeable to whoever asks them: on which cards they lie, and in what steps they read, they do not tell.
type PoolKey = (Tag, u32, u32, &'static str, Engine);

impl Fleet {
    pub(super) fn new(plan: &Plan, options: &Options) -> Result<Self, Error> {
        let mut groups: BTreeMap<PoolKey, Vec<&Service>> = BTreeMap::new();
        for service in &plan.services {
            groups.entry(alike(service)?).or_default().push(service);
        }
        own_files(plan)?;
        let several_hosts = host_names(plan)?.len() > 1;
        let mut names = Names::default();
        let named: Vec<(Name, PoolKey, Vec<&Service>)> = named(groups, &mut names);
        let mut ports = Ports::new(plan)?;
        let gateway = ports.next();
        let mut pools = Vec::new();
        for (name, (tag, context_length, ..), services) in named {
            let shared = plan
                .services
                .iter()
                .any(|other| other.tag == tag.as_str() && other.context_length != context_length);
            let mut servers = Vec::new();
            for (at, service) in services.iter().enumerate() {
                let own = if services.len() > 1 {
                    names.distinct(name.numbered(at as u32 + 1))
                } else {
                    name.clone()
                };
                let mut server = Server::new(service, own, several_hosts, options)?;
                let order = |other: &Service| std::ptr::eq(other, *service);
                server.order = plan.services.iter().position(order).unwrap_or(0);
                servers.push(server);
            }
            pools.push(Pool {
                identifier: name.as_str().replace('-', "_"),
                public_name: if shared {
                    format!("{}@{context_length}", tag.as_str())
                } else {
                    tag.as_str().to_owned()
                },
                port: ports.next(),
                tight: servers.iter().any(|server| server.tight),
                name,
                tag,
                servers,
            });
        }
        first_of_each(&mut pools);
        in_order(plan, &mut pools);
        Ok(Self {
            hosts: hosts(plan, &pools)?,
            remote: several_hosts,
            ollama: services_of(plan, |engine| engine == Engine::Ollama),
            others: services_of(plan, |engine| engine != Engine::Ollama),
            pools,
            gateway,
            authentication: options.authentication,
        })
    }
}

fn services_of(plan: &Plan, wanted: impl Fn(Engine) -> bool) -> bool {
    plan.services.iter().any(|service| wanted(service.engine))
}

/// Different models have different files.
fn own_files(plan: &Plan) -> Result<(), Error> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for service in &plan.services {
        if let Some(ModelFile::Folder { tag, file, .. }) = &service.file {
            let owner = owners.entry(file).or_insert(tag);
            if *owner != tag {
                return Err(refused(ArtifactFault::SameFile, file));
            }
        }
    }
    Ok(())
}

/// Gives the first server of every pool on a machine the pool's name, and tells the first that has a file.
fn first_of_each(pools: &mut [Pool]) {
    let mut files: BTreeSet<(HostName, Tag)> = BTreeSet::new();
    for pool in pools {
        let mut hosts: BTreeSet<HostName> = BTreeSet::new();
        for server in &mut pool.servers {
            let first = hosts.insert(server.host.clone());
            // A name is no alias of itself.
            let named = first && pool.public_name != server.name.as_str();
            server.alias = named.then(|| pool.public_name.clone());
            server.is_first_of_file = files.insert((server.host.clone(), pool.tag.clone()));
        }
    }
}

/// Tells every server which others load before it: splits that share a GPU with it and come earlier in the plan.
fn in_order(plan: &Plan, pools: &mut [Pool]) {
    let servers = pools.iter().flat_map(|pool| &pool.servers);
    let mut splits: Vec<(usize, StartsAfter)> = servers
        // Who is told how to split does so whatever is free.
        .filter(|server| server.devices.len() > 1 && server.engine == Engine::Ollama)
        .map(|server| (server.order, server.earlier()))
        .collect();
    splits.sort_by_key(|(order, _)| *order);
    let share = |one: usize, other: usize| {
        let (one, other) = (&plan.services[one], &plan.services[other]);
        let here = |gpu: &ServiceGpu| other.gpus.iter().any(|their| their.gpu == gpu.gpu);
        one.host == other.host && one.gpus.iter().any(here)
    };
    for server in pools.iter_mut().flat_map(|pool| &mut pool.servers) {
        let before = splits
            .iter()
            .filter(|(order, _)| *order < server.order && share(*order, server.order));
        server.after = before.map(|(_, earlier)| earlier.clone()).collect();
    }
}

fn alike(service: &Service) -> Result<PoolKey, Error> {
    Ok((
        Tag::new(&service.tag)?,
        service.context_length,
        service.estimate.parallel,
        service.estimate.kv_cache_type.label(),
        service.engine,
    ))
}

fn host_names(plan: &Plan) -> Result<BTreeSet<HostName>, Error> {
    plan.services
        .iter()
        .map(|service| HostName::new(&service.host))
        .collect()
}

/// Names of pools. A tag that is served in several ways has its context in them.
fn named<'a>(
    groups: BTreeMap<PoolKey, Vec<&'a Service>>,
    names: &mut Names,
) -> Vec<(Name, PoolKey, Vec<&'a Service>)> {
    let mut ways: BTreeMap<Tag, u32> = BTreeMap::new();
    for (tag, ..) in groups.keys() {
        *ways.entry(tag.clone()).or_default() += 1;
    }
    let name = |alike: &PoolKey| {
        let name = Name::of_tag(&alike.0);
        if ways.get(&alike.0).is_some_and(|ways| *ways > 1) {
            name.numbered(alike.1)
        } else {
            name
        }
    };
    groups
        .into_iter()
        .map(|(alike, services)| (names.distinct(name(&alike)), alike, services))
        .collect()
}

/// The servers of every host, in the plan's order.
fn hosts(plan: &Plan, pools: &[Pool]) -> Result<Vec<Host>, Error> {
    let names = host_names(plan)?;
    let several = names.len() > 1;
    let host = |name: HostName| {
        let of_host = pools.iter().flat_map(|pool| &pool.servers);
        let mut servers: Vec<Server> = of_host
            .filter(|server| server.host == name)
            .cloned()
            .collect();
        servers.sort_by_key(|server| server.order);
        Host {
            on_host: if several {
                format!(" on {}", name.as_str())
            } else {
                String::new()
            },
            has_uuids: servers.iter().all(Server::has_uuids),
            lister: (servers.iter())
                .find(|server| !server.has_uuids())
                .map_or("", Server::lister),
            in_order: servers.iter().any(|server| !server.after.is_empty()),
            nvidia: servers.iter().any(Server::on_nvidia),
            mac: servers.iter().any(Server::on_mac),
            ollama: has(&servers, Engine::Ollama),
            llama_server: has(&servers, Engine::LlamaCpp),
            vllm: has(&servers, Engine::Vllm),
            name,
            servers,
        }
    };
    Ok(names.into_iter().map(host).collect())
}

fn has(servers: &[Server], engine: Engine) -> bool {
    servers.iter().any(|server| server.engine == engine)
}

/// Names that are taken, so that no two files or servers get the same one.
#[derive(Default)]
pub(super) struct Names(BTreeSet<Name>);

impl Names {
    /// The name, or where it is taken already the name with a number at its end.
    pub(super) fn distinct(&mut self, name: Name) -> Name {
        let others = (2..).map(|number| name.numbered(number));
        let free = std::iter::once(name.clone())
            .chain(others)
            .find(|candidate| !self.0.contains(candidate))
            .unwrap_or(name);
        self.0.insert(free.clone());
        free
    }
}

/// Ports that no server of the plan uses, from the gateway's on.
struct Ports {
    taken: BTreeSet<u16>,
    next: u16,
}

impl Ports {
    /// # Errors
    /// [`Error::Artifact`] if two servers of a host have one port.
    fn new(plan: &Plan) -> Result<Self, Error> {
        let mut taken = BTreeSet::new();
        for service in &plan.services {
            let port = address(service)?.port;
            if !taken.insert((&service.host, port)) {
                return Err(refused(ArtifactFault::Port, &port.to_string()));
            }
        }
        Ok(Self {
            taken: taken.into_iter().map(|(_, port)| port).collect(),
            next: GATEWAY,
        })
    }

    fn next(&mut self) -> u16 {
        while self.taken.contains(&self.next) {
            self.next += 1;
        }
        let port = self.next;
        self.next += 1;
        port
    }
}
