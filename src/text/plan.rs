//! What people read of a plan, in both languages.

use super::en::English;
use super::tokens;
use super::zh::Chinese;
use crate::report::{Cause, PlanNote, Setting, Unpinned};

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
    /// Tokens per second while all services of the GPU are busy.
    AllBusy,
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
    AllGone,
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
    /// A service is started otherwise.
    Settings { service: &'a str, settings: &'a str },
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
    /// A setting before and now.
    fn setting(&self, setting: &Setting) -> String {
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let (from, to) = (said(&setting.from), said(&setting.to));
        format!("{} {from} → {to}", setting.name)
    }
    /// A sentence with its numbers.
    fn plan(&self, sentence: &PlanSentence<'_>) -> String;
}

fn gpus(unpinned: &Unpinned) -> String {
    let names: Vec<String> = unpinned.gpus.iter().map(u32::to_string).collect();
    format!("GPU {}", names.join("+"))
}

/// GPUs of this machine by their numbers, others by their hosts too.
fn here(gpus: &[String]) -> Vec<String> {
    let short = |gpu: &String| match gpu.strip_prefix("localhost/") {
        Some(index) => format!("GPU {index}"),
        None => gpu.clone(),
    };
    gpus.iter().map(short).collect()
}

impl PlanText for English {
    fn plan_label(&self, label: PlanLabel) -> &'static str {
        match label {
            PlanLabel::Services => "Services",
            PlanLabel::Port => "Port",
            PlanLabel::Gpus => "GPUs",
            PlanLabel::Ledger => "Memory by GPU",
            PlanLabel::NoPlace => "Do not fit",
            PlanLabel::IfACardFails => "If a card fails",
            PlanLabel::WithoutPins => "The same models in a single, unpinned Ollama",
            PlanLabel::Changes => "Changes",
            PlanLabel::Files => "Files written",
            PlanLabel::Cache => "Cache",
            PlanLabel::AllBusy => "All busy",
            PlanLabel::Or => "; or ",
            PlanLabel::Environment => "Environment",
        }
    }

    fn plan_note(&self, note: &PlanNote) -> String {
        match note {
            PlanNote::KeptFree { gpus } => format!("Kept free: {}.", here(gpus).join(", ")),
            PlanNote::Headroom { bytes } => {
                format!("{bytes} stay free on every GPU beside what the services take.")
            }
            PlanNote::MustServe { tags } => format!(
                "{} must be served and does not fit: no files are written.",
                tags.join(", ")
            ),
            PlanNote::OpenPorts { ports } => format!(
                "Whoever reaches {} can use these models, delete them and load others: Ollama asks for no password. Let only the gateway reach these ports (firewall), and let it ask for a token: LiteLLM does, nginx once its lines for it are switched on.",
                ports.join(", ")
            ),
            PlanNote::Unreachable { hosts } => format!(
                "The servers of {} listen on 127.0.0.1, where neither a gateway nor monitor --plan on another machine reaches them: give --listen HOST=ADDRESS, or listen in the fleet file.",
                hosts.join(", ")
            ),
            PlanNote::OneSlot { tag } => {
                format!(
                    "Ollama gives {tag} one request at a time, whatever OLLAMA_NUM_PARALLEL says."
                )
            }
            PlanNote::ContextClamped {
                tag,
                asked,
                context_length,
            } => format!(
                "{tag} was trained for a context of {}, not {}; it gets {0}.",
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
                format!("{tag}: context widened to {}.", tokens(*context_length))
            }
            PlanNote::Replaced { tag, by } => {
                format!("{tag} is not in Ollama's library; {by} was planned instead.")
            }
            PlanNote::PresetPlacedAnew { preset } => {
                format!(
                    "{preset} does not fit in the layout that the guide gives; its services were laid out anew."
                )
            }
            PlanNote::ContextShortened {
                preset,
                context_length,
            } => format!(
                "{preset} does not fit at the usual context, or only if its services start in a certain order; they get at most {} instead.",
                tokens(*context_length)
            ),
            PlanNote::StartInOrder { tags } => format!(
                "{} share GPUs with other services, and the engine splits them by the memory that is free when they load: start them first, in this order, as the emitted files do; when you restart one, restart those that share its GPUs too.",
                tags.join(", ")
            ),
            PlanNote::Gap { wanted, placed, .. } if placed == wanted => {
                "Whether a plan splits less is not proved.".into()
            }
            PlanNote::Gap { placed, bound, .. } if placed == bound => {
                "No plan places more services; whether one serves more of what you asked for first, or splits less, is not proved.".into()
            }
            PlanNote::Gap { placed, bound, .. } => {
                format!("{placed} services are placed; no plan can place more than {bound}; whether one serves more of what you asked for first is not proved.")
            }
        }
    }

    fn unpinned(&self, unpinned: &Unpinned) -> String {
        let mut words = format!("on {}", gpus(unpinned));
        if unpinned.host_layers > 0 {
            words += &format!(", {} layers silently on the CPU", unpinned.host_layers);
        }
        if !unpinned.evicts.is_empty() {
            words += &format!("; evicts {}", unpinned.evicts.join(", "));
        }
        words
    }

    fn plan(&self, sentence: &PlanSentence<'_>) -> String {
        match sentence {
            PlanSentence::Placed { placed, wanted, used, gpus } => {
                let services = if *wanted == 1 { "service" } else { "services" };
                let cards = if *gpus == 1 { "GPU" } else { "GPUs" };
                format!("{placed} of {wanted} {services} placed, on {used} of {gpus} {cards}.")
            }
            PlanSentence::Proved => "Proved: no plan serves more of what you asked for first, nor the same with less splitting.".into(),
            PlanSentence::Stops { services } => format!("stops {services}"),
            PlanSentence::Gone { tags } => format!("no other replica of {tags}"),
            PlanSentence::AllGone => "no other replica".into(),
            PlanSentence::Shorter { demand } => format!("a shorter context: {demand}"),
            PlanSentence::Fewer { demand } => format!("fewer replicas: {demand}"),
            PlanSentence::MoreGpus { count: 1, name } => format!("one more {name}"),
            PlanSentence::MoreGpus { count, name } => format!("{count} more {name}"),
            PlanSentence::StillServed => "other replicas keep serving".into(),
            PlanSentence::Because { cause: Cause::Lose, gpus } => format!("Without {gpus}"),
            PlanSentence::Because { cause: Cause::WhatIf, gpus } => format!("With {gpus} added"),
            PlanSentence::Because { cause: Cause::Diff, .. } => "Against the saved plan".into(),
            PlanSentence::Moves { service, from, to } => format!("{service} moves from {from} to {to}"),
            PlanSentence::Settings { service, settings } => format!("{service} restarts with other settings: {settings}"),
            PlanSentence::Gains { service, to } => format!("{service} now fits on {to}"),
            PlanSentence::Loses { service, from } => format!("{service} was on {from} and no longer fits"),
            PlanSentence::Stay { count: 1 } => "1 service stays where it is".into(),
            PlanSentence::Stay { count } => format!("{count} services stay where they are"),
            PlanSentence::NothingMoves => "nothing moves".into(),
            PlanSentence::WhyPin => "In the plan every service has an Ollama of its own that sees only its GPUs: nothing spreads, falls back to the CPU or is evicted.".into(),
            PlanSentence::MoreLines { count } => format!("… and {count} more; --json has them all"),
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
            PlanLabel::NoPlace => "放不下的服务",
            PlanLabel::IfACardFails => "坏一张卡会怎样",
            PlanLabel::WithoutPins => "同样的模型交给单个不绑卡的 Ollama",
            PlanLabel::Changes => "变动",
            PlanLabel::Files => "已写入的文件",
            PlanLabel::Cache => "缓存",
            PlanLabel::AllBusy => "同卡皆忙",
            PlanLabel::Or => "；或",
            PlanLabel::Environment => "环境变量",
        }
    }

    fn plan_note(&self, note: &PlanNote) -> String {
        match note {
            PlanNote::KeptFree { gpus } => format!("保持空闲：{}。", here(gpus).join("、")),
            PlanNote::Headroom { bytes } => format!("除服务占用外，每张卡再留出 {bytes}。"),
            PlanNote::MustServe { tags } => {
                format!("{} 必须部署却放不下，因此不写出任何文件。", tags.join("、"))
            }
            PlanNote::OpenPorts { ports } => format!(
                "凡能连到 {} 的人都能使用、删除、加载模型：Ollama 不设密码。请用防火墙只放行网关，并让网关校验令牌：LiteLLM 本就校验，nginx 需启用配置里的相应几行。",
                ports.join("、")
            ),
            PlanNote::Unreachable { hosts } => format!(
                "{} 上的服务只监听 127.0.0.1，别的机器上的网关和 monitor --plan 连不到：请用 --listen HOST=地址，或在机群文件里写 listen。",
                hosts.join("、")
            ),
            PlanNote::OneSlot { tag } => {
                format!("{tag} 在 Ollama 中一次只处理一个请求，OLLAMA_NUM_PARALLEL 不起作用。")
            }
            PlanNote::ContextClamped {
                tag,
                asked,
                context_length,
            } => format!(
                "{tag} 的训练上下文是 {}，不足 {}，按 {0} 规划。",
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
                format!("Ollama 模型库中没有 {tag}，已改用 {by}。")
            }
            PlanNote::PresetPlacedAnew { preset } => {
                format!("{preset} 按指南的分卡方式放不下，已重新安排。")
            }
            PlanNote::ContextShortened {
                preset,
                context_length,
            } => format!(
                "{preset} 按默认上下文放不下，或者必须按次序启动；已改用最多 {}。",
                tokens(*context_length)
            ),
            PlanNote::StartInOrder { tags } => format!(
                "{} 与其他服务共用显卡，怎样拆分取决于加载时的空闲显存：请按这里的顺序最先启动（生成的文件就是这样做的）；重启其中一个后，与它共用显卡的服务也要重启。",
                tags.join("、")
            ),
            PlanNote::Gap { wanted, placed, .. } if placed == wanted => {
                "是否有跨卡更少的方案，尚未证明。".into()
            }
            PlanNote::Gap { placed, bound, .. } if placed == bound => {
                "没有方案能放下更多服务；能否让先列出的服务多放下一些，或跨卡更少，尚未证明。"
                    .into()
            }
            PlanNote::Gap { placed, bound, .. } => {
                format!(
                    "已放下 {placed} 个服务；任何方案都不会超过 {bound} 个；能否让先列出的服务多放下一些，尚未证明。"
                )
            }
        }
    }

    fn unpinned(&self, unpinned: &Unpinned) -> String {
        let mut words = format!("放在 {}", gpus(unpinned));
        if unpinned.host_layers > 0 {
            words += &format!("，{} 层悄悄落到 CPU 上", unpinned.host_layers);
        }
        if !unpinned.evicts.is_empty() {
            words += &format!("；会把 {} 挤出显存", unpinned.evicts.join("、"));
        }
        words
    }

    fn plan(&self, sentence: &PlanSentence<'_>) -> String {
        match sentence {
            PlanSentence::Placed { placed, wanted, used, gpus } => {
                let placed = if placed == wanted {
                    format!("{wanted} 个服务全部放下")
                } else {
                    format!("{wanted} 个服务放下 {placed} 个")
                };
                format!("{placed}，用到 {gpus} 张卡中的 {used} 张。")
            }
            PlanSentence::Proved => "已证明：按先后次序，没有方案能多放下一个服务；放下同样的服务，也没有跨卡更少的方案。".into(),
            PlanSentence::Stops { services } => format!("{services} 中断"),
            PlanSentence::Gone { tags } => format!("{tags} 没有其他副本"),
            PlanSentence::AllGone => "没有其他副本".into(),
            PlanSentence::Shorter { demand } => format!("缩短上下文：{demand}"),
            PlanSentence::Fewer { demand } => format!("减少副本：{demand}"),
            PlanSentence::MoreGpus { count, name } => format!("再加 {count} 张 {name}"),
            PlanSentence::StillServed => "其他副本继续服务".into(),
            PlanSentence::Because { cause: Cause::Lose, gpus } => format!("去掉 {gpus} 之后"),
            PlanSentence::Because { cause: Cause::WhatIf, gpus } => format!("加上 {gpus} 之后"),
            PlanSentence::Because { cause: Cause::Diff, .. } => "与保存的方案相比".into(),
            PlanSentence::Moves { service, from, to } => format!("{service} 从 {from} 移到 {to}"),
            PlanSentence::Settings { service, settings } => format!("{service} 的设置有变，需要重启：{settings}"),
            PlanSentence::Gains { service, to } => format!("{service} 现在可以放到 {to}"),
            PlanSentence::Loses { service, from } => format!("{service} 原在 {from}，现在放不下"),
            PlanSentence::Stay { count } => format!("{count} 个服务位置不变"),
            PlanSentence::NothingMoves => "没有变动".into(),
            PlanSentence::WhyPin => "方案中每个服务都有自己的 Ollama，只看得见分给它的卡：不会摊到别的卡上，不会落到 CPU 上，也不会被挤出显存。".into(),
            PlanSentence::MoreLines { count } => format!("……还有 {count} 项，加 --json 查看全部"),
        }
    }
}
