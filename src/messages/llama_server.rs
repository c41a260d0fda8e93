//! The words of a `llama-server` without Ollama.

use super::band;
use crate::lang::Lang;
use crate::units::Bytes;

words! {
    the_command: "The llama-server that takes this", "按此占用的 llama-server 命令";
    nothing_is_left_to_it: "Told all of it, the server loads the model just so or not at all: nothing moves to the CPU in silence.",
        "各项都已指定：服务器要么就按这样加载，要么加载失败，不会悄悄把层挪到 CPU 上。";
    downloads_by_itself: "It downloads the file from Hugging Face when it first starts.", "首次启动时自动从 Hugging Face 下载模型文件。";
}

/// Where the file comes from: Ollama's own, to which the lines before the command make a link.
pub(crate) fn file_of_ollama(lang: Lang, file: &str) -> String {
    say!(
        lang,
        "{file} is Ollama's own file by another name; the estimate is for that file.",
        "{file} 是指向 Ollama 自有模型文件的链接；估算针对的就是这个文件。"
    )
}

/// The same, where Ollama's own file is of no use.
pub(crate) fn file_of_others(lang: Lang, file: &str, architecture: &str) -> String {
    say!(
        lang,
        "{file} is a GGUF file of the same quantization, from Hugging Face for example. Ollama's own may not do: of this architecture ({architecture}) it translates such files while they load, and llama-server may refuse them or answer wrongly.",
        "{file} 需另备同样量化的 GGUF 文件，例如从 Hugging Face 下载。Ollama 的文件不一定能用：这种结构（{architecture}）的文件由 Ollama 在加载时转换，llama-server 可能拒绝加载或回答出错。"
    )
}

/// Where the projector of a file of others is to be had.
pub(crate) fn projector_of_others(lang: Lang, projector: &str) -> String {
    say!(
        lang,
        "{projector} is its vision projector, which such repositories hold as mmproj-*.gguf.",
        "{projector} 是它的视觉投影器，这类仓库里名为 mmproj-*.gguf。"
    )
}

/// Of a service whose experts do not all have room on GPUs.
pub(crate) fn experts_on_host(
    lang: Lang,
    tag: &str,
    (blocks, of): (u32, u32),
    bytes: Bytes,
) -> String {
    say!(
        lang,
        "{tag}: the experts of {blocks} of {of} blocks ({bytes}) lie in system memory, the rest on its GPUs.",
        "{tag}：{of} 层中有 {blocks} 层的专家（{bytes}）放在内存里，其余都在显卡上。"
    )
}

/// Of services that Ollama gives no place.
pub(crate) fn with_own_server(lang: Lang, tags: &[String]) -> String {
    match lang {
        Lang::En => format!(
            "With --engine llama.cpp, {} would have a place: experts partly in system memory, everything else on GPUs.",
            tags.join(", ")
        ),
        Lang::Zh => format!(
            "加 --engine llama.cpp 就能放下 {}：部分专家放在内存里，其余都在显卡上。",
            tags.join("、")
        ),
    }
}

/// Of services that have a place only in turns with others.
pub(crate) fn in_turns(lang: Lang, tags: &[String]) -> String {
    match lang {
        Lang::En => format!(
            "llama-swap loads {} when asked, in place of others that come back when they are asked for.",
            tags.join(", ")
        ),
        Lang::Zh => format!(
            "{} 由 llama-swap 在有请求时换入：给它让位的模型，等有请求再换回来。",
            tags.join("、")
        ),
    }
}

/// Experts in system memory, as a change that gives a model a place.
pub(crate) fn experts_in_memory(
    lang: Lang,
    bytes: Bytes,
    decode: Option<[f64; 2]>,
    other_engine: bool,
) -> String {
    let engine = if other_engine {
        "--engine llama.cpp "
    } else {
        ""
    };
    let place = say!(
        lang,
        "{engine}with {bytes} of RAM for its experts",
        "{engine}并为其专家留出 {bytes} 内存"
    );
    match decode {
        None => place,
        Some([low, high]) => {
            let rate = band(low, high);
            say!(lang, "{place}: {rate} tokens/s", "{place}：{rate} tokens/s")
        }
    }
}
