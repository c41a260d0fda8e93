//! Mixtures of experts that no GPUs of a host hold whole: their dense parts go where GPUs have room left, experts to the host's memory.
//!
//! Only of `llama-server`, which is told whose experts stay on the host: it then takes just that, whatever else loads. Who has a place whole
//! keeps it, and idle GPUs are taken before shared ones; what was asked for first still comes first, so that services asked for later give
//! way where nothing is left otherwise.

use std::cmp::Reverse;

use super::leftover::kept_free;
use super::simulate::{LoadedPlan, simulate};
use super::tenants::Neighbours;
use super::{Problem, Solution, order, solve};
use crate::engine::llama_server::of_own;
use crate::engine::place::{Device, GpuAllocation, GpuPool, Placement, Verdict, offload};
use crate::engine::workload::{Engine, Workload};
use crate::units::Bytes;

/// More memory than any host has.
const ENDLESS: Bytes = Bytes(1 << 50);

/// A plan, and what it takes.
type Plan = (Solution, LoadedPlan);

/// The plan with experts on the host where that gives a service a place. It is proved no longer then: the search knows whole places alone.
pub fn with_experts_on_host(problem: &Problem<'_>, plan: Plan) -> Plan {
    let knows_memory = problem.pool.hosts.iter().any(Option::is_some);
    let missing: Vec<usize> = order(problem)
        .into_iter()
        .filter(|item| plan.0.places[*item].is_none() && may_split_experts(problem, *item))
        .collect();
    // Of hardware that is only imagined nobody knows the host's memory: nothing is put there.
    if missing.is_empty() || !knows_memory {
        return plan;
    }
    // What is left costs nobody a place; only who finds none there makes later ones give way.
    let mut best = filled(problem, &missing, plan);
    for item in missing.iter().copied() {
        if best.0.places[item].is_none()
            && let Some(better) = before_later_ones(problem, &missing, &best, item)
        {
            best = better;
        }
    }
    // Nothing bounds what can lie partly in memory.
    best.0.optimal = false;
    best.0.bound = problem.items.len();
    best
}

/// Services of Ollama that have a place if `llama-server` serves them all, beside everything that has one here. The engine is the whole plan's and
/// the memory is shared, so that what each would find for itself says nothing: that plan is made.
pub fn would_fit_with_own_server(
    problem: &Problem<'_>,
    solution: &Solution,
    loaded: &LoadedPlan,
) -> Vec<usize> {
    let may = |item: &usize| {
        let wanted = &problem.models[problem.items[*item].model];
        solution.places[*item].is_none()
            && wanted.workload.engine == Engine::Ollama
            && has_experts(problem, *item)
            && on_the_rest(problem, solution, loaded, *item, &of_own(wanted.workload)).is_some()
    };
    let hoped: Vec<usize> = (0..problem.items.len()).filter(may).collect();
    let knows_memory = problem.pool.hosts.iter().any(Option::is_some);
    if hoped.is_empty() || !knows_memory {
        return Vec::new();
    }
    let mut own = problem.clone();
    for model in &mut own.models {
        if model.workload.engine == Engine::Ollama {
            model.workload = of_own(model.workload);
        }
    }
    let places = solve(&own);
    let Some(loads) = simulate(&own, &places.places, &places.order) else {
        return Vec::new();
    };
    let (other, _) = with_experts_on_host(&own, (places, loads));
    let mut pairs = solution.places.iter().zip(&other.places);
    let all_stay = pairs.all(|(here, there)| here.is_none() || there.is_some());
    let found = hoped
        .into_iter()
        .filter(|item| other.places[*item].is_some());
    found.filter(|_| all_stay).collect()
}

