//! The words of `pull` and `run`.

use super::tokens;
use crate::lang::Lang;

words! {
    force_does_it_anyway: "--force does it anyway.", "加 --force 可照样执行。";
    no_ollama_program: "The program 'ollama' is not on this machine.", "本机没有 ollama 程序。";
}

pub(crate) fn does_not_fit_whole(lang: Lang, tag: &str) -> String {
    say!(
        lang,
        "{tag} does not fit whole, so it was neither downloaded nor loaded.",
        "{tag} 不能完整放进显存，因此没有下载或加载。"
    )
}

pub(crate) fn what_would_help(lang: Lang, fix: &str) -> String {
    say!(lang, "What would help: {fix}.", "怎样才能放下：{fix}。")
}

pub(crate) fn downloaded_to(lang: Lang, tag: &str, server: &str) -> String {
    say!(
        lang,
        "{tag} was downloaded to {server}.",
        "{tag} 已下载到 {server}。"
    )
}

pub(crate) fn already_at(lang: Lang, tag: &str, server: &str) -> String {
    say!(
        lang,
        "{tag} is already at {server}.",
        "{tag} 已在 {server}。"
    )
}

pub(crate) fn gpus_of_server_unknown(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "The GPUs of {server} are not known here, so it was not checked whether the model fits; describe them with --gpu or --vram.",
        "不知道 {server} 有什么显卡，没有判断是否放得下；可用 --gpu 或 --vram 说明。"
    )
}

pub(crate) fn is_loaded(lang: Lang, name: &str, context: Option<u32>, vram: &str) -> String {
    match lang {
        Lang::En => match context {
            Some(context) => format!(
                "{name} is loaded with a context of {}: {vram} on the GPUs.",
                tokens(context)
            ),
            None => format!("{name} is loaded: {vram} on the GPUs."),
        },
        Lang::Zh => match context {
            Some(context) => format!(
                "{name} 已加载，上下文 {}，占用显存 {vram}。",
                tokens(context)
            ),
            None => format!("{name} 已加载，占用显存 {vram}。"),
        },
    }
}

pub(crate) fn part_in_host_memory(lang: Lang, bytes: &str) -> String {
    say!(
        lang,
        "{bytes} of it is in host memory, which makes it slow. 'vramfit verify' says why.",
        "其中 {bytes} 落在内存里，速度会很慢。用 vramfit verify 查看原因。"
    )
}

pub(crate) fn same_file_as(lang: Lang, name: &str, tag: &str) -> String {
    say!(
        lang,
        "{name} is {tag} with this context: it shares the file and takes no extra space. 'ollama rm {name}' removes it.",
        "{name} 就是设定了这个上下文的 {tag}：共用同一个文件，不另占空间。用 ollama rm {name} 可移除。"
    )
}

pub(crate) fn type_to_chat(lang: Lang, command: &str) -> String {
    say!(lang, "Talk to it: {command}", "开始对话：{command}")
}
