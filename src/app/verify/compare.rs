//! The prediction that was made, the one that would have been made for what was loaded, and what is left between them.

use super::Evidence;
use super::actual::{actual, overheads, parts};
use super::likely::likely;
use crate::app::answer;
use crate::app::hardware::Hardware;
use crate::engine::place::{Device, Placement, Room, on, place};
use crate::engine::runtime::{Profile, unattended};
use crate::engine::subject::Subject;
use crate::engine::workload::Workload;
use crate::report::{Actual, Finding, PlacementReport, Predicted, Verified, Witness};
use crate::units::Bytes;

/// What was assumed.
pub(super) struct Asked {
    pub workload: Workload,
    pub context_asked: bool,
    pub profile: Profile,
}

/// What a prediction may be off: a log rounds each of its lines.
const SLACK: Bytes = Bytes::mib(64);
/// And in parts of a hundred of the prediction, for exact and for approximate ones.
const EXACT: u64 = 2;
const APPROXIMATE: u64 = 6;

/// The room in which the model was placed, before it was there.
struct Situation<'a> {
    subject: &'a Subject<'a>,
    room: Room,
    totals: &'a [Bytes],
    profile: Profile,
    on_host: bool,
}

/// Compares one model.
pub(super) fn verified(
    hardware: &Hardware,
    subject: &Subject<'_>,
    evidence: &Evidence,
    asked: &Asked,
) -> Verified {
    let mut actual = actual(evidence);
    let situation = situation(hardware, subject, evidence, asked);
    let trained = match subject.architecture.context_length {
        0 => u32::MAX,
        length => length,
    };
    let context_length = match actual.context_length {
        Some(context) if !asked.context_asked => context,
        _ => asked.workload.context_length,
    };
    let first = Workload {
        context_length: context_length.min(trained),
        ..asked.workload
    };
    let predicted = situation.predict(&first, None);
    let mut findings = Vec::new();
    let last = adjusted(
        &situation,
        &first,
        &predicted,
        evidence,
        &actual,
        &mut findings,
    );
    let expected = situation.buffers(&predicted);
    if let Some(gpus) = overheads(hardware, evidence, &last, subject) {
        actual.per_gpu = gpus;
        actual.witnesses.push(Witness::Driver);
    }
    let difference = actual.buffers.map(|actual| signed(actual, expected));
    let left = actual
        .buffers
        .map(|actual| signed(actual, situation.buffers(&last)));
    let mut fault = spilled(&actual, &last, &situation, &mut findings);
    let percent = if subject.basis.is_exact() {
        EXACT
    } else {
        APPROXIMATE
    };
    let slack = SLACK.max(expected.scale(percent, 100));
    match left {
        None => findings.push(Finding::NotMeasured),
        Some(bytes) if bytes.unsigned_abs() > slack.0 => {
            let explained = bytes < 0
                && findings.iter().any(|found| {
                    matches!(
                        found,
                        Finding::Spilled {
                            expected: false,
                            ..
                        }
                    )
                });
            // A log would have told the settings; without one they show in the sum.
            let guess = actual
                .buffers
                .filter(|_| evidence.log.is_none() && subject.basis.is_exact())
                .and_then(|actual| {
                    let set = used(&situation, evidence).filter(|_| last.host.is_empty());
                    likely(&last, actual, bytes, |workload| {
                        situation.buffers(&situation.predict(workload, set.as_deref()))
                    })
                });
            if !explained {
                fault = guess.is_none();
                findings.push(guess.unwrap_or(Finding::Unexplained { bytes }));
            }
        }
        Some(_) => {}
    }
    for gpu in &actual.per_gpu {
        let (Some(index), Some(actual)) = (gpu.gpu, gpu.overhead) else {
            continue;
        };
        let assumed = hardware.room.devices.iter().find(|device| {
            hardware.report.hosts[device.host as usize].gpus[device.gpu as usize].gpu == index
        });
        if let Some(expected) = assumed.map(|device| device.overhead)
            && expected.0.abs_diff(actual.0) > SLACK.0
        {
            findings.push(Finding::OtherOverhead {
                gpu: index,
                expected,
                actual,
            });
        }
    }
    if findings.is_empty() {
        findings.push(Finding::AsPredicted);
    }
    if !subject.basis.is_exact() {
        findings.push(Finding::Approximate {
            basis: subject.basis,
        });
    }
    let report = situation.report(hardware);
    Verified {
        tag: evidence.tag.clone(),
        predicted: Predicted {
            buffers: expected,
            estimate: answer::estimate(hardware, &predicted, subject),
            placement: match report {
                true => answer::placement(hardware, &predicted),
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
        fault,
    }
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
    subject: &'a Subject<'a>,
    evidence: &Evidence,
    asked: &Asked,
) -> Situation<'a> {
    let mut room = hardware.room.clone();
    // What the model holds now was free when it came.
    for (device, bytes) in &evidence.process {
        room.devices[*device].free += *bytes;
    }
    let measured = evidence
        .server
        .as_ref()
        .map_or(Bytes::ZERO, |loaded| loaded.size_vram);
    if evidence.process.is_empty() && hardware.report.origin != "simulated" {
        for device in &mut room.devices {
            let gpu = &hardware.report.hosts[device.host as usize].gpus[device.gpu as usize];
            device.free = (device.free + measured).min(gpu.total - gpu.reserved);
        }
    }
    let in_log = evidence.log.as_ref().map_or(0, |log| log.gpus().count());
    let on_host = room.devices.is_empty() && in_log == 0 && measured == Bytes::ZERO;
    if room.devices.is_empty() && !on_host {
        let boundless = Hardware::boundless(Bytes::ZERO).devices[0];
        room.devices = (0..in_log.max(1))
            .map(|gpu| Device {
                gpu: gpu as u32,
                ..boundless
            })
            .collect();
        room.hosts = vec![None];
    }
    Situation {
        subject,
        room,
        totals: &hardware.totals,
        profile: asked.profile,
        on_host,
    }
}

impl Situation<'_> {
    /// Where the model would go; on the devices of `set`, if there is one.
    fn predict(&self, workload: &Workload, set: Option<&[usize]>) -> Placement {
        let shape = self.subject.shape();
        if let Some(set) = set {
            return on(shape, workload, &self.room, set);
        }
        if self.totals.is_empty() && !self.on_host {
            let all: Vec<usize> = (0..self.room.devices.len()).collect();
            return on(shape, workload, &self.room, &all);
        }
        unattended(shape, workload, &self.room, self.totals, self.profile).map_or_else(
            || place(shape, workload, &self.room),
            |choice| choice.placement,
        )
    }

    /// The buffers that the server and the log count.
    fn buffers(&self, placement: &Placement) -> Bytes {
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
        self.room.devices.len() == hardware.room.devices.len()
    }
}

