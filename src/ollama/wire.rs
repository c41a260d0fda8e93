//! What the API answers. Versions differ, so every field may be missing or null.

use serde::{Deserialize, Deserializer};

use crate::units::Bytes;

/// A model that a server has (`/api/tags`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Tag {
    /// Name and tag, such as `qwen3:8b`.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// All its layers together, in bytes.
    #[serde(deserialize_with = "or_default")]
    pub size: Bytes,
    /// The digest of its manifest, without `sha256:`.
    #[serde(deserialize_with = "or_default")]
    pub digest: String,
    /// The server that runs it, for a model that is not here: it takes no memory.
    #[serde(deserialize_with = "or_default")]
    pub remote_host: String,
}

/// A model in memory (`/api/ps`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Loaded {
    /// Name and tag, such as `qwen3:8b`.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The digest of its manifest.
    #[serde(deserialize_with = "or_default")]
    pub digest: String,
    /// The engine's buffers, in bytes; those on GPUs only if all layers are there. Zero on a machine without GPUs.
    #[serde(deserialize_with = "or_default")]
    pub size: Bytes,
    /// The engine's buffers on GPUs, in bytes, without the CUDA context.
    #[serde(deserialize_with = "or_default")]
    pub size_vram: Bytes,
    /// Tokens of one slot; zero where the server is too old to tell.
    #[serde(deserialize_with = "or_default")]
    pub context_length: u32,
    /// When it will be unloaded, as RFC 3339.
    #[serde(deserialize_with = "or_default")]
    pub expires_at: String,
}

impl Loaded {
    /// Whether the server says how much is where: on a machine without GPUs it reports zero of zero.
    pub fn is_measured(&self) -> bool {
        self.size > Bytes::ZERO
    }

    /// Bytes of its buffers that lie in host memory although they could be on a GPU.
    pub fn spilled(&self) -> Bytes {
        self.size - self.size_vram
    }
}

/// A line of the answer to a pull (`/api/pull`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// What the server does, such as `pulling manifest`.
    #[serde(deserialize_with = "or_default")]
    pub status: String,
    /// Digest of the layer that is pulled; empty between layers.
    #[serde(deserialize_with = "or_default")]
    pub digest: String,
    /// The layer's size, in bytes.
    #[serde(deserialize_with = "or_default")]
    pub total: Bytes,
    /// How much of it is here, in bytes.
    #[serde(deserialize_with = "or_default")]
    pub completed: Bytes,
}

/// `{"models": [..]}`; null where there are none.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub(super) struct Models<T> {
    #[serde(default = "Vec::new", deserialize_with = "or_default")]
    pub(super) models: Vec<T>,
}

/// A value whose absence and null mean its default.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
