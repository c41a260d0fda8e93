//! What vLLM serves in place of a tag: `data/vllm.toml`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::gpu::Vendor;
use crate::units::Bytes;

/// How a checkpoint's weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// 16 bits, as they were trained.
    Bf16,
    /// 8 bits with a scale for each square of 128.
    Fp8,
    /// 4 bits with a scale for each 128.
    Awq,
    /// Experts in 4 bits, the rest in 16.
    Mxfp4,
}

impl Format {
    /// Name of the format as repositories and reports write it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Bf16 => "BF16",
            Self::Fp8 => "FP8",
            Self::Awq => "AWQ",
            Self::Mxfp4 => "MXFP4",
        }
    }

    /// Elements that share a scale: no part of a matrix may have less. MXFP4 is padded.
    pub const fn group(self) -> u32 {
        match self {
            Self::Bf16 | Self::Mxfp4 => 1,
            Self::Fp8 | Self::Awq => 128,
        }
    }
}

/// What is known of vLLM: its version, the architectures it loads, and checkpoints for them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vllm {
    /// The version that containers run: `v0.28.0`.
    pub version: String,
    /// Where this comes from.
    pub source: String,
    /// The repository of its images, by vendor.
    pub image: BTreeMap<String, String>,
    /// Architectures that it loads, each with the version from which it does.
    pub architecture: Vec<Supported>,
    /// The checkpoints of models, of each the best first.
    pub checkpoint: Vec<Checkpoint>,
}

/// Architectures that it can load.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supported {
    /// `general.architecture` of GGUF files of the same models, such as `qwen3moe`.
    pub names: Vec<String>,
    /// The version from which it can: `v0.8.5`.
    pub since: String,
    /// Where this comes from.
    pub source: String,
}

/// Weights as they are published at Hugging Face.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The catalog's model that it is.
    pub model: String,
    /// Where Hugging Face has it: `OWNER/NAME`.
    pub repository: String,
    /// How its weights are stored: 16, 8 or 4 bits.
    pub format: Format,
    /// Bytes of all its weight files.
    pub bytes: Bytes,
    /// Where this comes from.
    pub source: String,
}

impl Vllm {
    /// The checkpoints of a model, the best first.
    pub fn checkpoints(&self, model: &str) -> impl Iterator<Item = &Checkpoint> {
        let checkpoints = self.checkpoint.iter();
        checkpoints.filter(move |checkpoint| checkpoint.model == model)
    }

    /// Whether the version can load an architecture.
    pub fn knows(&self, architecture: &str) -> bool {
        let named = |row: &Supported| row.names.iter().any(|name| name == architecture);
        let since = self.architecture.iter().find(|row| named(row));
        since.is_some_and(|row| version(&row.since) <= version(&self.version))
    }

    /// The image for GPUs of a vendor.
    pub fn image(&self, vendor: Vendor) -> Option<String> {
        let repository = self.image.get(vendor.code())?;
        Some(format!("{repository}:{}", self.version))
    }
}

/// `v0.8.5` as numbers; what is none counts as zero.
fn version(text: &str) -> Vec<u32> {
    let parts = text.trim_start_matches('v').split('.');
    parts.map(|part| part.parse().unwrap_or(0)).collect()
}
