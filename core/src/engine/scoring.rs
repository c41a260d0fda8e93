//! Points out of 100: what the evidence, the speed and the room are worth to the person who asks.

use super::estimate_input::EstimateInput;
use super::place::{GpuPool, Placement, Verdict};
use super::ranking::{RankingHardware, Request, Score};
use super::speed::Speed;
use crate::catalog::model::Model;
use crate::catalog::{Catalog, Entry};
use crate::request::{Budget, Priority, Task};
use crate::units::Bytes;

pub(super) fn score(
    catalog: &Catalog,
    entry: Entry<'_>,
    input: &EstimateInput<'_>,
    request: &Request,
    here: &RankingHardware<'_>,
    placement: &Placement,
    speed: Option<&Speed>,
) -> Score {
    let sure = points(catalog, entry);
    let task = sure(request.task);
    // No text task is answered by an embedding model, and no other model embeds.
    let alike = match request.task {
        Task::Embedding => &[Task::Embedding],
        _ => Task::TEXT,
    };
    let quality = alike.iter().map(|task| sure(*task)).sum::<f64>() / alike.len() as f64;
    let speed = match request.task {
        Task::Embedding => embedding_speed_points(entry.model),
        _ => speed.map_or(0.0, |speed| speed_points(rate(speed), enough(request))),
    };
    let fit = fit_points(
        input,
        placement,
        here.pool,
        request.budget == Some(Budget::Limited),
    );
    let [w_task, w_speed, w_fit] = weights(request);
    let total = w_task * task + w_speed * speed + w_fit * fit;
    Score {
        total: round(total),
        task: round(task),
        quality: round(quality),
        speed: round(speed),
        fit: round(fit),
    }
}

/// Points for a task, with what the quantization of a file costs taken off.
fn points<'a>(catalog: &'a Catalog, entry: Entry<'a>) -> impl Fn(Task) -> f64 {
    let quantization = entry.variant.quantization.as_deref();
    let penalty = quantization.map_or(0.0, |name| catalog.quantization_penalty(name));
    let qualities = catalog.qualities(entry.model);
    move |task| (qualities.for_task(task).score - penalty).clamp(0.0, 100.0)
}

/// [`Score::task`] of a file, wherever it lies.
pub(super) fn task_points(catalog: &Catalog, entry: Entry<'_>, task: Task) -> f64 {
    round(points(catalog, entry)(task))
}

/// How much task, speed and room count; they sum to one.
pub fn weights(request: &Request) -> [f64; 3] {
    let [task, speed, fit] = match request.effective_priority() {
        Priority::Quality => [0.94, 0.02, 0.04],
        // A doubling in size within a family, 2.5 to 3 points, outweighs half the speed: no larger sibling at 30 tokens/s stands below.
        Priority::Balanced => [0.82, 0.12, 0.06],
        Priority::Speed => [0.42, 0.50, 0.08],
    };
    match request.budget {
        Some(Budget::Limited) => [task - 0.15, speed, fit + 0.15],
        Some(Budget::Ample) | None => [task, speed, fit],
    }
}

/// Tokens a second below which nobody waits for an answer: what lies in RAM, partly or all of it, is ranked from there on.
pub const fn least_rate(priority: Priority) -> f64 {
    match priority {
        Priority::Quality => 5.0,
        Priority::Balanced => 12.0,
        Priority::Speed => 25.0,
    }
}

/// Tokens written a second in the middle of the predicted band.
pub fn rate(speed: &Speed) -> f64 {
    // Geometric, since a band is one rate times two factors.
    (speed.decode[0] * speed.decode[1]).sqrt()
}

/// Tokens a second that are as good as any more: a choice. What is read takes some 5 to 10 of them, and thinking before the answer several
/// times as many; code and reasoning have more that nobody reads. Who asks for speed wants it for its own sake.
fn enough(request: &Request) -> f64 {
    match (request.effective_priority(), request.task) {
        (Priority::Speed, _) => 120.0,
        (_, Task::Code | Task::Reasoning) => 60.0,
        _ => 40.0,
    }
}

/// From tokens a second to points: every doubling up to what is enough counts the same.
fn speed_points(rate: f64, enough: f64) -> f64 {
    // One more, so that no rate has points below none.
    let doublings = |rate: f64| (1.0 + rate.max(0.0)).log2();
    (doublings(rate) / doublings(enough) * 100.0).clamp(0.0, 100.0)
}

/// Parameters of an embedding model that is as fast as any need be, and of one that gets no points.
const EMBEDDING: [f64; 2] = [2e7, 8e9];

/// A text costs as many operations as there are parameters: every halving counts the same.
fn embedding_speed_points(model: &Model) -> f64 {
    let [small, large] = EMBEDDING;
    let parameters = model.active_parameters.or(model.parameters);
    let halvings = parameters.map_or(0.0, |own| (large / (own as f64).max(small)).log2());
    (halvings / (large / small).log2() * 100.0).clamp(0.0, 100.0)
}

/// Room that is left, in points; for a limited budget, how little is taken. What the estimate may be short of is not left.
fn fit_points(
    input: &EstimateInput<'_>,
    placement: &Placement,
    pool: &GpuPool,
    limited: bool,
) -> f64 {
    let capacity: Bytes = placement
        .shares
        .iter()
        .map(|share| pool.devices[share.device].usable())
        .sum();
    let whole: Bytes = pool.devices.iter().map(|device| device.usable()).sum();
    let doubt = input.doubt(&placement.allocation);
    let need = placement.total() + doubt;
    let free = |of: Bytes| (1.0 - need.0 as f64 / of.0.max(1) as f64).max(0.0);
    match placement.verdict {
        // Of all the memory, not of the GPUs in use: who has little money wants little taken.
        Verdict::Fits if limited => 100.0 * free(whole),
        Verdict::Fits => match placement.spare(pool).filter(|spare| *spare < doubt) {
            // It probably fits: between what is tight and what just fits.
            // Else gemma4:31b led chat on an RTX 3090 with 555 MiB to spare and a doubt of 940.
            Some(spare) => 40.0 + 30.0 * spare.0 as f64 / doubt.0 as f64,
            // A tenth of the room is enough to be at ease.
            None => 70.0 + 30.0 * (free(capacity) / 0.1).min(1.0),
        },
        // Less than whatever loads by itself: somebody has to tell the engine to leave no margin.
        Verdict::Tight => 40.0,
        // At best as what just fits: the host has room of its own.
        // On 12 GB with 32 GB of RAM a 35B mixture stands beside a 9B so.
        Verdict::Offloads => 50.0 + 20.0 * (1.0 - placement.host_share()),
        Verdict::DoesNotFit => 0.0,
    }
}

/// One digit behind the point: more would claim what is not known.
pub(super) fn round(points: f64) -> f64 {
    (points * 10.0).round() / 10.0
}
