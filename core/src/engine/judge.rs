//! One file of a model on the hardware that is here: where it goes, how fast it answers, what it is worth, and whether it is ranked.

use super::cheapest_fix::{longest_context, longest_context_on_host};
use super::estimate_input::{EstimateInput, estimate_input};
use super::place::{self, Placement, Verdict};
use super::predict_speed::{self, predict_speed};
use super::ranking::{Ranked, RankingHardware, Request};
use super::reason::{self, Reason};
use super::scoring::{least_rate, rate, round, score};
use super::speed::Speed;
use super::workload::{Engine, Workload};
use crate::catalog::model::Capability;
use crate::catalog::{Catalog, Entry};
use crate::request::Task;
use crate::units::Bytes;

/// Where nobody knows what a model was trained for, no longer context is claimed than most have today.
const LONGEST: u32 = 1 << 20;

/// Points from which a model counts as strong for a task.
const STRONG: f64 = 70.0;

/// Places, times and scores one file of a model. `None` if it cannot be estimated, or was trained for less context than was asked.
pub fn judge<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Ranked<'a>> {
    let input = estimate_input(catalog, entry)?;
    judge_as(catalog, entry, input, request, here)
}

/// [`judge`] for a file whose shape and bytes are gathered already.
pub(super) fn judge_as<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    input: EstimateInput<'a>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Ranked<'a>> {
    let placement = placed(entry, &input, request, here)?;
    Some(judged(catalog, entry, input, placement, request, here))
}

/// Places a file on the hardware. `None` if its model was trained for less context than was asked.
fn placed(
    entry: Entry<'_>,
    input: &EstimateInput<'_>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Placement> {
    let workload = workload(entry, input, request, here)?;
    Some(super::doubt::place(input, &workload, here.pool))
}

/// Whether a file lies whole on the GPUs, told without what becomes of it otherwise.
pub(super) fn lies_whole(
    catalog: &Catalog,
    entry: Entry<'_>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> bool {
    let Some(input) = estimate_input(catalog, entry) else {
        return false;
    };
    // What loads only if the estimate is not off may go to known memory.
    let least = match here.pool.hosts.iter().any(Option::is_some) {
        true => Verdict::Fits,
        false => Verdict::Tight,
    };
    workload(entry, &input, request, here)
        .is_some_and(|workload| place::lies_whole(input.shape(), &workload, here.pool, least))
}

/// The settings under which a file is judged. `None` if its model was trained for less context than was asked.
fn workload(
    entry: Entry<'_>,
    input: &EstimateInput<'_>,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Option<Workload> {
    let trained = entry.model.context_length.unwrap_or(u32::MAX);
    if request.context_asked && trained < request.workload.context_length {
        return None;
    }
    // A context that nobody asked for is the task's usual one, and no reason to leave a model out.
    let mut workload = Workload {
        context_length: request.workload.context_length.min(trained),
        ..request.workload
    };
    if request.longest_context {
        let longest_here = match here.pool.devices.is_empty() {
            true => longest_context_on_host,
            false => longest_context,
        };
        let longest = longest_here(input, &workload, here.pool, trained.min(LONGEST));
        // Where not even the task's context fits whole, the placement says so of that one.
        workload.context_length = workload.context_length.max(longest.unwrap_or_default());
    }
    Some(workload)
}

/// [`judge`] for a file that is placed already.
pub fn judged<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    input: EstimateInput<'a>,
    placement: Placement,
    request: &Request,
    here: &RankingHardware<'_>,
) -> Ranked<'a> {
    let speed = predict_speed(
        &catalog.knowledge.speeds,
        here.machine,
        speed_model(catalog, entry, &input),
        &placement,
    );
    let score = score(
        catalog,
        entry,
        &input,
        request,
        here,
        &placement,
        speed.as_ref(),
    );
    let guide_rank = catalog.guide_rank(request.task, entry);
    let mut reasons: Vec<Reason> = guide_rank
        .map(|rank| Reason::RankedForTask { rank })
        .into_iter()
        .collect();
    let quality = catalog.quality(entry.model, request.task);
    // What was inferred from relatives praises nobody.
    if quality.own && quality.score >= STRONG {
        reasons.push(Reason::StrongForTask {
            score: round(quality.score),
        });
    }
    reasons.extend(reason::of_placement(
        &input,
        &placement,
        here.pool,
        request.workload.context_length,
    ));
    // A model that sees has a projector; one that nobody weighed still takes memory.
    let sees = entry.model.capabilities.contains(&Capability::Vision);
    if sees && entry.variant.projector == Bytes::ZERO {
        let doubt = &catalog.knowledge.ollama.projector;
        let most = doubt.of_model(&entry.model.name);
        reasons.push(Reason::ProjectorUnknown { most });
    }
    if let Some(active_parameters) = entry.model.active_parameters {
        reasons.push(Reason::MixtureOfExperts { active_parameters });
    }
    let workload = &request.workload;
    if workload.parallel > 1 && workload.engine == Engine::Ollama && input.single_slot() {
        reasons.push(Reason::SingleSlot);
    }
    if !quality.own {
        reasons.push(Reason::InferredQuality);
    }
    if !entry.model.published {
        reasons.push(Reason::NotPublished {
            replaced_by: entry.model.replaced_by.clone().map(String::from),
        });
    }
    Ranked {
        entry,
        input,
        placement,
        speed,
        score,
        doubt: quality.sd,
        guide_rank,
        reasons,
    }
}

/// What the prediction of speed has to know of a model: shape and bytes, and its names in the data.
pub fn speed_model<'a>(
    catalog: &'a Catalog,
    entry: Entry<'a>,
    input: &'a EstimateInput<'a>,
) -> predict_speed::Model<'a> {
    predict_speed::Model {
        input,
        architecture: catalog
            .architecture(entry.model)
            .map_or("", |known| known.name.as_str()),
        quantization: entry.variant.quantization.as_deref().unwrap_or_default(),
        parameters: entry.model.parameters,
        active_parameters: entry.model.active_parameters.or(entry.model.parameters),
    }
}

/// Whether a model runs here well enough to be ranked: whole on the GPUs, or in RAM, partly or all of it, at a rate that somebody waits for.
pub(super) fn runs(ranked: &Ranked<'_>, request: &Request, here: &RankingHardware<'_>) -> bool {
    match ranked.placement.verdict {
        Verdict::Fits | Verdict::Tight => true,
        // An embedding model writes nothing that anybody waits for.
        Verdict::Offloads if here.pool.devices.is_empty() && request.task == Task::Embedding => {
            true
        }
        Verdict::Offloads => is_fast_enough(ranked.speed.as_ref(), request),
        Verdict::DoesNotFit => false,
    }
}

/// Whether somebody waits for an answer at this rate.
pub(super) fn is_fast_enough(speed: Option<&Speed>, request: &Request) -> bool {
    speed.is_some_and(|speed| rate(speed) >= least_rate(request.effective_priority()))
}
