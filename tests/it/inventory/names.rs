//! Names of GPUs as drivers, rocm-smi, vulkaninfo, dxdiag and other programs print them.

use std::sync::OnceLock;

use vramfit::app::Exit;
use vramfit::catalog::Catalog;
use vramfit::embedded;
use vramfit::inventory::simulated::cards;
use vramfit::units::Bytes;

use crate::support::Machine;

/// Names that were printed somewhere, one a line.
const PRINTED: &str = include_str!("gpu-names.txt");

/// Names that mean no card, by the reason why they do not.
const NO_CARD: &[(&str, &[&str])] = &[
    (
        "written by who collected the reading, not by a program",
        &[
            "AMD (",
            "AMD Radeon (17163091968",
            "Apple (",
            "GPUs in general",
            "NVIDIA (",
            "NVIDIA GeForce RTX (",
        ],
    ),
    (
        "what AMD's driver calls many processors",
        &["AMD Radeon Graphics", "AMD Radeon(TM) Graphics"],
    ),
    (
        "display processors that nobody runs a model on",
        &[
            "Intel(R) Graphics [",
            "Intel(R) Iris(R)",
            "Intel(R) RaptorLake-S",
            "Intel(R) UHD",
            "NVIDIA DGX Display",
        ],
    ),
    ("a phone's", &["Apple A14 GPU"]),
    (
        "which card it is a part of is not told",
        &["NVIDIA H100/H20 MIG", "NVIDIA vGPU-32GB"],
    ),
];

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| embedded::catalog().expect("a catalog"))
}

#[test]
fn every_printed_name_is_known_or_has_a_reason() {
    let excused = |name: &str| {
        let starts = NO_CARD.iter().flat_map(|(_, starts)| *starts);
        // A chip in brackets tells more.
        let chip = name.contains("RADV GFX");
        !chip && starts.clone().any(|start| name.starts_with(start))
    };
    let known = |name: &str| cards("--gpu", name, catalog(), None).is_ok();
    let wrong: Vec<&str> = PRINTED
        .lines()
        .filter(|name| known(name) == excused(name))
        .collect();
    assert_eq!(wrong, Vec::<&str>::new());
    assert_eq!(PRINTED.lines().count(), 242);
}

