//! Sentences of `bench`.

use super::{tokens, word};
use crate::lang::Lang;
use crate::report::NotKept;

words! {
    what: "tokens/s", "tokens/s";
    median: "Median", "中位数";
    spread: "Spread", "范围";
    predicted: "Predicted", "预测";
}

/// Name of the measurement of reading a prompt of `length` tokens.
pub(crate) fn reading(lang: Lang, length: u64) -> String {
    let length = tokens(u32::try_from(length).unwrap_or(u32::MAX));
    say!(lang, "reading {length} tokens", "读入 {length} 词元")
}

/// Writing, with so much in the context.
pub(crate) fn writing(lang: Lang, depth: u64) -> String {
    let depth = tokens(u32::try_from(depth).unwrap_or(u32::MAX));
    say!(
        lang,
        "writing, {depth} in the context",
        "生成，上下文已有 {depth}"
    )
}

pub(crate) fn kept(lang: Lang, decode: f64) -> String {
    say!(
        lang,
        "Kept: speeds predicted for this machine are scaled by ×{decode:.2} from now on.",
        "已保存：今后对本机的速度预测按 ×{decode:.2} 校正。"
    )
}

pub(crate) fn not_kept(lang: Lang, why: NotKept, on_cpu: bool) -> &'static str {
    match why {
        NotKept::NotPredicted => word(
            lang,
            "Not kept: nothing is predicted of this model here, so there is nothing to scale.",
            "未保存：对此模型在本机的速度没有预测，无从校正。",
        ),
        NotKept::PartlyOnHost => word(
            lang,
            "Not kept: a part of the model lies in host memory. Measure one that lies whole on the GPUs.",
            "未保存：模型有一部分在内存里。请换一个能完整放进显存的模型再测。",
        ),
        NotKept::FarOff if on_cpu => word(
            lang,
            "Not kept: a quarter of what was predicted or less, or four times as much. Is something else using the processor, or is power limited?",
            "未保存：不到预测的四分之一，或超过四倍。CPU 是否正被别的程序占用，或限制了功耗？",
        ),
        NotKept::FarOff => word(
            lang,
            "Not kept: a quarter of what was predicted or less, or four times as much. Is something else using the GPU, or is power limited?",
            "未保存：不到预测的四分之一，或超过四倍。显卡是否正被别的程序占用，或限制了功耗？",
        ),
        NotKept::NoPlace => word(
            lang,
            "Not kept: there is no configuration directory. Set HOME or XDG_CONFIG_HOME.",
            "未保存：没有配置目录。请设置 HOME 或 XDG_CONFIG_HOME。",
        ),
        NotKept::NotWritten => word(
            lang,
            "Not kept: its file could not be written.",
            "未保存：文件写不进去。",
        ),
    }
}

/// That the runs differ much from each other.
pub(crate) fn unsteady(lang: Lang, percent: f64) -> String {
    say!(
        lang,
        "The runs differ by {percent:.0}%: leave the machine alone and measure again.",
        "各次相差 {percent:.0}%：请在机器空闲时重测。"
    )
}

/// What a page says of speeds that were scaled.
pub(crate) fn scaled(lang: Lang, decode: f64) -> String {
    say!(
        lang,
        "Speeds scaled by ×{decode:.2}, as 'vramfit bench' measured here",
        "速度按本机 vramfit bench 实测校正 ×{decode:.2}"
    )
}
