//! What is here: GPUs and memory, found on this machine or described by a person.
//!
//! Nothing in this module fails because hardware cannot be read: what is missing becomes a [`Note`] beside what is known.

pub mod amd;
pub mod fleet;
pub mod known;
pub mod memory;
pub mod nvml;
pub mod simulated;

use std::net::Ipv4Addr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::catalog::Catalog;
use crate::catalog::gpu::{MemoryBasis, Vendor};
use crate::units::Bytes;

/// The name of the only machine of an inventory that is no fleet.
pub const LOCALHOST: &str = "localhost";

/// Where an inventory comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// NVML, NVIDIA's management library: the driver's own numbers.
    Nvml,
    /// Files of Linux's `amdgpu` driver below `/sys`.
    Sysfs,
    /// A description: `--gpu`, `--vram` or a fleet file.
    Simulated,
    /// No GPU was found.
    None,
}

impl Origin {
    /// The code for machines.
    pub fn code(self) -> &'static str {
        match self {
            Self::Nvml => "nvml",
            Self::Sysfs => "sysfs",
            Self::Simulated => "simulated",
            Self::None => "none",
        }
    }
}

/// Machines and their GPUs.
#[derive(Clone, Debug, PartialEq)]
pub struct Inventory {
    /// Who told the GPUs.
    pub origin: Origin,
    /// The driver's version, where one was found.
    pub driver: Option<String>,
    /// Machines with their GPUs; no two have the same name.
    pub hosts: Vec<Host>,
    /// What could not be read, or was assumed.
    pub notes: Vec<Note>,
}

/// A machine with its GPUs; models are never split over two of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Host {
    /// Its name in the fleet file; [`LOCALHOST`] for the only machine.
    pub name: String,
    /// Its GPUs, in the order of their indices.
    pub gpus: Vec<Gpu>,
    /// Its memory, if known; a simulated machine has none unless it was given.
    pub memory: Option<HostMemory>,
    /// The address at which its servers are to listen; `None`: only for programs of the machine itself.
    pub listen: Option<Ipv4Addr>,
    /// The version of its GPUs' driver, if known.
    pub driver: Option<String>,
}

/// Memory of a machine, of which a container's limit may leave less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HostMemory {
    /// Bytes of memory that the machine has.
    pub total: Bytes,
    /// What a new program can take without swapping, in bytes.
    pub available: Bytes,
}

/// A GPU, or a MIG instance of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Gpu {
    /// Its number on its host, from 0.
    pub index: u32,
    /// Its UUID, as `CUDA_VISIBLE_DEVICES` or `ROCR_VISIBLE_DEVICES` takes it.
    pub uuid: Option<String>,
    /// Its name, as the driver or the catalog has it.
    pub name: String,
    /// Its maker, by whose runtime engines use it.
    pub vendor: Vendor,
    /// All memory, in bytes; zero if it could not be read.
    pub total: Bytes,
    /// What the driver keeps for itself, in bytes.
    pub reserved: Bytes,
    /// What programs hold, in bytes, without `reserved`.
    pub used: Bytes,
    /// How well it is known what it offers, where that was not read here.
    pub basis: Option<MemoryBasis>,
    /// Whether a part of its memory corrects errors, where that was assumed.
    pub ecc: bool,
    /// Whether it shares the host's memory.
    pub unified: bool,
    /// Programs that hold memory; the largest first.
    pub processes: Vec<Process>,
    /// Memory bandwidth in 10^9 bytes a second, where the catalog knows it.
    pub bandwidth: Option<f64>,
    /// CUDA's compute capability as major and minor, such as (8, 6).
    pub compute_capability: Option<(u32, u32)>,
    /// Where it sits, such as `00000000:01:00.0`.
    pub pci_bus_id: Option<String>,
    /// Which MIG instance it is, if it is one.
    pub mig: Option<Mig>,
    /// What it does at the moment.
    pub activity: Activity,
}

