//! What is said of Ollama: of a server that does not do what was asked, of downloads, of predictions that were checked.

use super::en::English;
use super::tokens;
use super::zh::Chinese;
use crate::error::{OllamaError, OllamaFault};
use crate::lang::Lang;

/// What went wrong.
pub(super) fn fault(lang: Lang, error: &OllamaError) -> String {
    let OllamaError {
        fault,
        server,
        detail,
    } = error;
    match lang {
        Lang::En => en(*fault, server, detail),
        Lang::Zh => zh(*fault, server, detail),
    }
}

fn en(fault: OllamaFault, server: &str, detail: &str) -> String {
    match fault {
        OllamaFault::Address => format!(
            "OLLAMA_HOST: '{server}' is not a server's address such as 127.0.0.1:11434 or http://gpu-box:11434."
        ),
        OllamaFault::Https => format!(
            "{server}: vramfit talks to Ollama only without TLS. Give the server behind the proxy: OLLAMA_HOST=http://..."
        ),
        OllamaFault::Absent => format!(
            "No Ollama answers at {server} ({detail}). Start it with 'ollama serve', or set OLLAMA_HOST to its address."
        ),
        OllamaFault::Slow => format!(
            "Ollama at {server} did not answer for {detail} seconds. Look at its log; while it loads a large model it answers late, and a download resumes where it stopped."
        ),
        OllamaFault::Broken => format!(
            "The connection to Ollama at {server} broke off ({detail}). Try again: a download resumes where it stopped."
        ),
        OllamaFault::Unexpected => format!(
            "{server} does not answer like Ollama ({detail}). Is it Ollama, and is it up to date?"
        ),
        OllamaFault::HostRefused => format!(
            "Ollama at {server} refuses the host name in the request. Set 'Host localhost' in the proxy in front of it, or use its own address."
        ),
        OllamaFault::UnknownModel => format!(
            "Ollama at {server} has no model '{detail}', nor does its library. 'vramfit models' lists what there is."
        ),
        OllamaFault::Busy => format!(
            "Ollama at {server} has too many requests waiting. Try again later, or raise OLLAMA_MAX_QUEUE on that server."
        ),
        OllamaFault::Refused => format!("Ollama at {server} says: {detail}."),
        OllamaFault::NothingKnown => format!(
            "Cannot tell what is installed: no Ollama answers at {server}, and no model store was found. Start 'ollama serve', or set OLLAMA_MODELS to the store."
        ),
        OllamaFault::NotLoaded if detail.is_empty() => format!(
            "No model is loaded at {server}, so there is nothing to compare. Load one with 'vramfit run TAG', or give the engine's log with --log."
        ),
        OllamaFault::NotLoaded => format!(
            "'{detail}' is not loaded at {server}. Load it with 'vramfit run {detail}', or give the engine's log with --log."
        ),
        OllamaFault::NoBuffers => format!(
            "{detail}: no line gives a buffer size ('... model buffer size = ... MiB'). Use the log of 'ollama serve' or llama-server."
        ),
        OllamaFault::NothingToSave => "Nothing was saved: what a process takes before it loads anything can be measured only while one model lies whole on the GPUs and the driver reports what its process holds.".into(),
    }
}

