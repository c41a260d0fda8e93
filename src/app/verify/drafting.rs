//! What a log shows that no setting explains: what drafting takes beside the model, and another file.

use super::compare::signed;
use crate::engine::place::Placement;
use crate::ollama::EngineStart;
use crate::report::Finding;
use crate::units::Bytes;

/// The second context, and the copies of the recurrent state that let a rejected draft be undone. `None` where nothing is drafted.
pub(super) fn drafting(log: &EngineStart, last: &Placement) -> Option<Finding> {
    if log.draft.total() == Bytes::ZERO {
        return None;
    }
    let kept: Bytes = log.gpus().map(|(_, gpu)| gpu.recurrent).sum();
    let state: Bytes = last.allocation.gpus.iter().map(|gpu| gpu.recurrent).sum();
    let copies = (kept.0 + state.0 / 2) / state.0.max(1);
    let is_copied = copies > 1 && kept.0.abs_diff(state.0 * copies) <= state.scale(1, 50).0;
    let snapshots = if is_copied { copies as u32 - 1 } else { 0 };
    let bytes = log.draft.total() + if is_copied { kept - state } else { Bytes::ZERO };
    Some(Finding::Drafting {
        snapshots,
        context: log.draft.total(),
        bytes: signed(bytes, Bytes::ZERO),
    })
}

/// Weights that are not those of the tag, by more than `slack`; only where all of them lie on GPUs, or none, can they be compared.
pub(super) fn other_weights(log: &EngineStart, last: &Placement, slack: Bytes) -> Option<Finding> {
    let whole = log.layers.is_some_and(|(some, all)| some == all) && last.host.is_empty();
    let gpus = &last.allocation.gpus;
    let (expected, actual): (Bytes, Bytes) = match gpus.is_empty() && log.gpus().next().is_none() {
        true => {
            let logged = log.on_host().map(|buffers| buffers.weights);
            (last.allocation.host.weights, logged.sum())
        }
        false if whole => {
            let logged: Bytes = log.gpus().map(|(_, gpu)| gpu.weights).sum();
            let expected = gpus.iter().map(|gpu| gpu.weights).sum();
            (expected, logged - log.draft.weights)
        }
        false => return None,
    };
    (expected.0.abs_diff(actual.0) > slack.0).then(|| Finding::OtherWeights {
        expected,
        actual,
        bytes: signed(actual, expected),
    })
}
