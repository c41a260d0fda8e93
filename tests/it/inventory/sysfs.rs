//! What the kernel's files say: AMD's cards, the host's memory, and the limits of control groups.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use vramfit::embedded;
use vramfit::inventory::{HostMemory, Origin, amd, memory};
use vramfit::units::Bytes;

use super::put;
use crate::support::Machine;

const MEMINFO: &str =
    "MemTotal:       65536000 kB\nMemFree:        1000000 kB\nMemAvailable:   40960000 kB\n";
const TOTAL: Bytes = Bytes(65_536_000 * 1024);
const AVAILABLE: Bytes = Bytes(40_960_000 * 1024);

fn root(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (file, text) in files {
        put(folder.path(), file, text);
    }
    folder
}

fn memory_of(files: &[(&str, &str)]) -> Option<HostMemory> {
    memory::read(root(files).path())
}

fn some(total: Bytes, available: Bytes) -> Option<HostMemory> {
    Some(HostMemory { total, available })
}

#[test]
fn memory_is_the_kernels_word() {
    assert_eq!(
        memory_of(&[("proc/meminfo", MEMINFO)]),
        some(TOTAL, AVAILABLE)
    );
    let old = "MemTotal: 4000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 300 kB\n";
    assert_eq!(
        memory_of(&[("proc/meminfo", old)]),
        some(Bytes(4_096_000), Bytes(430_080))
    );
    assert_eq!(memory_of(&[]), None);
    assert_eq!(memory_of(&[("proc/meminfo", "nonsense")]), None);
}

#[test]
fn control_groups_limit_it() {
    let gib = 1_u64 << 30;
    let limit = (8 * gib).to_string();
    let used = (3 * gib).to_string();
    let cache = format!("anon 5\ninactive_file {gib}\n");
    let v2 = |path: &'static str, own: &'static str| {
        [
            ("proc/meminfo", MEMINFO.to_owned()),
            ("proc/self/cgroup", format!("0::{path}\n")),
            (own, limit.clone()),
        ]
    };
    let read = |files: &[(&str, String)]| {
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(file, text)| (*file, text.as_str()))
            .collect();
        memory_of(&files)
    };
    // A container with its own view: the mount point is its group.
    let mut files = v2("/", "sys/fs/cgroup/memory.max").to_vec();
    assert_eq!(read(&files), some(Bytes::gib(8), Bytes::gib(8)));
    files.push(("sys/fs/cgroup/memory.current", used.clone()));
    assert_eq!(read(&files), some(Bytes::gib(8), Bytes::gib(5)));
    files.push(("sys/fs/cgroup/memory.stat", cache.clone()));
    assert_eq!(read(&files), some(Bytes::gib(8), Bytes::gib(6)));
    // A limit of a group above, and a path that is the host's.
    let files = v2(
        "/user.slice/app.service",
        "sys/fs/cgroup/user.slice/memory.max",
    );
    assert_eq!(read(&files), some(Bytes::gib(8), Bytes::gib(8)));
    let files = v2("/docker/0123", "sys/fs/cgroup/memory.max");
    assert_eq!(read(&files), some(Bytes::gib(8), Bytes::gib(8)));
    let files = v2("/../../x", "sys/fs/cgroup/memory.max");
    assert_eq!(read(&files), some(Bytes::gib(8), Bytes::gib(8)));
    // No limit, in both versions' words.
    let mut files = v2("/", "sys/fs/cgroup/memory.max");
    files[2].1 = "max\n".into();
    assert_eq!(read(&files), some(TOTAL, AVAILABLE));
    let v1 = |limit: &str| {
        read(&[
            ("proc/meminfo", MEMINFO.into()),
            (
                "proc/self/cgroup",
                "12:cpu,cpuacct:/x\n5:memory:/docker/0123\n0::/x\n".into(),
            ),
            (
                "sys/fs/cgroup/memory/docker/0123/memory.limit_in_bytes",
                limit.into(),
            ),
            (
                "sys/fs/cgroup/memory/docker/0123/memory.usage_in_bytes",
                used.clone(),
            ),
            (
                "sys/fs/cgroup/memory/docker/0123/memory.stat",
                format!("total_inactive_file {gib}\n"),
            ),
        ])
    };
    assert_eq!(v1("9223372036854771712\n"), some(TOTAL, AVAILABLE));
    assert_eq!(v1(&limit), some(Bytes::gib(8), Bytes::gib(6)));
}

