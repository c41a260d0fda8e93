//! `gpus`, and the inventory inside other reports.

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::gpu::{MemoryBasis, Runtime, Vendor};
use crate::inventory::NoteCode;
use crate::units::Bytes;

/// `vramfit gpus`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Gpus {
    /// `vramfit.gpus/1`
    pub schema: &'static str,
    /// The inventory.
    #[serde(flatten)]
    pub inventory: InventoryReport,
}

/// What is here.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct InventoryReport {
    /// `nvml`, `sysfs`, `simulated` or `none`.
    pub origin: String,
    /// The machines.
    pub hosts: Vec<HostReport>,
    /// The driver's version.
    pub driver: Option<String>,
    /// What could not be read.
    pub notes: Vec<InventoryNote>,
    /// By how much predicted speeds are scaled, since `vramfit bench` measured this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_scale: Option<f64>,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct HostReport {
    /// Its name.
    pub name: String,
    /// Its memory.
    pub memory: Option<HostMemoryReport>,
    /// Its GPUs.
    pub gpus: Vec<GpuReport>,
    /// The address at which its servers are to listen, where its file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// The version of its GPUs' driver, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}

/// Host memory.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct HostMemoryReport {
    /// All of it, or the cgroup's limit.
    pub total: Bytes,
    /// What can still be taken.
    pub available: Bytes,
}

/// A GPU.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
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
    pub mig: Option<MigReport>,
    /// Whether it shares the host's memory.
    pub unified: bool,
    /// What a process takes there before it loads anything, as estimates count it.
    pub process_overhead: Bytes,
    /// What a process takes there before it loads anything, where `vramfit verify --save` measured it: estimates use it.
    pub cuda_context: Option<Bytes>,
    /// Programs that hold memory.
    pub processes: Vec<ProcessReport>,
}

/// A MIG instance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MigReport {
    /// The number of the GPU it is cut from, as the driver counts.
    pub parent: u32,
    /// Its number on that GPU.
    pub index: u32,
    /// The GPU instance, where the driver tells it.
    pub gpu_instance: Option<u32>,
    /// The compute instance in it, where the driver tells it.
    pub compute_instance: Option<u32>,
}

/// A program on a GPU.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ProcessReport {
    /// Its number.
    pub pid: u32,
    /// Its name.
    pub name: Option<String>,
    /// What it holds.
    pub bytes: Option<Bytes>,
}

/// Something about the hardware that could not be read.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct InventoryNote {
    /// What, for machines.
    pub code: NoteCode,
    /// Which device or library.
    pub subject: Option<String>,
    /// What the driver says, in its own words.
    pub detail: Option<String>,
}
