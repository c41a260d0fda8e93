//! What is not there is not told: GPUs that were left out, RAM beside a memory that is shared, a place of what does not load, another engine's rule.

use vramfit::app::Exit;

use crate::support::Machine;

fn page(command: &str) -> String {
    Machine::new().run(command).out
}

#[test]
fn what_does_not_load_lies_nowhere() {
    for (lang, place, gpu) in [("en", "Placement", "GPU 0"), ("zh", "部署", "GPU 0")] {
        let command = format!("explain phi:2.7b --gpu 'RTX 3090' --lang {lang}");
        let loads = page(&command);
        assert!(loads.contains(gpu), "{loads}");
        let refused = page(&(command + " --kv-cache-type q8_0"));
        assert!(!refused.contains(gpu), "{refused}");
        if lang == "en" {
            assert!(
                loads.contains(place) && !refused.contains(place),
                "{refused}"
            );
        }
    }
}

#[test]
fn nobody_says_that_there_are_no_gpus_where_they_were_left_out() {
    for command in ["recommend", "explain qwen3:8b", "plan qwen3:8b", "gpus"] {
        let told = page(&format!("{command} --cpu --ram 32"));
        assert!(!told.contains("No GPU found"), "{told}");
        assert!(told.contains("--cpu"), "{told}");
        let told = page(&format!("{command} --cpu --ram 32 --lang zh"));
        assert!(
            !told.contains("没有检测到显卡") && told.contains("--cpu"),
            "{told}"
        );
    }
    let plan = page("plan qwen3:8b --cpu --ram 32");
    assert!(plan.contains("on GPUs only"), "{plan}");
}

#[test]
fn the_cpu_is_told_its_parts_as_gpus_are() {
    let told = page("explain qwen3:8b --cpu --ram 32");
    for part in ["Weights ", "KV cache ", "Compute buffers ", "Total "] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("0 B"), "{told}");
}

#[test]
fn no_model_spills_into_memory_that_the_gpu_shares() {
    let shared = Machine::new().run("explain gpt-oss:120b --gpu 'M4 Max' --ram 64 --json");
    let ollama = &shared.json()["ollama"];
    for choice in [ollama, &ollama["asked"]] {
        assert_eq!(choice["placement"]["host_expert_layers"], 0, "{choice}");
        assert_eq!(choice["placement"]["host_layers"], 0, "{choice}");
    }
    let card = Machine::new().run("explain gpt-oss:120b --gpu 'RTX 4090' --ram 64 --json");
    let placement = &card.json()["ollama"]["placement"];
    assert_ne!(placement["host_expert_layers"], 0, "{placement}");
}

#[test]
fn a_memory_that_is_shared_is_not_told_as_two() {
    let told = page("explain llama3.3:70b --gpu 'M4 Max' --ram 48");
    assert!(told.contains("runs out of memory"), "{told}");
    assert!(!told.contains("the host's is too small"), "{told}");
    assert!(told.contains("too little of the memory"), "{told}");
    let told = page("explain llama3.3:70b --gpu 'M4 Max' --ram 48 --lang zh");
    assert!(!told.contains("系统内存也放不下"), "{told}");
    assert!(told.contains("显卡与主机共用内存，分给显卡"), "{told}");
    let told = page("explain gpt-oss:120b --gpu 'RTX 3090' --ram 16");
    assert!(told.contains("the host's is too small"), "{told}");
}

#[test]
fn the_memory_of_the_cpu_is_not_headed_as_that_of_gpus() {
    let told = page("explain qwen3:8b --cpu --ram 32 --lang zh");
    assert!(!told.contains("显存") && !told.contains("另占"), "{told}");
    assert!(told.contains("\n内存\n"), "{told}");
    let told = page("explain qwen3:8b --gpu 'RTX 3090' --lang zh");
    assert!(told.contains("\n显存\n"), "{told}");
}

