//! Writing a file: all of it or nothing, and never over another one unasked.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::error::Error;

/// Writes a file. What is there already is replaced only by `force`, and only once the new text is whole on the disk.
pub(super) fn save(path: &Path, text: &str, force: bool) -> Result<(), Error> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::Exists {
            path: path.to_owned(),
        },
        _ => Error::File {
            path: path.to_owned(),
            reason: error.to_string(),
        },
    };
    if !force && path.exists() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    let Some(name) = path.file_name() else {
        return Err(failed(io::ErrorKind::InvalidFilename.into()));
    };
    let mut beside = name.to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(beside);
    let result = write(&beside, text).and_then(|()| {
        if force {
            return fs::rename(&beside, path);
        }
        // A link is refused where a file came meanwhile; a file system without links gets the weaker rename.
        match fs::hard_link(&beside, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::rename(&beside, path),
            linked => linked,
        }
    });
    // After a rename it is gone already.
    let _ = fs::remove_file(&beside);
    result.map_err(failed)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
