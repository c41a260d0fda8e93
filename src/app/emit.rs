//! `--emit`: a plan's files, on standard output or in a folder.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::args::EmitArgs;
use super::session::Session;
use super::write::write;
use crate::artifact::{self, File, Kind, Machines, Options, Running, Span};
use crate::catalog::checkpoint::Checkpoint;
use crate::catalog::gpu::Vendor;
use crate::catalog::model::Capability;
use crate::engine::draft::Drafter;
use crate::engine::estimate::Shape;
use crate::engine::layout;
use crate::engine::place::{MARGIN, Verdict};
use crate::engine::vllm::{self, Parts, Serve};
use crate::engine::workload::{Engine, Workload};
use crate::error::{ArtifactFault, Error};
use crate::messages;
use crate::report::{
    Estimate, GpuBudget, GpuReport, InventoryReport, PlacementReport, Plan, PlanNote, Service,
    ServiceGpu, Speed, Unplaced,
};
use crate::units::Bytes;

/// Where a server listens unless a plan says otherwise.
const PORT: u16 = 11434;

/// A single model to serve, for commands that plan nothing.
pub(super) struct Single<'a> {
    pub tag: &'a str,
    pub estimate: &'a Estimate,
    pub placement: &'a PlacementReport,
    pub verdict: Verdict,
    pub speed: Option<&'a Speed>,
    /// Where the GPUs have their names.
    pub inventory: &'a InventoryReport,
}

/// What became of a plan's files.
pub(super) enum Emitted {
    /// They are for standard output.
    Shown(String),
    /// They are here.
    Written(Vec<PathBuf>),
}

/// A plan's files: to be shown, or written below `--out`.
///
/// # Errors
/// [`Error::MissingArgument`] if there are several files and no `--out`, [`Error::Exists`] and [`Error::File`] if they cannot be put
/// there, and what [`files`] fails with. In every case nothing is left behind.
pub(super) fn plan(
    session: &Session,
    plan: &Plan,
    running: Option<&[Running<'_>]>,
    args: &EmitArgs,
) -> Result<Emitted, Error> {
    let files = files(session, plan, running, args)?;
    match args.out.as_deref() {
        None => match files.as_slice() {
            [file] => Ok(Emitted::Shown(file.text.clone())),
            _ => Err(Error::MissingArgument {
                argument: "--out DIR|-".into(),
            }),
        },
        Some(out) if out == Path::new("-") => Ok(Emitted::Shown(joined(&files))),
        Some(out) => write(out, &files, args.force).map(Emitted::Written),
    }
}

/// A plan's files of every kind that was asked for, and those that lead to it from the plan that runs. A kind that has nothing to start is left out where another has.
///
/// # Errors
/// [`Error::Artifact`] if the plan cannot be written as such files, or if no kind has anything to start.
pub(super) fn files(
    session: &Session,
    plan: &Plan,
    running: Option<&[Running<'_>]>,
    args: &EmitArgs,
) -> Result<Vec<File>, Error> {
    let options = options(session, plan)?;
    let mut kinds: BTreeSet<Kind> = args.emit.iter().copied().collect();
    let (mut files, mut empty) = (Vec::new(), None);
    if let Some(running) = running {
        // Its scripts call those.
        kinds.extend([Kind::Shell, Kind::Nginx]);
        files.extend(artifact::migrate(plan, running, &options)?);
    }
    for kind in kinds {
        match artifact::emit(plan, kind, &options) {
            Ok(more) => files.extend(more),
            Err(error) if is_empty(&error) => empty = Some(error),
            Err(error) => return Err(error),
        }
    }
    match empty {
        Some(error) if files.is_empty() => Err(error),
        _ => Ok(files),
    }
}

/// Whether a plan gave no files because it starts nothing.
pub(super) fn is_empty(error: &Error) -> bool {
    let fault = match error {
        Error::Artifact { fault, .. } => Some(fault),
        _ => None,
    };
    fault == Some(&ArtifactFault::Empty)
}

/// Emits the files of one model as a plan with one service.
///
/// # Errors
/// As [`plan`].
pub(super) fn single(
    session: &Session,
    model: &Single<'_>,
    args: &EmitArgs,
) -> Result<String, Error> {
    let say = |path: PathBuf| messages::wrote(session.lang, &path.display().to_string()) + "\n";
    match plan(session, &alone(model), None, args)? {
        Emitted::Shown(text) => Ok(text),
        Emitted::Written(paths) => Ok(paths.into_iter().map(say).collect()),
    }
}

/// A plan with one service.
fn alone(model: &Single<'_>) -> Plan {
    let gpus = model.placement.gpus.iter().map(|gpu| ServiceGpu {
        gpu: gpu.gpu,
        uuid: gpu.uuid.clone(),
        name: named(model.inventory, &gpu.host, gpu.gpu)
            .map_or_else(|| "GPU".to_owned(), |report| report.name.clone()),
        vendor: named(model.inventory, &gpu.host, gpu.gpu)
            .map_or(Vendor::Nvidia, |report| report.vendor),
        bytes: gpu.bytes,
    });
    let host = model.placement.gpus.first().map(|gpu| gpu.host.clone());
    Plan {
        schema: "vramfit.plan/1",
        services: vec![Service {
            tag: model.tag.to_owned(),
            replica: 1,
            host: host.unwrap_or_else(|| "localhost".into()),
            port: PORT,
            gpus: gpus.collect(),
            estimate: model.estimate.clone(),
            verdict: model.verdict,
            within_doubt: false,
            context_length: model.estimate.context_length,
            speed: model.speed.cloned(),
            shares_with: Vec::new(),
            speed_all_busy: None,
            environment: BTreeMap::new(),
            engine: Engine::Ollama,
            command: Vec::new(),
            file: None,
        }],
        unplaced: Vec::new(),
        gpus: Vec::new(),
        optimal: true,
        notes: Vec::new(),
    }
}

fn named<'a>(inventory: &'a InventoryReport, host: &str, gpu: u32) -> Option<&'a GpuReport> {
    let hosts = inventory.hosts.iter();
    let here = hosts.filter(|report| report.name == host);
    let mut gpus = here.flat_map(|report| &report.gpus);
    gpus.find(|report| report.gpu == gpu)
}

