//! The words of `matrix`, `curves` and `tips`, and of the guide's tables, in both languages.

use super::en::English;
use super::tokens;
use super::zh::Chinese;
use crate::report::Change;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $zh:literal;)*) => {
        /// Words that stand alone.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum Word { $($(#[$doc])* $name),* }

        fn en(word: Word) -> &'static str {
            match word { $(Word::$name => $en),* }
        }

        fn zh(word: Word) -> &'static str {
            match word { $(Word::$name => $zh),* }
        }
    };
}

words! {
    Matrix: "Which model for how much memory", "多大显存选什么模型";
    GuideMatrix: "The guide's summary", "指南的推荐配置";
    ComputedMatrix: "Computed from the catalog", "按当前目录计算";
    Vram: "VRAM", "显存";
    Cards: "GPUs", "显卡";
    Development: "Development", "开发环境";
    Production: "Production", "生产环境";
    Flagship: "Flagship", "旗舰配置";
    ByMemory: "The guide by memory", "指南：按显存选择";
    ByStage: "The guide by stage", "指南：按开发阶段选择";
    ByCards: "The guide by GPUs", "指南：按显卡配置选择";
    Practices: "The guide's best practices", "指南：最佳实践";
    Best: "Best choice", "最佳选择";
    Alternatives: "Alternatives", "备选";
    OneCard: "One card", "单卡";
    TwoCards: "Two cards", "双卡";
    Remark: "Remark", "说明";
    Quality: "Quality by size", "质量与规模";
    DecodeSpeed: "Tokens per second by size", "生成速度与规模";
    FirstToken: "Seconds to the first token by size", "首字延迟与规模";
    ValueForMoney: "Value for money by size", "性价比与规模";
    AxisBillions: "parameters, billions", "参数量（十亿）";
    AxisQuality: "points of 100", "得分（满分 100）";
    AxisDecode: "tokens per second", "词元/秒";
    AxisSeconds: "seconds", "秒";
    AxisValue: "points of 100; a star in the guide counts as 20", "得分（满分 100，指南的每颗星计 20 分）";
    SeriesDense: "catalog, dense", "目录：稠密模型";
    SeriesMoe: "catalog, mixture of experts", "目录：MoE 模型";
    Size: "Size", "规模";
    Speed: "Speed", "速度";
    QualityHead: "Quality", "质量";
    Value: "Value", "性价比";
    UsedFor: "Good for", "适合";
    Fitting: "Fit", "放得下";
    BestModel: "Best model", "最佳模型";
    BestValue: "Best value", "性价比最高";
    Points: "Points", "得分";
    Gains: "What a larger size gains, as the guide says", "指南：规模提升带来的收益";
    TipsFor: "What each setting changes", "每项设置的影响";
    GuideTips: "The guide's tips", "指南的优化建议";
    OurTips: "What saves memory", "怎样节省显存";
    Setting: "Setting", "设置";
    Saves: "Saves", "节省";
    Then: "Then needs", "设置后占用";
    Effect: "Effect", "影响";
    GuideLine: "The guide", "指南";
    Instead: "Instead", "正确写法";
    Truth: "In fact", "实际情况";
    Recommended: "Settings that fit", "建议设置";
    Modelfile: "Modelfile", "Modelfile";
    ServerEnvironment: "The server's environment", "服务端环境变量";
    Features: "Features", "特点";
    TypicalCards: "Typical cards", "典型显卡";
    Scenarios: "Good for", "推荐场景";
    GuideRange: "Guide (GB)", "指南（GB）";
    StarsGeneral: "Stars", "推荐度";
    StarsChinese: "Chinese", "中文能力";
    StarsCode: "Code", "代码能力";
    AsGuide: "as the guide says", "指南的说法";
    NoneFits: "none fits", "放不下";
}

