//! NVIDIA's GPUs, by stand-ins for the driver's library that answer from a script.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::put;
use crate::support::{Machine, Run};

/// Which stand-in.
#[derive(Clone, Copy)]
pub(crate) enum Driver {
    Recent,
    /// Before 510: no second memory call, older process lists.
    R470,
}

/// The folder of the stand-ins, built once. They have a target directory of their own, so that neither the profile nor
/// the target of this very test run matters.
fn built() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nvml-double");
        let done = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--offline", "--target-dir"])
            .arg(&target)
            .args(["-p", "nvml-double", "-p", "nvml-double-r470"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("CARGO_BUILD_TARGET")
            .status()
            .expect("cargo");
        assert!(done.success());
        target.join("debug")
    })
}

/// A machine with a copy of a stand-in and its script.
pub(crate) struct Scene {
    folder: TempDir,
    library: PathBuf,
}

impl Scene {
    pub(crate) fn new(driver: Driver, script: &str) -> Self {
        let name = match driver {
            Driver::Recent => "nvml_double",
            Driver::R470 => "nvml_double_r470",
        };
        let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let folder = tempfile::tempdir().expect("a folder");
        let library = folder.path().join("libnvidia-ml.so.1");
        std::fs::copy(built().join(format!("{prefix}{name}{suffix}")), &library).expect("a copy");
        put(folder.path(), "nvml.txt", script);
        put(
            folder.path(),
            "root/proc/meminfo",
            "MemTotal: 67108864 kB\nMemAvailable: 50331648 kB\n",
        );
        Self { folder, library }
    }

    /// With a driver of today.
    pub(crate) fn recent(script: &str) -> Self {
        Self::new(Driver::Recent, script)
    }

    /// A machine on which this driver is found.
    pub(crate) fn machine(&self) -> Machine {
        let root = self.folder.path().join("root");
        Machine::new()
            .with("VRAMFIT_ROOT", &root.display().to_string())
            .with("VRAMFIT_NVML", &self.library.display().to_string())
    }

    /// Whether the driver hangs from now on.
    pub(crate) fn hang(&self, hangs: bool) {
        let file = self.folder.path().join("hangs");
        match hangs {
            true => std::fs::write(file, "").expect("a file"),
            false => std::fs::remove_file(file).expect("a file"),
        }
    }

    /// Where the stand-in lies.
    pub(crate) fn library(&self) -> &Path {
        &self.library
    }

    pub(crate) fn run(&self, command: &str) -> Run {
        self.run_on(Machine::new(), command)
    }

    /// The same on a machine with more than GPUs.
    pub(crate) fn run_on(&self, machine: Machine, command: &str) -> Run {
        let root = self.folder.path().join("root");
        machine
            .with("VRAMFIT_ROOT", &root.display().to_string())
            .run(&format!("{command} --nvml '{}'", self.library.display()))
    }

    pub(super) fn report(&self) -> Value {
        self.run("gpus --json").json()
    }
}

pub(super) fn gpus(report: &Value) -> &Vec<Value> {
    report["hosts"][0]["gpus"].as_array().expect("a list")
}

pub(super) fn notes(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = report["notes"].as_array().expect("a list");
    list.iter()
        .map(|note| (text(&note["code"]), text(&note["subject"])))
        .collect()
}

pub(super) const GIB: u64 = 1 << 30;

const TWO: &str = "\
library | driver=550.54.14
gpu     | name=NVIDIA GeForce RTX 3090 | uuid=GPU-a | total=25769803776 | reserved=415236096 | used=3221225472 | capability=8.6 | bus=00000000:01:00.0
process | pid=4711 | bytes=2147483648 | command=/usr/local/bin/ollama runner --model x | kind=compute,graphics
process | pid=99   | bytes=536870912  | command=/usr/lib/xorg/Xorg | kind=graphics
process | pid=100  | kind=compute
gpu     | name=NVIDIA GeForce RTX 4060 Ti | uuid=GPU-b | total=17179869184 | reserved=300000000 | used=0 | capability=8.9 | bus=00000000:02:00.0
";

