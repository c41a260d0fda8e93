//! What would give a place to a demand that found none.

use super::load::Loaded;
use super::{Distance, MOST_DEVICES, MOST_ITEMS, Model, Problem, Solution, solve};
use crate::catalog::{Catalog, Entry};
use crate::engine::fix::{Fix, Situation, Tenant, cheapest};
use crate::engine::place::{Device, Room, Verdict, place};
use crate::engine::subject::Subject;
use crate::engine::workload::Workload;
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// More hosts than this are not searched for a fix: those with the most free memory stand for all.
const MOST_HOSTS: usize = 2;
/// More GPUs than this are no fix.
const MOST_GPUS: u32 = 8;

/// A demand without a place, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The model and file.
    pub entry: Entry<'a>,
    /// As it is estimated.
    pub subject: &'a Subject<'a>,
    /// Programs that could be stopped.
    pub tenants: &'a [Tenant],
    /// Replicas of the same demand that have a place.
    pub placed_replicas: u32,
}

/// The bytes that `item` misses where it comes nearest, and the cheapest change that places it: its cache in 8 bits or its context shorter in
/// the memory that the plan leaves, the same with everything placed anew, one replica less, a smaller file, a program stopped, more GPUs.
pub fn repair(
    problem: &Problem<'_>,
    solution: &Solution,
    loaded: &Loaded,
    item: usize,
    wish: Wish<'_>,
) -> (Bytes, Option<Fix>) {
    let workload = problem.models[problem.items[item].model].workload;
    let room = leftover(problem, solution, loaded, item);
    let placement = place(wish.subject.shape(), &workload, &room);
    let situation = Situation {
        catalog: wish.catalog,
        entry: wish.entry,
        workload: &workload,
        room: &room,
        tenants: wish.tenants,
    };
    let found = cheapest(wish.subject, &placement, situation);
    let fix = match found {
        Some(
            fix @ (Fix::KvCacheType { .. }
            | Fix::ShorterContext { .. }
            | Fix::ShorterContextAndKvCacheType { .. }),
        ) => Some(fix),
        found => anew(problem, solution, item)
            .or_else(|| {
                (wish.placed_replicas > 0).then_some(Fix::FewerReplicas {
                    replicas: wish.placed_replicas,
                })
            })
            .or_else(|| found.filter(|fix| !matches!(fix, Fix::MoreGpus { .. })))
            .or_else(|| more_gpus(problem, &workload, &room, wish)),
    };
    (placement.shortfall, fix)
}

/// What the plan leaves to an item, on the hosts with the most of it.
fn leftover(problem: &Problem<'_>, solution: &Solution, loaded: &Loaded, item: usize) -> Room {
    let wanted = &problem.items[item];
    let room = problem.room;
    let mut taken: Vec<usize> = Vec::new();
    if let Some((group, _)) = wanted.apart {
        let siblings = problem.items.iter().zip(&solution.places);
        let there = siblings.filter(|(other, _)| other.apart.is_some_and(|(own, _)| own == group));
        taken.extend(there.filter_map(|(_, place)| place.as_ref()).flatten());
    }
    let near = |at: usize| match wanted.apart {
        Some((_, Distance::Host)) => taken
            .iter()
            .any(|other| room.devices[*other].host == room.devices[at].host),
        _ => taken.contains(&at),
    };
    let open = |at: &usize| {
        !problem.closed.contains(at)
            && wanted.devices.as_ref().is_none_or(|pins| pins.contains(at))
            && !near(*at)
    };
    let left = |at: usize| Device {
        free: room.devices[at].free - loaded.committed[at],
        ..room.devices[at]
    };
    let devices: Vec<usize> = (0..room.devices.len()).filter(open).collect();
    let mut hosts: Vec<(Bytes, u32)> = Vec::new();
    for at in &devices {
        let device = left(*at);
        match hosts.last_mut() {
            Some((sum, host)) if *host == device.host => *sum += device.usable(),
            _ => hosts.push((device.usable(), device.host)),
        }
    }
    hosts.sort_by_key(|(sum, host)| (std::cmp::Reverse(*sum), *host));
    let kept: Vec<u32> = hosts
        .iter()
        .take(MOST_HOSTS)
        .map(|(_, host)| *host)
        .collect();
    let kept_devices = devices.into_iter().map(left).filter_map(|device| {
        let host = kept.iter().position(|host| *host == device.host)?;
        Some(Device {
            host: host as u32,
            ..device
        })
    });
    Room {
        devices: kept_devices.collect(),
        hosts: vec![None; kept.len().max(1)],
        spread: room.spread,
    }
}

/// Contexts below this are no help to anybody.
const SHORTEST: u32 = 2048;

/// An 8-bit cache, or half or a quarter of the context, with everything placed anew.
fn anew(problem: &Problem<'_>, solution: &Solution, item: usize) -> Option<Fix> {
    let small = problem.room.devices.len() <= MOST_DEVICES && problem.items.len() <= MOST_ITEMS;
    // What could not be proved takes its time every time.
    if !small || !solution.optimal {
        return None;
    }
    let model = problem.models[problem.items[item].model];
    let workload = model.workload;
    let places = |workload: Workload| {
        let mut changed = problem.clone();
        changed.items[item].model = changed.models.len();
        changed.models.push(Model { workload, ..model });
        let anew = solve(&changed);
        anew.placed() > solution.placed() && anew.places[item].is_some()
    };
    let kv_cache_type = KvCacheType::Q8_0;
    if workload.kv_cache_type == KvCacheType::F16
        && workload.flash_attention.is_on(model.shape.architecture)
        && places(Workload {
            kv_cache_type,
            ..workload
        })
    {
        return Some(Fix::KvCacheType { kv_cache_type });
    }
    let shorter = [2, 4].map(|part| workload.context_length / part);
    let shorter = shorter.into_iter().filter(|tokens| *tokens >= SHORTEST);
    let context_length = shorter.into_iter().find(|tokens| {
        places(Workload {
            context_length: *tokens,
            ..workload
        })
    })?;
    Some(Fix::ShorterContext { context_length })
}

/// New GPUs like the best one of the machine.
fn more_gpus(
    problem: &Problem<'_>,
    workload: &Workload,
    room: &Room,
    wish: Wish<'_>,
) -> Option<Fix> {
    let best = *problem
        .room
        .devices
        .iter()
        .max_by_key(|device| device.usable())?;
    let mut room = Room {
        hosts: vec![None; room.hosts.len()],
        ..room.clone()
    };
    for count in 1..=MOST_GPUS {
        room.devices.push(Device { host: 0, ..best });
        if place(wish.subject.shape(), workload, &room).verdict == Verdict::Fits {
            return Some(Fix::MoreGpus { count });
        }
    }
    None
}
