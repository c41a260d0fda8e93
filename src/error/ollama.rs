//! What can go wrong between vramfit and an Ollama server or its store.

/// A server that did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OllamaError {
    /// What it did not do, as a code.
    pub fault: OllamaFault,
    /// The server, such as `http://127.0.0.1:11434`, or the store's folder.
    pub server: String,
    /// What the fault is about: a model, a duration, the server's own words.
    pub detail: String,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OllamaFault {
    /// `OLLAMA_HOST` names no server.
    Address,
    /// `OLLAMA_HOST` asks for TLS, which this program does not speak.
    Https,
    /// Nobody listens at that address.
    Unreachable,
    /// It does not answer in time; `detail` is the number of seconds.
    Timeout,
    /// The connection or the stream ended in the middle.
    Disconnected,
    /// The answer is not one that Ollama gives, or of a version that is not understood.
    Unexpected,
    /// It refuses the `Host` header: a proxy passes on a name that it does not know.
    HostRefused,
    /// It does not have the model; `detail` is its name.
    UnknownModel,
    /// It refuses the request, since its queue is full.
    Busy,
    /// It says no, in its own words.
    Refused,
    /// Neither a server nor a store tells what is installed.
    NothingKnown,
    /// No model is loaded, or not the one that was asked for.
    NotLoaded,
    /// The log has no start of this model.
    NotLogged,
    /// A log without the engine's buffer lines.
    NoBuffers,
    /// A measurement that says nothing about the CUDA context.
    NothingToSave,
    /// Neither the server nor the hardware is this machine's.
    NotHere,
    /// No model to measure: none is named and none is loaded; or `detail` names one that writes nothing.
    NothingToMeasure,
    /// Counters that cannot be; `detail` says what is wrong with them.
    Unbelievable,
}

impl OllamaFault {
    /// The code for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Address => "ollama-address",
            Self::Https => "ollama-https",
            Self::Unreachable => "ollama-absent",
            Self::Timeout => "ollama-slow",
            Self::Disconnected => "ollama-broken",
            Self::Unexpected => "ollama-unexpected",
            Self::HostRefused => "ollama-host-refused",
            Self::UnknownModel => "ollama-unknown-model",
            Self::Busy => "ollama-busy",
            Self::Refused => "ollama-refused",
            Self::NothingKnown => "ollama-nothing-known",
            Self::NotLoaded => "ollama-not-loaded",
            Self::NotLogged => "ollama-not-logged",
            Self::NoBuffers => "ollama-no-buffers",
            Self::NothingToSave => "ollama-nothing-to-save",
            Self::NotHere => "ollama-not-here",
            Self::NothingToMeasure => "ollama-nothing-to-measure",
            Self::Unbelievable => "ollama-unbelievable",
        }
    }
}
