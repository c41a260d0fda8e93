//! The words of `tips`.

use super::{tokens, word};
use crate::lang::Lang;
use crate::report::Change;

words! {
    what_each_setting_changes: "What each setting changes", "每项设置的影响";
    the_guides_tips: "The guide's tips", "指南的优化建议";
    what_saves_memory: "What saves memory", "怎样节省显存";
    setting: "Setting", "设置";
    saves: "Saves", "节省";
    then_needs: "Then needs", "设置后占用";
    effect: "Effect", "影响";
    the_guide: "The guide", "指南";
    instead: "Instead", "正确写法";
    in_fact: "In fact", "实际情况";
    settings_that_fit: "Settings that fit", "建议设置";
    modelfile: "Modelfile", "Modelfile";
    the_servers_environment: "The server's environment", "服务端环境变量";
    as_the_guide_says: "as the guide says", "指南的说法";
    no_setting_makes_it_fit: "No setting makes it fit here; take a smaller model or quantization.", "怎么调设置都放不下，请换更小的模型或更低的量化。";
    fits_only_within_margin: "It fits only within the engine's margin: with num_gpu 999 it loads whole or not at all.",
        "只有动用引擎预留才放得下：设 num_gpu 999，要么完整加载，要么失败。";
    cache_type_is_set_on_the_server: "The KV cache type is set on the server, for all its models; a Modelfile cannot set it.",
        "KV 缓存类型在服务端设置，对全部模型生效，不能写进 Modelfile。";
    name_a_tag: "'vramfit tips --tag TAG' tells how much each saves on this hardware.", "用 vramfit tips --tag TAG 可以看到每项设置在这套硬件上能省多少显存。";
}

pub(crate) fn needs_with(
    lang: Lang,
    need: &str,
    context: u32,
    parallel: u32,
    kv: &str,
    batch: u64,
) -> String {
    say!(
        lang,
        "{need} (context {}, parallel {parallel}, {kv} KV cache, batch {batch})",
        "占用 {need}（上下文 {}，并发数 {parallel}，KV 缓存 {kv}，批大小 {batch}）",
        tokens(context)
    )
}

/// Why a file has less context than was asked for.
pub(crate) fn lowered(lang: Lang, asked: u32, used: u32, trained: u32) -> String {
    let (asked, longest) = (tokens(asked), tokens(used));
    if used == trained {
        return say!(
            lang,
            "Asked for a context of {asked}; the model was trained for {longest}.",
            "要求的上下文为 {asked}，但该模型只训练到 {longest}。"
        );
    }
    say!(
        lang,
        "Asked for a context of {asked}; {longest} is the longest that fits here.",
        "要求的上下文为 {asked}，此处最多只放得下 {longest}。"
    )
}

pub(crate) fn default_context(lang: Lang, context: u32) -> String {
    say!(
        lang,
        "Unless told otherwise, Ollama uses a context of {} here.",
        "不设上下文时，Ollama 在这里默认用 {}。",
        tokens(context)
    )
}

pub(crate) fn in_place_of(lang: Lang, tag: &str) -> String {
    say!(
        lang,
        "in place of {tag}, which is not in Ollama's library",
        "代替 Ollama 模型库中没有的 {tag}"
    )
}

pub(crate) fn effect_of(lang: Lang, change: &Change) -> String {
    match change {
        Change::Context { .. } => word(lang, "remembers less", "能记住的前文变短").into(),
        Change::Batch { .. } => word(lang, "reads prompts slower", "处理提示词变慢").into(),
        Change::Parallel { parallel: 1 } => {
            word(lang, "one request at a time", "一次只处理一个请求").into()
        }
        Change::Parallel { parallel } => say!(
            lang,
            "{parallel} requests at once",
            "同时处理 {parallel} 个请求"
        ),
        Change::KvCacheType { .. } => word(lang, "slightly less precise", "精度略有下降").into(),
        Change::KeepAlive => word(lang, "unloads after each answer", "用完立即卸载").into(),
    }
}
