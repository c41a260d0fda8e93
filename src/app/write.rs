//! Files of one's own: written whole or not at all, and never over what is there unless told so.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::artifact::File;
use crate::error::Error;

/// Writes one file.
///
/// # Errors
/// As [`write()`].
pub(super) fn write_one(path: &Path, text: String, force: bool) -> Result<(), Error> {
    let file = File {
        path: path.file_name().map(PathBuf::from).unwrap_or_default(),
        text,
        executable: false,
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    write(folder, &[file], force).map(|_| ())
}

/// Writes all files below a folder, or none.
///
/// # Errors
/// [`Error::Exists`] if one is there and `force` is not given, [`Error::File`] if the folder cannot be written.
pub(super) fn write(folder: &Path, files: &[File], force: bool) -> Result<Vec<PathBuf>, Error> {
    write_as(folder, files, force, &BTreeMap::new())
}

/// The same, each file with the owner and the permissions of another one.
///
/// # Errors
/// As [`write()`].
pub(super) fn write_as(
    folder: &Path,
    files: &[File],
    force: bool,
    like: &BTreeMap<PathBuf, fs::Metadata>,
) -> Result<Vec<PathBuf>, Error> {
    let targets: Vec<PathBuf> = files.iter().map(|file| folder.join(&file.path)).collect();
    // Before anything is touched: a broken link counts as there, a folder is never replaced.
    for target in &targets {
        leads_elsewhere(folder, target)?;
        if let Ok(found) = fs::symlink_metadata(target)
            && (!force || found.is_dir())
        {
            return Err(Error::Exists {
                path: target.clone(),
            });
        }
    }
    let mut pending = Pending::default();
    for (file, target) in files.iter().zip(&targets) {
        pending
            .prepare(file, target, like.get(&file.path))
            .map_err(|error| failed(target, &error))?;
    }
    for target in &targets {
        pending.place(target, force)?;
    }
    pending.keep();
    Ok(targets)
}

/// A link between the folder that was named and a file would lead out of it.
fn leads_elsewhere(folder: &Path, target: &Path) -> Result<(), Error> {
    let below = |path: &&Path| *path != folder && path.starts_with(folder);
    // Without a folder it is the file itself that was named.
    let named = folder.as_os_str().is_empty();
    let between = target.ancestors().skip(1).take_while(below);
    for path in between.filter(|_| !named) {
        if fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
            return Err(Error::File {
                path: path.to_owned(),
                reason: "is a symbolic link".to_owned(),
            });
        }
    }
    Ok(())
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

/// Files on their way: what is not kept is removed.
#[derive(Default)]
struct Pending {
    /// Complete files beside their targets.
    prepared: BTreeMap<PathBuf, PathBuf>,
    /// Files at places where nothing was.
    placed: Vec<PathBuf>,
    /// Folders that were not there.
    folders: Vec<PathBuf>,
}

impl Pending {
    fn prepare(
        &mut self,
        file: &File,
        target: &Path,
        like: Option<&fs::Metadata>,
    ) -> std::io::Result<()> {
        if let Some(folder) = target.parent() {
            self.folders.extend(
                folder
                    .ancestors()
                    .take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists())
                    .map(Path::to_owned),
            );
            fs::create_dir_all(folder)?;
        }
        let (mut stream, part) = create_sibling(target)?;
        self.prepared.insert(target.to_owned(), part);
        // Before there is anything to read in it.
        if let Some(like) = like {
            own(&stream, like);
            stream.set_permissions(like.permissions())?;
        }
        stream.write_all(file.text.as_bytes())?;
        permit(&stream, file.executable)?;
        stream.sync_all()
    }

    fn place(&mut self, target: &Path, force: bool) -> Result<(), Error> {
        let Some(part) = self.prepared.get(target) else {
            return Ok(());
        };
        let was_there = fs::symlink_metadata(target).is_ok();
        if !force {
            // A link never replaces what came there meanwhile; where the file system has none, the check above must do.
            match fs::hard_link(part, target) {
                Ok(()) => {
                    self.placed.push(target.to_owned());
                    return Ok(());
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    return Err(Error::Exists {
                        path: target.to_owned(),
                    });
                }
                Err(_) => {}
            }
        }
        fs::rename(part, target).map_err(|error| failed(target, &error))?;
        if !was_there {
            self.placed.push(target.to_owned());
        }
        Ok(())
    }

    fn keep(mut self) {
        self.placed.clear();
        self.folders.clear();
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // What cannot be removed can only be left.
        for path in self.prepared.values().chain(&self.placed) {
            let _ = fs::remove_file(path);
        }
        self.folders.sort();
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new file beside a target, and where it is. One that was killed leaves its own, and processes of containers have the same numbers.
fn create_sibling(target: &Path) -> std::io::Result<(fs::File, PathBuf)> {
    const NAMES: u32 = 1000;
    let mut last = 0;
    loop {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!(".{}-{last}.part", std::process::id()));
        let part = target.with_file_name(name);
        match fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&part)
        {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && last < NAMES => {
                last += 1;
            }
            opened => return opened.map(|stream| (stream, part)),
        }
    }
}

/// Whoever may not give a file away keeps it.
#[cfg(unix)]
fn own(stream: &fs::File, like: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(stream, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn own(_stream: &fs::File, _like: &fs::Metadata) {}

#[cfg(unix)]
fn permit(stream: &fs::File, executable: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if !executable {
        return Ok(());
    }
    let mode = stream.metadata()?.permissions().mode();
    // Whoever may read it may run it.
    stream.set_permissions(fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
fn permit(_stream: &fs::File, _executable: bool) -> std::io::Result<()> {
    Ok(())
}
