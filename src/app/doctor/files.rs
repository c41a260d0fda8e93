//! The files that are judged, and those that they name: regular ones of a size that people write.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::lint::Files;
use crate::regular_file;

/// The text of a file, and whose it is.
///
/// # Errors
/// As [`regular_file::read`]; [`Error::NotChecked`] if it is no UTF-8.
pub(super) fn read(path: &Path) -> Result<(String, Metadata), Error> {
    let found = regular_file::regular(path)?;
    match String::from_utf8(regular_file::read(path, regular_file::SETTINGS)?) {
        Ok(text) => Ok((text, found)),
        // Whatever it is, it is none of the texts that are known.
        Err(_) => Err(Error::NotChecked {
            path: path.to_owned(),
        }),
    }
}

/// The files that a file names, found from the folder that it lies in.
pub(super) struct Folder {
    folder: PathBuf,
}

impl Folder {
    pub(super) fn new(file: &Path) -> Self {
        Self {
            folder: file.parent().unwrap_or(Path::new("")).to_owned(),
        }
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Option<String> {
        // Names with variables are made elsewhere.
        if path.contains(['$', '%', '\0', '*']) {
            return None;
        }
        read(&self.folder.join(path)).ok().map(|(text, _)| text)
    }
}
