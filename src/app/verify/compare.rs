//! The prediction that was made, the one that would have been made for what was loaded, and what is left between them.

use super::Evidence;
use super::actual::{actual, overheads, parts};
use super::adjust::{adjusted, used};
use super::drafting::{drafting, other_weights};
use super::infer_setting::likely;
use crate::app::hardware::Hardware;
use crate::app::reporting;
use crate::engine::estimate_input::EstimateInput;
use crate::engine::place::{Device, GpuPool, Placement, place, split_over};
use crate::engine::runtime::ollama_default;
use crate::engine::workload::Workload;
use crate::ollama::LoadFailure;
use crate::report::{Actual, Finding, MeasurementSource, PlacementReport, Predicted, Verified};
use crate::units::Bytes;

/// The settings that the prediction is made for.
pub(super) struct Asked {
    pub workload: Workload,
    pub context_asked: bool,
}

impl Asked {
    /// The settings to predict for: the context is the loaded one, if none was asked for, and never beyond the trained one.
    fn workload(&self, input: &EstimateInput<'_>, actual: &Actual) -> Workload {
        let trained = match input.architecture.context_length {
            0 => u32::MAX,
            length => length,
        };
        let context_length = match actual.context_length {
            Some(context) if !self.context_asked => context,
            _ => self.workload.context_length,
        };
        Workload {
            context_length: context_length.min(trained),
            ..self.workload
        }
    }
}

/// What a prediction may be off: a log rounds each of its lines.
const SLACK: Bytes = Bytes::mib(64);
/// And in parts of a hundred of the prediction, for exact and for approximate ones.
const EXACT: u64 = 2;
const APPROXIMATE: u64 = 6;

/// The room in which the model was placed, before it was there.
pub(super) struct Situation<'a> {
    input: &'a EstimateInput<'a>,
    pub(super) pool: GpuPool,
    totals: &'a [Bytes],
    on_host: bool,
}

/// Compares what is predicted of one model with what was measured.
pub(super) fn verified(
    hardware: &Hardware,
    input: &EstimateInput<'_>,
    evidence: &Evidence,
    asked: &Asked,
) -> Verified {
    let mut actual = actual(evidence);
    let situation = situation(hardware, input, evidence);
    let first = asked.workload(input, &actual);
    let predicted = situation.predict(&first, None);
    let failed = evidence.log.as_ref().and_then(|log| log.failure.clone());
    let mut findings: Vec<Finding> = failed.clone().map(engine_failed).into_iter().collect();
    let last = adjusted(
        &situation,
        &first,
        &predicted,
        evidence,
        &actual,
        &mut findings,
    );
    let expected = situation.buffers(&predicted);
    if let Some(gpus) = overheads(hardware, evidence, &last, input) {
        actual.per_gpu = gpus;
        actual.witnesses.push(MeasurementSource::Driver);
    }
    let (slack, shown, another_file) =
        other_files(&situation, evidence, &last, expected, &mut findings);
    let failed = failed.is_some();
    let spilled = !failed && spilled(&actual, &last, &situation, &mut findings);
    let left = actual
        .buffers
        .map(|actual| signed(actual, situation.buffers(&last)) - shown);
    let unexplained = match left {
        // What it had until then is no whole.
        _ if failed => false,
        None => {
            findings.push(Finding::NotMeasured);
            false
        }
        Some(bytes) if bytes.unsigned_abs() > slack.0 => {
            remainder(&situation, evidence, &actual, &last, bytes, &mut findings)
        }
        Some(_) => false,
    };
    findings.extend(other_overheads(hardware, &actual));
    if findings.is_empty() {
        findings.push(Finding::AsPredicted);
    }
    if !input.basis.is_exact() {
        findings.push(Finding::Approximate { basis: input.basis });
    }
    let difference = actual.buffers.map(|actual| signed(actual, expected));
    Verified {
        tag: evidence.tag.clone(),
        predicted: Predicted {
            buffers: expected,
            estimate: reporting::estimate(hardware, &predicted, input),
            placement: match situation.report(hardware) {
                true => reporting::placement(hardware, &predicted),
                false => unplaced(&predicted),
            },
        },
        difference,
        difference_ratio: difference.map(|bytes| {
            let ratio = bytes as f64 / expected.0.max(1) as f64;
            (ratio * 1e4).round() / 1e4
        }),
        parts: evidence
            .log
            .as_ref()
            .map(|log| parts(log, &predicted))
            .unwrap_or_default(),
        actual,
        findings,
        fault: failed || spilled || another_file || unexplained,
    }
}

