//! The names of variables: those that Ollama reads, and those that people take for them.

/// What Ollama's server, client, installer and image read (envconfig/config.go of 0.33 and the versions since 0.1).
pub(super) const KNOWN: &[&str] = &[
    "OLLAMA_API_KEY",
    "OLLAMA_AUTH",
    "OLLAMA_CONTEXT_LENGTH",
    "OLLAMA_DEBUG",
    "OLLAMA_DEBUG_LOG_REQUESTS",
    "OLLAMA_EDITOR",
    "OLLAMA_FLASH_ATTENTION",
    "OLLAMA_GPU_OVERHEAD",
    "OLLAMA_HOST",
    "OLLAMA_INTEL_GPU",
    "OLLAMA_KEEP_ALIVE",
    "OLLAMA_KV_CACHE_TYPE",
    "OLLAMA_LIBRARY_PATH",
    "OLLAMA_LLM_LIBRARY",
    "OLLAMA_LOAD_TIMEOUT",
    "OLLAMA_MAX_LOADED_MODELS",
    "OLLAMA_MAX_QUEUE",
    "OLLAMA_MODELS",
    "OLLAMA_MULTIUSER_CACHE",
    "OLLAMA_NEW_ENGINE",
    "OLLAMA_NOHISTORY",
    "OLLAMA_NOPRUNE",
    "OLLAMA_NO_CLOUD",
    "OLLAMA_NO_START",
    "OLLAMA_NUM_PARALLEL",
    "OLLAMA_ORIGINS",
    "OLLAMA_REMOTES",
    "OLLAMA_SCHED_SPREAD",
    "OLLAMA_TOOLS",
    "OLLAMA_VERSION",
    "OLLAMA_VULKAN",
];

