//! Fleet files.

use std::path::PathBuf;

use serde_json::{Value, json};
use vramfit::app::Exit;
use vramfit::embedded;
use vramfit::error::{Defect, Fault, FleetFault};
use vramfit::inventory::fleet::Fleet;
use vramfit::units::Bytes;

use super::put;
use crate::support::Machine;

fn read(files: &[(&str, &str)]) -> Result<Fleet, Vec<Defect>> {
    let files: Vec<(PathBuf, String)> = files
        .iter()
        .map(|(name, text)| (PathBuf::from(name), (*text).to_owned()))
        .collect();
    let mut fleet = Fleet::default();
    fleet.read(&files, &embedded::catalog().expect("the catalog"))?;
    Ok(fleet)
}

const RACK: &str = r#"
[[host]]
name = "rack1"
memory = "64 GiB"
gpus = ["RTX 3090 x2", "4060"]

[[host]]
name = "rack2"
memory = 128

[[host.gpu]]
name = "4060 Ti 16GB"
uuid = "GPU-real"
used = "512 MiB"

[[host.gpu]]
name = "Card of tomorrow"
total = 31.5
"#;

#[test]
fn hosts_have_cards_by_name_or_by_figures() {
    let fleet = read(&[("fleet.toml", RACK)]).expect("a fleet");
    let [first, second] = &fleet.hosts[..] else {
        panic!("{fleet:?}")
    };
    assert_eq!(
        first.memory.map(|memory| memory.total),
        Some(Bytes::gib(64))
    );
    assert_eq!(
        second.memory.map(|memory| memory.available),
        Some(Bytes::gib(128))
    );
    let listed = |host: &vramfit::inventory::Host| -> Vec<(u32, String, Bytes, Bytes)> {
        host.gpus
            .iter()
            .map(|gpu| (gpu.index, gpu.name.clone(), gpu.total, gpu.free()))
            .collect()
    };
    let rtx = |index, name: &str, total, free| {
        (index, name.to_owned(), Bytes::mib(total), Bytes::mib(free))
    };
    assert_eq!(
        listed(first),
        [
            rtx(0, "RTX 3090", 24_576, 24_123),
            rtx(1, "RTX 3090", 24_576, 24_123),
            (2, "RTX 4060".into(), Bytes::mib(8188), first.gpus[2].free()),
        ]
    );
    let tomorrow = Bytes::mib(31 * 1024 + 512);
    assert_eq!(
        listed(second),
        [
            (
                0,
                "RTX 4060 Ti 16GB".into(),
                Bytes::mib(16_380),
                Bytes::mib(16_380 - 512) - second.gpus[0].reserved
            ),
            (1, "Card of tomorrow".into(), tomorrow, tomorrow),
        ]
    );
    let mut uuids: Vec<_> = fleet
        .hosts
        .iter()
        .flat_map(|host| &host.gpus)
        .map(|gpu| gpu.uuid.clone())
        .collect();
    assert_eq!(uuids[3].as_deref(), Some("GPU-real"));
    uuids.sort();
    uuids.dedup();
    assert_eq!(uuids.len(), 5, "{uuids:?}");
}

