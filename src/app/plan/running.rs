//! The plan that runs while another is made: what it holds counts as free, and its services stay where they are unless moving gains something.

use super::super::args::PlanArgs;
use super::super::hardware::Hardware;
use super::{saved, wanted};
use crate::engine::pack::Solution;
use crate::error::Error;
use crate::report::{GpuReport, SavedGpu, SavedPlan, SavedService, ServiceName};
use crate::units::Bytes;

/// The programs that hold a service's memory.
const ENGINES: [&str; 2] = ["ollama", "llama-server"];

/// The plan that runs, if one is told.
///
/// # Errors
/// If its file is none of a plan.
pub(super) fn read(args: &PlanArgs) -> Result<Option<SavedPlan>, Error> {
    let replaced = args.replace.as_deref().map(|path| ("--replace", path));
    let migrated = args.migrate.as_deref().map(|path| ("--migrate", path));
    let given = replaced.or(migrated);
    given
        .map(|(option, path)| saved::read(option, path))
        .transpose()
}

/// The device of a saved service's GPU: by UUID, else by its host and index.
fn device(hardware: &Hardware, service: &SavedService, gpu: &SavedGpu) -> Option<usize> {
    let mut devices = 0..hardware.pool.devices.len();
    devices.find(|at| {
        let (host, found) = wanted::place(hardware, *at);
        match (&gpu.uuid, &found.uuid) {
            // An index may be another card's once one was taken out.
            (Some(one), Some(other)) => one == other,
            _ => host == service.host && found.gpu == gpu.gpu,
        }
    })
}

/// The hardware as it is once the running plan has stopped. No more counts as free than engines hold there now, as far as the driver tells
/// programs: what others took meanwhile stays theirs.
pub(super) fn stopped(hardware: &Hardware, running: &SavedPlan) -> Hardware {
    let mut planned = vec![Bytes::ZERO; hardware.pool.devices.len()];
    for service in &running.services {
        for gpu in &service.gpus {
            if let Some(at) = device(hardware, service, gpu) {
                planned[at] += gpu.bytes;
            }
        }
    }
    let mut hardware = hardware.clone();
    for (at, planned) in planned.into_iter().enumerate() {
        let held = held(wanted::place(&hardware, at).1);
        let device = &mut hardware.pool.devices[at];
        device.free += planned.min(held);
    }
    hardware
}

fn held(gpu: &GpuReport) -> Bytes {
    let engines = gpu.processes.iter().filter(|process| {
        let name = process.name.as_deref().unwrap_or_default();
        ENGINES.iter().any(|engine| name.starts_with(engine))
    });
    let sum: Bytes = engines.filter_map(|process| process.bytes).sum();
    // In a container the driver shows no programs.
    if gpu.processes.is_empty() {
        gpu.used
    } else {
        sum.min(gpu.used)
    }
}

/// Where the running plan has each service of this one.
pub(super) fn places(hardware: &Hardware, running: &SavedPlan, names: &[ServiceName]) -> Solution {
    let place = |name: &ServiceName| {
        let service = alike(running, name)?;
        let gpus = service.gpus.iter();
        gpus.map(|gpu| device(hardware, service, gpu)).collect()
    };
    Solution {
        places: names.iter().map(place).collect(),
        order: Vec::new(),
        optimal: false,
        bound: 0,
    }
}

fn alike<'a>(running: &'a SavedPlan, name: &ServiceName) -> Option<&'a SavedService> {
    let mut services = running.services.iter();
    services.find(|service| service.tag == name.tag && service.replica == name.replica)
}

/// The port that a service has now, if it stays on its host.
pub(super) fn port(running: &SavedPlan, name: &ServiceName, host: &str) -> Option<u16> {
    let service = alike(running, name).filter(|service| service.host == host);
    service.map(|service| service.port)
}
