//! The estimator against the engine's own allocation plans: a compact sample of every model, plan, cache type and set of GPUs.
//! The whole set is checked by `cargo run --release --example truth -- DIR`.

mod architectures;
mod quantized;
#[allow(dead_code, unreachable_pub)] // An example takes this file as its own.
pub(crate) mod rows;
mod several_gpus;
mod unruled;

use std::collections::BTreeMap;

use rows::{GpuRow, ModelFacts, Row, architecture, predict, text_only, weights};
use serde::Deserialize;
use vramfit::engine::place::{Device, GpuPool, Placement, Verdict, by_default, place};
use vramfit::engine::workload::Workload;
use vramfit::quantization::KvCacheType;
use vramfit::units::Bytes;

const ROWS: &str = include_str!("../fixtures/truth/engine-memory.jsonl");
const MODELS: &str = include_str!("../fixtures/truth/engine-memory-models.json");
const AUTO_FIT: &str = include_str!("../fixtures/truth/auto-fit.jsonl");

fn models() -> BTreeMap<String, ModelFacts> {
    serde_json::from_str(MODELS).expect("models")
}

/// Every row with its GPUs: ours, theirs.
fn compared() -> Vec<(Row, Vec<(GpuRow, GpuRow)>)> {
    let models = models();
    let rows = ROWS.lines().map(|line| {
        let row: Row = serde_json::from_str(line).expect("a row");
        let facts = &models[&format!("{} {}", row.model, row.quant)];
        let shape = architecture(&facts.hparams);
        let ours = predict(&row, &shape, &weights(facts, &shape, &row.quant));
        let gpus = ours.gpus.iter().map(|gpu| GpuRow {
            model: gpu.weights.0,
            context: gpu.kv_cache.0,
            compute: gpu.compute.0,
        });
        let pairs = gpus.zip(row.gpus.values().copied()).collect();
        (row, pairs)
    });
    rows.collect()
}

/// How far ours is above theirs, in percent.
fn error((ours, theirs): &(GpuRow, GpuRow)) -> f64 {
    let total = |gpu: &GpuRow| (gpu.model + gpu.context + gpu.compute) as f64;
    (total(ours) / total(theirs) - 1.0) * 100.0
}

fn errors(of: impl Fn(&Row) -> bool) -> Vec<(f64, String)> {
    let mut errors: Vec<(f64, String)> = compared()
        .into_iter()
        .filter(|(row, _)| of(row))
        .flat_map(|(row, gpus)| {
            let name = format!("{row:?}");
            gpus.iter()
                .map(|pair| (error(pair), name.clone()))
                .collect::<Vec<_>>()
        })
        .collect();
    errors.sort_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    assert!(errors.len() >= 80, "the sample has only {}", errors.len());
    errors
}

fn is_whole(row: &Row) -> bool {
    !matches!(row.plan.as_str(), "multigpu" | "partial" | "cpu")
}

#[test]
fn caches_are_exact_in_every_row() {
    for (row, gpus) in compared() {
        for (ours, theirs) in gpus {
            assert_eq!(ours.context, theirs.context, "{row:?}");
        }
    }
}

#[test]
fn one_gpu_is_exact_to_a_fifth_of_a_percent() {
    let errors = errors(is_whole);
    let p95 = &errors[errors.len() * 95 / 100];
    let worst = errors.last().expect("rows");
    assert!(p95.0.abs() <= 0.2, "{p95:?}");
    assert!(worst.0.abs() <= 2.0, "{worst:?}");
}

#[test]
fn each_of_several_gpus_is_within_a_percent() {
    let errors = errors(|row| row.plan == "multigpu");
    let worst = errors.last().expect("rows");
    assert!(worst.0.abs() <= 1.0, "{worst:?}");
}

#[test]
fn partial_offload_is_never_promised_too_small() {
    for (error, row) in errors(|row| row.plan == "partial") {
        assert!(error >= -3.0, "{error:.2} % {row}");
    }
}

#[test]
fn a_host_without_gpus_is_within_a_percent() {
    let models = models();
    let rows = ROWS
        .lines()
        .map(|line| serde_json::from_str::<Row>(line).expect("a row"));
    let mut seen = 0;
    for row in rows.filter(|row| row.plan == "cpu") {
        let facts = &models[&format!("{} {}", row.model, row.quant)];
        let shape = architecture(&facts.hparams);
        let ours = predict(&row, &shape, &weights(facts, &shape, &row.quant)).host;
        let theirs = row.host.model + row.host.context + row.host.compute + row.host.output;
        let error = (ours.total().0 as f64 / theirs as f64 - 1.0) * 100.0;
        assert!(error.abs() <= 1.0, "{error:.2} % {row:?}");
        seen += 1;
    }
    assert!(seen >= 60, "the sample has only {seen}");
}

