//! The guide's tables, transcribed from the document a second time, independently of `data/guide.toml`.

/// Tag, parameters, memory in GB from and to, lightning marks or stars.
pub(crate) type Listed = (&'static str, &'static str, f64, f64, u8);

/// The five tables by memory.
pub(crate) const TIERS: &[(&str, &[Listed])] = &[
    (
        "ultra-light",
        &[
            ("tinyllama", "1.1B", 0.6, 1.0, 5),
            ("phi", "2.7B", 1.5, 2.0, 5),
            ("gemma:2b", "2B", 1.5, 2.0, 5),
            ("qwen:1.8b", "1.8B", 1.0, 1.5, 5),
        ],
    ),
    (
        "light",
        &[
            ("yi:6b", "6B", 3.0, 4.0, 5),
            ("gemma:7b", "7B", 4.0, 5.0, 4),
            ("stablelm", "7B", 4.0, 5.0, 4),
            ("mistral:7b", "7B", 4.0, 5.0, 5),
            ("llama2:7b", "7B", 4.0, 5.0, 5),
            ("llama3:8b", "8B", 4.5, 5.5, 5),
            ("qwen2:7b", "7B", 4.0, 5.0, 5),
            ("codellama:7b", "7B", 4.0, 5.0, 5),
            ("deepseek-coder:6.7b", "6.7B", 4.0, 5.0, 5),
        ],
    ),
    (
        "medium",
        &[
            ("llama2:13b", "13B", 7.0, 9.0, 4),
            ("llama3:13b", "13B", 8.0, 10.0, 4),
            ("codellama:13b", "13B", 7.0, 9.0, 4),
            ("vicuna:13b", "13B", 7.0, 9.0, 4),
            ("qwen2:14b", "14B", 8.0, 10.0, 4),
            ("mistral:7b-instruct", "7B", 5.0, 6.0, 5),
        ],
    ),
    (
        "heavy",
        &[
            ("yi:34b", "34B", 18.0, 21.0, 3),
            ("codellama:34b", "34B", 19.0, 22.0, 3),
            ("qwen2:32b", "32B", 17.0, 20.0, 3),
            ("qwen3:30b", "30B", 17.0, 20.0, 3),
            ("deepseek-r1:32b", "32B", 18.0, 22.0, 3),
            ("solar:10.7b", "10.7B", 6.0, 8.0, 4),
            ("mixtral:8x7b", "47B", 26.0, 30.0, 3),
        ],
    ),
    (
        "super-heavy",
        &[
            ("llama2:70b", "70B", 39.0, 42.0, 2),
            ("llama3:70b", "70B", 40.0, 43.0, 2),
            ("codellama:70b", "70B", 39.0, 42.0, 2),
            ("qwen2:72b", "72B", 40.0, 45.0, 2),
            ("mixtral:8x7b", "47B", 26.0, 30.0, 3),
            ("mixtral:8x22b", "141B", 80.0, 90.0, 2),
        ],
    ),
];

/// Typical cards of the tiers.
pub(crate) const TIER_CARDS: &[(&str, &[&str])] = &[
    ("ultra-light", &["GTX 1060 6GB"]),
    ("light", &["GTX 1080 8GB", "RTX 3060 12GB"]),
    ("medium", &["RTX 3060 12GB", "RTX 4060 Ti 16GB"]),
    ("heavy", &["RTX 3090 24GB", "RTX 4090 24GB"]),
    ("super-heavy", &["2 × RTX 3090", "A100"]),
];

/// The column "single 3090" of the heavy table.
pub(crate) const ON_ONE_3090: &[(&str, bool)] = &[
    ("yi:34b", true),
    ("codellama:34b", true),
    ("qwen2:32b", true),
    ("qwen3:30b", true),
    ("deepseek-r1:32b", true),
    ("solar:10.7b", true),
    ("mixtral:8x7b", false),
];

/// The column "fewest cards" of the super-heavy table.
pub(crate) const FEWEST_3090S: &[(&str, u64)] = &[
    ("llama2:70b", 2),
    ("llama3:70b", 2),
    ("codellama:70b", 2),
    ("qwen2:72b", 2),
    ("mixtral:8x7b", 2),
    ("mixtral:8x22b", 4),
];

