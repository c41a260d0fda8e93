//! The hardware of a run: what flags describe, else what the configuration file describes, else what is here.

use std::path::PathBuf;
use std::time::Duration;

use super::hardware_poller::HardwarePoller;
use super::session::{self, Session};
use crate::error::Error;
use crate::inventory::fleet::Fleet;
use crate::inventory::{Inventory, LOCALHOST, Origin, Sources, simulated};
use crate::regular_file::{DATA, read_text};

/// How long a driver may take: cards that were asleep take seconds each to start.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The inventory. Described hardware is never mixed with what is here, and nothing is looked for then.
pub(super) fn inventory(session: &Session) -> Result<Inventory, Error> {
    inventory_within(session, PATIENCE)?.ok_or(Error::DriverSilent {
        seconds: PATIENCE.as_secs(),
    })
}

/// The inventory; `None` where the driver takes longer.
pub(super) fn inventory_within(
    session: &Session,
    patience: Duration,
) -> Result<Option<Inventory>, Error> {
    Ok(match described(session)? {
        Some(inventory) => Some(inventory),
        None => poller(session).now(patience),
    })
}

/// Who asks what is here.
pub(super) fn poller(session: &Session) -> HardwarePoller {
    HardwarePoller::start(sources(session), session.catalog.clone().into_owned())
}

/// The hardware that flags or the configuration describe, if they do.
pub(super) fn described(session: &Session) -> Result<Option<Inventory>, Error> {
    let (global, config) = (&session.global, &session.config);
    let flags = !(global.gpu.is_empty() && global.vram.is_empty() && global.fleet.is_empty());
    let (gpu, vram) = if flags {
        (&global.gpu, &global.vram)
    } else {
        (&config.gpu, &config.vram)
    };
    // The configured memory alone describes no machine, only what a described one has.
    if flags || global.ram.is_some() || !(gpu.is_empty() && vram.is_empty()) {
        let ram = global.ram.as_deref().or(config.ram.as_deref());
        return simulated(session, gpu, vram, ram).map(Some);
    }
    Ok(None)
}

/// The hosts of all fleet files, and one more if cards are described beside them.
fn simulated(
    session: &Session,
    gpu: &[String],
    vram: &[String],
    ram: Option<&str>,
) -> Result<Inventory, Error> {
    let memory = ram
        .map(|ram| session::size("--ram", ram))
        .transpose()?
        .map(simulated::memory);
    let mut cards = Vec::new();
    for text in gpu {
        let total = memory.map(|memory| memory.total);
        cards.extend(simulated::cards("--gpu", text, &session.catalog, total)?);
    }
    for text in vram {
        cards.extend(simulated::vram("--vram", text)?);
    }
    let mut notes = simulated::notes(&cards);
    let mut fleet = Fleet::default();
    if session.global.fleet.is_empty() || !cards.is_empty() {
        fleet.add(simulated::host(LOCALHOST, cards, memory));
    }
    let texts = session
        .global
        .fleet
        .iter()
        .map(|path| Ok((path.clone(), read_text(path, DATA)?)))
        .collect::<Result<Vec<(PathBuf, String)>, Error>>()?;
    fleet
        .read(&texts, &session.catalog)
        .map_err(Error::Defects)?;
    notes.extend(fleet.notes);
    let mut hosts = fleet.hosts;
    for host in &mut hosts {
        host.memory = host.memory.or(memory);
    }
    Ok(Inventory {
        origin: Origin::Simulated,
        driver: match hosts.as_slice() {
            [host] => host.driver.clone(),
            _ => None,
        },
        hosts,
        notes,
    })
}

/// Where to look. Tests, and containers that see the host's files elsewhere, move it by the environment.
pub(super) fn sources(session: &Session) -> Sources {
    let path = |name: &str| session.environment.get(name).map(PathBuf::from);
    Sources {
        nvml: session.global.nvml.clone().or_else(|| path("VRAMFIT_NVML")),
        root: path("VRAMFIT_ROOT").unwrap_or_else(|| PathBuf::from("/")),
    }
}
