//! What a practitioner would demand of the answers, whatever the formulas behind them are.

mod by_itself;
mod memory;
mod ranking;
mod recommended;
mod speed;

use serde_json::Value;
use vramfit::catalog::Catalog;
use vramfit::request::Task;

use crate::support::Machine;

/// Cards by memory, a common one of each size.
const CARDS: [(u32, &str); 5] = [
    (8, "--gpu 'RTX 4060'"),
    (12, "--gpu 'RTX 3060'"),
    (24, "--gpu 'RTX 3090'"),
    (48, "--gpu 'RTX 3090 x2'"),
    (96, "--gpu 'RTX 3090 x4'"),
];

fn json(command: &str) -> Value {
    Machine::new().run(&format!("{command} --json")).json()
}

/// The tags that are recommended, best first.
fn recommended(hardware: &str, task: Task, limit: usize) -> Vec<String> {
    let report = json(&format!(
        "recommend {hardware} --task {} --limit {limit}",
        task.label()
    ));
    let rows = report["recommendations"].as_array().expect("a list");
    rows.iter()
        .map(|row| row["tag"].as_str().expect("a tag").to_owned())
        .collect()
}

fn score(catalog: &Catalog, tag: &str, task: Task) -> f64 {
    let entry = catalog.find(tag).unwrap_or_else(|| panic!("{tag}"));
    catalog.quality(entry.model, task).score
}

/// Tokens a second in the middle of the band.
fn decode(tag: &str, gpu: &str) -> f64 {
    let speed = &json(&format!("explain {tag} --gpu '{gpu}'"))["speed"]["decode"];
    let [low, high] = [0, 1].map(|at| speed[at].as_f64().unwrap_or_else(|| panic!("{tag} {gpu}")));
    (low * high).sqrt()
}
