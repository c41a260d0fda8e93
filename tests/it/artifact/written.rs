//! `--emit`, `--out` and `--force`: files are written whole or not at all, and never over others by accident.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use vramfit::app::Exit;

use crate::support::{Machine, Run};

fn run(command: &str) -> Run {
    Machine::new().run(&format!("recommend --gpu 'RTX 3090' {command}"))
}

fn out(kinds: &str, folder: &Path, more: &str) -> Run {
    run(&format!("{kinds} --out '{}' {more}", folder.display()))
}

/// Everything below a folder, hidden files too.
fn all(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            found.extend(all(&path).iter().map(|inner| format!("{name}/{inner}")));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}

#[test]
fn one_file_goes_to_standard_output() {
    let modelfile = run("--emit modelfile");
    assert_eq!(modelfile.exit, Exit::Yes, "{}", modelfile.err);
    assert!(modelfile.out.contains("\nFROM "), "{}", modelfile.out);
    assert!(
        modelfile.out.contains("\nPARAMETER num_ctx 8192\n"),
        "{}",
        modelfile.out
    );

    let several = run("--emit shell");
    assert_eq!(several.exit, Exit::Failure);
    assert!(
        several.out.is_empty() && several.err.contains("--out"),
        "{}",
        several.err
    );

    let joined = run("--emit nginx --emit shell --out -");
    assert_eq!(joined.exit, Exit::Yes, "{}", joined.err);
    for name in [
        "start.sh",
        "preload.sh",
        "status.sh",
        "stop.sh",
        "nginx.conf",
    ] {
        assert!(joined.out.contains(&format!("==> {name} <==\n")), "{name}");
    }
}

#[test]
fn what_does_not_fit_is_not_emitted() {
    let run = Machine::new().run("recommend --vram 512MiB --emit modelfile");
    assert_eq!(run.exit, Exit::No);
    assert!(!run.out.contains("FROM"), "{}", run.out);
}

#[test]
fn files_are_written_together_and_replaced_only_by_force() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("new/place");
    let kinds = "--emit shell --emit systemd --emit nginx";
    let first = out(kinds, &to, "");
    assert_eq!(first.exit, Exit::Yes, "{}", first.err);
    let names = all(&to);
    assert_eq!(first.out.lines().count(), names.len(), "{names:?}");
    for name in &names {
        assert!(
            first.out.contains(&to.join(name).display().to_string()),
            "{name}"
        );
        let mode = std::fs::metadata(to.join(name))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o100 != 0, name.ends_with(".sh"), "{name}");
    }
    assert!(
        names.contains(&"systemd/ollama@.service".to_owned()),
        "{names:?}"
    );

    // One of them is there: none is written, and that one stays.
    for name in names.iter().filter(|name| *name != "stop.sh") {
        std::fs::remove_file(to.join(name)).expect("removed");
    }
    std::fs::write(to.join("stop.sh"), "mine").expect("written");
    let again = out(kinds, &to, "");
    assert_eq!(again.exit, Exit::Failure);
    assert!(
        again.out.is_empty() && again.err.contains("stop.sh"),
        "{}",
        again.err
    );
    assert_eq!(all(&to), ["stop.sh"]);
    assert_eq!(
        std::fs::read_to_string(to.join("stop.sh")).expect("text"),
        "mine"
    );

    let forced = out(kinds, &to, "--force");
    assert_eq!(forced.exit, Exit::Yes, "{}", forced.err);
    assert_eq!(all(&to), names);
    assert_ne!(
        std::fs::read_to_string(to.join("stop.sh")).expect("text"),
        "mine"
    );
}

#[test]
fn nothing_is_left_where_nothing_can_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, link) = (folder.path().join("file"), folder.path().join("stop.sh"));
    std::fs::write(&file, "mine").expect("written");
    let below_a_file = out("--emit shell", &file, "");
    assert_eq!(below_a_file.exit, Exit::Failure);
    assert!(!below_a_file.err.is_empty());
    // A link to nowhere is there as well.
    std::os::unix::fs::symlink("nowhere", &link).expect("a link");
    assert_eq!(out("--emit shell", folder.path(), "").exit, Exit::Failure);
    // A folder is never replaced.
    std::fs::create_dir(folder.path().join("nginx.conf")).expect("a folder");
    assert_eq!(
        out("--emit nginx", folder.path(), "--force").exit,
        Exit::Failure
    );
    assert_eq!(all(folder.path()), ["file", "stop.sh"]);
}

#[test]
fn where_files_go_needs_files() {
    for command in [
        "--out /tmp",
        "--force",
        "--emit nothing",
        "--emit shell --force",
    ] {
        let run = run(command);
        assert_eq!(run.exit, Exit::Failure, "{command}");
        assert!(run.out.is_empty(), "{command}");
    }
}

fn plan(command: &str) -> Run {
    Machine::new().run(&format!("plan {command}"))
}

