//! `vramfit explain`.

mod itself;

use std::path::Path;

use super::args::{ExplainArgs, WorkloadArgs};
use super::evidence;
use super::gguf_keys::keys;
use super::hardware::Hardware;
use super::hub;
use super::keep::{self, Place};
use super::llama_server;
use super::reporting::{self, Answer};
use super::session::{Session, here};
use crate::architecture::{Architecture, CacheKind};
use crate::catalog::Entry;
use crate::catalog::model::Model;
use crate::catalog::text::Text;
use crate::engine::cheapest_fix::whatever_helps;
use crate::engine::doubt::{place, within_doubt};
use crate::engine::draft::{DEFAULT_TOKENS, DraftModel};
use crate::engine::estimate::{Assignment, allocate};
use crate::engine::estimate_input::{EstimateInput, estimate_input};
use crate::engine::fix::Situation;
use crate::engine::judge::{judged, speed_model};
use crate::engine::llama_server::of_own;
use crate::engine::place::Verdict;
use crate::engine::predict_speed::nearest;
use crate::engine::ranking::{Ranked, RankingHardware, Request};
use crate::engine::workload::{Engine, Workload};
use crate::error::{Error, NotEstimated};
use crate::quantization::KvCacheType;
use crate::render;
use crate::report::{CacheFactors, ContextRow, Explain, LargestContext, Reason, SpeedMeasurement};
use crate::request::Task;
use crate::units::Bytes;

/// The steps of the ladder.
const LADDER: [u32; 8] = [2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144];

pub(super) fn run(session: &Session, args: &ExplainArgs) -> Result<Answer, Error> {
    let place = Place::named(args.out.as_deref(), args.force, "html")?;
    let report = report(session, args)?;
    let yes = report
        .verdict
        .is_none_or(|verdict| verdict >= Verdict::Tight)
        || report.verdict == Some(Verdict::Offloads) && session.global.cpu;
    keep::answer(
        session,
        place,
        &report,
        |view| render::explain::page(&report, view),
        ("vramfit explain", yes),
    )
}

fn report(session: &Session, args: &ExplainArgs) -> Result<Explain, Error> {
    if args.tag.to_lowercase().ends_with(".gguf") || Path::new(&args.tag).is_file() {
        let (model, architecture, input) = super::file::open(Path::new(&args.tag))?;
        let entry = Entry::new(&model, &model.variants[0]);
        return explain(session, args, entry, input, Some(&architecture));
    }
    if session.catalog.find(&args.tag).is_none() {
        // A model of the person's own is as good as a file.
        let found = session
            .installed_models()
            .and_then(|installed_models| installed_models.open(&args.tag));
        if let Some((model, architecture, input)) = found {
            let entry = Entry::new(&model, &model.variants[0]);
            return explain(session, args, entry, input, Some(&architecture));
        }
        if let Some(((model, architecture, input), of)) = hub::open(session, &args.tag) {
            let entry = Entry::new(&model, &model.variants[0]);
            let mut report = explain(session, args, entry, input, Some(&architecture))?;
            report.reasons.push(Reason::NamedAfter { of });
            return Ok(report);
        }
    }
    let entry = session.entry(&args.tag)?;
    let known = session
        .catalog
        .architecture(entry.model)
        .map(|known| &known.shape);
    let Some(input) = estimate_input(&session.catalog, entry) else {
        return Err(not_estimated(&args.tag, entry.model));
    };
    explain(session, args, entry, input, known)
}

/// The settings with the tokens to draft as a number, and the model that drafts them, where `--draft` names one.
fn drafter(
    session: &Session,
    settings: &WorkloadArgs,
) -> Result<(WorkloadArgs, Option<Box<DraftModel>>), Error> {
    let mut settings = settings.clone();
    let names = |text: &&String| text.chars().any(char::is_alphabetic);
    let Some(tag) = settings.draft.clone().filter(|text| names(&text)) else {
        return Ok((settings, None));
    };
    settings.draft = Some(DEFAULT_TOKENS.to_string());
    let found = session
        .installed_models()
        .and_then(|installed_models| installed_models.open(&tag));
    let model = match found.filter(|_| session.catalog.find(&tag).is_none()) {
        Some((_, architecture, input)) => (architecture, input.weights),
        None => {
            let entry = session.entry(&tag)?;
            let input = estimate_input(&session.catalog, entry);
            let input = input.ok_or_else(|| not_estimated(&tag, entry.model))?;
            (input.architecture.into_owned(), input.weights)
        }
    };
    let (architecture, weights) = model;
    let model = DraftModel {
        tag,
        architecture,
        weights,
    };
    Ok((settings, Some(Box::new(model))))
}

