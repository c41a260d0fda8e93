//! How well the fit predicts what it has not seen: rows held back in folds, by person, by pair of GPU and model, by GPU and
//! by family. The prediction is the library's own.

use std::collections::BTreeMap;

use vramfit::catalog::speeds::{Band, Basis, Parameters};
use vramfit::checksum::fnv1a;
use vramfit::engine::speed::PREFILL_BAND;

use crate::fit::{Priors, fit, layout, rounded};
use crate::rows::{Row, median};
use crate::tables::COVERAGE;

/// What is held back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Held {
    /// What one person published of a GPU: other drivers, versions and back ends.
    Person,
    Pair,
    Gpu,
    Family,
}

/// A row that was predicted without having been seen.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub fold: u64,
    pub basis: Basis,
    pub moe: bool,
    pub family: String,
    pub vendor: String,
    pub pair: String,
    pub predicted: f64,
    pub measured: f64,
    pub quantization: String,
    pub depth: u64,
    pub source: String,
    pub prefill: Option<(f64, f64)>,
}

impl Outcome {
    pub(crate) fn error(&self) -> f64 {
        (self.predicted / self.measured - 1.0).abs() * 100.0
    }

    pub(crate) fn ratio(&self) -> f64 {
        self.measured / self.predicted
    }
}

const FOLDS: u64 = 5;

/// The same fold on every machine.
fn fold_of(key: &str) -> u64 {
    (fnv1a(key.bytes().map(u64::from)) >> 17) % FOLDS
}

/// Predictions of all rows on one GPU or on the host, fold by fold.
pub(crate) fn hold_back(rows: &[Row], held: Held, priors: Priors) -> Vec<Outcome> {
    let unfitted = Parameters {
        family: crate::tables::families(),
        ..Parameters::default()
    };
    let family = |row: &Row| match row.count {
        0 => "host".to_owned(),
        _ => unfitted
            .family(&row.device)
            .map_or_else(|| "none".to_owned(), |f| f.name.clone()),
    };
    let fold = |row: &Row| {
        let (gpu, model) = row.pair();
        match held {
            Held::Person => fold_of(&format!("{gpu}|{}", row.source)),
            Held::Pair => fold_of(&format!("{gpu}|{model}")),
            Held::Gpu => fold_of(&gpu),
            // Every family is a fold of its own.
            Held::Family => unfitted
                .family
                .iter()
                .position(|one| one.name == family(row))
                .map_or(u64::MAX, |at| at as u64),
        }
    };
    let folds: Vec<u64> = rows.iter().map(fold).collect();
    let mut names = folds.clone();
    names.sort_unstable();
    names.dedup();
    let mut outcomes = Vec::new();
    for name in names {
        let of = |inside: bool| {
            rows.iter()
                .zip(&folds)
                .filter(move |(_, f)| (**f == name) == inside)
        };
        let seen: Vec<Row> = of(false).map(|(row, _)| row.clone()).collect();
        let mut parameters = fit(&seen, priors);
        if held == Held::Family {
            // A family that nobody measured is not in the file.
            parameters.family.retain(|family| family.rows > 0);
        }
        for (row, _) in of(true).filter(|(row, _)| row.count <= 1 && row.in_ram.share == 0.0) {
            let (predicted, basis, _) = parameters.expected(&row.work, &layout(row));
            let speed = parameters.predict(&row.work, &layout(row));
            let prefill = row
                .prefill
                .zip(speed.prefill.map(|[low, _]| low / PREFILL_BAND[0]));
            let (gpu, model) = row.pair();
            outcomes.push(Outcome {
                fold: name,
                basis,
                moe: row.work.moe,
                family: family(row),
                vendor: row.device.vendor.clone(),
                pair: format!("{gpu} | {model}"),
                predicted,
                measured: row.decode,
                quantization: row.work.quantization.clone(),
                depth: row.work.depth,
                source: row.source.clone(),
                prefill,
            });
        }
    }
    outcomes
}

/// Which way of holding back speaks for a basis.
const SPEAKS: [(Held, Basis); 4] = [
    (Held::Person, Basis::MeasuredOnGpuAndModel),
    (Held::Person, Basis::MeasuredOnGpu),
    (Held::Gpu, Basis::FittedFamily),
    (Held::Family, Basis::BandwidthOnly),
];

/// Fewer rows than this do not tell a band of their own: dense and MoE share theirs then.
const FEW: usize = 60;

/// The bands, from outcomes of all four ways; those of one fold may be left aside.
pub(crate) fn bands(outcomes: &BTreeMap<Held, Vec<Outcome>>, without: Option<u64>) -> Vec<Band> {
    let mut bands = Vec::new();
    for (held, basis) in SPEAKS {
        let all = outcomes.get(&held).map(Vec::as_slice).unwrap_or_default();
        let of_basis: Vec<&Outcome> = all
            .iter()
            .filter(|one| one.family != "host")
            .filter(|one| one.basis == basis && Some(one.fold) != without)
            .collect();
        for moe in [false, true] {
            let own: Vec<f64> = of_basis
                .iter()
                .filter(|o| o.moe == moe)
                .map(|o| o.ratio())
                .collect();
            let ratios = if own.len() < FEW {
                of_basis.iter().map(|one| one.ratio()).collect()
            } else {
                own
            };
            let rows = ratios.len();
            if let Some([low, high]) = shortest(ratios) {
                bands.push(Band {
                    basis,
                    moe,
                    low: rounded(low - 0.005, 2),
                    high: rounded(high + 0.005, 2),
                    rows,
                });
            }
        }
    }
    bands
}