#[test]
fn a_plan_goes_to_a_folder_and_is_shown_beside() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().join("lab");
    let command = format!(
        "qwen3:30b llama3:70b --gpu 'RTX 3090 x2' --emit shell --emit nginx --out '{}'",
        to.display()
    );
    let first = plan(&command);
    // One of them finds no place: the rest is there all the same.
    assert_eq!(first.exit, Exit::No, "{}", first.err);
    assert_eq!(
        all(&to),
        [
            "nginx.conf",
            "preload.sh",
            "start.sh",
            "status.sh",
            "stop.sh"
        ]
    );
    for name in all(&to) {
        let path = to.join(name).display().to_string();
        assert!(first.out.contains(&path), "{}", first.out);
    }
    assert!(first.out.contains("llama3:70b"), "{}", first.out);
    let again = plan(&command);
    assert_eq!(again.exit, Exit::Failure);
    assert!(again.err.contains("--force"), "{}", again.err);
    let forced = plan(&format!("{command} --force --json"));
    assert_eq!(forced.exit, Exit::No, "{}", forced.err);
    let forced = forced.json();
    let listed = forced["files"].as_array().expect("a list");
    assert_eq!(listed.len(), 5);
    assert!(listed.iter().all(|file| file["text"].is_null()));
}

/// Both kinds give a Mac the same scripts.
#[test]
fn machines_of_several_makers_get_what_each_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let fleet = folder.path().join("fleet.toml");
    let text = "[[host]]\nname = \"linux1\"\ngpus = [\"RTX 3090\"]\n\
                [[host]]\nname = \"mac1\"\ngpus = [\"M4 Max 64GB\"]\n";
    std::fs::write(&fleet, text).expect("written");
    let out = folder.path().join("out");
    let run = plan(&format!(
        "'qwen3:8b*2' --apart host --fleet '{}' --emit systemd --emit compose --out '{}'",
        fleet.display(),
        out.display()
    ));
    assert_eq!(run.exit, Exit::Yes, "{}", run.err);
    let written = all(&out);
    let of = |host: &str| {
        let begin = format!("{host}/");
        let names = written.iter().filter_map(|name| name.strip_prefix(&begin));
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        of("mac1"),
        ["preload.sh", "start.sh", "status.sh", "stop.sh"]
    );
    assert!(
        of("linux1").contains(&"compose.yaml".to_owned()),
        "{written:?}"
    );
}

#[test]
fn files_on_standard_output_are_alone_there() {
    let run = plan("qwen3:30b llama3:70b --gpu 'RTX 3090 x2' --emit compose");
    assert_eq!(run.exit, Exit::No);
    assert!(run.out.starts_with("# Ollama servers"), "{}", run.out);
    assert!(!run.out.contains("llama3"), "{}", run.out);
    assert!(run.err.contains("llama3:70b"), "{}", run.err);
    let replaced = plan("qwen2:14b --gpu 'RTX 3090' --emit modelfile");
    assert_eq!(replaced.exit, Exit::Yes);
    assert!(
        replaced.out.contains("FROM qwen2.5:14b\n"),
        "{}",
        replaced.out
    );
    assert!(replaced.err.contains("qwen2:14b"), "{}", replaced.err);
    let joined = plan("qwen3:8b --gpu 'RTX 3090' --emit shell --emit k8s --out -");
    assert!(
        joined.out.contains("==> kubernetes.yaml <==\n"),
        "{}",
        joined.out
    );
}

#[test]
fn a_plan_that_starts_nothing_is_an_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().display();
    let nothing = plan(&format!(
        "llama3:70b --gpu 'RTX 3090' --emit shell --out '{to}'"
    ));
    assert_eq!(nothing.exit, Exit::No, "{}", nothing.err);
    assert!(nothing.out.contains("llama3:70b"), "{}", nothing.out);
    assert!(all(folder.path()).is_empty());
    // Kubernetes serves it over several machines, where there are enough.
    let few = plan("llama3:70b --gpu 'RTX 3090' --emit k8s");
    assert_eq!(few.exit, Exit::No);
    let told = few.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let over = "vLLM would serve meta-llama/Meta-Llama-3-70B-Instruct over";
    assert!(told.contains(over), "{told}");
    let racks = folder.path().join("fleet.toml");
    let host = |at: u32| format!("[[host]]\nname = \"h{at}\"\ngpus = [\"RTX 3090\"]\n");
    std::fs::write(&racks, (0..16).map(host).collect::<String>()).expect("a file");
    let racks = racks.display();
    let several = plan(&format!(
        "llama3:70b --fleet '{racks}' --emit shell --emit k8s --out '{to}/files'"
    ));
    assert_eq!(several.exit, Exit::No, "{}", several.err);
    assert_eq!(all(&folder.path().join("files")), ["kubernetes.yaml"]);
    let shorter = plan(&format!("llama3:70b@4k --fleet '{racks}' --emit k8s"));
    assert!(
        shorter
            .out
            .contains("--max-model-len\n                4096\n"),
        "{}",
        shorter.out
    );
}
