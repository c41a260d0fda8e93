//! `gpus`, and the inventory inside other reports.

use serde::Serialize;

use crate::catalog::gpu::{MemoryBasis, Runtime, Vendor};
use crate::inventory::{HostMemory, Mig, Note, Process};
use crate::units::Bytes;

/// `vramfit gpus`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gpus {
    /// `vramfit.gpus/1`
    pub schema: &'static str,
    /// The inventory.
    #[serde(flatten)]
    pub inventory: InventoryReport,
}

/// What is here.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InventoryReport {
    /// `nvml`, `sysfs`, `simulated` or `none`.
    pub origin: String,
    /// The machines.
    pub hosts: Vec<HostReport>,
    /// The driver's version.
    pub driver: Option<String>,
    /// What could not be read.
    pub notes: Vec<Note>,
    /// By how much predicted speeds are scaled, since `vramfit bench` measured this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_scale: Option<f64>,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostReport {
    /// Its name.
    pub name: String,
    /// Its memory.
    pub memory: Option<HostMemory>,
    /// Its GPUs.
    pub gpus: Vec<GpuReport>,
    /// The address at which its servers are to listen, where its file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// The version of its GPUs' driver, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}

/// A GPU.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuReport {
    /// Its index on its host.
    pub gpu: u32,
    /// Its UUID.
    pub uuid: Option<String>,
    /// Its name.
    pub name: String,
    /// Its maker.
    pub vendor: Vendor,
    /// By what engines compute there.
    pub runtime: Runtime,
    /// All memory that the driver shows.
    pub total: Bytes,
    /// How well a described GPU's `total` and `reserved` are known; null for what was read on the machine.
    pub memory_basis: Option<MemoryBasis>,
    /// Whether a described GPU's total is less by what error correction takes.
    pub ecc: bool,
    /// What the driver keeps.
    pub reserved: Bytes,
    /// What programs hold.
    pub used: Bytes,
    /// `total - reserved - used`
    pub free: Bytes,
    /// `free`, less `--reserve`, less the engine's own margin.
    pub usable: Bytes,
    /// Memory bandwidth in bytes a second.
    pub bandwidth: Option<u64>,
    /// CUDA's compute capability, such as `8.6`.
    pub compute_capability: Option<String>,
    /// Where it sits.
    pub pci_bus_id: Option<String>,
    /// The MIG instance it is.
    pub mig: Option<Mig>,
    /// Whether it shares the host's memory.
    pub unified: bool,
    /// What a process takes there before it loads anything, as estimates count it.
    pub process_overhead: Bytes,
    /// What a process takes there before it loads anything, where `vramfit verify --save` measured it: estimates use it.
    pub cuda_context: Option<Bytes>,
    /// Programs that hold memory.
    pub processes: Vec<Process>,
}
