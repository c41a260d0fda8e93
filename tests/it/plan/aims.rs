//! What is best: who has a place first, and what becomes of GPUs that need not be used.

use std::collections::BTreeSet;

use serde_json::Value;
use vramfit::app::Exit;

use super::cli::run;

fn list<'a>(plan: &'a Value, key: &str) -> &'a Vec<Value> {
    plan[key].as_array().expect("a list")
}

fn served(plan: &Value) -> Vec<&str> {
    let services = list(plan, "services").iter();
    services
        .map(|one| one["tag"].as_str().expect("a tag"))
        .collect()
}

/// GPUs in use, as `host/index`.
fn used(plan: &Value) -> BTreeSet<String> {
    let used = list(plan, "gpus")
        .iter()
        .filter(|gpu| gpu["committed"] != 0);
    used.map(|gpu| format!("{}/{}", gpu["host"].as_str().expect("a host"), gpu["gpu"]))
        .collect()
}

/// So many hosts of four GPUs, in a file.
fn fleet(hosts: usize) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let host = |at| format!("[[host]]\nname = \"h{at}\"\ngpus = [\"RTX 3090 x4\"]\n");
    let text: String = (1..=hosts).map(host).collect();
    std::fs::write(&path, text).expect("a file");
    (folder, path.display().to_string())
}

#[test]
fn what_only_the_largest_gpus_of_a_fleet_hold_whole_is_split_on_the_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let write = |more: &str| {
        let host = |name: u32| {
            let more = if name == 1 { more } else { "" };
            format!("[[host]]\nname = \"h{name}\"\ngpus = [\"RTX 3090 x4\"{more}]\n")
        };
        let hosts: String = (1..=5).map(host).collect();
        std::fs::write(&path, hosts).expect("a file");
    };
    let placed = || {
        let words = format!(
            "plan 'mistral:7b*30' 'llama3:70b*10' --fleet '{}'",
            path.display()
        );
        let plan = run(&format!("{words} --json")).json();
        plan["services"].as_array().expect("a list").len()
    };
    write("");
    let before = placed();
    write(", \"RTX PRO 6000\"");
    assert!(placed() >= before + 2, "{before} {}", placed());
}

#[test]
fn idle_gpus_are_used_before_gpus_are_shared() {
    let demands = "plan qwen3-coder:30b@32k bge-m3 --gpu 'RTX 3090 x2' --json";
    let plan = run(demands).json();
    assert_eq!(used(&plan).len(), 2, "{plan}");
    assert!(
        list(&plan, "services")
            .iter()
            .all(|one| one["shares_with"] == Value::Array(vec![]))
    );
    let fewer = demands.replace("@32k", "@8k");
    let plan = run(&format!("{fewer} --objective pack")).json();
    assert_eq!(used(&plan).len(), 1);
    let service = &plan["services"][0];
    assert_eq!(service["shares_with"][0]["tag"], "bge-m3");
    let rate = |key: &str| service[key]["decode"][0].as_f64().expect("a speed");
    assert!(rate("speed_all_busy") < rate("speed"));
}

#[test]
fn what_is_asked_first_has_a_place_first_unless_priority_says_otherwise() {
    let first = run("plan llama3:70b qwen3:30b*2 --gpu 'RTX 3090 x2' --json").json();
    assert_eq!(
        (served(&first), &first["optimal"]),
        (vec!["llama3:70b"], &true.into())
    );
    let turned = run("plan qwen3:30b*2 llama3:70b --gpu 'RTX 3090 x2' --json").json();
    assert_eq!(served(&turned), ["qwen3:30b", "qwen3:30b"]);
    let priority = run("plan llama3:70b qwen3:30b*2:priority=1 --gpu 'RTX 3090 x2' --json").json();
    assert_eq!(served(&priority), ["qwen3:30b", "qwen3:30b"]);
    let must = run("plan qwen3:30b*2:priority=5 llama3:70b:must --gpu 'RTX 3090 x2' --json").json();
    assert_eq!(served(&must), ["llama3:70b"]);
    let wrong = run("plan llama3:8b:priority=high --vram 24");
    assert_eq!(wrong.exit, Exit::Failure);
}

