//! What values are called.

use super::word;
use crate::catalog::knowledge::ScoreBasis;
use crate::catalog::model::Capability;
use crate::catalog::speeds;
use crate::engine::place::Verdict;
use crate::lang::Lang;
use crate::report::Basis;
use crate::request::{Budget, Priority, Stage, Task, Tier};

pub(crate) fn verdict(lang: Lang, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fits => word(lang, "fits", "放得下"),
        Verdict::Tight => word(lang, "tight", "勉强"),
        Verdict::Offloads => word(lang, "offloads", "卸载到 CPU"),
        Verdict::DoesNotFit => word(lang, "does not fit", "放不下"),
    }
}

pub(crate) fn task(lang: Lang, task: Task) -> &'static str {
    match task {
        Task::Chat => word(lang, "conversation", "通用对话"),
        Task::Chinese => word(lang, "Chinese", "中文任务"),
        Task::Code => word(lang, "code", "代码生成"),
        Task::Reasoning => word(lang, "reasoning", "数学推理"),
        Task::Translation => word(lang, "translation", "多语言翻译"),
        Task::Documents => word(lang, "documents", "文档理解"),
        Task::Vision => word(lang, "vision", "图像理解"),
        Task::Embedding => word(lang, "embedding", "文本嵌入"),
    }
}

pub(crate) fn priority(lang: Lang, priority: Priority) -> &'static str {
    match priority {
        Priority::Quality => word(lang, "quality first", "质量优先"),
        Priority::Balanced => word(lang, "balanced", "质量与速度平衡"),
        Priority::Speed => word(lang, "speed first", "速度优先"),
    }
}

pub(crate) fn stage(lang: Lang, stage: Stage) -> &'static str {
    match stage {
        Stage::Prototype => word(lang, "prototype", "原型开发"),
        Stage::Testing => word(lang, "testing", "测试验证"),
        Stage::Production => word(lang, "production", "生产部署"),
    }
}

pub(crate) fn budget(lang: Lang, budget: Budget) -> &'static str {
    match budget {
        Budget::Ample => word(lang, "ample budget", "预算充足"),
        Budget::Limited => word(lang, "limited budget", "预算有限"),
    }
}

pub(crate) fn tier(lang: Lang, tier: Tier) -> &'static str {
    match tier {
        Tier::UltraLight => word(lang, "ultra-light (< 2 GB)", "超轻量级（< 2GB）"),
        Tier::Light => word(lang, "light (2-6 GB)", "轻量级（2-6GB）"),
        Tier::Medium => word(lang, "medium (6-12 GB)", "中量级（6-12GB）"),
        Tier::Heavy => word(lang, "heavy (12-24 GB)", "重量级（12-24GB）"),
        Tier::SuperHeavy => word(lang, "super-heavy (> 24 GB)", "超重量级（> 24GB）"),
    }
}

pub(crate) fn capability(lang: Lang, capability: Capability) -> &'static str {
    match capability {
        Capability::Completion => word(lang, "completion", "文本生成"),
        Capability::Tools => word(lang, "tools", "工具调用"),
        Capability::Thinking => word(lang, "thinking", "思考"),
        Capability::Vision => word(lang, "vision", "视觉"),
        Capability::Embedding => word(lang, "embedding", "嵌入"),
        Capability::Insert => word(lang, "insert", "代码补全"),
        Capability::Audio => word(lang, "audio", "音频"),
    }
}

pub(crate) fn basis(lang: Lang, basis: Basis) -> &'static str {
    match basis {
        Basis::File => word(
            lang,
            "exact: the tensors of the file",
            "精确：取自文件中的张量",
        ),
        Basis::Architecture => word(
            lang,
            "exact: the model's architecture and its published file size",
            "精确：模型结构加已发布的文件大小",
        ),
        Basis::Computed => word(
            lang,
            "close: the model's architecture, its file size rounded or computed",
            "近似：模型结构，文件大小为取整或推算值",
        ),
        Basis::SimilarArchitecture => word(
            lang,
            "rough: the architecture of a similar model",
            "粗略：借用相近模型的结构",
        ),
        Basis::Approximate => word(
            lang,
            "close: not all that it allocates is known to the byte",
            "近似：其占用尚未逐字节弄清",
        ),
        Basis::Documented => word(
            lang,
            "rough: the guide's range, since the tag does not exist",
            "粗略：该标签并不存在，取指南所列范围",
        ),
    }
}

pub(crate) fn score_basis(lang: Lang, basis: ScoreBasis) -> &'static str {
    match basis {
        ScoreBasis::Benchmarks => word(lang, "the model's own benchmarks", "模型自身的评测"),
        ScoreBasis::Related => word(
            lang,
            "inferred from its family, or from its benchmarks for other tasks",
            "推断自同系列模型或其他任务的评测",
        ),
        ScoreBasis::Size => word(
            lang,
            "inferred from its series, size, generation and kind",
            "推断自系列、规模、世代与类型",
        ),
    }
}

pub(crate) fn speed_basis(lang: Lang, basis: speeds::Basis) -> &'static str {
    match basis {
        speeds::Basis::MeasuredOnGpuAndModel => word(
            lang,
            "measurements of this model on this GPU",
            "此模型在此卡上的实测",
        ),
        speeds::Basis::MeasuredOnGpu => word(
            lang,
            "measurements of other models on this GPU",
            "此卡上其他模型的实测",
        ),
        speeds::Basis::FittedFamily => word(
            lang,
            "a fit over GPUs of the same generation",
            "同代显卡的拟合",
        ),
        speeds::Basis::BandwidthOnly => word(lang, "memory bandwidth alone", "仅由带宽推算"),
    }
}
