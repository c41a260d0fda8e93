//! What the ranking owes to its evidence.

mod made_for;
mod room;
mod siblings;

use std::collections::BTreeMap;
use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::Value;
use vramfit::catalog::model::ModelKind;
use vramfit::catalog::text::Text;
use vramfit::embedded;
use vramfit::request::Task;

use crate::support::Machine;

/// Benchmarks that somebody ran on all models alike, by task: who makes no model, or one scaffold of one publisher.
fn is_independent(row: &Value) -> bool {
    let publisher = row["reported_by"].as_str().unwrap_or_default();
    let benchmark = row["benchmark"].as_str().unwrap_or_default();
    publisher.starts_with("Artificial Analysis")
        || publisher.starts_with("LMArena")
        || (publisher.starts_with("Qwen (vendor table; own scaffold)")
            && benchmark.starts_with("SWE-bench"))
}

fn task_of(row: &Value) -> Option<Task> {
    let benchmark = row["benchmark"].as_str()?;
    Some(match row["task"].as_str()? {
        "coding" => Task::Code,
        "math_reasoning" => Task::Reasoning,
        "chinese" => Task::Chinese,
        "instruction_following" => Task::Chat,
        "long_document" => Task::Documents,
        "general" if benchmark.starts_with("LMArena") => Task::Chat,
        _ => return None,
    })
}

/// Log odds of a percentage, or of winning.
fn odds(benchmark: &str, value: f64) -> f64 {
    if benchmark.starts_with("LMArena") {
        return (value - 1300.0) * std::f64::consts::LN_10 / 400.0;
    }
    let part = (value / 100.0 + 0.02) / 1.04;
    (part / (1.0 - part)).ln()
}

/// The best value of every tag in every independent table, by task.
type Tables = BTreeMap<(Task, String), BTreeMap<String, f64>>;

fn tables() -> Tables {
    let catalog = embedded::catalog().expect("the catalog");
    let name_of = |tag: &str| {
        let entry = catalog.find(tag);
        entry.map_or_else(|| tag.to_owned(), |entry| entry.model.name.to_string())
    };
    let file = std::fs::File::open("data/evidence/quality.jsonl.gz").expect("evidence");
    let mut text = String::new();
    GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("compressed lines");
    let mut tables = Tables::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("a row");
        let (Some(tag), Some(task)) = (row["tag"].as_str(), task_of(&row)) else {
            continue;
        };
        if !is_independent(&row) {
            continue;
        }
        let benchmark = format!("{} {}", row["benchmark"], row["reported_by"]);
        let name = row["benchmark"].as_str().expect("a benchmark");
        let value = odds(name, row["value"].as_f64().expect("a value"));
        let best = tables
            .entry((task, benchmark))
            .or_default()
            .entry(name_of(tag))
            .or_insert(value);
        *best = best.max(value);
    }
    tables
}

/// By how much independent tables put one tag above another, if at least two hold both and none says otherwise.
fn clearly(tables: &Tables, task: Task, one: &str, two: &str) -> Option<f64> {
    let gaps: Vec<f64> = tables
        .iter()
        .filter(|((of, _), _)| *of == task)
        .filter_map(|(_, values)| Some(values.get(one)? - values.get(two)?))
        .collect();
    let agree = gaps.len() >= 2 && gaps.iter().all(|gap| *gap > 0.0);
    agree.then(|| gaps.iter().sum::<f64>() / gaps.len() as f64)
}

