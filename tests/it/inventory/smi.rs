//! What `nvidia-smi` prints as a fleet file, and drivers that are too old.

use serde_json::{Value, json};
use vramfit::app::Exit;

use super::put;
use crate::support::Machine;

pub(super) fn read(name: &str, text: &str) -> (Exit, Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), name, text);
    let path = folder.path().join(name);
    let run = Machine::new().run(&format!("gpus --json --fleet '{}'", path.display()));
    let report = match run.exit {
        Exit::Yes => run.json(),
        _ => Value::Null,
    };
    (run.exit, report, run.err)
}

pub(super) fn accepted(name: &str, text: &str) -> Value {
    let (exit, report, err) = read(name, text);
    assert_eq!(exit, Exit::Yes, "{err}");
    report
}

fn mib(value: &Value) -> u64 {
    value.as_u64().expect("bytes") >> 20
}

/// Name, total, used and free of each GPU of a host.
pub(super) fn cards(host: &Value) -> Vec<Value> {
    let of = |gpu: &Value| {
        let sizes = ["total", "used", "free"].map(|key| mib(&gpu[key]));
        json!([gpu["name"], sizes[0], sizes[1], sizes[2]])
    };
    let gpus = host["gpus"].as_array().expect("GPUs");
    gpus.iter().map(of).collect()
}

#[test]
fn what_amds_programs_print_is_read() {
    let concise = r#"{"card0": {"Card Series": "AMD Radeon RX 7900 XTX", "Card Model": "0x744c",
        "VRAM Total Memory (B)": "25753026560", "VRAM Total Used Memory (B)": "1048576000"},
        "card1": {"Card series": "AMD Instinct MI50/MI60", "VRAM Total Memory (B)": "34342961152"},
        "card2": {"GPU ID": "0x73bf", "VRAM Total Memory (B)": "17163091968"}, "system": {"Driver version": "6.8.5"}}"#;
    let report = accepted("rack.json", concise);
    let expected = [
        json!(["RX 7900 XTX", 24_560, 1000, 23_560]),
        json!(["MI50", 32_752, 0, 32_752]),
        json!(["AMD GPU", 16_368, 0, 16_368]),
    ];
    let host = &report["hosts"][0];
    assert_eq!(cards(host)[0], expected[0]);
    assert_eq!(cards(host)[1][1], expected[1][1]);
    assert_eq!(cards(host)[2], expected[2]);
    assert_eq!(host["gpus"][2]["vendor"], "amd");
    let listed = r#"[{"gpu": 0, "asic": {"market_name": "AMD Radeon RX 7900 XTX"}, "vram": {"size": {"value": 24560, "unit": "MB"}}}]"#;
    let report = accepted("rack.json", listed);
    assert_eq!(cards(&report["hosts"][0])[0][0], "RX 7900 XTX");
    // A spreadsheet's quotes are no part of a name.
    let quoted = "name,memory.total,memory.free\n\"NVIDIA GeForce RTX 3060\",12288,11900\n";
    let report = accepted("rack.csv", quoted);
    assert_eq!(cards(&report["hosts"][0])[0][0], "RTX 3060 12GB");
}

