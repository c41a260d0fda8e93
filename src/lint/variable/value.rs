//! Values that a variable takes, and what others were meant for.

use crate::quantization::KvCacheType;

/// Whether Ollama keeps a cache in a type (llm/server.go puts it into small letters first).
pub(super) fn is_cache_type(value: &str) -> bool {
    value.is_empty() || KvCacheType::names().any(|name| value.eq_ignore_ascii_case(name))
}

/// The type by another name; of one that Ollama does not have nobody knows which was meant.
pub(super) fn cache_type(value: &str) -> Option<&'static str> {
    match value.to_lowercase().as_str() {
        "fp16" | "float16" | "half" => Some("f16"),
        "q8" | "q8-0" => Some("q8_0"),
        "q4" | "q4-0" => Some("q4_0"),
        _ => None,
    }
}

/// Variables that are on or off (`Bool` in envconfig/config.go: what Go does not read as false is on).
pub(super) const SWITCHES: [&str; 9] = [
    "OLLAMA_FLASH_ATTENTION",
    "OLLAMA_INTEL_GPU",
    "OLLAMA_MULTIUSER_CACHE",
    "OLLAMA_NEW_ENGINE",
    "OLLAMA_NOHISTORY",
    "OLLAMA_NOPRUNE",
    "OLLAMA_NO_CLOUD",
    "OLLAMA_SCHED_SPREAD",
    "OLLAMA_VULKAN",
];

/// Whether a word means off, though Go does not read it so.
pub(super) fn means_off(value: &str) -> bool {
    let value = value.trim().to_lowercase();
    matches!(value.as_str(), "off" | "no" | "n" | "none" | "never") || value.starts_with("disable")
}

/// `8k` as a number.
pub(super) fn plain(value: &str) -> Option<String> {
    let digits = value.trim().to_lowercase();
    let number: u64 = digits.strip_suffix('k')?.parse().ok()?;
    Some(number.checked_mul(1024)?.to_string())
}
