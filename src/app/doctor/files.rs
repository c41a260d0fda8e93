//! The files that are judged, and those that they name: regular ones of a size that people write.

use std::fs::{self, File, Permissions};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::lint::Files;

/// More is no file of settings.
const LARGEST: u64 = 1 << 20;

/// The text of a file, and who may read it.
///
/// # Errors
/// [`Error::File`] if it is missing, no regular file, too large, or no UTF-8.
pub(super) fn read(path: &Path) -> Result<(String, Permissions), Error> {
    let refuse = |reason: String| Error::File {
        path: path.to_owned(),
        reason,
    };
    let failed = |error: std::io::Error| refuse(error.to_string());
    // Before it is opened: opening a pipe waits for whoever writes to it.
    let found = fs::metadata(path).map_err(failed)?;
    if found.is_dir() {
        return Err(refuse("Is a directory".to_owned()));
    }
    if !found.is_file() {
        return Err(refuse("not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(refuse("larger than 1 MiB".to_owned()));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((text, found.permissions())),
        // Whatever it is, it is none of the texts that are known.
        Err(_) => Err(Error::NotChecked {
            path: path.to_owned(),
        }),
    }
}

/// The files that a file names, found from the folder that it lies in.
pub(super) struct Beside {
    folder: PathBuf,
}

impl Beside {
    pub(super) fn of(file: &Path) -> Self {
        Self {
            folder: file.parent().unwrap_or(Path::new("")).to_owned(),
        }
    }
}

impl Files for Beside {
    fn read(&self, path: &str) -> Option<String> {
        // Names with variables are made elsewhere.
        if path.contains(['$', '%', '\0', '*']) {
            return None;
        }
        read(&self.folder.join(path)).ok().map(|(text, _)| text)
    }
}