/// Cards with so many MiB free each, in a machine with more memory than any model takes.
fn cards(free: &[u64]) -> GpuPool {
    let card = |(gpu, free): (u32, &u64)| Device {
        host: 0,
        gpu,
        free: Bytes::mib(*free),
        reserve: Bytes::ZERO,
        overhead: Bytes::ZERO,
        flash_attention: true,
        cuda: true,
        partition: false,
    };
    GpuPool {
        devices: (0..).zip(free).map(card).collect(),
        hosts: vec![Some(Bytes::gib(2048))],
        ..GpuPool::default()
    }
}

/// What the engine's own fitting decided on a card.
#[derive(Debug, Deserialize)]
struct Fit {
    model: String,
    quant: String,
    num_ctx: u32,
    n_ubatch: u32,
    kv_type: KvCacheType,
    free_mib: u64,
    projected_mib: u64,
    fits_whole: bool,
    ngl: u32,
    /// Blocks of which something lies on the host although they count as on the GPU.
    n_ot: u32,
}

impl Fit {
    /// Where we put it, and where the engine does by default.
    fn placed(&self, facts: &ModelFacts) -> (Placement, Placement) {
        let shape = architecture(&facts.hparams);
        let tensors = weights(facts, &shape, &self.quant);
        let workload = Workload {
            context_length: self.num_ctx,
            kv_cache_type: self.kv_type,
            batch: Some(self.n_ubatch),
            ..Workload::default()
        };
        let pool = cards(&[self.free_mib]);
        let model = text_only(&shape, &tensors);
        (
            place(model, &workload, &pool),
            by_default(model, &workload, &pool),
        )
    }
}

fn fits() -> Vec<(Fit, Placement, Placement)> {
    let models = models();
    let fits = AUTO_FIT
        .lines()
        .map(|line| serde_json::from_str::<Fit>(line).expect("a row"));
    fits.map(|fit| {
        let (ours, default) = fit.placed(&models[&format!("{} {}", fit.model, fit.quant)]);
        (fit, ours, default)
    })
    .collect()
}

#[test]
fn fits_exactly_where_the_engine_keeps_everything() {
    for (fit, placement, _) in fits() {
        assert_eq!(
            placement.verdict == Verdict::Fits,
            fit.fits_whole,
            "{fit:?}"
        );
        let layers: u32 = placement.shares.iter().map(|share| share.layers).sum();
        if fit.fits_whole {
            let projected = Bytes::mib(fit.projected_mib).0 as f64;
            let error = placement.total().0 as f64 / projected - 1.0;
            assert!(error.abs() < 0.002, "{error} {fit:?}");
            assert_eq!(layers, fit.ngl, "{fit:?}");
        }
    }
}

/// The engine keeps a third or two of the experts of one more block where they fit; ours keeps whole blocks, within two of the engine's.
#[test]
fn leaves_on_the_host_what_the_engine_leaves_there() {
    let mut wrong = Vec::new();
    let partial: Vec<_> = fits()
        .into_iter()
        .filter(|(fit, ..)| !fit.fits_whole)
        .collect();
    for (fit, _, placement) in &partial {
        let layers: u32 = placement.shares.iter().map(|share| share.layers).sum();
        let experts = placement.host.expert_layers;
        let told = format!("{layers} layers, {experts} without experts: {fit:?}");
        let near = |ours: u32, theirs: u32, fewer: u32, more: u32| {
            ours + fewer >= theirs && ours <= theirs + more
        };
        // Where not even the dense parts fit, layers are small beside what is fetched: one matrix of experts is eight of them.
        // No layer more lies on the GPU than the engine puts there.
        let fewer = if fit.n_ot > 0 && fit.ngl == fit.n_ot + 1 {
            8
        } else {
            2
        };
        if !near(layers, fit.ngl, fewer, 0) || !near(experts, fit.n_ot, fewer, 1) {
            wrong.push(told);
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}: {wrong:#?}",
        wrong.len(),
        partial.len()
    );
    assert!(partial.len() >= 40, "the sample has only {}", partial.len());
}