#[test]
fn names_mean_the_cards_that_they_are_printed_for() {
    for (printed, name) in [
        ("AMD Radeon(TM) 8060S Graphics", "Radeon 8060S 128GB"),
        ("AMD Radeon 8060S Graphics (gfx1151)", "Radeon 8060S 128GB"),
        ("AMD Ryzen AI MAX+ 395", "Radeon 8060S 128GB"),
        (
            "AMD RYZEN AI MAX+ 395 w/ Radeon 8060S",
            "Radeon 8060S 128GB",
        ),
        ("Radeon 780M", "Radeon 780M"),
        ("AMD Radeon 890M Graphics", "Radeon 890M"),
        ("Intel(R) Arc(TM) B580 Graphics", "Arc B580"),
        ("Intel(R) Arc(TM) 140V GPU (16GB)", "Arc 140V 16GB"),
        ("Intel(R) Arc(TM) 130T GPU (32GB)", "Arc 130T 32GB"),
        ("Tesla T10", "T10"),
        (
            "NVIDIA GeForce RTX 3050 4GB Laptop GPU",
            "RTX 3050 Laptop 4GB",
        ),
        ("Intel Arc Pro B70", "Arc Pro B70"),
        ("AMD Radeon RX 6800 (RADV NAVI21)", "RX 6800"),
        ("Tesla V100-DGXS-32GB", "V100 DGXS 32GB"),
        ("Orin (nvgpu)", "Jetson AGX Orin 64GB"),
        ("NVIDIA GH200 144G HBM3e", "GH200 144GB"),
        ("GB200", "GB200"),
        ("GRID T4-16Q", "GRID T4-16Q"),
        ("NVIDIA A16-16Q", "NVIDIA A16-16Q"),
        (
            "NVIDIA A100 80GB PCIe MIG 3g.40gb",
            "NVIDIA A100 80GB PCIe MIG 3g.40gb",
        ),
        ("H800", "H800 PCIe 80GB"),
        ("RTX PRO 4000 Blackwell SFF", "RTX PRO 4000 SFF"),
        (
            "NVIDIA RTX PRO 4000 Blackwell SFF Edition",
            "RTX PRO 4000 SFF",
        ),
        ("NVIDIA GeForce RTX 3080 Laptop GPU", "RTX 3080 Laptop 8GB"),
        ("AMD Radeon AI PRO R9700", "AI PRO R9700"),
        ("NVIDIA GB10", "GB10"),
        ("NVIDIA H20-3e", "H20 141GB"),
        ("AMD Instinct MI300X OAM", "MI300X"),
        ("AMD Radeon PRO V710 MxGPU", "Pro V710"),
        ("Mesa Intel(R) Arc(tm) A770 Graphics (DG2)", "Arc A770"),
    ] {
        let found =
            cards("--gpu", printed, catalog(), None).unwrap_or_else(|e| panic!("{printed}: {e:?}"));
        assert_eq!(found.len(), 1, "{printed}");
        assert_eq!(found[0].name, name, "{printed}");
    }
    for (printed, name) in [
        ("GA102 [GeForce RTX 3090]", "RTX 3090"),
        (
            "NVIDIA Corporation GA106 [GeForce RTX 3060 Lite Hash Rate] (rev a1)",
            "RTX 3060 12GB",
        ),
        ("Battlemage G21 [Arc B580]", "Arc B580"),
        ("AMD Ryzen 7 8845HS w/ Radeon 780M Graphics", "Radeon 780M"),
        ("AMD Ryzen AI 9 HX 370 w/ Radeon 890M", "Radeon 890M"),
        (
            "AMD RYZEN AI MAX+ PRO 395 w/ Radeon 8060S",
            "Radeon 8060S 128GB",
        ),
        ("AMD Radeon Graphics (RADV GFX1151)", "Radeon 8060S 128GB"),
        (
            "AMD Radeon Graphics (RADV STRIX_HALO)",
            "Radeon 8060S 128GB",
        ),
        ("AMD Radeon 680M (RADV REMBRANDT)", "Radeon 680M"),
        ("MacBook Pro M3 Max 128GB", "M3 Max 128GB"),
        ("Mac Studio M2 Ultra 192GB", "M2 Ultra 192GB"),
        ("Apple M3 Ultra (80 GPU cores, 512 GB)", "M3 Ultra 512GB"),
        ("Jetson AGX Orin Developer Kit", "Jetson AGX Orin 64GB"),
        (
            "NVIDIA Jetson Orin Nano Engineering Reference Developer Kit Super",
            "Jetson Orin Nano Super",
        ),
        ("AMD Instinct MI250X/MI250", "MI250X"),
        ("NVIDIA H100 80GB HBM2e", "H100 PCIe 80GB"),
        ("Quadro P620", "Quadro P620"),
        ("AMD Radeon RX 6950 XT", "RX 6950 XT"),
    ] {
        let found =
            cards("--gpu", printed, catalog(), None).unwrap_or_else(|e| panic!("{printed}: {e:?}"));
        assert_eq!(found[0].name, name, "{printed}");
    }
    // One of several: which, only a person can tell.
    let several = "Navi 31 [Radeon RX 7900 XT/7900 XTX/7900 GRE/7900M]";
    let told = cards("--gpu", several, catalog(), None).map_err(|error| format!("{error:?}"));
    assert!(told.is_err_and(|error| error.contains("7900 XTX") && error.contains("7900 GRE")));
    for (mistyped, meant) in [
        ("3096", "RTX 3090"),
        ("309", "RTX 3090"),
        ("RTX 3096", "RTX 3090"),
    ] {
        let told = cards("--gpu", mistyped, catalog(), None).map_err(|error| format!("{error:?}"));
        assert!(told.is_err_and(|error| error.contains(meant)), "{mistyped}");
    }
    // A plus still joins cards, also beside names that have one.
    let two = cards("--gpu", "Ryzen AI Max+ 395 + RTX 3090x2", catalog(), None).expect("cards");
    let names: Vec<&str> = two.iter().map(|card| card.name.as_str()).collect();
    assert_eq!(names, ["Radeon 8060S 128GB", "RTX 3090", "RTX 3090"]);
    assert!(cards("--gpu", "Intel(R) HD Graphics 4000", catalog(), None).is_err());
}