#[test]
fn the_largest_context_of_the_cpu_is_that_of_its_memory() {
    let largest = |ram: &str| {
        let told = Machine::new().run(&format!("explain qwen3:8b --cpu --ram {ram} --json"));
        told.json()["largest_context"].clone()
    };
    // Trained for so many; 1024 tokens are 144 MiB of an f16 cache.
    assert_eq!(largest("32")["f16"], 40_960);
    let tight = largest("7");
    let context = tight["f16"].as_u64().expect("a context");
    assert!((12_000..16_384).contains(&context), "{tight}");
    assert!(tight["q8_0"].as_u64() > Some(context), "{tight}");
    // What is told fits, and 1024 tokens more do not.
    for (context, fits) in [(context, true), (context + 1024, false)] {
        let asked = format!("explain qwen3:8b --cpu --ram 7 --context {context} --json");
        let verdict = Machine::new().run(&asked).json()["verdict"].clone();
        assert_eq!(verdict != "does-not-fit", fits, "{context}: {verdict}");
    }
    assert!(largest("4")["q4_0"].is_null());
    let known = page("explain qwen3:8b --cpu --ram 32");
    assert!(known.contains("40K with f16"), "{known}");
    let unknown = page("explain qwen3:8b --cpu --gpu 'RTX 3090'");
    assert!(!unknown.contains("none with"), "{unknown}");
    assert!(!unknown.contains("Largest context"), "{unknown}");
}

/// Of a simulated machine nobody told the memory: whether a model fits there is not known, and that is no "no".
#[test]
fn memory_that_nobody_told_is_not_too_small() {
    let told = Machine::new().run("explain qwen3:8b --cpu --gpu 'RTX 3090'");
    for part in [
        "6.21 GiB of system memory",
        "--ram says it",
        "Total            6.21 GiB",
    ] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let none = ["does not fit", "short by", "offloads"];
    assert!(!none.iter().any(|no| told.out.contains(no)), "{}", told.out);
    let chinese = page("explain qwen3:8b --cpu --gpu 'RTX 3090' --lang zh");
    assert!(chinese.contains("内存大小未知"), "{chinese}");
    let report = Machine::new().run("explain qwen3:8b --cpu --gpu 'RTX 3090' --json");
    let report = report.json();
    assert!(report["verdict"].is_null() && report["placement"].is_null());
    let reasons = report["reasons"].as_array().expect("reasons");
    let unknown = |reason: &&serde_json::Value| reason["code"] == "host-memory-unknown";
    let reason = reasons.iter().find(unknown).expect("the reason");
    assert_eq!(reason["bytes"], 6_662_893_012_u64);
    for row in report["ladder"].as_array().expect("rows") {
        assert!(row["verdict"].is_null() && row["total"] != 0, "{row}");
    }
    // Without being told, too, where Ollama leaves every GPU out.
    for machine in ["--cpu --gpu 'RTX 3090'", "--gpu K80"] {
        let refused = Machine::new().run(&format!("recommend {machine}"));
        assert_eq!(refused.exit, Exit::Failure);
        let said = format!("{}{}", refused.out, refused.err);
        assert!(
            said.contains("--ram 32") && !said.contains("fits"),
            "{said}"
        );
        let known = Machine::new().run(&format!("recommend {machine} --ram 32"));
        assert_eq!(known.exit, Exit::Yes, "{machine}");
    }
}

#[test]
fn the_longest_context_of_the_cpu_is_that_of_its_memory() {
    let contexts = |ram: u32| {
        let command = format!("recommend --cpu --ram {ram} --context max --family qwen3 --json");
        let report = Machine::new().run(&command).json();
        let list = report["recommendations"].as_array().expect("a list");
        let context = |one: &serde_json::Value| {
            let tag = one["tag"].as_str().expect("a tag").to_owned();
            (tag, one["estimate"]["context_length"].as_u64())
        };
        list.iter()
            .map(context)
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let (small, large) = (contexts(8), contexts(64));
    assert!(!small.is_empty() && !large.is_empty());
    assert!(
        large.values().any(|context| *context > Some(8192)),
        "{large:?}"
    );
    // More memory makes none shorter.
    for (tag, context) in &small {
        let more = large.get(tag);
        assert!(more.is_none_or(|more| more >= context), "{tag}");
    }
}

#[test]
fn nothing_is_moved_off_gpus_where_the_cpu_does_everything() {
    let told = page("explain qwen3:8b --cpu --ram 32");
    assert!(!told.contains("offloads"), "{told}");
    assert!(told.matches("on the CPU").count() > 10, "{told}");
}

/// A card that is only imagined comes into a machine with the driver that this has.
#[test]
fn an_added_card_is_told_with_the_driver_of_its_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let planned = |driver: &str| {
        let text =
            format!("[[host]]\nname = \"old\"\ngpus = [\"RTX 3090\"]\ndriver = \"{driver}\"\n");
        std::fs::write(&path, text).expect("a fleet");
        let command = format!(
            "plan qwen3:8b --fleet '{}' --what-if '+RTX 4090'",
            path.display()
        );
        page(&command).replace('\n', " ").replace("  ", " ")
    };
    let old = planned("470.199.02");
    assert!(old.contains("driver that this machine has"), "{old}");
    assert!(old.contains("470.199.02 < "), "{old}");
    let new = planned("580.95.05");
    assert!(!new.contains("driver that this machine has"), "{new}");
}

