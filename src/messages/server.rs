//! What is wrong with an Ollama server.

use super::errors::system_zh;
use super::word;
use crate::error::{OllamaError, OllamaFault};
use crate::lang::Lang;

pub(crate) fn fault(lang: Lang, error: &OllamaError) -> String {
    of_fault(lang, error.fault, &error.server, &error.detail)
}

pub(crate) fn of_fault(lang: Lang, fault: OllamaFault, server: &str, detail: &str) -> String {
    match fault {
        OllamaFault::Address => address(lang, server),
        OllamaFault::Https => https(lang, server),
        OllamaFault::Unreachable => absent(lang, server, detail),
        OllamaFault::Timeout => slow(lang, server, detail),
        OllamaFault::Disconnected => broken(lang, server, detail),
        OllamaFault::Unexpected => unexpected(lang, server, detail),
        OllamaFault::HostRefused => host_refused(lang, server),
        OllamaFault::UnknownModel => unknown_model(lang, server, detail),
        OllamaFault::Busy => busy(lang, server),
        OllamaFault::Refused => refused(lang, server, detail),
        OllamaFault::NothingKnown => nothing_known(lang, server),
        OllamaFault::NotLoaded if detail.is_empty() => not_loaded(lang, server),
        OllamaFault::NotLoaded => not_loaded_2(lang, server, detail),
        OllamaFault::NotLogged => not_logged(lang, detail),
        OllamaFault::NoBuffers => no_buffers(lang, detail),
        OllamaFault::NothingToSave => nothing_to_save(lang),
        OllamaFault::NotHere => not_here(lang, server),
        OllamaFault::NothingToMeasure if detail.is_empty() => nothing_to_measure(lang, server),
        OllamaFault::NothingToMeasure => writes_nothing(lang, detail),
        OllamaFault::Unbelievable => unbelievable(lang, server, detail),
    }
}

fn address(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "OLLAMA_HOST: '{server}' is not a server's address such as 127.0.0.1:11434 or http://gpu-box:11434.",
        "OLLAMA_HOST：“{server}”不是服务器地址，应如 127.0.0.1:11434 或 http://gpu-box:11434。"
    )
}

fn https(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "{server}: vramfit talks to Ollama only without TLS. Give the server behind the proxy: OLLAMA_HOST=http://...",
        "{server}：vramfit 只用不加密的 HTTP 连接 Ollama。请直接指定代理后面的服务器：OLLAMA_HOST=http://..."
    )
}

fn absent(lang: Lang, server: &str, detail: &str) -> String {
    match lang {
        Lang::En => format!(
            "No Ollama answers at {server} ({detail}). Start it with 'ollama serve', or set OLLAMA_HOST to its address."
        ),
        Lang::Zh => format!(
            "{server} 上没有 Ollama 响应（{}）。请用 ollama serve 启动，或用 OLLAMA_HOST 指定地址。",
            system_zh(detail)
        ),
    }
}

fn slow(lang: Lang, server: &str, detail: &str) -> String {
    say!(
        lang,
        "Ollama at {server} did not answer for {detail} seconds. Look at its log; while it loads a large model it answers late, and a download resumes where it stopped.",
        "{server} 上的 Ollama {detail} 秒没有响应。请查看它的日志；加载大模型时响应会慢，重新下载会从断点继续。"
    )
}

fn broken(lang: Lang, server: &str, detail: &str) -> String {
    say!(
        lang,
        "The connection to Ollama at {server} broke off ({detail}). Try again: a download resumes where it stopped.",
        "与 {server} 上 Ollama 的连接中断（{detail}）。请重试，下载会从断点继续。"
    )
}

fn unexpected(lang: Lang, server: &str, detail: &str) -> String {
    say!(
        lang,
        "{server} does not answer like Ollama ({detail}). Is it Ollama, and is it up to date?",
        "{server} 的响应不像 Ollama（{detail}）。请确认那里运行的是 Ollama，且版本不太旧。"
    )
}

fn host_refused(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "Ollama at {server} refuses the host name in the request. Set 'Host localhost' in the proxy in front of it, or use its own address.",
        "{server} 上的 Ollama 拒绝了请求中的主机名。请在它前面的代理中设置 Host localhost，或直接用它自己的地址。"
    )
}

