//! `vramfit plan`.

mod apart;
mod change;
mod checkpoint;
pub(super) mod demand;
mod doubt;
mod fill;
mod limit;
mod listen;
mod notes;
mod ports;
mod possible;
mod preset;
mod report;
mod resolved;
mod running;
pub(super) mod saved;
mod sharing;
mod turns;
pub(super) mod upgrade;
mod users;
mod wanted;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use super::args::{Format, PlanArgs};
use super::emit::{self, Emitted};
use super::hardware::{self, Hardware};
use super::keep;
use super::reporting::{self, Answer};
use super::session::Session;
use super::span;
use crate::artifact::ArtifactKind;
use crate::engine::pack::experts::with_experts_on_host;
use crate::engine::pack::grow_context::grow_context;
use crate::engine::pack::replan::{moved_least, replan};
use crate::engine::pack::simulate::carried_out;
use crate::engine::pack::{Problem, Watch, solve};
use crate::engine::place::GpuPool;
use crate::engine::workload::Engine;
use crate::error::Error;
use crate::render::{self, terminal};
use crate::report::{EmittedFile, Ending, PlanNote, Planned, Presets, SavedPlan};
use crate::units::Bytes;
use fill::PlacedPlan;
use limit::Limit;
use resolved::ResolvedDemands;
use wanted::Wanted;

/// Files on standard output are alone there: what the plan says besides them goes to `err`.
pub(super) fn run(
    session: &Session,
    args: &PlanArgs,
    err: &mut dyn Write,
) -> Result<Answer, Error> {
    // The scripts of `--migrate` go to a folder.
    let place = match args.migrate {
        Some(_) => None,
        None => args.emit.page()?,
    };
    // Without a name it asks which there are: an answer that no hardware changes.
    if args.preset.as_deref() == Some("") {
        let presets = &session.catalog.guide().preset;
        let list = Presets::new(presets);
        return reporting::answer(
            session,
            &list,
            |view| render::presets::page(&list, view),
            true,
        );
    }
    // The limit ends before anything is written: its line is gone then, and Ctrl-C stops the program as ever.
    let (mut report, ended) = {
        let limit = Limit::new(session, args, err)?;
        let report = planned(session, args, &limit)?;
        (report, limit.ended())
    };
    // Who stopped the search wants to see what there is, and nothing started.
    let stopped = ended == Some(Ending::Interrupt);
    let served = report.users.as_ref().is_none_or(|users| users.met);
    let yes = report.plan.unplaced.is_empty() && served && !stopped;
    let written = if stopped {
        None
    } else {
        emitted(session, args, &mut report)?
    };
    if let Some(output) = written {
        let remarks = render::plan::remarks(&report, session.view());
        // Nothing more can be done where even this cannot be written.
        let _ = err.write_all(terminal::render(&remarks, &session.terminal()).as_bytes());
        return Ok(Answer { output, yes });
    }
    keep::answer(
        session,
        place,
        &report,
        |view| render::plan::page(&report, view),
        ("vramfit plan", yes),
    )
}

/// The plan's files, if some were asked for: as text for standard output, else in the report, which tells where they are or what they say.
fn emitted(
    session: &Session,
    args: &PlanArgs,
    report: &mut Planned,
) -> Result<Option<String>, Error> {
    // Nothing starts without what must be served.
    let missing = report.plan.unplaced.iter().any(|one| one.must);
    let manifest = args.emit.emit.contains(&ArtifactKind::K8s);
    let notes = span::notes(session, &report.plan, manifest);
    report.plan.notes.extend(notes);
    if args.emit.emit.is_empty() && args.migrate.is_none() || missing {
        return Ok(None);
    }
    // Every other kind leaves out what has a place only in turns.
    if args.emit.emit.contains(&ArtifactKind::LlamaSwap) {
        report.plan.notes.extend(turns::note(&report.plan));
    }
    // `--replace` names a running plan, too, but asks for no scripts that lead from it.
    let saved = running::read(args)?.filter(|_| args.migrate.is_some());
    let running = saved.as_ref().map(|saved| &*saved.services);
    let to_folder = args
        .emit
        .out
        .as_deref()
        .is_some_and(|out| out != Path::new("-"));
    let name = |path: PathBuf| path.display().to_string();
    if session.format() == Format::Json && !to_folder {
        let files = emit::files(session, &report.plan, running, &args.emit);
        report.files = found(report, files)?
            .unwrap_or_default()
            .into_iter()
            .map(|file| EmittedFile {
                path: name(file.path),
                text: Some(file.text),
            })
            .collect();
        return Ok(None);
    }
    let emitted = emit::plan(session, &report.plan, running, &args.emit);
    match found(report, emitted)? {
        None => Ok(None),
        Some(Emitted::Shown(text)) => Ok(Some(text)),
        Some(Emitted::Written(paths)) => {
            let written = paths.into_iter().map(|path| EmittedFile {
                path: name(path),
                text: None,
            });
            report.files = written.collect();
            Ok(None)
        }
    }
}

