//! Modelfiles, nginx configurations, compose files and units.

use super::super::punctuation::list_comma;
use super::super::word;
use crate::lang::Lang;
use crate::lint::Unclosed;

pub(super) fn inline_comment(lang: Lang, comment: &str) -> String {
    say!(
        lang,
        "'{comment}' becomes part of the value; a comment must stand on its own line.",
        "“{comment}”会成为值的一部分；注释必须单独成行。"
    )
}

pub(super) fn open_quote(lang: Lang, effect: Unclosed) -> String {
    let (en, zh) = match effect {
        Unclosed::RestIgnored => (
            "Nothing closes a quote in this line: systemd ignores that word and what follows it in the line; the other lines count.",
            "这一行的引号没有闭合：systemd 会忽略这个词及本行后面的内容；其他行仍然有效。",
        ),
        Unclosed::LineIgnored => (
            "Nothing closes a quote in this line: systemd ignores the line; the others count.",
            "这一行的引号没有闭合：systemd 会忽略这一行；其他行仍然有效。",
        ),
        Unclosed::LinesTaken => (
            "Nothing closes a quote in this line: systemd takes the lines below for part of its value.",
            "这一行的引号没有闭合：systemd 会把下面的行也当作它的值。",
        ),
        Unclosed::RestTaken => (
            "Nothing closes a quote in this line: Podman takes the rest of the line for one value.",
            "这一行的引号没有闭合：Podman 会把本行剩余的内容当作同一个值。",
        ),
        Unclosed::ByReader => (
            "Nothing closes a quote in this line. What that costs depends on who reads the file: Compose refuses it, systemd takes the lines below for part of the value, 'docker run --env-file' takes the quote for part of it.",
            "这一行的引号没有闭合，后果取决于读取这个文件的程序：Compose 会拒绝整个文件，systemd 会把下面的行也当作它的值，docker run --env-file 会把引号当作值的一部分。",
        ),
    };
    word(lang, en, zh).into()
}

pub(super) fn unknown_parameter(
    lang: Lang,
    parameter: &str,
    instead: Option<&str>,
    candidates: &[String],
) -> String {
    match instead {
        Some(instead) => say!(
            lang,
            "Ollama has no parameter {parameter} and refuses the file; use {instead}.",
            "Ollama 没有 {parameter} 参数，会拒绝这个文件；请改用 {instead}。"
        ),
        None if candidates.is_empty() => say!(
            lang,
            "Ollama has no parameter {parameter} and refuses the file.",
            "Ollama 没有 {parameter} 参数，会拒绝这个文件。"
        ),
        None => say!(
            lang,
            "Ollama has no parameter {parameter} and refuses the file; did you mean {}?",
            "Ollama 没有 {parameter} 参数，会拒绝这个文件；是不是想写 {}？",
            candidates.join(list_comma(lang))
        ),
    }
}

pub(super) fn no_from(lang: Lang) -> String {
    word(
        lang,
        "Without FROM, 'ollama create' refuses the file.",
        "缺少 FROM，ollama create 会拒绝这个文件。",
    )
    .into()
}

pub(super) fn context_beyond_training(lang: Lang, tag: &str, context: u32, trained: u32) -> String {
    say!(
        lang,
        "{tag} was trained for a context of {trained}; {context} only costs memory.",
        "{tag} 的训练上下文只有 {trained}；设成 {context} 只会多占显存。"
    )
}

pub(super) fn host_header(lang: Lang) -> String {
    word(
        lang,
        "Without 'Host localhost', Ollama answers every request with 403.",
        "不设置 Host localhost，Ollama 对每个请求都返回 403。",
    )
    .into()
}

pub(super) fn proxy_buffering(lang: Lang) -> String {
    word(
        lang,
        "nginx buffers the answer and sends it in lumps; tokens should go out as they are generated.",
        "nginx 会先缓冲再成块发出；应当生成一个词元就发出一个。"
    ).into()
}

pub(super) fn short_timeout(lang: Lang, seconds: u32) -> String {
    say!(
        lang,
        "nginx gives up with 504 after {seconds} s; loading a model or thinking can take minutes.",
        "nginx 等 {seconds} 秒就返回 504；而加载模型或思考可能要几分钟。"
    )
}

pub(super) fn body_size(lang: Lang) -> String {
    word(
        lang,
        "nginx refuses requests above 1 MB with 413, such as pictures and long documents.",
        "nginx 对超过 1 MB 的请求返回 413，图片和长文档都会失败。",
    )
    .into()
}

pub(super) fn mixed_pool(lang: Lang, upstream: &str, models: &[String]) -> String {
    match lang {
        Lang::En => format!(
            "{upstream} sends requests to servers with different models ({}); each model needs its own upstream.",
            models.join(", ")
        ),
        Lang::Zh => format!(
            "{upstream} 会把请求发给模型不同的服务（{}）；每个模型应有自己的 upstream。",
            models.join("、")
        ),
    }
}

pub(super) fn container_gpu_variable(lang: Lang, variable: &str) -> String {
    say!(
        lang,
        "Inside a container the cards are numbered anew, so {variable} may mean other cards or none; use device_ids.",
        "容器内的显卡会重新编号，{variable} 指的可能是别的卡，也可能不存在；请改用 device_ids。"
    )
}

pub(super) fn count_and_device_ids(lang: Lang) -> String {
    word(
        lang,
        "A count and the cards themselves cannot both be given: Docker refuses it. Behind --gpus, a list of cards needs quotes of its own.",
        "不能同时指定数量和具体的卡，Docker 会拒绝；--gpus 后面列出多张卡时还要再加一层引号。",
    )
    .into()
}

pub(super) fn healthcheck_curl(lang: Lang) -> String {
    word(
        lang,
        "The image has no curl, so the container never becomes healthy.",
        "镜像里没有 curl，容器永远不会变为健康状态。",
    )
    .into()
}

pub(super) fn image_not_pinned(lang: Lang, image: &str) -> String {
    say!(
        lang,
        "{image} may be another version after the next pull, and memory use and settings change between versions.",
        "{image} 下次拉取可能就是另一个版本，显存占用和设置都会变。"
    )
}

pub(super) fn preload_in_unit(lang: Lang) -> String {
    word(
        lang,
        "systemd allows 90 s to start, and a download takes longer; load the model in a separate unit.",
        "systemd 的启动超时是 90 秒，下载会超时；请用单独的单元加载模型。"
    ).into()
}