#[test]
fn nothing_is_written_without_what_must_be_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let run = run(&format!(
        "plan llama3:8b llama3:70b:must --gpu 'RTX 3090' --emit shell --out {}",
        out.display()
    ));
    assert!(!out.exists());
    assert_eq!(run.exit, Exit::No);
    assert!(
        run.out.contains("must be served") && !run.out.contains("start.sh"),
        "{}",
        run.out
    );
}

#[test]
fn different_models_stay_apart() {
    let plan = run("plan llama3:8b qwen3:8b tinyllama --objective pack --gpu 'RTX 3090 x3' --apart llama3:8b,qwen3:8b --json").json();
    assert_eq!(used(&plan).len(), 2, "{plan}");
    let typed =
        run("plan llama3:8b qwen3:8b:apart=llama3:8b --objective pack --gpu 'RTX 3090 x2' --json")
            .json();
    assert_eq!(used(&typed).len(), 2, "{typed}");
    let unknown = run("plan llama3:8b qwen3:8b --apart llama3:8b,qwen3:9b --gpu 'RTX 3090 x2'");
    assert_eq!(unknown.exit, Exit::Failure);
    assert!(unknown.err.contains("qwen3:8b"), "{}", unknown.err);
}

#[test]
fn headroom_stays_free_on_every_gpu() {
    let plan =
        run("plan qwen3:30b tinyllama --gpu 'RTX 3090' --headroom 2GiB --objective pack --json")
            .json();
    assert!(
        plan["gpus"][0]["free"].as_u64().expect("bytes") >= 2 << 30,
        "{plan}"
    );
    let all = run("plan qwen3:30b --gpu 'RTX 3090' --headroom 8GiB --json");
    assert_eq!(all.exit, Exit::No);
}

#[test]
fn replicas_go_to_hosts_of_their_own() {
    let (_folder, file) = fleet(2);
    let plan = run(&format!(
        "plan llama3:70b*2 qwen3:8b*2 --fleet {file} --json"
    ))
    .json();
    for tag in ["llama3:70b", "qwen3:8b"] {
        let of_tag = list(&plan, "services")
            .iter()
            .filter(|one| one["tag"] == tag);
        let hosts: BTreeSet<String> = of_tag.map(|one| one["host"].to_string()).collect();
        assert_eq!(hosts.len(), 2, "{tag}");
    }
}

/// Whatever is asked for, no plan puts more replicas on hosts or GPUs of their own than there are, nor on a host what it cannot hold.
#[test]
fn what_no_plan_serves_leaves_no_doubt_of_the_best() {
    let (_folder, file) = fleet(5);
    for (demands, placed) in [
        ("llama3.2:3b*12 --apart host", 5),
        ("llama3.2:3b*25 --apart gpu", 20),
        ("llama3.2:3b*12:pin=h1/0,h1/1,h2/0 --apart host", 2),
        ("llama3.2:3b*12:pin=h1/0,h1/1,h2/0 --apart gpu", 3),
        ("llama3.1:405b qwen3:8b", 1),
    ] {
        let plan = run(&format!("plan {demands} --fleet {file} --json")).json();
        assert_eq!(list(&plan, "services").len(), placed, "{demands}");
        assert_eq!(plan["optimal"], true, "{demands}");
    }
    let plan = run(&format!("plan qwen3:32b*25 --fleet {file} --json")).json();
    assert_eq!(plan["optimal"], false, "nothing limits these but memory");
}

#[test]
fn a_fleet_of_five_or_thirty_two_hosts_leaves_no_gpu_idle_beside_what_is_unplaced() {
    for (hosts, replicas) in [(5, (30, 10)), (32, (190, 64))] {
        let (_folder, file) = fleet(hosts);
        let (small, large) = replicas;
        let plan = run(&format!(
            "plan mistral:7b*{small} llama3:70b*{large} --fleet {file} --json"
        ))
        .json();
        let tags = served(&plan);
        assert_eq!(
            tags.iter().filter(|tag| **tag == "mistral:7b").count(),
            small
        );
        assert!(!list(&plan, "unplaced").is_empty());
        assert_eq!(used(&plan).len(), hosts * 4, "{hosts} hosts");
    }
}