#[test]
fn what_amds_programs_print_for_people_is_read() {
    let text =
        "============================ ROCm System Management Interface ============================
GPU[0]\t\t: VRAM Total Memory (B): 17163091968
GPU[0]\t\t: VRAM Total Used Memory (B): 1048576000
GPU[1]\t\t: VRAM Total Memory (B): 206141652992
GPU[0]\t\t: Card Series: \t\tAMD Radeon RX 6800
GPU[0]\t\t: Card Vendor: \t\tAdvanced Micro Devices, Inc. [AMD/ATI]
GPU[1]\t\t: Card series: \t\tAMD Instinct MI300X
================================== End of ROCm SMI Log ===================================
";
    let expected = [
        json!(["RX 6800", 16_368, 1000, 15_368]),
        json!(["MI300X", 196_592, 0, 196_592]),
    ];
    assert_eq!(cards(&accepted("rack.txt", text)["hosts"][0]), expected);
    let table = "device,VRAM Total Memory (B),VRAM Total Used Memory (B),Card vendor,Card series
card0,17163091968,1048576000,Advanced Micro Devices, Inc. [AMD/ATI],AMD Radeon RX 6800
card1,206141652992,0,Advanced Micro Devices, Inc. [AMD/ATI],AMD Instinct MI300X
";
    assert_eq!(cards(&accepted("rack.csv", table)["hosts"][0]), expected);
    let listed = "GPU: 0
    ASIC:
        MARKET_NAME: AMD Radeon RX 9070 XT
        VENDOR_ID: 0x1002
    VRAM:
        TYPE: GDDR6
        SIZE: 16304 MB
    CACHE_INFO:
        CACHE_0:
            SIZE: 32 KB
";
    let report = accepted("rack.txt", listed);
    let expected = [json!(["RX 9070 XT", 16_304, 0, 16_304])];
    assert_eq!(cards(&report["hosts"][0]), expected);
    // The short table names no card.
    let (exit, _, err) = read(
        "rack.txt",
        "=== ROCm System Management Interface ===\nDevice  Node  IDs\n0       1     0x744c\n",
    );
    assert_eq!(exit, Exit::Failure);
    assert!(
        err.contains("--showproductname --showmeminfo vram"),
        "{err}"
    );
}

/// Windows PowerShell writes what a program prints as UTF-16, and other programs of Windows a mark before UTF-8.
#[test]
fn marks_of_the_order_of_bytes_are_no_part_of_a_text() {
    let text = "name, memory.total [MiB], memory.used [MiB]\r\nNVIDIA GeForce RTX 3060, 12288 MiB, 400 MiB\r\n";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("smi.csv");
    let wide = |unit: fn(u16) -> [u8; 2]| {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(unit).collect::<Vec<u8>>()
    };
    for bytes in [
        wide(u16::to_le_bytes),
        wide(u16::to_be_bytes),
        format!("\u{feff}{text}").into_bytes(),
    ] {
        std::fs::write(&path, bytes).expect("written");
        let run = Machine::new().run(&format!("gpus --json --fleet '{}'", path.display()));
        assert_eq!(run.exit, Exit::Yes, "{}", run.err);
        let card = &cards(&run.json()["hosts"][0])[0];
        assert_eq!((&card[0], &card[2]), (&json!("RTX 3060 12GB"), &json!(400)));
    }
}

#[test]
fn what_tells_no_gpus_is_told_what_would() {
    for text in [
        "Name                    AdapterRAM\nNVIDIA GeForce RTX 3060 4293918720\n",
        "{\"hostname\": \"box\", \"gpus\": [{\"name\": \"NVIDIA GeForce RTX 3090\"}]}",
        "<?xml version=\"1.0\" ?>\n<rocm_smi_log/>\n",
    ] {
        let (exit, _, err) = read("other.txt", text);
        assert_eq!(exit, Exit::Failure);
        assert!(
            err.contains("[[host]]") && err.contains("nvidia-smi"),
            "{err}"
        );
    }
    let mac = "Hardware:\n      Chip: Apple M4 Pro\n      Memory: 24 GB\nGraphics/Displays:\n      Chipset Model: Apple M4 Pro\n";
    let (_, _, err) = read("mac.txt", mac);
    assert!(err.contains("--gpu 'Apple M4 Pro 24GB'"), "{err}");
    let card = "gpus --gpu 'Apple M4 Pro 24GB' --json";
    assert_eq!(
        Machine::new().run(card).json()["notes"][0]["code"],
        "working-set-assumed"
    );
}

