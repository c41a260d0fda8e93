//! That an engine did not load a model, in the engine's own words or in Ollama's.

/// Why a start of the engine came to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadFailure {
    /// What the log says of it, shortened.
    pub said: String,
    /// Whether memory ran out.
    pub out_of_memory: bool,
}

/// What stands before the reason, that which says most first. llama.cpp names a reason and then what it gives up; Ollama repeats the last line.
const BEFORE_REASON: [&str; 14] = [
    "error loading model: ",
    "failed to initialize the context: ",
    "llama_new_context_with_model: V cache quantization requires",
    "error while handling argument ",
    "cudaMalloc failed: ",
    "CUDA error: ",
    "model requires more system memory",
    "failed to allocate compute buffers",
    "failed to allocate compute pp buffers",
    "llama runner process has terminated: ",
    "llama-server process has terminated",
    "failed to create context with model",
    "failed to load model",
    "unable to load model",
];

/// How a lack of memory is told: by CUDA, ROCm, Metal and Vulkan, and of the host's.
const OUT_OF_MEMORY: [&str; 6] = [
    "out of memory",
    "unable to allocate",
    "failed to allocate",
    "OutOfDeviceMemory",
    "kIOGPUCommandBufferCallbackErrorOutOfMemory",
    "requires more system memory",
];

impl LoadFailure {
    /// The failure that a line tells; `None` for any other line.
    pub(super) fn told_by(line: &str) -> Option<Self> {
        // While memory is measured, a context that is none yet says so.
        if line.contains("normal during memory fitting") {
            return None;
        }
        let begins = BEFORE_REASON.iter().find_map(|begin| line.find(begin))?;
        let said = line.get(begins..)?;
        Some(Self {
            said: crate::ollama::excerpt(said),
            out_of_memory: OUT_OF_MEMORY.iter().any(|words| line.contains(words)),
        })
    }

    /// The first reason stays; what comes after it may still tell that memory ran out.
    pub(super) fn or_later(self, later: Self) -> Self {
        Self {
            out_of_memory: self.out_of_memory || later.out_of_memory,
            said: self.said,
        }
    }
}
