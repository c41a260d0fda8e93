//! The functions that every driver's library has.

use std::ffi::{CStr, c_char, c_int, c_uint};
use std::sync::OnceLock;
use std::time::Duration;

use crate::folder::file;
use crate::scenario::{Device, Scenario};

pub(crate) const SUCCESS: c_int = 0;
const INVALID_ARGUMENT: c_int = 2;
const NOT_FOUND: c_int = 6;
const INSUFFICIENT_SIZE: c_int = 7;
#[allow(dead_code)] // Only the library of later drivers has structures with versions.
pub(crate) const ARGUMENT_VERSION_MISMATCH: c_int = 25;

/// `nvmlDevice_t`: points to a device of the scenario, which is never freed.
pub(crate) type Handle = *const Device;

/// Which list of processes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Compute,
    Graphics,
}

/// `nvmlProcessInfo_t`
#[repr(C)]
pub(crate) struct ProcessInfo {
    pid: c_uint,
    used: u64,
    gpu_instance: c_uint,
    compute_instance: c_uint,
}

/// `nvmlMemory_t`
#[repr(C)]
struct Memory {
    total: u64,
    free: u64,
    used: u64,
}

/// `nvmlPciInfo_t`
#[repr(C)]
struct PciInfo {
    legacy: [c_char; 16],
    domain: c_uint,
    bus: c_uint,
    device: c_uint,
    device_id: c_uint,
    subsystem: c_uint,
    id: [c_char; 32],
}

/// The text of `nvml.txt` beside the library; empty if there is none.
fn text() -> String {
    let path = file("nvml.txt");
    path.and_then(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_default()
}

/// Waits for as long as a file `hangs` lies beside the library.
fn hang() {
    while file("hangs").is_some_and(|file| file.exists()) {
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn scenario() -> &'static Scenario {
    static SCENARIO: OnceLock<Scenario> = OnceLock::new();
    SCENARIO.get_or_init(|| Scenario::parse(&text()))
}

/// # Safety
///
/// The handle must come from this library.
pub(crate) unsafe fn device(handle: Handle) -> &'static Device {
    hang();
    // SAFETY: handles point into the scenario, which is never freed.
    unsafe { &*handle }
}

/// Writes a string with its end, or says that there is no room.
///
/// # Safety
///
/// There must be room for `length` bytes at `to`.
unsafe fn give_text(text: Result<&str, c_int>, to: *mut c_char, length: c_uint) -> c_int {
    let text = match text {
        Ok(text) => text,
        Err(code) => return code,
    };
    if text.len() >= length as usize {
        return INSUFFICIENT_SIZE;
    }
    let bytes: Vec<u8> = text
        .bytes()
        .map(|byte| if byte == b'~' { 0xff } else { byte })
        .collect();
    // SAFETY: the text and its end fit, as was just seen.
    unsafe {
        std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), to, bytes.len());
        to.add(text.len()).write(0);
    }
    SUCCESS
}

/// # Safety
///
/// The handle must come from this library, and `infos` have room for as many as `count` says.
pub(crate) unsafe fn give_processes(
    handle: Handle,
    kind: Kind,
    count: *mut c_uint,
    infos: *mut ProcessInfo,
) -> c_int {
    // SAFETY: the caller promises both.
    let (device, count) = unsafe { (device(handle), &mut *count) };
    let name = match kind {
        Kind::Compute => "compute",
        Kind::Graphics => "graphics",
    };
    if let Some(code) = device.failure(name) {
        return code;
    }
    let listed = device.processes.iter().filter(|process| {
        let kinds = process.get("kind").unwrap_or("compute");
        kinds.split(',').any(|kind| kind == name)
    });
    let listed: Vec<ProcessInfo> = listed
        .map(|process| ProcessInfo {
            pid: process.number("pid") as c_uint,
            used: process
                .get("bytes")
                .ok()
                .and_then(|text| text.parse().ok())
                .unwrap_or(u64::MAX),
            gpu_instance: instance(process.get("gi")),
            compute_instance: instance(process.get("ci")),
        })
        .collect();
    let room = std::mem::replace(count, listed.len() as c_uint);
    if listed.len() > room as usize {
        return INSUFFICIENT_SIZE;
    }
    for (at, info) in listed.into_iter().enumerate() {
        // SAFETY: there is room for that many, as was just seen.
        unsafe { infos.add(at).write(info) };
    }
    SUCCESS
}

fn instance(text: Result<&str, c_int>) -> c_uint {
    text.ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(c_uint::MAX)
}

#[unsafe(no_mangle)]
extern "C" fn nvmlInit_v2() -> c_int {
    scenario().library.failure("init").unwrap_or(SUCCESS)
}

#[unsafe(no_mangle)]
extern "C" fn nvmlShutdown() -> c_int {
    SUCCESS
}

/// # Safety
///
/// There must be room for `length` bytes at `version`.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlSystemGetDriverVersion(version: *mut c_char, length: c_uint) -> c_int {
    // SAFETY: the caller promises it.
    unsafe { give_text(scenario().library.get("driver"), version, length) }
}

/// # Safety
///
/// There must be room for `length` bytes at `name`.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlSystemGetProcessName(
    pid: c_uint,
    name: *mut c_char,
    length: c_uint,
) -> c_int {
    let process = scenario()
        .devices()
        .flat_map(|device| &device.processes)
        .find(|process| process.number("pid") == u64::from(pid));
    let command = process.map_or(Err(NOT_FOUND), |process| {
        process.get("command").map_err(|_| NOT_FOUND)
    });
    // SAFETY: the caller promises it.
    unsafe { give_text(command, name, length) }
}