#[test]
fn every_defect_is_told_with_file_and_line() {
    let fleet = |fault| Fault::Fleet(fault);
    for (text, line, fault) in [
        (
            "[[host]]\nname = \"a\"\ngpus = [\n  \"3090\",\n  \"3090 x0\",\n]\n",
            5,
            fleet(FleetFault::BadGpu("3090 x0".into())),
        ),
        (
            "[[host]]\nname = \"a b\"\n",
            1,
            fleet(FleetFault::BadHostName("a b".into())),
        ),
        (
            "[[host]]\nname = \"a\"\nmemory = \"lots\"\n",
            3,
            Fault::BadSize("lots".into()),
        ),
        (
            "[[host]]\nname = \"a\"\n\n[[host.gpu]]\nname = \"3090\"\nused = \"99\"\n",
            4,
            Fault::Implausible("used"),
        ),
        (
            "[[host]]\nname = \"a\"\n\n[[host.gpu]]\nname = \"3090\"\ntotal = -1\n",
            6,
            Fault::BadSize("-1".into()),
        ),
        (
            "[[host]]\nname = \"a\"\n[[host]]\nname = \"a\"\n",
            3,
            Fault::Duplicate("a".into()),
        ),
        (
            "[[host]]\nname = \"a\"\n\n[[host.gpu]]\nname = \"3090\"\nuuid = \"$(reboot)\"\n",
            4,
            fleet(FleetFault::BadUuid("$(reboot)".into())),
        ),
        (
            "[[host]]\nname = \"a\"\n[[host.gpu]]\nname = \"3090\"\nuuid = \"GPU-1\"\n[[host]]\nname = \"b\"\n[[host.gpu]]\nname = \"3090\"\nuuid = \"GPU-1\"\n",
            10,
            Fault::Duplicate("GPU-1".into()),
        ),
        ("\n", 1, Fault::Missing("[[host]]")),
    ] {
        let defects = read(&[("f.toml", text)]).expect_err(text);
        let expected = Defect {
            file: "f.toml".into(),
            line,
            fault,
        };
        assert_eq!(defects, [expected], "{text}");
    }
    for (text, line) in [
        ("[[host]]\nname = \"a\"\nram = 3\n", 3),
        ("[[host]]\nname = 1\n", 2),
        ("[[host]]\n[[host\n", 2),
        ("{\n\"schema\": 3\n}", 2),
    ] {
        let defects = read(&[("f.toml", text)]).expect_err(text);
        assert_eq!(defects.len(), 1, "{text}");
        assert_eq!(defects[0].line, line, "{text}: {defects:?}");
        assert!(matches!(defects[0].fault, Fault::Syntax(_)), "{text}");
    }
    let defects = read(&[(
        "f.toml",
        "[[host]]\nname = \"a\"\ngpus = [\"RTX 3099 x2\", \"3090 x0\"]\n",
    )])
    .expect_err("two defects");
    assert_eq!(defects.len(), 2);
    assert!(
        matches!(&defects[0].fault, Fault::Fleet(FleetFault::UnknownGpu { name, candidates })
            if name == "RTX 3099" && candidates.contains(&"RTX 3090".to_owned())),
        "{defects:?}"
    );
}

#[test]
fn other_machines_answers_make_a_fleet() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (name, gpu) in [("alpha.json", "RTX 3090 x2"), ("beta.json", "RX 7900 XTX")] {
        let run = Machine::new().run(&format!("gpus --json --gpu '{gpu}' --ram 32"));
        put(folder.path(), name, &run.out);
    }
    put(
        folder.path(),
        "fleet.toml",
        "[[host]]\nname = \"gamma\"\ngpus = [\"4060\"]\n",
    );
    let command = format!(
        "gpus --json --fleet '{}' --fleet '{}' --fleet '{}' --vram 8",
        path("alpha.json"),
        path("beta.json"),
        path("fleet.toml"),
    );
    let report = Machine::new().run(&command).json();
    let hosts: Vec<Value> = report["hosts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|host| {
            json!([
                host["name"],
                host["gpus"].as_array().map(Vec::len),
                host["memory"]["total"]
            ])
        })
        .collect();
    assert_eq!(
        json!(hosts),
        json!([
            ["localhost", 1, null],
            ["alpha", 2, 32_u64 << 30],
            ["beta", 1, 32_u64 << 30],
            ["gamma", 1, null],
        ])
    );
    let mut uuids: Vec<&Value> = Vec::new();
    for host in report["hosts"].as_array().expect("a list") {
        uuids.extend(
            host["gpus"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|gpu| &gpu["uuid"]),
        );
    }
    let distinct: std::collections::BTreeSet<String> =
        uuids.iter().map(|uuid| uuid.to_string()).collect();
    assert_eq!(distinct.len(), uuids.len());
}

#[test]
fn a_broken_fleet_is_told_in_both_languages() {
    let folder = tempfile::tempdir().expect("a folder");
    put(
        folder.path(),
        "f.toml",
        "[[host]]\nname = \"a\"\ngpus = [\"RTX 3099\"]\n[[host]]\nname = \"a\"\ngpus = [\"3090 x0\"]\n",
    );
    put(
        folder.path(),
        "plan.json",
        "{\"schema\": \"vramfit.plan/1\", \"hosts\": []}",
    );
    for (lang, unknown) in [
        ("en", "no GPU is called 'RTX 3099'"),
        ("zh", "没有名为“RTX 3099”的显卡"),
    ] {
        let run = Machine::new().run(&format!(
            "gpus --lang {lang} --fleet '{0}/f.toml' --fleet '{0}/plan.json'",
            folder.path().display()
        ));
        assert_eq!(run.exit, Exit::Failure);
        for part in [
            unknown,
            "f.toml:3",
            "f.toml:4",
            "f.toml:6",
            "plan.json:1",
            "vramfit.plan/1",
        ] {
            assert!(run.err.contains(part), "{part} is not in\n{}", run.err);
        }
    }
    let run = Machine::new().run("gpus --fleet /nonexistent/fleet.toml --json");
    assert_eq!(run.exit, Exit::Failure);
    assert!(run.err.contains("\"file\""), "{}", run.err);
}

