//! The words of `doctor`.

use super::word;
use crate::lang::Lang;
use crate::report::Unchecked;

words! {
    this_machine: "This machine", "本机环境";
    fault: "fault", "错误";
    warning: "warning", "警告";
    correct_form: "Correct form:", "正确写法：";
}

pub(crate) fn nothing_wrong(lang: Lang, files: usize) -> String {
    match files {
        0 | 1 => word(lang, "Nothing wrong found.", "没有发现问题。").into(),
        files => say!(
            lang,
            "Nothing wrong found in {files} files.",
            "{files} 个文件都没有发现问题。"
        ),
    }
}

pub(crate) fn count(lang: Lang, faults: usize, warnings: usize) -> String {
    match (faults, warnings) {
        (0, warnings) => match lang {
            Lang::En => format!("{}.", counted(warnings, "warning")),
            Lang::Zh => format!("{warnings} 个警告。"),
        },
        (faults, 0) => match lang {
            Lang::En => format!("{}.", counted(faults, "fault")),
            Lang::Zh => format!("{faults} 个错误。"),
        },
        (faults, warnings) => match lang {
            Lang::En => format!(
                "{}, {}.",
                counted(faults, "fault"),
                counted(warnings, "warning")
            ),
            Lang::Zh => format!("{faults} 个错误，{warnings} 个警告。"),
        },
    }
}

/// `1 fault`, `2 faults`
fn counted(count: usize, one: &str) -> String {
    let many = if count == 1 { "" } else { "s" };
    format!("{count} {one}{many}")
}

/// Line numbers; of very many the first.
fn numbers(lines: &[u32], between: &str) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = lines.iter().take(SHOWN).map(u32::to_string).collect();
    let more = if lines.len() > SHOWN { "…" } else { "" };
    shown.join(between) + more
}

/// The other lines with the same finding.
pub(crate) fn also_in(lang: Lang, lines: &[u32]) -> String {
    match (lang, lines) {
        (Lang::En, [line]) => format!(" Also in line {line}."),
        (Lang::En, lines) => format!(" Also in lines {}.", numbers(lines, ", ")),
        (Lang::Zh, lines) => format!("另见第 {} 行。", numbers(lines, "、")),
    }
}

/// What could not be looked at, and what that leaves open.
pub(crate) fn unchecked(lang: Lang, what: Unchecked) -> &'static str {
    match what {
        Unchecked::Gpus => word(
            lang,
            "Not checked: no GPU was found, so nothing is said about drivers, or about whether the models fit.",
            "未检查：没有找到显卡，因此驱动是否可用、模型能否放下都无法判断。",
        ),
        Unchecked::Driver => word(
            lang,
            "Not checked: the GPU driver did not answer in time, so nothing is said about the GPUs, or about whether the models fit.",
            "未检查：显卡驱动未及时响应，因此显卡情况、模型能否放下都无法判断。",
        ),
        Unchecked::Server => word(
            lang,
            "Not checked: no Ollama answers here, so only the variables of this shell are judged, not those of the server.",
            "未检查：这里没有运行中的 Ollama，只检查了当前 Shell 的变量，没有检查服务端的变量。",
        ),
        Unchecked::ServerVariables => word(
            lang,
            "Not checked: what the running Ollama was started with; these are the variables of this shell. 'systemctl show ollama -p Environment' shows the service's.",
            "未检查：运行中的 Ollama 启动时用的变量；这里检查的是当前 Shell 的变量。服务的变量可用 systemctl show ollama -p Environment 查看。",
        ),
    }
}
