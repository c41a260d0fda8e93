//! A configuration of the guide, laid out as the guide does or as it fits here.

use super::super::args::PlanArgs;
use super::super::hardware::Hardware;
use super::super::session::Session;
use super::limit::Limit;
use super::wanted::{self, Wanted};
use crate::catalog::guide::Preset;
use crate::error::Error;
use crate::report::{PlanNote, Planned};

/// The contexts that a preset is tried with where none was asked for: the usual one, then shorter ones.
const CONTEXTS: [Option<u32>; 3] = [None, Some(4096), Some(2048)];

/// What speaks against a plan: services without a place, then services that must start in a certain order, which is worse than a shorter
/// context.
fn drawbacks(planned: &Planned) -> (usize, bool) {
    let notes = &planned.plan.notes;
    let in_order = |note: &PlanNote| matches!(note, PlanNote::StartInOrder { .. });
    (planned.plan.unplaced.len(), notes.iter().any(in_order))
}

/// A preset as the guide lays it out; where that does not hold, wherever it does; where that does not hold either, with shorter contexts.
pub(super) fn of_preset(
    session: &Session,
    args: &PlanArgs,
    limit: &Limit<'_>,
    wanted: &Wanted,
    preset: &Preset,
    hardware: &Hardware,
) -> Result<Planned, Error> {
    let (_, context_asked) = session.workload(&args.workload)?;
    // What somebody asked for is not shortened behind their back: then the page says that it does not fit.
    let contexts = if context_asked {
        &CONTEXTS[..1]
    } else {
        &CONTEXTS
    };
    let mut best: Option<Planned> = None;
    for context in contexts {
        for pinned in [true, false] {
            let own = wanted::has_gpus_of(hardware, preset);
            if pinned && !own {
                continue;
            }
            let mut notes = Vec::new();
            // On other GPUs than the guide's nobody expects its layout.
            if own && !pinned {
                notes.push(PlanNote::PresetPlacedAnew {
                    preset: preset.code.clone(),
                });
            }
            notes.extend(context.map(|context_length| PlanNote::ContextShortened {
                preset: preset.code.clone(),
                context_length,
            }));
            let wanted = wanted.with_preset(preset, pinned, *context);
            let planned = super::answer_to(session, args, limit, &wanted, hardware, notes)?;
            // Of equals the first stays: the guide's own layout, then longer contexts.
            if best
                .as_ref()
                .is_none_or(|best| drawbacks(&planned) < drawbacks(best))
            {
                best = Some(planned);
            }
            if best.as_ref().map(drawbacks) == Some((0, false)) {
                break;
            }
        }
        if best.as_ref().map(drawbacks) == Some((0, false)) {
            break;
        }
    }
    match best {
        Some(best) => Ok(best),
        None => super::answer_to(session, args, limit, wanted, hardware, Vec::new()),
    }
}