#[test]
fn gpus_are_kept_free_by_name_or_by_number() {
    let plan = run("plan qwen3:8b*7 --gpu 'RTX 3090 x8' --keep-free 7 --json").json();
    assert_eq!(plan["gpus"][7]["committed"], 0);
    assert_eq!(plan["notes"][0]["gpus"], serde_json::json!(["localhost/7"]));
    let many = run("plan qwen3:8b --gpu 'RTX 3090 x2' --keep-free count:1000000000 --json");
    assert_eq!(many.exit, Exit::No);
    assert_eq!(many.json()["unplaced"][0]["cheapest_fix"]["count"], 1);
    let none = run("plan qwen3:8b --gpu 'RTX 3090 x2' --keep-free 1000000000");
    assert_eq!(none.exit, Exit::Failure, "{}", none.out);
}

#[test]
fn a_lost_gpu_is_made_up_for_by_one_kept_free() {
    for keep in ["3", "count:1"] {
        let run = run(&format!(
            "plan qwen3:30b*3 --gpu 'RTX 3090 x4' --keep-free {keep} --lose 0 --json"
        ));
        assert_eq!(run.exit, Exit::Yes, "{}", run.out);
        assert_eq!(run.json()["change"]["stay"], 2);
    }
    let preset = run("plan --preset 8x3090-all-round --lose 0 --json");
    assert_eq!(preset.exit, Exit::Yes, "{}", preset.out);
}

#[test]
fn servers_listen_where_they_are_told() {
    let (_folder, file) = fleet(2);
    let host = |plan: &Value, name: &str| {
        let mut services = list(plan, "services").iter();
        let service = services.find(|one| one["host"] == name).expect("a service");
        service["environment"]["OLLAMA_HOST"].clone()
    };
    let demands = format!("plan llama3:70b*2 --fleet {file} --json");
    let codes = |plan: &Value| -> Vec<String> {
        let notes = list(plan, "notes").iter();
        notes
            .map(|note| note["code"].as_str().expect("a code").to_owned())
            .collect()
    };
    let alone = run(&demands).json();
    assert_eq!(host(&alone, "h1"), "127.0.0.1:11434");
    assert!(
        codes(&alone).contains(&"unreachable".to_owned()),
        "{:?}",
        codes(&alone)
    );
    let open = run(&format!("{demands} --listen 0.0.0.0 --listen h2=10.0.0.12")).json();
    assert_eq!(host(&open, "h1"), "0.0.0.0:11434");
    assert_eq!(host(&open, "h2"), "10.0.0.12:11434");
    assert_eq!(codes(&open), ["open-ports"]);
    // What whoever reaches it may do there depends on the engine.
    for lang in ["en", "zh"] {
        let own = format!("{demands} --listen 0.0.0.0 --engine llama.cpp --lang {lang}");
        let own = run(&own.replace("--json", "")).out;
        assert!(
            own.contains("--api-key") && !own.contains("Ollama"),
            "{own}"
        );
    }
    let same = run(&format!("{demands} --listen 10.0.0.5"));
    assert!(same.err.contains("HOST=ADDRESS for each"), "{}", same.err);
    for wrong in [
        "--listen here",
        "--listen h9=0.0.0.0",
        "--listen h1=",
        "--listen 10.0.0.5",
        "--listen h1=10.0.0.5 --listen h2=10.0.0.5",
    ] {
        assert_eq!(
            run(&format!("{demands} {wrong}")).exit,
            Exit::Failure,
            "{wrong}"
        );
    }
}

#[test]
fn services_stay_where_they_run_and_a_change_of_settings_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("running.json");
    let before = run("plan llama3:8b qwen3:8b --gpu 'RTX 3090 x3' --json");
    std::fs::write(&path, &before.out).expect("a file");
    let replace = |demands: &str| {
        let path = path.display();
        run(&format!(
            "plan {demands} --gpu 'RTX 3090 x3' --replace '{path}' --json"
        ))
        .json()
    };
    // Asked for in another order, with one more: nobody moves, no port changes.
    let plan = replace("tinyllama qwen3:8b llama3:8b");
    let change = &plan["change"];
    assert_eq!(
        (&change["stay"], list(change, "moved").len()),
        (&2.into(), 0),
        "{change}"
    );
    assert_eq!(change["gained"][0]["tag"], "tinyllama");
    let longer = replace("llama3:8b@4k qwen3:8b");
    let change = &longer["change"];
    assert_eq!(change["stay"], 1);
    let settings = &change["changed"][0]["settings"];
    assert_eq!(
        settings,
        &serde_json::json!([
            { "name": "context_length", "from": "8192", "to": "4096" }
        ])
    );
}