/// Ollama's libraries for CUDA need a driver; what builds of `llama-server` there are, and what they need, is not known.
#[test]
fn a_driver_that_is_too_old_for_ollama_says_nothing_of_another_engine() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let text = "[[host]]\nname = \"old\"\ngpus = [\"RTX 3090\"]\ndriver = \"470.199.02\"\n";
    std::fs::write(&path, text).expect("a fleet");
    for command in ["explain", "plan"] {
        let command = format!("{command} qwen3:8b --fleet '{}'", path.display());
        let told = page(&command);
        assert!(told.contains("newer driver"), "{told}");
        let told = page(&(command + " --engine llama.cpp"));
        assert!(
            !told.contains("newer driver") && told.contains("6.19 GiB"),
            "{told}"
        );
    }
}

/// Two services and a machine with an old driver, or two machines of which one has a newer.
fn mixed(hosts: &str, options: &str) -> serde_json::Value {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    };
    let fleet = write("fleet.toml", hosts);
    let models = write(
        "models.toml",
        "[[model]]\ntag = \"qwen3:8b\"\n[[model]]\ntag = \"phi4:14b\"\nengine = \"llama.cpp\"\n",
    );
    let command = format!("plan --models-file '{models}' --fleet '{fleet}' --json {options}");
    Machine::new().run(&command).json()
}

#[test]
fn each_service_of_a_plan_is_judged_by_its_engine() {
    let old =
        "[[host]]\nname = \"old\"\ngpus = [\"RTX 3090\", \"RTX 3090\"]\ndriver = \"470.199.02\"\n";
    let new = "[[host]]\nname = \"new\"\ngpus = [\"RTX 3060\"]\ndriver = \"570.1\"\n";
    for options in ["", "--what-if '+RTX 4090'", "--fill"] {
        let told = mixed(old, options);
        let plan = &told["plan"];
        let plan = if plan.is_null() { &told } else { plan };
        let services = plan["services"].as_array().expect("services");
        let tags: Vec<_> = services.iter().map(|service| &service["tag"]).collect();
        assert_eq!(tags, ["phi4:14b"], "{options}");
        let missing = &plan["unplaced"][0];
        assert_eq!(missing["tag"], "qwen3:8b", "{options}");
        // Nobody pinned it, and no other setting makes the driver newer.
        assert!(missing["cheapest_fix"].is_null(), "{missing}");
        let notes = plan["notes"].to_string();
        assert!(notes.contains("gpus-left-out"), "{notes}");
        if options == "--fill" {
            assert_eq!(told["fill"], serde_json::json!([]), "{told}");
        }
    }
    let told = mixed(&(old.to_owned() + new), "");
    let services = told["services"].as_array().expect("services");
    let hosts = services
        .iter()
        .map(|service| (service["tag"].as_str(), service["host"].as_str()));
    let hosts: Vec<_> = hosts.collect();
    assert!(
        hosts.contains(&(Some("qwen3:8b"), Some("new"))),
        "{hosts:?}"
    );
    assert_eq!(hosts.len(), 2, "{hosts:?}");
}

#[test]
fn gpus_that_are_added_are_judged_by_the_engine_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fleet.toml");
    let text = "[[host]]\nname = \"old\"\ngpus = [\"RTX 3090\"]\ndriver = \"470.199.02\"\n";
    std::fs::write(&path, text).expect("a fleet");
    let fleet = path.display();
    let command = format!("plan qwen3:8b --fleet '{fleet}' --what-if '+RTX 4090'");
    let told = page(&(command.clone() + " --engine llama.cpp"));
    assert!(told.contains("1 of 1 service placed"), "{told}");
    let told = page(&command);
    // Whose service it holds for.
    assert!(told.contains("Services of Ollama"), "{told}");
    assert!(told.contains("newer driver"), "{told}");
    assert!(!told.contains("No GPU found"), "{told}");
}
