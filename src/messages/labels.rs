//! Words that several pages share: column heads, names of numbers, titles.

use crate::lang::Lang;
use crate::sanitize::sanitize;

words! {
    models: "Models", "模型";
    installed_mark: "* installed", "* 已安装";
    pick: "Pick", "首选";
    why: "Why", "理由";
    run: "Run", "运行";
    rank: "#", "#";
    model: "Model", "模型";
    verdict: "Verdict", "结论";
    memory: "Memory", "显存占用";
    need: "Need", "需要";
    tokens_per_second: "Tokens/s", "tokens/s";
    short_by: "Short by", "缺口";
    what_would_help: "What would help", "怎样才能放下";
    within_reach: "Within reach", "差一步可用的模型";
    params: "Params", "参数量";
    quantization: "Quant", "量化";
    context: "Context", "上下文";
    guide_rank: "Guide #", "指南名次";
    license: "License", "许可证";
    file: "File", "文件";
    weights: "Weights", "权重";
    kv_cache: "KV cache", "KV 缓存";
    compute_buffers: "Compute buffers", "计算缓冲区";
    cuda_context: "Process overhead", "进程开销";
    total: "Total", "合计";
    free: "Free", "空闲";
    engine_margin: "Engine's margin", "引擎预留";
    usable: "Usable", "可用";
    used: "Used", "已用";
    reserved: "Reserved", "驱动保留";
    gpu: "GPU", "GPU";
    host: "Host", "主机";
    installed: "Installed", "已安装";
    name: "Name", "名称";
    compute_capability: "Compute capability", "计算能力";
    processes: "Processes", "进程";
    host_memory: "Host memory", "内存";
    on_cpu: "on the CPU", "CPU 运行";
    driver: "Driver", "驱动";
    score: "Score", "评分";
    not_shown_at_this_width: "Not shown at this width:", "此宽度下未显示：";
    released: "Released", "发布";
    capabilities: "Capabilities", "能力";
    stars: "Stars", "星级";
    parallel: "Parallel", "并发数";
    simulated: "simulated", "模拟";
}

pub(crate) fn wrote(lang: Lang, path: &str) -> String {
    let path = sanitize(path);
    say!(lang, "Wrote {path}.", "已写入 {path}。")
}