/// Sentences with their numbers.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Advice<'a> {
    /// What the computed rows are for.
    ComputedFor {
        task: &'a str,
        context: u32,
        kv: &'a str,
    },
    /// What the three columns of the matrix mean.
    Purposes,
    /// A series of the guide.
    GuideSeries { gpu: &'a str },
    /// A series that is the guide's, whatever the card.
    Guide,
    /// What the curves are for.
    CurvesFor {
        hardware: &'a str,
        task: &'a str,
        context: u32,
    },
    /// The guide's and ours are not measured alike.
    TwoScales,
    /// Nothing is known of this card's speed.
    NoSpeed,
    /// The first token's prompt.
    Prompt { tokens: u64 },
    /// A gain of the guide.
    Gain { from: f64, to: f64, percent: f64 },
    /// The tiers of the guide that differ from the computed one.
    GuideTier { tiers: &'a str },
    /// The model of the tips, as asked.
    AsAsked {
        need: &'a str,
        context: u32,
        parallel: u32,
        kv: &'a str,
        batch: u64,
    },
    /// The context that Ollama starts with.
    DefaultContext { context: u32 },
    /// The tag does not exist.
    InsteadOf { tag: &'a str },
    /// No setting makes it fit.
    NoSettingHelps,
    /// With these it loads whole only since fitting is off.
    OnlyForced,
    /// A quantised cache cannot be said in a Modelfile.
    CacheIsTheServers,
    /// How to see what they save.
    NameATag,
}

/// What `matrix`, `curves` and `tips` say.
pub trait AdviceText {
    /// A word.
    fn word(&self, word: Word) -> &'static str;
    /// A sentence.
    fn advise(&self, advice: &Advice<'_>) -> String;
    /// What a change of a setting does, in a few words.
    fn change(&self, change: &Change) -> String;
}

impl AdviceText for English {
    fn word(&self, word: Word) -> &'static str {
        en(word)
    }

    fn advise(&self, advice: &Advice<'_>) -> String {
        match advice {
            Advice::ComputedFor { task, context, kv } => format!(
                "For {task}, context {}, {kv} KV cache.",
                tokens(*context)
            ),
            Advice::Purposes => "Development: speed first. Production: quality first, then speed and room. Flagship: the highest score for the task, at any speed.".into(),
            Advice::GuideSeries { gpu } => format!("the guide, {gpu}"),
            Advice::Guide => "the guide".into(),
            Advice::CurvesFor {
                hardware,
                task,
                context,
            } => format!("{hardware}; {task}, context {}", tokens(*context)),
            Advice::TwoScales => "The guide gives quality as a share of a 70B model's, the catalog as points from benchmarks: compare the shapes, not the heights.".into(),
            Advice::NoSpeed => "This card's speed is not known; name the card with --gpu.".into(),
            Advice::Prompt { tokens } => format!("for a prompt of {tokens} tokens"),
            Advice::Gain { from, to, percent } => format!("{from}B to {to}B: about {percent}% better"),
            Advice::GuideTier { tiers } => format!("the guide lists it under {tiers}"),
            Advice::AsAsked {
                need,
                context,
                parallel,
                kv,
                batch,
            } => format!(
                "{need} (context {}, parallel {parallel}, {kv} KV cache, batch {batch})",
                tokens(*context)
            ),
            Advice::DefaultContext { context } => format!(
                "Unless told otherwise, Ollama uses a context of {} here.",
                tokens(*context)
            ),
            Advice::InsteadOf { tag } => format!("in place of {tag}, which is not in Ollama's library"),
            Advice::NoSettingHelps => "No setting makes it fit here; take a smaller model or quantization.".into(),
            Advice::OnlyForced => "It fits only within the engine's margin: with num_gpu 999 it loads whole or not at all.".into(),
            Advice::CacheIsTheServers => "The KV cache type is set on the server, for all its models; a Modelfile cannot set it.".into(),
            Advice::NameATag => "'vramfit tips --tag TAG' tells how much each saves on this hardware.".into(),
        }
    }

    fn change(&self, change: &Change) -> String {
        match change {
            Change::Context { .. } => "remembers less".into(),
            Change::Batch { .. } => "reads prompts slower".into(),
            Change::Parallel { parallel: 1 } => "one request at a time".into(),
            Change::Parallel { parallel } => format!("{parallel} requests at once"),
            Change::KvCacheType { .. } => "slightly less precise".into(),
            Change::KeepAlive => "unloads after each answer".into(),
        }
    }
}

impl AdviceText for Chinese {
    fn word(&self, word: Word) -> &'static str {
        zh(word)
    }

    fn advise(&self, advice: &Advice<'_>) -> String {
        match advice {
            Advice::ComputedFor { task, context, kv } => {
                format!("用途：{task}；上下文 {}；KV 缓存 {kv}。", tokens(*context))
            }
            Advice::Purposes => {
                "开发环境：速度优先。生产环境：质量优先，兼顾速度和余量。旗舰配置：该用途得分最高，不计速度。".into()
            }
            Advice::GuideSeries { gpu } => format!("指南（{gpu}）"),
            Advice::Guide => "指南".into(),
            Advice::CurvesFor {
                hardware,
                task,
                context,
            } => format!("{hardware}；{task}，上下文 {}", tokens(*context)),
            Advice::TwoScales => {
                "指南的质量是相对 70B 模型的百分比，目录的得分来自公开评测：可以比较走势，不能比较高低。".into()
            }
            Advice::NoSpeed => "不清楚这张显卡的速度，请用 --gpu 指明型号。".into(),
            Advice::Prompt { tokens } => format!("提示词 {tokens} 词元"),
            Advice::Gain { from, to, percent } => format!("{from}B → {to}B：提升约 {percent}%"),
            Advice::GuideTier { tiers } => format!("指南把它列在{tiers}"),
            Advice::AsAsked {
                need,
                context,
                parallel,
                kv,
                batch,
            } => format!(
                "占用 {need}（上下文 {}，并发数 {parallel}，KV 缓存 {kv}，批大小 {batch}）",
                tokens(*context)
            ),
            Advice::DefaultContext { context } => {
                format!("不设上下文时，Ollama 在这里默认用 {}。", tokens(*context))
            }
            Advice::InsteadOf { tag } => format!("代替 Ollama 模型库中没有的 {tag}"),
            Advice::NoSettingHelps => "怎么调设置都放不下，请换更小的模型或更低的量化。".into(),
            Advice::OnlyForced => "只有动用引擎预留才放得下：设 num_gpu 999，要么完整加载，要么失败。".into(),
            Advice::CacheIsTheServers => {
                "KV 缓存类型在服务端设置，对全部模型生效，不能写进 Modelfile。".into()
            }
            Advice::NameATag => "用 vramfit tips --tag TAG 可以看到每项设置在这套硬件上能省多少显存。".into(),
        }
    }

    fn change(&self, change: &Change) -> String {
        match change {
            Change::Context { .. } => "能记住的前文变短".into(),
            Change::Batch { .. } => "处理提示词变慢".into(),
            Change::Parallel { parallel: 1 } => "一次只处理一个请求".into(),
            Change::Parallel { parallel } => format!("同时处理 {parallel} 个请求"),
            Change::KvCacheType { .. } => "精度略有下降".into(),
            Change::KeepAlive => "用完立即卸载".into(),
        }
    }
}