/// What a GPU does at the moment; each reading may be missing alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Percent of the last moments in which it computed.
    pub utilization: Option<u32>,
    /// Temperature of the GPU in degrees Celsius.
    pub temperature: Option<u32>,
    /// Power that it draws, in milliwatts.
    pub power: Option<u32>,
    /// Most power that it may draw, in milliwatts.
    pub power_limit: Option<u32>,
}

impl Gpu {
    /// What is neither reserved nor used, in bytes.
    pub fn free(&self) -> Bytes {
        self.total - self.reserved - self.used
    }
}

/// Which part of a GPU a MIG instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Mig {
    /// Index of the GPU that it is cut from, from 0.
    pub parent: u32,
    /// Index of the instance on that GPU, from 0; numbers may be missing between.
    pub index: u32,
    /// Number of the GPU instance; null where the driver does not tell it.
    pub gpu_instance: Option<u32>,
    /// Number of the compute instance in it; null where the driver does not tell it.
    pub compute_instance: Option<u32>,
}

/// A program that holds memory of a GPU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Process {
    /// Number of the process (PID), as the driver sees it: in a container that is the host's.
    pub pid: u32,
    /// Name of the program without folders and arguments; null where it is not told.
    pub name: Option<String>,
    /// Bytes that it holds on the GPU; null where the driver does not tell, as on Windows.
    pub bytes: Option<Bytes>,
}

/// Something about the hardware that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Note {
    /// What could not be read or was assumed, as a code.
    pub code: NoteCode,
    /// The GPU, library or file that this is about; null where it is the machine.
    pub subject: Option<String>,
    /// What the driver says, in its own words.
    pub detail: Option<String>,
}

impl Note {
    /// A note about a device or a file, with the words of whoever refused.
    pub fn new(code: NoteCode, subject: Option<String>, detail: Option<String>) -> Self {
        Self {
            code,
            subject,
            detail,
        }
    }
}

/// What could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NoteCode {
    /// NVIDIA's management library is not here: there is no NVIDIA driver.
    NvmlNotFound,
    /// The library is here, but no driver runs.
    DriverNotLoaded,
    /// The library and the running driver differ: an update without a restart.
    DriverMismatch,
    /// The library does not start for another reason.
    NvmlFailed,
    /// The driver does not tell its version.
    DriverVersionUnknown,
    /// A GPU does not answer at all; it is left out.
    DeviceUnreadable,
    /// A GPU's name is not told, or the catalog does not know it.
    NameUnknown,
    /// A GPU has no UUID by which it could be pinned.
    UuidUnknown,
    /// A GPU's memory; nothing is placed on it.
    MemoryUnknown,
    /// A driver does not tell which programs hold memory of a GPU.
    ProcessesUnknown,
    /// A GPU's place on the PCI bus is not told.
    PciAddressUnknown,
    /// A GPU's compute capability is not told.
    ComputeCapabilityUnknown,
    /// A GPU is set up for MIG, but has no instance that could be used.
    MigWithoutInstances,
    /// A MIG instance does not answer; it is left out.
    MigUnreadable,
    /// The size of system memory could not be read.
    HostMemoryUnknown,
    /// A name is borne by cards with other memory, too: the one that was taken, and those.
    NameAmbiguous,
    /// What macOS gives a GPU was taken from older systems' rule.
    WorkingSetAssumed,
    /// What the kernel gives a GPU inside an AMD processor was taken from its default limit.
    GttAssumed,
    /// What the system keeps of memory that it shares with the GPU was estimated.
    SystemShareAssumed,
    /// The driver is too old for Ollama's engine on these GPUs: it leaves them out.
    DriverTooOld,
    /// The GPUs are too old for Ollama's engine: it leaves them out.
    GpuTooOld,
    /// Columns without a header: what is used and what is free was assumed.
    ColumnsAssumed,
    /// GPUs are left out because `--cpu` asks for that, whether there are any or not.
    GpusNotUsed,
}

