//! The grammar of `--gpu` and `--vram`.

use std::sync::OnceLock;

use proptest::prelude::*;
use vramfit::app::Exit;
use vramfit::catalog::Catalog;
use vramfit::catalog::gpu::Vendor;
use vramfit::embedded;
use vramfit::error::{Error, ExpectedFormat};
use vramfit::inventory::simulated::{Card, MOST_GPUS, vram};
use vramfit::units::Bytes;

use crate::support::Machine;

/// The built-in catalog, decoded once.
fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| embedded::catalog().expect("the catalog"))
}

/// The cards of a `--gpu` on a machine whose memory nobody told.
fn cards(argument: &str, text: &str, catalog: &Catalog) -> Result<Vec<Card>, Error> {
    vramfit::inventory::simulated::cards(argument, text, catalog, None)
}

fn names(text: &str) -> Vec<String> {
    let cards = cards("--gpu", text, catalog());
    cards
        .unwrap_or_else(|error| panic!("{text}: {error:?}"))
        .into_iter()
        .map(|card| card.name)
        .collect()
}

#[test]
fn counts_stand_before_or_after_names() {
    for (text, expected) in [
        ("RTX 3090", &[("RTX 3090", 1)][..]),
        ("rtx3090", &[("RTX 3090", 1)]),
        ("RTX 3090 x2", &[("RTX 3090", 2)]),
        ("RTX 3090 X 2", &[("RTX 3090", 2)]),
        ("RTX 3090x2", &[("RTX 3090", 2)]),
        ("RTX 3090*2", &[("RTX 3090", 2)]),
        ("RTX 3090 ×2", &[("RTX 3090", 2)]),
        ("3090 x4", &[("RTX 3090", 4)]),
        ("3090x4", &[("RTX 3090", 4)]),
        ("2x3090", &[("RTX 3090", 2)]),
        ("2 x RTX 3090", &[("RTX 3090", 2)]),
        ("2*3090", &[("RTX 3090", 2)]),
        ("2x3090+4060", &[("RTX 3090", 2), ("RTX 4060", 1)]),
        ("2x3090, 4060", &[("RTX 3090", 2), ("RTX 4060", 1)]),
        ("3090、4060", &[("RTX 3090", 1), ("RTX 4060", 1)]),
        (
            "3090+4060 Ti 16GB x2",
            &[("RTX 3090", 1), ("RTX 4060 Ti 16GB", 2)],
        ),
        ("A100 80GB", &[("A100 PCIe 80GB", 1)]),
        ("A100 80GB x8", &[("A100 PCIe 80GB", 8)]),
        ("7900 XTX", &[("RX 7900 XTX", 1)]),
        ("7900xtx", &[("RX 7900 XTX", 1)]),
        ("RX 7900 xtx x2", &[("RX 7900 XTX", 2)]),
        ("2x7900 XTX", &[("RX 7900 XTX", 2)]),
        ("2xRX 7900 XTX", &[("RX 7900 XTX", 2)]),
        ("GTX 1080", &[("GTX 1080", 1)]),
        ("GTX1080", &[("GTX 1080", 1)]),
        ("GTX 1080 x3", &[("GTX 1080", 3)]),
        ("1080x3", &[("GTX 1080", 3)]),
        ("3xGTX 1080", &[("GTX 1080", 3)]),
        ("MI300X x8", &[("MI300X", 8)]),
        ("MI300Xx8", &[("MI300X", 8)]),
        ("8xMI300X", &[("MI300X", 8)]),
        ("NVIDIA GeForce RTX 3090", &[("RTX 3090", 1)]),
    ] {
        let expected: Vec<String> = expected
            .iter()
            .flat_map(|(name, count)| std::iter::repeat_n((*name).to_owned(), *count))
            .collect();
        assert_eq!(names(text), expected, "{text}");
    }
}

#[test]
fn every_card_of_the_catalog_can_be_counted() {
    let catalog = catalog();
    for spec in &catalog.gpus {
        for text in [
            spec.name.to_string(),
            format!("{} x3", spec.name),
            format!("{}*3", spec.name),
            format!("3x{}", spec.name),
            format!("3 x {}", spec.name),
        ] {
            let cards = cards("--gpu", &text, catalog).unwrap_or_else(|e| panic!("{text}: {e:?}"));
            let count = if spec.name == text { 1 } else { 3 };
            assert_eq!(cards.len(), count, "{text}");
            assert!(cards.iter().all(|card| spec.name == card.name), "{text}");
        }
    }
}

