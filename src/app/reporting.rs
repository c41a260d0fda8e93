//! From the engine's values to reports, and from reports to what is written.

use serde::Serialize;

use super::args::Format;
use super::hardware::Hardware;
use super::session::Session;
use crate::catalog::Entry;
use crate::catalog::model::{Model, ModelKind};
use crate::engine::cheapest_fix::{longest_context, longest_context_on_host};
use crate::engine::estimate_input::{EstimateInput, estimate_input};
use crate::engine::place::{Placement, Verdict};
use crate::engine::ranking::Ranked;
use crate::engine::reason::{self, Reason};
use crate::engine::runtime::ollama_default_context;
use crate::engine::workload::Workload;
use crate::error::Error;
use crate::quantization::KvCacheType;
use crate::render::page::Page;
use crate::render::view::View;
use crate::render::{markdown, terminal};
use crate::report::{
    Estimate, ModelRow, PlacedGpu, PlacementReport, Range, Recommendation, TaskRank, VramRange,
};
use crate::request::{Task, Tier};
use crate::sanitize::sanitize_json;
use crate::units::Bytes;

/// What a command has to say.
pub(super) struct Answer {
    /// Text that goes to standard output as it is.
    pub output: String,
    /// Whether the answer is yes.
    pub yes: bool,
}

/// An answer in the form that was asked for.
pub(super) fn answer<R: Serialize>(
    session: &Session,
    report: &R,
    page: impl FnOnce(View) -> Page,
    yes: bool,
) -> Result<Answer, Error> {
    let output = match session.format() {
        Format::Json => json(report)?,
        Format::Markdown => markdown::render(&page(session.view())),
        Format::Table => terminal::render(&page(session.view()), &session.terminal()),
    };
    Ok(Answer { output, yes })
}

/// A report as JSON, which a terminal may show.
pub(super) fn json<R: Serialize>(report: &R) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(report).map_err(not_serialized)?;
    Ok(sanitize_json(text + "\n"))
}

pub(super) fn not_serialized(error: serde_json::Error) -> Error {
    Error::NotSerialized {
        reason: error.to_string(),
    }
}

/// Where a model lies, in the inventory's names.
pub(super) fn placement(hardware: &Hardware, placement: &Placement) -> PlacementReport {
    let gpus = placement
        .shares
        .iter()
        .filter(|share| share.is_used() || placement.host.is_empty())
        .map(|share| {
            let device = &hardware.pool.devices[share.device];
            let host = &hardware.report.hosts[device.host as usize];
            let gpu = &host.gpus[device.gpu as usize];
            PlacedGpu {
                gpu: gpu.gpu,
                uuid: gpu.uuid.clone(),
                host: host.name.clone(),
                layers: share.layers,
                bytes: share.total(),
            }
        });
    PlacementReport {
        kind: placement.kind,
        gpus: gpus.collect(),
        host_layers: placement.host.layers,
        host_expert_layers: placement.host.expert_layers,
        host_bytes: placement.allocation.host.total(),
        shortfall: placement.shortfall,
    }
}

/// What a model takes, in the inventory's numbers.
pub(super) fn estimate(
    hardware: &Hardware,
    placement: &Placement,
    input: &EstimateInput<'_>,
) -> Estimate {
    let doubt = input.doubt(&placement.allocation);
    let basis = input.basis_of(&placement.allocation);
    Estimate::new(placement, basis, doubt, |device| {
        hardware.pool.devices.get(device).map_or(0, |device| {
            hardware.report.hosts[device.host as usize].gpus[device.gpu as usize].gpu
        })
    })
}

