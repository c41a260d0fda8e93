//! A machine of stand-ins: programs in a folder of its own that keep what runs as files and write down what they start and stop.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::tools::said;

pub(super) struct StandIn {
    folder: tempfile::TempDir,
}

impl StandIn {
    /// With these folders, and these programs by name.
    pub(super) fn new(folders: &[&str], programs: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let machine = Self { folder };
        for part in ["bin", "home", "record"].iter().chain(folders) {
            fs::create_dir_all(machine.at(part)).expect("a folder");
        }
        for (name, text) in programs {
            let path = machine.at("bin").join(name);
            fs::write(&path, text).expect("a program");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("mode");
        }
        machine
    }

    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Runs a program of the machine: its exit code, and what it said.
    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let path = format!("{}:/usr/bin:/bin", self.at("bin").display());
        let output = Command::new(self.at(program))
            .args(arguments)
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.at("home"))
            .env("RECORD", self.at("record"))
            .env("VRAMFIT_ROOT", self.at("root"))
            .env("VRAMFIT_LOAD_SECONDS", "4")
            .stdin(Stdio::null())
            .output()
            .expect("a program");
        (output.status.code(), said(&output))
    }

    /// What was started and stopped since the last time.
    pub(super) fn log(&self) -> Vec<String> {
        let path = self.at("record/log");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        text.lines().map(str::to_owned).collect()
    }
}
