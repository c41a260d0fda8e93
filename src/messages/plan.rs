//! The words of `plan`.

use super::{listen, tokens, word};
use crate::lang::Lang;
use crate::report::{Cause, Ending, PlanNote, Unpinned};
use crate::units::Bytes;

words! {
    services: "Services", "服务";
    gpus: "GPUs", "显卡";
    memory_by_gpu: "Memory by GPU", "各卡显存";
    do_not_fit: "Do not fit", "放不下的服务";
    if_a_card_fails: "If a card fails", "坏一张卡会怎样";
    in_a_single_unpinned_ollama: "The same models in a single, unpinned Ollama", "同样的模型交给单个不绑卡的 Ollama";
    changes: "Changes", "变动";
    files_written: "Files written", "已写入的文件";
    cache: "Cache", "缓存";
    all_busy: "All busy", "同卡皆忙";
    or: "; or ", "；或";
    environment: "Environment", "环境变量";
    proved: "Proved: no plan serves more of what you asked for first, nor the same with less splitting.",
        "已证明：按先后次序，没有方案能多放下一个服务；放下同样的服务，也没有跨卡更少的方案。";
    what_else_fits: "What else fits", "还放得下";
    longest: "Longest", "最长";
    nothing_else_fits: "No other model for this task fits on what is left.", "剩余显存放不下这项任务的其他模型。";
    about_fill: "Each by itself, beside everything above; best first, as 'recommend' ranks them. Longest: the longest context with which it still fits there. Add it to the command line as it stands here.",
        "各自单独放在上述服务之外，按 recommend 的排名列出。最长：在那里仍放得下的最长上下文。照此写法加进命令行即可。";
    no_other_replica: "no other replica", "没有其他副本";
    other_replicas_keep_serving: "other replicas keep serving", "其他副本继续服务";
    nothing_moves: "nothing moves", "没有变动";
    why_pin: "In the plan every service has an Ollama of its own that sees only its GPUs: nothing spreads, falls back to the CPU or is evicted.",
        "方案中每个服务都有自己的 Ollama，只看得见分给它的卡：不会摊到别的卡上，不会落到 CPU 上，也不会被挤出显存。";
}

pub(crate) fn placed(lang: Lang, placed: usize, wanted: usize, used: usize, gpus: usize) -> String {
    match lang {
        Lang::En => {
            let services = if wanted == 1 { "service" } else { "services" };
            let cards = if gpus == 1 { "GPU" } else { "GPUs" };
            format!("{placed} of {wanted} {services} placed, on {used} of {gpus} {cards}.")
        }
        Lang::Zh => {
            let placed = if placed == wanted {
                format!("{wanted} 个服务全部放下")
            } else {
                format!("{wanted} 个服务放下 {placed} 个")
            };
            format!("{placed}，用到 {gpus} 张卡中的 {used} 张。")
        }
    }
}

pub(crate) fn stops(lang: Lang, services: &str) -> String {
    say!(lang, "stops {services}", "{services} 中断")
}

pub(crate) fn no_other_replica_of(lang: Lang, tags: &str) -> String {
    say!(lang, "no other replica of {tags}", "{tags} 没有其他副本")
}

pub(crate) fn because_of(lang: Lang, cause: Cause, gpus: &str) -> String {
    match cause {
        Cause::Lose => say!(lang, "Without {gpus}", "去掉 {gpus} 之后"),
        Cause::WhatIf => say!(lang, "With {gpus} added", "加上 {gpus} 之后"),
        Cause::Diff => word(lang, "Against the saved plan", "与保存的方案相比").into(),
    }
}

pub(crate) fn moves_from(lang: Lang, service: &str, from: &str, to: &str) -> String {
    if from == to {
        // A card was exchanged, and has its number.
        return say!(
            lang,
            "{service} moves to another card, {to} now",
            "{service} 换到另一张卡，即现在的 {to}"
        );
    }
    say!(
        lang,
        "{service} moves from {from} to {to}",
        "{service} 从 {from} 移到 {to}"
    )
}