/// Where a service without a place would lie with `llama-server`: on what the plan leaves, with experts in the host's memory, as much of that as it
/// takes where no host has enough.
pub fn with_memory(
    problem: &Problem<'_>,
    solution: &Solution,
    loaded: &LoadedPlan,
    item: usize,
) -> Option<Placement> {
    if !has_experts(problem, item) {
        return None;
    }
    let own = of_own(problem.models[problem.items[item].model].workload);
    on_the_rest(problem, solution, loaded, item, &own).or_else(|| {
        // Asked for what it would take: the memory that it needs is then told, whatever the host has.
        let pool = GpuPool {
            hosts: vec![Some(ENDLESS); problem.pool.hosts.len().max(1)],
            ..problem.pool.clone()
        };
        let imagined = Problem {
            pool: &pool,
            ..problem.clone()
        };
        on_the_rest(&imagined, solution, loaded, item, &own)
    })
}

pub(super) fn has_experts(problem: &Problem<'_>, item: usize) -> bool {
    let blocks = &problem.models[problem.items[item].model]
        .shape
        .weights
        .blocks;
    blocks.iter().any(|block| block.experts > Bytes::ZERO)
}

fn may_split_experts(problem: &Problem<'_>, item: usize) -> bool {
    let workload = &problem.models[problem.items[item].model].workload;
    workload.engine == Engine::LlamaCpp && has_experts(problem, item)
}

/// Gives each of these services what is left, in their order.
fn filled(problem: &Problem<'_>, missing: &[usize], (mut solution, mut loaded): Plan) -> Plan {
    // In their order, so that what is left goes to who comes first.
    for item in missing.iter().copied() {
        if solution.places[item].is_some() {
            continue;
        }
        let workload = problem.models[problem.items[item].model].workload;
        let Some(placement) = on_the_rest(problem, &solution, &loaded, item, &workload) else {
            continue;
        };
        let devices = placement.shares.iter().map(|share| share.device);
        solution.places[item] = Some(devices.collect());
        solution.order.push(item);
        loaded.put(item, placement);
    }
    (solution, loaded)
}

/// A plan in which `item` has a place and as many as possible of those that come after it; `None` if none serves more of what comes first.
fn before_later_ones(
    problem: &Problem<'_>,
    missing: &[usize],
    best: &Plan,
    item: usize,
) -> Option<Plan> {
    let order = order(problem);
    let at = order.iter().position(|other| *other == item)?;
    let later: Vec<usize> = order[at + 1..]
        .iter()
        .copied()
        .filter(|other| best.0.places[*other].is_some())
        .collect();
    let with = |kept: usize| {
        let mut fewer = problem.clone();
        for other in &later[kept..] {
            // Nowhere to go is no place; taking the service out would change every position.
            fewer.items[*other].devices = Some(Vec::new());
        }
        let solution = solve(&fewer);
        let loaded = simulate(&fewer, &solution.places, &solution.order)?;
        let plan = filled(&fewer, missing, (solution, loaded));
        // Not the item alone: a search that is cut off may lose another that comes before it.
        (served(&order, &plan) > served(&order, best)).then_some(plan)
    };
    // With all of them kept it has no place: that is the plan at hand. Halved, since every try is a search of its own.
    let (mut low, mut high) = (0, later.len());
    let mut found = with(0)?;
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match with(middle) {
            Some(plan) => (found, low) = (plan, middle),
            None => high = middle,
        }
    }
    Some(found)
}

/// Which services have a place, in their order: the greater is the better.
fn served(order: &[usize], plan: &Plan) -> Vec<bool> {
    let placed = |item: &usize| plan.0.places[*item].is_some();
    order.iter().map(placed).collect()
}

