//! What went wrong, in both languages: what, where, and what to do.

use super::HardwareText;
use super::en::English;
use super::zh::Chinese;
use crate::error::{Defect, Error, Fault, Form};
use crate::lang::Lang;

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
                "No model has the tag '{tag}'.{meant} 'vramfit models' lists them; a .gguf file is taken, too."
            ),
            Error::UnknownGpu { name, .. } => format!(
                "No GPU is called '{name}'.{meant} For any other card give its memory: --vram 24."
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
                    "{argument}: '{value}' is none of {}.{meant}",
                    choices.join(", ")
                )
            }
            Error::UnknownArgument { argument, .. } => {
                format!("There is no '{argument}'.{meant} 'vramfit --help' shows what there is.")
            }
            Error::MissingArgument { argument } => format!("{argument} is missing."),
            Error::Conflict { argument, other } => {
                format!("{argument} and {other} exclude each other.")
            }
            Error::Usage(detail) => detail.clone(),
            Error::Artifact { fault, value } => super::artifact::fault(Lang::En, *fault, value),
            Error::Import(fault) => super::catalog::fault(Lang::En, fault),
            Error::Ollama(error) => super::ollama::fault(Lang::En, error),
            Error::File { path, reason } => format!("{}: {reason}.", path.display()),
            Error::Exists { path } => format!(
                "{} is there already; --force overwrites it.",
                path.display()
            ),
            Error::Defects(defects) => {
                let lines: Vec<String> = defects.iter().map(|defect| self.defect(defect)).collect();
                format!(
                    "The data has {} defect{}; nothing of it was used.\n{}",
                    defects.len(),
                    if defects.len() == 1 { "" } else { "s" },
                    lines.join("\n")
                )
            }
            Error::Gguf { path, code, detail } => format!(
                "{}: not a GGUF file that can be used ({code}): {detail}.",
                path.display()
            ),
            Error::Hardware { detail, .. } => detail.clone(),
            Error::NotATerminal => {
                "The wizard needs a terminal. In a script use 'vramfit recommend'.".into()
            }
            Error::Left => "The wizard was left.".into(),
        }
    }

    fn defect(&self, defect: &Defect) -> String {
        let what = match &defect.fault {
            Fault::Syntax(detail) => detail.trim().to_owned(),
            Fault::UnknownTable(name) => format!("a table '{name}' means nothing here"),
            Fault::NotTables => "[[tables]] are expected here".into(),
            Fault::Duplicate(name) => format!("'{name}' is there already"),
            Fault::UnknownArchitecture(name) => format!("no [[architecture]] is called '{name}'"),
            Fault::UnknownReplacement(tag) => format!("replaced_by: no model has the tag '{tag}'"),
            Fault::NoSource => "numbers need a source".into(),
            Fault::NoVariant => "a published model needs at least one [[model.variant]]".into(),
            Fault::Implausible(key) => format!("{key}: this number cannot be right"),
            Fault::Missing(key) => format!("{key} is missing"),
            Fault::ListLength(key) => format!("{key}: a list needs one number a block"),
            Fault::BadSize(text) => format!("'{text}' is no size; like \"24GiB\""),
            Fault::BadDate(text) => format!("'{text}' is no date; like \"2025-07\""),
            Fault::BadComputeCapability(text) => {
                format!("'{text}' is no compute capability; like \"8.6\"")
            }
            Fault::Fleet(fault) => self.fleet_fault(fault),
        };
        format!("{}:{}: {what}", defect.file, defect.line)
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
                "没有标签为“{tag}”的模型。{meant}用 vramfit models 查看全部，也可以直接给 .gguf 文件。"
            ),
            Error::UnknownGpu { name, .. } => {
                format!("没有叫“{name}”的显卡。{meant}其他显卡请直接给显存：--vram 24。")
            }
            Error::UnknownFamily { family, .. } => format!("没有叫“{family}”的系列。{meant}"),
            Error::BadValue {
                argument,
                value,
                form,
            } => format!("{argument}：“{value}”不对，应为{}。", form_zh(*form)),
            Error::UnknownChoice {
                argument,
                value,
                choices,
                ..
            } => {
                format!(
                    "{argument}：“{value}”不在可选值 {} 之中。{meant}",
                    choices.join("、")
                )
            }
            Error::UnknownArgument { argument, .. } => {
                format!("没有“{argument}”。{meant}用 vramfit --help 查看用法。")
            }
            Error::MissingArgument { argument } => format!("缺少 {argument}。"),
            Error::Conflict { argument, other } => format!("{argument} 与 {other} 不能同时使用。"),
            Error::Usage(detail) => detail.clone(),
            Error::Artifact { fault, value } => super::artifact::fault(Lang::Zh, *fault, value),
            Error::Import(fault) => super::catalog::fault(Lang::Zh, fault),
            Error::Ollama(error) => super::ollama::fault(Lang::Zh, error),
            Error::File { path, reason } => format!("{}：{reason}。", path.display()),
            Error::Exists { path } => format!("{} 已存在；加 --force 才会覆盖。", path.display()),
            Error::Defects(defects) => {
                let lines: Vec<String> = defects.iter().map(|defect| self.defect(defect)).collect();
                format!(
                    "数据有 {} 处错误，全部未采用。\n{}",
                    defects.len(),
                    lines.join("\n")
                )
            }
            Error::Gguf { path, code, detail } => format!(
                "{}：不是可用的 GGUF 文件（{code}）：{detail}。",
                path.display()
            ),
            Error::Hardware { detail, .. } => detail.clone(),
            Error::NotATerminal => "向导需要终端。在脚本中请用 vramfit recommend。".into(),
            Error::Left => "已退出向导。".into(),
        }
    }

    fn defect(&self, defect: &Defect) -> String {
        let what = match &defect.fault {
            Fault::Syntax(detail) => detail.trim().to_owned(),
            Fault::UnknownTable(name) => format!("这里不认识表“{name}”"),
            Fault::NotTables => "这里应当是 [[表数组]]".into(),
            Fault::Duplicate(name) => format!("“{name}”重复了"),
            Fault::UnknownArchitecture(name) => format!("没有名为“{name}”的 [[architecture]]"),
            Fault::UnknownReplacement(tag) => format!("replaced_by：没有标签为“{tag}”的模型"),
            Fault::NoSource => "数字须注明 source".into(),
            Fault::NoVariant => "已发布的模型至少要有一个 [[model.variant]]".into(),
            Fault::Implausible(key) => format!("{key}：这个数字不可能对"),
            Fault::Missing(key) => format!("缺少 {key}"),
            Fault::ListLength(key) => format!("{key}：列表应当每层一个数"),
            Fault::BadSize(text) => format!("“{text}”不是大小，应如 \"24GiB\""),
            Fault::BadDate(text) => format!("“{text}”不是日期，应如 \"2025-07\""),
            Fault::BadComputeCapability(text) => format!("“{text}”不是计算能力，应如 \"8.6\""),
            Fault::Fleet(fault) => self.fleet_fault(fault),
        };
        format!("{}:{}：{what}", defect.file, defect.line)
    }
}

