//! The words of `catalog` and `catalog import`, in both languages.

use super::en::English;
use super::zh::Chinese;
use crate::catalog::facts::FactKind;
use crate::catalog::model::WeightsBasis;
use crate::error::ImportFault;
use crate::lang::Lang;

macro_rules! words {
    ($($name:ident: $en:literal, $zh:literal;)*) => {
        /// Words that stand alone.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)]
        pub enum CatalogWord { $($name),* }

        fn en(word: CatalogWord) -> &'static str {
            match word { $(CatalogWord::$name => $en),* }
        }

        fn zh(word: CatalogWord) -> &'static str {
            match word { $(CatalogWord::$name => $zh),* }
        }
    };
}

words! {
    Holds: "What the catalog holds", "目录内容";
    Age: "How old the data is", "数据时效";
    Models: "Models", "模型";
    Families: "Families", "系列";
    Files: "Files", "文件";
    Shapes: "Architectures", "模型结构";
    Gpus: "GPUs", "显卡";
    Bytes: "How file sizes are known", "文件大小的依据";
    Unknown: "unknown", "未知";
    Facts: "Data", "数据";
    Collected: "Collected", "采集日期";
    Days: "Age", "距今";
    Newest: "Newest entry", "最新条目";
    What: "From", "来源";
}

/// Sentences with their numbers.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Told<'a> {
    /// How many models there are, and of how many the own shape is known.
    WithShape { models: usize, with_shape: usize },
    /// Days since something was collected.
    Days { days: i64 },
    /// Which catalog.
    Catalog { version: &'a str, catalog: &'a str },
    /// How to add what is missing.
    HowToAdd,
}

/// What `catalog` says.
pub trait CatalogText {
    /// A word.
    fn catalog_word(&self, word: CatalogWord) -> &'static str;
    /// A sentence.
    fn tell(&self, told: &Told<'_>) -> String;
    /// What a source tells.
    fn fact(&self, kind: FactKind) -> &'static str;
    /// How well the bytes of a file are known.
    fn weights_basis(&self, basis: WeightsBasis) -> &'static str;
}

impl CatalogText for English {
    fn catalog_word(&self, word: CatalogWord) -> &'static str {
        en(word)
    }

    fn tell(&self, told: &Told<'_>) -> String {
        match told {
            Told::WithShape { models, with_shape } => {
                format!("{models}, {with_shape} of them with a known architecture")
            }
            Told::Days { days: 1 } => "1 day".into(),
            Told::Days { days } => format!("{days} days"),
            Told::Catalog {
                version,
                catalog: "all",
            } => format!("vramfit {version}"),
            Told::Catalog { version, catalog } => format!("vramfit {version} with {catalog}"),
            Told::HowToAdd => {
                "To add a newer model: 'vramfit catalog import FILE.gguf --out my.toml', then --catalog my.toml.".into()
            }
        }
    }

    fn fact(&self, kind: FactKind) -> &'static str {
        match kind {
            FactKind::Models => "models",
            FactKind::Gpus => "GPUs",
            FactKind::Speed => "speed",
            FactKind::Quality => "quality",
        }
    }

    fn weights_basis(&self, basis: WeightsBasis) -> &'static str {
        match basis {
            WeightsBasis::Exact => "exact",
            WeightsBasis::Download => "sum of the layers to download",
            WeightsBasis::Rounded => "rounded to a megabyte",
            WeightsBasis::Computed => "computed from the architecture",
            WeightsBasis::Published => "published to two digits",
        }
    }
}

