//! `--fill`: what else fits on what a plan leaves.

use serde_json::Value;
use vramfit::app::Exit;

use super::cli::run;
use crate::support::{Machine, width};

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The rows of `--fill`, and the plan that they are beside.
fn fill(words: &str) -> (Value, Vec<Value>) {
    let run = run(&format!("plan {words} --fill --json"));
    let plan = run.json();
    let rows = list(&plan["fill"]).to_vec();
    (plan, rows)
}

#[test]
fn what_is_told_is_planned_so_when_it_is_asked_for() {
    for words in [
        "qwen3:30b --gpu 2x3090",
        "llama3:70b bge-m3 --gpu 3x3090 --task code",
        "'qwen3:8b*2' --gpu '2x3090+4060' --headroom 1",
    ] {
        let (plan, rows) = fill(words);
        assert!(!rows.is_empty(), "{words}");
        for row in rows {
            let demand = row["demand"].as_str().expect("a demand");
            let with = run(&format!("plan {words} {demand} --json").replace("--task code", ""));
            assert_eq!(with.exit, Exit::Yes, "{words} {demand}");
            let free = list(&plan["gpus"]).iter().map(|gpu| gpu["free"].as_u64());
            let free: u64 = free.map(|bytes| bytes.expect("bytes")).sum();
            assert!(row["estimate"]["total"].as_u64() <= Some(free), "{demand}");
            assert_eq!(row["verdict"], "fits");
            let longest = row["longest_context"].as_u64();
            assert!(longest >= row["context_length"].as_u64(), "{demand}");
            for gpu in list(&row["gpus"]) {
                let same = |one: &&Value| one["gpu"] == gpu["gpu"];
                let budget = list(&plan["gpus"]).iter().find(same).expect("a GPU");
                assert!(gpu["bytes"].as_u64() <= budget["free"].as_u64(), "{demand}");
            }
        }
    }
}

#[test]
fn what_stays_free_is_not_filled_and_what_is_served_is_not_told_again() {
    let (_, rows) = fill("qwen3:8b --gpu 2x3090 --keep-free 1");
    let on = |row: &Value, gpu: u32| list(&row["gpus"]).iter().any(|one| one["gpu"] == gpu);
    assert!(
        !rows.is_empty() && rows.iter().all(|row| !on(row, 1)),
        "{rows:?}"
    );
    let (_, rows) = fill("qwen3:8b --gpu 2x3090 --keep-free count:1");
    assert!(!rows.is_empty());
    let gpus: Vec<&Value> = rows.iter().flat_map(|row| list(&row["gpus"])).collect();
    assert!(
        gpus.iter().all(|gpu| gpu["gpu"] == gpus[0]["gpu"]),
        "{gpus:?}"
    );
    assert!(rows.iter().all(|row| row["tag"] != "qwen3:8b"));
    let (_, rows) = fill("qwen3:8b --gpu 2x3090 --lose 1");
    assert!(rows.iter().all(|row| !on(row, 1)), "{rows:?}");
}

#[test]
fn as_many_as_asked_for_and_none_where_nothing_is_left() {
    let (_, rows) = fill("qwen3:8b --gpu 'RTX 3090' --limit 3");
    assert_eq!(rows.len(), 3);
    let (plan, rows) = fill("qwen3:8b --vram 7.4");
    assert!(rows.is_empty() && plan["fill"].is_array(), "{plan}");
    let without = run("plan qwen3:8b --vram 7.4 --json").json();
    assert!(without["fill"].is_null(), "{without}");
    for (lang, title) in [("en", "What else fits"), ("zh", "还放得下")] {
        for columns in ["80", "160"] {
            let machine = Machine::new().with("COLUMNS", columns);
            let words = format!("plan qwen3:30b --gpu 2x3090 --fill --lang {lang}");
            let shown = machine.run(&words).out;
            assert!(shown.contains(title), "{shown}");
            assert!(
                width(&shown) <= columns.parse().expect("a number"),
                "{shown}"
            );
        }
    }
    for wrong in [
        "--limit 3",
        "--task code",
        "--fill --limit 0",
        "--fill --users 3",
    ] {
        let run = run(&format!("plan qwen3:8b --gpu 'RTX 3090' {wrong}"));
        assert_eq!(run.exit, Exit::Failure, "{wrong}");
    }
}
