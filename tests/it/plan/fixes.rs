//! What is told to help a demand without a place does help: each fix is applied as a person would, and planned again.

use serde_json::Value;
use vramfit::app::Exit;

use super::cli::run;

/// The command line with a fix in it.
fn applied(demands: &str, options: &str, tag: &str, gpu: &str, fix: &Value) -> String {
    let text = |key: &str| fix[key].as_str().expect("a text").to_owned();
    let number = |key: &str| fix[key].as_u64().expect("a number");
    // A demand's part after its tag gives way to the one that is told.
    let with = |tag: &str, replicas: Option<u64>, context: Option<u64>| {
        let demand = |demand: &str| {
            let (bare, pins) = demand.split_once(":pin=").unwrap_or((demand, ""));
            let (bare, own_context) = bare.split_once('@').unwrap_or((bare, ""));
            let (name, own_replicas) = bare.split_once('*').unwrap_or((bare, ""));
            if name != tag {
                return demand.to_owned();
            }
            let replicas = replicas.map_or(own_replicas.to_owned(), |n| n.to_string());
            let context = context.map_or(own_context.to_owned(), |n| n.to_string());
            let part = |mark: &str, text: &str| match text {
                "" => String::new(),
                text => format!("{mark}{text}"),
            };
            let pins = if fix["code"] == "without-pin" {
                ""
            } else {
                pins
            };
            name.to_owned() + &part("*", &replicas) + &part("@", &context) + &part(":pin=", pins)
        };
        demands.split(' ').map(demand).collect::<Vec<_>>().join(" ")
    };
    let (demands, more) = match fix["code"].as_str().expect("a code") {
        "kv-cache-type" => (
            demands.to_owned(),
            format!("--kv-cache-type {}", text("kv_cache_type")),
        ),
        "shorter-context" => (
            with(tag, None, Some(number("context_length"))),
            String::new(),
        ),
        "shorter-context-and-kv-cache-type" => (
            with(tag, None, Some(number("context_length"))),
            format!("--kv-cache-type {}", text("kv_cache_type")),
        ),
        "another-context" => (
            with(&text("tag"), None, Some(number("context_length"))),
            String::new(),
        ),
        "fewer-replicas" => (with(tag, Some(number("replicas")), None), String::new()),
        "another-replicas" => (
            with(&text("tag"), Some(number("replicas")), None),
            String::new(),
        ),
        "without-pin" => (with(tag, None, None), String::new()),
        "fewer-kept-free" => (
            demands.to_owned(),
            format!("--keep-free count:{}", number("count")),
        ),
        "without-apart" => (demands.replace(":apart=host", ""), String::new()),
        "experts-in-memory" => (
            demands.to_owned(),
            format!(
                "--engine llama.cpp --ram {}",
                number("bytes").div_ceil(1 << 30)
            ),
        ),
        "smaller-quantization" => (demands.replace(tag, &text("tag")), String::new()),
        "more-gpus" => (
            demands.to_owned(),
            format!("--what-if '+{gpu} x{}'", number("count")),
        ),
        other => panic!("{other}"),
    };
    // The last one given counts.
    let options = match fix["code"] == "fewer-kept-free" {
        true => options
            .split(" --keep-free")
            .next()
            .expect("options")
            .to_owned(),
        false => options.to_owned(),
    };
    format!("plan {demands} {options} {more} --json")
}

fn unplaced(plan: &Value) -> Vec<Value> {
    plan["unplaced"].as_array().expect("a list").clone()
}

