//! What `plan` answers beside the plan itself: what each GPU's loss costs, what changed, and what Ollama would do without a plan.

use serde::Serialize;

use super::{Plan, Refused, Score, Service, Speed};
use crate::catalog::guide::Preset;
use crate::lang::Bilingual;
use crate::units::Bytes;

/// The plan, and what follows from it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Planned {
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// What stops when a GPU fails, for every GPU in use.
    pub losses: Vec<FailureImpact>,
    /// What is other than before: with `--lose`, `--what-if` or `--diff`.
    pub change: Option<PlanChange>,
    /// What one Ollama that sees all GPUs of the first host would do with the same models.
    pub unpinned: Vec<Unpinned>,
    /// With `--users`: whom the plan serves, and how.
    pub users: Option<UsersAnswer>,
    /// With `--fill`: models that fit on what is left, each by itself, best first.
    pub fill: Option<Vec<Filling>>,
    /// With `--emit`: the files that start it.
    pub files: Vec<EmittedFile>,
}

/// A model that fits beside everything that was planned.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Filling {
    /// As it would be asked for.
    pub demand: String,
    /// The longest context with which it fits there, found by doubling.
    pub longest_context: u32,
    /// Points for the task.
    pub score: Score,
    /// The server that it would be; its port is the next free one.
    #[serde(flatten)]
    pub service: Service,
}

/// How a plan serves so many people at once.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UsersAnswer {
    /// People who ask at once.
    pub users: u32,
    /// Servers of the model.
    pub replicas: u32,
    /// Requests that each of them answers at once.
    pub slots: u32,
    /// Tokens a second that each is to get at least, as asked.
    pub min_speed: Option<u32>,
    /// Seconds until each is to have a first token at most, as asked.
    pub max_wait: Option<f64>,
    /// How many of them have a slot.
    pub served: u32,
    /// What each gets while all are busy, where it is slowest; `None` where no speed is known.
    pub each: Option<Speed>,
    /// Seconds until the last has a first token where all ask at the same moment.
    pub wait: Option<[f64; 2]>,
    /// Whether all are served as asked, by the slow ends of these.
    pub met: bool,
}

/// A file that starts a plan, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EmittedFile {
    /// Where it was written; else where it belongs below a folder.
    pub path: String,
    /// What it says, unless it was written.
    pub text: Option<String>,
}

/// A GPU's loss.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FailureImpact {
    /// Its host.
    pub host: String,
    /// Its index there.
    pub gpu: u32,
    /// What stops.
    pub services: Vec<ServiceName>,
    /// Models of which no replica is left.
    pub gone: Vec<String>,
}

/// Which service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceName {
    /// The model.
    pub tag: String,
    /// Which of its replicas, from 1 on.
    pub replica: u32,
}

/// Why a plan is compared with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// GPUs were taken away.
    Lose,
    /// GPUs were added.
    WhatIf,
    /// A saved plan.
    Diff,
}

/// From another plan to this one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlanChange {
    /// Why.
    pub cause: Cause,
    /// GPUs taken away or added, as `host/index`.
    pub gpus: Vec<String>,
    /// GPUs added, also where others were taken away.
    pub added: Vec<String>,
    /// Services that are elsewhere now.
    pub moved: Vec<Move>,
    /// Services that have a place only now.
    pub gained: Vec<Move>,
    /// Services that had a place before.
    pub lost: Vec<Move>,
    /// Services that stay where they are and are started otherwise.
    pub changed: Vec<SettingsChange>,
    /// Services that stay as they are.
    pub stay: u32,
}

/// A service and what it is started with.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SettingsChange {
    /// Which.
    #[serde(flatten)]
    pub service: ServiceName,
    /// What is other than before.
    pub settings: Vec<Setting>,
}

/// A setting before and now; `None` where it has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Setting {
    /// `engine`, `port`, `context_length`, `model`, or the name of a variable of the environment or of an option of the command.
    pub name: String,
    /// Before.
    pub from: Option<String>,
    /// Now.
    pub to: Option<String>,
}

/// A service and its GPUs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Move {
    /// Which.
    #[serde(flatten)]
    pub service: ServiceName,
    /// Its GPUs before, as `host/index`.
    pub from: Vec<String>,
    /// Its GPUs now.
    pub to: Vec<String>,
}

/// What an Ollama without pins does with a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unpinned {
    /// The model.
    pub tag: String,
    /// What it believes the model needs.
    pub predicted: Bytes,
    /// The GPUs that it hands over.
    pub gpus: Vec<u32>,
    /// Blocks that go to the host, or whose experts do.
    pub host_layers: u32,
    /// Models that it throws out for it.
    pub evicts: Vec<String>,
    /// Why the model does not load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

/// `vramfit plan --preset`: the guide's configurations.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Presets {
    /// `vramfit.presets/1`
    pub schema: &'static str,
    /// One a configuration.
    pub presets: Vec<PresetRow>,
}

/// A configuration of the guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PresetRow {
    /// Its name.
    pub code: String,
    /// What it is for.
    pub title: Bilingual,
    /// The guide's own cards.
    pub gpu: String,
    /// Its services, as they would be asked for.
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
