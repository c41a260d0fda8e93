//! From the fit to the file.

use std::collections::BTreeMap;

use vramfit::catalog::Catalog;
use vramfit::catalog::knowledge::{Evidence, ScoreBasis, TaskScore};
use vramfit::request::Task;

use crate::entities::{Entities, Mode};
use crate::model::Fit;
use crate::order::{keep_order, rules};
use crate::rows::Data;
use crate::tables::{ADDED, HEADER, PERPLEXITY, POINTS};

/// `data/quality.toml`.
pub(crate) struct File {
    pub quality: Vec<Scores>,
    evidence: Vec<Evidence>,
}

/// A model's scores.
pub(crate) struct Scores {
    pub model: String,
    pub tasks: BTreeMap<Task, TaskScore>,
}

impl File {
    /// The file's text: one line a task, a cited table or a quantization, so that a change can be read.
    pub(crate) fn text(&self) -> String {
        let mut text = HEADER.to_owned();
        // Lists first: behind a `[[quality]]` they would be part of it.
        text += "quantization = [\n";
        for (name, added) in ADDED {
            let penalty = tenths(POINTS * ((PERPLEXITY + added) / PERPLEXITY).ln());
            text += &format!("    {{ name = {name:?}, penalty = {penalty:.1} }},\n");
        }
        text += "]\n\nevidence = [\n";
        for one in &self.evidence {
            text += &one_line(one);
        }
        text += "]\n\n";
        for row in &self.quality {
            text += &format!("[[quality]]\nmodel = {:?}\n", row.model);
            for task in Task::ALL {
                let Some(score) = row.tasks.get(task) else {
                    continue;
                };
                let basis = match score.basis {
                    ScoreBasis::Benchmarks => "benchmarks",
                    ScoreBasis::Related => "related",
                    ScoreBasis::Size => "size",
                };
                let evidence = match score.evidence {
                    0 => String::new(),
                    n => format!(", evidence = {n}"),
                };
                text += &format!(
                    "{} = {{ score = {:.1}, sd = {:.1}, basis = \"{basis}\"{evidence} }}\n",
                    task.label(),
                    score.score,
                    score.sd
                );
            }
            text.push('\n');
        }
        text.trim_end().to_owned() + "\n"
    }
}

/// A cited table as a row of `evidence`.
fn one_line(table: &Evidence) -> String {
    let reporter = table.reported_by.as_ref();
    let reporter = reporter.map_or_else(String::new, |by| format!("reported_by = {by:?}, "));
    let values = table.values.iter();
    let values: Vec<String> = values
        .map(|(model, value)| format!("{model:?} = {value}"))
        .collect();
    format!(
        "    {{ task = {:?}, benchmark = {:?}, source = {:?}, {reporter}values = {{ {} }} }},\n",
        table.task.label(),
        table.benchmark,
        table.source,
        values.join(", ")
    )
}

/// Tables that are cited for one model and task.
const CITED: usize = 4;

