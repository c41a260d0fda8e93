//! `vramfit matrix`, and the hardware that advice is computed for.

use super::args::MatrixArgs;
use super::hardware::Hardware;
use super::reporting::{self, Answer};
use super::session::Session;
use super::{guide, hardware};
use crate::engine::place::{Device, GpuPool};
use crate::engine::predict_speed::Machine;
use crate::engine::rank::rank;
use crate::engine::ranking::{Ranked, RankingHardware, Request};
use crate::engine::reason::is_doubtful;
use crate::engine::workload::Workload;
use crate::error::Error;
use crate::render;
use crate::report::{AdviceRequest, GpuReport, HostReport, Matrix, MatrixPick, MatrixRow};
use crate::request::{Stage, Task};
use crate::units::Bytes;

pub(super) fn run(session: &Session, args: &MatrixArgs) -> Result<Answer, Error> {
    let task = args.task.unwrap_or(Task::Chat);
    let (workload, context_asked) = session.workload_for(task, &args.workload)?;
    let hardware = session.hardware()?;
    let stands = if hardware.pool.devices.is_empty() && !hardware.on_cpu {
        let cards = session.catalog.guide().cards.iter();
        cards
            .filter_map(|cards| TargetHardware::imagined(session, &cards.gpu))
            .collect()
    } else {
        TargetHardware::hosts(&hardware)
    };
    let request = |stage| Request {
        stage: Some(stage),
        context_asked,
        ..Request::new(task, workload, session.scope)
    };
    let computed: Vec<MatrixRow> = stands
        .iter()
        .map(|stand| {
            let best = |stage| rank(&session.catalog, &request(stage), &stand.here()).placed;
            let (development, production) = (best(Stage::Prototype), best(Stage::Production));
            MatrixRow {
                host: stand.host.clone(),
                hardware: stand.name.clone(),
                vram: stand.total,
                development: development.first().map(pick),
                production: production.first().map(pick),
                flagship: flagship(&production).map(pick),
            }
        })
        .collect();
    let yes = computed.iter().any(|row| row.production.is_some());
    let report = Matrix {
        schema: "vramfit.matrix/1",
        request: asked(session, task, &workload),
        inventory: hardware.report,
        guide: guide::tables(session),
        computed,
    };
    reporting::answer(
        session,
        &report,
        |view| render::matrix::page(&report, view),
        yes,
    )
}

/// The settings, as they are echoed.
pub(super) fn asked(session: &Session, task: Task, workload: &Workload) -> AdviceRequest {
    AdviceRequest {
        task,
        context_length: workload.context_length,
        parallel: workload.parallel,
        kv_cache_type: workload.kv_cache_type,
        catalog: session.catalog_name.clone(),
    }
}

/// The most points for the task among the models that fit as well as the best does.
fn flagship<'a, 'b>(placed: &'b [Ranked<'a>]) -> Option<&'b Ranked<'a>> {
    let verdict = placed.first()?.placement.verdict;
    let points = |ranked: &Ranked<'_>| (ranked.score.task, ranked.score.total);
    placed
        .iter()
        .filter(|ranked| ranked.placement.verdict == verdict)
        .reduce(|best, other| {
            if points(other) > points(best) {
                other
            } else {
                best
            }
        })
}

fn pick(ranked: &Ranked<'_>) -> MatrixPick {
    MatrixPick {
        tag: ranked.entry.tag.to_owned(),
        verdict: ranked.placement.verdict,
        within_doubt: is_doubtful(&ranked.reasons),
        total: ranked.placement.total(),
        decode: ranked.speed.as_ref().map(|speed| speed.decode),
        score: ranked.score,
    }
}

/// Hardware that advice is computed for: what is here, or a card that is only imagined.
pub(super) struct TargetHardware {
    /// The host, where there are several.
    host: Option<String>,
    /// The GPUs by name and number.
    pub name: String,
    pub total: Bytes,
    pool: GpuPool,
    machine: Machine,
}

impl TargetHardware {
    /// The hardware that was given or found.
    pub(super) fn new(hardware: &Hardware) -> Self {
        let gpus = || hardware.report.hosts.iter().flat_map(|host| &host.gpus);
        Self {
            host: None,
            name: name(gpus()),
            total: gpus().map(|gpu| gpu.total).sum(),
            pool: hardware.pool.clone(),
            machine: hardware.machine.clone(),
        }
    }

    /// The same host by host: no model lies across two of them.
    fn hosts(hardware: &Hardware) -> Vec<Self> {
        let hosts = &hardware.report.hosts;
        if hosts.len() < 2 {
            return vec![Self::new(hardware)];
        }
        let of_host = |(at, host): (usize, &HostReport)| {
            let devices = hardware.pool.devices.iter().zip(&hardware.machine.devices);
            let (devices, paces): (Vec<Device>, Vec<_>) = devices
                .filter(|(device, _)| device.host as usize == at)
                .map(|(device, speed)| (Device { host: 0, ..*device }, speed.clone()))
                .unzip();
            Self {
                host: Some(host.name.clone()),
                name: name(&host.gpus),
                total: host.gpus.iter().map(|gpu| gpu.total).sum(),
                pool: GpuPool {
                    devices,
                    hosts: vec![hardware.pool.hosts.get(at).copied().flatten()],
                    ..hardware.pool.clone()
                },
                machine: Machine {
                    devices: paces,
                    host_bandwidth: hardware.machine.host_bandwidth,
                    measured: Vec::new(),
                },
            }
        };
        hosts.iter().enumerate().map(of_host).collect()
    }

    /// Cards that the catalog knows, empty: `RTX 3090 x2`.
    pub(super) fn imagined(session: &Session, spec: &str) -> Option<Self> {
        let (name, count) = spec.rsplit_once(" x").unwrap_or((spec, "1"));
        let count: usize = count.parse().ok()?;
        let known = session.catalog.gpu(name, None)?;
        let mut pool = Hardware::boundless(session.catalog.cuda_context());
        let mut device = *pool.devices.first()?;
        device.free = known.offered.free();
        device.overhead = hardware::overhead(known, &session.catalog);
        pool.devices = (0..count as u32)
            .map(|gpu| Device { gpu, ..device })
            .collect();
        Some(Self {
            host: None,
            name: spec.to_owned(),
            total: known.offered.total * count as u64,
            pool,
            machine: Machine {
                devices: vec![hardware::card_speed(known); count],
                host_bandwidth: None,
                measured: Vec::new(),
            },
        })
    }

    /// As the engine wants it.
    pub(super) fn here(&self) -> RankingHardware<'_> {
        RankingHardware {
            pool: &self.pool,
            machine: &self.machine,
            tenants: &[],
        }
    }
}

/// All GPUs by name and number: `RTX 3090 x2 + RTX 3060 12GB`.
fn name<'a>(gpus: impl IntoIterator<Item = &'a GpuReport>) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for gpu in gpus {
        match kinds.iter_mut().find(|(name, _)| *name == gpu.name) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&gpu.name, 1)),
        }
    }
    let named = kinds.into_iter().map(|(name, count)| match count {
        1 => name.to_owned(),
        count => format!("{name} x{count}"),
    });
    named.collect::<Vec<_>>().join(" + ")
}
