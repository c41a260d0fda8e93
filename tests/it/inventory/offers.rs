//! What described cards offer: the driver's total, and of that what a program gets.

use serde_json::Value;
use vramfit::app::Exit;
use vramfit::catalog::gpu::{MemoryBasis, Vendor};
use vramfit::catalog::gpu_rules::Reading;
use vramfit::embedded;
use vramfit::units::Bytes;

use crate::support::Machine;

fn first(command: &str) -> Value {
    let run = Machine::new().run(command);
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    run.json()["hosts"][0]["gpus"][0].clone()
}

fn mib(value: &Value) -> u64 {
    value.as_u64().expect("bytes") >> 20
}

#[test]
fn cards_offer_what_their_drivers_show() {
    for (name, total, free, basis) in [
        ("L40S", 46_068, 45_495, "reading"),
        ("T4", 15_360, 14_912, "reading"),
        ("RTX 3090", 24_576, 24_123, "reading"),
        ("A100 40GB", 40_960, 40_476, "rule"),
        ("A10", 23_028, 22_589, "rule"),
        ("RTX 5060", 8151, 7750, "rule"),
        ("RX 9070 XT", 16_304, 16_304, "reading"),
        ("RX 7800 XT", 16_368, 16_368, "rule"),
    ] {
        let gpu = first(&format!("gpus --json --gpu '{name}'"));
        let told = (mib(&gpu["total"]), mib(&gpu["free"]));
        assert_eq!(told, (total, free), "{name}");
        assert_eq!(gpu["memory_basis"], basis, "{name}");
    }
    for (name, ecc) in [
        ("L40S", true),
        ("T4", true),
        ("RTX A6000", false),
        ("H100", false),
    ] {
        assert_eq!(
            first(&format!("gpus --json --gpu '{name}'"))["ecc"],
            ecc,
            "{name}"
        );
    }
    // What a person tells is exact.
    let gpu = first("gpus --json --vram 24");
    assert_eq!(
        (mib(&gpu["total"]), mib(&gpu["free"])),
        (24 << 10, 24 << 10)
    );
    assert!(gpu["memory_basis"].is_null());
}

/// Cards that carry less than they are sold with, which no rule knows.
const SOLD_LARGER: &[&str] = &["B300"];

#[test]
fn the_rules_agree_with_every_reading() {
    let catalog = embedded::catalog().expect("a catalog");
    let rules = &catalog.knowledge.gpu_rules;
    let mut read = 0;
    for spec in catalog.gpus.iter().filter(|spec| {
        !spec.unified && spec.vendor == Vendor::Nvidia && !SOLD_LARGER.contains(&spec.name.as_str())
    }) {
        let ruled = rules.offered(spec, Reading::default());
        let differ = ruled.total.0.abs_diff(spec.offered.total.0);
        assert!(
            differ <= 2 << 20,
            "{}: {:?} {:?}",
            spec.name,
            ruled,
            spec.offered
        );
        if spec.offered.basis == MemoryBasis::Reading {
            read += 1;
            let differ = ruled.free().0.abs_diff(spec.offered.free().0);
            // K80 and GH200 are the worst.
            assert!(
                differ <= 760 << 20,
                "{}: {:?} {:?}",
                spec.name,
                ruled,
                spec.offered
            );
        }
    }
    assert!(read >= 35, "{read}");
}

#[test]
fn what_error_correction_takes_is_not_given_away() {
    let machine = Machine::new();
    for (command, verdict) in [
        (
            "explain llama3.3:70b --gpu L40S --context 16k",
            "does-not-fit",
        ),
        (
            "explain qwen2.5:72b --gpu L40S --context 4k",
            "does-not-fit",
        ),
        ("explain qwen2.5-coder:14b --gpu T4 --context 32k", "tight"),
    ] {
        let report = machine.run(&format!("{command} --json")).json();
        assert_eq!(report["verdict"], verdict, "{command}");
    }
    let report = machine.run("explain llama3.3:70b --gpu L40S --json").json();
    let most = report["largest_context"]["f16"]
        .as_u64()
        .expect("a context");
    assert!(most <= 12_288, "{most}");
}

#[test]
fn a_process_takes_what_its_runtime_takes() {
    for (name, runtime, overhead) in [
        ("RTX 3060", "cuda", 280..=281),
        ("RTX PRO 6000", "cuda", 705..=753),
        ("GTX 1080", "cuda", 176..=281),
        ("RX 7900 XTX", "rocm", 253..=318),
        ("RX 580", "vulkan", 17..=17),
        ("Arc B580", "vulkan", 17..=17),
        ("M4 Max", "metal", 0..=0),
    ] {
        let gpu = first(&format!("gpus --json --gpu '{name}'"));
        assert_eq!(gpu["runtime"], runtime, "{name}");
        let told = mib(&gpu["process_overhead"]);
        assert!(overhead.contains(&told), "{name}: {told}");
    }
    for name in ["RX 7900 XTX", "Arc B580", "M4 Max"] {
        for lang in ["en", "zh"] {
            let run =
                Machine::new().run(&format!("explain llama3.1:8b --lang {lang} --gpu '{name}'"));
            assert!(!run.out.contains("CUDA"), "{name}: {}", run.out);
        }
    }
}

#[test]
fn shared_memory_is_never_all_of_the_machines() {
    for (command, vendor, total, free, note) in [
        ("GB10", "nvidia", 124_610, 118_548, "system-share-assumed"),
        ("Strix Halo", "amd", 63_963, 63_963, "gtt-assumed"),
        (
            "Jetson Orin Nano",
            "nvidia",
            7607,
            6348,
            "system-share-assumed",
        ),
        ("M4 16GB", "apple", 16_384, 10_922, "working-set-assumed"),
        (
            "Radeon 780M' --ram '64",
            "amd",
            31_981,
            31_981,
            "gtt-assumed",
        ),
        (
            "M4 Max' --ram '64",
            "apple",
            65_536,
            49_152,
            "working-set-assumed",
        ),
        (
            "Jetson AGX Orin' --ram '32",
            "nvidia",
            30_697,
            // No more than the system has left of 32 GiB.
            28_231,
            "system-share-assumed",
        ),
    ] {
        let command = format!("gpus --json --gpu '{command}'");
        let report = Machine::new().run(&command).json();
        let gpu = &report["hosts"][0]["gpus"][0];
        assert_eq!(
            (mib(&gpu["total"]), mib(&gpu["free"])),
            (total, free),
            "{command}"
        );
        assert_eq!(gpu["vendor"], vendor, "{command}");
        assert_eq!(report["notes"][0]["code"], note, "{command}");
    }
    // The note stands where the answer does.
    let run = Machine::new().run("explain gpt-oss:120b --gpu 'Strix Halo' --lang en");
    assert!(run.out.contains("GTT"), "{}", run.out);
    let free = |gpu: &str| {
        Bytes(
            first(&format!("gpus --json --gpu '{gpu}'"))["free"]
                .as_u64()
                .expect("bytes"),
        )
    };
    assert!(free("Strix Halo") < Bytes::gib(64));
}