/// What was emitted; `None` where a plan places nothing, which is an answer and no failure.
fn found<T>(report: &Planned, emitted: Result<T, Error>) -> Result<Option<T>, Error> {
    match emitted {
        Err(error) if emit::is_empty(&error) && !report.plan.unplaced.is_empty() => Ok(None),
        emitted => emitted.map(Some),
    }
}

/// The whole answer, before it is rendered.
fn planned(session: &Session, args: &PlanArgs, limit: &Limit<'_>) -> Result<Planned, Error> {
    let (wanted, preset) = wanted::read(session, args)?;
    // It is read again where it is used: here a slip is told before a search that may take minutes.
    fill::limit(args)?;
    let users = users::read(args, &wanted)?;
    let mut engines = wanted.engines(args);
    // Its services are added where its layout is tried.
    engines.extend(preset.as_ref().map(|_| args.engine.unwrap_or_default()));
    let hardware = hardware::find_for(session, &engines)?;
    if let Some(users) = users {
        return users::answer(session, args, limit, &wanted, &hardware, &users);
    }
    let Some(preset) = preset else {
        return answer_to(session, args, limit, &wanted, &hardware, Vec::new());
    };
    if hardware.pool.devices.is_empty() && !hardware.on_cpu {
        // Without any GPU the guide's own cards are meant.
        let imagined = with_gpus(session, &preset.gpu)?;
        let hardware = imagined.hardware()?;
        return preset::of_preset(&imagined, args, limit, &wanted, &preset, &hardware);
    }
    preset::of_preset(session, args, limit, &wanted, &preset, &hardware)
}

/// This session with GPUs that are described in place of those that are here.
fn with_gpus(session: &Session, specification: &str) -> Result<Session, Error> {
    let mut global = session.global.clone();
    global.gpu = vec![specification.to_owned()];
    global.vram = Vec::new();
    global.fleet = Vec::new();
    global.ram = None;
    Session::new(
        global,
        session.environment.clone(),
        session.streams,
        session.lang,
        false,
    )
}

/// One planning: what is asked for, on which hardware, under which settings.
struct Planning<'a> {
    session: &'a Session,
    wanted: &'a Wanted,
    hardware: &'a Hardware,
    resolved: &'a ResolvedDemands<'a>,
    /// For each item its demand.
    demand_of: &'a [usize],
    /// For each host the address at which its servers listen.
    listen: BTreeMap<String, Ipv4Addr>,
    /// The plan that runs now.
    running: Option<&'a SavedPlan>,
}

