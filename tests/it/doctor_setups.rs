//! `doctor` on set-ups as people have them: what is wrong is found, what is right is left alone, and a correction changes nothing else.
//!
//! `expected.txt` was written before the program saw them: `FILE:LINE CODE`, and nothing for a file that is right.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vramfit::embedded;
use vramfit::lint::{Diagnosis, Files, LintContext, lint};

use crate::artifact::tools::{said, tool};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/doctor/setups")
}

/// The files beside a file.
struct FolderFiles(PathBuf);

impl Files for FolderFiles {
    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.0.join(path)).ok()
    }
}

/// A file of a set-up.
struct SetUp {
    /// Its path below the folder of all of them.
    name: String,
    path: PathBuf,
    text: String,
    diagnosis: Diagnosis,
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => below(&path, files),
            false => files.push(path),
        }
    }
}

fn set_ups() -> Vec<SetUp> {
    let catalog = embedded::catalog().expect("the catalog");
    let root = folder();
    let mut paths = Vec::new();
    below(&root, &mut paths);
    paths.retain(|path| path.parent() != Some(&root));
    paths.sort();
    let judge = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("below").to_str();
        let name = name.expect("UTF-8").to_owned();
        let text = fs::read_to_string(&path).expect("text");
        let beside = FolderFiles(path.parent().expect("a folder").to_owned());
        let context = LintContext {
            catalog: &catalog,
            cards: None,
            files: Some(&beside),
        };
        let diagnosis = lint(&name, &text, context).unwrap_or_else(|| panic!("{name}"));
        SetUp {
            name,
            path,
            text,
            diagnosis,
        }
    };
    paths.into_iter().map(judge).collect()
}

#[test]
fn what_an_engineer_would_say_is_said_and_nothing_else() {
    let expected = fs::read_to_string(folder().join("expected.txt")).expect("text");
    let mut expected: Vec<String> = expected.lines().map(str::to_owned).collect();
    let mut found: Vec<String> = set_ups()
        .iter()
        .flat_map(|set_up| {
            let findings = set_up.diagnosis.findings.iter();
            findings.map(|one| format!("{}:{} {}", set_up.name, one.line, one.problem.code()))
        })
        .collect();
    expected.sort();
    found.sort();
    let only = |these: &[String], those: &[String]| -> Vec<String> {
        let apart = these.iter().filter(|one| !those.contains(one));
        apart.cloned().collect()
    };
    let (missed, wrongly) = (only(&expected, &found), only(&found, &expected));
    assert!(
        missed.is_empty() && wrongly.is_empty(),
        "missed {missed:#?}, wrongly {wrongly:#?}"
    );
    assert_eq!(expected, found);
}

#[test]
fn corrections_change_these_lines() {
    let mut shown = String::new();
    for set_up in set_ups() {
        let Some(new) = set_up.diagnosis.corrected else {
            continue;
        };
        shown += &format!("==> {} <==\n", set_up.name);
        let (old, new): (Vec<_>, Vec<_>) = (set_up.text.lines().collect(), new.lines().collect());
        let gone = old.iter().filter(|line| !new.contains(line));
        let more = new.iter().filter(|line| !old.contains(line));
        shown.extend(gone.map(|line| format!("-{line}\n")));
        shown.extend(more.map(|line| format!("+{line}\n")));
    }
    insta::assert_snapshot!("doctor_setups_corrected", shown);
}

/// What a tool says of a text: whether it takes it, and its complaints.
type Verdict = (bool, Vec<String>);

/// Asks a tool about the old and the new text of a set-up, laid out in a folder of its own.
fn verdicts(set_up: &SetUp, ask: &dyn Fn(&Path) -> Verdict) -> Option<[Verdict; 2]> {
    let new = set_up.diagnosis.corrected.as_ref()?;
    let of = |text: &String| {
        let scratch = tempfile::tempdir().expect("a folder");
        let at = set_up.path.parent().expect("a folder");
        for entry in fs::read_dir(at).expect("a folder") {
            let other = entry.expect("an entry").path();
            if other.is_file() {
                let name = other.file_name().expect("a name");
                fs::copy(&other, scratch.path().join(name)).expect("a copy");
            }
        }
        let name = set_up.path.file_name().expect("a name");
        let path = scratch.path().join(name);
        fs::write(&path, text).expect("text");
        ask(&path)
    };
    Some([of(&set_up.text), of(new)])
}

