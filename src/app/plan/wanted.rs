//! From what was typed to the engine's problem: tags, GPUs and presets looked up.

use super::super::args::PlanArgs;
use super::super::hardware::Hardware;
use super::super::session::{Session, size};
use super::demand::{self, Demand, KeepFree};
use super::resolved::ResolvedDemands;
use super::{apart, checkpoint, ports};
use crate::catalog::guide::Preset;
use crate::catalog::similar;
use crate::engine::pack::Replica;
use crate::engine::workload::Engine;
use crate::error::{Error, ExpectedFormat};
use crate::units::Bytes;

/// More demands than this are no plan that a person made.
const MOST_DEMANDS: usize = 1000;
/// More GPUs than this are not listed as choices.
const MOST_CHOICES: usize = 32;

/// Everything that was asked for.
#[derive(Clone)]
pub(super) struct Wanted {
    pub demands: Vec<Demand>,
    pub keep_free: KeepFree,
    pub base_port: u16,
    /// Who stays away from whom, as it was typed.
    pub apart: Vec<String>,
    /// What stays free on every GPU.
    pub headroom: Bytes,
}

/// Reads the command line's demands, files and preset.
pub(super) fn read(session: &Session, args: &PlanArgs) -> Result<(Wanted, Option<Preset>), Error> {
    let mut demands = Vec::new();
    let mut keep_free = KeepFree::default();
    for text in &args.demands {
        demands.push(demand::parse(text)?);
    }
    for path in &args.models_file {
        let (more, kept) = demand::file(path)?;
        demands.extend(more);
        keep_free.count += kept.count;
        keep_free.gpus.extend(kept.gpus);
    }
    // Typed, it stands in place of what files say: so the same file can be tried otherwise.
    if let Some(text) = &args.keep_free {
        keep_free = KeepFree::parse(text)?;
    }
    let preset = args
        .preset
        .as_deref()
        .map(|name| preset(session, name))
        .transpose()?;
    if demands.is_empty() && preset.is_none() {
        return Err(Error::MissingArgument {
            argument: "DEMAND|--preset|--models-file".into(),
        });
    }
    let base_port = ports::base(args.base_port.as_deref())?;
    let services = demands
        .iter()
        // A file has any number of rows, whose sum must not wrap to a small one.
        .fold(0_u32, |sum, demand| sum.saturating_add(demand.replicas));
    if services > demand::MOST_REPLICAS || demands.len() > MOST_DEMANDS {
        return Err(Error::BadValue {
            argument: "DEMAND".into(),
            value: services.to_string(),
            form: ExpectedFormat::Services,
        });
    }
    ports::distinct(&demands)?;
    let headroom = args.headroom.as_deref();
    let wanted = Wanted {
        apart: args.apart.clone(),
        headroom: headroom
            .map(|text| size("--headroom", text))
            .transpose()?
            .unwrap_or_default(),
        demands,
        keep_free,
        base_port,
    };
    Ok((wanted, preset))
}

fn preset(session: &Session, name: &str) -> Result<Preset, Error> {
    let presets = &session.catalog.guide().preset;
    let found = presets.iter().find(|preset| preset.code == name);
    found.cloned().ok_or_else(|| {
        let choices: Vec<String> = presets.iter().map(|preset| preset.code.clone()).collect();
        Error::UnknownChoice {
            argument: "--preset".into(),
            value: name.to_owned(),
            candidates: similar(name, choices.iter().map(String::as_str)),
            choices,
        }
    })
}

impl Wanted {
    /// What serves each demand.
    pub(super) fn engines(&self, args: &PlanArgs) -> Vec<Engine> {
        let demands = self.demands.iter();
        let engine = |demand: &Demand| demand.engine.or(args.engine).unwrap_or_default();
        demands.map(engine).collect()
    }

    /// The same with a preset's services: on the guide's own GPUs, or wherever they find a place.
    pub(super) fn with_preset(&self, preset: &Preset, pinned: bool, context: Option<u32>) -> Self {
        let mut wanted = Self {
            demands: self.demands.clone(),
            keep_free: self.keep_free.clone(),
            apart: self.apart.clone(),
            ..*self
        };
        for service in &preset.services {
            // Replicas lie on sets of GPUs of their own, of which the guide names the first.
            let replicas = service.replicas.unwrap_or(1);
            let pins = if pinned && replicas == 1 {
                service.gpus.iter().map(u32::to_string).collect()
            } else {
                Vec::new()
            };
            wanted.demands.push(Demand {
                tag: service.tag.clone(),
                replicas,
                context,
                proposed: !pins.is_empty(),
                pins,
                ..Demand::default()
            });
        }
        if self.keep_free == KeepFree::default() {
            wanted.keep_free = if pinned {
                KeepFree {
                    count: 0,
                    gpus: preset.keep_free.iter().map(u32::to_string).collect(),
                }
            } else {
                // Where services go anywhere, which GPU the guide leaves free means nothing; how many does.
                KeepFree {
                    count: preset.keep_free.len(),
                    gpus: Vec::new(),
                }
            };
        }
        wanted
    }
}

