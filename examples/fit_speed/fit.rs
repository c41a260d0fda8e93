//! The parameters from rows: first the formula's, by descent along one coordinate after the other, then the residuals that
//! stay with GPUs, architectures and pairs of both. Nothing is random, so that equal rows give equal parameters.

use std::collections::{BTreeMap, BTreeSet};

use vramfit::catalog::speeds::{GpuFactor, MeasuredGpu, Measurement, ModelFactor, Parameters};
use vramfit::engine::speed::{Layout, throughput};

use crate::rows::{Row, median};
use crate::tables;

/// Priors of the residuals: GPU, architecture, pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Priors {
    pub gpu: f64,
    pub architecture: f64,
    pub model: f64,
}

/// The layout that a row was measured on.
pub(crate) fn layout(row: &Row) -> Layout<'_> {
    let share = 1.0 / f64::from(row.count.max(1));
    Layout {
        gpus: (0..row.count)
            .map(|_| (&row.device, share * (1.0 - row.in_ram.share)))
            .collect(),
        host: if row.count == 0 {
            1.0
        } else {
            row.in_ram.share
        },
        handed_over: row.in_ram.handed_over,
        host_bandwidth: match row.count {
            0 => Some(row.device.bandwidth),
            _ => row.in_ram.bandwidth,
        },
    }
}

/// Everything but the bands.
pub(crate) fn fit(rows: &[Row], priors: Priors) -> Parameters {
    let mut p = Parameters {
        constants: tables::constants(),
        family: tables::families(),
        ..Parameters::default()
    };
    p.constants.gpu_prior = priors.gpu;
    p.constants.architecture_prior = priors.architecture;
    p.constants.model_prior = priors.model;
    let single: Vec<&Row> = rows.iter().filter(|row| row.is_plain()).collect();
    let families: Vec<Option<usize>> = single
        .iter()
        .map(|row| {
            let found = p.family(&row.device)?.name.clone();
            p.family.iter().position(|family| family.name == found)
        })
        .collect();
    descend(&mut p, &single, &families);
    for (at, family) in p.family.iter_mut().enumerate() {
        family.rows = families.iter().filter(|one| **one == Some(at)).count();
    }
    round_formula(&mut p);
    residuals(&mut p, &single);
    hosts_and_splits(&mut p, rows);
    prefill(&mut p, &single, &families);
    p.measured = MeasuredGpu::group(single.iter().map(|row| measurement(&p, row)).collect());
    p
}

/// Robust loss: squares near zero, lines beyond.
fn huber(residual: f64) -> f64 {
    let x = (residual / tables::NOISE).abs();
    if x < 1.0 { 0.5 * x * x } else { x - 0.5 }
}

/// Loss of rows, each pair of GPU and model weighing the root of its rows, each GPU the root of its models.
fn loss(p: &Parameters, rows: &[(&Row, f64)]) -> f64 {
    let one = |(row, weight): &(&Row, f64)| {
        weight * huber((row.decode / p.formula(&row.work, &layout(row))).ln())
    };
    rows.iter().map(one).sum()
}

/// How far a value strayed from where it started.
fn strayed(value: f64, (start, spread): (f64, f64)) -> f64 {
    0.5 * ((value / start).ln() / spread).powi(2)
}

/// One parameter of the formula.
#[derive(Clone, Copy)]
enum Coordinate {
    Moe,
    Kv,
    LowBit,
    Experts,
    State,
    Inputs,
    Efficiency(usize),
    Layer(usize),
}

impl Coordinate {
    fn of(self, p: &mut Parameters) -> &mut f64 {
        match self {
            Self::Moe => &mut p.constants.moe,
            Self::Kv => &mut p.constants.kv,
            Self::LowBit => &mut p.constants.low_bit,
            Self::Experts => &mut p.constants.expert_launches,
            Self::State => &mut p.constants.state_launches,
            Self::Inputs => &mut p.constants.input_launches,
            Self::Efficiency(at) => &mut p.family[at].efficiency,
            Self::Layer(at) => &mut p.family[at].layer_ms,
        }
    }

    fn start(self, unfitted: &Parameters) -> (f64, f64) {
        match self {
            Self::Moe => tables::MOE,
            Self::Kv => tables::KV,
            Self::LowBit => tables::LOW_BIT,
            Self::Experts => tables::EXPERT_LAUNCHES,
            Self::State => tables::STATE_LAUNCHES,
            Self::Inputs => tables::INPUT_LAUNCHES,
            Self::Efficiency(at) => (unfitted.family[at].efficiency, tables::EFFICIENCY_SPREAD),
            Self::Layer(at) => (unfitted.family[at].layer_ms, tables::LAYER_SPREAD),
        }
    }
}

