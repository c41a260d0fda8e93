//! The words of `catalog`.

use super::word;
use crate::catalog::facts::FactKind;
use crate::catalog::model::WeightsBasis;
use crate::lang::Lang;

words! {
    what_the_catalog_holds: "What the catalog holds", "目录内容";
    how_old_the_data_is: "How old the data is", "数据时效";
    families: "Families", "系列";
    files: "Files", "文件";
    architectures: "Architectures", "模型结构";
    gpus: "GPUs", "显卡";
    how_file_sizes_are_known: "How file sizes are known", "文件大小的依据";
    data: "Data", "数据";
    collected: "Collected", "采集日期";
    age: "Age", "距今";
    newest_entry: "Newest entry", "最新条目";
    from: "From", "来源";
    checkpoint: "Checkpoint", "原始模型";
    changed: "Changed", "更新";
    instead: "Instead", "改用";
    architecture: "Architecture", "模型结构";
    tag: "Tag", "标签";
    size: "Size", "大小";
    how_it_is_known: "How it is known", "依据";
    sources: "Sources", "来源";
    to_add_a_newer_model: "To add a newer model: 'vramfit catalog import FILE.gguf --out my.toml', then --catalog my.toml.",
        "要添加更新的模型：先运行 vramfit catalog import FILE.gguf --out my.toml，再加 --catalog my.toml。";
    no_model_matches: "No model matches.", "没有符合条件的模型。";
}

pub(crate) fn models_with_architecture(lang: Lang, models: usize, with_shape: usize) -> String {
    say!(
        lang,
        "{models}, {with_shape} of them with a known architecture",
        "{models} 个，其中 {with_shape} 个已知确切结构"
    )
}

pub(crate) fn days(lang: Lang, days: i64) -> String {
    match lang {
        Lang::En if days == 1 => "1 day".into(),
        Lang::En => format!("{days} days"),
        Lang::Zh => format!("{days} 天"),
    }
}

pub(crate) fn version(lang: Lang, version: &str, catalog: &str) -> String {
    match catalog {
        "all" => format!("vramfit {version}"),
        catalog => say!(
            lang,
            "vramfit {version} with {catalog}",
            "vramfit {version}，叠加 {catalog}"
        ),
    }
}

pub(crate) fn fact_kind(lang: Lang, kind: FactKind) -> &'static str {
    match kind {
        FactKind::Models => word(lang, "models", "模型"),
        FactKind::Gpus => word(lang, "GPUs", "显卡"),
        FactKind::Speed => word(lang, "speed", "速度"),
        FactKind::Quality => word(lang, "quality", "质量"),
    }
}

pub(crate) fn weights_basis(lang: Lang, basis: WeightsBasis) -> &'static str {
    match basis {
        WeightsBasis::Exact => word(lang, "exact", "精确"),
        WeightsBasis::Download => word(lang, "sum of the layers to download", "各下载层之和"),
        WeightsBasis::Rounded => word(lang, "rounded to a megabyte", "四舍五入到 MB"),
        WeightsBasis::Computed => word(lang, "computed from the architecture", "按模型结构计算"),
        WeightsBasis::Published => word(lang, "published to two digits", "官网的两位有效数字"),
    }
}

pub(crate) fn no_defects(lang: Lang, models: usize, variants: usize, gpus: usize) -> String {
    say!(
        lang,
        "No defects: {models} models in {variants} files, {gpus} GPUs.",
        "没有错误：{models} 个模型，{variants} 个文件，{gpus} 种显卡。"
    )
}

pub(crate) fn defects(lang: Lang, count: usize) -> String {
    match lang {
        Lang::En if count == 1 => "1 defect.".into(),
        Lang::En => format!("{count} defects."),
        Lang::Zh => format!("{count} 处错误。"),
    }
}

pub(crate) fn not_in_library(lang: Lang, tag: &str, by: &str) -> String {
    say!(
        lang,
        "{tag} is not in Ollama's library; use {by}.",
        "Ollama 模型库中没有 {tag}，请改用 {by}。"
    )
}
