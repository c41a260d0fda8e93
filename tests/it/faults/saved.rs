//! What is learnt of a machine and kept: by runs that are killed, and by several at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::killed::program;
use crate::artifact::tools::{said, tool};
use crate::inventory::nvml::Scene;
use crate::ollama::bench;
use crate::ollama::recorded::Recorded;
use crate::ollama::verify::buffers;

/// A card that holds a model.
fn scene() -> Scene {
    let held = buffers() + (300 << 20);
    Scene::recent(&format!(
        "library | driver=580.65.06\n\
         gpu | name=NVIDIA GeForce RTX 3090 | uuid=GPU-11111111-2222-3333-4444-555555555555 | total=25769803776 | used={held} | capability=8.6 | bus=00000000:01:00.0\n\
         process | pid=4711 | bytes={held} | command=/usr/lib/ollama/llama-server | kind=compute\n"
    ))
}

/// Its server.
fn server() -> Recorded {
    let size = buffers();
    bench::server(bench::counted((4096, 2.0), (64, 0.8)), size, size)
}

/// Commands that keep something, and the folder in which they do.
const KEEPERS: [(&str, &str); 2] = [("verify --save", "measured"), ("bench qwen3:8b", "bench")];

/// A command of this machine whose settings lie in a folder.
fn on<'c>(
    command: &'c mut Command,
    scene: &Scene,
    server: &Recorded,
    home: &Path,
) -> &'c mut Command {
    program(command)
        .env("VRAMFIT_NVML", scene.library())
        .env("VRAMFIT_ROOT", scene.library().with_file_name("root"))
        .env("OLLAMA_HOST", server.host())
        .env("XDG_CONFIG_HOME", home)
}

/// The files that are kept, those on their way left out.
fn kept(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    let named = entries.map(|entry| entry.expect("an entry").path());
    let whole = named.filter(|path| path.extension().is_some_and(|end| end != "part"));
    whole
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("text");
            (path.display().to_string(), text)
        })
        .collect()
}

#[test]
fn a_measurement_whose_run_is_killed_is_the_old_one_or_the_new() {
    let Some(strace) = tool("strace") else { return };
    let (scene, server) = (scene(), server());
    for (words, below) in KEEPERS {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("vramfit").join(below);
        let run = |last: Option<(&str, usize)>| -> Output {
            let vramfit = env!("CARGO_BIN_EXE_vramfit");
            let mut command = Command::new(if last.is_some() {
                strace.as_path()
            } else {
                Path::new(vramfit)
            });
            if let Some((call, time)) = last {
                let inject = format!("inject={call}:signal=KILL:when={time}");
                command
                    .args(["-qq", "-f", "-o", "/dev/null"])
                    .args(["-e", &format!("trace={call}"), "-e", &inject])
                    .arg(vramfit);
            }
            on(&mut command, &scene, &server, home.path())
                .args(words.split(' '))
                .output()
                .expect("the program")
        };
        let first = run(None);
        assert_eq!(first.status.code(), Some(0), "{words}: {}", said(&first));
        let new = kept(&folder);
        assert_eq!(new.len(), 1, "{words}");
        let (path, text) = new.first_key_value().expect("a file");
        let old = text
            .replace("RTX 3090", "RTX 3090 of before")
            .replace("0.33.0", "0.32.0");
        assert_ne!(&old, text);
        let mut killed = 0;
        for call in ["fsync", "rename", "write"] {
            for time in 1.. {
                assert!(time < 400, "{words}: {call} is not understood");
                std::fs::write(path, &old).expect("a file");
                let done = run(Some((call, time))).status.code() == Some(0);
                let found = kept(&folder);
                let found = found.get(path).expect("a file");
                assert!(
                    [text, &old].contains(&found),
                    "{words}: {call} {time}: {found}"
                );
                if done {
                    assert_eq!(found, text, "{words}: {call} {time}");
                    break;
                }
                killed += 1;
                // What was left on its way hinders nobody.
                let again = run(None);
                assert_eq!(again.status.code(), Some(0), "{words}: {}", said(&again));
                assert_eq!(kept(&folder), new, "{words}: {call} {time}");
            }
        }
        assert!(killed >= 3, "{words}: {killed}");
    }
}

#[test]
fn several_who_measure_at_once_keep_one_file_that_is_whole() {
    let (scene, server) = (scene(), server());
    for (words, below) in KEEPERS {
        let home = tempfile::tempdir().expect("a folder");
        let start = |_: usize| {
            on(
                &mut Command::new(env!("CARGO_BIN_EXE_vramfit")),
                &scene,
                &server,
                home.path(),
            )
            .args(words.split(' '))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program")
        };
        for child in (0..6).map(start).collect::<Vec<_>>() {
            let done = child.wait_with_output().expect("an end");
            assert_eq!(done.status.code(), Some(0), "{words}: {}", said(&done));
        }
        let folder = home.path().join("vramfit").join(below);
        let files = kept(&folder);
        assert_eq!(files.len(), 1, "{words}: {files:?}");
        let text = files.values().next().expect("a file");
        assert!(
            text.contains("GPU-11111111") || text.contains("cuda_context"),
            "{text}"
        );
        let entries = std::fs::read_dir(&folder).expect("a folder");
        assert_eq!(entries.count(), 1, "{words}");
    }
}

#[test]
fn a_full_disk_leaves_what_was_kept_before() {
    let (scene, server) = (scene(), server());
    for (words, below) in KEEPERS {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("vramfit").join(below);
        let run = |before: &str| {
            let line = format!("{before} exec {} {words}", env!("CARGO_BIN_EXE_vramfit"));
            on(&mut Command::new("/bin/sh"), &scene, &server, home.path())
                .args(["-c", &line])
                .output()
                .expect("a shell")
        };
        let first = run("");
        assert_eq!(first.status.code(), Some(0), "{words}: {}", said(&first));
        let new = kept(&folder);
        let (path, text) = new.first_key_value().expect("a file");
        let old = text
            .replace("RTX 3090", "RTX 3090 of before")
            .replace("0.33.0", "0.32.0");
        std::fs::write(path, &old).expect("a file");
        // No file may grow: as on a disk that is full, and for a superuser, too.
        let full = run("trap '' XFSZ; ulimit -f 0;");
        // What was measured is told all the same; what was to be saved is not.
        let (code, stream) = match words.starts_with("bench") {
            true => (0, &full.stdout),
            false => (2, &full.stderr),
        };
        assert_eq!(full.status.code(), Some(code), "{words}: {}", said(&full));
        // A page breaks a long path over lines.
        let told: String = String::from_utf8_lossy(stream).split_whitespace().collect();
        assert!(
            told.contains("Filetoolarge") && told.contains(path.as_str()),
            "{words}: {told}"
        );
        assert_eq!(kept(&folder).get(path), Some(&old), "{words}");
        let entries = std::fs::read_dir(&folder).expect("a folder");
        assert_eq!(entries.count(), 1, "{words}: what was on its way is left");
    }
}
