//! A plan that was saved with `--json`, as far as it is needed when it is read again.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::engine::place::Verdict;
use crate::engine::workload::Engine;
use crate::units::Bytes;

/// The plan as it was saved.
#[derive(Clone, Debug, Deserialize)]
pub struct SavedPlan {
    /// Name and version of its form: `vramfit.plan/1`.
    pub schema: String,
    /// Its servers, in the order of starting.
    pub services: Vec<SavedService>,
}

/// A server of a plan that was saved.
#[derive(Clone, Debug, Deserialize)]
pub struct SavedService {
    /// Tag of the model that it serves.
    pub tag: String,
    /// Number of the replica among those of its model.
    pub replica: u32,
    /// Name of the machine that it runs on.
    pub host: String,
    /// The TCP port that it listens on.
    pub port: u16,
    /// Tokens of context of one slot.
    pub context_length: u32,
    /// The program that serves it.
    #[serde(default)]
    pub engine: Engine,
    /// How well it was said to fit.
    pub verdict: Verdict,
    /// How fast it was said to answer.
    pub speed: Option<SavedSpeed>,
    /// The GPUs that it was given.
    pub gpus: Vec<SavedGpu>,
    /// The variables that it was started with.
    pub environment: BTreeMap<String, String>,
    /// The words that started it, where its environment does not say everything.
    #[serde(default)]
    pub command: Vec<String>,
}

/// How fast a saved service should answer.
#[derive(Clone, Debug, Deserialize)]
pub struct SavedSpeed {
    /// Tokens written a second, at the least and at the most.
    pub decode: [f64; 2],
}

/// A GPU of a saved service.
#[derive(Clone, Debug, Deserialize)]
pub struct SavedGpu {
    /// Its index on its machine, from 0.
    pub gpu: u32,
    /// Its UUID, where it was known.
    pub uuid: Option<String>,
    /// Bytes that the service was to take there.
    pub bytes: Bytes,
}
