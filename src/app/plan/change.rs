//! What is other than before: a GPU lost or added, or a plan that was saved.

use std::collections::{BTreeMap, BTreeSet};

use super::super::args::PlanArgs;
use super::super::hardware::Hardware;
use super::super::session::Session;
use super::{Planning, extended, wanted};
use crate::engine::pack::Solution;
use crate::engine::workload::Engine;
use crate::error::Error;
use crate::inventory::NoteCode;
use crate::report::{
    Cause, Move, Plan, PlanChange, PlanNote, SavedPlan, ServiceName, Setting, SettingsChange,
};

/// The hardware with what `--what-if` adds, and the positions of that; `None` if it adds nothing.
pub(super) fn with_added(
    session: &Session,
    args: &PlanArgs,
    hardware: &Hardware,
    engines: &[Engine],
) -> Result<Option<(Hardware, Vec<usize>)>, Error> {
    if args.what_if.is_empty() {
        return Ok(None);
    }
    // What is added comes after the GPUs that the first machine has.
    let before = hardware
        .report
        .hosts
        .first()
        .map_or(0, |host| host.gpus.len());
    let hardware = extended(session, &args.what_if, engines)?;
    let devices = hardware.pool.devices.iter().enumerate();
    let added = devices
        .filter(|(_, device)| device.host == 0 && device.gpu as usize >= before)
        .map(|(at, _)| at)
        .collect();
    Ok(Some((hardware, added)))
}

/// That GPUs which were added are left out for the driver of the machine that they came into.
pub(super) fn of_its_driver(
    before: &Hardware,
    after: &Hardware,
    added: &[usize],
) -> Option<PlanNote> {
    let gpus = |hardware: &Hardware| {
        let host = hardware.report.hosts.first();
        host.map_or(0, |host| host.gpus.len())
    };
    let mut notes = after.report.notes.iter();
    let too_old = notes.find(|note| note.code == NoteCode::DriverTooOld)?;
    let driver = too_old.detail.clone()?;
    (added.len() < gpus(after) - gpus(before)).then_some(PlanNote::AddedHasHostDriver { driver })
}

/// A service's GPUs under the names that do not change.
struct PlacedService {
    service: ServiceName,
    gpus: Vec<(String, Option<String>)>,
    /// What it is started with, as far as that is compared.
    settings: BTreeMap<String, String>,
}

impl Planning<'_> {
    /// What the loss of GPUs, or GPUs that are only imagined, change.
    pub(super) fn change(
        &self,
        added: &[usize],
        lost: &[usize],
        before: &Solution,
        after: &Solution,
    ) -> PlanChange {
        let (before, after) = (self.placed_services(before), self.placed_services(after));
        let (cause, gpus) = if lost.is_empty() {
            (Cause::WhatIf, added)
        } else {
            (Cause::Lose, lost)
        };
        PlanChange {
            gpus: gpus.iter().map(|at| self.gpu_name(*at)).collect(),
            added: added.iter().map(|at| self.gpu_name(*at)).collect(),
            ..compare(cause, before, after)
        }
    }

    fn placed_services(&self, solution: &Solution) -> Vec<PlacedService> {
        let placed = solution.places.iter().zip(self.service_names());
        let placed_services = placed.filter_map(|(place, service)| {
            let gpus = place.as_ref()?.iter().map(|at| {
                let (_, gpu) = wanted::place(self.hardware, *at);
                (self.gpu_name(*at), gpu.uuid.clone())
            });
            Some(PlacedService {
                service,
                gpus: gpus.collect(),
                settings: BTreeMap::new(),
            })
        });
        placed_services.collect()
    }
}

fn compare(cause: Cause, before: Vec<PlacedService>, mut after: Vec<PlacedService>) -> PlanChange {
    let mut change = PlanChange {
        cause,
        gpus: Vec::new(),
        added: Vec::new(),
        moved: Vec::new(),
        gained: Vec::new(),
        lost: Vec::new(),
        changed: Vec::new(),
        stay: 0,
    };
    let names = |service: &PlacedService| {
        let mut names: Vec<String> = service.gpus.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    };
    for old in before {
        let at = after.iter().position(|new| new.service == old.service);
        // Taken out: what is left of them at the end was gained.
        let new = at.map(|at| after.remove(at));
        let step = Move {
            from: names(&old),
            to: new.as_ref().map(names).unwrap_or_default(),
            service: old.service.clone(),
        };
        match new {
            None => change.lost.push(step),
            Some(new) => {
                let settings = other_settings(&old, &new);
                let stays = same(&old, &new);
                if !stays {
                    change.moved.push(step);
                } else if settings.is_empty() {
                    change.stay += 1;
                }
                if !settings.is_empty() {
                    change.changed.push(SettingsChange {
                        service: old.service,
                        settings,
                    });
                }
            }
        }
    }
    change.gained = after
        .iter()
        .map(|new| Move {
            service: new.service.clone(),
            from: Vec::new(),
            to: names(new),
        })
        .collect();
    change
}

