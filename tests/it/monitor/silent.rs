//! `monitor` by a driver that hangs after it has answered, and answers again.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use super::exported::{Exporter, asked};
use super::{TWO, live, server};
use crate::inventory::nvml::{Driver, Scene};
use crate::wizard::window::{CTRL_C, Window};

const SILENT: &str = "The GPU driver has not answered for";
const QUESTION: &str = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

/// How many threads a process has.
fn threads(pid: u32) -> usize {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    tasks.map_or(0, Iterator::count)
}

#[test]
fn the_page_says_that_the_driver_is_silent_and_ends_when_told() {
    let (scene, server) = (Scene::new(Driver::Recent, TWO), server());
    let kill = |window: &Window| {
        let pid = window.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(sent.expect("kill").success());
    };
    let ways: [&dyn Fn(&mut Window); 3] = [
        &|window| {
            window.keys("q");
        },
        &|window| {
            window.keys(CTRL_C);
        },
        &|window| kill(window),
    ];
    for (nth, end) in ways.into_iter().enumerate() {
        let mut window = live(&scene, &server);
        scene.hang(true);
        window.until(SILENT);
        // What was known is shown, and keys are obeyed.
        window.until("RTX 3090").keys("m").settled();
        let text = window.text();
        assert!(text.find("RTX 4060") < text.find("RTX 3090"), "{text}");
        if nth == 0 {
            let before = threads(window.pid());
            std::thread::sleep(Duration::from_secs(4));
            window.settled();
            assert!(threads(window.pid()) <= before + 1, "threads pile up");
            scene.hang(false);
            window.until_not(SILENT);
            scene.hang(true);
            window.until(SILENT);
        }
        let began = Instant::now();
        end(&mut window);
        assert_eq!(window.ends(), 0);
        assert!(began.elapsed() < Duration::from_secs(5));
        window.is_restored();
        scene.hang(false);
    }
}

#[test]
fn a_driver_that_has_never_answered_is_waited_for_on_the_page() {
    let (scene, server) = (Scene::new(Driver::Recent, TWO), server());
    scene.hang(true);
    let library = scene.library().display().to_string();
    let variables = [
        ("VRAMFIT_NVML", library.as_str()),
        ("OLLAMA_HOST", server.host()),
    ];
    let mut window = Window::open(&std::env::temp_dir(), &["monitor"], &variables);
    window
        .until("Waiting for the GPU driver.")
        .until("qwen3:8b");
    assert!(!window.text().contains("No GPU found"));
    window.until("nothing is known of the GPUs");
    scene.hang(false);
    window.until("RTX 3090").until_not("GPU driver");
    window.keys("q");
    assert_eq!(window.ends(), 0);
}

#[test]
fn the_exporter_serves_no_reading_of_before() {
    let (scene, server) = (Scene::new(Driver::Recent, TWO), server());
    let library = scene.library().display().to_string();
    let exporter = Exporter::start(
        &["monitor", "--listen", "127.0.0.1:0"],
        &[
            ("VRAMFIT_NVML", library.as_str()),
            ("OLLAMA_HOST", server.host()),
        ],
    );
    let ask = || {
        let began = Instant::now();
        let answer = asked(&exporter.address, QUESTION);
        assert!(began.elapsed() < Duration::from_secs(9), "{answer}");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        answer
    };
    let used = "vramfit_gpu_memory_used_bytes";
    let first = ask();
    assert!(first.contains(used) && first.contains("\nvramfit_gpu_driver_up 1\n"));
    scene.hang(true);
    for _ in 0..3 {
        let silent = ask();
        assert!(!silent.contains("vramfit_gpu_memory"), "{silent}");
        assert!(silent.contains("\nvramfit_gpu_driver_up 0\n"), "{silent}");
        assert!(
            silent.contains("vramfit_model_gpu_memory_bytes"),
            "{silent}"
        );
    }
    scene.hang(false);
    // The call that hung comes back some moments later.
    std::thread::sleep(Duration::from_millis(500));
    let again = ask();
    assert!(again.contains(used) && again.contains("\nvramfit_gpu_driver_up 1\n"));
}
