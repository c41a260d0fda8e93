//! What can keep a model out of a catalog.

use std::path::PathBuf;

/// Why a model cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportFault {
    /// Neither a GGUF file, nor an entry of Ollama's store, nor a model's `config.json`.
    Unrecognised(PathBuf),
    /// A model whose weights are not on this machine.
    NoWeights(PathBuf),
    /// An architecture that is not mapped.
    UnknownModelType {
        /// The `model_type` that its `config.json` names.
        name: String,
        /// Every `model_type` that the table of architectures maps.
        known: Vec<String>,
        /// Those that may have been meant.
        candidates: Vec<String>,
    },
    /// A configuration without a number that memory follows from.
    MissingKey {
        /// Path of the model's `config.json`.
        path: PathBuf,
        /// The key that it lacks.
        key: String,
    },
    /// A name that Ollama would refuse.
    BadTag(String),
    /// A tag that another model of the catalog has.
    TakenTag(String),
    /// Nothing says what to call the model.
    NoTag,
}

impl ImportFault {
    /// The kebab-case code that `--json` gives, e.g. `missing-key`.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unrecognised(_) => "unrecognised",
            Self::NoWeights(_) => "no-weights",
            Self::UnknownModelType { .. } => "unknown-model-type",
            Self::MissingKey { .. } => "missing-key",
            Self::BadTag(_) => "bad-tag",
            Self::TakenTag(_) => "taken-tag",
            Self::NoTag => "no-tag",
        }
    }

    /// Names that may have been meant.
    pub(super) fn candidates(&self) -> &[String] {
        match self {
            Self::UnknownModelType { candidates, .. } => candidates,
            _ => &[],
        }
    }
}
