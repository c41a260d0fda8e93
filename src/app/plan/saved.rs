//! A plan that was saved with `--json`, as far as other commands need it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::engine::place::Verdict;
use crate::engine::workload::Engine;
use crate::error::{Error, ExpectedFormat};
use crate::regular_file::{DATA, read_text};
use crate::units::Bytes;

/// A plan that was saved with `--json`.
#[derive(Clone, Deserialize)]
pub(in crate::app) struct Saved {
    schema: String,
    pub(in crate::app) services: Vec<SavedService>,
}

/// A service of a plan that was saved with `--json`.
#[derive(Clone, Deserialize)]
pub(in crate::app) struct SavedService {
    pub(in crate::app) tag: String,
    pub(in crate::app) replica: u32,
    pub(in crate::app) host: String,
    pub(in crate::app) port: u16,
    pub(in crate::app) context_length: u32,
    #[serde(default)]
    pub(in crate::app) engine: Engine,
    pub(in crate::app) verdict: Verdict,
    pub(in crate::app) speed: Option<SavedSpeed>,
    pub(in crate::app) gpus: Vec<SavedGpu>,
    pub(in crate::app) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(in crate::app) command: Vec<String>,
}

/// How fast a service should answer.
#[derive(Clone, Deserialize)]
pub(in crate::app) struct SavedSpeed {
    pub(in crate::app) decode: [f64; 2],
}

/// A GPU of a service.
#[derive(Clone, Deserialize)]
pub(in crate::app) struct SavedGpu {
    pub(in crate::app) gpu: u32,
    pub(in crate::app) uuid: Option<String>,
    pub(in crate::app) bytes: Bytes,
}

impl Saved {
    /// Reads a file; `argument` is the option that named it.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, and one that is no plan.
    pub(in crate::app) fn read(argument: &str, path: &Path) -> Result<Self, Error> {
        let saved: Option<Self> = serde_json::from_str(&read_text(path, DATA)?).ok();
        saved
            .filter(|saved| saved.schema == "vramfit.plan/1")
            // Each is looked for among all of a plan: no file of a million services, which nobody saved.
            .filter(|saved| saved.services.len() <= super::demand::MOST_REPLICAS as usize)
            .ok_or_else(|| Error::BadValue {
                argument: argument.to_owned(),
                value: path.display().to_string(),
                form: ExpectedFormat::Plan,
            })
    }
}
