//! What a single Ollama would do with the same models, if nobody told it which GPUs to use.

use super::Model;
use crate::engine::batch::{batch_surcharge, predicted, with_automatic_batch};
use crate::engine::place::{Device, GpuPool};
use crate::engine::runtime::ollama_default;
use crate::engine::workload::CacheFault;
use crate::units::Bytes;

/// The part of free memory that a prediction may fill, in percent.
const FULL: u64 = 80;

/// What became of one model when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultSchedule {
    /// The model, by position in the list that was given.
    pub model: usize,
    /// The GPUs that it was given.
    pub devices: Vec<usize>,
    /// Blocks that went to the host, or whose experts did.
    pub host_layers: u32,
    /// Models that had to go for it, by position.
    pub evicted: Vec<usize>,
    /// Why the engine does not load it, which costs those that went their place all the same.
    pub refused: Option<CacheFault>,
}

struct Tenant {
    model: usize,
    parts: Vec<(usize, Bytes)>,
}

/// Asks one server on the first host for all models in turn. The server loads a model once however many replicas are wanted.
pub fn schedule_by_ollama(models: &[Model<'_>], pool: &GpuPool) -> Vec<DefaultSchedule> {
    let mut there: Vec<Tenant> = Vec::new();
    let mut schedules = Vec::new();
    for (model, wanted) in models.iter().enumerate() {
        let mut evicted = Vec::new();
        let schedule = loop {
            let now = left(pool, &there);
            // With nobody left to unload it is loaded whatever the prediction says.
            if !there.is_empty() && !loads_with_others(wanted, &now) {
                // The one that was loaded first has been idle longest.
                evicted.push(there.remove(0).model);
                continue;
            }
            break ollama_default(wanted.shape, &wanted.workload, &now);
        };
        let Some(schedule) = schedule else { continue };
        let refused = schedule.placement.refusal(wanted.shape.architecture);
        let lasts = refused.is_none();
        // What the engine refuses takes no memory, but those that were unloaded for it are gone.
        there.extend(lasts.then(|| {
            Tenant {
                model,
                parts: schedule
                    .placement
                    .shares
                    .iter()
                    .map(|share| (share.device, share.total()))
                    .collect(),
            }
        }));
        schedules.push(DefaultSchedule {
            model,
            devices: schedule.devices,
            host_layers: schedule.placement.host.layers + schedule.placement.host.expert_layers,
            evicted,
            refused,
        });
    }
    schedules
}

/// The first host with what its tenants leave.
fn left(pool: &GpuPool, there: &[Tenant]) -> GpuPool {
    let mut pool = pool.clone();
    for (at, bytes) in there.iter().flat_map(|tenant| &tenant.parts) {
        if let Some(device) = pool.devices.get_mut(*at) {
            device.free -= *bytes;
        }
    }
    pool
}

/// Whether Ollama would load a model beside others: only if its prediction and a surcharge fill at most 80 % of some GPU's free memory.
fn loads_with_others(model: &Model<'_>, pool: &GpuPool) -> bool {
    let workload = &model.workload;
    let total = u64::from(workload.context_length) * u64::from(workload.parallel);
    // The prediction, not the estimate: Ollama decides by what it believes.
    let need = predicted(model.shape, model.shape.weights.in_file(), total);
    let fits = |device: &Device| {
        let batch = with_automatic_batch(model.shape, workload, device.free, device.cuda).batch;
        need + batch_surcharge(batch.unwrap_or_default()) <= device.free.scale(FULL, 100)
    };
    pool.devices
        .iter()
        .filter(|device| device.host == 0)
        .any(fits)
}
