//! The words of `--engine vllm`.

use crate::engine::checkpoint::LEAST_CAPABILITY;
use crate::lang::Lang;
use crate::report::PlanNote;
use crate::units::Bytes;

/// What a plan says of it; nothing where it is another note.
pub(crate) fn note(lang: Lang, note: &PlanNote) -> String {
    match note {
        PlanNote::Checkpoint {
            tag,
            repository,
            format,
            bytes,
        } => checkpoint(lang, (tag, repository), format.label(), *bytes),
        PlanNote::Nodes {
            tag,
            repository,
            nodes,
            idle,
        } => too_few_nodes(lang, (tag, repository), *nodes, *idle),
        PlanNote::OverNodes {
            tag,
            repository,
            nodes,
        } => over_nodes(lang, (tag, repository), *nodes),
        _ => String::new(),
    }
}

/// Of a GPU on which nothing is planned for it.
pub(crate) fn no_gpu(lang: Lang, gpu: &str) -> String {
    let (major, minor) = LEAST_CAPABILITY;
    say!(
        lang,
        "--engine vllm is planned on NVIDIA GPUs of compute capability {major}.{minor} or newer alone, and {gpu} is none. Use --engine llama.cpp.",
        "--engine vllm 只支持计算能力 {major}.{minor} 及以上的 NVIDIA 显卡，{gpu} 不是。可改用 --engine llama.cpp。"
    )
}

/// Of a model that machines hold together.
fn over_nodes(lang: Lang, (tag, repository): (&str, &str), nodes: u32) -> String {
    say!(
        lang,
        "{tag}: with --emit k8s, vLLM serves {repository} over {nodes} of these machines.",
        "{tag}：加 --emit k8s，可由 vLLM 用其中 {nodes} 台机器一起运行 {repository}。"
    )
}

/// Of a model that more machines would hold than there are.
fn too_few_nodes(lang: Lang, (tag, repository): (&str, &str), nodes: u32, idle: u32) -> String {
    say!(
        lang,
        "No manifest for {tag}: vLLM would serve {repository} over {nodes} machines like the largest of these, of which {idle} are idle.",
        "没有为 {tag} 生成清单：vLLM 运行 {repository} 需要 {nodes} 台像其中最大那台一样的机器，空闲的只有 {idle} 台。"
    )
}

/// What it loads in place of a tag, and how far its memory is known.
fn checkpoint(lang: Lang, (tag, repository): (&str, &str), format: &str, bytes: Bytes) -> String {
    say!(
        lang,
        "{tag}: vLLM loads {repository} ({format}, {bytes}). Its memory is computed by a rule, not read from its own plan.",
        "{tag}：vLLM 加载 {repository}（{format}，{bytes}）。显存按规则推算，并非引擎自身的分配方案。"
    )
}

/// Of a tag that has none.
pub(crate) fn no_checkpoint(lang: Lang, tag: &str, meant: &str) -> String {
    say!(
        lang,
        "No published checkpoint of '{tag}' is known that vLLM can load; it reads no GGUF files of Ollama's.{meant} --engine llama.cpp serves the tag itself.",
        "没有已知的“{tag}”检查点可供 vLLM 加载，它不读 Ollama 的 GGUF 文件。{meant}用 --engine llama.cpp 可直接运行这个标签。"
    )
}