#[test]
fn several_gpus_are_read_with_their_programs() {
    let scene = Scene::new(Driver::Recent, TWO);
    let report = scene.report();
    assert_eq!(
        (&report["origin"], &report["driver"]),
        (&json!("nvml"), &json!("550.54.14"))
    );
    assert_eq!(notes(&report), []);
    assert_eq!(report["hosts"][0]["memory"]["total"], 64 * GIB);
    let [first, second] = &gpus(&report)[..] else {
        panic!("{report}")
    };
    assert_eq!(first["name"], "NVIDIA GeForce RTX 3090");
    assert_eq!(first["uuid"], "GPU-a");
    assert_eq!(first["total"], 24 * GIB);
    assert_eq!(first["reserved"], 415_236_096);
    assert_eq!(first["used"], 3 * GIB);
    assert_eq!(first["free"], 21 * GIB - 415_236_096);
    assert_eq!(first["compute_capability"], "8.6");
    assert_eq!(first["pci_bus_id"], "00000000:01:00.0");
    assert_eq!(
        first["bandwidth"].as_u64().map(|rate| rate / 1_000_000_000),
        Some(936)
    );
    assert_eq!(first["mig"], Value::Null);
    assert_eq!(
        first["processes"],
        json!([
            { "pid": 4711, "name": "ollama runner", "bytes": 2 * GIB },
            { "pid": 99, "name": "Xorg", "bytes": GIB / 2 },
            { "pid": 100, "name": null, "bytes": null },
        ])
    );
    assert_eq!(
        (&second["gpu"], &second["processes"]),
        (&json!(1), &json!([]))
    );
}

#[test]
fn programs_are_shown_in_both_languages_and_forms() {
    let scene = Scene::new(Driver::Recent, TWO);
    for (lang, number, unknown) in [("en", "pid 4711", "unknown"), ("zh", "进程号 4711", "未知")]
    {
        for format in ["table", "markdown"] {
            let out = scene
                .run(&format!("gpus --lang {lang} --format {format}"))
                .out;
            for part in [number, unknown, "ollama runner", "550.54.14"] {
                assert!(out.contains(part), "{part} is not in\n{out}");
            }
        }
    }
}

#[test]
fn drivers_without_the_second_memory_call_are_read_by_the_first() {
    let report = Scene::new(Driver::R470, TWO).report();
    assert_eq!(notes(&report), []);
    let first = &gpus(&report)[0];
    assert_eq!(first["total"], 24 * GIB);
    assert_eq!(first["reserved"], 0);
    assert_eq!(first["used"], 3 * GIB + 415_236_096);
    assert_eq!(first["processes"].as_array().map(Vec::len), Some(3));
    // WSL has had the second call, but it failed.
    let wsl = TWO.replace("capability=8.6", "memory-v2=!999 | capability=8.6");
    let report = Scene::new(Driver::Recent, &wsl).report();
    assert_eq!(gpus(&report)[0]["used"], 3 * GIB + 415_236_096);
    assert_eq!(gpus(&report)[0]["reserved"], 0);
    assert_eq!(gpus(&report)[1]["reserved"], 300_000_000);
}

const MIG: &str = "\
library | driver=535.104.05
gpu | name=NVIDIA A100-SXM4-40GB | uuid=GPU-p | total=42949672960 | used=0 | capability=8.0 | bus=00000000:07:00.0 | mig=7
mig | at=0 | name=NVIDIA A100-SXM4-40GB MIG 3g.20gb | uuid=MIG-0 | total=20937965568 | used=39845888
process | pid=7 | bytes=1048576 | command=python | gi=2 | ci=0
mig | at=5 | name=NVIDIA A100-SXM4-40GB MIG 1g.5gb | uuid=MIG-5 | total=5100273664 | used=13631488
mig | at=6 | handle=!4
gpu | name=NVIDIA H100 80GB HBM3 | uuid=GPU-e | total=85899345920 | used=0 | capability=9.0 | bus=00000000:08:00.0 | mig=7
gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-g | total=25769803776 | used=0 | capability=8.6 | bus=00000000:09:00.0
";

