//! The whole model on GPUs: the fewest that suffice.

use super::{Device, GpuPool, Placement, Verdict, split_over};
use crate::engine::estimate::Shape;
use crate::engine::workload::Workload;
use crate::units::Bytes;

/// The whole model on the GPUs of one host: the fewest that suffice; within the margin only where no set keeps it. Where the host has one
/// GPU, also what is missing there.
pub(super) fn whole(
    shape: Shape<'_>,
    workload: &Workload,
    pool: &GpuPool,
    gpus: &[usize],
) -> Option<Placement> {
    // A cheap bound first: most sets are far too small.
    let least = shape.weights.on_gpu();
    let (mut tight, mut only) = (None, None);
    let mut largest: Vec<Bytes> = gpus.iter().map(|at| pool.devices[*at].limit()).collect();
    largest.sort_by(|one, two| two.cmp(one));
    let mut most = Bytes::ZERO;
    // A GPU without a layer holds scratch space and helps nobody: what more GPUs than layers hold, fewer do.
    let layers = shape.architecture.file_layers() as usize;
    for (count, limit) in (1..).zip(largest) {
        if count > layers && !pool.spread {
            break;
        }
        // No set of so many GPUs has more than the largest of them.
        most += limit;
        if pool.spread && count < gpus.len() || most < least {
            continue;
        }
        for set in sets(pool, gpus, count) {
            if set
                .iter()
                .map(|at| pool.devices[*at].limit())
                .sum::<Bytes>()
                < least
            {
                continue;
            }
            let placement = split_over(shape, workload, pool, &set);
            match placement.verdict {
                Verdict::Fits => return Some(placement),
                // Kept in mind: a larger set may keep the engine's margin, which is worth a GPU more.
                Verdict::Tight if tight.is_none() => tight = Some(placement),
                Verdict::DoesNotFit if gpus.len() == 1 => only = Some(placement),
                _ => {}
            }
        }
    }
    tight.or(only)
}

/// The sets of `count` GPUs, those with the most free memory first. Of equal GPUs only the first are taken.
fn sets(pool: &GpuPool, gpus: &[usize], count: usize) -> Vec<Vec<usize>> {
    let mut order = gpus.to_vec();
    order.sort_by_key(|at| (std::cmp::Reverse(pool.devices[*at].usable()), *at));
    let mut sets = Vec::new();
    choose(pool, &order, count, 0, &mut Vec::new(), &mut sets);
    sets
}

/// More sets than this are not looked at; they differ by little.
const MOST_SETS: usize = 64;

fn choose(
    pool: &GpuPool,
    order: &[usize],
    count: usize,
    from: usize,
    chosen: &mut Vec<usize>,
    sets: &mut Vec<Vec<usize>>,
) {
    if chosen.len() == count {
        let mut set = chosen.clone();
        set.sort_unstable();
        sets.push(set);
        return;
    }
    // With 16 GPUs alike there is one set of each size, not 65,535 in all.
    let mut previous: Option<&Device> = None;
    // The last ones are left to those that are chosen after this one.
    let end = order.len() - (count - chosen.len() - 1).min(order.len());
    for at in from..end {
        let device = &pool.devices[order[at]];
        let twin = previous.is_some_and(|other| other.kind() == device.kind());
        if twin || sets.len() >= MOST_SETS {
            continue;
        }
        previous = Some(device);
        chosen.push(order[at]);
        choose(pool, order, count, at + 1, chosen, sets);
        chosen.pop();
    }
}
