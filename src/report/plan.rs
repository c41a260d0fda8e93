//! `plan`: services over GPUs, the ledger of every GPU, and what found no place.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Estimate, Fix, ModelFile, ServiceName, Speed};
use crate::catalog::gpu::Vendor;
use crate::engine::place::Verdict;
use crate::engine::vllm::Format;
use crate::engine::workload::{CacheFault, Engine};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// `vramfit plan`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// `vramfit.plan/1`
    pub schema: &'static str,
    /// One server each, with its own port.
    pub services: Vec<Service>,
    /// Demands that found no place.
    pub unplaced: Vec<Unplaced>,
    /// What every GPU gives and keeps.
    pub gpus: Vec<GpuBudget>,
    /// Whether it is proved that no plan serves more of what is asked for first, nor the same with fewer GPUs in splits; never on a guess.
    pub optimal: bool,
    /// What the reader should know.
    pub notes: Vec<PlanNote>,
}

/// A server to start.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// The model.
    pub tag: String,
    /// Which of its replicas, from 1 on.
    pub replica: u32,
    /// Where it runs.
    pub host: String,
    /// Where it listens.
    pub port: u16,
    /// The GPUs that it sees.
    pub gpus: Vec<ServiceGpu>,
    /// What it allocates.
    pub estimate: Estimate,
    /// How well it fits.
    pub verdict: Verdict,
    /// Whether it fits beside the others by less than the estimates may be off: it probably fits.
    pub within_doubt: bool,
    /// Tokens of one slot.
    pub context_length: u32,
    /// How fast it should answer while nobody else uses its GPUs.
    pub speed: Option<Speed>,
    /// Services on the same GPUs.
    pub shares_with: Vec<ServiceName>,
    /// How fast it should answer while all of them are busy, too: processes take turns on a GPU. `None` if it has its GPUs to itself.
    pub speed_all_busy: Option<Speed>,
    /// The server's environment, such as `CUDA_VISIBLE_DEVICES` and `OLLAMA_HOST`; every option of a `llama-server`.
    pub environment: BTreeMap<String, String>,
    /// What serves it.
    pub engine: Engine,
    /// The words that start it, where its environment does not say everything: those of vLLM.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Where the file of its model comes from, which a `llama-server` is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<ModelFile>,
}

/// A GPU's part of a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceGpu {
    /// Its index on its host.
    pub gpu: u32,
    /// Its UUID.
    pub uuid: Option<String>,
    /// Its name.
    pub name: String,
    /// Its maker.
    pub vendor: Vendor,
    /// Bytes there.
    pub bytes: Bytes,
}

/// A demand without a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unplaced {
    /// The model.
    pub tag: String,
    /// Which of its replicas, from 1 on.
    pub replica: u32,
    /// Whether nothing is to start without it.
    pub must: bool,
    /// Tokens of one slot, as asked.
    pub context_length: u32,
    /// Slots, as asked.
    pub parallel: u32,
    /// Bytes missing where it comes nearest.
    pub shortfall: Bytes,
    /// Why the engine does not load it with the cache asked for, wherever it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// The cheapest change that places it.
    pub cheapest_fix: Option<Fix>,
    /// Other changes that do, each by itself.
    pub alternatives: Vec<Fix>,
    /// The `llama-server` that llama-swap starts for it in place of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<Box<Turn>>,
}

/// A server that is there in turns with others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Turn {
    /// The server, while it is there.
    #[serde(flatten)]
    pub service: Service,
    /// Who is not there then: whoever gives way to one such server of its host gives way to each.
    pub instead_of: Vec<ServiceName>,
}

/// A cache with which the engine does not load a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Refused {
    /// The type asked for.
    pub kv_cache_type: KvCacheType,
    /// Why.
    pub fault: CacheFault,
}

/// A GPU's account.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuBudget {
    /// Its host.
    pub host: String,
    /// Its index there.
    pub gpu: u32,
    /// Its UUID.
    pub uuid: Option<String>,
    /// Its name.
    pub name: String,
    /// Its maker.
    pub vendor: Vendor,
    /// What may be committed: free, less `--reserve`, less the engine's margin.
    pub usable: Bytes,
    /// What the plan commits.
    pub committed: Bytes,
    /// `usable - committed`
    pub free: Bytes,
    /// Of that, what engines want free while they load, which nobody else may take.
    pub held: Bytes,
}

