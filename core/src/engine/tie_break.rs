//! The order of recommendations: by points, and what decides between models with as many.

use std::cmp::Ordering;

use super::ranking::Ranked;

/// Orders recommendations by the total that is shown; of two with the same total the one that needs less memory comes first, then the tag
/// decides, so that the order is total. The guide's models stand in the guide's order, what fits before what is tight.
pub(super) fn order(a: &Ranked<'_>, b: &Ranked<'_>, guide: &[&str]) -> Ordering {
    let place = |ranked: &Ranked<'_>| {
        guide
            .iter()
            .position(|tag| *tag == ranked.entry.tag)
            .unwrap_or(guide.len())
    };
    let by_guide = || {
        let verdicts = b.placement.verdict.cmp(&a.placement.verdict);
        verdicts.then_with(|| place(a).cmp(&place(b)))
    };
    let first = match guide.is_empty() {
        true => Ordering::Equal,
        false => by_guide(),
    };
    first
        // Rounded, as it is shown: an order that differs from its numbers could not be explained to anybody.
        .then_with(|| b.score.total.total_cmp(&a.score.total))
        .then_with(|| a.placement.need().cmp(&b.placement.need()))
        .then_with(|| a.entry.tag.cmp(b.entry.tag))
}
