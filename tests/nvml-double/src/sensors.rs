//! What a device does: utilization, temperature, power.

use std::ffi::{c_int, c_uint};

use crate::library::{Handle, SUCCESS, device};

/// `nvmlUtilization_t`
#[repr(C)]
struct Utilization {
    gpu: c_uint,
    memory: c_uint,
}

/// Writes a number of the scenario.
///
/// # Safety
///
/// A handle from this library and a place for the answer.
unsafe fn give_number(handle: Handle, key: &str, to: *mut c_uint) -> c_int {
    // SAFETY: the caller promises it.
    let device = unsafe { device(handle) };
    if let Err(code) = device.get(key) {
        return code;
    }
    // SAFETY: the caller promises it.
    unsafe { to.write(device.number(key) as c_uint) };
    SUCCESS
}

/// # Safety
///
/// A handle from this library and a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetUtilizationRates(handle: Handle, to: *mut Utilization) -> c_int {
    let mut gpu = 0;
    // SAFETY: the caller promises the handle, and `gpu` outlives the call.
    let code = unsafe { give_number(handle, "utilization", &raw mut gpu) };
    if code == SUCCESS {
        // SAFETY: the caller promises it.
        unsafe { to.write(Utilization { gpu, memory: 0 }) };
    }
    code
}

/// # Safety
///
/// A handle from this library and a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetTemperature(
    handle: Handle,
    _sensor: c_uint,
    to: *mut c_uint,
) -> c_int {
    // SAFETY: the caller promises both.
    unsafe { give_number(handle, "temperature", to) }
}

/// # Safety
///
/// A handle from this library and a place for the answer, in milliwatts.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetPowerUsage(handle: Handle, to: *mut c_uint) -> c_int {
    // SAFETY: the caller promises both.
    unsafe { give_number(handle, "power", to) }
}

/// # Safety
///
/// A handle from this library and a place for the answer, in milliwatts.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetEnforcedPowerLimit(handle: Handle, to: *mut c_uint) -> c_int {
    // SAFETY: the caller promises both.
    unsafe { give_number(handle, "power-limit", to) }
}