#[test]
fn queries_are_read_in_any_form() {
    let header = "index, name, memory.total [MiB], memory.used [MiB], memory.free [MiB]\n";
    let rows = "0, NVIDIA GeForce RTX 3060, 12288 MiB, 7400 MiB, 4888 MiB\n\
                1, NVIDIA RTX A2000 12GB, 12282 MiB, 8072 MiB, 4210 MiB\n";
    let expected = [
        json!(["RTX 3060 12GB", 12_288, 7400, 4888]),
        json!(["RTX A2000 12GB", 12_282, 8072, 4210]),
    ];
    let report = accepted("rack.csv", &format!("{header}{rows}"));
    assert_eq!(cards(&report["hosts"][0]), expected);
    assert_eq!(report["hosts"][0]["name"], "rack");
    assert_eq!(report["notes"], json!([]));
    // Without header the order is assumed, and that is said; without units the numbers must add up.
    for rows in [rows.to_owned(), rows.replace(" MiB", "")] {
        let report = accepted("bare.csv", &rows);
        assert_eq!(cards(&report["hosts"][0]), expected, "{rows}");
        assert_eq!(report["notes"][0]["code"], "columns-assumed");
    }
    let report = accepted(
        "new.csv",
        "driver_version, uuid, memory.free, name, memory.total, memory.used, compute_cap\r\n\
         580.126.09, GPU-12ab, 32119, NVIDIA GeForce RTX 5090, 32607, 2, 12.0\r\n",
    );
    let gpu = &report["hosts"][0]["gpus"][0];
    assert_eq!(mib(&gpu["reserved"]), 486);
    assert_eq!(gpu["uuid"], "GPU-12ab");
    assert_eq!(report["driver"], "580.126.09");
    // A number that nobody can tell is no size.
    let (exit, _, err) = read("bare.csv", "NVIDIA GeForce RTX 3060, 12288, 45, 7400\n");
    assert_eq!(exit, Exit::Failure);
    assert!(
        err.contains("bare.csv:1") && err.contains("memory.total"),
        "{err}"
    );
}

#[test]
fn several_machines_stand_in_one_file() {
    let report = accepted(
        "all.csv",
        "== rack1 ==\nname, memory.total [MiB]\nNVIDIA GeForce RTX 3090, 24576 MiB\n\
         == rack2 ==\nname, memory.total [MiB]\nTesla P40, 23040 MiB\nTesla P40, 23040 MiB\n",
    );
    let hosts = report["hosts"].as_array().expect("hosts");
    let names: Vec<Value> = hosts
        .iter()
        .map(|host| json!([host["name"], host["gpus"].as_array().map(Vec::len)]))
        .collect();
    assert_eq!(names, [json!(["rack1", 1]), json!(["rack2", 2])]);
    let report = accepted(
        "list.txt",
        "rack1 | CHANGED | rc=0 >>\nGPU 0: NVIDIA GeForce RTX 3090 (UUID: GPU-aa-1)\n\
         rack2 | CHANGED | rc=0 >>\nGPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-bb-1)\n\
         \u{20} MIG 3g.20gb     Device  0: (UUID: MIG-cc-1)\n\
         \u{20} MIG 1g.5gb      Device  1: (UUID: MIG-cc-2)\n",
    );
    assert_eq!(report["hosts"][0]["gpus"][0]["name"], "RTX 3090");
    let instances = report["hosts"][1]["gpus"].as_array().expect("GPUs");
    assert_eq!(instances.len(), 2);
    assert_eq!(instances[0]["uuid"], "MIG-cc-1");
    assert_eq!(instances[1]["mig"]["index"], 1);
    assert_eq!(mib(&instances[1]["total"]), 4864);
}

const TABLE: &str = include_str!("../../fixtures/nvidia-smi/r535.txt");
const INSTANCES: &str = include_str!("../../fixtures/nvidia-smi/r550-mig.txt");
const NEWEST: &str = include_str!("../../fixtures/nvidia-smi/r617-windows.txt");
const REPORT: &str = include_str!("../../fixtures/nvidia-smi/q.txt");

