//! The hardware that is found, and the hardware that people describe.

mod fleet;
mod lines;
mod lying;
mod measured;
mod names;
#[cfg(unix)]
pub(crate) mod nvml;
mod offers;
mod programs;
mod simulated;
mod smi;
mod sysfs;

use std::path::Path;

use vramfit::app::Exit;

use crate::support::Machine;

/// Writes a file and the folders above it.
fn put(root: &Path, file: &str, text: &str) {
    let path = root.join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(path, text).expect("a file");
}

#[test]
fn without_any_gpu_the_answer_says_so_and_how_to_simulate_one() {
    for (lang, nothing) in [("en", "No GPU found"), ("zh", "没有检测到显卡")] {
        for format in ["table", "markdown"] {
            let run = Machine::new().run(&format!("gpus --lang {lang} --format {format}"));
            assert_eq!(run.exit, Exit::Yes, "{}", run.err);
            assert!(run.out.contains(nothing), "{}", run.out);
            assert!(run.out.contains("--gpu 'RTX 3090'"), "{}", run.out);
        }
    }
    let report = Machine::new().run("gpus --json").json();
    assert_eq!(report["origin"], "none");
    let codes: Vec<&str> = report["notes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|note| note["code"].as_str().expect("a code"))
        .collect();
    assert_eq!(codes, ["host-memory-unknown", "nvml-not-found"]);
}
