//! `vramfit doctor`: what is wrong with files that start Ollama, or with this machine.

mod cards;
mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::DoctorArgs;
use super::detect;
use super::reporting::{self, Answer};
use super::session::Session;
use super::write::write_as;
use crate::artifact::File;
use crate::error::Error;
use crate::inventory::{Inventory, NoteCode};
use crate::lint::machine::{self, Card, Machine};
use crate::lint::{self, Cards, Diagnosis, LintContext, Source};
use crate::ollama::Timeouts;
use crate::render;
use crate::report::{Doctor, DoctorFinding, Unchecked};
use cards::Here;
use files::{Folder, read};

/// What stands for a file where the machine itself is judged.
const ENVIRONMENT: &str = "environment";
/// How long a driver may take where files are judged: most is said of them without it. Cards of a machine that has just been
/// started take some seconds.
const FOR_FILES: Duration = Duration::from_secs(10);

pub(super) fn run(session: &Session, args: &DoctorArgs) -> Result<Answer, Error> {
    let (inventory, silent) = seen(session, args)?;
    let here = Here::new(session, &inventory)?;
    let context = LintContext {
        catalog: &session.catalog,
        cards: here.as_ref().map(|here| here as &dyn Cards),
        files: None,
    };
    let mut report = Doctor {
        schema: "vramfit.doctor/1",
        files: Vec::new(),
        findings: Vec::new(),
        unchecked: match (silent, &here) {
            (true, _) => vec![Unchecked::Driver],
            (false, None) => vec![Unchecked::Gpus],
            (false, Some(_)) => Vec::new(),
        },
        written: Vec::new(),
    };
    if args.files.is_empty() {
        let machine = machine(session, &inventory, silent);
        check_machine(session, &machine, context, &mut report);
    }
    // Everything is read before anything is written.
    let (mut corrected, mut like) = (Vec::new(), BTreeMap::new());
    let mut texts = Vec::new();
    for file in &args.files {
        let (text, found) = read(file)?;
        texts.push((file, file.display().to_string(), text, found));
    }
    let folders: Vec<Folder> = args.files.iter().map(|file| Folder::new(file)).collect();
    let sources = texts
        .iter()
        .zip(&folders)
        .map(|((_, name, text, _), folder)| Source {
            name,
            text,
            context: LintContext {
                files: Some(folder),
                ..context
            },
        });
    let sources: Vec<Source<'_>> = sources.collect();
    let judged = lint::lint_all(&sources);
    drop(sources);
    for ((file, name, _, found), diagnosis) in texts.into_iter().zip(judged) {
        let Some(diagnosis) = diagnosis else {
            return Err(Error::NotChecked { path: file.clone() });
        };
        let Diagnosis {
            findings,
            corrected: text,
            ..
        } = diagnosis;
        add(&mut report, &name, findings);
        report.files.push(name);
        let again = corrected
            .iter()
            .any(|other: &File| other.path == fixed_path(file));
        if let Some(text) = text.filter(|_| !again) {
            like.insert(fixed_path(file), found);
            corrected.push(File {
                path: fixed_path(file),
                executable: false,
                text,
            });
        }
    }
    if args.fix {
        let targets = write_as(Path::new(""), &corrected, args.force, &like)?;
        let paths = targets.iter().map(|path| path.display().to_string());
        report.written = paths.collect();
    }
    let faultless = render::doctor::faults(&report) == 0;
    reporting::answer(
        session,
        &report,
        |view| render::doctor::page(&report, view),
        faultless,
    )
}

/// What is here, and whether the driver was silent: then as much as is known without it.
fn seen(session: &Session, args: &DoctorArgs) -> Result<(Inventory, bool), Error> {
    let patience = match args.files.is_empty() {
        true => detect::PATIENCE,
        false => FOR_FILES,
    };
    let answered = detect::inventory_within(session, patience)?;
    let silent = answered.is_none();
    let inventory = answered.unwrap_or_else(|| detect::sources(session).without_driver());
    Ok((inventory, silent))
}

/// Judges this machine, and tells what of its server cannot be seen.
fn check_machine(
    session: &Session,
    machine: &Machine,
    context: LintContext<'_>,
    report: &mut Doctor,
) {
    report.files.push(ENVIRONMENT.to_owned());
    let server = session.server(Timeouts::BRIEF);
    let answers = server.is_ok_and(|server| server.version().is_ok());
    report.unchecked.push(match answers {
        true => Unchecked::ServerVariables,
        false => Unchecked::Server,
    });
    add(report, ENVIRONMENT, machine::lint(machine, context));
}

fn add(report: &mut Doctor, file: &str, findings: Vec<lint::Finding>) {
    report
        .findings
        .extend(findings.into_iter().map(|finding| DoctorFinding {
            severity: finding.problem.severity(),
            file: file.to_owned(),
            finding,
        }));
}

/// Path of a corrected file: `FILE.fixed`.
fn fixed_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".fixed");
    name.into()
}

/// The machine as it is now.
fn machine(session: &Session, inventory: &Inventory, silent: bool) -> Machine {
    let unusable = inventory
        .notes
        .iter()
        .filter(|note| {
            matches!(
                note.code,
                NoteCode::DriverNotLoaded | NoteCode::DriverMismatch | NoteCode::NvmlFailed
            )
        })
        .filter_map(|note| {
            serde_json::to_value(note.code)
                .ok()?
                .as_str()
                .map(str::to_owned)
        });
    let cards = inventory.hosts.iter().flat_map(|host| &host.gpus);
    Machine {
        variables: session
            .environment
            .all()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        driver: inventory.driver.clone(),
        cards: cards
            .map(|gpu| Card {
                gpu: gpu.index,
                name: gpu.name.clone(),
                compute_capability: gpu.compute_capability,
                free: gpu.free(),
            })
            .collect(),
        // A driver that says nothing cannot be used either.
        unusable: unusable
            .chain(silent.then(|| "driver-silent".to_owned()))
            .collect(),
    }
}
