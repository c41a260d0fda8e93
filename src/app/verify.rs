//! `vramfit verify`: what was predicted against what Ollama, its engine's log and the driver report.

mod actual;
mod adjust;
mod compare;
mod drafting;
mod infer_setting;

use super::args::VerifyArgs;
use super::cuda_context;
use super::hardware::Hardware;
use super::installed::ResolvedFile;
use super::reporting::{self, Answer};
use super::session::Session;
use crate::engine::estimate_input::{EstimateInput, estimate_input};
use crate::error::{Error, OllamaFault};
use crate::ollama::{EngineStart, Loaded, Name, Timeouts, loads, log_text};
use crate::regular_file;
use crate::render;
use crate::report::{MeasuredOverhead, Verified, Verify};
use crate::units::Bytes;

/// What one model is measured by.
#[derive(Default)]
struct Evidence {
    tag: String,
    server: Option<Loaded>,
    log: Option<EngineStart>,
    /// Bytes that the process which serves it holds on each device, by position in the pool.
    process: Vec<(usize, Bytes)>,
}

pub(super) fn run(session: &Session, args: &VerifyArgs) -> Result<Answer, Error> {
    let hardware = session.hardware()?;
    let (mut workload, context_asked) = session.workload(&args.workload)?;
    // What a tag drafts by itself may be turned off: the log tells.
    workload.draft = workload.draft.or(Some(0));
    let logged = args.log.as_deref().map(|path| {
        let found = loads(&log_text(&regular_file::read(path, regular_file::LOG)?));
        match found.is_empty() {
            true => Err(Error::ollama(
                OllamaFault::NoBuffers,
                "",
                &path.display().to_string(),
            )),
            false => Ok(found),
        }
    });
    let logged = logged.transpose()?;
    let client = session.server(match logged {
        Some(_) => Timeouts::BRIEF,
        None => Timeouts::default(),
    })?;
    let loaded = client.loaded();
    // Nobody waits twice for a server that does not answer.
    let version = loaded.is_ok().then(|| client.version().ok()).flatten();
    let server = loaded.is_ok().then(|| client.address().to_string());
    let here = client.address().is_local() && hardware.report.origin != "simulated";
    let loaded = match (loaded, &logged) {
        (Ok(loaded), _) => loaded,
        // A log speaks for itself.
        (Err(_), Some(_)) => Vec::new(),
        (Err(error), None) => return Err(Error::Ollama(error)),
    };
    let evidence = evidence(
        session,
        args,
        loaded,
        logged.as_deref(),
        &client.address().to_string(),
    )?;
    let evidence = match here {
        true => with_processes(&hardware, evidence),
        false => evidence,
    };
    let mut models: Vec<Verified> = Vec::new();
    for one in &evidence {
        let Some(input) = known(session, &one.tag) else {
            return Err(session.entry(&one.tag).err().unwrap_or_else(|| {
                Error::ollama(
                    OllamaFault::UnknownModel,
                    &client.address().to_string(),
                    &one.tag,
                )
            }));
        };
        let asked = compare::Asked {
            workload,
            context_asked,
        };
        models.push(compare::verified(&hardware, &input, one, &asked));
    }
    let saved = match args.save {
        true => overheads(&hardware, &models),
        false => Vec::new(),
    };
    if args.save {
        cuda_context::save(session, &saved)?;
    }
    let yes = models.iter().all(|model| !model.fault);
    let report = Verify {
        schema: "vramfit.verify/1",
        server,
        version,
        inventory: hardware.report,
        models,
        saved,
    };
    let page = |view| render::verify::page(&report, view);
    reporting::answer(session, &report, page, yes)
}

/// The models to look at, each with what the server and the log say of it.
fn evidence(
    session: &Session,
    args: &VerifyArgs,
    loaded: Vec<Loaded>,
    logged: Option<&[EngineStart]>,
    server: &str,
) -> Result<Vec<Evidence>, Error> {
    // The last start of each file is the one that may still run.
    let mut logged: Vec<EngineStart> = logged.unwrap_or_default().iter().rev().cloned().collect();
    let has_log = !logged.is_empty();
    let digest = |tag: &str| session.installed_models().filter(|_| has_log)?.digest(tag);
    let mut all: Vec<Evidence> = Vec::new();
    for model in loaded {
        let is_it = |wanted: &String| {
            let own = session.base_tag(&model.name);
            same(wanted, &model.name) || own.is_some_and(|own| same(wanted, &own))
        };
        if !args.tag.as_ref().is_none_or(is_it) {
            continue;
        }
        let file = digest(&model.name);
        let at = logged
            .iter()
            .position(|load| file.is_some() && load.digest == file);
        all.push(Evidence {
            log: at.map(|at| logged.remove(at)),
            tag: session.base_tag(&model.name).unwrap_or(model.name.clone()),
            server: Some(model),
            process: Vec::new(),
        });
    }
    // With one model and one start there is nothing to mix up.
    if let [one] = all.as_mut_slice()
        && one.log.is_none()
        && !logged.is_empty()
        && tag_of(session, &logged[0]).is_none()
    {
        let tag = &one.tag;
        one.log = start_of(session, tag, &logged, digest(tag)).map(|at| logged.remove(at));
    }
    if all.is_empty() && !logged.is_empty() {
        let tag = match &args.tag {
            Some(tag) => Some(tag.clone()),
            None => tag_of(session, &logged[0]),
        };
        let tag = tag.ok_or_else(|| Error::MissingArgument {
            argument: "TAG".into(),
        })?;
        if let Some(at) = start_of(session, &tag, &logged, digest(&tag)) {
            all.push(Evidence {
                tag,
                log: Some(logged.remove(at)),
                ..Evidence::default()
            });
        }
    }
    match all.is_empty() {
        true => Err(Error::ollama(
            match has_log {
                true => OllamaFault::NotLogged,
                false => OllamaFault::NotLoaded,
            },
            server,
            args.tag.as_deref().unwrap_or_default(),
        )),
        false => Ok(all),
    }
}