fn engine_failed(failure: LoadFailure) -> Finding {
    Finding::EngineFailed {
        said: failure.said,
        out_of_memory: failure.out_of_memory,
    }
}

/// What a prediction may be off, the bytes that are drafting or the weights of another file, and whether another file is a fault.
fn other_files(
    situation: &Situation<'_>,
    evidence: &Evidence,
    last: &Placement,
    expected: Bytes,
    findings: &mut Vec<Finding>,
) -> (Bytes, i64, bool) {
    let log = evidence.log.as_ref();
    let is_exact = situation.input.basis.is_exact();
    let basis = situation.input.basis_of(&last.allocation);
    let percent = if basis.is_exact() { EXACT } else { APPROXIMATE };
    let rounding = log.map(|log| log.rounding).unwrap_or_default();
    let slack = SLACK.max(expected.scale(percent, 100)) + rounding;
    // What was asked for is predicted, and needs no explanation.
    let asked = last.allocation.draft > 0;
    let drafting = log.filter(|_| !asked).and_then(|log| drafting(log, last));
    let whole = log.filter(|log| log.failure.is_none());
    let weights = whole.and_then(|log| other_weights(log, last, slack));
    // A tag whose file is known is not what was loaded.
    let another_file = weights.is_some() && is_exact;
    let further: Vec<Finding> = drafting.into_iter().chain(weights).collect();
    let bytes = further.iter().map(|finding| match finding {
        Finding::Drafting { bytes, .. } | Finding::OtherWeights { bytes, .. } => *bytes,
        _ => 0,
    });
    let shown = bytes.sum();
    findings.extend(further);
    (slack, shown, another_file)
}

/// What no setting explains: a setting that no log tells and that the bytes suggest, or a fault.
fn remainder(
    situation: &Situation<'_>,
    evidence: &Evidence,
    actual: &Actual,
    last: &Placement,
    bytes: i64,
    findings: &mut Vec<Finding>,
) -> bool {
    let by_surprise = |finding: &Finding| {
        matches!(
            finding,
            Finding::Spilled {
                expected: false,
                ..
            }
        )
    };
    if bytes < 0 && findings.iter().any(by_surprise) {
        return false;
    }
    // A log would have told the settings; without one they show in the sum.
    let sum = actual
        .buffers
        .filter(|_| evidence.log.is_none() && situation.input.basis.is_exact());
    let guess = sum.and_then(|actual| {
        let set = used(situation, evidence).filter(|_| last.host.is_empty());
        likely(last, actual, bytes, |workload| {
            situation.buffers(&situation.predict(workload, set.as_deref()))
        })
    });
    let is_fault = guess.is_none();
    findings.push(guess.unwrap_or(Finding::Unexplained { bytes }));
    is_fault
}

/// The GPUs on which a process takes more or less than was assumed.
fn other_overheads(hardware: &Hardware, actual: &Actual) -> Vec<Finding> {
    let number =
        |device: &Device| hardware.report.hosts[device.host as usize].gpus[device.gpu as usize].gpu;
    let differing = actual.per_gpu.iter().filter_map(|gpu| {
        let (index, actual) = gpu.gpu.zip(gpu.overhead)?;
        let mut devices = hardware.pool.devices.iter();
        let expected = devices.find(|device| number(device) == index)?.overhead;
        let differs = expected.0.abs_diff(actual.0) > SLACK.0;
        differs.then_some(Finding::OtherOverhead {
            gpu: index,
            expected,
            actual,
        })
    });
    differing.collect()
}