fn answer_to(
    session: &Session,
    args: &PlanArgs,
    limit: &Limit<'_>,
    wanted: &Wanted,
    hardware: &Hardware,
    notes: Vec<PlanNote>,
) -> Result<Planned, Error> {
    let running = running::read(args)?;
    let stopped = (running.as_ref()).map(|saved| running::stopped(hardware, saved));
    let here = stopped.as_ref().unwrap_or(hardware);
    let extended = change::with_added(session, args, here, &wanted.engines(args))?;
    let (hardware, added) =
        (extended.as_ref()).map_or((here, Vec::new()), |(all, added)| (all, added.clone()));
    let of_its_driver = change::of_its_driver(here, hardware, &added);
    let mut resolved = resolved::resolve(session, args, hardware, &wanted.demands)?;
    resolved
        .notes
        .extend(notes.into_iter().chain(of_its_driver));
    let (demand_of, items) = wanted::items(wanted, &resolved, hardware)?;
    let kept = gpus(hardware, "--keep-free", &wanted.keep_free.gpus)?;
    let lost = gpus(hardware, "--lose", &args.lose)?;
    let goes_on = || limit.goes_on();
    // As a reserve it counts in the search, in the order of loading and in fixes, and none of them knows of it.
    let pool = with_headroom(&hardware.pool, wanted.headroom);
    let base = Problem {
        pool: &pool,
        models: resolved.models(),
        items,
        // The plan from which changes are told is one without the GPUs that are only imagined.
        excluded: [kept.clone(), added.clone()].concat(),
        keep_free: wanted.keep_free.count.min(pool.devices.len()),
        objective: args.objective.unwrap_or_default(),
        watch: Watch::new(&goes_on),
    };
    let mut first = match &running {
        Some(saved) => {
            let names = report::names(&resolved, &demand_of);
            moved_least(&base, &running::places(hardware, saved, &names))
        }
        None => solve(&base),
    };
    let changed = !added.is_empty() || !lost.is_empty();
    let (mut problem, solution) = if changed {
        let proposed = |item: usize| wanted.demands[demand_of[item]].proposed;
        // Compared like with like: what the changed plan puts into system memory this one does, too, and it is nothing gained.
        first = with_experts_on_host(&base, carried_out(&base, first)).0;
        replan(&base, &first, &kept, &lost, proposed)
    } else {
        (base, first.clone())
    };
    // Before the loading is simulated, which takes the bytes of the longer contexts.
    if args.widen {
        grow_context(&mut problem, &solution, &resolved.trained());
    }
    let planning = Planning {
        session,
        wanted,
        hardware,
        resolved: &resolved,
        demand_of: &demand_of,
        listen: listen::addresses(&args.listen, hardware)?,
        running: running.as_ref(),
    };
    let plan = carried_out(&problem, solution);
    let (solution, loaded) = with_experts_on_host(&problem, plan);
    let mut planned = planning.report(&problem, &solution, &loaded, &kept, &lost)?;
    let placed_plan = PlacedPlan::new(&planned.plan, &problem, &solution, &loaded, &kept);
    planned.fill = planning.fill(args, &placed_plan)?;
    if changed {
        planned.change = Some(planning.change(&added, &lost, &first, &solution));
    }
    // What was proved of a part of the search holds for no whole plan.
    if let Some(ending) = limit.ended() {
        planned.plan.optimal = false;
        planned.plan.notes.insert(0, PlanNote::Ended { by: ending });
    }
    let earlier = match &args.diff {
        Some(path) => Some(saved::read("--diff", path)?),
        // Who replaces a plan wants to see what changes; `--diff` may name another one to compare with.
        None => running.clone(),
    };
    if let Some(saved) = earlier {
        planned.change = Some(change::against_saved(saved, &planned.plan));
    }
    Ok(planned)
}

/// The positions of the GPUs that an option names.
fn gpus(hardware: &Hardware, option: &str, names: &[String]) -> Result<Vec<usize>, Error> {
    (names.iter())
        .map(|name| wanted::gpu(hardware, option, name))
        .collect()
}

/// The pool with `headroom` bytes of each GPU left free.
fn with_headroom(pool: &GpuPool, headroom: Bytes) -> GpuPool {
    let mut pool = pool.clone();
    for device in &mut pool.devices {
        device.reserve += headroom;
    }
    pool
}

/// The machine with more GPUs on its first host.
fn extended(
    session: &Session,
    specifications: &[String],
    engines: &[Engine],
) -> Result<Hardware, Error> {
    let mut inventory = super::detect::inventory(session)?;
    for specification in specifications {
        let specification = specification.trim().trim_start_matches('+').trim();
        let more = super::detect::inventory(&with_gpus(session, specification)?);
        // It was read as `--gpu`, which nobody typed.
        let more = more.map_err(|error| match error {
            Error::BadValue { value, form, .. } => Error::BadValue {
                argument: "--what-if".into(),
                value,
                form,
            },
            other => other,
        })?;
        let Some(host) = inventory.hosts.first_mut() else {
            break;
        };
        for mut gpu in more.hosts.into_iter().flat_map(|host| host.gpus) {
            gpu.index = host.gpus.iter().map(|gpu| gpu.index + 1).max().unwrap_or(0);
            // Made up from its number on a machine of its own, it may be that of another GPU here.
            gpu.uuid = None;
            host.gpus.push(gpu);
        }
    }
    hardware::with_flags(session, &inventory, engines)
}
