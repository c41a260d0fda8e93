//! NVIDIA's GPUs, as the driver's management library tells them. The only file that names its wrapper.
//!
//! The wrapper loads the library when asked, never at link time, so a machine without one is no special case. Its memory
//! call is the second version, which drivers before 510 do not have and older WSL answers with "unknown error": the same
//! wrapper in an older release still has the first, and is loaded only then.

mod programs;

use std::path::Path;

use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::{Device, Nvml};

use programs::Programs;

use super::{Activity, Found, Gpu, HostMemory, Mig, Note, NoteCode};
use crate::catalog::Catalog;
use crate::catalog::gpu::Vendor;
use crate::units::Bytes;

/// Where the library lies beside the loader's own paths: WSL, and older drivers on Windows.
const ELSEWHERE: &[&str] = &[
    "/usr/lib/wsl/lib/libnvidia-ml.so.1",
    "C:\\Program Files\\NVIDIA Corporation\\NVSMI\\nvml.dll",
];
/// More MIG instances than any GPU can have.
const MOST_INSTANCES: u32 = 64;

/// NVIDIA's management library, loaded and started.
pub struct Driver<'a> {
    nvml: Nvml,
    /// Where it was loaded from, if not by its name.
    path: Option<&'a Path>,
}

impl<'a> Driver<'a> {
    /// Starts the library: the one that is given, else the system's.
    ///
    /// # Errors
    ///
    /// A note if there is no library, or if it does not start.
    pub fn start(library: Option<&'a Path>) -> Result<Self, Note> {
        let (nvml, path) = start(library)?;
        Ok(Self { nvml, path })
    }

    /// The NVIDIA GPUs of this machine, MIG instances in place of the GPUs that they are cut from; `host` is the memory
    /// that GPUs without any of their own share.
    pub fn read(&self, catalog: &Catalog, host: Option<HostMemory>) -> Found {
        let mut reader = Reader {
            nvml: &self.nvml,
            path: self.path,
            catalog,
            host,
            found: Found::default(),
        };
        reader.read();
        reader.found
    }
}

/// The library, running, and the path that it was loaded from if not by its name.
fn start(library: Option<&Path>) -> Result<(Nvml, Option<&Path>), Note> {
    if let Some(path) = library {
        return open(path).map(|nvml| (nvml, Some(path)));
    }
    let failed = match Nvml::init() {
        Ok(nvml) => return Ok((nvml, None)),
        Err(error) => not_started(&error, None),
    };
    if failed.code != NoteCode::NvmlNotFound {
        return Err(failed);
    }
    ELSEWHERE
        .iter()
        .map(Path::new)
        .filter(|path| path.exists())
        .find_map(|path| Some((open(path).ok()?, Some(path))))
        .ok_or(failed)
}

fn open(path: &Path) -> Result<Nvml, Note> {
    Nvml::builder()
        .lib_path(path.as_os_str())
        .init()
        .map_err(|error| not_started(&error, Some(path)))
}

fn not_started(error: &NvmlError, path: Option<&Path>) -> Note {
    let code = match error {
        NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound => NoteCode::NvmlNotFound,
        NvmlError::DriverNotLoaded => NoteCode::DriverNotLoaded,
        NvmlError::LibRmVersionMismatch => NoteCode::DriverMismatch,
        _ => NoteCode::NvmlFailed,
    };
    // What the loader says about a library that is not there names paths and nothing new.
    let detail = (code == NoteCode::NvmlFailed).then(|| error.to_string());
    Note::new(code, path.map(|path| path.display().to_string()), detail)
}

/// A GPU's memory, or why it has none.
enum Memory {
    Own {
        total: Bytes,
        reserved: Bytes,
        used: Bytes,
    },
    /// None of its own: it works in system memory.
    Shared,
    Unknown(String),
}

/// A device and its numbers.
struct Handle<'nvml> {
    device: Device<'nvml>,
    /// The library's number of the GPU; ours has no holes.
    parent: u32,
    /// Its number on the GPU it is cut from, if it is a MIG instance.
    instance: Option<u32>,
}

/// Whether Windows shares the GPU's memory out: also below WSL, which has its device.
fn on_windows() -> bool {
    cfg!(windows) || Path::new("/dev/dxg").exists()
}

/// How a GPU that is not listed is called: by the library's number.
fn outer(index: u32) -> String {
    format!("device {index}")
}

/// What a device does. Instances have no sensors of their own, and what cannot be told is no news every second.
fn activity(device: &Device<'_>, owner: &Device<'_>) -> Activity {
    Activity {
        utilization: device.utilization_rates().ok().map(|rates| rates.gpu),
        temperature: owner.temperature(TemperatureSensor::Gpu).ok(),
        power: owner.power_usage().ok(),
        power_limit: owner.enforced_power_limit().ok(),
    }
}

