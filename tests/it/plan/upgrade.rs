//! `vramfit upgrade`: what a card more, or another, makes possible; and that `plan` says the same of it.

use std::fs;

use serde_json::Value;
use vramfit::app::Exit;

use crate::support::{Machine, Run, width};

fn run(words: &str) -> Run {
    Machine::new().run(&format!("upgrade {words}"))
}

fn json(words: &str) -> (Value, Exit) {
    let run = run(&format!("{words} --json"));
    (run.json(), run.exit)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn placed(outcome: &Value) -> Vec<u64> {
    let models = list(&outcome["models"]).iter();
    models
        .filter_map(|model| model["placed"].as_u64())
        .collect()
}

/// Of every model its replicas, the tokens a second that its slowest has at least, and its users.
fn brought(outcome: &Value) -> Vec<(u64, f64, u64)> {
    let models = list(&outcome["models"]).iter();
    let each = models.map(|model| {
        let busy = match &model["speed_all_busy"] {
            Value::Null => &model["speed"],
            busy => busy,
        };
        (
            model["placed"].as_u64().expect("a count"),
            busy["decode"][0].as_f64().unwrap_or_default(),
            model["users"]["users"].as_u64().unwrap_or_default(),
        )
    });
    each.collect()
}

/// The cards of a change as `--gpu` takes them beside what is there.
fn cards(option: &Value) -> Vec<String> {
    let changes = list(&option["changes"]).iter();
    let cards = changes.filter_map(|change| change["card"].as_str());
    cards.map(str::to_owned).collect()
}

#[test]
fn the_smallest_card_that_does_stands_first_and_a_plan_says_the_same() {
    let (report, exit) = json("llama3:70b@16k --gpu 'RTX 3090' -n 99");
    assert_eq!(exit, Exit::Yes);
    assert_eq!(placed(&report["today"]), [0]);
    let options = list(&report["options"]);
    assert!(options.len() > 2, "{report}");
    let mut last = 0;
    for option in options
        .iter()
        .filter(|one| list(&one["changes"]).len() == 1)
    {
        let memory = option["memory"].as_u64().expect("bytes").div_ceil(1 << 30);
        assert!(memory >= last, "{option}");
        last = memory;
    }
    let first = &options[0];
    assert_eq!(first["changes"][0]["kind"], "add");
    let card = &cards(first)[0];
    assert_eq!(card, "RTX 3090");
    let plan = |gpus: &str| Machine::new().run(&format!("plan llama3:70b@16k {gpus} --json"));
    let with = plan(&format!("--gpu 'RTX 3090' --gpu '{card}'"));
    assert_eq!(with.exit, Exit::Yes, "{card}");
    let service = &with.json()["services"][0];
    let model = &first["outcome"]["models"][0];
    assert_eq!(service["speed"], model["speed"]);
    assert_eq!(service["context_length"], model["context_length"]);
    // Smaller ones do not: with none of them a plan has a place for it.
    let smaller = list(&report["cards"]).iter();
    let size = |one: &Value| one["memory"].as_u64().map(|bytes| bytes.div_ceil(1 << 30));
    let smaller = smaller.filter(|one| size(one) < size(first));
    let names: Vec<&str> = smaller.filter_map(|one| one["name"].as_str()).collect();
    assert!(!names.is_empty());
    for name in names {
        let with = plan(&format!("--gpu 'RTX 3090' --gpu '{name}'"));
        assert_eq!(with.exit, Exit::No, "{name}");
    }
}

#[test]
fn so_many_users_have_memory_and_one_more_has_not() {
    let (report, _) = json("qwen3:14b@32k --gpu 'RTX 3060 12GB' --card 'RTX 5090' --slots 1");
    let option = &report["options"][0];
    let card = &cards(option)[0];
    let users = option["outcome"]["models"][0]["users"]["users"]
        .as_u64()
        .expect("users");
    let holds = |slots: u64| {
        let line = format!("plan qwen3:14b@32k --gpu '{card}' --parallel {slots}");
        Machine::new().run(&line).exit == Exit::Yes
    };
    assert!((2..256).contains(&users), "{users}");
    assert!(holds(users) && !holds(users + 1), "{users}");
}

#[test]
fn every_change_brings_more_than_those_that_cost_no_more() {
    let (report, exit) = json("qwen3:30b*2@16k llama3:70b bge-m3 --gpu 'RTX 3090' -n 99");
    assert_eq!(exit, Exit::Yes, "{report}");
    let options = list(&report["options"]);
    let served: Vec<Vec<u64>> = options.iter().map(|one| placed(&one["outcome"])).collect();
    assert!(served.is_sorted_by(|one, other| one >= other), "{served:?}");
    let size = |one: &Value| one["memory"].as_u64().unwrap_or_default().div_ceil(1 << 30);
    let cost = |one: &Value| (list(&one["changes"]).len(), size(one));
    let more = |one: &Value, other: &Value| {
        let (one, other) = (brought(one), brought(other));
        let tenth = |one: f64, other: f64| other > 0.0 && one >= 1.1 * other;
        one.iter().zip(&other).any(|(one, other)| {
            one.0 > other.0 || tenth(one.1, other.1) || tenth(one.2 as f64, other.2 as f64)
        })
    };
    for (at, one) in options.iter().enumerate() {
        assert!(more(&one["outcome"], &report["today"]), "{one}");
        for other in &options[..at] {
            let cheaper = cost(other) < cost(one);
            assert!(
                !cheaper || more(&one["outcome"], &other["outcome"]),
                "{one} {other}"
            );
        }
    }
}

#[test]
fn what_fits_already_is_said_so_and_what_never_fits_too() {
    for (lang, words) in [("en", "It fits already."), ("zh", "现在就放得下。")] {
        let run = run(&format!("qwen3:8b --gpu 'RTX 3090' --lang {lang}"));
        assert_eq!(run.exit, Exit::Yes);
        assert!(run.out.contains(words), "{}", run.out);
    }
    let huge = run("deepseek-r1:671b --gpu 'RTX 3090'");
    assert_eq!(huge.exit, Exit::No);
    assert!(huge.out.contains("It does not fit today."), "{}", huge.out);
    let two = run("qwen3:8b deepseek-r1:671b --gpu 'RTX 3090'");
    assert_eq!(two.exit, Exit::No);
    assert!(two.out.contains("1 of 2 fit today."), "{}", two.out);
}

#[test]
fn of_cards_with_as_much_memory_the_slower_of_a_generation_comes_first() {
    let (report, _) = json("qwen3:8b --card 'RTX 5080' --card 'RTX 5060 Ti 16GB' -n 99");
    let options = list(&report["options"]).iter();
    let single = options.filter(|one| list(&one["changes"]).len() == 1);
    let names: Vec<String> = single.flat_map(cards).collect();
    assert_eq!(names, ["RTX 5060 Ti 16GB", "RTX 5080"]);
    // A speed that is not known is no less than another.
    let (report, _) = json("qwen3:8b --vram 40 --card 'RTX 3090'");
    let single = |one: &&Value| list(&one["changes"]).len() == 1;
    assert_eq!(
        list(&report["options"]).iter().find(single),
        None,
        "{report}"
    );
}

#[test]
fn a_full_machine_changes_cards() {
    let (report, exit) = json("qwen3:30b --gpu 'RTX 3060 12GB' --slots 1 -n 99");
    assert_eq!(exit, Exit::Yes);
    for option in list(&report["options"]) {
        let changes = list(&option["changes"]);
        assert_eq!(changes.len(), 1, "{option}");
        assert_eq!(changes[0]["kind"], "replace");
        assert_eq!(changes[0]["replaced"], "RTX 3060 12GB");
        assert_eq!(changes[0]["gpu"], 0);
    }
}

#[test]
fn prices_are_the_order_and_the_offer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("prices.toml");
    let write = |text: &str| fs::write(&path, text).expect("a file");
    let file = path.display();
    write("currency = \"EUR\"\n\"RTX 5090\" = 2400\n'4090' = 1800.50\n\"RTX 3090\" = 700\n");
    let words = format!("llama3:70b --gpu 'RTX 3090' --prices '{file}'");
    let (report, exit) = json(&format!("{words} -n 99"));
    assert_eq!(exit, Exit::Yes);
    assert_eq!(report["offered_by"], "prices");
    let options = list(&report["options"]);
    assert_eq!(
        (cards(&options[0]), &options[0]["price"]),
        (vec!["RTX 3090".into()], &700.0.into())
    );
    let prices: Vec<f64> = options
        .iter()
        .filter_map(|one| one["price"].as_f64())
        .collect();
    assert!(
        prices.is_sorted() && prices.len() == options.len(),
        "{prices:?}"
    );
    for lang in ["en", "zh"] {
        let shown = run(&format!("{words} --lang {lang}")).out;
        assert!(shown.contains("700 EUR") && width(&shown) <= 80, "{shown}");
    }
    for (text, what) in [
        ("\"RTX 3090\" = -1\n", ":1: price"),
        ("\"RTX 4090\" = 1\n\"RTX 309\" = 700\n", ":2: "),
        ("\"RTX 3090\" = \"700\"\n", ":1: price"),
        ("currency = \"EUR\"\n", "\"RTX 3090\" = 700"),
        ("[card]\n", ":1: "),
    ] {
        write(text);
        let wrong = run(&words);
        assert_eq!(wrong.exit, Exit::Failure, "{text}");
        assert!(wrong.err.contains(what), "{text}: {}", wrong.err);
    }
    write("\"RTX 3090\" = 700\n");
    let unpriced = run(&format!("{words} --card 'RTX 4090'"));
    assert_eq!(unpriced.exit, Exit::Failure);
    assert!(unpriced.err.contains("RTX 4090"), "{}", unpriced.err);
}

