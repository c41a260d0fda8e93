//! What went wrong: what, where, and what to do.

use super::{artifact, defect, gguf, import, server, word};
use crate::error::{Defect, Error, ExpectedFormat, MOST_DEFECTS, NotEstimated};
use crate::lang::Lang;
use std::path::Path;

pub(crate) fn error(lang: Lang, error: &Error) -> String {
    let meant = did_you_mean(lang, error.candidates());
    match error {
        Error::UnknownTag { tag, .. } => unknown_tag(lang, tag, &meant),
        Error::NoCheckpoint { tag, .. } => super::vllm::no_checkpoint(lang, tag, &meant),
        Error::NotEstimated { tag, why, .. } => not_estimated(lang, tag, why, &meant),
        Error::UnknownGpu { name, .. } => unknown_gpu(lang, name, &meant),
        Error::UnknownFamily { family, .. } => unknown_family(lang, family, &meant),
        Error::BadValue {
            argument,
            value,
            form,
        } => bad_value(lang, argument, value, *form),
        Error::UnknownChoice {
            argument,
            value,
            choices,
            ..
        } => unknown_choice(lang, argument, value, choices, &meant),
        Error::UnknownArgument { argument, .. } => unknown_argument(lang, argument, &meant),
        Error::MissingArgument { argument } => missing_argument(lang, argument),
        Error::Conflict { argument, other } if argument == other => conflict(lang, argument),
        Error::Conflict { argument, other } => not_together(lang, argument, other),
        Error::NoVllmGpu { gpu } => super::vllm::no_gpu(lang, gpu),
        Error::Usage(detail) => detail.clone(),
        Error::Artifact { fault, value } => artifact::fault(lang, *fault, value),
        Error::Import(fault) => import::fault(lang, fault),
        Error::Ollama(error) => server::fault(lang, error),
        Error::File { path, reason } => file(lang, path, reason),
        Error::TooLarge { path, limit } => super::file::too_large(lang, path, *limit),
        Error::Exists { path } => exists(lang, path),
        Error::NotChecked { path } => not_checked(lang, path),
        Error::Defects(defects) => data_defects(lang, defects),
        Error::Gguf { path, fault } => gguf::unusable(lang, path, fault),
        Error::NotATerminal => not_a_terminal(lang),
        Error::Left => word(lang, "The wizard was cancelled.", "已退出向导。").into(),
        Error::Damaged { part } => damaged(lang, part),
        Error::DriverSilent { seconds } => driver_silent(lang, *seconds),
        Error::HostMemoryUnknown => super::hardware::memory_is_not_known(lang).into(),
        Error::NotSerialized { reason } => not_serialized(lang, reason),
    }
}

/// Candidates for something mistyped, as a sentence that follows another.
pub(super) fn did_you_mean(lang: Lang, candidates: &[String]) -> String {
    if candidates.is_empty() {
        return String::new();
    }
    say!(
        lang,
        " Did you mean {}?",
        "是不是想用 {}？",
        one_of(lang, candidates)
    )
}

/// `a, b or c`.
pub(super) fn one_of(lang: Lang, candidates: &[String]) -> String {
    match (lang, candidates) {
        (Lang::En, [first @ .., last]) if !first.is_empty() => {
            format!("{} or {last}", first.join(", "))
        }
        _ => candidates.join("、"),
    }
}

fn unknown_tag(lang: Lang, tag: &str, meant: &str) -> String {
    say!(
        lang,
        "No model has the tag '{tag}'.{meant} 'vramfit models' lists all tags; 'vramfit explain', 'compare', 'plan' and 'upgrade' also take a .gguf file.",
        "没有标签为“{tag}”的模型。{meant}用 vramfit models 查看全部标签；vramfit explain、compare、plan 和 upgrade 也可以直接给 .gguf 文件。"
    )
}

