//! The published rows, on one scale.

use std::collections::BTreeMap;

use serde::Deserialize;
use vramfit::catalog::Catalog;
use vramfit::catalog::model::Capability;

use crate::entities::{Entities, Mode, Thinking, mode, own_maker};
use crate::tables::{
    ELO, LOWER_IS_BETTER, OF_ITS_MAKER, OF_TEN, Origin, agentic, importance, trait_of,
};

#[derive(Clone, Debug, Deserialize)]
struct Raw {
    model: String,
    /// The tag of Ollama's library, where whoever collected the row joined it.
    tag: Option<String>,
    thinking: Option<Thinking>,
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
    /// Whether it is about calling tools, which only says something of the task.
    pub of_tools: bool,
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

#[expect(clippy::too_many_lines, reason = "one kind of row below the other")]
pub(crate) fn read(
    text: &str,
    catalog: &Catalog,
    entities: &mut Entities,
) -> Result<Data, serde_json::Error> {
    let raw: Vec<Raw> = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let total = raw.len();
    let mut tables: BTreeMap<_, Vec<(Raw, usize)>> = BTreeMap::new();
    for row in raw {
        let Some(task) = trait_of(&row.task, &row.benchmark).filter(|_| !quantised(&row.model))
        else {
            continue;
        };
        let entity = entities.of(
            &row.model,
            row.tag.as_deref(),
            row.base_model_match.as_deref(),
            catalog,
        );
        if row.thinking.as_ref().is_some_and(Thinking::full) {
            entities.list[entity].thinks = true;
        }
        let [scope, section] = scope(&row);
        let key = (
            task,
            row.benchmark.clone(),
            scope,
            row.release.clone(),
            section,
            row.shots.as_ref().map(ToString::to_string),
        );
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
    for ((task, benchmark, ..), rows) in tables {
        let source = rows[0].0.source.clone();
        let of_tools = rows[0].0.task == "tools";
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
        let origin = Origin::of(&publisher, &source);
        for (raw, entity) in rows {
            let thinks = entities.list[entity].thinks
                || entities.list[entity]
                    .model
                    .is_some_and(|at| catalog.models[at].can(Capability::Thinking));
            let told = match &raw.thinking {
                Some(thinking) if thinks && !thinking.full() => thinking.mode(),
                _ => mode(&raw.model, raw.section.as_deref(), thinks),
            };
            let known = &entities.list[entity];
            let own = own_maker(&publisher, &source, &known.series, &known.family);
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
                weight: importance(&raw.task, &benchmark, origin)
                    * estimated(raw.section.as_deref())
                    * telling(log_odds(&benchmark, raw.value)),
            });
        }
        data.tables.push(Table {
            task,
            benchmark: index,
            of_tools,
            name: benchmark,
            source,
            reported_by: Some(publisher),
        });
    }
    for (row, key) in data.rows.iter_mut().zip(&publishers) {
        row.weight /= repeated[key].sqrt();
    }
    // A maker chooses which tables to show, so that many of them say hardly more than one.
    let mut own: BTreeMap<usize, f64> = BTreeMap::new();
    for row in data.rows.iter().filter(|row| row.mode == Mode::OwnMaker) {
        *own.entry(row.entity).or_default() += row.weight;
    }
    for row in data
        .rows
        .iter_mut()
        .filter(|row| row.mode == Mode::OwnMaker)
    {
        row.weight *= OF_ITS_MAKER / (OF_ITS_MAKER + own[&row.entity]);
    }
    data.benchmarks = benchmarks.len();
    data.unused = total - data.rows.len();
    Ok(data)
}

/// What a value may be compared with: rows of one publisher that ran them all itself, or one source; where agents work the scaffold
/// decides as much as the model, so that vendors' own figures stay apart vendor by vendor.
fn scope(row: &Raw) -> [Option<String>; 2] {
    match &row.reported_by {
        Some(publisher) if row.tag.is_some() => {
            let vendors = publisher.starts_with("self-reported") && agentic(&row.benchmark);
            let source = vendors.then(|| row.source.clone());
            [Some(publisher.clone()), source]
        }
        _ => [Some(row.source.clone()), row.section.clone()],
    }
}

/// What an index counts of which parts were not run.
fn estimated(section: Option<&str>) -> f64 {
    match section {
        Some(section) if section.starts_with("estimated") => 0.5,
        _ => 1.0,
    }
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
    let part: f64 = if LOWER_IS_BETTER.iter().any(|one| benchmark.starts_with(one)) {
        1.0 - value / 25.0
    } else {
        value / whole
    };
    let guess = guessed(benchmark);
    let part = (part - guess) / (1.0 - guess);
    // Nothing solved of a hundred is not infinitely bad: half a task more on either side.
    let part = (part.clamp(0.0, 1.0) + 0.02) / 1.04;
    (part / (1.0 - part)).ln()
}

/// How much a row tells: most where half of the tasks are solved, little where nearly all or none are. The information that a share holds
/// of its log odds goes with part · (1 - part); its root, since runs differ by more than chance.
fn telling(log_odds: f64) -> f64 {
    let part = 1.0 / (1.0 + (-log_odds).exp());
    (4.0 * part * (1.0 - part)).max(0.1).sqrt()
}

/// What chance alone reaches where answers are chosen from a list.
fn guessed(benchmark: &str) -> f64 {
    let name = benchmark.to_lowercase();
    if name.contains("mmlu-pro") || name.contains("mmlu pro") {
        0.1
    } else if ["gpqa", "arc-c", "arc_c"]
        .iter()
        .any(|one| name.contains(one))
    {
        0.25
    } else {
        0.0
    }
}
