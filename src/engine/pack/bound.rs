//! The most that could still be placed: bounds that no arrangement beats.

use crate::units::Bytes;

/// Something that wants a place: the fewest bytes it takes anywhere, and whether it may be cut over several GPUs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) least: Bytes,
    pub(super) cut: bool,
}

/// Whether all but `skips` of the wants could find place in `rooms`, as far as bounds can tell. The wants come largest first.
///
/// Two bounds: bytes, where a room smaller than the smallest want is no room; and for every size the number of such wants that the rooms
/// hold side by side.
pub(super) fn may_fit(wants: &[Want], skips: usize, rooms: &[Bytes]) -> bool {
    let Some(kept) = wants.get(skips..).filter(|kept| !kept.is_empty()) else {
        return true;
    };
    let any_cut = wants.iter().any(|want| want.cut);
    let smallest = kept.last().map_or(Bytes::ZERO, |want| want.least);
    let open = |room: &&Bytes| any_cut || **room >= smallest;
    let space: Bytes = rooms.iter().filter(open).copied().sum();
    let need: Bytes = kept.iter().map(|want| want.least).sum();
    if need > space {
        return false;
    }
    // So many whole wants of this size or more there are; `skips` of them may be left out.
    let whole = wants.iter().filter(|want| !want.cut).enumerate();
    whole.skip(skips).all(|(before, want)| {
        let stay = (before + 1 - skips) as u64;
        let size = want.least.0.max(1);
        rooms.iter().map(|room| room.0 / size).sum::<u64>() >= stay
    })
}

/// The most wants that fit, as far as bounds can tell.
pub(super) fn most(wants: &[Want], rooms: &[Bytes]) -> usize {
    let skips = (0..=wants.len()).find(|skips| may_fit(wants, *skips, rooms));
    wants.len() - skips.unwrap_or(wants.len())
}