pub(crate) fn settings(lang: Lang, service: &str, settings: &str) -> String {
    say!(
        lang,
        "{service} restarts with other settings: {settings}",
        "{service} 的设置有变，需要重启：{settings}"
    )
}

pub(crate) fn now_fits_on(lang: Lang, service: &str, to: &str) -> String {
    say!(
        lang,
        "{service} now fits on {to}",
        "{service} 现在可以放到 {to}"
    )
}

pub(crate) fn no_longer_fits(lang: Lang, service: &str, from: &str) -> String {
    say!(
        lang,
        "{service} was on {from} and no longer fits",
        "{service} 原在 {from}，现在放不下"
    )
}

pub(crate) fn no_longer_planned(lang: Lang, service: &str, from: &str) -> String {
    say!(
        lang,
        "{service} was on {from} and is not in this plan",
        "{service} 原在 {from}，这个方案中没有它"
    )
}

pub(crate) fn stay_where_they_are(lang: Lang, count: u32) -> String {
    match lang {
        Lang::En if count == 1 => "1 service stays where it is".into(),
        Lang::En => format!("{count} services stay where they are"),
        Lang::Zh => format!("{count} 个服务位置不变"),
    }
}

pub(crate) fn a_shorter_context(lang: Lang, demand: &str) -> String {
    say!(lang, "a shorter context: {demand}", "缩短上下文：{demand}")
}

pub(crate) fn fewer_replicas(lang: Lang, demand: &str) -> String {
    say!(lang, "fewer replicas: {demand}", "减少副本：{demand}")
}

pub(crate) fn more_gpus(lang: Lang, count: u32, name: &str) -> String {
    match lang {
        Lang::En if count == 1 => format!("one more {name}"),
        Lang::En => format!("{count} more {name}"),
        Lang::Zh => format!("再加 {count} 张 {name}"),
    }
}

pub(crate) fn more_lines(lang: Lang, count: usize) -> String {
    say!(
        lang,
        "… and {count} more; --json has them all",
        "……还有 {count} 项，加 --json 查看全部"
    )
}

pub(crate) fn note(lang: Lang, note: &PlanNote) -> String {
    match note {
        PlanNote::Ended { by } => ended(lang, *by),
        PlanNote::WithinDoubt { tags } => super::cache::plan_within_doubt(lang, tags),
        PlanNote::GpusLeftOut { gpus, driver } => {
            super::hardware::left_out(lang, gpus, driver.as_deref())
        }
        PlanNote::AddedHasHostDriver { driver } => {
            super::hardware::added_has_host_driver(lang, driver)
        }
        PlanNote::GpusNotUsed => gpus_not_used(lang).to_owned(),
        PlanNote::KeptFree { gpus } => kept_free(lang, gpus),
        PlanNote::Headroom { bytes } => headroom(lang, *bytes),
        PlanNote::MustServe { tags } => must_serve(lang, tags),
        PlanNote::OpenPorts { ports, engine } => listen::open_ports(lang, ports, *engine),
        PlanNote::Unreachable { hosts } => listen::unreachable(lang, hosts),
        PlanNote::OneSlot { tag } => one_slot(lang, tag),
        PlanNote::ContextClamped {
            tag,
            asked,
            context_length,
        } => context_clamped(lang, tag, *asked, *context_length),
        PlanNote::Batch { batch } => of_modelfile(lang, "num_batch", *batch),
        PlanNote::Draft { tokens } => of_modelfile(lang, "draft_num_predict", *tokens),
        PlanNote::ContextWidened {
            tag,
            context_length,
        } => context_widened(lang, tag, *context_length),
        PlanNote::Replaced { tag, by } => replaced(lang, tag, by),
        PlanNote::PresetPlacedAnew { preset } => preset_placed_anew(lang, preset),
        PlanNote::ContextShortened {
            preset,
            context_length,
        } => context_shortened(lang, preset, *context_length),
        PlanNote::ExpertsOnHost {
            tag,
            blocks,
            of,
            bytes,
        } => super::llama_server::experts_on_host(lang, tag, (*blocks, *of), *bytes),
        PlanNote::Checkpoint { .. } | PlanNote::Nodes { .. } | PlanNote::OverNodes { .. } => {
            super::vllm::note(lang, note)
        }
        PlanNote::InTurns { tags } => super::llama_server::in_turns(lang, tags),
        PlanNote::WithOwnServer { tags } => super::llama_server::with_own_server(lang, tags),
        PlanNote::StartInOrder { tags } => start_in_order(lang, tags),
        PlanNote::Gap { wanted, placed, .. } if placed == wanted => gap(lang),
        PlanNote::Gap { placed, bound, .. } if placed == bound => gap_2(lang),
        PlanNote::Gap { placed, bound, .. } => gap_3(lang, *placed, *bound),
    }
}

