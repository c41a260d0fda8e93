//! The JSON of `vramfit gpus --json`. Fields that later versions add are passed over: the schema's number says whether
//! the ones named here still mean the same.

use std::net::Ipv4Addr;

use serde::Deserialize;

use super::{File, Placed, is_host_name, is_uuid, name_of, number_gpus};
use crate::catalog::gpu::Vendor;
use crate::error::{Fault, FleetFault};
use crate::inventory::simulated::MOST_MEMORY;
use crate::inventory::{Activity, Gpu, Host, HostMemory, Mig, Process};
use crate::units::Bytes;

/// The only schema that is read.
const SCHEMA: &str = "vramfit.gpus/1";

#[derive(Deserialize)]
struct Dump {
    schema: String,
    driver: Option<String>,
    hosts: Vec<DumpHost>,
}

#[derive(Deserialize)]
struct DumpHost {
    name: String,
    driver: Option<String>,
    listen: Option<Ipv4Addr>,
    memory: Option<HostMemory>,
    gpus: Vec<DumpGpu>,
}

#[derive(Deserialize)]
struct DumpGpu {
    name: String,
    vendor: Option<Vendor>,
    uuid: Option<String>,
    total: Bytes,
    #[serde(default)]
    reserved: Bytes,
    #[serde(default)]
    used: Bytes,
    /// Memory bandwidth in bytes a second.
    bandwidth: Option<u64>,
    compute_capability: Option<String>,
    pci_bus_id: Option<String>,
    mig: Option<Mig>,
    #[serde(default)]
    unified: bool,
    #[serde(default)]
    processes: Vec<Process>,
}

impl File<'_, '_> {
    pub(super) fn dump(&mut self) -> Vec<Placed> {
        let dump: Dump = match serde_json::from_str(self.text) {
            Ok(dump) => dump,
            Err(error) if error.is_data() && !self.text.contains("\"schema\"") => {
                if self.is_other_program() {
                    return Vec::new();
                }
                self.fault(0, Fault::Fleet(FleetFault::NotInventory));
                return Vec::new();
            }
            Err(error) => {
                let lines = self.text.split_inclusive('\n');
                let at = lines
                    .take(error.line().saturating_sub(1))
                    .map(str::len)
                    .sum();
                self.fault(at, Fault::Syntax(error.to_string()));
                return Vec::new();
            }
        };
        if dump.schema != SCHEMA {
            let at = self.offset(&dump.schema);
            self.fault(at, Fault::Fleet(FleetFault::UnknownSchema(dump.schema)));
            return Vec::new();
        }
        let mut hosts = Vec::new();
        for (number, host) in dump.hosts.into_iter().enumerate() {
            if self.is_hopeless() {
                break;
            }
            // Where it stands is looked for only where something is wrong: a file of 10,000 GPUs is long.
            let is_wrong = !is_host_name(&host.name);
            let at = if is_wrong { self.offset(&host.name) } else { 0 };
            let name = name_of(self.path, host.name);
            if !is_host_name(&name) {
                self.fault(at, Fault::Fleet(FleetFault::BadHostName(name.clone())));
            }
            let mut gpus = Vec::new();
            for gpu in host.gpus {
                if !self.admit(0, 1) {
                    break;
                }
                let key = gpu.uuid.as_deref().unwrap_or(&gpu.name);
                if let Some(uuid) = gpu.uuid.as_deref().filter(|uuid| !is_uuid(uuid)) {
                    self.uuid(self.offset(key), uuid);
                }
                if gpu.total > MOST_MEMORY {
                    self.fault(self.offset(key), Fault::Implausible("total"));
                }
                if gpu.reserved + gpu.used > gpu.total {
                    self.fault(self.offset(key), Fault::Implausible("used"));
                }
                gpus.push(self.dumped(gpu));
            }
            number_gpus(&mut gpus, self.first + number);
            let memory = host.memory.map(|memory| HostMemory {
                total: memory.total,
                available: memory.available.min(memory.total),
            });
            hosts.push((
                at,
                Host {
                    name,
                    gpus,
                    memory,
                    listen: host.listen,
                    driver: host.driver.or_else(|| dump.driver.clone()),
                },
            ));
        }
        hosts
    }

    fn dumped(&self, gpu: DumpGpu) -> Gpu {
        let known = self.known.device(&gpu.name, Some(gpu.total));
        let vendor = match (gpu.vendor, known) {
            (Some(vendor), _) => vendor,
            (None, Some(known)) => known.vendor,
            (None, None) if gpu.name.contains("AMD") => Vendor::Amd,
            (None, None) => Vendor::Nvidia,
        };
        let capability = gpu.compute_capability.and_then(|text| {
            let (major, minor) = text.split_once('.')?;
            Some((major.parse().ok()?, minor.parse().ok()?))
        });
        Gpu {
            index: 0,
            uuid: gpu.uuid,
            name: gpu.name,
            vendor,
            total: gpu.total,
            reserved: gpu.reserved,
            used: gpu.used,
            basis: None,
            ecc: false,
            unified: gpu.unified,
            processes: gpu.processes,
            bandwidth: gpu.bandwidth.map(|rate| rate as f64 / 1e9),
            compute_capability: capability,
            pci_bus_id: gpu.pci_bus_id,
            activity: Activity::default(),
            mig: gpu.mig,
        }
    }
}
