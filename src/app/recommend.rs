//! `vramfit recommend`.

use super::args::{RecommendArgs, WorkloadArgs};
use super::emit::{self, Single};
use super::filter::{self, Filter, FilterArgs, Sort};
use super::hardware::Hardware;
use super::keep;
use super::reporting::{self, Answer};
use super::session::{Session, here, number};
use super::spare;
use crate::engine::place::Verdict;
use crate::engine::rank::{rank, rank_these};
use crate::engine::ranking::{Ranked, Request};
use crate::engine::reach::{Refused, bar, nearest};
use crate::engine::reason;
use crate::engine::scoring::least_rate;
use crate::error::{Error, ExpectedFormat};
use crate::render;
use crate::report::{Recommend, RecommendRequest, Recommendation, Rejected, Weights};
use crate::request::Task;

/// How many models are shown unless asked otherwise.
const LIMIT: u32 = 10;

/// The context that asks for the longest which fits, model by model.
const LONGEST: &str = "max";

pub(super) fn run(session: &Session, args: &RecommendArgs) -> Result<Answer, Error> {
    let place = args.emit.page()?;
    let report = report(session, args, limit(args)?)?;
    if let Some(model) = served(&report)
        && !args.emit.emit.is_empty()
    {
        let output = emit::single(session, &model, &args.emit)?;
        return Ok(Answer { output, yes: true });
    }
    keep::answer(
        session,
        place,
        &report,
        |view| render::recommend::page(&report, view),
        ("vramfit recommend", is_yes(&report)),
    )
}

/// How many models were asked for.
pub(super) fn limit(args: &RecommendArgs) -> Result<u32, Error> {
    if args.all {
        return Ok(u32::MAX);
    }
    args.limit.as_deref().map_or(Ok(LIMIT), |text| {
        number("--limit", text, 10_000, ExpectedFormat::Count)
    })
}

/// Whether something runs well enough to be ranked.
pub(super) fn is_yes(report: &Recommend) -> bool {
    !report.recommendations.is_empty()
}

/// The first of the recommended models that can be served: what Ollama does not publish cannot be pulled, however well it fits.
pub(super) fn served(report: &Recommend) -> Option<Single<'_>> {
    let is_served = |model: &&Recommendation| model.published && model.verdict >= Verdict::Tight;
    let mut best_first = report
        .best
        .as_deref()
        .into_iter()
        .chain(&report.recommendations);
    let model = best_first.find(is_served)?;
    Some(Single {
        tag: &model.tag,
        estimate: &model.estimate,
        placement: &model.placement,
        verdict: model.verdict,
        speed: model.speed.as_ref(),
        inventory: &report.inventory,
    })
}

/// The question, every default filled in.
pub(super) fn request(
    session: &Session,
    args: &RecommendArgs,
    limit: u32,
) -> Result<Request, Error> {
    let longest_context = args.workload.context.as_deref() == Some(LONGEST);
    let settings = WorkloadArgs {
        context: (args.workload.context.clone()).filter(|_| !longest_context),
        ..args.workload.clone()
    };
    let task = args.task.unwrap_or(Task::Chat);
    let (workload, context_asked) = session.workload_for(task, &settings)?;
    Ok(Request {
        task,
        priority: args.priority,
        stage: args.stage,
        budget: args.budget,
        workload,
        context_asked,
        longest_context,
        scope: session.scope,
        first: (args.filter == FilterArgs::default()).then_some(limit as usize),
    })
}