/// Why there is no estimate of a model that the catalog names.
pub(super) fn not_estimated(tag: &str, model: &Model) -> Error {
    let (tag, candidates) = (
        tag.to_owned(),
        model.replaced_by.iter().map(Text::to_string).collect(),
    );
    match model.published {
        true => Error::NotEstimated {
            tag,
            why: NotEstimated::NoShape,
            candidates,
        },
        false => Error::UnknownTag { tag, candidates },
    }
}

/// The settings, as the engine that was named takes them, whether a context was asked for, and the model that drafts.
fn settings(
    session: &Session,
    args: &ExplainArgs,
) -> Result<(Workload, bool, Option<Box<DraftModel>>), Error> {
    let (settings, draft_model) = drafter(session, &args.workload)?;
    let (workload, context_asked) = session.workload(&settings)?;
    let workload = match args.engine.unwrap_or_default() {
        Engine::Ollama => workload,
        Engine::LlamaCpp => of_own(workload),
        Engine::Vllm => {
            return Err(Error::Conflict {
                argument: "explain".into(),
                other: "--engine vllm".into(),
            });
        }
    };
    Ok((workload, context_asked, draft_model))
}

/// The model placed and judged; without GPUs, as if one had room for all of it.
fn ranked<'a>(
    session: &'a Session,
    hardware: &Hardware,
    (entry, input): (Entry<'a>, EstimateInput<'a>),
    clamped: &Workload,
    request: &Request,
) -> Ranked<'a> {
    if is_somewhere(hardware) {
        let placement = place(&input, clamped, &hardware.pool);
        let bytes = placement.total() + placement.allocation.host.total();
        let here = here(hardware);
        let mut ranked = judged(&session.catalog, entry, input, placement, request, &here);
        if !hardware.knows_its_memory() {
            ranked.reasons.push(Reason::HostMemoryUnknown { bytes });
        }
        return ranked;
    }
    let placement = reporting::alone(session, &input, clamped);
    let boundless = Hardware::boundless(session.catalog.cuda_context());
    let there = RankingHardware {
        pool: &boundless,
        machine: &hardware.machine,
        tenants: &[],
    };
    let mut ranked = judged(&session.catalog, entry, input, placement, request, &there);
    ranked
        .reasons
        .retain(|reason| !matches!(reason, Reason::Headroom { .. }));
    ranked
}

/// Whether there is hardware to place a model on: on the processor it is placed like anywhere else, if that was asked.
fn is_somewhere(hardware: &Hardware) -> bool {
    !hardware.pool.devices.is_empty() || hardware.on_cpu
}

/// The longest context that the model was trained for; no limit where that is unknown.
fn trained(model: &Model) -> u32 {
    let known = model.context_length.filter(|length| *length > 0);
    known.unwrap_or(u32::MAX)
}

fn nearest_measurement(
    session: &Session,
    hardware: &Hardware,
    entry: Entry<'_>,
    ranked: &Ranked<'_>,
) -> Option<SpeedMeasurement> {
    let nearest = nearest(
        &session.catalog.knowledge.speeds,
        &hardware.machine,
        speed_model(&session.catalog, entry, &ranked.input),
        &ranked.placement,
    );
    let nearest = nearest.filter(|_| is_somewhere(hardware))?;
    Some(evidence::measurement(nearest))
}

