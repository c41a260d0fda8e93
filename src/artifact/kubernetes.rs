//! What Kubernetes is told besides: whole GPUs, sizes of memory and storage, nodes, and models that span machines.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::command::words;
use super::fleet::{Fleet, Names};
use super::server::Server;
use super::value::{GpuName, Name, Repository, Tag, Variable};
use super::{Options, Span};
use crate::catalog::gpu::Vendor;
use crate::error::Error;
use crate::report::Plan;
use crate::units::Bytes;

/// The engine's cache of prompts, in host memory.
const PROMPT_CACHE: Bytes = Bytes::gib(8);
/// What the engine keeps free on a GPU.
const MARGIN: Bytes = Bytes::gib(1);
/// Room for a second version of a model while it is downloaded.
const SPARE_STORAGE: Bytes = Bytes::gib(10);

/// All manifests of a plan.
#[derive(Debug, Serialize)]
pub(super) struct Manifests {
    groups: Vec<Group>,
    shards: Vec<Shard>,
    left_out: Vec<LeftOut>,
    nvidia: bool,
    amd: bool,
    intel: bool,
}

/// Servers of one model, as a stateful set.
#[derive(Debug, Serialize)]
struct Group {
    name: Name,
    tag: Tag,
    replicas: usize,
    gpus: usize,
    total: String,
    /// The resource that a device plugin hands out.
    resource: &'static str,
    nvidia: bool,
    intel: bool,
    embedding: bool,
    vllm: bool,
    arguments: Vec<String>,
    /// The label of nodes with the planned GPUs.
    product: Option<String>,
    /// MiB that a GPU must exceed.
    gpu_memory: u64,
    image: String,
    environment: Vec<Variable>,
    /// GiB of system memory that a container may take.
    memory: u64,
    /// GiB on disk for the model's files.
    storage: u64,
}

/// A model that several machines hold together, as a leader with workers.
#[derive(Debug, Serialize)]
struct Shard {
    name: Name,
    tag: Tag,
    repository: Repository,
    format: &'static str,
    image: String,
    replicas: usize,
    nodes: u32,
    gpus: u32,
    weights: String,
    each: String,
    arguments: Vec<String>,
    product: Option<String>,
}

/// A model, or some of its replicas, that get no manifest.
#[derive(Debug, Serialize)]
struct LeftOut {
    tag: Tag,
    replicas: usize,
    #[serde(flatten)]
    why: Why,
}

/// Why a model gets no manifest.
#[derive(Debug, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
enum Why {
    /// It shares a GPU, and there is no whole one for it.
    Shares,
    /// It would fit one machine that has nothing else to do.
    FitsOne,
    /// No checkpoint is known that vLLM can load.
    NoCheckpoint,
    /// It takes more machines than the plan leaves idle.
    TooFewNodes { nodes: u32, idle: u32 },
    /// No number of such machines holds it.
    TooLarge,
}

impl Manifests {
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.shards.is_empty()
    }

    pub(super) fn new(plan: &Plan, fleet: &Fleet, options: &Options) -> Result<Self, Error> {
        let whole = Whole::new(plan, fleet);
        let (mut groups, mut left_out) = (Vec::new(), Vec::new());
        let mut names = Names::default();
        for pool in &fleet.pools {
            names.distinct(pool.name.clone());
        }
        for pool in &fleet.pools {
            let servers: Vec<&Server> = pool.servers.iter().filter(|one| whole.has(one)).collect();
            let replicas = servers.len();
            for (at, servers) in by_resources(&servers).iter().enumerate() {
                let name = match at {
                    0 => pool.name.clone(),
                    _ => names.distinct(pool.name.numbered(at as u32 + 1)),
                };
                groups.extend(group(name, servers));
            }
            if replicas < pool.servers.len() {
                left_out.push(LeftOut {
                    tag: pool.tag.clone(),
                    replicas: pool.servers.len() - replicas,
                    why: Why::Shares,
                });
            }
        }
        let mut names = Names::default();
        let mut shards = Vec::new();
        for spanned in &options.spans {
            let tag = Tag::new(&spanned.tag)?;
            let replicas = spanned.replicas as usize;
            let why = match &spanned.span {
                None => Why::NoCheckpoint,
                Some(Span::FitsOne) => Why::FitsOne,
                Some(Span::TooLarge) => Why::TooLarge,
                Some(Span::TooFew { nodes, idle, .. }) => Why::TooFewNodes {
                    nodes: *nodes,
                    idle: *idle,
                },
                Some(Span::Machines(machines)) => {
                    let name = names.distinct(Name::of_tag(&tag));
                    shards.push(shard(name, &tag, replicas, machines)?);
                    continue;
                }
            };
            left_out.push(LeftOut { tag, replicas, why });
        }
        let has = |resource| groups.iter().any(|group| group.resource == resource);
        Ok(Self {
            nvidia: has(resource(Vendor::Nvidia)) || !shards.is_empty(),
            amd: has(resource(Vendor::Amd)),
            intel: has(resource(Vendor::Intel)),
            groups,
            shards,
            left_out,
        })
    }
}

