//! A run that is killed, two that run at once, streams that are closed: every file is whole, and nobody waits for ever.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use vramfit::app::Exit;

use super::names;
use crate::artifact::tools::{said, tool};
use crate::ollama::recorded::{Recorded, lines, ok};
use crate::support::Machine;

/// The program without the machine that runs the test.
pub(super) fn program(command: &mut Command) -> &mut Command {
    command
        .env_clear()
        .env("LANG", "en_US.UTF-8")
        .env("VRAMFIT_NVML", "/nonexistent")
        .env("VRAMFIT_ROOT", "/nonexistent")
        .env("OLLAMA_HOST", "127.0.0.1:9")
}

/// A command that writes into the folder in which it is run.
struct Writer {
    words: &'static str,
    /// Whether it writes over what is there.
    over: bool,
    /// The calls from one that is the last to the next.
    step: usize,
}

const WRITERS: [Writer; 3] = [
    Writer {
        words: "plan qwen3:8b --vram 24 --emit shell --force --out .",
        over: true,
        step: 1,
    },
    Writer {
        words: "doctor --fix --force serve.sh .bashrc",
        over: true,
        step: 1,
    },
    Writer {
        words: "man --out .",
        over: false,
        step: 9,
    },
];

/// What such a command reads there.
const READ: [(&str, &str); 2] = [
    ("serve.sh", "ollama serve --port 11500\n"),
    (".bashrc", "export OLLAMA_NUM_CTX=8192\n"),
];

/// What a folder's files hold, those on their way left out.
fn held(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = names(folder)
        .into_iter()
        .filter(|name| !name.ends_with(".part"))
        .map(|name| {
            let text = fs::read_to_string(folder.join(&name)).expect("text");
            (name, text)
        })
        .collect();
    files.sort();
    files
}

