//! `--emit`: a plan's files, on standard output or in a folder; whole or not at all, and never over what is there unless told so.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::EmitArgs;
use super::session::Session;
use crate::artifact::{self, Checkpoint, File, Kind, Options, Running};
use crate::catalog::model::Capability;
use crate::engine::place::Verdict;
use crate::engine::workload::Engine;
use crate::error::{ArtifactFault, Error};
use crate::messages;
use crate::report::{Estimate, InventoryReport, PlacementReport, Plan, Service, ServiceGpu, Speed};

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
        name: name(model.inventory, &gpu.host, gpu.gpu),
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
            file: None,
        }],
        unplaced: Vec::new(),
        gpus: Vec::new(),
        optimal: true,
        notes: Vec::new(),
    }
}

/// A GPU's name.
fn name(inventory: &InventoryReport, host: &str, gpu: u32) -> String {
    let hosts = inventory.hosts.iter();
    let here = hosts.filter(|report| report.name == host);
    let mut gpus = here.flat_map(|report| &report.gpus);
    let named = gpus.find(|report| report.gpu == gpu);
    named.map_or_else(|| "GPU".to_owned(), |report| report.name.clone())
}

/// What the catalog knows of the plan's models.
fn options(session: &Session, plan: &Plan) -> Result<Options, Error> {
    let mut options = Options {
        ollama_version: session.ollama()?.0,
        llama_cpp_build: session.catalog.knowledge.ollama.image.build.clone(),
        ..Options::default()
    };
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
        let Ok(entry) = session.entry(&demand.tag) else {
            continue;
        };
        let (model, variant) = (entry.model, entry.variant);
        if let (Some(repository), Some(parameters), Some(file)) =
            (&model.base_model, model.parameters, variant.weights)
        {
            let checkpoint = Checkpoint {
                repository: repository.clone(),
                parameters,
                file,
                context_length: demand.context_length,
            };
            options.checkpoints.insert(demand.tag.clone(), checkpoint);
        }
    }
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

/// Writes all files below a folder, or none.
///
/// # Errors
/// [`Error::Exists`] if one is there and `force` is not given, [`Error::File`] if the folder cannot be written.
pub(super) fn write(folder: &Path, files: &[File], force: bool) -> Result<Vec<PathBuf>, Error> {
    write_as(folder, files, force, &BTreeMap::new())
}

/// The same, each file with the owner and the permissions of another one.
///
/// # Errors
/// As [`write`].
pub(super) fn write_as(
    folder: &Path,
    files: &[File],
    force: bool,
    like: &BTreeMap<PathBuf, fs::Metadata>,
) -> Result<Vec<PathBuf>, Error> {
    let targets: Vec<PathBuf> = files.iter().map(|file| folder.join(&file.path)).collect();
    // Before anything is touched: a broken link counts as there, a folder is never replaced.
    for target in &targets {
        leads_elsewhere(folder, target)?;
        if let Ok(found) = fs::symlink_metadata(target)
            && (!force || found.is_dir())
        {
            return Err(Error::Exists {
                path: target.clone(),
            });
        }
    }
    let mut pending = Pending::default();
    for (file, target) in files.iter().zip(&targets) {
        pending
            .prepare(file, target, like.get(&file.path))
            .map_err(|error| failed(target, &error))?;
    }
    for target in &targets {
        pending.place(target, force)?;
    }
    pending.keep();
    Ok(targets)
}

/// A link between the folder that was named and a file would lead out of it.
fn leads_elsewhere(folder: &Path, target: &Path) -> Result<(), Error> {
    let below = |path: &&Path| *path != folder && path.starts_with(folder);
    // Without a folder it is the file itself that was named.
    let named = folder.as_os_str().is_empty();
    let between = target.ancestors().skip(1).take_while(below);
    for path in between.filter(|_| !named) {
        if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
            return Err(Error::File {
                path: path.to_owned(),
                reason: "is a symbolic link".to_owned(),
            });
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// Files on their way: what is not kept is removed.
#[derive(Default)]
struct Pending {
    /// Complete files beside their targets.
    prepared: BTreeMap<PathBuf, PathBuf>,
    /// Files at places where nothing was.
    placed: Vec<PathBuf>,
    /// Folders that were not there.
    folders: Vec<PathBuf>,
}

impl Pending {
    fn prepare(
        &mut self,
        file: &File,
        target: &Path,
        like: Option<&fs::Metadata>,
    ) -> std::io::Result<()> {
        if let Some(folder) = target.parent() {
            self.folders.extend(
                folder
                    .ancestors()
                    .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
                    .map(Path::to_owned),
            );
            fs::create_dir_all(folder)?;
        }
        let (mut stream, part) = create_beside(target)?;
        self.prepared.insert(target.to_owned(), part);
        // Before there is anything to read in it.
        if let Some(like) = like {
            own(&stream, like);
            stream.set_permissions(like.permissions())?;
        }
        stream.write_all(file.text.as_bytes())?;
        permit(&stream, file.executable)?;
        stream.sync_all()
    }

    fn place(&mut self, target: &Path, force: bool) -> Result<(), Error> {
        let Some(part) = self.prepared.get(target) else {
            return Ok(());
        };
        let was_there = fs::symlink_metadata(target).is_ok();
        if !force {
            // A link never replaces what came there meanwhile; where the file system has none, the check above must do.
            match fs::hard_link(part, target) {
                Ok(()) => {
                    self.placed.push(target.to_owned());
                    return Ok(());
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    return Err(Error::Exists {
                        path: target.to_owned(),
                    });
                }
                Err(_) => {}
            }
        }
        fs::rename(part, target).map_err(|error| failed(target, &error))?;
        if !was_there {
            self.placed.push(target.to_owned());
        }
        Ok(())
    }

    fn keep(mut self) {
        self.placed.clear();
        self.folders.clear();
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // What cannot be removed can only be left.
        for path in self.prepared.values().chain(&self.placed) {
            let _ = fs::remove_file(path);
        }
        self.folders.sort();
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new file beside a target, and where it is. One that was killed leaves its own, and processes of containers have the same numbers.
fn create_beside(target: &Path) -> std::io::Result<(fs::File, PathBuf)> {
    const NAMES: u32 = 1000;
    let mut last = 0;
    loop {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!(".{}-{last}.part", std::process::id()));
        let part = target.with_file_name(name);
        match fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&part)
        {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && last < NAMES => {
                last += 1;
            }
            opened => return opened.map(|stream| (stream, part)),
        }
    }
}

/// Whoever may not give a file away keeps it.
#[cfg(unix)]
fn own(stream: &fs::File, like: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(stream, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn own(_stream: &fs::File, _like: &fs::Metadata) {}

#[cfg(unix)]
fn permit(stream: &fs::File, executable: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if !executable {
        return Ok(());
    }
    let mode = stream.metadata()?.permissions().mode();
    // Whoever may read it may run it.
    stream.set_permissions(fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
fn permit(_stream: &fs::File, _executable: bool) -> std::io::Result<()> {
    Ok(())
}
