//! Models that no machine of a plan holds: what Kubernetes is told to serve over several, in the order in which they were asked for.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::session::Session;
use crate::artifact::{Machines, Span, Spanned};
use crate::catalog::gpu::Vendor;
use crate::engine::nodes::{self, SHARE};
use crate::engine::vllm::Serve;
use crate::engine::workload::Workload;
use crate::report::{GpuBudget, Plan, PlanNote, Unplaced};
use crate::units::Bytes;

/// The NVIDIA machines of a plan.
struct Cluster<'a> {
    /// What each GPU of the largest gives, the roomiest first.
    usable: Vec<Bytes>,
    /// The name of that one's GPUs.
    gpu: &'a str,
    /// What the GPUs of each machine give that has nothing to do.
    idle: Vec<Vec<Bytes>>,
}

impl<'a> Cluster<'a> {
    /// `None` where no machine has such GPUs.
    fn new(plan: &'a Plan) -> Option<Self> {
        let mut hosts: BTreeMap<&str, Vec<&GpuBudget>> = BTreeMap::new();
        for gpu in plan.gpus.iter().filter(|gpu| gpu.vendor == Vendor::Nvidia) {
            hosts.entry(&gpu.host).or_default().push(gpu);
        }
        for gpus in hosts.values_mut() {
            gpus.sort_by_key(|gpu| Reverse(gpu.usable));
        }
        let usable =
            |gpus: &Vec<&GpuBudget>| -> Vec<Bytes> { gpus.iter().map(|gpu| gpu.usable).collect() };
        let sum = |gpus: &&Vec<&GpuBudget>| gpus.iter().map(|gpu| gpu.usable).sum::<Bytes>();
        let largest = hosts.values().max_by_key(sum)?;
        let nothing = |gpus: &&Vec<&GpuBudget>| gpus.iter().all(|gpu| gpu.committed == Bytes::ZERO);
        Some(Self {
            usable: usable(largest),
            gpu: &largest.first()?.name,
            idle: hosts.values().filter(nothing).map(usable).collect(),
        })
    }
}

/// What becomes of the demands that have no place: replicas of one with the same settings together. Machines that one takes are no longer idle
/// for the next.
pub(super) fn spans(session: &Session, plan: &Plan) -> Vec<Spanned> {
    let Some(cluster) = Cluster::new(plan) else {
        return Vec::new();
    };
    let alike = |one: &Unplaced, other: &Unplaced| {
        let settings = |it: &Unplaced| (it.context_length, it.parallel);
        one.tag == other.tag && settings(one) == settings(other)
    };
    let mut demands: Vec<(&Unplaced, u32)> = Vec::new();
    for demand in &plan.unplaced {
        match demands.iter_mut().find(|(other, _)| alike(other, demand)) {
            Some((_, replicas)) => *replicas += 1,
            None => demands.push((demand, 1)),
        }
    }
    let mut taken = 0;
    let spanned = demands.into_iter().map(|(demand, replicas)| Spanned {
        tag: demand.tag.clone(),
        replicas,
        span: span(session, &cluster, demand, replicas, &mut taken),
    });
    spanned.collect()
}

fn span(
    session: &Session,
    cluster: &Cluster<'_>,
    demand: &Unplaced,
    replicas: u32,
    taken: &mut u32,
) -> Option<Span> {
    let entry = session.entry(&demand.tag).ok()?;
    let vllm = &session.catalog.knowledge.vllm;
    let architecture = &session.catalog.architecture(entry.model)?.shape;
    let workload = Workload {
        context_length: demand.context_length,
        parallel: demand.parallel,
        ..Workload::default()
    };
    let found = nodes::span(
        vllm,
        &entry.model.name,
        architecture,
        &workload,
        &cluster.usable,
    )?;
    let nodes = match found {
        nodes::Span::FitsOne => return Some(Span::FitsOne),
        nodes::Span::TooLarge => return Some(Span::TooLarge),
        nodes::Span::Nodes(nodes) => nodes,
    };
    let parts = nodes.parts;
    // Of another machine's GPUs the least of those that take part has to give as much.
    let last = parts.tensor as usize - 1;
    let gives = |usable: &&Vec<Bytes>| usable.get(last) >= cluster.usable.get(last);
    let idle = cluster.idle.iter().filter(gives).count() as u32;
    let idle = idle.saturating_sub(*taken);
    let repository = nodes.checkpoint.repository.clone();
    let needed = parts.pipeline.saturating_mul(replicas);
    if needed > idle {
        return Some(Span::TooFew {
            repository,
            nodes: needed,
            idle,
        });
    }
    *taken += needed;
    Some(Span::Machines(Machines {
        format: nodes.checkpoint.format.label(),
        image: vllm.image(Vendor::Nvidia)?,
        weights: nodes.checkpoint.bytes,
        each: nodes.each,
        nodes: parts.pipeline,
        gpus: parts.tensor,
        product: product(session, cluster.gpu),
        arguments: Serve {
            repository: &repository,
            tag: &demand.tag,
            address: ("0.0.0.0", 8000),
            parts,
            context_length: demand.context_length,
            parallel: demand.parallel,
            share: SHARE,
        }
        .arguments(),
        repository,
    }))
}

/// What is to be told of models that no machine holds: over how many they would be served, and in a manifest why one has none.
pub(super) fn notes(session: &Session, plan: &Plan, manifest: bool) -> Vec<PlanNote> {
    let note = |spanned: Spanned| match spanned.span? {
        Span::TooFew {
            repository,
            nodes,
            idle,
        } if manifest => Some(PlanNote::Nodes {
            tag: spanned.tag,
            repository,
            nodes,
            idle,
        }),
        Span::Machines(machines) if !manifest => Some(PlanNote::OverNodes {
            tag: spanned.tag,
            repository: machines.repository,
            nodes: machines.nodes.saturating_mul(spanned.replicas),
        }),
        _ => None,
    };
    spans(session, plan).into_iter().filter_map(note).collect()
}

/// The name that NVML prints for a GPU, of which Kubernetes' labels are made.
pub(super) fn product(session: &Session, name: &str) -> Option<String> {
    if name.starts_with("NVIDIA ") {
        return Some(name.to_owned());
    }
    let known = session.catalog.gpu(name, None)?;
    known.nvml_name.clone().map(String::from)
}