impl NoteCode {
    /// Whether it is an assumption on which every answer rests, so that every answer tells it.
    pub fn changes_answers(self) -> bool {
        matches!(
            self,
            Self::NameAmbiguous
                | Self::WorkingSetAssumed
                | Self::GttAssumed
                | Self::SystemShareAssumed
                | Self::DriverTooOld
                | Self::GpuTooOld
                | Self::ColumnsAssumed
                | Self::GpusNotUsed
        )
    }
}

/// Where this machine's hardware is looked for.
#[derive(Clone, Debug)]
pub struct Sources {
    /// NVIDIA's management library, if not the system's own.
    pub nvml: Option<PathBuf>,
    /// The folder that holds `proc` and `sys`: `/`, or a copy of them.
    pub root: PathBuf,
}

impl Sources {
    /// What is here: NVIDIA's GPUs, else AMD's, else none; always with the host's memory where it can be read.
    pub fn read(&self, catalog: &Catalog) -> Inventory {
        Watch::new(self).read(catalog)
    }

    /// What can be told of this machine without its driver: no GPUs, but its memory.
    pub fn without_driver(&self) -> Inventory {
        Inventory {
            origin: Origin::None,
            driver: None,
            hosts: vec![Host {
                name: LOCALHOST.to_owned(),
                gpus: Vec::new(),
                memory: memory::read(&self.root),
                listen: None,
                driver: None,
            }],
            notes: Vec::new(),
        }
    }
}

/// This machine's hardware, for who looks more than once: starting NVIDIA's library takes far longer than asking it.
pub struct Watch<'a> {
    sources: &'a Sources,
    nvidia: Result<nvml::Driver<'a>, Note>,
}

impl<'a> Watch<'a> {
    /// Starts the library, if there is one.
    pub fn new(sources: &'a Sources) -> Self {
        Self {
            sources,
            nvidia: nvml::Driver::start(sources.nvml.as_deref()),
        }
    }

    /// What is here now, as [`Sources::read`] finds it.
    pub fn read(&self, catalog: &Catalog) -> Inventory {
        let root = &self.sources.root;
        let memory = memory::read(root);
        let mut notes = Vec::new();
        if memory.is_none() {
            notes.push(Note::new(NoteCode::HostMemoryUnknown, None, None));
        }
        let inventory = |origin, driver: Option<String>, gpus, notes| Inventory {
            origin,
            driver: driver.clone(),
            hosts: vec![Host {
                name: LOCALHOST.to_owned(),
                gpus,
                memory,
                listen: None,
                driver,
            }],
            notes,
        };
        let nvidia = match &self.nvidia {
            Ok(driver) => Ok(driver.read(catalog, memory)),
            Err(note) => Err(note.clone()),
        };
        if let Ok(found) = &nvidia
            && !found.gpus.is_empty()
        {
            notes.extend(found.notes.iter().cloned());
            return inventory(
                Origin::Nvml,
                found.driver.clone(),
                found.gpus.clone(),
                notes,
            );
        }
        let amd = amd::read(root, catalog, memory);
        if !amd.gpus.is_empty() {
            // That there is no NVIDIA driver beside an AMD card is no news; that one is broken is.
            if let Err(note) = nvidia
                && note.code != NoteCode::NvmlNotFound
            {
                notes.push(note);
            }
            notes.extend(amd.notes);
            return inventory(Origin::Sysfs, amd.driver, amd.gpus, notes);
        }
        let driver = match nvidia {
            Ok(found) => {
                notes.extend(found.notes);
                found.driver
            }
            Err(note) => {
                notes.push(note);
                None
            }
        };
        notes.extend(amd.notes);
        inventory(Origin::None, driver, Vec::new(), notes)
    }
}

/// GPUs of one maker, as they were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Version of the driver of that maker's GPUs.
    pub driver: Option<String>,
    /// Its GPUs, in the driver's order.
    pub gpus: Vec<Gpu>,
    /// What could not be read.
    pub notes: Vec<Note>,
}