/// # Safety
///
/// `count` must be a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetCount_v2(count: *mut c_uint) -> c_int {
    if let Some(code) = scenario().library.failure("count") {
        return code;
    }
    // SAFETY: the caller promises it.
    unsafe { count.write(scenario().gpus.len() as c_uint) };
    SUCCESS
}

/// Writes a handle.
///
/// # Safety
///
/// `to` must be a place for the answer.
unsafe fn give_handle(device: Option<&'static Device>, missing: c_int, to: *mut Handle) -> c_int {
    let Some(device) = device else { return missing };
    if let Some(code) = device.failure("handle") {
        return code;
    }
    // SAFETY: the caller promises it.
    unsafe { to.write(device) };
    SUCCESS
}

/// # Safety
///
/// `to` must be a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetHandleByIndex_v2(index: c_uint, to: *mut Handle) -> c_int {
    // SAFETY: the caller promises it.
    unsafe { give_handle(scenario().gpus.get(index as usize), INVALID_ARGUMENT, to) }
}

/// # Safety
///
/// `uuid` must be a C string and `to` a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetHandleByUUID(uuid: *const c_char, to: *mut Handle) -> c_int {
    // SAFETY: the caller promises it.
    let uuid = unsafe { CStr::from_ptr(uuid) }.to_str();
    let device = scenario()
        .devices()
        .find(|device| uuid.is_ok() && device.get("uuid").ok() == uuid.ok());
    // SAFETY: the caller promises it.
    unsafe { give_handle(device, NOT_FOUND, to) }
}

/// # Safety
///
/// A handle from this library, and room for `length` bytes at `name`.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetName(handle: Handle, name: *mut c_char, length: c_uint) -> c_int {
    // SAFETY: the caller promises both.
    unsafe { give_text(device(handle).get("name"), name, length) }
}

/// # Safety
///
/// A handle from this library, and room for `length` bytes at `uuid`.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetUUID(handle: Handle, uuid: *mut c_char, length: c_uint) -> c_int {
    // SAFETY: the caller promises both.
    unsafe { give_text(device(handle).get("uuid"), uuid, length) }
}

/// # Safety
///
/// A handle from this library and a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetMemoryInfo(handle: Handle, memory: *mut Memory) -> c_int {
    // SAFETY: the caller promises both.
    let (device, memory) = unsafe { (device(handle), &mut *memory) };
    if let Some(code) = device.failure("memory") {
        return code;
    }
    memory.total = device.number("total");
    // The first version counts what is reserved as used.
    memory.used = device.number("reserved") + device.number("used");
    memory.free = memory.total.saturating_sub(memory.used);
    SUCCESS
}

/// # Safety
///
/// A handle from this library and a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetPciInfo_v3(handle: Handle, info: *mut PciInfo) -> c_int {
    // SAFETY: the caller promises both.
    let (device, info) = unsafe { (device(handle), &mut *info) };
    info.legacy = [0; 16];
    info.domain = 0;
    info.bus = 0;
    info.device = 0;
    info.device_id = 0;
    info.subsystem = 0;
    // SAFETY: the place is as long as it says.
    unsafe {
        give_text(
            device.get("bus"),
            info.id.as_mut_ptr(),
            info.id.len() as c_uint,
        )
    }
}

/// # Safety
///
/// A handle from this library and places for the answers.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetCudaComputeCapability(
    handle: Handle,
    major: *mut c_int,
    minor: *mut c_int,
) -> c_int {
    // SAFETY: the caller promises it.
    let capability = unsafe { device(handle) }.get("capability");
    let (first, second) = match capability.map(|text| text.split_once('.')) {
        Ok(Some((first, second))) => (first.parse().unwrap_or(0), second.parse().unwrap_or(0)),
        Ok(None) => return INVALID_ARGUMENT,
        Err(code) => return code,
    };
    // SAFETY: the caller promises both places.
    unsafe {
        major.write(first);
        minor.write(second);
    }
    SUCCESS
}

/// # Safety
///
/// A handle from this library and places for the answers.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetMigMode(
    handle: Handle,
    current: *mut c_uint,
    pending: *mut c_uint,
) -> c_int {
    // SAFETY: the caller promises it.
    if let Err(code) = unsafe { device(handle) }.get("mig") {
        return code;
    }
    // SAFETY: the caller promises both places.
    unsafe {
        current.write(1);
        pending.write(1);
    }
    SUCCESS
}

/// # Safety
///
/// A handle from this library and a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetMaxMigDeviceCount(handle: Handle, count: *mut c_uint) -> c_int {
    // SAFETY: the caller promises both.
    unsafe { count.write(device(handle).number("mig") as c_uint) };
    SUCCESS
}

/// # Safety
///
/// A handle from this library and a place for the answer.
#[unsafe(no_mangle)]
unsafe extern "C" fn nvmlDeviceGetMigDeviceHandleByIndex(
    handle: Handle,
    index: c_uint,
    to: *mut Handle,
) -> c_int {
    // SAFETY: the caller promises it.
    let mut instances = unsafe { device(handle) }.instances.iter();
    let instance = instances.find(|instance| instance.number("at") == u64::from(index));
    // SAFETY: the caller promises it.
    unsafe { give_handle(instance, NOT_FOUND, to) }
}