/// A row of the answer, for a context that was asked for or is only the usual one.
pub(super) fn recommendation(
    session: &Session,
    hardware: &Hardware,
    ranked: &Ranked<'_>,
    rank: u32,
    context_asked: bool,
) -> Result<Recommendation, Error> {
    let (model, variant) = (ranked.entry.model, ranked.entry.variant);
    let mut reasons = ranked.reasons.clone();
    let judged = ranked.placement.workload;
    let suits = default_suits(session, hardware, ranked, context_asked, &mut reasons)?;
    Ok(Recommendation {
        rank,
        tag: ranked.entry.tag.to_owned(),
        family: model.family().to_owned(),
        parameters: model.parameters,
        active_parameters: model.active_parameters,
        quantization: variant.quantization.clone().map(String::from),
        tier: tier_of(session, ranked.entry, Some(&ranked.input)),
        context_length: judged.context_length,
        verdict: ranked.placement.verdict,
        host_share: (ranked.placement.verdict == Verdict::Offloads)
            .then(|| reason::percent(ranked.placement.host_share())),
        estimate: estimate(hardware, &ranked.placement, &ranked.input),
        placement: placement(hardware, &ranked.placement),
        speed: ranked.speed.clone(),
        score: ranked.score,
        documented_vram: documented(session, ranked.entry),
        guide_rank: ranked.guide_rank,
        published: model.published,
        installed: session.installed(ranked.entry),
        license: model.license.clone().map(String::from),
        capabilities: model.capabilities.clone(),
        reasons,
        commands: commands(
            model,
            ranked.entry.tag,
            (!suits).then_some(judged.context_length),
            judged.draft,
        ),
    })
}

/// Whether what Ollama does by itself is what the row says; what it does otherwise is added to the reasons.
fn default_suits(
    session: &Session,
    hardware: &Hardware,
    ranked: &Ranked<'_>,
    context_asked: bool,
    reasons: &mut Vec<Reason>,
) -> Result<bool, Error> {
    let (_, profile) = session.ollama()?;
    let judged = ranked.placement.workload;
    // Ollama picks the batch by the context that it starts with.
    let workload = Workload {
        batch: None,
        ..judged
    };
    let shape = ranked.input.shape();
    let opened =
        ollama_default_context(shape, &workload, &hardware.pool, &hardware.totals, profile);
    // There is no other way than the processor.
    let Some(opened) = opened else {
        return Ok(true);
    };
    let context_length = opened.context_length;
    let there = &opened.choice.placement;
    let whole = match ranked.placement.verdict {
        Verdict::Tight => matches!(there.verdict, Verdict::Fits | Verdict::Tight),
        _ => there.verdict == Verdict::Fits,
    };
    let devices = |placement: &Placement| -> Vec<usize> {
        placement.shares.iter().map(|share| share.device).collect()
    };
    if !whole && ranked.placement.verdict != Verdict::Offloads {
        reasons.push(Reason::DefaultContextOffloads { context_length });
    }
    // The engine moves what does not fit by itself.
    let loads = whole || ranked.placement.verdict == Verdict::Offloads;
    let suits = loads
        && devices(there) == devices(&ranked.placement)
        && (!context_asked || context_length >= judged.context_length)
        && judged.draft.is_none();
    if suits && whole && context_length != judged.context_length {
        reasons.push(Reason::DefaultContextTakes {
            context_length,
            bytes: there.total(),
        });
    }
    Ok(suits)
}

/// What to type; for a tag that does not exist, what to type instead. Ollama's own `run` sets no context: where one must be kept, ours does.
fn commands(
    model: &Model,
    tag: &str,
    context_length: Option<u32>,
    draft: Option<u32>,
) -> Vec<String> {
    let tag = if model.published {
        Some(tag)
    } else {
        model.replaced_by.as_deref()
    };
    let pull = |tag| (!model.local).then(|| format!("ollama pull {tag}"));
    let run = |tag| match context_length {
        None => format!("ollama run {tag}"),
        Some(context_length) => {
            let draft = draft.map(|tokens| format!(" --draft {tokens}"));
            format!(
                "vramfit run {tag} --context {context_length}{}",
                draft.unwrap_or_default()
            )
        }
    };
    // Nobody talks to a model that only makes vectors.
    let run = |tag| (model.kind != ModelKind::Embedding).then(|| run(tag));
    tag.map(|tag| pull(tag).into_iter().chain(run(tag)).collect())
        .unwrap_or_default()
}

/// Memory that the guide states for a model, if it states any.
pub(super) fn documented(session: &Session, entry: Entry<'_>) -> Option<Range> {
    super::guide::range(session.catalog.guide_model(entry)?)
}

/// The contexts that a computed range spans.
const SHORT: u32 = 4096;
const LONG: u32 = 32_768;

/// What a model takes on one GPU that holds it all.
pub(super) fn alone(
    session: &Session,
    input: &EstimateInput<'_>,
    workload: &Workload,
) -> Placement {
    let pool = Hardware::boundless(session.catalog.cuda_context());
    crate::engine::place::split_over(input.shape(), workload, &pool, &[0])
}

