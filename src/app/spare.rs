//! What the memory is good for that the first of a ranking leaves free.

use super::hardware::Hardware;
use crate::engine::cheapest_fix::{longest_context, most_parallel};
use crate::engine::place::Verdict;
use crate::engine::ranking::{Ranked, Ranking, Request, Scope};
use crate::report::Spare;
use crate::units::Bytes;

/// More requests at once than anybody's server takes.
const MOST: u32 = 256;

/// Nothing where the first takes half of the memory or more, or stands by the guide's order.
pub(super) fn spare(
    ranking: &Ranking<'_>,
    request: &Request,
    hardware: &Hardware,
) -> Option<Spare> {
    let first = ranking.placed.first()?;
    let devices = &hardware.pool.devices;
    let usable: Bytes = devices.iter().map(|device| device.usable()).sum();
    let free = usable.saturating_sub(first.placement.total());
    let mostly_used = free.0 < usable.0 / 2 || first.placement.verdict != Verdict::Fits;
    if mostly_used || request.scope == Scope::Guide {
        return None;
    }
    let larger = |other: &&Ranked<'_>| {
        other.placement.total() > first.placement.total() && other.score.task > first.score.task
    };
    let better = ranking.placed.iter().filter(larger);
    let better = better.max_by(|a, b| a.score.task.total_cmp(&b.score.task));
    let workload = &first.placement.workload;
    let trained = first.entry.model.context_length;
    let slots = || most_parallel(&first.input, workload, &hardware.pool, MOST);
    Some(Spare {
        free,
        better: better.map(|other| other.entry.tag.to_owned()),
        context_length: trained
            .and_then(|most| longest_context(&first.input, workload, &hardware.pool, most))
            .filter(|longest| *longest > workload.context_length),
        parallel: (!first.input.single_slot())
            .then(slots)
            .filter(|slots| *slots > workload.parallel),
    })
}