fn zh(fault: OllamaFault, server: &str, detail: &str) -> String {
    match fault {
        OllamaFault::Address => format!(
            "OLLAMA_HOST：“{server}”不是服务器地址，应如 127.0.0.1:11434 或 http://gpu-box:11434。"
        ),
        OllamaFault::Https => format!(
            "{server}：vramfit 只用不加密的 HTTP 连接 Ollama。请直接指定代理后面的服务器：OLLAMA_HOST=http://..."
        ),
        OllamaFault::Absent => format!(
            "{server} 上没有 Ollama 响应（{}）。请用 ollama serve 启动，或用 OLLAMA_HOST 指定地址。",
            super::failure::system_zh(detail)
        ),
        OllamaFault::Slow => format!(
            "{server} 上的 Ollama {detail} 秒没有响应。请查看它的日志；加载大模型时响应会慢，重新下载会从断点继续。"
        ),
        OllamaFault::Broken => format!(
            "与 {server} 上 Ollama 的连接中断（{detail}）。请重试，下载会从断点继续。"
        ),
        OllamaFault::Unexpected => format!(
            "{server} 的响应不像 Ollama（{detail}）。请确认那里运行的是 Ollama，且版本不太旧。"
        ),
        OllamaFault::HostRefused => format!(
            "{server} 上的 Ollama 拒绝了请求中的主机名。请在它前面的代理中设置 Host localhost，或直接用它自己的地址。"
        ),
        OllamaFault::UnknownModel => format!(
            "{server} 上的 Ollama 没有模型“{detail}”，模型库中也没有。用 vramfit models 查看全部。"
        ),
        OllamaFault::Busy => format!(
            "{server} 上的 Ollama 排队已满。请稍后再试，或调大该服务器的 OLLAMA_MAX_QUEUE。"
        ),
        OllamaFault::Refused => format!("{server} 上的 Ollama 报告：{detail}。"),
        OllamaFault::NothingKnown => format!(
            "无法得知已安装的模型：{server} 上没有 Ollama 响应，也找不到模型目录。请启动 ollama serve，或用 OLLAMA_MODELS 指定目录。"
        ),
        OllamaFault::NotLoaded if detail.is_empty() => format!(
            "{server} 上没有已加载的模型，无从比较。请先用 vramfit run TAG 加载，或用 --log 给出引擎日志。"
        ),
        OllamaFault::NotLoaded => format!(
            "{server} 上没有加载“{detail}”。请先用 vramfit run {detail} 加载，或用 --log 给出引擎日志。"
        ),
        OllamaFault::NoBuffers => format!(
            "{detail}：没有说明缓冲区大小的行（“... model buffer size = ... MiB”）。请给出 ollama serve 或 llama-server 的日志。"
        ),
        OllamaFault::NothingToSave => "没有保存：只有一个模型完整放在显卡上、且驱动能报告其进程的显存占用时，才能测出进程本身的开销。".into(),
    }
}

/// Sentences with their numbers.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Said<'a> {
    /// What the mark beside a tag means.
    Installed,
    /// Nothing that answers is installed.
    NoneInstalled,
    /// A model was not pulled, since it does not fit.
    NotPulled {
        tag: &'a str,
    },
    /// What would help.
    Instead {
        fix: &'a str,
    },
    /// How to pull it all the same.
    Force,
    /// A model is there.
    Pulled {
        tag: &'a str,
        server: &'a str,
    },
    /// It was there before.
    UpToDate {
        tag: &'a str,
        server: &'a str,
    },
    /// Where the GPUs are not known.
    NotJudged {
        server: &'a str,
    },
    /// A model is in memory.
    InMemory {
        name: &'a str,
        context: Option<u32>,
        vram: &'a str,
    },
    /// A part of it is in host memory.
    PartOnHost {
        bytes: &'a str,
    },
    /// A model of the same file was made for its context.
    SameFile {
        name: &'a str,
        tag: &'a str,
    },
    /// What to type.
    Type {
        command: &'a str,
    },
    /// Ollama's program is not here.
    NoProgram,
    /// Column heads of a comparison.
    Predicted,
    Actual,
    Difference,
    Buffers,
    Process,
    /// What a process takes, where estimates have it from measurements.
    Measured {
        gpus: &'a str,
    },
    /// A measurement was kept.
    Saved {
        gpu: u32,
        bytes: &'a str,
    },
}