fn form_en(form: Form) -> &'static str {
    match form {
        Form::Size => "a size like 24, 24GiB or 512MiB, above zero",
        Form::Vram => "an amount of memory like 24, 24x2, 5.5 or 8GiB, above zero",
        Form::Context => "a context from 1 to 16777216 tokens, like 8192, 8k or 128k",
        Form::Parallel => "a whole number from 1 to 256",
        Form::Batch => "a whole number from 1 to 65536",
        Form::Count => "a whole number from 1 on",
        Form::Version => "a version like 0.33.0",
        Form::Demand => "a demand like llama3:70b, qwen3:30b*2@16k or codellama:34b:pin=0,1",
        Form::Port => "a port from 1 to 65535 with room for every service after it",
        Form::GpuSpec => "hardware like 'RTX 3090', 'RTX 3090 x2' or '2x3090+4060'",
    }
}

fn form_zh(form: Form) -> &'static str {
    match form {
        Form::Size => "大于零的大小，如 24、24GiB 或 512MiB",
        Form::Vram => "大于零的显存，如 24、24x2、5.5 或 8GiB",
        Form::Context => "1 到 16777216 之间的上下文长度，如 8192、8k 或 128k",
        Form::Parallel => "1 到 256 之间的整数",
        Form::Batch => "1 到 65536 之间的整数",
        Form::Count => "从 1 起的整数",
        Form::Version => "版本号，如 0.33.0",
        Form::Demand => "如 llama3:70b、qwen3:30b*2@16k 或 codellama:34b:pin=0,1 的需求",
        Form::Port => "1 到 65535 之间的端口，且后面要够各服务依次使用",
        Form::GpuSpec => "如 'RTX 3090'、'RTX 3090 x2' 或 '2x3090+4060' 的硬件",
    }
}
