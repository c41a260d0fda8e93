//! What is said of the models that were ranked.

use super::{cache, parameters, ranking, terms, tokens, word};
use crate::lang::Lang;
use crate::report::{Basis, Fix, Reason};
use crate::request::Task;
use crate::units::Bytes;

words! {
    no_installed_model_suits: "No installed model suits this task. Without --installed, all models are ranked.",
        "已安装的模型都不适合这项任务。去掉 --installed 可为全部模型排名。";
    no_model_suits: "No model of this catalog is made for this task, or meets the conditions.",
        "这个目录里没有适合这项任务或符合条件的模型。";
    no_model_fits: "No model fits this hardware.", "这套硬件放不下任何模型。";
}

pub(crate) fn best_for(lang: Lang, tag: &str, task: &str) -> String {
    say!(lang, "{tag} for {task}", "{tag}（{task}）")
}

pub(crate) fn settings(
    lang: Lang,
    task: &str,
    priority: &str,
    context: &str,
    parallel: u32,
    kv: &str,
) -> String {
    match lang {
        Lang::En => {
            let slots = if parallel > 1 {
                format!(", {parallel} requests at once")
            } else {
                String::new()
            };
            format!("{task}, {priority}, context {context}{slots}, {kv} KV cache")
        }
        Lang::Zh => {
            let slots = if parallel > 1 {
                format!("，并发 {parallel}")
            } else {
                String::new()
            };
            format!("{task}，{priority}，上下文 {context}{slots}，KV 缓存 {kv}")
        }
    }
}

pub(crate) fn more_are_listed(lang: Lang, count: usize, or_slow: bool) -> String {
    if or_slow {
        return say!(
            lang,
            "{count} more that do not run, or too slowly, are listed with --all.",
            "还有 {count} 个跑不起来或太慢的模型未列出，加 --all 查看。"
        );
    }
    say!(
        lang,
        "{count} more that do not run are listed with --all.",
        "还有 {count} 个跑不起来的模型未列出，加 --all 查看。"
    )
}

pub(crate) fn reason(lang: Lang, reason: &Reason, task: Task) -> String {
    let task = terms::task(lang, task);
    match reason {
        Reason::RankedForTask { rank } => ranked_for_task(lang, *rank, task),
        Reason::StrongForTask { score } => strong_for_task(lang, *score, task),
        Reason::Headroom { bytes } => say!(lang, "{bytes} to spare", "还剩 {bytes}"),
        Reason::ContextClamped { asked, used } => context_clamped(lang, *asked, *used),
        Reason::SplitsOver { gpus } => say!(lang, "split over {gpus} GPUs", "拆分到 {gpus} 张卡"),
        Reason::CacheDominates { percent } => cache_dominates(lang, *percent),
        Reason::ReplacesUnpublished { tag } => replaces_unpublished(lang, tag),
        Reason::LoadsWholeOnlyWith { setting } => loads_whole_only_with(lang, setting),
        Reason::DefaultContextOffloads { context_length } => {
            default_context_offloads(lang, *context_length)
        }
        Reason::DefaultContextTakes {
            context_length,
            bytes,
        } => default_context_takes(lang, *context_length, *bytes),
        Reason::OffloadsShare { percent } => offloads_share(lang, *percent),
        Reason::ProcessorOnly => word(lang, "runs on the CPU alone", "完全由 CPU 运行").into(),
        Reason::HostMemoryUnknown { bytes } => say!(
            lang,
            "on the CPU it needs {bytes} of system memory; how much there is, is not known: --ram says it, such as --ram 32",
            "用 CPU 运行需要 {bytes} 内存；本机内存大小未知，请用 --ram 指定，如 --ram 32"
        ),
        Reason::MixtureOfExperts { active_parameters } => {
            mixture_of_experts(lang, *active_parameters)
        }
        Reason::OtherQuantization { instead_of } => other_quantization(lang, instead_of),
        Reason::ProjectorOnHost { bytes } => cache::projector_on_host(lang, *bytes),
        Reason::ProjectorPadding { bytes } => cache::projector_padding(lang, *bytes),
        Reason::ProjectorUnknown { most } => cache::projector_unknown(lang, *most),
        Reason::Drafts {
            tokens,
            model,
            bytes,
        } => cache::drafts(lang, *tokens, model.as_deref(), *bytes),
        Reason::CannotDraft => cache::cannot_draft(lang).to_owned(),
        Reason::SingleSlot => single_slot(lang),
        Reason::NoFlashAttention => no_flash_attention(lang),
        Reason::CacheRefused {
            kv_cache_type,
            fault,
        } => cache::refused(lang, *kv_cache_type, *fault),
        Reason::CacheNotOllamas { kv_cache_type } => cache::not_ollamas(lang, *kv_cache_type),
        Reason::WithinDoubt { doubt } => cache::give_or_take(lang, *doubt),
        Reason::AttendsOnHost { kv_cache_type } => cache::attends_on_host(lang, *kv_cache_type),
        Reason::InferredQuality => inferred_quality(lang),
        Reason::InexactMemory { basis } => inexact_memory(lang, *basis),
        Reason::NotPublished { replaced_by } => not_published(lang, replaced_by.as_deref()),
        Reason::NamedAfter { of } => named_after(lang, of),
    }
}