fn not_estimated(lang: Lang, tag: &str, why: &NotEstimated, meant: &str) -> String {
    match lang {
        Lang::En => {
            let why = match why {
                NotEstimated::Cloud => {
                    "it runs on Ollama's own machines and takes no memory of yours."
                }
                NotEstimated::Mlx => {
                    "its file is for Ollama's MLX engine on Apple silicon, whose allocations vramfit does not know."
                }
                NotEstimated::NoShape => {
                    "neither its architecture nor that of a model like it is known. Once it is downloaded, 'vramfit explain' reads the file itself."
                }
                NotEstimated::Repository => {
                    return format!(
                        "The model or the quantization of '{tag}' is not in the catalog.{meant} 'vramfit catalog import' takes the config.json of the model that it was made from, without its weights; once the file is downloaded, 'vramfit explain FILE.gguf' answers exactly."
                    );
                }
            };
            format!("'{tag}' exists, but cannot be estimated: {why}{meant}")
        }
        Lang::Zh => {
            let why = match why {
                NotEstimated::Cloud => "它在 Ollama 的服务器上运行，不占用本机显存。",
                NotEstimated::Mlx => {
                    "它的文件供 Ollama 的 MLX 引擎（Apple 芯片）使用，vramfit 不了解该引擎如何分配内存。"
                }
                NotEstimated::NoShape => {
                    "它的架构未知，也没有相近的模型可以参照。下载之后，vramfit explain 会直接读取文件。"
                }
                NotEstimated::Repository => {
                    return format!(
                        "目录中没有“{tag}”所指的模型或量化。{meant}vramfit catalog import 可以读取其原始模型的 config.json（无需下载权重）；下载文件之后，用 vramfit explain FILE.gguf 可以精确估算。"
                    );
                }
            };
            format!("“{tag}”存在，但无法估算：{why}{meant}")
        }
    }
}

fn unknown_gpu(lang: Lang, name: &str, meant: &str) -> String {
    say!(
        lang,
        "No GPU is called '{name}'.{meant} For any other card, give its memory: --vram 24.",
        "没有名为“{name}”的显卡。{meant}目录之外的显卡请直接给显存：--vram 24。"
    )
}

fn unknown_family(lang: Lang, family: &str, meant: &str) -> String {
    say!(
        lang,
        "No family is called '{family}'.{meant}",
        "没有名为“{family}”的系列。{meant}"
    )
}

fn bad_value(lang: Lang, argument: &str, value: &str, form: ExpectedFormat) -> String {
    say!(
        lang,
        "{argument}: '{value}' is not {}.",
        "{argument}：“{value}”无效，应为{}。",
        expected_form(lang, form)
    )
}

fn unknown_choice(
    lang: Lang,
    argument: &str,
    value: &str,
    choices: &[String],
    meant: &str,
) -> String {
    match lang {
        Lang::En => format!(
            "{argument}: '{value}' is not one of: {}.{meant}",
            choices.join(", ")
        ),
        Lang::Zh => format!(
            "{argument}：“{value}”无效，可选：{}。{meant}",
            choices.join("、")
        ),
    }
}

fn unknown_argument(lang: Lang, argument: &str, meant: &str) -> String {
    say!(
        lang,
        "There is no command or option '{argument}'.{meant} See 'vramfit --help'.",
        "没有“{argument}”这个命令或选项。{meant}用 vramfit --help 查看用法。"
    )
}

fn missing_argument(lang: Lang, argument: &str) -> String {
    if argument.starts_with("<TAG") {
        return missing_model(lang, argument);
    }
    say!(
        lang,
        "{argument} is missing; --help shows how it is used.",
        "缺少 {argument}，用 --help 查看用法。"
    )
}

fn missing_model(lang: Lang, argument: &str) -> String {
    say!(
        lang,
        "{argument} is missing: a model, such as qwen3:8b; 'vramfit models' lists them, --help shows how it is used.",
        "缺少 {argument}：请给出模型，例如 qwen3:8b；“vramfit models” 列出全部模型，用 --help 查看用法。"
    )
}

fn conflict(lang: Lang, argument: &str) -> String {
    say!(
        lang,
        "{argument} can be given only once.",
        "{argument} 只能给一次。"
    )
}

fn not_together(lang: Lang, argument: &str, other: &str) -> String {
    say!(
        lang,
        "{argument} and {other} cannot be used together.",
        "{argument} 与 {other} 不能同时使用。"
    )
}

