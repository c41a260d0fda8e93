//! Variables, tags, and the machine.

use super::super::punctuation::list_comma;
use super::super::word;
use crate::lang::Lang;
use crate::lint::Hint;
use crate::units::Bytes;

pub(super) fn no_context_length(lang: Lang) -> String {
    word(
        lang,
        "No context is set: Ollama picks 4K, 32K or 256K by the memory it sees, which may silently push layers to the CPU.",
        "没有设置上下文：Ollama 会按可见显存自动取 4K、32K 或 256K，部分层可能悄悄落到 CPU 上。"
    ).into()
}

pub(super) fn gpu_overhead(lang: Lang) -> String {
    word(
        lang,
        "OLLAMA_GPU_OVERHEAD no longer reserves memory; LLAMA_ARG_FIT_TARGET does, in MiB, including the engine's own 1024.",
        "OLLAMA_GPU_OVERHEAD 已不能预留显存；请改用 LLAMA_ARG_FIT_TARGET，单位 MiB，须包含引擎自身预留的 1024。"
    ).into()
}

pub(super) fn unknown_variable(
    lang: Lang,
    variable: &str,
    instead: Option<&str>,
    hint: Option<Hint>,
    candidates: &[String],
) -> String {
    match (hint, instead) {
        (Some(Hint::CountsLayers), _) => say!(
            lang,
            "Ollama has no variable {variable}, and its parameter num_gpu counts layers, not cards. Leave it out: every layer that fits goes to the GPUs by itself.",
            "Ollama 没有 {variable} 这个变量；num_gpu 参数数的是层数，不是显卡数。去掉它即可：放得下的层本来就会放到显卡上。"
        ),
        (Some(Hint::LeavesFree), _) => say!(
            lang,
            "Ollama has no variable {variable} and no limit for the memory it takes; LLAMA_ARG_FIT_TARGET says how many MiB to leave free on each card.",
            "Ollama 没有 {variable} 这个变量，也不能限制它占用的显存；LLAMA_ARG_FIT_TARGET 设置的是每张卡上留出多少 MiB。"
        ),
        (Some(Hint::OtherValue), Some(instead)) => say!(
            lang,
            "Ollama has no variable {variable}; {instead} is the nearest, but its values mean something else.",
            "Ollama 没有 {variable} 这个变量；最接近的是 {instead}，但取值的含义不同。"
        ),
        (_, Some(instead)) => say!(
            lang,
            "Ollama has no variable {variable}; use {instead}.",
            "Ollama 没有 {variable} 这个变量，请改用 {instead}。"
        ),
        (_, None) if candidates.is_empty() => say!(
            lang,
            "Ollama does not read {variable}; setting it has no effect.",
            "Ollama 不读取 {variable}，设置了也没有作用。"
        ),
        (_, None) => say!(
            lang,
            "Ollama has no variable {variable}; did you mean {}?",
            "Ollama 没有 {variable} 这个变量；是不是想写 {}？",
            candidates.join(list_comma(lang))
        ),
    }
}

pub(super) fn bad_value(lang: Lang, variable: &str, value: &str) -> String {
    // A port that is none is the default one; of what is no address at all Ollama makes nothing.
    if variable == "OLLAMA_HOST" {
        return say!(
            lang,
            "'{value}' is no address and port: Ollama does not start, or listens elsewhere than it says. Write HOST:PORT.",
            "'{value}' 不是“地址:端口”：Ollama 会启动失败，或监听别的端口。请写成 HOST:PORT。"
        );
    }
    if variable == "OLLAMA_BASE_URLS" {
        return say!(
            lang,
            "Open WebUI parts the addresses of {variable} at ';' alone: it takes '{value}' for one.",
            "Open WebUI 只用 ; 分隔 {variable} 中的多个地址：'{value}' 会被当成一个地址。"
        );
    }
    say!(
        lang,
        "{variable} does not accept '{value}'; Ollama uses its default.",
        "{variable} 不接受 '{value}'，Ollama 会改用默认值。"
    )
}

pub(super) fn read_as_on(lang: Lang, variable: &str, value: &str) -> String {
    say!(
        lang,
        "{variable}={value} switches it on: Ollama takes 0 and false for off, and every other word for on.",
        "{variable}={value} 其实是打开：Ollama 只把 0 和 false 当作关闭，其他写法一律当作打开。"
    )
}

pub(super) fn unexpanded(lang: Lang, variable: &str, value: &str) -> String {
    say!(
        lang,
        "Nothing puts the home in here: Ollama gets {variable} as '{value}', a folder of that name. Write the whole path.",
        "这里不会展开主目录：Ollama 拿到的 {variable} 就是 '{value}' 这个字面路径。请写完整路径。"
    )
}

pub(super) fn not_text(lang: Lang) -> String {
    word(
        lang,
        "Kubernetes takes only text here and refuses a number or a switch: put it in quotes.",
        "Kubernetes 此处只接受文本，会拒绝数字和开关值：请加上引号。",
    )
    .into()
}