/// The prediction for what was really loaded, one setting after the other, with what each adds.
fn adjusted(
    situation: &Situation<'_>,
    first: &Workload,
    predicted: &Placement,
    evidence: &Evidence,
    actual: &Actual,
    findings: &mut Vec<Finding>,
) -> Placement {
    let mut workload = *first;
    let mut last = predicted.clone();
    let step = |workload: &Workload, set: Option<&[usize]>, last: &mut Placement| {
        let next = situation.predict(workload, set);
        let bytes = signed(situation.buffers(&next), situation.buffers(last));
        *last = next;
        bytes
    };
    // The engine's own number is padded to whole steps of cells.
    if let Some(context) = actual
        .context_length
        .filter(|n| n.abs_diff(workload.context_length) >= 256)
    {
        let expected = std::mem::replace(&mut workload.context_length, context);
        let bytes = step(&workload, None, &mut last);
        findings.push(Finding::OtherContext {
            expected,
            actual: context,
            bytes,
        });
    }
    if let Some(parallel) = actual.parallel.filter(|n| *n != workload.parallel) {
        let expected = std::mem::replace(&mut workload.parallel, parallel);
        let bytes = step(&workload, None, &mut last);
        findings.push(Finding::OtherParallel {
            expected,
            actual: parallel,
            bytes,
        });
    }
    if let Some(kind) = actual
        .kv_cache_type
        .filter(|kind| *kind != workload.kv_cache_type)
    {
        let expected = std::mem::replace(&mut workload.kv_cache_type, kind);
        let bytes = step(&workload, None, &mut last);
        findings.push(Finding::OtherKvCacheType {
            expected,
            actual: kind,
            bytes,
        });
    }
    if let Some(batch) = actual
        .batch
        .filter(|n| u64::from(*n) != last.allocation.batch)
    {
        let expected = last.allocation.batch;
        workload.batch = Some(batch);
        let bytes = step(&workload, None, &mut last);
        findings.push(Finding::OtherBatch {
            expected,
            actual: batch.into(),
            bytes,
        });
    }
    let whole = last.host.is_empty();
    if let Some(set) =
        used(situation, evidence).filter(|set| whole && set.len() != last.shares.len())
    {
        let expected = last.shares.len() as u32;
        let bytes = step(&workload, Some(&set), &mut last);
        findings.push(Finding::OtherGpus {
            expected,
            actual: set.len() as u32,
            bytes,
        });
    }
    last
}

/// The devices that the model is on, as far as it can be told.
fn used(situation: &Situation<'_>, evidence: &Evidence) -> Option<Vec<usize>> {
    if !evidence.process.is_empty() {
        let mut set: Vec<usize> = evidence.process.iter().map(|part| part.0).collect();
        set.sort_unstable();
        return Some(set);
    }
    let count = evidence.log.as_ref()?.gpus().count();
    let mut all: Vec<usize> = (0..situation.room.devices.len()).collect();
    all.sort_by_key(|at| (std::cmp::Reverse(situation.room.devices[*at].free), *at));
    all.truncate(count);
    all.sort_unstable();
    (all.len() == count && count > 0).then_some(all)
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
    let by_server = actual.witnesses.contains(&Witness::Server) && layers.is_none();
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