/// The band of the host alone, from rows that all say what memory it has.
pub(crate) fn host_band(outcomes: &[Outcome]) -> Option<[f64; 2]> {
    let on_host = outcomes.iter().filter(|one| one.family == "host");
    let [low, high] = shortest(on_host.map(Outcome::ratio).collect())?;
    Some([rounded(low - 0.005, 2), rounded(high + 0.005, 2)])
}

/// The shortest interval, as a ratio of its ends, that holds the wanted part of some values.
fn shortest(mut values: Vec<f64>) -> Option<[f64; 2]> {
    values.sort_by(f64::total_cmp);
    let inside = (values.len() as f64 * COVERAGE).ceil() as usize;
    let windows = values.windows(inside.max(1));
    let ends = windows.map(|window| [window[0], window[window.len() - 1]]);
    ends.min_by(|a, b| (a[1] / a[0]).total_cmp(&(b[1] / b[0])))
}

/// Mean absolute logarithm: what priors are chosen by.
pub(crate) fn mean_error(outcomes: &[Outcome]) -> f64 {
    let sum: f64 = outcomes
        .iter()
        .map(|one| one.ratio().ln().abs().min(1.0))
        .sum();
    sum / outcomes.len().max(1) as f64
}

/// Prints one table: decode by group, and the bands of the other folds.
#[expect(
    clippy::too_many_lines,
    reason = "one line of the table below the other"
)]
pub(crate) fn print(title: &str, held: Held, outcomes: &BTreeMap<Held, Vec<Outcome>>) {
    let Some(all_held) = outcomes.get(&held) else {
        return;
    };
    let all = all_held;
    println!("\n{title}: {} rows", all.len());
    println!(
        "{:<28} {:>5} {:>7} {:>6} {:>6} {:>7} {:>6} {:>6}",
        "decode", "rows", "median", "p75", "p90", "<=25 %", "in", "width"
    );
    let by_fold: BTreeMap<u64, Vec<Band>> = all
        .iter()
        .map(|one| one.fold)
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|fold| (fold, bands(outcomes, Some(fold))))
        .collect();
    let line = |name: &str, group: &[&Outcome]| {
        if group.is_empty() {
            return;
        }
        let errors: Vec<f64> = group.iter().map(|one| one.error()).collect();
        let near = errors.iter().filter(|error| **error <= 25.0).count();
        let on_host = host_band(all_held).unwrap_or([0.5, 1.6]);
        let found = |one: &Outcome| {
            if one.family == "host" {
                return on_host;
            }
            let bands = &by_fold[&one.fold];
            bands
                .iter()
                .find(|b| b.basis == one.basis && b.moe == one.moe)
                .map_or([0.5, 1.6], |b| [b.low, b.high])
        };
        let inside = group.iter().filter(|one| {
            let [low, high] = found(one);
            (low..=high).contains(&one.ratio())
        });
        let widths = group
            .iter()
            .map(|one| found(one)[1] / found(one)[0])
            .collect();
        println!(
            "{name:<28} {:>5} {:>7.1} {:>6.1} {:>6.1} {:>6.0}% {:>5.0}% {:>6.2}",
            group.len(),
            quantile(&errors, 0.5),
            quantile(&errors, 0.75),
            quantile(&errors, 0.9),
            100.0 * near as f64 / group.len() as f64,
            100.0 * inside.count() as f64 / group.len() as f64,
            median(widths).unwrap_or(0.0),
        );
    };
    let all: Vec<&Outcome> = all.iter().collect();
    line("all", &all);
    for (name, moe) in [("dense", false), ("mixture of experts", true)] {
        let group: Vec<&Outcome> = all.iter().filter(|one| one.moe == moe).copied().collect();
        line(name, &group);
    }
    let mut groups: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
    for one in &all {
        groups
            .entry(format!("family {}", one.family))
            .or_default()
            .push(one);
        groups
            .entry(format!("vendor {}", one.vendor))
            .or_default()
            .push(one);
        groups
            .entry(format!("basis {:?}", one.basis))
            .or_default()
            .push(one);
    }
    for (name, group) in &groups {
        line(name, group);
    }
    let prefills: Vec<(f64, f64)> = all.iter().filter_map(|one| one.prefill).collect();
    let off = |(measured, ours): &(f64, f64)| (ours / measured - 1.0).abs() * 100.0;
    let errors: Vec<f64> = prefills.iter().map(off).collect();
    let inside = prefills.iter().filter(|(measured, ours)| {
        (PREFILL_BAND[0]..=PREFILL_BAND[1]).contains(&(measured / ours))
    });
    println!(
        "{:<28} {:>5} {:>7.1} {:>6.1} {:>6.1} {:>14.0}%",
        "prefill",
        errors.len(),
        quantile(&errors, 0.5),
        quantile(&errors, 0.75),
        quantile(&errors, 0.9),
        100.0 * inside.count() as f64 / errors.len().max(1) as f64,
    );
}

/// A quantile by the nearest rank.
fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (part * (sorted.len().saturating_sub(1)) as f64).round() as usize;
    sorted.get(rank).copied().unwrap_or(0.0)
}
