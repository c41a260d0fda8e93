//! What `verify --save` learnt of this machine: the CUDA context of each GPU, in the configuration directory. A file for each GPU, written
//! whole, so that two runs at once lose nothing of each other.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::hardware::Hardware;
use super::session::Session;
use super::write::write_one;
use crate::engine::place::Device;
use crate::error::{Error, OllamaFault};
use crate::regular_file::{SETTINGS, read_text};
use crate::report::MeasuredOverhead;
use crate::units::Bytes;

/// `measured/UUID.toml`: what is known of one GPU.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Known {
    /// Its name, for whoever reads the file.
    name: String,
    /// Bytes that a process takes there before it loads anything.
    cuda_context: u64,
}

/// A CUDA context is believed between these.
const BELIEVED: std::ops::RangeInclusive<Bytes> = Bytes::mib(32)..=Bytes::mib(4096);

/// Where the file of a GPU lies; none for what is no UUID, whoever says that it is one.
fn path(session: &Session, uuid: &str) -> Option<PathBuf> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let folder = session.environment.config_directory()?.join("measured");
    let named = !uuid.is_empty() && uuid.len() < 100 && uuid.chars().all(plain);
    named.then(|| folder.join(format!("{uuid}.toml")))
}

/// What was saved of a GPU; nothing where the file is absent or not as this program wrote it: an estimate does without.
fn read(session: &Session, uuid: &str) -> Option<Known> {
    let text = read_text(&path(session, uuid)?, SETTINGS).ok()?;
    toml::from_str(&text).ok()
}

/// Lets estimates on this machine's GPUs use what was measured there.
pub(super) fn apply(session: &Session, hardware: &mut Hardware) {
    if hardware.report.origin == "simulated" {
        return;
    }
    for device in &mut hardware.pool.devices {
        let host = &mut hardware.report.hosts[device.host as usize];
        let gpu = &mut host.gpus[device.gpu as usize];
        let known = gpu.uuid.as_ref().and_then(|uuid| read(session, uuid));
        // Whoever edits the file by hand may err.
        let known = known.map(|known| Bytes(known.cuda_context));
        if let Some(overhead) = known.filter(|overhead| is_believable(*overhead)) {
            *device = Device {
                overhead,
                ..*device
            };
            gpu.cuda_context = Some(overhead);
        }
    }
}

/// Keeps measurements in place of those that were saved before.
///
/// # Errors
/// Nothing to save, and a file that cannot be written.
pub(super) fn save(session: &Session, new: &[MeasuredOverhead]) -> Result<(), Error> {
    let nothing = || Error::ollama(OllamaFault::NothingToSave, "", "");
    if new.is_empty() {
        return Err(nothing());
    }
    for one in new {
        let path = path(session, &one.uuid).ok_or_else(nothing)?;
        let known = Known {
            name: one.name.clone(),
            cuda_context: one.overhead.0,
        };
        let failed = |reason: String| Error::File {
            path: path.clone(),
            reason,
        };
        let text = toml::to_string(&known).map_err(|error| failed(error.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        write_one(&path, text, true)?;
    }
    Ok(())
}

/// Whether a measurement can be a CUDA context.
pub(super) fn is_believable(overhead: Bytes) -> bool {
    BELIEVED.contains(&overhead)
}
