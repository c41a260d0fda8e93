//! What is said of an estimate: memory, contexts, layers, speed.

use super::{band, tokens};
use crate::lang::Lang;

words! {
    no_gpu_given: "No GPU given: estimated as if one GPU held the whole model.", "没有指定显卡：按单张显卡装下整个模型估算。";
}

pub(crate) fn needs_on(lang: Lang, need: &str, gpus: &str) -> String {
    say!(lang, "{need} on {gpus}", "占用 {gpus} 显存 {need}")
}

pub(crate) fn needs_host_memory(lang: Lang, need: &str) -> String {
    say!(lang, "{need} of host memory", "占用内存 {need}")
}

pub(crate) fn percent_on_cpu(lang: Lang, percent: u32) -> String {
    say!(lang, "{percent}% on CPU", "{percent}% 在 CPU")
}

pub(crate) fn context(lang: Lang, context: &str) -> String {
    say!(lang, "context {context}", "上下文 {context}")
}

pub(crate) fn tokens_per_second(lang: Lang, rate: &str) -> String {
    say!(lang, "{rate} tokens/s", "{rate} tokens/s")
}

pub(crate) fn seconds_for_prompt(lang: Lang, seconds: &str, prompt: u64) -> String {
    say!(
        lang,
        "{seconds} s for a prompt of {prompt} tokens",
        "{seconds} s（提示词 {prompt} 词元）"
    )
}

pub(crate) fn about_tokens_per_second(lang: Lang, low: &str, high: &str) -> String {
    say!(
        lang,
        "about {low}–{high} tokens/s",
        "约 {low}–{high} tokens/s"
    )
}

/// The rate of one of several users, and of all of them.
pub(crate) fn about_each(lang: Lang, [low, high]: [f64; 2], all: [f64; 2]) -> String {
    let (each, all) = (band(low, high), band(all[0], all[1]));
    say!(
        lang,
        "about {each} tokens/s each, {all} in all",
        "每路约 {each} tokens/s，合计 {all}"
    )
}

/// With how much before it a token is generated.
pub(crate) fn at_depth(lang: Lang, rate: &str, depth: u64) -> String {
    let depth = tokens(u32::try_from(depth).unwrap_or(u32::MAX));
    say!(
        lang,
        "{rate} with {depth} tokens in the context",
        "{rate}（上下文已有 {depth} 词元）"
    )
}

pub(crate) fn layers_on_gpu(lang: Lang, layers: u32, gpu: u32) -> String {
    say!(
        lang,
        "{layers} layers on GPU {gpu}",
        "GPU {gpu} 上 {layers} 层"
    )
}

pub(crate) fn short_by(lang: Lang, bytes: &str) -> String {
    say!(lang, "short by {bytes}", "还差 {bytes}")
}

pub(crate) fn layers_on_cpu(lang: Lang, layers: u32) -> String {
    say!(lang, "{layers} layers on the CPU", "CPU 上 {layers} 层")
}

pub(crate) fn host_bandwidth(lang: Lang, rate: &str) -> String {
    say!(
        lang,
        "counted with {rate}; --ram-bandwidth says another",
        "按 {rate} 计算；可用 --ram-bandwidth 另行指定"
    )
}

pub(crate) fn cache_factors(lang: Lang, layers: u32, key: u64, value: u64, kv: &str) -> String {
    say!(
        lang,
        "{layers} layers × ({key} + {value}) × {kv}",
        "{layers} 层 × ({key} + {value}) × {kv}"
    )
}

pub(crate) fn experts_on_host(lang: Lang, layers: u32, of: u32) -> String {
    say!(
        lang,
        "the experts of {layers} of {of} layers in RAM",
        "{of} 层中有 {layers} 层的专家在内存里"
    )
}

pub(crate) fn context_with(lang: Lang, kv: &str, context: &str) -> String {
    say!(lang, "{context} with {kv}", "{context}（{kv}）")
}

pub(crate) fn no_context_with(lang: Lang, kv: &str) -> String {
    say!(lang, "none with {kv}", "{kv} 放不下")
}

pub(crate) fn per_token(lang: Lang, bytes: &str) -> String {
    say!(lang, "{bytes} per token", "每词元 {bytes}")
}

pub(crate) fn part_of(lang: Lang, part: &str, whole: &str) -> String {
    say!(lang, "{part} of {whole}", "{part} / {whole}")
}
