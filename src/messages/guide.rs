//! The words around the guide's tables.

use crate::lang::Lang;

words! {
    computed_from_the_catalog: "Computed from the catalog", "按当前目录计算";
    good_for: "Good for", "适合";
    features: "Features", "特点";
    typical_cards: "Typical cards", "典型显卡";
    scenarios: "Good for", "推荐场景";
    guide_gb: "Guide (GB)", "指南（GB）";
    stars: "Stars", "推荐度";
    chinese: "Chinese", "中文能力";
    code: "Code", "代码能力";
}

pub(crate) fn listed_under(lang: Lang, tiers: &str) -> String {
    say!(
        lang,
        "the guide lists it under {tiers}",
        "指南把它列在{tiers}"
    )
}
