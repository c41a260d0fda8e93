//! 中文。

use super::{Label, Sentence, Text, parameters, tokens};
use crate::catalog::knowledge::ScoreBasis;
use crate::catalog::model::{Capability, Kind};
use crate::catalog::speeds::Basis as SpeedBasis;
use crate::engine::place::Verdict;
use crate::lang::Lang;
use crate::report::{Basis, Fix, OllamaNote, Reason};
use crate::request::{Budget, Priority, Stage, Task, Tier};

/// 中文。
pub(super) struct Chinese;

impl Text for Chinese {
    fn lang(&self) -> Lang {
        Lang::Zh
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Hardware => "硬件",
            Label::Pick => "首选",
            Label::Why => "理由",
            Label::Run => "运行",
            Label::Rank => "#",
            Label::Model => "模型",
            Label::Verdict => "结论",
            Label::Memory => "显存占用",
            Label::Need => "需要",
            Label::Speed => "词元/秒",
            Label::Missing => "缺口",
            Label::WhatWouldHelp => "怎样才能放下",
            Label::NearlyFits => "放不下的模型",
            Label::Tier => "档位",
            Label::Parameters => "参数量",
            Label::Active => "激活",
            Label::Quantization => "量化",
            Label::Context => "上下文",
            Label::Guide => "指南",
            Label::GuideRange => "指南所列范围",
            Label::License => "许可证",
            Label::File => "文件",
            Label::Weights => "权重",
            Label::Projector => "视觉投影",
            Label::KvCache => "KV 缓存",
            Label::Recurrent => "其中循环状态",
            Label::Compute => "计算缓冲区",
            Label::Overhead => "CUDA 上下文",
            Label::Total => "合计",
            Label::Free => "空闲",
            Label::Margin => "引擎预留",
            Label::Usable => "可用",
            Label::Used => "已用",
            Label::Reserved => "驱动保留",
            Label::Gpu => "GPU",
            Label::Name => "名称",
            Label::Uuid => "UUID",
            Label::Bandwidth => "显存带宽",
            Label::ComputeCapability => "计算能力",
            Label::Processes => "进程",
            Label::HostMemory => "内存",
            Label::Driver => "驱动",
            Label::Host => "主机",
            Label::Family => "系列",
            Label::Score => "评分",
            Label::NotShown => "此宽度下未显示：",
            Label::Ladder => "各上下文长度",
            Label::LargestContext => "能放下的最大上下文",
            Label::OllamaItself => "Ollama 自己会怎么做",
            Label::Prediction => "它的预估",
            Label::DefaultContext => "默认上下文",
            Label::Placement => "放置",
            Label::Shape => "结构",
            Label::Settings => "设置",
            Label::Sources => "来源",
            Label::Released => "发布",
            Label::Capabilities => "能力",
            Label::Evidence => "依据",
            Label::Benchmark => "基准",
            Label::Value => "得分",
            Label::ReportedBy => "报告方",
            Label::NearestMeasurement => "最近的实测",
            Label::TaskScore => "此任务得分",
            Label::Source => "来源",
            Label::Stars => "星级",
            Label::General => "通用",
            Label::Chinese => "中文",
            Label::Code => "代码",
            Label::Estimate => "显存",
            Label::Basis => "依据",
            Label::Batch => "批大小",
            Label::Parallel => "并行数",
            Label::KvCacheType => "KV 缓存类型",
            Label::FlashAttention => "Flash Attention",
            Label::Engine => "引擎",
            Label::On => "开",
            Label::Off => "关",
            Label::Options => "选项",
            Label::GlobalOptions => "硬件与输出（适用于所有命令）",
            Label::Commands => "命令",
            Label::Arguments => "参数",
            Label::Usage => "用法",
            Label::Default => "默认",
            Label::Choices => "可选",
            Label::Environment => "环境变量",
            Label::Yes => "是",
            Label::No => "否",
            Label::Prefill => "预填充 词元/秒",
            Label::FirstToken => "首字延迟",
            Label::Layers => "层数",
            Label::Models => "模型",
            Label::Installed => "已安装",
            Label::Simulated => "模拟",
            Label::Replacement => "替代",
        }
    }

    fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Fits => "放得下",
            Verdict::Tight => "勉强",
            Verdict::Offloads => "部分卸载",
            Verdict::DoesNotFit => "放不下",
        }
    }

    fn task(&self, task: Task) -> &'static str {
        match task {
            Task::Chat => "通用对话",
            Task::Chinese => "中文任务",
            Task::Code => "代码生成",
            Task::Reasoning => "数学推理",
            Task::Translation => "多语言翻译",
            Task::Documents => "文档理解",
        }
    }

    fn priority(&self, priority: Priority) -> &'static str {
        match priority {
            Priority::Quality => "质量优先",
            Priority::Balanced => "质量与速度平衡",
            Priority::Speed => "速度优先",
        }
    }

    fn stage(&self, stage: Stage) -> &'static str {
        match stage {
            Stage::Prototype => "原型开发",
            Stage::Testing => "测试验证",
            Stage::Production => "生产部署",
        }
    }

    fn budget(&self, budget: Budget) -> &'static str {
        match budget {
            Budget::Ample => "预算充足",
            Budget::Limited => "预算有限",
        }
    }

    fn tier(&self, tier: Tier) -> &'static str {
        match tier {
            Tier::UltraLight => "超轻量级（< 2GB）",
            Tier::Light => "轻量级（2-6GB）",
            Tier::Medium => "中量级（6-12GB）",
            Tier::Heavy => "重量级（12-24GB）",
            Tier::SuperHeavy => "超重量级（> 24GB）",
        }
    }

    fn kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Instruct => "指令微调",
            Kind::Base => "基座模型",
            Kind::Code => "代码",
            Kind::Reasoning => "推理",
            Kind::Vision => "视觉",
            Kind::Translation => "翻译",
            Kind::Embedding => "向量嵌入",
            Kind::Reranker => "重排序",
            Kind::Guard => "安全审核",
            Kind::Ocr => "文字识别",
            Kind::Other => "专用",
        }
    }

    fn capability(&self, capability: Capability) -> &'static str {
        match capability {
            Capability::Completion => "文本生成",
            Capability::Tools => "工具调用",
            Capability::Thinking => "思考",
            Capability::Vision => "视觉",
            Capability::Embedding => "嵌入",
            Capability::Insert => "代码补全",
            Capability::Audio => "音频",
        }
    }

    fn basis(&self, basis: Basis) -> &'static str {
        match basis {
            Basis::File => "精确：取自文件中的张量",
            Basis::Architecture => "精确：模型结构加已发布的文件大小",
            Basis::Computed => "近似：模型结构，文件大小为取整或推算值",
            Basis::SimilarArchitecture => "粗略：借用相近模型的结构",
            Basis::Documented => "粗略：该标签并不存在，取指南所列范围",
        }
    }

    fn score_basis(&self, basis: ScoreBasis) -> &'static str {
        match basis {
            ScoreBasis::Benchmarks => "模型自身的评测",
            ScoreBasis::Related => "推断自同系列模型或其他任务的评测",
            ScoreBasis::Size => "推断自系列、规模、世代与类型",
        }
    }

    fn speed_basis(&self, basis: SpeedBasis) -> &'static str {
        match basis {
            SpeedBasis::MeasuredOnGpuAndModel => "此模型在此卡上的实测",
            SpeedBasis::MeasuredOnGpu => "此卡上其他模型的实测",
            SpeedBasis::FittedFamily => "同代显卡的拟合",
            SpeedBasis::BandwidthOnly => "仅由带宽推算",
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::RankedForTask { rank } => format!("指南此项第 {rank} 名"),
            Reason::StrongForTask { score } => format!("此任务评测成绩好（{score:.0}/100）"),
            Reason::Headroom { bytes } => format!("尚余 {bytes}"),
            Reason::ContextClamped { asked, used } => {
                format!("训练长度只有 {}，达不到 {}", tokens(*used), tokens(*asked))
            }
            Reason::SplitsOver { gpus } => format!("需拆分到 {gpus} 张卡"),
            Reason::CacheDominates { percent } => format!("KV 缓存占了 {percent} %"),
            Reason::ReplacesUnpublished { tag } => format!("代替并不存在的 {tag}"),
            Reason::LoadsWholeOnlyWith { setting } => {
                format!("须设 PARAMETER {setting} 才能整个装入")
            }
            Reason::OffloadsShare { percent } => format!("{percent} % 的权重由 CPU 计算"),
            Reason::ProcessorOnly => "完全由 CPU 运行".into(),
            Reason::MixtureOfExperts { active_parameters } => {
                format!("MoE，每个词元只激活 {}", parameters(*active_parameters))
            }
            Reason::OtherQuantization { instead_of } => format!("代替 {instead_of}"),
            Reason::SingleSlot => "Ollama 对它一次只处理一个请求".into(),
            Reason::NoFlashAttention => "此模型用不了 Flash Attention".into(),
            Reason::InferredQuality => "质量由同系列与参数量推断".into(),
            Reason::InexactMemory { basis } => match basis {
                Basis::Computed => "文件大小为约数".into(),
                Basis::Documented => "显存按指南所列".into(),
                Basis::File | Basis::Architecture | Basis::SimilarArchitecture => {
                    "显存按相近模型估算".into()
                }
            },
            Reason::NotPublished {
                replaced_by: Some(tag),
            } => format!("Ollama 库中没有，请用 {tag}"),
            Reason::NotPublished { replaced_by: None } => "Ollama 库中没有".into(),
        }
    }

    fn fix(&self, fix: &Fix) -> String {
        match fix {
            Fix::KvCacheType { kv_cache_type } => {
                format!("--kv-cache-type {}", kv_cache_type.label())
            }
            Fix::ShorterContext { context_length } => {
                format!("--context {}", tokens(*context_length))
            }
            Fix::ShorterContextAndKvCacheType {
                context_length,
                kv_cache_type,
            } => {
                format!(
                    "--context {} --kv-cache-type {}",
                    tokens(*context_length),
                    kv_cache_type.label()
                )
            }
            Fix::SmallerQuantization { tag, .. } => format!("改用更小的量化：{tag}"),
            Fix::FreeProcess {
                gpu,
                pid,
                name,
                bytes,
            } => {
                let name = name.as_deref().unwrap_or("?");
                format!("结束 {name}（PID {pid}），它占着 GPU {gpu} 的 {bytes}")
            }
            Fix::FewerReplicas { replicas } => format!("副本减到 {replicas} 个"),
            Fix::AnotherContext {
                tag,
                context_length,
            } => format!("{tag}@{}", tokens(*context_length)),
            Fix::AnotherReplicas { tag, replicas } => format!("{tag}*{replicas}"),
            Fix::WithoutPin => "不限定在这几张卡上".into(),
            Fix::FewerKeptFree { count } => format!("--keep-free {count}"),
            Fix::MoreGpus { count } => format!("再加 {count} 张同样的卡"),
        }
    }

    fn ollama_note(&self, note: &OllamaNote) -> String {
        match note {
            OllamaNote::OneGpu => {
                "预估不超过某张卡空闲显存的 80 %，模型会整个放到空闲显存最多的那张卡上。".into()
            }
            OllamaNote::SpreadsOverAll { gpus, enough } => {
                format!(
                    "预估超过了每张卡空闲显存的 80 %，于是 {gpus} 张卡全部交给它，其实 {enough} 张就够。"
                )
            }
            OllamaNote::SilentOffload { layers } => {
                format!("会有 {layers} 层不声不响地放到 CPU 上。")
            }
            OllamaNote::DefaultContextOffloads { context_length } => {
                format!(
                    "不加设置时它以 {} 上下文启动，会有若干层落到 CPU 上：请显式设置上下文。",
                    tokens(*context_length)
                )
            }
            OllamaNote::DefaultContextFits { context_length } => format!(
                "不加设置时它以 {} 上下文启动，放得下。",
                tokens(*context_length)
            ),
            OllamaNote::SingleSlot => {
                "对这种架构它一次只处理一个请求，OLLAMA_NUM_PARALLEL 不起作用。".into()
            }
            OllamaNote::PredictionOff { percent } => {
                format!("它的预估与实际分配相差 {percent:+} %。")
            }
            OllamaNote::OldVersion => {
                "这个版本的选择方式不同，vramfit 没有模拟；估算按新引擎给出。".into()
            }
        }
    }

    fn say(&self, sentence: &Sentence<'_>) -> String {
        match sentence {
            Sentence::NoGpu => "没有找到显卡：模型将在内存中由 CPU 运行。".into(),
            Sentence::HowToSimulate => {
                "可以模拟任意硬件：--gpu 'RTX 3090'、--gpu '2x3090+4060' 或 --vram 24。".into()
            }
            Sentence::Usable { total, usable } => format!("{total}，可用 {usable}"),
            Sentence::HostMemory { available } => format!("可用内存 {available}"),
            Sentence::Best { tag, task } => format!("{tag}，用于{task}"),
            Sentence::Takes { need, gpus } => format!("占用 {gpus} 的 {need}"),
            Sentence::TakesHost { need } => format!("占用内存 {need}"),
            Sentence::AtSpeed { low, high } => format!("约 {low} 到 {high} 词元/秒"),
            Sentence::For {
                task,
                priority,
                context,
                parallel,
                kv,
            } => {
                let slots = if *parallel > 1 {
                    format!(" × {parallel} 路并行")
                } else {
                    String::new()
                };
                format!("{task}，{priority}，上下文 {context}{slots}，KV 缓存 {kv}")
            }
            Sentence::NothingFits => "这些显卡上没有放得下的模型。".into(),
            Sentence::OnlyOffloads => {
                "没有能整个放下的模型；下面这些会有一部分由 CPU 慢慢算。".into()
            }
            Sentence::Trained { context } => format!("训练长度 {context}"),
            Sentence::More { count, option } => format!("还有 {count} 个：{option}"),
            Sentence::OllamaContext { default, used } => {
                format!(
                    "不加设置时 Ollama 在这里会以 {default} 上下文启动，而不是 {used}：请设 OLLAMA_CONTEXT_LENGTH，或在 Modelfile 中写 num_ctx。"
                )
            }
            Sentence::OnGpu { gpu } => format!("GPU {gpu}"),
            Sentence::LayersOn { layers, gpu } => format!("GPU {gpu} 上 {layers} 层"),
            Sentence::LayersOnHost { layers } => format!("CPU 上 {layers} 层"),
            Sentence::NoHardware => "没有指定显卡：按一张卡全部装下来算。".into(),
            Sentence::Largest { kv, context } => format!("{kv} 时 {context}"),
            Sentence::LargestNone { kv } => format!("{kv} 时放不下"),
            Sentence::CatalogFine {
                models,
                variants,
                gpus,
            } => format!("没有错误：{models} 个模型，{variants} 个文件，{gpus} 种显卡。"),
            Sentence::Defects { count } => format!("{count} 处错误。"),
            Sentence::Replaced { tag, by } => format!("Ollama 库中没有 {tag}，请用 {by}。"),
            Sentence::NothingMatches => "没有符合条件的模型。".into(),
            Sentence::PerToken { bytes } => format!("每个词元 {bytes}"),
            Sentence::Wrote { path } => format!("已写入 {path}。"),
            Sentence::Of { part, whole } => format!("{part} / {whole}"),
        }
    }
}