pub(super) fn report(
    session: &Session,
    args: &RecommendArgs,
    limit: u32,
) -> Result<Recommend, Error> {
    let request = request(session, args, limit)?;
    let longest_context = request.longest_context;
    let mut hardware = session.hardware()?;
    if !hardware.knows_its_memory() {
        return Err(Error::HostMemoryUnknown);
    }
    let typical_bandwidth = hardware.assume_bandwidth(&session.catalog);
    let filter = Filter::new(session, &args.filter)?;
    let foreign;
    let here = here(&hardware);
    let mut ranking = if args.installed {
        let installed_models = session.installed_models_or_error()?;
        foreign = installed_models.uncatalogued(session);
        let judged = installed_models.judged(session, &foreign, &request, &here);
        rank_these(&session.catalog, &request, &here, judged)
    } else {
        rank(&session.catalog, &request, &here)
    };
    ranking.placed.retain(|ranked| filter.takes_ranked(ranked));
    ranking
        .refused
        .retain(|refused| filter.takes(refused.entry.model));
    ranking
        .oversized
        .retain(|one| filter.takes(one.entry.model));
    // A filter may have left only what is slow.
    ranking.take_slow(&hardware.pool);
    let bar = bar(&ranking.placed);
    let spare = spare::spare(&ranking, &request, &hardware);
    let answer = |at: usize, ranked: &Ranked<'_>| {
        let asked = request.context_asked || longest_context;
        reporting::recommendation(session, &hardware, ranked, at as u32 + 1, asked)
    };
    let mut best = None;
    if let Some(order) = args.filter.sort.filter(|order| *order != Sort::Score) {
        let first = ranking.placed.first();
        best = first.map(|first| answer(0, first)).transpose()?;
        filter::sort(&mut ranking.placed, order);
    }
    let most = limit as usize;
    let near = nearest(&session.catalog, &request, &here, &ranking, bar, most);
    let placed = ranking.placed.iter().take(limit as usize).enumerate();
    Ok(Recommend {
        schema: "vramfit.recommend/1",
        request: RecommendRequest {
            limit: (!args.all).then_some(limit),
            installed: args.installed,
            least_rate: least(&request, &hardware),
            ..echo(session, &request, typical_bandwidth)
        },
        recommendations: placed
            .map(|(at, ranked)| answer(at, ranked))
            .collect::<Result<_, _>>()?,
        best: best.map(Box::new),
        rejected: near.iter().map(rejected).collect(),
        rejected_total: ranking.refused.len() + ranking.oversized.len(),
        spare,
        inventory: hardware.report,
    })
}

/// A question as an answer repeats it.
pub(super) fn echo(
    session: &Session,
    request: &Request,
    typical_bandwidth: Option<u64>,
) -> RecommendRequest {
    let (workload, longest_context) = (request.workload, request.longest_context);
    RecommendRequest {
        task: request.task,
        priority: request.effective_priority(),
        stage: request.stage,
        budget: request.budget,
        context_length: workload.context_length,
        longest_context,
        parallel: workload.parallel,
        limit: None,
        depth: (!longest_context || workload.depth.is_some()).then(|| workload.depth()),
        kv_cache_type: workload.kv_cache_type,
        catalog: session.catalog_name.clone(),
        installed: false,
        weights: Weights::from_request(request),
        typical_bandwidth,
        least_rate: None,
    }
}

/// The rate from which on models in host memory are ranked, where there is such memory and something is written.
fn least(request: &Request, hardware: &Hardware) -> Option<f64> {
    let memory_known = hardware.pool.hosts.iter().any(Option::is_some);
    let writes = request.task != Task::Embedding;
    (memory_known && writes).then(|| least_rate(request.effective_priority()))
}

fn rejected(refused: &Refused<'_>) -> Rejected {
    let (ranked, placement) = (&refused.ranked, &refused.ranked.placement);
    let offloads = placement.verdict == Verdict::Offloads;
    let total = match offloads {
        true => placement.total() + placement.allocation.host.total(),
        false => placement.need(),
    };
    Rejected {
        tag: ranked.entry.tag.to_owned(),
        verdict: placement.verdict,
        total,
        shortfall: placement.shortfall,
        host_share: offloads.then(|| reason::percent(placement.host_share())),
        speed: ranked.speed.clone().filter(|_| offloads),
        cheapest_fix: refused.fix.clone(),
        score: refused.ranked.score,
        within_reach: refused.in_reach,
    }
}