#[test]
fn every_fix_that_is_told_works() {
    for (demands, options, gpu, code) in [
        (
            "qwen3:32b@24k qwen3:8b@16k",
            "--gpu 'RTX 3090' --gpu 'RTX 3060 12GB'",
            "RTX 3090",
            "kv-cache-type",
        ),
        (
            "deepseek-r1:32b@32k",
            "--gpu 'RTX 3090'",
            "RTX 3090",
            "shorter-context",
        ),
        (
            "llama3.2:3b@128k qwen3:30b@2k",
            "--gpu 'RTX 3090'",
            "RTX 3090",
            "another-context",
        ),
        (
            "qwen3:30b*3",
            "--gpu 'RTX 3090 x2'",
            "RTX 3090",
            "fewer-replicas",
        ),
        (
            "llama3:70b qwen3:30b*2@16k codellama:34b",
            "--gpu 'RTX 3090 x4'",
            "RTX 3090",
            "another-replicas",
        ),
        (
            "llama3:8b:pin=0 qwen3:30b:pin=0",
            "--gpu 'RTX 3090 x2'",
            "RTX 3090",
            "without-pin",
        ),
        (
            "gpt-oss:120b",
            "--gpu 'RTX 3090 x2'",
            "RTX 3090",
            "experts-in-memory",
        ),
        (
            "llama3:8b*2:apart=host",
            "--gpu 'RTX 3090 x2'",
            "RTX 3090",
            "without-apart",
        ),
        (
            "deepseek-r1:32b qwen3:30b",
            "--gpu 'RTX 3090 x2' --keep-free count:1",
            "RTX 3090",
            "fewer-kept-free",
        ),
        (
            "qwen3:8b@32k codellama:34b",
            "--gpu 'RTX 3090' --gpu 'RTX 3060 12GB' --kv-cache-type q8_0 --keep-free gpu1",
            "RTX 3090",
            "smaller-quantization",
        ),
        (
            "llama3:70b qwen3:8b",
            "--gpu 'RTX 3090'",
            "RTX 3090",
            "more-gpus",
        ),
    ] {
        let first = run(&format!("plan {demands} {options} --json"));
        assert_eq!(
            first.exit,
            Exit::No,
            "{demands}: {}{}",
            first.out,
            first.err
        );
        let first = unplaced(&first.json());
        assert_eq!(
            first[0]["cheapest_fix"]["code"], code,
            "{demands} {options}: {first:#?}"
        );
        let alternatives = first[0]["alternatives"].as_array().expect("a list");
        let tag = first[0]["tag"].as_str().expect("a tag");
        for fix in std::iter::once(&first[0]["cheapest_fix"]).chain(alternatives) {
            let command = applied(demands, options, tag, gpu, fix);
            let then = run(&command);
            assert_ne!(then.exit, Exit::Failure, "{command}: {}", then.err);
            let left = unplaced(&then.json());
            assert!(
                left.iter().all(|other| other["tag"] != tag),
                "{command}: {left:#?}"
            );
            let others = first.iter().filter(|other| other["tag"] != tag).count();
            assert!(left.len() <= others, "{command}: {left:#?}");
        }
    }
}

