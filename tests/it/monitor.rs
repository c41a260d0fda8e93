//! `vramfit monitor`: one look by the driver's and Ollama's stand-ins, and the live page in a terminal.

mod exported;
mod services;
mod silent;

use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use serde_json::{Value, json};
use vramfit::app::Exit;

use crate::inventory::nvml::{Driver, Scene};
use crate::ollama::recorded::{Recorded, Reply, ok};
use crate::support::{Machine, width};
use crate::wizard::window::{CTRL_C, ESC, Window};

const GIB: u64 = 1 << 30;

const TWO: &str = "\
library | driver=550.54.14
gpu     | name=NVIDIA GeForce RTX 3090 | uuid=GPU-a | total=25769803776 | reserved=415236096 | used=6442450944 | utilization=97 | temperature=83 | power=285400 | power-limit=350000 | capability=8.6 | bus=00000000:01:00.0
process | pid=4711 | bytes=5368709120 | command=/usr/local/bin/ollama runner --model x
process | pid=99   | bytes=536870912  | command=/usr/lib/xorg/Xorg | kind=graphics
gpu     | name=NVIDIA GeForce RTX 4060 Ti | uuid=GPU-b | total=17179869184 | reserved=300000000 | used=9000000000 | utilization=0 | temperature=!999 | power=12000 | capability=8.9 | bus=00000000:02:00.0
process | pid=12   | bytes=9000000000 | command=/usr/bin/python3 train.py
";

const LOADED: &str = r#"{"models":[{"name":"qwen3:8b","size":6000000000,"size_vram":4800000000,"context_length":8192,"expires_at":"2318-01-01T00:00:00Z"}]}"#;

fn server() -> Recorded {
    Recorded::start(vec![("/api/ps", ok(LOADED))])
}

#[test]
fn one_look_as_json_tells_who_holds_what() {
    let (scene, server) = (Scene::new(Driver::Recent, TWO), server());
    let machine = Machine::new().with("OLLAMA_HOST", server.host());
    let run = scene.run_on(machine, "monitor --json");
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    let report = run.json();
    assert_eq!(report["schema"], "vramfit.monitor/1");
    assert_eq!(report["driver"], "550.54.14");
    assert_eq!(report["memory"]["total"], 64 * GIB);
    let [first, second] = &report["gpus"].as_array().expect("a list")[..] else {
        panic!("{report}")
    };
    let readings = |gpu: &Value| {
        ["utilization", "temperature", "power", "power_limit"].map(|key| gpu[key].clone())
    };
    let expected = [json!(97), json!(83), json!(285.4), json!(350.0)];
    assert_eq!(readings(first), expected);
    // Each reading may be missing alone.
    let expected = [json!(0), Value::Null, json!(12.0), Value::Null];
    assert_eq!(readings(second), expected);
    assert_eq!(report["notes"], json!([]));
    assert_eq!(
        first["holders"],
        json!([
            { "pid": 4711, "name": "ollama runner", "tag": "qwen3:8b", "bytes": 5 * GIB },
            { "pid": 99, "name": "Xorg", "tag": null, "bytes": GIB / 2 },
        ])
    );
    assert_eq!(second["holders"][0]["tag"], Value::Null);
    assert_eq!(report["ollama"]["fault"], Value::Null);
    assert_eq!(
        report["models"],
        json!([{ "tag": "qwen3:8b", "size": 6_000_000_000_u64, "size_vram": 4_800_000_000_u64,
                 "context_length": 8192, "expires": "2318-01-01T00:00:00Z", "expires_in": null }])
    );
}

#[test]
fn one_look_is_a_page_in_both_languages_at_every_width() {
    let (scene, server) = (Scene::new(Driver::Recent, TWO), server());
    for (lang, words) in [
        ("en", ["97 %", "285/350 W", "80 %", "never", "Xorg"]),
        ("zh", ["97 %", "285/350 W", "80 %", "常驻", "Xorg"]),
    ] {
        for columns in [48, 80, 160] {
            let machine = Machine::new()
                .with("OLLAMA_HOST", server.host())
                .terminal(columns);
            let command = format!("monitor --once --lang {lang} --color never");
            let out = scene.run_on(machine, &command).out;
            assert!(width(&out) <= columns, "{columns}:\n{out}");
            for word in words.iter().filter(|_| columns > 48) {
                assert!(out.contains(word), "{word} {columns}:\n{out}");
            }
        }
        let out = scene
            .run(&format!("monitor --format markdown --lang {lang}"))
            .out;
        assert!(out.contains(" 97 % |"), "{out}");
    }
}