/// The seven family tables: tag, parameters, memory, and the stars of the last column.
pub(crate) const FAMILIES: &[(&str, &[Listed])] = &[
    (
        "llama",
        &[
            ("llama3:8b", "8B", 4.5, 5.5, 5),
            ("llama2:7b", "7B", 4.0, 5.0, 5),
            ("llama2:13b", "13B", 7.0, 9.0, 5),
            ("llama2:70b", "70B", 39.0, 42.0, 4),
            ("llama3:70b", "70B", 40.0, 43.0, 5),
        ],
    ),
    (
        "qwen",
        &[
            ("qwen3:30b", "30B", 17.0, 20.0, 5),
            ("qwen2:72b", "72B", 40.0, 45.0, 5),
            ("qwen2:32b", "32B", 17.0, 20.0, 5),
            ("qwen2:14b", "14B", 8.0, 10.0, 5),
            ("qwen2:7b", "7B", 4.0, 5.0, 4),
            ("qwen:1.8b", "1.8B", 1.0, 1.5, 3),
        ],
    ),
    (
        "codellama",
        &[
            ("codellama:70b", "70B", 39.0, 42.0, 5),
            ("codellama:34b", "34B", 19.0, 22.0, 5),
            ("codellama:13b", "13B", 7.0, 9.0, 4),
            ("codellama:7b", "7B", 4.0, 5.0, 4),
        ],
    ),
    (
        "mistral",
        &[
            ("mixtral:8x22b", "141B", 80.0, 90.0, 4),
            ("mixtral:8x7b", "47B", 26.0, 30.0, 5),
            ("mistral:7b", "7B", 4.0, 5.0, 5),
            ("mistral:7b-instruct", "7B", 5.0, 6.0, 5),
        ],
    ),
    (
        "deepseek",
        &[
            ("deepseek-r1:70b", "70B", 39.0, 42.0, 5),
            ("deepseek-r1:32b", "32B", 18.0, 22.0, 5),
            ("deepseek-r1:14b", "14B", 8.0, 10.0, 4),
            ("deepseek-coder:33b", "33B", 18.0, 21.0, 5),
            ("deepseek-coder:6.7b", "6.7B", 4.0, 5.0, 4),
        ],
    ),
    (
        "yi",
        &[
            ("yi:34b", "34B", 18.0, 21.0, 5),
            ("yi:6b", "6B", 3.0, 4.0, 4),
        ],
    ),
    (
        "gemma",
        &[
            ("gemma:7b", "7B", 4.0, 5.0, 4),
            ("gemma:2b", "2B", 1.5, 2.0, 3),
        ],
    ),
];

/// By task, in the guide's order.
pub(crate) const TASKS: &[(&str, &[&str])] = &[
    (
        "chat",
        &["llama3:70b", "qwen3:30b", "llama2:13b", "mistral:7b"],
    ),
    (
        "chinese",
        &["qwen3:30b", "qwen2:72b", "qwen2:14b", "yi:34b", "qwen2:7b"],
    ),
    (
        "code",
        &[
            "codellama:70b",
            "codellama:34b",
            "deepseek-coder:33b",
            "codellama:13b",
            "codellama:7b",
        ],
    ),
    (
        "reasoning",
        &[
            "deepseek-r1:70b",
            "deepseek-r1:32b",
            "llama3:70b",
            "qwen3:30b",
            "deepseek-r1:14b",
        ],
    ),
    ("translation", &["qwen3:30b", "llama3:8b"]),
    ("documents", &["yi:34b", "qwen3:30b"]),
];

/// The decision tree's first question: on one card, on two.
pub(crate) const TASK_ANSWERS: &[(&str, &str, &str)] = &[
    ("chinese", "qwen3:30b", "qwen2:72b"),
    ("code", "codellama:34b", "codellama:70b"),
    ("reasoning", "deepseek-r1:32b", "deepseek-r1:70b"),
];

/// Conversation by budget.
pub(crate) const BUDGETS: &[(&str, &[&str])] = &[
    ("ample", &["llama3:70b", "qwen3:30b"]),
    ("limited", &["llama2:13b", "mistral:7b"]),
];

/// A stage, its tags for one card and for two, memory, tokens per second on one card.
pub(crate) type StageRow = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    [f64; 2],
    [f64; 2],
);

/// By stage.
pub(crate) const STAGES: &[StageRow] = &[
    (
        "prototype",
        &["llama2:7b", "mistral:7b", "qwen2:7b"],
        &[],
        [4.0, 5.0],
        [40.0, 80.0],
    ),
    (
        "testing",
        &["llama2:13b", "qwen2:14b"],
        &[],
        [7.0, 10.0],
        [25.0, 50.0],
    ),
    (
        "production",
        &["qwen3:30b", "yi:34b"],
        &["llama3:70b", "qwen2:72b"],
        [18.0, 45.0],
        [15.0, 30.0],
    ),
];

