//! The words of `curves`.

use super::tokens;
use crate::lang::Lang;

words! {
    quality_by_size: "Quality by size", "质量与规模";
    tokens_per_second_by_size: "Tokens per second by size", "生成速度与规模";
    seconds_to_the_first_token_by_size: "Seconds to the first token by size", "首字延迟与规模";
    value_for_money_by_size: "Value for money by size", "性价比与规模";
    parameters_in_billions: "parameters, billions", "参数量（十亿）";
    points_of_100: "points of 100", "得分（满分 100）";
    tokens_per_second: "tokens per second", "tokens/s";
    seconds: "seconds", "秒";
    points_with_stars: "points of 100; a star in the guide counts as 20", "得分（满分 100，指南的每颗星计 20 分）";
    catalog_dense: "catalog, dense", "目录：稠密模型";
    catalog_mixture_of_experts: "catalog, mixture of experts", "目录：MoE 模型";
    size: "Size", "规模";
    speed: "Speed", "速度";
    quality: "Quality", "质量";
    value: "Value", "性价比";
    fit: "Fit", "放得下";
    best_model: "Best model", "最佳模型";
    best_value: "Best value", "性价比最高";
    points: "Points", "得分";
    what_a_larger_size_gains: "What a larger size gains, as the guide says", "指南：规模提升带来的收益";
    the_guide: "the guide", "指南";
    compare_the_shapes: "The guide gives quality as a share of a 70B model's, the catalog as points from benchmarks: compare the shapes, not the heights.",
        "指南的质量是相对 70B 模型的百分比，目录的得分来自公开评测：可以比较走势，不能比较高低。";
    speed_of_card_unknown: "This card's speed is not known; name the card with --gpu.", "不清楚这张显卡的速度，请用 --gpu 指明型号。";
}

pub(crate) fn the_guide_on(lang: Lang, gpu: &str) -> String {
    say!(lang, "the guide, {gpu}", "指南（{gpu}）")
}

pub(crate) fn curves_for(lang: Lang, hardware: &str, task: &str, context: u32) -> String {
    say!(
        lang,
        "{hardware}; {task}, context {}",
        "{hardware}；{task}，上下文 {}",
        tokens(context)
    )
}

pub(crate) fn for_a_prompt_of(lang: Lang, tokens: u64) -> String {
    say!(
        lang,
        "for a prompt of {tokens} tokens",
        "提示词 {tokens} 词元"
    )
}

pub(crate) fn better_by(lang: Lang, from: f64, to: f64, percent: f64) -> String {
    say!(
        lang,
        "{from}B to {to}B: about {percent}% better",
        "{from}B → {to}B：提升约 {percent}%"
    )
}