/// What a model takes at a short and at a long context.
fn vram(session: &Session, entry: Entry<'_>, input: &EstimateInput<'_>) -> VramRange {
    let (min_context, min) = need(session, entry, input, SHORT);
    let (max_context, max) = need(session, entry, input, LONG);
    VramRange {
        min,
        max,
        min_context,
        max_context,
        basis: input.basis,
    }
}

/// What a model takes with so many tokens, or with as many as it was trained for.
fn need(
    session: &Session,
    entry: Entry<'_>,
    input: &EstimateInput<'_>,
    tokens: u32,
) -> (u32, Bytes) {
    let context_length = tokens.min(entry.model.context_length.unwrap_or(LONG));
    let workload = Workload {
        context_length,
        ..Workload::default()
    };
    (context_length, alone(session, input, &workload).total())
}

/// The tier: by the documented range's upper end where there is one, else by the computed need at 4096 tokens.
fn tier_of(session: &Session, entry: Entry<'_>, input: Option<&EstimateInput<'_>>) -> Tier {
    let documented = documented(session, entry).map(|range| range.max);
    let computed = || input.map(|input| need(session, entry, input, SHORT).1);
    Tier::for_need(documented.or_else(computed).unwrap_or(Bytes::ZERO))
}

/// A row of the catalog.
pub(super) fn model_row(session: &Session, entry: Entry<'_>) -> ModelRow {
    row(
        session,
        entry,
        estimate_input(&session.catalog, entry).as_ref(),
    )
}

/// The same, for a model that is estimated already.
pub(super) fn model_row_of(
    session: &Session,
    entry: Entry<'_>,
    input: &EstimateInput<'_>,
) -> ModelRow {
    row(session, entry, Some(input))
}

fn row(session: &Session, entry: Entry<'_>, input: Option<&EstimateInput<'_>>) -> ModelRow {
    let (model, variant) = (entry.model, entry.variant);
    let guide = session.catalog.guide_model(entry);
    let listed = |task: &&Task| Task::TEXT.contains(task) || model.does(**task);
    let tasks = Task::ALL.iter().filter(listed).map(|task| {
        let quality = session.catalog.quality(model, *task);
        TaskRank {
            task: *task,
            rank: session.catalog.guide_rank(*task, entry),
            score: model.does(*task).then_some(quality.score),
        }
    });
    ModelRow {
        tag: entry.tag.to_owned(),
        family: model.family().to_owned(),
        tier: tier_of(session, entry, input),
        parameters: model.parameters,
        active_parameters: model.active_parameters,
        quantization: variant.quantization.clone().map(String::from),
        weights: variant.weights,
        vram: input.map(|input| vram(session, entry, input)),
        documented_vram: documented(session, entry),
        context_length: model.context_length,
        tasks: tasks.collect(),
        stars: super::guide::stars(guide),
        guide_tiers: guide.map(|model| model.tiers.clone()).unwrap_or_default(),
        guide_use: guide.and_then(|model| model.r#use.clone()),
        guide_speed: guide.and_then(|model| model.speed),
        published: model.published,
        installed: session.installed(entry),
        replaced_by: model.replaced_by.clone().map(String::from),
        released: model.released.clone().map(String::from),
        license: model.license.clone().map(String::from),
        capabilities: model.capabilities.clone(),
        source: model
            .source
            .iter()
            .chain(&variant.source)
            .cloned()
            .collect(),
        here: None,
    }
}

/// The largest context of each cache type that fits whole: on the GPUs, or in system memory where the CPU does everything.
pub(super) fn largest_context(
    hardware: &Hardware,
    input: &EstimateInput<'_>,
    workload: &Workload,
    trained: u32,
) -> crate::report::LargestContext {
    let longest_here = match hardware.pool.devices.is_empty() {
        true => longest_context_on_host,
        false => longest_context,
    };
    let longest = |kv_cache_type| {
        longest_here(
            input,
            &Workload {
                kv_cache_type,
                ..*workload
            },
            &hardware.pool,
            trained,
        )
    };
    crate::report::LargestContext {
        f16: longest(KvCacheType::F16),
        q8_0: longest(KvCacheType::Q8_0),
        q4_0: longest(KvCacheType::Q4_0),
    }
}