#[test]
fn absurd_counts_are_told_with_the_form() {
    for text in [
        "",
        "+",
        "3090+",
        "RTX 3090 x0",
        "RTX 3090 x-1",
        "RTX 3090 x1.5",
        "RTX 3090 x1025",
        "0x3090",
        "1024x3090+3090",
        "RTX 3090 x99999999999999999999",
    ] {
        let error = cards("--gpu", text, catalog()).expect_err(text);
        assert!(
            matches!(&error, Error::BadValue { form: ExpectedFormat::GpuSpec, value, .. } if value == text),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn mistyped_names_are_told_without_their_counts() {
    for (text, name) in [
        ("RTX 3099", "RTX 3099"),
        ("RTX 3099 x2", "RTX 3099"),
        ("2xRTX 3099", "RTX 3099"),
        ("3090+RTX 3099*2", "RTX 3099"),
        ("GTX 1079", "GTX 1079"),
        ("RX 7900 XTZ", "RX 7900 XTZ"),
    ] {
        match cards("--gpu", text, catalog()) {
            Err(Error::UnknownGpu {
                name: told,
                candidates,
            }) => {
                assert_eq!(told, name, "{text}");
                assert!(!candidates.is_empty(), "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn makers_and_capabilities_are_the_catalogs() {
    let catalog = catalog();
    let amd = cards("--gpu", "RX 7900 XTX", catalog).expect("a card");
    assert_eq!(
        (amd[0].vendor, amd[0].compute_capability),
        (Vendor::Amd, None)
    );
    let nvidia = cards("--gpu", "RTX 3090", catalog).expect("a card");
    assert_eq!(
        (nvidia[0].vendor, nvidia[0].compute_capability),
        (Vendor::Nvidia, Some((8, 6)))
    );
    assert!(cards("--gpu", "GB10", catalog).expect("a card")[0].unified);
}

#[test]
fn a_changed_card_has_the_memory_that_is_told() {
    for (text, name, mib) in [
        ("RTX 2080 Ti 22GB", "RTX 2080 Ti", 22 << 10),
        // A changed 4090 D shows so much, too.
        ("2x4090 48GB", "RTX 4090", 49_140),
        ("3080 20GB", "RTX 3080", 20 << 10),
        // As it was sold.
        ("RTX 4060 Ti 16GB", "RTX 4060 Ti 16GB", 16_380),
    ] {
        let card = cards("--gpu", text, catalog()).expect(text).remove(0);
        assert_eq!((card.name.as_str(), card.memory), (name, Bytes::mib(mib)));
    }
    // A bare number is no size, and an unknown card stays unknown.
    for text in ["4090 48", "RTX 9999 12GB", "4090 0GB"] {
        assert!(cards("--gpu", text, catalog()).is_err(), "{text}");
    }
}

#[test]
fn macos_keeps_a_part_of_the_memory() {
    let sizes = [("M4 16GB", 10.66), ("M4 Max 64GB", 48.0)];
    // Of a size that was not sold, too.
    for (text, free) in sizes.into_iter().chain([("M4 Max 80GB", 60.0)]) {
        let gpu = cards("--gpu", text, catalog())
            .expect(text)
            .remove(0)
            .placed(0, 0);
        let gib = gpu.free().0 as f64 / Bytes::gib(1).0 as f64;
        assert!((gib - free).abs() < 0.01, "{text}: {gib}");
    }
}

#[test]
fn memory_alone_makes_a_card() {
    for (text, name, memory, count) in [
        ("24", "GPU 24 GiB", Bytes::gib(24), 1),
        ("24x2", "GPU 24 GiB", Bytes::gib(24), 2),
        ("24 GiB x 2", "GPU 24 GiB", Bytes::gib(24), 2),
        ("24GB*3", "GPU 24 GiB", Bytes::gib(24), 3),
        ("5.5", "GPU 5.50 GiB", Bytes(5_905_580_032), 1),
        ("512MiB", "GPU 512 MiB", Bytes::mib(512), 1),
        ("16TiB", "GPU 16384 GiB", Bytes::gib(16 << 10), 1),
        ("24+8x2", "GPU 24 GiB", Bytes::gib(24), 3),
    ] {
        let cards = vram("--vram", text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(cards.len(), count, "{text}");
        assert_eq!((cards[0].name.as_str(), cards[0].memory), (name, memory));
    }
    for text in [
        "",
        "0",
        "-3",
        "x2",
        "24x",
        "24x0",
        "24x-1",
        "24x1025",
        "17TiB",
        "24x2x2",
        "RTX",
        "24+",
        "24,8",
        "1024+1x1024",
    ] {
        let error = vram("--vram", text).expect_err(text);
        assert!(
            matches!(
                error,
                Error::BadValue {
                    form: ExpectedFormat::Vram,
                    ..
                }
            ),
            "{text}"
        );
    }
}

#[test]
fn a_simulated_machine_is_what_was_described() {
    let report = Machine::new()
        .run("gpus --gpu 3090 --vram 10 --vram 5.5 --ram 64 --json")
        .json();
    let gpus = report["hosts"][0]["gpus"].as_array().expect("a list");
    let free: Vec<u64> = gpus.iter().filter_map(|gpu| gpu["free"].as_u64()).collect();
    assert_eq!(free, [24_123 << 20, 10 << 30, 5_905_580_032]);
    let numbers: Vec<u64> = gpus.iter().filter_map(|gpu| gpu["gpu"].as_u64()).collect();
    assert_eq!(numbers, [0, 1, 2]);
    assert_eq!(report["hosts"][0]["memory"]["available"], 64_u64 << 30);
    let report = Machine::new().run("gpus --gpu 3090 --json").json();
    assert!(report["hosts"][0]["memory"].is_null());
}

#[test]
fn the_configuration_describes_hardware_below_the_flags() {
    let folder = tempfile::tempdir().expect("a folder");
    super::put(
        folder.path(),
        "c.toml",
        "gpu = [\"2x3090\"]\nvram = [\"8\"]\nram = \"32\"\n",
    );
    let path = folder.path().join("c.toml");
    let machine = Machine::new().with("VRAMFIT_CONFIG", &path.display().to_string());
    let host = |command: &str| machine.run(command).json()["hosts"][0].clone();
    let described = host("gpus --json");
    assert_eq!(described["gpus"].as_array().map(Vec::len), Some(3));
    assert_eq!(described["memory"]["total"], 32_u64 << 30);
    assert_eq!(
        host("gpus --vram 24 --json")["gpus"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let more = host("gpus --ram 8 --json");
    assert_eq!(more["gpus"].as_array().map(Vec::len), Some(3));
    assert_eq!(more["memory"]["total"], 8_u64 << 30);
    // Two ways to say that there is none; another device may have no end.
    super::put(folder.path(), "empty.toml", "");
    let empty = folder.path().join("empty.toml");
    for (path, exit) in [
        ("/dev/null", Exit::Yes),
        (&empty.display().to_string(), Exit::Yes),
        ("/dev/zero", Exit::Failure),
    ] {
        let machine = Machine::new().with("VRAMFIT_CONFIG", path);
        assert_eq!(machine.run("gpus --vram 24 --json").exit, exit, "{path}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_typed_makes_the_grammar_panic(text in ".{0,40}", near in "[0-9xX*+, RTGi.-]{0,16}") {
        let catalog = catalog();
        for text in [text, near] {
            if let Ok(cards) = cards("--gpu", &text, catalog) {
                prop_assert!((1..=MOST_GPUS as usize).contains(&cards.len()));
            }
            if let Ok(cards) = vram("--vram", &text) {
                prop_assert!((1..=MOST_GPUS as usize).contains(&cards.len()));
                prop_assert!(cards.iter().all(|card| card.memory > Bytes::ZERO));
            }
        }
    }

    #[test]
    fn counts_times_names_expand(parts in prop::collection::vec((0_usize..493, 1_usize..=40, 0_u8..4), 1..6)) {
        let catalog = catalog();
        let mut terms = Vec::new();
        let mut expected = Vec::new();
        for (at, count, form) in parts {
            let name = &catalog.gpus[at % catalog.gpus.len()].name;
            terms.push(match form {
                0 => format!("{name} x{count}"),
                1 => format!("{name} *{count}"),
                2 => format!("{count}x{name}"),
                _ => format!("{count} * {name}"),
            });
            expected.extend(std::iter::repeat_n(name.to_string(), count));
        }
        let found = cards("--gpu", &terms.join(" + "), catalog).expect("cards");
        let found: Vec<String> = found.into_iter().map(|card| card.name).collect();
        prop_assert_eq!(found, expected);
    }
}
