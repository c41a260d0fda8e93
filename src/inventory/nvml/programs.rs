//! The programs that hold memory of a GPU.

use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::error::NvmlError;
use nvml_wrapper::struct_wrappers::device::ProcessInfo;
use nvml_wrapper::{Device, Nvml};

use crate::inventory::Process;
use crate::units::Bytes;

/// Bytes of a process's name that are read.
const NAME_LENGTH: usize = 256;

/// What the library tells about the programs on a device.
#[derive(Default)]
pub(super) struct Programs {
    /// The programs, the largest first.
    pub(super) processes: Vec<Process>,
    /// The GPU instance that they say they run in.
    pub(super) gpu_instance: Option<u32>,
    /// The compute instance that they say they run in.
    pub(super) compute_instance: Option<u32>,
    /// Errors of the lists that the driver did not give.
    pub(super) errors: Vec<NvmlError>,
}

impl Programs {
    pub(super) fn read(nvml: &Nvml, device: &Device<'_>) -> Self {
        // Drivers before 510 have older lists only.
        let older = |error: &NvmlError| matches!(error, NvmlError::FailedToLoadSymbol(_));
        let compute = match device.running_compute_processes() {
            Err(error) if older(&error) => device.running_compute_processes_v2(),
            list => list,
        };
        let graphics = match device.running_graphics_processes() {
            Err(error) if older(&error) => device.running_graphics_processes_v2(),
            list => list,
        };
        // Without a screen there is nothing to ask about graphics.
        let graphics = match graphics {
            Err(NvmlError::NotSupported) => Ok(Vec::new()),
            list => list,
        };
        let mut programs = Self::default();
        for list in [compute, graphics] {
            match list {
                Ok(list) => list.iter().for_each(|info| programs.add(nvml, info)),
                Err(error) => programs.errors.push(error),
            }
        }
        programs
            .processes
            .sort_by_key(|process| (std::cmp::Reverse(process.bytes), process.pid));
        programs
    }

    fn add(&mut self, nvml: &Nvml, info: &ProcessInfo) {
        self.gpu_instance = self.gpu_instance.or(info.gpu_instance_id);
        self.compute_instance = self.compute_instance.or(info.compute_instance_id);
        let bytes = match info.used_gpu_memory {
            UsedGpuMemory::Used(bytes) => Some(Bytes(bytes)),
            UsedGpuMemory::Unavailable => None,
        };
        // A program that computes and draws is in both lists, with all its memory in each.
        match self.processes.iter_mut().find(|one| one.pid == info.pid) {
            Some(known) => known.bytes = known.bytes.max(bytes),
            None => self.processes.push(Process {
                pid: info.pid,
                name: name(nvml, info.pid),
                bytes,
            }),
        }
    }
}

/// `ollama` of `/usr/bin/ollama --serve`. In a container the driver's numbers are the host's, and have no names.
fn name(nvml: &Nvml, pid: u32) -> Option<String> {
    let path = nvml.sys_process_name(pid, NAME_LENGTH).ok()?;
    let program = path.split(" -").next().unwrap_or(&path);
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program).trim();
    (!name.is_empty()).then(|| name.to_owned())
}
