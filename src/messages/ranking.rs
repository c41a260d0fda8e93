//! Sentences of a ranking.

use super::{band, tokens};
use crate::lang::Lang;
use crate::report::{Spare, Weights};
use crate::units::Bytes;

words! {
    need: "Need: weights, cache, buffers and process, wherever they lie", "需要：权重、缓存、计算缓冲区和进程开销的总和，不论放在哪里";
    tight: "tight: only without the engine's margin; by itself Ollama moves layers to the CPU", "勉强：不留引擎余量才放得下，Ollama 自己会把部分层移到 CPU";
    probably_fits: "probably fits: by the estimate, whose doubt is larger than what is left", "很可能放得下：按估算放得下，但剩余空间小于估算的误差";
}

/// What the score is made of.
pub(crate) fn score(lang: Lang, weights: Weights, task: &str) -> String {
    let Weights {
        task: t,
        speed,
        fit,
    } = weights;
    let [t, speed, fit] = [t, speed, fit].map(|part| format!("{:.0}", part * 100.0));
    say!(
        lang,
        "Score: {t}% quality for {task}, {speed}% speed, {fit}% room left.",
        "评分：{task}质量占 {t}%，速度占 {speed}%，剩余空间占 {fit}%。"
    )
}

words! {
    embedding_speed: "An embedding model writes nothing and has no tokens/s: its speed is by its parameters, which every text has to pass.",
        "嵌入模型不生成文本，没有 tokens/s：速度按参数量计，每段文本都要经过全部参数。";
}

/// From which speed on models in host memory are ranked.
pub(crate) fn least_rate(lang: Lang, rate: f64) -> String {
    say!(
        lang,
        "What would write fewer than {rate} tokens/s from RAM is not ranked (--priority).",
        "在内存中运行、低于 {rate} tokens/s 的模型不参与排名（--priority）。"
    )
}

/// That none reaches that speed.
pub(crate) fn all_are_slow(lang: Lang, rate: f64) -> String {
    say!(
        lang,
        "Nothing reaches {rate} tokens/s here: what runs at all is ranked.",
        "这里没有模型能达到 {rate} tokens/s，因此列出所有跑得起来的模型。"
    )
}

/// That speeds are those of a typical card.
pub(crate) fn typical_speed(lang: Lang, bandwidth: u64) -> String {
    let rate = bandwidth / 1_000_000_000;
    say!(
        lang,
        "≈ speeds at {rate} GB/s, typical of cards of this size; name the card (--gpu) for its own.",
        "≈ 速度按此容量显卡的典型带宽 {rate} GB/s 估算；用 --gpu 指定型号可得到实际值。"
    )
}

/// What the speeds of a list are those of; without a depth, every model has a quarter of its own context.
/// What a speed in a list means, and with which option another depth is asked for.
pub(crate) fn speeds(lang: Lang, users: u32, depth: Option<u64>, option: Option<&str>) -> String {
    let option = option.map_or_else(String::new, |option| {
        say!(lang, " ({option})", "（可用 {option} 指定）")
    });
    let held = match depth {
        Some(depth) => {
            let depth = tokens(u32::try_from(depth).unwrap_or(u32::MAX));
            say!(
                lang,
                "with {depth} tokens in the context",
                "上下文已有 {depth} 词元时"
            )
        }
        None => say!(
            lang,
            "with a quarter of the context filled",
            "上下文已用四分之一时"
        ),
    };
    match users {
        0 | 1 => say!(
            lang,
            "tokens/s: what is written for one user, {held}{option}.",
            "tokens/s：单个用户在{held}的生成速度{option}。"
        ),
        _ => say!(
            lang,
            "tokens/s: what each of {users} users gets while all are answered, {held}{option}.",
            "tokens/s：{users} 路同时生成、各自{held}每路的速度{option}。"
        ),
    }
}

/// What system memory would give.
pub(crate) fn with_system_memory(lang: Lang, bytes: Bytes, decode: [f64; 2]) -> String {
    let (size, rate) = (bytes.0 >> 30, band(decode[0], decode[1]));
    say!(
        lang,
        "with {size} GB of RAM: {rate} tokens/s",
        "配 {size} GB 内存：{rate} tokens/s"
    )
}

/// That every model has the longest context that fits.
pub(crate) fn longest(lang: Lang, least: u32) -> String {
    let least = tokens(least);
    say!(
        lang,
        "the longest that fits, at least {least}",
        "能放下的最长值，至少 {least}"
    )
}

/// Why the memory that the first model leaves is not used, and what it would hold.
pub(crate) fn spare(lang: Lang, spare: &Spare, task: &str, priority: &str) -> String {
    let free = spare.free;
    let why = match &spare.better {
        None => say!(
            lang,
            "{free} stay free: of what Ollama pulls nothing larger is known to be better for {task}.",
            "还剩 {free}：在 Ollama 能拉取的模型中，没有已知在{task}上更好的更大模型。"
        ),
        Some(tag) => say!(
            lang,
            "{free} stay free: {tag} is better for {task} and slower; '--priority {priority}' puts quality first.",
            "还剩 {free}：{tag} 在{task}上更好但更慢，--priority {priority} 以质量为先。"
        ),
    };
    let context = spare.context_length.map(tokens);
    let holds = match (context, spare.parallel) {
        (Some(context), Some(parallel)) => say!(
            lang,
            " They hold a context of {context}, or {parallel} requests at once.",
            "可容纳 {context} 的上下文，或 {parallel} 个并发请求。"
        ),
        (Some(context), None) => say!(
            lang,
            " They hold a context of {context}.",
            "可容纳 {context} 的上下文。"
        ),
        (None, Some(parallel)) => say!(
            lang,
            " They hold {parallel} requests at once.",
            "可容纳 {parallel} 个并发请求。"
        ),
        (None, None) => String::new(),
    };
    why + &holds
}
