//! Signals, links, disks that take nothing, files of others: the terminal and the files stay as they were.

mod inputs;
mod killed;
mod saved;

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use vramfit::app::Exit;

use crate::support::Machine;
use crate::wizard::window::{CTRL_C, DOWN, Window};

fn signal(window: &Window, signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &window.pid().to_string()])
        .status();
    assert!(sent.expect("kill").success());
}

#[test]
fn a_signal_leaves_the_terminal_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["-TERM", "-HUP", "-INT", "-QUIT"] {
        let mut wizard = Window::open(folder.path(), &["wizard", "--catalog", "guide"], &[]);
        wizard
            .until("What is the model mainly for?")
            .until("Esc")
            .settled();
        signal(&wizard, name);
        assert_ne!(wizard.ends(), 0, "{name}");
        wizard.is_restored();
        let mut monitor = Window::open(folder.path(), &["monitor", "--vram", "24"], &[]);
        monitor.until("q quit").settled();
        signal(&monitor, name);
        assert_eq!(monitor.ends(), 0, "{name}");
        monitor.is_restored();
    }
}

#[test]
fn a_stopped_page_gives_the_terminal_back_and_comes_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut monitor = Window::open(folder.path(), &["monitor", "--vram", "24"], &[]);
    for _ in 0..2 {
        monitor.until("q quit").settled();
        signal(&monitor, "-TSTP");
        let began = Instant::now();
        while !stopped(monitor.pid()) {
            assert!(
                began.elapsed() < Duration::from_secs(20),
                "it does not stop"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        monitor.settled();
        monitor.is_restored();
        signal(&monitor, "-CONT");
    }
    monitor.until("q quit").settled();
    monitor.keys("q");
    assert_eq!(monitor.ends(), 0);
    monitor.is_restored();
}

#[test]
fn a_window_of_one_letter_ends_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut wizard = Window::open(folder.path(), &["wizard", "--catalog", "guide"], &[]);
    wizard.until("What is the model mainly for?").settled();
    for (rows, cols) in [(1, 1), (2, 500), (500, 2), (0, 0), (24, 80)] {
        wizard.resize(rows, cols).keys(DOWN).settled();
    }
    wizard.keys(CTRL_C);
    assert_ne!(wizard.ends(), 101, "{}", wizard.text());
    wizard.is_restored();
    let mut monitor = Window::open(folder.path(), &["monitor", "--vram", "24"], &[]);
    monitor.until("q quit").settled();
    for (rows, cols) in [(1, 1), (2, 500), (500, 2), (0, 0), (24, 80)] {
        monitor.resize(rows, cols).keys("p").settled();
    }
    monitor.keys("q");
    assert_eq!(monitor.ends(), 0, "{}", monitor.text());
}

fn stopped(pid: u32) -> bool {
    let status = Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.to_string()])
        .output()
        .expect("ps");
    String::from_utf8_lossy(&status.stdout)
        .trim_start()
        .starts_with('T')
}

#[test]
fn a_corrected_file_has_the_owner_and_the_mode_of_the_old_one() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, mode) in [
        ("secret.sh", 0o600),
        ("start.sh", 0o755),
        ("shared.sh", 0o664),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, "#!/bin/sh\nollama serve --port 11500\n").expect("a file");
        fs::set_permissions(&path, Permissions::from_mode(mode)).expect("a mode");
        // Only a superuser may give files away.
        let given = chown(&path, Some(65534), Some(65534)).is_ok();
        let run = Machine::new().run(&format!("doctor --fix '{}'", path.display()));
        assert_eq!(run.exit, Exit::No, "{}", run.err);
        let fixed =
            fs::metadata(folder.path().join(format!("{name}.fixed"))).expect("a corrected file");
        assert_eq!(fixed.permissions().mode() & 0o7777, mode, "{name}");
        if given {
            assert_eq!((fixed.uid(), fixed.gid()), (65534, 65534), "{name}");
        }
    }
}

/// What a folder holds, and nothing else after a failure.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn files_are_not_written_through_links() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, elsewhere) = (folder.path().join("out"), folder.path().join("elsewhere"));
    fs::create_dir_all(&out).expect("a folder");
    fs::create_dir_all(&elsewhere).expect("a folder");
    symlink(&elsewhere, out.join("systemd")).expect("a link");
    let command = format!(
        "plan qwen3:8b --vram 24 --emit systemd --out '{}' --force",
        out.display()
    );
    let run = Machine::new().run(&command);
    assert_eq!(run.exit, Exit::Failure, "{}", run.out);
    assert!(run.err.contains("symbolic link"), "{}", run.err);
    assert!(names(&elsewhere).is_empty());
    // A file that is a link is replaced, not written through.
    let (out, target) = (folder.path().join("nginx"), folder.path().join("target"));
    fs::create_dir_all(&out).expect("a folder");
    fs::write(&target, "mine").expect("a file");
    symlink(&target, out.join("nginx.conf")).expect("a link");
    let command = format!(
        "plan qwen3:8b --vram 24 --emit nginx --out '{}'",
        out.display()
    );
    assert_eq!(Machine::new().run(&command).exit, Exit::Failure);
    assert_eq!(
        Machine::new().run(&format!("{command} --force")).exit,
        Exit::Yes
    );
    assert_eq!(fs::read_to_string(&target).expect("text"), "mine");
    assert!(
        !fs::symlink_metadata(out.join("nginx.conf"))
            .expect("a file")
            .is_symlink()
    );
    assert_eq!(names(&out), ["nginx.conf"]);
}

#[test]
fn a_disk_that_takes_nothing_is_told() {
    // Nobody may write there, a superuser neither.
    for out in ["/proc/vramfit", "/dev/null/vramfit"] {
        for kind in ["shell", "systemd", "compose", "nginx"] {
            let run = Machine::new().run(&format!(
                "plan qwen3:8b --vram 24 --emit {kind} --out {out}"
            ));
            assert_eq!(run.exit, Exit::Failure, "{}", run.out);
            assert!(run.err.contains(out), "{}", run.err);
        }
    }
    let full = Path::new("/dev/full");
    if full.exists() {
        for words in [["models", "--json"], ["recommend", "--vram=24"]] {
            let status = Command::new(env!("CARGO_BIN_EXE_vramfit"))
                .args(words)
                .env_clear()
                .env("VRAMFIT_NVML", "/nonexistent")
                .env("VRAMFIT_ROOT", "/nonexistent")
                .env("OLLAMA_HOST", "127.0.0.1:9")
                .stdout(File::create(full).expect("a device"))
                .output()
                .expect("the program");
            assert_eq!(status.status.code(), Some(2), "{words:?}");
            assert!(!status.stderr.is_empty());
        }
    }
}

#[test]
fn two_who_save_at_once_leave_a_file_that_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out");
    let command = |_: usize| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vramfit"));
        command
            .args([
                "plan", "qwen3:8b", "--vram", "24", "--emit", "compose", "--force", "--out",
            ])
            .arg(&path);
        command
            .env_clear()
            .env("VRAMFIT_NVML", "/nonexistent")
            .env("VRAMFIT_ROOT", "/nonexistent")
            .env("OLLAMA_HOST", "127.0.0.1:9");
        command
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the program")
    };
    for mut child in (0..6).map(command).collect::<Vec<_>>() {
        child.wait().expect("a child");
    }
    let alone = Machine::new().run("plan qwen3:8b --vram 24 --emit compose --out -");
    let text = fs::read_to_string(path.join("compose.yaml")).expect("a file");
    assert!(alone.out.ends_with(&text), "{text}");
    assert_eq!(names(&path), ["compose.yaml"]);
}
