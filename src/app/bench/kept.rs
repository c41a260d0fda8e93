//! What `bench` learnt of this machine, in the configuration directory: a file for each model, written whole, so that two runs at once lose
//! nothing of each other.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::BELIEVED;
use crate::app::hardware::Hardware;
use crate::app::session::Session;
use crate::app::write::write_one;
use crate::checksum::fnv1a;
use crate::engine::predict_speed::MeasuredSpeed;
use crate::error::Error;
use crate::regular_file::{SETTINGS, read_text};

/// A measurement as a file keeps it.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Kept {
    /// The GPUs that the machine had: UUIDs, or names where there are none.
    gpus: Vec<String>,
    /// Version of the Ollama server.
    ollama: String,
    /// Ollama tag of the model.
    tag: String,
    /// The catalog's name of its architecture.
    architecture: String,
    /// Measured / predicted of writing.
    decode: f64,
    /// Measured / predicted tokens of prompt read a second; absent where nothing was predicted.
    prefill: Option<f64>,
}

/// Most measurements that are read back: no machine keeps more.
const FILES: usize = 1000;

/// The folder in which measurements are kept; `None` where the environment names no directory of configuration.
pub(super) fn folder(session: &Session) -> Option<PathBuf> {
    Some(session.environment.config_directory()?.join("bench"))
}

/// What tells this machine's GPUs from others.
fn gpus(hardware: &Hardware) -> Vec<String> {
    let gpus = hardware.report.hosts.iter().flat_map(|host| &host.gpus);
    gpus.map(|gpu| gpu.uuid.clone().unwrap_or_else(|| gpu.name.clone()))
        .collect()
}

/// Lets predictions on this machine be scaled by what was measured on it.
pub(in crate::app) fn apply(session: &Session, hardware: &mut Hardware) {
    if hardware.report.origin == "simulated" {
        return;
    }
    let Some(listed) = folder(session).and_then(|folder| std::fs::read_dir(folder).ok()) else {
        return;
    };
    let here = gpus(hardware);
    let paths = listed.take(FILES).filter_map(|one| Some(one.ok()?.path()));
    let mut paths: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    paths.sort();
    let believed = |kept: &Kept| {
        BELIEVED.contains(&kept.decode) && kept.prefill.is_none_or(|one| BELIEVED.contains(&one))
    };
    // A file that is not as this program wrote it says nothing: a prediction does without.
    let kept = paths
        .iter()
        .filter_map(|path| toml::from_str::<Kept>(&read_text(path, SETTINGS).ok()?).ok())
        .filter(|kept| kept.gpus == here && believed(kept));
    hardware.machine.measured = kept
        .map(|kept| MeasuredSpeed {
            architecture: kept.architecture,
            decode: kept.decode,
            prefill: kept.prefill,
        })
        .collect();
    hardware.report.speed_scale = hardware.machine.scale("").map(|[decode, _]| decode);
}

/// Keeps a measurement in place of an older one of the same model on the same GPUs.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn keep(
    session: &Session,
    hardware: &Hardware,
    tag: &str,
    version: &str,
    speed: &MeasuredSpeed,
) -> Result<PathBuf, Error> {
    let folder = folder(session).unwrap_or_default();
    let kept = Kept {
        gpus: gpus(hardware),
        ollama: version.to_owned(),
        tag: tag.to_owned(),
        architecture: speed.architecture.clone(),
        decode: speed.decode,
        prefill: speed.prefill,
    };
    let path = folder.join(format!("{}.toml", stem(&kept)));
    let failed = |reason: String| Error::File {
        path: path.clone(),
        reason,
    };
    let text = toml::to_string(&kept).map_err(|error| failed(error.to_string()))?;
    std::fs::create_dir_all(&folder).map_err(|error| failed(error.to_string()))?;
    write_one(&path, text, true)?;
    Ok(path)
}

/// A file's name: the tag in letters that any disk takes, and a number that tells tags and machines apart.
fn stem(kept: &Kept) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let readable: String = kept.tag.chars().map(plain).take(60).collect();
    let machine = kept.gpus.join(" ");
    let bytes = kept.tag.bytes().chain([0]).chain(machine.bytes());
    let number = fnv1a(bytes.map(u64::from));
    format!("{readable}-{number:016x}")
}
