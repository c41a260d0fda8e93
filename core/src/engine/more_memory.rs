//! Hardware that would hold a model: more cards, a larger machine, other cards.

use std::cmp::Reverse;

use super::estimate_input::EstimateInput;
use super::fix::{Fix, Situation};
use super::place::{Device, GpuPool, MachineSize, fits};
use crate::catalog::gpu::Vendor;
use crate::units::Bytes;

/// More GPUs than this are no fix.
const MOST_GPUS: u32 = 7;
/// More GPUs than this no machine holds.
const MOST_SLOTS: u32 = 8;

/// More GPUs like the best one here; where they share their machine's memory, the machine with more of it.
pub(super) fn more_memory(input: &EstimateInput<'_>, situation: Situation<'_>) -> Option<Fix> {
    let pool = situation.pool;
    if let Some(sizes) = &pool.machines {
        return larger_machine(sizes, |size| {
            fits(input.shape(), situation.workload, &grown(pool, size))
        });
    }
    let best = *pool.devices.iter().max_by_key(|device| device.usable())?;
    let mut pool = pool.clone();
    let need = input.weights.on_gpu();
    for count in 1..=MOST_GPUS {
        pool.devices.push(best);
        // Bytes first: placing tries every set of them.
        if usable(&pool) > need && fits(input.shape(), situation.workload, &pool) {
            return Some(Fix::MoreGpus { count });
        }
    }
    None
}

/// The smallest machine of these with which something holds, the same one rather than another.
pub(super) fn larger_machine(
    sizes: &[MachineSize],
    holds: impl Fn(&MachineSize) -> bool,
) -> Option<Fix> {
    let mut sizes: Vec<&MachineSize> = sizes.iter().collect();
    // Of another generation the newest.
    let age = |size: &MachineSize| Reverse(size.other_generation.clone());
    let other = |size: &MachineSize| size.other_generation.is_some();
    sizes.sort_by_key(|size| {
        let kind = (other(size), age(size), size.name.is_some());
        (kind, size.memory, &size.name)
    });
    let size = sizes.into_iter().find(|size| holds(size))?;
    Some(match &size.name {
        None => Fix::LargerMachine {
            memory: size.memory,
        },
        Some(name) => Fix::OtherGpus {
            name: name.clone(),
            count: 1,
        },
    })
}

/// The same GPUs in a larger machine.
pub(super) fn grown(pool: &GpuPool, size: &MachineSize) -> GpuPool {
    let mut pool = pool.clone();
    for device in &mut pool.devices {
        device.free += size.more;
    }
    pool
}

/// Where nothing brings a model to the GPUs that are here: the fewest cards of one kind, of those that people buy, that hold it alone. Of as many
/// the ones with less memory.
pub fn other_gpus(input: &EstimateInput<'_>, situation: Situation<'_>) -> Option<Fix> {
    let rules = &situation.catalog.knowledge.gpu_rules;
    let here = situation.pool.devices.first()?;
    let gpus = situation.catalog.gpus.iter();
    let bought = gpus.filter(|gpu| rules.is_bought(gpu));
    let enough = bought.filter_map(|gpu| {
        let overhead = rules.process(gpu).and_then(|(_, bytes)| bytes)?;
        let card = Device {
            host: 0,
            gpu: 0,
            free: gpu.offered.free(),
            overhead,
            flash_attention: true,
            cuda: gpu.vendor == Vendor::Nvidia,
            partition: false,
            ..*here
        };
        let count = (1..=MOST_SLOTS).find(|count| {
            let devices = (0..*count).map(|gpu| Device { gpu, ..card });
            let pool = GpuPool {
                devices: devices.collect(),
                hosts: vec![None],
                ..GpuPool::default()
            };
            usable(&pool) > input.weights.on_gpu() && fits(input.shape(), situation.workload, &pool)
        })?;
        Some((count, gpu.memory, &gpu.name))
    });
    let (count, _, name) = enough.min()?;
    Some(Fix::OtherGpus {
        name: name.to_string(),
        count,
    })
}

fn usable(pool: &GpuPool) -> Bytes {
    pool.devices.iter().map(Device::usable).sum()
}
