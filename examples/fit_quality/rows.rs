//! The published rows, on one scale.

use std::collections::BTreeMap;

use serde::Deserialize;
use vramfit::catalog::Catalog;
use vramfit::catalog::model::Capability;

use crate::entities::{Entities, Mode, mode, own_maker};
use crate::tables::{ELO, OF_TEN, importance, trait_of};

#[derive(Clone, Debug, Deserialize)]
struct Raw {
    model: String,
    benchmark: String,
    task: String,
    value: f64,
    reported_by: Option<String>,
    source: String,
    base_model_match: Option<String>,
    release: Option<String>,
    section: Option<String>,
    shots: Option<serde_json::Value>,
}

/// A table: one benchmark as one source published it.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub task: usize,
    pub benchmark: usize,
    pub name: String,
    pub source: String,
    pub reported_by: Option<String>,
}

/// A value of a table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub table: usize,
    pub entity: usize,
    pub mode: Mode,
    /// Log odds.
    pub z: f64,
    /// As published.
    pub value: f64,
    /// Repetitions by one publisher count less.
    pub weight: f64,
}

/// All of it.
pub(crate) struct Data {
    pub tables: Vec<Table>,
    pub rows: Vec<Row>,
    pub benchmarks: usize,
    /// Rows without use.
    pub unused: usize,
}

pub(crate) fn read(
    text: &str,
    catalog: &Catalog,
    entities: &mut Entities,
) -> Result<Data, serde_json::Error> {
    let raw: Vec<Raw> = serde_json::from_str(text)?;
    let total = raw.len();
    let mut tables: BTreeMap<_, Vec<(Raw, usize)>> = BTreeMap::new();
    for row in raw {
        let Some(task) = trait_of(&row.task, &row.benchmark).filter(|_| !quantised(&row.model))
        else {
            continue;
        };
        let key = (
            task,
            row.benchmark.clone(),
            row.source.clone(),
            row.release.clone(),
            row.section.clone(),
            row.shots.as_ref().map(ToString::to_string),
        );
        let entity = entities.of(&row.model, row.base_model_match.as_deref(), catalog);
        tables.entry(key).or_default().push((row, entity));
    }
    let mut data = Data {
        tables: Vec::new(),
        rows: Vec::new(),
        benchmarks: 0,
        unused: 0,
    };
    let mut benchmarks: BTreeMap<String, usize> = BTreeMap::new();
    let mut repeated: BTreeMap<(usize, usize, String), f64> = BTreeMap::new();
    let mut publishers = Vec::new();
    for ((task, benchmark, source, ..), rows) in tables {
        let mut distinct: Vec<usize> = rows.iter().map(|(_, entity)| *entity).collect();
        distinct.sort_unstable();
        distinct.dedup();
        // One model alone cannot be compared with anybody.
        if distinct.len() < 2 {
            continue;
        }
        let count = benchmarks.len();
        let index = *benchmarks.entry(benchmark.to_lowercase()).or_insert(count);
        let publisher = rows[0]
            .0
            .reported_by
            .clone()
            .unwrap_or_else(|| source.clone());
        for (raw, entity) in rows {
            let thinks = entities.list[entity]
                .model
                .is_some_and(|at| catalog.models[at].can(Capability::Thinking));
            let told = mode(&raw.model, raw.section.as_deref(), thinks);
            let own = own_maker(&publisher, &source, &entities.list[entity].series);
            let told = if told == Mode::AsPublished && own {
                Mode::OwnMaker
            } else {
                told
            };
            let key = (entity, task, publisher.clone());
            *repeated.entry(key.clone()).or_default() += 1.0;
            publishers.push(key);
            data.rows.push(Row {
                table: data.tables.len(),
                entity,
                mode: told,
                z: log_odds(&benchmark, raw.value),
                value: raw.value,
                weight: importance(&benchmark, &publisher),
            });
        }
        data.tables.push(Table {
            task,
            benchmark: index,
            name: benchmark,
            source,
            reported_by: Some(publisher),
        });
    }
    for (row, key) in data.rows.iter_mut().zip(&publishers) {
        row.weight /= repeated[key].sqrt();
    }
    data.benchmarks = benchmarks.len();
    data.unused = total - data.rows.len();
    Ok(data)
}

/// Whether a name tells a file that lost precision: not the model's own score.
fn quantised(name: &str) -> bool {
    let lower = name.to_lowercase();
    [
        "int4",
        "int8",
        "4bits",
        "8bits",
        "ptq",
        "spin quant",
        "qlora",
        "q4_0",
        "q4_k",
    ]
    .iter()
    .any(|one| lower.contains(one))
}

/// Percentages as log odds, ratings as the log odds of winning.
fn log_odds(benchmark: &str, value: f64) -> f64 {
    if ELO.iter().any(|one| benchmark.starts_with(one)) {
        // No further than percentages go: far below the field a rating says no more.
        return ((value - 1300.0) * std::f64::consts::LN_10 / 400.0).clamp(-4.6, 4.6);
    }
    let whole = if OF_TEN.iter().any(|one| benchmark.starts_with(one)) {
        10.0
    } else {
        100.0
    };
    let part = (value / whole).clamp(0.01, 0.99);
    (part / (1.0 - part)).ln()
}
