//! Which cards a plan takes, keeps free, loses and gains.

use serde_json::Value;
use vramfit::app::Exit;

use super::run;

#[test]
fn gpus_are_kept_free_and_replicas_apart() {
    let plan = run("plan qwen3:8b tinyllama --gpu 'RTX 3090 x3' --keep-free count:2 --json").json();
    let committed = |plan: &Value| {
        let gpus = plan["gpus"].as_array().expect("a list");
        let used = gpus.iter().filter(|gpu| gpu["committed"] != 0);
        used.count()
    };
    assert_eq!(committed(&plan), 1);
    assert_eq!(plan["notes"][0]["code"], "kept-free");
    assert_eq!(
        plan["notes"][0]["gpus"].as_array().expect("a list").len(),
        2
    );
    let together = run("plan tinyllama*3 --gpu 'RTX 3090 x3' --objective pack --json").json();
    assert_eq!(committed(&together), 1);
    let apart = run("plan tinyllama*3 --gpu 'RTX 3090 x3' --apart gpu --json").json();
    assert_eq!(committed(&apart), 3);
    let kept = run("plan tinyllama --gpu 'RTX 3090 x2' --keep-free gpu0 --json").json();
    assert_eq!(kept["gpus"][0]["committed"], 0);
}

#[test]
fn contexts_are_widened_into_what_is_left() {
    let plan = run("plan qwen3:8b --gpu 'RTX 3090' --widen --json").json();
    let context = plan["services"][0]["context_length"]
        .as_u64()
        .expect("tokens");
    assert!(context > 8192 && context <= 40_960, "{context}");
    assert_eq!(plan["notes"][0]["code"], "context-widened");
}

#[test]
fn a_lost_and_an_added_card_are_counted() {
    let lost = run("plan llama3:70b qwen3:30b --gpu 'RTX 3090 x3' --lose gpu1 --json");
    assert_eq!(lost.exit, Exit::No);
    let plan = lost.json();
    assert_eq!(plan["change"]["cause"], "lose");
    assert_eq!(plan["gpus"].as_array().expect("a list").len(), 2);
    assert_eq!(plan["services"].as_array().expect("a list").len(), 1);
    assert_eq!(plan["change"]["lost"][0]["tag"], "qwen3:30b");
    assert_eq!(plan["change"]["moved"][0]["tag"], "llama3:70b");
    let spare = run("plan llama3:70b qwen3:30b --gpu 'RTX 3090 x4' --lose gpu1 --json");
    assert_eq!(spare.exit, Exit::Yes);
    let change = &spare.json()["change"];
    assert_eq!(change["moved"][0]["tag"], "llama3:70b");
    assert_eq!(change["stay"], 1, "what was not on the card stays");
    // The third replica shared a card: it moves to the new one, and nobody else does.
    let apart = run("plan qwen3:8b*3 --gpu '2x RTX 3090' --what-if '+RTX 4090' --json").json();
    let services = apart["services"].as_array().expect("a list");
    let mut gpus: Vec<u64> = services
        .iter()
        .filter_map(|service| service["gpus"][0]["gpu"].as_u64())
        .collect();
    gpus.sort_unstable();
    assert_eq!(gpus, [0, 1, 2], "{}", apart["change"]);
    assert_eq!(apart["change"]["moved"].as_array().map(Vec::len), Some(1));
    let more = run("plan qwen3:30b*2 --gpu 'RTX 3090' --what-if '+RTX 4090' --json");
    assert_eq!(more.exit, Exit::Yes, "{}", more.out);
    let plan = more.json();
    assert_eq!(plan["change"]["cause"], "what-if");
    assert_eq!(
        plan["change"]["gained"].as_array().expect("a list").len(),
        1
    );
    assert_eq!(plan["gpus"].as_array().expect("a list").len(), 2);
}

#[test]
fn a_plan_is_compared_with_a_saved_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("saved.json");
    let saved = run("plan qwen3:30b llama3:8b --gpu 'RTX 3090 x3' --json");
    std::fs::write(&path, &saved.out).expect("a file");
    let diff = |demands: &str| {
        let command = format!(
            "plan {demands} --gpu 'RTX 3090 x3' --diff '{}' --json",
            path.display()
        );
        run(&command).json()["change"].clone()
    };
    let same = diff("qwen3:30b llama3:8b");
    assert_eq!(
        (&same["stay"], &same["moved"]),
        (&2.into(), &Value::Array(Vec::new()))
    );
    let other = diff("qwen3:30b:pin=2 qwen3:8b");
    assert_eq!(other["moved"][0]["tag"], "qwen3:30b");
    assert_eq!(other["gained"][0]["tag"], "qwen3:8b");
    assert_eq!(other["lost"][0]["tag"], "llama3:8b");
}

