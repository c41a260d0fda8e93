//! 中文。

use super::{Label, Sentence, Text, fix, parameters, tokens};
use crate::catalog::knowledge::ScoreBasis;
use crate::catalog::model::{Capability, Kind};
use crate::catalog::speeds::Basis as SpeedBasis;
use crate::engine::place::Verdict;
use crate::lang::Lang;
use crate::messages::cache;
use crate::report::{Basis, Fix, Reason};
use crate::request::{Budget, Priority, Stage, Task, Tier};
use crate::sanitize::sanitize;

/// 中文。
pub(super) struct Chinese;

impl Text for Chinese {
    fn lang(&self) -> Lang {
        Lang::Zh
    }

    fn label(&self, label: Label) -> &'static str {
        match label {
            Label::Pick => "首选",
            Label::Why => "理由",
            Label::Run => "运行",
            Label::Rank => "#",
            Label::Model => "模型",
            Label::Models => "模型",
            Label::Verdict => "结论",
            Label::Memory => "显存占用",
            Label::Need => "需要",
            Label::Speed => "词元/秒",
            Label::Missing => "缺口",
            Label::WhatWouldHelp => "怎样才能放下",
            Label::NearlyFits => "差一步可用的模型",
            Label::Parameters => "参数量",
            Label::Quantization => "量化",
            Label::Context => "上下文",
            Label::Guide => "指南名次",
            Label::GuideRange => "指南所列",
            Label::License => "许可证",
            Label::File => "文件",
            Label::Weights => "权重",
            Label::Projector => "视觉投影",
            Label::KvCache => "KV 缓存",
            Label::Recurrent => "其中循环状态",
            Label::Compute => "计算缓冲区",
            Label::Overhead => "进程开销",
            Label::Total => "合计",
            Label::Free => "空闲",
            Label::Margin => "引擎预留",
            Label::Usable => "可用",
            Label::Used => "已用",
            Label::Reserved => "驱动保留",
            Label::Gpu => "GPU",
            Label::Host => "主机",
            Label::Installed => "已安装",
            Label::Name => "名称",
            Label::ComputeCapability => "计算能力",
            Label::Processes => "进程",
            Label::HostMemory => "内存",
            Label::OnHost => "另占内存",
            Label::OnCpu => "CPU 运行",
            Label::Driver => "驱动",
            Label::Score => "评分",
            Label::NotShown => "此宽度下未显示：",
            Label::Ladder => "各上下文长度与 KV 缓存类型的显存",
            Label::LargestContext => "能放下的最大上下文",
            Label::OllamaItself => "Ollama 默认会怎么做",
            Label::Prediction => "显存预估",
            Label::DefaultContext => "默认上下文",
            Label::Placement => "放置位置",
            Label::Shape => "结构",
            Label::Sources => "来源",
            Label::Released => "发布",
            Label::Capabilities => "能力",
            Label::Evidence => "评测依据",
            Label::Benchmark => "基准",
            Label::Value => "成绩",
            Label::ReportedBy => "报告方",
            Label::NearestMeasurement => "最近的实测",
            Label::TaskScore => "任务得分",
            Label::Source => "来源",
            Label::Stars => "星级",
            Label::Estimate => "显存",
            Label::Basis => "依据",
            Label::Batch => "批大小",
            Label::Parallel => "并发数",
            Label::KvCacheType => "KV 缓存类型",
            Label::FlashAttention => "Flash Attention",
            Label::On => "开",
            Label::Off => "关",
            Label::Options => "选项",
            Label::GlobalOptions => "硬件与输出（适用于所有命令）",
            Label::Commands => "命令",
            Label::Arguments => "参数",
            Label::Usage => "用法",
            Label::Choices => "可选",
            Label::Environment => "环境变量",
            Label::Generation => "生成",
            Label::Prefill => "预填充",
            Label::FirstToken => "首字延迟",
            Label::Simulated => "模拟",
        }
    }

    fn verdict(&self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Fits => "放得下",
            Verdict::Tight => "勉强",
            Verdict::Offloads => "卸载到 CPU",
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
            Basis::Approximate => "近似：张量精确，但尚不完全了解此架构计算时的占用",
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

    fn reason(&self, reason: &Reason, task: Task) -> String {
        let task = self.task(task);
        match reason {
            Reason::RankedForTask { rank } => format!("指南“{task}”第 {rank} 名"),
            Reason::StrongForTask { score } => format!("{task}评测得分高（{score:.0}/100）"),
            Reason::Headroom { bytes } => format!("还剩 {bytes}"),
            Reason::ContextClamped { asked, used } => {
                format!("训练上下文只有 {}，不足 {}", tokens(*used), tokens(*asked))
            }
            Reason::SplitsOver { gpus } => format!("拆分到 {gpus} 张卡"),
            Reason::CacheDominates { percent } => format!("KV 缓存占了 {percent}%"),
            Reason::ReplacesUnpublished { tag } => format!("代替不存在的 {tag}"),
            Reason::LoadsWholeOnlyWith { setting } => {
                format!("须设 PARAMETER {setting} 才能完整加载")
            }
            Reason::DefaultContextOffloads { context_length } => format!(
                "不加设置时 Ollama 会以 {} 上下文加载，部分层会落到 CPU 上",
                tokens(*context_length)
            ),
            Reason::DefaultContextTakes {
                context_length,
                bytes,
            } => format!(
                "ollama run 默认上下文 {}，占 {bytes}",
                tokens(*context_length)
            ),
            Reason::OffloadsShare { percent } => format!("{percent}% 的权重由 CPU 计算"),
            Reason::ProcessorOnly => "完全由 CPU 运行".into(),
            Reason::MixtureOfExperts { active_parameters } => {
                format!("MoE，每词元只激活 {}", parameters(*active_parameters))
            }
            Reason::OtherQuantization { instead_of } => format!("代替 {instead_of}"),
            Reason::SingleSlot => "Ollama 对它一次只处理一个请求".into(),
            Reason::NoFlashAttention => "此模型不支持 Flash Attention".into(),
            Reason::CacheRefused {
                kv_cache_type,
                fault,
            } => cache::refused(self.lang(), *kv_cache_type, *fault),
            Reason::CacheNotOllamas { kv_cache_type } => {
                cache::not_ollamas(self.lang(), *kv_cache_type)
            }
            Reason::WithinDoubt { doubt } => cache::give_or_take(self.lang(), *doubt),
            Reason::AttendsOnHost { kv_cache_type } => {
                cache::attends_on_host(self.lang(), *kv_cache_type)
            }
            Reason::InferredQuality => "质量按同系列和参数量推断".into(),
            Reason::InexactMemory { basis } => match basis {
                Basis::Computed => "文件大小为近似值".into(),
                Basis::Approximate => "此架构尚无精确规则".into(),
                Basis::Documented => "显存取自指南".into(),
                Basis::File | Basis::Architecture | Basis::SimilarArchitecture => {
                    "显存按相近模型估算".into()
                }
            },
            Reason::NotPublished {
                replaced_by: Some(tag),
            } => format!("Ollama 模型库中没有（请改用 {tag}）"),
            Reason::NamedAfter { of } => format!("按同名模型 {of} 估算，未读取仓库中的文件"),
            Reason::NotPublished { replaced_by: None } => "Ollama 模型库中没有".into(),
        }
    }

    fn fix(&self, fix: &Fix) -> String {
        fix::zh(fix)
    }

    fn say(&self, sentence: &Sentence<'_>) -> String {
        match sentence {
            Sentence::NoGpu => "没有检测到显卡：模型将用 CPU 和内存运行。".into(),
            Sentence::HowToSimulate => {
                "没有的硬件也能算：加 --gpu 'RTX 3090'、--gpu '2x3090+4060' 或 --vram 24。".into()
            }
            Sentence::Usable { total, usable } => format!("{total}，可用 {usable}"),
            Sentence::HostMemory { available } => format!("可用内存 {available}"),
            Sentence::Best { tag, task } => format!("{tag}（{task}）"),
            Sentence::Takes { need, gpus } => format!("占用 {gpus} 显存 {need}"),
            Sentence::TakesHost { need } => format!("占用内存 {need}"),
            Sentence::HostShare { percent } => format!("{percent}% 在 CPU"),
            Sentence::InContext { context } => format!("上下文 {context}"),
            Sentence::Rate { rate } => format!("{rate} 词元/秒"),
            Sentence::FirstToken { seconds, prompt } => {
                format!("{seconds} s（提示词 {prompt} 词元）")
            }
            Sentence::AtSpeed { low, high } => format!("约 {low}–{high} 词元/秒"),
            Sentence::For {
                task,
                priority,
                context,
                parallel,
                kv,
            } => {
                let slots = if *parallel > 1 {
                    format!("，并发 {parallel}")
                } else {
                    String::new()
                };
                format!("{task}，{priority}，上下文 {context}{slots}，KV 缓存 {kv}")
            }
            Sentence::NothingFits => "这套硬件放不下任何模型。".into(),
            Sentence::More { count } => format!("还有 {count} 个未列出，加 -v 或 --json 查看。"),
            Sentence::LayersOn { layers, gpu } => format!("GPU {gpu} 上 {layers} 层"),
            Sentence::ShortBy { bytes } => format!("还差 {bytes}"),
            Sentence::LayersOnHost { layers } => format!("CPU 上 {layers} 层"),
            Sentence::HostBandwidth { rate } => {
                format!("按 {rate} 计算；可用 --ram-bandwidth 另行指定")
            }
            Sentence::CacheFactors {
                layers,
                key,
                value,
                kv,
            } => format!("{layers} 层 × ({key} + {value}) × {kv}"),
            Sentence::ExpertsOnHost { layers, of } => {
                format!("{of} 层中有 {layers} 层的专家在内存里")
            }
            Sentence::NoHardware => "没有指定显卡：按单张显卡装下整个模型估算。".into(),
            Sentence::Largest { kv, context } => format!("{context}（{kv}）"),
            Sentence::LargestNone { kv } => format!("{kv} 放不下"),
            Sentence::CatalogFine {
                models,
                variants,
                gpus,
            } => format!("没有错误：{models} 个模型，{variants} 个文件，{gpus} 种显卡。"),
            Sentence::Defects { count } => format!("{count} 处错误。"),
            Sentence::Replaced { tag, by } => format!("Ollama 模型库中没有 {tag}，请改用 {by}。"),
            Sentence::NothingMatches => "没有符合条件的模型。".into(),
            Sentence::PerToken { bytes } => format!("每词元 {bytes}"),
            Sentence::Wrote { path } => format!("已写入 {}。", sanitize(path)),
            Sentence::Of { part, whole } => format!("{part} / {whole}"),
        }
    }
}