pub(crate) fn searching(lang: Lang, seconds: u64) -> String {
    say!(
        lang,
        "Searching for {seconds} s; Ctrl-C takes the best plan so far",
        "已搜索 {seconds} 秒；按 Ctrl-C 采用目前最好的方案"
    )
}

fn ended(lang: Lang, by: Ending) -> String {
    match by {
        Ending::TimeLimit => word(
            lang,
            "The time was over before the search was: this is the best plan found until then, and nothing about it is proved.",
            "时间到了，搜索还没做完：这是目前找到的最好方案，未经证明。",
        ),
        Ending::Interrupt => word(
            lang,
            "The search was interrupted: this is the best plan found until then, nothing about it is proved, and no files are written.",
            "搜索被中断：这是目前找到的最好方案，未经证明，也不写出任何文件。",
        ),
    }
    .into()
}

fn gpus_not_used(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "A plan places services on GPUs only, and --cpu leaves those out: 'vramfit recommend' and 'vramfit explain' answer for the CPU."
        }
        Lang::Zh => {
            "方案只把服务放到显卡上，而 --cpu 不用显卡：CPU 的情况请用 vramfit recommend 或 vramfit explain 查看。"
        }
    }
}

fn kept_free(lang: Lang, gpus: &[String]) -> String {
    match lang {
        Lang::En => format!("Kept free: {}.", here(gpus).join(", ")),
        Lang::Zh => format!("保持空闲：{}。", here(gpus).join("、")),
    }
}

fn headroom(lang: Lang, bytes: Bytes) -> String {
    say!(
        lang,
        "{bytes} stay free on every GPU beside what the services take.",
        "除服务占用外，每张卡再留出 {bytes}。"
    )
}

fn must_serve(lang: Lang, tags: &[String]) -> String {
    match lang {
        Lang::En => format!(
            "{} must be served and does not fit: no files are written.",
            tags.join(", ")
        ),
        Lang::Zh => format!("{} 必须部署却放不下，因此不写出任何文件。", tags.join("、")),
    }
}

fn one_slot(lang: Lang, tag: &str) -> String {
    say!(
        lang,
        "Ollama gives {tag} one request at a time, whatever OLLAMA_NUM_PARALLEL says.",
        "{tag} 在 Ollama 中一次只处理一个请求，OLLAMA_NUM_PARALLEL 不起作用。"
    )
}

fn context_clamped(lang: Lang, tag: &str, asked: u32, context_length: u32) -> String {
    say!(
        lang,
        "{tag} was trained for a context of {}, not {}; it gets {0}.",
        "{tag} 的训练上下文是 {}，不足 {}，按 {0} 规划。",
        tokens(context_length),
        tokens(asked)
    )
}

