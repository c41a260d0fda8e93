//! What is known beside models and GPUs: the guide, benchmark scores, speeds and Ollama's own habits.

use serde::{Deserialize, Serialize};

use super::Catalog;
use super::model::Model;
use crate::request::Task;
use crate::units::Bytes;

/// All of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Knowledge {
    /// What predicts speed.
    pub speeds: Speeds,
}

/// What predicts speed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Speeds {}

/// How good a model is for a task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Points out of 100.
    pub score: f64,
    /// One standard deviation of the doubt.
    pub sd: f64,
    /// Whether it rests on benchmarks of the model itself.
    pub own: bool,
}

impl Catalog {
    /// How good a model is for a task.
    pub fn quality(&self, model: &Model, _task: Task) -> Quality {
        let size = model.parameters.unwrap_or(1_000_000_000) as f64 / 1e9;
        Quality {
            score: (30.0 + 10.0 * size.log2()).clamp(0.0, 100.0),
            sd: 15.0,
            own: false,
        }
    }

    /// Points that a quantization costs.
    pub fn quantization_penalty(&self, _name: &str) -> f64 {
        0.0
    }

    /// The guide's rank of a tag for a task, from 1.
    pub fn guide_rank(&self, _task: Task, _tag: &str) -> Option<u32> {
        None
    }

    /// The guide's range of a tag.
    pub fn documented_vram(&self, _tag: &str) -> Option<(Bytes, Bytes)> {
        None
    }

    /// Whether the guide names a tag.
    pub fn in_guide(&self, _tag: &str) -> bool {
        false
    }

    /// Whether Ollama serves one request at a time with this architecture.
    pub fn single_slot(&self, _architecture: &str) -> bool {
        false
    }
}