fn explain<'a>(
    session: &'a Session,
    args: &ExplainArgs,
    entry: Entry<'a>,
    input: EstimateInput<'a>,
    shape: Option<&Architecture>,
) -> Result<Explain, Error> {
    let (workload, context_asked, draft_model) = settings(session, args)?;
    let engine = args.engine.unwrap_or_default();
    let input = EstimateInput {
        draft_model: draft_model.or(input.draft_model),
        ..input
    };
    let hardware = super::hardware::find_for(session, &[engine])?;
    let trained = trained(entry.model);
    let clamped = Workload {
        context_length: workload.context_length.min(trained),
        ..workload
    };
    let has_gpus = is_somewhere(&hardware) && hardware.knows_its_memory();
    let task = args.why.unwrap_or(Task::Chat);
    let request = Request {
        context_asked,
        ..Request::new(task, workload, session.scope)
    };
    let ranked = ranked(session, &hardware, (entry, input), &clamped, &request);
    let situation = Situation {
        catalog: &session.catalog,
        entry,
        workload: &clamped,
        pool: &hardware.pool,
        tenants: &hardware.tenants,
    };
    let (input, placement) = (&ranked.input, &ranked.placement);
    let runs = placement.verdict > Verdict::DoesNotFit;
    let (growth, factors) = growth(input, &clamped);
    Ok(Explain {
        schema: "vramfit.explain/1",
        tag: entry.tag.to_owned(),
        model: reporting::model_row_of(session, entry, input),
        architecture: shape.map(keys),
        estimate: reporting::estimate(&hardware, placement, input),
        placement: has_gpus.then(|| reporting::placement(&hardware, placement)),
        verdict: has_gpus.then_some(placement.verdict),
        cheapest_fix: has_gpus
            .then(|| whatever_helps(input, placement, situation))
            .flatten(),
        speed: ranked.speed.clone().filter(|_| runs),
        nearest_measurement: nearest_measurement(session, &hardware, entry, &ranked),
        task,
        score: ranked.score,
        ladder: ladder(session, &hardware, input, &clamped, trained),
        largest_context: if has_gpus {
            reporting::largest_context(&hardware, input, &clamped, trained.min(LADDER[7]))
        } else {
            LargestContext::default()
        },
        kv_cache_growth: growth,
        kv_cache_factors: factors,
        llama_server: (runs && engine == Engine::LlamaCpp)
            .then(|| llama_server::alone(session, &hardware, entry, input, placement, &args.tag)),
        ollama: if has_gpus && engine == Engine::Ollama {
            itself::itself(session, &hardware, input, placement, &clamped)?
        } else {
            None
        },
        documented_vram: reporting::documented(session, entry),
        standing: args
            .why
            .map(|task| evidence::task_standing(&session.catalog, entry, task)),
        evidence: args
            .why
            .map(|task| evidence::evidence(entry, task))
            .transpose()?
            .unwrap_or_default(),
        reasons: ranked.reasons,
        inventory: hardware.report,
    })
}

/// Contexts up to the trained one, by cache types.
fn ladder(
    session: &Session,
    hardware: &Hardware,
    input: &EstimateInput<'_>,
    workload: &Workload,
    trained: u32,
) -> Vec<ContextRow> {
    let contexts = LADDER.into_iter().filter(|context| *context <= trained);
    let rung = |context_length, kv_cache_type| {
        let workload = Workload {
            context_length,
            kv_cache_type,
            ..*workload
        };
        if hardware.pool.devices.is_empty() && !hardware.on_cpu {
            return ContextRow {
                context_length,
                kv_cache_type,
                total: reporting::alone(session, input, &workload).total(),
                verdict: None,
                within_doubt: false,
                on_cpu: false,
            };
        }
        let placement = place(input, &workload, &hardware.pool);
        // Where no GPU serves, the host is asked for all, whether or not it has it.
        let on_host = placement.verdict == Verdict::Offloads || placement.shares.is_empty();
        let total = if on_host {
            placement.total() + placement.allocation.host.total()
        } else {
            placement.total()
        };
        ContextRow {
            context_length,
            kv_cache_type,
            total,
            verdict: Some(placement.verdict).filter(|_| hardware.knows_its_memory()),
            within_doubt: within_doubt(input, &placement, &hardware.pool).is_some(),
            on_cpu: placement.shares.is_empty(),
        }
    };
    contexts
        .flat_map(|context| KvCacheType::DOCUMENTED.map(|kind| rung(context, kind)))
        .collect()
}

/// What one more token adds to the cache, windows being full, and the factors of that.
fn growth(input: &EstimateInput<'_>, workload: &Workload) -> (Bytes, Option<CacheFactors>) {
    /// Beyond every window; and the step in which caches grow.
    const LONG: u32 = 262_144;
    const STEP: u32 = 256;
    let architecture = &input.architecture;
    let single = Assignment::single(architecture.block_count);
    let cache = |context_length| -> Bytes {
        let workload = Workload {
            context_length,
            parallel: 1,
            batch: Some(512),
            ..*workload
        };
        let gpus = allocate(input.shape(), &workload, &single).gpus;
        gpus.iter().map(|gpu| gpu.kv_cache).sum()
    };
    let grown = (cache(LONG + STEP) - cache(LONG)).scale(1, STEP.into());
    let full = (0..architecture.block_count)
        .filter(|layer| architecture.memory(*layer) == CacheKind::Full)
        .map(|layer| architecture.cache_rows(layer));
    let rows: Vec<(u64, u64)> = full.collect();
    let factors = rows.first().map(|&(key, value)| CacheFactors {
        layers: rows.len() as u32,
        key,
        value,
    });
    let kind = workload.kv_cache_type;
    let row = |it: &CacheFactors| kind.keys().bytes(it.key) + kind.values().bytes(it.value);
    let factors = factors.filter(|it| row(it) * u64::from(it.layers) == grown);
    (grown, factors)
}
