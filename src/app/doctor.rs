//! `vramfit doctor`: what is wrong with files that start Ollama, or with this machine.

mod cards;
mod files;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::args::DoctorArgs;
use super::reporting::{self, Answer};
use super::session::Session;
use super::write::write_as;
use crate::artifact::File;
use crate::error::Error;
use crate::inventory::NoteCode;
use crate::lint::machine::{self, Card, Machine};
use crate::lint::{self, Cards, Diagnosis, LintContext, Source};
use crate::ollama::Timeouts;
use crate::render;
use crate::report::{Doctor, DoctorFinding, Unchecked};
use cards::Here;
use files::{Beside, read};

/// What stands for a file where the machine itself is judged.
const ENVIRONMENT: &str = "environment";

pub(super) fn run(session: &Session, args: &DoctorArgs) -> Result<Answer, Error> {
    let here = Here::find(session)?;
    let bench = LintContext {
        catalog: &session.catalog,
        cards: here.as_ref().map(|here| here as &dyn Cards),
        files: None,
    };
    let mut report = Doctor {
        schema: "vramfit.doctor/1",
        files: Vec::new(),
        findings: Vec::new(),
        unchecked: here
            .is_none()
            .then_some(Unchecked::Gpus)
            .into_iter()
            .collect(),
        written: Vec::new(),
    };
    if args.files.is_empty() {
        check_machine(session, bench, &mut report)?;
    }
    // Everything is read before anything is written.
    let (mut corrected, mut like) = (Vec::new(), BTreeMap::new());
    let mut texts = Vec::new();
    for file in &args.files {
        let (text, found) = read(file)?;
        texts.push((file, file.display().to_string(), text, found));
    }
    let folders: Vec<Beside> = args.files.iter().map(|file| Beside::new(file)).collect();
    let sources = texts
        .iter()
        .zip(&folders)
        .map(|((_, name, text, _), folder)| Source {
            name,
            text,
            context: LintContext {
                files: Some(folder),
                ..bench
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

/// Judges this machine, and tells what of its server cannot be seen.
fn check_machine(
    session: &Session,
    context: LintContext<'_>,
    report: &mut Doctor,
) -> Result<(), Error> {
    report.files.push(ENVIRONMENT.to_owned());
    let server = session.server(Timeouts::BRIEF);
    let answers = server.is_ok_and(|server| server.version().is_ok());
    report.unchecked.push(match answers {
        true => Unchecked::ServerVariables,
        false => Unchecked::Server,
    });
    let findings = machine::lint(&machine(session)?, context);
    add(report, ENVIRONMENT, findings);
    Ok(())
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
fn machine(session: &Session) -> Result<Machine, Error> {
    let inventory = super::detect::inventory(session)?;
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
    Ok(Machine {
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
        unusable: unusable.collect(),
    })
}
