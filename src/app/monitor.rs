//! `vramfit monitor`.

mod expiry;
mod exporter;
mod holders;
mod live;
mod names;
mod servers;
mod services;

use std::cell::RefCell;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::args::{Format, FormatChoice, MonitorArgs};
use super::detect;
use super::hardware_poller::HardwarePoller;
use super::reporting::{self, Answer};
use super::session::{Session, number};
use crate::error::{Error, ExpectedFormat};
use crate::inventory::{Gpu, Host, Inventory};
use crate::messages;
use crate::ollama::{Client, Loaded, Timeouts};
use crate::render::metrics::metrics;
use crate::render::monitor::{Order, page};
use crate::report::{
    Health, Holder, LoadedModel, Monitor, MonitoredGpu, MonitoredService, SavedService,
};
use servers::ServerState;

/// The longest time between two looks, in seconds.
const LONGEST: u32 = 3600;

/// Shows the machine: until a key or a signal ends it on a terminal, else once. That is a "no" where a plan's service does not serve.
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
        number("--interval", text, LONGEST, ExpectedFormat::Count)
    })?;
    let listen = args.listen.as_deref().map(exporter::address).transpose()?;
    let look = Monitored::new(session, args.plan.as_deref())?;
    if let Some(address) = listen {
        return exported(session, &look, address, out);
    }
    let streams = &session.streams;
    let watched = streams.input_is_terminal && streams.output_width.is_some();
    let for_prometheus = session.global.format == Some(FormatChoice::Prometheus);
    if args.once || !watched || for_prometheus || session.format() != Format::Table {
        let report = look.report(
            &servers::ask(&look.clients()),
            Reading::Now(detect::PATIENCE),
        );
        let serving = |service: &MonitoredService| service.health == Health::Ready;
        let yes = report.services.iter().all(serving) && report.driver_silent.is_none();
        if for_prometheus {
            let output = metrics(&report);
            return Ok(Answer { output, yes });
        }
        let page = |view| page(&report, view, Order::Number);
        return reporting::answer(session, &report, page, yes);
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

fn exported(
    session: &Session,
    look: &Monitored<'_>,
    address: SocketAddr,
    out: &mut dyn Write,
) -> Result<Answer, Error> {
    let mut tell = |address: SocketAddr| {
        let words = messages::monitor::metrics_at(session.lang, &address.to_string());
        // It serves though nobody reads that.
        let _ = writeln!(out, "{words}").and_then(|()| out.flush());
    };
    exporter::serve(look, address, &mut tell).map_err(|error| Error::File {
        path: address.to_string().into(),
        reason: error.to_string(),
    })?;
    Ok(Answer {
        output: String::new(),
        yes: true,
    })
}

/// What is looked at, again and again.
struct Monitored<'a> {
    session: &'a Session,
    hardware: HardwareSource,
    client: Option<Client>,
    services: Vec<(SavedService, Client)>,
}

/// Described hardware does not change.
enum HardwareSource {
    Described(Inventory),
    Watched(Box<RefCell<HardwarePoller>>),
}

/// Which reading of the hardware is wanted.
#[derive(Clone, Copy)]
enum Reading {
    /// One of this moment, or none where it takes longer.
    Now(Duration),
    /// The last one, after a new question that only a quick driver has answered.
    Latest,
    /// The last one, without a question.
    Told,
}

/// How long the live page waits for a reading: its keys wait as long.
const GLANCE: Duration = Duration::from_millis(250);

impl<'a> Monitored<'a> {
    fn new(session: &'a Session, plan: Option<&Path>) -> Result<Self, Error> {
        let services = services::read(session, plan)?;
        let (hardware, client) = match detect::described(session)? {
            Some(inventory) => (HardwareSource::Described(inventory), None),
            None => (
                HardwareSource::Watched(Box::new(RefCell::new(detect::poller(session)))),
                Some(session.server(Timeouts::BRIEF)?),
            ),
        };
        Ok(Self {
            session,
            hardware,
            client,
            services,
        })
    }

    /// The servers to ask: this machine's own first.
    fn clients(&self) -> Vec<Client> {
        let planned = self.services.iter().map(|(_, client)| client);
        self.client.iter().chain(planned).cloned().collect()
    }

    /// Whether the driver has answered since the last report, or how long it has not is to be told anew.
    fn has_news(&self, report: &Monitor) -> bool {
        match &self.hardware {
            HardwareSource::Described(_) => false,
            HardwareSource::Watched(poller) => {
                let mut poller = poller.borrow_mut();
                poller.has_news() || poller.silent_for() != report.driver_silent
            }
        }
    }

    /// The hardware, and for how many seconds its driver has been silent.
    fn inventory(&self, reading: Reading) -> (Inventory, Option<u64>) {
        let poller = match &self.hardware {
            HardwareSource::Described(inventory) => return (inventory.clone(), None),
            HardwareSource::Watched(poller) => poller,
        };
        let mut poller = poller.borrow_mut();
        let (inventory, silent) = match reading {
            Reading::Now(patience) => {
                let inventory = poller.now(patience);
                let silent = poller.waited().filter(|_| inventory.is_none());
                (inventory, silent)
            }
            Reading::Latest => {
                poller.refresh(GLANCE);
                (poller.last().cloned(), poller.silent_for())
            }
            Reading::Told => (poller.last().cloned(), poller.silent_for()),
        };
        let inventory = inventory.unwrap_or_else(|| detect::sources(self.session).without_driver());
        (inventory, silent)
    }

    /// What is here, beside what the servers said; those that have said nothing yet are left out.
    fn report(&self, said: &[ServerState], reading: Reading) -> Monitor {
        let (inventory, driver_silent) = self.inventory(reading);
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs() as i64);
        let (own, planned) = said.split_at(said.len().min(self.client.iter().len()));
        let server = self.client.as_ref().zip(own.first());
        let models = server.map_or(&[][..], |(_, said)| said.models());
        let services = self.services.iter().zip(planned);
        // What runs on this machine's GPUs; a planned service may be the server of this machine.
        let mut running: Vec<&Loaded> = models.iter().collect();
        for ((_, client), said) in services.clone() {
            let seen = self
                .client
                .iter()
                .any(|own| own.address() == client.address());
            running.extend(
                said.models()
                    .iter()
                    .filter(|_| client.address().is_local() && !seen),
            );
        }
        let gpus: Vec<(&Host, &Gpu)> = inventory
            .hosts
            .iter()
            .flat_map(|host| host.gpus.iter().map(move |gpu| (host, gpu)))
            .collect();
        let owners = holders::owners(gpus.iter().map(|(_, gpu)| *gpu), running);
        let memory = match &inventory.hosts[..] {
            [host] => host.memory,
            _ => None,
        };
        Monitor {
            schema: "vramfit.monitor/1",
            origin: inventory.origin.code().to_owned(),
            driver: inventory.driver.clone(),
            driver_silent,
            memory,
            gpus: gpus
                .iter()
                .map(|(host, gpu)| monitored(host, gpu, &owners))
                .collect(),
            ollama: server.map(|(client, said)| said.server(client.address().to_string())),
            models: models.iter().map(|model| model_of(model, now)).collect(),
            services: services
                .map(|((service, client), said)| {
                    services::monitored(self.session, service, client, said, now)
                })
                .collect(),
            notes: inventory.notes,
        }
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