/// A folder with what is read, and with old files where `over` some new ones.
fn folder(over: &[(String, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, _) in over {
        fs::write(folder.path().join(name), "old\n").expect("a file");
    }
    for (name, text) in READ {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

/// Runs a command in a folder, the last of its calls of a kind with a number.
fn run_in(folder: &Path, words: &str, last: Option<(&Path, &str, usize)>) -> Output {
    let vramfit = env!("CARGO_BIN_EXE_vramfit");
    let mut command = match last {
        Some((strace, call, time)) => {
            let mut command = Command::new(strace);
            let inject = format!("inject={call}:signal=KILL:when={time}");
            command
                .args(["-qq", "-o", "/dev/null"])
                .args(["-e", &format!("trace={call}"), "-e", &inject])
                .arg(vramfit);
            command
        }
        None => Command::new(vramfit),
    };
    program(&mut command)
        .args(words.split(' '))
        .current_dir(folder)
        .output()
        .expect("the program")
}

#[test]
fn a_run_that_is_killed_leaves_every_file_whole() {
    let Some(strace) = tool("strace") else { return };
    for Writer { words, over, step } in WRITERS {
        let alone = folder(&[]);
        let run = run_in(alone.path(), words, None);
        assert_ne!(run.status.code(), Some(2), "{words}: {}", said(&run));
        let done = run.status.code();
        let whole = held(alone.path());
        assert!(whole.len() > READ.len(), "{words}");
        // Each call that changes a file is the last one in turn.
        for call in ["write", "fsync", "rename", "unlink"] {
            for time in (1..).step_by(step) {
                assert!(time < 200, "{words}: {call} is not understood");
                let scratch = folder(if over { &whole } else { &[] });
                let at = scratch.path();
                let run = run_in(at, words, Some((&strace, call, time)));
                if said(&run).contains("ptrace") {
                    // Nothing that could be installed lets a sandbox trace.
                    let _ = writeln!(std::io::stderr(), "skipped: nobody may trace here");
                    return;
                }
                for (name, text) in held(at) {
                    let new = whole.iter().find(|(known, _)| *known == name);
                    let new = new.unwrap_or_else(|| panic!("{words}: {call} {time}: {name}"));
                    assert!(
                        text == "old\n" || text == new.1,
                        "{words}: {call} {time}: {name}: {text}"
                    );
                }
                if run.status.code() == done {
                    assert_eq!(held(at), whole, "{words}: {call} {time}");
                    break;
                }
                if !over {
                    continue;
                }
                // Who comes after it is not hindered by what it left.
                let again = run_in(at, words, None);
                assert_eq!(
                    again.status.code(),
                    done,
                    "{words}: {call} {time}: {}",
                    said(&again)
                );
                assert_eq!(held(at), whole, "{words}: {call} {time}");
            }
        }
    }
}

#[test]
fn a_folder_that_may_only_be_read_is_told() {
    let Some(setpriv) = tool("setpriv") else {
        return;
    };
    for Writer { words, .. } in WRITERS {
        let over = folder(&[]);
        fs::set_permissions(over.path(), Permissions::from_mode(0o555)).expect("a mode");
        let mut command = match fs::metadata("/proc/self").expect("an owner").uid() {
            // Nothing is closed to a superuser.
            0 => {
                let mut command = Command::new(&setpriv);
                command
                    .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
                    .arg(env!("CARGO_BIN_EXE_vramfit"));
                command
            }
            _ => Command::new(env!("CARGO_BIN_EXE_vramfit")),
        };
        let run = program(&mut command)
            .args(words.split(' '))
            .current_dir(over.path())
            .output()
            .expect("the program");
        let told = said(&run);
        assert_eq!(run.status.code(), Some(2), "{words}: {told}");
        assert!(told.contains("Permission denied"), "{words}: {told}");
        assert_eq!(names(over.path()).len(), READ.len(), "{words}");
    }
}

#[test]
fn what_a_killed_run_left_hinders_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid = std::process::id();
    let left = folder.path().join(format!(".compose.yaml.{pid}-0.part"));
    fs::write(&left, "half").expect("a file");
    let command = format!(
        "plan qwen3:8b --vram 24 --emit compose --out '{}'",
        folder.path().display()
    );
    let run = Machine::new().run(&command);
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    assert_eq!(fs::read_to_string(&left).expect("text"), "half");
    assert_eq!(names(folder.path()).len(), 2);
}

#[test]
fn two_pulls_at_once_both_end() {
    let progress = |completed: u64| {
        format!(
            r#"{{"status":"pulling abc","digest":"sha256:abc","total":100,"completed":{completed}}}"#
        )
    };
    let mut all: Vec<String> = (0..=100).map(progress).collect();
    all.push(r#"{"status":"success"}"#.to_owned());
    let texts: Vec<&str> = all.iter().map(String::as_str).collect();
    let server = Recorded::start(vec![
        ("/api/version", ok(r#"{"version":"0.33.0"}"#)),
        ("/api/ps", ok(r#"{"models":[]}"#)),
        ("/api/tags", ok(r#"{"models":[]}"#)),
        ("/api/pull", lines(&texts)),
    ]);
    let pull = |_: usize| {
        program(&mut Command::new(env!("CARGO_BIN_EXE_vramfit")))
            .env("OLLAMA_HOST", server.host())
            .args(["pull", "qwen3:4b", "--vram", "24", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program")
    };
    for child in (0..4).map(pull).collect::<Vec<_>>() {
        let done = child.wait_with_output().expect("an end");
        assert!(done.status.success(), "{}", said(&done));
        let answer: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON");
        assert_eq!(answer["installed"], true, "{answer}");
    }
}

#[test]
fn closed_streams_end_it_without_a_panic() {
    for (words, streams) in [
        ("models", ">&-"),
        ("models --json", ">&- 2>&-"),
        ("recommend --vram 24", "<&- 2>&-"),
        ("recommend --vram 24 --json", "<&-"),
        ("explain nosuchmodel:7b", "2>&-"),
        ("monitor --once --vram 24", ">&-"),
        ("mcp", "<&-"),
        ("wizard", "<&- >&-"),
        ("plan qwen3:8b --vram 24", "| head -c 1"),
    ] {
        let line = format!("exec {} {words} {streams}", env!("CARGO_BIN_EXE_vramfit"));
        let line = match streams.starts_with('|') {
            true => line.trim_start_matches("exec ").to_owned(),
            false => line,
        };
        let run = program(&mut Command::new("/bin/sh"))
            .env("PATH", "/usr/bin:/bin")
            .args(["-c", &line])
            .stdin(Stdio::null())
            .output()
            .expect("a shell");
        let code = run.status.code();
        assert!(
            matches!(code, Some(0..=2)),
            "{line}: {code:?} {}",
            said(&run)
        );
        assert!(!said(&run).contains("panicked"), "{line}: {}", said(&run));
    }
}

#[test]
fn an_output_that_takes_nothing_is_told() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    for words in [
        "recommend --vram 24",
        "explain qwen3:8b --vram 24",
        "compare qwen3:8b qwen3:4b --vram 24",
        "models",
        "plan qwen3:8b --vram 24",
        "plan qwen3:8b --vram 24 --emit compose",
        "gpus --vram 24",
        "curves --vram 24",
        "tips --tag qwen3:8b --vram 24",
        "matrix",
        "monitor --once --vram 24",
        "catalog check",
        "schema plan",
        "completions bash",
        "man",
        "--help",
        "--version",
        "help hardware",
        "recommend --vram 24 --json",
    ] {
        let out = fs::File::options()
            .write(true)
            .open(full)
            .expect("a device");
        let run = program(&mut Command::new(env!("CARGO_BIN_EXE_vramfit")))
            .args(words.split(' '))
            .stdin(Stdio::null())
            .stdout(out)
            .output()
            .expect("the program");
        let told = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{words}: {told}");
        assert!(told.contains("No space left"), "{words}: {told}");
    }
}
