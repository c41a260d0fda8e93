//! `--emit`: a plan's files, on standard output or in a folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::args::EmitArgs;
use super::session::Session;
use super::span::{product, spans};
use super::write::write;
use crate::artifact::{self, ArtifactKind, File, Options, STARTERS};
use crate::catalog::gpu::Vendor;
use crate::catalog::model::Capability;
use crate::engine::place::Verdict;
use crate::engine::workload::Engine;
use crate::error::{ArtifactFault, Error};
use crate::messages;
use crate::ollama::PORT;
use crate::report::{
    Estimate, GpuReport, InventoryReport, PlacementReport, Plan, SavedService, Service, ServiceGpu,
    Speed,
};

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
    /// They are in these files.
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
    running: Option<&[SavedService]>,
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
    running: Option<&[SavedService]>,
    args: &EmitArgs,
) -> Result<Vec<File>, Error> {
    let options = options(session, plan)?;
    let mut kinds: BTreeSet<ArtifactKind> = args.emit.iter().copied().collect();
    let (mut files, mut empty) = (Vec::new(), None);
    if let Some(running) = running {
        // Its scripts call or install those.
        let by = starter(&kinds)?;
        kinds.extend([by, ArtifactKind::Nginx]);
        files.extend(artifact::migrate(plan, running, by, &options)?);
    }
    for kind in kinds {
        match artifact::emit(plan, kind, &options) {
            Ok(more) => files.extend(more),
            Err(error) if is_empty(&error) => empty = Some(error),
            Err(error) => return Err(error),
        }
    }
    // Of several kinds a Mac gets the same scripts.
    let mut paths = BTreeSet::new();
    files.retain(|file| paths.insert(file.path.clone()));
    match empty {
        Some(error) if files.is_empty() => Err(error),
        _ => Ok(files),
    }
}

/// What starts the servers that a migration exchanges: one kind, of both plans.
fn starter(kinds: &BTreeSet<ArtifactKind>) -> Result<ArtifactKind, Error> {
    let mut asked = STARTERS.into_iter().filter(|kind| kinds.contains(kind));
    let first = asked.next().unwrap_or(ArtifactKind::Shell);
    match asked.next() {
        None => Ok(first),
        Some(second) => Err(Error::Conflict {
            argument: format!("--migrate --emit {}", first.label()),
            other: format!("--emit {}", second.label()),
        }),
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
    options.spans = spans(session, plan);
    Ok(options)
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
