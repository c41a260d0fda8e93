//! What went wrong, in both languages: what, where, and what to do.

use super::en::English;
use super::zh::Chinese;
use crate::error::{Defect, Error, Fault, Form, MOST_DEFECTS, NotEstimated};
use crate::lang::Lang;
use crate::sanitize::sanitize;

/// What went wrong.
pub trait FailureText {
    /// What went wrong, in full: what, where, what to do.
    fn error(&self, error: &Error) -> String;
    /// A defect of a data file.
    fn defect(&self, defect: &Defect) -> String;
}

impl FailureText for English {
    fn error(&self, error: &Error) -> String {
        let meant = match error.candidates() {
            [] => String::new(),
            [one] => format!(" Did you mean {one}?"),
            [first @ .., last] => format!(" Did you mean {} or {last}?", first.join(", ")),
        };
        match error {
            Error::UnknownTag { tag, .. } => format!(
                "No model has the tag '{tag}'.{meant} 'vramfit models' lists all tags; the path of a .gguf file works too."
            ),
            Error::NotEstimated { tag, why, .. } => {
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
                            "The model or the quantization of '{tag}' is not in the catalog.{meant} Once the file is downloaded, 'vramfit explain FILE.gguf' answers exactly and 'vramfit catalog import' adds it."
                        );
                    }
                };
                format!("'{tag}' exists, but cannot be estimated: {why}{meant}")
            }
            Error::UnknownGpu { name, .. } => format!(
                "No GPU is called '{name}'.{meant} For any other card, give its memory: --vram 24."
            ),
            Error::UnknownFamily { family, .. } => {
                format!("No family is called '{family}'.{meant}")
            }
            Error::BadValue {
                argument,
                value,
                form,
            } => format!("{argument}: '{value}' is not {}.", form_en(*form)),
            Error::UnknownChoice {
                argument,
                value,
                choices,
                ..
            } => {
                format!(
                    "{argument}: '{value}' is not one of: {}.{meant}",
                    choices.join(", ")
                )
            }
            Error::UnknownArgument { argument, .. } => {
                format!("There is no command or option '{argument}'.{meant} See 'vramfit --help'.")
            }
            Error::MissingArgument { argument } => {
                format!("{argument} is missing; --help shows how it is used.")
            }
            Error::Conflict { argument, other } if argument == other => {
                format!("{argument} can be given only once.")
            }
            Error::Conflict { argument, other } => {
                format!("{argument} and {other} cannot be used together.")
            }
            Error::Usage(detail) => detail.clone(),
            Error::Artifact { fault, value } => {
                crate::messages::artifact::fault(Lang::En, *fault, value)
            }
            Error::Import(fault) => crate::messages::import::fault(Lang::En, fault),
            Error::Ollama(error) => super::ollama::fault(Lang::En, error),
            Error::File { path, reason } => format!("{}: {reason}.", path.display()),
            Error::TooLarge { path, limit } => {
                crate::messages::file::too_large(Lang::En, path, *limit)
            }
            Error::Exists { path } => {
                format!("{} already exists; --force overwrites it.", path.display())
            }
            Error::NotChecked { path } => format!(
                "{} is not a kind of file that doctor checks. It checks shell scripts and profiles, files of variables, systemd units, Modelfiles, nginx configurations, YAML of compose, Kubernetes and LiteLLM, and Markdown with any of them.",
                path.display()
            ),
            Error::Defects(defects) => {
                let told = defects.iter().take(MOST_DEFECTS);
                let lines: Vec<String> = told.map(|defect| self.defect(defect)).collect();
                let many = if defects.len() == 1 { "" } else { "s" };
                format!(
                    "The data has {}{} defect{many}; none of it was used.\n{}",
                    if defects.len() < MOST_DEFECTS {
                        ""
                    } else {
                        "at least "
                    },
                    lines.len(),
                    lines.join("\n")
                )
            }
            Error::Gguf { path, code, detail } => match unread(detail) {
                Some(reason) => format!("{}: {reason}.", path.display()),
                None => format!("Not a usable GGUF file ({code}): {detail}."),
            },
            Error::Hardware { detail, .. } => detail.clone(),
            Error::NotATerminal => {
                "The wizard needs a terminal. In a script, use 'vramfit recommend'.".into()
            }
            Error::Left => "The wizard was cancelled.".into(),
            Error::Damaged { part } => {
                format!(
                    "This copy of vramfit is damaged (its {part} cannot be read); install it again."
                )
            }
        }
    }

    fn defect(&self, defect: &Defect) -> String {
        let what = match &defect.fault {
            Fault::Syntax(detail) => detail.trim().to_owned(),
            Fault::UnknownTable(name) => format!("there is no table '{name}' here"),
            Fault::NotTables => "an array of [[tables]] is expected here".into(),
            Fault::Duplicate(name) => format!("'{name}' appears twice"),
            Fault::UnknownArchitecture(name) => format!("no [[architecture]] is called '{name}'"),
            Fault::UnknownReplacement(tag) => format!("replaced_by: no model has the tag '{tag}'"),
            Fault::NoSource => "numbers need a source".into(),
            Fault::NoVariant => "a published model needs at least one [[model.variant]]".into(),
            Fault::Implausible(key) => format!("{key}: this number cannot be right"),
            Fault::Missing(key) => format!("{key} is missing"),
            Fault::ListLength(key) => format!("{key}: a list needs one number per layer"),
            Fault::BadSize(text) => format!("'{text}' is not a size such as \"24GiB\""),
            Fault::BadDate(text) => format!("'{text}' is not a date such as \"2025-07\""),
            Fault::BadComputeCapability(text) => {
                format!("'{text}' is not a compute capability such as \"8.6\"")
            }
            Fault::Fleet(fault) => crate::messages::fleet::fault(Lang::En, fault),
        };
        sanitize(&format!("{}:{}: {what}", defect.file, defect.line)).into_owned()
    }
}

