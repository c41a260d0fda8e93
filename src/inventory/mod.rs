//! What is here (a sketch until the inventory branch lands).
#![allow(missing_docs)]
use crate::catalog::gpu::Vendor;
use crate::units::Bytes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Nvml,
    Sysfs,
    Simulated,
    None,
}
impl Origin {
    pub fn code(self) -> &'static str {
        match self {
            Self::Nvml => "nvml",
            Self::Sysfs => "sysfs",
            Self::Simulated => "simulated",
            Self::None => "none",
        }
    }
}
#[derive(Clone, Debug)]
pub struct Inventory {
    pub origin: Origin,
    pub driver: Option<String>,
    pub hosts: Vec<Host>,
    pub notes: Vec<Note>,
}
#[derive(Clone, Debug)]
pub struct Note;
impl Note {
    pub fn code(&self) -> &'static str {
        "note"
    }
    pub fn subject(&self) -> Option<String> {
        None
    }
}
#[derive(Clone, Debug)]
pub struct Host {
    pub name: String,
    pub gpus: Vec<Gpu>,
    pub memory: Option<HostMemory>,
}
#[derive(Clone, Copy, Debug)]
pub struct HostMemory {
    pub total: Bytes,
    pub available: Bytes,
}
#[derive(Clone, Debug)]
pub struct Mig {
    pub gpu_instance: u32,
    pub compute_instance: u32,
}
#[derive(Clone, Debug)]
pub struct Process {
    pub pid: u32,
    pub name: Option<String>,
    pub bytes: Option<Bytes>,
}
#[derive(Clone, Debug)]
pub struct Gpu {
    pub index: u32,
    pub uuid: Option<String>,
    pub name: String,
    pub vendor: Vendor,
    pub total: Bytes,
    pub reserved: Bytes,
    pub used: Bytes,
    pub unified: bool,
    pub processes: Vec<Process>,
    pub bandwidth: Option<f64>,
    pub compute_capability: Option<(u32, u32)>,
    pub pci_bus_id: Option<String>,
    pub mig: Option<Mig>,
}
impl Gpu {
    pub fn free(&self) -> Bytes {
        self.total - self.reserved - self.used
    }
}
