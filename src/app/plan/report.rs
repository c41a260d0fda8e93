//! From the engine's plan to the report.

use std::collections::BTreeMap;

use super::super::{llama_server, reporting};
use super::{Planning, doubt, listen, ports, resolved, running, sharing, wanted};
use crate::artifact;
use crate::engine::judge::speed_model;
use crate::engine::pack::experts::with_memory;
use crate::engine::pack::ollama_schedule::schedule_by_ollama;
use crate::engine::pack::simulate::LoadedPlan;
use crate::engine::pack::suggest_fixes::{FixQuery, suggest_fixes};
use crate::engine::pack::{Problem, Solution};
use crate::engine::place::Placement;
use crate::engine::predict_speed::predict_speed;
use crate::engine::runtime::predicted;
use crate::engine::workload::{CacheFault, Engine, Workload};
use crate::error::Error;
use crate::report::{
    Fix, GpuBudget, ModelFile, Plan, PlanNote, Planned, Refused, Service, ServiceGpu, ServiceName,
    Speed, Unpinned, Unplaced,
};

/// Each item's tag, and which of its tag's services it is.
pub(super) fn names(
    resolved: &resolved::ResolvedDemands<'_>,
    demand_of: &[usize],
) -> Vec<ServiceName> {
    let mut count: BTreeMap<&str, u32> = BTreeMap::new();
    let name = demand_of.iter().map(|demand| {
        // Two demands for one tag are served under one name, so that their replicas count together.
        let tag = resolved.tags[*demand].as_str();
        let replica = count.entry(tag).or_default();
        *replica += 1;
        ServiceName {
            tag: tag.to_owned(),
            replica: *replica,
        }
    });
    name.collect()
}

/// The services of a plan, and what they leave.
pub(super) struct Placed {
    pub services: Vec<Service>,
    pub ledgers: Vec<GpuBudget>,
    /// What is to be said of those that fit by less than they may be off.
    pub doubtful: Vec<PlanNote>,
}

