//! Where every service listens.

use std::collections::{BTreeMap, BTreeSet};

use super::demand::Demand;
use super::wanted::Wanted;
use crate::error::{Error, ExpectedFormat};
use crate::ollama::PORT;

/// The first port, as it was typed or as Ollama has it.
pub(super) fn base(typed: Option<&str>) -> Result<u16, Error> {
    let Some(text) = typed else {
        return Ok(PORT);
    };
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or_else(|| bad_port(text))
}

/// No port is asked for twice; replicas count on from theirs.
pub(super) fn distinct(demands: &[Demand]) -> Result<(), Error> {
    let mut taken: BTreeMap<u32, &str> = BTreeMap::new();
    for demand in demands {
        let Some(first) = demand.port.map(u32::from) else {
            continue;
        };
        for port in first..first + demand.replicas {
            if port > u32::from(u16::MAX) {
                return Err(Error::BadValue {
                    argument: format!("{}: port", demand.tag),
                    value: first.to_string(),
                    form: ExpectedFormat::Port,
                });
            }
            // Also of what may come to lie on two machines: where each goes is known only after the search.
            if let Some(other) = taken.insert(port, &demand.tag) {
                let name = |tag: &str| format!("{tag} (port = {port})");
                return Err(Error::Conflict {
                    argument: name(other),
                    other: name(&demand.tag),
                });
            }
        }
    }
    Ok(())
}

fn bad_port(text: &str) -> Error {
    Error::BadValue {
        argument: "--base-port".into(),
        value: text.to_owned(),
        form: ExpectedFormat::Port,
    }
}

/// The port of each item that has a host. Ports that were asked for come first, then those that services have now; the
/// others count from the base on, host by host.
pub(super) fn ports(
    wanted: &Wanted,
    demand_of: &[usize],
    host_of: &[Option<u32>],
    held: &[Option<u16>],
) -> Result<Vec<Option<u16>>, Error> {
    let mut ports: Vec<Option<u16>> = vec![None; demand_of.len()];
    let mut taken: BTreeSet<(u32, u16)> = BTreeSet::new();
    let mut replica: BTreeMap<usize, u16> = BTreeMap::new();
    for (item, demand) in demand_of.iter().enumerate() {
        let Some(first) = wanted.demands[*demand].port else {
            continue;
        };
        let nth = replica.entry(*demand).or_default();
        let port = first.saturating_add(*nth);
        // Counted with a place or without, so that no replica's port hangs on whether another has one.
        *nth += 1;
        if let Some(host) = host_of[item] {
            ports[item] = Some(port);
            taken.insert((host, port));
        }
    }
    // A service that runs keeps its port: clients have it, and scripts that exchange servers know it by its port.
    for item in 0..demand_of.len() {
        if let (Some(host), None, Some(port)) = (host_of[item], ports[item], held[item])
            && taken.insert((host, port))
        {
            ports[item] = Some(port);
        }
    }
    let mut next: BTreeMap<u32, u32> = BTreeMap::new();
    for item in 0..demand_of.len() {
        let (Some(host), None) = (host_of[item], ports[item]) else {
            continue;
        };
        let port = next.entry(host).or_insert(u32::from(wanted.base_port));
        let free = (*port..=u32::from(u16::MAX))
            .filter_map(|port| u16::try_from(port).ok())
            .find(|port| !taken.contains(&(host, *port)))
            .ok_or_else(|| bad_port(&wanted.base_port.to_string()))?;
        *port = u32::from(free) + 1;
        ports[item] = Some(free);
    }
    Ok(ports)
}