#[test]
fn of_machines_that_are_alike_both_may_get_a_card() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let host = |name: &str| format!("[[host]]\nname = \"{name}\"\ngpus = [\"RTX 3090\"]\n");
    fs::write(&path, host("a") + &host("b")).expect("a file");
    let words = "'llama3:70b*2' --card 'RTX 3090'";
    let (report, exit) = json(&format!("{words} --fleet '{}'", path.display()));
    assert_eq!(exit, Exit::Yes, "{report}");
    let changes = list(&report["options"][0]["changes"]);
    let hosts: Vec<&str> = changes
        .iter()
        .filter_map(|one| one["host"].as_str())
        .collect();
    assert_eq!(hosts, ["a", "b"]);
    let shown = run(&format!("{words} --fleet '{}'", path.display())).out;
    assert!(shown.contains("a: + RTX 3090"), "{shown}");
}

#[test]
fn a_card_more_never_serves_less_on_a_fleet_that_is_only_searched() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let host = |name: &u32| format!("[[host]]\nname = \"h{name}\"\ngpus = [\"RTX 3090 x4\"]\n");
    let hosts: String = [1, 2, 3, 4, 5].iter().map(host).collect();
    fs::write(&path, hosts).expect("a file");
    let words = "'mistral:7b*30' 'llama3:70b*10' --card 'RTX PRO 6000'";
    let line = format!("{words} --fleet '{}'", path.display());
    let (report, exit) = json(&line);
    assert_eq!(exit, Exit::No);
    assert_eq!(report["today"]["optimal"], false);
    let options = list(&report["options"]);
    assert!(!options.is_empty(), "{report}");
    let today = report["today"]["placed"].as_u64();
    assert!(
        options
            .iter()
            .all(|one| one["outcome"]["placed"].as_u64() > today)
    );
    let shown = run(&line).out;
    assert!(shown.contains("more may be possible"), "{shown}");
}