fn descend(p: &mut Parameters, rows: &[&Row], families: &[Option<usize>]) {
    let unfitted = p.clone();
    let mut pairs: BTreeMap<_, f64> = BTreeMap::new();
    for row in rows {
        *pairs.entry(row.pair()).or_default() += 1.0;
    }
    let mut models: BTreeMap<&str, f64> = BTreeMap::new();
    for (gpu, _) in pairs.keys() {
        *models.entry(gpu).or_default() += 1.0;
    }
    let weight = |row: &Row| 1.0 / (pairs[&row.pair()] * models[row.device.chip()]).sqrt();
    let weighed: Vec<(&Row, f64)> = rows.iter().map(|row| (*row, weight(row))).collect();
    let of_family = |at: usize| -> Vec<(&Row, f64)> {
        let all = weighed.iter().zip(families);
        all.filter(|(_, family)| **family == Some(at))
            .map(|(row, _)| *row)
            .collect()
    };
    let by_family: Vec<_> = (0..p.family.len()).map(of_family).collect();
    let mut coordinates = vec![
        Coordinate::Moe,
        Coordinate::Kv,
        Coordinate::LowBit,
        Coordinate::Experts,
        Coordinate::State,
        Coordinate::Inputs,
    ];
    for at in 0..p.family.len() {
        coordinates.extend([Coordinate::Efficiency(at), Coordinate::Layer(at)]);
    }
    let mut step = 0.08;
    while step > 0.002 {
        let mut moved = false;
        for &coordinate in &coordinates {
            let rows = match coordinate {
                Coordinate::Efficiency(at) | Coordinate::Layer(at) => &by_family[at],
                _ => &weighed,
            };
            let start = coordinate.start(&unfitted);
            let cost = |p: &mut Parameters| loss(p, rows) + strayed(*coordinate.of(p), start);
            let best = cost(p);
            let here = *coordinate.of(p);
            for there in [here * (1.0 + step), here / (1.0 + step)] {
                *coordinate.of(p) = there.min(upper(coordinate));
                if cost(p) < best - 1e-9 {
                    moved = true;
                    break;
                }
                *coordinate.of(p) = here;
            }
        }
        if !moved {
            step /= 2.0;
        }
    }
}

/// No part of a bandwidth is more than all of it.
fn upper(coordinate: Coordinate) -> f64 {
    match coordinate {
        Coordinate::Moe | Coordinate::Kv | Coordinate::LowBit | Coordinate::Efficiency(_) => 1.0,
        _ => f64::INFINITY,
    }
}

/// Rounds before residuals are taken, so that those belong to what is written.
fn round_formula(p: &mut Parameters) {
    for value in [
        &mut p.constants.moe,
        &mut p.constants.kv,
        &mut p.constants.low_bit,
        &mut p.constants.expert_launches,
        &mut p.constants.state_launches,
        &mut p.constants.input_launches,
    ] {
        *value = rounded(*value, 3);
    }
    for family in &mut p.family {
        family.efficiency = rounded(family.efficiency, 3);
        family.layer_ms = rounded(family.layer_ms, 4);
    }
}

/// GPUs' and architectures' own factors, in turns: each is the median of its pairs with the other's taken out.
fn residuals(p: &mut Parameters, rows: &[&Row]) {
    let mut pairs: BTreeMap<(String, String), (Vec<f64>, usize)> = BTreeMap::new();
    for row in rows {
        let entry = pairs.entry(row.pair()).or_default();
        entry
            .0
            .push((row.decode / p.formula(&row.work, &layout(row))).ln());
        entry.1 += row.rows;
    }
    let pairs: Vec<((String, String), f64)> = pairs
        .into_iter()
        .filter_map(|(pair, (logs, _))| Some((pair, median(logs)?)))
        .collect();
    let prior = (p.constants.gpu_prior, p.constants.architecture_prior);
    let mut models: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    let mut gpus: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for _ in 0..8 {
        gpus = factors(&pairs, |(gpu, model)| (gpu, model), &models, prior.1);
        models = factors(&pairs, |(gpu, model)| (model, gpu), &gpus, prior.0);
    }
    p.gpu = gpus
        .into_iter()
        .map(|(name, (log, rows))| GpuFactor {
            name: name.to_owned(),
            factor: rounded(log.exp(), 3),
            rows,
            prefill: None,
        })
        .collect();
    p.model = models
        .into_iter()
        .map(|(name, (log, gpus))| ModelFactor {
            architecture: name.to_owned(),
            factor: rounded(log.exp(), 3),
            gpus,
        })
        .collect();
}

