//! Who stands before whom: a clear advantage first, and among those that are equal within the doubt the one that costs less.

use std::cmp::Ordering;
use std::collections::VecDeque;

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

/// So many of the best remaining models are weighed against each other; more would be a long look at equals.
const WINDOW: usize = 24;

/// Models in the order in which they are told. The list is sorted already; of those that follow the best remaining one within the doubt
/// about both, none that is beaten in size and speed by another goes first; then the one that was made for the task, then the guide's
/// pick, then the points.
pub(super) fn settled<'a>(
    sorted: Vec<Ranked<'a>>,
    task: Task,
    task_weight: f64,
) -> Vec<Ranked<'a>> {
    // Places are moved, not models: those are large.
    let mut rest: VecDeque<One<'_, 'a>> = sorted.iter().enumerate().map(One::new).collect();
    let mut places = Vec::with_capacity(sorted.len());
    while let Some(&leader) = rest.front() {
        let near: Vec<One<'_, 'a>> = rest
            .iter()
            .take(WINDOW)
            .take_while(|other| leader.ranked.score.total - other.ranked.score.total <= MOST)
            .copied()
            .collect();
        let equal: Vec<(usize, One<'_, 'a>)> = near
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, other)| leader.is_equal(other, task_weight))
            .collect();
        let unbeaten = equal.iter().filter(|(at, one)| {
            !equal.iter().any(|(_, other)| other.costs_less(one))
                && !near[..*at].iter().any(|better| better.family == one.family)
        });
        let next = unbeaten
            .min_by_key(|(at, one)| {
                (
                    !made_for(one.ranked.entry.model.kind, task),
                    one.ranked.guide_rank.unwrap_or(u32::MAX),
                    *at,
                )
            })
            .map_or(0, |(at, _)| *at);
        places.extend(rest.remove(next).map(|one| one.place));
    }
    let mut sorted: Vec<Option<Ranked<'a>>> = sorted.into_iter().map(Some).collect();
    places
        .into_iter()
        .filter_map(|at| sorted[at].take())
        .collect()
}

/// A model under consideration.
#[derive(Clone, Copy)]
struct One<'r, 'a> {
    place: usize,
    ranked: &'r Ranked<'a>,
    family: &'r str,
}

impl<'r, 'a> One<'r, 'a> {
    fn new((place, ranked): (usize, &'r Ranked<'a>)) -> Self {
        Self {
            place,
            ranked,
            family: ranked.entry.model.family(),
        }
    }

    /// Whether the doubt about two models is larger than what lies between them. Siblings share their doubt: between two sizes of one
    /// family the points decide.
    fn is_equal(&self, other: &Self, task_weight: f64) -> bool {
        let (one, two) = (self.ranked, other.ranked);
        let doubt = CAUTION * task_weight * one.doubt.hypot(two.doubt);
        self.place == other.place
            || one.placement.verdict == two.placement.verdict
                && self.family != other.family
                && one.score.total - two.score.total <= doubt.min(MOST)
    }

    /// Whether one model is clearly smaller and clearly faster than another.
    fn costs_less(&self, other: &Self) -> bool {
        let rate = |one: &Self| {
            one.ranked
                .speed
                .as_ref()
                .map_or(0.0, |speed| speed.decode[0])
        };
        let size = |one: &Self| one.ranked.placement.total().0 as f64;
        rate(self) > ALIKE * rate(other) && size(self) * ALIKE < size(other)
    }
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