/// A placement on GPUs that nobody described.
fn unplaced(placement: &Placement) -> PlacementReport {
    PlacementReport {
        kind: placement.kind,
        gpus: Vec::new(),
        host_layers: placement.host.layers,
        host_expert_layers: placement.host.expert_layers,
        host_bytes: placement.allocation.host.total(),
        shortfall: placement.shortfall,
    }
}

/// `a - b`, in bytes.
pub(super) fn signed(a: Bytes, b: Bytes) -> i64 {
    let off = i64::try_from(a.0.abs_diff(b.0)).unwrap_or(i64::MAX);
    if a >= b { off } else { -off }
}

fn situation<'a>(
    hardware: &'a Hardware,
    input: &'a EstimateInput<'a>,
    evidence: &Evidence,
) -> Situation<'a> {
    let mut pool = hardware.pool.clone();
    // What the model holds now was free when it came.
    for (device, bytes) in &evidence.process {
        pool.devices[*device].free += *bytes;
    }
    let measured = evidence
        .server
        .as_ref()
        .map_or(Bytes::ZERO, |loaded| loaded.size_vram);
    if evidence.process.is_empty() && hardware.report.origin != "simulated" {
        for device in &mut pool.devices {
            let gpu = &hardware.report.hosts[device.host as usize].gpus[device.gpu as usize];
            device.free = (device.free + measured).min(gpu.total - gpu.reserved);
        }
    }
    let in_log = evidence.log.as_ref().map_or(0, |log| log.gpus().count());
    let on_host = pool.devices.is_empty() && in_log == 0 && measured == Bytes::ZERO;
    if pool.devices.is_empty() && !on_host {
        let boundless = Hardware::boundless(Bytes::ZERO).devices[0];
        pool.devices = (0..in_log.max(1))
            .map(|gpu| Device {
                gpu: gpu as u32,
                ..boundless
            })
            .collect();
        pool.hosts = vec![None];
    }
    Situation {
        input,
        pool,
        totals: &hardware.totals,
        on_host,
    }
}

impl Situation<'_> {
    /// Where the model would go; on the devices of `set`, if there is one.
    pub(super) fn predict(&self, workload: &Workload, set: Option<&[usize]>) -> Placement {
        let shape = self.input.shape();
        if let Some(set) = set {
            return split_over(shape, workload, &self.pool, set);
        }
        if self.totals.is_empty() && !self.on_host {
            let all: Vec<usize> = (0..self.pool.devices.len()).collect();
            return split_over(shape, workload, &self.pool, &all);
        }
        ollama_default(shape, workload, &self.pool).map_or_else(
            || place(shape, workload, &self.pool),
            |choice| choice.placement,
        )
    }

    /// The buffers that the server and the log count.
    pub(super) fn buffers(&self, placement: &Placement) -> Bytes {
        let gpus = &placement.allocation.gpus;
        match self.on_host {
            true => placement.allocation.host.total(),
            false => gpus
                .iter()
                .map(|gpu| gpu.weights + gpu.kv_cache + gpu.compute)
                .sum(),
        }
    }

    /// Whether the devices are those of the report.
    fn report(&self, hardware: &Hardware) -> bool {
        self.pool.devices.len() == hardware.pool.devices.len()
    }
}

/// Layers that are not on a GPU, and whether that is a fault: one that was predicted is none.
fn spilled(
    actual: &Actual,
    last: &Placement,
    situation: &Situation<'_>,
    findings: &mut Vec<Finding>,
) -> bool {
    let layers = actual
        .gpu_layers
        .zip(actual.layers)
        .map(|(some, all)| all - some.min(all));
    let by_server = actual.witnesses.contains(&MeasurementSource::Server) && layers.is_none();
    let bytes = actual
        .host
        .filter(|bytes| *bytes > Bytes::ZERO && by_server);
    if situation.on_host || layers.unwrap_or(0) == 0 && bytes.is_none() {
        return false;
    }
    let expected = !last.host.is_empty();
    findings.push(Finding::Spilled {
        layers: layers.filter(|layers| *layers > 0),
        bytes,
        expected,
    });
    !expected
}