impl Planning<'_> {
    /// Name of a GPU in answers: `host/index`.
    pub(super) fn gpu_name(&self, at: usize) -> String {
        let (host, gpu) = wanted::place(self.hardware, at);
        format!("{host}/{}", gpu.gpu)
    }

    pub(super) fn tag(&self, item: usize) -> &str {
        &self.resolved.tags[self.demand_of[item]]
    }

    pub(super) fn report(
        &self,
        problem: &Problem<'_>,
        solution: &Solution,
        loaded: &LoadedPlan,
        kept: &[usize],
        lost: &[usize],
    ) -> Result<Planned, Error> {
        let names = self.service_names();
        let Placed {
            services,
            ledgers,
            doubtful,
        } = self.placed(problem, solution, loaded, lost)?;
        let unplaced = self.unplaced(problem, solution, loaded, &names);
        let guessed = !doubtful.is_empty() || self.misses_by_doubt(&unplaced);
        let mut plan = Plan {
            schema: "vramfit.plan/1",
            unplaced,
            gpus: ledgers,
            // A proof over estimates is none where what they may be off by decides.
            optimal: solution.optimal && !guessed,
            notes: [
                self.notes(problem, solution, loaded, kept),
                doubtful,
                listen::notes(&services, &self.listen),
            ]
            .concat(),
            services,
        };
        // Last: its servers get ports that nobody else has.
        self.take_turns(&mut plan, problem, solution, loaded);
        Ok(Planned {
            losses: sharing::losses(&plan),
            plan,
            change: None,
            unpinned: self.unpinned(problem, lost)?,
            users: None,
            fill: None,
            files: Vec::new(),
        })
    }

    /// The services that have a place, with their memory, settings and speed.
    pub(super) fn placed(
        &self,
        problem: &Problem<'_>,
        solution: &Solution,
        loaded: &LoadedPlan,
        lost: &[usize],
    ) -> Result<Placed, Error> {
        let host_of: Vec<Option<u32>> = solution
            .places
            .iter()
            // No service lies on two machines, so that its first GPU tells which.
            .map(|place| Some(self.hardware.pool.devices[*place.as_ref()?.first()?].host))
            .collect();
        let names = self.service_names();
        let held = names.iter().zip(&host_of).map(|(name, host)| {
            let host = &self.hardware.report.hosts.get((*host)? as usize)?.name;
            running::port(self.running?, name, host)
        });
        let held: Vec<Option<u16>> = held.collect();
        let ports = ports::ports(self.wanted, self.demand_of, &host_of, &held)?;
        let mut services: Vec<Service> = solution
            .order
            .iter()
            .filter_map(|item| {
                let placement = loaded.placements[*item].as_ref()?;
                Some(self.service(
                    &names[*item],
                    placement,
                    ports[*item]?,
                    problem.items[*item].model,
                ))
            })
            .collect();
        sharing::tell(&mut services);
        let ledgers: Vec<GpuBudget> = (0..self.hardware.pool.devices.len())
            .filter(|at| !lost.contains(at))
            .map(|at| self.ledger(at, loaded))
            .collect();
        Ok(Placed {
            doubtful: doubt::tell(&mut services, &ledgers),
            services,
            ledgers,
        })
    }

    /// Each item's tag, and which of its tag's services it is.
    pub(super) fn service_names(&self) -> Vec<ServiceName> {
        names(self.resolved, self.demand_of)
    }

    pub(super) fn service(
        &self,
        name: &ServiceName,
        placement: &Placement,
        port: u16,
        model: usize,
    ) -> Service {
        let known = &self.resolved.known[model];
        let gpus: Vec<ServiceGpu> = placement
            .shares
            .iter()
            .map(|share| {
                let (_, gpu) = wanted::place(self.hardware, share.device);
                ServiceGpu {
                    gpu: gpu.gpu,
                    uuid: gpu.uuid.clone(),
                    name: gpu.name.clone(),
                    vendor: gpu.vendor,
                    bytes: share.total(),
                }
            })
            .collect();
        let host = placement
            .shares
            .first()
            .map(|share| wanted::place(self.hardware, share.device).0);
        let mut service = Service {
            tag: name.tag.clone(),
            replica: name.replica,
            host: host.unwrap_or_default().to_owned(),
            port,
            estimate: reporting::estimate(self.hardware, placement, &known.input),
            verdict: placement.verdict,
            within_doubt: false,
            context_length: placement.workload.context_length,
            speed: self.speed(model, placement),
            shares_with: Vec::new(),
            speed_all_busy: None,
            environment: BTreeMap::new(),
            engine: placement.workload.engine,
            command: Vec::new(),
            file: None,
            gpus,
        };
        let address = self.address(&service.host).to_string();
        if service.engine == Engine::Ollama {
            let listens = format!("{address}:{port}");
            service
                .environment
                .insert("OLLAMA_HOST".to_owned(), listens);
        }
        if service.engine == Engine::LlamaCpp {
            let file = llama_server::source(self.session, &name.tag, &known.input);
            let options = llama_server::environment(
                known.entry,
                &name.tag,
                placement,
                &known.input,
                &file,
                (&address, port),
            );
            service.environment.extend(options);
            service.file = Some(file);
        }
        if let Some(checkpoint) = known.checkpoint {
            service.command = self.command(&service, &address, placement, checkpoint);
            let version = &self.session.catalog.knowledge.vllm.version;
            service.estimate.engine = format!("{} {version}", Engine::Vllm.label());
            service.file = Some(ModelFile::Checkpoint {
                repository: checkpoint.repository.clone(),
                format: checkpoint.format,
                bytes: checkpoint.bytes,
            });
        }
        // As the emitted files have it, so that the page and they cannot differ.
        service.environment = artifact::environment(&service);
        service
    }

    fn speed(&self, model: usize, placement: &Placement) -> Option<Speed> {
        if placement.workload.engine == Engine::Vllm {
            // Its kernels are others, and what is measured was not measured with them.
            return None;
        }
        let catalog = &self.session.catalog;
        let known = &self.resolved.known[model];
        predict_speed(
            &catalog.knowledge.speeds,
            &self.hardware.machine,
            speed_model(catalog, known.entry, &known.input),
            placement,
        )
    }

    fn ledger(&self, at: usize, loaded: &LoadedPlan) -> GpuBudget {
        let (host, gpu) = wanted::place(self.hardware, at);
        let usable = self.hardware.pool.devices[at].usable();
        let committed = loaded.committed[at];
        GpuBudget {
            host: host.to_owned(),
            gpu: gpu.gpu,
            uuid: gpu.uuid.clone(),
            name: gpu.name.clone(),
            vendor: gpu.vendor,
            usable,
            committed,
            free: usable - committed,
            held: loaded.claimed[at] - committed,
        }
    }

    /// Demands without a place; what would help is found once for replicas that are alike.
    fn unplaced(
        &self,
        problem: &Problem<'_>,
        solution: &Solution,
        loaded: &LoadedPlan,
        names: &[ServiceName],
    ) -> Vec<Unplaced> {
        let mut known = BTreeMap::new();
        let models = 0..self.resolved.known.len();
        let tags: Vec<&str> = models.map(|model| self.resolved.tag(model)).collect();
        let missing = (0..problem.items.len()).filter(|item| solution.places[*item].is_none());
        let unplaced = missing.map(|item| {
            let demand = self.demand_of[item];
            let model = problem.models[problem.items[item].model];
            let (shortfall, fixes) = known
                .entry(demand)
                .or_insert_with(|| {
                    let model = &self.resolved.known[problem.items[item].model];
                    let query = FixQuery {
                        catalog: &self.session.catalog,
                        entry: model.entry,
                        input: &model.input,
                        tenants: &self.hardware.tenants,
                        demand_of: self.demand_of,
                        tags: &tags,
                    };
                    let (shortfall, mut fixes) =
                        suggest_fixes(problem, solution, loaded, item, query);
                    self.keep_possible(model, &mut fixes);
                    fixes.extend(self.experts_in_memory(problem, solution, loaded, item));
                    fixes.sort_by_key(Fix::cost);
                    (shortfall, fixes)
                })
                .clone();
            Unplaced {
                tag: names[item].tag.clone(),
                replica: names[item].replica,
                must: self.wanted.demands[demand].must,
                context_length: model.workload.context_length,
                parallel: model.workload.parallel,
                shortfall,
                refused: model
                    .workload
                    .cache_fault(model.shape.architecture)
                    .filter(|fault| fault.refuses())
                    .map(|fault| cache_refused(&model.workload, fault)),
                cheapest_fix: fixes.first().cloned(),
                alternatives: fixes.into_iter().skip(1).collect(),
                turn: None,
            }
        });
        unplaced.collect()
    }

    /// What a service without a place takes of system memory, and how fast it is, if a `llama-server` keeps its experts there.
    fn experts_in_memory(
        &self,
        problem: &Problem<'_>,
        solution: &Solution,
        loaded: &LoadedPlan,
        item: usize,
    ) -> Option<Fix> {
        let model = problem.items[item].model;
        let engine = problem.models[model].workload.engine;
        // More than one would share what is left.
        let missing = (0..problem.items.len()).filter(|other| {
            solution.places[*other].is_none() && self.demand_of[*other] == self.demand_of[item]
        });
        // The engine is the whole plan's, and takes other bytes for those that have a place.
        let others = engine == Engine::Ollama && solution.placed() > 0;
        // What the GPU shares with its machine is no memory beside it.
        let shares = problem.pool.machines.is_some();
        if engine == Engine::Vllm || missing.count() > 1 || others || shares {
            return None;
        }
        let placement = with_memory(problem, solution, loaded, item)?;
        Some(Fix::ExpertsInMemory {
            bytes: placement.allocation.host.total(),
            decode: self.speed(model, &placement).map(|speed| speed.decode),
            other_engine: engine != Engine::LlamaCpp,
        })
    }

    /// What one Ollama without pins would make of the same models.
    fn unpinned(&self, problem: &Problem<'_>, lost: &[usize]) -> Result<Vec<Unpinned>, Error> {
        let without = |known: &resolved::Known<'_>| known.workload.engine != Engine::Ollama;
        // The others load where they are told, and one Ollama sees one machine.
        if self.resolved.known.iter().any(without)
            || self.hardware.pool.devices.is_empty()
            || self.hardware.report.hosts.len() > 1
        {
            return Ok(Vec::new());
        }
        let tag = |model: usize| self.resolved.tag(model).to_owned();
        let there: Vec<usize> = (0..self.hardware.pool.devices.len())
            .filter(|at| !lost.contains(at))
            .collect();
        let mut pool = self.hardware.pool.clone();
        pool.devices = there.iter().map(|at| pool.devices[*at]).collect();
        let schedules = schedule_by_ollama(&problem.models, &pool);
        let unpinned = schedules.into_iter().map(|schedule| {
            let model = problem.models[schedule.model];
            let workload = &model.workload;
            let total = u64::from(workload.context_length) * u64::from(workload.parallel);
            Unpinned {
                tag: tag(schedule.model),
                predicted: predicted(model.shape, model.shape.weights.in_file(), total),
                gpus: schedule
                    .devices
                    .iter()
                    .map(|at| wanted::place(self.hardware, there[*at]).1.gpu)
                    .collect(),
                host_layers: schedule.host_layers,
                refused: schedule.refused.map(|fault| cache_refused(workload, fault)),
                evicts: schedule.evicted.into_iter().map(tag).collect(),
            }
        });
        Ok(unpinned.collect())
    }
}

fn cache_refused(workload: &Workload, fault: CacheFault) -> Refused {
    Refused {
        kv_cache_type: workload.kv_cache_type,
        fault,
    }
}