/// Whether a machine has every GPU that a preset names.
pub(super) fn has_gpus_of(hardware: &Hardware, preset: &Preset) -> bool {
    let named = preset.services.iter().flat_map(|service| &service.gpus);
    let highest = named.chain(&preset.keep_free).max().copied().unwrap_or(0);
    // The guide numbers the GPUs of one machine.
    hardware.report.hosts.len() == 1 && hardware.report.hosts[0].gpus.len() > highest as usize
}

/// For each replica, in order, its demand, and the item that stands for it.
pub(super) fn items(
    wanted: &Wanted,
    resolved: &ResolvedDemands<'_>,
    hardware: &Hardware,
) -> Result<(Vec<usize>, Vec<Replica>), Error> {
    let apart = apart::apart(wanted, resolved)?;
    let (mut demand_of, mut items) = (Vec::new(), Vec::new());
    for (at, demand) in wanted.demands.iter().enumerate() {
        let devices = demand
            .pins
            .iter()
            .map(|pin| gpu(hardware, &format!("{}: pin", demand.tag), pin))
            .collect::<Result<Vec<usize>, Error>>()?;
        let known = &resolved.known[resolved.model[at]];
        let devices = on_engine(hardware, known.workload.engine, devices);
        let item = Replica {
            model: resolved.model[at],
            devices,
            label: at,
            anti_affinity: apart[at].iter().copied().collect(),
            // Above every priority that can be typed.
            priority: if demand.must {
                i64::MAX
            } else {
                demand.priority
            },
        };
        demand_of.extend((0..demand.replicas).map(|_| at));
        items.extend((0..demand.replicas).map(|_| item.clone()));
    }
    Ok((demand_of, items))
}

/// The devices that an engine may use of those that pins name; `None`: any, new ones too.
fn on_engine(hardware: &Hardware, engine: Engine, pins: Vec<usize>) -> Option<Vec<usize>> {
    let pins = (!pins.is_empty()).then_some(pins);
    let serves = |at: &usize| match engine {
        Engine::Ollama => !hardware.not_for_ollama.contains(at),
        Engine::LlamaCpp => true,
        Engine::Vllm => checkpoint::serves(place(hardware, *at).1),
    };
    let mut all = 0..hardware.pool.devices.len();
    if pins.is_none() && all.all(|at| serves(&at)) {
        // Named one by one they would be pins, and a card that is bought or imagined later closed to it.
        return None;
    }
    let devices = pins.unwrap_or_else(|| (0..hardware.pool.devices.len()).collect());
    Some(devices.into_iter().filter(serves).collect())
}

/// The device that a name means: `1`, `gpu1`, `host-a/1` or a UUID.
pub(super) fn gpu(hardware: &Hardware, argument: &str, name: &str) -> Result<usize, Error> {
    let several = hardware.report.hosts.len() > 1;
    let bare = name.trim().to_lowercase();
    let bare = bare
        .strip_prefix("gpu")
        .map_or(bare.as_str(), |rest| rest.trim_start());
    let found = (0..hardware.pool.devices.len()).find(|at| {
        let (host, gpu) = place(hardware, *at);
        let uuid = gpu.uuid.as_deref();
        format!("{host}/{}", gpu.gpu).eq_ignore_ascii_case(name.trim())
            || uuid.is_some_and(|uuid| uuid.eq_ignore_ascii_case(name.trim()))
            // A bare number names a GPU of each of several machines.
            || (!several && bare == gpu.gpu.to_string())
    });
    found.ok_or_else(|| {
        let names = (0..hardware.pool.devices.len().min(MOST_CHOICES)).map(|at| {
            let (host, gpu) = place(hardware, at);
            if several {
                format!("{host}/{}", gpu.gpu)
            } else {
                gpu.gpu.to_string()
            }
        });
        let choices: Vec<String> = names.collect();
        Error::UnknownChoice {
            argument: argument.to_owned(),
            value: name.to_owned(),
            candidates: similar(name, choices.iter().map(String::as_str)),
            choices,
        }
    })
}

/// A device in the inventory's names.
pub(super) fn place(hardware: &Hardware, at: usize) -> (&str, &crate::report::GpuReport) {
    let device = &hardware.pool.devices[at];
    let host = &hardware.report.hosts[device.host as usize];
    (&host.name, &host.gpus[device.gpu as usize])
}
