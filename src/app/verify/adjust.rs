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
    let mut adjustment = Adjustment {
        situation,
        workload: *first,
        last: predicted.clone(),
    };
    findings.extend(adjustment.context(actual));
    findings.extend(adjustment.parallel(actual));
    findings.extend(adjustment.kv_cache_type(actual));
    findings.extend(adjustment.batch(actual));
    findings.extend(adjustment.flash_attention(actual));
    findings.extend(adjustment.batch_logits(evidence));
    findings.extend(adjustment.gpus(evidence));
    adjustment.last
}

/// A prediction on its way to what was loaded. Each method takes over one setting, and tells it if it was another one.
struct Adjustment<'a> {
    situation: &'a Situation<'a>,
    workload: Workload,
    last: Placement,
}

impl Adjustment<'_> {
    /// Predicts again, on the devices of `set` if there is one. Returns what that adds.
    fn step(&mut self, set: Option<&[usize]>) -> i64 {
        let next = self.situation.predict(&self.workload, set);
        let before = self.situation.buffers(&self.last);
        let bytes = signed(self.situation.buffers(&next), before);
        self.last = next;
        bytes
    }

    fn context(&mut self, actual: &Actual) -> Option<Finding> {
        let expected = self.workload.context_length;
        // The engine's own number is padded to whole steps of cells.
        let other = |actual: &u32| actual.abs_diff(expected) >= 256;
        let actual = actual.context_length.filter(other)?;
        self.workload.context_length = actual;
        Some(Finding::OtherContext {
            expected,
            actual,
            bytes: self.step(None),
        })
    }

    fn parallel(&mut self, actual: &Actual) -> Option<Finding> {
        let expected = self.workload.parallel;
        let actual = actual.parallel.filter(|actual| *actual != expected)?;
        self.workload.parallel = actual;
        Some(Finding::OtherParallel {
            expected,
            actual,
            bytes: self.step(None),
        })
    }

    fn kv_cache_type(&mut self, actual: &Actual) -> Option<Finding> {
        let expected = self.workload.kv_cache_type;
        let actual = actual.kv_cache_type.filter(|actual| *actual != expected)?;
        self.workload.kv_cache_type = actual;
        Some(Finding::OtherKvCacheType {
            expected,
            actual,
            bytes: self.step(None),
        })
    }

    fn batch(&mut self, actual: &Actual) -> Option<Finding> {
        let expected = self.last.allocation.batch;
        let actual = actual
            .batch
            .filter(|actual| u64::from(*actual) != expected)?;
        self.workload.batch = Some(actual);
        Some(Finding::OtherBatch {
            expected,
            actual: actual.into(),
            bytes: self.step(None),
        })
    }

    fn flash_attention(&mut self, actual: &Actual) -> Option<Finding> {
        let expected = self.last.allocation.flash_attention;
        let actual = actual
            .flash_attention
            .filter(|actual| *actual != expected)?;
        self.workload.flash_attention = match actual {
            true => FlashAttention::On,
            false => FlashAttention::Off,
        };
        Some(Finding::OtherFlashAttention {
            expected,
            actual,
            bytes: self.step(None),
        })
    }

    /// Engines of 2024 keep logits of the whole batch.
    fn batch_logits(&mut self, evidence: &Evidence) -> Option<Finding> {
        let is_old = evidence.log.as_ref()?.batch_logits;
        if !is_old || self.workload.batch_logits {
            return None;
        }
        self.workload.batch_logits = true;
        let bytes = self.step(None);
        (bytes != 0).then_some(Finding::BatchLogits { bytes })
    }

    fn gpus(&mut self, evidence: &Evidence) -> Option<Finding> {
        let expected = self.last.shares.len();
        let set = used(self.situation, evidence)?;
        if !self.last.host.is_empty() || set.len() == expected {
            return None;
        }
        Some(Finding::OtherGpus {
            expected: expected as u32,
            actual: set.len() as u32,
            bytes: self.step(Some(&set)),
        })
    }
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
