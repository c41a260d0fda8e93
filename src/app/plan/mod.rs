//! `vramfit plan`.

mod change;
pub(super) mod demand;
mod report;
mod wanted;

use super::answer::{self, Answer};
use super::args::PlanArgs;
use super::hardware::{self, Hardware};
use super::session::Session;
use crate::engine::pack::load::{Loaded, load};
use crate::engine::pack::widen::widen;
use crate::engine::pack::{Problem, Solution, solve};
use crate::error::Error;
use crate::render;
use crate::report::{Cause, PlanNote, Planned};
use wanted::{Looked, Wanted};

pub(super) fn run(session: &Session, args: &PlanArgs) -> Result<Answer, Error> {
    let report = planned(session, args)?;
    let yes = report.plan.unplaced.is_empty();
    Ok(answer::of(
        session,
        &report,
        |view| render::plan::page(&report, view),
        yes,
    ))
}

/// The whole answer.
pub(super) fn planned(session: &Session, args: &PlanArgs) -> Result<Planned, Error> {
    let (wanted, preset) = wanted::read(session, args)?;
    let hardware = session.hardware()?;
    let Some(preset) = preset else {
        return answer_to(session, args, &wanted, hardware, Vec::new());
    };
    if hardware.room.devices.is_empty() {
        // Without any GPU the guide's own cards are meant.
        let mut global = session.global.clone();
        global.gpu = vec![preset.gpu.clone()];
        let imagined = Session::new(
            global,
            session.environment.clone(),
            session.streams,
            session.text,
        )?;
        let there = imagined.hardware()?;
        let wanted = wanted.with_preset(&preset, true);
        return answer_to(session, args, &wanted, there, Vec::new());
    }
    let anew = wanted.with_preset(&preset, false);
    if !wanted::has_gpus_of(&hardware, &preset) {
        return answer_to(session, args, &anew, hardware, Vec::new());
    }
    // As the guide lays it out; where that does not hold, wherever it does.
    let pinned = answer_to(
        session,
        args,
        &wanted.with_preset(&preset, true),
        hardware,
        Vec::new(),
    )?;
    if pinned.plan.unplaced.is_empty() {
        return Ok(pinned);
    }
    let note = PlanNote::PresetPlacedAnew {
        preset: preset.code,
    };
    let free = answer_to(session, args, &anew, session.hardware()?, vec![note])?;
    let better = free.plan.unplaced.len() < pinned.plan.unplaced.len();
    Ok(if better { free } else { pinned })
}

/// Everything of one planning.
struct Planning<'a> {
    session: &'a Session,
    args: &'a PlanArgs,
    wanted: &'a Wanted,
    hardware: &'a Hardware,
    looked: &'a Looked<'a>,
    /// For each item its demand.
    demand_of: &'a [usize],
}

fn answer_to(
    session: &Session,
    args: &PlanArgs,
    wanted: &Wanted,
    hardware: Hardware,
    notes: Vec<PlanNote>,
) -> Result<Planned, Error> {
    let (hardware, added) = change::with_added(session, args, hardware)?;
    let mut looked = wanted::look_up(session, args, &wanted.demands)?;
    looked.notes.extend(notes);
    let (demand_of, items): (Vec<usize>, Vec<_>) =
        wanted::items(&wanted.demands, &looked.model, &hardware)?
            .into_iter()
            .unzip();
    let find = |argument: &str, names: &[String]| {
        let found = names
            .iter()
            .map(|name| wanted::gpu(&hardware, argument, name));
        found.collect::<Result<Vec<usize>, Error>>()
    };
    let kept = find("--keep-free", &wanted.keep_free.gpus)?;
    let lost = find("--lose", &args.lose)?;
    let base = Problem {
        room: &hardware.room,
        models: looked.models(),
        items,
        closed: [kept.clone(), added.clone()].concat(),
        keep_free: wanted.keep_free.count,
    };
    let first = solve(&base);
    let mut problem = Problem {
        closed: [kept.clone(), lost.clone()].concat(),
        ..base.clone()
    };
    let changed = !added.is_empty() || !lost.is_empty();
    let solution = if changed {
        change::replan(&problem, &first)
    } else {
        first.clone()
    };
    if args.widen {
        let trained: Vec<u32> = looked.known.iter().map(|known| known.trained).collect();
        widen(&mut problem, &solution, &trained);
    }
    let planning = Planning {
        session,
        args,
        wanted,
        hardware: &hardware,
        looked: &looked,
        demand_of: &demand_of,
    };
    let (solution, loaded) = carried_out(&problem, solution);
    let mut planned = planning.report(&problem, &solution, &loaded, &kept, &lost)?;
    planned.change = if changed {
        let cause = if lost.is_empty() {
            Cause::WhatIf
        } else {
            Cause::Lose
        };
        let gpus = if lost.is_empty() { &added } else { &lost };
        Some(planning.change(cause, gpus, &first, &solution))
    } else {
        None
    };
    if let Some(path) = &args.diff {
        planned.change = Some(change::against_saved(path, &planned.plan)?);
    }
    Ok(planned)
}

/// The plan as it loads. A plan that did not hold would place nothing, rather than be told.
fn carried_out(problem: &Problem<'_>, solution: Solution) -> (Solution, Loaded) {
    if let Some(loaded) = load(problem, &solution.places, &solution.order) {
        return (solution, loaded);
    }
    let nothing = Loaded {
        placements: vec![None; problem.items.len()],
        committed: vec![crate::units::Bytes::ZERO; problem.room.devices.len()],
    };
    let solution = Solution {
        places: vec![None; problem.items.len()],
        order: Vec::new(),
        optimal: false,
        bound: problem.items.len(),
    };
    (solution, nothing)
}

/// Appended GPUs are found by the hardware's own reading of a specification.
fn simulated(session: &Session, specification: &str) -> Result<crate::inventory::Inventory, Error> {
    let mut global = session.global.clone();
    global.gpu = vec![specification.to_owned()];
    global.vram = Vec::new();
    global.fleet = Vec::new();
    global.ram = None;
    let imagined = Session::new(
        global,
        session.environment.clone(),
        session.streams,
        session.text,
    )?;
    super::detect::inventory(&imagined)
}

/// The machine with more GPUs on its first host.
fn extended(session: &Session, specifications: &[String]) -> Result<Hardware, Error> {
    let mut inventory = super::detect::inventory(session)?;
    for specification in specifications {
        let specification = specification.trim().trim_start_matches('+').trim();
        let more = simulated(session, specification)?;
        let Some(host) = inventory.hosts.first_mut() else {
            break;
        };
        for mut gpu in more.hosts.into_iter().flat_map(|host| host.gpus) {
            gpu.index = host.gpus.iter().map(|gpu| gpu.index + 1).max().unwrap_or(0);
            gpu.uuid = None;
            host.gpus.push(gpu);
        }
    }
    Ok(hardware::of_inventory(
        &inventory,
        &session.catalog,
        session.reserve()?,
        session.global.spread,
    ))
}
