//! The wizard's words: what it asks, what an answer decides, and what it offers at the end.

use super::en::English;
use super::zh::Chinese;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The guide's first question: the task.
    Task,
    /// Its second: the memory.
    Memory,
    /// Its third: speed, quality or between.
    Priority,
    /// Its fourth: the context.
    Context,
    /// A GPU by name, or an amount of memory.
    Gpu,
    /// A number of tokens.
    Tokens,
    /// What to do with the answer.
    Next,
    /// The folder to write to.
    Folder,
    /// Whether to write over a file.
    Overwrite,
    /// Which files to show.
    Files,
}

/// What is offered with the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// A Modelfile.
    Modelfile,
    /// The files that start it.
    Files,
    /// Its commands.
    Commands,
    /// Its memory, line by line.
    Explanation,
    /// Where it would be served, as a plan.
    Plan,
    /// Its download by the Ollama that is running.
    Pull,
    /// The end.
    Nothing,
}

impl Offered {
    /// In the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Modelfile,
        Self::Files,
        Self::Commands,
        Self::Explanation,
        Self::Plan,
        Self::Pull,
        Self::Nothing,
    ];
}

/// Words that stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WizardWord {
    /// Beside the answer that Enter takes.
    Default,
    /// In place of an answer, where Esc went back.
    Back,
    /// In place of an answer, where Esc left.
    Left,
    /// The choice of a GPU by name.
    OtherGpu,
    /// The choice of a number of tokens.
    OtherContext,
    /// Beside a length that is set in the environment or the configuration.
    Set,
    /// No GPU but the processor.
    Processor,
    /// Above the same question as a command.
    SameAsCommand,
    /// Above the command that writes what was shown.
    ToWriteThem,
    /// Not to write over a file.
    Keep,
    /// To write over it.
    Overwrite,
}

/// Remarks with their values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Remark<'a> {
    /// The GPUs that were found.
    Here {
        /// Their names.
        gpus: &'a str,
    },
    /// What of their memory is free.
    Free {
        /// On the fullest.
        least: &'a str,
        /// On the emptiest.
        most: &'a str,
    },
    /// Host memory.
    HostMemory {
        /// What of it is available.
        available: &'a str,
    },
    /// The memory that a class of the guide is taken for.
    TakenAs {
        /// As people write it.
        memory: &'a str,
    },
    /// The context that an answer is estimated for.
    Tokens {
        /// As people write it.
        tokens: &'a str,
    },
    /// What the guide says of an answer.
    Guide {
        /// In its words.
        advice: &'a str,
    },
    /// What the guide names for a task on one card and on two.
    Cards {
        /// On one.
        one: &'a str,
        /// On two.
        two: &'a str,
    },
    /// What the guide names for a task where speed counts and where quality does.
    Ends {
        /// For speed.
        fast: &'a str,
        /// For quality.
        good: &'a str,
    },
    /// A file is there already.
    Exists {
        /// Its path.
        path: &'a str,
    },
}

/// The wizard's words in one language.
pub trait WizardText {
    /// A question.
    fn ask(&self, ask: Ask) -> &'static str;
    /// What its answer decides, or the form that is taken.
    fn decides(&self, ask: Ask) -> &'static str;
    /// Which keys do what; at the first question there is no way back but out.
    fn keys(&self, first: bool, unicode: bool) -> &'static str;
    /// The same for an answer that is typed.
    fn keys_of_line(&self) -> &'static str;
    /// Something that is offered.
    fn offered(&self, offered: Offered) -> &'static str;
    /// What files of a kind do, by the word that is typed for them.
    fn files_of(&self, kind: &str) -> &'static str;
    /// A word.
    fn wizard(&self, word: WizardWord) -> &'static str;
    /// A remark.
    fn remark(&self, remark: Remark<'_>) -> String;
}

impl WizardText for English {
    fn ask(&self, ask: Ask) -> &'static str {
        match ask {
            Ask::Task => "What is the model mainly for?",
            Ask::Memory => "How much GPU memory is there?",
            Ask::Priority => "What counts most?",
            Ask::Context => "Is a long context needed?",
            Ask::Gpu => "Which GPU, or how much memory?",
            Ask::Tokens => "How long a context, in tokens?",
            Ask::Next => "What next?",
            Ask::Folder => "Into which folder?",
            Ask::Overwrite => "Overwrite it?",
            Ask::Files => "Which files?",
        }
    }

