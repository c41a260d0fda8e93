//! What would give a place to a demand that found none.

use super::leftover::{leftover, unrestricted};
use super::simulate::LoadedPlan;
use super::{AntiAffinity, MOST_DEVICES, Problem, Solution, all_fit, is_small};
use crate::catalog::{Catalog, Entry};
use crate::engine::cheapest_fix::{cheapest, longest_below};
use crate::engine::estimate_input::EstimateInput;
use crate::engine::fix::{Fix, Situation, Tenant};
use crate::engine::more_memory::{grown, larger_machine, other_gpus};
use crate::engine::place::{Device, GpuPool, Verdict, place};
use crate::engine::workload::{CacheFault, Engine, Workload};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// More GPUs than this are no fix.
const MOST_GPUS: u32 = 8;

/// A demand without a place, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct FixQuery<'a> {
    /// The catalog, for other files of the model.
    pub catalog: &'a Catalog,
    /// The model of the demand, and the file that was to be served.
    pub entry: Entry<'a>,
    /// Shape and bytes that its memory is estimated from.
    pub input: &'a EstimateInput<'a>,
    /// Programs on the GPUs that could be stopped, with what they hold.
    pub tenants: &'a [Tenant],
    /// For each item its demand: replicas have the same.
    pub demand_of: &'a [usize],
    /// For each model of the problem its tag.
    pub tags: &'a [&'a str],
}

/// The bytes that `item` misses where it comes nearest, and changes that place it and its replicas beside everything that has a place, each
/// by itself: the cheapest, and more GPUs. The cheapest are settings, its own before another model's; then fewer replicas; then a smaller file, a program stopped, more GPUs.
///
/// On a small machine every change was tried with everything placed anew; else in the memory that the plan leaves.
pub fn suggest_fixes(
    problem: &Problem<'_>,
    solution: &Solution,
    loaded: &LoadedPlan,
    item: usize,
    wish: FixQuery<'_>,
) -> (Bytes, Vec<Fix>) {
    let workload = problem.models[problem.items[item].model].workload;
    let pool = leftover(problem, solution, loaded, item);
    let placement = place(wish.input.shape(), &workload, &pool);
    let situation = Situation {
        catalog: wish.catalog,
        entry: wish.entry,
        workload: &workload,
        pool: &pool,
        tenants: wish.tenants,
    };
    let found = || cheapest(wish.input, &placement, situation);
    let trial = is_small(problem).then(|| WhatIf::new(problem, solution, item, wish));
    let fix = match &trial {
        Some(trial) => trial
            .settings()
            .or_else(|| trial.others_settings())
            .or_else(|| trial.restrictions())
            .or_else(|| trial.replicas())
            .or_else(|| found().filter(|fix| !is_searched(fix))),
        None => match found() {
            Some(fix) if is_searched(&fix) && !is_hardware(&fix) => Some(fix),
            found => fewer_replicas(problem, solution, item, wish)
                .or(found)
                .filter(|fix| !is_hardware(fix)),
        },
    };
    let more_gpus = match &trial {
        Some(trial) => trial.more_gpus(),
        None => more_gpus(problem, item, &pool, wish),
    };
    let more_gpus = match &fix {
        None => more_gpus.or_else(|| other_gpus(wish.input, situation)),
        Some(_) => more_gpus,
    };
    // What keeps it away from GPUs that have room is no lack of memory.
    let free = leftover(&unrestricted(problem, item), solution, loaded, item);
    let nearest = place(wish.input.shape(), &workload, &free);
    (
        nearest.shortfall.min(placement.shortfall),
        fix.into_iter().chain(more_gpus).collect(),
    )
}

/// Whether a fix is a setting or more GPUs: of these the trials of a whole plan judge better than what one model leaves room for.
fn is_searched(fix: &Fix) -> bool {
    !matches!(
        fix,
        Fix::SmallerQuantization { .. } | Fix::FreeProcess { .. }
    )
}

/// Whether it is hardware to buy, which is told beside whatever else helps.
fn is_hardware(fix: &Fix) -> bool {
    matches!(fix, Fix::MoreGpus { .. } | Fix::LargerMachine { .. })
}

/// So many replicas of the same demand have a place.
fn fewer_replicas(
    problem: &Problem<'_>,
    solution: &Solution,
    item: usize,
    wish: FixQuery<'_>,
) -> Option<Fix> {
    let alike = (0..problem.items.len())
        .filter(|other| wish.demand_of[*other] == wish.demand_of[item])
        .filter(|other| solution.places[*other].is_some());
    let replicas = alike.count() as u32;
    (replicas > 0).then_some(Fix::FewerReplicas { replicas })
}

