//! Where the servers of each host listen, and what is to be said of it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::super::hardware::Hardware;
use super::Planning;
use crate::catalog::similar;
use crate::engine::workload::Engine;
use crate::error::{Error, ExpectedFormat};
use crate::report::{PlanNote, Service};

impl Planning<'_> {
    /// Where the servers of a host listen.
    pub(super) fn address(&self, host: &str) -> Ipv4Addr {
        let listen = self.listen.get(host).copied();
        listen.unwrap_or(Ipv4Addr::LOCALHOST)
    }
}

/// The address of every host, by its name: as `--listen` says, else as its file does, else of the machine alone.
pub(super) fn addresses(
    typed: &[String],
    hardware: &Hardware,
) -> Result<BTreeMap<String, Ipv4Addr>, Error> {
    let parse = |text: &str, address: &str| {
        address.trim().parse().map_err(|_| Error::BadValue {
            argument: "--listen".into(),
            value: text.to_owned(),
            form: ExpectedFormat::Listen,
        })
    };
    let hosts = hardware.report.hosts.iter();
    let mut addresses: BTreeMap<String, Ipv4Addr> = hosts
        .map(|host| {
            let own = host.listen.as_deref().and_then(|text| text.parse().ok());
            (host.name.clone(), own.unwrap_or(Ipv4Addr::LOCALHOST))
        })
        .collect();
    // What is said of all machines comes before what is said of one.
    let (one, all): (Vec<&String>, Vec<&String>) =
        typed.iter().partition(|text| text.contains('='));
    for text in all {
        let address = parse(text, text)?;
        addresses.values_mut().for_each(|known| *known = address);
    }
    for text in one {
        let (name, address) = text.split_once('=').unwrap_or_default();
        let address = parse(text, address)?;
        let choices: Vec<String> = addresses.keys().cloned().collect();
        let Some(known) = addresses.get_mut(name.trim()) else {
            return Err(Error::UnknownChoice {
                argument: "--listen".into(),
                value: name.to_owned(),
                candidates: similar(name, choices.iter().map(String::as_str)),
                choices,
            });
        };
        *known = address;
    }
    match shared(&addresses) {
        None => Ok(addresses),
        Some(address) => Err(Error::BadValue {
            argument: "--listen".into(),
            value: address.to_string(),
            form: ExpectedFormat::OwnAddress,
        }),
    }
}

/// An address that two machines are told to have: a gateway would ask one of them for the other's models.
fn shared(addresses: &BTreeMap<String, Ipv4Addr>) -> Option<Ipv4Addr> {
    let mut seen = BTreeSet::new();
    let mut own = addresses.values().copied();
    own.find(|address| {
        // These every machine has.
        let of_any = address.is_loopback() || address.is_unspecified();
        !of_any && !seen.insert(*address)
    })
}

/// Ports that others reach, and hosts that no gateway reaches.
pub(super) fn notes(services: &[Service], addresses: &BTreeMap<String, Ipv4Addr>) -> Vec<PlanNote> {
    type Open<'a> = BTreeMap<(&'a str, Ipv4Addr), BTreeSet<u16>>;
    let mut open: BTreeMap<Engine, Open<'_>> = BTreeMap::new();
    let mut closed: BTreeSet<&str> = BTreeSet::new();
    let hosts: BTreeSet<&str> = services.iter().map(|one| one.host.as_str()).collect();
    for service in services {
        match addresses.get(&service.host) {
            Some(address) if !address.is_loopback() => {
                let of_engine = open.entry(service.engine).or_default();
                let ports = of_engine.entry((&service.host, *address)).or_default();
                ports.insert(service.port);
            }
            _ => {
                closed.insert(&service.host);
            }
        }
    }
    let mut notes = Vec::new();
    for (engine, open) in open {
        let names = open.iter().map(|((host, address), ports)| {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            // Nobody reaches a machine at 0.0.0.0.
            let at = if address.is_unspecified() {
                (*host).to_owned()
            } else {
                address.to_string()
            };
            format!("{at}:{}", ports.join(","))
        });
        notes.push(PlanNote::OpenPorts {
            ports: names.collect(),
            engine,
        });
    }
    if hosts.len() > 1 && !closed.is_empty() {
        let hosts = closed.into_iter().map(str::to_owned).collect();
        notes.push(PlanNote::Unreachable { hosts });
    }
    notes
}
