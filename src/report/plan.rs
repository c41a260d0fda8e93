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

/// Services over GPUs: the plan itself within the answer of `vramfit plan`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// Name and version of this form: `vramfit.plan/1`.
    pub schema: &'static str,
    /// One entry for each server to start, each with its own port, in the order of starting.
    pub services: Vec<Service>,
    /// Replicas that found no place, each with what would help.
    pub unplaced: Vec<Unplaced>,
    /// One entry a GPU: what it can give, what is committed, what stays free, in bytes.
    pub gpus: Vec<GpuBudget>,
    /// Whether it is proved that no plan serves more of what is asked for first, nor the same with fewer GPUs in splits; never on a guess.
    pub optimal: bool,
    /// What the reader should know, as codes, e.g. `context-clamped`.
    pub notes: Vec<PlanNote>,
}

/// A server to start: its model, its GPUs, its settings.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Service {
    /// Ollama tag of the model, e.g. `qwen3:30b`.
    pub tag: String,
    /// Which of the model's replicas this is, from 1.
    pub replica: u32,
    /// Name of the machine it runs on, e.g. `localhost`.
    pub host: String,
    /// TCP port where it listens, e.g. 11434.
    pub port: u16,
    /// GPUs that it sees, in the order in which it sees them.
    pub gpus: Vec<ServiceGpu>,
    /// Memory that it takes, part by part, in bytes.
    pub estimate: Estimate,
    /// How well it fits, e.g. `fits`.
    pub verdict: Verdict,
    /// Whether it fits beside the others by less than the estimates may be off: it probably fits.
    pub within_doubt: bool,
    /// Tokens of context of one slot, e.g. 8192.
    pub context_length: u32,
    /// How fast it should answer while nobody else uses its GPUs, in tokens per second; null where that is not known.
    pub speed: Option<Speed>,
    /// Other services on the same GPUs; empty where it has them to itself.
    pub shares_with: Vec<ServiceName>,
    /// How fast it should answer while all services on its GPUs are busy: they take turns. Null if it has its GPUs to itself.
    pub speed_all_busy: Option<Speed>,
    /// Variables of the server's environment, e.g. `CUDA_VISIBLE_DEVICES`: `0,1`; every option of a `llama-server`.
    pub environment: BTreeMap<String, String>,
    /// Program that serves the model, e.g. `ollama`.
    pub engine: Engine,
    /// Words of the command that starts it, where its environment does not say everything: those of vLLM.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// Where the file of its model comes from, which a `llama-server` is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<ModelFile>,
}

impl Service {
    /// What other parts of an answer call it.
    pub fn name(&self) -> ServiceName {
        ServiceName {
            tag: self.tag.clone(),
            replica: self.replica,
        }
    }

    /// How fast it answers while all its slots, and whoever shares its GPUs, are busy.
    pub fn busy_speed(&self) -> Option<&Speed> {
        self.speed_all_busy.as_ref().or(self.speed.as_ref())
    }
}

/// A GPU's part of a service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServiceGpu {
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// UUID of the GPU, as `CUDA_VISIBLE_DEVICES` takes it; null where it is not known.
    pub uuid: Option<String>,
    /// Name of the GPU, e.g. `RTX 3090`.
    pub name: String,
    /// Maker of the GPU, e.g. `nvidia`.
    pub vendor: Vendor,
    /// Bytes that the service takes on this GPU, e.g. 19827228451.
    pub bytes: Bytes,
}

/// A replica that found no place, and what would give it one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unplaced {
    /// Ollama tag of the model, e.g. `llama3:70b`.
    pub tag: String,
    /// Which of the model's replicas this is, from 1.
    pub replica: u32,
    /// Whether nothing is to start without it (`:must`).
    pub must: bool,
    /// Tokens of context of one slot, as asked.
    pub context_length: u32,
    /// Slots (requests answered at once), as asked.
    pub parallel: u32,
    /// Bytes that are missing where it comes nearest to fitting.
    pub shortfall: Bytes,
    /// Why the engine does not load it with the cache asked for, wherever it lies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// The cheapest change that places it; null where no single change does.
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
    /// Type of the KV cache that was asked for, e.g. `q4_0`.
    pub kv_cache_type: KvCacheType,
    /// Why the engine does not load it, as a code.
    pub fault: CacheFault,
}

/// The memory of one GPU: what can be given, what is committed, what is left.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GpuBudget {
    /// Name of the machine, e.g. `localhost`.
    pub host: String,
    /// Index of the GPU on its machine, from 0.
    pub gpu: u32,
    /// UUID of the GPU, as `CUDA_VISIBLE_DEVICES` takes it; null where it is not known.
    pub uuid: Option<String>,
    /// Name of the GPU, e.g. `RTX 3090`.
    pub name: String,
    /// Maker of the GPU, e.g. `nvidia`.
    pub vendor: Vendor,
    /// Bytes that may be committed: free, less `--reserve`, less the engine's margin, e.g. 24221057024.
    pub usable: Bytes,
    /// Bytes that the plan's services take, e.g. 19827228451.
    pub committed: Bytes,
    /// Bytes left: `usable - committed`, e.g. 4393828573.
    pub free: Bytes,
    /// Bytes of `free` that engines want unused while they load, which nobody else may take.
    pub held: Bytes,
}

/// What ends a search before it is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The time of `--time` is over.
    TimeLimit,
    /// A person pressed Ctrl-C.
    Interrupt,
}