#[test]
fn tables_of_every_generation_are_read() {
    let report = accepted("old.txt", TABLE);
    let [p40, rtx] = &cards(&report["hosts"][0])[..] else {
        panic!("{report}")
    };
    assert_eq!(p40[0], "P40");
    assert_eq!(
        (&rtx[0], &rtx[1], &rtx[2]),
        (&json!("RTX 3090"), &json!(24_576), &json!(1234))
    );
    assert_eq!(report["driver"], "535.309.01");
    assert_eq!(
        report["hosts"][0]["gpus"][1]["pci_bus_id"],
        "00000000:04:00.0"
    );
    // The whole GPU gives way to its instances; BAR1 is no memory.
    let report = accepted("mig.txt", INSTANCES);
    let names: Vec<Value> = cards(&report["hosts"][0]);
    assert_eq!(
        names,
        [
            json!(["A100 PCIe 80GB MIG 3g.40gb", 40_192, 107, 40_085]),
            json!(["A100 PCIe 80GB MIG 2g.20gb", 19_968, 71, 19_897]),
            json!(["A100 PCIe 80GB MIG 1g.10gb", 9728, 36, 9692]),
        ]
    );
    let report = accepted("laptop.txt", NEWEST);
    assert_eq!(report["driver"], "617.14");
    let gpu = &report["hosts"][0]["gpus"][0];
    assert_eq!((mib(&gpu["total"]), mib(&gpu["used"])), (6144, 312));
    // Windows leaves a new process 0.7 GiB and 3 % less, what the desktop uses among them.
    assert_eq!(mib(&gpu["free"]), 6144 - 717 - 185);
    let report = accepted("q.txt", REPORT);
    let [gpu] = &cards(&report["hosts"][0])[..] else {
        panic!("{report}")
    };
    assert_eq!(gpu, &json!(["RTX 3090", 24_576, 1, 24_258]));
    assert_eq!(report["driver"], "550.54.15");
}

#[test]
fn an_old_driver_or_card_means_the_cpu() {
    let folder = tempfile::tempdir().expect("a folder");
    let fleet = |card: &str, driver: &str| {
        format!(
            "[[host]]\nname = \"old\"\nmemory = 68719476736\ndriver = \"{driver}\"\ngpus = [\"{card} x2\"]\n"
        )
    };
    put(folder.path(), "old.toml", &fleet("P40", "535.309.01"));
    put(folder.path(), "new.toml", &fleet("P40", "570.124.06"));
    put(folder.path(), "k80.toml", &fleet("Tesla K80", "570.124.06"));
    put(folder.path(), "rtx.toml", &fleet("RTX 3090", "545.23"));
    let explain = |name: &str, more: &str| {
        let path = folder.path().join(name);
        let command = format!("explain llama3.1:8b --fleet '{}' {more}", path.display());
        Machine::new().run(&command)
    };
    for (name, code) in [
        ("old.toml", "driver-too-old"),
        ("rtx.toml", "driver-too-old"),
        ("k80.toml", "gpu-too-old"),
    ] {
        let run = explain(name, "--json");
        assert_eq!(run.exit, Exit::No, "{name}");
        let report = run.json();
        assert_eq!(report["verdict"], "offloads", "{name}");
        assert_eq!(report["placement"]["gpus"], json!([]), "{name}");
        assert_eq!(report["ollama"]["placement"]["gpus"], json!([]), "{name}");
        assert_eq!(report["inventory"]["notes"][0]["code"], code);
    }
    let report = explain("old.toml", "--json").json();
    assert_eq!(
        report["inventory"]["hosts"][0]["memory"]["total"],
        64_u64 << 30
    );
    for (lang, part) in [("en", "install the newer driver"), ("zh", "请升级驱动")] {
        let page = explain("old.toml", &format!("--lang {lang}")).out;
        assert!(
            page.contains("535.309.01 < 570") && page.contains(part),
            "{page}"
        );
    }
    assert_eq!(explain("new.toml", "--json").json()["verdict"], "fits");
    // Before 0.30 Ollama had an engine that took older ones.
    let before = explain("old.toml", "--json --ollama-version 0.24.0").json();
    assert_eq!(before["verdict"], "fits");
}

#[test]
fn large_fleets_end_soon_and_say_little() {
    let hosts: String = (0..400)
        .map(|at| format!("[[host]]\nname = \"h{at}\"\ngpus = [\"3090x1024\"]\n"))
        .collect();
    let (exit, _, err) = read("large.toml", &hosts);
    assert_eq!(exit, Exit::Failure);
    assert!(err.len() < 4096 && err.contains("65536"), "{err}");
    for one in ["[[host]]\nname = \"a\"\n", "[[host]]\nname = \"a b\"\n"] {
        let (exit, _, err) = read("same.toml", &one.repeat(30_000));
        assert_eq!(exit, Exit::Failure);
        assert!(err.len() < 8192, "{}", err.len());
    }
}