#[test]
fn mig_instances_stand_in_place_of_their_gpu() {
    for driver in [Driver::Recent, Driver::R470] {
        let scene = Scene::new(driver, MIG);
        let report = scene.report();
        let listed: Vec<(&Value, &Value, &Value)> = gpus(&report)
            .iter()
            .map(|gpu| (&gpu["gpu"], &gpu["uuid"], &gpu["total"]))
            .collect();
        assert_eq!(
            listed,
            [
                (&json!(0), &json!("MIG-0"), &json!(20_937_965_568_u64)),
                (&json!(1), &json!("MIG-5"), &json!(5_100_273_664_u64)),
                (&json!(2), &json!("GPU-g"), &json!(24 * GIB)),
            ]
        );
        let [first, second, last] = [0, 1, 2].map(|at| &gpus(&report)[at]);
        assert_eq!(
            first["mig"],
            json!({ "parent": 0, "index": 0, "gpu_instance": 2, "compute_instance": 0 })
        );
        assert_eq!(second["mig"]["index"], 5);
        assert_eq!(second["mig"]["gpu_instance"], Value::Null);
        assert_eq!(last["mig"], Value::Null);
        // Half of the memory is half of the lanes to it.
        let share = |gpu: &Value| gpu["bandwidth"].as_u64().unwrap_or(0) / 1_000_000_000;
        assert_eq!((share(first), share(second)), (758, 184));
        // What an instance does not know, its GPU does.
        assert_eq!(first["compute_capability"], "8.0");
        assert_eq!(first["pci_bus_id"], "00000000:07:00.0");
        let mut notes = notes(&report);
        // Its driver is older than Ollama's engine takes, which is told last.
        let old = notes.pop().map(|(code, _)| code);
        assert_eq!(old.as_deref(), Some("driver-too-old"));
        assert_eq!(
            notes,
            [
                ("mig-unreadable".into(), "device 0 MIG 6".into()),
                ("mig-without-instances".into(), "device 1".into()),
            ]
        );
        let out = scene.run("gpus").out;
        let words: Vec<&str> = out.split_whitespace().collect();
        assert!(
            words.join(" ").contains("MIG instance 5 of device 0"),
            "{out}"
        );
    }
}

#[test]
fn no_model_is_split_over_mig_instances() {
    let instance = |at: u32| {
        format!(
            "mig | at={at} | name=NVIDIA A100-SXM4-80GB MIG 2g.20gb | uuid=MIG-{at} | total=20937965568\n"
        )
    };
    let gpu = "gpu | name=NVIDIA A100-SXM4-80GB | uuid=GPU-p | total=85899345920 | capability=8.0 | bus=00000000:07:00.0 | mig=7\n";
    let scene = Scene::new(
        Driver::Recent,
        &format!("{gpu}{}{}{}", instance(0), instance(1), instance(2)),
    );
    let placement =
        |tag: &str| scene.run(&format!("explain {tag} --json")).json()["placement"].clone();
    assert_eq!(placement("qwen3:14b")["kind"], "single");
    assert_eq!(placement("llama3.3:70b")["kind"], "offload");
    let simulated = Machine::new().run("explain llama3.3:70b --vram 20x3 --json");
    assert_eq!(simulated.json()["placement"]["kind"], "split");
}