/// The second question: memory from and to, and what to take.
pub(crate) const MEMORY: &[(f64, Option<f64>, &[&str])] = &[
    (6.0, Some(8.0), &["llama2:7b", "mistral:7b", "qwen2:7b"]),
    (12.0, Some(12.0), &["llama2:13b", "qwen2:14b"]),
    (24.0, Some(24.0), &["qwen3:30b", "yi:34b", "codellama:34b"]),
    (48.0, Some(48.0), &["llama3:70b", "qwen2:72b"]),
    (96.0, None, &[]),
];

/// By cards: best, and alternatives.
pub(crate) const CARDS: &[(&str, &[&str], &[&str])] = &[
    (
        "RTX 3060 12GB",
        &["qwen2:14b", "llama2:13b"],
        &["mistral:7b", "codellama:7b"],
    ),
    (
        "RTX 3090",
        &["qwen3:30b"],
        &["yi:34b", "codellama:34b", "deepseek-r1:32b"],
    ),
    ("RTX 3090 x2", &["llama3:70b", "qwen2:72b"], &[]),
    ("RTX 3090 x4", &[], &[]),
    ("RTX 3090 x8", &[], &[]),
];

/// Tags of one cell.
type Tags = &'static [&'static str];

/// The summary: memory, development, production, flagship.
pub(crate) const MATRIX: &[(f64, Tags, Tags, Tags)] = &[
    (12.0, &["llama2:7b"], &["llama2:13b"], &[]),
    (24.0, &["mistral:7b"], &["qwen3:30b"], &["yi:34b"]),
    (48.0, &["qwen2:14b"], &["llama3:70b"], &["qwen2:72b"]),
    (96.0, &[], &[], &[]),
];

/// A row of the table of speeds.
type SpeedRow = ([f64; 2], u64, [f64; 2], u64, [f64; 2]);

/// Speeds on RTX 3090s: billions from and to, cards, tokens per second, marks, seconds to the first token.
pub(crate) const SPEEDS: &[SpeedRow] = &[
    ([1.0, 2.0], 1, [80.0, 150.0], 5, [0.0, 0.5]),
    ([7.0, 7.0], 1, [40.0, 80.0], 5, [0.5, 1.0]),
    ([13.0, 14.0], 1, [25.0, 50.0], 4, [1.0, 2.0]),
    ([30.0, 34.0], 1, [15.0, 30.0], 3, [2.0, 3.0]),
    ([70.0, 70.0], 2, [8.0, 18.0], 2, [3.0, 5.0]),
];

/// The quality curve.
pub(crate) const CURVE: &[(f64, f64)] = &[
    (1.0, 65.0),
    (7.0, 70.0),
    (14.0, 80.0),
    (34.0, 90.0),
    (70.0, 100.0),
];

/// What a step in size gains.
pub(crate) const GAINS: &[(f64, f64, f64)] = &[
    (1.0, 7.0, 40.0),
    (7.0, 14.0, 15.0),
    (14.0, 34.0, 12.0),
    (34.0, 70.0, 10.0),
];

/// Stars for quality, speed and value.
pub(crate) const VALUE: &[(&str, u64, u64, u64)] = &[
    ("7B", 3, 5, 5),
    ("13-14B", 4, 4, 5),
    ("30-34B", 5, 3, 4),
    ("70B+", 5, 2, 3),
];

/// The best practices that name models.
pub(crate) const PRACTICES: &[&[&str]] = &[
    &["qwen3:30b", "codellama:34b"],
    &["llama3:70b", "qwen2:72b"],
    &[],
    &["llama2:13b", "mistral:7b"],
];

/// The third question: what counts most, and the sizes in billions that answer it.
pub(crate) const PRIORITIES: &[(&str, &str, [f64; 2])] = &[
    ("speed", "选择 7B 模型", [0.0, 8.0]),
    ("quality", "选择 30B+ 模型", [30.0, 1000.0]),
    ("balanced", "选择 13-14B 模型", [13.0, 14.0]),
];

/// The first question's last line: conversation, quick and good.
pub(crate) const CONVERSATION: &[(&str, &str)] =
    &[("speed", "llama3:8b"), ("quality", "llama3:70b")];

/// The fourth question: a context, and what to take for it.
pub(crate) const CONTEXTS: &[(&str, u32, &[&str])] = &[
    ("> 32K", 32_769, &["yi:34b"]),
    ("16-32K", 16_384, &["qwen3:30b", "llama3:8b", "llama3:70b"]),
    ("< 8K", 0, &[]),
];