/// What ends a search before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// `--time` is over.
    TimeLimit,
    /// Ctrl-C.
    Interrupt,
}

/// Something about a plan, as a code that both languages word.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum PlanNote {
    /// The search ended before its time: this is the best plan that it found until then.
    Ended {
        /// What ended it.
        by: Ending,
    },
    /// These services fit by less than their estimates may be off.
    WithinDoubt {
        /// Their tags.
        tags: Vec<String>,
    },
    /// These GPUs are kept free.
    KeptFree {
        /// `host/index`
        gpus: Vec<String>,
    },
    /// So much stays free on every GPU beside what the services take.
    Headroom {
        /// As asked.
        bytes: Bytes,
    },
    /// These must be served and find no place: nothing is to start.
    MustServe {
        /// The models.
        tags: Vec<String>,
    },
    /// Others reach these ports, and this engine asks nobody for a password.
    OpenPorts {
        /// `address:port,port`
        ports: Vec<String>,
        /// What listens there.
        engine: Engine,
    },
    /// The servers of these hosts of several listen for their own machine alone.
    Unreachable {
        /// Their names.
        hosts: Vec<String>,
    },
    /// Ollama serves this model with one slot whatever is asked.
    OneSlot {
        /// The model.
        tag: String,
    },
    /// A context beyond the training context was clamped.
    ContextClamped {
        /// The model.
        tag: String,
        /// As asked.
        asked: u32,
        /// As planned.
        context_length: u32,
    },
    /// A batch size was asked for, which is a setting of a request or a Modelfile and of no server.
    Batch {
        /// As asked.
        batch: u32,
    },
    /// Drafting was asked for, which is a setting of a request or a Modelfile and of no server.
    Draft {
        /// Tokens, as asked.
        tokens: u32,
    },
    /// The context was widened into free memory.
    ContextWidened {
        /// The model.
        tag: String,
        /// As planned.
        context_length: u32,
    },
    /// A tag that Ollama does not publish; this was planned instead.
    Replaced {
        /// As it was asked for.
        tag: String,
        /// As planned.
        by: String,
    },
    /// The guide's own GPUs for this preset do not do here; its services were placed anew.
    PresetPlacedAnew {
        /// The preset.
        preset: String,
    },
    /// The preset holds only with shorter contexts than usual.
    ContextShortened {
        /// The preset.
        preset: String,
        /// As planned, at most.
        context_length: u32,
    },
    /// Experts of this model lie in the host's memory: its GPUs hold the rest.
    ExpertsOnHost {
        /// The model.
        tag: String,
        /// Its blocks whose experts are there.
        blocks: u32,
        /// All its blocks.
        of: u32,
        /// The bytes there.
        bytes: Bytes,
    },
    /// What vLLM loads in place of a tag.
    Checkpoint {
        /// The model.
        tag: String,
        /// `OWNER/NAME` at Hugging Face.
        repository: String,
        /// How its weights are stored.
        format: Format,
        /// All bytes of them.
        bytes: Bytes,
    },
    /// No machine holds this model; Kubernetes is told to serve it with vLLM over so many of these.
    OverNodes {
        /// The model.
        tag: String,
        /// `OWNER/NAME` at Hugging Face.
        repository: String,
        /// Machines that all its replicas take.
        nodes: u32,
    },
    /// llama-swap loads these when they are asked for, in place of others.
    InTurns {
        /// The models.
        tags: Vec<String>,
    },
    /// vLLM would serve this model over so many machines, and fewer are idle.
    Nodes {
        /// The model.
        tag: String,
        /// `OWNER/NAME` at Hugging Face.
        repository: String,
        /// Machines like the largest of the plan that all its replicas take.
        nodes: u32,
        /// Those that have nothing to do.
        idle: u32,
    },
    /// These would have a place with their experts in the host's memory, which only a `llama-server` of their own is told.
    WithOwnServer {
        /// The models.
        tags: Vec<String>,
    },
    /// These split services share GPUs with others: each must have loaded before the services after it start.
    StartInOrder {
        /// The models.
        tags: Vec<String>,
    },
    /// A heuristic's distance to a bound that no plan can beat: services placed, and the most that could be.
    Gap {
        /// Services asked for.
        wanted: u32,
        /// Services placed.
        placed: u32,
        /// The most that could be placed.
        bound: u32,
    },
}
