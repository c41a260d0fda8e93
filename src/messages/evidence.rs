//! The words around the evidence for a score and a speed.

words! {
    evidence: "Evidence", "评测依据";
    benchmark: "Benchmark", "基准";
    value: "Value", "成绩";
    reported_by: "Reported by", "报告方";
    nearest_measurement: "Nearest measurement", "最近的实测";
    score: "Score", "任务得分";
    source: "Source", "来源";
    basis: "Basis", "依据";
    generation: "Generation", "生成";
    prompt: "Prompt", "预填充";
    first_token: "First token", "首字延迟";
}
