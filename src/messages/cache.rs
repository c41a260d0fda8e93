//! What is said of the type of a cache, of doubt, and of engines that came after the data.

use crate::engine::workload::{Build, CacheFault};
use crate::lang::Lang;
use crate::quantization::KvCacheType;
use crate::report::Refused;
use crate::units::Bytes;

words! {
    probably_fits: "probably fits", "很可能放得下";
    cannot_draft: "it has no blocks for multi-token prediction, so nothing is drafted", "没有多词元预测块，无法起草";
}

/// A vision projector of unknown size.
pub(crate) fn projector_unknown(lang: Lang, most: Bytes) -> String {
    say!(
        lang,
        "the size of its vision projector is not known and not counted: up to {most} more",
        "视觉投影器的大小未知，未计入：最多还要 {most}"
    )
}

/// The engine does not load the model with such a cache.
pub(crate) fn refused(lang: Lang, kv_cache_type: KvCacheType, fault: CacheFault) -> String {
    let kind = kv_cache_type.label();
    match fault {
        CacheFault::HeadLength => say!(
            lang,
            "does not load with a {} cache: its heads are not whole blocks of 32",
            "用 {} 缓存无法加载：注意力头的维度不是 32 的整数倍",
            kind
        ),
        CacheFault::OneType => say!(
            lang,
            "does not load with a {} cache: its keys and values lie in one row, of one type",
            "用 {} 缓存无法加载：它的 K 与 V 同在一行，只能用一种类型",
            kind
        ),
        CacheFault::NeedsFlashAttention | CacheFault::AttendsOnHost => say!(
            lang,
            "does not load: a {} cache needs flash attention",
            "无法加载：{} 缓存需要 Flash Attention",
            kind
        ),
    }
}

/// The same of what Ollama would do.
pub(crate) fn it_does_not_load(
    lang: Lang,
    kv_cache_type: KvCacheType,
    fault: CacheFault,
) -> String {
    let why = refused(lang, kv_cache_type, fault);
    match lang {
        Lang::En => format!("It {why}."),
        Lang::Zh => format!("{why}。"),
    }
}

/// A model that the engine does not load, and what would help.
pub(crate) fn not_loaded(lang: Lang, cache: Refused, help: &str) -> String {
    let why = refused(lang, cache.kv_cache_type, cache.fault);
    match help {
        "" => why,
        help => format!("{why}{}{help}", super::punctuation::semicolon(lang)),
    }
}

/// With such a cache the processor attends.
pub(crate) fn attends_on_host(lang: Lang, kv_cache_type: KvCacheType) -> String {
    say!(
        lang,
        "with a {} cache the CPU attends, slowly: the engine has no CUDA kernel for it",
        "用 {} 缓存时注意力改由 CPU 计算，很慢：引擎没有适用的 CUDA 内核",
        kv_cache_type.label()
    )
}

/// Ollama does not take such a cache: no version has two types, and versions before 0.30 have few.
pub(crate) fn not_ollamas(lang: Lang, kv_cache_type: KvCacheType) -> String {
    let kind = kv_cache_type.label();
    match kv_cache_type.is_one_type() {
        true => say!(
            lang,
            "this version of Ollama does not take a {kind} cache and uses f16; newer ones and llama-server do",
            "这个版本的 Ollama 不接受 {kind} 缓存，仍用 f16；新版本和 llama-server 可以"
        ),
        false => say!(
            lang,
            "Ollama gives keys and values one type; a {kind} cache needs llama-server",
            "Ollama 的 K 与 V 只能用同一种类型；{kind} 缓存须用 llama-server"
        ),
    }
}

/// The estimate is a guess by so much.
pub(crate) fn give_or_take(lang: Lang, doubt: Bytes) -> String {
    say!(
        lang,
        "the estimate may be off by {}",
        "估算误差可达 {}",
        doubt
    )
}

/// The vision projector is on the host.
pub(crate) fn projector_on_host(lang: Lang, bytes: Bytes) -> String {
    say!(
        lang,
        "its vision projector ({bytes}) runs on the processor: a GPU has less free than the projector and 1 GiB, so Ollama keeps it off",
        "视觉投影（{bytes}）在处理器上运行：有显卡的空闲显存不足“投影 + 1 GiB”，Ollama 不会把它放上去"
    )
}

/// The engine leaves room for the projector twice.
pub(crate) fn projector_padding(lang: Lang, bytes: Bytes) -> String {
    say!(
        lang,
        "because it sees pictures, Ollama has {bytes} more left free on the GPU",
        "因为它能看图，Ollama 会让显卡再多空出 {bytes}"
    )
}

/// That tokens are drafted ahead, by whom, and the bytes that this adds.
pub(crate) fn drafts(lang: Lang, tokens: u32, model: Option<&str>, bytes: Bytes) -> String {
    match model {
        None => say!(
            lang,
            "drafting {tokens} tokens ahead takes about {bytes} (a second context, and a copy of the recurrent state for each token) and answers one user some 1.3 to 2 times as fast, which the speed counts",
            "提前起草 {tokens} 个词元约占 {bytes}（第二个上下文，以及每个词元一份循环状态），单个用户的生成速度约为 1.3 到 2 倍，上述速度已计入"
        ),
        Some(model) => say!(
            lang,
            "drafting {tokens} tokens ahead with {model} takes about {bytes}; llama-server does so with --model-draft, Ollama only with models made to draft (DRAFT in a Modelfile)",
            "用 {model} 提前起草 {tokens} 个词元约占 {bytes}；llama-server 用 --model-draft，Ollama 只支持专门的起草模型（Modelfile 中的 DRAFT）"
        ),
    }
}

/// A plan rests on guesses.
pub(crate) fn plan_within_doubt(lang: Lang, tags: &[String]) -> String {
    let separator = match lang {
        Lang::En => ", ",
        Lang::Zh => "、",
    };
    let (fit, take) = match tags.len() {
        1 => ("fits", "it takes"),
        _ => ("fit", "they take"),
    };
    say!(
        lang,
        "{} probably {fit}: {take} about so much, and less is free than that may be off by. Nothing about such a plan is proved.",
        "{} 很可能放得下：占用是估算值，剩余显存小于可能的误差，因此该方案未经证明。",
        tags.join(separator)
    )
}

/// A version of Ollama that came after the data.
pub(crate) fn newer_than_known(lang: Lang, engine: Build) -> String {
    say!(
        lang,
        "This version is newer than the engines that vramfit knows; the newest of those, {}, stands for its own.",
        "此版本比 vramfit 已知的引擎更新，估算以其中最新的 {} 代替。",
        engine.label()
    )
}
