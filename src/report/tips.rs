//! `tips`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Estimate, InventoryReport};
use crate::engine::place::Verdict;
use crate::lang::Bilingual;
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// Answer of `vramfit tips`: settings of Ollama that save memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tips {
    /// Name and version of this form: `vramfit.tips/1`.
    pub schema: &'static str,
    /// Ollama tag of the model, if one was named: the published one where the named tag does not exist.
    pub tag: Option<String>,
    /// Tag that was named, where it does not exist; else null.
    pub instead_of: Option<String>,
    /// Hardware that the answer is for, as found or described.
    pub inventory: InventoryReport,
    /// Memory that the model takes as asked, part by part, in bytes; null where none was named.
    pub estimate: Option<Estimate>,
    /// How well it fits as asked, e.g. `fits`; null without GPUs.
    pub verdict: Option<Verdict>,
    /// Tokens of context that Ollama would start with by itself, e.g. 32768; null without GPUs.
    pub context_default: Option<u32>,
    /// One change each, measured against the estimate.
    pub tips: Vec<Tip>,
    /// How well it fits with `modelfile` and `environment`; null without GPUs.
    pub recommended_verdict: Option<Verdict>,
    /// Text of a Modelfile with the settings that a Modelfile can hold; null where no model was named.
    pub modelfile: Option<String>,
    /// Variables of the server, e.g. `OLLAMA_CONTEXT_LENGTH`: `8192`; null where no model was named.
    pub environment: Option<BTreeMap<String, String>>,
    /// Tips of the written guide; only where no model was named.
    pub guide: Vec<GuideTip>,
}

/// A change of one setting, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tip {
    /// Which setting is changed, as a code with its value.
    #[serde(flatten)]
    pub change: Change,
    /// As it is typed in a Modelfile or an environment, e.g. `PARAMETER num_ctx 4096`.
    pub setting: String,
    /// Bytes that the model then takes, e.g. 6101308131.
    pub total: Bytes,
    /// Bytes that are saved, e.g. 717236224; below zero for what it costs.
    pub saves: i64,
    /// How well it then fits, e.g. `fits`; null without GPUs.
    pub verdict: Option<Verdict>,
}

/// A change of one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Change {
    /// Another length of context (`num_ctx`).
    Context {
        /// Tokens of that context, e.g. 4096.
        context_length: u32,
    },
    /// Another size of batch (`num_batch`).
    Batch {
        /// Tokens of that batch.
        batch: u32,
    },
    /// Another number of slots (`OLLAMA_NUM_PARALLEL`).
    Parallel {
        /// Number of those slots.
        parallel: u32,
    },
    /// Another type of the KV cache (`OLLAMA_KV_CACHE_TYPE`).
    KvCacheType {
        /// That type, e.g. `q8_0`.
        kv_cache_type: KvCacheType,
    },
    /// Unloading after each answer (`OLLAMA_KEEP_ALIVE`).
    KeepAlive,
}

/// A tip of the written guide, and what is true of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideTip {
    /// Stable code of the tip, e.g. `num-batch`.
    pub code: String,
    /// The line as the guide has it, e.g. `PARAMETER num_batch 512`.
    pub line: String,
    /// What the guide says the line is for.
    pub advice: Bilingual,
    /// Whether the line works as it stands.
    pub works: bool,
    /// What is true of the line.
    pub reality: Bilingual,
    /// Line that works, e.g. `PARAMETER num_ctx 2048`; null where the guide's own does.
    pub instead: Option<String>,
}
