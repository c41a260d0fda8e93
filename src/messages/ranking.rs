//! Sentences of a ranking.

use super::band;
use crate::lang::Lang;
use crate::report::Weights;
use crate::units::Bytes;

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
        "评分：{task}质量占 {t}%，速度占 {speed}%，剩余显存占 {fit}%。"
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

/// What system memory would give.
pub(crate) fn with_system_memory(lang: Lang, bytes: Bytes, decode: [f64; 2]) -> String {
    let (size, rate) = (bytes.0 >> 30, band(decode[0], decode[1]));
    say!(
        lang,
        "with {size} GB of RAM: {rate} tokens/s",
        "配 {size} GB 内存：{rate} tokens/s"
    )
}