    fn decides(&self, ask: Ask) -> &'static str {
        match ask {
            Ask::Task => "Decides which benchmarks rank the models.",
            Ask::Memory => "Decides which models fit.",
            Ask::Priority => "Decides between larger models and faster ones.",
            Ask::Context => "Decides which models qualify and the cache size.",
            Ask::Gpu => "RTX 3090 x2, 2x3090+4060, 24 or 24x2; Tab completes.",
            Ask::Tokens => "Such as 8192, 8k or 128k.",
            Ask::Folder => "It is created if it does not exist.",
            Ask::Next | Ask::Overwrite | Ask::Files => "",
        }
    }

    fn keys(&self, first: bool, unicode: bool) -> &'static str {
        match (first, unicode) {
            (true, true) => "↑↓, Enter; Esc leaves",
            (false, true) => "↑↓, Enter; Esc goes back",
            (true, false) => "Arrows, Enter; Esc leaves",
            (false, false) => "Arrows, Enter; Esc goes back",
        }
    }

    fn keys_of_line(&self) -> &'static str {
        "Enter; Esc goes back"
    }

    fn offered(&self, offered: Offered) -> &'static str {
        match offered {
            Offered::Modelfile => "Write a Modelfile",
            Offered::Files => "Show the scripts and other files that start it",
            Offered::Commands => "Show the commands",
            Offered::Explanation => "Explain it line by line",
            Offered::Plan => "Show the plan that serves it",
            Offered::Pull => "Pull it now",
            Offered::Nothing => "Done",
        }
    }

    fn files_of(&self, kind: &str) -> &'static str {
        match kind {
            "shell" => "scripts: start, preload, status, stop",
            "modelfile" => "a Modelfile",
            "systemd" => "units that start with the machine",
            "compose" => "containers for Docker Compose",
            "nginx" => "a gateway for several servers",
            "litellm" => "a gateway with OpenAI's API",
            "k8s" => "Kubernetes manifests",
            _ => "",
        }
    }

    fn wizard(&self, word: WizardWord) -> &'static str {
        match word {
            WizardWord::Default => "(default)",
            WizardWord::Back => "<back>",
            WizardWord::Left => "<left>",
            WizardWord::OtherGpu => "Another GPU, or a number of GiB",
            WizardWord::OtherContext => "Other length",
            WizardWord::Set => "as set on this machine",
            WizardWord::Processor => "No GPU: use the CPU",
            WizardWord::SameAsCommand => "The same as a command:",
            WizardWord::ToWriteThem => "To write them to this folder:",
            WizardWord::Keep => "No, keep it",
            WizardWord::Overwrite => "Yes, overwrite it",
        }
    }

    fn remark(&self, remark: Remark<'_>) -> String {
        match remark {
            Remark::Here { gpus } => format!("Here: {gpus}"),
            Remark::Free { least, most } if least == most => format!("{least} free"),
            Remark::Free { least, most } => format!("{least} to {most} free"),
            Remark::HostMemory { available } => format!("{available} of memory available"),
            Remark::TakenAs { memory } => format!("counted as {memory}"),
            Remark::Tokens { tokens } => format!("counted as {tokens}"),
            Remark::Guide { advice } => format!("guide: {advice}"),
            Remark::Cards { one, two } => format!("{one} (one card), {two} (two)"),
            Remark::Ends { fast, good } => format!("{fast} (fast), {good} (quality)"),
            Remark::Exists { path } => format!("{path} already exists. Overwrite it?"),
        }
    }
}