#[test]
fn a_name_that_several_cards_bear_says_which_was_taken() {
    for (name, taken, other) in [
        ("RTX 5060 Ti", "RTX 5060 Ti 16GB", "RTX 5060 Ti 8GB"),
        ("RX 9060 XT", "RX 9060 XT 16GB", "RX 9060 XT 8GB"),
        (
            "RTX 3080 Laptop",
            "RTX 3080 Laptop 8GB",
            "RTX 3080 Laptop 16GB",
        ),
        ("NVIDIA RTX A2000", "RTX A2000 6GB", "RTX A2000 12GB"),
        ("NVIDIA GeForce GTX 1050", "GTX 1050 2GB", "GTX 1050 3GB"),
        ("gfx1100", "RX 7900 XTX", "W7900"),
        ("gfx1030", "RX 6800 XT", "RX 6900 XT"),
        ("gfx1151", "Radeon 8060S 128GB", "Radeon 8050S"),
        (
            "[GeForce RTX 4060 Max-Q / Mobile]",
            "RTX 4060 Laptop",
            "RTX 4060 Max-Q",
        ),
        (
            "GA104M [GeForce RTX 3080 Mobile / Max-Q 8GB/16GB]",
            "RTX 3080 Laptop 8GB",
            "RTX 3080 Laptop 16GB",
        ),
    ] {
        let report = Machine::new()
            .run(&format!("gpus --json --gpu '{name}'"))
            .json();
        let notes = report["notes"].as_array().expect("notes");
        let note = notes.iter().find(|note| note["code"] == "name-ambiguous");
        let note = note.unwrap_or_else(|| panic!("{name}"));
        let told = note["subject"].as_str().expect("a subject");
        assert!(told.contains(taken) && told.contains(other), "{told}");
    }
    for name in [
        "RTX 5060 Ti 16GB",
        "RTX 3090",
        "RTX 4070 Ti",
        "L40S",
        "RTX 3050 6GB Laptop",
        "gfx908",
    ] {
        let report = Machine::new()
            .run(&format!("gpus --json --gpu '{name}'"))
            .json();
        assert_eq!(report["notes"], serde_json::json!([]), "{name}");
    }
    let run = Machine::new().run("explain llama3.1:8b --gpu 'RTX 5060 Ti'");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    assert!(run.out.contains("RTX 5060 Ti 8GB"), "{}", run.out);
    // The card that is told is one of the name that was asked for, in the words of the language.
    let told = Machine::new().run("gpus --gpu 'RTX 3080'").out;
    assert!(
        told.contains("'RTX 3080'") && !told.contains("5060"),
        "{told}"
    );
    let told = Machine::new().run("gpus --gpu gfx1100 --lang zh").out;
    assert!(
        told.contains("RX 7900 GRE、") && !told.contains(';'),
        "{told}"
    );
}

#[test]
fn parts_of_cards_have_their_own_memory() {
    let card = |name: &str| cards("--gpu", name, catalog(), None).expect(name).remove(0);
    for (name, mib) in [
        ("NVIDIA A100-SXM4-40GB MIG 1g.5gb", 4864),
        ("NVIDIA A100 80GB PCIe MIG 3g.40gb", 40_192),
        ("NVIDIA H200 MIG 1g.18gb", 16_384),
        ("NVIDIA RTX PRO 6000 Blackwell MIG 1g.24gb+gfx", 23_674),
        (
            "NVIDIA RTX PRO 6000 Blackwell Server Edition MIG 1g.24gb",
            23_674,
        ),
        ("NVIDIA A30 MIG 1g.6gb+me", 5949),
    ] {
        let card = card(name);
        assert_eq!(
            (card.memory, card.partition),
            (Bytes::mib(mib), true),
            "{name}"
        );
    }
    // A name that several cards bear is that of the one which is cut so.
    for (name, whole) in [
        ("A100 MIG 3g.40gb", "A100 80GB MIG 3g.40gb"),
        ("NVIDIA H100 MIG 1g.24gb", "H100 94GB MIG 1g.24gb"),
    ] {
        assert_eq!(card(name).memory, card(whole).memory, "{name}");
        assert_eq!(card(name).bandwidth, card(whole).bandwidth, "{name}");
    }
    assert!(card("NVIDIA A100 80GB PCIe MIG 3g.40gb").bandwidth < card("A100 80GB").bandwidth);
}