impl FailureText for Chinese {
    fn error(&self, error: &Error) -> String {
        let meant = match error.candidates() {
            [] => String::new(),
            candidates => format!("是不是想用 {}？", candidates.join("、")),
        };
        match error {
            Error::UnknownTag { tag, .. } => format!(
                "没有标签为“{tag}”的模型。{meant}用 vramfit models 查看全部标签，也可以直接给 .gguf 文件。"
            ),
            Error::NotEstimated { tag, why, .. } => {
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
                            "目录中没有“{tag}”所指的模型或量化。{meant}下载文件之后，用 vramfit explain FILE.gguf 可以精确估算，用 vramfit catalog import 可以加入目录。"
                        );
                    }
                };
                format!("“{tag}”存在，但无法估算：{why}{meant}")
            }
            Error::UnknownGpu { name, .. } => {
                format!("没有名为“{name}”的显卡。{meant}目录之外的显卡请直接给显存：--vram 24。")
            }
            Error::UnknownFamily { family, .. } => format!("没有名为“{family}”的系列。{meant}"),
            Error::BadValue {
                argument,
                value,
                form,
            } => format!("{argument}：“{value}”无效，应为{}。", form_zh(*form)),
            Error::UnknownChoice {
                argument,
                value,
                choices,
                ..
            } => {
                format!(
                    "{argument}：“{value}”无效，可选：{}。{meant}",
                    choices.join("、")
                )
            }
            Error::UnknownArgument { argument, .. } => {
                format!("没有“{argument}”这个命令或选项。{meant}用 vramfit --help 查看用法。")
            }
            Error::MissingArgument { argument } => {
                format!("缺少 {argument}，用 --help 查看用法。")
            }
            Error::Conflict { argument, other } if argument == other => {
                format!("{argument} 只能给一次。")
            }
            Error::Conflict { argument, other } => format!("{argument} 与 {other} 不能同时使用。"),
            Error::Usage(detail) => detail.clone(),
            Error::Artifact { fault, value } => {
                crate::messages::artifact::fault(Lang::Zh, *fault, value)
            }
            Error::Import(fault) => crate::messages::import::fault(Lang::Zh, fault),
            Error::Ollama(error) => super::ollama::fault(Lang::Zh, error),
            Error::File { path, reason } => format!("{}：{}。", path.display(), system_zh(reason)),
            Error::TooLarge { path, limit } => {
                crate::messages::file::too_large(Lang::Zh, path, *limit)
            }
            Error::Exists { path } => format!("{} 已存在；加 --force 才会覆盖。", path.display()),
            Error::NotChecked { path } => format!(
                "doctor 不检查 {} 这类文件。它检查 Shell 脚本和 Shell 启动文件、环境变量文件、systemd 单元、Modelfile、nginx 配置、compose、Kubernetes 与 LiteLLM 的 YAML，以及包含这些内容的 Markdown。",
                path.display()
            ),
            Error::Defects(defects) => {
                let told = defects.iter().take(MOST_DEFECTS);
                let lines: Vec<String> = told.map(|defect| self.defect(defect)).collect();
                format!(
                    "数据中有{} {} 处错误，全部未采用。\n{}",
                    if defects.len() < MOST_DEFECTS {
                        ""
                    } else {
                        "至少"
                    },
                    lines.len(),
                    lines.join("\n")
                )
            }
            Error::Gguf { path, code, detail } => match unread(detail) {
                Some(reason) => format!("{}：{}。", path.display(), system_zh(reason)),
                None => format!("不是可用的 GGUF 文件（{code}）：{detail}。"),
            },
            Error::Hardware { detail, .. } => detail.clone(),
            Error::NotATerminal => "向导需要终端。在脚本中请用 vramfit recommend。".into(),
            Error::Left => "已退出向导。".into(),
            Error::Damaged { part } => {
                format!("这份 vramfit 已损坏（读不出内置数据 {part}），请重新安装。")
            }
        }
    }

    fn defect(&self, defect: &Defect) -> String {
        let what = match &defect.fault {
            Fault::Syntax(detail) => detail.trim().to_owned(),
            Fault::UnknownTable(name) => format!("这里没有名为“{name}”的表"),
            Fault::NotTables => "这里应当是 [[表数组]]".into(),
            Fault::Duplicate(name) => format!("“{name}”重复了"),
            Fault::UnknownArchitecture(name) => format!("没有名为“{name}”的 [[architecture]]"),
            Fault::UnknownReplacement(tag) => format!("replaced_by：没有标签为“{tag}”的模型"),
            Fault::NoSource => "数字须注明 source".into(),
            Fault::NoVariant => "已发布的模型至少要有一个 [[model.variant]]".into(),
            Fault::Implausible(key) => format!("{key}：这个数字不可能对"),
            Fault::Missing(key) => format!("缺少 {key}"),
            Fault::ListLength(key) => format!("{key}：列表中每层要有一个数"),
            Fault::BadSize(text) => format!("“{text}”不是大小，应如 \"24GiB\""),
            Fault::BadDate(text) => format!("“{text}”不是日期，应如 \"2025-07\""),
            Fault::BadComputeCapability(text) => format!("“{text}”不是计算能力，应如 \"8.6\""),
            Fault::Fleet(fault) => crate::messages::fleet::fault(Lang::Zh, fault),
        };
        sanitize(&format!("{}:{}：{what}", defect.file, defect.line)).into_owned()
    }
}