#[test]
fn gpus_without_memory_of_their_own_share_the_hosts() {
    for script in [
        "gpu | name=NVIDIA GB10 | uuid=GPU-s | memory=!3 | capability=12.1",
        // Later drivers answer, with less than there is.
        "gpu | name=NVIDIA GB10 | uuid=GPU-s | total=128501256192 | used=120524353536 | capability=12.1",
        "gpu | name=Orin (nvgpu) | uuid=GPU-s | total=0 | capability=8.7",
    ] {
        for driver in [Driver::Recent, Driver::R470] {
            let scene = Scene::new(driver, &format!("library | driver=580.95.05\n{script}\n"));
            let report = scene.report();
            let gpu = &gpus(&report)[0];
            assert_eq!(gpu["unified"], true, "{script}");
            assert_eq!(gpu["total"], 64 * GIB, "{script}");
            assert_eq!(gpu["free"], 48 * GIB, "{script}");
            assert_eq!(gpu["pci_bus_id"], Value::Null);
            assert_eq!(notes(&report), [], "{script}");
            assert!(scene.run("gpus").out.contains("shares the host's memory"));
        }
    }
}

#[test]
fn every_call_may_fail_alone() {
    let scene = Scene::new(
        Driver::Recent,
        "\
library | driver=!999
gpu | handle=!15
gpu | name=!999 | uuid=!999 | total=25769803776 | capability=!999 | bus=!999 | compute=!4 | graphics=!4
gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-m | memory=!15 | capability=8.6 | bus=00000000:03:00.0
gpu | name=!15 | memory=!15
gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-h | total=25769803776 | capability=8.6 | bus=00000000:05:00.0
",
    );
    let report = scene.report();
    assert_eq!(report["origin"], "nvml");
    let totals: Vec<&Value> = gpus(&report).iter().map(|gpu| &gpu["total"]).collect();
    assert_eq!(totals, [&json!(24 * GIB), &json!(0), &json!(24 * GIB)]);
    let expected = [
        ("driver-version-unknown", ""),
        ("device-unreadable", "device 0"),
        ("name-unknown", "GPU 0"),
        ("uuid-unknown", "GPU 0"),
        ("compute-capability-unknown", "GPU 0"),
        ("pci-address-unknown", "GPU 0"),
        ("processes-unknown", "GPU 0"),
        ("memory-unknown", "GPU 1"),
        ("device-unreadable", "device 3"),
    ];
    assert_eq!(
        notes(&report),
        expected.map(|(code, subject)| (code.to_owned(), subject.to_owned()))
    );
    for lang in ["en", "zh"] {
        for format in ["table", "markdown"] {
            let out = scene
                .run(&format!("gpus --lang {lang} --format {format}"))
                .out;
            assert!(out.contains("device 3"), "{out}");
        }
    }
}

#[test]
fn a_library_that_does_not_start_is_an_answer() {
    for (code, note) in [
        (9, "driver-not-loaded"),
        (18, "driver-mismatch"),
        (999, "nvml-failed"),
    ] {
        let scene = Scene::new(Driver::Recent, &format!("library | init=!{code}\n"));
        let report = scene.report();
        assert_eq!(report["origin"], "none");
        assert_eq!(notes(&report)[0].0, note);
        assert_eq!(report["hosts"][0]["memory"]["available"], 48 * GIB);
    }
    let scene = Scene::new(Driver::Recent, "");
    std::fs::write(&scene.library, "no library").expect("a file");
    assert_eq!(notes(&scene.report())[0].0, "nvml-not-found");
    let empty = Scene::new(Driver::Recent, "library | driver=550.54.14\n").report();
    assert_eq!(
        (&empty["origin"], &empty["driver"]),
        (&json!("none"), &json!("550.54.14"))
    );
}

#[test]
fn described_hardware_asks_no_driver() {
    let scene = Scene::new(Driver::Recent, TWO);
    for described in ["--vram 24", "--gpu 'RTX 3060'", "--ram 64"] {
        let report = scene.run(&format!("gpus --json {described}")).json();
        assert_eq!(report["origin"], "simulated", "{described}");
        assert_eq!(report["driver"], Value::Null, "{described}");
    }
}
