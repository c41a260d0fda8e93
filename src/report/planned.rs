//! What `plan` answers beside the plan itself: what each GPU's loss costs, what changed, and what Ollama would do without a plan.

use serde::Serialize;

use super::{Plan, Refused, Score, Service, Speed};
use crate::catalog::guide::Preset;
use crate::lang::Bilingual;
use crate::units::Bytes;

/// Answer of `vramfit plan`: the plan, and what follows from it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Planned {
    /// The plan itself: services, GPUs, and what found no place.
    #[serde(flatten)]
    pub plan: Plan,
    /// What stops when a GPU fails, for every GPU in use.
    pub losses: Vec<FailureImpact>,
    /// What is other than before, with `--lose`, `--what-if` or `--diff`; else null.
    pub change: Option<PlanChange>,
    /// What one Ollama that sees all GPUs of the first host would do with the same models.
    pub unpinned: Vec<Unpinned>,
    /// Whom the plan serves, and how, with `--users`; else null.
    pub users: Option<UsersAnswer>,
    /// Models that fit on what is left, each by itself, best first, with `--fill`; else null.
    pub fill: Option<Vec<Filling>>,
    /// Files that start it, with `--emit`; else empty.
    pub files: Vec<EmittedFile>,
}

/// A model that fits beside everything that was planned.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Filling {
    /// As `plan` takes it, e.g. `qwen3.8:27b@8K`.
    pub demand: String,
    /// Tokens of the longest context with which it fits there, found by doubling, e.g. 32768.
    pub longest_context: u32,
    /// Points from 0 to 100 for the task.
    pub score: Score,
    /// The server that it would be; its port is the next free one.
    #[serde(flatten)]
    pub service: Service,
}

/// How a plan serves so many people at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsersAnswer {
    /// Number of people who ask at once.
    pub users: u32,
    /// Number of servers of the model.
    pub replicas: u32,
    /// Number of requests that each server answers at once.
    pub slots: u32,
    /// Tokens per second that each is to get at least, as asked; null where nothing was asked.
    pub min_speed: Option<u32>,
    /// Seconds until each is to have a first token at most, as asked; null where nothing was asked.
    pub max_wait: Option<f64>,
    /// Number of people who have a slot.
    pub served: u32,
    /// What each gets while all are busy, where it is slowest, in tokens per second; null where no speed is known.
    pub each: Option<Speed>,
    /// Seconds until the last has a first token where all ask at the same moment, at least and at most; null where that is not known.
    pub wait: Option<[f64; 2]>,
    /// Whether all are served as asked, by the slow ends of these.
    pub met: bool,
}

/// A file that starts a plan, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmittedFile {
    /// Path where it was written; else where it belongs below a folder.
    pub path: String,
    /// Text of the file; null where it was written to disk.
    pub text: Option<String>,
}

/// What the loss of one GPU stops.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailureImpact {
    /// Name of the machine, e.g. `localhost`.
    pub host: String,
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// Services that stop, since they use it.
    pub services: Vec<ServiceName>,
    /// Ollama tags of which no replica is left.
    pub gone: Vec<String>,
}

/// Names a service: its model and which replica.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceName {
    /// Ollama tag of the model, e.g. `qwen3:8b`.
    pub tag: String,
    /// Which of the model's replicas this is, from 1.
    pub replica: u32,
}

/// Why a plan is compared with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// GPUs were taken away (`--lose`).
    Lose,
    /// GPUs were added (`--what-if`).
    WhatIf,
    /// A saved plan is compared (`--diff`).
    Diff,
}

/// What changes from another plan to this one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanChange {
    /// Why it is compared: `lose`, `what-if` or `diff`.
    pub cause: Cause,
    /// GPUs taken away or added, as `host/index`, e.g. `localhost/1`.
    pub gpus: Vec<String>,
    /// GPUs added, as `host/index`, also where others were taken away.
    pub added: Vec<String>,
    /// Services that are elsewhere now.
    pub moved: Vec<Move>,
    /// Services that have a place only now.
    pub gained: Vec<Move>,
    /// Services that had a place before.
    pub lost: Vec<Move>,
    /// Services that stay where they are and are started otherwise.
    pub changed: Vec<SettingsChange>,
    /// Number of services that stay as they are.
    pub stay: u32,
}

/// A service and what it is started with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SettingsChange {
    /// Which service it is.
    #[serde(flatten)]
    pub service: ServiceName,
    /// Settings that are other than before.
    pub settings: Vec<Setting>,
}

/// A setting before and now; null where it has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Setting {
    /// `engine`, `port`, `context_length`, `model`, or the name of a variable of the environment or of an option of the command.
    pub name: String,
    /// Value before; null where it was not set.
    pub from: Option<String>,
    /// Value now; null where it is not set.
    pub to: Option<String>,
}

/// A service and its GPUs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Move {
    /// Which service it is.
    #[serde(flatten)]
    pub service: ServiceName,
    /// Its GPUs before, as `host/index`, e.g. `localhost/1`.
    pub from: Vec<String>,
    /// Its GPUs now, as `host/index`, e.g. `localhost/0`.
    pub to: Vec<String>,
}

/// What an Ollama without pins does with a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unpinned {
    /// Ollama tag of the model, e.g. `qwen3:8b`.
    pub tag: String,
    /// Bytes that Ollama's scheduler believes the model needs, e.g. 6427383762.
    pub predicted: Bytes,
    /// Indices of the GPUs that Ollama hands over, from 0.
    pub gpus: Vec<u32>,
    /// Number of blocks that go to system memory, or whose experts do.
    pub host_layers: u32,
    /// Ollama tags of models that it unloads to make place.
    pub evicts: Vec<String>,
    /// Why the model does not load, where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

/// Answer of `vramfit plan --preset`: the written guide's configurations.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Presets {
    /// Name and version of this form: `vramfit.presets/1`.
    pub schema: &'static str,
    /// One entry for each configuration.
    pub presets: Vec<PresetRow>,
}

/// A configuration of the written guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PresetRow {
    /// Name to type, e.g. `3060-single`.
    pub code: String,
    /// What the configuration is for.
    pub title: Bilingual,
    /// GPUs that the guide has it on, as `--gpu` takes them, e.g. `RTX 3060 12GB`.
    pub gpu: String,
    /// Its services, as `plan` takes them, e.g. `qwen2:7b`.
    pub demands: Vec<String>,
}

impl Presets {
    /// The list of these.
    pub fn new(presets: &[Preset]) -> Self {
        let row = |preset: &Preset| PresetRow {
            code: preset.code.clone(),
            title: preset.title.clone(),
            gpu: preset.gpu.clone(),
            demands: preset
                .services
                .iter()
                .map(|service| match service.replicas {
                    Some(replicas) => format!("{}*{replicas}", service.tag),
                    None => service.tag.clone(),
                })
                .collect(),
        };
        Self {
            schema: "vramfit.presets/1",
            presets: presets.iter().map(row).collect(),
        }
    }
}