/// Why a GGUF file could not be read at all, as the system says it; its reader's words begin with the path.
fn unread(detail: &str) -> Option<&str> {
    let (_, reason) = detail.rsplit_once("cannot be read: ")?;
    Some(reason)
}

/// What the system says most often.
const SYSTEM_ZH: [(&str, &str); 6] = [
    ("not a regular file", "不是普通文件"),
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

fn form_en(form: Form) -> &'static str {
    match form {
        Form::Size => "a size above zero, such as 24, 24GiB or 512MiB",
        Form::Vram => {
            "an amount of memory above zero and up to 16 TiB a GPU, such as 24, 24x2, 5.5 or 8GiB"
        }
        Form::Context => "a context length from 1 to 16777216, such as 8192, 8k or 128k",
        Form::Parallel => "a whole number from 1 to 256",
        Form::Bandwidth => "GB/s such as 89.6, or modules such as DDR5-5600 or DDR4-3200x8",
        Form::Batch => "a whole number from 1 to 65536",
        Form::Count => "a whole number of at least 1",
        Form::Version => "a version such as 0.33.0",
        Form::Plan => "a plan as 'vramfit plan --json' writes it",
        Form::Demand => {
            "a demand such as llama3:70b, qwen3:30b*2@16k or codellama:34b:pin=0,1, with :apart=, :priority= or :must after it"
        }
        Form::Listen => {
            "an IPv4 address such as 0.0.0.0 or 10.0.0.11, after HOST= if it is one machine's"
        }
        Form::Services => "a plan that can be made: at most 2000 services, of at most 1000 demands",
        Form::Apart => {
            "gpu, host, or at least two of the models, such as llama3:8b,qwen3:8b or host:llama3:8b,qwen3:8b"
        }
        Form::Port => "a port from 1 to 65535 that leaves room for all services after it",
        Form::GpuSpec => "hardware such as 'RTX 3090', 'RTX 3090 x2' or '2x3090+4060'",
    }
}

fn form_zh(form: Form) -> &'static str {
    match form {
        Form::Size => "大于零的大小，如 24、24GiB 或 512MiB",
        Form::Vram => "大于零、每张卡不超过 16 TiB 的显存，如 24、24x2、5.5 或 8GiB",
        Form::Context => "上下文长度（1 到 16777216），如 8192、8k 或 128k",
        Form::Parallel => "整数（1 到 256）",
        Form::Bandwidth => "GB/s 数值如 89.6，或内存规格如 DDR5-5600、DDR4-3200x8",
        Form::Batch => "整数（1 到 65536）",
        Form::Count => "大于零的整数",
        Form::Version => "版本号，如 0.33.0",
        Form::Plan => "vramfit plan --json 写出的方案",
        Form::Demand => {
            "“标签*副本数@上下文:pin=显卡”的形式，如 llama3:70b、qwen3:30b*2@16k 或 codellama:34b:pin=0,1，后面还可以加 :apart=、:priority=、:must"
        }
        Form::Listen => "IPv4 地址，如 0.0.0.0、10.0.0.11；只用于一台机器时写成 HOST=地址",
        Form::Services => "可规划的数量：最多 1000 项需求、2000 个服务",
        Form::Apart => "gpu、host，或至少两个模型，如 llama3:8b,qwen3:8b、host:llama3:8b,qwen3:8b",
        Form::Port => "端口（1 到 65535），且其后的端口要够各服务依次使用",
        Form::GpuSpec => "显卡型号，如 'RTX 3090'、'RTX 3090 x2' 或 '2x3090+4060'",
    }
}