/// Median logarithm by one side of the pairs, less the other side's shrunk factor; and how many pairs are behind it.
fn factors<'a>(
    pairs: &'a [((String, String), f64)],
    sides: impl Fn(&'a (String, String)) -> (&'a String, &'a String),
    others: &BTreeMap<&str, (f64, usize)>,
    prior: f64,
) -> BTreeMap<&'a str, (f64, usize)> {
    let mut logs: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (pair, log) in pairs {
        let (own, other) = sides(pair);
        let taken = others
            .get(other.as_str())
            .map_or(0.0, |(log, n)| log * *n as f64 / (*n as f64 + prior));
        logs.entry(own).or_default().push(log - taken);
    }
    logs.into_iter()
        .filter_map(|(name, logs)| {
            let n = logs.len();
            Some((name, (median(logs)?, n)))
        })
        .collect()
}

/// What a host reaches of its bandwidth, and what a split over GPUs keeps of one GPU's speed.
fn hosts_and_splits(p: &mut Parameters, rows: &[Row]) {
    let on_host: Vec<f64> = rows
        .iter()
        .filter(|row| row.count == 0)
        .map(|row| {
            let read = row.work.weights_read + row.work.kv_read;
            row.decode * read / (row.device.bandwidth * 1e9)
        })
        .collect();
    p.constants.host_rows = on_host.len();
    if let Some(efficiency) = median(on_host) {
        p.constants.host_efficiency = rounded(efficiency, 3);
    }
    let split: Vec<f64> = rows
        .iter()
        .filter(|row| row.count > 1)
        .map(|row| row.decode / p.expected(&row.work, &layout(row)).0)
        .collect();
    p.constants.split_rows = split.len();
    if let Some(kept) = median(split) {
        p.constants.split = rounded(kept.min(1.0), 3);
    }
}

/// Operations a second of a row's prefill.
fn operations(row: &Row) -> Option<f64> {
    (row.work.active_parameters > 0.0).then_some(2.0 * row.work.active_parameters * row.prefill?)
}

fn prefill(p: &mut Parameters, rows: &[&Row], families: &[Option<usize>]) {
    for at in 0..p.family.len() {
        let of_family = rows.iter().zip(families).filter(|(_, f)| **f == Some(at));
        let dense = of_family.filter(|(row, _)| !row.work.moe);
        let ratios: Vec<f64> = dense
            .filter_map(|(row, _)| {
                let flops = throughput(&row.device, &p.family[at])?;
                Some(operations(row)? / (1e12 * flops))
            })
            .collect();
        p.family[at].prefill_rows = ratios.len();
        p.family[at].prefill = median(ratios).map(|k| rounded(k, 2));
    }
    for gpu in &mut p.gpu {
        let own = rows
            .iter()
            .filter(|row| row.device.chip() == gpu.name && !row.work.moe);
        let reached = own.filter_map(|row| operations(row)).collect();
        gpu.prefill = median(reached).map(|flops| rounded(flops / 1e12, 2));
    }
    let kept: Vec<f64> = rows
        .iter()
        .filter(|row| row.work.moe)
        .filter_map(|row| {
            let reached = p
                .gpu
                .iter()
                .find(|gpu| gpu.name == row.device.chip())?
                .prefill?;
            Some(operations(row)? / (reached * 1e12))
        })
        .collect();
    if let Some(kept) = median(kept) {
        p.constants.moe_prefill = rounded(kept, 2);
    }
}

fn measurement(p: &Parameters, row: &Row) -> Measurement {
    Measurement {
        gpu: row.device.chip().to_owned(),
        architecture: row.work.architecture.clone(),
        quantization: row.work.quantization.clone(),
        context: row.work.depth,
        decode: rounded(row.decode, 1),
        prefill: row.prefill.map(|rate| rounded(rate, 0)),
        ratio: rounded(row.decode / p.formula(&row.work, &layout(row)), 3),
        gigabytes: rounded((row.work.weights_read + row.work.kv_read) / 1e9, 2),
        rows: row.rows,
        source: row.source.clone(),
    }
}

/// The names of all families that rows belong to.
pub(crate) fn families_of(p: &Parameters, rows: &[Row]) -> BTreeSet<String> {
    let name = |row: &Row| Some(p.family(&row.device)?.name.clone());
    rows.iter().filter_map(name).collect()
}

/// A number with so many digits behind the point.
pub(crate) fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}
