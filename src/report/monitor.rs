//! `monitor`.

use serde::Serialize;

use crate::inventory::{HostMemory, Note};
use crate::units::Bytes;

/// `vramfit monitor`: what happens now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Monitor {
    /// `vramfit.monitor/1`
    pub schema: &'static str,
    /// `nvml`, `sysfs`, `simulated` or `none`.
    pub origin: String,
    /// The driver's version.
    pub driver: Option<String>,
    /// The machine's memory.
    pub memory: Option<HostMemory>,
    /// The GPUs of all machines, in the order of their numbers.
    pub gpus: Vec<MonitoredGpu>,
    /// The server that was asked for its models; absent where the hardware is described.
    pub ollama: Option<MonitoredServer>,
    /// The models in its memory.
    pub models: Vec<LoadedModel>,
    /// The services of the plan that was given.
    pub services: Vec<MonitoredService>,
    /// What could not be read.
    pub notes: Vec<Note>,
}

/// A GPU and what it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonitoredGpu {
    /// The machine.
    pub host: String,
    /// Its number on its machine.
    pub gpu: u32,
    /// Its UUID.
    pub uuid: Option<String>,
    /// Its name.
    pub name: String,
    /// All memory.
    pub total: Bytes,
    /// What the driver keeps.
    pub reserved: Bytes,
    /// What programs hold.
    pub used: Bytes,
    /// `total - reserved - used`
    pub free: Bytes,
    /// Percent of the last moments in which it computed.
    pub utilization: Option<u32>,
    /// In degrees Celsius.
    pub temperature: Option<u32>,
    /// What it draws, in watts.
    pub power: Option<f64>,
    /// What it may draw, in watts.
    pub power_limit: Option<f64>,
    /// Who holds its memory; the largest first.
    pub holders: Vec<Holder>,
}

/// A program that holds memory of a GPU.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Holder {
    /// Its number.
    pub pid: u32,
    /// Its name.
    pub name: Option<String>,
    /// The model that it runs, where it is Ollama's and there is no doubt which.
    pub tag: Option<String>,
    /// What it holds.
    pub bytes: Option<Bytes>,
}

/// The server that was asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonitoredServer {
    /// Its address.
    pub address: String,
    /// Why it did not answer, for machines.
    pub fault: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// A model in a server's memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadedModel {
    /// Its tag.
    pub tag: String,
    /// The engine's buffers.
    pub size: Bytes,
    /// Those of them that are on GPUs.
    pub size_vram: Bytes,
    /// Tokens of one slot; zero where the server is too old to tell.
    pub context_length: u32,
    /// When it will be unloaded, as RFC 3339.
    pub expires: String,
    /// Seconds until then; absent for a model that stays.
    pub expires_in: Option<u64>,
}

/// A service of a plan: what was planned, and what its server says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonitoredService {
    /// The model.
    pub tag: String,
    /// Which of its replicas, from 1 on.
    pub replica: u32,
    /// The machine.
    pub host: String,
    /// Where its server listens.
    pub port: u16,
    /// The address that was asked.
    pub address: String,
    /// The numbers of its GPUs on its machine.
    pub gpus: Vec<u32>,
    /// The planned context, in tokens of one slot.
    pub context_length: u32,
    /// Whether it serves as planned.
    pub health: Health,
    /// Why its server did not answer, for machines.
    pub fault: Option<String>,
    /// The server's version.
    pub version: Option<String>,
    /// Tokens a second that the plan expects of one request while nobody else uses the GPUs, at least and at most.
    pub expected_speed: Option<[f64; 2]>,
    /// The model as the server holds it.
    pub loaded: Option<LoadedModel>,
}

/// How a service is, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// Its model is loaded as planned.
    Ready,
    /// Its model is loaded with another context.
    OtherContext,
    /// Part of its model, or all of it, is in host memory although the plan has it on GPUs.
    Spilled,
    /// Its server answers, but does not hold the model.
    NotLoaded,
    /// Its server answers with an error.
    Failing,
    /// Its server does not answer in time.
    Slow,
    /// Nobody listens there.
    Absent,
}