fn ranked_for_task(lang: Lang, rank: u32, task: &str) -> String {
    say!(
        lang,
        "#{rank} in the guide for {task}",
        "指南“{task}”第 {rank} 名"
    )
}

fn strong_for_task(lang: Lang, score: f64, task: &str) -> String {
    say!(
        lang,
        "benchmarks well for {task} ({score:.0}/100)",
        "{task}评测得分高（{score:.0}/100）"
    )
}

fn context_clamped(lang: Lang, asked: u32, used: u32) -> String {
    say!(
        lang,
        "trained for a context of {}, not {}",
        "训练上下文只有 {}，不足 {}",
        tokens(used),
        tokens(asked)
    )
}

fn cache_dominates(lang: Lang, percent: u32) -> String {
    say!(
        lang,
        "{percent}% of it is KV cache",
        "KV 缓存占了 {percent}%"
    )
}

fn replaces_unpublished(lang: Lang, tag: &str) -> String {
    say!(
        lang,
        "in place of {tag}, which does not exist",
        "代替不存在的 {tag}"
    )
}

fn loads_whole_only_with(lang: Lang, setting: &str) -> String {
    say!(
        lang,
        "fits whole only with PARAMETER {setting}",
        "须设 PARAMETER {setting} 才能完整加载"
    )
}

fn default_context_offloads(lang: Lang, context_length: u32) -> String {
    say!(
        lang,
        "by default Ollama opens it with {} tokens and moves layers to the CPU",
        "不加设置时 Ollama 会以 {} 上下文加载，部分层会落到 CPU 上",
        tokens(context_length)
    )
}

fn default_context_takes(lang: Lang, context_length: u32, bytes: Bytes) -> String {
    say!(
        lang,
        "'ollama run' opens {} and takes {bytes}",
        "ollama run 默认上下文 {}，占 {bytes}",
        tokens(context_length)
    )
}

fn offloads_share(lang: Lang, percent: u32) -> String {
    say!(
        lang,
        "{percent}% of the weights on the CPU",
        "{percent}% 的权重由 CPU 计算"
    )
}

fn mixture_of_experts(lang: Lang, active_parameters: u64) -> String {
    say!(
        lang,
        "mixture of experts, {} active",
        "MoE，每词元只激活 {}",
        parameters(active_parameters)
    )
}

fn other_quantization(lang: Lang, instead_of: &str) -> String {
    say!(lang, "instead of {instead_of}", "代替 {instead_of}")
}

fn single_slot(lang: Lang) -> String {
    word(
        lang,
        "Ollama serves one request at a time with it",
        "Ollama 对它一次只处理一个请求",
    )
    .into()
}

fn no_flash_attention(lang: Lang) -> String {
    word(
        lang,
        "runs without flash attention",
        "运行时用不上 Flash Attention",
    )
    .into()
}

fn inferred_quality(lang: Lang) -> String {
    word(
        lang,
        "quality inferred from family and size",
        "质量按同系列和参数量推断",
    )
    .into()
}

fn inexact_memory(lang: Lang, basis: Basis) -> String {
    match lang {
        Lang::En => match basis {
            Basis::Computed => "file size approximate".into(),
            Basis::Approximate => "memory not known to the byte".into(),
            Basis::Documented => "memory taken from the guide".into(),
            Basis::File | Basis::Architecture | Basis::SimilarArchitecture => {
                "memory estimated from a similar model".into()
            }
        },
        Lang::Zh => match basis {
            Basis::Computed => "文件大小为近似值".into(),
            Basis::Approximate => "显存占用尚未逐字节弄清".into(),
            Basis::Documented => "显存取自指南".into(),
            Basis::File | Basis::Architecture | Basis::SimilarArchitecture => {
                "显存按相近模型估算".into()
            }
        },
    }
}

