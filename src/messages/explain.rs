//! The words of `explain`.

use super::{cache, tokens, word};
use crate::lang::Lang;
use crate::report::OllamaNote;

words! {
    the_guide: "The guide", "指南所列";
    vision_projector: "Vision projector", "视觉投影器";
    of_which_recurrent: "of which recurrent", "其中循环状态";
    of_which_drafting: "of which drafting", "其中起草";
    in_host_memory: "In host memory", "另占内存";
    speed_in_host_memory: "In host memory", "内存";
    memory_by_context_and_kv_cache_type: "Memory by context and KV cache type", "各上下文长度与 KV 缓存类型的显存";
    largest_context_that_fits: "Largest context that fits", "能放下的最大上下文";
    what_ollama_does_by_default: "What Ollama does by default", "Ollama 默认会怎么做";
    predicted_memory: "Predicted memory", "显存预估";
    predicted_memory_of_the_cpu: "Predicted memory", "内存预估";
    default_context: "Default context", "默认上下文";
    placement: "Placement", "放置位置";
    architecture: "Architecture", "结构";
    sources: "Sources", "来源";
    memory: "Memory", "显存";
    memory_of_the_cpu: "Memory", "内存";
    memory_of_the_cpu_by_context: "Memory by context and KV cache type", "各上下文长度与 KV 缓存类型的内存占用";
    batch: "Batch", "批大小";
    flash_attention: "Flash attention", "Flash Attention";
    on: "on", "开";
    off: "off", "关";
}

/// How many tokens are drafted ahead.
pub(crate) fn drafted(lang: Lang, tokens: u32) -> String {
    say!(
        lang,
        "draft_num_predict {tokens}: a second context",
        "draft_num_predict {tokens}：第二个上下文"
    )
}

fn layers_of(count: u32) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} layer{s}")
}

pub(crate) fn ollama_note(lang: Lang, note: &OllamaNote) -> String {
    match note {
        OllamaNote::OneGpu => word(
            lang,
            "It uses only the GPU with the most free memory, since the prediction is at most 80% of that.",
            "只用空闲显存最多的那张卡，因为预估不超过它的 80%。"
        ).into(),
        OllamaNote::SpreadsOverAll { gpus, enough } => say!(
            lang,
            "The prediction is more than 80% of any one GPU, so it spreads the model over all {gpus}, although {enough} would do.",
            "预估超过任何一张卡空闲显存的 80%，于是摊到全部 {gpus} 张卡上，其实 {enough} 张就够。"
        ),
        OllamaNote::SilentOffload { layers, expert_layers: 0 } => match lang { Lang::En => format!("{} silently end up on the CPU.", layers_of(*layers)), Lang::Zh => format!("会有 {layers} 层悄悄落到 CPU 上，没有任何提示。"), },
        OllamaNote::SilentOffload { layers: 0, expert_layers } => match lang { Lang::En => format!("The experts of {} silently end up on the CPU.", layers_of(*expert_layers)), Lang::Zh => format!("会有 {expert_layers} 层的专家悄悄落到 CPU 上，没有任何提示。"), },
        OllamaNote::SilentOffload { layers, expert_layers } => match lang { Lang::En => format!(
                "{} silently end up on the CPU, and the experts of {} more.", layers_of(*layers), expert_layers
            ), Lang::Zh => format!(
                    "会有 {layers} 层、另有 {expert_layers} 层的专家悄悄落到 CPU 上，没有任何提示。"
                ), },
        OllamaNote::DefaultContextOffloads { context_length } => say!(
            lang,
            "Unless told otherwise it uses a context of {}, and layers end up on the CPU: set the context.",
            "不设上下文时默认用 {}，会有若干层落到 CPU 上：请显式设置上下文。",
            tokens(*context_length)
        ),
        OllamaNote::DefaultContextFits { context_length } => say!(
            lang,
            "Unless told otherwise it uses a context of {}, which fits.",
            "不设上下文时默认用 {}，放得下。",
            tokens(*context_length)
        ),
        OllamaNote::ContextLowered { tried, context_length } => say!(
            lang,
            "It first tries a context of {}, runs out of memory, and goes down to {}.",
            "先试 {} 上下文，内存不足，再降到 {}。",
            tokens(*tried),
            tokens(*context_length)
        ),
        OllamaNote::OutOfMemory { shared: true } => word(
            lang,
            "It runs out of memory: the GPU gets too little of the memory that it shares with the host, and there is none beside it.",
            "会因内存不足而加载失败：显卡与主机共用内存，分给显卡的部分放不下，此外也没有别的内存可用。"
        ).into(),
        OllamaNote::OutOfMemory { shared: false } => word(
            lang,
            "It runs out of memory: the host's is too small for what the GPUs do not hold.",
            "会因内存不足而加载失败：显卡放不下的部分，系统内存也放不下。"
        ).into(),
        OllamaNote::NotLoaded {
            kv_cache_type,
            fault,
        } => cache::it_does_not_load(lang, *kv_cache_type, *fault),
        OllamaNote::SingleSlot => word(
            lang,
            "Models of this architecture get one request at a time, whatever OLLAMA_NUM_PARALLEL says.",
            "这种结构的模型一次只处理一个请求，OLLAMA_NUM_PARALLEL 不起作用。"
        ).into(),
        OllamaNote::PredictionOff { percent: percent @ 50.. } => say!(
            lang,
            "It predicts {:.1} times what the model takes on the GPUs: other models are unloaded for it.",
            "它的预估是模型实际所占显存的 {:.1} 倍：会为它卸载其他模型。",
            1.0 + f64::from(*percent) / 100.0
        ),
        OllamaNote::PredictionOff { percent } => match lang { Lang::En => {
                let less = if *percent < 0 { "less" } else { "more" };
                format!("It predicts {}% {less} than the model takes on the GPUs.", percent.unsigned_abs())
            }, Lang::Zh => {
                let more = if *percent < 0 { "少" } else { "多" };
                format!(
                    "它的预估比实际占用的显存{more} {}%。",
                    percent.unsigned_abs()
                )
            }, },
        OllamaNote::NewerThanKnown { engine } => cache::newer_than_known(lang, *engine),
        OllamaNote::OldVersion => word(
            lang,
            "This version schedules models differently, which vramfit does not simulate; the estimate is for the newer engine.",
            "这个版本的调度方式不同，vramfit 没有模拟；这里按新引擎估算。"
        ).into(),
    }
}