/// Something about a plan, as a code that both languages word.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum PlanNote {
    /// The search ended before its time: this is the best plan that it found until then.
    Ended {
        /// What ended it: `time-limit` or `interrupt`.
        by: Ending,
    },
    /// These services fit by less than their estimates may be off.
    WithinDoubt {
        /// Ollama tags of these services.
        tags: Vec<String>,
    },
    /// Ollama leaves these GPUs of a machine out, without a word: they or their driver are too old.
    GpusLeftOut {
        /// Machine and GPUs, e.g. `rack1 GPU 0 RTX 3090`.
        gpus: String,
        /// Version of the driver beside the one that Ollama needs, e.g. `470.199.02 < 550`; null where no driver would do.
        driver: Option<String>,
    },
    /// GPUs that `--what-if` adds are left out for the driver that the machine has: a newer one would serve them.
    AddedHasHostDriver {
        /// Version of the driver beside the one that Ollama needs, e.g. `470.199.02 < 550`.
        driver: String,
    },
    /// `--cpu` leaves all GPUs out, and a plan places services on GPUs only.
    GpusNotUsed,
    /// These GPUs are kept free (`--keep-free`).
    KeptFree {
        /// GPUs as `host/index`, e.g. `localhost/1`.
        gpus: Vec<String>,
    },
    /// So much stays free on every GPU beside what the services take.
    Headroom {
        /// Bytes a GPU, as asked with `--headroom`.
        bytes: Bytes,
    },
    /// These must be served and find no place: nothing is to start.
    MustServe {
        /// Ollama tags of these models.
        tags: Vec<String>,
    },
    /// Others reach these ports, and this engine asks nobody for a password.
    OpenPorts {
        /// Address (or name) and ports of each machine, as `address:port,port`.
        ports: Vec<String>,
        /// Program that listens there, e.g. `ollama`.
        engine: Engine,
    },
    /// The servers of these hosts of several listen for their own machine alone.
    Unreachable {
        /// Names of these machines.
        hosts: Vec<String>,
    },
    /// Ollama serves this model with one slot whatever is asked.
    OneSlot {
        /// Ollama tag of the model.
        tag: String,
    },
    /// A context beyond the training context was clamped.
    ContextClamped {
        /// Ollama tag of the model.
        tag: String,
        /// Tokens of context, as asked.
        asked: u32,
        /// Tokens of context, as planned.
        context_length: u32,
    },
    /// A batch size was asked for, which is a setting of a request or a Modelfile and of no server.
    Batch {
        /// Tokens of the batch, as asked.
        batch: u32,
    },
    /// Drafting was asked for, which is a setting of a request or a Modelfile and of no server.
    Draft {
        /// Tokens to draft ahead, as asked.
        tokens: u32,
    },
    /// The context was widened into free memory.
    ContextWidened {
        /// Ollama tag of the model.
        tag: String,
        /// Tokens of context, as planned.
        context_length: u32,
    },
    /// A tag that Ollama does not publish; this was planned instead.
    Replaced {
        /// Ollama tag that was asked for.
        tag: String,
        /// Ollama tag that was planned instead.
        by: String,
    },
    /// The guide's own GPUs for this preset do not do here; its services were placed anew.
    PresetPlacedAnew {
        /// Code of the preset, e.g. `4x3090-mixed`.
        preset: String,
    },
    /// The preset holds only with shorter contexts than usual.
    ContextShortened {
        /// Code of the preset, e.g. `4x3090-mixed`.
        preset: String,
        /// Tokens of context, as planned, at most.
        context_length: u32,
    },
    /// Experts of this model lie in the host's memory: its GPUs hold the rest.
    ExpertsOnHost {
        /// Ollama tag of the model.
        tag: String,
        /// Number of its blocks whose experts lie there.
        blocks: u32,
        /// Number of all its blocks.
        of: u32,
        /// Bytes that lie in system memory.
        bytes: Bytes,
    },
    /// What vLLM loads in place of a tag.
    Checkpoint {
        /// Ollama tag of the model.
        tag: String,
        /// Repository at Hugging Face, as `OWNER/NAME`.
        repository: String,
        /// How its weights are stored.
        format: Format,
        /// Bytes of all its weights.
        bytes: Bytes,
    },
    /// No machine holds this model; Kubernetes is told to serve it with vLLM over so many of these.
    OverNodes {
        /// Ollama tag of the model.
        tag: String,
        /// Repository at Hugging Face, as `OWNER/NAME`.
        repository: String,
        /// Number of machines that all its replicas take.
        nodes: u32,
    },
    /// llama-swap loads these when they are asked for, in place of others.
    InTurns {
        /// Ollama tags of these models.
        tags: Vec<String>,
    },
    /// vLLM would serve this model over so many machines, and fewer are idle.
    Nodes {
        /// Ollama tag of the model.
        tag: String,
        /// Repository at Hugging Face, as `OWNER/NAME`.
        repository: String,
        /// Number of machines like the largest of the plan that all its replicas take.
        nodes: u32,
        /// Number of machines that have nothing to do.
        idle: u32,
    },
    /// These would have a place with their experts in the host's memory, which only a `llama-server` of their own is told.
    WithOwnServer {
        /// Ollama tags of these models.
        tags: Vec<String>,
    },
    /// These split services share GPUs with others: each must have loaded before the services after it start.
    StartInOrder {
        /// Ollama tags of these models.
        tags: Vec<String>,
    },
    /// A heuristic's distance to a bound that no plan can beat: services placed, and the most that could be.
    Gap {
        /// Number of services asked for.
        wanted: u32,
        /// Number of services that are placed.
        placed: u32,
        /// Number of services that could be placed at most.
        bound: u32,
    },
}