impl WizardText for Chinese {
    fn ask(&self, ask: Ask) -> &'static str {
        match ask {
            Ask::Task => "主要用模型做什么？",
            Ask::Memory => "有多少显存？",
            Ask::Priority => "更看重什么？",
            Ask::Context => "是否需要长上下文？",
            Ask::Gpu => "什么显卡，或者多大显存？",
            Ask::Tokens => "需要多长的上下文（词元）？",
            Ask::Next => "接下来做什么？",
            Ask::Folder => "写入哪个目录？",
            Ask::Overwrite => "要覆盖吗？",
            Ask::Files => "看哪一种文件？",
        }
    }

    fn decides(&self, ask: Ask) -> &'static str {
        match ask {
            Ask::Task => "决定按哪类评测排名。",
            Ask::Memory => "决定哪些模型放得下。",
            Ask::Priority => "决定偏向更大的模型还是更快的模型。",
            Ask::Context => "决定哪些模型能胜任、KV 缓存占多少。",
            Ask::Gpu => "如 RTX 3090 x2、2x3090+4060、24、24x2；Tab 补全。",
            Ask::Tokens => "如 8192、8k、128k。",
            Ask::Folder => "目录不存在时会新建。",
            Ask::Next | Ask::Overwrite | Ask::Files => "",
        }
    }

    fn keys(&self, first: bool, unicode: bool) -> &'static str {
        match (first, unicode) {
            (true, true) => "↑↓ 选择，回车确定，Esc 退出",
            (false, true) => "↑↓ 选择，回车确定，Esc 返回上一步",
            (true, false) => "方向键选择，回车确定，Esc 退出",
            (false, false) => "方向键选择，回车确定，Esc 返回上一步",
        }
    }

    fn keys_of_line(&self) -> &'static str {
        "回车确定，Esc 返回上一步"
    }

    fn offered(&self, offered: Offered) -> &'static str {
        match offered {
            Offered::Modelfile => "生成 Modelfile",
            Offered::Files => "查看启动脚本等部署文件",
            Offered::Commands => "查看运行命令",
            Offered::Explanation => "逐项解释显存占用",
            Offered::Plan => "查看部署方案",
            Offered::Pull => "现在就下载",
            Offered::Nothing => "完成",
        }
    }

    fn files_of(&self, kind: &str) -> &'static str {
        match kind {
            "shell" => "启动、预加载、查看状态、停止的脚本",
            "modelfile" => "Modelfile",
            "systemd" => "随系统启动的服务单元",
            "compose" => "Docker Compose 容器",
            "nginx" => "多个服务共用的网关",
            "litellm" => "兼容 OpenAI 接口的网关",
            "k8s" => "Kubernetes 清单",
            _ => "",
        }
    }

    fn wizard(&self, word: WizardWord) -> &'static str {
        match word {
            WizardWord::Default => "（默认）",
            WizardWord::Back => "（返回）",
            WizardWord::Left => "（退出）",
            WizardWord::OtherGpu => "其他显卡型号或显存大小",
            WizardWord::OtherContext => "其他长度",
            WizardWord::Set => "本机的设置",
            WizardWord::Processor => "没有显卡，用 CPU 运行",
            WizardWord::SameAsCommand => "不经提问的等价命令：",
            WizardWord::ToWriteThem => "写入当前目录的命令：",
            WizardWord::Keep => "不，保留原文件",
            WizardWord::Overwrite => "是，覆盖",
        }
    }

    fn remark(&self, remark: Remark<'_>) -> String {
        match remark {
            Remark::Here { gpus } => format!("本机：{gpus}"),
            Remark::Free { least, most } if least == most => format!("空闲 {least}"),
            Remark::Free { least, most } => format!("各卡空闲 {least} 至 {most}"),
            Remark::HostMemory { available } => format!("可用内存 {available}"),
            Remark::TakenAs { memory } => format!("按 {memory} 计算"),
            Remark::Tokens { tokens } => format!("按 {tokens} 计算"),
            Remark::Guide { advice } => format!("指南：{advice}"),
            Remark::Cards { one, two } => format!("{one}（单卡）、{two}（双卡）"),
            Remark::Ends { fast, good } => format!("{fast}（快）、{good}（质量）"),
            Remark::Exists { path } => format!("{path} 已存在，要覆盖吗？"),
        }
    }
}
