//! Changes that make a model fit, and what they may change.

use serde::{Deserialize, Serialize};

use super::place::GpuPool;
use super::workload::Workload;
use crate::catalog::{Catalog, Entry};
use crate::quantization::KvCacheType;
use crate::units::Bytes;

/// The cheapest change that makes a model fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Fix {
    /// Another type of cache: 8 bits, or 16 where the engine refuses the model with a quantised one.
    KvCacheType {
        /// Type of the KV cache that fits, e.g. `q8_0`.
        kv_cache_type: KvCacheType,
    },
    /// A context shorter than was asked for.
    ShorterContext {
        /// Tokens of the longest context that fits, in steps of 1024.
        context_length: u32,
    },
    /// A shorter context, and another type of cache with it.
    ShorterContextAndKvCacheType {
        /// Tokens of the longest context that fits, in steps of 1024.
        context_length: u32,
        /// Type of the KV cache with which it does, e.g. `q8_0`.
        kv_cache_type: KvCacheType,
    },
    /// A smaller file of the same model.
    SmallerQuantization {
        /// The tag to take instead.
        tag: String,
        /// GGUF's name of its quantization, such as `Q4_K_M`; null where unknown.
        quantization: Option<String>,
    },
    /// Stop a program that holds memory.
    FreeProcess {
        /// Number of the GPU on its machine, from 0.
        gpu: u32,
        /// Process id on that machine.
        pid: u32,
        /// Name of the program; null where the driver does not tell it.
        name: Option<String>,
        /// Bytes that it holds on that GPU.
        bytes: Bytes,
    },
    /// Fewer replicas of a model.
    FewerReplicas {
        /// Number of replicas that find a place.
        replicas: u32,
    },
    /// A shorter context for another model of a plan.
    AnotherContext {
        /// Tag of the model whose context becomes shorter.
        tag: String,
        /// Tokens of the longest context with which both fit, in steps of 1024.
        context_length: u32,
    },
    /// Fewer replicas of another model of a plan.
    AnotherReplicas {
        /// Tag of the model that gives replicas up.
        tag: String,
        /// Number of replicas with which both find a place.
        replicas: u32,
    },
    /// Not only on the GPUs that it was pinned to.
    WithoutPin,
    /// Beside others that it was told to stay away from.
    WithoutApart,
    /// Fewer GPUs kept free than was asked for.
    FewerKeptFree {
        /// Number of GPUs that may stay free.
        count: u32,
    },
    /// System memory for what the GPUs do not hold.
    SystemMemory {
        /// Bytes of system memory with which it runs, of a size that is sold: 32, 64 or 128 GiB.
        bytes: Bytes,
        /// Tokens written a second with it, lowest and highest.
        decode: [f64; 2],
    },
    /// Experts in system memory, where a `llama-server` of its own keeps them.
    ExpertsInMemory {
        /// Bytes that the experts take in system memory.
        bytes: Bytes,
        /// Tokens written a second so, lowest and highest; null where unknown.
        decode: Option<[f64; 2]>,
        /// Whether another engine than llama.cpp was asked for.
        other_engine: bool,
    },
    /// More GPUs like the best one here.
    MoreGpus {
        /// Number of GPUs to add.
        count: u32,
    },
    /// The same machine with more memory, which its GPU shares.
    LargerMachine {
        /// Bytes of its memory, as sold.
        memory: Bytes,
    },
    /// Other GPUs in place of those here.
    OtherGpus {
        /// Name of the GPU to put in, as the catalog has it.
        name: String,
        /// Number of such GPUs.
        count: u32,
    },
}

impl Fix {
    /// What costs less is a setting.
    pub const SETTINGS: u32 = 7;

    /// What a change costs beside others: a setting less than another file, that less than a stopped program, memory less
    /// than a third of a card.
    pub const fn cost(&self) -> u32 {
        match self {
            Self::KvCacheType { .. } => 0,
            Self::ShorterContext { .. } => 1,
            Self::ShorterContextAndKvCacheType { .. } => 2,
            Self::AnotherContext { .. } => 3,
            Self::WithoutPin | Self::WithoutApart => 4,
            Self::FewerKeptFree { .. } => 5,
            Self::FewerReplicas { .. } | Self::AnotherReplicas { .. } => 6,
            Self::SmallerQuantization { .. } => 7,
            Self::FreeProcess { .. } => 8,
            Self::SystemMemory { .. } | Self::ExpertsInMemory { .. } => 9,
            Self::MoreGpus { count } => 30 * *count,
            Self::LargerMachine { .. } => 90,
            Self::OtherGpus { count, .. } => 60 + 60 * *count,
        }
    }
}

/// A program that could be stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The device, by position in the pool.
    pub device: usize,
    /// Process id on its machine.
    pub pid: u32,
    /// Name of the program; `None` where the driver does not tell it.
    pub name: Option<String>,
    /// Bytes that it holds on that device.
    pub bytes: Bytes,
}

/// A model that does not fit, with everything that a fix may change.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// The catalog, for other files of the model.
    pub catalog: &'a Catalog,
    /// The model, and the file of it that does not fit.
    pub entry: Entry<'a>,
    /// The settings that were asked for.
    pub workload: &'a Workload,
    /// GPUs and system memory that it has to fit.
    pub pool: &'a GpuPool,
    /// Programs on these GPUs that could be stopped.
    pub tenants: &'a [Tenant],
}