pub(crate) fn file(
    catalog: &Catalog,
    data: &Data,
    entities: &Entities,
    fit: &Fit,
    doubt: f64,
) -> File {
    let scales: Vec<(f64, f64)> = (0..Task::ALL.len())
        .map(|task| {
            let does = |at: &usize| catalog.models[*at].does(Task::ALL[task]);
            let answering = (0..catalog.models.len()).filter(does);
            let values = answering.map(|at| cautious(fit, at, task, entities, doubt));
            let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), x| {
                (low.min(x), high.max(x))
            });
            (low, 90.0 / (high - low).max(0.1))
        })
        .collect();
    let scores = |at: usize| {
        let of_task = |(index, task): (usize, &Task)| {
            let (_, sd) = fit.score(at, index, &entities.list);
            let (low, scale) = scales[index];
            let evidence = fit.rows[at][index];
            let basis = if evidence > 0 {
                ScoreBasis::Benchmarks
            } else if fit.related(at, &entities.list) {
                ScoreBasis::Related
            } else {
                ScoreBasis::Size
            };
            let score = TaskScore {
                score: tenths(
                    (5.0 + scale * (cautious(fit, at, index, entities, doubt) - low))
                        .clamp(0.0, 95.0),
                ),
                sd: tenths(sd * scale * doubt),
                basis,
                evidence,
            };
            (*task, score)
        };
        let listed = |(_, task): &(usize, &Task)| {
            Task::TEXT.contains(task) || catalog.models[at].does(**task)
        };
        let tasks = Task::ALL.iter().enumerate().filter(listed);
        tasks.map(of_task).collect()
    };
    let mut quality: Vec<Scores> = catalog
        .models
        .iter()
        .enumerate()
        .map(|(at, model)| Scores {
            model: model.name.to_string(),
            tasks: scores(at),
        })
        .collect();
    keep_order(&mut quality, &rules(catalog, data, entities, fit));
    for (at, model) in catalog.models.iter().enumerate() {
        if let Some(first) = original(catalog, at) {
            quality[at] = Scores {
                model: model.name.to_string(),
                tasks: quality[first].tasks.clone(),
            };
        }
    }
    File {
        quality,
        evidence: evidence(catalog, data, entities, fit),
    }
}

/// The entry that holds the same model as a later one, stored in another way: their scores are one.
pub(crate) fn original(catalog: &Catalog, at: usize) -> Option<usize> {
    let model = &catalog.models[at];
    catalog.models[..at]
        .iter()
        .position(|other| model.is_twin_of(other))
}

/// What is shown of a score in doubt, so that a clear advantage is preferred to noise: half a standard deviation less, and a whole one where
/// nobody but the maker has measured the model for the task, or only with benchmarks that are worn out.
fn cautious(fit: &Fit, at: usize, task: usize, entities: &Entities, doubt: f64) -> f64 {
    let (value, sd) = fit.score(at, task, &entities.list);
    let part = if fit.independent[at][task] { 0.5 } else { 1.0 };
    value - part * sd * doubt
}

/// For each model and task the tables that tell most: many models of the catalog, on a benchmark that tells abilities apart.
fn evidence(catalog: &Catalog, data: &Data, entities: &Entities, fit: &Fit) -> Vec<Evidence> {
    let name = |entity: usize| {
        entities.list[entity]
            .model
            .map(|at| &catalog.models[at].name)
    };
    let mut values: Vec<BTreeMap<String, f64>> = vec![BTreeMap::new(); data.tables.len()];
    for row in data
        .rows
        .iter()
        .filter(|row| matches!(row.mode, Mode::AsPublished | Mode::OwnMaker))
    {
        if let Some(name) = name(row.entity) {
            values[row.table]
                .entry(name.to_string())
                .or_insert(row.value);
        }
    }
    let telling = |table: usize| {
        (values[table].len() as f64).ln_1p() * fit.telling(data.tables[table].benchmark)
    };
    let mut order: Vec<usize> = (0..data.tables.len())
        .filter(|at| data.tables[*at].task < Task::ALL.len())
        .collect();
    order.sort_by(|a, b| telling(*b).total_cmp(&telling(*a)).then(a.cmp(b)));
    let mut cited: BTreeMap<(&str, usize), usize> = BTreeMap::new();
    let mut chosen: BTreeMap<usize, BTreeMap<String, f64>> = BTreeMap::new();
    for table in order {
        for (model, value) in &values[table] {
            let count = cited.entry((model, data.tables[table].task)).or_default();
            if *count < CITED {
                *count += 1;
                chosen
                    .entry(table)
                    .or_default()
                    .insert(model.clone(), *value);
            }
        }
    }
    let mut evidence: Vec<Evidence> = chosen
        .into_iter()
        .map(|(at, values)| {
            let table = &data.tables[at];
            Evidence {
                task: Task::ALL[table.task],
                benchmark: table.name.clone(),
                source: table.source.clone(),
                reported_by: table.reported_by.clone(),
                values,
            }
        })
        .collect();
    let key = |one: &Evidence| (one.task, one.benchmark.clone(), one.source.clone());
    evidence.sort_by_key(key);
    evidence
}

pub(crate) fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
