//! Files that somebody names: regular ones, and no longer than such a file is.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use crate::error::Error;
use crate::units::Bytes;

/// A configuration, demands, measurements, a set-up of Ollama.
pub const SETTINGS: Bytes = Bytes::mib(1);
/// Most bytes of a catalog, a fleet or a saved plan.
pub const DATA: Bytes = Bytes::mib(16);
/// Most bytes that are read of a server's log.
pub const LOG: Bytes = Bytes::mib(64);

/// The bytes of a file of at most `limit`.
///
/// # Errors
/// [`Error::File`] if it cannot be read or is no regular file: a pipe or a device may have no end. [`Error::TooLarge`].
pub fn read(path: &Path, limit: Bytes) -> Result<Vec<u8>, Error> {
    let failed = |error: io::Error| refused(path, error.to_string());
    regular(path)?;
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(limit.0.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit.0 {
        return Err(Error::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`], and bytes that are neither UTF-8 nor what Windows PowerShell makes of a program's output: UTF-16 behind a mark.
pub fn read_text(path: &Path, limit: Bytes) -> Result<String, Error> {
    let text = text_of(read(path, limit)?);
    text.ok_or_else(|| refused(path, "not UTF-8 text".to_owned()))
}

fn text_of(bytes: Vec<u8>) -> Option<String> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        String::from_utf16(&units.collect::<Vec<u16>>()).ok()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// What the system knows of a file that is a regular one.
///
/// # Errors
/// As [`read`].
pub fn regular(path: &Path) -> Result<Metadata, Error> {
    // Before it is opened: opening a pipe waits for whoever writes to it.
    let found = fs::metadata(path).map_err(|error| refused(path, error.to_string()))?;
    match found.is_file() {
        true => Ok(found),
        false if found.is_dir() => Err(refused(path, "Is a directory".to_owned())),
        false => Err(refused(path, "not a regular file".to_owned())),
    }
}

fn refused(path: &Path, reason: String) -> Error {
    Error::File {
        path: path.to_owned(),
        reason,
    }
}
