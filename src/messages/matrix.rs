//! The words of `matrix`.

use super::tokens;
use crate::lang::Lang;

words! {
    which_model_for_how_much_memory: "Which model for how much memory", "多大显存选什么模型";
    the_guides_summary: "The guide's summary", "指南的推荐配置";
    vram: "VRAM", "显存";
    gpus: "GPUs", "显卡";
    development: "Development", "开发环境";
    production: "Production", "生产环境";
    flagship: "Flagship", "旗舰配置";
    the_guide_by_memory: "The guide by memory", "指南：按显存选择";
    the_guide_by_stage: "The guide by stage", "指南：按开发阶段选择";
    the_guide_by_gpus: "The guide by GPUs", "指南：按显卡配置选择";
    the_guides_best_practices: "The guide's best practices", "指南：最佳实践";
    best_choice: "Best choice", "最佳选择";
    alternatives: "Alternatives", "备选";
    one_card: "One card", "单卡";
    two_cards: "Two cards", "双卡";
    remark: "Remark", "说明";
    none_fits: "none fits", "放不下";
    what_the_columns_mean: "Development: speed first. Production: quality first, then speed and room. Flagship: the highest score for the task, at any speed.",
        "开发环境：速度优先。生产环境：质量优先，兼顾速度和余量。旗舰配置：该用途得分最高，不计速度。";
}

pub(crate) fn computed_for(lang: Lang, task: &str, context: u32, kv: &str) -> String {
    say!(
        lang,
        "For {task}, context {}, {kv} KV cache.",
        "用途：{task}；上下文 {}；KV 缓存 {kv}。",
        tokens(context)
    )
}