#[test]
fn a_machine_without_gpus_gets_its_first() {
    let (report, exit) = json("qwen3:8b -n 1");
    assert_eq!(exit, Exit::Yes);
    let change = &report["options"][0]["changes"][0];
    assert_eq!(
        (&change["kind"], &change["gpu"]),
        (&"add".into(), &0.into())
    );
}

#[test]
fn bad_input_is_told() {
    for (words, what) in [
        ("", "TAG"),
        ("qwen3:8b:pin=0 --gpu 'RTX 3090'", ":pin="),
        ("qwen3:8b --gpu 'RTX 3090' --limit 0", "--limit"),
        ("qwen3:8b --gpu 'RTX 3090' --slots x", "--slots"),
        ("qwen3:8b --gpu 'RTX 3090' --time 0", "--time"),
        ("qwen3:8b --gpu 'RTX 3090' --card 'RTX 509'", "RTX 509"),
        ("qwen3:8b --cpu", "--cpu"),
        ("qwen3:8bb --gpu 'RTX 3090'", "qwen3:8b"),
        (
            "qwen3:8b --gpu 'RTX 3090' --prices /nonexistent",
            "/nonexistent",
        ),
    ] {
        let run = run(words);
        assert_eq!(run.exit, Exit::Failure, "{words}: {}", run.out);
        assert!(run.err.contains(what), "{words}: {}", run.err);
    }
}

#[test]
fn pages_hold_their_width() {
    for lang in ["en", "zh"] {
        for columns in ["80", "160"] {
            let machine = Machine::new().with("COLUMNS", columns);
            let words = format!("upgrade llama3:70b 'qwen3:30b*2' --gpu 'RTX 3090' --lang {lang}");
            let shown = machine.run(&words).out;
            assert!(
                width(&shown) <= columns.parse().expect("a number"),
                "{shown}"
            );
        }
    }
}
