//! What people read of a plan, in both languages.

use super::en::English;
use super::tokens;
use super::zh::Chinese;
use crate::report::{Cause, PlanNote, Unpinned};

/// Words of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PlanLabel {
    Services,
    Port,
    Gpus,
    Ledger,
    NoPlace,
    IfACardFails,
    WithoutPins,
    Changes,
    Files,
    Cache,
    /// Between two changes of which one is enough.
    Or,
    Environment,
}

/// Sentences of a plan.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum PlanSentence<'a> {
    /// How many services found a place.
    Placed {
        placed: usize,
        wanted: usize,
        used: usize,
        gpus: usize,
    },
    /// It is proved that there is no better plan.
    Proved,
    /// What a GPU's loss stops.
    Stops { services: &'a str },
    /// Nothing is left of any of them then.
    AllGone { count: usize },
    /// Models of which nothing is left then.
    Gone { tags: &'a str },
    /// Every model is still served by another replica.
    StillServed,
    /// Why the plans differ.
    Because { cause: Cause, gpus: &'a str },
    /// A service is elsewhere now.
    Moves {
        service: &'a str,
        from: &'a str,
        to: &'a str,
    },
    /// A service has a place only now.
    Gains { service: &'a str, to: &'a str },
    /// A service had a place before.
    Loses { service: &'a str, from: &'a str },
    /// So many services stay.
    Stay { count: u32 },
    /// Nothing else would be different.
    NothingMoves,
    /// Why the plan pins.
    WhyPin,
    /// A demand with a shorter context.
    Shorter { demand: &'a str },
    /// A demand with fewer replicas.
    Fewer { demand: &'a str },
    /// More GPUs of a name.
    MoreGpus { count: u32, name: &'a str },
    /// More lines than are shown.
    MoreLines { count: usize },
}

/// A plan in one language.
pub trait PlanText {
    /// A word.
    fn plan_label(&self, label: PlanLabel) -> &'static str;
    /// What the reader should know.
    fn plan_note(&self, note: &PlanNote) -> String;
    /// What an Ollama without pins does with a model.
    fn unpinned(&self, unpinned: &Unpinned) -> String;
    /// A sentence with its numbers.
    fn plan(&self, sentence: &PlanSentence<'_>) -> String;
}

fn gpus(unpinned: &Unpinned) -> String {
    let names: Vec<String> = unpinned.gpus.iter().map(u32::to_string).collect();
    format!("GPU {}", names.join("+"))
}

impl PlanText for English {
    fn plan_label(&self, label: PlanLabel) -> &'static str {
        match label {
            PlanLabel::Services => "Services",
            PlanLabel::Port => "Port",
            PlanLabel::Gpus => "GPUs",
            PlanLabel::Ledger => "Memory of every GPU",
            PlanLabel::NoPlace => "Without a place",
            PlanLabel::IfACardFails => "If a card fails",
            PlanLabel::WithoutPins => "The same models in one Ollama without pins",
            PlanLabel::Changes => "Changes",
            PlanLabel::Files => "Files written",
            PlanLabel::Cache => "Cache",
            PlanLabel::Or => "; or ",
            PlanLabel::Environment => "Environment",
        }
    }

    fn plan_note(&self, note: &PlanNote) -> String {
        match note {
            PlanNote::KeptFree { gpus } => format!("Kept free: {}.", gpus.join(", ")),
            PlanNote::OneSlot { tag } => {
                format!(
                    "Ollama serves one request at a time with {tag}, whatever OLLAMA_NUM_PARALLEL says."
                )
            }
            PlanNote::ContextClamped {
                tag,
                asked,
                context_length,
            } => format!(
                "{tag} was trained for {} tokens, not {}: that is its context here.",
                tokens(*context_length),
                tokens(*asked)
            ),
            PlanNote::Batch { batch } => format!(
                "num_batch {batch} is a setting of a request or a Modelfile, not of a server: use the Modelfiles of --emit modelfile."
            ),
            PlanNote::ContextWidened {
                tag,
                context_length,
            } => {
                format!(
                    "{tag}: context widened to {} tokens.",
                    tokens(*context_length)
                )
            }
            PlanNote::Replaced { tag, by } => {
                format!("{tag} is not in Ollama's library; {by} was planned instead.")
            }
            PlanNote::PresetPlacedAnew { preset } => {
                format!(
                    "{preset} does not hold on the GPUs that the guide names; its services were placed anew."
                )
            }
            PlanNote::ContextShortened {
                preset,
                context_length,
            } => format!(
                "With the usual context {preset} does not hold, or only if its services start in a certain order; planned with {} tokens at most.",
                tokens(*context_length)
            ),
            PlanNote::StartInOrder { tags } => format!(
                "Split by the memory that is free when they load, on GPUs that others use too: {}. Start these first, in this order, as the emitted files do; after a restart of one, restart the services that share its GPUs.",
                tags.join(", ")
            ),
            PlanNote::Gap { placed, bound } if placed == bound => {
                "No plan places more; that none splits less is not proved.".into()
            }
            PlanNote::Gap { placed, bound } => {
                format!("{placed} services are placed; no plan can place more than {bound}.")
            }
        }
    }

    fn unpinned(&self, unpinned: &Unpinned) -> String {
        let mut words = format!("on {}", gpus(unpinned));
        if unpinned.host_layers > 0 {
            words += &format!(
                ", {} layers on the processor without a word",
                unpinned.host_layers
            );
        }
        if !unpinned.evicts.is_empty() {
            words += &format!("; throws out {}", unpinned.evicts.join(", "));
        }
        words
    }

    fn plan(&self, sentence: &PlanSentence<'_>) -> String {
        match sentence {
            PlanSentence::Placed { placed, wanted, used, gpus } => {
                let services = if *wanted == 1 { "service" } else { "services" };
                format!("{placed} of {wanted} {services} placed, on {used} of {gpus} GPUs.")
            }
            PlanSentence::Proved => " Proved: no plan places more, nor as many with fewer GPUs in splits.".into(),
            PlanSentence::Stops { services } => format!("stops {services}"),
            PlanSentence::Gone { tags } => format!("nothing else serves {tags}"),
            PlanSentence::AllGone { count: 1 } => "nothing else serves it".into(),
            PlanSentence::AllGone { .. } => "nothing else serves them".into(),
            PlanSentence::Shorter { demand } => format!("a shorter context: {demand}"),
            PlanSentence::Fewer { demand } => format!("fewer replicas: {demand}"),
            PlanSentence::MoreGpus { count: 1, name } => format!("one more {name}"),
            PlanSentence::MoreGpus { count, name } => format!("{count} more {name}"),
            PlanSentence::StillServed => "other replicas still serve".into(),
            PlanSentence::Because { cause: Cause::Lose, gpus } => format!("Without {gpus}"),
            PlanSentence::Because { cause: Cause::WhatIf, gpus } => format!("With {gpus} added"),
            PlanSentence::Because { cause: Cause::Diff, .. } => "Against the saved plan".into(),
            PlanSentence::Moves { service, from, to } => format!("{service} moves from {from} to {to}"),
            PlanSentence::Gains { service, to } => format!("{service} finds a place on {to}"),
            PlanSentence::Loses { service, from } => format!("{service} was on {from} and finds no place"),
            PlanSentence::Stay { count: 1 } => "1 service stays where it is".into(),
            PlanSentence::Stay { count } => format!("{count} services stay where they are"),
            PlanSentence::NothingMoves => "nothing moves".into(),
            PlanSentence::WhyPin => "The plan gives every service a server of its own that sees its GPUs only: nothing is spread, moved to the processor or thrown out.".into(),
            PlanSentence::MoreLines { count } => format!("… and {count} more: --json has all"),
        }
    }
}

impl PlanText for Chinese {
    fn plan_label(&self, label: PlanLabel) -> &'static str {
        match label {
            PlanLabel::Services => "服务",
            PlanLabel::Port => "端口",
            PlanLabel::Gpus => "显卡",
            PlanLabel::Ledger => "各卡显存",
            PlanLabel::NoPlace => "放不下的",
            PlanLabel::IfACardFails => "如果坏一张卡",
            PlanLabel::WithoutPins => "同样的模型交给一个不绑卡的 Ollama",
            PlanLabel::Changes => "变动",
            PlanLabel::Files => "已写入的文件",
            PlanLabel::Cache => "缓存",
            PlanLabel::Or => "；或",
            PlanLabel::Environment => "环境变量",
        }
    }

    fn plan_note(&self, note: &PlanNote) -> String {
        match note {
            PlanNote::KeptFree { gpus } => format!("保持空闲：{}。", gpus.join("、")),
            PlanNote::OneSlot { tag } => {
                format!("{tag} 在 Ollama 中一次只处理一个请求，OLLAMA_NUM_PARALLEL 不起作用。")
            }
            PlanNote::ContextClamped {
                tag,
                asked,
                context_length,
            } => format!(
                "{tag} 的训练长度是 {}，不是 {}，上下文以前者为准。",
                tokens(*context_length),
                tokens(*asked)
            ),
            PlanNote::Batch { batch } => format!(
                "num_batch {batch} 是请求或 Modelfile 的设置，服务器没有这一项：请用 --emit modelfile 生成的 Modelfile。"
            ),
            PlanNote::ContextWidened {
                tag,
                context_length,
            } => {
                format!("{tag}：上下文加长到 {}。", tokens(*context_length))
            }
            PlanNote::Replaced { tag, by } => {
                format!("Ollama 库中没有 {tag}，改为规划 {by}。")
            }
            PlanNote::PresetPlacedAnew { preset } => {
                format!("{preset} 按指南所列的卡放不下，各服务已重新安排。")
            }
            PlanNote::ContextShortened {
                preset,
                context_length,
            } => format!(
                "{preset} 用平常的上下文放不下，或者必须按次序启动；这里的上下文最多 {}。",
                tokens(*context_length)
            ),
            PlanNote::StartInOrder { tags } => format!(
                "{} 与其他服务共用显卡，拆分比例取决于加载时的空闲显存：请最先启动，并按这里的顺序（生成的文件就是这样做的）；重启其中一个之后，与它共用显卡的也要重启。",
                tags.join("、")
            ),
            PlanNote::Gap { placed, bound } if placed == bound => {
                "没有方案能放下更多；是否有拆分更少的方案，尚未证明。".into()
            }
            PlanNote::Gap { placed, bound } => {
                format!("已放下 {placed} 个服务；任何方案都不会超过 {bound} 个。")
            }
        }
    }

    fn unpinned(&self, unpinned: &Unpinned) -> String {
        let mut words = format!("放在 {}", gpus(unpinned));
        if unpinned.host_layers > 0 {
            words += &format!("，{} 层不声不响地落到 CPU 上", unpinned.host_layers);
        }
        if !unpinned.evicts.is_empty() {
            words += &format!("；会把 {} 挤出去", unpinned.evicts.join("、"));
        }
        words
    }

    fn plan(&self, sentence: &PlanSentence<'_>) -> String {
        match sentence {
            PlanSentence::Placed { placed, wanted, used, gpus } => {
                format!("{wanted} 个服务放下了 {placed} 个，用了 {gpus} 张卡中的 {used} 张。")
            }
            PlanSentence::Proved => "已证明：没有方案能放下更多，也没有同样多而拆分更少的方案。".into(),
            PlanSentence::Stops { services } => format!("{services} 会停"),
            PlanSentence::Gone { tags } => format!("{tags} 没有别的副本"),
            PlanSentence::AllGone { .. } => "没有别的副本".into(),
            PlanSentence::Shorter { demand } => format!("缩短上下文：{demand}"),
            PlanSentence::Fewer { demand } => format!("减少副本：{demand}"),
            PlanSentence::MoreGpus { count, name } => format!("再加 {count} 张 {name}"),
            PlanSentence::StillServed => "其他副本照常服务".into(),
            PlanSentence::Because { cause: Cause::Lose, gpus } => format!("去掉 {gpus} 之后"),
            PlanSentence::Because { cause: Cause::WhatIf, gpus } => format!("加上 {gpus} 之后"),
            PlanSentence::Because { cause: Cause::Diff, .. } => "与保存的方案相比".into(),
            PlanSentence::Moves { service, from, to } => format!("{service} 从 {from} 移到 {to}"),
            PlanSentence::Gains { service, to } => format!("{service} 可以放到 {to}"),
            PlanSentence::Loses { service, from } => format!("{service} 原在 {from}，现在放不下"),
            PlanSentence::Stay { count } => format!("{count} 个服务原地不动"),
            PlanSentence::NothingMoves => "没有变动".into(),
            PlanSentence::WhyPin => "方案让每个服务各有一个只看得见自己那几张卡的服务器：不会被摊开，不会落到 CPU 上，也不会被挤出去。".into(),
            PlanSentence::MoreLines { count } => format!("……还有 {count} 项，完整内容见 --json"),
        }
    }
}
