//! The words of `monitor` and `mcp`, in both languages.

use super::en::English;
use super::tokens;
use super::zh::Chinese;
use crate::report::{Health, MonitoredService};

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        /// Words that stand alone.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum MonitorWord { $($name),* }

        fn en(word: MonitorWord) -> &'static str {
            match word { $(MonitorWord::$name => $en),* }
        }

        fn zh(word: MonitorWord) -> &'static str {
            match word { $(MonitorWord::$name => $zh),* }
        }
    };
}

words! {
    Quit: "quit", "退出";
    Pause: "pause", "暂停";
    Paused: "paused", "已暂停";
    ByMemory: "by memory", "按显存排序";
    ByUtilization: "by utilization", "按利用率排序";
    ByPid: "by pid", "按进程号排序";
    Scroll: "scroll", "滚动";
    Utilization: "Busy", "利用率";
    Temperature: "Temp", "温度";
    Power: "Power", "功耗";
    Pid: "PID", "进程号";
    Program: "Program", "程序";
    LoadedModels: "Loaded models", "已加载的模型";
    NoModel: "none", "无";
    OnGpu: "On GPU", "显卡占比";
    Unloads: "Unloads", "卸载时间";
    Services: "Services of the plan", "方案中的服务";
    Port: "Port", "端口";
    Health: "State", "状态";
}

/// What `monitor` and `mcp` say.
pub trait MonitorText {
    /// A word.
    fn monitor(&self, word: MonitorWord) -> &'static str;
    /// No Ollama answers at an address, or not with its models; `fault` is the code of what is wrong.
    fn no_server(&self, address: &str, fault: &str) -> String;
    /// When a model is unloaded, in so many seconds; `None` for never.
    fn unloads(&self, seconds: Option<u64>) -> String;
    /// How a service of a plan is.
    fn health(&self, service: &MonitoredService) -> String;
    /// What a client of the tools should know before it calls one.
    fn mcp_instructions(&self) -> &'static str;
}

impl MonitorText for English {
    fn monitor(&self, word: MonitorWord) -> &'static str {
        en(word)
    }

    fn no_server(&self, address: &str, fault: &str) -> String {
        match fault {
            "ollama-absent" => format!("no Ollama answers at {address}"),
            "ollama-slow" => format!("Ollama at {address} does not answer in time"),
            fault => format!("Ollama at {address} answers with an error ({fault})"),
        }
    }

    fn unloads(&self, seconds: Option<u64>) -> String {
        match seconds {
            None => "never".into(),
            Some(seconds @ 0..60) => format!("in {seconds} s"),
            Some(seconds @ 60..7200) => format!("in {} min", seconds / 60),
            Some(seconds) => format!("in {} h", seconds / 3600),
        }
    }

    fn health(&self, service: &MonitoredService) -> String {
        match service.health {
            Health::Ready => "ready".into(),
            Health::OtherContext => format!("context is {}", context(service)),
            Health::Spilled => format!("only {} % on GPU", on_gpu(service)),
            Health::NotLoaded => "model not loaded".into(),
            Health::Failing => "answers with an error".into(),
            Health::Slow => "does not answer in time".into(),
            Health::Absent => "down".into(),
        }
    }

    fn mcp_instructions(&self) -> &'static str {
        "vramfit computes which language models fit which GPUs, to the byte. Sizes are bytes, speeds tokens per second. Without gpu, vram or fleet the tools answer for this machine. A tool's inputs are the flags of the command of its name; an error is a JSON object with a code, a message and candidates."
    }
}

impl MonitorText for Chinese {
    fn monitor(&self, word: MonitorWord) -> &'static str {
        zh(word)
    }

    fn no_server(&self, address: &str, fault: &str) -> String {
        match fault {
            "ollama-absent" => format!("{address} 没有 Ollama 响应"),
            "ollama-slow" => format!("{address} 的 Ollama 响应超时"),
            fault => format!("{address} 的 Ollama 响应出错（{fault}）"),
        }
    }

    fn unloads(&self, seconds: Option<u64>) -> String {
        match seconds {
            None => "常驻".into(),
            Some(seconds @ 0..60) => format!("{seconds} 秒后"),
            Some(seconds @ 60..7200) => format!("{} 分钟后", seconds / 60),
            Some(seconds) => format!("{} 小时后", seconds / 3600),
        }
    }

    fn health(&self, service: &MonitoredService) -> String {
        match service.health {
            Health::Ready => "就绪".into(),
            Health::OtherContext => format!("实际上下文 {}", context(service)),
            Health::Spilled => format!("仅 {} % 在显卡上", on_gpu(service)),
            Health::NotLoaded => "模型未加载".into(),
            Health::Failing => "响应出错".into(),
            Health::Slow => "响应超时".into(),
            Health::Absent => "未运行".into(),
        }
    }

    fn mcp_instructions(&self) -> &'static str {
        "vramfit 精确计算哪些大模型放得进哪些显卡。大小以字节计，速度以每秒词元数计。不给 gpu、vram 或 fleet 时，按本机硬件回答。工具的输入就是同名命令的选项；出错时返回含 code、message、candidates 的 JSON 对象。"
    }
}

/// The context that a service's model has.
fn context(service: &MonitoredService) -> String {
    let loaded = service.loaded.as_ref();
    tokens(loaded.map_or(0, |model| model.context_length))
}

/// Whole percents of a service's model that are on GPUs; never 100 where a part is not.
fn on_gpu(service: &MonitoredService) -> u64 {
    let loaded = service.loaded.as_ref();
    loaded.map_or(0, |model| {
        model.size_vram.0.saturating_mul(100) / model.size.0.max(1)
    })
}
