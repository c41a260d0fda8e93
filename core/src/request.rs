//! What a person asks for.

use serde::{Deserialize, Serialize};

use crate::units::Bytes;

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $label:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            /// Every choice, in the order in which they are offered.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word that is typed.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }
        }
    };
}

choices! {
    /// What the model is to be used for.
    Task {
        /// General conversation and questions.
        Chat = "chat",
        /// Conversation and questions in Chinese.
        Chinese = "chinese",
        /// Writing and completing program code.
        Code = "code",
        /// Mathematics, logic and other questions that take several steps.
        Reasoning = "reasoning",
        /// Translation between natural languages.
        Translation = "translation",
        /// Understanding and summing up documents.
        Documents = "documents",
        /// Answering questions on pictures.
        Vision = "vision",
        /// Turning text into vectors, to find it again.
        Embedding = "embedding",
    }
}

impl Task {
    /// The tasks that text answers: what a model is good for in general.
    pub const TEXT: &[Self] = &[
        Self::Chat,
        Self::Chinese,
        Self::Code,
        Self::Reasoning,
        Self::Translation,
        Self::Documents,
    ];

    /// Other words that `--task` takes for it, e.g. `coding`.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Chat => &["对话", "聊天"],
            Self::Chinese => &["中文"],
            Self::Code => &["coding", "programming", "代码", "编程"],
            Self::Reasoning => &["math", "maths", "推理", "数学"],
            Self::Translation => &["translate", "翻译"],
            Self::Documents => &["summarize", "summarise", "rag", "文档", "总结"],
            Self::Vision => &["image", "images", "multimodal", "图片", "视觉"],
            Self::Embedding => &["embed", "embeddings", "嵌入", "向量"],
        }
    }

    /// The task that a word stands for.
    pub fn named(word: &str) -> Option<Self> {
        let named = |task: &&Self| task.label() == word || task.words().contains(&word);
        Self::ALL.iter().find(named).copied()
    }

    /// Tokens of context that the task usually needs: a repository or a long text, else a conversation.
    pub const fn usual_context(self) -> u32 {
        match self {
            Self::Code | Self::Documents => 32_768,
            Self::Chat
            | Self::Chinese
            | Self::Reasoning
            | Self::Translation
            | Self::Vision
            | Self::Embedding => 8192,
        }
    }
}

choices! {
    /// What counts most where quality and speed differ.
    Priority {
        /// The best answer, though it be slow.
        Quality = "quality",
        /// Quality mostly, with some weight on speed.
        Balanced = "balanced",
        /// The fastest answer that still serves.
        Speed = "speed",
    }
}

choices! {
    /// How far the project is, from which a priority follows.
    Stage {
        /// Trying out whether an idea works.
        Prototype = "prototype",
        /// Checking a system before others use it.
        Testing = "testing",
        /// In use by others, so that it must not fail.
        Production = "production",
    }
}

choices! {
    /// Whether all memory may be used, or as little as will do.
    Budget {
        /// All the memory there is.
        Ample = "ample",
        /// As little as will do.
        Limited = "limited",
    }
}

choices! {
    /// The guide's classes by the memory a model needs.
    Tier {
        /// At most 2 GiB.
        UltraLight = "ultra-light",
        /// More than 2 and at most 6 GiB.
        Light = "light",
        /// More than 6 and at most 12 GiB.
        Medium = "medium",
        /// More than 12 and at most 24 GiB.
        Heavy = "heavy",
        /// More than 24 GiB.
        SuperHeavy = "super-heavy",
    }
}

impl Tier {
    /// The tier of a model that needs so much.
    pub fn for_need(need: Bytes) -> Self {
        match need {
            need if need <= Bytes::gib(2) => Self::UltraLight,
            need if need <= Bytes::gib(6) => Self::Light,
            need if need <= Bytes::gib(12) => Self::Medium,
            need if need <= Bytes::gib(24) => Self::Heavy,
            _ => Self::SuperHeavy,
        }
    }
}
