//! `--users`: servers and slots for so many people at once.

use serde_json::Value;
use vramfit::app::Exit;

use super::cli::run;

fn users(words: &str) -> (Value, Exit) {
    let run = run(&format!("plan {words} --json"));
    (run.json(), run.exit)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn as_few_servers_as_serve_them_all() {
    let (plan, exit) = users("qwen3:8b@8k --users 8 --min-speed 10 --gpu 'RTX 3090 x4'");
    let answer = &plan["users"];
    assert_eq!(
        (exit, &answer["met"]),
        (Exit::Yes, &true.into()),
        "{answer}"
    );
    let services = plan["services"].as_array().expect("a list");
    assert_eq!(answer["replicas"], services.len());
    let (replicas, slots) = (number(&answer["replicas"]), number(&answer["slots"]));
    assert!(replicas * slots >= 8.0);
    assert!(number(&answer["each"]["decode"][0]) >= 10.0);
    for service in services {
        assert_eq!(service["estimate"]["parallel"], answer["slots"]);
        assert_eq!(
            service["environment"]["OLLAMA_NUM_PARALLEL"],
            answer["slots"].to_string()
        );
    }
    // One server fewer does not do.
    if replicas > 1.0 {
        let (less, _) = users(&format!(
            "qwen3:8b@8k --users 8 --min-speed 10 --gpu 'RTX 3090 x{}'",
            replicas - 1.0
        ));
        assert_eq!(less["users"]["met"], false);
    }
}

#[test]
fn more_speed_takes_more_servers_until_none_is_enough() {
    let replicas = |speed: u32| {
        let (plan, exit) = users(&format!(
            "qwen3:8b --users 16 --min-speed {speed} --gpu 'RTX 3090 x4'"
        ));
        assert_eq!(exit == Exit::Yes, plan["users"]["met"] == true);
        (plan["users"]["met"] == true).then(|| number(&plan["users"]["replicas"]))
    };
    let counts: Vec<Option<f64>> = [5, 20, 40, 5000].map(replicas).into();
    assert_eq!(counts.last(), Some(&None), "{counts:?}");
    let met: Vec<f64> = counts.iter().flatten().copied().collect();
    assert!(
        met.is_sorted() && met.len() + 1 >= counts.len() - 1,
        "{counts:?}"
    );
    let (slow, exit) = users("qwen3:8b --users 16 --ttft 0.001 --gpu 'RTX 3090'");
    assert_eq!((exit, &slow["users"]["met"]), (Exit::No, &false.into()));
}

#[test]
fn the_page_tells_it_and_what_cannot_be_meant_is_refused() {
    let page = run("plan qwen3:8b --users 8 --min-speed 10 --gpu 'RTX 3090 x4'").out;
    assert!(page.contains("8 users at once: "), "{page}");
    let chinese = run("plan qwen3:8b --users 8 --min-speed 5000 --gpu 'RTX 3090' --lang zh").out;
    assert!(
        chinese.contains("8 人同时使用") && chinese.contains("达不到要求"),
        "{chinese}"
    );
    for wrong in [
        "qwen3:8b --users 0",
        "qwen3:8b --users many",
        "qwen3:8b --min-speed 10",
        "qwen3:8b --users 4 --ttft soon",
        "qwen3:8b --users 4 --ttft 0",
        "qwen3:8b --users 4 --min-speed 0",
        "qwen3:8b*2 --users 4",
        "qwen3:8b llama3:8b --users 4",
        "qwen3:8b --users 4 --parallel 2",
    ] {
        let run = run(&format!("plan {wrong} --gpu 'RTX 3090'"));
        assert_eq!(run.exit, Exit::Failure, "{wrong}: {}", run.out);
    }
}

/// A plan for each number of replicas would take minutes: the number is found by halving.
#[test]
fn a_thousand_gpus_are_not_tried_one_by_one() {
    let (plan, exit) = users("qwen3:8b --users 300 --min-speed 1000 --gpu 'RTX 3090 x1024'");
    let answer = &plan["users"];
    assert_eq!((exit, &answer["met"]), (Exit::No, &false.into()));
    assert_eq!(
        (&answer["replicas"], &answer["slots"]),
        (&300.into(), &1.into())
    );
}