/// Everything that has a place and all replicas of the item that has none, to be placed together under some change.
struct WhatIf<'p, 'a> {
    problem: Problem<'a>,
    /// The item's position here.
    item: usize,
    demand_of: Vec<usize>,
    tags: &'p [&'p str],
    fewer: Option<Fix>,
}

impl<'p, 'a> WhatIf<'p, 'a> {
    fn new(problem: &Problem<'a>, solution: &Solution, item: usize, wish: FixQuery<'p>) -> Self {
        let kept: Vec<usize> = (0..problem.items.len())
            .filter(|other| {
                wish.demand_of[*other] == wish.demand_of[item] || solution.places[*other].is_some()
            })
            .collect();
        let mut small = problem.clone();
        small.items = kept.iter().map(|at| problem.items[*at].clone()).collect();
        Self {
            problem: small,
            item: kept.iter().filter(|at| **at < item).count(),
            demand_of: kept.iter().map(|at| wish.demand_of[*at]).collect(),
            tags: wish.tags,
            fewer: fewer_replicas(problem, solution, item, wish),
        }
    }

    fn holds(&self, change: &dyn Fn(&mut Problem<'a>)) -> bool {
        let mut changed = self.problem.clone();
        change(&mut changed);
        all_fit(&changed)
    }

    fn own(&self) -> usize {
        self.problem.items[self.item].model
    }

    /// An 8-bit cache, a shorter context for the model, or both.
    fn settings(&self) -> Option<Fix> {
        let super::Model { shape, workload } = &self.problem.models[self.own()];
        let fault = workload.cache_fault(shape.architecture);
        // The engine does not load the model with this cache, so that nothing else helps.
        if fault.is_some_and(CacheFault::refuses) {
            let kv_cache_type = KvCacheType::F16;
            let plain = |problem: &mut Problem<'a>| {
                // For all of them: the type is a setting of the command.
                let models = problem.models.iter_mut();
                models.for_each(|model| model.workload.kv_cache_type = kv_cache_type);
            };
            return self
                .holds(&plain)
                .then_some(Fix::KvCacheType { kv_cache_type });
        }
        let kv_cache_type = KvCacheType::Q8_0;
        let can_quantise = self.problem.models.iter().any(may_quantise);
        if can_quantise && self.holds(&quantise) {
            return Some(Fix::KvCacheType { kv_cache_type });
        }
        if let Some(context_length) = self.longest(self.own(), &|_| ()) {
            return Some(Fix::ShorterContext { context_length });
        }
        let context_length = self
            .longest(self.own(), &quantise)
            .filter(|_| can_quantise)?;
        Some(Fix::ShorterContextAndKvCacheType {
            context_length,
            kv_cache_type,
        })
    }

    /// A shorter context for one of the other models.
    fn others_settings(&self) -> Option<Fix> {
        let others = (0..self.problem.models.len()).filter(|model| {
            *model != self.own() && self.problem.items.iter().any(|item| item.model == *model)
        });
        others.into_iter().find_map(|model| {
            let context_length = self.longest(model, &|_| ())?;
            Some(Fix::AnotherContext {
                tag: (*self.tags.get(model)?).to_owned(),
                context_length,
            })
        })
    }

