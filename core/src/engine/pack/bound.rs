//! The most that could still be placed: bounds that no arrangement beats.

use crate::units::Bytes;

/// Something that wants a place: the fewest bytes it takes anywhere, and, if it may be cut over several GPUs, the smallest piece of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) least: Bytes,
    pub(super) piece: Option<Bytes>,
}

/// Whether all but `skips` of the wants could find place in `rooms`, as far as their bytes tell. The wants come largest first. A room smaller
/// than everything that could go there is no room.
pub(super) fn bytes_fit(wants: &[Extent], skips: usize, rooms: &[Bytes]) -> bool {
    let Some(kept) = wants.get(skips..).filter(|kept| !kept.is_empty()) else {
        return true;
    };
    // Those that are left out count here: which they are is open, and a room too many only makes the bound weaker, never false.
    let smallest = wants.iter().map(|want| want.piece.unwrap_or(want.least));
    let smallest = smallest.min().unwrap_or_default();
    let open = rooms.iter().copied().filter(|pool| *pool >= smallest);
    // Without the largest: whoever else is left out, the others need no less.
    let need: Bytes = kept.iter().map(|want| want.least).sum();
    need <= open.sum()
}

/// Whether all but `skips` of these sizes could find a room that holds them whole: for every size, as many of that size or more as there are
/// fit side by side. The largest comes first.
pub(super) fn sizes_fit(sizes: impl Iterator<Item = Bytes>, skips: usize, rooms: &[Bytes]) -> bool {
    sizes.enumerate().skip(skips).all(|(before, size)| {
        // So many of this size or more there are, and `skips` of them may be left out.
        let stay = (before + 1 - skips) as u64;
        // Each takes this size or more wherever it lies: what is left beside them in a room is lost, which a sum of bytes does not see.
        rooms.iter().map(|pool| pool.0 / size.0.max(1)).sum::<u64>() >= stay
    })
}
