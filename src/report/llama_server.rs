//! A `llama-server` of one's own, without Ollama.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::vllm::Format;
use crate::units::Bytes;

/// How `llama-server` is started so that it takes what was estimated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LlamaServer {
    /// Variables that say which GPUs it sees; none where it may see all of them.
    pub environment: BTreeMap<String, String>,
    /// The program and its arguments, word by word.
    pub command: Vec<String>,
    /// Where the file of its model comes from.
    pub file: ModelFile,
    /// Where the file comes from of the model that drafts for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<ModelFile>,
}

/// Where the file of a model comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum ModelFile {
    /// The file is at hand on this machine.
    Given {
        /// Path of the file, as given.
        path: String,
    },
    /// The server downloads it from Hugging Face.
    HuggingFace {
        /// Repository and file type, as `OWNER/REPO:QUANTIZATION`.
        repository: String,
        /// Whether its vision projector is loaded as well.
        sees: bool,
    },
    /// vLLM downloads it from Hugging Face.
    Checkpoint {
        /// Repository at Hugging Face, as `OWNER/NAME`.
        repository: String,
        /// How its weights are stored.
        format: Format,
        /// Bytes of all its weights.
        bytes: Bytes,
    },
    /// It is put into the folder of models, such as Ollama's own.
    Folder {
        /// Tag of the model in Ollama's library, e.g. `qwen3:30b`.
        tag: String,
        /// Name of the file in that folder, e.g. `qwen3-30b.gguf`.
        file: String,
        /// Name of the file of its vision projector; null if it has none.
        projector: Option<String>,
        /// Name of the architecture, where Ollama translates its own files while they load, so that `llama-server` may refuse them; else
        /// null.
        translated: Option<String>,
    },
}
