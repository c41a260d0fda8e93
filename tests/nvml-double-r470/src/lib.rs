//! The stand-in for `libnvidia-ml.so.1` as drivers before 510 have it: no second memory call, older process lists.

#![cfg(unix)]

#[path = "../../nvml-double/src/folder.rs"]
mod folder;
#[path = "../../nvml-double/src/library.rs"]
mod library;
#[path = "../../nvml-double/src/scenario.rs"]
mod scenario;
#[path = "../../nvml-double/src/sensors.rs"]
mod sensors;

use std::ffi::{c_int, c_uint};

use library::{Handle, Kind, ProcessInfo, give_processes};

/// # Safety
///
/// As NVML demands: a handle from this library and room for as many answers as `count` says.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetComputeRunningProcesses_v2(
    handle: Handle,
    count: *mut c_uint,
    infos: *mut ProcessInfo,
) -> c_int {
    // SAFETY: the caller promises it.
    unsafe { give_processes(handle, Kind::Compute, count, infos) }
}

/// # Safety
///
/// As NVML demands: a handle from this library and room for as many answers as `count` says.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetGraphicsRunningProcesses_v2(
    handle: Handle,
    count: *mut c_uint,
    infos: *mut ProcessInfo,
) -> c_int {
    // SAFETY: the caller promises it.
    unsafe { give_processes(handle, Kind::Graphics, count, infos) }
}