fn file(lang: Lang, path: &Path, reason: &str) -> String {
    match lang {
        Lang::En => format!("{}: {reason}.", path.display()),
        Lang::Zh => format!("{}：{}。", path.display(), system_zh(reason)),
    }
}

fn exists(lang: Lang, path: &Path) -> String {
    say!(
        lang,
        "{} already exists; --force overwrites it.",
        "{} 已存在；加 --force 才会覆盖。",
        path.display()
    )
}

fn not_checked(lang: Lang, path: &Path) -> String {
    say!(
        lang,
        "{} is not a kind of file that doctor checks. It checks shell scripts and profiles, files of variables, systemd units and Podman quadlets, tables of cron, Modelfiles, nginx configurations, YAML of compose, Kubernetes and LiteLLM, and Markdown with any of them.",
        "doctor 不检查 {} 这类文件。它检查 Shell 脚本和 Shell 启动文件、环境变量文件、systemd 单元和 Podman quadlet、cron 表、Modelfile、nginx 配置、compose、Kubernetes 与 LiteLLM 的 YAML，以及包含这些内容的 Markdown。",
        path.display()
    )
}

fn data_defects(lang: Lang, defects: &[Defect]) -> String {
    let shown = defects.iter().take(MOST_DEFECTS);
    let lines: Vec<String> = shown.map(|defect| defect::defect(lang, defect)).collect();
    let all = defects.len() < MOST_DEFECTS;
    let (count, lines) = (lines.len(), lines.join("\n"));
    match lang {
        Lang::En => {
            let at_least = if all { "" } else { "at least " };
            let many = if defects.len() == 1 { "" } else { "s" };
            format!("The data has {at_least}{count} defect{many}; none of it was used.\n{lines}")
        }
        Lang::Zh => {
            let at_least = if all { "" } else { "至少" };
            format!("数据中有{at_least} {count} 处错误，全部未采用。\n{lines}")
        }
    }
}

fn not_a_terminal(lang: Lang) -> String {
    word(
        lang,
        "The wizard needs a terminal. In a script, use 'vramfit recommend'.",
        "向导需要终端。在脚本中请用 vramfit recommend。",
    )
    .into()
}

fn not_serialized(lang: Lang, reason: &str) -> String {
    say!(
        lang,
        "This answer cannot be written as JSON ({reason}): that is a fault of vramfit; please report the command.",
        "这个回答无法写成 JSON（{reason}）：这是 vramfit 的缺陷，请把所用的命令报告给我们。"
    )
}

fn damaged(lang: Lang, part: &str) -> String {
    say!(
        lang,
        "This copy of vramfit is damaged (its {part} cannot be read); install it again.",
        "这份 vramfit 已损坏（读不出内置数据 {part}），请重新安装。"
    )
}

fn driver_silent(lang: Lang, seconds: u64) -> String {
    say!(
        lang,
        "The GPU driver has not answered for {seconds} s; nvidia-smi probably hangs, too (restart the machine). To answer without it, describe the hardware: --gpu 'RTX 3090'.",
        "显卡驱动 {seconds} 秒没有响应，nvidia-smi 多半也会卡住（请重启机器）。不问驱动也行：用 --gpu 'RTX 3090' 写明硬件。"
    )
}