const CARDS: &[(&str, &str)] = &[
    ("proc/meminfo", MEMINFO),
    ("sys/module/amdgpu/version", "6.7.0\n"),
    // The second by address is the first by number.
    ("sys/class/drm/card0/device/vendor", "0x1002\n"),
    ("sys/class/drm/card0/device/device", "0x744c\n"),
    ("sys/class/drm/card0/device/revision", "0xc8\n"),
    (
        "sys/class/drm/card0/device/uevent",
        "DRIVER=amdgpu\nPCI_SLOT_NAME=0000:2d:00.0\n",
    ),
    ("sys/class/drm/card0/device/unique_id", "a1b2c3d4e5f60718\n"),
    (
        "sys/class/drm/card0/device/mem_info_vram_total",
        "25753026560\n",
    ),
    (
        "sys/class/drm/card0/device/mem_info_vram_used",
        "1073741824\n",
    ),
    ("sys/class/drm/card0/device/mem_info_vram_vendor", "hynix\n"),
    (
        "sys/class/drm/card0/device/mem_info_gtt_total",
        "33554432000\n",
    ),
    ("sys/class/drm/card0-DP-1/device/vendor", "0x1002\n"),
    ("sys/class/drm/card1/device/vendor", "0x1002\n"),
    (
        "sys/class/drm/card1/device/uevent",
        "PCI_SLOT_NAME=0000:03:00.0\n",
    ),
    (
        "sys/class/drm/card1/device/product_name",
        "AMD Instinct MI300X\n",
    ),
    ("sys/class/drm/card1/device/unique_id", "0x0f\n"),
    (
        "sys/class/drm/card1/device/mem_info_vram_total",
        "206141652992\n",
    ),
    ("sys/class/drm/card1/device/mem_info_vram_used", "0\n"),
    ("sys/class/drm/card2/device/vendor", "0x8086\n"),
    ("sys/class/drm/card3/device/vendor", "0x1002\n"),
    (
        "sys/class/drm/card3/device/uevent",
        "DRIVER=vfio-pci\nPCI_SLOT_NAME=0000:ff:00.0\n",
    ),
    ("sys/class/drm/renderD128/device/vendor", "0x1002\n"),
    (
        "usr/share/libdrm/amdgpu.ids",
        "# list\n1.0.0\n744C,\tC8,\tAMD Radeon RX 7900 XTX\n",
    ),
];

fn report(root: &Path) -> Value {
    Machine::new()
        .with("VRAMFIT_ROOT", &root.display().to_string())
        .run("gpus --json")
        .json()
}

#[test]
fn amd_cards_are_found_by_their_files() {
    let folder = root(CARDS);
    let report = report(folder.path());
    assert_eq!(report["origin"], Origin::Sysfs.code());
    assert_eq!(report["driver"], "6.7.0");
    let gpus = report["hosts"][0]["gpus"].as_array().expect("a list");
    let listed: Vec<Value> = gpus
        .iter()
        .map(|gpu| {
            json!([
                gpu["gpu"],
                gpu["name"],
                gpu["uuid"],
                gpu["pci_bus_id"],
                gpu["total"],
                gpu["used"],
                gpu["unified"]
            ])
        })
        .collect();
    assert_eq!(
        json!(listed),
        json!([
            [
                0,
                "AMD Instinct MI300X",
                "GPU-0f",
                "0000:03:00.0",
                206_141_652_992_u64,
                0,
                false
            ],
            [
                1,
                "AMD Radeon RX 7900 XTX",
                "GPU-a1b2c3d4e5f60718",
                "0000:2d:00.0",
                25_753_026_560_u64,
                1 << 30,
                false
            ],
        ])
    );
    assert!(gpus.iter().all(|gpu| gpu["bandwidth"].is_u64()), "{gpus:?}");
    assert_eq!(
        report["notes"],
        json!([{ "code": "device-unreadable", "subject": "0000:ff:00.0", "detail": null }])
    );
}

#[test]
fn a_gpu_inside_a_processor_borrows_memory() {
    let folder = root(&[
        ("sys/class/drm/card0/device/vendor", "0x1002\n"),
        ("sys/class/drm/card0/device/device", "0x164e\n"),
        (
            "sys/class/drm/card0/device/mem_info_vram_total",
            "536870912\n",
        ),
        (
            "sys/class/drm/card0/device/mem_info_vram_used",
            "268435456\n",
        ),
        (
            "sys/class/drm/card0/device/mem_info_gtt_total",
            "34359738368\n",
        ),
        (
            "sys/class/drm/card0/device/mem_info_gtt_used",
            "1073741824\n",
        ),
    ]);
    let host = some(Bytes::gib(64), Bytes::gib(16));
    let found = amd::read(
        folder.path(),
        &embedded::catalog().expect("the catalog"),
        host,
    );
    let gpu = &found.gpus[0];
    assert!(gpu.unified);
    assert_eq!(gpu.total, Bytes::mib(512) + Bytes::gib(32));
    // More is promised than is free.
    assert_eq!(gpu.free(), Bytes::mib(512) + Bytes::gib(16));
    assert_eq!(gpu.name, "AMD GPU 0x164e");
    assert_eq!(gpu.uuid, None);
    let found = amd::read(
        folder.path(),
        &embedded::catalog().expect("the catalog"),
        None,
    );
    assert_eq!(found.gpus[0].used, Bytes::mib(256) + Bytes::gib(1));
}
