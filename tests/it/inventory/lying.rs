//! NVIDIA's library where what it says cannot be so, and where it says nothing.

use std::time::{Duration, Instant};

use serde_json::json;
use vramfit::app::Exit;

use super::nvml::{GIB, Scene, gpus, notes};
use super::put;
use crate::support::Machine;

#[test]
fn a_driver_that_lies_is_believed_no_further_than_it_can_be() {
    let many: String = (1..=300)
        .map(|pid| format!("process | pid={pid} | bytes=1048576 | command=/usr/bin/p{pid}\n"))
        .collect();
    let script = format!(
        "\
library | driver=580.95.05
gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-m | total=25769803776 | capability=8.6 | bus=00000000:01:00.0
{many}process | pid=301 | bytes=1 | command=/usr/bin/~
gpu | name=NVIDIA ~ RTX | uuid=GPU-n | total=25769803776 | capability=8.6 | bus=00000000:02:00.0
gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-l | total=25769803776 | used=99999999999999 | capability=8.6 | bus=00000000:03:00.0
gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-z | total=0 | capability=8.6 | bus=00000000:04:00.0
gpu | name=NVIDIA GeForce RTX 3090 | uuid=!15 | memory=!15 | capability=!15 | bus=!15 | compute=!15 | graphics=!15
gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-o | total=25769803776 | capability=8.6 | bus=00000000:06:00.0
"
    );
    let scene = Scene::recent(&script);
    let report = scene.report();
    let cards: Vec<_> = gpus(&report)
        .iter()
        .map(|gpu| json!([gpu["total"], gpu["used"], gpu["free"], gpu["unified"]]))
        .collect();
    let whole = json!([24 * GIB, 0, 24 * GIB, false]);
    let nothing = json!([0, 0, 0, false]);
    let full = json!([24 * GIB, 24 * GIB, 0, false]);
    assert_eq!(
        cards,
        [&whole, &whole, &full, &nothing, &nothing, &whole].map(Clone::clone)
    );
    let programs = gpus(&report)[0]["processes"].as_array().expect("programs");
    assert_eq!(programs.len(), 301);
    let nameless = programs.iter().filter(|one| one["name"].is_null());
    assert_eq!(nameless.count(), 1);
    let notes = notes(&report);
    let said = |code: &str, subject: &str| {
        assert!(
            notes.contains(&(code.to_owned(), subject.to_owned())),
            "{code}: {notes:?}"
        );
    };
    said("name-unknown", "GPU 1");
    said("memory-unknown", "GPU 3");
    said("memory-unknown", "GPU 4");
    let page = scene.run("gpus").out;
    assert!(!page.contains("shares the host's memory"), "{page}");
}

#[test]
fn a_driver_that_hangs_is_told() {
    let hangs = |key: &str| {
        let card = "name=NVIDIA GeForce RTX 3090 | uuid=GPU-h | total=25769803776";
        let card = match key {
            "name" => "uuid=GPU-h",
            "memory" => "name=NVIDIA GeForce RTX 3090",
            _ => card,
        };
        let scene = Scene::recent(&format!(
            "library | driver=550.54.14\ngpu | {key}=!hang | {card}\n"
        ));
        let run = scene.run("gpus --json");
        assert_eq!(run.exit, Exit::Failure, "{key}: {}", run.out);
        assert!(run.err.contains("driver-silent"), "{key}: {}", run.err);
    };
    let hangs_in_monitor = || {
        let scene = Scene::recent("gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-h\n");
        scene.hang(true);
        let run = scene.run("monitor --once --json");
        assert_eq!(run.exit, Exit::No, "{}{}", run.out, run.err);
        let report = run.json();
        assert_eq!(report["driver_silent"], 60);
        assert_eq!(report["gpus"], json!([]));
        // What does not need the driver is told.
        assert_eq!(report["memory"]["total"], 64 * GIB);
        assert_eq!(report["ollama"]["fault"], "ollama-absent");
    };
    let hangs_in_doctor = || {
        let scene = Scene::recent("gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-h\n");
        scene.hang(true);
        let machine = Machine::new().with("OLLAMA_NUM_GPU", "1");
        let report = scene.run_on(machine, "doctor --json").json();
        let found = report["findings"].as_array().expect("a list").iter();
        let found: Vec<_> = found.map(|finding| &finding["code"]).collect();
        assert_eq!(found, ["unknown-variable", "driver-unusable"]);
        assert_eq!(report["unchecked"], json!(["driver", "server"]));
    };
    // Each is waited for as long as a driver may take, all of them at once.
    std::thread::scope(|scope| {
        scope.spawn(hangs_in_monitor);
        scope.spawn(hangs_in_doctor);
        for key in ["handle", "name", "memory", "compute", "bus"] {
            scope.spawn(move || hangs(key));
        }
    });
}

#[test]
fn files_are_judged_though_the_driver_hangs() {
    let scene = Scene::recent("gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-h\n");
    scene.hang(true);
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "run.sh", "OLLAMA_NUM_GPU=1 ollama serve\n");
    let file = folder.path().join("run.sh").display().to_string();
    for (lang, words) in [
        ("en", "Not checked: the GPU driver did not answer in time"),
        ("zh", "未检查：显卡驱动未及时响应"),
    ] {
        let began = Instant::now();
        let run = scene.run(&format!("doctor '{file}' --lang {lang}"));
        assert!(began.elapsed() < Duration::from_secs(40));
        assert_eq!(run.exit, Exit::No, "{}{}", run.out, run.err);
        assert!(run.out.contains("OLLAMA_NUM_GPU"), "{}", run.out);
        let out = run.out.replace('\n', " ");
        let words = words.replace(' ', "");
        assert!(out.replace(' ', "").contains(&words), "{out}");
    }
    let report = scene.run(&format!("doctor '{file}' --json")).json();
    assert_eq!(report["unchecked"], json!(["driver"]));
}
