//! `vramfit models` and `vramfit compare`.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::args::{CompareArgs, ModelsArgs, RecommendArgs};
use super::filter::{Conditions, Filter, Sort};
use super::guide;
use super::recommend;
use super::reporting::{self, Answer};
use super::session::{Session, here, number};
use crate::catalog::model::Model;
use crate::catalog::{Catalog, Entry, similar};
use crate::engine::judge::judge;
use crate::engine::place::Verdict;
use crate::engine::ranking::{RankingHardware, Request, Scope};
use crate::engine::reason::is_doubtful;
use crate::error::{Error, ExpectedFormat};
use crate::render;
use crate::report::{Compare, Compared, ModelHere, ModelRow, Models, ModelsHere};
use crate::request::Task;

pub(super) fn models(session: &Session, args: &ModelsArgs) -> Result<Answer, Error> {
    let wanted = Filter::new(session, &args.filter)?;
    let entries = defaults(session)
        .into_iter()
        .filter(|entry| wanted.takes(entry.model))
        .filter(|entry| args.task.is_none_or(|task| suits(session, *entry, task)));
    let (mut rows, here) = match args.filter.asks_for_hardware() {
        true => {
            let (rows, here) = on_this_machine(session, args, entries, &wanted)?;
            (rows, Some(here))
        }
        false => {
            let rows = entries.map(|entry| reporting::model_row(session, entry));
            (rows.collect(), None)
        }
    };
    rows.retain(|row| args.tier.is_none_or(|tier| row.tier == tier));
    let limit = args.limit.as_deref();
    let limit = limit
        .map(|text| number("--limit", text, 10_000, ExpectedFormat::Count))
        .transpose()?;
    if let (Some(limit), None) = (limit, args.filter.sort) {
        by_pulls(session, &mut rows);
        first_of_each_tier(&mut rows, limit);
    }
    let smallest = |row: &ModelRow| row.vram.map(|range| range.min);
    rows.sort_by(|a, b| {
        let by = args.filter.sort;
        a.tier
            .cmp(&b.tier)
            .then_with(|| by.map_or(Ordering::Equal, |by| order(by, a, b)))
            .then_with(|| smallest(a).cmp(&smallest(b)))
            .then_with(|| a.tag.cmp(&b.tag))
    });
    if let Some(limit) = limit {
        first_of_each_tier(&mut rows, limit);
    }
    let report = Models {
        schema: "vramfit.models/1",
        guide_tier: args.tier.and_then(|tier| guide::tier(session, tier)),
        here,
        models: rows,
    };
    reporting::answer(
        session,
        &report,
        |view| render::models::models(&report, view),
        !report.models.is_empty(),
    )
}

/// The rows of models that run on the machine and are `wanted` there, with what `recommend` would say of these files, and what it would say it of.
fn on_this_machine<'a>(
    session: &'a Session,
    args: &ModelsArgs,
    entries: impl Iterator<Item = Entry<'a>>,
    wanted: &Filter,
) -> Result<(Vec<ModelRow>, ModelsHere), Error> {
    let question = RecommendArgs {
        task: args.task,
        ..RecommendArgs::default()
    };
    let request = recommend::request(session, &question, u32::MAX)?;
    let mut hardware = session.hardware()?;
    let typical_bandwidth = hardware.assume_bandwidth(&session.catalog);
    let here = here(&hardware);
    let rows = entries.filter_map(|entry| {
        let ranked = judge(&session.catalog, entry, &request, &here)
            .filter(|ranked| ranked.placement.verdict > Verdict::DoesNotFit)
            .filter(|ranked| wanted.takes_ranked(ranked))?;
        let here = ModelHere {
            score: ranked.score.total,
            speed: ranked.speed.clone(),
        };
        Some(ModelRow {
            here: Some(here),
            ..reporting::model_row_of(session, entry, &ranked.input)
        })
    });
    let rows = rows.collect();
    let asked = ModelsHere {
        request: recommend::echo(session, &request, typical_bandwidth),
        inventory: hardware.report,
    };
    Ok((rows, asked))
}

/// Two rows of one tier.
fn order(by: Sort, a: &ModelRow, b: &ModelRow) -> Ordering {
    let score = |row: &ModelRow| row.here.as_ref().map_or(0.0, |here| here.score);
    let rate = |row: &ModelRow| {
        let speed = row.here.as_ref().and_then(|here| here.speed.as_ref());
        speed.map_or(0.0, |speed| speed.decode[0])
    };
    match by {
        Sort::Score => score(b).total_cmp(&score(a)),
        Sort::Speed => rate(b).total_cmp(&rate(a)),
        Sort::Size => a.weights.cmp(&b.weights),
        Sort::Context => b.context_length.cmp(&a.context_length),
        Sort::Released => b.released.cmp(&a.released),
    }
}

/// What is pulled most comes first.
fn by_pulls(session: &Session, rows: &mut [ModelRow]) {
    let pulls = |row: &ModelRow| {
        let entry = session.catalog.find(&row.tag);
        std::cmp::Reverse(entry.and_then(|entry| entry.model.pulls))
    };
    rows.sort_by_cached_key(|row| (pulls(row), row.tag.clone()));
}

fn first_of_each_tier(rows: &mut Vec<ModelRow>, limit: u32) {
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
    let conditions = Conditions::new(&session.catalog, &args.conditions)?;
    entries.retain(|entry| conditions.take(entry.model));
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
    reporting::answer(
        session,
        &report,
        |view| render::models::compare(&report, view),
        !report.models.is_empty(),
    )
}