#[test]
fn a_card_in_the_place_of_another_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let [fleet, saved] = ["fleet.toml", "saved.json"].map(|name| folder.path().join(name));
    let card = |uuid: &str| {
        let text = format!(
            "[[host]]\nname = \"h\"\n[[host.gpu]]\nname = \"RTX 3090\"\nuuid = \"{uuid}\"\n"
        );
        std::fs::write(&fleet, text).expect("a file");
    };
    let (fleet, saved) = (fleet.display(), saved.display());
    card("GPU-c6f87718-6d76-b07e-881e-d162ae2eb154");
    let before = run(&format!("plan qwen3:8b --fleet {fleet} --json"));
    std::fs::write(saved.to_string(), before.out).expect("a file");
    card("GPU-ec66a787-95e7-61d1-7731-af10506bf2ef");
    let after = run(&format!("plan qwen3:8b --fleet {fleet} --diff {saved}"));
    assert!(
        after.out.contains("moves to another card, GPU 0 now"),
        "{}",
        after.out
    );
}

#[test]
fn no_split_is_proved_where_a_whole_card_would_hold_it() {
    let demands = "qwen3:32b@17408 qwen3:32b@17408 qwen3:32b@15360 qwen3:32b@29696 qwen3:32b@15360 qwen3:32b@39936";
    let plan = |gpus: &str| run(&format!("plan {demands} {gpus} --objective pack --json")).json();
    let split = |plan: &Value| {
        let services = plan["services"].as_array().expect("services");
        let gpus = services
            .iter()
            .map(|one| one["gpus"].as_array().map_or(0, Vec::len));
        (services.len(), gpus.filter(|count| *count > 1).count())
    };
    assert_eq!(split(&plan("--gpu '2x A100 80GB'")), (6, 0));
    let beside = plan("--gpu '2x A100 80GB' --gpu '16x RTX 3090'");
    assert_eq!(split(&beside).0, 6);
    assert!(
        beside["optimal"] != true || split(&beside).1 == 0,
        "{beside}"
    );
}

#[test]
fn a_partition_does_not_stand_in_the_way_of_whole_gpus() {
    for count in [15, 16] {
        let gpus = format!("--gpu 'A100 80GB MIG 3g.40gb' --gpu '{count}x RTX 3090'");
        let plan = run(&format!("plan llama3:70b {gpus} --json")).json();
        assert_eq!(
            plan["services"][0]["gpus"].as_array().map(Vec::len),
            Some(2),
            "{count}"
        );
    }
}

#[test]
fn a_gpu_with_experts_alone_is_used() {
    let gpus = "gpt-oss:20b --vram 13.272 --vram 2.405 --json";
    let [explained, planned] =
        ["explain", "plan"].map(|command| run(&format!("{command} {gpus}")).json());
    assert_eq!(explained["verdict"], "fits");
    assert_eq!(explained["placement"]["gpus"][1]["layers"], 0);
    assert_eq!(planned["services"][0]["verdict"], "fits");
}

/// 98.4 % of the cards' memory, the large ones asked for last: no order of fillings by their bytes finds it in time.
#[test]
fn a_full_fleet_is_packed_by_what_is_awkward() {
    let plan = run(
        "plan llama3.2:3b*8@16k mistral:7b*11@16k gemma3:12b*18@16k phi4:14b*17@16k codellama:34b*13@4k mixtral:8x7b*8@16k \
         llama3.3:70b*12@4k --gpu 'A100 80GB x19' --json",
    );
    assert_eq!(plan.exit, Exit::Yes);
    let plan = plan.json();
    assert_eq!(plan["services"].as_array().expect("a list").len(), 87);
}

/// 98.5 %: most cards take other fillings than the fullest one.
#[test]
fn a_full_fleet_is_packed_by_what_is_seldom_the_fullest() {
    for demands in [
        "phi4:14b*38@16k llama3.2:3b*47@4k bge-m3*51",
        "bge-m3*51 llama3.2:3b*47@4k phi4:14b*38@16k",
    ] {
        let plan = run(&format!("plan {demands} --gpu 'RTX A6000 x14'"));
        assert_eq!(plan.exit, Exit::Yes, "{demands}");
    }
}