#[test]
fn virtual_gpus_are_known_by_the_names_of_their_types() {
    let card = |name: &str| cards("--gpu", name, catalog(), None).expect(name).remove(0);
    for (name, gib, whole) in [
        ("GRID V100D-8Q", 8, "V100 PCIe 32GB"),
        ("GRID V100DX-32Q", 32, "V100 SXM2 32GB"),
        ("GRID V100X-16C", 16, "V100 SXM2 16GB"),
        ("GRID V100S-16C", 16, "V100S PCIe 32GB"),
        ("GRID M10-8Q", 8, "Tesla M10"),
        ("GRID RTX6000-24Q", 24, "Quadro RTX 6000"),
        ("Grid RTX8000P-48Q", 48, "Quadro RTX 8000"),
        ("GRID A100D-20C", 20, "A100 PCIe 80GB"),
        ("GRID A100X-20C", 20, "A100 SXM4 40GB"),
        ("NVIDIA H100-80C", 80, "H100 PCIe 80GB"),
        ("NVIDIA H100XM-80C", 80, "H100 SXM 80GB"),
        ("NVIDIA H100XL-94C", 94, "H100 SXM 94GB"),
        ("NVIDIA H200X-141C", 141, "H200"),
        ("NVIDIA H20X-141C", 141, "H20 141GB"),
        ("GRID P6-16Q", 16, "Tesla P6"),
        ("GRID M6-8Q", 8, "Tesla M6"),
        ("NVIDIA L40S-8Q", 8, "L40S"),
        ("NVIDIA L2-12Q", 12, "L2"),
        ("NVIDIA RTX6000-Ada-48Q", 48, "RTX 6000 Ada"),
        (
            "NVIDIA RTX Pro 6000 Blackwell DC-48C",
            48,
            "RTX PRO 6000 Server",
        ),
    ] {
        let part = card(name);
        assert_eq!(part.memory, Bytes::gib(gib), "{name}");
        assert_eq!(part.bandwidth, card(whole).bandwidth, "{name}");
        assert_eq!(part.notes, [], "{name}");
    }
    // On slices of its own it has no more than their speed.
    for name in [
        "GRID A100D-3-40C",
        "NVIDIA RTX Pro 6000 Blackwell DC-1-24Q",
        "GRID A100D-1-10CME",
    ] {
        let whole = card(
            name.replace("-1-", "-")
                .replace("-3-", "-")
                .trim_end_matches("ME"),
        );
        assert!(card(name).bandwidth < whole.bandwidth, "{name}");
    }
    // The hypervisor keeps a sixteenth and a little: 30.5 GB of a GRID V100DX-32C were free. Error correction takes as much again.
    let free = |name: &str| card(name).memory - card(name).reserved;
    assert_eq!(
        free("GRID V100DX-32C"),
        Bytes::mib(32_768 - 2048 - 16 - 128)
    );
    assert_eq!(
        free("NVIDIA L40S-24C"),
        Bytes::mib(24_576 - 1536 - 16 - 64 - 1536)
    );
}

/// Drivers from 535 to 570 show 64 MiB less of an A10-24Q than it names, and all of an A10-12Q.
#[test]
fn a_virtual_gpu_shows_what_was_read_of_its_profile() {
    let total = |name: &str| cards("--gpu", name, catalog(), None).expect(name)[0].memory;
    assert_eq!(total("NVIDIA A10-24Q"), Bytes::mib(24_512));
    assert_eq!(total("NVIDIA A10-12Q"), Bytes::mib(12_288));
    assert_eq!(total("NVIDIA A40-48Q"), Bytes::mib(49_152));
}

#[test]
fn virtual_gpus_take_part_of_a_card() {
    let card = |name: &str| cards("--gpu", name, catalog(), None).expect(name).remove(0);
    let virtual_gpu = card("GRID T4-16Q");
    assert_eq!(
        (virtual_gpu.memory, virtual_gpu.partition),
        (Bytes::gib(16), false)
    );
    assert_eq!(card("GRID T4-8Q").notes, [], "nobody else bears it");
}