fn unknown_model(lang: Lang, server: &str, detail: &str) -> String {
    say!(
        lang,
        "Ollama at {server} has no model '{detail}', nor does its library. 'vramfit models' lists what there is.",
        "{server} 上的 Ollama 没有模型“{detail}”，模型库中也没有。用 vramfit models 查看全部。"
    )
}

fn busy(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "Ollama at {server} has too many requests waiting. Try again later, or raise OLLAMA_MAX_QUEUE on that server.",
        "{server} 上的 Ollama 排队已满。请稍后再试，或调大该服务器的 OLLAMA_MAX_QUEUE。"
    )
}

fn refused(lang: Lang, server: &str, detail: &str) -> String {
    say!(
        lang,
        "Ollama at {server} says: {detail}.",
        "{server} 上的 Ollama 报告：{detail}。"
    )
}

fn nothing_known(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "Cannot tell what is installed: no Ollama answers at {server}, and no model store was found. Start 'ollama serve', or set OLLAMA_MODELS to the store.",
        "无法得知已安装的模型：{server} 上没有 Ollama 响应，也找不到模型目录。请启动 ollama serve，或用 OLLAMA_MODELS 指定目录。"
    )
}

fn not_loaded(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "No model is loaded at {server}, so there is nothing to compare. Load one with 'vramfit run TAG', or give the engine's log with --log.",
        "{server} 上没有已加载的模型，无从比较。请先用 vramfit run TAG 加载，或用 --log 给出引擎日志。"
    )
}

fn not_loaded_2(lang: Lang, server: &str, detail: &str) -> String {
    say!(
        lang,
        "'{detail}' is not loaded at {server}. Load it with 'vramfit run {detail}', or give the engine's log with --log.",
        "{server} 上没有加载“{detail}”。请先用 vramfit run {detail} 加载，或用 --log 给出引擎日志。"
    )
}

fn not_logged(lang: Lang, detail: &str) -> String {
    say!(
        lang,
        "The log has no start of '{detail}'. Give the log of the server that loaded it.",
        "日志里没有“{detail}”的加载记录。请给出加载它的服务器的日志。"
    )
}

fn no_buffers(lang: Lang, detail: &str) -> String {
    say!(
        lang,
        "{detail}: no line gives a buffer size ('... model buffer size = ... MiB'). Use the log of 'ollama serve' or llama-server.",
        "{detail}：没有说明缓冲区大小的行（“... model buffer size = ... MiB”）。请给出 ollama serve 或 llama-server 的日志。"
    )
}

fn not_here(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "This machine is measured, with its own GPUs and its own Ollama (OLLAMA_HOST: {server}). Leave out --gpu, --vram and --fleet, and run it where the server runs.",
        "测量的是本机的显卡与本机的 Ollama（OLLAMA_HOST：{server}）。请去掉 --gpu、--vram、--fleet，并在服务器所在的机器上运行。"
    )
}

fn nothing_to_measure(lang: Lang, server: &str) -> String {
    say!(
        lang,
        "No model is loaded at {server}. Name one that it has: vramfit bench TAG; 'ollama list' shows them.",
        "{server} 上没有已加载的模型。请指定一个已有的：vramfit bench 标签；用 ollama list 查看。"
    )
}

fn writes_nothing(lang: Lang, detail: &str) -> String {
    say!(
        lang,
        "{detail} makes vectors and writes nothing, so that it has no tokens/s. Name a model that writes.",
        "{detail} 只生成向量，不生成文本，没有 tokens/s 可测。请指定能生成文本的模型。"
    )
}

fn unbelievable(lang: Lang, server: &str, detail: &str) -> String {
    say!(
        lang,
        "What Ollama at {server} counted cannot be: {detail}. Nothing was kept.",
        "{server} 上的 Ollama 给出的计数不可能成立：{detail}。未保存任何结果。"
    )
}

fn nothing_to_save(lang: Lang) -> String {
    word(
        lang,
        "Nothing was saved: what a process takes before it loads anything can be measured only while one model lies whole on the GPUs and the driver reports what its process holds.",
        "没有保存：只有一个模型完整放在显卡上、且驱动能报告其进程的显存占用时，才能测出进程本身的开销。"
    ).into()
}