impl CatalogText for Chinese {
    fn catalog_word(&self, word: CatalogWord) -> &'static str {
        zh(word)
    }

    fn tell(&self, told: &Told<'_>) -> String {
        match told {
            Told::WithShape { models, with_shape } => {
                format!("{models} 个，其中 {with_shape} 个已知确切结构")
            }
            Told::Days { days } => format!("{days} 天"),
            Told::Catalog {
                version,
                catalog: "all",
            } => format!("vramfit {version}"),
            Told::Catalog { version, catalog } => format!("vramfit {version}，叠加 {catalog}"),
            Told::HowToAdd => {
                "要添加更新的模型：先运行 vramfit catalog import FILE.gguf --out my.toml，再加 --catalog my.toml。".into()
            }
        }
    }

    fn fact(&self, kind: FactKind) -> &'static str {
        match kind {
            FactKind::Models => "模型",
            FactKind::Gpus => "显卡",
            FactKind::Speed => "速度",
            FactKind::Quality => "质量",
        }
    }

    fn weights_basis(&self, basis: WeightsBasis) -> &'static str {
        match basis {
            WeightsBasis::Exact => "精确",
            WeightsBasis::Download => "各下载层之和",
            WeightsBasis::Rounded => "四舍五入到 MB",
            WeightsBasis::Computed => "按模型结构计算",
            WeightsBasis::Published => "官网的两位有效数字",
        }
    }
}

/// Why a model cannot be imported.
pub(super) fn fault(lang: Lang, fault: &ImportFault) -> String {
    match lang {
        Lang::En => fault_en(fault),
        Lang::Zh => fault_zh(fault),
    }
}

fn fault_en(fault: &ImportFault) -> String {
    match fault {
        ImportFault::Unrecognised(path) => format!(
            "{}: not a GGUF file, nor a model in Ollama's store, nor a model's config.json.",
            path.display()
        ),
        ImportFault::NoWeights(path) => format!(
            "{}: the weights of this model are not on this machine.",
            path.display()
        ),
        ImportFault::UnknownModelType {
            name,
            known,
            candidates,
        } => {
            let meant = match candidates.as_slice() {
                [] => String::new(),
                candidates => format!(" Did you mean {}?", candidates.join(" or ")),
            };
            format!(
                "The model_type '{name}' is not known.{meant} Known: {}. You can still import a GGUF file of the model.",
                known.join(", ")
            )
        }
        ImportFault::MissingKey { path, key } => format!(
            "{}: '{key}' is missing, and the memory cannot be computed without it.",
            path.display()
        ),
        ImportFault::BadTag(tag) => {
            format!(
                "'{tag}' is not a tag: use letters, digits and . _ - with one colon, such as qwen3:8b."
            )
        }
        ImportFault::TakenTag(tag) => format!(
            "The catalog already has a model with the tag '{tag}'; choose another with --tag."
        ),
        ImportFault::NoTag => "This model has no name of its own; give it a tag with --tag.".into(),
    }
}

fn fault_zh(fault: &ImportFault) -> String {
    match fault {
        ImportFault::Unrecognised(path) => format!(
            "{}：既不是 GGUF 文件，也不是 Ollama 的本地模型或模型的 config.json。",
            path.display()
        ),
        ImportFault::NoWeights(path) => {
            format!("{}：这个模型的权重不在本机上。", path.display())
        }
        ImportFault::UnknownModelType {
            name,
            known,
            candidates,
        } => {
            let meant = match candidates.as_slice() {
                [] => String::new(),
                candidates => format!("是不是想用 {}？", candidates.join("、")),
            };
            format!(
                "不认识 model_type“{name}”。{meant}已知的有：{}。也可以改为导入该模型的 GGUF 文件。",
                known.join("、")
            )
        }
        ImportFault::MissingKey { path, key } => {
            format!("{}：缺少 {key}，无法推算显存。", path.display())
        }
        ImportFault::BadTag(tag) => {
            format!("“{tag}”不能作标签：只能用字母、数字和 . _ -，加一个冒号，如 qwen3:8b。")
        }
        ImportFault::TakenTag(tag) => {
            format!("目录中已有其他模型使用标签“{tag}”，请用 --tag 另取一个。")
        }
        ImportFault::NoTag => "无法确定模型名称，请用 --tag 指定标签。".into(),
    }
}
