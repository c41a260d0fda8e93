//! The services of a plan: where their servers are, and whether they serve what was planned.

use std::net::Ipv4Addr;
use std::path::Path;

use super::model_of;
use super::names::Names;
use super::servers::ServerState;
use crate::app::plan::saved;
use crate::app::session::Session;
use crate::artifact;
use crate::engine::place::Verdict;
use crate::engine::workload::Engine;
use crate::error::{Error, OllamaFault};
use crate::ollama::{Address, Client, Loaded, Name, Timeouts};
use crate::report::{Health, MonitoredService, SavedService};

/// The services of a saved plan, each with its server.
///
/// # Errors
///
/// A file that is no plan, and an address that is none.
pub(super) fn read(
    session: &Session,
    path: Option<&Path>,
) -> Result<Vec<(SavedService, Client)>, Error> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let here = Names::new(session);
    let plan = saved::read("--plan", path)?;
    let services = plan.services.into_iter().map(|service| {
        let address = address(&service, &here)?;
        let client = Client::new(address, Timeouts::BRIEF);
        Ok((service, client.map_err(Error::Ollama)?))
    });
    services.collect()
}

/// A service of this machine listens where the plan says; those of others at the address that they listen on, if it is one, else by their
/// machine's name.
fn address(service: &SavedService, here: &Names) -> Result<Address, Error> {
    let listens = artifact::listens(&service.environment, &service.command);
    let listens = listens.as_ref();
    let reachable = |text: &&String| {
        let host = text
            .rsplit_once(':')
            .map_or(text.as_str(), |(host, _)| host);
        let ip = host.parse::<Ipv4Addr>().ok();
        ip.is_some_and(|ip| !ip.is_loopback() && !ip.is_unspecified())
    };
    let text = match (listens.filter(reachable), here.has(&service.host)) {
        (Some(text), _) => text.clone(),
        (None, true) => listens
            .cloned()
            .unwrap_or_else(|| format!("127.0.0.1:{}", service.port)),
        (None, false) => format!("{}:{}", service.host, service.port),
    };
    Address::parse(&text).map_err(Error::Ollama)
}

/// A service beside what its server said.
pub(super) fn monitored(
    session: &Session,
    service: &SavedService,
    client: &Client,
    said: &ServerState,
    now: i64,
) -> MonitoredService {
    let loaded = said
        .models()
        .iter()
        .find(|model| serves(session, model, &service.tag));
    MonitoredService {
        tag: service.tag.clone(),
        replica: service.replica,
        host: service.host.clone(),
        port: service.port,
        address: client.address().to_string(),
        gpus: service.gpus.iter().map(|gpu| gpu.gpu).collect(),
        context_length: service.context_length,
        health: health(service, said, loaded),
        fault: said.server(String::new()).fault,
        version: said.version.clone(),
        expected_speed: service.speed.as_ref().map(|speed| speed.decode),
        loaded: loaded.map(|model| model_of(model, now)),
    }
}

/// Whether a loaded model is the planned one, or one that `vramfit run` made of it.
fn serves(session: &Session, model: &Loaded, tag: &str) -> bool {
    let base = session.base_tag(&model.name);
    let name = Name::parse(base.as_deref().unwrap_or(&model.name));
    name.zip(Name::parse(tag))
        .is_some_and(|(one, other)| one.is(&other))
}

fn health(service: &SavedService, said: &ServerState, loaded: Option<&Loaded>) -> Health {
    if let Err(error) = &said.loaded {
        return match error.fault {
            OllamaFault::Unreachable => Health::Absent,
            OllamaFault::Timeout => Health::Slow,
            _ => Health::Failing,
        };
    }
    let Some(model) = loaded else {
        return Health::NotLoaded;
    };
    // A server without GPUs measures nothing: all of it is in host memory.
    let measured = model.is_measured() && model.size_vram >= model.size;
    // A `llama-server` that fits nothing by itself, and vLLM, load as they were told or not at all.
    let whole = measured || service.engine != Engine::Ollama;
    let known = model.context_length > 0;
    if !whole && !service.gpus.is_empty() && service.verdict > Verdict::Offloads {
        Health::Spilled
    } else if known && model.context_length != service.context_length {
        Health::OtherContext
    } else {
        Health::Ready
    }
}
