//! What the server, the log and the driver say.

use super::Evidence;
use super::compare::signed;
use crate::app::hardware::Hardware;
use crate::engine::estimate::Buffers;
use crate::engine::estimate_input::EstimateInput;
use crate::engine::place::Placement;
use crate::ollama::{EngineStart, LogBuffers};
use crate::quantization::KvCacheType;
use crate::report::{Actual, ActualGpu, MeasurementSource, Part, PartDifference};
use crate::units::Bytes;

/// What the server and the log say.
pub(super) fn actual(evidence: &Evidence) -> Actual {
    let mut actual = Actual::default();
    if let Some(loaded) = &evidence.server {
        actual.witnesses.push(MeasurementSource::Server);
        actual.context_length = Some(loaded.context_length).filter(|tokens| *tokens > 0);
        if loaded.is_measured() {
            actual.buffers = Some(loaded.size_vram);
            actual.host = Some(loaded.spilled());
        }
    }
    let Some(log) = &evidence.log else {
        return actual;
    };
    actual.witnesses.push(MeasurementSource::Log);
    let on_gpus = log.gpus().next().is_some();
    if !log.devices.is_empty() {
        actual.buffers = Some(if on_gpus { log.on_gpus() } else { log.host() });
        actual.host = Some(log.host());
    }
    actual.parallel = log.parallel;
    let slot = log
        .context
        .map(|all| all / log.parallel.unwrap_or(1).max(1));
    actual.context_length = slot.or(actual.context_length);
    actual.batch = log.batch;
    actual.kv_cache_type = log.kv_cache_type.as_deref().and_then(KvCacheType::parse);
    actual.flash_attention = log.flash_attention;
    actual.draft = Some(log.draft.total()).filter(|bytes| *bytes > Bytes::ZERO);
    (actual.gpu_layers, actual.layers) = log.layers.unzip();
    actual.per_gpu = log
        .gpus()
        .map(|(device, buffers)| ActualGpu {
            device: Some(device.to_owned()),
            buffers: Some(buffers.total()),
            ..ActualGpu::default()
        })
        .collect();
    actual
}

/// What the process holds on each GPU beyond its buffers.
pub(super) fn overheads(
    hardware: &Hardware,
    evidence: &Evidence,
    last: &Placement,
    input: &EstimateInput<'_>,
) -> Option<Vec<ActualGpu>> {
    let mut process = evidence.process.clone();
    if process.is_empty() {
        return None;
    }
    process.sort_unstable();
    let logged: Vec<(&str, Bytes)> = evidence
        .log
        .iter()
        .flat_map(EngineStart::gpus)
        .map(|(device, buffers)| (device, buffers.total()))
        .collect();
    let by_log = logged.len() == process.len();
    // A prediction stands in for the log only where the server confirms it.
    let sum: Bytes = last.shares.iter().map(|share| share.buffers.total()).sum();
    let confirmed = evidence.server.as_ref().is_some_and(|loaded| {
        let counted = sum - input.projector;
        loaded.spilled() == Bytes::ZERO
            && counted.0.abs_diff(loaded.size_vram.0) <= counted.scale(1, 200).0
    });
    let gpus = process.iter().enumerate().map(|(at, (device, bytes))| {
        let place = &hardware.pool.devices[*device];
        let gpu = &hardware.report.hosts[place.host as usize].gpus[place.gpu as usize];
        let share = last.shares.iter().find(|share| share.device == *device);
        let projector = if at == 0 {
            input.projector
        } else {
            Bytes::ZERO
        };
        let buffers = match (by_log, share) {
            (true, _) => Some(logged[at].1),
            (false, Some(share)) if confirmed => Some(share.buffers.total() - projector),
            _ => None,
        };
        ActualGpu {
            gpu: Some(gpu.gpu),
            device: by_log.then(|| logged[at].0.to_owned()),
            buffers,
            process: Some(*bytes),
            overhead: buffers.map(|buffers| *bytes - buffers - projector),
        }
    });
    Some(gpus.collect())
}

/// The log's buffers against the predicted ones, kind by kind: on GPUs, or of a model that lies in host memory alone.
pub(super) fn parts(log: &EngineStart, predicted: &Placement) -> Vec<PartDifference> {
    let (gpus, host) = (&predicted.allocation.gpus, &predicted.allocation.host);
    let (on_host, logged): (bool, Vec<&LogBuffers>) = match log.gpus().next() {
        None => (true, log.on_host().collect()),
        Some(_) => (false, log.gpus().map(|(_, buffers)| buffers).collect()),
    };
    if on_host && !gpus.is_empty() {
        return Vec::new();
    }
    let sum = |part: fn(&Buffers) -> Bytes, of_host: Bytes| match on_host {
        true => of_host,
        false => gpus.iter().map(part).sum(),
    };
    let logged = |part: fn(&LogBuffers) -> Bytes| logged.iter().map(|one| part(one)).sum();
    let rows: [(Part, Bytes, Bytes); 3] = [
        (
            Part::Weights,
            sum(|gpu| gpu.weights, host.weights),
            logged(|gpu| gpu.weights),
        ),
        (
            Part::KvCache,
            sum(|gpu| gpu.kv_cache, host.kv_cache),
            logged(|gpu| gpu.kv_cache + gpu.recurrent),
        ),
        (
            Part::Compute,
            sum(|gpu| gpu.compute, host.compute + host.output),
            logged(|gpu| gpu.compute + gpu.output),
        ),
    ];
    rows.into_iter()
        .map(|(part, predicted, actual)| PartDifference {
            part,
            predicted,
            actual,
            difference: signed(actual, predicted),
        })
        .collect()
}
