//! What an architecture's name says beyond its keys: the defaults and rules that llama.cpp keeps in code.
//!
//! Source: `load_arch_hparams` and `load_arch_tensors` of each file of llama.cpp's `src/models/` (formerly `load_hparams` of
//! `src/llama-model.cpp`), `create_memory` for the models without a cache. An architecture that is not listed follows its keys alone.

/// The rules of one architecture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// `general.architecture`
    name: &'static str,
    /// Which blocks slide.
    pub(super) window: Window,
    /// Which blocks carry a state.
    pub(super) hybrid: Hybrid,
    /// Whether the model keeps keys and values at all; encoders and diffusion models do not.
    pub(super) cached: bool,
    /// Whether there is an output head; without `output.weight` it is the embedding then.
    pub(super) head: bool,
    /// Shared experts where no key counts them.
    pub(super) shared_experts: u32,
    /// Only the first blocks have a cache of their own.
    pub(super) own_cache: Option<u32>,
    /// Experts are as wide as `feed_forward_length` over the experts used, where no key tells.
    pub(super) divided_experts: bool,
}

/// Which blocks slide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// None: a window in the keys is ignored, unless a pattern names its blocks.
    Ignored,
    /// None at all, whatever the keys say.
    Disabled,
    /// All but every n-th block.
    Period {
        /// The n, where no pattern is given.
        every: u32,
        /// Whether the first block of each n is the one that does not slide, instead of the last.
        dense_first: bool,
        /// The window where no key gives one; without it there is none then.
        default: Option<u32>,
        /// The window whatever the key says, unless it says 0.
        fixed: Option<u32>,
    },
}

/// Which blocks carry a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hybrid {
    /// Those that the keys tell, if any.
    Keys,
    /// All but every n-th (`full_attention_interval`, 4 where it is missing), or `attention.recurrent_layers`.
    Interval,
    /// Those without key-value heads.
    Headless,
    /// Those without key-value heads and without a feed-forward part; the rest attends, or does neither.
    Bare,
    /// All, and all attend as well.
    Both,
    /// All, and none attends.
    All,
}

const PLAIN: Family = Family {
    name: "",
    window: Window::Ignored,
    hybrid: Hybrid::Keys,
    cached: true,
    head: true,
    shared_experts: 0,
    own_cache: None,
    divided_experts: false,
};

const fn sliding(name: &'static str, every: u32) -> Family {
    Family {
        window: period(every, None, None),
        ..named(name)
    }
}

const fn period(every: u32, default: Option<u32>, fixed: Option<u32>) -> Window {
    Window::Period {
        every,
        dense_first: false,
        default,
        fixed,
    }
}

const fn dense_first(every: u32, fixed: Option<u32>) -> Window {
    Window::Period {
        every,
        dense_first: true,
        default: None,
        fixed,
    }
}

const fn hybrid(name: &'static str, hybrid: Hybrid) -> Family {
    Family {
        hybrid,
        ..named(name)
    }
}

/// No cache, no head: hidden states are the result.
const fn encoder(name: &'static str) -> Family {
    Family {
        cached: false,
        head: false,
        ..named(name)
    }
}

/// No cache, since every step sees the whole text.
const fn diffusion(name: &'static str) -> Family {
    Family {
        cached: false,
        ..named(name)
    }
}

const fn named(name: &'static str) -> Family {
    Family { name, ..PLAIN }
}

const FAMILIES: &[Family] = &[
    // Sliding windows: every n-th block sees the whole context.
    Family {
        window: period(2, Some(4096), None),
        ..named("gemma2")
    },
    sliding("gemma3", 6),
    Family {
        own_cache: Some(20),
        ..sliding("gemma3n", 5)
    },
    sliding("gpt-oss", 2),
    // Ollama's first conversions of gpt-oss.
    sliding("gptoss", 2),
    sliding("cohere2", 4),
    sliding("cohere2moe", 4),
    sliding("olmo2", 4),
    // Ollama's name.
    sliding("olmo3", 4),
    sliding("exaone4", 4),
    sliding("exaone-moe", 4),
    sliding("afmoe", 4),
    sliding("plamo3", 8),
    Family {
        window: period(4, Some(8192), Some(8192)),
        shared_experts: 1,
        ..named("llama4")
    },
    Family {
        window: dense_first(4, Some(4096)),
        ..named("smallthinker")
    },
    // "Phi SWA is currently disabled", llama.cpp #13676.
    Family {
        window: Window::Disabled,
        ..named("phi3")
    },
    // Hybrids of attention and a recurrent state.
    Family {
        divided_experts: true,
        ..hybrid("qwen3next", Hybrid::Interval)
    },
    hybrid("qwen35", Hybrid::Interval),
    Family {
        divided_experts: true,
        ..hybrid("qwen35moe", Hybrid::Interval)
    },
    hybrid("jamba", Hybrid::Headless),
    hybrid("plamo2", Hybrid::Headless),
    hybrid("granitehybrid", Hybrid::Headless),
    hybrid("lfm2", Hybrid::Headless),
    hybrid("lfm2moe", Hybrid::Headless),
    hybrid("kimi-linear", Hybrid::Headless),
    hybrid("nemotron_h", Hybrid::Bare),
    hybrid("nemotron_h_moe", Hybrid::Bare),
    hybrid("falcon-h1", Hybrid::Both),
    hybrid("mamba", Hybrid::All),
    hybrid("mamba2", Hybrid::All),
    hybrid("rwkv6", Hybrid::All),
    hybrid("rwkv6qwen2", Hybrid::All),
    hybrid("rwkv7", Hybrid::All),
    hybrid("arwkv7", Hybrid::All),
    // Models that keep nothing between calls.
    encoder("bert"),
    encoder("nomic-bert"),
    encoder("nomic-bert-moe"),
    encoder("jina-bert-v2"),
    encoder("jina-bert-v3"),
    encoder("neo-bert"),
    encoder("eurobert"),
    Family {
        window: dense_first(3, None),
        ..encoder("modern-bert")
    },
    encoder("t5encoder"),
    Family {
        cached: false,
        ..sliding("gemma-embedding", 6)
    },
    diffusion("dream"),
    diffusion("llada"),
    diffusion("llada-moe"),
    // Experts whose width older files leave out.
    Family {
        divided_experts: true,
        ..named("qwen2moe")
    },
    Family {
        divided_experts: true,
        ..named("qwen3moe")
    },
];

/// The rules of an architecture.
pub(super) fn of(name: &str) -> Family {
    let found = FAMILIES.iter().find(|family| family.name == name);
    found.copied().unwrap_or(PLAIN)
}
