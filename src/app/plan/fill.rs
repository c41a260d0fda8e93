//! `--fill`: what else fits on what a plan leaves, each model by itself, best first.

use super::super::args::PlanArgs;
use super::super::session::number;
use super::demand::Demand;
use super::{Planning, resolved, wanted};
use crate::engine::pack::further::{left_for_further, left_free, longest_context, with_further};
use crate::engine::pack::simulate::{LoadedPlan, simulate};
use crate::engine::pack::{Model, Problem, Solution};
use crate::engine::place::Verdict;
use crate::engine::rank::rank;
use crate::engine::ranking::{Ranked, RankingHardware, Request};
use crate::engine::workload::Engine;
use crate::error::{Error, ExpectedFormat};
use crate::messages::tokens;
use crate::report::{Filling, Plan, Service};
use crate::request::Task;

/// Models that are told unless a call says otherwise.
const LIMIT: u32 = 10;

/// How many models are told, if any are asked for.
pub(super) fn limit(args: &PlanArgs) -> Result<Option<usize>, Error> {
    let limit = args.limit.as_deref().map_or(Ok(LIMIT), |text| {
        number("--limit", text, 10_000, ExpectedFormat::Count)
    })?;
    Ok(args.fill.then_some(limit as usize))
}

/// A plan that is found, beside which further models are to fit.
pub(super) struct PlacedPlan<'a, 'p> {
    pub problem: &'a Problem<'p>,
    pub solution: &'a Solution,
    pub loaded: &'a LoadedPlan,
    /// How many of its services fit by less than they may be off.
    pub doubtful: usize,
    /// GPUs, by position in the pool, that stay free.
    pub kept: Vec<usize>,
}

impl Planning<'_> {
    /// The models that rank highest for the task on the memory that is left, as they would be planned beside everything that stands; `None` where
    /// nobody asks.
    pub(super) fn fill(
        &self,
        args: &PlanArgs,
        placed_plan: &PlacedPlan<'_, '_>,
    ) -> Result<Option<Vec<Filling>>, Error> {
        let Some(most) = limit(args)? else {
            return Ok(None);
        };
        let session = self.session;
        let task = args.task.unwrap_or(Task::Chat);
        // Code and documents bring longer contexts of their own, as in `recommend`.
        let (workload, context_asked) = session.workload_for(task, &args.workload)?;
        let request = Request {
            context_asked,
            ..Request::new(task, workload, session.scope)
        };
        let mut kept = placed_plan.kept.clone();
        if args.engine.unwrap_or_default() == Engine::Ollama {
            kept.extend(&self.hardware.not_for_ollama);
        }
        let pool = left_for_further(placed_plan.problem, placed_plan.loaded, &kept);
        let ranking = rank(
            &session.catalog,
            &request,
            &RankingHardware {
                pool: &pool,
                machine: &self.hardware.machine,
                // Told is only what fits as things are: nobody has to be stopped for it.
                tenants: &[],
            },
        );
        let served = |ranked: &&Ranked<'_>| {
            let same = |known: &resolved::Known<'_>| known.entry.tag == ranked.entry.tag;
            self.resolved.known.iter().any(same)
        };
        let others = ranking
            .placed
            .iter()
            // It is told as a demand that can be typed next, so there has to be something to pull.
            .filter(|ranked| ranked.entry.model.published && !served(ranked));
        let mut fillings = Vec::new();
        // Of what is tight Ollama would move layers to the host by itself.
        for ranked in others.filter(|ranked| ranked.placement.verdict == Verdict::Fits) {
            if fillings.len() == most {
                break;
            }
            let Some((service, longest)) = self.further_service(args, placed_plan, ranked)? else {
                continue;
            };
            fillings.push(Filling {
                demand: format!("{}@{}", service.tag, tokens(service.context_length)),
                longest_context: longest,
                score: ranked.score,
                service,
            });
        }
        Ok(Some(fillings))
    }

    /// A model planned beside everything that stands, and the longest context for which it has a place there; `None` if it has none.
    fn further_service(
        &self,
        args: &PlanArgs,
        placed_plan: &PlacedPlan<'_, '_>,
        ranked: &Ranked<'_>,
    ) -> Result<Option<(Service, u32)>, Error> {
        let mut wanted = self.wanted.clone();
        wanted.demands.push(Demand {
            tag: ranked.entry.tag.to_owned(),
            replicas: 1,
            context: Some(ranked.placement.workload.context_length),
            ..Demand::default()
        });
        let resolved = match resolved::resolve(self.session, args, self.hardware, &wanted.demands) {
            // vLLM cannot serve it: it is left out, and the plan stands.
            Err(Error::NoCheckpoint { .. }) => return Ok(None),
            resolved => resolved?,
        };
        let (demand_of, mut items) = wanted::items(&wanted, &resolved, self.hardware)?;
        let (Some(known), Some(item)) = (resolved.known.last(), items.pop()) else {
            return Ok(None);
        };
        let model = Model {
            shape: known.input.shape(),
            workload: known.workload,
        };
        let place = ranked.placement.shares.iter().map(|share| share.device);
        let (mut problem, solution) = with_further(
            placed_plan.problem,
            placed_plan.solution,
            (model, item),
            place.collect(),
        );
        let Some(loaded) = simulate(&problem, &solution.places, &solution.order) else {
            return Ok(None);
        };
        let planning = Planning {
            session: self.session,
            wanted: &wanted,
            hardware: self.hardware,
            resolved: &resolved,
            demand_of: &demand_of,
            listen: self.listen.clone(),
            running: self.running,
        };
        let mut services = planning.placed(&problem, &solution, &loaded, &[])?.services;
        // One that takes what others may turn out to need is as doubtful as one that may turn out not to fit.
        let doubtful = doubtful(&services);
        let Some(mut service) = services.pop() else {
            return Ok(None);
        };
        service.within_doubt |= doubtful > placed_plan.doubtful;
        let longest = longest_context(&mut problem, &solution, known.trained);
        Ok(Some((service, longest)))
    }
}

/// How many fit by less than they may be off.
fn doubtful(services: &[Service]) -> usize {
    services.iter().filter(|one| one.within_doubt).count()
}

impl<'a, 'p> PlacedPlan<'a, 'p> {
    /// `kept` are the GPUs that are to stay free by name.
    pub(super) fn new(
        plan: &Plan,
        problem: &'a Problem<'p>,
        solution: &'a Solution,
        loaded: &'a LoadedPlan,
        kept: &[usize],
    ) -> Self {
        Self {
            problem,
            solution,
            loaded,
            doubtful: doubtful(&plan.services),
            kept: left_free(problem, loaded, kept),
        }
    }
}
