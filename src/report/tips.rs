//! `tips`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Estimate, InventoryReport};
use crate::engine::place::Verdict;
use crate::lang::Bilingual;
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// `vramfit tips`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tips {
    /// `vramfit.tips/1`
    pub schema: &'static str,
    /// The model, if one was named: the published one where the named tag does not exist.
    pub tag: Option<String>,
    /// The tag that was named, where it does not exist.
    pub instead_of: Option<String>,
    /// The hardware it was asked for.
    pub inventory: InventoryReport,
    /// What it takes as asked.
    pub estimate: Option<Estimate>,
    /// How well it fits as asked; absent without GPUs.
    pub verdict: Option<Verdict>,
    /// The context that Ollama would start with by itself.
    pub context_default: Option<u32>,
    /// One change each, measured against the estimate.
    pub tips: Vec<Tip>,
    /// How well it fits with the settings below.
    pub recommended_verdict: Option<Verdict>,
    /// A Modelfile with what a Modelfile can say.
    pub modelfile: Option<String>,
    /// The server's environment.
    pub environment: Option<BTreeMap<String, String>>,
    /// The guide's tips; only where no model was named.
    pub guide: Vec<GuideTip>,
}

/// A change of one setting, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tip {
    /// What is changed.
    #[serde(flatten)]
    pub change: Change,
    /// As it is typed in a Modelfile or an environment.
    pub setting: String,
    /// What the model then takes.
    pub total: Bytes,
    /// Bytes that are saved; below zero for what it costs.
    pub saves: i64,
    /// How well it then fits.
    pub verdict: Option<Verdict>,
}

/// A change of one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Change {
    /// Another context.
    Context {
        /// Its tokens.
        context_length: u32,
    },
    /// Another batch.
    Batch {
        /// Its tokens.
        batch: u32,
    },
    /// Other slots.
    Parallel {
        /// How many.
        parallel: u32,
    },
    /// Another type of the cache.
    KvCacheType {
        /// Which.
        kv_cache_type: KvCacheType,
    },
    /// Unloading after each answer.
    KeepAlive,
}

/// A tip of the guide.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuideTip {
    /// Its code.
    pub code: String,
    /// The guide's line.
    pub line: String,
    /// What it is for.
    pub advice: Bilingual,
    /// Whether it works as it stands.
    pub works: bool,
    /// What is true of it.
    pub reality: Bilingual,
    /// The line that works.
    pub instead: Option<String>,
}