    /// The longest context of a model, in steps of 1024 tokens and below its own, with which everything fits.
    fn longest(&self, model: usize, change: &dyn Fn(&mut Problem<'a>)) -> Option<u32> {
        let most = self.problem.models[model].workload.context_length;
        longest_below(most, None, |context_length| {
            let holds = self.holds(&|problem| {
                change(problem);
                problem.models[model].workload.context_length = context_length;
            });
            holds.into()
        })
    }

    /// The item without its pins, beside those that it stays away from, or fewer GPUs kept free.
    fn restrictions(&self) -> Option<Fix> {
        let pinned = self.problem.items[self.item].devices.is_some();
        let unpin = |problem: &mut Problem<'a>| {
            let items = problem.items.iter_mut().zip(&self.demand_of);
            let own = items.filter(|(_, demand)| **demand == self.demand_of[self.item]);
            own.for_each(|(item, _)| item.devices = None);
        };
        if pinned && self.holds(&unpin) {
            return Some(Fix::WithoutPin);
        }
        let own = &self.problem.items[self.item];
        let label = own.label;
        let together = |problem: &mut Problem<'a>| {
            for item in &mut problem.items {
                let anti_affinity = std::mem::take(&mut item.anti_affinity).into_iter();
                // Both ways, since each stays away from the other.
                let others =
                    anti_affinity.filter(|(other, _)| item.label != label && *other != label);
                item.anti_affinity = others.collect();
            }
        };
        if !own.anti_affinity.is_empty() && self.holds(&together) {
            return Some(Fix::WithoutApart);
        }
        // As many as possible stay free.
        let fewer = (0..self.problem.keep_free).rev();
        let count = fewer
            .into_iter()
            .find(|count| self.holds(&|problem| problem.keep_free = *count))?;
        Some(Fix::FewerKeptFree {
            count: count as u32,
        })
    }

    /// One replica less: of the demand itself, or of another.
    fn replicas(&self) -> Option<Fix> {
        // Fewer replicas of its own are known to have places: the plan has them.
        if self.fewer.is_some() {
            return self.fewer.clone();
        }
        (0..self.demand_of.len()).find_map(|at| {
            let alike = self
                .demand_of
                .iter()
                .filter(|other| **other == self.demand_of[at]);
            let replicas = alike.count() as u32 - 1;
            // Replicas are alike: one of each demand is tried.
            let last = self.demand_of.get(at + 1) != Some(&self.demand_of[at]);
            let may = last && replicas > 0;
            (may && self.holds(&|problem| drop(problem.items.remove(at)))).then(|| {
                let tag = self.tags.get(self.problem.items[at].model);
                Fix::AnotherReplicas {
                    tag: tag.copied().unwrap_or_default().to_owned(),
                    replicas,
                }
            })
        })
    }

    /// New GPUs like the best one of the machine, in its host; or the machine with more memory.
    fn more_gpus(&self) -> Option<Fix> {
        if let Some(sizes) = &self.problem.pool.machines {
            return larger_machine(sizes, |size| {
                let pool = grown(self.problem.pool, size);
                all_fit(&Problem {
                    pool: &pool,
                    ..self.problem.clone()
                })
            });
        }
        let best = best(self.problem.pool)?;
        let mut pool = self.problem.pool.clone();
        for count in 1..=MOST_GPUS {
            pool.devices.push(best);
            let problem = Problem {
                pool: &pool,
                ..self.problem.clone()
            };
            // The search that would try it goes no farther.
            if pool.devices.len() > MOST_DEVICES {
                break;
            }
            if all_fit(&problem) {
                return Some(Fix::MoreGpus { count });
            }
        }
        None
    }
}

fn may_quantise(model: &super::Model<'_>) -> bool {
    let Workload {
        kv_cache_type,
        flash_attention,
        build,
        ..
    } = model.workload;
    // Quantised values want flash attention.
    kv_cache_type == KvCacheType::F16
        && model.workload.engine != Engine::Vllm
        && flash_attention.is_on(model.shape.architecture, kv_cache_type, build)
}

/// Every cache in 8 bits: the setting is a command's, not a demand's.
fn quantise(problem: &mut Problem<'_>) {
    let may = problem
        .models
        .iter_mut()
        .filter(|model| may_quantise(model));
    may.for_each(|model| model.workload.kv_cache_type = KvCacheType::Q8_0);
}

/// The GPU that holds most.
fn best(pool: &GpuPool) -> Option<Device> {
    let devices = pool.devices.iter();
    devices.max_by_key(|device| device.usable()).copied()
}

/// New GPUs like the best one, in the memory that the plan leaves. None helps who stays away from every host.
fn more_gpus(
    problem: &Problem<'_>,
    item: usize,
    pool: &GpuPool,
    wish: FixQuery<'_>,
) -> Option<Fix> {
    let workload = &problem.models[problem.items[item].model].workload;
    let anti_affinity = &problem.items[item].anti_affinity;
    let from_hosts = anti_affinity
        .iter()
        .any(|(_, distance)| *distance == AntiAffinity::Host);
    // Pinned to others it could not use a new one, nor in a host that it stays away from.
    if problem.items[item].devices.is_some() || from_hosts && pool.devices.is_empty() {
        return None;
    }
    if let Some(sizes) = &pool.machines {
        return larger_machine(sizes, |size| {
            let pool = grown(pool, size);
            place(wish.input.shape(), workload, &pool).verdict == Verdict::Fits
        });
    }
    let best = best(problem.pool)?;
    let mut pool = GpuPool {
        hosts: vec![None; pool.hosts.len()],
        ..pool.clone()
    };
    for count in 1..=MOST_GPUS {
        pool.devices.push(Device { host: 0, ..best });
        if place(wish.input.shape(), workload, &pool).verdict == Verdict::Fits {
            return Some(Fix::MoreGpus { count });
        }
    }
    None
}
