//! Fits how good models are: `cargo run --example fit_quality [-- --out FILE | --check]`, from the rows of `data/evidence`. Writes scores
//! for every model of the catalog of this build (`data/quality.toml` by default); run it again after the catalog changed. `--check` writes
//! nothing and fails where the file is not what the rows give.

// A program for the maintainer: it prints its tables and may stop at a broken file.
#![allow(clippy::print_stdout)]
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::fs;

use vramfit::catalog::Catalog;
use vramfit::request::Task;

mod entities;
mod lineage;
mod model;
mod order;
mod rows;
mod spread;
mod tables;
mod write;

use entities::Entities;
use model::Fit;
use rows::Data;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = "data/quality.toml".to_owned();
    let mut check = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--out" => out = arguments.next().ok_or("--out FILE")?,
            "--check" => check = true,
            _ => return Err("usage: fit_quality [--out FILE | --check]".into()),
        }
    }
    let catalog = vramfit::embedded::catalog()?;
    let mut entities = Entities::new(&catalog, &likes(&evidence("popularity")?)?);
    let data = rows::read(&evidence("quality")?, &catalog, &mut entities)?;
    let matched = data
        .rows
        .iter()
        .filter(|row| entities.list[row.entity].model.is_some())
        .count();
    println!(
        "{} rows in {} tables of {} benchmarks, {matched} of them of models in the catalog; {} rows without use",
        data.rows.len(),
        data.tables.len(),
        data.benchmarks,
        data.unused
    );
    let doubt = validate(&data, &entities);
    let fit = Fit::new(&data, &entities.list, |_| true);
    println!("{}", fit.summary());
    let file = write::file(&catalog, &data, &entities, &fit, doubt);
    print_best(&catalog, &file);
    let text = file.text();
    if check {
        if fs::read_to_string(&out)? != text {
            return Err(format!("{out} is not what the evidence gives: run fit_quality").into());
        }
        println!("\n{out} is what the evidence gives");
    } else {
        fs::write(&out, text)?;
        println!("\nwrote {out}");
    }
    Ok(())
}

/// The lines of `data/evidence/NAME.jsonl.gz`.
fn evidence(name: &str) -> std::io::Result<String> {
    let file = fs::File::open(format!("data/evidence/{name}.jsonl.gz"))?;
    std::io::read_to_string(flate2::read::GzDecoder::new(file))
}

/// Likes by the name of the checkpoint.
fn likes(text: &str) -> Result<BTreeMap<String, f64>, serde_json::Error> {
    #[derive(serde::Deserialize)]
    struct Line {
        name: String,
        likes: f64,
    }
    let lines: Result<Vec<Line>, _> = text.lines().map(serde_json::from_str).collect();
    Ok(lines?
        .into_iter()
        .map(|line| (line.name, line.likes))
        .collect())
}

/// Holds back all rows of a model for a task, fold by fold; returns by how much doubts must be scaled so that 68 % lie within
/// one, at least by one: models with few rows are rarer here than in the catalog.
fn validate(data: &Data, entities: &Entities) -> f64 {
    const FOLDS: usize = 5;
    let group = |at: usize| (data.rows[at].entity, data.tables[data.rows[at].table].task);
    let known = |at: usize| entities.list[data.rows[at].entity].model.is_some();
    let fold = |at: usize| {
        let (entity, task) = group(at);
        (entity * 7 + task * 3) % FOLDS
    };
    let mut errors: Vec<(usize, f64, f64)> = Vec::new();
    for held in 0..FOLDS {
        let fit = Fit::new(data, &entities.list, |at| !known(at) || fold(at) != held);
        let mut said: BTreeMap<(usize, usize), (spread::Mean, f64)> = BTreeMap::new();
        for at in (0..data.rows.len()).filter(|at| known(*at) && fold(*at) == held) {
            let (mean, rows) = said.entry(group(at)).or_default();
            mean.add(fit.says(data, at), data.rows[at].weight);
            *rows += 1.0;
        }
        for ((entity, task), (said, rows)) in said
            .into_iter()
            .filter(|((_, task), _)| *task < Task::ALL.len())
        {
            let (score, sd) = fit.score(entity, task, &entities.list);
            let mean = said.sum / said.weight;
            // What rows say is uncertain itself, the less the more there are.
            let sd = (sd * sd + 0.16 / rows.sqrt()).sqrt();
            errors.push((task, mean - score, sd));
        }
    }
    println!("\nheld back by model and task   groups   rms  within one sd");
    for (index, task) in Task::ALL.iter().enumerate() {
        let own: Vec<_> = errors.iter().filter(|(task, ..)| *task == index).collect();
        let rms = (own.iter().map(|(_, error, _)| error * error).sum::<f64>()
            / own.len().max(1) as f64)
            .sqrt();
        let inside = own
            .iter()
            .filter(|(_, error, sd)| error.abs() <= *sd)
            .count();
        println!(
            "{:<28} {:>7} {rms:>6.2} {:>6.0}%",
            task.label(),
            own.len(),
            100.0 * inside as f64 / own.len().max(1) as f64
        );
    }
    let mut scaled: Vec<f64> = errors
        .iter()
        .filter(|(task, ..)| !spread::apart(*task))
        .map(|(_, error, sd)| error.abs() / sd)
        .collect();
    scaled.sort_by(f64::total_cmp);
    let doubt = scaled
        .get(scaled.len() * 68 / 100)
        .copied()
        .unwrap_or(1.0)
        .max(1.0);
    println!("doubts are scaled by {doubt:.2}");
    doubt
}

fn print_best(catalog: &Catalog, file: &write::File) {
    for task in Task::ALL {
        let mut scored: Vec<_> = file
            .quality
            .iter()
            .filter_map(|row| Some((row.tasks.get(task)?, &row.model)))
            .filter(|(_, name)| {
                catalog
                    .models
                    .iter()
                    .any(|m| m.name == **name && m.does(*task))
            })
            .collect();
        scored.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
        let names: Vec<String> = scored
            .iter()
            .take(14)
            .map(|(s, name)| format!("{name} {:.0}±{:.0}", s.score, s.sd))
            .collect();
        println!("{:<12} {}", task.label(), names.join(", "));
    }
}
