//! Fits how good models are: `cargo run --release --example fit_quality -- DIR [--out FILE]`, where DIR holds `quality.json`. Writes
//! scores for every model of the catalog of this build (`data/quality.toml` by default); run it again after the catalog changed.

// A program for the maintainer: it prints its tables and may stop at a broken file.
#![allow(clippy::print_stdout)]
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::fs;

use vramfit::catalog::Catalog;
use vramfit::request::Task;

mod entities;
mod model;
mod rows;
mod spread;
mod tables;
mod write;

use entities::Entities;
use model::Fit;
use rows::Data;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut directory = None;
    let mut out = "data/quality.toml".to_owned();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--out" => out = arguments.next().ok_or("--out FILE")?,
            _ => directory = Some(argument),
        }
    }
    let directory = directory.ok_or("usage: fit_quality DIR [--out FILE]")?;
    let catalog = vramfit::embedded::catalog()?;
    let mut entities = Entities::new(&catalog);
    let text = fs::read_to_string(format!("{directory}/quality.json"))?;
    let data = rows::read(&text, &catalog, &mut entities)?;
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
    fs::write(&out, file.text())?;
    println!("\nwrote {out}");
    Ok(())
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
        let mut said: BTreeMap<(usize, usize), Vec<f64>> = BTreeMap::new();
        for at in (0..data.rows.len()).filter(|at| known(*at) && fold(*at) == held) {
            said.entry(group(at)).or_default().push(fit.says(data, at));
        }
        for ((entity, task), values) in said
            .into_iter()
            .filter(|((_, task), _)| *task < Task::ALL.len())
        {
            let (score, sd) = fit.score(entity, task, &entities.list);
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            // What rows say is uncertain itself, the less the more there are.
            let sd = (sd * sd + 0.16 / (values.len() as f64).sqrt()).sqrt();
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
                    .any(|m| m.name == **name && m.answers())
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
