//! The wizard's questions, what their answers decide, and what it offers at the end.

use super::word;
use crate::lang::Lang;

words! {
    what_is_the_model_for: "What is the model mainly for?", "主要用模型做什么？";
    how_much_gpu_memory: "How much GPU memory is there?", "有多少显存？";
    what_counts_most: "What counts most?", "更看重什么？";
    is_a_long_context_needed: "Is a long context needed?", "是否需要长上下文？";
    which_gpu_or_memory: "Which GPU, or how much memory?", "什么显卡，或者多大显存？";
    how_long_a_context: "How long a context, in tokens?", "需要多长的上下文（词元）？";
    what_next: "What next?", "接下来做什么？";
    into_which_folder: "Into which folder?", "写入哪个目录？";
    which_files: "Which files?", "看哪一种文件？";
    decides_benchmarks: "Decides which benchmarks rank the models.", "决定按哪类评测排名。";
    decides_what_fits: "Decides which models fit.", "决定哪些模型放得下。";
    decides_size_or_speed: "Decides between larger models and faster ones.", "决定偏向更大的模型还是更快的模型。";
    decides_what_qualifies: "Decides which models qualify and the cache size.", "决定哪些模型能胜任、KV 缓存占多少。";
    gpu_forms: "RTX 3090 x2, 2x3090+4060, 24 or 24x2; Tab completes.", "如 RTX 3090 x2、2x3090+4060、24、24x2；Tab 补全。";
    context_forms: "Such as 8192, 8k or 128k.", "如 8192、8k、128k。";
    created_if_missing: "It is created if it does not exist.", "目录不存在时会新建。";
    write_a_modelfile: "Write a Modelfile", "生成 Modelfile";
    show_the_files: "Show the scripts and other files that start it", "查看启动脚本等部署文件";
    show_the_commands: "Show the commands", "查看运行命令";
    explain_it: "Explain it line by line", "逐项解释显存占用";
    show_the_plan: "Show the plan that serves it", "查看部署方案";
    pull_it_now: "Pull it now", "现在就下载";
    done: "Done", "完成";
    default: "(default)", "（默认）";
    back: "<back>", "（返回）";
    left: "<left>", "（退出）";
    a_card_by_name: "A GPU by its name", "按型号选择显卡";
    tab_completes: "such as RTX 3090 x2; Tab completes", "如 RTX 3090 x2，按 Tab 补全";
    how_much_ram: "How much RAM does that machine have?", "那台机器有多大内存？";
    decides_what_offloads: "Decides which models may lie partly in RAM.", "决定哪些模型可以部分放进内存。";
    size_forms: "In GiB, such as 96.", "以 GiB 为单位，如 96。";
    gpus_only: "Do not use it", "不用内存";
    other_size: "Another size", "其他大小";
    the_longest_that_fits: "the longest that fits", "能放下的最长上下文";
    other_length: "another length", "其他长度";
    as_set_on_this_machine: "as set on this machine", "本机的设置";
    no_gpu_use_the_cpu: "No GPU: use the CPU", "没有显卡，用 CPU 运行";
    the_same_as_a_command: "The same as a command:", "不经提问的等价命令：";
    to_write_them_to_this_folder: "To write them to this folder:", "写入当前目录的命令：";
    no_keep_it: "No, keep it", "不，保留原文件";
    yes_overwrite_it: "Yes, overwrite it", "是，覆盖";
}

pub(crate) fn gpus_here(lang: Lang, gpus: &str) -> String {
    say!(lang, "RankingHardware: {gpus}", "本机：{gpus}")
}

pub(crate) fn free(lang: Lang, least: &str, most: &str) -> String {
    if least == most {
        say!(lang, "{least} free", "空闲 {least}")
    } else {
        say!(lang, "{least} to {most} free", "各卡空闲 {least} 至 {most}")
    }
}

pub(crate) fn memory_available(lang: Lang, available: &str) -> String {
    say!(
        lang,
        "{available} of memory available",
        "可用内存 {available}"
    )
}

pub(crate) fn counted_as(lang: Lang, memory: &str) -> String {
    say!(lang, "counted as {memory}", "按 {memory} 计算")
}

pub(crate) fn more_rows(lang: Lang, rows: usize) -> String {
    say!(
        lang,
        "{rows} more with the command below, or in a higher window.",
        "另有 {rows} 个，见下面的命令，或把窗口拉高。"
    )
}

pub(crate) fn guide_says(lang: Lang, advice: &str) -> String {
    say!(lang, "guide: {advice}", "指南：{advice}")
}

pub(crate) fn one_card_and_two(lang: Lang, one: &str, two: &str) -> String {
    say!(
        lang,
        "{one} (one card), {two} (two)",
        "{one}（单卡）、{two}（双卡）"
    )
}

pub(crate) fn fast_and_quality(lang: Lang, fast: &str, good: &str) -> String {
    say!(
        lang,
        "{fast} (fast), {good} (quality)",
        "{fast}（快）、{good}（质量）"
    )
}

pub(crate) fn exists_overwrite_it(lang: Lang, path: &str) -> String {
    say!(
        lang,
        "{path} already exists. Overwrite it?",
        "{path} 已存在，要覆盖吗？"
    )
}

pub(crate) fn keys(lang: Lang, first: bool, unicode: bool) -> &'static str {
    match (first, unicode) {
        (true, true) => word(
            lang,
            "↑↓ or type, Enter; Esc leaves",
            "↑↓ 选择或直接输入，回车确定，Esc 退出",
        ),
        (false, true) => word(
            lang,
            "↑↓ or type, Enter; Esc goes back",
            "↑↓ 选择或直接输入，回车确定，Esc 返回上一步",
        ),
        (true, false) => word(
            lang,
            "Arrows or type, Enter; Esc leaves",
            "方向键选择或直接输入，回车确定，Esc 退出",
        ),
        (false, false) => word(
            lang,
            "Arrows or type, Enter; Esc goes back",
            "方向键选择或直接输入，回车确定，Esc 返回上一步",
        ),
    }
}

pub(crate) fn keys_of_line(lang: Lang) -> &'static str {
    word(lang, "Enter; Esc goes back", "回车确定，Esc 返回上一步")
}

pub(crate) fn files_of(lang: Lang, kind: &str) -> &'static str {
    match kind {
        "shell" => word(
            lang,
            "scripts: start, preload, status, stop",
            "启动、预加载、查看状态、停止的脚本",
        ),
        "modelfile" => word(lang, "a Modelfile", "Modelfile"),
        "systemd" => word(
            lang,
            "units that start with the machine",
            "随系统启动的服务单元",
        ),
        "compose" => word(lang, "containers for Docker Compose", "Docker Compose 容器"),
        "nginx" => word(lang, "a gateway for several servers", "多个服务共用的网关"),
        "litellm" => word(
            lang,
            "a gateway with OpenAI's API",
            "兼容 OpenAI 接口的网关",
        ),
        "k8s" => word(lang, "Kubernetes manifests", "Kubernetes 清单"),
        _ => word(lang, "", ""),
    }
}