#[test]
fn the_first_twenty_stand_as_independent_rows_clearly_tell() {
    let tables = tables();
    let catalog = embedded::catalog().expect("the catalog");
    let mut pairs = 0;
    let mut wrong = Vec::new();
    let machines = [
        "RTX 3060",
        "RTX 3090",
        "RTX 3090 x2",
        "RTX 3090 x4",
        "H200 x8",
    ];
    for hardware in machines.map(|cards| format!("--gpu '{cards}'")) {
        for &task in Task::ALL {
            let command = format!(
                "recommend {hardware} --task {} --priority quality --limit 20 --json",
                task.label()
            );
            let report = Machine::new().run(&command).json();
            let rows = report["recommendations"].as_array().expect("a list");
            // Rows of the evidence name the default file; the list may show another one of the same model.
            let model = |row: &Value| {
                let entry = catalog.find(row["tag"].as_str()?)?;
                Some(entry.model.name.clone())
            };
            let tags: Vec<Text> = rows.iter().filter_map(model).collect();
            for (at, better) in tags.iter().enumerate() {
                for worse in &tags[at + 1..] {
                    pairs += usize::from(clearly(&tables, task, better, worse).is_some());
                    if let Some(gap) =
                        clearly(&tables, task, worse, better).filter(|gap| *gap > CLEAR)
                    {
                        wrong.push(format!(
                            "{task:?} {hardware}: {better} above {worse}, {gap:.2}"
                        ));
                    }
                }
            }
        }
    }
    assert!(pairs > 200, "{pairs}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Log odds from which two models are told apart: 50 % and 62 %.
const CLEAR: f64 = 0.5;

#[test]
fn successors_are_not_below_what_they_succeed() {
    let catalog = embedded::catalog().expect("the catalog");
    for pair in [
        ["qwen3.8:27b", "qwen3.6:27b", "qwen3.5:27b"],
        ["qwen3.6:35b", "qwen3.5:35b", "qwen3:30b"],
        [
            "mistral-small3.2:24b",
            "mistral-small3.1:24b",
            "mistral-small:24b",
        ],
    ] {
        for &task in &[
            Task::Chat,
            Task::Chinese,
            Task::Code,
            Task::Reasoning,
            Task::Documents,
        ] {
            let scores = pair.map(|tag| {
                let entry = catalog.find(tag).unwrap_or_else(|| panic!("{tag}"));
                catalog.quality(entry.model, task).score
            });
            assert!(
                scores.is_sorted_by(|a, b| a >= b),
                "{task:?} {pair:?} {scores:?}"
            );
        }
    }
}

#[test]
fn no_model_is_above_a_sibling_of_three_times_its_size() {
    let answers = |kind: ModelKind| matches!(kind, ModelKind::Instruct | ModelKind::Reasoning);
    let catalog = embedded::catalog().expect("the catalog");
    for small in &catalog.models {
        for large in catalog.models.iter().filter(|large| {
            large.family() == small.family()
                && (large.kind == small.kind || [small, large].iter().all(|one| answers(one.kind)))
                && large.parameters >= small.parameters.map(|n| n * 3)
                && small.parameters.is_some()
        }) {
            for &task in Task::ALL {
                let [below, above] = [small, large].map(|model| catalog.quality(model, task).score);
                assert!(below <= above, "{task:?} {} {}", small.name, large.name);
            }
        }
    }
}

/// Tokens a second from which a larger sibling is preferred: half of what is enough for code.
const FAST_ENOUGH: f64 = 30.0;

#[test]
fn no_larger_sibling_that_is_fast_enough_stands_below() {
    let tables = tables();
    let catalog = embedded::catalog().expect("the catalog");
    let answers = |kind: ModelKind| matches!(kind, ModelKind::Instruct | ModelKind::Reasoning);
    let mut pairs = 0;
    let mut wrong = Vec::new();
    for hardware in [
        "--vram 12",
        "--vram 16",
        "--gpu 'RTX 4090'",
        "--gpu 'H200 x8'",
    ] {
        for &task in Task::TEXT {
            let task_name = task.label();
            let command = format!("recommend {hardware} --task {task_name} --limit 20 --json");
            let report = Machine::new().run(&command).json();
            let rows = report["recommendations"].as_array().expect("a list");
            let model = |row: &Value| catalog.find(row["tag"].as_str()?).map(|entry| entry.model);
            for (at, above) in rows.iter().enumerate() {
                for below in &rows[at + 1..] {
                    let (Some(small), Some(large)) = (model(above), model(below)) else {
                        continue;
                    };
                    let decode = |end: usize| below["speed"]["decode"][end].as_f64();
                    let rate = (decode(0).unwrap_or(0.0) * decode(1).unwrap_or(0.0)).sqrt();
                    let dwarfed = small.parameters.map(|n| n * 3) <= large.parameters
                        && answers(small.kind)
                        && answers(large.kind);
                    let grows = small.kind == large.kind
                        && small.parameters < large.parameters
                        && small.active_parameters.or(small.parameters)
                            <= large.active_parameters.or(large.parameters);
                    let sibling = small.family() == large.family() && (grows || dwarfed);
                    pairs += usize::from(small.family() == large.family());
                    if sibling
                        && room::fits_surely(below)
                        && rate >= FAST_ENOUGH
                        && clearly(&tables, task, &small.name, &large.name).is_none()
                    {
                        wrong.push(format!("{command}: {} above {}", small.name, large.name));
                    }
                }
            }
        }
    }
    assert!(pairs > 100, "{pairs}");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_worked_example_is_what_the_program_computes() {
    let report = Machine::new()
        .run("recommend --gpu 'RTX 3090' --task code --json")
        .json();
    let (row, weights) = (&report["recommendations"][0], &report["request"]["weights"]);
    let points = |of: &str| row["score"][of].as_f64().expect("points");
    let terms = ["task", "speed", "fit"].map(|of| {
        format!(
            "{:.2} × {:.1}",
            weights[of].as_f64().expect("a weight"),
            points(of)
        )
    });
    let line = format!(
        "    {}: {} = {:.1}",
        row["tag"].as_str().expect("a tag"),
        terms.join(" + "),
        points("total")
    );
    let text = std::fs::read_to_string("docs/ranking.md").expect("docs");
    assert!(text.lines().any(|one| one == line), "{line}");
}

/// Machines from a small card to a server.
const MACHINES: [&str; 5] = [
    "--vram 6",
    "--gpu 'RTX 3060'",
    "--gpu 'RTX 3090'",
    "--gpu 'RTX 3090 x4'",
    "--gpu 'H200 x8'",
];

#[test]
fn the_first_ten_are_the_same_however_many_are_told() {
    for machine in MACHINES {
        for asked in [
            "--task code",
            "--task chat --priority quality",
            "--task chinese --priority speed",
        ] {
            let told = |how_many: &str| {
                let command = format!("recommend {machine} {asked} --json {how_many}");
                Machine::new().run(&command).json()
            };
            let (ten, all) = (told("--limit 10"), told("--all"));
            let first = |of: &Value| {
                let rows = of["recommendations"].as_array().expect("rows");
                rows[..10].to_vec()
            };
            assert_eq!(first(&ten), first(&all), "{machine} {asked}");
            for rest in ["spare", "rejected_total"] {
                assert_eq!(ten[rest], all[rest], "{machine} {asked}");
            }
        }
    }
}

/// OpenCoder was measured with HumanEval and MBPP alone, where Qwen2.5-Coder is ahead of it in all tables.
#[test]
fn who_only_passed_what_all_pass_is_not_above_who_was_measured_with_more() {
    let catalog = embedded::catalog().expect("the catalog");
    let points = |tag: &str| {
        let entry = catalog.find(tag).expect("a model");
        catalog.quality(entry.model, Task::Code).score
    };
    for better in ["qwen2.5-coder:7b", "qwen3:8b", "qwen3:4b"] {
        assert!(points("opencoder:8b") < points(better), "{better}");
    }
}

#[test]
fn an_older_edition_does_not_stand_below_its_newer_one() {
    for (task, gpu) in [
        ("chinese", "RTX 2060"),
        ("chat", "RTX 3090"),
        ("code", "RTX 4060"),
    ] {
        let command = format!("recommend --json --limit 60 --task {task} --gpu '{gpu}'");
        let report = Machine::new().run(&command).json();
        let list = report["recommendations"].as_array().expect("a list");
        let tags: Vec<&str> = list.iter().filter_map(|row| row["tag"].as_str()).collect();
        for (newer, older) in [
            ("qwen3:4b", "qwen3:4b-q4_K_M"),
            ("qwen3:30b", "qwen3:30b-a3b-q4_K_M"),
            ("mistral:v0.2", "mistral:v0.1"),
        ] {
            let at = |tag| tags.iter().position(|other| *other == tag);
            if let (Some(newer_at), Some(older_at)) = (at(newer), at(older)) {
                assert!(older_at < newer_at, "{task} {gpu}: {older} below {newer}");
            }
        }
        // Thinking and not are two models.
        if gpu == "RTX 2060" {
            assert!(tags.contains(&"qwen3:4b") && tags.contains(&"qwen3:4b-instruct"));
        }
    }
}
