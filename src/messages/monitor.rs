//! The words of `monitor` and `mcp`.

use super::{tokens, word};
use crate::lang::Lang;
use crate::report::{Health, MonitoredService};

words! {
    quit: "quit", "退出";
    pause: "pause", "暂停";
    paused: "paused", "已暂停";
    by_memory: "by memory", "按显存排序";
    by_utilization: "by utilization", "按利用率排序";
    by_pid: "by pid", "按进程号排序";
    scroll: "scroll", "滚动";
    busy: "Busy", "利用率";
    temperature: "Temp", "温度";
    power: "Power", "功耗";
    pid: "PID", "进程号";
    program: "Program", "程序";
    loaded_models: "Loaded models", "已加载的模型";
    no_model: "none", "无";
    on_gpu: "On GPU", "显卡占比";
    unloads: "Unloads", "卸载时间";
    services: "Services of the plan", "方案中的服务";
    port: "Port", "端口";
    state: "State", "状态";
}

pub(crate) fn server_fault(lang: Lang, address: &str, fault: &str) -> String {
    match fault {
        "ollama-absent" => say!(
            lang,
            "no Ollama answers at {address}",
            "{address} 没有 Ollama 响应"
        ),
        "ollama-slow" => say!(
            lang,
            "Ollama at {address} does not answer in time",
            "{address} 的 Ollama 响应超时"
        ),
        fault => say!(
            lang,
            "Ollama at {address} answers with an error ({fault})",
            "{address} 的 Ollama 响应出错（{fault}）"
        ),
    }
}

/// A driver that does not answer, and what that means for the GPUs; `unseen` where it never has.
pub(crate) fn driver_silent(lang: Lang, seconds: u64, unseen: bool) -> String {
    /// Starting takes as long.
    const STARTS: u64 = 5;
    match (unseen, seconds) {
        (true, ..STARTS) => word(
            lang,
            "Waiting for the GPU driver.",
            "正在等待显卡驱动响应。",
        )
        .into(),
        (true, _) => say!(
            lang,
            "The GPU driver has not answered for {seconds} s: nothing is known of the GPUs.",
            "显卡驱动已有 {seconds} 秒没有响应，显卡的情况不明。"
        ),
        (false, _) => say!(
            lang,
            "The GPU driver has not answered for {seconds} s: the GPUs are shown as they were before.",
            "显卡驱动已有 {seconds} 秒没有响应，显示的是此前的显卡状态。"
        ),
    }
}

pub(crate) fn unloads_in(lang: Lang, seconds: Option<u64>) -> String {
    match seconds {
        None => word(lang, "never", "常驻").into(),
        Some(seconds @ 0..60) => say!(lang, "in {seconds} s", "{seconds} 秒后"),
        Some(seconds @ 60..7200) => say!(lang, "in {} min", "{} 分钟后", seconds / 60),
        Some(seconds) => say!(lang, "in {} h", "{} 小时后", seconds / 3600),
    }
}

pub(crate) fn health(lang: Lang, service: &MonitoredService) -> String {
    match service.health {
        Health::Ready => word(lang, "ready", "就绪").into(),
        Health::OtherContext => say!(lang, "context is {}", "实际上下文 {}", context(service)),
        Health::Spilled if on_gpus(service) == 0 => {
            word(lang, "none of it on GPU", "完全不在显卡上").into()
        }
        Health::Spilled => say!(
            lang,
            "only {} % on GPU",
            "仅 {} % 在显卡上",
            percent_on_gpu(service)
        ),
        Health::NotLoaded => word(lang, "model not loaded", "模型未加载").into(),
        Health::Failing => word(lang, "answers with an error", "响应出错").into(),
        Health::Slow => word(lang, "does not answer in time", "响应超时").into(),
        Health::Absent => word(lang, "down", "未运行").into(),
    }
}

pub(crate) fn metrics_at(lang: Lang, address: &str) -> String {
    say!(
        lang,
        "Metrics for Prometheus at http://{address}/metrics; Ctrl-C ends it",
        "Prometheus 指标：http://{address}/metrics；按 Ctrl-C 结束"
    )
}

pub(crate) fn mcp_instructions(lang: Lang) -> &'static str {
    word(
        lang,
        "vramfit computes which language models fit which GPUs, and says how exactly it knows. Sizes are bytes, speeds tokens per second. Without gpu, vram or fleet the tools answer for this machine. A tool's inputs are the flags of the command of its name; an error is a JSON object with a code, a message and candidates.",
        "vramfit 精确计算哪些大模型放得进哪些显卡。大小以字节计，速度以每秒词元数计。不给 gpu、vram 或 fleet 时，按本机硬件回答。工具的输入就是同名命令的选项；出错时返回含 code、message、candidates 的 JSON 对象。",
    )
}

pub(crate) fn tool_emit(lang: Lang) -> &'static str {
    word(
        lang,
        "Plan as 'plan' does and give the text of the files that start it: shell scripts, systemd units, Podman quadlets, Compose, llama-swap, nginx, LiteLLM, Kubernetes, Grafana",
        "与 plan 一样规划，并给出启动所需文件的内容：Shell 脚本、systemd 单元、Podman quadlet、Compose、llama-swap、nginx、LiteLLM、Kubernetes、Grafana",
    )
}

pub(crate) fn tool_presets(lang: Lang) -> &'static str {
    word(
        lang,
        "List the guide's configurations, whose names 'plan' takes as its preset",
        "列出指南中的配置方案，其名称可用作 plan 的 preset",
    )
}

/// The context that a service's model has.
fn context(service: &MonitoredService) -> String {
    let loaded = service.loaded.as_ref();
    tokens(loaded.map_or(0, |model| model.context_length))
}

/// Bytes of a service's model that are on GPUs.
fn on_gpus(service: &MonitoredService) -> u64 {
    let loaded = service.loaded.as_ref();
    loaded.map_or(0, |model| model.size_vram.0)
}

/// Whole percents of a service's model that are on GPUs; never 100 where a part is not.
fn percent_on_gpu(service: &MonitoredService) -> u64 {
    let loaded = service.loaded.as_ref();
    loaded.map_or(0, |model| {
        on_gpus(service).saturating_mul(100) / model.size.0.max(1)
    })
}
