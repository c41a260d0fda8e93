//! What is kept of a measurement.

use vramfit::app::Exit;

use super::super::recorded::{Recorded, ok};
#[cfg(unix)]
use super::buffers;
use super::codes;
#[cfg(unix)]
use crate::inventory::nvml::Scene;
use crate::support::Machine;

#[test]
fn a_setting_that_no_server_tells_is_guessed_from_what_it_holds() {
    let predicted = |flags: &str| {
        let run = Machine::new().run(&format!("explain qwen3:8b --gpu 'RTX 3090' --json {flags}"));
        let estimate = run.json()["estimate"].clone();
        let part = |name: &str| estimate[name].as_u64().expect("bytes");
        part("weights") + part("kv_cache") + part("compute")
    };
    for (flags, setting, value) in [
        ("--kv-cache-type q8_0 --batch 1024", "kv-cache-type", "q8_0"),
        ("--parallel 4 --batch 1024", "parallel", "4"),
    ] {
        let size = predicted(flags);
        let body = format!(
            r#"{{"models":[{{"name":"qwen3:8b","size":{size},"size_vram":{size},"context_length":8192}}]}}"#
        );
        let server = Recorded::start(vec![("/api/ps", ok(&body))]);
        let machine = Machine::new().with("OLLAMA_HOST", server.host());
        let run = machine.run("verify --gpu 'RTX 3090' --json");
        assert_eq!(run.exit, Exit::Yes, "{flags}: {}", run.out);
        let found = run.json()["models"][0]["findings"][0].clone();
        assert_eq!(found["code"], "likely", "{flags}: {found}");
        assert_eq!(
            (&found["setting"], &found["value"]),
            (&setting.into(), &value.into())
        );
        for lang in ["en", "zh"] {
            let page = machine
                .run(&format!("verify --gpu 'RTX 3090' --lang {lang}"))
                .out;
            assert!(page.contains(&format!("--{setting} {value}")), "{page}");
        }
        // With what was guessed all is as predicted.
        let run = machine.run(&format!("verify --gpu 'RTX 3090' --json {flags}"));
        assert_eq!(codes(&run), ["as-predicted"], "{flags}");
    }
    // What no setting explains stays a fault.
    let size = predicted("") + (700 << 20) + 12_345_678;
    let body = format!(
        r#"{{"models":[{{"name":"qwen3:8b","size":{size},"size_vram":{size},"context_length":8192}}]}}"#
    );
    let server = Recorded::start(vec![("/api/ps", ok(&body))]);
    let machine = Machine::new().with("OLLAMA_HOST", server.host());
    let run = machine.run("verify --gpu 'RTX 3090' --json");
    assert_eq!(
        (run.exit, codes(&run)),
        (Exit::No, vec!["unexplained".to_owned()])
    );
}

#[cfg(unix)]
#[test]
fn what_several_save_at_once_is_all_kept() {
    let (size, overhead) = (buffers(), 300u64 << 20);
    let held = size + overhead;
    let home = tempfile::tempdir().expect("a folder");
    let ps = format!(
        r#"{{"models":[{{"name":"qwen3:8b","size":{size},"size_vram":{size},"context_length":8192}}]}}"#
    );
    let save = |card: usize| {
        let scene = Scene::recent(&format!(
            "library | driver=550.54.14\n\
             gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-{card}1111111-2222-3333-4444-555555555555 | total=25769803776 | used={held} | bus=00000000:01:00.0\n\
             process | pid=4711 | bytes={held} | command=/usr/lib/ollama/llama-server | kind=compute\n"
        ));
        let server = Recorded::start(vec![
            ("/api/ps", ok(&ps)),
            ("/api/version", ok(r#"{"version":"0.33.0"}"#)),
        ]);
        let machine = scene
            .machine()
            .with("OLLAMA_HOST", server.host())
            .with("XDG_CONFIG_HOME", &home.path().display().to_string());
        // Each of them several times, over its own and beside the others.
        for _ in 0..5 {
            let run = machine.run("verify --save --json");
            assert_eq!(run.exit, Exit::Yes, "{}{}", run.out, run.err);
        }
        let known = machine.run("explain qwen3:4b --json").json();
        assert_eq!(known["estimate"]["overhead"], overhead);
    };
    std::thread::scope(|scope| {
        for card in 0..4 {
            let save = &save;
            scope.spawn(move || save(card));
        }
    });
    let kept = std::fs::read_dir(home.path().join("vramfit/measured")).expect("a folder");
    assert_eq!(kept.count(), 4);
}
