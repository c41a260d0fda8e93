//! Compares the estimator with the engine's own allocations: `cargo run --release --example truth -- DIR`, where DIR holds
//! `engine-memory-models.json` and `engine-memory.jsonl`. Prints by how much both differ, plan by plan, and fails where a limit is passed.
//! A second argument names plans (`multigpu`, `q8_0`, ..) whose rows are printed one by one where they differ by more than 0.1 %.
#![allow(clippy::print_stdout, clippy::expect_used)] // A program for people who work on the estimator.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, anyhow};

#[path = "../tests/it/truth/rows.rs"]
#[allow(dead_code, unreachable_pub)]
mod rows;
use rows::{ModelFacts, Row, architecture, predict, weights};

fn percent(ours: u64, theirs: u64) -> f64 {
    if ours == theirs {
        0.0
    } else {
        (ours as f64 - theirs as f64) / theirs.max(1) as f64 * 100.0
    }
}

#[expect(clippy::too_many_lines, reason = "one table below the other")]
fn main() -> Result<()> {
    let directory = std::env::args().nth(1).context("usage: truth DIR [PLAN]")?;
    let verbose = std::env::args().nth(2);
    let read = |name: &str| {
        let path = format!("{directory}/{name}");
        fs::read_to_string(&path).context(path)
    };
    let models: BTreeMap<String, ModelFacts> =
        serde_json::from_str(&read("engine-memory-models.json")?)?;
    let mut tables: BTreeMap<(String, &str), Vec<f64>> = BTreeMap::new();
    for (line, text) in (1..).zip(read("engine-memory.jsonl")?.lines()) {
        let row: Row = serde_json::from_str(text).with_context(|| format!("line {line}"))?;
        if row.extra.contains_key("nkvo") {
            continue;
        }
        let facts = models
            .get(&format!("{} {}", row.model, row.quant))
            .with_context(|| format!("line {line}: unknown model {}", row.model))?;
        let shape = architecture(&facts.hparams);
        let ours = predict(&row, &shape, &weights(facts, &shape, &row.quant));
        let label = format!(
            "{} fa={} {}",
            row.plan,
            row.flash_attn_effective,
            row.kv_type.label()
        );
        for (mine, theirs) in ours.gpus.iter().zip(row.gpus.values()) {
            let total = theirs.model + theirs.context + theirs.compute;
            let error = percent(mine.total().0, total);
            for (name, value) in [
                ("1 weights %", percent(mine.weights.0, theirs.model)),
                ("2 cache %", percent(mine.kv_cache.0, theirs.context)),
                ("3 compute %", percent(mine.compute.0, theirs.compute)),
                ("4 total %", error),
            ] {
                tables.entry((label.clone(), name)).or_default().push(value);
            }
            if verbose
                .as_deref()
                .is_some_and(|filter| label.contains(filter))
                && error.abs() > 0.1
            {
                println!(
                    "{} {} ctx {} x{} {} fa {} u {} ngl {} {:?}: weights {:+} cache {:+} compute {} vs {} ({:+.3} MiB) total {error:+.2} %",
                    row.model,
                    row.quant,
                    row.num_ctx,
                    row.parallel,
                    row.kv_type.label(),
                    row.flash_attn_effective,
                    row.n_ubatch,
                    row.ngl,
                    row.env,
                    mine.weights.0 as i64 - theirs.model as i64,
                    mine.kv_cache.0 as i64 - theirs.context as i64,
                    mine.compute.0,
                    theirs.compute,
                    (mine.compute.0 as f64 - theirs.compute as f64) / 1048576.0
                );
            }
        }
        let host = row.host;
        tables
            .entry((label.clone(), "5 host compute %"))
            .or_default()
            .push(percent(ours.host.compute.0, host.compute));
        tables
            .entry((label.clone(), "6 host total %"))
            .or_default()
            .push(percent(
                ours.host.total().0,
                host.model + host.context + host.compute + host.output,
            ));
    }
    println!(
        "{:34} {:18} {:>6} {:>7} {:>8} {:>8} {:>8}",
        "plan", "what", "rows", "median", "p95", "lowest", "highest"
    );
    let mut failed = Vec::new();
    for ((label, name), mut values) in tables {
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), v| {
            (low.min(*v), high.max(*v))
        });
        values.iter_mut().for_each(|v| *v = v.abs());
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
        let limits: &[(bool, &str)] = match (name, label.split(' ').next()) {
            ("2 cache %", _) => &[(at(1.0) == 0.0, "every cache is exact")],
            ("4 total %", Some("multigpu")) => &[(at(1.0) <= 5.0, "worst of several GPUs")],
            ("4 total %", Some("partial")) => &[(low >= -3.0, "partial offload below the truth")],
            ("4 total %", _) => &[
                (at(0.95) <= 0.2, "p95 of one GPU"),
                (at(1.0) <= 2.0, "worst of one GPU"),
            ],
            _ => &[],
        };
        failed.extend(
            limits
                .iter()
                .filter(|(holds, _)| !holds)
                .map(|(_, limit)| format!("{label}: {limit}")),
        );
        println!(
            "{label:34} {name:18} {:6} {:7.3} {:8.3} {low:+8.3} {high:+8.3}",
            values.len(),
            at(0.5),
            at(0.95)
        );
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(anyhow!(failed.join("; ")))
    }
}
