//! Which `model_type` of a `config.json` llama.cpp runs as which architecture, and what the two leave unsaid.
//!
//! Source: the architectures' configuration classes in Transformers (defaults that a config may omit) and the `@ModelBase.register` of
//! llama.cpp's `convert_hf_to_gguf.py`; windows as in `gguf::family`.

/// A kind of checkpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    /// `model_type`
    pub(super) model_type: &'static str,
    /// llama.cpp's name.
    pub(super) architecture: &'static str,
    /// Whether embedding and head are one where `tie_word_embeddings` is missing.
    pub(super) tied: bool,
    /// Every n-th block sees the whole context, the others the window; `None` where llama.cpp ignores the window.
    pub(super) window: Option<u32>,
    /// Numbers that a config may omit.
    pub(super) defaults: &'static [(&'static str, u32)],
}

const fn plain(model_type: &'static str, architecture: &'static str) -> Family {
    Family {
        model_type,
        architecture,
        tied: false,
        window: None,
        defaults: &[],
    }
}

const fn tied(model_type: &'static str, architecture: &'static str) -> Family {
    Family {
        tied: true,
        ..plain(model_type, architecture)
    }
}

const fn windowed(family: Family, every: u32) -> Family {
    Family {
        window: Some(every),
        ..family
    }
}

const fn with(family: Family, defaults: &'static [(&'static str, u32)]) -> Family {
    Family { defaults, ..family }
}

/// A head of a Qwen3 model, whatever its width.
const QWEN3: &[(&str, u32)] = &[("head_dim", 128)];

const FAMILIES: &[Family] = &[
    tied("cohere", "command-r"),
    windowed(tied("cohere2", "cohere2"), 4),
    plain("deepseek_v2", "deepseek2"),
    plain("deepseek_v3", "deepseek2"),
    tied("ernie4_5", "ernie4_5"),
    windowed(plain("exaone4", "exaone4"), 4),
    with(tied("gemma", "gemma"), &[("head_dim", 256)]),
    with(windowed(tied("gemma2", "gemma2"), 2), &[("head_dim", 256)]),
    with(
        windowed(tied("gemma3_text", "gemma3"), 6),
        &[
            ("head_dim", 256),
            ("num_attention_heads", 8),
            ("num_key_value_heads", 4),
            ("vocab_size", 262_208),
            ("max_position_embeddings", 131_072),
        ],
    ),
    plain("glm4", "glm4"),
    plain("glm4_moe", "glm4moe"),
    with(
        windowed(plain("gpt_oss", "gpt-oss"), 2),
        &[("head_dim", 64)],
    ),
    plain("granite", "granite"),
    plain("granitemoe", "granitemoe"),
    plain("internlm2", "internlm2"),
    plain("kimi_k2", "deepseek2"),
    plain("llama", "llama"),
    windowed(plain("llama4_text", "llama4"), 4),
    with(plain("mistral", "llama"), &[("num_key_value_heads", 8)]),
    with(plain("mixtral", "llama"), &[("num_key_value_heads", 8)]),
    plain("nemotron", "nemotron"),
    plain("olmo2", "olmo2"),
    // llama.cpp runs it as its predecessor, with windows.
    windowed(plain("olmo3", "olmo2"), 4),
    plain("olmoe", "olmoe"),
    plain("phi3", "phi3"),
    plain("qwen2", "qwen2"),
    plain("qwen2_5_vl", "qwen2vl"),
    plain("qwen2_5_vl_text", "qwen2vl"),
    plain("qwen2_moe", "qwen2moe"),
    plain("qwen2_vl", "qwen2vl"),
    plain("qwen2_vl_text", "qwen2vl"),
    with(plain("qwen3", "qwen3"), QWEN3),
    with(plain("qwen3_moe", "qwen3moe"), QWEN3),
    with(plain("qwen3_vl_moe_text", "qwen3vlmoe"), QWEN3),
    with(plain("qwen3_vl_text", "qwen3vl"), QWEN3),
    with(plain("seed_oss", "seed_oss"), &[("head_dim", 128)]),
    tied("smollm3", "smollm3"),
    plain("stablelm", "stablelm"),
    tied("starcoder2", "starcoder2"),
];

/// The family of a `model_type`.
pub(super) fn of(model_type: &str) -> Option<&'static Family> {
    FAMILIES
        .iter()
        .find(|family| family.model_type == model_type)
}

/// Every `model_type` that can be imported.
pub fn model_types() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().map(|family| family.model_type)
}
