//! `gpus`, and the inventory inside other reports.

use serde::Serialize;

use crate::catalog::gpu::{MemoryBasis, Runtime, Vendor};
use crate::inventory::{HostMemory, Mig, Note, Process};
use crate::units::Bytes;

/// Answer of `vramfit gpus`: machines, GPUs and their memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gpus {
    /// Name and version of this form: `vramfit.gpus/1`.
    pub schema: &'static str,
    /// The machines and their GPUs.
    #[serde(flatten)]
    pub inventory: InventoryReport,
}

/// Hardware that was found on this machine, or described.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InventoryReport {
    /// Where it comes from: `nvml` (NVIDIA's library), `sysfs` (AMD), `simulated` (described) or `none`.
    pub origin: String,
    /// One entry for each machine.
    pub hosts: Vec<HostReport>,
    /// Version of the GPU driver; null where none was found.
    pub driver: Option<String>,
    /// What could not be read, as codes, e.g. `nvml-not-found`.
    pub notes: Vec<Note>,
    /// Factor by which predicted speeds are multiplied, since `vramfit bench` measured this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed_scale: Option<f64>,
}

/// A machine and its GPUs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostReport {
    /// Name of the machine, e.g. `localhost`.
    pub name: String,
    /// System memory in bytes; null where it is not known.
    pub memory: Option<HostMemory>,
    /// GPUs of the machine, in the order of their indices.
    pub gpus: Vec<GpuReport>,
    /// IP address at which its servers are to listen, where its file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// Version of its GPUs' driver, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<String>,
}

/// A GPU, or a MIG instance of one, and its memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuReport {
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// UUID of the GPU, as `CUDA_VISIBLE_DEVICES` takes it; null where it is not known.
    pub uuid: Option<String>,
    /// Name of the GPU, e.g. `RTX 3090`.
    pub name: String,
    /// Maker of the GPU, e.g. `nvidia`.
    pub vendor: Vendor,
    /// Library by which engines compute there, e.g. `cuda`.
    pub runtime: Runtime,
    /// Bytes of all memory that the driver shows, e.g. 25769803776.
    pub total: Bytes,
    /// How well a described GPU's `total` and `reserved` are known; null for what was read on the machine.
    pub memory_basis: Option<MemoryBasis>,
    /// Whether a described GPU's total is less by what error correction takes.
    pub ecc: bool,
    /// Bytes that the driver keeps for itself, e.g. 475004928.
    pub reserved: Bytes,
    /// Bytes that programs hold.
    pub used: Bytes,
    /// Bytes that are free: `total - reserved - used`, e.g. 25294798848.
    pub free: Bytes,
    /// Bytes that a model may take: `free`, less `--reserve`, less the engine's own margin, e.g. 24221057024.
    pub usable: Bytes,
    /// Memory bandwidth in bytes per second, e.g. 936200000000; null where it is not known.
    pub bandwidth: Option<u64>,
    /// CUDA's compute capability, e.g. `8.6`; null where it is not known.
    pub compute_capability: Option<String>,
    /// PCI address, e.g. `00000000:01:00.0`; null where it is not known.
    pub pci_bus_id: Option<String>,
    /// Which MIG instance it is; null for a whole GPU.
    pub mig: Option<Mig>,
    /// Whether it shares the machine's system memory.
    pub unified: bool,
    /// Bytes that a process takes there before it loads anything, as estimates count it, e.g. 455782400.
    pub process_overhead: Bytes,
    /// The same in bytes where `vramfit verify --save` measured it: estimates then use it. Null where nobody did.
    pub cuda_context: Option<Bytes>,
    /// Programs that hold memory there.
    pub processes: Vec<Process>,
}
