//! `monitor`.

use serde::Serialize;

use crate::inventory::{HostMemory, Note};
use crate::units::Bytes;

/// `vramfit monitor`: what happens now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Monitor {
    /// Name and version of this form: `vramfit.monitor/1`.
    pub schema: &'static str,
    /// Where it comes from: `nvml` (NVIDIA's library), `sysfs` (AMD), `simulated` (described) or `none`.
    pub origin: String,
    /// Version of the GPU driver; null where none was found.
    pub driver: Option<String>,
    /// Seconds for which the GPU driver has not answered, so that nothing is told of the GPUs as they are now; null where it answers.
    pub driver_silent: Option<u64>,
    /// System memory of this machine in bytes; null where it cannot be read.
    pub memory: Option<HostMemory>,
    /// The GPUs of all machines, in the order of their indices.
    pub gpus: Vec<MonitoredGpu>,
    /// The server that was asked for its models; null where the hardware is described.
    pub ollama: Option<MonitoredServer>,
    /// Models that this server has in memory.
    pub models: Vec<LoadedModel>,
    /// Services of the plan that was given, and how they are.
    pub services: Vec<MonitoredService>,
    /// What could not be read, as codes, e.g. `nvml-not-found`.
    pub notes: Vec<Note>,
}

/// A GPU and what it does now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonitoredGpu {
    /// Name of the machine, e.g. `localhost`.
    pub host: String,
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// UUID of the GPU; null where it is not known.
    pub uuid: Option<String>,
    /// Name of the GPU, e.g. `RTX 3090`.
    pub name: String,
    /// Bytes of all its memory, e.g. 25769803776.
    pub total: Bytes,
    /// Bytes that the driver keeps for itself, e.g. 475004928.
    pub reserved: Bytes,
    /// Bytes that programs hold.
    pub used: Bytes,
    /// Bytes that are free: `total - reserved - used`.
    pub free: Bytes,
    /// Percent of the last moments in which it computed; null where it is not told.
    pub utilization: Option<u32>,
    /// Temperature in degrees Celsius; null where it is not told.
    pub temperature: Option<u32>,
    /// Power that it draws, in watts; null where it is not told.
    pub power: Option<f64>,
    /// Power that it may draw, in watts; null where it is not told.
    pub power_limit: Option<f64>,
    /// Programs that hold its memory; the largest first.
    pub holders: Vec<Holder>,
}

/// A program that holds memory of a GPU.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Holder {
    /// Number of the process (PID).
    pub pid: u32,
    /// Name of the program; null where it is not told.
    pub name: Option<String>,
    /// Ollama tag of the model that it runs, where it is Ollama's and there is no doubt which; else null.
    pub tag: Option<String>,
    /// Bytes that it holds; null where the driver does not tell.
    pub bytes: Option<Bytes>,
}

/// The Ollama server that was asked, and whether it answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonitoredServer {
    /// Address that was asked, e.g. `http://127.0.0.1:11434`.
    pub address: String,
    /// Why it did not answer, as a code, e.g. `ollama-absent`; null where it did.
    pub fault: Option<String>,
    /// Version of the server, e.g. `0.33.0`; null where it did not answer.
    pub version: Option<String>,
}

/// A model in a server's memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadedModel {
    /// Ollama tag of the model, e.g. `qwen3:8b`.
    pub tag: String,
    /// Bytes of the engine's buffers, on GPUs and in system memory.
    pub size: Bytes,
    /// Bytes of those buffers that lie on GPUs.
    pub size_vram: Bytes,
    /// Tokens of context of one slot; 0 where the server is too old to tell.
    pub context_length: u32,
    /// When it will be unloaded, as RFC 3339.
    pub expires: String,
    /// Seconds until it is unloaded; null for a model that stays.
    pub expires_in: Option<u64>,
}

/// A service of a plan: what was planned, and what its server says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MonitoredService {
    /// Ollama tag of the model, e.g. `qwen3:8b`.
    pub tag: String,
    /// Which of the model's replicas this is, from 1.
    pub replica: u32,
    /// Name of the machine, e.g. `localhost`.
    pub host: String,
    /// TCP port where its server listens, e.g. 11434.
    pub port: u16,
    /// Address that was asked, e.g. `http://127.0.0.1:11434`.
    pub address: String,
    /// Indices of its GPUs on its machine, from 0.
    pub gpus: Vec<u32>,
    /// The planned context, in tokens of one slot, e.g. 8192.
    pub context_length: u32,
    /// Whether it serves as planned, e.g. `ready`.
    pub health: Health,
    /// Why its server did not answer, as a code, e.g. `ollama-absent`; null where it did.
    pub fault: Option<String>,
    /// Version of the server, e.g. `0.33.0`; null where it did not answer.
    pub version: Option<String>,
    /// Tokens per second that the plan expects of one request while nobody else uses the GPUs, at least and at most; null where unknown.
    pub expected_speed: Option<[f64; 2]>,
    /// The model as the server holds it; null where it does not.
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
    /// No server listens at that address.
    Absent,
}
