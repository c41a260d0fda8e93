//! The most that could still be placed: bounds that no arrangement beats.

use std::collections::{BTreeMap, HashMap};

use super::cost::CostCache;
use super::{AntiAffinity, Problem, Replica, order};
use crate::units::Bytes;

/// Something that wants a place: the fewest bytes it takes anywhere, and, if it may be cut over several GPUs, the smallest piece of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) least: Bytes,
    pub(super) piece: Option<Bytes>,
}

/// Whether all but `skips` of the wants could find place in `rooms`, as far as their bytes tell. The wants come largest first. A room smaller
/// than everything that could go there is no room.
pub(super) fn bytes_fit(wants: &[Extent], skips: usize, free: &[Bytes]) -> bool {
    let Some(kept) = wants.get(skips..).filter(|kept| !kept.is_empty()) else {
        return true;
    };
    // Those that are left out count here: which they are is open, and a room too many only makes the bound weaker, never false.
    let smallest = wants.iter().map(|want| want.piece.unwrap_or(want.least));
    let smallest = smallest.min().unwrap_or_default();
    let open = free.iter().copied().filter(|pool| *pool >= smallest);
    // Without the largest: whoever else is left out, the others need no less.
    let need: Bytes = kept.iter().map(|want| want.least).sum();
    need <= open.sum()
}

/// Whether all but `skips` of these sizes could find a room that holds them whole: for every size, as many of that size or more as there are
/// fit side by side. The largest comes first.
pub(super) fn sizes_fit(sizes: impl Iterator<Item = Bytes>, skips: usize, free: &[Bytes]) -> bool {
    sizes.enumerate().skip(skips).all(|(before, size)| {
        // So many of this size or more there are, and `skips` of them may be left out.
        let stay = (before + 1 - skips) as u64;
        // Each takes this size or more wherever it lies: what is left beside them in a room is lost, which a sum of bytes does not see.
        free.iter().map(|pool| pool.0 / size.0.max(1)).sum::<u64>() >= stay
    })
}

/// The most of these sizes that fit by their bytes.
pub(super) fn most(mut sizes: Vec<Bytes>, space: Bytes) -> usize {
    // No other choice of as many needs less.
    sizes.sort_unstable();
    let mut need = Bytes::ZERO;
    let fitting = sizes.into_iter().take_while(|size| {
        need += *size;
        need <= space
    });
    fitting.count()
}

/// Items of which as many have a place at most: model, pins and how far they stay away from each other.
type Alike<'p> = (usize, Option<&'p [usize]>, Option<AntiAffinity>);

/// Items without those that no plan serves, whatever else it serves: replicas that stay away from each other are one a GPU or one a host, and what
/// no host holds is none. No plan serves more of any demand than are here.
pub(super) fn servable<'a>(problem: &Problem<'a>, costs: &mut CostCache<'a>) -> Vec<usize> {
    let mut known: HashMap<Alike<'_>, usize> = HashMap::new();
    let mut counts: HashMap<&Replica, usize> = HashMap::new();
    let mut within = |item: &usize| {
        let item = &problem.items[*item];
        let own = item
            .anti_affinity
            .iter()
            .filter(|(label, _)| *label == item.label);
        // Where both are asked for, a host of its own is a GPU of its own too.
        let distance = own.map(|(_, distance)| *distance).max();
        let key = (item.model, item.devices.as_deref(), distance);
        let most = known
            .entry(key)
            .or_insert_with(|| most_places(problem, costs, item, distance));
        let count = counts.entry(item).or_default();
        *count += 1;
        *count <= *most
    };
    let mut items = order(problem);
    items.retain(&mut within);
    items
}

/// How many of an item the hosts hold at most; [`usize::MAX`] where neither a distance nor their memory limits it.
fn most_places(
    problem: &Problem<'_>,
    costs: &mut CostCache<'_>,
    item: &Replica,
    distance: Option<AntiAffinity>,
) -> usize {
    let mut hosts: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, device) in problem.pool.devices.iter().enumerate() {
        let may = item.devices.as_ref().is_none_or(|pins| pins.contains(&at));
        if may && !problem.excluded.contains(&at) {
            hosts.entry(device.host).or_default().push(at);
        }
    }
    let (least, _) = costs.least_split(item.model);
    let gpus = &problem.pool.devices;
    let held = hosts.values().map(|devices| {
        let parts: Vec<usize> = devices
            .iter()
            .copied()
            .filter(|at| !gpus[*at].partition)
            .collect();
        let whole = devices.iter().filter(|at| {
            // Where services are spread, each takes all GPUs of a host, or a partition by itself.
            let alone = !problem.pool.spread || gpus[**at].partition || parts.len() == 1;
            alone && costs.single(item.model, costs.kind[**at]).is_some()
        });
        let whole = whole.count();
        let room: Bytes = parts.iter().map(|at| gpus[*at].usable()).sum();
        // As far as bytes tell: an estimate may still say no.
        let splits = parts.len() > 1 && room >= least;
        match distance {
            _ if whole == 0 && !splits => 0,
            None => usize::MAX,
            Some(AntiAffinity::Host) => 1,
            Some(AntiAffinity::Gpu) if problem.pool.spread => whole + usize::from(splits),
            // Each split takes two GPUs that hold nobody whole, if not more.
            Some(AntiAffinity::Gpu) if splits => whole + (devices.len() - whole) / 2,
            Some(AntiAffinity::Gpu) => whole,
        }
    });
    held.fold(0, usize::saturating_add)
}
