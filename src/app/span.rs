//! Models that no machine of a plan holds, over several of them: how vLLM would serve them in a cluster.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::session::Session;
use crate::artifact::{Machines, Span};
use crate::catalog::checkpoint::Checkpoint;
use crate::catalog::gpu::Vendor;
use crate::engine::draft::Drafter;
use crate::engine::estimate::Shape;
use crate::engine::layout;
use crate::engine::place::MARGIN;
use crate::engine::vllm::{self, Parts, Serve};
use crate::engine::workload::Workload;
use crate::report::{GpuBudget, Plan, PlanNote, Unplaced};
use crate::units::Bytes;

/// What vLLM takes of a machine's GPU at the most, so that the rest is left to graphs and to what nobody foresees.
const SHARE: u64 = 900;
/// A process, before it loads anything.
const CONTEXT: Bytes = Bytes::mib(512);

/// How vLLM would serve a model that no machine of the plan holds for Ollama; `None` if no checkpoint is known that it can load.
pub(super) fn span(session: &Session, plan: &Plan, demand: &Unplaced) -> Option<Span> {
    let entry = session.entry(&demand.tag).ok()?;
    let vllm = &session.catalog.knowledge.vllm;
    let known = session.catalog.architecture(entry.model);
    let known = known.filter(|known| vllm.knows(&known.shape.name))?;
    let architecture = &known.shape;
    let hosts = machines(plan);
    let largest = hosts
        .values()
        .max_by_key(|gpus| gpus.iter().map(|gpu| gpu.usable).sum::<Bytes>())?;
    let workload = Workload {
        context_length: demand.context_length,
        parallel: demand.parallel,
        ..Workload::default()
    };
    let mut found: Option<(Parts, Bytes, &Checkpoint)> = None;
    for checkpoint in vllm.of(&entry.model.name) {
        let group = checkpoint.format.group();
        let fits = |tensor: &usize| vllm::divides(architecture, group, *tensor as u32);
        let tensor = (1..=largest.len()).rev().find(fits)?;
        let each = (largest[tensor - 1].usable + MARGIN).scale(SHARE, 1000);
        let weights = layout::of_size(architecture, "F16", checkpoint.bytes)?;
        let shape = Shape {
            architecture,
            weights: &weights,
            projector: Bytes::ZERO,
            drafter: Drafter::default(),
        };
        let parts = |pipeline| Parts {
            tensor: tensor as u32,
            pipeline,
        };
        let need = |nodes| vllm::per_gpu(shape, &workload, parts(nodes)).total() + CONTEXT;
        let nodes =
            (1..=MOST_NODES.min(architecture.block_count)).find(|nodes| need(*nodes) <= each);
        let Some(nodes) = nodes else { continue };
        if nodes == 1 {
            return Some(Span::FitsOne);
        }
        let fewer = |(parts, ..): &(Parts, Bytes, &Checkpoint)| nodes < parts.pipeline;
        if found.as_ref().is_none_or(fewer) {
            found = Some((parts(nodes), need(nodes), checkpoint));
        }
    }
    let Some((parts, need, checkpoint)) = found else {
        let any = vllm.of(&entry.model.name).next();
        return any.map(|_| Span::TooLarge);
    };
    let tensor = parts.tensor as usize;
    let idle = |gpus: &&Vec<&GpuBudget>| {
        let room = gpus.get(tensor - 1).map(|gpu| gpu.usable);
        room >= largest.get(tensor - 1).map(|gpu| gpu.usable)
            && gpus.iter().all(|gpu| gpu.committed == Bytes::ZERO)
    };
    Some(Span::Machines(Machines {
        repository: checkpoint.repository.clone(),
        format: checkpoint.format.label(),
        image: vllm.image(Vendor::Nvidia)?,
        weights: checkpoint.bytes,
        each: need,
        nodes: parts.pipeline,
        gpus: parts.tensor,
        idle: hosts.values().filter(idle).count() as u32,
        product: product(session, &largest[0].name),
        arguments: Serve {
            repository: &checkpoint.repository,
            tag: &demand.tag,
            address: ("0.0.0.0", 8000),
            parts,
            context_length: demand.context_length,
            parallel: demand.parallel,
            share: SHARE,
        }
        .arguments(),
    }))
}

/// What is to be told of models that take more machines than are idle.
pub(super) fn too_few_nodes(session: &Session, plan: &Plan) -> Vec<PlanNote> {
    let mut replicas: BTreeMap<&str, (u32, &Unplaced)> = BTreeMap::new();
    for demand in &plan.unplaced {
        replicas.entry(&demand.tag).or_insert((0, demand)).0 += 1;
    }
    let notes = replicas.into_iter().filter_map(|(tag, (count, demand))| {
        let Some(Span::Machines(machines)) = span(session, plan, demand) else {
            return None;
        };
        let nodes = machines.nodes.saturating_mul(count);
        (nodes > machines.idle).then(|| PlanNote::Nodes {
            tag: tag.to_owned(),
            repository: machines.repository,
            nodes,
            idle: machines.idle,
        })
    });
    notes.collect()
}

/// More machines than this serve nobody well.
const MOST_NODES: u32 = 64;

/// The NVIDIA GPUs of every host, the roomiest first.
fn machines(plan: &Plan) -> BTreeMap<&str, Vec<&GpuBudget>> {
    let mut hosts: BTreeMap<&str, Vec<&GpuBudget>> = BTreeMap::new();
    for gpu in plan.gpus.iter().filter(|gpu| gpu.vendor == Vendor::Nvidia) {
        hosts.entry(&gpu.host).or_default().push(gpu);
    }
    for gpus in hosts.values_mut() {
        gpus.sort_by_key(|gpu| Reverse(gpu.usable));
    }
    hosts
}

/// The name that NVML prints for a GPU, of which Kubernetes' labels are made.
pub(super) fn product(session: &Session, name: &str) -> Option<String> {
    if name.starts_with("NVIDIA ") {
        return Some(name.to_owned());
    }
    session.catalog.gpu(name, None)?.nvml_name.clone()
}
