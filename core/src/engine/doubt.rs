//! Whether an answer holds although its estimate may be off, and where a model goes if it does not.

use super::estimate_input::EstimateInput;
use super::place::{self, GpuPool, Placement, Verdict};
use super::workload::Workload;
use crate::units::Bytes;

/// By how much an estimate may be off, where a placement has less room than that: it probably fits, or loads whole only with luck.
pub fn within_doubt(
    input: &EstimateInput<'_>,
    placement: &Placement,
    pool: &GpuPool,
) -> Option<Bytes> {
    let spare = match placement.verdict {
        Verdict::Fits => placement.spare(pool)?,
        Verdict::Tight => placement.spare_in_margin(pool)?,
        Verdict::Offloads | Verdict::DoesNotFit => return None,
    };
    let doubt = input.doubt(&placement.allocation);
    (spare < doubt).then_some(doubt)
}

/// Where a model goes. What could be forced onto the GPUs only if the estimate is not off lies partly in system memory, as far as there is
/// any: the engine puts it there by itself, and forced it may die for want of memory.
pub fn place(input: &EstimateInput<'_>, workload: &Workload, pool: &GpuPool) -> Placement {
    let placement = place::place(input.shape(), workload, pool);
    if placement.verdict != Verdict::Tight || within_doubt(input, &placement, pool).is_none() {
        return placement;
    }
    place::place_with_host(input.shape(), workload, pool)
        // A host without memory for its part is no way out.
        .filter(|with_host| with_host.verdict == Verdict::Offloads)
        .unwrap_or(placement)
}