fn of_modelfile(lang: Lang, parameter: &str, value: u32) -> String {
    say!(
        lang,
        "{parameter} {value} is a setting of a request or a Modelfile, not of a server: use the Modelfiles of --emit modelfile.",
        "{parameter} {value} 是请求或 Modelfile 的设置，服务器没有这一项：请用 --emit modelfile 生成的 Modelfile。"
    )
}

fn context_widened(lang: Lang, tag: &str, context_length: u32) -> String {
    say!(
        lang,
        "{tag}: context widened to {}.",
        "{tag}：上下文加长到 {}。",
        tokens(context_length)
    )
}

fn replaced(lang: Lang, tag: &str, by: &str) -> String {
    say!(
        lang,
        "{tag} is not in Ollama's library; {by} was planned instead.",
        "Ollama 模型库中没有 {tag}，已改用 {by}。"
    )
}

fn preset_placed_anew(lang: Lang, preset: &str) -> String {
    say!(
        lang,
        "{preset} does not fit in the layout that the guide gives; its services were laid out anew.",
        "{preset} 按指南的分卡方式放不下，已重新安排。"
    )
}

fn context_shortened(lang: Lang, preset: &str, context_length: u32) -> String {
    say!(
        lang,
        "{preset} does not fit at the usual context, or only if its services start in a certain order; they get at most {} instead.",
        "{preset} 按默认上下文放不下，或者必须按次序启动；已改用最多 {}。",
        tokens(context_length)
    )
}

fn start_in_order(lang: Lang, tags: &[String]) -> String {
    match lang {
        Lang::En => format!(
            "{} share GPUs with other services, and the engine splits them by the memory that is free when they load: start them first, in this order, as the emitted files do; when you restart one, restart those that share its GPUs too.",
            tags.join(", ")
        ),
        Lang::Zh => format!(
            "{} 与其他服务共用显卡，怎样拆分取决于加载时的空闲显存：请按这里的顺序最先启动（生成的文件就是这样做的）；重启其中一个后，与它共用显卡的服务也要重启。",
            tags.join("、")
        ),
    }
}

fn gap(lang: Lang) -> String {
    word(
        lang,
        "Whether a plan splits less is not proved.",
        "是否有跨卡更少的方案，尚未证明。",
    )
    .into()
}

fn gap_2(lang: Lang) -> String {
    word(
        lang,
        "No plan places more services; whether one serves more of what you asked for first, or splits less, is not proved.",
        "没有方案能放下更多服务；能否让先列出的服务多放下一些，或跨卡更少，尚未证明。"
    ).into()
}

fn gap_3(lang: Lang, placed: u32, bound: u32) -> String {
    say!(
        lang,
        "{placed} services are placed; no plan can place more than {bound}; whether one serves more of what you asked for first is not proved.",
        "已放下 {placed} 个服务；任何方案都不会超过 {bound} 个；能否让先列出的服务多放下一些，尚未证明。"
    )
}

pub(crate) fn unpinned(lang: Lang, unpinned: &Unpinned) -> String {
    if let Some(cache) = unpinned.refused {
        return super::cache::not_loaded(lang, cache, "");
    }
    match lang {
        Lang::En => {
            let mut words = format!("on {}", gpu_numbers(unpinned));
            if unpinned.host_layers > 0 {
                words += &format!(", {} layers silently on the CPU", unpinned.host_layers);
            }
            if !unpinned.evicts.is_empty() {
                words += &format!("; evicts {}", unpinned.evicts.join(", "));
            }
            words
        }
        Lang::Zh => {
            let mut words = format!("放在 {}", gpu_numbers(unpinned));
            if unpinned.host_layers > 0 {
                words += &format!("，{} 层悄悄落到 CPU 上", unpinned.host_layers);
            }
            if !unpinned.evicts.is_empty() {
                words += &format!("；会把 {} 挤出显存", unpinned.evicts.join("、"));
            }
            words
        }
    }
}

fn gpu_numbers(unpinned: &Unpinned) -> String {
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