/// Where a service would lie on what others leave: on idle GPUs of one host, else on any of its GPUs, with as few experts in its memory as
/// possible. Everything but experts is on GPUs.
pub(super) fn on_the_rest(
    problem: &Problem<'_>,
    solution: &Solution,
    loaded: &LoadedPlan,
    item: usize,
    workload: &Workload,
) -> Option<Placement> {
    let shape = problem.models[problem.items[item].model].shape;
    let pool = left(problem.pool, loaded);
    let usable = usable(problem, solution, loaded, item);
    let idle = |at: &usize| loaded.committed[*at] == Bytes::ZERO;
    let on = |host: usize, idle_only: bool| {
        let memory = pool.hosts[host]?;
        let here = usable
            .iter()
            .copied()
            .filter(|at| pool.devices[*at].host as usize == host && (!idle_only || idle(at)));
        let mut gpus: Vec<usize> = here.collect();
        gpus.sort_by_key(|at| (Reverse(pool.devices[*at].usable()), *at));
        // A GPU with little room may hold up the others, and one that gets nothing costs its context and buys nothing.
        let sets = (1..=gpus.len()).map(|count| {
            let mut set = gpus[..count].to_vec();
            set.sort_unstable();
            offload(shape, workload, &pool, &set, Some(memory))
        });
        // A block that lies wholly on the host is read there for every token, of experts only those that it chooses.
        let sound = |placement: &Placement| {
            placement.verdict >= Verdict::Offloads
                && placement.host.layers == 0
                && !placement.shares.is_empty()
                && placement.shares.iter().all(GpuAllocation::is_used)
        };
        // The host's memory is the slow one; where it holds as much either way, fewer GPUs mean fewer contexts.
        sets.flatten().filter(sound).min_by_key(fewest_experts)
    };
    let hosts = 0..pool.hosts.len();
    let best = |idle_only: bool| {
        let placements = hosts.clone().filter_map(|host| on(host, idle_only));
        placements.min_by_key(fewest_experts)
    };
    best(true).or_else(|| best(false))
}

fn fewest_experts(placement: &Placement) -> (Bytes, usize) {
    (placement.host.experts, placement.shares.len())
}

/// The pool as others leave it.
pub(super) fn left(pool: &GpuPool, loaded: &LoadedPlan) -> GpuPool {
    let mut left = pool.clone();
    for (device, claimed) in left.devices.iter_mut().zip(&loaded.claimed) {
        device.free -= *claimed;
    }
    for placement in loaded.placements.iter().flatten() {
        // A service lies on GPUs of one host: its first one tells which.
        let first = placement.shares.first();
        let host = first.and_then(|share| pool.devices.get(share.device));
        let memory = host.and_then(|device| left.hosts.get_mut(device.host as usize)?.as_mut());
        if let Some(memory) = memory {
            *memory -= placement.allocation.host.total();
        }
    }
    left
}

/// The devices that a service may take: none that is closed, kept free or a partition, nor one whose services split by what is free there.
pub(super) fn usable(
    problem: &Problem<'_>,
    solution: &Solution,
    loaded: &LoadedPlan,
    item: usize,
) -> Vec<usize> {
    let wanted = &problem.items[item];
    let mut neighbours = Neighbours::default();
    for (other, place) in problem.items.iter().zip(&solution.places) {
        for at in place.iter().flatten() {
            neighbours.add(problem, other, *at);
        }
    }
    // `llama-server` is told its split; Ollama's layers go by what is free when they load, and would lie elsewhere beside one more.
    let splits_by_free = |at: usize| {
        let services = problem.items.iter().zip(&solution.places);
        services.into_iter().any(|(other, place)| {
            let engine = problem.models[other.model].workload.engine;
            engine == Engine::Ollama
                && place
                    .as_ref()
                    .is_some_and(|place| place.len() > 1 && place.contains(&at))
        })
    };
    let may = |at: &usize| {
        let device: &Device = &problem.pool.devices[*at];
        !problem.excluded.contains(at)
            && !device.partition
            && wanted.devices.as_ref().is_none_or(|pins| pins.contains(at))
            && neighbours.admits(problem, wanted, *at)
            && !splits_by_free(*at)
    };
    let devices = (0..problem.pool.devices.len()).filter(may);
    let kept = kept_free(problem, loaded);
    devices.filter(|at| !kept.contains(at)).collect()
}
