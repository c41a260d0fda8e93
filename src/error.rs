//! What can go wrong, as data: the words are found in `messages`.

mod import;
mod ollama;

use std::fmt;
use std::path::PathBuf;

use vramfit_core::gguf;

use crate::quantization::{KvCacheType, KvCacheTypes};
use crate::units::Bytes;

pub use vramfit_core::defect::{Defect, Fault, FleetFault, MOST_DEFECTS};

pub use import::ImportFault;
pub use ollama::{OllamaError, OllamaFault};

/// Why a published tag is not estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotEstimated {
    /// Ollama runs it on machines of its own: there is no file.
    Cloud,
    /// Its file is for Ollama's MLX engine.
    Mlx,
    /// Neither its shape nor a model like it is known.
    NoShape,
    /// A repository of Hugging Face whose model or quantization is not known.
    Repository,
}

/// Why vramfit could not answer. Every variant says what was wrong, where, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// A tag that neither the catalog nor a file explains.
    UnknownTag {
        /// The word as it was typed, to be quoted.
        tag: String,
        /// Tags that may have been meant.
        candidates: Vec<String>,
    },
    /// A tag of which no checkpoint is known that vLLM can load.
    NoCheckpoint {
        /// The word as it was typed, to be quoted.
        tag: String,
        /// Tags of models that vLLM can load.
        candidates: Vec<String>,
    },
    /// A tag that is published and cannot be estimated.
    NotEstimated {
        /// The word as it was typed, to be quoted.
        tag: String,
        /// What is missing to estimate it.
        why: NotEstimated,
        /// Tags of the same model that can.
        candidates: Vec<String>,
    },
    /// Data that the program carries and cannot read: it was changed after it was built.
    Damaged {
        /// Name of the part, such as `catalog` or `schemas`.
        part: &'static str,
    },
    /// The CPU is to do everything, and how much system memory there is nobody told.
    HostMemoryUnknown,
    /// A driver that does not come back from a question.
    DriverSilent {
        /// How long it was waited for.
        seconds: u64,
    },
    /// An answer that cannot be written as JSON.
    NotSerialized {
        /// What serde says of it, in English.
        reason: String,
    },
    /// A GPU that the catalog does not know.
    UnknownGpu {
        /// The word as it was typed, to be quoted.
        name: String,
        /// GPUs that may have been meant.
        candidates: Vec<String>,
    },
    /// A family or series that the catalog does not know.
    UnknownFamily {
        /// The word as it was typed, to be quoted.
        family: String,
        /// Families that may have been meant.
        candidates: Vec<String>,
    },
    /// A value in the wrong form.
    BadValue {
        /// The argument, such as `--vram`.
        argument: String,
        /// The word as it was typed, to be quoted.
        value: String,
        /// The form that a value there has, with an example.
        form: ExpectedFormat,
    },
    /// A word that is not among the choices.
    UnknownChoice {
        /// The argument that takes one of them, such as `--preset`.
        argument: String,
        /// The word as it was typed, to be quoted.
        value: String,
        /// Every word that is taken.
        choices: Vec<String>,
        /// Words that may have been meant.
        candidates: Vec<String>,
    },
    /// An argument or command that does not exist.
    UnknownArgument {
        /// The word as it was typed, to be quoted.
        argument: String,
        /// Arguments or commands that may have been meant.
        candidates: Vec<String>,
    },
    /// An argument that must be given.
    MissingArgument {
        /// The argument as the parser names it, or the commands of which one is missing.
        argument: String,
    },
    /// Two arguments that exclude each other.
    Conflict {
        /// The argument that was refused, such as `--json`.
        argument: String,
        /// The argument that it excludes.
        other: String,
    },
    /// No GPU on which vLLM is planned; this is one of those there are.
    NoVllmGpu {
        /// As its driver or its maker calls it, such as `MI300X`.
        gpu: String,
    },
    /// Anything else that the command line's parser refuses, in its words.
    Usage(String),
    /// A file that cannot be read or written.
    File {
        /// Path of the file or folder that the system refused.
        path: PathBuf,
        /// What the operating system says, in its own words.
        reason: String,
    },
    /// A file that is longer than such a file is.
    TooLarge {
        /// Path of the file that was to be read.
        path: PathBuf,
        /// Most bytes that are read of such a file.
        limit: Bytes,
    },
    /// A file that is there already.
    Exists {
        /// Path of the file that would have been overwritten.
        path: PathBuf,
    },
    /// A file that `doctor` has no rules for.
    NotChecked {
        /// Path of the file, which stays unchecked.
        path: PathBuf,
    },
    /// Data files that are wrong, with every place in them.
    Defects(Vec<Defect>),
    /// A GGUF file that cannot be understood.
    Gguf {
        /// Path of the GGUF file.
        path: PathBuf,
        /// What is wrong, and at which byte.
        fault: gguf::Error,
    },
    /// An Ollama server that did not do what was asked.
    Ollama(OllamaError),
    /// A model that cannot be taken into a catalog.
    Import(ImportFault),
    /// A command that needs a terminal.
    NotATerminal,
    /// The wizard was left before it had every answer.
    Left,
    /// A plan that cannot be written as files.
    Artifact {
        /// What such a file does not take.
        fault: ArtifactFault,
        /// The value that is refused.
        value: String,
    },
}

