//! Who stands before whom: a clear advantage first, and among those that are equal within the doubt the one that costs less.

use std::cmp::Ordering;

use super::points::CAUTION;
use super::rank::Ranked;
use crate::catalog::model::Kind;
use crate::request::Task;

/// What fits stands before what is tight; then the guide's order, if it decides; then the points; then the guide's rank; then the tag,
/// so that the order is total.
pub(super) fn order(a: &Ranked<'_>, b: &Ranked<'_>, guide: &[&str]) -> Ordering {
    let place = |ranked: &Ranked<'_>| {
        guide
            .iter()
            .position(|tag| *tag == ranked.entry.tag)
            .unwrap_or(guide.len())
    };
    let rank = |ranked: &Ranked<'_>| ranked.guide_rank.unwrap_or(u32::MAX);
    b.placement
        .verdict
        .cmp(&a.placement.verdict)
        .then_with(|| place(a).cmp(&place(b)))
        .then_with(|| b.score.total.total_cmp(&a.score.total))
        .then_with(|| rank(a).cmp(&rank(b)))
        .then_with(|| a.entry.tag.cmp(b.entry.tag))
}

/// No doubt is worth more points than this, or models of which nothing is known would be equal to everything.
const MOST: f64 = 1.0;
/// Less than this is no difference in size or speed.
const ALIKE: f64 = 1.1;

/// Models in the order in which they are told. The list is sorted already; of those that follow the best remaining one within the doubt
/// about both, none that is beaten in size and speed by another goes first; then the one that was made for the task, then the guide's
/// pick, then the points.
pub(super) fn settled<'a>(
    sorted: Vec<Ranked<'a>>,
    task: Task,
    task_weight: f64,
) -> Vec<Ranked<'a>> {
    // Places are moved, not models: those are large.
    let mut rest: Vec<(usize, &Ranked<'a>)> = sorted.iter().enumerate().collect();
    let mut places = Vec::with_capacity(sorted.len());
    while let Some(&(_, leader)) = rest.first() {
        let equal: Vec<&Ranked<'_>> = rest
            .iter()
            .map(|(_, other)| *other)
            .take_while(|other| leader.score.total - other.score.total <= MOST)
            .filter(|other| is_equal(leader, other, task_weight))
            .collect();
        let unbeaten = rest.iter().enumerate().filter(|(at, (_, one))| {
            equal.iter().any(|other| std::ptr::eq(*other, *one))
                && !equal.iter().any(|other| costs_less(other, one))
                && !rest[..*at].iter().any(|(_, better)| siblings(better, one))
        });
        let next = unbeaten
            .min_by_key(|(at, (_, one))| {
                (
                    !made_for(one.entry.model.kind, task),
                    one.guide_rank.unwrap_or(u32::MAX),
                    *at,
                )
            })
            .map_or(0, |(at, _)| at);
        places.push(rest.remove(next).0);
    }
    let mut sorted: Vec<Option<Ranked<'a>>> = sorted.into_iter().map(Some).collect();
    places
        .into_iter()
        .filter_map(|at| sorted[at].take())
        .collect()
}

/// Whether the doubt about two models is larger than what lies between them. Siblings share their doubt: between two sizes of one family
/// the points decide.
fn is_equal(leader: &Ranked<'_>, other: &Ranked<'_>, task_weight: f64) -> bool {
    let doubt = CAUTION * task_weight * leader.doubt.hypot(other.doubt);
    std::ptr::eq(leader, other)
        || leader.placement.verdict == other.placement.verdict
            && !siblings(leader, other)
            && leader.score.total - other.score.total <= doubt.min(MOST)
}

fn siblings(one: &Ranked<'_>, other: &Ranked<'_>) -> bool {
    one.entry.model.family() == other.entry.model.family()
}

/// Whether one model is clearly smaller and clearly faster than another.
fn costs_less(one: &Ranked<'_>, other: &Ranked<'_>) -> bool {
    let rate = |ranked: &Ranked<'_>| ranked.speed.as_ref().map_or(0.0, |speed| speed.decode[0]);
    let size = |ranked: &Ranked<'_>| ranked.placement.total().0 as f64;
    rate(one) > ALIKE * rate(other) && size(one) * ALIKE < size(other)
}

/// Whether a model was made for a task and not for talk in general.
const fn made_for(kind: Kind, task: Task) -> bool {
    matches!(
        (kind, task),
        (Kind::Code, Task::Code)
            | (Kind::Translation, Task::Translation)
            | (Kind::Reasoning, Task::Reasoning)
    )
}
