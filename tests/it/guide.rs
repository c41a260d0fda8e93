//! The guide: its tables as the program shows them, its answers as the program gives them, and where the two part.

mod answers;
mod document;
mod notes;
mod tables;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Machine;

/// A command's answer for the guide's models.
fn ask(command: &str) -> Value {
    let run = Machine::new().run(&format!("{command} --json"));
    assert!(run.err.is_empty(), "{command}: {}", run.err);
    run.json()
}

/// The strings of a list.
fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|one| one.as_str().expect("a string"))
        .collect()
}

/// A field of every object of a list, in order.
fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let list = list.as_array().expect("a list");
    list.iter()
        .map(|one| one[field].as_str().expect("a string"))
        .collect()
}

/// Bytes as GiB.
fn gib(bytes: &Value) -> f64 {
    bytes.as_u64().expect("bytes") as f64 / f64::from(1 << 30)
}

fn set<'a>(tags: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    tags.into_iter().collect()
}