pub(crate) fn expected_form(lang: Lang, form: ExpectedFormat) -> &'static str {
    match form {
        ExpectedFormat::Size => word(
            lang,
            "a size above zero, such as 24, 24GiB or 512MiB",
            "大于零的大小，如 24、24GiB 或 512MiB",
        ),
        ExpectedFormat::Vram => word(
            lang,
            "an amount of memory above zero and up to 16 TiB a GPU, such as 24, 24x2, 24+8, 5.5 or 8GiB",
            "大于零、每张卡不超过 16 TiB 的显存，如 24、24x2、24+8、5.5 或 8GiB",
        ),
        ExpectedFormat::Context => word(
            lang,
            "a context length from 1 to 16777216, such as 8192, 8k or 128k",
            "上下文长度（1 到 16777216），如 8192、8k 或 128k",
        ),
        ExpectedFormat::Draft => word(
            lang,
            "a whole number from 0 to 64; in 'explain' also the tag of a draft model",
            "整数（0 到 64）；explain 还可用起草模型的标签",
        ),
        ExpectedFormat::Parallel => word(lang, "a whole number from 1 to 256", "整数（1 到 256）"),
        ExpectedFormat::Bandwidth => word(
            lang,
            "GB/s such as 89.6, or modules such as DDR5-5600 or DDR4-3200x8",
            "GB/s 数值如 89.6，或内存规格如 DDR5-5600、DDR4-3200x8",
        ),
        ExpectedFormat::Batch => word(lang, "a whole number from 1 to 65536", "整数（1 到 65536）"),
        ExpectedFormat::Count => word(lang, "a whole number of at least 1", "大于零的整数"),
        ExpectedFormat::Version => word(lang, "a version such as 0.33.0", "版本号，如 0.33.0"),
        ExpectedFormat::Plan => word(
            lang,
            "a plan as 'vramfit plan --json' writes it",
            "vramfit plan --json 写出的方案",
        ),
        ExpectedFormat::Demand => word(
            lang,
            "a demand such as llama3:70b, qwen3:30b*2@16k or codellama:34b:pin=0,1, with :apart=, :priority= or :must after it",
            "“标签*副本数@上下文:pin=显卡”的形式，如 llama3:70b、qwen3:30b*2@16k 或 codellama:34b:pin=0,1，后面还可以加 :apart=、:priority=、:must",
        ),
        ExpectedFormat::Services => word(
            lang,
            "a plan that can be made: at most 2000 services, of at most 1000 demands",
            "可规划的数量：最多 1000 项需求、2000 个服务",
        ),
        ExpectedFormat::Listen => word(
            lang,
            "an IPv4 address such as 0.0.0.0 or 10.0.0.11, after HOST= if it is one machine's",
            "IPv4 地址，如 0.0.0.0、10.0.0.11；只用于一台机器时写成 HOST=地址",
        ),
        ExpectedFormat::OwnAddress => super::listen::own_address(lang),
        ExpectedFormat::Seconds => word(
            lang,
            "seconds above zero, such as 2 or 0.5",
            "大于零的秒数，如 2 或 0.5",
        ),
        ExpectedFormat::Address => word(
            lang,
            "an address with a port, such as 127.0.0.1:9838, or a port of this machine alone",
            "带端口的地址，如 127.0.0.1:9838；只写端口则仅本机可访问",
        ),
        ExpectedFormat::Apart => word(
            lang,
            "gpu, host, or at least two of the models, such as llama3:8b,qwen3:8b or host:llama3:8b,qwen3:8b",
            "gpu、host，或至少两个模型，如 llama3:8b,qwen3:8b、host:llama3:8b,qwen3:8b",
        ),
        ExpectedFormat::Port => word(
            lang,
            "a port from 1 to 65535 that leaves room for all services after it",
            "端口（1 到 65535），且其后的端口要够各服务依次使用",
        ),
        ExpectedFormat::GpuSpec => word(
            lang,
            "hardware such as 'RTX 3090', 'RTX 3090 x2' or '2x3090+4060'",
            "显卡型号，如 'RTX 3090'、'RTX 3090 x2' 或 '2x3090+4060'",
        ),
    }
}

/// What the system says most often.
const SYSTEM_ZH: [(&str, &str); 7] = [
    ("not a regular file", "不是普通文件"),
    ("is a symbolic link", "是符号链接"),
    ("not UTF-8 text", "不是 UTF-8 文本"),
    ("No such file or directory", "没有这个文件或目录"),
    ("Permission denied", "没有权限"),
    ("Is a directory", "这是目录，不是文件"),
    ("Connection refused", "连接被拒绝"),
];

/// What the system says, in Chinese; what it says seldom stays in its own words.
pub(super) fn system_zh(reason: &str) -> &str {
    let said = SYSTEM_ZH.iter().find(|(en, _)| reason.starts_with(en));
    said.map_or(reason, |(_, zh)| zh)
}