struct Reader<'a> {
    nvml: &'a Nvml,
    path: Option<&'a Path>,
    catalog: &'a Catalog,
    host: Option<HostMemory>,
    found: Found,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        match self.nvml.sys_driver_version() {
            Ok(version) => self.found.driver = Some(version),
            Err(error) => self.note(NoteCode::DriverVersionUnknown, None, &error),
        }
        let count = match self.nvml.device_count() {
            Ok(count) => count,
            Err(error) => return self.note(NoteCode::NvmlFailed, None, &error),
        };
        for index in 0..count {
            match self.nvml.device_by_index(index) {
                Ok(device) => self.device(Handle {
                    device,
                    parent: index,
                    instance: None,
                }),
                Err(error) => self.note(NoteCode::DeviceUnreadable, Some(outer(index)), &error),
            }
        }
    }

    fn device(&mut self, handle: Handle<'a>) {
        // GPUs that cannot be cut answer that the question is not supported, old drivers do not know it.
        let cut = matches!(handle.device.mig_mode(), Ok(mode) if mode.current != 0);
        if !cut {
            return self.gpu(&handle, None);
        }
        let before = self.found.gpus.len();
        let notes = self.found.notes.len();
        // The count is the most that there can be; numbers without an instance are "not found".
        let most = handle.device.mig_device_count().unwrap_or(MOST_INSTANCES);
        for instance in 0..most.min(MOST_INSTANCES) {
            match handle.device.mig_device_by_index(instance) {
                Ok(device) => {
                    let own = Handle {
                        device,
                        parent: handle.parent,
                        instance: Some(instance),
                    };
                    self.gpu(&own, Some(&handle.device));
                }
                Err(NvmlError::NotFound | NvmlError::InvalidArg) => {}
                Err(error) => {
                    let subject = format!("{} MIG {instance}", outer(handle.parent));
                    self.note(NoteCode::MigUnreadable, Some(subject), &error);
                }
            }
        }
        if self.found.gpus.len() == before && self.found.notes.len() == notes {
            self.found.notes.push(Note::new(
                NoteCode::MigWithoutInstances,
                Some(outer(handle.parent)),
                None,
            ));
        }
    }

    /// Adds a GPU or an instance if its name or its memory can be read. What an instance does not answer, `parent` may.
    fn gpu(&mut self, handle: &Handle<'_>, parent: Option<&Device<'_>>) {
        let device = &handle.device;
        let index = u32::try_from(self.found.gpus.len()).unwrap_or(u32::MAX);
        let subject = format!("GPU {index}");
        let subject = subject.as_str();
        let name = device.name();
        let uuid = device.uuid();
        let mut memory = self.memory(handle, uuid.as_deref().ok());
        if let (Err(error), Memory::Unknown(_)) = (&name, &memory) {
            return self.note(
                NoteCode::DeviceUnreadable,
                Some(outer(handle.parent)),
                error,
            );
        }
        let name = self.or_note(name, NoteCode::NameUnknown, subject);
        let uuid = self.or_note(uuid, NoteCode::UuidUnknown, subject);
        let known = name.as_deref().filter(|_| parent.is_none());
        let known = known.and_then(|name| self.catalog.gpu(name, None));
        match known.map(|known| known.unified) {
            // Some drivers answer with what the kernel calls free, which leaves out the page cache.
            Some(true) => memory = Memory::Shared,
            // A card with memory of its own does not share the host's, whatever the driver says.
            Some(false) if matches!(memory, Memory::Shared) => {
                memory = Memory::Unknown("total memory 0".to_owned());
            }
            _ => {}
        }
        let unified = matches!(memory, Memory::Shared);
        let (total, reserved, used) = self.counted(memory, subject);
        let owner = parent.unwrap_or(device);
        let compute_capability = self.compute_capability(owner, subject);
        let pci = owner.pci_info().map(|pci| pci.bus_id);
        // A GPU inside a processor sits on no bus.
        let pci_bus_id = match pci {
            Err(NvmlError::NotSupported) if unified => None,
            pci => self.or_note(pci, NoteCode::PciAddressUnknown, subject),
        };
        let programs = Programs::read(self.nvml, device);
        for error in programs.errors {
            self.note(NoteCode::ProcessesUnknown, Some(subject.to_owned()), &error);
        }
        let mig = handle.instance.map(|index| Mig {
            parent: handle.parent,
            index,
            gpu_instance: programs.gpu_instance,
            compute_instance: programs.compute_instance,
        });
        self.found.gpus.push(Gpu {
            index,
            uuid,
            bandwidth: name.as_deref().and_then(|name| self.bandwidth(name, total)),
            name: name.unwrap_or_else(|| "NVIDIA GPU".to_owned()),
            vendor: Vendor::Nvidia,
            total,
            reserved,
            used,
            basis: None,
            ecc: false,
            unified,
            processes: programs.processes,
            compute_capability,
            pci_bus_id,
            mig,
            activity: activity(device, owner),
        });
    }

    /// Total, reserved and used bytes: the host's where the GPU has none of its own, zero where nobody tells.
    fn counted(&mut self, memory: Memory, subject: &str) -> (Bytes, Bytes, Bytes) {
        let detail = match (memory, self.host) {
            (
                Memory::Own {
                    total,
                    reserved,
                    used,
                },
                _,
            ) => {
                let kept = match on_windows() {
                    true => self.catalog.knowledge.gpu_rules.on_windows(total) - used,
                    false => Bytes::ZERO,
                };
                return (total, reserved.max(kept).min(total - used), used);
            }
            (Memory::Shared, Some(host)) => {
                return (host.total, Bytes::ZERO, host.total - host.available);
            }
            (Memory::Shared, None) => None,
            (Memory::Unknown(detail), _) => Some(detail),
        };
        self.say(NoteCode::MemoryUnknown, subject, detail);
        Default::default()
    }

    fn compute_capability(&mut self, device: &Device<'_>, subject: &str) -> Option<(u32, u32)> {
        let capability = device.cuda_compute_capability().map(|capability| {
            let part = |n: i32| u32::try_from(n).unwrap_or(0);
            (part(capability.major), part(capability.minor))
        });
        self.or_note(capability, NoteCode::ComputeCapabilityUnknown, subject)
    }

    /// In 10^9 bytes a second; a MIG instance has its part of its GPU's.
    fn bandwidth(&self, name: &str, total: Bytes) -> Option<f64> {
        self.catalog.device(name, Some(total))?.bandwidth
    }

    fn memory(&self, handle: &Handle<'_>, uuid: Option<&str>) -> Memory {
        let own = |total, reserved, used: u64| match total {
            0 => Memory::Shared,
            _ => Memory::Own {
                total: Bytes(total),
                reserved: Bytes(reserved),
                used: Bytes(used.min(total)),
            },
        };
        let error = match handle.device.memory_info() {
            Ok(memory) => return own(memory.total, memory.reserved, memory.used),
            Err(error) => error,
        };
        match self.first_version(handle, uuid) {
            // It counts what is reserved as used.
            Ok((total, used)) => own(total, 0, used),
            Err(nvml_wrapper_v1::error::NvmlError::NotSupported) => Memory::Shared,
            Err(_) if matches!(error, NvmlError::NotSupported) => Memory::Shared,
            Err(first) => Memory::Unknown(match error {
                NvmlError::FailedToLoadSymbol(_) | NvmlError::Unknown => first.to_string(),
                error => error.to_string(),
            }),
        }
    }

    /// Total and used memory by the library's first memory call.
    fn first_version(
        &self,
        handle: &Handle<'_>,
        uuid: Option<&str>,
    ) -> Result<(u64, u64), nvml_wrapper_v1::error::NvmlError> {
        let mut builder = nvml_wrapper_v1::Nvml::builder();
        if let Some(path) = self.path {
            builder.lib_path(path.as_os_str());
        }
        let nvml = builder.init()?;
        let device = match (handle.instance, uuid) {
            // This release cannot number instances, but a UUID finds them.
            (Some(_), Some(uuid)) => nvml.device_by_uuid(uuid)?,
            (Some(_), None) => return Err(nvml_wrapper_v1::error::NvmlError::NotFound),
            (None, _) => nvml.device_by_index(handle.parent)?,
        };
        let memory = device.memory_info()?;
        Ok((memory.total, memory.used))
    }

    fn or_note<T>(
        &mut self,
        result: Result<T, NvmlError>,
        code: NoteCode,
        subject: &str,
    ) -> Option<T> {
        result
            .map_err(|error| self.note(code, Some(subject.to_owned()), &error))
            .ok()
    }

    fn note(&mut self, code: NoteCode, subject: Option<String>, error: &NvmlError) {
        let note = Note::new(code, subject, Some(error.to_string()));
        // Both lists of programs may fail for one reason.
        if !self.found.notes.contains(&note) {
            self.found.notes.push(note);
        }
    }

    fn say(&mut self, code: NoteCode, subject: &str, detail: Option<String>) {
        let note = Note::new(code, Some(subject.to_owned()), detail);
        self.found.notes.push(note);
    }
}
