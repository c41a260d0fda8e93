//! `vramfit catalog` (`import` apart), `completions` and `man`: what the program knows of its data and of itself.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap_complete::Shell;
use serde::Serialize;
use serde_json::{Map, Value};

use super::args::{CatalogCommand, Format};
use super::clock::Day;
use super::config::Config;
use super::gguf_keys::keys;
use super::reporting::{self, Answer};
use super::session::Session;
use crate::catalog::Catalog;
use crate::catalog::facts::FactKind;
use crate::catalog::text::Text;
use crate::embedded;
use crate::error::Error;
use crate::lang::Lang;
use crate::messages;
use crate::regular_file::{DATA, read_text};
use crate::render;
use crate::report::{
    CatalogCheck, CatalogPath, CatalogReport, CatalogShow, FactReport, FileCounts, ShownSources,
};
use crate::sanitize::sanitize;

pub(super) fn run(session: &Session, command: Option<&CatalogCommand>) -> Result<Answer, Error> {
    let Some(command) = command else {
        return overview(session);
    };
    match command {
        CatalogCommand::Check { files } => check(session, files),
        CatalogCommand::Show { tag } => show(session, tag),
        CatalogCommand::Path => path(session),
        CatalogCommand::Import(args) => super::import::run(session, args),
    }
}

/// What the catalog holds, and how old it is.
fn overview(session: &Session) -> Result<Answer, Error> {
    let report = report(session);
    reporting::answer(
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
            .map(Text::to_string),
        FactKind::Gpus => catalog
            .gpus
            .iter()
            .filter_map(|gpu| gpu.released.as_ref())
            .max()
            .map(Text::to_string),
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
    let found = catalog.overlay(
        texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    );
    let defects = found.err().unwrap_or_default();
    let said: Vec<String> = defects
        .iter()
        .map(|defect| messages::defect::defect(session.lang, defect))
        .collect();
    let files = catalog.models.iter().map(|model| model.variants.len());
    let report = CatalogCheck {
        schema: "vramfit.catalog-check/1",
        // A machine reads the same in every language.
        defects: defects
            .iter()
            .map(|defect| messages::defect::defect(Lang::En, defect))
            .collect(),
        models: catalog.models.len(),
        files: files.sum(),
        gpus: catalog.gpus.len(),
    };
    let counted = match defects.len() {
        0 => messages::catalog::no_defects(session.lang, report.models, report.files, report.gpus),
        some => messages::catalog::defects(session.lang, some),
    };
    let output = match session.format() {
        Format::Json => reporting::json(&report)?,
        Format::Table | Format::Markdown => said
            .iter()
            .chain([&counted])
            .map(|line| format!("{line}\n"))
            .collect(),
    };
    Ok(Answer {
        output,
        yes: defects.is_empty(),
    })
}

/// One model's data, sources and all.
fn show(session: &Session, tag: &str) -> Result<Answer, Error> {
    let entry = session.entry(tag)?;
    let architecture = session.catalog.architecture(entry.model);
    let keys = architecture.map(|known| keys(&known.shape));
    let files = entry.model.variants.iter();
    let mut model = object(entry.model)?;
    // Computed for the ranking, and no key of a data file.
    model.remove("usual_need");
    model.remove("least_need");
    let shown = CatalogShow {
        schema: "vramfit.catalog-show/1",
        model,
        architecture: architecture.map(object).transpose()?,
        sources: ShownSources {
            model: entry.model.source.clone(),
            architecture: architecture.map(|known| known.source.clone()),
            files: files
                .map(|variant| (variant.tag.to_string(), variant.source.clone()))
                .collect(),
        },
    };
    reporting::answer(
        session,
        &shown,
        |view| render::catalog::model(entry.model, architecture, keys.as_ref(), view),
        true,
    )
}

/// Plain data as an object of JSON.
fn object(data: &impl Serialize) -> Result<Map<String, Value>, Error> {
    let value = serde_json::to_value(data).map_err(reporting::not_serialized)?;
    serde_json::from_value(value).map_err(reporting::not_serialized)
}

fn path(session: &Session) -> Result<Answer, Error> {
    let shown = |path: Option<PathBuf>| Some(sanitize(&path?.display().to_string()).into_owned());
    let report = CatalogPath {
        schema: "vramfit.catalog-path/1",
        catalog: shown(session.overlay_directory()),
        config: shown(Config::path(
            session.global.config.as_deref(),
            &session.environment,
        )),
    };
    let output = match session.format() {
        Format::Json => reporting::json(&report)?,
        Format::Table | Format::Markdown => [&report.catalog, &report.config]
            .into_iter()
            .flatten()
            .map(|path| format!("{path}\n"))
            .collect(),
    };
    Ok(Answer { output, yes: true })
}

/// The script that completes commands and flags in a shell.
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
