//! The folder of this very copy of the library, where a test puts what it shall do.

use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// `Dl_info` of `dlfcn.h`
#[repr(C)]
struct Located {
    file: *const c_char,
    base: *mut c_void,
    symbol: *const c_char,
    address: *mut c_void,
}

unsafe extern "C" {
    fn dladdr(address: *const c_void, info: *mut Located) -> c_int;
}

/// A file beside this very copy of the library; `None` where that is not told.
pub(crate) fn file(name: &str) -> Option<PathBuf> {
    let mut located = Located {
        file: std::ptr::null(),
        base: std::ptr::null_mut(),
        symbol: std::ptr::null(),
        address: std::ptr::null_mut(),
    };
    // SAFETY: the address is a function of this library, and `located` outlives the call.
    let found = unsafe { dladdr(file as *const c_void, &raw mut located) };
    if found == 0 || located.file.is_null() {
        return None;
    }
    // SAFETY: the loader keeps the name for as long as the library is loaded.
    let own = unsafe { CStr::from_ptr(located.file) };
    Some(Path::new(OsStr::from_bytes(own.to_bytes())).with_file_name(name))
}