/// What the catalog knows of the plan's models.
fn options(session: &Session, plan: &Plan) -> Result<Options, Error> {
    let mut options = Options {
        ollama_version: session.ollama()?.0,
        llama_cpp_build: session.catalog.knowledge.ollama.image.build.clone(),
        vllm_image: session.catalog.knowledge.vllm.image(Vendor::Nvidia),
        ..Options::default()
    };
    let gpus = plan.services.iter().flat_map(|service| &service.gpus);
    for gpu in gpus.filter(|gpu| gpu.vendor == Vendor::Nvidia) {
        if let Some(product) = product(session, &gpu.name) {
            options.products.insert(gpu.name.clone(), product);
        }
    }
    for service in &plan.services {
        // A tag that only a file or another catalog knows is its owner's business.
        let Ok(entry) = session.entry(&service.tag) else {
            continue;
        };
        if !entry.model.published || entry.model.local {
            return Err(Error::Artifact {
                fault: ArtifactFault::Unpublished,
                value: service.tag.clone(),
            });
        }
        if entry.model.capabilities.contains(&Capability::Embedding) {
            options.embeddings.insert(service.tag.clone());
        }
    }
    for demand in &plan.unplaced {
        if let Some(span) = span(session, plan, demand) {
            options.spans.insert(demand.tag.clone(), span);
        }
    }
    Ok(options)
}

/// What vLLM takes of a machine's GPU at the most, so that the rest is left to graphs and to what nobody foresees.
const SHARE: u64 = 900;
/// A process, before it loads anything.
const CONTEXT: Bytes = Bytes::mib(512);

/// How vLLM would serve a model that no machine of the plan holds for Ollama; `None` if no checkpoint is known that it can load.
fn span(session: &Session, plan: &Plan, demand: &Unplaced) -> Option<Span> {
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
fn product(session: &Session, name: &str) -> Option<String> {
    if name.starts_with("NVIDIA ") {
        return Some(name.to_owned());
    }
    session.catalog.gpu(name, None)?.nvml_name.clone()
}

/// All files, each after a line with its path.
fn joined(files: &[File]) -> String {
    let mut text = String::new();
    for file in files {
        if !text.is_empty() {
            text.push('\n');
        }
        text += &format!("==> {} <==\n{}", file.path.display(), file.text);
    }
    text
}