/// Where in the log a model was loaded: by its file, if that is known, else the first start of no other known model; of several the one with
/// as many layers.
fn start_of(
    session: &Session,
    tag: &str,
    logged: &[EngineStart],
    file: Option<String>,
) -> Option<usize> {
    let by_file = |load: &EngineStart| load.digest == file;
    if file.is_some() && logged.iter().any(|load| load.digest.is_some()) {
        return logged.iter().position(by_file);
    }
    let layers = known(session, tag).map(|input| input.architecture.block_count + 1);
    let alike = |at: &&usize| logged[**at].layers.map(|(_, all)| all) == layers;
    let named = |at: usize| tag_of(session, &logged[at]);
    let own = |at: &usize| named(*at).is_none_or(|named| same(&named, tag));
    let free: Vec<usize> = (0..logged.len()).filter(own).collect();
    free.iter().find(alike).or(free.first()).copied()
}

/// Whether two tags name one model.
fn same(a: &str, b: &str) -> bool {
    let names = Name::parse(a).zip(Name::parse(b));
    names.is_some_and(|(a, b)| a.is(&b))
}

/// The model whose file a start loaded.
fn tag_of(session: &Session, load: &EngineStart) -> Option<String> {
    let model = session
        .installed_models()?
        .of_digest(load.digest.as_deref()?)?;
    Some(model.name.to_string())
}

/// What a model is: by its own file where it can be read, else by the catalog.
pub(super) fn known<'a>(session: &'a Session, tag: &str) -> Option<EstimateInput<'a>> {
    let found = session
        .installed_models()
        .and_then(|installed_models| installed_models.open(tag));
    let of_file = found.map(|(_, _, input): ResolvedFile| input);
    of_file.or_else(|| estimate_input(&session.catalog, session.entry(tag).ok()?))
}

/// The engine's processes on this machine's GPUs, each given to the model whose size it has.
fn with_processes(hardware: &Hardware, mut all: Vec<Evidence>) -> Vec<Evidence> {
    let mut processes: Vec<(u32, Vec<(usize, Bytes)>)> = Vec::new();
    for tenant in &hardware.tenants {
        let serves = |name: &str| name.starts_with("llama-server") || name.starts_with("ollama");
        if !tenant.name.as_deref().is_some_and(serves) {
            continue;
        }
        let part = (tenant.device, tenant.bytes);
        match processes.iter_mut().find(|(pid, _)| *pid == tenant.pid) {
            Some((_, parts)) => parts.push(part),
            None => processes.push((tenant.pid, vec![part])),
        }
    }
    let total = |parts: &[(usize, Bytes)]| parts.iter().map(|part| part.1).sum::<Bytes>();
    for one in &mut all {
        let Some(size) = one.server.as_ref().map(|loaded| loaded.size_vram) else {
            continue;
        };
        // A process holds the buffers, a context a GPU, and a projector; never less.
        let candidates = processes
            .iter()
            .enumerate()
            .filter(|(_, (_, parts))| total(parts) + Bytes::mib(64) >= size);
        let nearest = candidates.min_by_key(|(_, (_, parts))| total(parts).0.abs_diff(size.0));
        if let Some(at) = nearest.map(|(at, _)| at) {
            one.process = processes.swap_remove(at).1;
        }
    }
    all
}

/// The CUDA contexts that were measured; of several models on a GPU the first.
fn overheads(hardware: &Hardware, models: &[Verified]) -> Vec<MeasuredOverhead> {
    let mut all: Vec<MeasuredOverhead> = Vec::new();
    let gpus = models.iter().flat_map(|model| &model.actual.per_gpu);
    for one in gpus {
        let (Some(index), Some(overhead)) = (one.gpu, one.overhead) else {
            continue;
        };
        let here = hardware.report.hosts.iter().flat_map(|host| &host.gpus);
        let Some(gpu) = here.into_iter().find(|gpu| gpu.gpu == index) else {
            continue;
        };
        let seen = all.iter().any(|known| known.gpu == index);
        if let Some(uuid) = gpu
            .uuid
            .as_ref()
            .filter(|_| !seen && cuda_context::is_believable(overhead))
        {
            all.push(MeasuredOverhead {
                gpu: index,
                uuid: uuid.clone(),
                name: gpu.name.clone(),
                overhead,
            });
        }
    }
    all
}