#[test]
fn what_another_program_prints_is_told_with_the_name_that_would_do() {
    for (text, program, name) in [
        (
            "00:02.0 Host bridge: Intel\n01:00.0 VGA compatible controller: NVIDIA Corporation AD102 [GeForce RTX 4090] (rev a1)\n",
            "lspci",
            "GeForce RTX 4090",
        ),
        (
            "Graphics/Displays:\n\n    Apple M3 Max:\n\n      Chipset Model: Apple M3 Max\n",
            "system_profiler",
            "Apple M3 Max",
        ),
        (
            "Display Devices\n   Card name: NVIDIA GeForce RTX 3080\n",
            "dxdiag",
            "NVIDIA GeForce RTX 3080",
        ),
        (
            "VULKANINFO\nGPU0:\n\tdeviceName         = AMD Radeon RX 7900 XTX (RADV NAVI31)\n",
            "vulkaninfo",
            "AMD Radeon RX 7900 XTX (RADV NAVI31)",
        ),
    ] {
        let defects = read(&[("f.txt", text)]).expect_err(program);
        let expected = Fault::Fleet(FleetFault::OtherProgram {
            program,
            name: name.to_owned(),
        });
        assert_eq!(defects.len(), 1);
        assert_eq!(defects[0].fault, expected);
        let named = Machine::new().run(&format!("gpus --gpu '{name}'"));
        assert_eq!(named.exit, Exit::Yes, "{name}: {}", named.err);
    }
}

/// Cards of one kind are looked for once, 20,000 machines of them in 0.2 s; what shares its machine's memory has that of its own.
#[test]
fn machines_of_one_kind_are_told_apart_by_their_memory() {
    let text = "[[host]]
name = \"a\"
memory = \"64 GiB\"
gpus = [\"GB10\"]
[[host]]
name = \"b\"
memory = \"128 GiB\"
gpus = [\"GB10\"]
[[host]]
name = \"c\"
memory = \"64 GiB\"
gpus = [\"GB10\", \"RTX 3090\"]
";
    let fleet = read(&[("fleet.toml", text)]).expect("a fleet");
    let totals: Vec<Vec<Bytes>> = fleet
        .hosts
        .iter()
        .map(|host| host.gpus.iter().map(|gpu| gpu.total).collect())
        .collect();
    let [[small], [large], [again, card]] = [&totals[0][..], &totals[1][..], &totals[2][..]] else {
        panic!("{totals:?}")
    };
    assert!(
        *small < Bytes::gib(64) && *large > Bytes::gib(100),
        "{totals:?}"
    );
    assert_eq!((again, *card), (small, Bytes::gib(24)));
}

/// Machines that are alike are one question: four thousand of them took 6.7 s.
#[test]
fn the_best_of_many_machines_is_the_first_of_its_kind() {
    let folder = tempfile::tempdir().expect("a folder");
    let many: String = (0..2000)
        .map(|n| format!("[[host]]\nname = \"a{n}\"\ngpus = [\"RTX 3060 12GB\"]\n"))
        .collect();
    let text = format!(
        "{many}[[host]]\nname = \"b\"\ngpus = [\"RTX 3090\"]\n[[host]]\nname = \"c\"\ngpus = [\"RTX 3090\"]\n"
    );
    put(folder.path(), "fleet.toml", &text);
    let path = folder.path().join("fleet.toml");
    let run = Machine::new().run(&format!(
        "explain qwen3:30b --json --fleet '{}'",
        path.display()
    ));
    let shares = run.json()["placement"]["gpus"].clone();
    let hosts: Vec<_> = shares
        .as_array()
        .expect("GPUs")
        .iter()
        .map(|share| share["host"].clone())
        .collect();
    assert_eq!(hosts, ["b"], "{shares}");
}