/// What a name was meant for that Ollama does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// The same by another name.
    Variable(&'static str),
    /// The same in a Modelfile.
    Parameter(&'static str),
    /// Cards, where Ollama's parameter of this name counts layers.
    Layers,
    /// The most memory to take, where Ollama only knows how much to leave.
    Limit,
    /// Something like it, whose values are other ones.
    Other(&'static str),
    /// The port of `OLLAMA_HOST`.
    Port,
    /// Nothing that Ollama does, or does no longer.
    Nothing,
}

/// What is often written.
const MEANT: &[(&str, Meant)] = &[
    ("OLLAMA_NUM_GPU", Meant::Layers),
    ("OLLAMA_NUM_GPUS", Meant::Layers),
    ("OLLAMA_GPU_COUNT", Meant::Layers),
    ("OLLAMA_GPU_LAYERS", Meant::Parameter("num_gpu")),
    ("OLLAMA_NUM_GPU_LAYERS", Meant::Parameter("num_gpu")),
    ("OLLAMA_N_GPU_LAYERS", Meant::Parameter("num_gpu")),
    ("OLLAMA_MAIN_GPU", Meant::Parameter("main_gpu")),
    ("OLLAMA_NUM_THREAD", Meant::Parameter("num_thread")),
    ("OLLAMA_NUM_THREADS", Meant::Parameter("num_thread")),
    ("OLLAMA_NUM_BATCH", Meant::Parameter("num_batch")),
    ("OLLAMA_BATCH_SIZE", Meant::Parameter("num_batch")),
    ("OLLAMA_NUM_CTX", Meant::Variable("OLLAMA_CONTEXT_LENGTH")),
    ("OLLAMA_CTX_SIZE", Meant::Variable("OLLAMA_CONTEXT_LENGTH")),
    (
        "OLLAMA_CONTEXT_SIZE",
        Meant::Variable("OLLAMA_CONTEXT_LENGTH"),
    ),
    (
        "OLLAMA_MAX_CONTEXT",
        Meant::Variable("OLLAMA_CONTEXT_LENGTH"),
    ),
    ("OLLAMA_PORT", Meant::Port),
    ("OLLAMA_PARALLEL", Meant::Variable("OLLAMA_NUM_PARALLEL")),
    (
        "OLLAMA_MAX_PARALLEL",
        Meant::Variable("OLLAMA_NUM_PARALLEL"),
    ),
    ("OLLAMA_MODELS_DIR", Meant::Variable("OLLAMA_MODELS")),
    ("OLLAMA_MODEL_DIR", Meant::Variable("OLLAMA_MODELS")),
    ("OLLAMA_MODEL_PATH", Meant::Variable("OLLAMA_MODELS")),
    ("OLLAMA_MODELS_PATH", Meant::Variable("OLLAMA_MODELS")),
    ("OLLAMA_KV_CACHE", Meant::Variable("OLLAMA_KV_CACHE_TYPE")),
    (
        "OLLAMA_KV_CACHE_QUANT",
        Meant::Variable("OLLAMA_KV_CACHE_TYPE"),
    ),
    ("OLLAMA_CACHE_TYPE", Meant::Variable("OLLAMA_KV_CACHE_TYPE")),
    (
        "OLLAMA_MAX_MODELS",
        Meant::Variable("OLLAMA_MAX_LOADED_MODELS"),
    ),
    (
        "OLLAMA_NUM_MODELS",
        Meant::Variable("OLLAMA_MAX_LOADED_MODELS"),
    ),
    (
        "OLLAMA_FLASH_ATTN",
        Meant::Variable("OLLAMA_FLASH_ATTENTION"),
    ),
    (
        "OLLAMA_VISIBLE_DEVICES",
        Meant::Variable("CUDA_VISIBLE_DEVICES"),
    ),
    ("OLLAMA_GPU", Meant::Other("CUDA_VISIBLE_DEVICES")),
    ("OLLAMA_GPUS", Meant::Other("CUDA_VISIBLE_DEVICES")),
    ("OLLAMA_GPU_DEVICE", Meant::Other("CUDA_VISIBLE_DEVICES")),
    ("OLLAMA_GPU_ID", Meant::Other("CUDA_VISIBLE_DEVICES")),
    ("OLLAMA_HOME", Meant::Other("OLLAMA_MODELS")),
    ("OLLAMA_MAX_VRAM", Meant::Limit),
    ("OLLAMA_GPU_MEMORY", Meant::Limit),
    ("OLLAMA_GPU_MEMORY_LIMIT", Meant::Limit),
    ("OLLAMA_MAX_GPU_MEMORY", Meant::Limit),
    ("OLLAMA_MAX_MEMORY", Meant::Limit),
    ("OLLAMA_VRAM_LIMIT", Meant::Limit),
    ("OLLAMA_GPU_MEMORY_FRACTION", Meant::Nothing),
    ("OLLAMA_CUDA", Meant::Nothing),
    ("OLLAMA_USE_GPU", Meant::Nothing),
    ("OLLAMA_LOW_VRAM", Meant::Nothing),
    ("OLLAMA_RUNNERS_DIR", Meant::Nothing),
    ("OLLAMA_TMPDIR", Meant::Nothing),
];

/// What a name was surely meant for, if it is a known mistake.
pub(super) fn meant(name: &str) -> Option<Meant> {
    let found = MEANT.iter().find(|(wrong, _)| *wrong == name)?;
    Some(found.1)
}

/// Letters that may be wrong in a name that is taken for another one.
const SLIPS: usize = 2;

/// The variables of Ollama that a name differs from by slips, the nearest first; what all of them begin with is no likeness.
pub(super) fn nearest(name: &str) -> Vec<String> {
    const PREFIX: &str = "OLLAMA_";
    let rest = name.strip_prefix(PREFIX).filter(|rest| rest.len() <= 40);
    let Some(rest) = rest else { return Vec::new() };
    let slips = |known: &str| {
        let known = known.strip_prefix(PREFIX).unwrap_or(known);
        strsim::damerau_levenshtein(rest, known)
    };
    let mut near: Vec<(usize, &str)> = KNOWN
        .iter()
        .map(|known| (slips(known), *known))
        .filter(|(slips, _)| *slips <= SLIPS && *slips * 2 < rest.len())
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// What the client reads too.
pub(super) const CLIENTS: &[&str] = &[
    "OLLAMA_API_KEY",
    "OLLAMA_AUTH",
    "OLLAMA_DEBUG",
    "OLLAMA_EDITOR",
    "OLLAMA_HOST",
    "OLLAMA_NOHISTORY",
    "OLLAMA_NO_CLOUD",
];

/// What LightRAG's options of Ollama begin with; all of its `options` have such names.
const OPTIONS_OF_OTHERS: [&str; 3] = ["OLLAMA_LLM_", "OLLAMA_EMBEDDING_", "OLLAMA_EMULATING_"];

/// Whether another program reads a variable.
pub(super) fn is_others(name: &str) -> bool {
    let option = OPTIONS_OF_OTHERS
        .iter()
        .any(|prefix| name.starts_with(prefix));
    OTHERS.contains(&name) || option && !KNOWN.contains(&name)
}

/// Whether a variable of a client names models.
pub(super) fn names_models(name: &str) -> bool {
    let named = ["_MODEL", "_MODEL_LIST", "_MODEL_NAME", "_MODEL_PREF"];
    let ends = named.iter().any(|end| name.ends_with(end));
    name.starts_with("OLLAMA_") && ends && !KNOWN.contains(&name)
}

/// What other programs read to find a server and its models: Open WebUI, LiteLLM, n8n, LangChain, AnythingLLM, and those who follow them.
const OTHERS: &[&str] = &[
    "OLLAMA_API_BASE",
    "OLLAMA_API_BASE_URL",
    "OLLAMA_API_CONFIGS",
    "OLLAMA_API_URL",
    "OLLAMA_AUTH_TOKEN",
    "OLLAMA_BASE_PATH",
    "OLLAMA_BASE_URL",
    "OLLAMA_BASE_URLS",
    "OLLAMA_CHAT_MODEL",
    "OLLAMA_DATA_DIR",
    "OLLAMA_DOCKER_TAG",
    "OLLAMA_EMBEDDING_MODEL",
    "OLLAMA_EMBED_MODEL",
    "OLLAMA_ENDPOINT",
    "OLLAMA_KEEP_ALIVE_TIMEOUT",
    "OLLAMA_MODEL",
    "OLLAMA_MODEL_LIST",
    "OLLAMA_MODEL_NAME",
    "OLLAMA_MODEL_PREF",
    "OLLAMA_MODEL_TOKEN_LIMIT",
    "OLLAMA_PERFORMANCE_MODE",
    "OLLAMA_PROXY_URL",
    "OLLAMA_SERVER_URL",
    "OLLAMA_TAG",
    "OLLAMA_URL",
    "OLLAMA_WEBAPI_PORT",
];
