//! What `explain` cites: the benchmarks behind a score, the measurement behind a speed.

use crate::catalog::speeds::Measurement;
use crate::catalog::{Catalog, Entry};
use crate::embedded;
use crate::error::Error;
use crate::report::{SpeedMeasurement, TaskEvidence, TaskStanding};
use crate::request::Task;

/// Benchmarks shown for a task.
const MOST: usize = 8;

/// The score and what it rests on.
pub(super) fn task_standing(catalog: &Catalog, entry: Entry<'_>, task: Task) -> TaskStanding {
    let quality = catalog.quality(entry.model, task);
    let known = catalog.knowledge.score(&entry.model.name, task);
    TaskStanding {
        task,
        score: quality.score,
        doubt: quality.sd,
        basis: known.map(|known| known.basis),
        rows: known.map_or(0, |known| known.evidence),
    }
}

/// The published values of a model for a task.
pub(super) fn evidence(entry: Entry<'_>, task: Task) -> Result<Vec<TaskEvidence>, Error> {
    let rows = embedded::evidence()?
        .into_iter()
        .filter(|row| row.task == task)
        .filter_map(|row| {
            let value = *row.values.get(entry.model.name.as_str())?;
            Some(TaskEvidence {
                task,
                benchmark: row.benchmark,
                value,
                reported_by: row.reported_by,
                source: row.source,
            })
        });
    Ok(rows.take(MOST).collect())
}

/// A measurement as it is told.
pub(super) fn measurement(measurement: &Measurement) -> SpeedMeasurement {
    SpeedMeasurement {
        gpu: measurement.gpu.clone(),
        architecture: measurement.architecture.clone(),
        quantization: measurement.quantization.clone(),
        context_length: measurement.context,
        decode: measurement.decode,
        prefill: measurement.prefill,
        rows: measurement.rows,
        source: measurement.source.clone(),
    }
}