fn not_published(lang: Lang, by: Option<&str>) -> String {
    let by = by.map(|tag| say!(lang, " (use {tag})", "（请改用 {tag}）"));
    word(lang, "not in Ollama's library", "Ollama 模型库中没有").to_owned()
        + &by.unwrap_or_default()
}

fn named_after(lang: Lang, of: &str) -> String {
    say!(
        lang,
        "estimated as {of}, whose name the repository has; its file was not read",
        "按同名模型 {of} 估算，未读取仓库中的文件"
    )
}

pub(crate) fn fix(lang: Lang, fix: &Fix) -> String {
    match fix {
        Fix::KvCacheType { kv_cache_type } => say!(
            lang,
            "--kv-cache-type {}",
            "--kv-cache-type {}",
            kv_cache_type.label()
        ),
        Fix::ShorterContext { context_length } => say!(
            lang,
            "--context {}",
            "--context {}",
            tokens(*context_length)
        ),
        Fix::ShorterContextAndKvCacheType {
            context_length,
            kv_cache_type,
        } => say!(
            lang,
            "--context {} --kv-cache-type {}",
            "--context {} --kv-cache-type {}",
            tokens(*context_length),
            kv_cache_type.label()
        ),
        Fix::SmallerQuantization { tag, .. } => say!(
            lang,
            "a smaller quantization: {tag}",
            "改用更小的量化：{tag}"
        ),
        Fix::FreeProcess {
            gpu,
            pid,
            name,
            bytes,
        } => match lang {
            Lang::En => {
                let name = name.as_deref().unwrap_or("?");
                format!("stop {name} (pid {pid}): it holds {bytes} of GPU {gpu}")
            }
            Lang::Zh => {
                let name = name.as_deref().unwrap_or("?");
                format!("结束 {name}（PID {pid}），它占着 GPU {gpu} 的 {bytes}")
            }
        },
        Fix::FewerReplicas { replicas: 1 } => {
            word(lang, "a single replica", "副本减到 1 个").into()
        }
        Fix::FewerReplicas { replicas } => {
            say!(lang, "only {replicas} replicas", "副本减到 {replicas} 个")
        }
        Fix::AnotherContext {
            tag,
            context_length,
        } => say!(lang, "{tag}@{}", "{tag}@{}", tokens(*context_length)),
        Fix::AnotherReplicas { tag, replicas } => {
            say!(lang, "{tag}*{replicas}", "{tag}*{replicas}")
        }
        Fix::WithoutPin => word(lang, "let it use other GPUs too", "不限定在这几张卡上").into(),
        Fix::WithoutApart => word(lang, "let it share GPUs and hosts", "允许同卡或同机").into(),
        Fix::FewerKeptFree { count } => say!(
            lang,
            "--keep-free count:{count}",
            "--keep-free count:{count}"
        ),
        Fix::SystemMemory { bytes, decode } => ranking::with_system_memory(lang, *bytes, *decode),
        Fix::ExpertsInMemory {
            bytes,
            decode,
            other_engine,
        } => super::llama_server::experts_in_memory(lang, *bytes, *decode, *other_engine),
        Fix::MoreGpus { count: 1 } => word(lang, "one more GPU", "再加 1 张卡").into(),
        Fix::MoreGpus { count } => say!(lang, "{count} more GPUs", "再加 {count} 张卡"),
        Fix::LargerMachine { memory } => larger_machine(lang, *memory),
        Fix::OtherGpus { name, count } => other_gpus(lang, name, *count),
    }
}

/// A machine whose GPU shares its memory, with more of it.
fn larger_machine(lang: Lang, memory: Bytes) -> String {
    let size = memory.0 >> 30;
    say!(
        lang,
        "the same machine with {size} GB of memory",
        "换成 {size} GB 内存的同款机器"
    )
}

/// Cards, or a machine, in place of what is here.
fn other_gpus(lang: Lang, name: &str, count: u32) -> String {
    match count {
        1 => say!(lang, "{name} instead", "换成 {name}"),
        _ => say!(lang, "{count} × {name} instead", "换成 {name} × {count}"),
    }
}