/// Each corrected file of some kinds is taken as before, with no complaint that was not there.
fn accepted(ends: &[&str], ask: &dyn Fn(&Path) -> Verdict) {
    let mut asked = 0;
    for set_up in set_ups() {
        if !ends.iter().any(|end| set_up.name.ends_with(end)) {
            continue;
        }
        if let Some([old, new]) = verdicts(&set_up, ask) {
            asked += 1;
            assert!(new.0 >= old.0, "{}: {:#?}", set_up.name, new.1);
            let more = new.1.iter().filter(|line| !old.1.contains(line));
            assert_eq!(more.count(), 0, "{}: {old:#?} {new:#?}", set_up.name);
        }
    }
    assert!(asked > 0, "{ends:?}");
}

/// Runs a tool; what it says without places, which corrections move.
fn run(command: &mut Command, path: &Path) -> Verdict {
    let output = command.output().expect("a program");
    let at = path.parent().expect("a folder").display().to_string();
    let plain = |line: &str| -> String {
        let line = line.replace(&at, "");
        line.chars().filter(|c| !c.is_ascii_digit()).collect()
    };
    (
        output.status.success(),
        said(&output).lines().map(plain).collect(),
    )
}

#[test]
fn bash_takes_corrected_scripts() {
    let Some(bash) = tool("bash") else { return };
    accepted(&[".sh", "rc"], &|path| {
        run(Command::new(&bash).arg("-n").arg(path), path)
    });
}

#[test]
fn systemd_takes_corrected_units() {
    let Some(analyze) = tool("systemd-analyze") else {
        return;
    };
    accepted(&[".service", ".conf"], &|path| {
        let text = fs::read_to_string(path).expect("text");
        let mut text = text;
        for program in ["/usr/local/bin/ollama", "/usr/bin/ollama", "/usr/bin/curl"] {
            text = text.replace(program, "/bin/true");
        }
        let name = path.file_name().expect("a name").to_str().expect("UTF-8");
        let at = path.parent().expect("a folder");
        let unit = match name.ends_with(".conf") && text.contains("[Service]") {
            true => {
                let drop_ins = at.join("stand-in.service.d");
                fs::create_dir(&drop_ins).expect("a folder");
                fs::write(drop_ins.join(name), text).expect("a drop-in");
                let unit = at.join("stand-in.service");
                fs::write(&unit, "[Service]\nExecStart=/bin/true\n").expect("a unit");
                unit
            }
            false if name.ends_with(".service") => {
                let unit = at.join(name.replace('@', "-"));
                fs::write(&unit, text).expect("a unit");
                unit
            }
            // nginx has its own test.
            false => return (true, Vec::new()),
        };
        run(Command::new(&analyze).arg("verify").arg(unit), path)
    });
}

#[test]
fn nginx_takes_corrected_gateways() {
    let Some(nginx) = tool("nginx") else { return };
    accepted(&["gateway.conf", "ollama.conf", "nginx.conf"], &|path| {
        let at = path.parent().expect("a folder").display();
        let name = path.file_name().expect("a name").to_str().expect("UTF-8");
        let places: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {at}/{kind}; "))
            .concat();
        let main = format!(
            "pid {at}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{ access_log off; {places}include {at}/{name}; }}\n"
        );
        let whole = path.with_file_name("main.conf");
        fs::write(&whole, main).expect("a configuration");
        let mut command = Command::new(&nginx);
        command.args(["-q", "-t", "-e", "stderr", "-c"]).arg(whole);
        run(&mut command, path)
    });
}

#[test]
fn compose_takes_corrected_files() {
    let Some(compose) = tool("docker-compose") else {
        return;
    };
    let compose_files = ["compose.yaml", "compose.yml", "docker-compose.yml"];
    accepted(&compose_files, &|path| {
        let mut command = Command::new(&compose);
        command.arg("-f").arg(path).args(["config", "-q"]);
        run(&mut command, path)
    });
}