pub(super) fn bad_parameter(lang: Lang, parameter: &str, value: &str) -> String {
    say!(
        lang,
        "{parameter} does not accept '{value}': 'ollama create' fails.",
        "{parameter} 不接受 '{value}'，'ollama create' 会失败。"
    )
}

pub(super) fn target_path(lang: Lang, address: &str, right: &str) -> String {
    say!(
        lang,
        "{address} does not answer this program: ollama/ adds Ollama's own path to the address, openai/ needs /v1 at its end. Use {right}.",
        "这个程序用 {address} 得不到回答：ollama/ 会自己加上 Ollama 的路径，openai/ 则要求地址以 /v1 结尾。请改用 {right}。"
    )
}

pub(super) fn cache_needs_flash_attention(lang: Lang, kv_cache_type: &str) -> String {
    say!(
        lang,
        "A {kv_cache_type} cache needs flash attention, which is switched off here.",
        "{kv_cache_type} 缓存需要 Flash Attention，而这里把它关掉了。"
    )
}

pub(super) fn open_port(lang: Lang, address: &str) -> String {
    say!(
        lang,
        "{address} is open to everyone who can reach this machine, and Ollama has no password. Use 127.0.0.1, or put a proxy with a password and TLS in front.",
        "{address} 对所有能访问本机的人开放，而 Ollama 没有密码验证；请改用 127.0.0.1，或在前面加一层带密码和 TLS 的反向代理。"
    )
}

pub(super) fn public_tunnel(lang: Lang, program: &str) -> String {
    say!(
        lang,
        "{program} lets everyone on the Internet who learns its address use Ollama, load models and delete them: Ollama has no password. Put a proxy with a password in between.",
        "{program} 会把 Ollama 暴露到公网：知道地址的人都能使用、加载和删除模型，而 Ollama 没有密码验证；请在中间加一层带密码的反向代理。"
    )
}

pub(super) fn unpublished_tag(lang: Lang, tag: &str, instead: &Option<String>) -> String {
    match instead {
        Some(instead) => say!(
            lang,
            "Ollama's library has no {tag}; use {instead}.",
            "Ollama 模型库中没有 {tag}，请改用 {instead}。"
        ),
        None => say!(
            lang,
            "Ollama's library has no {tag}.",
            "Ollama 模型库中没有 {tag}。"
        ),
    }
}

pub(super) fn unknown_tag(lang: Lang, tag: &str, candidates: &[String]) -> String {
    if candidates.is_empty() {
        return say!(
            lang,
            "{tag} is not in the catalog; unless it is a model of your own, downloading it fails.",
            "目录中没有 {tag}；如果不是你自己创建的模型，下载会失败。"
        );
    }
    say!(
        lang,
        "{tag} is not in the catalog; did you mean {}?",
        "目录中没有 {tag}；是不是想写 {}？",
        candidates.join(list_comma(lang))
    )
}

pub(super) fn overcommitted(lang: Lang, models: &[String], need: Bytes, usable: Bytes) -> String {
    if let [model] = models {
        return say!(
            lang,
            "{model} needs {need}, but the cards have {usable} for it: layers silently run on the CPU.",
            "{model} 需要 {need}，显卡只有 {usable} 可用：部分层会悄悄落到 CPU 上。"
        );
    }
    say!(
        lang,
        "{} need {need} together, but the cards have {usable}: loading one evicts another.",
        "{} 共需 {need}，显卡只有 {usable} 可用：后加载的会把先加载的挤出显存。",
        models.join(list_comma(lang))
    )
}

pub(super) fn evicts(lang: Lang, tag: &str, need: Bytes, usable: Bytes) -> String {
    say!(
        lang,
        "Ollama expects {tag} to need {need}, but allows at most 80% of what the others leave free ({usable}): it unloads another model first.",
        "Ollama 预估 {tag} 需要 {need}，而它最多只用其他模型剩下的空闲显存的 80%（{usable}）：会先卸载别的模型。"
    )
}

pub(super) fn driver_too_old(lang: Lang, driver: &str, least: &str) -> String {
    say!(
        lang,
        "Driver {driver} is too old for Ollama's engine, which needs {least} or newer.",
        "驱动 {driver} 太旧，Ollama 的引擎需要 {least} 或更新版本。"
    )
}

pub(super) fn gpu_too_old(lang: Lang, gpu: &str, compute_capability: &str) -> String {
    say!(
        lang,
        "{gpu} has compute capability {compute_capability}; Ollama needs at least 5.0.",
        "{gpu} 的计算能力是 {compute_capability}，Ollama 只使用 5.0 及以上的显卡。"
    )
}

pub(super) fn driver_unusable(lang: Lang, note: &str) -> String {
    say!(
        lang,
        "The driver does not respond ({note}); Ollama can use only the CPU.",
        "驱动没有响应（{note}），Ollama 只能用 CPU 运行。"
    )
}

pub(super) fn card_full(lang: Lang, gpu: u32, free: Bytes) -> String {
    say!(
        lang,
        "GPU {gpu} has only {free} free; check which program holds the rest.",
        "GPU {gpu} 只剩 {free}；请检查是哪个程序占用了其余显存。"
    )
}
