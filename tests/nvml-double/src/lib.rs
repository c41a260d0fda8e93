//! A stand-in for `libnvidia-ml.so.1` that answers from the file `nvml.txt` beside it; for vramfit's tests only.
//!
//! `scenario` says how the file is written. `library` has the functions that every driver has, this file those that came
//! with driver 510; `nvml-double-r470` has the older ones in their place.

#![cfg(unix)]

mod folder;
mod library;
mod scenario;
mod sensors;

use std::ffi::{c_int, c_uint};

use library::{
    ARGUMENT_VERSION_MISMATCH, Handle, Kind, ProcessInfo, SUCCESS, device, give_processes,
};

/// `nvmlMemory_v2_t`
#[repr(C)]
struct MemoryV2 {
    version: c_uint,
    total: u64,
    reserved: u64,
    free: u64,
    used: u64,
}

/// # Safety
///
/// As NVML demands: a handle from this library and a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetMemoryInfo_v2(handle: Handle, memory: *mut MemoryV2) -> c_int {
    // SAFETY: the caller promises both.
    let (device, memory) = unsafe { (device(handle), &mut *memory) };
    if memory.version != (size_of::<MemoryV2>() as c_uint | 2 << 24) {
        return ARGUMENT_VERSION_MISMATCH;
    }
    if let Some(code) = device
        .failure("memory")
        .or_else(|| device.failure("memory-v2"))
    {
        return code;
    }
    let [total, reserved, used] = ["total", "reserved", "used"].map(|key| device.number(key));
    memory.total = total;
    memory.reserved = reserved;
    memory.used = used;
    memory.free = total.saturating_sub(reserved + used);
    SUCCESS
}

/// # Safety
///
/// As NVML demands: a handle from this library and room for as many answers as `count` says.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetComputeRunningProcesses_v3(
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
unsafe extern "C" fn nvmlDeviceGetGraphicsRunningProcesses_v3(
    handle: Handle,
    count: *mut c_uint,
    infos: *mut ProcessInfo,
) -> c_int {
    // SAFETY: the caller promises it.
    unsafe { give_processes(handle, Kind::Graphics, count, infos) }
}
