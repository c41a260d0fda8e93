//! The tools that read what is emitted: each is asked where it is installed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use vramfit::artifact::File;

/// A tool of this machine. Where it is missing the check is skipped, or fails if `VRAMFIT_REQUIRE_TOOLS` says so.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        skipped(name);
    }
    found
}

/// One that not every distribution has yet: where it is missing the check is skipped, whatever is required.
pub(crate) fn new_tool(name: &str) -> Option<PathBuf> {
    let found = find(name);
    if found.is_none() {
        say_skipped(name);
    }
    found
}

fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers such as nginx lie where an ordinary user does not look, and Podman's generator of units beside its other programs.
    let others = ["/usr/sbin", "/sbin", "/usr/libexec/podman"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(others)
        .map(|place| place.join(name))
        .find(|file| file.is_file())
}

/// Says so, or fails.
pub(crate) fn skipped(name: &str) {
    let required = std::env::var("VRAMFIT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(!required, "{name} is not installed");
    say_skipped(name);
}

fn say_skipped(name: &str) {
    let _ = writeln!(
        std::io::stderr(),
        "skipped: {name} is not installed, so nothing was checked with it"
    );
}

/// Writes files below a folder, as `--out` does.
pub(crate) fn unpack(folder: &Path, files: &[File]) {
    use std::os::unix::fs::PermissionsExt;
    for file in files {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
        std::fs::write(&path, &file.text).expect("file");
        if file.executable {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("mode");
        }
    }
}

/// Runs a command and returns what it says; panics with it unless it succeeds.
pub(crate) fn accepts(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().expect("a program");
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    said(&output)
}

/// Both streams.
pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What a Python program that needs `module` says about `input`; `None` where either is missing.
pub(crate) fn python(module: &str, program: &str, input: &[u8]) -> Option<Vec<u8>> {
    let python = tool("python3")?;
    let has_module = Command::new(&python)
        .args(["-c", &format!("import {module}")])
        .stderr(Stdio::null())
        .status();
    if !has_module.is_ok_and(|status| status.success()) {
        skipped(module);
        return None;
    }
    let mut child = Command::new(python)
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python");
    let mut pipe = child.stdin.take().expect("a pipe");
    pipe.write_all(input).expect("written");
    drop(pipe);
    let output = child.wait_with_output().expect("python");
    assert!(output.status.success(), "{}", said(&output));
    Some(output.stdout)
}

/// The documents of a YAML text, read by PyYAML.
pub(crate) fn yaml(text: &str) -> Option<Vec<Value>> {
    let program =
        "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)";
    let read = python("yaml", program, text.as_bytes())?;
    Some(serde_json::from_slice(&read).expect("JSON"))
}