/// What two services are started with differently. Which GPUs they see is told as a move; another engine has settings of its own.
fn other_settings(old: &PlacedService, new: &PlacedService) -> Vec<Setting> {
    let engine = |service: &PlacedService| service.settings.get(ENGINE).cloned();
    let other_engine = engine(old) != engine(new);
    let names: BTreeSet<&String> = old.settings.keys().chain(new.settings.keys()).collect();
    let setting = |name: &String| Setting {
        name: name.clone(),
        from: old.settings.get(name).cloned(),
        to: new.settings.get(name).cloned(),
    };
    let common = |name: &&String| !other_engine || OF_EVERY_ENGINE.contains(&name.as_str());
    let settings = names.into_iter().filter(common).map(setting);
    settings.filter(|one| one.from != one.to).collect()
}

const ENGINE: &str = "engine";
const PORT: &str = "port";
const CONTEXT_LENGTH: &str = "context_length";
const OF_EVERY_ENGINE: [&str; 3] = [ENGINE, PORT, CONTEXT_LENGTH];

/// A service's settings under their names: variables of its environment, options of its command.
fn settings(
    engine: Engine,
    port: u16,
    context_length: u32,
    environment: &BTreeMap<String, String>,
    command: &[String],
) -> BTreeMap<String, String> {
    // Told as a move, and as the port and context themselves.
    let shown_apart = [
        "CUDA_VISIBLE_DEVICES",
        "CUDA_DEVICE_ORDER",
        "ROCR_VISIBLE_DEVICES",
        "GGML_VK_VISIBLE_DEVICES",
        "OLLAMA_CONTEXT_LENGTH",
        "LLAMA_ARG_CTX_SIZE",
        "LLAMA_ARG_PORT",
        "--max-model-len",
        "--port",
    ];
    // `vllm serve MODEL --option value ..`
    let model = command.get(2).map(|model| ("model", model));
    let options = command.get(3..).unwrap_or_default().chunks_exact(2);
    let words = options
        .map(|pair| (pair[0].as_str(), &pair[1]))
        .chain(model);
    let variables = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    let mut settings: BTreeMap<String, String> = variables
        .chain(words)
        .filter(|(name, _)| !shown_apart.contains(name))
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
    // Its port is told by itself; else a service that changes it would have changed two settings.
    if let Some(address) = settings.get_mut("OLLAMA_HOST") {
        let host = address.rsplit_once(':').map(|(host, _)| host.to_owned());
        *address = host.unwrap_or_default();
    }
    settings.insert(ENGINE.to_owned(), engine.label().to_owned());
    settings.insert(PORT.to_owned(), port.to_string());
    settings.insert(CONTEXT_LENGTH.to_owned(), context_length.to_string());
    settings
}

/// Whether two services lie on the same GPUs: by UUID where all have one, else by name.
fn same(one: &PlacedService, other: &PlacedService) -> bool {
    let by = |service: &PlacedService, uuid: bool| {
        let mut keys: Vec<String> = service
            .gpus
            .iter()
            .map(|(name, id)| {
                if uuid {
                    id.clone().unwrap_or_default()
                } else {
                    name.clone()
                }
            })
            .collect();
        // In which order it sees them is no move.
        keys.sort();
        keys
    };
    let known = one
        .gpus
        .iter()
        .chain(&other.gpus)
        .all(|(_, uuid)| uuid.is_some());
    by(one, known) == by(other, known)
}

/// From a plan that was saved with `--json` to this one.
pub(super) fn against_saved(saved: SavedPlan, plan: &Plan) -> PlanChange {
    let before = saved.services.into_iter().map(|service| PlacedService {
        settings: settings(
            service.engine,
            service.port,
            service.context_length,
            &service.environment,
            &service.command,
        ),
        service: ServiceName {
            tag: service.tag,
            replica: service.replica,
        },
        gpus: service
            .gpus
            .into_iter()
            .map(|gpu| (format!("{}/{}", service.host, gpu.gpu), gpu.uuid))
            .collect(),
    });
    let after = plan.services.iter().map(|service| PlacedService {
        settings: settings(
            service.engine,
            service.port,
            service.context_length,
            &service.environment,
            &service.command,
        ),
        service: service.name(),
        gpus: service
            .gpus
            .iter()
            .map(|gpu| (format!("{}/{}", service.host, gpu.gpu), gpu.uuid.clone()))
            .collect(),
    });
    compare(Cause::Diff, before.collect(), after.collect())
}
