//! Fits what predicts speed: `cargo run --release --example fit_speed [-- --out FILE | --check] [--worst]`, from the rows of `data/evidence`.
//! Writes the parameters (`data/speeds.toml` by default) and prints how well rows that were held back are predicted. The rules for leaving
//! rows out are `rules::usable` and `rows::judge`; none looks at a residual. `--check` writes nothing and fails where the file differs.

// A program for the maintainer: it prints its tables and may stop at a broken file.
#![allow(clippy::print_stdout)]
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::fs;

use vramfit::catalog::speeds::Parameters;

mod devices;
mod evaluate;
mod fit;
mod measured;
mod names;
mod rows;
mod rules;
mod tables;
mod write;

use evaluate::{Held, Outcome};
use fit::Priors;
use rows::Row;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = "data/speeds.toml".to_owned();
    let (mut worst, mut check) = (false, false);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--out" => out = arguments.next().ok_or("--out FILE")?,
            "--worst" => worst = true,
            "--check" => check = true,
            _ => return Err("usage: fit_speed [--out FILE | --check] [--worst]".into()),
        }
    }
    let catalog = vramfit::embedded::catalog()?;
    let read = rows::read(
        &(evidence("speed")? + &evidence("speed-community")? + &evidence("speed-own")?),
        &evidence("gpus")?,
        &catalog,
    )?;
    println!(
        "{} distinct rows of {}",
        read.rows.len(),
        read.rows.iter().map(|row| row.rows).sum::<usize>()
    );
    for (rule, count) in &read.left_out {
        println!("{count:>6} left out: {rule}");
    }
    let priors = choose(&read.rows);
    println!("\npriors: {priors:?}");
    let outcomes: BTreeMap<Held, Vec<Outcome>> =
        [Held::Person, Held::Pair, Held::Gpu, Held::Family]
            .into_iter()
            .map(|held| (held, evaluate::hold_back(&read.rows, held, priors)))
            .collect();
    evaluate::print("Held back by pairs of GPU and model", Held::Pair, &outcomes);
    evaluate::print("Held back by GPU", Held::Gpu, &outcomes);
    evaluate::print("Held back by person", Held::Person, &outcomes);
    evaluate::print("Held back by family", Held::Family, &outcomes);
    if worst {
        println!("\nwithout a shape: {:?}", read.unknown);
        print_worst(&outcomes[&Held::Pair]);
    }
    let mut parameters = fit::fit(&read.rows, priors);
    parameters.band = evaluate::bands(&outcomes, None);
    if let Some(band) = evaluate::host_band(&outcomes[&Held::Pair]) {
        parameters.constants.host_band = band;
    }
    summary(&parameters, &read.rows);
    let text = write::text(&parameters)?;
    if check {
        if fs::read_to_string(&out)? != text {
            return Err(format!("{out} is not what the evidence gives: run fit_speed").into());
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

/// The priors that predict rows held back best, one after the other.
fn choose(rows: &[Row]) -> Priors {
    let mut best = Priors {
        gpu: 2.0,
        architecture: 2.0,
        model: 1.0,
    };
    let error =
        |held: Held, priors: Priors| evaluate::mean_error(&evaluate::hold_back(rows, held, priors));
    let least = |held: Held, candidates: &[Priors]| {
        let scored = candidates.iter().map(|&one| (one, error(held, one)));
        scored
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(one, _)| one)
    };
    let candidates = [1.0, 2.0, 4.0].map(|gpu| Priors { gpu, ..best });
    best = least(Held::Pair, &candidates).unwrap_or(best);
    let candidates = [0.5, 1.0, 2.0, 4.0].map(|architecture| Priors {
        architecture,
        ..best
    });
    best = least(Held::Pair, &candidates).unwrap_or(best);
    let candidates = [0.25, 0.5, 1.0, 2.0].map(|model| Priors { model, ..best });
    least(Held::Person, &candidates).unwrap_or(best)
}

fn summary(parameters: &Parameters, rows: &[Row]) {
    println!("\n{:?}", parameters.constants);
    for family in &parameters.family {
        println!(
            "{:<16} e {:.3}  c {:.4} ms  k {:?}  rows {} ({} of prefill)",
            family.name,
            family.efficiency,
            family.layer_ms,
            family.prefill,
            family.rows,
            family.prefill_rows
        );
    }
    for band in &parameters.band {
        println!(
            "band {:?} moe {}: {} to {} from {} rows",
            band.basis, band.moe, band.low, band.high, band.rows
        );
    }
    println!(
        "families measured: {}",
        fit::families_of(parameters, rows).len()
    );
}

fn print_worst(outcomes: &[Outcome]) {
    let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
    sorted.sort_by(|a, b| b.ratio().ln().abs().total_cmp(&a.ratio().ln().abs()));
    println!();
    for one in sorted.iter().take(150) {
        println!(
            "{:.2} predicted {:.1} measured {:.1} {} {} at {} ({:?}) {}",
            one.ratio(),
            one.predicted,
            one.measured,
            one.pair,
            one.quantization,
            one.depth,
            one.basis,
            one.source
        );
    }
}