/// What is said of Ollama.
pub trait OllamaText {
    /// A sentence.
    fn told(&self, said: &Said<'_>) -> String;
}

impl OllamaText for English {
    fn told(&self, said: &Said<'_>) -> String {
        match said {
            Said::Installed => "* installed".into(),
            Said::NoneInstalled => {
                "No installed model suits this task. Without --installed, all models are ranked."
                    .into()
            }
            Said::NotPulled { tag } => {
                format!("{tag} does not fit whole, so it was neither downloaded nor loaded.")
            }
            Said::Instead { fix } => format!("What would help: {fix}."),
            Said::Force => "--force does it anyway.".into(),
            Said::Pulled { tag, server } => format!("{tag} was downloaded to {server}."),
            Said::UpToDate { tag, server } => format!("{tag} is already at {server}."),
            Said::NotJudged { server } => format!(
                "The GPUs of {server} are not known here, so it was not checked whether the model fits; describe them with --gpu or --vram."
            ),
            Said::InMemory {
                name,
                context,
                vram,
            } => match context {
                Some(context) => format!(
                    "{name} is loaded with a context of {}: {vram} on the GPUs.",
                    tokens(*context)
                ),
                None => format!("{name} is loaded: {vram} on the GPUs."),
            },
            Said::PartOnHost { bytes } => format!(
                "{bytes} of it is in host memory, which makes it slow. 'vramfit verify' says why."
            ),
            Said::SameFile { name, tag } => format!(
                "{name} is {tag} with this context: it shares the file and takes no extra space. 'ollama rm {name}' removes it."
            ),
            Said::Type { command } => format!("Talk to it: {command}"),
            Said::NoProgram => "The program 'ollama' is not on this machine.".into(),
            Said::Predicted => "Predicted".into(),
            Said::Actual => "Actual".into(),
            Said::Difference => "Difference".into(),
            Said::Buffers => "Buffers".into(),
            Said::Process => "Process".into(),
            Said::Measured { gpus } => format!("Process overhead as measured here: {gpus}"),
            Said::Saved { gpu, bytes } => format!(
                "Saved: a process takes {bytes} on GPU {gpu} before it loads anything; estimates on this machine now use it."
            ),
        }
    }
}

impl OllamaText for Chinese {
    fn told(&self, said: &Said<'_>) -> String {
        match said {
            Said::Installed => "* 已安装".into(),
            Said::NoneInstalled => {
                "已安装的模型都不适合这项任务。去掉 --installed 可为全部模型排名。".into()
            }
            Said::NotPulled { tag } => {
                format!("{tag} 不能完整放进显存，因此没有下载或加载。")
            }
            Said::Instead { fix } => format!("怎样才能放下：{fix}。"),
            Said::Force => "加 --force 可照样执行。".into(),
            Said::Pulled { tag, server } => format!("{tag} 已下载到 {server}。"),
            Said::UpToDate { tag, server } => format!("{tag} 已在 {server}。"),
            Said::NotJudged { server } => {
                format!(
                    "不知道 {server} 有什么显卡，没有判断是否放得下；可用 --gpu 或 --vram 说明。"
                )
            }
            Said::InMemory {
                name,
                context,
                vram,
            } => match context {
                Some(context) => format!(
                    "{name} 已加载，上下文 {}，占用显存 {vram}。",
                    tokens(*context)
                ),
                None => format!("{name} 已加载，占用显存 {vram}。"),
            },
            Said::PartOnHost { bytes } => {
                format!("其中 {bytes} 落在内存里，速度会很慢。用 vramfit verify 查看原因。")
            }
            Said::SameFile { name, tag } => format!(
                "{name} 就是设定了这个上下文的 {tag}：共用同一个文件，不另占空间。用 ollama rm {name} 可移除。"
            ),
            Said::Type { command } => format!("开始对话：{command}"),
            Said::NoProgram => "本机没有 ollama 程序。".into(),
            Said::Predicted => "预测".into(),
            Said::Actual => "实际".into(),
            Said::Difference => "相差".into(),
            Said::Buffers => "缓冲区".into(),
            Said::Process => "进程占用".into(),
            Said::Measured { gpus } => format!("进程开销取本机实测值：{gpus}"),
            Said::Saved { gpu, bytes } => {
                format!("已保存：进程在 GPU {gpu} 上的固定开销为 {bytes}，今后在本机估算时采用。")
            }
        }
    }
}
