//! `vramfit monitor`.

mod expiry;
mod holders;
mod live;

use std::io::Write;
use std::time::{Duration, SystemTime};

use super::answer::{self, Answer};
use super::args::{Format, MonitorArgs};
use super::session::{Session, number};
use super::{detect, hardware};
use crate::error::{Error, Form};
use crate::inventory::{Gpu, Host, Inventory, Origin, Sources, Watch};
use crate::ollama::{Client, Loaded, Patience};
use crate::render::monitor::{Order, page};
use crate::report::{Holder, LoadedModel, Monitor, MonitoredGpu, MonitoredServer};

/// The longest time between two looks, in seconds.
const LONGEST: u32 = 3600;

/// Shows the machine: until a key or a signal ends it on a terminal, else once.
///
/// # Errors
///
/// If flags describe no hardware, or if the terminal cannot be written to.
pub(super) fn run(
    session: &Session,
    args: &MonitorArgs,
    out: &mut dyn Write,
) -> Result<Answer, Error> {
    let interval = args.interval.as_deref().map_or(Ok(1), |text| {
        number("--interval", text, LONGEST, Form::Count)
    })?;
    let sources = detect::sources(session);
    let look = Look::new(session, &sources)?;
    let streams = &session.streams;
    let watched = streams.input_is_terminal && streams.output_width.is_some();
    if args.once || !watched || session.format() != Format::Table {
        let report = look.report();
        let page = |view| page(&report, view, Order::Number);
        return Ok(answer::of(session, &report, page, true));
    }
    let interval = Duration::from_secs(u64::from(interval));
    live::run(session, &look, interval, out).map_err(|error| Error::File {
        path: "-".into(),
        reason: error.to_string(),
    })?;
    Ok(Answer {
        output: String::new(),
        yes: true,
    })
}

/// What is looked at, again and again.
struct Look<'a> {
    session: &'a Session,
    hardware: Eye<'a>,
    client: Option<Client>,
}

/// Described hardware does not change.
enum Eye<'a> {
    Described(Inventory),
    Here(Box<Watch<'a>>),
}

impl<'a> Look<'a> {
    fn new(session: &'a Session, sources: &'a Sources) -> Result<Self, Error> {
        Ok(match detect::described(session)? {
            Some(inventory) => Self {
                session,
                hardware: Eye::Described(inventory),
                client: None,
            },
            None => Self {
                session,
                hardware: Eye::Here(Box::new(Watch::new(sources))),
                client: Some(session.server(Patience::BRIEF)?),
            },
        })
    }

    fn report(&self) -> Monitor {
        let inventory = match &self.hardware {
            Eye::Described(inventory) => inventory.clone(),
            Eye::Here(watch) => watch.read(&self.session.catalog),
        };
        let loaded = self.client.as_ref().map(Client::loaded);
        let server = self.client.as_ref().map(|client| MonitoredServer {
            address: client.address().to_string(),
            fault: match &loaded {
                Some(Err(error)) => Some(error.fault.code().to_owned()),
                _ => None,
            },
        });
        let loaded = loaded.and_then(Result::ok).unwrap_or_default();
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs() as i64);
        report(&inventory, server, &loaded, now)
    }
}

fn report(
    inventory: &Inventory,
    ollama: Option<MonitoredServer>,
    loaded: &[Loaded],
    now: i64,
) -> Monitor {
    let all: Vec<(&Host, &Gpu)> = inventory
        .hosts
        .iter()
        .flat_map(|host| host.gpus.iter().map(move |gpu| (host, gpu)))
        .collect();
    let gpus: Vec<&Gpu> = all.iter().map(|(_, gpu)| *gpu).collect();
    let owners = holders::owners(&gpus, loaded);
    let memory = match &inventory.hosts[..] {
        [host] => host.memory,
        _ => None,
    };
    Monitor {
        schema: "vramfit.monitor/1",
        origin: inventory.origin.code().to_owned(),
        driver: inventory.driver.clone(),
        memory: memory.map(hardware::memory),
        gpus: all
            .iter()
            .map(|(host, gpu)| monitored(host, gpu, &owners))
            .collect(),
        ollama: ollama.filter(|_| inventory.origin != Origin::Simulated),
        models: loaded.iter().map(|model| model_of(model, now)).collect(),
        notes: hardware::notes(inventory),
    }
}

fn monitored(host: &Host, gpu: &Gpu, owners: &[(u32, &str)]) -> MonitoredGpu {
    let watts = |milliwatts: u32| f64::from(milliwatts) / 1000.0;
    let tag = |pid| {
        let owner = owners.iter().find(|(owner, _)| *owner == pid);
        owner.map(|(_, tag)| (*tag).to_owned())
    };
    MonitoredGpu {
        host: host.name.clone(),
        gpu: gpu.index,
        uuid: gpu.uuid.clone(),
        name: gpu.name.clone(),
        total: gpu.total,
        reserved: gpu.reserved,
        used: gpu.used,
        free: gpu.free(),
        utilization: gpu.activity.utilization,
        temperature: gpu.activity.temperature,
        power: gpu.activity.power.map(watts),
        power_limit: gpu.activity.power_limit.map(watts),
        holders: gpu
            .processes
            .iter()
            .map(|process| Holder {
                pid: process.pid,
                name: process.name.clone(),
                tag: tag(process.pid),
                bytes: process.bytes,
            })
            .collect(),
    }
}

fn model_of(model: &Loaded, now: i64) -> LoadedModel {
    LoadedModel {
        tag: model.name.clone(),
        size: model.size,
        size_vram: model.size_vram,
        context_length: model.context_length,
        expires: model.expires_at.clone(),
        expires_in: expiry::seconds_until(&model.expires_at, now),
    }
}