#[test]
fn without_gpus_without_ollama_and_with_described_hardware_it_answers_too() {
    let report = Machine::new().run("monitor --json").json();
    assert_eq!(report["gpus"], json!([]));
    assert_eq!(report["ollama"]["fault"], "ollama-absent");
    assert_eq!(report["models"], json!([]));
    let out = Machine::new().run("monitor --once").out;
    assert!(out.contains("no Ollama answers at"), "{out}");
    let report = Machine::new().run("monitor --json --vram 24x2").json();
    assert_eq!(report["gpus"].as_array().expect("a list").len(), 2);
    assert_eq!(report["ollama"], Value::Null);
}

#[test]
fn a_server_that_says_no_is_not_said_to_be_absent() {
    for (lang, words) in [
        ("en", "answers with an error (ollama-busy)"),
        ("zh", "响应出错（ollama-busy）"),
    ] {
        let server = Recorded::start(vec![("/api/ps", Reply::Body(503, String::new()))]);
        let machine = Machine::new().with("OLLAMA_HOST", server.host());
        let page = machine.run(&format!("monitor --once --lang {lang}")).out;
        assert!(page.contains(words), "{page}");
    }
}

#[test]
fn what_is_not_measured_is_not_told_as_nothing() {
    let body = r#"{"models":[{"name":"qwen3:8b","size":0,"size_vram":0},{"name":"big:1b","size":1000,"size_vram":999}]}"#;
    let server = Recorded::start(vec![("/api/ps", ok(body))]);
    let machine = Machine::new().with("OLLAMA_HOST", server.host());
    let page = machine.run("monitor --once").out;
    assert!(!page.contains(" 0 B"), "{page}");
    // Not wholly on a GPU is never a hundred percent.
    assert!(page.contains(" 99 %") && !page.contains("100 %"), "{page}");
}

#[test]
fn an_interval_is_a_whole_number_of_seconds() {
    for interval in ["0", "-1", "x", "99999"] {
        let run = Machine::new().run(&format!("monitor --once --interval {interval}"));
        assert_eq!(run.exit, Exit::Failure, "{interval}");
        assert!(run.err.contains("--interval"), "{}", run.err);
    }
}

/// A window with the live page.
fn live(scene: &Scene, server: &Recorded) -> Window {
    let library = scene.library().display().to_string();
    let variables = [
        ("VRAMFIT_NVML", library.as_str()),
        ("OLLAMA_HOST", server.host()),
    ];
    let mut window = Window::open(&std::env::temp_dir(), &["monitor"], &variables);
    window.until("q quit").until("qwen3:8b").until("train.py");
    window
}

#[test]
fn every_way_out_leaves_the_terminal_as_it_was() {
    let (scene, server) = (Scene::new(Driver::Recent, TWO), server());
    for key in ["q", ESC, CTRL_C] {
        let mut window = live(&scene, &server);
        window.keys(key);
        assert_eq!(window.ends(), 0, "{key:?}");
        window.is_restored();
    }
    let mut window = live(&scene, &server);
    let pid = window.pid().to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status();
    assert!(sent.expect("kill").success());
    assert_eq!(window.ends(), 0);
    window.is_restored();
}

/// A terminal whose window is closed: nothing can be shown or typed any more, and nobody is left to end the program.
#[test]
fn a_closed_window_ends_the_page() {
    let pair = native_pty_system()
        .openpty(PtySize::default())
        .expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_vramfit"));
    command.args(["monitor", "--vram", "24"]);
    command.env_clear();
    command.env("TERM", "xterm-256color");
    let mut child = pair.slave.spawn_command(command).expect("the program");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let (mut shown, mut buffer) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&shown).contains("scroll") {
        let count = reader.read(&mut buffer).expect("a page");
        shown.extend_from_slice(&buffer[..count]);
    }
    drop((reader, pair.master));
    let began = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if began.elapsed() > Duration::from_secs(30) {
            child.kill().expect("a child");
            panic!("it goes on without its window");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn keys_sort_and_pause() {
    let (scene, server) = (Scene::new(Driver::Recent, TWO), server());
    let mut window = live(&scene, &server);
    let before = |window: &Window, first: &str, second: &str| {
        let text = window.text();
        text.find(first) < text.find(second)
    };
    assert!(before(&window, "RTX 3090", "RTX 4060"));
    window.keys("m").settled();
    assert!(before(&window, "RTX 4060", "RTX 3090"), "{}", window.text());
    window.keys("u").settled();
    assert!(before(&window, "RTX 3090", "RTX 4060"), "{}", window.text());
    window.keys("p").settled();
    assert!(before(&window, "train.py", "Xorg"), "{}", window.text());
    window.keys(" ").until("paused").settled();
    let asked = server.asked().len();
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(server.asked().len(), asked, "a paused page asks nobody");
    window.keys(" ").settled();
    std::thread::sleep(Duration::from_millis(1500));
    assert!(server.asked().len() > asked);
    window.keys("q");
    assert_eq!(window.ends(), 0);
    window.is_restored();
}
