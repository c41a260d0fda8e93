//! The words of `verify`, and what explains a difference between prediction and fact.

use super::{terms, tokens, word};
use crate::lang::Lang;
use crate::quantization::KvCacheType;
use crate::report::{Basis, Finding};
use crate::units::Bytes;

words! {
    predicted: "Predicted", "预测";
    actual: "Actual", "实际";
    difference: "Difference", "相差";
    buffers: "Buffers", "缓冲区";
    process: "Process", "进程占用";
}

pub(crate) fn saved(lang: Lang, gpu: u32, bytes: &str) -> String {
    say!(
        lang,
        "Saved: a process takes {bytes} on GPU {gpu} before it loads anything; estimates on this machine now use it.",
        "已保存：进程在 GPU {gpu} 上的固定开销为 {bytes}，今后在本机估算时采用。"
    )
}

pub(crate) fn finding(lang: Lang, finding: &Finding) -> String {
    match finding {
        Finding::AsPredicted => word(lang, "As predicted.", "与预测一致。").into(),
        Finding::NotMeasured => not_measured(lang),
        Finding::EngineFailed {
            said,
            out_of_memory,
        } => engine_failed(lang, said, *out_of_memory),
        Finding::OtherContext {
            expected,
            actual,
            bytes,
        } => other_context(lang, *expected, *actual, *bytes),
        Finding::OtherParallel {
            expected,
            actual,
            bytes,
        } => other_parallel(lang, *expected, *actual, *bytes),
        Finding::OtherKvCacheType {
            expected,
            actual,
            bytes,
        } => other_kv_cache_type(lang, *expected, *actual, *bytes),
        Finding::OtherBatch {
            expected,
            actual,
            bytes,
        } => other_batch(lang, *expected, *actual, *bytes),
        Finding::OtherFlashAttention { actual, bytes, .. } => {
            other_flash_attention(lang, *actual, *bytes)
        }
        Finding::BatchLogits { bytes } => batch_logits(lang, *bytes),
        Finding::Drafting {
            snapshots: 0,
            context,
            ..
        } => drafting(lang, *context),
        Finding::Drafting {
            snapshots,
            context,
            bytes,
        } => drafting_2(lang, *snapshots, *context, *bytes),
        Finding::OtherWeights {
            expected,
            actual,
            bytes,
        } => other_weights(lang, *expected, *actual, *bytes),
        Finding::OtherGpus {
            expected,
            actual,
            bytes,
        } => other_gpus(lang, *expected, *actual, *bytes),
        Finding::Spilled {
            layers,
            bytes,
            expected,
        } => spilled(lang, *layers, *bytes, *expected),
        Finding::Approximate { basis } => approximate(lang, *basis),
        Finding::OtherOverhead {
            gpu,
            expected,
            actual,
        } => other_overhead(lang, *gpu, *expected, *actual),
        Finding::Likely {
            setting,
            value,
            bytes,
        } => likely(lang, setting, value, *bytes),
        Finding::Unexplained { bytes } => unexplained(lang, *bytes),
    }
}

fn not_measured(lang: Lang) -> String {
    word(
        lang,
        "The buffer sizes are not known; without GPUs Ollama reports none. The engine's log has them: --log FILE.",
        "没有缓冲区的实际大小：没有显卡时 Ollama 不报告。引擎日志里有，用 --log FILE 给出。"
    ).into()
}

fn engine_failed(lang: Lang, said: &str, out_of_memory: bool) -> String {
    match out_of_memory {
        true => say!(
            lang,
            "The engine ran out of memory: \"{said}\". What is compared is what it had allocated until then.",
            "引擎内存不足：“{said}”。这里比较的是失败前已分配的部分。"
        ),
        false => say!(
            lang,
            "The engine failed: \"{said}\". What is compared is what it had allocated until then.",
            "引擎出错：“{said}”。这里比较的是失败前已分配的部分。"
        ),
    }
}

fn other_context(lang: Lang, expected: u32, actual: u32, bytes: i64) -> String {
    say!(
        lang,
        "Its context is {}, not {}: {}.",
        "实际上下文是 {}，而不是 {}：{}。",
        tokens(actual),
        tokens(expected),
        signed(bytes)
    )
}

fn other_parallel(lang: Lang, expected: u32, actual: u32, bytes: i64) -> String {
    say!(
        lang,
        "It serves {actual} requests at once, not {expected}: {}.",
        "实际并发数是 {actual}，而不是 {expected}：{}。",
        signed(bytes)
    )
}

fn other_kv_cache_type(
    lang: Lang,
    expected: KvCacheType,
    actual: KvCacheType,
    bytes: i64,
) -> String {
    say!(
        lang,
        "Its KV cache is {}, not {}: {}.",
        "实际 KV 缓存类型是 {}，而不是 {}：{}。",
        actual.label(),
        expected.label(),
        signed(bytes)
    )
}

fn other_batch(lang: Lang, expected: u64, actual: u64, bytes: i64) -> String {
    say!(
        lang,
        "Its batch is {actual}, not {expected}: {}.",
        "实际批大小是 {actual}，而不是 {expected}：{}。",
        signed(bytes)
    )
}

