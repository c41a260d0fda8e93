//! What Kubernetes is told besides: sizes of memory and storage, nodes, and models that span machines.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fleet::{Fleet, Names, Pool};
use super::value::{GpuName, Name, Repository, Tag, Variable};
use super::{Checkpoint, Options};
use crate::error::Error;
use crate::report::Plan;
use crate::units::Bytes;

/// The engine's cache of prompts, in host memory.
const PROMPT_CACHE: Bytes = Bytes::gib(8);
/// What the engine keeps free on a GPU.
const MARGIN: Bytes = Bytes::gib(1);
/// Room for a second version of a model while it is downloaded.
const SPARE_STORAGE: Bytes = Bytes::gib(10);
/// More nodes than this serve nobody well.
const MOST_NODES: u64 = 64;

/// All manifests of a plan.
#[derive(Debug, Serialize)]
pub(super) struct Manifests {
    groups: Vec<Group>,
    shards: Vec<Shard>,
    left_out: Vec<LeftOut>,
    whole_gpus: usize,
    planned_gpus: usize,
}

/// Replicas of one model.
#[derive(Debug, Serialize)]
struct Group {
    name: Name,
    tag: Tag,
    replicas: usize,
    gpus: usize,
    total: String,
    vendor: &'static str,
    amd: bool,
    embedding: bool,
    /// The label of nodes with the planned GPUs.
    product: Option<String>,
    /// MiB that a GPU must exceed.
    gpu_memory: u64,
    image: String,
    environment: Vec<Variable>,
    /// GiB of host memory.
    memory: u64,
    /// GiB on disk.
    storage: u64,
}

/// A model over several machines.
#[derive(Debug, Serialize)]
struct Shard {
    name: Name,
    tag: Tag,
    repository: Repository,
    replicas: usize,
    nodes: u64,
    gpus: u64,
    weights: String,
    usable: String,
    context_length: u32,
}

/// A model that gets no manifest.
#[derive(Debug, Serialize)]
struct LeftOut {
    tag: Tag,
    /// Whether it would fit a machine like those of the plan, had that nothing else to do.
    fits_one: bool,
}

impl Manifests {
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.shards.is_empty()
    }

    pub(super) fn new(plan: &Plan, fleet: &Fleet, options: &Options) -> Result<Self, Error> {
        let groups: Vec<Group> = fleet.pools.iter().filter_map(group).collect();
        let mut unplaced: BTreeMap<Tag, usize> = BTreeMap::new();
        for demand in &plan.unplaced {
            *unplaced.entry(Tag::new(&demand.tag)?).or_default() += 1;
        }
        let machine = Machine::largest(plan)?;
        let mut names = Names::default();
        let (mut shards, mut left_out) = (Vec::new(), Vec::new());
        for (tag, replicas) in unplaced {
            let known = options.checkpoints.get(tag.as_str()).zip(machine.as_ref());
            let fits_one =
                known.is_some_and(|(checkpoint, machine)| checkpoint.file <= machine.total);
            let nodes = known.and_then(|(checkpoint, machine)| machine.nodes(checkpoint));
            let (Some((checkpoint, machine)), Some(nodes), false) = (known, nodes, fits_one) else {
                left_out.push(LeftOut { tag, fits_one });
                continue;
            };
            shards.push(Shard {
                name: names.distinct(Name::of_tag(&tag)),
                repository: Repository::new(&checkpoint.repository)?,
                replicas,
                nodes,
                gpus: machine.gpus,
                weights: checkpoint.weights().to_string(),
                usable: machine.usable.to_string(),
                context_length: checkpoint.context_length,
                tag,
            });
        }
        Ok(Self {
            whole_gpus: groups.iter().map(|group| group.gpus * group.replicas).sum(),
            planned_gpus: plan
                .gpus
                .iter()
                .filter(|gpu| gpu.committed > Bytes::ZERO)
                .count(),
            groups,
            shards,
            left_out,
        })
    }
}

fn group(pool: &Pool) -> Option<Group> {
    let first = pool.servers.first()?;
    let largest = pool.servers.iter().map(|server| server.largest).max()?;
    let same_product = pool
        .servers
        .iter()
        .all(|server| server.product == first.product);
    let disk = Bytes(first.weights.0 + first.weights.0 / 5) + SPARE_STORAGE;
    Some(Group {
        name: pool.name.clone(),
        tag: pool.tag.clone(),
        replicas: pool.servers.len(),
        gpus: first.devices.len(),
        total: first.total.clone(),
        vendor: if first.amd { "amd.com" } else { "nvidia.com" },
        amd: first.amd,
        embedding: first.embedding,
        product: first.product.clone().filter(|_| same_product && !first.amd),
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

/// A machine of the plan with all its GPUs.
struct Machine {
    gpus: u64,
    /// Of the smallest of them.
    usable: Bytes,
    /// Of all its GPUs.
    total: Bytes,
}

impl Machine {
    /// The one that could hold most; only its powers of two share a layer evenly.
    fn largest(plan: &Plan) -> Result<Option<Self>, Error> {
        let mut hosts: BTreeMap<&str, Vec<Bytes>> = BTreeMap::new();
        for gpu in &plan.gpus {
            // vLLM is emitted for NVIDIA's GPUs.
            if !GpuName::new(&gpu.name)?.is_amd() {
                hosts
                    .entry(&gpu.host)
                    .or_default()
                    .push(gpu.usable + MARGIN);
            }
        }
        let machines = hosts.into_values().filter_map(|mut gpus| {
            gpus.sort();
            gpus.reverse();
            let even = 1_usize << gpus.len().checked_ilog2()?;
            Some(Self {
                gpus: even as u64,
                usable: *gpus.get(even - 1)?,
                total: gpus.iter().copied().sum(),
            })
        });
        Ok(machines.max_by_key(|machine| machine.total))
    }

    /// Machines like this that hold a model with a fifth to spare, using nine tenths of each GPU as vLLM does.
    fn nodes(&self, checkpoint: &Checkpoint) -> Option<u64> {
        let need = checkpoint.weights().scale(6, 5);
        let each = (self.usable * self.gpus).scale(9, 10);
        let nodes = need.0.div_ceil(each.0.max(1)).max(2);
        (nodes <= MOST_NODES && each > Bytes::ZERO).then_some(nodes)
    }
}

impl Checkpoint {
    fn weights(&self) -> Bytes {
        Bytes(self.parameters.saturating_mul(2))
    }
}