/// Why a plan cannot be written as files: mostly a value that would need quoting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactFault {
    /// A tag that is not `NAME:TAG` in the letters that Ollama takes.
    Tag,
    /// A tag that Ollama does not publish.
    Unpublished,
    /// A machine's name with letters that no host name has.
    Host,
    /// Not an IPv4 address with a port.
    Address,
    /// Two servers of a host at one port.
    Port,
    /// An identifier of a GPU that neither CUDA nor ROCm would take.
    Device,
    /// A GPU's name with characters that no file carries.
    GpuName,
    /// An environment variable that would need quoting.
    Variable,
    /// Not the version of an engine, as its images are tagged.
    Version,
    /// Not a repository of Hugging Face.
    Repository,
    /// A plan that places no service, so that there is nothing to start.
    Empty,
    /// A kind of file that starts no `llama-server`.
    OllamaOnly,
    /// A kind of file that starts only `llama-server`.
    LlamaCppOnly,
    /// A kind of file that starts nothing on a Mac.
    OnMac,
    /// Two models in one file.
    SameFile,
    /// A template that does not render; a mistake of the program.
    Template,
}

impl ArtifactFault {
    /// The kebab-case code that `--json` gives, e.g. `artifact-port`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Tag => "artifact-tag",
            Self::Unpublished => "artifact-unpublished",
            Self::Host => "artifact-host",
            Self::Address => "artifact-address",
            Self::Port => "artifact-port",
            Self::Device => "artifact-device",
            Self::GpuName => "artifact-gpu-name",
            Self::Variable => "artifact-variable",
            Self::Version => "artifact-version",
            Self::Repository => "artifact-repository",
            Self::OllamaOnly => "artifact-ollama-only",
            Self::LlamaCppOnly => "artifact-llama-cpp-only",
            Self::OnMac => "artifact-on-mac",
            Self::SameFile => "artifact-same-file",
            Self::Empty => "artifact-empty",
            Self::Template => "artifact-template",
        }
    }
}

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedFormat {
    /// `24`, `24GiB`, `512MiB`; above zero.
    Size,
    /// Memory of GPUs in GiB and how many there are: `24`, `24x2`, `5.5`.
    Vram,
    /// `8192`, `8k`, `128k`; 1 to 16 M tokens.
    Context,
    /// A whole number from 1 to 256.
    Parallel,
    /// Tokens to draft ahead, or the tag of a model that drafts.
    Draft,
    /// A memory bandwidth, or the modules that give it.
    Bandwidth,
    /// A whole number from 1 to 65536.
    Batch,
    /// A whole number from 1 on.
    Count,
    /// A version of Ollama: `0.33.0`.
    Version,
    /// A model with replicas, context and pins: `qwen3:30b*2@16k:pin=0,1`.
    Demand,
    /// A whole number from 1 to 65535.
    Port,
    /// GPUs by name and number: `RTX 3090 x2`, `2x3090+4060`.
    GpuSpec,
    /// A file that `vramfit plan --json` wrote.
    Plan,
    /// At most so many services as one plan may have.
    Services,
    /// Who stays away from whom, and how far: `gpu`, `host`, `a,b`, `host:a,b`.
    Apart,
    /// An IPv4 address, by machine or for all: `0.0.0.0`, `rack1=10.0.0.11`.
    Listen,
    /// An address that no other machine has.
    OwnAddress,
    /// An address with a port, or a port alone: `127.0.0.1:9838`, `9838`.
    Address,
    /// A number of seconds, above zero: `2`, `0.5`.
    Seconds,
}

