//! What would make a model fit, in both languages.

use crate::lang::Lang;
use crate::messages::{ranking, tokens};
use crate::report::Fix;

/// English.
pub(super) fn en(fix: &Fix) -> String {
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
        Fix::SmallerQuantization { tag, .. } => format!("a smaller quantization: {tag}"),
        Fix::FreeProcess {
            gpu,
            pid,
            name,
            bytes,
        } => {
            let name = name.as_deref().unwrap_or("?");
            format!("stop {name} (pid {pid}): it holds {bytes} of GPU {gpu}")
        }
        Fix::FewerReplicas { replicas: 1 } => "a single replica".into(),
        Fix::FewerReplicas { replicas } => format!("only {replicas} replicas"),
        Fix::AnotherContext {
            tag,
            context_length,
        } => format!("{tag}@{}", tokens(*context_length)),
        Fix::AnotherReplicas { tag, replicas } => format!("{tag}*{replicas}"),
        Fix::WithoutPin => "let it use other GPUs too".into(),
        Fix::FewerKeptFree { count } => format!("--keep-free count:{count}"),
        Fix::SystemMemory { bytes, decode } => {
            ranking::with_system_memory(Lang::En, *bytes, *decode)
        }
        Fix::MoreGpus { count: 1 } => "one more GPU".into(),
        Fix::MoreGpus { count } => format!("{count} more GPUs"),
    }
}

/// Chinese.
pub(super) fn zh(fix: &Fix) -> String {
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
        Fix::FewerKeptFree { count } => format!("--keep-free count:{count}"),
        Fix::SystemMemory { bytes, decode } => {
            ranking::with_system_memory(Lang::Zh, *bytes, *decode)
        }
        Fix::MoreGpus { count } => format!("再加 {count} 张卡"),
    }
}
