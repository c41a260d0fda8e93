//! What `verify --save` learnt of this machine: the CUDA context of each GPU, in the configuration directory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::hardware::Hardware;
use super::session::Session;
use super::write::write_one;
use crate::engine::place::Device;
use crate::error::{Error, OllamaError, OllamaFault};
use crate::regular_file::{SETTINGS, read_text};
use crate::report::MeasuredOverhead;
use crate::units::Bytes;

/// `measured.toml`.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
struct Measured {
    /// By the GPU's UUID.
    #[serde(default)]
    gpu: BTreeMap<String, Known>,
}

/// What is known of one GPU.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Known {
    /// Its name, for whoever reads the file.
    name: String,
    /// Bytes that a process takes there before it loads anything.
    cuda_context: u64,
}

/// A CUDA context is believed between these.
const BELIEVED: std::ops::RangeInclusive<Bytes> = Bytes::mib(32)..=Bytes::mib(4096);

fn path(session: &Session) -> Option<PathBuf> {
    Some(
        session
            .environment
            .config_directory()?
            .join("measured.toml"),
    )
}

/// What was saved; nothing where the file is absent or not as this program wrote it: an estimate does without.
fn read(session: &Session) -> Measured {
    path(session)
        .and_then(|path| read_text(&path, SETTINGS).ok())
        .and_then(|text| toml::from_str(&text).ok())
        .unwrap_or_default()
}

/// Lets estimates on this machine's GPUs use what was measured there.
pub(super) fn apply(session: &Session, hardware: &mut Hardware) {
    if hardware.report.origin == "simulated" {
        return;
    }
    let measured = read(session);
    for device in &mut hardware.pool.devices {
        let host = &mut hardware.report.hosts[device.host as usize];
        let gpu = &mut host.gpus[device.gpu as usize];
        let known = gpu.uuid.as_ref().and_then(|uuid| measured.gpu.get(uuid));
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

/// Adds measurements to those that were saved before.
///
/// # Errors
/// Nothing to save, and a file that cannot be written.
pub(super) fn save(session: &Session, new: &[MeasuredOverhead]) -> Result<(), Error> {
    let nothing = || {
        Error::Ollama(OllamaError {
            fault: OllamaFault::NothingToSave,
            server: String::new(),
            detail: String::new(),
        })
    };
    let path = path(session)
        .filter(|_| !new.is_empty())
        .ok_or_else(nothing)?;
    let mut measured = read(session);
    for one in new {
        let known = Known {
            name: one.name.clone(),
            cuda_context: one.overhead.0,
        };
        measured.gpu.insert(one.uuid.clone(), known);
    }
    let failed = |reason: String| Error::File {
        path: path.clone(),
        reason,
    };
    let text = toml::to_string(&measured).map_err(|error| failed(error.to_string()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
    write_one(&path, text, true)
}

/// Whether a measurement can be a CUDA context.
pub(super) fn is_believable(overhead: Bytes) -> bool {
    BELIEVED.contains(&overhead)
}
