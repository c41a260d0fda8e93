//! `vramfit models` and `vramfit compare`.

use std::collections::HashMap;

use super::args::{CompareArgs, ModelsArgs};
use super::filter::Filter;
use super::guide;
use super::reporting::{self, Answer};
use super::session::{Session, here, number};
use crate::catalog::model::Model;
use crate::catalog::{Catalog, Entry, similar};
use crate::engine::place::Verdict;
use crate::engine::rank::{RankingHardware, Request, Scope, judge};
use crate::engine::reason::is_doubtful;
use crate::error::{Error, ExpectedFormat};
use crate::render;
use crate::report::{Compare, Compared, ModelRow, Models};
use crate::request::Task;

pub(super) fn models(session: &Session, args: &ModelsArgs) -> Result<Answer, Error> {
    let wanted = Filter::of_models(session, &args.filter)?;
    let mut rows: Vec<_> = defaults(session)
        .into_iter()
        .filter(|entry| wanted.takes(entry.model))
        .filter(|entry| args.task.is_none_or(|task| suits(session, *entry, task)))
        .map(|entry| reporting::model_row(session, entry))
        .filter(|row| args.tier.is_none_or(|tier| row.tier == tier))
        .collect();
    if let Some(text) = &args.limit {
        most_pulled(
            session,
            &mut rows,
            number("--limit", text, 10_000, ExpectedFormat::Count)?,
        );
    }
    rows.sort_by(|a, b| {
        a.tier
            .cmp(&b.tier)
            .then_with(|| {
                a.vram
                    .map(|range| range.min)
                    .cmp(&b.vram.map(|range| range.min))
            })
            .then_with(|| a.tag.cmp(&b.tag))
    });
    let report = Models {
        schema: "vramfit.models/1",
        guide_tier: args.tier.and_then(|tier| guide::tier(session, tier)),
        models: rows,
    };
    reporting::of(
        session,
        &report,
        |view| render::models::models(&report, view),
        !report.models.is_empty(),
    )
}

/// Keeps so many models of each tier: those that are pulled most.
fn most_pulled(session: &Session, rows: &mut Vec<ModelRow>, limit: u32) {
    let pulls = |row: &ModelRow| {
        let entry = session.catalog.find(&row.tag);
        std::cmp::Reverse(entry.and_then(|entry| entry.model.pulls))
    };
    rows.sort_by_cached_key(|row| (pulls(row), row.tag.clone()));
    let mut kept = HashMap::new();
    rows.retain(|row| {
        let count: &mut u32 = kept.entry(row.tier).or_default();
        *count += 1;
        *count <= limit
    });
}

/// The default file of every model in scope; the guide's models under the guide's tags.
pub(super) fn defaults(session: &Session) -> Vec<Entry<'_>> {
    let catalog = &session.catalog;
    match session.scope {
        Scope::Guide => catalog.guide_entries().collect(),
        Scope::All => catalog
            .models
            .iter()
            .filter_map(|model| Some(Entry::new(model, model.variants.first()?)))
            .collect(),
    }
}

/// A model suits a task if the guide ranks it, or it does better than most by evidence of its own.
fn suits(session: &Session, entry: Entry<'_>, task: Task) -> bool {
    let quality = session.catalog.quality(entry.model, task);
    session.catalog.guide_rank(task, entry).is_some()
        || entry.model.does(task) && quality.own && quality.score >= 50.0
}

/// What `--family` named: a series, or the first part of tags.
pub(super) enum Family {
    Series(String),
    Prefix(String),
}

impl Family {
    fn matches(&self, entry: &Entry<'_>) -> bool {
        self.holds(entry.model)
    }

    /// Whether a model belongs to it.
    pub(super) fn holds(&self, model: &Model) -> bool {
        match self {
            Self::Series(name) => model.series == *name,
            Self::Prefix(name) => model.family() == name,
        }
    }
}

/// A series or a family by its name.
pub(super) fn family(catalog: &Catalog, name: &str) -> Result<Family, Error> {
    let lower = name.to_lowercase();
    if catalog.models.iter().any(|model| model.series == lower) {
        return Ok(Family::Series(lower));
    }
    if catalog.models.iter().any(|model| model.family() == lower) {
        return Ok(Family::Prefix(lower));
    }
    let names = catalog
        .models
        .iter()
        .flat_map(|model| [model.series.as_str(), model.family()]);
    Err(Error::UnknownFamily {
        family: name.to_owned(),
        candidates: similar(name, names),
    })
}

pub(super) fn compare(session: &Session, args: &CompareArgs) -> Result<Answer, Error> {
    let mut entries = args
        .tags
        .iter()
        .map(|tag| session.entry(tag))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(name) = &args.family {
        let wanted = family(&session.catalog, name)?;
        entries.extend(
            defaults(session)
                .into_iter()
                .filter(|entry| wanted.matches(entry)),
        );
    }
    if entries.is_empty() {
        return Err(Error::MissingArgument {
            argument: "TAG | --family".into(),
        });
    }
    let (workload, _) = session.workload(&args.workload)?;
    let hardware = session.hardware()?;
    let request = Request::new(args.task.unwrap_or(Task::Chat), workload, session.scope);
    let has_gpus = !hardware.pool.devices.is_empty() || hardware.on_cpu;
    let boundless = super::hardware::Hardware::boundless(session.catalog.cuda_context());
    let here = if has_gpus {
        here(&hardware)
    } else {
        RankingHardware {
            pool: &boundless,
            machine: &hardware.machine,
            tenants: &[],
        }
    };
    let compared = entries.into_iter().filter_map(|entry| {
        let ranked = judge(&session.catalog, entry, &request, &here)?;
        Some(Compared {
            model: reporting::model_row(session, entry),
            estimate: reporting::estimate(&hardware, &ranked.placement, &ranked.input),
            verdict: has_gpus.then_some(ranked.placement.verdict),
            within_doubt: has_gpus && is_doubtful(&ranked.reasons),
            placement: has_gpus.then(|| reporting::placement(&hardware, &ranked.placement)),
            speed: ranked
                .speed
                .clone()
                .filter(|_| ranked.placement.verdict > Verdict::DoesNotFit),
            score: ranked.score,
        })
    });
    let report = Compare {
        schema: "vramfit.compare/1",
        guide_family: args
            .family
            .as_deref()
            .and_then(|name| guide::family(session, &name.to_lowercase())),
        models: compared.collect(),
        inventory: hardware.report.clone(),
    };
    reporting::of(
        session,
        &report,
        |view| render::models::compare(&report, view),
        !report.models.is_empty(),
    )
}
