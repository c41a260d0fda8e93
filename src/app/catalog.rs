//! `vramfit catalog` (`import` apart), `completions` and `man`: what the program knows of its data and of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap_complete::Shell;

use super::args::CatalogCommand;
use super::clock::Day;
use super::config::Config;
use super::explain::keys;
use super::reporting::{self, Answer};
use super::session::Session;
use crate::catalog::Catalog;
use crate::catalog::facts::FactKind;
use crate::embedded;
use crate::error::Error;
use crate::messages;
use crate::regular_file::{DATA, read_text};
use crate::render;
use crate::report::{CatalogReport, FactReport, FileCounts};
use crate::sanitize::sanitize;

pub(super) fn run(session: &Session, command: Option<&CatalogCommand>) -> Result<Answer, Error> {
    let Some(command) = command else {
        return Ok(overview(session));
    };
    match command {
        CatalogCommand::Check { files } => check(session, files),
        CatalogCommand::Show { tag } => show(session, tag),
        CatalogCommand::Path => Ok(path(session)),
        CatalogCommand::Import(args) => super::import::run(session, args),
    }
}

/// What the catalog holds, and how old it is.
fn overview(session: &Session) -> Answer {
    let report = report(session);
    reporting::of(
        session,
        &report,
        |view| render::catalog::page(&report, view),
        true,
    )
}

fn report(session: &Session) -> CatalogReport {
    let catalog = &session.catalog;
    let count = |names: Vec<&str>| names.into_iter().collect::<BTreeSet<_>>().len();
    let mut files = FileCounts::default();
    for entry in catalog.entries() {
        files.total += 1;
        match entry.variant.weights {
            Some(_) => {
                *files
                    .by_basis
                    .entry(entry.variant.weights_basis)
                    .or_default() += 1;
            }
            None => files.unknown += 1,
        }
    }
    let today = Day::today(&session.environment);
    let facts = catalog.knowledge.facts.iter().map(|fact| FactReport {
        kind: fact.kind,
        collected: fact.collected.clone(),
        age_days: today
            .zip(Day::parse(&fact.collected))
            .map(|(today, day)| today.since(day)),
        newest: newest(catalog, fact.kind),
        what: fact.what.clone(),
        source: fact.source.clone(),
    });
    CatalogReport {
        schema: "vramfit.catalog/1",
        version: env!("CARGO_PKG_VERSION"),
        catalog: session.catalog_name.clone(),
        models: catalog.models.len(),
        models_with_shape: catalog
            .models
            .iter()
            .filter(|model| model.architecture.is_some())
            .count(),
        families: count(catalog.models.iter().map(|model| model.family()).collect()),
        series: count(
            catalog
                .models
                .iter()
                .map(|model| model.series.as_str())
                .collect(),
        ),
        shapes: catalog.architectures.len(),
        gpus: catalog.gpus.len(),
        files,
        today: today.map(Day::iso),
        facts: facts.collect(),
    }
}

/// The newest date of an entry. `2026-06` stands before the days of that month.
fn newest(catalog: &Catalog, kind: FactKind) -> Option<String> {
    match kind {
        FactKind::Models => catalog
            .models
            .iter()
            .flat_map(|model| [&model.released, &model.updated])
            .flatten()
            .max()
            .cloned(),
        FactKind::Gpus => catalog
            .gpus
            .iter()
            .filter_map(|gpu| gpu.released.clone())
            .max(),
        // Measurements and scores carry no dates.
        FactKind::Speed | FactKind::Quality => None,
    }
}

/// Reads the named files on top of the embedded catalog; all defects are the answer.
fn check(session: &Session, files: &[PathBuf]) -> Result<Answer, Error> {
    let mut catalog = embedded::catalog()?;
    let texts = files
        .iter()
        .map(|path| Ok((path.display().to_string(), read_text(path, DATA)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    if let Err(defects) = catalog.overlay(
        texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    ) {
        let mut output: String = defects
            .iter()
            .map(|defect| messages::defect::defect(session.lang, defect) + "\n")
            .collect();
        output += &messages::catalog::defects(session.lang, defects.len());
        return Ok(Answer {
            output: output + "\n",
            yes: false,
        });
    }
    let variants = catalog
        .models
        .iter()
        .map(|model| model.variants.len())
        .sum();
    let fine = messages::catalog::no_defects(
        session.lang,
        catalog.models.len(),
        variants,
        catalog.gpus.len(),
    );
    Ok(Answer {
        output: fine + "\n",
        yes: true,
    })
}

/// One model's data, sources and all.
fn show(session: &Session, tag: &str) -> Result<Answer, Error> {
    let entry = session.entry(tag)?;
    let architecture = session.catalog.architecture(entry.model);
    let keys = architecture.map(|known| keys(&known.shape));
    let files = entry.model.variants.iter();
    let files: BTreeMap<&str, &[String]> = files
        .map(|variant| (variant.tag.as_str(), variant.source.as_slice()))
        .collect();
    let shown = serde_json::json!({
        "model": entry.model,
        "architecture": architecture,
        "sources": {
            "model": entry.model.source,
            "architecture": architecture.map(|known| &known.source),
            "files": files,
        },
    });
    Ok(reporting::of(
        session,
        &shown,
        |view| render::catalog::model(entry.model, architecture, keys.as_ref(), view),
        true,
    ))
}

fn path(session: &Session) -> Answer {
    let paths = [
        session.overlay_directory(),
        Config::path(session.global.config.as_deref(), &session.environment),
    ];
    let lines: String = paths
        .into_iter()
        .flatten()
        .map(|path| format!("{}\n", sanitize(&path.display().to_string())))
        .collect();
    Answer {
        output: lines,
        yes: true,
    }
}

/// Completions for a shell.
pub(super) fn completions(mut command: clap::Command, shell: &str) -> Answer {
    let mut output = Vec::new();
    if let Ok(shell) = shell.parse::<Shell>() {
        clap_complete::generate(shell, &mut command, "vramfit", &mut output);
    }
    Answer {
        output: String::from_utf8_lossy(&output).into_owned(),
        yes: true,
    }
}

/// The manual page, or every command's in a directory.
pub(super) fn manual(
    command: clap::Command,
    out: Option<&Path>,
    session: &Session,
) -> Result<Answer, Error> {
    let page = |command: clap::Command| {
        let mut output = Vec::new();
        let written = clap_mangen::Man::new(command).render(&mut output);
        written.map(|()| output)
    };
    let failed = |path: &Path, error: std::io::Error| Error::File {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let Some(directory) = out else {
        let output = page(command).map_err(|error| failed(Path::new("-"), error))?;
        return Ok(Answer {
            output: String::from_utf8_lossy(&output).into_owned(),
            yes: true,
        });
    };
    std::fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    let mut output = String::new();
    let commands =
        std::iter::once(command.clone()).chain(command.get_subcommands().map(|subcommand| {
            let name = format!("vramfit-{}", subcommand.get_name());
            subcommand.clone().name(name)
        }));
    for command in commands {
        let path = directory.join(format!("{}.1", command.get_name()));
        let text = page(command).map_err(|error| failed(&path, error))?;
        std::fs::write(&path, text).map_err(|error| failed(&path, error))?;
        output += &messages::wrote(session.lang, &path.display().to_string());
        output.push('\n');
    }
    Ok(Answer { output, yes: true })
}
