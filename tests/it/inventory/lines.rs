//! Chips by which AMD's runtime names cards, and lines of which a card's name is a part.

use std::sync::OnceLock;

use vramfit::catalog::Catalog;
use vramfit::embedded;
use vramfit::inventory::simulated::cards;
use vramfit::units::Bytes;

fn catalog() -> &'static Catalog {
    static CATALOG: OnceLock<Catalog> = OnceLock::new();
    CATALOG.get_or_init(|| embedded::catalog().expect("a catalog"))
}

#[test]
fn chips_name_cards_that_are_known() {
    let rules = &catalog().knowledge.gpu_rules;
    let mut named = std::collections::HashSet::new();
    for chip in rules.chips() {
        for name in rules.cards_with(chip) {
            let known = catalog().gpus.iter().any(|gpu| gpu.name == name.as_str());
            assert!(known, "{chip}: {name}");
            assert!(named.insert(name), "{name} has two chips");
        }
    }
    // What a driver shows tells the cards of a chip apart.
    for (mib, name) in [
        (24_560, "RX 7900 XTX"),
        (20_464, "RX 7900 XT"),
        (16_368, "RX 7900 GRE"),
        (49_136, "W7900"),
    ] {
        let found = catalog().gpu("AMD Radeon Graphics (RADV GFX1100)", Some(Bytes::mib(mib)));
        assert_eq!(found.map(|gpu| gpu.name.as_str()), Some(name));
    }
}

#[test]
fn lines_that_programs_print_are_names_with_their_memory() {
    let card = |line: &str| cards("--gpu", line, catalog(), None).expect(line).remove(0);
    for (line, name) in [
        (
            "GPU 0: NVIDIA GeForce RTX 3090 (UUID: GPU-b1c94dd7-9d7d)",
            "RTX 3090",
        ),
        (
            "Device 0: NVIDIA GeForce RTX 4090, compute capability 8.9, VMM: yes",
            "RTX 4090",
        ),
        (
            "Device 0: AMD Radeon RX 7900 XTX, gfx1100 (0x1100), VMM: no, Wave Size: 32",
            "RX 7900 XTX",
        ),
        (
            "ggml_vulkan: 0 = AMD Radeon RX 6800 (RADV NAVI21) (radv) | uma: 0 | fp16: 1",
            "RX 6800",
        ),
        (
            "using device CUDA0 (NVIDIA GeForce RTX 3090) - 23800 MiB free",
            "RTX 3090",
        ),
        ("gfx90a:sramecc+:xnack-", "MI210"),
        ("Tesla P100", "P100 PCIe 16GB"),
        ("NVIDIA GeForce 940MX", "940MX"),
        ("NVIDIA GeForce GT 1030", "GT 1030"),
    ] {
        let card = card(line);
        let offers = catalog().gpu(name, None).expect(name).offered;
        assert_eq!(
            (card.name.as_str(), card.memory),
            (name, offers.total),
            "{line}"
        );
        assert_eq!(
            (card.reserved, card.used),
            (offers.reserved, Bytes::ZERO),
            "{line}"
        );
    }
    // Where the line tells what there is, that is it.
    let told = card("CUDA0: NVIDIA GeForce RTX 3080 (11901 MiB, 11500 MiB free)");
    assert_eq!(told.name, "RTX 3080 12GB");
    let memory = (told.memory, told.reserved, told.used);
    assert_eq!(memory, (Bytes::mib(11_901), Bytes::ZERO, Bytes::mib(401)));
    for wrong in [
        "CUDA0: NVIDIA GeForce RTX 3080 (0 MiB, 0 MiB free)",
        "GPU 0: nothing (UUID: GPU-1)",
        "GPU 0:",
    ] {
        assert!(cards("--gpu", wrong, catalog(), None).is_err(), "{wrong}");
    }
}
