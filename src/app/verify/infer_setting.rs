//! What a server does not tell of itself, guessed from how much it holds: a log would say it.

use crate::engine::place::Placement;
use crate::engine::workload::Workload;
use crate::quantization::KvCacheType;
use crate::report::Finding;
use crate::units::Bytes;

/// A guess is made where it meets the server's own number as closely as this.
const NEAR: Bytes = Bytes::mib(4);

/// The one setting with which a server would hold what it does; `buffers` says what it would hold with a workload.
pub(super) fn likely(
    last: &Placement,
    actual: Bytes,
    left: i64,
    buffers: impl Fn(&Workload) -> Bytes,
) -> Option<Finding> {
    let now = last.workload;
    let kinds = KvCacheType::DOCUMENTED.into_iter().map(|kv_cache_type| {
        let workload = Workload {
            kv_cache_type,
            ..now
        };
        ("kv-cache-type", kv_cache_type.label().to_owned(), workload)
    });
    let batches = [512, 1024, 2048].into_iter().map(|batch| {
        let workload = Workload {
            batch: Some(batch),
            ..now
        };
        ("batch", batch.to_string(), workload)
    });
    let slots = [2, 4, 8].into_iter().map(|parallel| {
        let workload = Workload { parallel, ..now };
        ("parallel", parallel.to_string(), workload)
    });
    kinds
        .chain(batches)
        .chain(slots)
        .map(|(setting, value, workload)| {
            let off = buffers(&workload).0.abs_diff(actual.0);
            (off, setting, value)
        })
        .filter(|(off, ..)| *off <= NEAR.0)
        .min_by_key(|(off, ..)| *off)
        .map(|(_, setting, value)| Finding::Likely {
            setting: setting.to_owned(),
            value,
            bytes: left,
        })
}