/// To a Mac or an APU nobody adds a card, nor memory beside what the GPU shares; a model that a handful of cards does not hold is told the ones
/// that do. Each holds it.
#[test]
fn what_is_told_to_buy_can_be_bought_and_helps() {
    for (model, gpu, code, then) in [
        ("qwen3.6:27b", "M4 16GB", "larger-machine", "M4 32GB"),
        ("qwen3:32b", "M4 16GB", "other-gpus", "M4 Max 36GB"),
        (
            "qwen3:235b",
            "Radeon 8060S 64GB",
            "other-gpus",
            "2x RTX PRO 5000 72GB",
        ),
        (
            "llama3.1:405b",
            "M4 Max 128GB",
            "other-gpus",
            "M3 Ultra 512GB",
        ),
        ("llama3.1:405b", "GB10", "other-gpus", "3x RTX PRO 6000"),
        ("llama3.1:405b", "RTX 4060", "other-gpus", "3x RTX PRO 6000"),
        (
            "llama3.1:405b",
            "2x RTX 3090",
            "other-gpus",
            "3x RTX PRO 6000",
        ),
        (
            "qwen3:235b",
            "Arc B580",
            "experts-in-memory",
            "2x RTX PRO 5000 72GB",
        ),
    ] {
        let explained = run(&format!("explain {model} --gpu '{gpu}' --json")).json();
        let plan = run(&format!("plan {model} --gpu '{gpu}' --json")).json();
        let fixes = [
            explained["cheapest_fix"].clone(),
            plan["unplaced"][0]["cheapest_fix"].clone(),
        ];
        let told = plan["unplaced"][0].to_string() + &explained.to_string();
        assert!(
            code == "experts-in-memory" || !told.contains("more-gpus"),
            "{model} {gpu}: {fixes:?}"
        );
        assert_eq!(fixes[1]["code"], code, "{model} {gpu}: {fixes:?}");
        let card = fixes[1]["name"].as_str().unwrap_or_default();
        assert!(then.ends_with(card), "{model} {gpu}: {fixes:?}");
        let run = run(&format!("plan {model} --gpu '{then}' --json"));
        assert_eq!(run.exit, Exit::Yes, "{model} {then}: {}", run.out);
    }
    let page = run("recommend --gpu 'M4 16GB'");
    assert!(!page.out.contains("of RAM"), "{}", page.out);
    let page = run("upgrade qwen3:32b --gpu 'M4 16GB'");
    assert!(!page.out.contains("They are"), "{}", page.out);
}

#[test]
fn a_cache_that_is_refused_is_told_and_another_one_helps() {
    let report = run("plan phi:2.7b llama3.1:8b --gpu 'RTX 3090' --kv-cache-type q8_0 --json");
    assert_eq!(report.exit, Exit::No, "{}", report.err);
    let plan = report.json();
    let missing = &plan["unplaced"][0];
    assert_eq!(missing["tag"], "phi:2.7b");
    assert_eq!(missing["refused"]["fault"], "head-length");
    assert_eq!(missing["cheapest_fix"]["code"], "kv-cache-type");
    assert_eq!(missing["cheapest_fix"]["kv_cache_type"], "f16");
    let page = run("plan phi:2.7b llama3.1:8b --gpu 'RTX 3090' --kv-cache-type q8_0");
    let told = page.out.matches("does not load with a q8_0 cache").count();
    assert_eq!(told, 2, "{}", page.out);
}

/// What may not lie where there is room lacks no memory, and no card of a host that is taken gives it a place.
#[test]
fn who_stays_away_from_every_host_is_short_of_nothing() {
    let fleet = |hosts: usize, gpus: usize| {
        let host =
            |at: usize| format!("[[host]]\nname = \"h{at}\"\ngpus = [\"RTX 3090 x{gpus}\"]\n");
        (0..hosts).map(host).collect::<String>()
    };
    for (hosts, gpus) in [(3, 2), (5, 4)] {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("fleet.toml");
        std::fs::write(&file, fleet(hosts, gpus)).expect("written");
        let run = run(&format!(
            "plan qwen3:8b*{} --apart host --fleet '{}' --json",
            hosts + 1,
            file.display()
        ));
        assert_eq!(run.exit, Exit::No, "{}", run.err);
        let unplaced = run.json()["unplaced"][0].clone();
        assert_eq!(unplaced["shortfall"], 0, "{unplaced}");
        let told = unplaced.to_string();
        assert!(!told.contains("more-gpus"), "{told}");
    }
    let kept = run("plan qwen3:8b --gpu 'RTX 3090 x2' --keep-free count:2 --json").json();
    assert_eq!(kept["unplaced"][0]["shortfall"], 0);
    // Beside the one that it stays away from, something is missing.
    let full =
        run("plan gemma3:27b qwen3:30b --apart gemma3:27b,qwen3:30b --gpu 'RTX 5090' --json")
            .json();
    let missing = full["unplaced"][0]["shortfall"].as_u64().expect("bytes");
    let free = full["gpus"][0]["free"].as_u64().expect("bytes");
    assert!(
        missing > 0 && missing < 12 << 30 && free > missing,
        "{missing} {free}"
    );
}
