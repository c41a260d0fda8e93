//! What is other than before: a GPU lost or added, or a plan that was saved.

use std::path::Path;

use super::super::args::PlanArgs;
use super::super::hardware::Hardware;
use super::super::session::Session;
use super::saved::Saved;
use super::{Planning, extended, wanted};
use crate::engine::pack::{Problem, Solution, order, solve};
use crate::error::Error;
use crate::report::{Cause, Move, Plan, PlanChange, ServiceName};

/// The hardware with what `--what-if` adds, and the positions of that; `None` if it adds nothing.
pub(super) fn with_added(
    session: &Session,
    args: &PlanArgs,
    hardware: &Hardware,
) -> Result<Option<(Hardware, Vec<usize>)>, Error> {
    if args.what_if.is_empty() {
        return Ok(None);
    }
    let before = hardware
        .report
        .hosts
        .first()
        .map_or(0, |host| host.gpus.len());
    let hardware = extended(session, &args.what_if)?;
    let devices = hardware.room.devices.iter().enumerate();
    let added = devices
        .filter(|(_, device)| device.host == 0 && device.gpu as usize >= before)
        .map(|(at, _)| at)
        .collect();
    Ok(Some((hardware, added)))
}

/// A plan without the GPUs that were lost. Those kept free are used only where something would have no place otherwise, and pins that were only
/// proposed go with their GPUs.
pub(super) fn replan<'a>(
    base: &Problem<'a>,
    before: &Solution,
    kept: &[usize],
    lost: &[usize],
    proposed: impl Fn(usize) -> bool,
) -> (Problem<'a>, Solution) {
    let mut problem = Problem {
        closed: [kept, lost].concat(),
        ..base.clone()
    };
    for (at, item) in problem.items.iter_mut().enumerate() {
        let gone = |pins: &mut Vec<usize>| pins.iter().any(|pin| lost.contains(pin));
        item.devices.take_if(|pins| proposed(at) && gone(pins));
    }
    let without = moved_least(&problem, before);
    let spares = !kept.is_empty() || problem.keep_free > 0;
    if lost.is_empty() || !spares || without.placed() == problem.items.len() {
        return (problem, without);
    }
    let all = Problem {
        closed: lost.to_vec(),
        keep_free: 0,
        ..problem.clone()
    };
    let with = moved_least(&all, before);
    if served(&all, &with) > served(&problem, &without) {
        (all, with)
    } else {
        (problem, without)
    }
}

/// Which services have a place, in the order in which they are to have one: the greater is the better.
fn served(problem: &Problem<'_>, solution: &Solution) -> Vec<bool> {
    let order = order(problem).into_iter();
    order.map(|item| solution.places[item].is_some()).collect()
}

/// A plan that moves no service without need: what stands stays, unless everything placed anew serves more or splits less.
fn moved_least(problem: &Problem<'_>, before: &Solution) -> Solution {
    let anew = solve(problem);
    let mut standing = problem.clone();
    for (item, place) in standing.items.iter_mut().zip(&before.places) {
        if let Some(place) = place
            .as_ref()
            .filter(|place| place.iter().all(|at| !problem.closed.contains(at)))
        {
            item.devices = Some(place.clone());
        }
    }
    let standing = solve(&standing);
    let worth = |solution: &Solution| {
        let split = std::cmp::Reverse(solution.split());
        (served(problem, solution), split)
    };
    if worth(&standing) >= worth(&anew) {
        Solution {
            optimal: anew.optimal,
            bound: anew.bound,
            ..standing
        }
    } else {
        anew
    }
}

/// A service's GPUs under the names that do not change.
struct Stand {
    service: ServiceName,
    gpus: Vec<(String, Option<String>)>,
}

impl Planning<'_> {
    pub(super) fn change(
        &self,
        cause: Cause,
        gpus: &[usize],
        added: &[usize],
        before: &Solution,
        after: &Solution,
    ) -> PlanChange {
        let (before, after) = (self.stands(before), self.stands(after));
        PlanChange {
            gpus: gpus.iter().map(|at| self.gpu_name(*at)).collect(),
            added: added.iter().map(|at| self.gpu_name(*at)).collect(),
            ..compare(cause, before, after)
        }
    }

    fn stands(&self, solution: &Solution) -> Vec<Stand> {
        let placed = solution.places.iter().zip(self.service_names());
        let stands = placed.filter_map(|(place, service)| {
            let gpus = place.as_ref()?.iter().map(|at| {
                let (_, gpu) = wanted::place(self.hardware, *at);
                (self.gpu_name(*at), gpu.uuid.clone())
            });
            Some(Stand {
                service,
                gpus: gpus.collect(),
            })
        });
        stands.collect()
    }
}

fn compare(cause: Cause, before: Vec<Stand>, mut after: Vec<Stand>) -> PlanChange {
    let mut change = PlanChange {
        cause,
        gpus: Vec::new(),
        added: Vec::new(),
        moved: Vec::new(),
        gained: Vec::new(),
        lost: Vec::new(),
        stay: 0,
    };
    let names = |stand: &Stand| {
        let mut names: Vec<String> = stand.gpus.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    };
    for old in before {
        let at = after.iter().position(|new| new.service == old.service);
        let new = at.map(|at| after.remove(at));
        let step = Move {
            from: names(&old),
            to: new.as_ref().map(names).unwrap_or_default(),
            service: old.service.clone(),
        };
        match new {
            None => change.lost.push(step),
            Some(new) if same(&old, &new) => change.stay += 1,
            Some(_) => change.moved.push(step),
        }
    }
    change.gained = after
        .iter()
        .map(|new| Move {
            service: new.service.clone(),
            from: Vec::new(),
            to: names(new),
        })
        .collect();
    change
}

/// Whether two services lie on the same GPUs: by UUID where all have one, else by name.
fn same(one: &Stand, other: &Stand) -> bool {
    let by = |stand: &Stand, uuid: bool| {
        let mut keys: Vec<String> = stand
            .gpus
            .iter()
            .map(|(name, id)| {
                if uuid {
                    id.clone().unwrap_or_default()
                } else {
                    name.clone()
                }
            })
            .collect();
        keys.sort();
        keys
    };
    let known = one
        .gpus
        .iter()
        .chain(&other.gpus)
        .all(|(_, uuid)| uuid.is_some());
    by(one, known) == by(other, known)
}

/// From a plan that was saved with `--json` to this one.
pub(super) fn against_saved(path: &Path, plan: &Plan) -> Result<PlanChange, Error> {
    let saved = Saved::read("--diff", path)?;
    let before = saved.services.into_iter().map(|service| Stand {
        service: ServiceName {
            tag: service.tag,
            replica: service.replica,
        },
        gpus: service
            .gpus
            .into_iter()
            .map(|gpu| (format!("{}/{}", service.host, gpu.gpu), gpu.uuid))
            .collect(),
    });
    let after = plan.services.iter().map(|service| Stand {
        service: ServiceName {
            tag: service.tag.clone(),
            replica: service.replica,
        },
        gpus: service
            .gpus
            .iter()
            .map(|gpu| (format!("{}/{}", service.host, gpu.gpu), gpu.uuid.clone()))
            .collect(),
    });
    Ok(compare(Cause::Diff, before.collect(), after.collect()))
}
