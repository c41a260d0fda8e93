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
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Where its model comes from.
    pub file: ModelFile,
    /// Where the file comes from of a model that drafts for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<ModelFile>,
}

/// Where the file of a model comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum ModelFile {
    /// It is at hand.
    Given {
        /// Where.
        path: String,
    },
    /// The server downloads it from Hugging Face.
    HuggingFace {
        /// `OWNER/REPO:QUANTIZATION`
        repository: String,
        /// Whether its vision projector is loaded as well.
        sees: bool,
    },
    /// vLLM downloads it from Hugging Face.
    Checkpoint {
        /// `OWNER/NAME`
        repository: String,
        /// How its weights are stored.
        format: Format,
        /// All bytes of them.
        bytes: Bytes,
    },
    /// It is put into the folder of models, such as Ollama's own.
    Folder {
        /// The model's tag in Ollama's library.
        tag: String,
        /// Its name there.
        file: String,
        /// The name of its vision projector, if it has one.
        projector: Option<String>,
        /// The architecture, where Ollama translates its own files while they load, so that `llama-server` may refuse them.
        translated: Option<String>,
    },
}
