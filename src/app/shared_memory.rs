//! Machines whose GPU shares their memory: no card can be added, only a machine with more memory be taken instead.

use crate::catalog::gpu::{GpuSpec, Vendor};
use crate::engine::place::MachineSize;
use crate::inventory::Inventory;
use crate::inventory::known::KnownGpus;
use crate::units::Bytes;

/// Sizes in which memory is bought for a machine that has it in sockets.
const MODULES: [Bytes; 4] = [
    Bytes::gib(32),
    Bytes::gib(64),
    Bytes::gib(96),
    Bytes::gib(128),
];

/// Those with more memory than the largest here: the same chip's, others of its generation, then the maker's others. `None` where there are
/// cards.
pub(super) fn machines(inventory: &Inventory, known: &KnownGpus<'_>) -> Option<Vec<MachineSize>> {
    let gpus = || inventory.hosts.iter().flat_map(|host| &host.gpus);
    let largest = gpus().max_by_key(|gpu| gpu.free())?;
    if !gpus().all(|gpu| gpu.unified) {
        return None;
    }
    let Some(own) = known.device(&largest.name, Some(largest.total)) else {
        return Some(Vec::new());
    };
    let catalog = known.catalog();
    let larger = catalog.gpus.iter().filter(|gpu| {
        gpu.unified && gpu.vendor == own.vendor && gpu.offered.free() > own.offered.free()
    });
    let mut machines: Vec<MachineSize> = larger
        .map(|gpu| MachineSize {
            name: (chip(gpu) != chip(&own)).then(|| gpu.name.to_string()),
            other_generation: (generation(gpu) != generation(&own))
                .then(|| generation(gpu).0.unwrap_or_default().to_owned()),
            ..more(gpu, &own)
        })
        .collect();
    let has_sockets = matches!(own.vendor, Vendor::Amd | Vendor::Intel) && own.name == chip(&own);
    if has_sockets {
        let sizes = MODULES.into_iter().filter(|size| *size > own.memory);
        machines.extend(sizes.map(|size| more(&catalog.resized(&own, size), &own)));
    }
    Some(machines)
}

/// The same machine with more memory.
fn more(gpu: &GpuSpec, own: &GpuSpec) -> MachineSize {
    MachineSize {
        name: None,
        other_generation: None,
        memory: gpu.memory,
        more: gpu.offered.free() - own.offered.free(),
    }
}

/// The first word of a GPU's name, and its architecture: `M4` of `M4 Pro 24GB`.
fn generation(gpu: &GpuSpec) -> (Option<&str>, Option<&str>) {
    (gpu.name.split(' ').next(), gpu.architecture.as_deref())
}

/// A GPU's name without the memory of its machine: `M4 Pro` of `M4 Pro 24GB`.
fn chip(gpu: &GpuSpec) -> &str {
    let size = format!(" {}GB", gpu.memory.0 >> 30);
    gpu.name.strip_suffix(size.as_str()).unwrap_or(&gpu.name)
}