/// What the vendor's device plugin hands out.
const fn resource(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Amd => "amd.com/gpu",
        Vendor::Intel => "gpu.intel.com/xe",
        Vendor::Nvidia | Vendor::Apple => "nvidia.com/gpu",
    }
}

fn shard(
    name: Name,
    tag: &Tag,
    replicas: usize,
    machines: &super::Machines,
) -> Result<Shard, Error> {
    let product = machines.product.as_deref();
    let product = product.map(GpuName::new).transpose()?;
    Ok(Shard {
        name,
        tag: tag.clone(),
        repository: Repository::new(&machines.repository)?,
        format: machines.format,
        image: machines.image.clone(),
        replicas,
        nodes: machines.nodes,
        gpus: machines.gpus,
        weights: machines.weights.to_string(),
        each: machines.each.to_string(),
        arguments: words(&machines.arguments)?,
        product: product.and_then(|name| name.label()),
    })
}

/// Servers that get whole GPUs of some machine: Kubernetes hands out nothing less.
struct Whole<'a>(Vec<&'a Server>);

impl<'a> Whole<'a> {
    fn new(plan: &Plan, fleet: &'a Fleet) -> Self {
        let mut servers: Vec<&Server> = fleet.pools.iter().flat_map(|pool| &pool.servers).collect();
        if plan.gpus.is_empty() {
            // Nobody asked what else the machines do.
            return Self(servers);
        }
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        for gpu in &plan.gpus {
            *left.entry(&gpu.host).or_default() += 1;
        }
        // The widest first, since they need the most of one machine.
        servers.sort_by_key(|server| (Reverse(server.devices.len()), server.order));
        let placed = servers.into_iter().filter(|server| {
            let wanted = server.devices.len();
            let own = server.host.as_str();
            let fits = |host: &str, left: &BTreeMap<&str, usize>| {
                left.get(host).is_some_and(|there| *there >= wanted)
            };
            let host = if fits(own, &left) {
                Some(own)
            } else {
                let mut others = left.keys().copied();
                others.find(|host| fits(host, &left))
            };
            let there = host.and_then(|host| left.get_mut(host));
            there.map(|there| *there -= wanted).is_some()
        });
        Self(placed.collect())
    }

    fn has(&self, server: &Server) -> bool {
        self.0.iter().any(|one| std::ptr::eq(*one, server))
    }
}

/// Servers that ask the cluster for the same: so many GPUs of one vendor. All pods of a set do.
fn by_resources<'a>(servers: &[&'a Server]) -> Vec<Vec<&'a Server>> {
    let mut groups: Vec<Vec<&Server>> = Vec::new();
    let asks = |server: &Server| (resource(server.vendor), server.devices.len());
    for server in servers.iter().copied() {
        let alike = groups
            .iter_mut()
            .find(|group| asks(group[0]) == asks(server));
        match alike {
            Some(group) => group.push(server),
            None => groups.push(vec![server]),
        }
    }
    groups
}

fn group(name: Name, servers: &[&Server]) -> Option<Group> {
    let first = servers.first()?;
    let largest = servers.iter().map(|server| server.largest).max()?;
    let same_product = servers.iter().all(|server| server.product == first.product);
    let disk = Bytes(first.weights.0 + first.weights.0 / 5) + SPARE_STORAGE;
    Some(Group {
        name,
        tag: first.tag.clone(),
        replicas: servers.len(),
        gpus: first.devices.len(),
        total: first.total.clone(),
        resource: resource(first.vendor),
        nvidia: first.vendor == Vendor::Nvidia,
        intel: first.vendor == Vendor::Intel,
        embedding: first.embedding,
        vllm: first.vllm,
        arguments: first.container_arguments.clone(),
        product: first.product.clone().filter(|_| same_product),
        gpu_memory: (largest + MARGIN).0 >> 20,
        image: first.image.clone(),
        // The device plugin chooses the GPUs.
        environment: (first.container_environment.iter())
            .filter(|variable| !variable.name.ends_with("_VISIBLE_DEVICES"))
            .cloned()
            .collect(),
        memory: gib(first.weights + first.host_memory + PROMPT_CACHE),
        storage: gib(disk),
    })
}

fn gib(bytes: Bytes) -> u64 {
    bytes.0.div_ceil(1 << 30)
}
