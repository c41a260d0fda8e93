//! The prediction for what was really loaded.

use super::Evidence;
use super::compare::{Situation, signed};
use crate::engine::place::Placement;
use crate::engine::workload::{FlashAttention, Workload};
use crate::report::{Actual, Finding};

/// The prediction for what was really loaded, one setting after the other, with what each adds.
pub(super) fn adjusted(
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
    if let Some(on) = actual
        .flash_attention
        .filter(|on| *on != last.allocation.flash_attention)
    {
        workload.flash_attention = if on {
            FlashAttention::On
        } else {
            FlashAttention::Off
        };
        let bytes = step(&workload, None, &mut last);
        findings.push(Finding::OtherFlashAttention {
            expected: !on,
            actual: on,
            bytes,
        });
    }
    let is_old = evidence.log.as_ref().is_some_and(|log| log.batch_logits);
    if is_old && !workload.batch_logits {
        workload.batch_logits = true;
        let bytes = step(&workload, None, &mut last);
        if bytes != 0 {
            findings.push(Finding::BatchLogits { bytes });
        }
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
pub(super) fn used(situation: &Situation<'_>, evidence: &Evidence) -> Option<Vec<usize>> {
    if !evidence.process.is_empty() {
        let mut set: Vec<usize> = evidence.process.iter().map(|part| part.0).collect();
        set.sort_unstable();
        return Some(set);
    }
    let count = evidence.log.as_ref()?.gpus().count();
    let mut all: Vec<usize> = (0..situation.pool.devices.len()).collect();
    all.sort_by_key(|at| (std::cmp::Reverse(situation.pool.devices[*at].free), *at));
    all.truncate(count);
    all.sort_unstable();
    (all.len() == count && count > 0).then_some(all)
}