/// # Errors
/// A type of the cache that is none of those: a llama-server takes more.
pub fn for_ollama(kind: KvCacheType, taken: KvCacheTypes) -> Result<(), Error> {
    if taken.contains(kind) {
        return Ok(());
    }
    Err(Error::UnknownChoice {
        argument: "OLLAMA_KV_CACHE_TYPE".to_owned(),
        value: kind.label().to_owned(),
        choices: taken.names().map(str::to_owned).collect(),
        candidates: Vec::new(),
    })
}

impl Error {
    /// What a server did not do; `detail` is what the fault is about, such as a model.
    pub fn ollama(fault: OllamaFault, server: &str, detail: &str) -> Self {
        Self::Ollama(OllamaError {
            fault,
            server: server.to_owned(),
            detail: detail.to_owned(),
        })
    }

    /// The kebab-case code that `--json` gives, e.g. `unknown-tag`; it stays when sentences are reworded.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownTag { .. } => "unknown-tag",
            Self::NoCheckpoint { .. } => "no-checkpoint",
            Self::NotEstimated { .. } => "not-estimated",
            Self::Damaged { .. } => "damaged",
            Self::HostMemoryUnknown => "host-memory-unknown",
            Self::DriverSilent { .. } => "driver-silent",
            Self::NotSerialized { .. } => "not-serialized",
            Self::UnknownGpu { .. } => "unknown-gpu",
            Self::UnknownFamily { .. } => "unknown-family",
            Self::BadValue { .. } => "bad-value",
            Self::UnknownChoice { .. } => "unknown-choice",
            Self::UnknownArgument { .. } => "unknown-argument",
            Self::MissingArgument { .. } => "missing-argument",
            Self::Conflict { .. } => "conflict",
            Self::NoVllmGpu { .. } => "no-vllm-gpu",
            Self::Usage(_) => "usage",
            Self::File { .. } | Self::TooLarge { .. } => "file",
            Self::Exists { .. } => "exists",
            Self::NotChecked { .. } => "not-checked",
            Self::Defects(_) => "catalog-defects",
            Self::Gguf { fault, .. } => fault.code(),
            Self::Ollama(error) => error.fault.code(),
            Self::Import(fault) => fault.code(),
            Self::NotATerminal => "not-a-terminal",
            Self::Artifact { fault, .. } => fault.code(),
            Self::Left => "left",
        }
    }

    /// Names that may have been meant.
    pub fn candidates(&self) -> &[String] {
        match self {
            Self::UnknownTag { candidates, .. }
            | Self::NoCheckpoint { candidates, .. }
            | Self::NotEstimated { candidates, .. }
            | Self::UnknownGpu { candidates, .. }
            | Self::UnknownFamily { candidates, .. }
            | Self::UnknownChoice { candidates, .. }
            | Self::UnknownArgument { candidates, .. } => candidates,
            Self::Import(fault) => fault.candidates(),
            _ => &[],
        }
    }
}

impl fmt::Display for Error {
    /// The code only; sentences are in `messages`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Error {}