fn other_flash_attention(lang: Lang, actual: bool, bytes: i64) -> String {
    match lang {
        Lang::En => format!(
            "Flash attention is {}: {}.",
            if actual { "on, not off" } else { "off, not on" },
            signed(bytes)
        ),
        Lang::Zh => format!(
            "Flash Attention 实际{}：{}。",
            if actual {
                "已开启，而不是关闭"
            } else {
                "已关闭，而不是开启"
            },
            signed(bytes)
        ),
    }
}

fn batch_logits(lang: Lang, bytes: i64) -> String {
    say!(
        lang,
        "Its engine is older than Ollama 0.30 and reserves logits for a whole batch: {}.",
        "引擎早于 Ollama 0.30，会为整批词元预留 logits：{}。",
        signed(bytes)
    )
}

fn drafting(lang: Lang, context: Bytes) -> String {
    say!(
        lang,
        "It drafts tokens ahead: a second context of {context}.",
        "启用了草稿预测：另有一个 {context} 的上下文。"
    )
}

fn drafting_2(lang: Lang, snapshots: u32, context: Bytes, bytes: i64) -> String {
    say!(
        lang,
        "It drafts tokens ahead: a second context of {context}, and {snapshots} more copies of the recurrent state: {}.",
        "启用了草稿预测：另有一个 {context} 的上下文，循环状态多存 {snapshots} 份：{}。",
        signed(bytes)
    )
}

fn other_weights(lang: Lang, expected: Bytes, actual: Bytes, bytes: i64) -> String {
    say!(
        lang,
        "Its weights are {actual}, not {expected}: {}. It is another file than the tag's.",
        "权重是 {actual}，而不是 {expected}：{}。它不是这个标签的文件。",
        signed(bytes)
    )
}

fn other_gpus(lang: Lang, expected: u32, actual: u32, bytes: i64) -> String {
    say!(
        lang,
        "It is on {actual} GPUs, not {expected}: {}.",
        "实际分布在 {actual} 张显卡上，而不是 {expected} 张：{}。",
        signed(bytes)
    )
}

fn spilled(lang: Lang, layers: Option<u32>, bytes: Option<Bytes>, expected: bool) -> String {
    match lang {
        Lang::En => {
            let what = match (layers, bytes) {
                (Some(layers), Some(bytes)) => format!("{layers} layers ({bytes})"),
                (Some(layers), None) => format!("{layers} layers"),
                (None, Some(bytes)) => bytes.to_string(),
                (None, None) => "Layers".into(),
            };
            match expected {
                true => format!("{what} in host memory, as predicted; that makes it slow."),
                false => format!(
                    "{what} in host memory, though the GPUs could hold it all: another program used GPU memory when it was loaded. Unload it ('ollama stop') and load it again, or set num_gpu 999."
                ),
            }
        }
        Lang::Zh => {
            let what = match (layers, bytes) {
                (Some(layers), Some(bytes)) => format!("有 {layers} 层（{bytes}）"),
                (Some(layers), None) => format!("有 {layers} 层"),
                (None, Some(bytes)) => format!("有 {bytes} "),
                (None, None) => "有若干层".into(),
            };
            match expected {
                true => format!("{what}落在内存里，与预测一致，速度会很慢。"),
                false => format!(
                    "{what}落在内存里，而显存本可全部放下：加载时显存被别的程序占用了。请先卸载（ollama stop）再重新加载，或设置 num_gpu 999。"
                ),
            }
        }
    }
}

fn approximate(lang: Lang, basis: Basis) -> String {
    say!(
        lang,
        "The prediction is approximate ({}).",
        "预测本身是近似值（{}）。",
        terms::basis(lang, basis)
    )
}

fn other_overhead(lang: Lang, gpu: u32, expected: Bytes, actual: Bytes) -> String {
    say!(
        lang,
        "A process takes {actual} on GPU {gpu} before it loads anything, not {expected}; --save keeps that for later estimates.",
        "进程在 GPU {gpu} 上的固定开销为 {actual}，而不是 {expected}；加 --save 可保存，供以后估算。"
    )
}

fn likely(lang: Lang, setting: &str, value: &str, bytes: i64) -> String {
    say!(
        lang,
        "{} would follow from {setting} {value}, which Ollama does not report; check with --{setting} {value}, or give its log (--log FILE).",
        "相差的 {} 与 {setting} 取 {value} 时相符（Ollama 不报告这一项）；可加 --{setting} {value} 核对，或用 --log 给出日志。",
        signed(bytes)
    )
}

fn unexplained(lang: Lang, bytes: i64) -> String {
    say!(
        lang,
        "{} is left unexplained.",
        "还有 {} 原因不明。",
        signed(bytes)
    )
}

/// A difference in bytes with its sign: `+1.2 GiB`.
pub(crate) fn signed(bytes: i64) -> String {
    let sign = if bytes < 0 { "-" } else { "+" };
    format!("{sign}{}", Bytes(bytes.unsigned_abs()))
}
